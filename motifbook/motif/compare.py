"""Are two motifs the same? Similarity, alignment, and the names of known motifs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import ALPHABETS, RNA
from motifbook.motif import database
from motifbook.motif.columns import Columns, Placements, both_strands, motif_list, place
from motifbook.motif.files import read_motif_file
from motifbook.motif.matrix import FloatArray, Motif
from motifbook.motif.tomtom import tomtom

FLAT_FLANK = 0.1  # bits; flanks below are not compared with known motifs
_NAMED = ["motif", "target_name", "strand"]


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
    motif_list([found, truth])
    strands = both_strands([truth])
    values = {s: _agreement(found, columns) * _weights(columns) for s, columns in strands.items()}
    return max(0.0, float(place(values, strands).scores[0]))


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
    motif_list([first, *motifs])
    placed = _lay_on(first, both_strands(motifs))
    found = zip(placed.starts.tolist(), placed.strands.tolist(), placed.scores.tolist())
    return [Alignment(*alignment) for alignment in found]


def similarities(motifs: Sequence[Motif]) -> FloatArray:
    """Score of `align` for each pair of motifs, (n_motifs, n_motifs), in one alphabet."""
    motifs = motif_list(motifs)
    strands = both_strands(motifs)
    return np.array([_lay_on(motif, strands).scores for motif in motifs])


def identify(
    motifs: Motif | Sequence[Motif],
    collection: str | os.PathLike[str] | Sequence[Motif] = "JASPAR2026_vertebrates",
    *,
    n: int = 5,
    q_value: float | None = None,
) -> pd.DataFrame:
    """Which known motifs do `motifs` look like?

    Parameters
    ----------
    motifs
        Such as `read_motifs` or `read_motif_file` return.
    collection
        Name of a packaged collection (`mb.database.names()`), path of a motif file, or motifs.
    n
        How many known motifs are listed per motif.
    q_value
        Leave out rows above this q-value (a motif that is like nothing known has none left);
        None lists `n` for every motif.

    Returns
    -------
    DataFrame
        As `tomtom`: in the order of `motifs`, most similar first.

    Raises
    ------
    InputError
        If there is no such collection or file, or its motifs are written in another alphabet.

    Notes
    -----
    Flanks below 0.1 bits are not compared: flat columns of a motif find flat columns of others
    surprisingly alike. Of 200 blurred copies of JASPAR motifs with flat flanks, the source came
    first for 58 % with this cut, 26 % without, 38 % with 0.3 bits; of clearer copies for 76, 72
    and 69 %, of clear ones for 98 or 99 % either way (`benchmarks/motifs.py`).

    Examples
    --------
    >>> identify([Motif.from_sites("mine", ["CCACCAGGGGGCGC"])], n=1)["target_name"].tolist()
    ['CTCF']
    """
    targets, motifs = known_motifs(collection), motif_list(motifs)
    _refuse_other_alphabet(motifs, targets, collection)
    table = tomtom([motif.trim(FLAT_FLANK) for motif in motifs], targets, n=n)
    shifts = [_flat_start(motif) for motif in motifs]
    table["offset"] += np.repeat(np.array(shifts, dtype=np.int64), min(n, len(targets)))
    if q_value is None:
        return table
    limit = _check.number(q_value, "q_value", low=0, high=1, what="a q-value")
    return table[table["q_value"] <= limit].reset_index(drop=True)


def name_motifs(
    motifs: Sequence[Motif], known: pd.DataFrame, *, q_value: float = 0.05
) -> list[Motif]:
    """Give motifs the names, and the strand, of the known motifs they look most like.

    Parameters
    ----------
    motifs
        Such as `read_motifs` returns.
    known
        The table of `identify` for these motifs.
    q_value
        Motifs without a known motif up to this q-value stay as they are.

    Returns
    -------
    list of Motif
        In the same order. A name that comes again gets a number: "CTCF", "CTCF 2".

    Raises
    ------
    InputError
        If `known` is not a table of `identify`.

    Examples
    --------
    >>> motifs = [Motif.from_sites("mine", ["GCGCCCCCTGGTGG"]), Motif.from_sites("flat", ["A"])]
    >>> name_motifs(motifs, identify(motifs, n=1))
    [Motif('CTCF', CCACCAGGGGGCGC, 28.0 bits, n_sites=1), Motif('flat', A, 2.0 bits, n_sites=1)]
    """
    _check.table(known, "known", "`mb.identify(motifs)`")
    _check.columns(known.columns, [*_NAMED, "q_value"], "`known`")
    alike = known[known["q_value"] <= q_value].drop_duplicates("motif")
    best = {name: (target, strand) for name, target, strand in alike[_NAMED].to_numpy()}
    named: list[Motif] = []
    times: Counter[str] = Counter()
    for motif in motif_list(motifs):
        name, strand = best.get(motif.name, (motif.name, "+"))
        times[name] += 1
        numbered = name if times[name] == 1 else f"{name} {times[name]}"
        turned = motif.reverse_complement() if strand == "-" else motif
        named.append(turned.renamed(numbered))
    return named


def known_motifs(collection: str | os.PathLike[str] | Sequence[Motif]) -> list[Motif]:
    """Motifs of a packaged collection, of a motif file, or those given; see `identify`."""
    if not isinstance(collection, (str, os.PathLike)):
        return motif_list(collection)
    if Path(collection).suffix or Path(collection).exists():
        return read_motif_file(collection)
    return database.collection(str(collection))


def _refuse_other_alphabet(
    motifs: Sequence[Motif],
    targets: Sequence[Motif],
    collection: str | os.PathLike[str] | Sequence[Motif],
) -> None:
    if not motifs or not targets or motifs[0].alphabet == targets[0].alphabet:
        return
    own, other = motifs[0].alphabet, targets[0].alphabet
    alphabet = f'"{own.name}"' if own.name in ALPHABETS else "motifs[0].alphabet"
    is_packaged = collection in database.names() if isinstance(collection, str) else False
    what = f"The packaged collection {collection!r} is" if is_packaged else "The known motifs are"
    raise _check.InputError(
        f"{what} in {other.name} letters ({other.letters}), motif {motifs[0].name!r} in "
        f"{own.name} ({own.letters}); expected one alphabet. Give known motifs such as those of "
        f"`mb.read_motif_file(path, alphabet={alphabet})`"
        + (", which reads T as U." if own == RNA else ".")
    )


def _flat_start(motif: Motif) -> int:
    """How many columns `motif.trim(FLAT_FLANK)` takes off the left."""
    heights = motif.icm().sum(axis=0)
    return int((heights >= min(FLAT_FLANK, heights.max())).argmax())


def _lay_on(first: Motif, strands: Mapping[str, Columns]) -> Placements:
    own = _weights(Columns.of([first]))[:, None]
    values = {
        strand: _agreement(first, columns) * (own + _weights(columns)) / 2
        for strand, columns in strands.items()
    }
    return place(values, strands)


def _agreement(motif: Motif, columns: Columns) -> FloatArray:
    """Return f . t / max(|f|, |t|) of columns minus the uniform background, (width, n_columns)."""
    first, second = motif.ppm - 1 / len(motif.ppm), columns.ppm - 1 / len(motif.ppm)
    longer = np.maximum.outer(np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0))
    agreement: FloatArray = np.einsum("af,at->ft", first, second) / np.maximum(longer, 1e-12)
    return agreement


def _weights(columns: Columns) -> FloatArray:
    """Return I / |t| over the motif's sum of I, (n_columns,); 0 for columns without information."""
    n_letters = len(columns.ppm)
    odds = np.log2(columns.ppm * n_letters, where=columns.ppm > 0, out=np.zeros_like(columns.ppm))
    bits = (columns.ppm * odds).sum(axis=0)
    lengths = np.linalg.norm(columns.ppm - 1 / n_letters, axis=0)
    totals = np.bincount(columns.motif_numbers, bits)[columns.motif_numbers]
    informative = lengths > 1e-6
    weights: FloatArray = np.divide(
        bits, lengths * totals, where=informative, out=np.zeros_like(bits)
    )
    return weights
