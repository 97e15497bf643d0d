"""Motifs and their tests: one row each, with logo, effect and p-value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, PALE, WHITE, blend
from motifbook.plot.layout import frame, shorten
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, Text, boxes, ticks
from motifbook.plot.terms import logo_at
from motifbook.plot.tested_rows import Row, TestsLike, interval_words, logos_of, rows_of
from motifbook.plot.tests_layout import SIGN, RowLayout

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tests(
    tests: TestsLike | pd.DataFrame,
    *,
    readout: str | None = None,
    n: int = 40,
    ax: Axes | None = None,
) -> Axes:
    """Draw motifs with their effects, intervals and p-values.

    Parameters
    ----------
    tests
        From `mb.test_motifs`, or its table (then without logos).
    readout
        Draw this one only; all of them by default, on one axis.
    n
        Draw so many motifs; of more, those that are kept, then the smallest p-values.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If these are no tests, a column is missing, or there is no such readout.

    Notes
    -----
    Blue and filled: kept. Gray and open: not kept. The naive p-value, as if the motif had not been
    chosen with these values, is struck through: it is not valid. Of motifs tested one by one,
    Holm's p-value follows, which counts how many were tried. An arrow: the interval goes on.
    """
    from motifbook.plot import axes

    return axes.draw(tests_panel(tests, readout, n=n), ax)


def tests_svg(tests: TestsLike | pd.DataFrame, *, readout: str | None = None, n: int = 40) -> str:
    """Return `tests` as SVG text."""
    panel = tests_panel(tests, readout, n=n)
    rows = rows_of(tests, readout)
    summary = f"{int(rows['kept'].sum())} of {len(rows)} motifs are kept."
    return svg.write(Page([[panel]], "Tests of motifs", summary))


def tests_panel(
    tests: TestsLike | pd.DataFrame,
    readout: str | None = None,
    *,
    n: int = 40,
    chosen: int | None = None,
) -> Panel:
    """Describe `tests`; the row of the table `chosen` is shaded, and drawn in any case."""
    _check.whole_number(n, "n")
    every = rows_of(tests, readout)
    if not len(every):
        words = "No motif was tested."
        return Panel([Text(0, 0.5, words)], (0, 1), (0, 1), xticks=(), yticks=(), size=(480, 60))
    rows = _shown(every, n, chosen)
    layout = RowLayout.of(rows, logos_of(tests, rows))
    marks = [*_ground(layout, chosen), *_logos(layout), *_heads(layout)]
    for number in range(len(rows)):
        marks += [*_whisker(number, layout), *_numbers(number, layout)]
    effects = f"effect (readout units), with {interval_words(tests)}"
    panel = Panel(
        marks,
        (layout.first, layout.last),
        (0, layout.top),
        xlabel=effects if layout.has_effects else "",
        title=_title(every, rows),
        xticks=ticks(layout.low, layout.high, about=4) if layout.has_effects else (),
        yticks=[(y, _name(row)) for row, y in zip(layout.rows, layout.y)],
        has_y_line=False,
    )
    width = (layout.last - layout.first) / layout.unit + frame(panel).left + 8
    around = 62 if layout.has_effects else 28
    return replace(panel, size=(width, around + layout.row_pixels * layout.top))


def _shown(rows: pd.DataFrame, n: int, chosen: int | None) -> pd.DataFrame:
    """Up to `n` rows in the order of the table."""
    ranked = rows.assign(last=~rows["kept"].astype(bool)).sort_values(["last", "log_p"])
    best = ranked.index[:n]
    return rows[rows.index.isin(best) | (rows.index == (-1 if chosen is None else chosen))]


def _title(every: pd.DataFrame, rows: pd.DataFrame) -> str:
    names = every["readout"].astype(str).unique()
    title = shorten(names[0], 40) if len(names) == 1 else f"{len(names)} readouts"
    if len(rows) == len(every):
        return title
    return f"{title}: {len(rows)} of {len(every)} motifs, those kept and the smallest p-values"


def _name(row: Row) -> str:
    name = shorten(str(row["motif"]), 24)
    step = f"{row['step']} " if row["step"] else ""
    return f"\u2002{step}{name}"  # a space more: room for capitals


def _ground(layout: RowLayout, chosen: int | None) -> list[Mark]:
    """The row that is looked at, lines between rows, names of readouts, and zero."""
    n = layout.n_slots
    at = np.array([y for row, y in zip(layout.rows, layout.y) if row["row"] == chosen])
    ends = [layout.first, layout.last]
    marks: list[Mark] = [boxes((ends[0], ends[1]), (at - 0.5, at + 0.5), blend(PALE, 0.35))]
    marks += [Line(ends, [i, i], PALE, width=0.6) for i in range(1, n + 1)]
    if layout.has_effects:
        marks.append(Line([0, 0], [0, n], GRAY, width=1, dashed=True))
    for name, y in layout.heads:
        marks.append(boxes((ends[0], ends[1]), (y - 0.5, y + 0.5), WHITE))
        marks.append(Text(ends[0], y, shorten(name, 60), INK, offset=(0, -7), size=12))
    return marks


def _logos(layout: RowLayout) -> list[Mark]:
    size = layout.letter * layout.unit, 0.76
    return [
        logo_at(layout.logos[row["row"]], (layout.first, y - 0.38), size)
        for row, y in zip(layout.rows, layout.y)
        if row["row"] in layout.logos
    ]


def _heads(layout: RowLayout) -> list[Mark]:
    """Words above the columns, and what the signs mean."""
    marks: list[Mark] = []
    for head, _, left in layout.columns:
        sign = SIGN if head == "p-value" else 0.0
        color = GRAY if head == "naive" else INK
        at = layout.high + (left + sign) * layout.unit
        marks.append(Text(at, layout.n_slots, head, color, offset=(0, 6)))
    y = layout.n_slots + 30 / layout.row_pixels
    for left, words, is_kept in ((6.0, "kept", True), (52.0, "not kept", False)):
        at = layout.first + left * layout.unit
        marks += [*sign_of(is_kept, at, y), Text(at, y, words, INK, offset=(8, -4))]
    if layout.columns[-1][0] == "naive":
        words = "naive: as if not chosen; not valid"
        marks.append(Text(layout.last, y, words, GRAY, "end", (-4, -4)))
    return marks


def sign_of(is_kept: bool, x: float, y: float) -> list[Mark]:
    """A filled dot of a motif that is kept, an open one of another."""
    if is_kept:
        return [Dots([x], [y], BLUE, radius=4.5)]
    return [Dots([x], [y], GRAY, radius=4.5), Dots([x], [y], WHITE, radius=3)]


def _whisker(number: int, layout: RowLayout) -> list[Mark]:
    """The effect of a row, its interval, and an arrow where that goes on."""
    row, y = layout.rows[number], layout.y[number]
    effect, lower, upper = (float(row[name]) for name in ("effect", "lower", "upper"))
    if not np.isfinite(effect):
        return []
    color = BLUE if row["kept"] else GRAY
    marks: list[Mark] = []
    if lower < upper:
        ends = max(lower, layout.low), min(upper, layout.high)
        marks.append(Line(list(ends), [y, y], color, width=2))
        if lower < layout.low:
            marks.append(_arrow(layout.low, y, 1, layout, color))
        if upper > layout.high:
            marks.append(_arrow(layout.high, y, -1, layout, color))
    return [*marks, *sign_of(bool(row["kept"]), effect, y)]


def _arrow(tip: float, y: float, back: int, layout: RowLayout, color: str) -> Line:
    behind, half = tip + 6 * back * layout.unit, 4.5 / layout.row_pixels
    return Line([behind, tip, behind], [y - half, y, y + half], color, width=2)


def _numbers(number: int, layout: RowLayout) -> list[Mark]:
    """Effect and p-values of a row in figures."""
    is_kept, y = bool(layout.rows[number]["kept"]), layout.y[number]
    marks: list[Mark] = []
    for head, words, left in layout.columns:
        at = layout.high + left * layout.unit
        is_naive = head == "naive"
        color = INK if is_kept and not is_naive else GRAY
        shift = 0.0
        if head == "p-value":
            shift = SIGN
            marks += sign_of(is_kept, at + 4 * layout.unit, y)
        marks.append(Text(at, y, words[number], color, "start", (shift, -4), is_struck=is_naive))
    return marks
