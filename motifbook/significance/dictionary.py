"""Activations of a dictionary of motifs: all words of k letters, or given matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.motif.scan import prepare as prepare_words
from motifbook.motif.scan import score_positions
from motifbook.onehot import Letters
from motifbook.significance.words import fewest_mismatches, strand_partners, word_codes

Floats32 = npt.NDArray[np.float32]
BYTES_AT_ONCE = 1 << 21  # of mismatches: they stay in the processor's cache
ROWS_AT_ONCE = 5_000
MOST_WORDS = 1 << 18
MUCH_UNKNOWN = 0.05  # share of windows


@dataclass(frozen=True)
class Activations:
    """How strongly each motif of a dictionary responds to each sequence.

    Parameters
    ----------
    values : (n, n_motifs) float32
        exp(-distance / omega) of the window nearest to the motif; between 0 and 1.
    names : (n_motifs,)
        What tables call the motifs; words by their letters.
    words : (n_motifs, k) uint8
        Letter codes, of which reverse complements are merged; (0, 0) for matrices.
    alphabet
        The one sequences are written in.
    both_strands
        Whether windows of the other strand counted.
    notes
        Sentences on the sequences.
    """

    values: Floats32
    names: tuple[str, ...]
    words: npt.NDArray[np.uint8]
    alphabet: Alphabet = DNA
    both_strands: bool = True
    notes: tuple[str, ...] = field(default=())


def word_activations(
    letters: Letters,
    k: int = 6,
    *,
    alphabet: Alphabet = DNA,
    omega: float = 2.0,
    both_strands: bool = True,
    row_names: Sequence[str] = (),
) -> Activations:
    """Activations of all words of `k` letters.

    Parameters
    ----------
    letters : (n, length)
        Letter codes; unequal lengths are padded with unknown, and windows with unknown letters do
        not count.
    k
        Letters per word.
    omega
        Width of the Gaussian: a mismatch divides the activation by exp(2 / omega).
    both_strands
        A word and its reverse complement are one motif, if the alphabet has strands.
    row_names
        What errors call the sequences; by default their numbers.

    Returns
    -------
    Activations

    Raises
    ------
    InputError
        If a sequence has no window of `k` known letters, or there are too many words.

    Notes
    -----
    The Gaussian activation with max pooling of SEISM (Villié et al. 2023, arXiv 2212.12542): for a
    one-hot window u and motif z, exp(-||u - z||^2 / omega) of the nearest window; for a word the
    squared distance is twice the number of mismatches.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> found = word_activations(encode(["ACGT", "AAAA"]), 2)
    >>> found.names[:3], np.log(found.values[:, :3]).tolist()
    (('AA', 'AC', 'AG'), [[-1.0, 0.0, -1.0], [0.0, -1.0, -1.0]])
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    _check.whole_number(k, "k")
    _check.number(omega, "omega", low=1e-3, what="a width")
    n_words = alphabet.n_letters**k
    if n_words > MOST_WORDS:
        raise _check.InputError(
            f"`k` is {k}: there are {n_words:,} words of that length; expected {MOST_WORDS:,} at "
            "most. Use shorter words."
        )
    both = both_strands and alphabet.has_strands
    notes = _refuse_without_windows(letters, k, alphabet.n_letters, row_names)
    partner = strand_partners(k, alphabet) if both else np.arange(n_words)
    kept = np.flatnonzero(np.arange(n_words) <= partner)
    level = np.exp(-2 * np.arange(k + 1) / omega).astype(np.float32)
    values = np.empty((len(letters), len(kept)), dtype=np.float32)
    n_rows = max(BYTES_AT_ONCE // n_words, 16)
    for first in range(0, len(letters), n_rows):
        block = slice(first, first + n_rows)
        fewest = fewest_mismatches(letters[block], k, alphabet.n_letters)
        nearest = np.minimum(fewest[kept], fewest[partner[kept]])
        values[block] = level[nearest.T]
    codes = word_codes(k, alphabet)[kept]
    symbols = np.array(list(alphabet.letters))
    names = tuple("".join(word) for word in symbols[codes])
    return Activations(values, names, codes, alphabet, both, notes)


def matrix_activations(
    letters: Letters,
    matrices: Sequence[npt.ArrayLike],
    *,
    names: Sequence[str] = (),
    alphabet: Alphabet = DNA,
    omega: float = 2.0,
    both_strands: bool = True,
    row_names: Sequence[str] = (),
) -> Activations:
    """Activations of motifs or filters: the same Gaussian of the same distance.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    matrices
        (n_letters, width) each, such as `Motif.ppm`; widths may differ.
    names
        One per matrix; "motif 0", … by default.
    row_names
        What errors call the sequences; by default their numbers.

    Returns
    -------
    Activations

    Raises
    ------
    InputError
        If a matrix has another number of rows, or a sequence is too short for one.

    Notes
    -----
    ||u - z||^2 = width + ||z||^2 - 2 <u, z>, so the nearest window is the one that scores highest.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> gata = np.eye(4)[[2, 0, 3, 0]].T
    >>> np.log(matrix_activations(encode(["CCTATCC", "GATTCCC"]), [gata]).values).tolist()
    [[0.0], [-1.0]]
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    weights = [_matrix(matrix, number, alphabet) for number, matrix in enumerate(matrices)]
    called = tuple(names) or tuple(f"motif {number}" for number in range(len(weights)))
    if len(called) != len(weights) or not weights:
        raise _check.InputError(
            f"`names` has {len(called)} entries and `matrices` {len(weights)}; expected one name "
            "per matrix, and a matrix or more."
        )
    both = both_strands and alphabet.has_strands
    widest = max(matrix.shape[1] for matrix in weights)
    notes = _refuse_without_windows(letters, widest, alphabet.n_letters, row_names)
    values = np.empty((len(letters), len(weights)), dtype=np.float32)
    for first in range(0, len(letters), ROWS_AT_ONCE):
        coded = prepare_words(letters[first : first + ROWS_AT_ONCE], alphabet.n_letters)
        for number, matrix in enumerate(weights):
            mirrored = matrix[alphabet.complement_codes[:-1], ::-1] if both else matrix
            best = np.maximum(
                score_positions(matrix, coded, unknown=-np.inf).max(axis=1),
                score_positions(mirrored, coded, unknown=-np.inf).max(axis=1),
            )
            distance = matrix.shape[1] + (matrix**2).sum() - 2 * best
            values[first : first + ROWS_AT_ONCE, number] = np.exp(-distance / omega)
    empty = np.zeros((0, 0), dtype=np.uint8)
    return Activations(values, called, empty, alphabet, both, notes)


def _matrix(matrix: npt.ArrayLike, number: int, alphabet: Alphabet) -> npt.NDArray[np.float64]:
    expected = f"({alphabet.n_letters}, width) with rows {', '.join(alphabet.letters)}"
    weights = _check.numbers(matrix, f"matrices[{number}]", expected)
    _check.shape(weights, f"matrices[{number}]", expected, alphabet.n_letters, None)
    return weights


def _refuse_without_windows(
    letters: Letters, width: int, n_letters: int, row_names: Sequence[str]
) -> tuple[str, ...]:
    """Refuse sequences without a window; tell if many windows hold unknown letters."""
    known = letters < n_letters
    before = np.pad(known.cumsum(axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    whole = (before[:, width:] - before[:, :-width]) == width
    without = np.flatnonzero(~whole.any(axis=1)) if whole.shape[1] else np.arange(len(letters))
    if len(without) or not len(letters):
        shortest = known.sum(axis=1).min(initial=letters.shape[1])
        named = [repr(row_names[row]) if len(row_names) else f"row {row}" for row in without[:3]]
        more = ", …" if len(without) > len(named) else ""
        raise _check.InputError(
            f"{len(without)} of {len(letters)} sequences have no window of {width} known letters "
            f"({', '.join(named)}{more}); the shortest has {shortest} known letters. Leave them "
            "out, or use shorter motifs."
        )
    last = known.shape[1] - known[:, ::-1].argmax(axis=1)
    n_windows = (last - known.argmax(axis=1) - width + 1).sum()
    lost = 1 - whole.sum() / n_windows
    if lost <= MUCH_UNKNOWN:
        return ()
    return (f"{lost:.0%} of the windows hold unknown letters and do not count.",)
