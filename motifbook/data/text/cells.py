"""The cells of a table as text: CSV, TSV, blanks, Excel or Parquet, and where each row stands."""

from __future__ import annotations

import csv
import itertools
import os
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data.text import source
from motifbook.data.words import counted

PathLike = str | os.PathLike[str]
Column = str | int  # the name of a column, or its number, counted from 0
IntArray = npt.NDArray[np.int64]
Row = tuple[int, list[str]]  # its number in the file, its cells

_BLOCK = 20_000  # rows at a time
_LONG = 10_000  # characters; enough to tell whether a line is a remark
_TOP = 50  # lines that are looked at to tell what separates cells
_KINDS = {  # first character of files that are no table -> what they look like, what to do
    ">": ("FASTA", "Use `mb.read_fasta`."),
    "@": ("FASTQ", "Use `mb.read_fasta`."),
    "{": ("JSON", "Save it as .csv."),
}


@dataclass(frozen=True)
class Cells:
    """A table as text.

    Parameters
    ----------
    file
        Its name.
    header
        Names of the columns; None if the file has none.
    columns : n_columns lists of n strings
    lines : (n,)
        Number of each row in the file.
    done
        Sentences on what reading did.
    """

    file: str
    header: list[str] | None
    columns: list[list[str]]
    lines: IntArray
    done: list[str] = field(default_factory=list)

    def find(self, column: Column) -> int:
        """Return the number of a column.

        Raises
        ------
        InputError
            If there is no such column, or there are two of that name.
        """
        if isinstance(column, str):
            header = self.header or []
            if column not in header and header.count("") > 1:
                raise _check.InputError(
                    f"{self.file} has no column {column!r}, and {header.count('')} of its "
                    f"{len(header)} columns have no name in the first line; expected one each. "
                    "Unmerge merged cells, and leave one line of names."
                )
            _check.columns(header, [column], self.file)
            if header.count(column) > 1:
                raise _check.InputError(
                    f"Column {column!r} is named {header.count(column)} times in {self.file}; "
                    "expected once. Give each column its own name, or use its number, counted "
                    f"from 0: {header.index(column)}."
                )
            return header.index(column)
        is_number = isinstance(column, (int, np.integer)) and not isinstance(column, bool)
        if not is_number or not 0 <= column < len(self.columns):
            raise _check.InputError(
                f"Column {column!r} was asked for; expected the name of a column or its number. "
                f"{self.file} has {counted(len(self.columns), 'column')}, counted from 0."
            )
        return int(column)

    def name(self, column: Column) -> str:
        """Return the name of a column; "column 1" and so on where the file has no names."""
        number = self.find(column)
        name = self.header[number] if self.header else ""
        return name or f"column {number}"

    def text(self, column: Column) -> pd.Series[str]:
        """Return the cells of a column, (n,)."""
        return pd.Series(self.columns[self.find(column)], dtype=object)

    def take(self, rows: IntArray) -> Cells:
        """Return the given rows."""
        wanted = rows.tolist()
        columns = [[column[row] for row in wanted] for column in self.columns]
        return replace(self, columns=columns, lines=self.lines[rows])


def read_cells(
    path: PathLike,
    *,
    names: Sequence[str] | None = None,
    has_header: Callable[[list[str]], bool] = lambda first: True,
) -> Cells:
    """Read a table.

    Parameters
    ----------
    names
        Names of the columns, of a file that has none.
    has_header
        Tells from the cells of the first line whether they are names; not asked about Parquet,
        which always has names, and where `names` are given.

    Raises
    ------
    InputError
        If the file is absent, damaged, no table, or a line has more or fewer cells than others.
    """
    found = _check.existing_file(path)
    with found.open("rb") as stream:
        magic = stream.read(len(source.PARQUET))
    if magic == source.PARQUET:
        return _parquet(found)
    done: list[str] = []
    rows = _excel(found, done) if magic.startswith(b"PK\x03\x04") else _text(found)
    filled: Iterator[Row] = (row for row in rows if any(cell.strip() for cell in row[1]))
    first = next(filled, None)
    if first is None:
        raise _check.InputError(f"{found} holds no cells; expected a table.")
    header = list(names) if names is not None else None
    if header is None and has_header(first[1]):
        header = [" ".join(cell.split("\n")).strip().lstrip("#").strip() for cell in first[1]]
    else:
        filled = itertools.chain([first], filled)
    return _gather(filled, found.name, header, done, may_insert=names is None)


