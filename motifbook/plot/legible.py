"""What cannot be read on a sheet: words that overlap, leave it, or lie under dots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text as Words
from matplotlib.transforms import Bbox

from motifbook.plot.axes import POINT, PictureAxes
from motifbook.plot.journals import Journal
from motifbook.plot.layout import TICK
from motifbook.plot.panel import Dots

_INCH = 72.0  # points
_TOUCH = 0.8  # points by which lines of words may overlap: the room around their letters
_PIXEL_MM = 25.4 / 96


def complaints(figure: Figure, panels: Mapping[str, PictureAxes], journal: Journal) -> list[str]:
    """Return a sentence for each panel whose words overlap or leave the sheet."""
    figure.draw_without_rendering()
    found = []
    for name, ax in panels.items():
        what = _complaint(ax)
        if what:
            found.append(f"Panel {name}: {what}. {_way_out(ax, journal)}")
    return found


def _complaint(ax: PictureAxes) -> str:
    """What of a panel cannot be read; nothing if all can."""
    boxes = list(_boxes(ax))
    for (a, one), (b, other) in itertools.combinations(boxes, 2):
        if one.overlaps(other):
            return f"the words {a!r} and {b!r} overlap"
    sheet = ax.figure.bbox
    for words, box in boxes:
        if box.x0 < sheet.x0 or box.x1 > sheet.x1 or box.y0 < sheet.y0 or box.y1 > sheet.y1:
            return f"the words {words!r} leave the sheet"
        if (
            ax.panel
            and not ax.panel.has_y_line
            and any(dot.overlaps(box) for dot in _dot_boxes(ax))
        ):
            return f"a dot lies on the words {words!r}"
    return ""


def _way_out(ax: PictureAxes, journal: Journal) -> str:
    if ax.panel is None:
        return "Give it more room."
    share = journal.words[0] / (TICK * POINT) * _PIXEL_MM
    width, height = (size * share for size in ax.panel.size)
    return f"Give it more room: {width:.0f} x {height:.0f} mm are enough, or draw less in it."


def _boxes(ax: PictureAxes) -> Iterator[tuple[str, Bbox]]:
    """All words that are seen, with the boxes that their letters fill."""
    touch = _TOUCH * ax.figure.dpi / _INCH
    hidden = _hidden(ax)
    for words in ax.findobj(Words):
        text = words.get_text().strip()
        if text and words.get_visible() and words not in hidden:
            box = words.get_window_extent()
            if words.get_rotation() % 180:
                yield text, Bbox([[box.x0 + touch, box.y0], [box.x1 - touch, box.y1]])
            else:
                yield text, Bbox([[box.x0, box.y0 + touch], [box.x1, box.y1 - touch]])


def _hidden(ax: PictureAxes) -> set[Any]:
    """Words of ticks that lie beyond the ends of an axis."""
    found = set()
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-6 * (high - low)
        for place, words in zip(axis.get_ticklocs(), axis.get_ticklabels()):
            if not low - room <= place <= high + room:
                found.add(words)
    return found


def _dot_boxes(ax: PictureAxes) -> list[Bbox]:
    """The middles of all dots."""
    found = []
    for mark, artist in ax.marks:
        if isinstance(mark, Dots):
            line: Any = artist
            half = 0.3 * line.get_markersize() * ax.figure.dpi / _INCH
            for x, y in ax.transData.transform(np.stack([mark.x, mark.y], axis=1)):
                found.append(Bbox([[x - half, y - half], [x + half, y + half]]))
    return found
