"""Regions of a BED file: BED3 to BED12, narrowPeak, broadPeak, gappedPeak."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.genomes.plain_places import LONGEST_PLACE, OTHER_LINES, plain_places
from motifbook.data.text import source
from motifbook.data.words import counted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_BLOCK = 50_000  # lines at a time: bounds memory
_STARTS = ("start", "chromstart", "chrom_start", "begin")  # how headers call column 2
_STRANDS = ("+", "-", ".")
_PEAK_COLUMNS = 10  # narrowPeak; the last one is the summit
_MOST_COLUMNS = 15  # gappedPeak; what stands behind is not read
_EMPTY = [""] * _MOST_COLUMNS


def read_regions(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a BED or narrowPeak file: chrom, start, end, strand, center, line, and name, score.

    `center` is the summit if the file is narrowPeak, else the middle; `attrs["on"]` says which.

    Raises
    ------
    InputError
        If a line has fewer than 3 columns, or places that are no places.
    """
    file = Path(path).name if isinstance(path, (str, os.PathLike)) else str(path)
    parts: list[pd.DataFrame] = []
    texts = source.text(path).rstrip("\n").split("\n")
    for first in range(0, len(texts), _BLOCK):
        block = texts[first : first + _BLOCK]
        found = _plain_block(block, first, file)
        if found is None:
            lines, rows = _rows(block, first)
            if rows and not parts and _is_header(rows[0], file):
                lines, rows = lines[1:], rows[1:]
            found = _block(lines, rows, file) if rows else None
        if found is not None:
            parts.append(found)
    if not parts:
        raise _check.InputError(f"{file} holds no regions; expected lines: chromosome, start, end.")
    regions = pd.concat(parts, ignore_index=True)
    regions["center"] = (regions[schema.START] + regions[schema.END]) // 2
    on = "the middle of each region"
    summits = regions.pop("summit")
    if summits.notna().all() and (summits >= 0).any():
        at = (regions[schema.START] + summits).where(summits >= 0, regions["center"])
        regions["center"] = at.astype(np.int64)
        on = "the summit of each peak (column 10)"
    regions = regions.dropna(axis="columns", how="all")
    regions.attrs["on"] = on
    return regions


def _rows(texts: list[str], first: int) -> tuple[list[int], list[str]]:
    """Return number and text of every line that may be a region, cells separated by one tab."""
    lines, rows = [], []
    for line, text in enumerate(texts, start=first + 1):
        if not text.strip() or (text.startswith(OTHER_LINES) and _is_no_region(text)):
            continue
        lines.append(line)
        is_untidy = " " in text or '"' in text or "\t" not in text
        rows.append(_tidy(text) if is_untidy else text)
    return lines, rows


def _is_no_region(text: str) -> bool:
    return text.startswith("#") or text.split(maxsplit=1)[0] in OTHER_LINES


def _tidy(text: str) -> str:
    cells = text.split("\t") if "\t" in text else text.split()
    return "\t".join(cell.strip().strip('"') for cell in cells)  # R writes quotation marks


def _is_header(row: str, file: str) -> bool:
    names = row.lower().split("\t")
    if len(names) < 3 or names[1] not in _STARTS:
        return False
    if "abs_summit" in names or names[3:4] == ["width"]:
        maker, way_out = "MACS", "use the .narrowPeak file beside it"
        if "width" in names:
            maker, way_out = "R (GRanges)", "export it with rtracklayer::export.bed"
        raise _check.InputError(
            f"{file} is a table of {maker}, which counts places from 1; expected BED, which counts "
            f"from 0. Its columns are {', '.join(names[:6])}: {way_out}."
        )
    return True


