"""All coefficients at once: a map of motifs by readouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, INK, PALE, WHITE
from motifbook.plot.layout import frame, shorten, unit_words
from motifbook.plot.panel import Dots, FloatArray, Mark, Page, Panel, Text, boxes
from motifbook.plot.shades import LEVELS, levels, shade, strip
from motifbook.plot.terms import SIGNIFICANT, FormulaLike, logo_at, logos_of, terms_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SORTED_FROM = 4  # rows or columns from which similar ones are put side by side
_WIDE, _HIGH = 1000.0, 720.0  # pixels that a map takes where it can
_READABLE = 44.0  # pixels of a column from which numbers stand in it
_CELL, _ROW = (9.0, 56.0), (13.0, 30.0)  # pixels, least and most
_COLUMN, _LOGO, _MOST_LOGOS = 8.0, 160.0, 40  # pixels of a letter, of a logo; motifs with logos


def coefficients(
    formula: FormulaLike | pd.DataFrame, *, n: int = 60, ax: Axes | None = None
) -> Axes:
    """Draw a map of coefficients, motifs by readouts, similar ones side by side.

    Parameters
    ----------
    formula
        From `mb.fit_formula`, or its table `coefficients` (then without logos).
    n
        Draw so many terms, those with the largest coefficients.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no formula, or a column is missing.

    Notes
    -----
    Orange: more of the readout with every site, blue: less. A dot, or a star behind the number:
    q-value up to 0.05. Rows and columns are in the order of average-linkage clusters.
    """
    from motifbook.plot import axes

    return axes.draw(coefficients_panel(formula, n=n), ax)


def coefficients_svg(formula: FormulaLike | pd.DataFrame, *, n: int = 60) -> str:
    """Return `coefficients` as SVG text."""
    panel = coefficients_panel(formula, n=n)
    return svg.write(Page([[panel]], "Coefficients of motifs by readouts"))


def coefficients_panel(formula: FormulaLike | pd.DataFrame, *, n: int = 60) -> Panel:
    """Describe `coefficients`."""
    _check.whole_number(n, "n")
    table = terms_of(formula)
    if not len(table):
        words = "No motif stands in this formula."
        return Panel([Text(0, 0.5, words)], (0, 1), (0, 1), xticks=(), yticks=(), size=(480, 60))
    drawn = _Map.of(table, logos_of(formula), n)
    below = 16 + 6.2 * drawn.letter / 11 * max(len(shorten(name, 28)) for name in drawn.readouts)
    sign = "star" if drawn.cell >= _READABLE else "dot"
    unit = f"{unit_words(table['unit'])} per site; {sign}: q \u2264 {SIGNIFICANT:g}"
    last = max(len(drawn.readouts), (7 * (2 * LEVELS + 1) + 16 + 6.2 * len(unit)) / drawn.cell)
    corner = 0.0, len(drawn.terms) + 12 / drawn.row_pixels
    marks = [*_cells(drawn), *_names(drawn), *_logos(drawn)]
    marks += strip(corner, (7 / drawn.cell, 9 / drawn.row_pixels), drawn.top, unit)
    panel = Panel(
        marks,
        (-drawn.logo_cells, last),
        (-below / drawn.row_pixels, len(drawn.terms) + 44 / drawn.row_pixels),
        xticks=(),
        yticks=[(len(drawn.terms) - i - 0.5, shorten(t, 30)) for i, t in enumerate(drawn.terms)],
        has_y_line=False,
    )
    width = drawn.cell * (last + drawn.logo_cells)
    height = drawn.row_pixels * len(drawn.terms) + below + 44
    return replace(panel, size=(width + frame(panel).left + 2, height + 10))


@dataclass(frozen=True)
class _Map:
    """The map, rows from above."""

    terms: list[str]
    motifs: list[str]  # of each row; none of an interaction
    readouts: list[str]
    values: FloatArray  # (n_terms, n_readouts)
    is_called: FloatArray  # (n_terms, n_readouts), 1 or 0
    logos: Mapping[str, Motif]

    @classmethod
    def of(cls, table: pd.DataFrame, logos: Mapping[str, Motif], n: int) -> _Map:
        terms, readouts = table["term"].drop_duplicates(), table["readout"].drop_duplicates()
        called = table.assign(called=table["q_value"] <= SIGNIFICANT)
        values, is_called = (
            called.pivot_table(
                index="term", columns="readout", values=column, aggfunc="first", dropna=False
            ).reindex(index=terms, columns=readouts)
            for column in ("coefficient", "called")
        )
        strongest = values.abs().max(axis=1).fillna(0).nlargest(n).index
        values = values.loc[terms[terms.isin(strongest)]]
        if not table["position"].any():  # bins of a motif stay together
            values = values.iloc[_order(values.to_numpy())]
        values = values.iloc[:, _order(values.to_numpy().T)]
        of_term = table.drop_duplicates("term").set_index("term")
        motifs = of_term["motif"].where(of_term["kind"] == "motif", "")
        return cls(
            terms=values.index.astype(str).tolist(),
            motifs=motifs.loc[values.index].tolist(),
            readouts=values.columns.astype(str).tolist(),
            values=values.to_numpy(np.float64),
            is_called=is_called.loc[values.index, values.columns].to_numpy(np.float64),
            logos=logos if len(values) <= _MOST_LOGOS else {},
        )

    @property
    def cell(self) -> float:
        """Pixels of a column."""
        return float(np.clip(_WIDE / len(self.readouts), *_CELL))

    @property
    def row_pixels(self) -> float:
        """Pixels of a row."""
        return float(np.clip(_HIGH / len(self.terms), *_ROW))

    @property
    def letter(self) -> float:
        """Pixels of the letters below the columns."""
        return min(11.0, self.cell - 1)

    @property
    def logo_cells(self) -> float:
        """Width of the logos, in columns."""
        widest = max((motif.width for motif in self.logos.values()), default=0)
        return (min(_COLUMN * widest, _LOGO) + 8) / self.cell if widest else 0.0

    @property
    def top(self) -> float:
        """The largest coefficient on the map."""
        return float(np.nanmax(np.abs(self.values), initial=0)) or 1.0


def _order(values: FloatArray) -> list[int]:
    """Rows, similar ones side by side, the largest first."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(values) < _SORTED_FROM:
        return list(range(len(values)))
    known = np.nan_to_num(values)
    order: list[int] = leaves_list(linkage(known, "average", optimal_ordering=True)).tolist()
    is_rising = known[order[0]].sum() < known[order[-1]].sum()
    return order[::-1] if is_rising else order