def _gather(
    rows: Iterator[Row], file: str, header: list[str] | None, done: list[str], *, may_insert: bool
) -> Cells:
    """Turn rows into columns, block by block."""
    first = next(rows, None)
    if first is None:
        nothing = f"{file} has a header and no further lines; expected sequences."
        raise _check.InputError(" ".join([nothing, *done]))  # done: which sheet was read
    width = len(header) if header else len(first[1])
    if header and may_insert and len(_trimmed(first[1], width)) == width + 1:
        header, width = ["row name", *header], width + 1  # R writes row names without a column name
    columns: list[list[str]] = [[] for _ in range(width)]
    lines = array("q")
    rows = itertools.chain([first], rows)
    while block := list(itertools.islice(rows, _BLOCK)):
        for number, row in enumerate(block):
            if len(row[1]) != width:
                block[number] = (row[0], _fitted(row, width, file, None if lines else header))
        lines.extend(line for line, _ in block)
        for column, values in zip(columns, zip(*(cells for _, cells in block))):
            column.extend(values)
    return Cells(file, header, columns, np.array(lines, dtype=np.int64), done)


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Drop empty cells at the end of a row that has more than `width`."""
    last = len(cells)
    while last > width and not cells[last - 1].strip():
        last -= 1
    return cells[:last]


def _fitted(row: Row, width: int, file: str, header: list[str] | None) -> list[str]:
    """Return as many cells as there are columns, or say what is wrong.

    `header` is given near the top of the file, where the fault may be that it is no header.
    """
    line, cells = row[0], _trimmed(row[1], width)
    if len(cells) == width:
        return cells
    way_out = (
        "Cells are separated by tab, comma or semicolon; one that contains the separator needs "
        "quotation marks."
    )
    if header:
        names = ", ".join(header)[:60]
        way_out += f" Columns were taken to be called {names!r}: remove that line if it is a title."
    raise _check.InputError(
        f"{file}, line {line} has {counted(len(cells), 'cell')}; expected {width}, one per "
        f"column. {way_out}"
    )


def _text(path: Path) -> Iterator[Row]:
    """Yield the rows of a text file, each with the number of the line where it starts."""
    lines = source.lines(path)
    n_before, first = next(((n, line) for n, line in enumerate(lines) if line.strip()), (0, ""))
    if not first:  # blanks of Unicode only
        return
    kind = _KINDS.get(first[0])
    if kind:
        raise _check.InputError(f"{path} looks like {kind[0]}; expected a table. {kind[1]}")
    top = [first, *itertools.islice(lines, _TOP)]
    n_remarks = _count_remarks(top)
    n_before, top = n_before + n_remarks, top[n_remarks:]
    delimiter = _delimiter(_whole_row(top))
    if re.fullmatch(r'"[^"]*"\s*', top[0]) and len(top) > 1:  # R: the only name, above two columns
        delimiter = _delimiter(top[1])
    if top[0].rstrip("\n") in ("sep=,", "sep=;", "sep=\t"):  # a line for Excel
        delimiter, n_before, top = top[0][4], n_before + 1, top[1:]
    lines = itertools.chain(top, lines)
    if delimiter is None:
        yield from ((n, _between_blanks(line)) for n, line in enumerate(lines, start=n_before + 1))
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    line = n_before + 1
    try:
        for cells in reader:
            yield line, cells
            line = n_before + reader.line_num + 1
    except csv.Error as error:
        raise _check.InputError(
            f"{path}, line {line}: {error}; expected cells separated by {delimiter!r}. Look for a "
            "quotation mark that is opened and not closed."
        ) from None


def _count_remarks(top: list[str]) -> int:
    """Return how many lines at the top are remarks: "#", and not as many cells as the next line."""
    filled = [number for number, line in enumerate(top) if line.strip()]
    for number, below in itertools.pairwise(filled):
        line, following = top[number][:_LONG], top[below][:_LONG].strip(" \t,;\n")
        if not line.startswith("#"):
            return number
        delimiter = _delimiter(following)
        between = delimiter if delimiter and delimiter in following else None
        n_cells, n_below = (_count_cells(text, between) for text in (line, following))
        if n_cells == n_below and not following.startswith("#"):
            return number
    return filled[-1]


def _count_cells(line: str, delimiter: str | None) -> int:
    if delimiter is None:
        return len(_between_blanks(line))
    return len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))


def _whole_row(top: list[str]) -> str:
    """Return the first lines, up to where their quotation marks are closed."""
    row = top[0]
    for line in top[1:]:
        if row.count('"') % 2 == 0:
            break
        row += line
    return row


def _delimiter(line: str) -> str | None:
    """Return what separates the cells of a line; None if it is blanks."""
    if "\t" in line:
        return "\t"
    delimiter = max(";,", key=line.count)
    return delimiter if delimiter in line or len(line.split()) == 1 else None


def _between_blanks(line: str) -> list[str]:
    """Return the cells of a line that blanks separate; those in quotation marks may hold some."""
    if '"' not in line:
        return line.split()
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|([^\s"]+)', line)]


def _excel(path: Path, done: list[str]) -> Iterator[Row]:
    try:
        sheets = pd.read_excel(
            path, None, header=None, dtype=str, keep_default_na=False, engine="openpyxl"
        )
    except ImportError:
        raise _not_installed(path, "Excel", "openpyxl") from None
    except Exception as error:  # whatever a broken book makes openpyxl raise
        raise _check.InputError(
            f"{path} could not be read as Excel ({_check.reason(error)}); expected .xlsx or text. "
            "Save it anew, or unpack it if it is another zip file."
        ) from None
    first = next(iter(sheets))
    if len(sheets) > 1:
        done.append(f"Read the first sheet, {first!r}, of {len(sheets)}.")
    for line, row in enumerate(sheets[first].to_numpy().tolist(), start=1):
        yield line, [str(cell) for cell in row]


def _parquet(path: Path) -> Cells:
    try:
        table = pd.read_parquet(path, engine="pyarrow")
    except ImportError:
        raise _not_installed(path, "Parquet", "pyarrow") from None
    except Exception as error:  # whatever a broken file makes pyarrow raise
        raise _check.InputError(
            f"{path} could not be read as Parquet ({_check.reason(error)}). Write or download it "
            "again."
        ) from None
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index(allow_duplicates=True)
    columns = [_written(table.iloc[:, number]) for number in range(table.shape[1])]
    done = ["Lines of Parquet are numbered as if the column names were line 1."]
    lines = np.arange(2, len(table) + 2)
    return Cells(path.name, [str(name) for name in table.columns], columns, lines, done)


def _written(column: pd.Series[Any]) -> list[str]:
    """Return cells as text; nothing where they are missing."""
    values, is_missing = column.astype(object).tolist(), column.isna().tolist()
    return [
        "" if missing else value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for value, missing in zip(values, is_missing)
    ]


def _not_installed(path: Path, kind: str, library: str) -> _check.InputError:
    return _check.InputError(
        f"{path.name} is {kind}, and {library} is not installed. Install it "
        f"(`pip install {library}`), or save the table as .csv."
    )
