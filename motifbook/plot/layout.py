"""How much room the words around a panel take, in pixels; the same in the browser and in print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.plot.panel import FloatArray, Panel, Ticks, ticks

TICK, LABEL, TITLE = 11.0, 12.0, 13.0  # letter sizes
TICK_LENGTH = 4
_EDGE = 8.0
_WIDE = 0.64  # width of an average character, as a share of the letter size


@dataclass(frozen=True)
class Frame:
    """Where the axes of a panel lie, and how its units become pixels (y downwards)."""

    left: float
    right: float
    top: float
    bottom: float
    x_low: float
    y_low: float
    x_scale: float  # pixels per unit
    y_scale: float
    xticks: Ticks
    yticks: Ticks

    def across(self, x: npt.ArrayLike) -> FloatArray:
        """Pixels from the left."""
        return self.left + (np.asarray(x, dtype=np.float64) - self.x_low) * self.x_scale

    def down(self, y: npt.ArrayLike) -> FloatArray:
        """Pixels from the top."""
        return self.bottom - (np.asarray(y, dtype=np.float64) - self.y_low) * self.y_scale

    def pixels(self, points: FloatArray) -> FloatArray:
        """Points (…, 2) in pixels."""
        return np.stack([self.across(points[..., 0]), self.down(points[..., 1])], axis=-1)


def frame(panel: Panel) -> Frame:
    """Lay out one panel: its axes take what the words leave."""
    width, height = panel.size
    xticks = (
        ticks(*panel.x, about=max(2, int(width / 80))) if panel.xticks is None else panel.xticks
    )
    yticks = (
        ticks(*panel.y, about=max(3, int(height / 40))) if panel.yticks is None else panel.yticks
    )
    label_room = LABEL + 6 if panel.ylabel else 0
    left = 2.0 + label_room + (text_width(yticks) + TICK_LENGTH + 5 if yticks else 0)
    bottom = height - (TICK + TICK_LENGTH + 4 if xticks else 2) - (LABEL + 6 if panel.xlabel else 0)
    top = TITLE + 9 if panel.title else (_EDGE if yticks else 2)
    right = width - (max(_EDGE, text_width(xticks[-1:]) / 2) if xticks else 2)
    return Frame(
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_low=panel.x[0],
        y_low=panel.y[0],
        x_scale=(right - left) / (panel.x[1] - panel.x[0]),
        y_scale=(bottom - top) / (panel.y[1] - panel.y[0]),
        xticks=xticks,
        yticks=yticks,
    )


def text_width(labels: Ticks) -> float:
    """Width of the widest label, in pixels."""
    return max((len(label) for _, label in labels), default=0) * TICK * _WIDE


def unit_words(units: Iterable[str]) -> str:
    """Return the units of effects for the words at an axis.

    Examples
    --------
    >>> unit_words(["logit", "readout", "logit"])
    'logit or readout units'
    """
    distinct = dict.fromkeys(map(str, units))
    return " or ".join("readout units" if unit == "readout" else unit for unit in distinct)


def shorten(words: str, n_characters: int = 22) -> str:
    """Return `words`, its middle left out where it is too long for the margin."""
    if len(words) <= n_characters:
        return words
    head = (n_characters - 1) // 2
    return f"{words[:head]}\u2026{words[head + 1 - n_characters :]}"
