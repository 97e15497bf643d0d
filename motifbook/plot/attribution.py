"""Which letters matter: one sequence by one or several methods, one under another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import INK, ORANGE, blend, letter_colors
from motifbook.plot.layout import shorten
from motifbook.plot.panel import FloatArray, Line, Mark, Page, Panel, Text, boxes, stacked, ticks
from motifbook.plot.spans import WIDTH
from motifbook.plot.stack import stack

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = npt.ArrayLike | Mapping[str, npt.ArrayLike]

SITE = blend(ORANGE, 0.3)  # shade of known sites
_ROW, _WORDS = 96.0, 24.0  # pixels: a method, the words at the axes
_LOGO, _NAME = (0.06, 0.72), 0.80  # of a row: where the letters stand, where the words do
_SIGNS = {"logit": "logit", "readout": "readout units", "bits": "bits"}


def attribution(
    values: Values,
    *,
    sequence: str = "",
    letters: str = "ACGT",
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    fixed: npt.ArrayLike | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw what each letter of a sequence is worth, as a logo per method.

    Parameters
    ----------
    values : (n_letters, length) or (length,), or name -> such an array
        Of one sequence: `attribution[number]` of `mb.attribute`, a scrambler's importance. The
        methods stand one under another, each on a scale of its own.
    sequence
        Its letters; needed where there is one value per position.
    letters
        The letters of the rows.
    window
        First position and end (0-based, half-open); the whole sequence by default.
    sites
        Known places, shaded: columns start and end, and motif, if there is one, for their names.
    fixed : (length,)
        Whether each letter was fixed; those get a black bar.
    title
        Words above it.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If shapes do not fit, there is nothing to draw, or the window lies outside the sequence.
    """
    from motifbook.plot import axes

    rows = rows_of(values, sequence, letters)
    panel = rows_panel(rows, letters, window=window, sites=sites, fixed=fixed, title=title)
    return axes.draw(panel, ax)


def attribution_svg(
    values: Values,
    *,
    sequence: str = "",
    letters: str = "ACGT",
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    fixed: npt.ArrayLike | None = None,
    title: str = "",
) -> str:
    """Return `attribution` as SVG text.

    Examples
    --------
    >>> attribution_svg({"by hand": np.eye(4)})
    <picture: Which letters matter, by hand>
    """
    rows = rows_of(values, sequence, letters)
    panel = rows_panel(rows, letters, window=window, sites=sites, fixed=fixed, title=title)
    names = ", ".join(row.name for row in rows)
    return svg.write(Page([[panel]], f"Which letters matter, {names}", _summary(rows, letters)))


@dataclass(frozen=True)
class Row:
    """One method.

    Parameters
    ----------
    name
        Of the method.
    heights : (n_letters, length)
        One value per letter.
    unit
        "logit", "readout", "bits", or words of your own.
    is_signed
        Whether letters below zero lower the prediction.
    top
        Of its scale, at least; rows with the same one are comparable.
    """

    name: str
    heights: FloatArray
    unit: str = ""
    is_signed: bool = True
    top: float = 0.0

    @property
    def words(self) -> str:
        """Name, unit and what a sign means."""
        unit = _SIGNS.get(self.unit, self.unit)
        if not self.is_signed:
            said = [unit, "no sign"]
        elif (self.heights < 0).any():
            said = [unit, "up: raises the prediction, down: lowers it"]
        else:
            said = [unit]
        told = "; ".join(part for part in said if part)
        return f"{self.name} ({told})" if told else self.name


def rows_of(values: Values, sequence: str, letters: str) -> list[Row]:
    """Read values of one or of several methods; what they say of themselves is kept.

    Raises
    ------
    InputError
        If there are none, or one is not of this sequence.
    """
    named = values if isinstance(values, Mapping) else {"": values}
    if not named:
        raise _check.InputError("`values` is empty; expected an array for at least one method.")
    rows = []
    for name, given in named.items():
        what = f"values[{name!r}]" if isinstance(values, Mapping) else "values"
        words = str(name or getattr(given, "method", "") or "attribution")
        unit, is_signed = getattr(given, "unit", ""), bool(getattr(given, "signed", True))
        rows.append(Row(words, _heights(given, what, sequence, letters), unit, is_signed))
    lengths = {row.heights.shape[1] for row in rows}
    if len(lengths) > 1:
        raise _check.InputError(
            f"`values` have {' and '.join(map(str, sorted(lengths)))} positions; expected as many "
            "for every method."
        )
    return rows


def _heights(given: npt.ArrayLike, what: str, sequence: str, letters: str) -> FloatArray:
    expected = f"({len(letters)}, length) with rows {', '.join(letters)}"
    heights = _check.numbers(given, what, expected)
    if heights.ndim == 1:
        if not sequence:
            raise _check.InputError(
                f"`{what}` has one value per position; expected `sequence=` beside it, the letters "
                "that they belong to."
            )
        _check.shape(heights, what, "(length,), one per letter of `sequence`", len(sequence))
        return heights * onehot_of(sequence, letters)
    if sequence:
        _check.shape(heights, what, expected, len(letters), len(sequence))
    _check.shape(heights, what, expected, len(letters), None)
    return heights


