"""Are two motifs the same? Similarity and alignment over offsets and strands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.matrix import FloatArray, Motif

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Alignment:
    """How one motif lies on another.

    Parameters
    ----------
    offset
        Column of the first motif at which the second one, read on `strand`, starts; negative if
        it starts before.
    strand
        "-" where the second motif is reverse-complemented.
    score
        Their similarity in this position; 1 = equal.
    """

    offset: int
    strand: str
    score: float


def similarity(found: Motif, truth: Motif) -> float:
    """How much of `truth` is in `found`: 1 = all of it, 0 = nothing.

    Returns
    -------
    float
        The best value over offsets and strands. Columns that only `found` has do not count; a
        truth without information is similar to nothing.

    Raises
    ------
    InputError
        If the motifs are written in different alphabets.

    Notes
    -----
    With f and t the columns of `found` and `truth` minus the uniform background, and I the
    information content of the truth's column in bits, the value of one alignment is::

        sum of I (f . t) / (|t| max(|f|, |t|))  over aligned columns
        ------------------------------------------------------------
                 sum of I  over all columns of the truth

    that is the columns' cosine, times |f| / |t| where `found` is the flatter one. Columns of the
    truth that face none of `found` add nothing.

    Examples
    --------
    >>> gata = Motif.from_sites("GATA", ["AGATAA", "TGATAA"])
    >>> round(similarity(gata.reverse_complement(), gata), 6)
    1.0
    """
    same_alphabet([found, truth])
    values = [0.0]
    for columns in _both_strands([truth]).values():
        shares = _agreement(found, columns) * columns.weights
        values.append(float(slide(shares, columns)[0][0]))
    return max(values)


def align(first: Motif, second: Motif) -> Alignment:
    """Lay `second` on `first` where they agree best; see `align_all`.

    Examples
    --------
    >>> long = Motif.from_sites("long", ["TTGATAAC"])
    >>> found = align(long, Motif.from_sites("short", ["GATAA"]))
    >>> found.offset, found.strand, round(found.score, 2)
    (2, '+', 0.81)
    """
    return align_all(first, [second])[0]


def align_all(first: Motif, motifs: Sequence[Motif]) -> list[Alignment]:
    """Lay each of `motifs` on `first` where they agree best.

    Returns
    -------
    n_motifs alignments
        Over all offsets and both strands. The score is the mean of `similarity` in the two
        directions, at the same position.

    Raises
    ------
    InputError
        If the motifs are written in different alphabets.
    """
    same_alphabet([first, *motifs])
    weights = _weights(first.ppm)
    found: dict[str, tuple[FloatArray, IntArray]] = {}
    for strand, columns in _both_strands(motifs).items():
        shares = _agreement(first, columns) * (weights[:, None] + columns.weights) / 2
        found[strand] = slide(shares, columns)
    alignments = []
    for number in range(len(motifs)):
        strand = max(found, key=lambda s: found[s][0][number])  # "+" where both are equal
        scores, starts = found[strand]
        alignments.append(Alignment(int(starts[number]), strand, float(scores[number])))
    return alignments


def same_alphabet(motifs: Sequence[Motif]) -> None:
    """Refuse motifs that are written in different alphabets."""
    for motif in motifs[1:]:
        if motif.alphabet != motifs[0].alphabet:
            raise _check.InputError(
                f"Motif {motifs[0].name!r} is written in {motifs[0].alphabet.name} letters, motif "
                f"{motif.name!r} in {motif.alphabet.name}; expected one alphabet. Make both with "
                "the same `alphabet=`."
            )


@dataclass(frozen=True)
class Columns:
    """The columns of many motifs side by side, so that one operation compares all of them.

    Parameters
    ----------
    ppm : (n_letters, n_columns)
    widths : (n_motifs,)
    """

    ppm: FloatArray
    widths: IntArray

    @classmethod
    def of(cls, motifs: Sequence[Motif]) -> Columns:
        """Lay the columns of `motifs` side by side."""
        ppm = np.concatenate([motif.ppm for motif in motifs], axis=1)
        return cls(ppm, np.array([motif.width for motif in motifs]))

    @property
    def motif_numbers(self) -> IntArray:
        """Which motif each column belongs to, (n_columns,)."""
        return np.repeat(np.arange(len(self.widths)), self.widths)

    @property
    def weights(self) -> FloatArray:
        """`_weights` of each motif, (n_columns,)."""
        firsts = np.cumsum(self.widths)[:-1]
        return np.concatenate([_weights(ppm) for ppm in np.split(self.ppm, firsts, axis=1)])


def slide(values: npt.NDArray[np.number], columns: Columns) -> tuple[FloatArray, IntArray]:
    """Slide a motif along each of many others and keep the offset with the largest sum.

    Parameters
    ----------
    values : (width, n_columns)
        What each column of the motif is worth against each of `columns`; without a partner, 0.

    Returns
    -------
    best : (n_motifs,)
        The largest sum over offsets with at least one shared column.
    starts : (n_motifs,)
        Column of the motif at which each of the others then starts.
    """
    width = len(values)
    n_motifs, n_columns = len(columns.widths), values.shape[1]
    gap = width - 1  # empty columns around each of the others
    numbers = columns.motif_numbers
    spread = np.zeros((width, n_columns + (n_motifs + 1) * gap), dtype=values.dtype)
    spread[:, np.arange(n_columns) + (numbers + 1) * gap] = values

    n_sums = n_columns + n_motifs * gap
    sums = spread[0, :n_sums].copy()
    for column in range(1, width):
        sums += spread[column, column : column + n_sums]
    firsts = np.cumsum(columns.widths + gap) - columns.widths - gap
    best = np.maximum.reduceat(sums, firsts)
    at_best = np.flatnonzero(sums == np.repeat(best, columns.widths + gap))
    at_best = at_best[np.searchsorted(at_best, firsts)]  # the first of equals
    return best, gap - (at_best - firsts)


def _both_strands(motifs: Sequence[Motif]) -> dict[str, Columns]:
    strands = {"+": Columns.of(motifs)}
    if motifs[0].alphabet.has_strands:
        strands["-"] = Columns.of([motif.reverse_complement() for motif in motifs])
    return strands


def _agreement(motif: Motif, columns: Columns) -> FloatArray:
    """Return f . t / max(|f|, |t|) of columns minus the uniform background, (width, n_columns)."""
    first, second = motif.ppm - 1 / len(motif.ppm), columns.ppm - 1 / len(motif.ppm)
    longer = np.maximum.outer(np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0))
    agreement: FloatArray = first.T @ second / np.maximum(longer, 1e-12)
    return agreement


def _weights(ppm: FloatArray) -> FloatArray:
    """I / |t| per column over the sum of I, (width,); zeros for a motif without information."""
    n_letters = len(ppm)
    logs = np.log2(ppm * n_letters, where=ppm > 0, out=np.zeros_like(ppm))
    bits = (ppm * logs).sum(axis=0)
    lengths = np.linalg.norm(ppm - 1 / n_letters, axis=0)
    informative = lengths > 1e-6
    weights: FloatArray = np.divide(bits, lengths, where=informative, out=np.zeros_like(bits))
    weights /= max(bits[informative].sum(), 1e-12)
    return weights
