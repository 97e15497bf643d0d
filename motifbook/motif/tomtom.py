"""How surprising is the likeness of two motifs? Tomtom's p-values, in NumPy."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.motif.alignment_null import alignment_p_values
from motifbook.motif.columns import IntArray, motif_list
from motifbook.motif.distribution import rising_q_values
from motifbook.motif.matrix import FloatArray, Motif

STEPS_PER_UNIT = 100  # distances are counted in steps of 0.01
N_STEPS = 143  # two columns are at most sqrt(2) apart
FEW_TARGETS = 25  # as in memelite; MEME warns below 50
DISTANCES_AT_ONCE = 1 << 23  # bounds memory
IN_CACHE = 1 << 17  # distances that stay in the processor's cache

Steps = npt.NDArray[np.uint8]
Sums = npt.NDArray[np.int16] | npt.NDArray[np.int32]

COLUMNS = (
    *("motif", "target", "target_name", "p_value", "q_value"),
    *("offset", "overlap", "strand"),
)


def tomtom(
    queries: Sequence[Motif], targets: Sequence[Motif], *, n: int | None = None
) -> pd.DataFrame:
    """Compare each query with each target.

    Parameters
    ----------
    queries, targets
        Motifs in one alphabet. The columns of all targets are the background of the p-values, so
        there should be many: below 25 there is a warning.
    n
        How many targets are listed per query; None lists all.

    Returns
    -------
    DataFrame
        One row per query and target, in the order of the queries, smallest p-value first.

        - motif, target, target_name: name of the query; id (else name) and name of the target
        - p_value: of the best alignment over all offsets and both strands
        - q_value: Benjamini-Hochberg over all targets of one query
        - offset: column of the query at which the target, read on `strand`, starts
        - overlap: how many columns they share
        - strand: "-" where the target is reverse-complemented

    Raises
    ------
    InputError
        If there are no targets, or the motifs are written in different alphabets.

    Notes
    -----
    Tomtom (Gupta et al. 2007, Genome Biol 8:R24) on Euclidean distances in steps of 0.01. A
    column of the query scores the median of its distances to all target columns minus the one at
    hand, and 0 without a partner; an alignment scores the sum. Under the null hypothesis the
    query meets columns drawn from all targets: histograms of its columns are convolved for every
    stretch of the query, the alignments with one target count as independent, and so do the
    strands. Only sums of rare events are added up, so p-values of 1e-30 are still meaningful.
    """
    if len(targets) == 0:
        raise _check.InputError("`targets` is empty; expected known motifs to compare with.")
    n = len(targets) if n is None else min(_check.whole_number(n, "n"), len(targets))
    if len(queries) == 0:
        return pd.DataFrame(columns=COLUMNS)
    motif_list([*queries, *targets])
    if len(targets) < FEW_TARGETS:
        warnings.warn(
            f"P-values from {len(targets)} targets are rough, since the columns of all targets "
            f"are the background. Give {FEW_TARGETS} or more.",
            stacklevel=2,
        )
    background = _Targets.of(targets)
    best = np.empty((len(queries), n), dtype=_BEST)
    for numbers in _batches(queries, background.ppm.shape[1]):
        best[numbers] = _compare([queries[number] for number in numbers], background, n)
    return _table(queries, targets, best)


_BEST = np.dtype(
    [("target", int), ("p_value", float), ("q_value", float), ("offset", int), ("strand", int)]
)


def _table(
    queries: Sequence[Motif], targets: Sequence[Motif], best: npt.NDArray[np.void]
) -> pd.DataFrame:
    """Write the table: names for numbers."""
    ids = np.array([str(target.info.get("id", target.name)) for target in targets], dtype=object)
    names = np.array([target.name for target in targets], dtype=object)
    widths = np.array([target.width for target in targets])
    own = np.array([[query.width] for query in queries])
    numbers, offsets = best["target"], best["offset"]
    overlaps = np.minimum(offsets + widths[numbers], own) - np.maximum(offsets, 0)
    columns = {
        "motif": np.repeat(np.array([query.name for query in queries], dtype=object), len(best[0])),
        "target": ids[numbers].ravel(),
        "target_name": names[numbers].ravel(),
        "p_value": best["p_value"].ravel(),
        "q_value": best["q_value"].ravel(),
        "offset": offsets.ravel(),
        "overlap": overlaps.ravel(),
        "strand": np.array(["+", "-"], dtype=object)[best["strand"].ravel()],
    }
    return pd.DataFrame(columns, columns=COLUMNS)


@dataclass(frozen=True)
class _Targets:
    """The columns of all targets, laid out so that those of one width slide together.

    Parameters
    ----------
    ppm : (n_letters, n_columns) float32
        By width: the first columns of all targets of that width, "+" strands before "-" strands,
        then their second columns, and so on.
    widths : (n_targets,)
    n_strands
        1 or 2.
    """

    ppm: npt.NDArray[np.float32]
    widths: IntArray
    n_strands: int

    @classmethod
    def of(cls, motifs: Sequence[Motif]) -> _Targets:
        alphabet = motifs[0].alphabet
        widths = np.array([motif.width for motif in motifs])
        parts = []
        for width in np.unique(widths).tolist():
            stack = np.array([m.ppm for m in motifs if m.width == width])
            if alphabet.has_strands:
                turned = stack[:, alphabet.complement_codes[:-1], ::-1]
                stack = np.concatenate([stack, turned])
            parts.append(stack.transpose(1, 2, 0).reshape(alphabet.n_letters, -1))
        ppm = np.concatenate(parts, axis=1).astype(np.float32)
        return cls(ppm, widths, 1 + alphabet.has_strands)

    def groups(self) -> Iterator[tuple[int, IntArray, slice]]:
        """Each width, the targets that have it, and where their columns are."""
        first = 0
        for width in np.unique(self.widths).tolist():
            members = np.flatnonzero(self.widths == width)
            last = first + width * len(members) * self.n_strands
            yield width, members, slice(first, last)
            first = last


def _batches(queries: Sequence[Motif], n_columns: int) -> Iterator[IntArray]:
    """Yield numbers of queries of one width, as many as memory allows."""
    widths = np.array([query.width for query in queries])
    for width in np.unique(widths).tolist():
        numbers = np.flatnonzero(widths == width)
        size = max(DISTANCES_AT_ONCE // (width * n_columns), 1)
        for first in range(0, len(numbers), size):
            yield numbers[first : first + size]


@one_thread
def _compare(queries: Sequence[Motif], targets: _Targets, n: int) -> npt.NDArray[np.void]:
    """Return the `n` best targets of each query, (n_queries, n); the queries have one width."""
    ppm = np.concatenate([query.ppm for query in queries], axis=1)
    steps, counts = _distances(ppm, targets.ppm)
    shares = counts / counts.sum(axis=1, keepdims=True)
    medians = (shares.cumsum(axis=1) >= 0.5).argmax(axis=1)
    shape = (len(queries), -1)
    slid = _slide(steps, medians, targets, len(queries))
    scores, strands = np.empty((2, len(queries), len(targets.widths)), dtype=np.int64)
    for (_, members, _), sums in zip(targets.groups(), slid):
        best = sums.max(axis=1)
        scores[:, members], strands[:, members] = best.max(axis=1), best.argmax(axis=1)
    reached = np.maximum(scores, 0)
    p_values = alignment_p_values(
        shares.reshape(*shape, N_STEPS), medians.reshape(shape), reached, targets.widths
    )
    if targets.n_strands == 2:
        p_values *= 2 - p_values  # the better of two strands: 1 - (1 - p) ** 2

    m = p_values.shape[1]
    rising = np.sort(p_values, axis=1)
    adjusted = rising_q_values(rising, np.arange(1, m + 1), m)
    best = np.empty((len(queries), n), dtype=_BEST)
    best["target"] = [_order(*row, n) for row in zip(p_values, scores, rising)]
    best["p_value"], best["q_value"] = rising[:, :n], adjusted[:, :n]
    best["strand"] = np.take_along_axis(strands, best["target"], axis=1)
    for (_, members, _), sums in zip(targets.groups(), slid):
        place = np.searchsorted(members, best["target"]).clip(max=len(members) - 1)
        rows = np.nonzero(members[place] == best["target"])
        alignments = sums[rows[0], :, best["strand"][rows], place[rows]]
        best["offset"][rows] = queries[0].width - 1 - alignments.argmax(axis=1)  # largest first
    return best


def _order(p_values: FloatArray, scores: IntArray, rising: FloatArray, n: int) -> IntArray:
    """The `n` targets of smallest p-value, then largest score."""
    few = np.flatnonzero(p_values <= rising[n - 1])
    return few[np.lexsort((-scores[few], p_values[few]))[:n]]


def _distances(ppm: FloatArray, others: npt.NDArray[np.float32]) -> tuple[Steps, IntArray]:
    """Return Euclidean distances between columns in steps, (n, n_columns), and their histograms."""
    own = ppm.T.astype(np.float32)
    own_squares, squares = (own**2).sum(axis=1), (others**2).sum(axis=0)
    steps = np.empty((len(own), others.shape[1]), dtype=np.uint8)
    counts = np.empty((len(own), N_STEPS), dtype=np.int64)
    n_rows = max(IN_CACHE // others.shape[1], 1)
    for first in range(0, len(own), n_rows):
        rows = slice(first, first + n_rows)
        distances = np.einsum("qa,at->qt", -2 * own[rows], others)  # not @: it wants wider ones
        distances += own_squares[rows, None]
        distances += squares
        np.sqrt(np.abs(distances, out=distances), out=distances)  # 0 may come out below 0
        distances *= STEPS_PER_UNIT
        steps[rows] = np.rint(distances, out=distances)
        for row in range(first, min(first + n_rows, len(own))):
            counts[row] = np.bincount(steps[row], minlength=N_STEPS)
    return steps, counts


def _slide(steps: Steps, medians: IntArray, targets: _Targets, n: int) -> list[Sums]:
    """Score all alignments of `n` queries: (n, n_offsets, n_strands, n_targets) by target width."""
    width = len(medians) // n
    dtype = np.int16 if width * N_STEPS < 1 << 15 else np.int32
    slid = []
    for target_width, members, columns in targets.groups():
        gains = np.subtract(medians.astype(dtype)[:, None], steps[:, columns], dtype=dtype)
        gains = gains.reshape(n, width, -1)
        shape = (n, width + target_width - 1, targets.n_strands, len(members))
        sums = np.zeros(shape, dtype=dtype)
        flat = sums.reshape(n, -1)
        for column in range(width):
            first = (width - 1 - column) * targets.n_strands * len(members)
            flat[:, first : first + gains.shape[2]] += gains[:, column]
        slid.append(sums)
    return slid
