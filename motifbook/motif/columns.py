"""The columns of many motifs side by side, so that one operation compares all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.matrix import FloatArray, Motif

IntArray = npt.NDArray[np.int64]


def motif_list(motifs: Motif | Iterable[Motif], name: str = "motifs") -> list[Motif]:
    """Return motifs as a list, one motif as a list of one; errors call them `name`.

    Raises
    ------
    InputError
        If something else is among them, or they are written in different alphabets.
    """
    if not isinstance(motifs, (Motif, Iterable)):
        raise _check.InputError(
            f"`{name}` is {_check.shown(motifs)}; expected motifs. Make them with "
            "`mb.Motif(name, ppm)` or `mb.read_motif_file(path)`."
        )
    listed = [motifs] if isinstance(motifs, Motif) else list(motifs)
    for motif in listed:
        if not isinstance(motif, Motif):
            raise _check.InputError(
                f"`{name}` holds {_check.shown(motif)}; expected motifs. Make them with "
                "`mb.Motif(name, ppm)` or `mb.read_motif_file(path)`, or take known ones: "
                '`motifbook.motif.database.motif("MA0139.2")`.'
            )
        if motif.alphabet != listed[0].alphabet:
            raise _check.InputError(
                f"Motif {listed[0].name!r} is written in {listed[0].alphabet.name} letters, motif "
                f"{motif.name!r} in {motif.alphabet.name}; expected one alphabet. Make both with "
                "the same `alphabet=`."
            )
    return listed


def refuse_twice(motifs: Sequence[Motif]) -> None:
    """Refuse motifs of one name where names tell them apart.

    Raises
    ------
    InputError
        Naming the first one that comes twice.
    """
    names = [motif.name for motif in motifs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _check.InputError(
            f"`motifs` holds two motifs called {twice!r}; expected distinct names. Rename one: "
            '`motif.renamed("other")`.'
        )


@dataclass(frozen=True)
class Columns:
    """The columns of many motifs, in their order.

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


def both_strands(motifs: Sequence[Motif]) -> dict[str, Columns]:
    """Columns of the motifs by strand: "+", and "-" (reverse-complemented) where there is one."""
    strands = {"+": Columns.of(motifs)}
    if motifs[0].alphabet.has_strands:
        strands["-"] = Columns.of([motif.reverse_complement() for motif in motifs])
    return strands


@dataclass(frozen=True)
class Placements:
    """Where each of many motifs lies best on one motif.

    Parameters
    ----------
    scores : (n_motifs,)
        The largest sum over offsets and strands.
    starts : (n_motifs,)
        Column of the one motif at which the other then starts; negative if it starts before.
    strands : (n_motifs,) of "+" or "-"
        "-" where the other motif is reverse-complemented.
    """

    scores: FloatArray
    starts: IntArray
    strands: npt.NDArray[np.str_]


def place(values: Mapping[str, npt.NDArray[Any]], strands: Mapping[str, Columns]) -> Placements:
    """Slide many motifs along one motif and keep the offset and strand with the largest sum.

    Parameters
    ----------
    values : strand -> (width, n_columns)
        What each column of the one motif is worth against each of the others' columns. Columns
        without a partner are worth 0.
    strands
        `both_strands` of the others.

    Returns
    -------
    Placements
        Offsets share at least one column. "+" and the larger start win where sums are equal.
    """
    slid = {strand: _slide(values[strand], columns) for strand, columns in strands.items()}
    scores, starts = slid["+"]
    chosen = np.full(len(scores), "+")
    if "-" in slid:
        reverse = slid["-"][0] > scores
        scores, starts = (np.where(reverse, r, f) for f, r in zip(slid["+"], slid["-"]))
        chosen[reverse] = "-"
    return Placements(scores, starts, chosen)


def _slide(values: npt.NDArray[Any], columns: Columns) -> tuple[npt.NDArray[Any], IntArray]:
    """Return largest sums and starts, (n_motifs,) each: all motifs in one sweep, with gaps."""
    width, n_columns = values.shape
    gap = width - 1  # empty columns before, between and after the motifs
    spread = np.zeros((width, n_columns + (len(columns.widths) + 1) * gap), dtype=values.dtype)
    spread[:, np.arange(n_columns) + (columns.motif_numbers + 1) * gap] = values
    n_offsets = columns.widths + gap
    sums = spread[0, : n_offsets.sum()].copy()
    for column in range(1, width):
        sums += spread[column, column : column + len(sums)]
    firsts = np.cumsum(n_offsets) - n_offsets
    best = np.maximum.reduceat(sums, firsts)
    at_best = np.flatnonzero(sums == np.repeat(best, n_offsets))
    at_best = at_best[np.searchsorted(at_best, firsts)]  # the first of equals
    return best, gap - (at_best - firsts)
