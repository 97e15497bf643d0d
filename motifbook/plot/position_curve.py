"""What a site of a motif is worth, by where in the sequence it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, SERIES
from motifbook.plot.layout import shorten, unit_words
from motifbook.plot.panel import Line, Mark, Page, Panel, area, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("readout", "motif", "start", "end", "coefficient", "lower", "upper", "unit")
_MOST = 5  # curves that can be told apart


def position_curve(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw what one site adds, by its position, with 95 % intervals.

    Parameters
    ----------
    table
        Rows of one motif of `formula.coefficients`, fitted with `positions=` a number of bins; or
        a smooth curve as a table with the same columns: readout, motif, start, end, coefficient,
        lower, upper, unit, each row from letter `start` to before `end`.
    title
        Words above it; the motif by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, there are no rows, or rows of several motifs.
    """
    from motifbook.plot import axes

    return axes.draw(curve_panel(table, title=title), ax)


def position_curve_svg(table: pd.DataFrame, *, title: str = "") -> str:
    """Return `position_curve` as SVG text."""
    panel = curve_panel(table, title=title)
    return svg.write(Page([[panel]], f"Worth of a site by its position: {panel.title}"))


def curve_panel(
    table: pd.DataFrame,
    *,
    title: str = "",
    size: tuple[float, float] = (560, 260),
    at: tuple[float, float] | None = None,
) -> Panel:
    """Describe `position_curve`; letters from `at[0]` to before `at[1]` are shaded."""
    rows = _rows(table)
    values = rows[["coefficient", "lower", "upper"]].to_numpy(np.float64)
    low, high = float(np.nanmin(values, initial=0)), float(np.nanmax(values, initial=0))
    room = 0.08 * (high - low) or 0.1
    low, high = low - room, high + room
    first, last = float(rows["start"].min()), float(rows["end"].max())
    readouts = list(dict.fromkeys(rows["readout"].astype(str)))[:_MOST]
    colors = dict(zip(readouts, SERIES))
    entries = [Entry(shorten(name, 40), color) for name, color in colors.items()]
    key = key_lines(entries if len(readouts) > 1 else [])
    top = high + KEY_LINE * len(key) * (high - low) / (size[1] - 80)
    marks: list[Mark] = [] if at is None else [area(at, [low] * 2, [high] * 2, GRAY, 0.15)]
    marks.append(Line([first, last], [0, 0], GRAY, width=1, dashed=True))
    for name, color in colors.items():
        marks += _steps(rows[rows["readout"].astype(str) == name], color)
    return Panel(
        [*marks, *key_marks(key, first, top)],
        (first, last),
        (low, top),
        xlabel="position in the sequence",
        ylabel=f"one site adds ({unit_words(rows['unit'])})",
        title=shorten(title or str(rows["motif"].iloc[0]), 50),
        yticks=ticks(low, high, about=5),
        size=size,
    )


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    _check.table(table, "table", "rows of `formula.coefficients`")
    _check.columns(table.columns, _COLUMNS, "`table`")
    motifs = table["motif"].unique().tolist()
    if len(motifs) != 1:
        raise _check.InputError(
            f"`table` has rows of {len(motifs)} motifs; expected those of one, such as "
            'table[table["motif"] == "GATA1"].'
        )
    return table.sort_values("start", kind="stable")


def _steps(rows: pd.DataFrame, color: str) -> list[Mark]:
    """The coefficient from the first to the last letter of each row, over its interval."""
    along = rows[["start", "end"]].to_numpy(np.float64).ravel()
    value, lower, upper = (
        np.repeat(rows[column].to_numpy(np.float64), 2)
        for column in ("coefficient", "lower", "upper")
    )
    marks: list[Mark] = []
    known = np.isfinite(lower) & np.isfinite(upper)
    if known.any():
        marks.append(area(along[known], lower[known], upper[known], color, 0.2))
    drawn = np.isfinite(value)
    return [*marks, Line(along[drawn], value[drawn], color, width=2)] if drawn.any() else marks
