"""How surprising is a score? Exact distributions of motif scores, and q-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.matrix import FloatArray

STEP = 0.001  # bits; distributions are exact for matrices in whole steps


@dataclass(frozen=True)
class ScoreDistribution:
    """How probable each score of a matrix is in random sequence; see `score_distribution`.

    Parameters
    ----------
    lowest
        The smallest score, in steps of 0.001 bits.
    tails : (n_scores,)
        Probability of a score of `lowest`, `lowest + 1`, ... steps or more.
    width
        Columns of the matrix.
    """

    lowest: int
    tails: FloatArray
    width: int

    def p_value(self, scores: npt.ArrayLike) -> FloatArray:
        """Probability that one position of random sequence scores as high, in the given shape.

        `scores` are sums of the matrix as it is, in bits. Rounding its values to steps can shift
        a sum by half a step per column; that much is conceded, so no p-value is too small.
        """
        steps = np.asarray(scores, dtype=np.float64) / STEP - self.width / 2
        return self.tail(np.ceil(steps - 1e-3))

    def tail(self, steps: npt.ArrayLike) -> FloatArray:
        """Probability of a score of `steps` or more, exact for sums of the rounded matrix."""
        index = np.clip(np.asarray(steps) - self.lowest, 0, len(self.tails)).astype(np.int64)
        tails: FloatArray = np.append(self.tails, 0.0)[index]
        return tails

    def threshold(self, p_value: float) -> float:
        """The smallest score, in bits, that is as rare as `p_value`; infinite if none is."""
        rare = self.rarest(p_value)
        return float(rare.lowest * STEP) if len(rare.tails) else float("inf")

    def rarest(self, p_value: float) -> ScoreDistribution:
        """The scores that are as rare as `p_value` alone, in less memory; ask it of no others."""
        first = int((self.tails > p_value).sum())  # they fall
        return ScoreDistribution(self.lowest + first, self.tails[first:].copy(), self.width)


def score_distribution(pssm: npt.ArrayLike, background: npt.ArrayLike) -> ScoreDistribution:
    """The distribution of a matrix's scores in sequence of independent letters.

    Parameters
    ----------
    pssm : (n_letters, width)
        Such as `Motif.pssm()`; its values are rounded to steps of 0.001 bits.
    background : (n_letters,)
        Probability of each letter.

    Raises
    ------
    InputError
        If a value of `pssm` is not finite.

    Notes
    -----
    Dynamic programming over columns on whole steps (Staden 1989, Comput Appl Biosci 5:89), then
    tails summed from the top, so that the smallest p-values are exact too.

    Examples
    --------
    >>> distribution = score_distribution([[1, 1], [-1, -1], [-1, -1], [-1, -1]], [0.25] * 4)
    >>> distribution.p_value([2, 0, -2]).tolist()
    [0.0625, 0.4375, 1.0]
    """
    matrix = in_steps(pssm)
    lows = matrix.min(axis=0)
    spans = matrix.max(axis=0) - lows
    shares, longer, added = np.zeros((3, int(spans.sum()) + 1))  # written over column by column
    shares[0], n = 1, 1
    for column, low, span in zip(matrix.T, lows.tolist(), spans.tolist()):
        longer[: n + span] = 0
        for jump, probability in zip((column - low).tolist(), np.asarray(background)):
            np.multiply(shares[:n], probability, out=added[:n])
            longer[jump : jump + n] += added[:n]
        shares, longer, n = longer, shares, n + span
    tails = np.minimum(shares[::-1].cumsum()[::-1], 1)
    return ScoreDistribution(int(lows.sum()), tails, matrix.shape[1])


def in_steps(pssm: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Round a matrix in bits to whole steps of 0.001 bits, (n_letters, width)."""
    values = np.asarray(pssm, dtype=np.float64)
    if not np.isfinite(values).all():
        raise _check.InputError(
            "`pssm` holds a value that is not finite; expected log2 odds in bits. Use a "
            "pseudocount above 0: `motif.pssm(0.01)`."
        )
    return np.rint(values / STEP).astype(np.int64)


def q_values(p_values: npt.ArrayLike, n_tests: int | None = None) -> npt.NDArray[np.float64]:
    """Benjamini-Hochberg q-values, in the order given.

    Parameters
    ----------
    p_values : (n,)
    n_tests
        How many tests were made, if only the smallest p-values are given; then the largest
        q-values given may come out too large, never too small.

    Returns
    -------
    (n,)
        The smallest false discovery rate at which each test is still called (Benjamini &
        Hochberg 1995, J R Stat Soc B 57:289).

    Examples
    --------
    >>> q_values([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    ranks = np.arange(1, len(values) + 1)
    adjusted = np.empty_like(values)
    adjusted[order] = rising_q_values(
        values[order], ranks, len(values) if n_tests is None else n_tests
    )
    return adjusted


def rising_q_values(
    p_values: npt.NDArray[np.float64], ranks: npt.NDArray[np.integer], n_tests: int
) -> npt.NDArray[np.float64]:
    """Benjamini-Hochberg q-values of p-values that rise along the last axis.

    Parameters
    ----------
    p_values : (..., n)
    ranks : (n,)
        How many tests have a p-value up to each.
    n_tests
        As of `q_values`.
    """
    raised = p_values * n_tests / ranks
    found = np.minimum(np.minimum.accumulate(raised[..., ::-1], axis=-1)[..., ::-1], 1)
    return np.asarray(found, dtype=np.float64)


def q_values_of(p_values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Benjamini-Hochberg q-values of an array of any shape, over those that are not NaN.

    Examples
    --------
    >>> q_values_of(np.array([[0.01, np.nan], [0.03, 0.04]])).round(3).tolist()
    [[0.03, nan], [0.04, 0.04]]
    """
    given = np.isfinite(p_values)
    q_value = np.full(np.shape(p_values), np.nan)
    q_value[given] = q_values(p_values[given])
    return q_value
