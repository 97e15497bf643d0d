"""A stretch of the genome: signals, letters that matter, motif instances, genes; one axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook._region import Region, region_of
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, PALE, VERMILLION, letter_colors
from motifbook.plot.genes import (
    ROW,
    gene_marks,
    n_rows,
    packed,
    place_ticks,
    place_words,
    shown_region,
)
from motifbook.plot.layout import shorten
from motifbook.plot.panel import FloatArray, Line, Mark, Page, Panel, Shapes, Text, boxes, stacked
from motifbook.plot.spans import (
    KEY_LINE,
    WIDTH,
    Entry,
    key_lines,
    key_marks,
    motif_colors,
    pointed,
)
from motifbook.plot.stack import stack

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIGNAL, _LETTERS, _INSTANCES, _GAP = 46.0, 74.0, 18.0, 10.0  # pixels
_READABLE = 2.6  # pixels that a letter needs; else bars
_BARS = 2.0  # pixels of the narrowest bar
_IN_GENOME = ("chrom", "genome_start", "genome_end", "genome_strand")
_IN_SEQUENCE = ("start", "end", "strand")


def region(
    region: Any,
    *,
    signals: Mapping[str, npt.ArrayLike] | None = None,
    attribution: npt.ArrayLike | None = None,
    instances: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
    window: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what lies in a region of the genome, one track under another.

    Parameters
    ----------
    region
        "chr1:1000-2000" (counted from 0, the end excluded, as `mb.read_bed` names its windows),
        ("chr1", 1000, 2000), or a row of `adata.obs`.
    signals : name -> (length of the region,)
        One value per place, such as those of `mb.read_signal`; NaN leaves a gap.
    attribution : (4, length of the window)
        Of one sequence, such as `attribution[number]` of `mb.attribute`. Letters are drawn where
        they can be read, bars where not.
    instances
        From `mb.call_instances` or `mb.scan`: those of sequences with regions know their place in
        the genome; of others, all rows must be of the one sequence that lies at `window`.
    genes
        From `mb.read_genes`.
    window
        Where the sequence of `attribution` and `instances` lies, like `region`; with the strand
        "-" it is turned round. The region itself by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there is nothing to draw, a shape does not fit, or instances have no place.

    Examples
    --------
    >>> ax = region("chr1:100-104", attribution=np.eye(4), signals={"ATAC": [1, 2, 2, 0]})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['ATAC', 'attribution']
    """
    from motifbook.plot import axes

    tracks = _Tracks(signals or {}, attribution, instances, genes)
    return axes.draw(_panel(region, window, tracks, axes.room(ax, WIDTH)), ax)


def region_svg(
    region: Any,
    *,
    signals: Mapping[str, npt.ArrayLike] | None = None,
    attribution: npt.ArrayLike | None = None,
    instances: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
    window: Any = None,
) -> str:
    """Return `region` as SVG text."""
    tracks = _Tracks(signals or {}, attribution, instances, genes)
    panel = _panel(region, window, tracks, WIDTH)
    return svg.write(Page([[panel]], f"What lies in {region_of(region)}"))


@dataclass(frozen=True)
class _Tracks:
    """What the user gave."""

    signals: Mapping[str, npt.ArrayLike]
    attribution: npt.ArrayLike | None
    instances: pd.DataFrame | None
    genes: pd.DataFrame | None


@dataclass(frozen=True)
class _Track:
    """One track: its name, its height in pixels, and what draws it above a foot."""

    name: str
    height: float
    draw: Callable[[float], list[Mark]]


def _panel(given: Any, window: Any, tracks: _Tracks, width: float) -> Panel:
    at = region_of(given)
    home = at if window is None else region_of(window, "window")
    pixels = (width - 90) / len(at)
    rows = [*_signal_tracks(tracks.signals, at, pixels)]
    if tracks.attribution is not None:
        rows.append(_letter_track(tracks.attribution, at, home, pixels))
    if tracks.instances is not None:
        rows.append(_instance_track(tracks.instances, at, home, width - 90))
    if tracks.genes is not None:
        rows.append(_gene_track(tracks.genes, at, pixels))
    if not rows:
        raise _check.InputError(
            "There is nothing to draw; expected `signals=`, `attribution=`, `instances=` or "
            "`genes=`."
        )
    height = sum(row.height for row in rows) + _GAP * (len(rows) - 1)
    marks: list[Mark] = []
    names: list[tuple[float, str]] = []
    top = height
    for row in rows:
        foot = top - row.height
        marks += row.draw(foot)
        names.append((foot + row.height / 2, shorten(row.name, 18)))
        top = foot - _GAP
    return Panel(
        marks,
        (at.start - 0.5, at.end - 0.5),
        (0, height),
        xlabel=place_words(at),
        xticks=place_ticks(at, width),
        yticks=names,
        has_y_line=False,
        size=(width, height + 50),
    )