@dataclass(frozen=True)
class _Block:
    """Lines of a file, cell by cell: `columns[i][row]` is empty where a line has no such cell."""

    file: str
    lines: Sequence[int] | IntArray
    rows: list[str]
    columns: list[list[str]]

    def column(self, number: int) -> list[str]:
        """Return the cells of a column, (n,)."""
        return self.columns[number] if number < len(self.columns) else [""] * len(self.rows)

    def numbers(self, number: int) -> FloatArray:
        """Return the numbers of a column, (n,), NaN where a cell is none."""
        if number >= len(self.columns):
            return np.full(len(self.rows), np.nan)
        cells = self.columns[number]
        if "_" not in "".join(cells):
            with contextlib.suppress(ValueError):  # the usual case: numbers in all rows
                return np.fromiter(map(float, cells), float, len(cells))
        return _check.parse_numbers(np.array(cells, dtype=object))

    def error(self, row: int, sentence: str) -> _check.InputError:
        """Return an error that names file and line, and what the line looks like."""
        where = f"{self.file}, line {self.lines[row]}"
        guess = _guess(self.rows[row]) or _guess(self.rows[0])
        return _check.InputError(f"{where}{sentence}{guess}")


def _plain_block(texts: list[str], first: int, file: str) -> pd.DataFrame | None:
    """Return the regions of lines that are all as they should be, else None."""
    found = plain_places(texts)
    if found is None or found.n_columns > _MOST_COLUMNS:
        return None
    columns: list[list[str]] = []
    if found.n_columns > 3:
        cells = "\t".join(texts).split("\t")
        columns = [cells[column :: found.n_columns] for column in range(found.n_columns)]
    block = _Block(file, np.arange(first + 1, first + 1 + len(texts)), texts, columns)
    is_narrow = found.n_columns == _PEAK_COLUMNS
    return _table(block, found.chroms, found.starts, found.ends, is_narrow=is_narrow)


def _block(lines: list[int], rows: list[str], file: str) -> pd.DataFrame:
    """Check the cells of many lines at once and return their regions."""
    widths = [1 + n_tabs for n_tabs in map(str.count, rows, itertools.repeat("\t"))]
    most = min(max(widths), _MOST_COLUMNS)
    even = rows
    if set(widths) != {most}:
        even = ["\t".join([*row.split("\t"), *_EMPTY][:most]) for row in rows]
    cells = "\t".join(even).split("\t")
    block = _Block(file, lines, rows, [cells[column::most] for column in range(most)])
    if min(widths) < 3:
        row = widths.index(min(widths))
        raise block.error(
            row,
            f" has {counted(widths[row], 'column')}; expected at least 3, separated by tabs: "
            "chromosome, start, end.",
        )
    starts, ends = _places(block, 1), _places(block, 2)
    if (ends < starts).any():
        row = int((ends < starts).argmax())
        raise block.error(
            row, f": start {starts[row]} lies behind end {ends[row]}; expected start < end."
        )
    chroms = np.array(block.column(0), dtype=object)
    return _table(block, chroms, starts, ends, is_narrow=set(widths) == {_PEAK_COLUMNS})


def _table(
    block: _Block,
    chroms: npt.NDArray[np.object_],
    starts: IntArray,
    ends: IntArray,
    *,
    is_narrow: bool,
) -> pd.DataFrame:
    """Return regions with whatever else their lines say."""
    return pd.DataFrame(
        {
            schema.CHROM: chroms,
            schema.START: starts,
            schema.END: ends,
            schema.STRAND: np.array(_strands(block), dtype=object),
            "name": _names(block),
            "score": block.numbers(4),
            "summit": _summits(block, starts, ends) if is_narrow else np.nan,
            "line": np.array(block.lines, dtype=np.int64),
        }
    )


def _places(block: _Block, column: int) -> IntArray:
    places = block.column(column)
    if _are_places(places):
        return np.fromiter(map(int, places), np.int64, len(places))
    row = next(row for row, place in enumerate(places) if not _are_places([place]))
    raise block.error(
        row, f": {places[row]!r} is no place; expected a whole number, 0 or more, as BED counts."
    )


def _are_places(cells: Sequence[str]) -> bool:
    digits = "".join(cells)
    return (
        all(cells)
        and digits.isascii()
        and digits.isdigit()
        and max(map(len, cells)) <= LONGEST_PLACE
    )


