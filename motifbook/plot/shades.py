"""Colors on either side of zero, for maps, and the strip that explains them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.plot.colors import BLUE, INK, VERMILLION, blend
from motifbook.plot.panel import Mark, Text, boxes

LEVELS = 8  # shades on either side of zero


def levels(values: npt.ArrayLike, top: float) -> npt.NDArray[np.intp]:
    """The shade of each value, -8 to 8; `top` and all beyond it get the deepest."""
    shares = np.clip(np.asarray(values, np.float64) / top, -1, 1)
    return np.round(LEVELS * shares).astype(np.intp)


def shade(level: int) -> str:
    """Vermillion above zero, blue below, white at zero.

    Examples
    --------
    >>> shade(0), shade(-8)
    ('#ffffff', '#0072b2')
    """
    return blend(VERMILLION if level > 0 else BLUE, abs(level) / LEVELS)


def strip(
    corner: tuple[float, float], size: tuple[float, float], top: float, unit: str
) -> list[Mark]:
    """All shades in a row, with words: lower left `corner`, `size` of one shade."""
    x, y = corner
    starts = x + size[0] * np.arange(2 * LEVELS + 1)
    end, high = float(starts[-1] + size[0]), y + size[1]
    colors = [shade(level) for level in range(-LEVELS, LEVELS + 1)]
    return [
        boxes((starts, starts + size[0]), (y, high), colors),
        Text(x, high, f"\u2212{top:.2g}", INK, "start", (0, 4)),
        Text((x + end) / 2, high, "0", INK, "middle", (0, 4)),
        Text(end, high, f"+{top:.2g}", INK, "end", (0, 4)),
        Text(end, y, unit, INK, offset=(8, 0)),
    ]