def _signal_tracks(signals: Mapping[str, npt.ArrayLike], at: Region, pixels: float) -> list[_Track]:
    if not isinstance(signals, Mapping):
        raise _check.InputError(
            f"`signals` is {_check.shown(signals)}; expected names and values: "
            '`signals={"ATAC": values}`.'
        )
    tracks = []
    for name, given in signals.items():
        expected = f"({len(at)},), one value per place of {at}"
        values = _check.numbers(given, f"signals[{name!r}]", expected)
        _check.shape(values, f"signals[{name!r}]", expected, len(at))
        tracks.append(_signal_track(str(name), values, at, pixels))
    return tracks


def _signal_track(name: str, values: FloatArray, at: Region, pixels: float) -> _Track:
    """A filled curve, with the largest value at its left edge."""
    known = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(known.min())), max(0.0, float(known.max()))
    scale = (_SIGNAL - 12) / ((high - low) or 1.0)
    starts, ends, binned = _bars(known, at.start, pixels)

    def draw(foot: float) -> list[Mark]:
        zero = foot - low * scale
        y = np.minimum(zero, zero + scale * binned), np.maximum(zero, zero + scale * binned)
        words = f"{_number(low)} to {_number(high)}"
        edge = at.start - 0.5
        return [
            boxes((starts, ends), y, BLUE),
            Line([edge, at.end - 0.5], [zero, zero], GRAY, width=0.8),
            Text(edge, foot + _SIGNAL - 9, words, GRAY, offset=(2, 0)),
        ]

    return _Track(name, _SIGNAL, draw)


def _number(value: float) -> str:
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return shown.replace("-", "\u2212")


