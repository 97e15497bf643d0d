"""Where do motifs occur? Scores of every position, exact p-values, the hits table."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.motif.columns import IntArray, motif_list
from motifbook.motif.distribution import (
    STEP,
    ScoreDistribution,
    in_steps,
    q_values,
    score_distribution,
)
from motifbook.motif.matrix import FloatArray, Motif
from motifbook.motif.word_search import (
    Search,
    Strand,
    searches,
    word_size,
    word_table,
)
from motifbook.onehot import Letters

COLUMNS = ("sequence", "start", "end", "strand", "motif", "score", "p_value", "q_value")
UNKNOWN_SCORE = -1000.0  # of an unknown letter: no window that holds one is a hit
ROWS_AT_ONCE = 20_000  # bounds memory
POSITIONS_AT_ONCE = 1 << 15  # their codes stay in the processor's cache


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
    size = word_size(n_letters)
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
        table = word_table(weights[:, first : first + words.size], words.size, unknown)
        scores += table[words.codes[:, first : first + n_starts]]
    return scores


def scan_motifs(
    motifs: Sequence[Motif],
    letters: Letters,
    *,
    names: Sequence[str] | None = None,
    p_value: float = 1e-4,
    background: Sequence[float] | None = None,
    strands: bool = True,
) -> pd.DataFrame:
    """Find where motifs occur.

    Parameters
    ----------
    motifs
        In one alphabet, the one `letters` are written in.
    letters : (n, length)
        Letter codes of the sequences.
    names : (n,)
        What the table calls them; row numbers by default.
    p_value
        Positions up to this p-value are hits.
    background : (n_letters,)
        Letter probabilities for scores and p-values; the frequencies in `letters` by default.
        Averaged with its complement where both strands are scanned.
    strands
        Whether the reverse strand is scanned too, if the alphabet has one.

    Returns
    -------
    DataFrame
        One row per hit, by sequence, start, end, order of motifs, strand:

        - sequence, start, end, strand, motif: 0-based, half-open, on the given strand
        - score: log2 odds against the background, in bits, in steps of 0.001
        - p_value: probability that one position of random sequence scores as high
        - q_value: Benjamini-Hochberg per motif, over all windows and strands scanned

    Raises
    ------
    InputError
        If shapes, names, background or p-value do not fit, or alphabets differ.

    Notes
    -----
    As FIMO (Grant et al. 2011, Bioinformatics 27:1017), with the background of the sequences at
    hand. Windows with unknown letters are no hits. A site of a palindromic motif is a hit on both
    strands; `hits.sort_values("p_value").drop_duplicates(["sequence", "start", "motif"])` keeps
    the better one. A motif too short for `p_value` has no hits; a warning names it.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> ap1 = Motif.from_sites("AP-1", ["TGACTCA"])
    >>> hits = scan_motifs([ap1], encode(["GGTGACTCAGG"]), background=[0.25] * 4)
    >>> hits[["start", "end", "strand", "p_value"]].values.tolist()
    [[2, 9, '+', 6.103515625e-05]]
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    _check.number(p_value, "p_value", low=1e-300, high=1, what="a probability")
    if names is not None and len(names) != len(letters):
        raise _check.InputError(
            f"`names` has {len(names)} entries; expected {len(letters)}, one per sequence."
        )
    motifs = motif_list(motifs)
    if len(motifs) == 0 or letters.size == 0:
        return pd.DataFrame(columns=COLUMNS)
    both = strands and motifs[0].alphabet.has_strands
    shares = letter_shares(motifs[0], letters, background, both)
    matrices = step_matrices(motifs, shares)
    distributions = distributions_of(matrices, shares, p_value)
    thresholds = hit_steps(motifs, distributions, p_value)
    planned = plan(matrices, thresholds, motifs[0].alphabet.complement_codes[:-1] if both else None)
    hits = find(planned, letters, motifs[0].alphabet.n_letters)

    numbers, steps = hits["motif"].to_numpy(), hits["steps"].to_numpy()
    p_values, adjusted = np.ones(len(hits)), np.ones(len(hits))
    n_windows = count_windows(letters, motifs)
    for number in np.unique(numbers).tolist():
        rows = np.flatnonzero(numbers == number)
        p_values[rows] = distributions[number].tail(steps[rows])
        adjusted[rows] = q_values(p_values[rows], n_windows[number] * (1 + both))
    hits = hits.assign(p_value=p_values, q_value=adjusted)
    return _named(hits, motifs, names)


