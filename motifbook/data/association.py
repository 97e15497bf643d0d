"""Does a readout go with having a hit, among sequences of the same composition?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import gammaln, ndtr
from scipy.stats import rankdata, t

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Hits = npt.NDArray[np.bool_]

SMALLEST = 1e-300  # p-values below are given as this
_GROUP = 20  # sequences that a group has on average
_FEW = 100  # sequences expected in a cell below which p-values are exact
_LEVEL = 0.975  # of the bounds of an interval
_BLOCK = 20_000


@dataclass(frozen=True)
class Groups:
    """Sequences that are compared with each other only.

    Parameters
    ----------
    codes : (n,)
        Number of the group that each sequence belongs to.
    """

    codes: IntArray

    @cached_property
    def sizes(self) -> FloatArray:
        """How many sequences each group has, (n_groups,)."""
        return np.bincount(self.codes).astype(np.float64)

    def sums(self, hits: Hits, weights: FloatArray | None = None) -> FloatArray:
        """Sum of the weights (1 by default) of sequences with a hit, (n_groups, n_motifs)."""
        n = len(self.codes)
        values = np.ones(n) if weights is None else weights
        add = csr_array((values, (self.codes, np.arange(n))), shape=(len(self.sizes), n))
        summed: FloatArray = add @ hits.astype(np.float64)
        return summed

    def totals(self, values: FloatArray) -> FloatArray:
        """Sum of values, (n,), in each group, (n_groups,)."""
        return np.bincount(self.codes, values, len(self.sizes)).astype(np.float64)

    def centered(self, values: FloatArray) -> FloatArray:
        """Values, (n,), minus the mean of their group."""
        return values - (self.totals(values) / np.maximum(self.sizes, 1))[self.codes]


@dataclass(frozen=True)
class Association:
    """How a readout differs between sequences with and without a hit; (n_motifs,) each.

    Parameters
    ----------
    effect, lower, upper
        Log odds ratio of a binary readout, difference of means of a continuous one, and the
        bounds of its 95 % interval; NaN where all sequences or none have a hit.
    z
        The test statistic, in standard errors.
    p_value
        Two-sided.
    """

    effect: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray


def composition(letters: Letters, alphabet: Alphabet) -> tuple[IntArray, FloatArray]:
    """Return length and share of G and C of each sequence, (n,) each; share 0 without such letters.

    Unknown letters do not count.
    """
    lengths, n_gc = np.zeros((2, len(letters)), dtype=np.int64)
    is_gc = np.zeros(alphabet.n_letters + 1, dtype=bool)
    if alphabet.is_nucleotides:
        is_gc[[alphabet.letters.index("G"), alphabet.letters.index("C")]] = True
    for first in range(0, len(letters), _BLOCK):
        block = letters[first : first + _BLOCK]
        lengths[first : first + _BLOCK] = (block < alphabet.n_letters).sum(axis=1)
        n_gc[first : first + _BLOCK] = is_gc[block].sum(axis=1)
    return lengths, n_gc / np.maximum(lengths, 1)


def alike(lengths: IntArray, gc: FloatArray) -> Groups:
    """Group sequences of the same length and GC content.

    Groups are as narrow as 20 sequences on average allow; sequences of one composition are always
    in one group.
    """
    n_groups = max(len(lengths) / _GROUP, 1)
    n_lengths = min(len(np.unique(lengths)), int(np.sqrt(n_groups)))
    by_length = _bins(lengths.astype(np.float64), n_lengths)
    codes = np.zeros(len(lengths), dtype=np.int64)
    for length in range(n_lengths):
        rows = np.flatnonzero(by_length == length)
        codes[rows] = length * len(lengths) + _bins(gc[rows], max(len(rows) // _GROUP, 1))
    return Groups(np.unique(codes, return_inverse=True)[1])


def _bins(values: FloatArray, n_bins: int) -> IntArray:
    """Cut values into bins of about as many each; equal values share a bin."""
    middle = rankdata(values) - 0.5
    codes: IntArray = (middle * n_bins / max(len(values), 1)).astype(np.int64)
    return codes


def associate(values: FloatArray, kind: str, hits: Hits, groups: Groups) -> Association:
    """Compare a readout between sequences with and without a hit, within groups.

    Parameters
    ----------
    values : (n,)
        The readout; 0 and 1 where `kind` is "binary".
    hits : (n, n_motifs)
        Which sequences have a hit.

    Notes
    -----
    The test is Mantel's (1963, J Am Stat Assoc 58:690): the sum of the readout over sequences with
    a hit, against its mean and variance when hits are dealt anew within each group. For a binary
    readout that is the Cochran-Mantel-Haenszel test, whose exact distribution is used where fewer
    than 100 sequences are expected in a cell of the 2 x 2 table; the effect is the logarithm of
    the Mantel-Haenszel odds ratio with the interval of Robins, Breslow & Greenland (1986,
    Biometrics 42:311), after half a sequence is added to each cell as a group of its own. For a
    continuous readout the test takes ranks (over all sequences), so that few extreme
    values do not decide; the effect is the least-squares difference of means within groups, its
    interval from the robust variance HC3 (MacKinnon & White 1985, J Econometrics 29:305) and
    Student's t with as many degrees of freedom as the fewer of the hits or non-hits, less one.
    """
    n_hits = hits.sum(axis=0).astype(np.float64)
    in_groups = groups.sums(hits)
    if kind == "binary":
        ones = groups.sums(hits, values)
        z = _mantel(values, hits, in_groups, groups)
        effect, error = _log_odds_ratio(ones, in_groups, groups.totals(values), groups.sizes)
        p_value = _normal_or_exact(z, ones, in_groups, groups.totals(values), groups.sizes)
        margin = np.full(len(z), float(t.ppf(_LEVEL, np.inf)))
    else:
        z = _mantel(rankdata(values), hits, in_groups, groups)
        effect, error = _difference(values, hits, in_groups, groups)
        p_value = 2 * ndtr(-np.abs(z))
        margin = t.ppf(_LEVEL, np.maximum(np.minimum(n_hits, len(hits) - n_hits) - 1, 1))
    effect = np.where((n_hits > 0) & (n_hits < len(hits)), effect, np.nan)
    bounds = effect - margin * error, effect + margin * error
    return Association(effect, *bounds, z, np.clip(p_value, SMALLEST, 1))


def _mantel(values: FloatArray, hits: Hits, in_groups: FloatArray, groups: Groups) -> FloatArray:
    """Return the sum of `values` over hits in standard errors from its mean, (n_motifs,)."""
    centered = groups.centered(values)
    sums = centered @ hits
    spread = groups.totals(centered**2) / np.maximum(groups.sizes - 1, 1)
    variance = spread @ (in_groups - in_groups**2 / groups.sizes[:, None])
    found: FloatArray = np.divide(
        sums, np.sqrt(np.maximum(variance, 0)), where=variance > 0, out=np.zeros_like(sums)
    )
    return found


def _log_odds_ratio(
    ones: FloatArray, hits: FloatArray, n_ones: FloatArray, sizes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the Mantel-Haenszel log odds ratio and its standard error, (n_motifs,) each.

    `ones` and `hits`, (n_groups, n_motifs), count sequences with a hit; `n_ones` and `sizes`,
    (n_groups,), all of them.
    """
    half = np.full((1, ones.shape[1]), 0.5)
    a, b = np.vstack([ones, half]), np.vstack([hits - ones, half])
    c = np.vstack([n_ones[:, None] - ones, half])
    d = np.vstack([(sizes - n_ones)[:, None] - (hits - ones), half])
    n = a + b + c + d
    same, other = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    r, s = same.sum(axis=0), other.sum(axis=0)
    variance = (
        (p * same).sum(axis=0) / (2 * r**2)
        + (p * other + q * same).sum(axis=0) / (2 * r * s)
        + (q * other).sum(axis=0) / (2 * s**2)
    )
    return np.log(r / s), np.sqrt(variance)


