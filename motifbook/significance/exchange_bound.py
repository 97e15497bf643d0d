"""How small can the p-value of a permutation test be? A bound that needs no permutation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from motifbook.significance.steps import Step

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
SAME = 1e-9  # share of the residual's length within which values are one
SLACK = 1e-6  # of scores in float32
EXPONENTS = (0.6, 0.8, 1.0, 1.4, 2.0, 4.0)  # times the best one of a normal sum
LARGEST = 500.0  # logarithm of a number that computers can hold
COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class _Deal:
    """Small groups of rows, in each of which one row, any, has another value than the rest.

    Parameters
    ----------
    rows : (n,)
        Row numbers, group after group.
    first : (n_groups,)
        Where each group begins in `rows`.
    sums : (n_groups,)
        Sum of each group's residuals, over the residual's length.
    differences : (n_groups,)
        The one value less the others, over the same length; 0 where all are equal.
    """

    rows: Integers
    first: Integers
    sums: Floats
    differences: Floats

    @property
    def sizes(self) -> Integers:
        """Rows per group, (n_groups,)."""
        return np.diff(self.first, append=len(self.rows))

    @property
    def group(self) -> Integers:
        """Group of each of `rows`, (n,)."""
        return np.repeat(np.arange(len(self.first)), self.sizes)


def has_bound(step: Step, groups: Integers) -> bool:
    """Whether every exchange within groups leaves the score linear: see `log_bound`.

    No earlier motifs, a residual of one or two values per group, and covariates that are constant
    in each group, such as the intercept, or the length of a sequence beside its own shuffle.
    """
    if step.is_boxed:
        return False
    low, high = _range(step.residual, groups)
    away = np.minimum(step.residual - low, high - step.residual)
    ranges = [_range(column, groups) for column in step.basis.T]
    spread = max(float((highest - lowest).max()) for lowest, highest in ranges)
    return bool(away.max() <= SAME * step.length and spread <= SAME)


def log_bound(step: Step, groups: Integers, rng: np.random.Generator) -> float:
    """Log of an upper bound of the exact p-value of a largest score, over exchanges in groups.

    Parameters
    ----------
    step
        One that `has_bound`.
    groups : (n,)
        Numbers of blocks.

    Returns
    -------
    float

    Notes
    -----
    Each group is dealt out at random to smaller ones with one row of its rarer value each. Given
    these, which row that is, is uniform and independent between them: rows are exchanged within
    the smaller groups alone, and the p-value bounded is that of these exchanges. So the product of
    a column with the residual is a sum of independent terms with known laws, and Chernoff's bound
    holds for any exponent: P(sum >= s) <= exp(-h s) E exp(h sum). Bounds are added over both tails
    of all columns. A pair needs no dealing: its term changes its sign, or not.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> bound = np.tile([1, 0], 30)
    >>> step = first_step(prepare(rng.random((60, 5)) + bound[:, None], bound))
    >>> log_bound(step, np.repeat(np.arange(30), 2), rng) < -14
    True
    """
    deal = _dealt(step.residual / step.length, groups, rng)
    able = np.flatnonzero(step.gain > 0)
    blocks = [
        able[first : first + COLUMNS_AT_ONCE] for first in range(0, len(able), COLUMNS_AT_ONCE)
    ]
    tails = np.concatenate([_log_tails(step, block, deal, (1.0,)) for block in blocks])
    most = np.argsort(-tails.max(axis=1))[:COLUMNS_AT_ONCE]
    tails[most] = np.minimum(tails[most], _log_tails(step, able[most], deal, EXPONENTS))
    return min(float(logsumexp(tails)), 0.0)


def _range(values: Floats, groups: Integers) -> tuple[Floats, Floats]:
    """Smallest and largest value of each row's group, (n,) each."""
    low, high = np.full(groups.max() + 1, np.inf), np.full(groups.max() + 1, -np.inf)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    return low[groups], high[groups]


def _dealt(direction: Floats, groups: Integers, rng: np.random.Generator) -> _Deal:
    low, high = _range(direction, groups)
    is_high = direction - low > high - direction
    n_high, n_rows = np.bincount(groups, is_high)[groups], np.bincount(groups)[groups]
    is_rare = np.where(2 * n_high <= n_rows, is_high, ~is_high)
    n_rare = np.bincount(groups, is_rare).astype(np.int64)[groups]
    number = _number_within(2 * groups + is_rare, rng) % np.maximum(n_rare, 1)
    rows = np.lexsort((~is_rare, number, groups))  # the one row first
    changes = np.diff(groups[rows], prepend=-1), np.diff(number[rows], prepend=-1)
    first = np.flatnonzero((changes[0] != 0) | (changes[1] != 0))
    sums = np.add.reduceat(direction[rows], first)
    one = direction[rows[first]]
    sizes = np.diff(first, append=len(rows))
    others = (sums - one) / np.maximum(sizes - 1, 1)
    return _Deal(rows, first, sums, np.where(sizes > 1, one - others, 0.0))


def _number_within(kind: Integers, rng: np.random.Generator) -> Integers:
    """Number of each row among those of its kind, in random order, (n,)."""
    order = np.lexsort((rng.random(len(kind)), kind))
    begin = np.searchsorted(kind[order], kind[order])
    number = np.empty(len(kind), dtype=np.int64)
    number[order] = np.arange(len(kind)) - begin
    return number


def _log_tails(step: Step, which: Integers, deal: _Deal, shares: tuple[float, ...]) -> Floats:
    """Bounds of both tails of each column's product, (n_columns, 2)."""
    columns = step.prepared.columns.take(which, axis=1)[deal.rows].astype(np.float64)
    least = (step.statistic - SLACK) / step.gain[which]
    sizes = deal.sizes[:, None]
    means = np.add.reduceat(columns, deal.first) / sizes
    terms = (columns - np.repeat(means, deal.sizes, axis=0)) * deal.differences[deal.group, None]
    fixed = deal.sums @ means
    variance = (np.add.reduceat(terms**2, deal.first) / sizes).sum(axis=0)
    most = LARGEST / np.maximum(np.abs(terms).max(axis=0), 1e-300)
    tails = np.zeros((len(which), 2))
    for side, sign in enumerate((1.0, -1.0)):
        wanted = np.maximum(least - sign * fixed, 0.0)  # where 0, the bound is 1
        for share in shares:
            exponent = np.minimum(share * wanted / np.maximum(variance, 1e-300), most)
            law = np.add.reduceat(np.exp(sign * exponent * terms), deal.first) / sizes
            log_tail = np.log(law).sum(axis=0) - exponent * wanted
            tails[:, side] = np.minimum(tails[:, side], log_tail)
    return tails