def onehot_of(sequence: str, letters: str) -> FloatArray:
    """A sequence as zeros and ones, (n_letters, length); no one at unknown letters."""
    own = np.array(list(sequence.upper()), dtype="U1")
    return np.array([own == letter for letter in letters], dtype=np.float64)


def rows_panel(
    rows: Sequence[Row],
    letters: str,
    *,
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    fixed: npt.ArrayLike | None = None,
    title: str = "",
) -> Panel:
    """Describe `attribution` as a panel of a larger page."""
    length, n = rows[0].heights.shape[1], len(rows)
    first, end = _check.window(window, length)
    top = n + (0.2 if sites is not None and "motif" in sites else 0.0)
    marks = site_marks(sites, (first, end), top)
    labels: list[tuple[float, str]] = []
    for number, row in enumerate(rows):
        floor = float(n - 1 - number)
        drawn, along = _row_marks(row, letters, (first, end), floor)
        marks += drawn
        labels += along
    if fixed is not None:
        marks += fixed_marks(fixed, length, (first, end), [(n - 1 - i, 0.03) for i in range(n)])
    return Panel(
        marks,
        (first - 0.5, end - 0.5),
        (0, top),
        xlabel="position in the sequence",
        title=title,
        xticks=ticks(first, end - 1, about=8, whole=True),
        yticks=labels,
        has_y_line=False,
        size=(WIDTH, _ROW * top + 2 * _WORDS + (_WORDS if title else 0)),
    )


def _row_marks(
    row: Row, letters: str, window: tuple[int, int], floor: float
) -> tuple[list[Mark], list[tuple[float, str]]]:
    """The logo of one method, its line at zero and its words; and the values at its left edge."""
    first, end = window
    shown = row.heights[:, first:end]
    piled = stack(shown)
    low, high = piled.low, max(piled.high, row.top)
    high = high if high > low else low + 1
    scale = (_LOGO[1] - _LOGO[0]) / (high - low)
    zero = floor + _LOGO[0] - low * scale
    drawn = stacked(shown, piled, letters, letter_colors(letters))
    scaled = replace(
        drawn, x=drawn.x + first, base=zero + scale * drawn.base, height=scale * drawn.height
    )
    edge = first - 0.5
    marks: list[Mark] = [
        Line([edge, end - 0.5], [zero, zero], INK, width=0.8),
        scaled,
        Text(edge, floor + _NAME, row.words, INK, offset=(2, 0)),
    ]
    values = [value for value in (low, high) if abs(value) > 0.15 * (high - low)]
    told = [(zero + scale * value, f"{value:.2g}".replace("-", "\u2212")) for value in values]
    return marks, [(zero, "0"), *told]


def site_marks(sites: pd.DataFrame | None, window: tuple[int, int], top: float) -> list[Mark]:
    """Known places as shades with names above; those outside the window are left out.

    Raises
    ------
    InputError
        If a column is missing.
    """
    if sites is None:
        return []
    _check.table(sites, "sites", 'a table with the columns "start" and "end"')
    _check.columns(sites.columns, ["start", "end"], "`sites`")
    first, end = window
    seen = sites[(sites["start"] < end) & (sites["end"] > first)]
    left = np.maximum(seen["start"].to_numpy(np.float64), first) - 0.5
    right = np.minimum(seen["end"].to_numpy(np.float64), end) - 0.5
    marks: list[Mark] = [boxes((left, right), (0, top), SITE)]
    if "motif" in seen:
        for x, name in zip((left + right) / 2, seen["motif"].astype(str)):
            marks.append(Text(x, top, shorten(name, 14), INK, "middle", (0, -11)))
    return marks


def fixed_marks(
    fixed: npt.ArrayLike,
    length: int,
    window: tuple[int, int],
    bars: Iterable[tuple[float, float]],
) -> list[Mark]:
    """A black bar below each fixed letter; `bars` are the lower edge and height in each row."""
    is_fixed = np.asarray(fixed, dtype=bool)
    _check.shape(is_fixed, "fixed", "(length,), one per position", length)
    first, end = window
    x = first + np.flatnonzero(is_fixed[first:end])
    return [boxes((x - 0.5, x + 0.5), (low, low + high), INK) for low, high in bars]


def _summary(rows: Sequence[Row], letters: str) -> str:
    told = []
    for row in rows:
        strongest = np.abs(row.heights).max(axis=0)
        best = np.sort(np.argsort(-strongest, kind="stable")[:8])
        codes = np.abs(row.heights).argmax(axis=0)
        where = ", ".join(f"{letters[codes[i]]} at {i}" for i in best if strongest[i] > 0)
        told.append(f"{row.name}: most at {where or 'no letter'}")
    return "; ".join(told) + "."
