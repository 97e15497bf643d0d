"""Panels brought to the room that a sheet gives them: axes, words, lines and dots."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine
from matplotlib.text import Text as Words
from matplotlib.transforms import Bbox

from motifbook.plot.axes import POINT, PictureAxes
from motifbook.plot.journals import Journal
from motifbook.plot.layout import TICK, frame
from motifbook.plot.panel import Dots, Line, Text

_INCH = 72.0  # points
_MM = _INCH / 25.4
_EDGE, _GAP = 0.7 * _MM, 4.0 * _MM  # points: around the sheet, between panels
_ALIGNED = 5.0 * _MM  # axes whose margins differ by less begin at one line
_LEAST = 4.0 * _MM  # left of the axes: room for the letter
_AROUND = 8.0 * _MM  # usual margins, left and right
_WIDE = 0.55  # width of an average character, as a share of the letter size
_NAMES = 1.2  # names of rows against the words within
_ROUNDS = 3  # words change the room that axes get, and that the words
_LINE, _TICK = 0.6, 2.0  # points: axis lines, tick marks
_FONTS = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
_CURVES = 1.35  # words within curves have more room than those in rows


@dataclass(frozen=True)
class Cell:
    """The place of a panel: from and to, as shares of the sheet, from the left and from above."""

    letter: str
    x: tuple[float, float]
    y: tuple[float, float]


@dataclass(frozen=True)
class _Margins:
    """What words take around axes, in points."""

    left: float
    right: float
    top: float
    bottom: float


class Fitting(LayoutEngine):
    """Gives each axes its cell less the room of its words, and words the size that fits.

    Parameters
    ----------
    cells
        Axes -> where they go.
    journal
        What letters it allows.
    """

    _adjust_compatible = False
    _colorbar_gridspec = False

    def __init__(self, cells: Mapping[PictureAxes, Cell], journal: Journal) -> None:
        super().__init__()
        self._cells = cells
        self._journal = journal
        self._fonts = _known_fonts()
        self._letters: dict[PictureAxes, Words] = {}

    def execute(self, fig: Figure) -> None:
        """Lay out the figure; matplotlib calls this before it draws."""
        room = _EDGE + self._journal.letter
        margins = {ax: _Margins(20, 5, room, 20) for ax in self._cells}
        for _ in range(_ROUNDS):
            for ax, cell in self._cells.items():
                _place(ax, cell, margins[ax], fig)
                fit(ax, self._journal)
                for words in ax.findobj(Words):
                    words.set_fontfamily(self._fonts)
            measured = {ax: _measure(ax, self._journal) for ax in self._cells}
            margins = {ax: self._aligned(ax, measured) for ax in self._cells}
        for ax, cell in self._cells.items():
            _place(ax, cell, margins[ax], fig)
            self._write_letter(ax, cell, fig)

    def _aligned(self, ax: PictureAxes, measured: Mapping[PictureAxes, _Margins]) -> _Margins:
        """Margins of axes that share them with those of the same column or row."""
        cell, own = self._cells[ax], measured[ax]

        def shared(side: str, edge: str, end: int) -> float:
            mine: float = getattr(own, side)
            others: list[float] = [
                getattr(measured[other], side)
                for other, place in self._cells.items()
                if getattr(place, edge)[end] == getattr(cell, edge)[end]
            ]
            return max(value for value in others if value <= mine + _ALIGNED)

        return _Margins(
            shared("left", "x", 0),
            shared("right", "x", 1),
            shared("top", "y", 0),
            shared("bottom", "y", 1),
        )

    def _write_letter(self, ax: PictureAxes, cell: Cell, fig: Figure) -> None:
        if ax not in self._letters:
            self._letters[ax] = fig.text(0, 0, cell.letter, weight="bold", ha="left", va="top")
            self._letters[ax].set_fontfamily(self._fonts)
        outer = _outer(cell, fig)
        width, height = fig.get_size_inches() * _INCH
        self._letters[ax].set_position((outer.x0 / width, outer.y1 / height))
        self._letters[ax].set_fontsize(self._journal.letter)


def _known_fonts() -> list[str]:
    known = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in known]


def _outer(cell: Cell, fig: Figure) -> Bbox:
    """The cell in points, without the gaps between cells."""
    width, height = fig.get_size_inches() * _INCH
    left, right = (
        share * width + (_EDGE if share in (0.0, 1.0) else _GAP / 2) * sign
        for share, sign in zip(cell.x, (1, -1))
    )
    top, bottom = (
        height - share * height + (_EDGE if share in (0.0, 1.0) else _GAP / 2) * sign
        for share, sign in zip(cell.y, (-1, 1))
    )
    return Bbox([[left, bottom], [right, top]])


def _place(ax: PictureAxes, cell: Cell, margins: _Margins, fig: Figure) -> None:
    width, height = fig.get_size_inches() * _INCH
    outer = _outer(cell, fig)
    left, bottom = outer.x0 + margins.left, outer.y0 + margins.bottom
    wide = max(outer.x1 - margins.right - left, 5.0)
    high = max(outer.y1 - margins.top - bottom, 5.0)
    ax.set_position((left / width, bottom / height, wide / width, high / height))


def _measure(ax: PictureAxes, journal: Journal) -> _Margins:
    """What the words around axes take, at least the room of the letter."""
    points = _INCH / ax.figure.dpi
    inner, outer = ax.get_window_extent(), ax.get_tightbbox()
    room = journal.letter + 1.5
    if outer is None:
        return _Margins(_LEAST, 0, room, 0)
    above = 0.8 * frame(ax.panel).top * POINT * _scale(ax, journal) if ax.panel else 0.0
    return _Margins(
        max(_LEAST, (inner.x0 - outer.x0) * points),
        max(0.0, (outer.x1 - inner.x1) * points),
        max(room, above, (outer.y1 - inner.y1) * points),
        max(0.0, (inner.y0 - outer.y0) * points),
    )


def room_of(cell: Cell, fig: Figure, journal: Journal) -> float:
    """Pixels across that a panel may take in a cell, with words of the least size."""
    return (_outer(cell, fig).width - _AROUND) / (journal.words[0] / TICK)


def fit(ax: PictureAxes, journal: Journal) -> None:
    """Bring words, lines and dots of axes to their size on the sheet."""
    most = journal.words[1]
    scale = _scale(ax, journal)
    for mark, artist in ax.marks:
        _resize(mark, artist, scale)
        artist.set_in_layout(False)
    box = ax.get_window_extent()
    points = _INCH / ax.figure.dpi
    title = _wrapped(ax.get_title(loc="left"), box.width * points, most)
    ax.set_title(title, loc="left", size=most, pad=3)
    ax.title.set_fontsize(most)
    for words, room in ((ax.xaxis.label, box.width), (ax.yaxis.label, box.height)):
        words.set_fontsize(most)
        words.set_text(_wrapped(words.get_text(), room * points, most))
    ax.xaxis.labelpad = ax.yaxis.labelpad = 2
    ax.tick_params(labelsize=most, length=_TICK, width=_LINE, pad=1.5)
    for spine in ax.spines.values():
        spine.set_linewidth(_LINE)
    _fit_xticks(ax, most)
    ax.tick_params(axis="y", labelsize=_row_size(ax, scale, journal))


def _wrapped(words: str, room: float, size: float) -> str:
    """Words in lines that fit into so many points."""
    one_line = words.replace("\n", " ")
    return (
        textwrap.fill(one_line, max(12, int(room / (_WIDE * size)))) if one_line.strip() else words
    )


def _scale(ax: PictureAxes, journal: Journal) -> float:
    """How large a pixel of the panel is drawn: as the room asks, as far as letters may shrink."""
    least, most = (size / (TICK * POINT) for size in journal.words)
    if ax.panel is None:
        return most
    at = frame(ax.panel)
    box = ax.get_window_extent()
    points = _INCH / ax.figure.dpi / POINT
    ratio = min(
        box.width * points / (at.right - at.left), box.height * points / (at.bottom - at.top)
    )
    return float(np.clip(ratio * (_CURVES if ax.panel.has_y_line else 1.0), least, most))


@singledispatch
def _resize(mark: Any, artist: Any, scale: float) -> None:
    raise TypeError(mark)


@_resize.register
def _text(mark: Text, artist: Any, scale: float) -> None:
    artist.set_fontsize(mark.size * POINT * scale)
    artist.xyann = (mark.offset[0] * POINT * scale, mark.offset[1] * POINT * scale)


@_resize.register
def _line(mark: Line, artist: Any, scale: float) -> None:
    artist.set_linewidth(max(mark.width * POINT * scale, 0.35))


@_resize.register
def _dots(mark: Dots, artist: Any, scale: float) -> None:
    artist.set_markersize(2 * mark.radius * POINT * scale)


def _fit_xticks(ax: PictureAxes, size: float) -> None:
    """Leave out every other label below the axis until they stand apart."""
    if ax.panel is None:
        return
    box = ax.get_window_extent()
    per_unit = box.width * _INCH / ax.figure.dpi / float(np.ptp(ax.get_xlim()))
    labels = [(float(at), one.get_text()) for at, one in zip(ax.get_xticks(), ax.get_xticklabels())]
    while len(labels) > 2 and any(
        (b - a) * per_unit < 0.31 * size * (len(one) + len(other)) + 0.4 * size
        for (a, one), (b, other) in itertools.pairwise(labels)
    ):
        labels = labels[::2]
    ax.set_xticks([at for at, _ in labels], [words for _, words in labels])


def _row_size(ax: PictureAxes, scale: float, journal: Journal) -> float:
    """Size of the names of rows, so that each stays within its own."""
    least, most = journal.words
    ticks = np.sort(ax.get_yticks())
    if ax.panel is None or len(ticks) < 2:
        return most
    box = ax.get_window_extent()
    per_unit = box.height * _INCH / ax.figure.dpi / float(np.ptp(ax.get_ylim()))
    fitting = 0.85 * np.diff(ticks).min() * per_unit
    if not ax.panel.has_y_line:
        fitting = min(fitting, _NAMES * TICK * POINT * scale)
    return float(np.clip(fitting, least, most))
