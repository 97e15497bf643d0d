"""Columns of a table that are neither sequences nor readouts: they go into `obs`."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.text.cells import Cells

_RESERVED = "_index"  # by .h5ad
LARGEST_WHOLE = 2.0**53  # beyond, floats skip whole numbers
_BLANK = ("", "na", "n/a", "#n/a", "nan")  # "-" may be a strand


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing."""
    return len(cell) < 5 and cell.lower() in _BLANK


def read_covariates(
    cells: Cells, used: Collection[int], reserved: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Return the columns that are not `used`, numbers as numbers, and what was done with them.

    Names that are ours (`reserved`, "_index", and "sequence" and "split" unless it holds our words)
    get " (file)" behind them. Columns without a name and without content are left out.
    """
    columns: dict[str, pd.Series[str]] = {}
    done = []
    for number in range(len(cells.columns)):
        if number in used:
            continue
        column = _typed(cells.text(number))
        given = cells.header[number] if cells.header else ""
        if not given and column.isna().all():
            continue
        key = cells.name(number)
        is_split = key == schema.SPLIT and set(column.dropna()) <= set(schema.SPLITS)
        ours = {schema.SEQUENCE, _RESERVED, *reserved} | (set() if is_split else {schema.SPLIT})
        while key in columns or key in ours:
            key += " (file)"
        if given and key != given:
            done.append(f"Column {given!r} of {cells.file} is called {key!r} in `obs`.")
        columns[key] = column
    table = pd.DataFrame(columns, index=range(len(cells.lines)))
    return table, done


def _typed(text: pd.Series[str]) -> pd.Series:
    """Return numbers if all that is filled are numbers, else text; NaN where nothing is filled."""
    stripped = text.str.strip()
    filled = stripped.where(~stripped.str.lower().isin(_BLANK))
    numbers: pd.Series = pd.Series(_check.parse_numbers(filled), index=text.index)
    if (numbers.abs() < LARGEST_WHOLE).all() and (numbers % 1 == 0).all():
        numbers = numbers.astype(np.int64)
    has_words = numbers.notna().sum() < filled.notna().sum()
    has_ids = has_words or stripped.str.match(r"[+-]?0\d").any()  # 007 is a name, not a number
    return filled if has_ids else numbers


def count_from_zero(table: pd.DataFrame, lengths: list[int]) -> list[str]:
    """Let regions start one letter earlier if all count from 1, end included; say so.

    `table` has a row per sequence and `lengths` (n,) their letters. Regions of another length are
    left alone.
    """
    if not {schema.CHROM, schema.START, schema.END} <= set(table):
        return []
    places = table[[schema.START, schema.END]].apply(_check.parse_numbers)
    surplus = places[schema.END] - places[schema.START] - lengths
    if not (surplus.dropna() == -1).all() or surplus.isna().all():
        return []
    table[schema.START] = places[schema.START] - 1
    return [f"Regions count from 1 in the file: 1 was taken from {schema.START!r}, as BED counts."]
