"""Sequences and measured values from a table: CSV, TSV or Excel."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import schema, source
from motifbook.data.clean import counted, listed
from motifbook.data.collect import collect, to_anndata

PathLike = str | os.PathLike[str]

_MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", ".", "-"))
_BLANK = frozenset(("", "na", "n/a", "#n/a", "nan"))  # of other columns: "-" may be a strand
_WORDS = {"true": "1", "false": "0"}
_RESERVED = (schema.SEQUENCE, schema.SPLIT)  # `obs` columns that are ours


def read_table(
    path: PathLike,
    *,
    sequence: str = "sequence",
    readouts: str | Sequence[str] = (),
    names: Sequence[str] | None = None,
    alphabet: str | Alphabet = "DNA",
) -> ad.AnnData:
    """Read one sequence per line with its measured values.

    Parameters
    ----------
    path
        Comma-, tab- or semicolon-separated text, plain or packed with gzip, or .xlsx (first
        sheet). The first line names the columns.
    sequence
        Column of the sequences. Lines without a sequence are left out and counted.
    readouts
        Columns of measured values, one name or several. Empty cells and NA are not measured
        (NaN); TRUE and FALSE are 1 and 0.
    names
        Column names of a file that has none.
    alphabet
        "DNA", "RNA" or "protein".

    Returns
    -------
    AnnData
        `X` (n, n_readouts) holds the measured values; all other columns are in `obs`. `uns["done"]`
        says in plain sentences what was done with the data.

    Raises
    ------
    InputError
        If a column is absent, a cell of a readout is no number (column and line are named), or a
        sequence has letters outside the alphabet.
    """
    wanted = [readouts] if isinstance(readouts, str) else list(readouts)
    lines, rows, done = _cells(path)
    header = [str(name) for name in names] if names is not None else _header(rows.pop(0))
    if names is None:
        lines = lines[1:]
    file = Path(path).name
    _check_columns(header, [sequence, *wanted], rows, file)
    _trim(rows, len(header))
    if names is None and all(len(cells) == len(header) + 1 for cells in rows):
        header.insert(0, "row name")  # R writes row names without a column name
    _check_widths(header, rows, lines, file)
    table = pd.DataFrame(rows, columns=range(len(header)), dtype=object)
    letters = table[header.index(sequence)].str.replace(r"\s+", "", regex=True)
    keep = np.flatnonzero(~letters.str.lower().isin(_BLANK))
    if not len(keep):
        raise _check.InputError(f"{file} has no sequence in column {sequence!r}; expected letters.")
    done.insert(0, f"Read {counted(len(keep), 'sequence')} from {file}.")
    if len(keep) < len(table):
        empty = [lines[row] for row in sorted(set(range(len(table))) - set(keep.tolist()))]
        done.append(f"Left out {counted(len(empty), 'line')} without a sequence: {listed(empty)}.")
    table = table.iloc[keep].reset_index(drop=True)
    lines = [lines[row] for row in keep]
    values = {name: _numbers(table[header.index(name)], name, lines, file) for name in wanted}
    others, renamed = _others(table, header, {sequence, *wanted})
    collected = collect(
        [f"line{line}" for line in lines],
        letters.iloc[keep].tolist(),
        named(alphabet),
        where=lambda row: f"The sequence in line {lines[row]} of {file}",
        obs=others,
        done=[*done, *renamed, *_on_values(values)],
    )
    return to_anndata(collected, pd.DataFrame(values, index=range(len(keep))))


def _cells(path: PathLike) -> tuple[list[int], list[list[str]], list[str]]:
    """Return the line number and the cells of every line that is not blank."""
    found = _check.existing_file(path)
    with found.open("rb") as stream:
        is_excel = stream.read(4) == b"PK\x03\x04"
    done: list[str] = []
    if is_excel:
        numbered = list(enumerate(_excel(found, done), start=1))
    else:
        numbered = _text_cells(source.text(found), found)
    filled = [(line, cells) for line, cells in numbered if any(cell.strip() for cell in cells)]
    if not filled:
        raise _check.InputError(f"{found} holds no cells; expected a table.")
    return [line for line, _ in filled], [cells for _, cells in filled], done


def _text_cells(text: str, path: Path) -> list[tuple[int, list[str]]]:
    first = text.strip().split("\n", 1)[0]
    if first.startswith((">", "@")):
        kind, verb = ("FASTA", "`mb.read_fasta`") if first[0] == ">" else ("FASTQ", "FASTA first")
        raise _check.InputError(f"{path} looks like {kind}; expected a table. Use {verb}.")
    delimiter = max("\t,;", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise _check.InputError(
            f"{path}, line {reader.line_num}: {error}; expected cells separated by {delimiter!r}. "
            "Look for a quotation mark that is opened and not closed."
        ) from error


def _excel(path: Path, done: list[str]) -> list[list[str]]:
    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str, keep_default_na=False)
    except ImportError as error:
        raise _check.InputError(
            f"{path.name} is an Excel file, and openpyxl is not installed. Install it "
            "(`pip install openpyxl`), or save the table as .csv."
        ) from error
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        raise _check.InputError(
            f"{path} could not be read as Excel ({error}); expected .xlsx or text."
        ) from error
    first = next(iter(sheets))
    if len(sheets) > 1:
        done.append(f"Read the first sheet, {first!r}, of {len(sheets)}.")
    return [[str(cell) for cell in row] for row in sheets[first].to_numpy().tolist()]


def _header(cells: list[str]) -> list[str]:
    return [cell.strip().lstrip("#").strip() for cell in cells]


def _check_columns(header: list[str], wanted: list[str], rows: list[list[str]], file: str) -> None:
    for column in wanted:
        if not isinstance(column, str):
            raise _check.InputError(f"Column {column!r} was asked for; expected the name of one.")
    longest = max(header, key=len)
    if wanted[0] not in header and len(longest) > 5 and set(longest.upper()) <= set("ACGTUN"):
        raise _check.InputError(
            f"{file} has {longest[:20]!r} in its first line, which looks like a sequence and not "
            'like a column name. Name the columns yourself: `names=["sequence", "readout"]`.'
        )
    _check.columns(header, wanted, file)
    for column in wanted:
        n_times = header.count(column) + wanted.count(column) - 1
        if n_times > 1:
            raise _check.InputError(
                f"Column {column!r} is named {n_times} times for {file}; expected once. Give each "
                "column its own name, and name it either as sequence or as readout."
            )
    if not rows:
        raise _check.InputError(f"{file} has a header and no further lines; expected sequences.")


def _trim(rows: list[list[str]], width: int) -> None:
    """Drop empty cells at the end of lines that have more than `width`."""
    for cells in rows:
        while len(cells) > width and not cells[-1].strip():
            cells.pop()


def _check_widths(header: list[str], rows: list[list[str]], lines: list[int], file: str) -> None:
    for line, cells in zip(lines, rows):
        if len(cells) != len(header):
            raise _check.InputError(
                f"{file}, line {line} has {counted(len(cells), 'cell')}; expected {len(header)}, "
                "one per column name. Cells are separated by tab, comma or semicolon; one that "
                "contains the separator needs quotation marks."
            )


def _numbers(
    cells: pd.Series[str], column: str, lines: list[int], file: str
) -> npt.NDArray[np.float32]:
    """Return measured values, (n,); NaN where a cell says that nothing was measured."""
    text = cells.str.strip().str.lower()
    is_missing = text.isin(_MISSING).to_numpy()
    values = pd.to_numeric(text.replace(_WORDS), errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~is_missing & ~(np.abs(values) < np.finfo(np.float32).max))
    if len(bad):
        cell = cells.iloc[bad[0]].strip()
        hint = "Leave the cell empty where nothing was measured."
        if len(bad) == len(cells):
            hint = "This column holds words: name another one."
        if cell.replace(",", "", 1).lstrip("-").isdigit():
            hint = "Numbers need a decimal point, not a comma."
        raise _check.InputError(
            f"{file}, line {lines[bad[0]]}, column {column!r}: {cell!r} is no number; "
            f"expected one ({len(bad):,} such cells). {hint}"
        )
    if is_missing.all():
        raise _check.InputError(
            f"Column {column!r} of {file} holds no number; expected measured values. Leave it out "
            "of `readouts`."
        )
    return np.where(is_missing, np.nan, values).astype(np.float32)


def _on_values(values: dict[str, npt.NDArray[np.float32]]) -> list[str]:
    done = []
    for name, column in values.items():
        n_missing = int(np.isnan(column).sum())
        if n_missing:
            done.append(f"Readout {name!r}: {n_missing:,} of {len(column):,} not measured.")
        if np.nanmin(column) == np.nanmax(column):
            done.append(f"Readout {name!r} is {np.nanmin(column):g} for every sequence.")
    return done


def _others(
    table: pd.DataFrame, header: list[str], used: set[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the columns that are no readouts, as numbers where they are numbers."""
    columns: dict[str, pd.Series[str]] = {}
    done = []
    for number, name in enumerate(header):
        if name in used:
            continue
        column = _typed(table[number])
        is_split = name == schema.SPLIT and set(column.dropna()) <= set(schema.SPLITS)
        key = name or f"column {number + 1}"
        while key in columns or (key in _RESERVED and not is_split):
            key += " (file)"
        if key != name:
            done.append(f"Column {number + 1} ({name!r}) of the file is called {key!r} in `obs`.")
        columns[key] = column
    return pd.DataFrame(columns, index=table.index), done


def _typed(cells: pd.Series[str]) -> pd.Series[str]:
    text = cells.str.strip()
    filled = text.where(~text.str.lower().isin(_BLANK))
    has_ids = text.str.match(r"[+-]?0\d").any()  # 007 is a name, not a number
    numbers = pd.to_numeric(filled, errors="coerce")
    return filled if has_ids or numbers.notna().sum() < filled.notna().sum() else numbers