def _bars(
    values: FloatArray, start: int, pixels: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Left and right edges and height of bars that can be seen: of many places, the farthest."""
    step = max(1, int(np.ceil(_BARS / pixels)))
    n_bars = -(-len(values) // step)
    padded = np.pad(values, (0, n_bars * step - len(values))).reshape(n_bars, step)
    height = padded[np.arange(n_bars), np.abs(padded).argmax(axis=1)]
    left = start + step * np.arange(n_bars, dtype=np.float64) - 0.5
    right = np.minimum(left + step, start + len(values) - 0.5)
    return left, right, height


def _letter_track(given: npt.ArrayLike, at: Region, home: Region, pixels: float) -> _Track:
    """What each letter is worth: a logo where letters can be read, else bars."""
    expected = f"(4, {len(home)}), one column per place of {home}"
    heights = _check.numbers(given, "attribution", expected)
    _check.shape(heights, "attribution", expected, 4, len(home))
    if not np.isfinite(heights).all():
        raise _check.InputError("`attribution` holds values that are no numbers; expected numbers.")
    if home.strand == "-":
        heights = heights[::-1, ::-1]  # A, C, G, T read backwards are their partners
    first, end = max(home.start, at.start), min(home.end, at.end)
    shown = heights[:, first - home.start : max(end, first) - home.start]
    if home.chrom != at.chrom or not shown.shape[1]:
        raise _check.InputError(f"`window` is {home}, which does not lie in the region {at}.")
    piled = stack(shown)
    scale = (_LETTERS - 4) / ((piled.high - piled.low) or 1.0)

    def draw(foot: float) -> list[Mark]:
        zero = foot - piled.low * scale
        line = Line([first - 0.5, end - 0.5], [zero, zero], GRAY, width=0.8)
        if pixels >= _READABLE:
            drawn = stacked(shown, piled, "ACGT", letter_colors("ACGT"))
            return [
                line,
                replace(
                    drawn,
                    x=drawn.x + first,
                    base=zero + scale * drawn.base,
                    height=scale * drawn.height,
                ),
            ]
        left, right, height = _bars(shown.sum(axis=0), first, pixels)
        tops = zero + scale * height
        colors = [BLUE if value >= 0 else VERMILLION for value in height.tolist()]
        y = np.minimum(zero, tops), np.maximum(zero, tops)
        return [boxes((left, right), y, colors), line]

    return _Track("attribution", _LETTERS, draw)


def _instance_track(table: pd.DataFrame, at: Region, home: Region, width: float) -> _Track:
    """Motif instances as boxes that point along the strand, with a key above."""
    found = _in_genome(table, home)
    inside = (found["chrom"] == at.chrom) & (found["left"] < at.end) & (found["right"] > at.start)
    seen = found[inside].sort_values(["left", "right"], kind="stable")
    colors = motif_colors(seen["motif"].astype(str))
    key = key_lines([Entry(shorten(name), color) for name, color in colors.items()], width)
    level = _levels(seen)
    n_levels = int(level.max(initial=0)) + 1
    height = n_levels * _INSTANCES + KEY_LINE * len(key)

    def draw(foot: float) -> list[Mark]:
        left = np.maximum(seen["left"].to_numpy(np.float64), at.start) - 0.5
        right = np.minimum(seen["right"].to_numpy(np.float64), at.end) - 0.5
        low = foot + (n_levels - 1 - level) * _INSTANCES + 2
        tip = 0.25 * (right - left)
        is_forward = (seen["strand"] != "-").to_numpy()
        corners = pointed((left, right), (low, low + _INSTANCES - 5), is_forward, tip)
        shades = [colors[str(name)] for name in seen["motif"]]
        marks: list[Mark] = [boxes((at.start - 0.5, at.end - 0.5), (foot, foot + 1), PALE)]
        marks += [Shapes(corners[i : i + 1], shade) for i, shade in enumerate(shades)]
        if not len(seen):
            middle = (at.start + at.end) / 2
            marks.append(Text(middle, foot, "no instance here", GRAY, "middle", (0, 4)))
        return [*marks, *key_marks(key, at.start - 0.5, foot + height)]

    return _Track("motifs", height, draw)


def _in_genome(table: pd.DataFrame, home: Region) -> pd.DataFrame:
    """Instances with columns chrom, left, right, strand and motif, in the genome."""
    _check.table(table, "instances", "`mb.call_instances(model, adata)`")
    _check.columns(table.columns, ["motif"], "`instances`")
    if set(_IN_GENOME) <= set(table.columns) and (table["chrom"] != ".").any():
        places = table[[*_IN_GENOME, "motif"]].set_axis(
            ["chrom", "left", "right", "strand", "motif"], axis=1
        )
        return places[places["chrom"] != "."]
    _check.columns(table.columns, _IN_SEQUENCE, "`instances`")
    names = [*table["sequence"].unique()] if "sequence" in table else []
    if len(names) > 1:
        raise _check.InputError(
            f"`instances` are of {len(names)} sequences without a place in the genome; expected "
            'those of one, which lies at `window`: `instances[instances["sequence"] == name]`.'
        )
    left, right = home.start + table["start"], home.start + table["end"]
    strand = table["strand"]
    if home.strand == "-":
        left, right = home.end - table["end"], home.end - table["start"]
        strand = strand.map({"-": "+"}).fillna("-")
    return pd.DataFrame(
        {
            "chrom": home.chrom,
            "left": left,
            "right": right,
            "strand": strand,
            "motif": table["motif"],
        }
    )


def _levels(seen: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Rows of instances, (n,), so that none overlap."""
    ends: list[float] = []
    found = []
    for left, right in zip(seen["left"].tolist(), seen["right"].tolist()):
        level = next((i for i, end in enumerate(ends) if end <= left), len(ends))
        ends[level : level + 1] = [right]
        found.append(level)
    return np.array(found, dtype=np.intp)


def _gene_track(table: pd.DataFrame, at: Region, pixels: float) -> _Track:
    shown_region(table, at)
    models = packed(table, at, pixels)
    height = n_rows(models) * ROW

    def draw(foot: float) -> list[Mark]:
        if models:
            return gene_marks(models, at, pixels, foot=foot)
        middle = (at.start + at.end) / 2
        return [Text(middle, foot + 0.4 * height, "no gene here", GRAY, "middle")]

    return _Track("genes", height, draw)
