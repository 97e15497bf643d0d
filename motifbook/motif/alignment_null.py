"""How well does a motif meet unrelated ones? P-values of the best alignment, for many at once."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from motifbook.motif.columns import IntArray
from motifbook.motif.matrix import FloatArray

BLOCK = 48  # distances convolved by one product of matrices


def alignment_p_values(
    shares: FloatArray, medians: IntArray, scores: IntArray, widths: IntArray
) -> FloatArray:
    """P-value of the best alignment of each query with each target, on one strand.

    Parameters
    ----------
    shares : (n_queries, width, n_steps)
        How often each column of a query is 0, 1, ... steps away from a column of the targets.
    medians : (n_queries, width)
        Steps; what a column scores is its median minus the distance at hand.
    scores : (n_queries, n_targets)
        Of the best alignment, 0 or more.
    widths : (n_targets,)
        Of the targets.

    Returns
    -------
    (n_queries, n_targets)
        Probability that one of the alignments with a target of that width scores as high. They
        count as independent: P(one or the other) = p + q - p q, which keeps the smallest exact.
    """
    width = medians.shape[1]
    lowest, highest = int(scores.min()), int(scores.max())
    edges, inner = _reached(shares, medians, lowest, highest - lowest + 1)
    for overlap in range(1, width + 1):
        _either(edges[overlap], edges[overlap - 1])
    overlaps = np.minimum(widths, width)
    n_full = np.maximum(widths - width + 1, 1)  # places of the whole query within the target
    rows, columns = np.arange(len(scores))[:, None], scores - lowest
    with np.errstate(divide="ignore"):  # log(0): a score that is always reached
        full: FloatArray = -np.expm1(n_full * np.log1p(-inner[overlaps, rows, columns]))
    _either(full, edges[overlaps - 1, rows, columns])
    return full


def _either(p_values: FloatArray, others: FloatArray) -> None:
    """Make `p_values` the probability of one or the other of independent events."""
    p_values += others * (1 - p_values)


def _reached(
    shares: FloatArray, medians: IntArray, lowest: int, n_scores: int
) -> tuple[FloatArray, FloatArray]:
    """Probability that a score is reached by one of the alignments of each overlap.

    Two arrays, (width + 1, n_queries, n_scores), for the scores from `lowest` on: alignments that
    share either end of the query, and those that share any stretch of it.
    """
    n, width = medians.shape
    edges = np.zeros((width + 1, n, n_scores))
    inner = np.zeros_like(edges)
    sums = _Sums(shares, medians, lowest)
    for last in range(width):
        sums.add(last)
        for first in range(min(last + 1, len(sums.starts))):
            reached = sums.reached(first, last, n_scores)
            overlap, n_found = last - first + 1, reached.shape[1]
            _either(inner[overlap, :, :n_found], reached)
            if first == 0 or last == width - 1:
                _either(edges[overlap, :, :n_found], reached)
    return edges, inner


class _Sums:
    """How often the distances of a stretch of columns sum up to at most 0, 1, ... steps.

    Stretches grow column by column from each first column on, all at once. Their sums are kept in
    blocks, after empty ones (no distance is below 0), no further than a score of `lowest` allows:
    a convolution is a product of the blocks before and at hand with a matrix of shifted shares.
    Blocks that all sums lie below stay at 1.

    Take three columns, each 0, 1 or 2 steps away with shares 1/2, 1/4, 1/4, medians of 1 step and
    `lowest` 0: one block per first column, each after an empty one. With the first column the first
    block begins 1/2, 3/4, 1; the second makes it 1/4, 1/2, 13/16, 15/16, 1, and begins the block of
    the stretch from there; the third makes it 1/8, 5/16, 19/32, .... Columns 0 and 1 score their
    medians, 2, minus the sum, so that 0, 1 and 2 are reached as often as sums of at most 2, 1 and 0
    occur: 13/16, 1/2 and 1/4, which is `reached(0, 1, 3)` after `add(1)`.
    """

    def __init__(self, shares: FloatArray, medians: IntArray, lowest: int) -> None:
        n, width, n_steps = shares.shape
        self.lowest = lowest
        self.totals = np.pad(medians.cumsum(axis=1), ((0, 0), (1, 0)))
        furthest = (self.totals[:, -1:] - self.totals[:, :-1]).max(axis=0) - lowest
        self.n_blocks = furthest[furthest >= 0] // BLOCK + 1  # later stretches never score enough
        self.n_empty = -(-(n_steps - 1) // BLOCK)
        self.starts = np.cumsum(self.n_blocks + self.n_empty) - self.n_blocks
        self.first = np.repeat(np.arange(len(self.starts)), self.n_blocks)  # column, by block
        depth = np.concatenate([np.arange(n) for n in self.n_blocks])  # its place in the stretch
        self.filled = self.starts[self.first] + depth
        self.grows = self.first + depth * BLOCK // (n_steps - 1)  # column that fills it
        self.values = np.zeros((n, int(self.filled[-1]) + 1, BLOCK))
        self.values[:, self.filled] = 1
        size = (self.n_empty + 1) * BLOCK
        whole = sliding_window_view(self.values.reshape(n, -1), size, axis=1)
        self.before = whole[:, ::BLOCK]  # each block with the ones before it
        padded = np.zeros((n, width, size + BLOCK - 1))
        padded[:, :, BLOCK - 1 : BLOCK - 1 + n_steps] = shares
        self.shifted = sliding_window_view(padded, BLOCK, axis=2)[:, :, ::-1]

    def add(self, column: int) -> None:
        """Lengthen all stretches by a column, and begin one there."""
        blocks = self.filled[(self.first <= column) & (self.grows <= column)]
        kernels = np.ascontiguousarray(self.shifted[:, column])
        self.values[:, blocks] = self.before[:, blocks - self.n_empty] @ kernels

    def reached(self, first: int, last: int, n_scores: int) -> FloatArray:
        """How often a stretch scores `lowest`, `lowest + 1`, ...: (n, n_scores or fewer)."""
        most = self.totals[:, last + 1] - self.totals[:, first] - self.lowest
        within = most[:, None] - np.arange(max(0, min(n_scores, int(most.max()) + 1)))
        places = int(self.starts[first]) * BLOCK + np.maximum(within, -1)  # -1: in an empty block
        rows = np.arange(len(most))[:, None] * self.values[0].size
        found: FloatArray = np.minimum(self.values.reshape(-1)[rows + places], 1)
        return found
