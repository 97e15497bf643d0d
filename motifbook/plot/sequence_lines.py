"""A whole sequence in lines of letters: what changed in it, its motif instances, a logo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot.colors import GRAY, INK, ORANGE, blend, letter_colors
from motifbook.plot.layout import shorten
from motifbook.plot.panel import FloatArray, Line, Mark, Panel, Shapes, Text, boxes, stacked
from motifbook.plot.spans import letter_row, motif_colors, pointed
from motifbook.plot.stack import stack

COLUMNS = ("step", "start", "end", "strand", "motif")
PER_LINE = 40  # letters; twice as many of sequences of more than 240
WIDTH = 580.0  # pixels
_LETTERS, _OLD, _LOGO = 17.0, 12.0, 44.0  # pixels: heights of letters, of former ones, of a logo
_LANE, _BOX, _GAP = 18.0, 13.0, 12.0  # pixels: an instance with its words, its box, between lines
_CHARACTER, _MARGIN = 6.2, 40.0  # pixels
_SHARED = 0.5  # of the narrower one, from which two instances are the same place
_CHANGED = blend(ORANGE, 0.35)


@dataclass(frozen=True)
class _Site:
    """A motif instance; `lane` counts from the letters, upwards where it is `lost`."""

    motif: str
    is_forward: bool
    left: int
    right: int  # half-open
    is_lost: bool = False
    is_new: bool = False
    has_words: bool = True
    words_right: bool = True  # of the box, not left of it
    lane: int = 0

    @property
    def words(self) -> str:
        if not self.has_words:
            return ""
        fate = " lost" if self.is_lost else (" new" if self.is_new else "")
        return f"{shorten(self.motif)} {'+' if self.is_forward else chr(0x2212)}{fate}"

    def is_twin(self, other: _Site) -> bool:
        """Whether it is the same motif at the same place."""
        common = min(self.right, other.right) - max(self.left, other.left)
        needed = _SHARED * min(self.right - self.left, other.right - other.left)
        return self.motif == other.motif and common >= needed


@dataclass(frozen=True)
class _Span:
    """One line: its first position, its letters before and now, its instances, its logo."""

    first: int
    before: str
    now: str
    sites: Sequence[_Site]
    has_logo: bool

    @property
    def changed(self) -> npt.NDArray[np.intp]:
        """Columns of the letters that changed."""
        return np.flatnonzero([a != b for a, b in zip(self.before, self.now)])

    def lanes(self, *, is_lost: bool) -> float:
        """Pixels of the instances above the letters, which are lost, or of those below."""
        own = [site.lane + 1 for site in self.sites if site.is_lost == is_lost]
        return _LANE * max(own, default=0)

    @property
    def base(self) -> float:
        """Lower edge of the letters, in pixels above the lower end of the line."""
        return _GAP + self.lanes(is_lost=False)

    @property
    def height(self) -> float:
        above = self.lanes(is_lost=True) + (_OLD if len(self.changed) else 0.0)
        return self.base + _LETTERS + (_LOGO if self.has_logo else 0.0) + above


def lines_panel(
    before: str,
    now: str,
    *,
    instances: pd.DataFrame | None = None,
    step: int = 0,
    attribution: npt.ArrayLike | None = None,
    letters: str = "ACGT",
    title: str = "",
) -> Panel:
    """Describe a sequence and what it was before, as long, as a panel.

    Parameters
    ----------
    before, now
        Letters at the start and after some edits.
    instances
        Motif instances after each edit: columns step (0 for the start), start, end, strand, motif.
        Those of `step` stand below the letters, those of the start that are lost above.
    step
        Number of the edit that led to `now`.
    attribution : (n_letters, length)
        Contribution of each letter of `now`, drawn as a logo above it.
    letters
        The letters of its rows.

    Raises
    ------
    InputError
        If both are not equally long, a column is missing or a shape does not fit.
    """
    if len(before) != len(now) or not now:
        raise _check.InputError(
            f"The sequences have {len(before)} and {len(now)} letters; expected as many, 1 or more."
        )
    per_line = PER_LINE if len(now) <= 6 * PER_LINE else 2 * PER_LINE
    found, colors = _sites(instances, step), _colors(instances)
    logo = _checked(attribution, letters, len(now))
    spans = [
        _Span(
            first,
            before[first : first + per_line],
            now[first : first + per_line],
            _in_lanes(found, first, min(first + per_line, len(now)), per_line),
            logo is not None,
        )
        for first in range(0, len(now), per_line)
    ]
    height = sum(span.height for span in spans) + 16
    marks: list[Mark] = []
    labels = []
    top = height - 16
    for span in spans:
        bottom = top - span.height
        marks += _line(span, bottom, colors)
        if logo is not None:
            marks += _logo(logo, span, bottom + span.base + _LETTERS, letters)
        labels.append((bottom + span.base + _LETTERS / 2, str(span.first)))
        top = bottom
    marks.append(Text(-0.5, height, _explained(before != now, found), GRAY, offset=(0, -10)))
    return Panel(
        marks,
        (-0.5, per_line - 0.5),
        (0, height),
        title=title,
        xticks=(),
        yticks=labels,
        has_y_line=False,
        size=(WIDTH, height + 24),
    )


def _explained(has_changed: bool, found: Sequence[_Site]) -> str:
    said = ["orange: changed, with the letter of the start above"] if has_changed else []
    if any(site.is_lost for site in found):
        said.append("pale: motif instance of the start that is lost")
    return "; ".join(said)


def _colors(instances: pd.DataFrame | None) -> dict[str, str]:
    """One for each motif; a categorical column says which others there are, at other steps."""
    if instances is None:
        return {}
    motifs = instances["motif"]
    is_categorical = isinstance(motifs.dtype, pd.CategoricalDtype)
    return motif_colors(map(str, motifs.cat.categories if is_categorical else motifs))


def _sites(instances: pd.DataFrame | None, step: int) -> list[_Site]:
    """Instances after a step, and those of the start that are lost."""
    if instances is None:
        return []
    _check.table(instances, "instances", "one with a row per motif instance and step")
    _check.columns(instances.columns, COLUMNS, "`instances`")
    first, now = (_read(instances[instances["step"] == number]) for number in (0, step))
    lost = [
        replace(one, is_lost=True) for one in first if not any(one.is_twin(other) for other in now)
    ]
    kept = [replace(one, is_new=not any(one.is_twin(other) for other in first)) for one in now]
    return [*lost, *kept]


def _read(table: pd.DataFrame) -> list[_Site]:
    rows = table[list(COLUMNS[1:])].itertuples(index=False)
    return [_Site(str(motif), strand != "-", int(s), int(e)) for s, e, strand, motif in rows]


def _checked(attribution: npt.ArrayLike | None, letters: str, length: int) -> FloatArray | None:
    if attribution is None:
        return None
    expected = f"({len(letters)}, {length}): letters {', '.join(letters)}, positions"
    values = _check.numbers(attribution, "attribution", expected)
    _check.shape(values, "attribution", expected, len(letters), length)
    return values


def _in_lanes(found: Sequence[_Site], first: int, end: int, per_line: int) -> list[_Site]:
    """The instances in a line, cut there, each in a lane where it and its words have room."""
    per_column = (WIDTH - _MARGIN) / per_line
    free: dict[tuple[bool, int], float] = {}  # side, lane -> where its free part begins
    placed = []
    for one in sorted(found, key=lambda one: one.left):
        if one.left >= end or one.right <= first:
            continue
        left, right = max(one.left, first) - first, min(one.right, end) - first
        larger = 2 * (right - left) - (one.right - one.left)  # than the part in another line
        is_named = larger > 0 or (larger == 0 and one.left >= first)
        cut = replace(one, left=left, right=right, has_words=is_named)
        room = (_CHARACTER * len(cut.words) + 8) / per_column
        words_right = right + room - per_line <= max(0.0, room - left)  # where it sticks out less
        begin, stop = (left, right + room) if words_right else (left - room, right)
        lane = next(k for k in count() if free.get((one.is_lost, k), -np.inf) <= begin)
        free[one.is_lost, lane] = stop
        placed.append(replace(cut, words_right=words_right, lane=lane))
    return placed


def _line(span: _Span, bottom: float, colors: Mapping[str, str]) -> list[Mark]:
    """Letters, those that they replaced, and instances of one line."""
    base = bottom + span.base
    changed = span.changed
    is_lit = np.zeros(len(span.now), dtype=bool)
    is_lit[changed] = True
    for site in span.sites:
        is_lit[site.left : site.right] |= not site.is_lost
    marks: list[Mark] = [boxes((changed - 0.5, changed + 0.5), (base, base + _LETTERS), _CHANGED)]
    marks += letter_row(span.now, 0, (base + 2, base + _LETTERS - 2), is_lit)
    top = base + _LETTERS + (_LOGO if span.has_logo else 0.0)
    if len(changed):
        former = "".join(a if a != b else " " for a, b in zip(span.before, span.now))
        marks += letter_row(former, 0, (top + 1, top + _OLD - 2), np.zeros_like(is_lit))
        top += _OLD
    for site in span.sites:
        low = top + _LANE * site.lane + 2 if site.is_lost else base - _LANE * (site.lane + 1) + 3
        marks += _box(site, low, colors[site.motif])
    return marks


def _box(site: _Site, low: float, color: str) -> list[Mark]:
    """An instance that points along its strand, and its words."""
    left, right = site.left - 0.5, site.right - 0.5
    corners = pointed((left, right), (low, low + _BOX), site.is_forward, 0.25 * (right - left))
    shade, ink = (blend(color, 0.3), GRAY) if site.is_lost else (color, INK)
    x, anchor, shift = (right, "start", 5) if site.words_right else (left, "end", -5)
    words = [Text(x, low, site.words, ink, anchor, (shift, 3))] if site.words else []
    return [Shapes(corners, shade), *words]


def _logo(logo: FloatArray, span: _Span, low: float, letters: str) -> list[Mark]:
    """The logo of a line, on the scale of the whole sequence, from `low` upwards."""
    whole = stack(logo)
    top = whole.high if whole.high > whole.low else whole.low + 1
    scale = (_LOGO - 4) / (top - whole.low)
    zero = low + 2 - whole.low * scale
    shown = logo[:, span.first : span.first + len(span.now)]
    drawn = stacked(shown, stack(shown), letters, letter_colors(letters))
    scaled = replace(drawn, base=zero + scale * drawn.base, height=scale * drawn.height)
    edges = [-0.5, len(span.now) - 0.5]
    return [Line(edges, [zero, zero], GRAY, width=0.8), scaled]
