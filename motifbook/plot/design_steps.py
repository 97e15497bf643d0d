"""The way of one design: what each edit did to the prediction, and in words what it was."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, ORANGE, VERMILLION, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Line, Mark, Page, Panel, Text, boxes, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("design", "step", "edit", "readout", "before", "after", "effect", "unit")
_MOST = 16  # edits drawn; those around the current step, if there are more
_LINES = 4  # of words of an edit
_LINE, _PAD, _HEAD, _FOOT = 14.0, 10.0, 22.0, 40.0  # pixels: a line of words, around them
_WORDS, _WAY = 214.0, 150.0  # pixels: the words of the edits, the way itself
_AFTER, _EFFECT, _LAST = 44.0, 122.0, 124.0  # pixels right of the way: numbers end there
_NUMBER, _CHARACTER = 22.0, 5.7  # pixels: left of the words, one character
_NOW = blend(ORANGE, 0.3)

WIDTH = _WORDS + _WAY + _LAST + 12


def design_steps(
    edits: pd.DataFrame,
    design: str,
    *,
    readout: str | None = None,
    step: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the prediction after each edit of a design, with the edits in words.

    Parameters
    ----------
    edits
        `designs.edits` of `mb.design`.
    design
        Name of the design.
    readout
        Name; by default the first of the design's edits.
    step
        Number of the edit that is marked, 0 for the start; none by default. Of more than 16 edits
        those around it are drawn, or the last.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, or there is no such design, readout or step.
    """
    from motifbook.plot import axes

    return axes.draw(steps_panel(_own(edits, design), readout, step), ax)


def design_steps_svg(
    edits: pd.DataFrame, design: str, *, readout: str | None = None, step: int | None = None
) -> str:
    """Return `design_steps` as SVG text."""
    own = _own(edits, design)
    panel = steps_panel(own, readout, step)
    return svg.write(Page([[panel]], f"Edits of {design}", summary_of(own, readout)))


def _own(edits: pd.DataFrame, design: str) -> pd.DataFrame:
    """The edits of one design."""
    _check.table(edits, "edits", "`designs.edits` of `mb.design`")
    _check.columns(edits.columns, _COLUMNS, "`edits`")
    _check.one_of(design, "design", edits["design"].unique())
    return edits[edits["design"] == design]


def of_readout(edits: pd.DataFrame, readout: str | None) -> pd.DataFrame:
    """The edits of one design as one readout sees them, in order; the first one for None.

    Raises
    ------
    InputError
        If a column is missing, or there is no such readout.
    """
    _check.table(edits, "edits", "`designs.edits` of `mb.design`")
    _check.columns(edits.columns, _COLUMNS, "`edits`")
    if not len(edits):
        return edits
    names = edits["readout"].unique()
    shown = names[0] if readout is None else readout
    _check.one_of(shown, "readout", names)
    return edits[edits["readout"] == shown].sort_values("step", kind="stable")


def summary_of(edits: pd.DataFrame, readout: str | None) -> str:
    """The way of a design in a sentence."""
    own = of_readout(edits, readout)
    if not len(own):
        return "No edits."
    first, last = own["before"].iloc[0], own["after"].iloc[-1]
    name, n = own["readout"].iloc[0], len(own)
    told = f"{n} edit{'s' if n > 1 else ''}: prediction of {name} from {first:.3g} to {last:.3g}."
    return told.replace("-", "\u2212")


@dataclass(frozen=True)
class _Row:
    """The start, or an edit: its words, what it began with, what it led to."""

    step: int
    lines: list[str]
    before: float
    after: float
    effect: float

    @property
    def height(self) -> float:
        """In pixels."""
        return _LINE * len(self.lines) + _PAD


def steps_panel(edits: pd.DataFrame, readout: str | None = None, step: int | None = None) -> Panel:
    """Describe `design_steps` as a panel of a larger page; `edits` are those of one design.

    Its units are pixels.
    """
    own = of_readout(edits, readout)
    if not len(own):
        words: list[Mark] = [Text(0, 12, "No edits yet: this is the start.", GRAY)]
        return Panel(words, (0, WIDTH), (0, 40), xticks=(), yticks=(), size=(WIDTH + 4, 66))
    last = int(own["step"].iloc[-1])
    if step is not None:
        _check.whole_number(step, "step", low=0, high=last)
    first, end = _shown(len(own), step)
    rows = _rows(own, first, end)
    height = _HEAD + sum(row.height for row in rows) + _FOOT
    marks = _row_marks(rows, height - _HEAD, step)
    marks += _heads(own, height)
    marks += _axis(rows)
    if end - first < len(own):
        left_out = f"not drawn: {first} edits before, {len(own) - end} after"
        marks.append(Text(0, 4, left_out, GRAY))
    name = shorten(str(own["readout"].iloc[0]), 40)
    return Panel(
        marks,
        (0, WIDTH),
        (0, height),
        title=f"What each edit does to {name}",
        xticks=(),
        yticks=(),
        size=(WIDTH + 4, height + 24),
    )