def _names(block: _Block) -> npt.NDArray[np.object_]:
    """Return the names of regions, (n,), None where there is none."""
    if len(block.columns) <= 3:
        return np.full(len(block.rows), None, dtype=object)
    return np.array([name or None for name in block.column(3)], dtype=object)


def _strands(block: _Block) -> list[str]:
    if len(block.columns) <= 5:
        return ["."] * len(block.rows)
    strands = [strand or "." for strand in block.column(5)]
    if set(strands) <= set(_STRANDS):
        return strands
    row = next(row for row, strand in enumerate(strands) if strand not in _STRANDS)
    raise block.error(row, f": the strand (column 6) is {strands[row]!r}; expected +, - or .")


def _summits(block: _Block, starts: IntArray, ends: IntArray) -> FloatArray:
    """Return summits of narrowPeak as offsets, (n,), -1 where there is none; NaN if it is none.

    Columns 7 to 9 of narrowPeak are numbers, or "." or "-" where a tool had none; the same columns
    of BED are places and a color, and column 10 counts blocks.
    """
    summits = block.numbers(9)
    is_peak = (summits % 1 == 0) & (summits >= -1) & (summits < ends - starts)
    values = [block.numbers(column) for column in (6, 7, 8)]
    for column, found in zip((6, 7, 8), values):
        if np.isnan(found).any():
            is_peak &= ~np.isnan(found) | np.isin(block.column(column), [".", "-"])
    is_thick = (starts <= values[0]) & (values[0] <= values[1]) & (values[1] <= ends)
    if not is_peak.all() or is_thick.all():
        return np.full(len(starts), np.nan)
    return summits


def _guess(row: str) -> str:
    """Say what a line that is no BED may be."""
    guesses = {
        r">": "FASTA: a genome goes into `genome=`, sequences into `mb.read_fasta`",
        r"@": "FASTQ or SAM: call peaks first",
        r"[^\t,;]+[,;][^\t,;]+[,;][^\t,;]+": "a table with commas: save it with tabs",
        r"[^\t:]+:[\d,]+-[\d,]+": "chromosome:start-end: write the three in columns of their own",
        r"[^\t]+\t[^\t]*\t\D[^\t]*\t\d+\t\d+\t": "GFF or GTF: make BED of columns 1, 4 - 1 and 5",
        r"[^\t]+\t\d+\t[^\t]*\t[ACGTN]+\t": "VCF: variants are no regions",
        r"([^\t]+)\t\d+\t\d+\t\1\t\d+\t\d+": "BEDPE: join each pair of places into one region",
    }
    found = [guess for pattern, guess in guesses.items() if re.match(pattern, row)]
    return f" It looks like {found[0]}." if found else ""


def overlapping(
    chroms: npt.NDArray[np.object_], starts: IntArray, length: int, taken: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Return whether each window of one length overlaps one of the taken regions, (n,)."""
    overlaps = np.zeros(len(starts), dtype=bool)
    rows_of = pd.Series(starts).groupby(chroms, sort=False).indices
    for chrom, regions in taken.groupby(schema.CHROM, sort=False):
        rows = rows_of.get(chrom, np.zeros(0, dtype=np.int64))
        begins, furthest = _merged(regions)
        n_before = np.searchsorted(begins, starts[rows] + length, side="left")
        overlaps[rows] = furthest[n_before] > starts[rows]
    return overlaps


def free_stretches(taken: pd.DataFrame, size: int) -> tuple[IntArray, IntArray]:
    """Return starts and ends of what no taken region covers on a chromosome of that size."""
    begins, furthest = _merged(taken)
    starts = np.maximum(furthest, 0)
    ends = np.minimum(np.append(begins, size), size)  # regions may lie beyond the end
    is_free = ends > starts
    return starts[is_free], ends[is_free]


def _merged(regions: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Return sorted starts, (n,), and the furthest end before each place among them, (n + 1,)."""
    ordered = regions.sort_values(schema.START)
    ends = ordered[schema.END].to_numpy(dtype=np.int64)
    furthest = np.concatenate([[-1], np.maximum.accumulate(ends)])
    return ordered[schema.START].to_numpy(dtype=np.int64), furthest
