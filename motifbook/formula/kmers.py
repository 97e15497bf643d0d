"""Sequences as counts of short words: what formulas are compared with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Floats32 = npt.NDArray[np.float32]
MOST_WORDS = 4096  # of one length: six letters of DNA, two amino acids
ROWS_AT_ONCE = 1000  # bounds memory


def word_counts(
    letters: Letters, alphabet: Alphabet, *, both_strands: bool = True, longest: int | None = None
) -> list[Floats32]:
    """Count all words of one letter, two letters, ... in each sequence.

    Parameters
    ----------
    letters : (n, length)
        Letter codes; words with an unknown letter do not count.
    both_strands
        Whether a word and its reverse complement are one, if the alphabet has two strands.
    longest
        Letters of the longest words; by default 6 for DNA, 2 for proteins.

    Returns
    -------
    One array (n, n_words) per length
        Words in the order of the alphabet, the first of each pair of reverse complements.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> from motifbook.onehot import encode
    >>> word_counts(encode(["ACGTN"]), DNA, longest=2)  # A, C; AA, AC, AG, AT, CA, CC, CG, ...
    [array([[2., 2.]], dtype=float32),
     array([[0., 2., 0., 0., 0., 0., 1., 0., 0., 0.]], dtype=float32)]
    """
    usual = int(np.log(MOST_WORDS) / np.log(alphabet.n_letters) + 1e-9)
    sizes = range(1, max(1, usual if longest is None else longest) + 1)
    is_merged = both_strands and alphabet.has_strands
    return [_counts(letters, alphabet, size, is_merged) for size in sizes]


def word_texts(alphabet: Alphabet, size: int, *, both_strands: bool = True) -> list[str]:
    """The words that the columns of `word_counts` stand for, of one length.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> word_texts(DNA, 2)
    ['AA', 'AC', 'AG', 'AT', 'CA', 'CC', 'CG', 'GA', 'GC', 'TA']
    """
    columns = _columns(alphabet, size, both_strands and alphabet.has_strands)
    numbers = np.unique(columns, return_index=True)[1]
    powers = alphabet.n_letters ** np.arange(size - 1, -1, -1)
    digits = (numbers[:, None] // powers) % alphabet.n_letters
    return ["".join(alphabet.letters[digit] for digit in word) for word in digits.tolist()]


def _counts(letters: Letters, alphabet: Alphabet, size: int, is_merged: bool) -> Floats32:
    columns = _columns(alphabet, size, is_merged)
    n_words = int(columns.max()) + 1
    columns = np.append(columns, n_words)  # where words with unknown letters go
    counts = np.zeros((len(letters), n_words), dtype=np.float32)
    for first in range(0, len(letters), ROWS_AT_ONCE):
        found = columns[_words(letters[first : first + ROWS_AT_ONCE], alphabet.n_letters, size)]
        found += np.arange(len(found))[:, None] * (n_words + 1)
        summed = np.bincount(found.ravel(), minlength=len(found) * (n_words + 1))
        counts[first : first + ROWS_AT_ONCE] = summed.reshape(len(found), -1)[:, :n_words]
    return counts


def _words(letters: Letters, n_letters: int, size: int) -> npt.NDArray[np.int64]:
    """Number of the word at every start, (n, n_starts); one past the last with unknown letters."""
    n_starts = max(letters.shape[1] - size + 1, 0)
    words = np.zeros((len(letters), n_starts), dtype=np.int64)
    unknown = np.zeros(words.shape, dtype=bool)
    for offset in range(size):
        column = letters[:, offset : offset + n_starts]
        words = words * n_letters + column
        unknown |= column >= n_letters
    words[unknown] = n_letters**size
    return words


def _columns(alphabet: Alphabet, size: int, is_merged: bool) -> npt.NDArray[np.int64]:
    """Column of every word, (n_letters ** size,)."""
    numbers = np.arange(alphabet.n_letters**size)
    if not is_merged:
        return numbers
    powers = alphabet.n_letters ** np.arange(size)
    digits = (numbers[:, None] // powers) % alphabet.n_letters  # last letter first
    partner = (alphabet.complement_codes[digits].astype(np.int64) * powers[::-1]).sum(axis=1)
    columns = np.unique(np.minimum(numbers, partner), return_inverse=True)[1]
    return np.asarray(columns, dtype=np.int64).ravel()
