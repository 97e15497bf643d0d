"""Regions of a BED file: BED3 to BED12, narrowPeak, broadPeak, gappedPeak."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, source
from motifbook.data.clean import counted

IntArray = npt.NDArray[np.int64]

_BLOCK = 100_000  # lines at a time: bounds memory
_STARTS = ("start", "chromstart", "chrom_start", "begin")  # how headers call column 2
_STRANDS = ("+", "-", ".")
_PEAK_COLUMNS = 10  # narrowPeak; the last one is the summit
_LONGEST_PLACE = 12  # digits


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
    texts = source.text(path).split("\n")
    for first in range(0, len(texts), _BLOCK):
        lines, rows = _cells(texts[first : first + _BLOCK], first)
        if rows and not parts and _is_header(rows[0], file):
            lines, rows = lines[1:], rows[1:]
        if rows:
            parts.append(_block(lines, rows, file))
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


def _cells(texts: list[str], first: int) -> tuple[list[int], list[list[str]]]:
    """Return line number and cells of every line that may be a region."""
    lines, rows = [], []
    for line, text in enumerate(texts, start=first + 1):
        cells = text.split("\t") if "\t" in text else text.split()
        if not text.strip() or text.startswith("#") or cells[0] in ("track", "browser"):
            continue
        lines.append(line)
        rows.append([cell.strip() for cell in cells] if " " in text else cells)
    return lines, rows


def _is_header(cells: list[str], file: str) -> bool:
    names = [cell.lower() for cell in cells]
    if len(names) < 3 or names[1] not in _STARTS:
        return False
    if "abs_summit" in names or names[3:4] == ["width"]:
        way_out = "use the .narrowPeak file beside it"
        maker = "MACS"
        if "width" in names:
            maker, way_out = "R (GRanges)", "export it with rtracklayer::export.bed"
        raise _check.InputError(
            f"{file} is a table of {maker}, which counts places from 1; expected BED, which counts "
            f"from 0. Its columns are {', '.join(cells[:6])}: {way_out}."
        )
    return True


def _block(lines: list[int], rows: list[list[str]], file: str) -> pd.DataFrame:
    """Check the cells of many lines at once and return their regions."""
    widths = [len(cells) for cells in rows]
    if min(widths) < 3:
        _refuse_few(rows, lines, file)
    starts, ends = _places(rows, 1, lines, file), _places(rows, 2, lines, file)
    backwards = np.flatnonzero(ends < starts)
    if len(backwards):
        row = int(backwards[0])
        raise _check.InputError(
            f"{file}, line {lines[row]}: start {starts[row]} lies behind end {ends[row]}; "
            "expected start < end."
        )
    summits = np.full(len(rows), np.nan)
    if set(widths) == {_PEAK_COLUMNS}:
        summits = _summits(rows, starts, ends)
    return pd.DataFrame(
        {
            schema.CHROM: np.array(_column(rows, 0), dtype=object),
            schema.START: starts,
            schema.END: ends,
            schema.STRAND: np.array(_strands(rows, lines, file), dtype=object),
            "name": np.array(_column(rows, 3), dtype=object),
            "score": pd.to_numeric(pd.Series(_column(rows, 4), dtype=object), errors="coerce"),
            "summit": summits,
            "line": lines,
        }
    )


def _column(rows: list[list[str]], column: int) -> list[str | None]:
    return [cells[column] if len(cells) > column else None for cells in rows]


def _places(rows: list[list[str]], column: int, lines: list[int], file: str) -> IntArray:
    places = [cells[column] for cells in rows]
    if _are_places(places):
        return np.array(places, dtype=np.int64)
    row = next(row for row, place in enumerate(places) if not _are_places([place]))
    raise _check.InputError(
        f"{file}, line {lines[row]}: {places[row]!r} is no place; expected a whole number, 0 or "
        f"more, as BED counts.{_guess(rows[row])}"
    )


def _are_places(cells: Sequence[str]) -> bool:
    digits = "".join(cells)
    return (
        all(cells)
        and digits.isascii()
        and digits.isdigit()
        and max(map(len, cells)) <= _LONGEST_PLACE
    )


def _strands(rows: list[list[str]], lines: list[int], file: str) -> list[str]:
    strands = [cells[5] if len(cells) > 5 else "." for cells in rows]
    if set(strands) <= set(_STRANDS):
        return strands
    row = next(row for row, strand in enumerate(strands) if strand not in _STRANDS)
    raise _check.InputError(
        f"{file}, line {lines[row]}: the strand (column 6) is {strands[row]!r}; expected +, - or ."
        f"{_guess(rows[row])}"
    )


def _summits(rows: list[list[str]], starts: IntArray, ends: IntArray) -> npt.NDArray[np.float64]:
    """Return summits of narrowPeak as offsets, (n,), -1 where there is none; NaN if it is none.

    Columns 7 to 9 of narrowPeak are numbers, or "." or "-" where a tool had none; the same columns
    of BED are places and a color, and column 10 counts blocks.
    """
    signal, p_value, q_value, summit = (
        pd.to_numeric(pd.Series(_column(rows, column)), errors="coerce") for column in range(6, 10)
    )
    is_peak = summit.mod(1).eq(0) & summit.ge(-1) & summit.lt(ends - starts)
    for column, values in zip((6, 7, 8), (signal, p_value, q_value)):
        is_peak &= values.notna() | pd.Series(_column(rows, column)).isin([".", "-"])
    is_thick = signal.between(starts, ends) & p_value.between(signal, ends)
    if not is_peak.all() or is_thick.all():
        return np.full(len(rows), np.nan)
    return summit.to_numpy(dtype=np.float64)


def _refuse_few(rows: list[list[str]], lines: list[int], file: str) -> None:
    row = next(row for row, cells in enumerate(rows) if len(cells) < 3)
    raise _check.InputError(
        f"{file}, line {lines[row]} has {counted(len(rows[row]), 'column')}; expected at least 3, "
        f"separated by tabs: chromosome, start, end.{_guess(rows[row])}"
    )


def _guess(cells: list[str]) -> str:
    """Say what a line that is no BED may be."""
    line = "\t".join(cells)
    guesses = {
        r">": "FASTA: a genome goes into `genome=`, sequences into `mb.read_fasta`",
        r"@": "FASTQ or SAM: call peaks first",
        r"[^\t]+[,;]\d+[,;]\d+": "a table with commas: save it with tabs",
        r"[^\t:]+:[\d,]+-[\d,]+": "chromosome:start-end: write the three in columns of their own",
        r"[^\t]+\t[^\t]*\t[^\t]*\t\d+\t\d+\t": "GFF or GTF: make BED of columns 1, 4 - 1 and 5",
        r"[^\t]+\t\d+\t[^\t]*\t[ACGTN]+\t": "VCF: variants are no regions",
        r"([^\t]+)\t\d+\t\d+\t\1\t\d+\t\d+": "BEDPE: join each pair of places into one region",
    }
    found = [guess for pattern, guess in guesses.items() if re.match(pattern, line)]
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
