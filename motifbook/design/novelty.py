"""How far sequences are from those that a network learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters, onehot, reverse_complement

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_WORDS = 8000  # of one length: six letters of DNA, three of proteins
_SHORTLIST = 20  # sequences of most similar words that are compared at every offset
_AT_ONCE = 4096  # rows; bounds memory


@dataclass(frozen=True, eq=False)
class Nearest:
    """The sequences of a set that are nearest to others.

    Parameters
    ----------
    rows : (n,)
        Row of the set that shares most letters.
    identity : (n,)
        Share of letters that are the same there, without gaps, at the best offset and on the
        better strand.
    distance : (n,)
        1 - cosine of the counts of all words (six letters of DNA), to the sequence that is most
        alike in these: 0 for the same words, 1 for none in common.
    """

    rows: IntArray
    identity: FloatArray
    distance: FloatArray


def find_nearest(letters: Letters, reference: Letters, alphabet: Alphabet) -> Nearest:
    """Find the nearest of the `reference`, (n_rows, length), to each of (n, length') letter codes.

    At equal places every sequence of the reference is compared; at other offsets the 20 that
    have most words in common.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> from motifbook.onehot import encode
    >>> reference = encode(["ACGTTGCAAC", "GGGGGGGGGG"])
    >>> found = find_nearest(encode(["CGTTGCAACT"]), reference, DNA)
    >>> found.rows.tolist(), found.identity.tolist()
    ([0], [0.9])
    """
    shortlist, cosines = nearest_words(letters, reference, alphabet, n=_SHORTLIST)
    known = np.maximum((letters < alphabet.n_letters).sum(axis=1), 1)
    rows, n_same = _in_place(letters, reference, alphabet)
    shifted = _at_offsets(letters, reference[shortlist], alphabet)  # (n, n_short)
    best = shifted.argmax(axis=1)[:, None]
    most = np.take_along_axis(shifted, best, axis=1)[:, 0]
    rows = np.where(most > n_same, np.take_along_axis(shortlist, best, axis=1)[:, 0], rows)
    return Nearest(rows, np.maximum(most, n_same) / known, distances(cosines))


def nearest_words(
    letters: Letters,
    reference: Letters,
    alphabet: Alphabet,
    *,
    n: int = 1,
    own_rows: IntArray | None = None,
) -> tuple[IntArray, FloatArray]:
    """Find the sequences of the reference that have most words in common with each other one.

    Parameters
    ----------
    letters, reference : (n_asked, length), (n_rows, length')
        Letter codes.
    n
        How many are found of each; all if there are fewer.
    own_rows : (n_asked,)
        Rows of the reference that do not count, of each.

    Returns
    -------
    (n_asked, n), (n_asked, n)
        Their rows, and the cosines of their word counts, in no order. A word and its reverse
        complement count as one.
    """
    shortest = min(letters.shape[1], reference.shape[1])
    size = max(1, min(int(np.log(MOST_WORDS) / np.log(alphabet.n_letters)), shortest))
    own = _profiles(letters, size, alphabet).T.tocsc()
    rows = np.zeros((len(letters), 0), dtype=np.int64)
    cosines = np.zeros((len(letters), 0))
    for first in range(0, len(reference), _AT_ONCE):
        block = _profiles(reference[first : first + _AT_ONCE], size, alphabet)
        numbers = np.arange(first, first + block.shape[0])
        found = (block @ own).toarray().T
        if own_rows is not None:
            found[own_rows[:, None] == numbers] = -1
        rows = np.hstack([rows, np.broadcast_to(numbers, found.shape)])
        cosines = np.hstack([cosines, found])
        best = np.argpartition(-cosines, min(n, cosines.shape[1]) - 1, axis=1)[:, :n]
        rows = np.take_along_axis(rows, best, axis=1)
        cosines = np.take_along_axis(cosines, best, axis=1)
    return rows, cosines


def distances(cosines: FloatArray) -> FloatArray:
    """Distance to the most alike, (n_asked,), of cosines, (n_asked, n)."""
    nearest: FloatArray = np.clip(1 - cosines.max(axis=1), 0, 1)
    return nearest


def _profiles(letters: Letters, size: int, alphabet: Alphabet) -> sparse.csr_array:
    """Counts of the words of `size` letters, as vectors of length 1, (n, n_words)."""
    n_letters = alphabet.n_letters
    codes = _word_codes(letters, n_letters, size)
    if alphabet.has_strands:
        other = _word_codes(reverse_complement(letters, alphabet), n_letters, size)[:, ::-1]
        codes = np.minimum(codes, other)
    rows, places = np.nonzero(codes >= 0)
    counts = sparse.coo_array(
        (np.ones(len(rows), dtype=np.float64), (rows, codes[rows, places])),
        shape=(len(letters), n_letters**size),
    ).tocsr()
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    scale = 1 / np.where(lengths > 0, lengths, 1)
    return sparse.csr_array(sparse.diags_array(scale) @ counts)


def _word_codes(letters: Letters, n_letters: int, size: int) -> IntArray:
    """Number of the word at each start, (n, length - size + 1); -1 with unknown letters."""
    n_starts = letters.shape[1] - size + 1
    codes = np.zeros((len(letters), n_starts), dtype=np.int64)
    is_known = np.ones(codes.shape, dtype=bool)
    for offset in range(size):
        own = letters[:, offset : offset + n_starts]
        codes = codes * n_letters + own
        is_known &= own < n_letters
    return np.where(is_known, codes, -1)


def _strands(letters: Letters, alphabet: Alphabet) -> list[Letters]:
    if not alphabet.has_strands:
        return [letters]
    return [letters, reverse_complement(letters, alphabet)]


def _in_place(
    letters: Letters, reference: Letters, alphabet: Alphabet
) -> tuple[IntArray, FloatArray]:
    """Row that shares most letters at equal places, and how many, (n,) each."""
    width = max(letters.shape[1], reference.shape[1])
    rows, most = np.zeros(len(letters), dtype=np.int64), np.zeros(len(letters))
    own = [
        onehot(one, alphabet.n_letters).reshape(len(letters), -1)
        for one in _strands(_centered(letters, width, alphabet.n_letters), alphabet)
    ]
    for first in range(0, len(reference), _AT_ONCE):
        block = _centered(reference[first : first + _AT_ONCE], width, alphabet.n_letters)
        encoded = onehot(block, alphabet.n_letters).reshape(len(block), -1).T
        n_same = np.max([one @ encoded for one in own], axis=0)  # (n, n_block)
        best = n_same.argmax(axis=1)
        found = n_same[np.arange(len(letters)), best]
        rows = np.where(found > most, best + first, rows)
        most = np.maximum(most, found)
    return rows, most


def _centered(letters: Letters, width: int, unknown: int) -> Letters:
    """Pad letter codes on both sides to (n, width)."""
    missing = width - letters.shape[1]
    left = missing // 2
    return np.pad(letters, ((0, 0), (left, missing - left)), constant_values=unknown)


def _at_offsets(letters: Letters, others: Letters, alphabet: Alphabet) -> IntArray:
    """Most equal letters of any offset, (n, n_short); `others` is (n, n_short, length)."""
    n, n_short, length = others.shape
    unknown = alphabet.n_letters
    most = np.zeros((n, n_short), dtype=np.int64)
    for strand in _strands(letters, alphabet):
        own = np.where(strand == unknown, np.uint8(unknown + 1), strand)  # equals nothing
        for offset in range(1 - length, own.shape[1]):
            here = own[:, None, max(offset, 0) : offset + length]
            there = others[:, :, max(-offset, 0) :][:, :, : here.shape[2]]
            most = np.maximum(most, (here == there).sum(axis=2))
    return most
