"""Several figures on one sheet of a journal's size, with the letters a, b, c."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from motifbook import _check
from motifbook.plot.journals import JOURNALS, Journal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from motifbook.plot.axes import PictureAxes

_MM = 1 / 25.4  # inches
_EMPTY = "."
_DOTS, _SHOWN = 200, 120  # dots per inch of the picture in a notebook, and pixels per inch


@dataclass(frozen=True, repr=False)
class Sheet:
    """Panels of a figure, each with axes to draw on: `sheet["A"]`.

    Parameters
    ----------
    figure
        The whole of it.
    panels
        Name -> axes, in reading order.
    journal
        Whose rules it follows.
    """

    figure: Figure
    panels: Mapping[str, PictureAxes]
    journal: Journal

    def __getitem__(self, name: str) -> PictureAxes:
        """Return the axes of a panel, to hand on as `ax=`."""
        _check.one_of(name, "name", self.panels)
        return self.panels[name]

    def __repr__(self) -> str:
        width, height = self.figure.get_size_inches() / _MM
        return f"<sheet: {', '.join(self.panels)}; {width:.0f} x {height:.0f} mm>"

    def check(self) -> list[str]:
        """Say what cannot be read at this size, a sentence per panel; none if all is well."""
        from motifbook.plot.legible import complaints

        return complaints(self.figure, self.panels, self.journal)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The sheet, and the width at which a notebook shows it: larger than in print."""
        picture = io.BytesIO()
        self.figure.savefig(picture, format="png", dpi=_DOTS)
        return picture.getvalue(), {"width": round(self.figure.get_size_inches()[0] * _SHOWN)}


def sheet(
    layout: str | Sequence[Sequence[str]],
    *,
    journal: str = "nature",
    columns: int | None = None,
    width: float | None = None,
    height: float = 120.0,
    widths: Sequence[float] | None = None,
    heights: Sequence[float] | None = None,
) -> Sheet:
    r"""Lay out a figure of several panels at the size in which a journal prints it.

    Parameters
    ----------
    layout
        One letter per panel, a line per row: "AB\nCC" is A beside B, and C below both. A dot
        leaves a place empty. Names of more than one letter are given as lists: [["roc", "logo"]].
    journal
        "nature", "science", "cell", "pnas", "plos", "bmc" (Genome Biology and others), or "wide"
        for any other: eLife, for one, asks for no width.
    columns
        How many columns of the journal the figure spans; all of them by default.
    width
        Millimeters, in place of `columns`.
    height
        Millimeters.
    widths, heights
        Shares of the columns and rows of the layout, such as [2, 1]; equal by default.

    Returns
    -------
    Sheet
        `sheet["A"]` are the axes of panel A, for the `ax=` of any figure. `mb.plot.save(sheet,
        "figure1.pdf")` writes it; `sheet.check()` says which panels are too small for their words.

    Raises
    ------
    InputError
        If the journal is unknown, a panel is no rectangle, or the sheet does not fit on a page.

    Notes
    -----
    Panels get the letters a, b, c (or A, B, C) in reading order. All words are brought to the sizes
    that the journal allows, and are set in Arial or Helvetica where the machine has them. The
    widths are those of the journals' instructions for authors, which may change.

    Examples
    --------
    >>> made = sheet("AB\nCC", journal="nature", height=100)
    >>> list(made.panels), (made.figure.get_size_inches() * 25.4).round().tolist()
    (['A', 'B', 'C'], [183.0, 100.0])
    """
    from matplotlib.figure import Figure

    from motifbook.plot.axes import PictureAxes
    from motifbook.plot.fitting import Cell, Fitting, room_of

    rules = _rules(journal)
    grid = _grid(layout)
    x = _shares(widths, grid.shape[1], "widths", "column")
    y = _shares(heights, grid.shape[0], "heights", "row")
    size = (
        _width(rules, columns, width),
        _check.number(height, "height", low=10, high=rules.highest, what="millimeters"),
    )
    figure = Figure(figsize=(size[0] * _MM, size[1] * _MM), facecolor="white")
    panels: dict[str, PictureAxes] = {}
    cells: dict[PictureAxes, Cell] = {}
    for number, name in enumerate(_names(grid)):
        rows, places = np.nonzero(grid == name)
        _refuse_no_rectangle(name, rows, places)
        ax = PictureAxes(figure, (0, 0, 1, 1))
        figure.add_axes(ax)
        panels[name] = ax
        letter = chr((ord("A") if rules.is_capital else ord("a")) + number)
        cells[ax] = Cell(
            letter,
            (float(x[places.min()]), float(x[places.max() + 1])),
            (float(y[rows.min()]), float(y[rows.max() + 1])),
        )
    for ax, cell in cells.items():
        ax.room = room_of(cell, figure, rules)
    figure.set_layout_engine(Fitting(cells, rules))
    return Sheet(figure, panels, rules)


def _rules(journal: str) -> Journal:
    try:
        _check.one_of(journal, "journal", JOURNALS)
    except _check.InputError as error:
        raise _check.InputError(
            f'{error} For other journals: "wide", with the `width` that they ask for, if they do; '
            "eLife asks for none."
        ) from None
    return JOURNALS[journal]


def _grid(layout: str | Sequence[Sequence[str]]) -> Any:
    """The layout as an array of names, (n_rows, n_columns)."""
    given: Any = layout
    if isinstance(layout, str):
        given = [list(line.replace(" ", "")) for line in layout.strip().splitlines()]
    is_grid = isinstance(given, Iterable) and all(isinstance(row, Iterable) for row in given)
    rows = [list(map(str, row)) for row in given] if is_grid else []
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise _check.InputError(
            f"`layout` is {_check.shown(layout)}; expected rows of equal length, one letter per "
            r'panel, such as "AB\nCC".'
        )
    return np.array(rows, dtype=object)


def _names(grid: Any) -> list[str]:
    names = [name for name in dict.fromkeys(grid.ravel().tolist()) if name != _EMPTY]
    if not 1 <= len(names) <= 26:
        raise _check.InputError(
            f'`layout` has {len(names)} panels; expected 1 to 26, such as "AB\\nCC".'
        )
    return names


def _refuse_no_rectangle(name: str, rows: Any, columns: Any) -> None:
    if len(rows) != (np.ptp(rows) + 1) * (np.ptp(columns) + 1):
        raise _check.InputError(
            f"`layout` has panel {name!r} in places that make no rectangle; expected one. Give "
            "parts of a figure letters of their own."
        )


def _shares(shares: Sequence[float] | None, n: int, name: str, of_what: str) -> Any:
    """Where rows or columns begin and end, as shares of the whole, (n + 1,)."""
    sizes = _check.numbers([1.0] * n if shares is None else shares, name, "numbers above zero")
    _check.shape(sizes, name, f"({n},), one per {of_what} of the layout", n)
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise _check.InputError(f"`{name}` is {_check.shown(shares)}; expected numbers above zero.")
    return np.concatenate([[0.0], np.cumsum(sizes) / sizes.sum()])


def _width(rules: Journal, columns: int | None, width: float | None) -> float:
    if width is not None:
        return _check.number(width, "width", low=20, high=1000, what="millimeters")
    n = len(rules.widths)
    number = n if columns is None else _check.whole_number(columns, "columns", high=n)
    return rules.widths[number - 1]
