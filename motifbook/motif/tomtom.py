"""How surprising is the likeness of two motifs? Tomtom's p-values, in NumPy."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.motif.columns import (
    Columns,
    IntArray,
    Placements,
    both_strands,
    motif_list,
    place,
)
from motifbook.motif.distribution import q_values
from motifbook.motif.matrix import FloatArray, Motif

STEPS_PER_UNIT = 100  # distances are counted in steps of 0.01
N_STEPS = 143  # two columns are at most sqrt(2) apart
FEW_TARGETS = 25  # as in memelite; MEME warns below 50

Steps = npt.NDArray[np.int32]

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
    strands. Tails are summed from the far end, so p-values of 1e-30 are still meaningful.
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
    strands = both_strands(targets)
    ids = np.array([str(target.info.get("id", target.name)) for target in targets], dtype=object)
    names = np.array([target.name for target in targets], dtype=object)
    tables = []
    for query in queries:
        p_values, placed = _compare(query, strands)
        ends = np.minimum(placed.starts + strands["+"].widths, query.width)
        overlaps = ends - np.maximum(placed.starts, 0)
        values = (query.name, ids, names, p_values, q_values(p_values))
        table = pd.DataFrame(dict(zip(COLUMNS, (*values, placed.starts, overlaps, placed.strands))))
        best = np.lexsort((-placed.scores, p_values))[:n]
        tables.append(table.iloc[best])
    return pd.concat(tables, ignore_index=True)


def _compare(query: Motif, strands: Mapping[str, Columns]) -> tuple[FloatArray, Placements]:
    """Return the p-value of each target, (n_targets,), and where it lies on the query."""
    steps = {strand: _distances(query, columns) for strand, columns in strands.items()}
    counts = np.sum([_count(distances) for distances in steps.values()], axis=0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    medians = (shares.cumsum(axis=1) >= 0.5).argmax(axis=1).astype(np.int32)
    gains = {strand: medians[:, None] - distances for strand, distances in steps.items()}
    placed = place(gains, strands)

    p_values = np.ones(len(placed.scores))
    scores = np.maximum(placed.scores, 0)
    widths = strands["+"].widths
    for width, p_value_of_score in _null(shares, medians, np.unique(widths)).items():
        rows = widths == width
        p_values[rows] = p_value_of_score[scores[rows]]
    if "-" in strands:
        p_values *= 2 - p_values  # the better of two strands: 1 - (1 - p) ** 2
    return p_values, placed


def _distances(query: Motif, columns: Columns) -> Steps:
    """Return Euclidean distances between columns in steps, (width, n_columns)."""
    own, others = query.ppm.astype(np.float32), columns.ppm.astype(np.float32)
    distances = np.einsum("aq,at->qt", -2 * own, others)  # not @: too small for BLAS threads
    distances += (own**2).sum(axis=0)[:, None]
    distances += (others**2).sum(axis=0)
    np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
    distances *= STEPS_PER_UNIT
    steps: Steps = np.rint(distances, out=distances).astype(np.int32)
    return steps


def _count(steps: Steps) -> IntArray:
    """Return the histogram of each row, (width, N_STEPS)."""
    rows = np.arange(len(steps), dtype=np.int32)[:, None] * N_STEPS
    counts = np.bincount((steps + rows).ravel(), minlength=len(steps) * N_STEPS)
    return counts.reshape(-1, N_STEPS)


def _null(shares: FloatArray, medians: Steps, target_widths: IntArray) -> dict[int, FloatArray]:
    """P-value of each score 0, 1, ... steps by width of the target, on one strand.

    The best of independent alignments reaches a score unless none of them does, so logs of
    P(not reached) are added up: over the stretches of the query that a target can cover.
    """
    width = len(shares)
    edges = np.zeros((width + 1, medians.sum() + 1))  # by overlap: both ends of the query
    inner = np.zeros_like(edges)  # by overlap: every place within the query
    for first in range(width):
        score_shares, lowest = np.ones(1), 0
        for last in range(first, width):
            score_shares = np.convolve(score_shares, shares[last, ::-1])  # rising scores
            lowest += medians[last] - N_STEPS + 1
            reached = np.minimum(score_shares[::-1].cumsum()[::-1][-lowest:], 1)
            with np.errstate(divide="ignore"):  # log(0): a score that is always reached
                not_reached = np.log1p(-reached)
            overlap = last - first + 1
            inner[overlap, : len(reached)] += not_reached
            if first == 0:
                edges[overlap, : len(reached)] += not_reached
            if last == width - 1:
                edges[overlap, : len(reached)] += not_reached
    edges = edges.cumsum(axis=0)
    p_values = {}
    for target_width in target_widths.tolist():
        overlap = min(target_width, width)
        n_full = max(target_width - width + 1, 1)  # places of the whole query within the target
        p_values[target_width] = -np.expm1(edges[overlap - 1] + n_full * inner[overlap])
    return p_values
