"""How well does the best window of a sequence match every word there is?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]


def word_codes(k: int, alphabet: Alphabet) -> Bytes:
    """Letter codes of all words of `k` letters in order, (n_letters ** k, k).

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> word_codes(2, DNA)[[0, 1, 15]].tolist()
    [[0, 0], [0, 1], [3, 3]]
    """
    numbers = np.arange(alphabet.n_letters**k)
    powers = alphabet.n_letters ** np.arange(k - 1, -1, -1)
    return (numbers[:, None] // powers % alphabet.n_letters).astype(np.uint8)


def word_numbers(codes: npt.NDArray[np.integer], n_letters: int) -> Integers:
    """Place of each word, (n_words, k), in that order, (n_words,)."""
    powers = n_letters ** np.arange(codes.shape[1] - 1, -1, -1)
    numbers: Integers = codes.astype(np.int64) @ powers
    return numbers


def windows(letters: Letters, k: int, n_letters: int) -> Integers:
    """Word that starts at each position, (n, length - k + 1); -1 where a letter is unknown.

    Examples
    --------
    >>> windows(np.array([[0, 1, 4, 2, 3]], dtype=np.uint8), 2, 4).tolist()
    [[1, -1, -1, 11]]
    """
    n_starts = max(letters.shape[1] - k + 1, 0)
    words = np.zeros((len(letters), n_starts), dtype=np.int64)
    unknown = np.zeros(words.shape, dtype=bool)
    for offset in range(k):
        column = letters[:, offset : offset + n_starts]
        words = words * n_letters + column
        unknown |= column >= n_letters
    words[unknown] = -1
    return words


def fewest_mismatches(letters: Letters, k: int, n_letters: int) -> Bytes:
    """Fewest mismatches of every word with any window of each sequence, (n_letters ** k, n).

    Parameters
    ----------
    letters : (n, length)
        Letter codes; windows with unknown letters do not count. A sequence without any window
        has `k` mismatches with every word.

    Notes
    -----
    A distance transform that is separable over positions, as Hamming distance is a sum over them:
    words in the sequence start with 0, all others with `k`; then, position by position, a word
    takes the smallest value among those that differ from it there at most, plus 1.
    """
    found = windows(letters, k, n_letters)
    rows = np.broadcast_to(np.arange(len(letters))[:, None], found.shape)[found >= 0]
    fewest = np.full((n_letters**k, len(letters)), k, dtype=np.uint8)
    fewest[found[found >= 0], rows] = 0
    for position in range(k):
        inner = n_letters ** (k - 1 - position)
        at = fewest.reshape(-1, n_letters, inner, len(letters))
        best = at.min(axis=1, keepdims=True) + np.uint8(1)
        np.minimum(at, best, out=at)
    return fewest


def strand_partners(k: int, alphabet: Alphabet) -> Integers:
    """Place of the reverse complement of every word, (n_letters ** k,)."""
    mirrored = alphabet.complement_codes[word_codes(k, alphabet)[:, ::-1]]
    return word_numbers(mirrored, alphabet.n_letters)
