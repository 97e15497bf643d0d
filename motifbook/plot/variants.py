"""A variant: reference above alternative, and the motif instances it makes and destroys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, INK, ORANGE, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Line, Mark, Page, Panel, Shapes, Text, Ticks, boxes, ticks
from motifbook.plot.spans import WIDTH, letter_row, motif_colors, pointed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("start", "end", "strand", "motif")
_CONTEXT = 20  # letters shown on either side of what changed
_SPACE = " "  # in place of letters that the other sequence has more
_LETTERS, _LANE, _BOX = 26.0, 20.0, 16.0  # pixels: heights of a row of letters, a lane, a box
_CHARACTER = 6.4  # pixels
_SHARED = 0.5  # of the narrower one, from which two instances are the same place


def variants(
    reference: str,
    alternative: str,
    *,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    window: tuple[int, int] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a reference sequence above its alternative, around the letters that differ.

    Parameters
    ----------
    reference, alternative
        Sequences; they may differ in letters, and in length where letters were put in or left
        out in one place.
    before, after
        Motif instances in the reference and in the alternative, both or neither: columns start,
        end, strand, motif.
        Those in one of the two are drawn in full color and named destroyed or created; those that
        both have are pale.
    window
        First position and end in the reference (0-based, half-open); by default 20 letters on
        either side of what changed, and all instances there.
    title
        Words above it, such as the variant's name.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If both sequences are the same, a column or one of both tables is missing, or the window
        lies outside the reference.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(reference, alternative, (before, after), window, title), ax)


def variants_svg(
    reference: str,
    alternative: str,
    *,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    window: tuple[int, int] | None = None,
    title: str = "",
) -> str:
    """Return `variants` as SVG text."""
    panel = _panel(reference, alternative, (before, after), window, title)
    return svg.write(Page([[panel]], panel.title))


@dataclass(frozen=True)
class _Pair:
    """Both sequences with a space where the other one has letters more; equally long."""

    reference: str
    alternative: str

    @property
    def is_changed(self) -> npt.NDArray[np.bool_]:
        """Per column."""
        return np.array([a != b for a, b in zip(self.reference, self.alternative)], dtype=bool)

    def columns_of(self, row: int) -> npt.NDArray[np.intp]:
        """The column of each letter of the reference (row 0) or the alternative (row 1)."""
        letters = (self.reference, self.alternative)[row]
        return np.array([i for i, letter in enumerate(letters) if letter != _SPACE], dtype=np.intp)


def _aligned(reference: str, alternative: str) -> _Pair:
    """Put a space where letters were put in or left out, right of the first difference."""
    surplus = len(alternative) - len(reference)
    equal = [a == b for a, b in zip(reference, alternative)]
    at = equal.index(False) if False in equal else len(equal)
    if surplus == 0:
        return _Pair(reference, alternative)
    shorter, longer = sorted((reference, alternative), key=len)
    ending = 0  # letters that both have in common at their ends
    while ending < len(shorter) - at and shorter[-1 - ending] == longer[-1 - ending]:
        ending += 1
    cut = len(shorter) - ending
    filled = shorter[:cut] + _SPACE * abs(surplus) + shorter[cut:]
    return _Pair(filled, longer) if surplus > 0 else _Pair(longer, filled)


@dataclass(frozen=True)
class _Instance:
    """A motif instance in the reference (row 0) or the alternative (row 1), in columns."""

    row: int
    motif: str
    is_forward: bool
    left: int
    right: int  # half-open
    is_shared: bool = False  # with the other sequence
    lane: int = 0  # counted from the letters

    @property
    def words(self) -> str:
        fate = "" if self.is_shared else (" destroyed", " created")[self.row]
        return shorten(self.motif) + fate

    def is_twin(self, other: _Instance) -> bool:
        """Whether the other sequence has the same motif at the same place."""
        common = min(self.right, other.right) - max(self.left, other.left)
        needed = _SHARED * min(self.right - self.left, other.right - other.left)
        return self.row != other.row and self.motif == other.motif and common >= needed

    def words_right(self, window: tuple[int, int]) -> bool:
        """Whether the words have room right of the box."""
        return self.right + _columns_of_words(self.words, window) <= window[1]

    def extent(self, window: tuple[int, int]) -> tuple[float, float]:
        """Columns that the box and its words take."""
        room = _columns_of_words(self.words, window)
        if self.words_right(window):
            return self.left, self.right + room
        return self.left - room, self.right


def _columns_of_words(words: str, window: tuple[int, int]) -> float:
    return (_CHARACTER * len(words) + 10) * (window[1] - window[0]) / (WIDTH - 110)


def _panel(
    reference: str,
    alternative: str,
    instances: tuple[pd.DataFrame | None, pd.DataFrame | None],
    window: tuple[int, int] | None,
    title: str,
) -> Panel:
    for name, sequence in (("reference", reference), ("alternative", alternative)):
        if not isinstance(sequence, str):
            raise _check.InputError(
                f"`{name}` is {_check.shown(sequence)}; expected the letters of one sequence, such "
                f"as `compared.{name}[0]` of `mb.compare_alleles`."
            )
    pair = _aligned(reference.upper(), alternative.upper())
    changed = np.flatnonzero(pair.is_changed)
    if not len(changed):
        raise _check.InputError(
            "`alternative` is the same as `reference`; expected sequences that differ."
        )
    found = _instances(pair, instances)
    first, end = shown = _shown(pair, changed, found, window)
    found = _in_lanes(found, shown)
    above, below = (_LANE * len({one.lane for one in found if one.row == row}) for row in (0, 1))
    middle, height = below + _LETTERS, below + 2 * _LETTERS + above
    seen = changed[(changed >= first) & (changed < end)]
    marks: list[Mark] = [
        boxes((seen - 0.5, seen + 0.5), (below, below + 2 * _LETTERS), blend(ORANGE, 0.35))
    ]
    for row, bottom in ((0, middle), (1, below)):
        marks += _letters(pair, [one for one in found if one.row == row], shown, row, bottom)
    marks += _boxes(found, middle, shown)
    return Panel(
        marks,
        (first - 0.5, end - 0.5),
        (0, height),
        xlabel="position in the reference",
        title=str(title) or "Reference above alternative",
        xticks=_ticks(pair, shown),
        yticks=[(middle + _LETTERS / 2, "reference"), (below + _LETTERS / 2, "alternative")],
        has_y_line=False,
        size=(WIDTH, 60 + height),
    )


def _instances(
    pair: _Pair, tables: tuple[pd.DataFrame | None, pd.DataFrame | None]
) -> list[_Instance]:
    """All instances of both sequences; those that both have know it."""
    before, after = tables
    if before is None and after is None:
        return []
    if before is None or after is None:
        raise _check.InputError(
            f"`{'before' if before is None else 'after'}` is None; expected the instances of both "
            "sequences, or of neither: what was created or destroyed is told by comparison."
        )
    found = []
    for row, (name, table) in enumerate((("before", before), ("after", after))):
        _check.table(table, name, f"`compared.{name}(0)` of `mb.compare_alleles`")
        _check.columns(table.columns, _COLUMNS, f"`{name}`")
        columns = pair.columns_of(row)
        for start, end, strand, motif in table[list(_COLUMNS)].itertuples(index=False):
            ends = int(columns[start]), int(columns[end - 1]) + 1
            found.append(_Instance(row, str(motif), strand != "-", *ends))
    return [replace(one, is_shared=any(map(one.is_twin, found))) for one in found]


def _shown(
    pair: _Pair,
    changed: npt.NDArray[np.intp],
    found: Sequence[_Instance],
    window: tuple[int, int] | None,
) -> tuple[int, int]:
    """First column and end of the picture."""
    columns = pair.columns_of(0)
    if window is not None:
        first, end = _check.window(window, len(columns))
        return int(columns[first]), int(columns[end - 1]) + 1
    first, end = int(changed[0]) - _CONTEXT, int(changed[-1]) + 1 + _CONTEXT
    near = [one for one in found if one.left < end and one.right > first]
    first, end = min([first, *(o.left for o in near)]), max([end, *(o.right for o in near)])
    return max(first, 0), min(end, len(pair.reference))


def _in_lanes(found: Sequence[_Instance], window: tuple[int, int]) -> list[_Instance]:
    """The instances in the window, cut there, each in a lane where it and its words have room."""
    first, end = window
    free: dict[tuple[int, int], float] = {}  # row, lane -> where its free part begins
    placed = []
    for one in sorted(found, key=lambda one: (one.row, one.left)):
        if one.left < end and one.right > first:
            cut = replace(one, left=max(one.left, first), right=min(one.right, end))
            begin, stop = cut.extent(window)
            lane = next(k for k in count() if free.get((one.row, k), -np.inf) <= begin)
            free[one.row, lane] = stop
            placed.append(replace(cut, lane=lane))
    return placed


def _letters(
    pair: _Pair, found: Sequence[_Instance], window: tuple[int, int], row: int, bottom: float
) -> list[Mark]:
    """One of both sequences; letters that changed or lie in instances are colored."""
    first, end = window
    shown = (pair.reference, pair.alternative)[row][first:end]
    is_lit = pair.is_changed[first:end].copy()
    for one in found:
        is_lit[one.left - first : one.right - first] = True
    drawn = letter_row(shown, first, (bottom + 3, bottom + _LETTERS - 3), is_lit)
    middle = bottom + _LETTERS / 2
    spaces = [first + i for i, letter in enumerate(shown) if letter == _SPACE]
    return [*drawn, *(Line([x - 0.3, x + 0.3], [middle] * 2, GRAY) for x in spaces)]


def _boxes(found: Sequence[_Instance], middle: float, window: tuple[int, int]) -> list[Mark]:
    """Instances of the reference above its letters, those of the alternative below."""
    colors = motif_colors(one.motif for one in found)
    drawn: list[Mark] = []
    for one in found:
        away = _LETTERS + (_LANE - _BOX) / 2 + _LANE * one.lane
        low = middle + away if one.row == 0 else middle - away - _BOX
        left, right = one.left - 0.5, one.right - 0.5
        tip = 0.25 * (right - left)
        corners = pointed((left, right), (low, low + _BOX), one.is_forward, tip)
        color = blend(colors[one.motif], 0.3) if one.is_shared else colors[one.motif]
        drawn.append(Shapes(corners, color))
        ink = GRAY if one.is_shared else INK
        x, anchor, shift = (right, "start", 5) if one.words_right(window) else (left, "end", -5)
        drawn.append(Text(x, low, one.words, ink, anchor, (shift, 4)))
    return drawn


def _ticks(pair: _Pair, window: tuple[int, int]) -> Ticks:
    """Round positions of the reference, where they lie."""
    columns = pair.columns_of(0)
    seen = np.flatnonzero((columns >= window[0]) & (columns < window[1]))
    rounded = ticks(float(seen[0]), float(seen[-1]), about=8, whole=True) if len(seen) else []
    return [(float(columns[int(position)]), words) for position, words in rounded]
