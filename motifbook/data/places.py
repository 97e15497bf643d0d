"""From positions in a sequence to positions in the genome it was cut from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.store import get_alphabet, get_letters, get_sequences
from motifbook.data.words import counted
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]

_BLOCK = 20_000  # rows at a time: bounds memory
NOWHERE = "."  # chromosome and strand of what has no place in a genome


@dataclass(frozen=True)
class Places:
    """Where each sequence lies in a genome.

    Parameters
    ----------
    chrom : (n,)
        "." for sequences without a place, such as shuffles.
    start, end : (n,)
        0-based, half-open; -1 without a place.
    is_minus : (n,)
        Whether the sequence was read from the minus strand.
    """

    chrom: npt.NDArray[np.object_]
    start: IntArray
    end: IntArray
    is_minus: npt.NDArray[np.bool_]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether a sequence has a place, (n,)."""
        return np.asarray(self.chrom != NOWHERE)


def has_regions(adata: ad.AnnData) -> bool:
    """Whether `adata.obs` says where sequences lie in a genome."""
    return {schema.CHROM, schema.START, schema.END} <= set(adata.obs)


def find_places(adata: ad.AnnData) -> Places:
    """Return where each sequence lies in a genome.

    A region that spans more or fewer letters than its sequence is no place: nobody knows which
    letters are missing. A warning counts them.
    """
    chrom, start, end = regions_of(adata)
    _, lengths = find_spans(adata)
    misfit = (chrom != NOWHERE) & (end - start != lengths)
    if misfit.any():
        row = int(misfit.argmax())
        warnings.warn(
            f"{counted(int(misfit.sum()), 'sequence')} of {len(chrom):,} have no genome "
            "coordinates, because their region spans another number of letters, such as "
            f"{adata.obs_names[row]!r} with {lengths[row]} letters and the region "
            f"{chrom[row]}:{start[row]}-{end[row]}. Regions count from 0, and their end is the "
            "first position behind them.",
            stacklevel=3,
        )
        chrom[misfit] = NOWHERE
    nowhere = chrom == NOWHERE
    start[nowhere] = end[nowhere] = -1
    is_minus = np.zeros(len(chrom), dtype=bool)
    if schema.STRAND in adata.obs:
        is_minus = (adata.obs[schema.STRAND] == "-").to_numpy()
    return Places(chrom, start, end, is_minus)


def find_spans(adata: ad.AnnData) -> tuple[IntArray, IntArray]:
    """Return column of the first letter and number of letters of each sequence, (n,) each.

    Columns are those of `get_letters`. Of letter codes without regions, unknown letters at both
    ends count as padding.
    """
    if schema.LETTERS not in adata.obsm:
        lengths = np.array([len(sequence) for sequence in get_sequences(adata)], dtype=np.int64)
        return (lengths.max(initial=0) - lengths) // 2, lengths
    first, last = _known_ends(get_letters(adata), get_alphabet(adata).n_letters)
    if has_regions(adata):  # unknown letters of the genome are no padding
        _, start, end = regions_of(adata)
        width = adata.obsm[schema.LETTERS].shape[1]
        before = (width - (end - start)) // 2
        fits = (start < end) & (before >= 0) & (before <= first) & (before + end - start >= last)
        first, last = np.where(fits, before, first), np.where(fits, before + end - start, last)
    return first, last - first


def in_genome(
    places: Places, rows: IntArray, starts: IntArray, ends: IntArray, strands: npt.ArrayLike
) -> pd.DataFrame:
    """Return the columns `schema.GENOME_COLUMNS` of stretches of sequences.

    Parameters
    ----------
    rows : (n_stretches,)
        In which sequence each lies.
    starts, ends : (n_stretches,)
        In that sequence as given: 0-based, half-open.
    strands : (n_stretches,)
        "+" or "-" of that sequence; turned around where it was read from the minus strand.

    Returns
    -------
    DataFrame
        ".", -1, -1 and "." for stretches of sequences without a place.
    """
    known, is_minus = places.known[rows], places.is_minus[rows]
    first = np.where(is_minus, places.end[rows] - ends, places.start[rows] + starts)
    given = np.asarray(strands, dtype=object)
    turned = np.where(given == "-", "+", "-").astype(object)
    columns = (
        places.chrom[rows],
        np.where(known, first, -1),
        np.where(known, first + ends - starts, -1),
        np.where(known, np.where(is_minus, turned, given), NOWHERE),
    )
    return pd.DataFrame(dict(zip(schema.GENOME_COLUMNS, columns)))


def _known_ends(letters: Letters, unknown: int) -> tuple[IntArray, IntArray]:
    """Return first known letter and end of the last one, (n,) each; a row without any is whole."""
    first, last = np.zeros((2, len(letters)), dtype=np.int64)
    for top in range(0, len(letters), _BLOCK):
        known = letters[top : top + _BLOCK] != unknown
        first[top : top + _BLOCK] = known.argmax(axis=1)
        last[top : top + _BLOCK] = letters.shape[1] - known[:, ::-1].argmax(axis=1)
    return first, last


def regions_of(adata: ad.AnnData) -> tuple[npt.NDArray[np.object_], IntArray, IntArray]:
    """Return chromosome, start and end as `obs` has them, (n,) each.

    The chromosome is "." where one of the three is missing or is none.
    """
    start, end = (
        np.nan_to_num(_check.parse_numbers(adata.obs[column]), nan=-1)
        for column in (schema.START, schema.END)
    )
    named = adata.obs[schema.CHROM]
    chrom = named.astype(str).to_numpy(dtype=object, copy=True)
    chrom[named.isna().to_numpy() | (start < 0) | (end < 0)] = NOWHERE
    return chrom, start.astype(np.int64), end.astype(np.int64)