def _cells(drawn: _Map) -> list[Mark]:
    n, m = drawn.values.shape
    row, column = np.nonzero(np.isfinite(drawn.values))
    values = drawn.values[row, column]
    level = levels(values, drawn.top)
    y = n - 1.0 - row
    gap = 0.02 if drawn.cell > 20 else 0.0
    marks: list[Mark] = [
        boxes((0, m), (0, n), PALE),
        boxes(
            (column + gap, column + 1 - gap),
            (y + gap, y + 1 - gap),
            [shade(k) for k in level.tolist()],
        ),
    ]
    is_called = drawn.is_called[row, column] > 0
    if drawn.cell < _READABLE:
        radius = min(2.5, drawn.cell / 5)
        chosen = is_called & (np.abs(level) > 0)
        return [*marks, Dots(column[chosen] + 0.5, y[chosen] + 0.5, INK, radius=radius)]
    for a, b, value, called, depth in zip(column, y, values, is_called, np.abs(level)):
        words = f"{value:+.2f}".replace("-", "\u2212") + ("*" if called else "")
        color = GRAY if not called and depth < 4 else (WHITE if depth > 6 else INK)
        marks.append(Text(a + 0.5, b + 0.5, words, color, "middle", (0, -4)))
    return marks


def _names(drawn: _Map) -> list[Mark]:
    """Names of the readouts below their columns, to be read upwards."""
    size = drawn.letter
    return [
        Text(
            column + 0.5, 0, shorten(name, 28), INK, "end", (size * 0.36, -6), size, is_turned=True
        )
        for column, name in enumerate(drawn.readouts)
    ]


def _logos(drawn: _Map) -> list[Mark]:
    widest = max((motif.width for motif in drawn.logos.values()), default=1)
    letter = (drawn.logo_cells - 8 / drawn.cell) / widest
    n = len(drawn.terms)
    return [
        logo_at(drawn.logos[name], (-drawn.logo_cells, n - 1 - row + 0.1), (letter, 0.8))
        for row, name in enumerate(drawn.motifs)
        if name in drawn.logos
    ]
