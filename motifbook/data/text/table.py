"""Sequences and measured values from a table: CSV, TSV, Excel or Parquet."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import schema
from motifbook.data.text.cells import Cells, Column, read_cells
from motifbook.data.text.collect import Collected, collect, to_anndata
from motifbook.data.text.covariates import count_from_zero, is_blank, read_covariates
from motifbook.data.text.readouts import Alleles, Measured, Readout, measure
from motifbook.data.text.request import Request, make_request
from motifbook.data.text.values import on_values
from motifbook.data.words import counted, listed

PathLike = str | os.PathLike[str]
IntArray = npt.NDArray[np.int64]

_ALLELES = ("ref", "alt")


def read_table(
    path: PathLike,
    *,
    sequence: Column | Sequence[Column] = "sequence",
    readouts: Column | Sequence[Column] | Mapping[str, Readout] = (),
    sigma: Mapping[str, Column | Alleles] | None = None,
    names: Sequence[str] | None = None,
    alphabet: str | Alphabet = "DNA",
) -> ad.AnnData:
    """Read one sequence per line with its measured values.

    Columns are called by their names, or by their numbers, counted from 0. If you call all of
    them by number, the file may have no header: its first line is one if it cannot be data.

    Parameters
    ----------
    path
        Text separated by tabs, commas, semicolons or blanks, plain or packed with gzip; .xlsx
        (first sheet); or .parquet.
    sequence
        Column of the sequences. Lines without a sequence are left out and counted. Two columns,
        `("ref", "alt")`, give two rows per line, the reference's and the alternative's, which
        share `obs["pair"]` and differ in `obs["allele"]`.
    readouts
        Columns of measured values, one or several; or readout name -> what it is made of: a
        column; a list of columns (replicates: the readout is their mean); `mb.Counts` of RNA and
        DNA; `mb.Alleles`, where there are two sequences per line; `mb.Cycles` of SELEX. Empty
        cells and NA are not measured (NaN); TRUE and FALSE are 1 and 0.
    sigma
        Readout -> column of its standard error; `mb.Alleles` where there are two sequences per
        line.
    names
        Column names of a file that has none.
    alphabet
        "DNA", "RNA" or "protein".

    Returns
    -------
    AnnData
        `X` (n, n_readouts) holds the measured values, `obsm["replicates:<readout>"]` what they
        are the mean of, `layers["sigma"]` (n, n_readouts) their standard errors as named or as
        the replicates give them, `obs` all other columns. `uns["done"]` says in plain sentences
        what was done with the data.

    Raises
    ------
    InputError
        If a column is absent, a cell of a readout is no number (column and line are named), or a
        sequence has letters outside the alphabet.
    """
    known = named(alphabet)
    _refuse_no_names(names)
    request = make_request(sequence, readouts, sigma or {})
    cells = read_cells(path, names=names, has_header=lambda first: request.is_header(first, known))
    columns = request.find_sequences(cells)
    on_header = _on_header(request, cells) if names is None else []
    cells, rows = _find_rows(cells, columns)
    measured = _measure(request, cells, rows)
    obs, on_obs = _read_obs(request, cells, rows)
    lines, file = cells.lines[rows.lines].tolist(), cells.file
    names_of = [f"line{line}" for line in lines]
    if request.has_alleles:
        names_of = [f"{name}|{allele}" for name, allele in zip(names_of, rows.alleles)]
    done = [*rows.done, *on_header, *cells.done, *on_obs]
    for name, readout in measured.items():
        done += [*readout.done, *on_values(name, readout.values)]
    del cells  # a large table is not held twice
    collected = collect(
        names_of,
        rows.sequences,
        known,
        where=lambda row: f"The sequence in line {lines[row]} of {file}",
        obs=obs,
        done=done,
    )
    return _with_errors(collected, measured)


def _refuse_no_names(names: Any) -> None:
    is_list = isinstance(names, (list, tuple, np.ndarray, pd.Index)) and len(names) > 0
    if names is not None and not (is_list and all(isinstance(name, str) for name in names)):
        raise _check.InputError(
            f"`names` is {_check.shown(names)}; expected a name for each column of the file, such "
            'as ["sequence", "activity"].'
        )


@dataclass(frozen=True)
class _Rows:
    """The sequences of a table: one or two per line, as far as they are there.

    Parameters
    ----------
    sequences : n strings
    at : (n,)
        Which sequence of the table each is: line by line, the reference before the alternative.
    n_columns
        Sequences per line.
    """

    sequences: list[str]
    at: IntArray
    n_columns: int
    done: list[str]

    @property
    def lines(self) -> IntArray:
        """Which line of the table each sequence stands in, (n,)."""
        return self.at // self.n_columns

    @property
    def alleles(self) -> list[str]:
        """Return "ref" or "alt" of each sequence."""
        return [_ALLELES[number] for number in (self.at % self.n_columns).tolist()]


def _find_rows(cells: Cells, columns: list[int]) -> tuple[Cells, _Rows]:
    """Return the lines that hold a sequence, and their sequences."""
    found = [["".join(cell.split()) for cell in cells.columns[number]] for number in columns]
    is_there = np.array([[not is_blank(cell) for cell in column] for column in found]).T
    kept = np.flatnonzero(is_there.any(axis=1))
    if not len(kept):
        raise _check.InputError(
            f"{cells.file} has no sequence in column {cells.name(columns[0])!r}; expected letters."
        )
    done = [f"Read {counted(int(is_there.sum()), 'sequence')} from {cells.file}."]
    empty = cells.lines[~is_there.any(axis=1)].tolist()
    if empty:
        done.append(f"Left out {counted(len(empty), 'line')} without a sequence: {listed(empty)}.")
    single = cells.lines[is_there.sum(axis=1) == 1].tolist()
    if len(columns) == 2 and single:
        done.append(
            f"One of the two sequences is missing in {counted(len(single), 'line')} "
            f"({listed(single)}); the other one is kept."
        )
    at = np.flatnonzero(is_there[kept])
    lines, alleles = kept[at // len(columns)].tolist(), (at % len(columns)).tolist()
    rows = _Rows([found[a][line] for a, line in zip(alleles, lines)], at, len(columns), done)
    return cells if len(kept) == len(cells.lines) else cells.take(kept), rows


def _on_header(request: Request, cells: Cells) -> list[str]:
    """Say what the first line was taken for, where the user did not."""
    if not request.is_by_number:
        return []
    if cells.header is None:
        return ["The first line was read as data: the file has no column names."]
    return [f"Columns were called by number; their names are {listed(cells.header)}."]


def _measure(request: Request, cells: Cells, rows: _Rows) -> dict[str, Measured]:
    """Return the values of each readout, with the standard errors that were named."""
    measured = {
        name: measure(name, what, cells) for name, what in request.name_readouts(cells).items()
    }
    for name, what in request.sigma.items():
        _check.one_of(name, "sigma", measured)
        errors = measure(name, what, cells).values
        if np.nanmin(errors) < 0:
            line = cells.lines[np.nanargmin(errors) // rows.n_columns]
            raise _check.InputError(
                f"{cells.file}, line {line}: the standard error of {name!r} is "
                f"{np.nanmin(errors):g}; expected 0 or more. Name the right column in `sigma`."
            )
        measured[name] = replace(measured[name], sigma=errors)
    return {name: readout.take(rows.at) for name, readout in measured.items()}


def _read_obs(request: Request, cells: Cells, rows: _Rows) -> tuple[pd.DataFrame, list[str]]:
    """Return all other columns, one row per sequence, and what was done with them."""
    ours = (schema.PAIR, schema.ALLELE) if request.has_alleles else ()
    table, done = read_covariates(cells, request.used(cells), ours)
    table = table.rename(columns=request.count_columns(cells)).iloc[rows.lines]
    table = table.reset_index(drop=True)
    done += count_from_zero(table, [len(sequence) for sequence in rows.sequences])
    if request.has_alleles:
        table[schema.PAIR] = [f"line{line}" for line in cells.lines[rows.lines]]
        table[schema.ALLELE] = rows.alleles
    return table, done


def _with_errors(collected: Collected, measured: dict[str, Measured]) -> ad.AnnData:
    """Make the AnnData, with replicates and standard errors where there are some."""
    n = len(collected.names)
    values = pd.DataFrame({name: one.values for name, one in measured.items()}, index=range(n))
    adata = to_anndata(collected, values)
    sigma = np.full(adata.shape, np.nan, dtype=np.float32)
    for column, (name, readout) in enumerate(measured.items()):
        if readout.replicates is not None:
            key = schema.REPLICATES.format(readout=name)
            adata.obsm[key] = readout.replicates.astype(np.float32)
        if readout.sigma is not None:
            sigma[:, column] = readout.sigma
    if not np.isnan(sigma).all():
        adata.layers[schema.SIGMA] = sigma
    return adata
