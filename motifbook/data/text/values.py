"""What cells of measured values say: numbers, not measured, or something to mend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data.text.cells import Cells, Column

FloatArray = npt.NDArray[np.float64]

_LONGEST = 40  # characters of a cell that are shown
_MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", ".", "-")
_WORDS = {"true": "1", "false": "0"}
_HINTS = {  # what a cell that is no number looks like -> what to do
    r"\d{4}-\d\d-\d\d|\d{1,2}[-. ][a-z]{3}|[a-z]{3}[-. ]\d": (
        "Excel made a date of a number: give the column the format Number, and enter it again."
    ),
    r"[-+]?\d*,\d+$": (
        "Numbers need a decimal point, not a comma: replace the commas with a text editor, or give "
        "the column the format Number in Excel and save it as .xlsx."
    ),
    r"[-+]?\d{1,3}([,.'\s]\d{3})+": "Numbers need a decimal point, and nothing between thousands.",
    r".*\d\s*%": "Take the percent signs away.",
    "[\u2212\u2013]": "Its minus sign is a long dash: write -.",
    "#": "Excel could not compute it: mend the formula, or leave the cell empty.",
    r"[<>~]\s*\d": "Leave the cell empty where the value is not known exactly.",
}


def parse(text: pd.Series[str]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the numbers that cells hold, NaN where none was measured; and which are no numbers.

    TRUE and FALSE are 1 and 0. Infinite values, and those too large for float32, are no numbers.

    Examples
    --------
    >>> parse(pd.Series(["1.5", "NA", "TRUE", "high"]))
    (array([1.5, nan, 1. , nan]), array([False, False, False,  True]))
    """
    values = _check.parse_numbers(text)
    rest = np.flatnonzero(~_fits(values))
    words = text.iloc[rest].str.strip().str.lower()
    values[rest] = _check.parse_numbers(words.replace(_WORDS))
    is_bad = np.zeros(len(values), dtype=bool)
    is_bad[rest] = ~_fits(values[rest]) & ~words.isin(_MISSING).to_numpy()
    values[~_fits(values)] = np.nan
    return values, is_bad


def _fits(values: FloatArray) -> npt.NDArray[np.bool_]:
    fits: npt.NDArray[np.bool_] = np.abs(values) < np.finfo(np.float32).max
    return fits


def read_values(cells: Cells, column: Column) -> FloatArray:
    """Return the numbers of a column, (n,); NaN where a cell says that nothing was measured.

    Raises
    ------
    InputError
        If a cell is no number (its line is named), or no cell is one.
    """
    text, name = cells.text(column), cells.name(column)
    values, is_bad = parse(text)
    bad = np.flatnonzero(is_bad)
    if len(bad):
        line, what = cells.lines[bad[0]], _no_number(text, is_bad)
        if str(text.iloc[bad[0]]).strip() == name:
            what = f"the name of the column stands there again. Remove line {line}."
        raise _check.InputError(f"{cells.file}, line {line}, column {name!r}: {what}")
    if np.isnan(values).all():
        raise _check.InputError(
            f"Column {name!r} of {cells.file} holds no number; expected measured values. Leave it "
            "out, or name another one."
        )
    return values


def refuse_words(cells: Cells, columns: Sequence[int]) -> NoReturn:
    """Say why none of the columns holds numbers; the one that is nearest to it is shown."""
    parsed = {column: parse(cells.text(column))[1] for column in columns}
    column = min(parsed, key=lambda number: int(parsed[number].sum()))
    text, is_bad = cells.text(column), parsed[column]
    row = int(is_bad.argmax())  # the first one where all cells are empty
    what = _no_number(text, is_bad)
    if is_bad.all() or not is_bad.any():
        what = (
            f"{_cut(text.iloc[row])!r} is none. Expected measured values, such as 1 and 0: write "
            "numbers for words, and leave a cell empty where nothing was measured."
        )
    raise _check.InputError(
        f"{cells.file} has no column of numbers; in line {cells.lines[row]}, {what}"
    )


def _no_number(text: pd.Series[str], is_bad: npt.NDArray[np.bool_]) -> str:
    cell, n_bad = str(text.iloc[is_bad.argmax()]).strip(), int(is_bad.sum())
    such = f" ({n_bad:,} such cells)" if n_bad > 1 else ""
    return f"{_cut(cell)!r} is no number; expected one{such}. {_hint(cell, n_bad == len(text))}"


def _cut(cell: str) -> str:
    return cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…"


def _hint(cell: str, is_everywhere: bool) -> str:
    for pattern, hint in _HINTS.items():
        if re.match(pattern, cell.lower()):
            return hint
    if is_everywhere:
        return "This column holds words: name another one."
    return "Leave the cell empty where nothing was measured."


def on_values(name: str, values: npt.NDArray[Any]) -> list[str]:
    """Return sentences on what is odd about a readout, (n,)."""
    n_missing = int(np.isnan(values).sum())
    done = []
    if n_missing:
        done.append(f"Readout {name!r}: {n_missing:,} of {len(values):,} not measured.")
    if n_missing < len(values) and np.nanmin(values) == np.nanmax(values):
        done.append(f"Readout {name!r} is {np.nanmin(values):g} for every sequence.")
    return done
