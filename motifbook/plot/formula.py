"""The coefficients of a formula: one row per term, with its interval and the logo of its motif."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.coefficients import coefficients_panel
from motifbook.plot.colors import BLUE, GRAY, INK, PALE, SERIES, blend
from motifbook.plot.layout import frame, shorten, unit_words
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, Text, boxes, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks
from motifbook.plot.terms import SIGNIFICANT, FormulaLike, logo_at, logos_of, terms_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_READOUTS = 5  # side by side; more become a map
_ROW, _DOT, _LETTERS = 30.0, 12.0, (24.0, 36.0)  # pixels: row, between dots, logo
_COLUMN, _LOGO, _DOTS, _NUMBERS = 9.0, 190.0, 300.0, 150.0  # pixels: letter, logos, dots, numbers


def formula(
    formula: FormulaLike | pd.DataFrame,
    *,
    readout: str | None = None,
    n: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """Draw what one site of each motif adds to the readouts, with 95 % intervals.

    Parameters
    ----------
    formula
        From `mb.fit_formula`, or its table `coefficients` (then without logos). Motifs and
        interactions are drawn, strongest first; composition and other covariates are not.
    readout
        Draw this one only. By default all, side by side; more than five become the map of
        `coefficients`.
    n
        Draw so many motifs.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no formula, a column is missing, or there is no such readout.

    Notes
    -----
    Full color: q-value up to 0.05. Gray, or pale: above.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(formula, readout, n), ax)


def formula_svg(
    formula: FormulaLike | pd.DataFrame, *, readout: str | None = None, n: int = 20
) -> str:
    """Return `formula` as SVG text."""
    panel = _panel(formula, readout, n)
    summary = "Coefficients with 95 % intervals, the strongest first."
    return svg.write(Page([[panel]], "The linear formula", summary))


def _panel(formula: FormulaLike | pd.DataFrame, readout: str | None, n: int) -> Panel:
    _check.whole_number(n, "n")
    table = terms_of(formula, readout)
    if table["readout"].nunique() > _MOST_READOUTS:
        return coefficients_panel(formula, n=n)
    return dots_panel(table, logos_of(formula), n=n)


def dots_panel(
    table: pd.DataFrame,
    logos: Mapping[str, Motif],
    *,
    n: int = 20,
    chosen: str = "",
    off: Collection[str] = (),
) -> Panel:
    """Describe the coefficients in `table`; the motif `chosen` is shaded, terms `off` are faint."""
    rows = _strongest(table, n, chosen)
    rows = rows.assign(is_off=rows["term"].isin(off) | rows["group"].isin(off))
    if not len(rows):
        words = "No motif stands in this formula."
        return Panel([Text(0, 0.5, words)], (0, 1), (0, 1), xticks=(), yticks=(), size=(480, 60))
    readouts = list(dict.fromkeys(rows["readout"]))
    layout = _Layout.of(rows, logos, len(readouts))
    colors = dict(zip(readouts, [BLUE] if len(readouts) == 1 else cycle(SERIES)))
    entries = [Entry(shorten(name, 40), color) for name, color in colors.items()]
    key = key_lines(entries if len(readouts) > 1 else [])
    n_rows = len(layout.terms)
    top = n_rows + KEY_LINE * len(key) / layout.row_pixels
    marks = [
        *_shaded(rows, layout, chosen),
        *_ground(layout),
        *_logos(rows, layout),
        *key_marks(key, layout.first, top),
    ]
    marks += _whiskers(rows, layout, colors)
    if len(readouts) == 1:
        marks += _numbers(rows, layout)
    panel = Panel(
        marks,
        (layout.first, layout.last),
        (0, top),
        xlabel=f"what one site adds ({unit_words(rows['unit'])}), with 95 % interval",
        title=str(readouts[0]) if len(readouts) == 1 else "",
        xticks=ticks(layout.low, layout.high, about=5),
        yticks=[(layout.height(term), shorten(term, 30)) for term in layout.terms],
        has_y_line=False,
        size=(layout.pixels, 58 + layout.row_pixels * top),
    )
    return replace(panel, size=(layout.pixels + frame(panel).left + 8, panel.size[1]))


def _strongest(table: pd.DataFrame, n: int, chosen: str) -> pd.DataFrame:
    """Rows of the `n` motifs with the largest coefficients, the chosen one, then interactions."""
    group = table["motif"].where(table["kind"] == "motif", table["term"]).astype(str)
    size = table["coefficient"].abs().groupby(group).transform("max").fillna(-1.0)
    is_interaction = table["kind"] == "interaction"
    ordered = table.assign(group=group, size=size, last=is_interaction).sort_values(
        ["last", "size", "group"], ascending=[True, False, True], kind="stable"
    )
    drawn = {chosen, *ordered.loc[~ordered["last"], "group"].drop_duplicates().head(n)}
    return ordered[ordered["group"].isin(drawn) | ordered["last"]]


