"""Stretches of sequences: windows, pointed boxes, letters, colors of motifs and their key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.plot.colors import GRAY, INK, MANY, blend, letter_colors
from motifbook.plot.panel import FloatArray, Letters, Mark, Text

READABLE = 90  # so many positions or fewer are shown as letters
WIDTH = 720.0  # pixels of a picture along sequences
KEY_LINE = 18.0  # pixels
_KEY_WIDTH = 530.0  # pixels


def pointed(
    x: tuple[npt.ArrayLike, npt.ArrayLike],
    y: tuple[npt.ArrayLike, npt.ArrayLike],
    is_forward: npt.ArrayLike,
    tip: npt.ArrayLike,
) -> FloatArray:
    """Corners, (n, 5, 2), of boxes that point to the right where `is_forward`, else to the left.

    Left and right edges `x`, lower and upper edges `y`, and the length of the point, each (n,).
    """
    forward = np.asarray(is_forward, dtype=bool)
    left, right, low, high, length = np.broadcast_arrays(*x, *y, tip)
    tail, head = np.where(forward, left, right), np.where(forward, right, left)
    back = np.minimum(right - left, length)
    neck = np.where(forward, head - back, head + back)
    across = np.stack([tail, neck, head, neck, tail], axis=-1)
    up = np.stack([low, low, (low + high) / 2, high, high], axis=-1)
    return np.stack([across, up], axis=-1).astype(np.float64).reshape(-1, 5, 2)


def letter_row(
    letters: str, first: int, y: tuple[float, float], is_lit: npt.NDArray[np.bool_]
) -> list[Mark]:
    """Letters from position `first` on, between the heights `y`; those not lit, (n,), are faint.

    Spaces stay empty.
    """
    alphabet = "".join(sorted(set(letters)))
    codes = np.array([alphabet.index(letter) for letter in letters], dtype=np.intp)
    is_letter = np.array([letter != " " for letter in letters], dtype=bool)
    x = first + np.arange(len(letters), dtype=np.float64)
    faint = dict.fromkeys(alphabet, blend(GRAY, 0.6))
    drawn: list[Mark] = []
    for is_chosen, colors in ((~is_lit, faint), (is_lit, letter_colors(alphabet))):
        chosen = is_chosen & is_letter
        n = int(chosen.sum())
        base, height = np.full(n, y[0]), np.full(n, y[1] - y[0])
        drawn.append(Letters(alphabet, codes[chosen], x[chosen], base, height, colors))
    return drawn


def motif_colors(names: Iterable[str]) -> dict[str, str]:
    """Return a color for each name, in their order; from the fifteenth on they are gray.

    Examples
    --------
    >>> motif_colors(["GATA1", "SPI1"])
    {'GATA1': '#0072B2', 'SPI1': '#D55E00'}
    """
    distinct = list(dict.fromkeys(names))
    return {name: MANY[i] if i < len(MANY) else GRAY for i, name in enumerate(distinct)}


@dataclass(frozen=True)
class Entry:
    """Words of a key, after a square of their color."""

    words: str
    color: str
    sign: str = "\u25a0"

    @property
    def width(self) -> float:
        """In pixels."""
        return 30 + 6.4 * len(self.words)


def key_lines(entries: Iterable[Entry], width: float = _KEY_WIDTH) -> list[list[Entry]]:
    """Break a key into lines that fit above a picture."""
    lines: list[list[Entry]] = []
    room = 0.0
    for entry in entries:
        if room < entry.width:
            lines.append([])
            room = width
        lines[-1].append(entry)
        room -= entry.width
    return lines


def key_marks(lines: Sequence[Sequence[Entry]], x: float, y: float) -> list[Mark]:
    """The lines of a key, the first of them just below the point (x, y), its left end."""
    drawn: list[Mark] = []
    for number, line in enumerate(lines):
        right, up = 6.0, -KEY_LINE * (number + 0.7)
        for entry in line:
            drawn.append(Text(x, y, entry.sign, entry.color, offset=(right, up)))
            drawn.append(Text(x, y, entry.words, INK, offset=(right + 13, up)))
            right += entry.width
    return drawn