def _shown(n: int, step: int | None) -> tuple[int, int]:
    """First and end of up to 16 of `n` edits, around `step`."""
    middle = n if step is None else step
    first = int(np.clip(middle - _MOST // 2, 0, max(n - _MOST, 0)))
    return first, min(first + _MOST, n)


def _rows(own: pd.DataFrame, first: int, end: int) -> list[_Row]:
    """The start and the edits from `first` on."""
    start = float(own["before"].iloc[0])
    rows = [_Row(0, ["start"], start, start, 0.0)]
    shown = own.iloc[first:end][["step", "edit", "before", "after", "effect"]]
    for step, edit, before, after, effect in shown.itertuples(index=False):
        width = int((_WORDS - _NUMBER) / _CHARACTER)
        lines = textwrap.wrap(str(edit), width, max_lines=_LINES, placeholder=" \u2026") or [""]
        rows.append(_Row(int(step), lines, float(before), float(after), float(effect)))
    return rows


def _scale(rows: list[_Row]) -> tuple[float, float, float]:
    """Ends of the way, and pixels per unit."""
    ends = [value for row in rows for value in (row.before, row.after)]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low) or 0.1
    return low - room, high + room, _WAY / (high - low + 2 * room)


def _row_marks(rows: list[_Row], top: float, step: int | None) -> list[Mark]:
    """Words, box and numbers of every row; the current one is shaded."""
    low, _, per_unit = _scale(rows)
    marks: list[Mark] = []
    previous: tuple[float, float] | None = None  # where the row above ended
    for row in rows:
        bottom, middle = top - row.height, top - row.height / 2
        if row.step == step:
            marks.append(boxes((0, WIDTH), (bottom, top), _NOW))
        x = [_WORDS + 8 + (value - low) * per_unit for value in (row.before, row.after)]
        color = BLUE if row.effect >= 0 else VERMILLION
        if previous is not None:
            marks.append(Line([x[0], x[0]], [previous[1], middle + 6], GRAY, width=1))
        left, right = min(x), max(x)
        slim = max(0.0, 2.0 - (right - left)) / 2  # the start, and edits that do nothing
        marks.append(boxes((left - slim, right + slim), (middle - 6, middle + 6), color))
        marks += _words(row, top, middle, color)
        previous, top = (x[1], middle - 6), bottom
    return marks


def _words(row: _Row, top: float, middle: float, color: str) -> list[Text]:
    drawn = [
        Text(_NUMBER, top - _PAD / 2, words, INK, offset=(0, -10 - _LINE * line))
        for line, words in enumerate(row.lines)
    ]
    right = _WORDS + 8 + _WAY
    drawn.append(Text(right + _AFTER, middle, _number(row.after, "#.3g"), INK, "end", (0, -4)))
    if row.step:
        drawn.append(Text(_NUMBER - 6, top - _PAD / 2, str(row.step), GRAY, "end", (0, -10)))
        effect = _number(row.effect, "+.2f")
        drawn.append(Text(right + _EFFECT, middle, effect, color, "end", (0, -4)))
    return drawn


def _heads(own: pd.DataFrame, height: float) -> list[Text]:
    """What the columns of numbers are."""
    right, y = _WORDS + 8 + _WAY, height - _HEAD
    unit = "effect, logit" if str(own["unit"].iloc[0]) == "logit" else "effect"
    return [
        Text(right + _AFTER, y, "after", GRAY, "end", (0, 8)),
        Text(right + _EFFECT, y, unit, GRAY, "end", (0, 8)),
    ]


def _axis(rows: list[_Row]) -> list[Mark]:
    """Round values below the way."""
    low, high, per_unit = _scale(rows)
    left, y = _WORDS + 8, _FOOT - 4
    marks: list[Mark] = [Line([left, left + _WAY], [y, y], INK, width=1)]
    for value, words in ticks(low, high, about=4):
        x = left + (value - low) * per_unit
        marks.append(Line([x, x], [y, y - 4], INK, width=1))
        marks.append(Text(x, y, words, INK, "middle", (0, -15)))
    marks.append(Text(left + _WAY / 2, y, "prediction", INK, "middle", (0, -30)))
    return marks


def _number(value: float, form: str) -> str:
    words = f"{value:{form}}".rstrip(".")
    return "0" if float(words) == 0 else words.replace("-", "\u2212")
