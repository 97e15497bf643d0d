"""The outline of each letter, scaled to the unit square and kept."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_NARROW = {"I": 0.38, "J": 0.75}  # drawn full width, these letters would not be recognized
_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3)}  # Path code: SVG, n points
_CLOSE = 79


@dataclass(frozen=True)
class Glyph:
    """One letter in the unit square, (0, 0) lower left.

    Parameters
    ----------
    vertices : (n_points, 2)
        The outline's points.
    codes : (n_points,)
        What matplotlib's Path does at each point.
    d
        The same outline in SVG's words.
    name
        An id for SVG that only equal outlines share, so that pictures on one page do not disturb
        each other.
    """

    vertices: FloatArray
    codes: npt.NDArray[np.uint8]
    d: str
    name: str


@functools.cache
def glyph(letter: str) -> Glyph:
    """Return the outline of `letter` in DejaVu Sans Bold, the font that matplotlib brings along."""
    import matplotlib
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans-Bold.ttf"
    path = TextPath((0, 0), letter, size=1, prop=FontProperties(fname=font))
    vertices = np.array(path.vertices, dtype=np.float64)
    codes = np.array(path.codes, dtype=np.uint8)
    drawn = vertices[codes != _CLOSE]
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    unit = np.clip((vertices - low) / (high - low), 0, 1)
    unit[:, 0] = 0.5 + (unit[:, 0] - 0.5) * _NARROW.get(letter, 1.0)
    d = _outline(unit, codes)
    digest = hashlib.sha256(d.encode()).hexdigest()[:6]
    return Glyph(unit, codes, d, f"mb-{digest}-{ord(letter)}")


def _outline(vertices: FloatArray, codes: npt.NDArray[np.uint8]) -> str:
    parts = []
    i = 0
    while i < len(codes):
        if codes[i] == _CLOSE:
            parts.append("Z")
            i += 1
            continue
        command, n_points = _COMMANDS[int(codes[i])]
        points = vertices[i : i + n_points].ravel()
        parts.append(command + " ".join(f"{value:.3g}" for value in points))
        i += n_points
    return "".join(parts)
