"""Panels drawn with matplotlib, for print and for changes by hand."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from motifbook.plot.colors import WHITE
from motifbook.plot.glyphs import glyph
from motifbook.plot.layout import LABEL, TICK, TICK_LENGTH, TITLE, Frame, frame
from motifbook.plot.panel import (
    Dots,
    FloatArray,
    Letters,
    Line,
    Mark,
    Page,
    Panel,
    Shapes,
    Text,
)
from motifbook.plot.save import whole_figure

INCH = 96.0  # pixels
POINT = 72 / INCH  # points per pixel


class PictureAxes(Axes):
    """Axes that a notebook shows when they are the value of a cell.

    They keep what was drawn on them, so that a sheet can fit it to its room.
    """

    room: float | None = None  # pixels across, where words are as small as they may be
    panel: Panel | None = None  # the last one drawn
    marks: tuple[tuple[Mark, Artist], ...] = ()  # those whose size is in pixels

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The figure with two dots per pixel, and the width at which to show it."""
        picture = io.BytesIO()
        whole_figure(self).savefig(picture, format="png", dpi=2 * INCH, bbox_inches="tight")
        dots = int.from_bytes(picture.getvalue()[16:20], "big")  # PNG: the width after the head
        return picture.getvalue(), {"width": dots // 2}


def figure(page: Page) -> Figure:
    """Draw every panel of `page` in a new figure, laid out as in SVG."""
    width, height = page.size
    drawn = Figure(figsize=(width / INCH, height / INCH), facecolor=WHITE)
    for panel, left, top in page.places():
        at = frame(panel)
        place = (
            (left + at.left) / width,
            1 - (top + at.bottom) / height,
            (at.right - at.left) / width,
            (at.bottom - at.top) / height,
        )
        ax = drawn.add_axes(PictureAxes(drawn, place))
        _fill(panel, at, ax)
        _set_letter_sizes(ax)
    return drawn


def room(ax: Axes | None, width: float) -> float:
    """Pixels across that a panel may take on `ax`, `width` at most."""
    return min(width, getattr(ax, "room", None) or width)


def draw(panel: Panel, ax: Axes | None = None) -> Axes:
    """Draw `panel` on `ax`, in a new figure by default."""
    if ax is None:
        return figure(Page([[panel]], panel.title)).axes[0]
    _fill(panel, frame(panel), ax)
    return ax


def logomaker_letters(
    ax: Axes, heights: FloatArray, letters: str, colors: Mapping[str, str]
) -> Axes:
    """Let logomaker draw letters of `heights`, (n_letters, width), on `ax`; limits stay."""
    import logomaker

    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}
    ticks = ax.get_xticks(), [label.get_text() for label in ax.get_xticklabels()]
    table = pd.DataFrame(heights.T, columns=list(letters))
    logomaker.Logo(table, ax=ax, color_scheme=dict(colors))
    ax.set_xticks(*ticks)
    ax.set(**limits)
    return ax


def _fill(panel: Panel, at: Frame, ax: Axes) -> None:
    drawn = [(mark, _mark(mark, ax)) for mark in panel.marks]
    if isinstance(ax, PictureAxes):
        ax.panel = panel
        ax.marks += tuple((mark, artist) for mark, artist in drawn if artist is not None)
    ax.set_xlim(*panel.x)
    ax.set_ylim(*panel.y)
    ax.set_xticks([value for value, _ in at.xticks], [label for _, label in at.xticks])
    ax.set_yticks([value for value, _ in at.yticks], [label for _, label in at.yticks])
    if not panel.has_y_line:
        ax.tick_params(axis="y", left=False)
    ax.set(xlabel=panel.xlabel, ylabel=panel.ylabel)
    if panel.title:
        ax.set_title(panel.title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["bottom"].set_visible(bool(at.xticks))
    ax.spines["left"].set_visible(panel.has_y_line and bool(at.yticks))


def _set_letter_sizes(ax: Axes) -> None:
    ax.tick_params(labelsize=TICK * POINT, length=TICK_LENGTH * POINT)
    ax.xaxis.label.set_fontsize(LABEL * POINT)
    ax.yaxis.label.set_fontsize(LABEL * POINT)
    ax.set_title(ax.get_title(loc="left"), loc="left", size=TITLE * POINT)


@singledispatch
def _mark(mark: Any, ax: Axes) -> Artist | None:
    """Draw a mark; return the artist if its size is in pixels."""
    raise TypeError(mark)


@_mark.register
def _letters(mark: Letters, ax: Axes) -> None:
    """One compound path per letter of the alphabet."""
    for code in np.unique(mark.codes).tolist():
        chosen = mark.codes == code
        letter = mark.letters[code]
        shape = glyph(letter)
        left = mark.x[chosen] - mark.width / 2
        x = left[:, None] + shape.vertices[:, 0] * mark.width
        y = mark.base[chosen, None] + shape.vertices[:, 1] * mark.height[chosen, None]
        codes = np.tile(shape.codes, len(left))
        outline = np.stack([x.ravel(), y.ravel()], axis=1)
        _add(ax, Path(outline, codes), mark.colors[letter])


@_mark.register
def _shapes(mark: Shapes, ax: Axes) -> None:
    colors = [mark.color] * len(mark.points) if isinstance(mark.color, str) else list(mark.color)
    for color in dict.fromkeys(colors):
        chosen = mark.points[[c == color for c in colors]]
        n, n_corners = chosen.shape[:2]
        closed = np.concatenate([chosen, chosen[:, :1]], axis=1).reshape(-1, 2)
        codes = [Path.MOVETO, *[Path.LINETO] * (n_corners - 1), Path.CLOSEPOLY] * n
        _add(ax, Path(closed, codes), color, mark.opacity)


def _add(ax: Axes, outline: Path, color: str, opacity: float = 1.0) -> None:
    """Add a filled outline; `add_patch` would first search every curve for its extent."""
    ax.add_artist(PathPatch(outline, facecolor=color, linewidth=0, alpha=opacity))
    ax.update_datalim(outline.vertices)


@_mark.register
def _line(mark: Line, ax: Axes) -> Artist:
    style = "--" if mark.dashed else "-"
    return ax.plot(mark.x, mark.y, style, color=mark.color, linewidth=mark.width * POINT)[0]


@_mark.register
def _dots(mark: Dots, ax: Axes) -> Artist:
    size = 2 * mark.radius * POINT
    return ax.plot(mark.x, mark.y, "o", color=mark.color, markersize=size, markeredgewidth=0)[0]


@_mark.register
def _text(mark: Text, ax: Axes) -> Artist:
    side = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
    written = ax.annotate(
        mark.words,
        (mark.x, mark.y),
        xytext=(mark.offset[0] * POINT, mark.offset[1] * POINT),
        textcoords="offset points",
        horizontalalignment=side,
        verticalalignment="baseline",
        color=mark.color,
        fontsize=mark.size * POINT,
        rotation=90 if mark.is_turned else 0,
        rotation_mode="anchor",
        annotation_clip=False,
    )
    if mark.is_struck:  # a box around the words, flattened to a line at the middle of its letters
        written.set_bbox({"boxstyle": _struck, "edgecolor": mark.color, "linewidth": 0.8})
    return written


def _struck(x: float, y: float, width: float, height: float, _: float) -> Path:
    """Return the line through words in a box with the lower left corner (x, y)."""
    middle = y + 0.5 * height
    return Path([(x, middle), (x + width, middle)])
