"""Motif instances along sequences: which motif, on which strand, and what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import INK, PALE
from motifbook.plot.layout import shorten
from motifbook.plot.panel import FloatArray, Line, Mark, Page, Panel, Shapes
from motifbook.plot.spans import (
    KEY_LINE,
    READABLE,
    WIDTH,
    Entry,
    key_lines,
    key_marks,
    letter_row,
    motif_colors,
    pointed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("sequence", "start", "end", "strand", "motif")
_LEAST = 0.3  # height of the weakest box, as a share of the strongest
_FOOT, _TOP = 0.1, 0.9  # of a row, which is one unit high
_STRIP = 0.3  # height of the letters


def instances(
    instances: pd.DataFrame,
    *,
    sequences: Sequence[str],
    names: Sequence[str] | None = None,
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    strength: str = "weight",
    ax: Axes | None = None,
) -> Axes:
    """Draw motif instances along sequences, as boxes that point along their strand.

    Parameters
    ----------
    instances
        From `mb.call_instances` or `mb.scan`: columns sequence, start, end, strand, motif, and
        `strength` where there is one. Rows of other sequences are left out.
    sequences : n strings
        From top to bottom. Letters are shown where at most 90 positions are.
    names : n strings
        What the column `sequence` calls them; row numbers by default.
    window
        First position and end (0-based, half-open); the longest sequence by default.
    sites
        Planted or known sites, such as `adata.uns["truth"]["sites"]`, drawn as outlines.
    strength
        The column that gives the boxes their height: negative ones hang below the sequence.
        Without that column, all are equally high.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, or the window lies outside the sequences.
    """
    from motifbook.plot import axes

    panel = instances_panel(
        instances,
        sequences=sequences,
        names=names,
        window=window,
        sites=sites,
        strength=strength,
    )
    return axes.draw(panel, ax)


def instances_svg(
    instances: pd.DataFrame,
    *,
    sequences: Sequence[str],
    names: Sequence[str] | None = None,
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    strength: str = "weight",
) -> str:
    """Return `instances` as SVG text."""
    panel = instances_panel(
        instances,
        sequences=sequences,
        names=names,
        window=window,
        sites=sites,
        strength=strength,
    )
    return svg.write(Page([[panel]], panel.title))


def instances_panel(
    instances: pd.DataFrame,
    *,
    sequences: Sequence[str],
    names: Sequence[str] | None = None,
    window: tuple[int, int] | None = None,
    sites: pd.DataFrame | None = None,
    strength: str = "weight",
    colors: Mapping[str, str] | None = None,
    has_key: bool = True,
) -> Panel:
    """Describe `instances` as a panel of a larger page, perhaps with its own colors or no key."""
    _check.table(instances, "instances", "`mb.call_instances(model, adata)`")
    if sites is not None:
        _check.table(sites, "sites", "`adata.uns['truth']['sites']`")
    sequences = _texts(sequences)
    n = len(sequences)
    words = [str(i) for i in range(n)] if names is None else [str(name) for name in names]
    first, end = _check.window(window, max((len(s) for s in sequences), default=0))
    found = _spans(instances, "`instances`", words, (first, end))
    height = _heights(found, strength, _largest(instances, strength, words))
    has_letters = end - first <= READABLE
    ground = _ground(has_letters, has_negative=bool((height < 0).any()))
    colors = motif_colors(instances["motif"]) if colors is None else colors
    key = [Entry(shorten(name), color) for name, color in colors.items()]
    marks = _ground_lines(sequences, (first, end), ground)
    marks += _boxes(found, height, n, ground, colors)
    if has_letters:
        marks += _letters(found, [s[first:end] for s in sequences], first, ground)
    if sites is not None:
        marks += _outlines(_spans(sites, "`sites`", words, (first, end)), n)
        key.append(Entry("planted site", INK, "\u25a1"))
    lines = key_lines(key if has_key else [])
    row_pixels = 54.0 if has_letters else 30.0
    top = max(n, 1) + KEY_LINE * len(lines) / row_pixels
    return Panel(
        [*marks, *key_marks(lines, first - 0.5, top)],
        (first - 0.5, end - 0.5),
        (0, top),
        xlabel="position in the sequence",
        title="Motif instances; boxes point along their strand",
        yticks=[(n - i - 0.5, shorten(name)) for i, name in enumerate(words)],
        has_y_line=False,
        size=(WIDTH, 60 + top * row_pixels),
    )


def _texts(sequences: Sequence[str]) -> list[str]:
    """Sequences as a list, one as a list of one."""
    is_many = isinstance(sequences, Iterable) and not isinstance(sequences, str)
    listed = list(sequences) if is_many and not hasattr(sequences, "obs") else [sequences]
    if not all(isinstance(sequence, str) for sequence in listed):
        raise _check.InputError(
            f"`sequences` is {_check.shown(sequences)}; expected their letters, such as "
            '`adata.obs["sequence"][:5]`.'
        )
    return [str(sequence) for sequence in listed]


def _spans(
    table: pd.DataFrame, where: str, names: Sequence[str], window: tuple[int, int]
) -> pd.DataFrame:
    """The rows of `table` that lie in the window, cut there, with columns row, left, right."""
    _check.columns(table.columns, _COLUMNS, where)
    numbers = {name: number for number, name in enumerate(names)}
    row = table["sequence"].astype(str).map(numbers)
    first, end = window
    is_seen = row.notna() & (table["start"] < end) & (table["end"] > first)
    seen = table[is_seen]
    return seen.assign(
        row=row[is_seen].astype(int),
        left=seen["start"].clip(lower=first) - 0.5,
        right=seen["end"].clip(upper=end) - 0.5,
    )


def _largest(table: pd.DataFrame, strength: str, names: Sequence[str]) -> float:
    """The largest size in these sequences, inside the window and out: boxes keep their height."""
    if strength not in table:
        return 1.0
    own = table.loc[table["sequence"].astype(str).isin(names), strength].to_numpy(np.float64)
    return float(np.abs(own).max(initial=0.0)) or 1.0


def _heights(found: pd.DataFrame, strength: str, largest: float) -> FloatArray:
    """Height of each box, -1 to 1; the weakest can still be seen."""
    if strength not in found:
        return np.ones(len(found))
    value = found[strength].to_numpy(np.float64)
    size = _LEAST + (1 - _LEAST) * np.abs(value) / largest
    signed: FloatArray = np.where(value < 0, -size, size)
    return signed


def _ground(has_letters: bool, *, has_negative: bool) -> tuple[float, float]:
    """Where boxes hang from and stand on, within a row; the letters lie between."""
    strip = _STRIP if has_letters else 0.0
    low = (_FOOT + _TOP - strip) / 2 if has_negative else _FOOT
    return low, low + strip


def _ground_lines(
    sequences: Sequence[str], window: tuple[int, int], ground: tuple[float, float]
) -> list[Mark]:
    """A line along each sequence; with letters, one on either side of them."""
    first, end = window
    drawn: list[Mark] = []
    for number, sequence in enumerate(sequences):
        bottom = len(sequences) - 1 - number
        right = min(len(sequence), end) - 0.5
        if right > first:
            for height in dict.fromkeys(ground):
                drawn.append(Line([first - 0.5, right], [bottom + height] * 2, PALE, width=1))
    return drawn


def _boxes(
    found: pd.DataFrame,
    height: FloatArray,
    n: int,
    ground: tuple[float, float],
    colors: Mapping[str, str],
) -> list[Mark]:
    """One box per instance; the lower ones lie in front."""
    order = np.argsort(-np.abs(height), kind="stable")
    found, height = found.iloc[order], height[order]
    base = np.where(height < 0, ground[0], ground[1]) + n - 1 - found["row"].to_numpy()
    room = np.where(height < 0, ground[0] - _FOOT, _TOP - ground[1])
    edge = base + height * room
    x = found["left"].to_numpy(), found["right"].to_numpy()
    tip = 0.25 * (found["end"] - found["start"]).to_numpy()
    y = np.minimum(base, edge), np.maximum(base, edge)
    corners = pointed(x, y, found["strand"] != "-", tip)
    return [Shapes(corners[i : i + 1], colors[m]) for i, m in enumerate(found["motif"])]


def _letters(
    found: pd.DataFrame, shown: Sequence[str], first: int, ground: tuple[float, float]
) -> list[Mark]:
    """The letters of each row; those in instances are colored."""
    drawn: list[Mark] = []
    for row, letters in enumerate(shown):
        here = found[found["row"] == row]
        is_lit = np.zeros(len(letters), dtype=bool)
        for left, right in zip(here["left"] + 0.5 - first, here["right"] + 0.5 - first):
            is_lit[int(left) : int(right)] = True
        bottom = len(shown) - 1 - row
        drawn += letter_row(letters, first, (bottom + ground[0], bottom + ground[1]), is_lit)
    return drawn


def _outlines(sites: pd.DataFrame, n: int) -> list[Mark]:
    bottom = n - 1 - sites["row"].to_numpy()
    x = sites["left"].to_numpy(), sites["right"].to_numpy()
    tip = 0.25 * (sites["end"] - sites["start"]).to_numpy()
    corners = pointed(x, (bottom + 0.03, bottom + 0.97), sites["strand"] != "-", tip)
    closed = np.concatenate([corners, corners[:, :1]], axis=1)
    return [Line(points[:, 0], points[:, 1], INK, width=1.2) for points in closed]