def _normal_or_exact(
    z: FloatArray, ones: FloatArray, hits: FloatArray, n_ones: FloatArray, sizes: FloatArray
) -> FloatArray:
    """Return two-sided p-values, (n_motifs,): exact where a cell of the table expects few."""
    p_value: FloatArray = 2 * ndtr(-np.abs(z))
    share = (n_ones / sizes)[:, None]
    rest = sizes[:, None] - hits
    cells = [hits * share, hits * (1 - share), rest * share, rest * (1 - share)]
    fewest = np.min([cell.sum(axis=0) for cell in cells], axis=0)
    log_factorials = gammaln(np.arange(sizes.sum() + 1) + 1.0)
    for motif in np.flatnonzero(fewest < _FEW):
        counts = np.stack([sizes, n_ones, hits[:, motif]], axis=1).astype(np.int64)
        p_value[motif] = _exact(counts, round(ones[:, motif].sum()), log_factorials)
    return p_value


def _exact(counts: IntArray, observed: int, log_factorials: FloatArray) -> float:
    """Probability of all sums of hypergeometric counts that are no likelier than the observed one.

    `counts`, (n_groups, 3): sequences, sequences with readout 1, sequences with a hit.
    """
    shares, lowest = np.ones(1), 0
    for size, n_ones, n_hits in counts.tolist():
        low, high = max(0, n_hits + n_ones - size), min(n_hits, n_ones)
        lowest += low
        if low == high:
            continue
        both = np.arange(low, high + 1)
        cells = [both, n_hits - both, n_ones - both, size - n_hits - n_ones + both]
        logs = -sum(log_factorials[cell] for cell in cells)
        weights = np.exp(logs - logs.max())
        shares = np.convolve(shares, weights / weights.sum())
    no_likelier = shares <= shares[observed - lowest] * (1 + 1e-7)
    return min(1.0, float(shares[no_likelier].sum()))


def _difference(
    values: FloatArray, hits: Hits, in_groups: FloatArray, groups: Groups
) -> tuple[FloatArray, FloatArray]:
    """Return the difference of means within groups and its standard error, (n_motifs,) each.

    Having a hit takes two values per group once centered, so that sums over sequences with and
    without one are all that is needed.
    """
    centered = groups.centered(values)
    sizes = groups.sizes[:, None]
    share = in_groups / sizes  # of hits in each group
    total = (in_groups * (1 - share)).sum(axis=0)
    safe = np.maximum(total, 1e-12)
    effect = (centered @ hits) / safe
    sums, squares = groups.sums(hits, centered), groups.sums(hits, centered**2)
    all_squares = groups.totals(centered**2)[:, None]
    variance = np.zeros_like(total)
    sides = (  # value of having a hit, sequences, sum and sum of squares of their readout
        (1 - share, in_groups, sums, squares),
        (-share, sizes - in_groups, -sums, all_squares - squares),
    )
    for x, n, first, second in sides:
        residual = second - 2 * effect * x * first + n * (effect * x) ** 2
        leverage = np.minimum(1 / sizes + x**2 / safe, 1 - 1e-9)
        variance += (x**2 * np.maximum(residual, 0) / (1 - leverage) ** 2).sum(axis=0)
    return effect, np.sqrt(variance) / safe