def best_scores(motif: Motif, words: Words) -> npt.NDArray[np.float32]:
    """Score of the best match in each sequence, over positions and strands.

    Parameters
    ----------
    motif
        Scored with its own background, on both strands if its alphabet has two.
    words
        `prepare(letters)`.

    Returns
    -------
    (n,) float32
        Bits; minus infinity where no window without unknown letters fits.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> gata = Motif("GATA", np.eye(4)[[2, 0, 3, 0]].T)
    >>> words = prepare(encode(["CCGATACC", "CCTATCCC", "GATA", "GAT"]))
    >>> best_scores(gata, words).round(1).tolist()
    [8.0, 8.0, 8.0, -inf]
    """
    both = motif.alphabet.has_strands
    best = np.full(len(words.codes), -np.inf, dtype=np.float32)
    for oriented in [motif, motif.reverse_complement()] if both else [motif]:
        scores = score_positions(oriented.pssm(), words, unknown=-np.inf)
        np.maximum(best, scores.max(axis=1, initial=-np.inf), out=best)
    return best


def letter_shares(
    motif: Motif, letters: Letters, given: Sequence[float] | None, both: bool
) -> FloatArray:
    """Return the background of a scan, (n_letters,): given or counted, averaged over strands."""
    alphabet = motif.alphabet
    if given is None:
        counts = np.zeros(alphabet.n_letters + 1, dtype=np.int64)
        for first in range(0, len(letters), ROWS_AT_ONCE):
            block = letters[first : first + ROWS_AT_ONCE]
            counts += np.bincount(block.ravel(), minlength=len(counts))
        counts = counts[: alphabet.n_letters]
        given = (counts + 1) / (counts + 1).sum()  # a letter that never occurs is only rare
    shares = np.array(replace(motif, background=tuple(given)).background)
    return (shares + shares[alphabet.complement_codes[:-1]]) / 2 if both else shares


def step_matrices(motifs: Sequence[Motif], shares: FloatArray) -> list[IntArray]:
    """Scores of each motif against a background, in steps, (n_letters, width)."""
    return [in_steps(replace(motif, background=tuple(shares)).pssm()) for motif in motifs]


def distributions_of(
    matrices: Sequence[IntArray], shares: FloatArray, p_value: float
) -> list[ScoreDistribution]:
    """Each matrix's distribution of scores as rare as `p_value`; `matrices` of `step_matrices`."""
    return [score_distribution(matrix * STEP, shares).rarest(p_value) for matrix in matrices]


def hit_steps(
    motifs: Sequence[Motif], distributions: Sequence[ScoreDistribution], p_value: float
) -> list[float]:
    """Return the steps each motif needs for a hit; infinite, and a warning, where none suffice."""
    needed = [distribution.threshold(p_value) / STEP for distribution in distributions]
    too_short = [motif.name for motif, steps in zip(motifs, needed) if np.isinf(steps)]
    if too_short:
        listed = ", ".join(too_short[:5]) + (", …" if len(too_short) > 5 else "")
        warnings.warn(
            f"{len(too_short)} of {len(motifs)} motifs are too short or too flat to reach p-value "
            f"{p_value:g} anywhere and have no hits: {listed}. Raise `p_value` to find them.",
            stacklevel=3,
        )
    return needed


