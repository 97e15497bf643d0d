"""Where do motifs occur? Scores of every position, exact p-values, the hits table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.onehot import Letters

UNKNOWN_SCORE = -1000.0  # of an unknown letter: no window that holds one is a hit


@dataclass(frozen=True)
class Words:
    """Sequences prepared for scoring: the code of the word that starts at each position.

    Parameters
    ----------
    codes : (n, length + padding) uint16
        Words of `size` letters in base `n_letters + 1`.
    size, n_letters, length
        Letters per word, of the alphabet, per sequence.
    """

    codes: npt.NDArray[np.uint16]
    size: int
    n_letters: int
    length: int


def prepare(letters: Letters, n_letters: int = 4) -> Words:
    """Code the words of letter codes, (n, length), once for many motifs."""
    base = n_letters + 1
    size = max(1, int(np.log(4096) / np.log(base)))
    n, length = letters.shape
    padded = np.pad(letters, ((0, 0), (0, 2 * size)), constant_values=n_letters)
    codes = np.zeros((n, length + size), dtype=np.uint16)
    for offset in range(size):
        codes *= base
        codes += padded[:, offset : offset + length + size]
    return Words(codes, size, n_letters, length)


def score_positions(
    matrix: npt.ArrayLike, words: Words, *, unknown: float = UNKNOWN_SCORE
) -> npt.NDArray[np.float32]:
    """Score every start position of every sequence with one matrix.

    Parameters
    ----------
    matrix : (n_letters, width)
        Weights, such as `Motif.pssm()`.
    words
        `prepare(letters)`.
    unknown
        The weight of an unknown letter at any column.

    Returns
    -------
    (n, length - width + 1) float32
        Sum of the weights of the letters in the window; (n, 0) if sequences are shorter.

    Notes
    -----
    Looks up `size` letters at a time in a table of all words: five gathers instead of twenty-five.
    """
    weights = np.asarray(matrix, dtype=np.float32)
    width = weights.shape[1]
    n_starts = max(words.length - width + 1, 0)
    scores = np.zeros((len(words.codes), n_starts), dtype=np.float32)
    for first in range(0, width, words.size):
        table = _word_table(weights[:, first : first + words.size], words.size, unknown)
        scores += table[words.codes[:, first : first + n_starts]]
    return scores


def _word_table(
    columns: npt.NDArray[np.float32], size: int, unknown: float
) -> npt.NDArray[np.float32]:
    """Score of every word, ((n_letters + 1) ** size,); columns beyond the matrix count nothing."""
    table = np.zeros(1, dtype=np.float32)
    for column in range(size):
        if column < columns.shape[1]:
            row = np.append(columns[:, column], np.float32(unknown))
        else:
            row = np.zeros(len(columns) + 1, dtype=np.float32)
        table = (table[:, None] + row).ravel()
    return table


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
    raised = values[order] * (len(values) if n_tests is None else n_tests) / ranks
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1)
    return adjusted