@dataclass(frozen=True)
class _Layout:
    """Where rows, logos, dots and numbers lie; the axis counts readout units."""

    terms: list[str]
    low: float  # of the axis of coefficients
    high: float
    unit: float  # readout units per pixel
    logos: Mapping[str, Motif]
    row_pixels: float
    n_dots: int  # per row

    @classmethod
    def of(cls, rows: pd.DataFrame, logos: Mapping[str, Motif], n_dots: int) -> _Layout:
        values = rows[["coefficient", "lower", "upper"]].to_numpy(np.float64)
        low, high = float(np.nanmin(values, initial=0)), float(np.nanmax(values, initial=0))
        room = 0.05 * (high - low) or 0.1
        row_pixels = max(_ROW, _DOT * (n_dots + 1))
        low, high = low - room, high + room
        terms = list(dict.fromkeys(rows["term"].astype(str)))
        return cls(terms, low, high, (high - low) / _DOTS, logos, row_pixels, n_dots)

    @property
    def letter(self) -> float:
        """Pixels of one letter of a logo."""
        widest = max((motif.width for motif in self.logos.values()), default=0)
        return min(_COLUMN, _LOGO / widest) if widest else 0.0

    @property
    def first(self) -> float:
        """Left end, where the logos begin."""
        widest = max((motif.width for motif in self.logos.values()), default=-2)
        return self.low - (widest + 2) * self.letter * self.unit

    @property
    def last(self) -> float:
        """Right end, behind the numbers."""
        return self.high + (_NUMBERS * self.unit if self.n_dots == 1 else 0.0)

    @property
    def pixels(self) -> float:
        """Width of all this."""
        return (self.last - self.first) / self.unit

    def height(self, term: str) -> float:
        """Middle of a row."""
        return len(self.terms) - self.terms.index(term) - 0.5


def _shaded(rows: pd.DataFrame, layout: _Layout, chosen: str) -> list[Mark]:
    """A band behind the rows of the motif that is looked at."""
    at = np.array([layout.height(term) for term in rows.loc[rows["group"] == chosen, "term"]])
    return [boxes((layout.first, layout.last), (at - 0.5, at + 0.5), blend(PALE, 0.35))]


def _ground(layout: _Layout) -> list[Mark]:
    """Lines between rows, and zero."""
    n = len(layout.terms)
    lines: list[Mark] = [
        Line([layout.first, layout.last], [i, i], PALE, width=0.6) for i in range(1, n)
    ]
    return [*lines, Line([0, 0], [0, n], GRAY, width=1, dashed=True)]


def _logos(rows: pd.DataFrame, layout: _Layout) -> list[Mark]:
    """A logo in the first row of each motif."""
    firsts = rows[rows["kind"] == "motif"].drop_duplicates("motif")
    tall = float(np.clip(0.7 * layout.row_pixels, *_LETTERS)) / layout.row_pixels
    return [
        logo_at(
            layout.logos[name],
            (layout.first, layout.height(term) - 0.5 * tall),
            (layout.letter * layout.unit, tall),
        )
        for name, term in firsts[["motif", "term"]].to_numpy().tolist()
        if name in layout.logos
    ]


def _whiskers(rows: pd.DataFrame, layout: _Layout, colors: Mapping[str, str]) -> list[Mark]:
    drawn: list[Mark] = []
    order = list(colors)
    for row in rows.to_dict("records"):
        if not np.isfinite(row["coefficient"]):
            continue
        place = (order.index(row["readout"]) - (len(order) - 1) / 2) * _DOT / layout.row_pixels
        y = layout.height(str(row["term"])) - place
        color = _color(row, colors[row["readout"]], is_alone=len(order) == 1)
        if row["lower"] < row["upper"]:
            drawn.append(Line([row["lower"], row["upper"]], [y, y], color, width=2))
        drawn.append(Dots([row["coefficient"]], [y], color, radius=4))
    return drawn


def _color(row: Mapping[Hashable, Any], color: str, *, is_alone: bool) -> str:
    if row["is_off"]:
        return PALE
    if row["q_value"] <= SIGNIFICANT:
        return color
    return GRAY if is_alone else blend(color, 0.4)


def _numbers(rows: pd.DataFrame, layout: _Layout) -> list[Mark]:
    """Coefficient and interval in figures, to the right."""
    drawn: list[Mark] = []
    at = layout.last
    for row in rows.to_dict("records"):
        words = f"{row['coefficient']:+.2f}"
        if row["lower"] < row["upper"]:
            words += f" ({row['lower']:+.2f} to {row['upper']:+.2f})"
        color = INK if row["q_value"] <= SIGNIFICANT and not row["is_off"] else GRAY
        words = words.replace("-", "\u2212") if np.isfinite(row["coefficient"]) else "not estimated"
        words = "off" if row["is_off"] else words
        drawn.append(Text(at, layout.height(str(row["term"])), words, color, "end", (0, -4)))
    return drawn