def plan(
    matrices: Sequence[IntArray], thresholds: Sequence[float], complement: Letters | None
) -> list[Search]:
    """Return what to search for, once for any number of sequences.

    Parameters
    ----------
    matrices, thresholds
        As of `step_matrices` and `hit_steps`.
    complement : (n_letters,)
        Code of each letter's complement, to search both strands; None for one.
    """
    size = word_size(len(matrices[0]))
    return searches(_strands(matrices, thresholds, complement, size), size)


def _strands(
    matrices: Sequence[IntArray],
    thresholds: Sequence[float],
    complement: Letters | None,
    size: int,
) -> Iterator[Strand]:
    """Both strands of motifs that can have hits, those of as many words one after the other."""
    n_words = [-(-matrix.shape[1] // size) for matrix in matrices]
    for number in np.argsort(n_words, kind="stable").tolist():
        matrix, needed = matrices[number], thresholds[number]
        if np.isinf(needed):
            continue
        yield Strand.of(number, 0, matrix, threshold=needed, unknown=UNKNOWN_SCORE / STEP)
        if complement is not None:
            turned = matrix[complement, ::-1]
            yield Strand.of(number, 1, turned, threshold=needed, unknown=UNKNOWN_SCORE / STEP)


def find(planned: Sequence[Search], letters: Letters, n_letters: int) -> pd.DataFrame:
    """Return all hits as numbers: motif, strand, row, start, steps; `planned` as of `plan`."""
    stride = letters.shape[1] + word_size(n_letters)
    n_rows = max(POSITIONS_AT_ONCE // stride, 1)
    found = [np.empty((0, 5), dtype=np.int64)]
    beyond = np.zeros(max((search.reach for search in planned), default=0), dtype=np.int64)
    beyond += (n_letters + 1) ** word_size(n_letters) - 1  # words of unknown letters
    for first_row in range(0, len(letters), n_rows):
        words = prepare(letters[first_row : first_row + n_rows], n_letters)
        codes = np.concatenate(
            [words.codes.ravel(), beyond]
        )  # over a row's end, windows meet its padding
        for search in planned:
            motifs, strands, positions, steps = search.hits(codes).T
            rows, starts = np.divmod(positions, stride)
            found.append(np.column_stack([motifs, strands, first_row + rows, starts, steps]))
    return pd.DataFrame(np.concatenate(found), columns=["motif", "strand", "row", "start", "steps"])


def count_windows(letters: Letters, motifs: Sequence[Motif]) -> list[int]:
    """How many windows without unknown letters each motif has on one strand."""
    counts = dict.fromkeys((motif.width for motif in motifs), 0)
    for first in range(0, len(letters), ROWS_AT_ONCE):
        is_unknown = letters[first : first + ROWS_AT_ONCE] == motifs[0].alphabet.n_letters
        with_unknown = is_unknown[is_unknown.any(axis=1)]
        n_clean = len(is_unknown) - len(with_unknown)
        before = np.pad(with_unknown.cumsum(axis=1), ((0, 0), (1, 0)))  # unknown letters so far
        for width in counts:
            counts[width] += n_clean * max(letters.shape[1] - width + 1, 0)
            counts[width] += int((before[:, width:] == before[:, :-width]).sum())
    return [counts[motif.width] for motif in motifs]


def _named(
    hits: pd.DataFrame, motifs: Sequence[Motif], names: Sequence[str] | None
) -> pd.DataFrame:
    """Write the hits table: names for numbers, bits for steps."""
    widths = np.array([motif.width for motif in motifs])
    hits["end"] = hits["start"] + widths[hits["motif"]]
    hits = hits.sort_values(["row", "start", "end", "motif", "strand"], ignore_index=True)
    columns = {
        "sequence": hits["row"] if names is None else np.array(names, dtype=object)[hits["row"]],
        "start": hits["start"],
        "end": hits["end"],
        "strand": np.array(["+", "-"], dtype=object)[hits["strand"]],
        "motif": np.array([motif.name for motif in motifs], dtype=object)[hits["motif"]],
        "score": (hits["steps"] * STEP).round(3),
        "p_value": hits["p_value"],
        "q_value": hits["q_value"],
    }
    return pd.DataFrame(columns)
