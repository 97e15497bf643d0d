"""What a readout is made of: a column, replicates, counts, two alleles or SELEX cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.text.cells import Cells, Column
from motifbook.data.text.selex import check_cycles, mean_cycle, on_cycles
from motifbook.data.text.values import read_values
from motifbook.data.words import counted

FloatArray = npt.NDArray[np.float64]
Columns = Column | Sequence[Column]


@dataclass(frozen=True)
class Counts:
    """A readout made of the RNA and DNA counts of a reporter assay (MPRA).

    Each library is scaled to the mean depth of all libraries given here; then the readout of a
    replicate is log2((RNA + 1) / (DNA + 1)), and the readout the mean of the replicates.

    Parameters
    ----------
    rna
        Column of RNA counts of each replicate, by name or number.
    dna
        Column of DNA counts of each replicate, in the same order; one column serves all.
    min_dna
        A sequence with fewer DNA counts than this is not measured in that replicate.

    Raises
    ------
    InputError
        If there are neither as many columns of DNA as of RNA, nor one.

    Examples
    --------
    >>> Counts(rna=["rna_1", "rna_2"], dna="plasmid")
    Counts(rna=['rna_1', 'rna_2'], dna='plasmid', min_dna=10)
    """

    rna: Columns
    dna: Columns
    min_dna: int = 10

    def __post_init__(self) -> None:
        n_rna, n_dna = len(several(self.rna)), len(several(self.dna))
        if not n_rna or n_dna not in (1, n_rna):
            raise _check.InputError(
                f"`Counts` has {counted(n_rna, 'column')} of RNA and {n_dna} of DNA; expected one "
                "of DNA for each of RNA, in the same order, or one of DNA for all."
            )
        _check.whole_number(self.min_dna, "min_dna", low=0)


@dataclass(frozen=True)
class Cycles:
    """The readout "mean cycle" of a table of SELEX counts; see `mb.read_selex`.

    Parameters
    ----------
    columns
        Cycle number -> column of how often each sequence was read in that cycle.

    Raises
    ------
    InputError
        If there are fewer than two cycles, or a number is no whole number.

    Examples
    --------
    >>> Cycles({0: "input", 3: "round3"})
    Cycles(columns={0: 'input', 3: 'round3'})
    """

    columns: Mapping[int, Column]

    def __post_init__(self) -> None:
        check_cycles(self.columns)
        for column in self.columns.values():
            if isinstance(column, bool) or not isinstance(column, (str, int, np.integer)):
                raise _check.InputError(
                    f"`Cycles` has {_check.shown(column)} for a cycle; expected the column of its "
                    "counts, by name or number."
                )


@dataclass(frozen=True)
class Alleles:
    """A readout measured for both sequences of a line, `sequence=("ref_seq", "alt_seq")`.

    Parameters
    ----------
    ref, alt
        The reference's and the alternative's measurement: each a column, a list of replicates, or
        `Counts`.

    Raises
    ------
    InputError
        If the two are not made of the same number of columns.

    Examples
    --------
    >>> Alleles(ref="activity_ref", alt="activity_alt")
    Alleles(ref='activity_ref', alt='activity_alt')
    """

    ref: Columns | Counts
    alt: Columns | Counts

    def __post_init__(self) -> None:
        ref, alt = (_n_columns(what) for what in (self.ref, self.alt))
        if ref != alt:
            raise _check.InputError(
                f"`Alleles` has ref={self.ref!r} and alt={self.alt!r}; expected as many columns of "
                "the same kind for both."
            )


Measure = Columns | Counts
Readout = Measure | Alleles | Cycles


def several(columns: Columns) -> list[Column]:
    """Return one column or several as a list.

    Raises
    ------
    InputError
        If it is neither the name or number of a column, nor a list of them.
    """
    if isinstance(columns, (np.ndarray, np.integer, pd.Index, pd.Series)):
        columns = columns.tolist()
    if isinstance(columns, (str, int)):
        return [columns]
    is_list = isinstance(columns, (list, tuple)) and len(columns) > 0
    if not is_list or not all(isinstance(column, (str, int, np.integer)) for column in columns):
        raise _check.InputError(
            f"{_check.shown(columns)} was asked for; expected a column, by its name or its number, "
            "or a list of columns."
        )
    return [column if isinstance(column, str) else int(column) for column in columns]


@dataclass(frozen=True)
class Measured:
    """The values of one readout.

    Parameters
    ----------
    values : (n,)
        NaN where nothing was measured.
    replicates : (n, n_replicates)
        What `values` is the mean of, if there are several.
    sigma : (n,)
        Standard error of `values`, NaN where unknown; None if nothing is known.
    done
        Sentences on how they were made.
    """

    values: FloatArray
    replicates: FloatArray | None = None
    sigma: FloatArray | None = None
    done: list[str] = field(default_factory=list)

    def take(self, rows: npt.NDArray[np.int64]) -> Measured:
        """Return the given rows."""
        replicates = None if self.replicates is None else self.replicates[rows]
        sigma = None if self.sigma is None else self.sigma[rows]
        return Measured(self.values[rows], replicates, sigma, self.done)


def used_columns(what: Readout) -> list[Column]:
    """Return every column that a readout is made of."""
    if isinstance(what, Counts):
        return several(what.rna) + several(what.dna)
    if isinstance(what, Alleles):
        return used_columns(what.ref) + used_columns(what.alt)
    if isinstance(what, Cycles):
        return list(what.columns.values())
    return several(what)


def _n_columns(what: Measure) -> tuple[int, ...]:
    if isinstance(what, Counts):
        return len(several(what.rna)), len(several(what.dna)), what.min_dna
    return (len(several(what)),)


def measure(name: str, what: Readout, cells: Cells) -> Measured:
    """Return the values of one readout, one for each row of the table; of `Alleles` two, in turn.

    Raises
    ------
    InputError
        If a column is absent, or a cell holds something else than what the readout needs.
    """
    if isinstance(what, Cycles):
        counts = read_counts(cells, list(what.columns.values()))
        return Measured(mean_cycle(counts, list(what.columns)), done=on_cycles(name, counts))
    if isinstance(what, Alleles):
        pairs = zip(_matrices(what.ref, cells), _matrices(what.alt, cells))
        matrices = [np.stack(pair, axis=1).reshape(-1, pair[0].shape[1]) for pair in pairs]
        what = what.ref
    else:
        matrices = _matrices(what, cells)
    if isinstance(what, Counts):
        return _log_ratios(name, *matrices, min_dna=what.min_dna)
    return _mean(name, *matrices)


def _matrices(what: Measure, cells: Cells) -> list[FloatArray]:
    """Return the columns that belong together, (n, n_columns): RNA and DNA, or all."""
    if isinstance(what, Counts):
        return [read_counts(cells, several(columns)) for columns in (what.rna, what.dna)]
    return [np.column_stack([read_values(cells, column) for column in several(what)])]


def read_counts(cells: Cells, columns: Sequence[Column]) -> FloatArray:
    """Return columns of counts, (n, n_columns); NaN where a cell is empty.

    Raises
    ------
    InputError
        If a count is negative or no whole number, or a column holds zeros only.
    """
    counts = np.column_stack([read_values(cells, column) for column in columns])
    bad = np.argwhere((counts < 0) | (counts % 1 > 0))
    if len(bad):
        row, number = bad[0]
        raise _check.InputError(
            f"{cells.file}, line {cells.lines[row]}, column {cells.name(columns[number])!r}: "
            f"{counts[row, number]:g} is no count; expected whole numbers, 0 or more. Measured "
            "values that are no counts are given by their column alone."
        )
    empty = np.flatnonzero(np.nansum(counts, axis=0) == 0)
    if len(empty):
        raise _check.InputError(
            f"Column {cells.name(columns[empty[0]])!r} of {cells.file} holds no count above 0; "
            "expected those of a library that was sequenced. Leave it out."
        )
    return counts


def _log_ratios(name: str, rna: FloatArray, dna: FloatArray, *, min_dna: int) -> Measured:
    """Return log2((RNA + 1) / (DNA + 1)) of libraries scaled to their mean depth."""
    depths = [np.nansum(counts, axis=0) for counts in (rna, dna)]
    depth = np.concatenate(depths).mean()
    scaled_rna, scaled_dna = (counts * depth / own for counts, own in zip((rna, dna), depths))
    ratios = np.log2((scaled_rna + 1) / (scaled_dna + 1))
    too_few = np.broadcast_to(dna < min_dna, ratios.shape)
    ratios[too_few] = np.nan
    if np.isnan(ratios).all():
        raise _check.InputError(
            f"Readout {name!r}: no sequence has {min_dna} DNA counts or more (`min_dna`) and RNA "
            "counts; expected some. Look at the columns, or lower `min_dna`."
        )
    mean = _mean(name, ratios)
    done = [
        f"Readout {name!r}: log2((RNA + 1) / (DNA + 1)), each library scaled to {depth:,.0f} "
        f"counts; {int(too_few.sum()):,} of {ratios.size:,} measurements have less than {min_dna} "
        "DNA counts and are left out."
    ]
    return replace(mean, done=done + mean.done)


def _mean(name: str, replicates: FloatArray) -> Measured:
    """Return the mean of the measured replicates, (n, n_replicates), and its standard error."""
    n_replicates = replicates.shape[1]
    if n_replicates == 1:
        return Measured(replicates[:, 0])
    n_measured = (~np.isnan(replicates)).sum(axis=1)
    some, freedom = np.maximum(n_measured, 1), np.maximum(n_measured - 1, 1)
    mean = np.where(n_measured > 0, np.nansum(replicates, axis=1) / some, np.nan)
    variance = np.nansum((replicates - mean[:, None]) ** 2, axis=1) / freedom
    sigma = np.where(n_measured > 1, np.sqrt(variance / some), np.nan)
    done = (
        f"Readout {name!r} is the mean of {n_replicates} replicates; they are kept in "
        f'`obsm["{schema.REPLICATES.format(readout=name)}"]`, its standard error in '
        f'`layers["{schema.SIGMA}"]`.'
    )
    return Measured(mean, replicates, sigma, [done])
