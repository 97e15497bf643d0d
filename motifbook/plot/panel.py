"""What a picture shows, said once: `svg` writes it for the browser, `axes` draws it for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from motifbook.plot.colors import BLUE, INK
from motifbook.plot.stack import Stack

FloatArray = npt.NDArray[np.float64]
Ticks = Sequence[tuple[float, str]]

LETTER_WIDTH = 0.96  # of the distance between two positions
_TOO_THIN = 1e-3  # letters smaller than this share of the largest are not drawn


@dataclass(frozen=True)
class Letters:
    """Letters of any height, each on its own spot.

    Parameters
    ----------
    letters
        The alphabet.
    codes : (n,)
        Which letter.
    x : (n,)
        Its center.
    base : (n,)
        The edge nearer to zero.
    height : (n,)
        Upwards from the base; a negative height turns the letter upside down.
    colors
        letter -> color.
    width
        Of every letter.
    """

    letters: str
    codes: npt.NDArray[np.intp]
    x: FloatArray
    base: FloatArray
    height: FloatArray
    colors: Mapping[str, str]
    width: float = LETTER_WIDTH


@dataclass(frozen=True)
class Shapes:
    """Filled polygons.

    Parameters
    ----------
    points : (n, n_corners, 2)
        Corners in units of the axes.
    color
        One for all, or one each.
    opacity
        1 hides what lies behind, 0 is invisible.
    """

    points: FloatArray
    color: str | Sequence[str] = BLUE
    opacity: float = 1.0


@dataclass(frozen=True)
class Line:
    """A line through points (x, y), each (n,)."""

    x: npt.ArrayLike
    y: npt.ArrayLike
    color: str = BLUE
    width: float = 1.8  # pixels
    dashed: bool = False


@dataclass(frozen=True)
class Dots:
    """Round dots at (x, y), each (n,)."""

    x: npt.ArrayLike
    y: npt.ArrayLike
    color: str = BLUE
    radius: float = 3.5  # pixels


@dataclass(frozen=True)
class Text:
    """Words at one point of the axes, moved by `offset` pixels (right, up)."""

    x: float
    y: float
    words: str
    color: str = INK
    anchor: str = "start"  # or "middle", "end"
    offset: tuple[float, float] = (0, 0)
    size: float = 11.0  # pixels
    is_turned: bool = False  # reads upwards
    is_struck: bool = False  # a line runs through it


Mark = Letters | Shapes | Line | Dots | Text


@dataclass(frozen=True)
class Panel:
    """One pair of axes with all that is drawn on it.

    Parameters
    ----------
    marks
        Drawn in this order.
    x, y
        Limits of the axes.
    xlabel, ylabel, title
        Words around it.
    xticks, yticks
        (value, label) pairs; None picks round values, () leaves the axis away.
    has_y_line
        Whether the left axis has a line and tick marks, or only words.
    size
        Width and height in pixels, all words included.
    """

    marks: Sequence[Mark]
    x: tuple[float, float]
    y: tuple[float, float]
    xlabel: str = ""
    ylabel: str = ""
    title: str = ""
    xticks: Ticks | None = None
    yticks: Ticks | None = None
    has_y_line: bool = True
    size: tuple[float, float] = (480, 300)


@dataclass(frozen=True)
class Page:
    """Panels in rows, read as one picture.

    Parameters
    ----------
    rows
        From top to bottom, each from left to right.
    title
        What the picture is called by a screen reader.
    summary
        What it shows, in a sentence, for the same reader.
    """

    rows: Sequence[Sequence[Panel]]
    title: str
    summary: str = ""
    gap: ClassVar[float] = 14.0  # pixels between panels

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        widths = [sum(p.size[0] for p in row) + self.gap * (len(row) - 1) for row in self.rows]
        heights = [max(p.size[1] for p in row) for row in self.rows]
        return max(widths), sum(heights) + self.gap * (len(heights) - 1)

    def places(self) -> list[tuple[Panel, float, float]]:
        """Each panel with its left and upper edge in pixels."""
        found = []
        top = 0.0
        for row in self.rows:
            left = 0.0
            for panel in row:
                found.append((panel, left, top))
                left += panel.size[0] + self.gap
            top += max(panel.size[1] for panel in row) + self.gap
        return found


def stacked(matrix: FloatArray, piled: Stack, letters: str, colors: Mapping[str, str]) -> Letters:
    """The letters of a logo: column i of `matrix`, (n_letters, width), stands at x = i."""
    drawn = np.abs(matrix) > _TOO_THIN * np.abs(matrix).max(initial=0.0)
    codes, columns = np.nonzero(drawn)
    height = np.asarray(matrix, np.float64)[codes, columns]
    base = np.where(height > 0, piled.floor[codes, columns], piled.ceiling[codes, columns])
    return Letters(letters, codes, columns.astype(np.float64), base, height, colors)


def boxes(
    x: tuple[npt.ArrayLike, npt.ArrayLike],
    y: tuple[npt.ArrayLike, npt.ArrayLike],
    color: str | Sequence[str] = BLUE,
) -> Shapes:
    """Upright rectangles: left and right edges `x`, lower and upper edges `y`, each (n,)."""
    left, right, low, high = np.broadcast_arrays(*x, *y)
    corners = [(left, low), (right, low), (right, high), (left, high)]
    points = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=-2)
    return Shapes(points.astype(np.float64).reshape(-1, 4, 2), color)


def area(
    x: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    color: str,
    opacity: float = 1.0,
) -> Shapes:
    """The ground between two curves over the same `x`, each (n,)."""
    along = np.asarray(x, float)
    lower = np.stack([along, np.broadcast_to(np.asarray(low, float), along.shape)], axis=1)
    upper = np.stack([along, np.broadcast_to(np.asarray(high, float), along.shape)], axis=1)
    return Shapes(np.concatenate([lower, upper[::-1]])[None], color, opacity)


def key(entries: Sequence[tuple[str, str]], x: float, y: float) -> list[Text]:
    """Words, each after a square of its color, in a line that ends above the point (x, y)."""
    drawn = []
    left = -sum(30 + 6.2 * len(words) for words, _ in entries) + 16
    for words, color in entries:
        drawn.append(Text(x, y, "\u25a0", color, offset=(left, 9)))
        drawn.append(Text(x, y, words, offset=(left + 12, 9)))
        left += 30 + 6.2 * len(words)
    return drawn


def ticks(
    low: float, high: float, *, about: int = 5, whole: bool = False
) -> list[tuple[float, str]]:
    """Round values between `low` and `high`, with labels; `whole` allows whole numbers only.

    Examples
    --------
    >>> [label for _, label in ticks(0, 2, about=3)]
    ['0', '1', '2']
    """
    span = high - low
    if not span > 0:
        return []
    power = 10.0 ** np.floor(np.log10(span / about))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * about >= 0.8 * span)
    if whole:
        step = max(1.0, float(np.ceil(step)))
    first = np.ceil(low / step - 1e-9)
    last = np.floor(high / step + 1e-9)
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    values = [float(i * step) + 0.0 for i in np.arange(first, last + 1)]  # + 0.0 turns -0 into 0
    return [(value, f"{value:.{decimals}f}".replace("-", "\u2212")) for value in values]
