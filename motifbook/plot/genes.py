"""Genes of a region: exons as boxes, an arrow along the strand, names that do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook._region import Region, region_of
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, INK, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import (
    FloatArray,
    Line,
    Mark,
    Page,
    Panel,
    Shapes,
    Text,
    Ticks,
    boxes,
    ticks,
)
from motifbook.plot.spans import WIDTH, pointed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("chrom", "start", "end", "strand", "kind", "gene", "transcript")
ROW = 32.0  # pixels of a row of genes
_MIDDLE, _CODING, _OTHER = 9.0, 6.5, 3.5  # pixels: the line of a gene, half a box
_NAME = 19.0  # pixels above the foot of a row
_CHARACTER, _APART = 6.9, 12.0  # pixels: of a name; between two genes of a row
_ARROW, _BETWEEN, _TIP = 3.0, 22.0, 8.0  # pixels: an arrow, the way to the next, the end of a gene
_THIN = 0.6  # pixels: half of the line
_STOP = 3  # letters of a stop codon, which GTF does not count as coding
_COLOR, _PALE = blend(INK, 0.85), blend(INK, 0.45)


def genes(
    genes: pd.DataFrame,
    region: Any = None,
    *,
    transcripts: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the genes of a region.

    Parameters
    ----------
    genes
        From `mb.read_genes`.
    region
        "chr1:1000-2000" (counted from 0, the end excluded), ("chr1", 1000, 2000), or a row of
        `adata.obs`; from the first to the last gene by default.
    transcripts
        Draw every transcript for itself, under its own name; one row of all exons per gene by
        default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, or nothing says which region.

    Notes
    -----
    High boxes are coding, low ones are exons or parts of exons that are not; arrows point along the
    strand.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(genes, region, transcripts, axes.room(ax, WIDTH)), ax)


def genes_svg(genes: pd.DataFrame, region: Any = None, *, transcripts: bool = False) -> str:
    """Return `genes` as SVG text."""
    panel = _panel(genes, region, transcripts, WIDTH)
    names = ", ".join(shorten(str(name)) for name in genes["gene"].unique()[:20])
    return svg.write(Page([[panel]], "Genes", names))


def _panel(genes: pd.DataFrame, region: Any, transcripts: bool, width: float) -> Panel:
    at = shown_region(genes, region)
    models = packed(genes, at, (width - 20) / len(at), is_single=transcripts)
    height = n_rows(models) * ROW
    drawn = gene_marks(models, at, (width - 20) / len(at), foot=0.0)
    if not models:
        drawn = [Text((at.start + at.end) / 2, 0.4 * ROW, "no gene here", GRAY, "middle")]
    return Panel(
        drawn,
        (at.start - 0.5, at.end - 0.5),
        (0, height),
        xlabel=place_words(at),
        xticks=place_ticks(at, width),
        yticks=(),
        has_y_line=False,
        size=(width, height + 50),
    )


def shown_region(genes: pd.DataFrame, region: Any) -> Region:
    """The region as the user gave it, else that of the genes.

    Raises
    ------
    InputError
        If a column is missing, or there is neither.
    """
    _check.table(genes, "genes", '`mb.read_genes("genes.gtf", "chr1:1000-2000")`')
    _check.columns(genes.columns, COLUMNS, "`genes`")
    if region is not None:
        return region_of(region)
    if not len(genes):
        raise _check.InputError(
            '`genes` has no rows; expected at least one gene, or `region="chr1:1000-2000"` beside '
            "it."
        )
    chrom = str(genes["chrom"].iloc[0])
    own = genes[genes["chrom"] == chrom]
    return Region(chrom, int(own["start"].min()), int(own["end"].max()))


@dataclass(frozen=True)
class Model:
    """A gene, or one of its transcripts, cut at the ends of the region.

    Parameters
    ----------
    name
        As it is written.
    strand
        "+", "-", or "." where nobody knows.
    span : (2,)
        From and to.
    exons, coding : (n, 2)
        From and to of each.
    row
        From above.
    """

    name: str
    strand: str
    span: tuple[float, float]
    exons: FloatArray
    coding: FloatArray
    row: int = 0


def packed(
    genes: pd.DataFrame, region: Region, pixels: float, *, is_single: bool = False
) -> list[Model]:
    """Genes of a region in as few rows as their names allow, at `pixels` per letter."""
    inside = (genes["end"] > region.start) & (genes["start"] < region.end)
    own = genes[inside & (genes["chrom"] == region.chrom)]
    by = ["transcript"] if is_single else ["gene", "strand"]
    models = [_model(rows, by[0], region) for _, rows in own.groupby(by, sort=False, dropna=False)]
    ends: list[float] = []  # of the rows, in pixels
    placed = []
    for model in sorted(models, key=lambda one: (one.span[0], one.span[1], one.name)):
        left, right = _reach(model, region, pixels)
        row = next((i for i, end in enumerate(ends) if end + _APART <= left), len(ends))
        ends[row : row + 1] = [right]
        placed.append(replace(model, row=row))
    return placed


def _model(rows: pd.DataFrame, name: str, region: Region) -> Model:
    def of_kind(*kinds: str) -> FloatArray:
        spans = rows.loc[rows["kind"].isin(kinds), ["start", "end"]].to_numpy(np.float64)
        return _merged(np.clip(spans, region.start, region.end))

    whole = np.clip(rows[["start", "end"]].to_numpy(np.float64), region.start, region.end)
    return Model(
        shorten(str(rows[name].iloc[0])),
        str(rows["strand"].iloc[0]),
        (float(whole.min()), float(whole.max())),
        of_kind("exon", "CDS"),
        of_kind("CDS"),
    )


def _merged(spans: FloatArray) -> FloatArray:
    """Stretches, (n, 2), as few as cover the same letters."""
    merged: list[list[float]] = []
    for start, end in sorted(span for span in spans.tolist() if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, dtype=np.float64).reshape(-1, 2)


def _name_at(model: Model, region: Region, pixels: float) -> float:
    """Middle of a name: that of its gene, but within the region."""
    half = 0.5 * _CHARACTER * len(model.name) / pixels
    middle = sum(model.span) / 2
    return float(np.clip(middle, region.start + half, max(region.end - half, region.start + half)))


def _reach(model: Model, region: Region, pixels: float) -> tuple[float, float]:
    """First and last pixel of a gene and its name."""
    half = 0.5 * _CHARACTER * len(model.name) / pixels
    middle = _name_at(model, region, pixels)
    return min(model.span[0], middle - half) * pixels, max(model.span[1], middle + half) * pixels


def n_rows(models: Sequence[Model]) -> int:
    """How many rows genes take; 1 for none."""
    return max((model.row for model in models), default=0) + 1


def gene_marks(
    models: Sequence[Model], region: Region, pixels: float, *, foot: float
) -> list[Mark]:
    """Lines, boxes, arrows and names; the unit upwards is a pixel, `foot` the lowest."""
    marks: list[Mark] = []
    for model in models:
        low = foot + (n_rows(models) - 1 - model.row) * ROW
        marks += _one(model, low + _MIDDLE, pixels)
        middle = _name_at(model, region, pixels)
        marks.append(Text(middle - 0.5, low + _NAME, model.name, INK, "middle"))
    return marks


def _one(model: Model, y: float, pixels: float) -> list[Mark]:
    start, end = model.span[0] - 0.5, model.span[1] - 0.5
    marks: list[Mark] = [boxes((start, end), (y - _THIN, y + _THIN), _PALE)]
    marks += _arrows(model, y, pixels)
    for spans, half in ((model.exons, _OTHER), (model.coding, _CODING)):
        wide = _at_least(spans, 1.5 / pixels) - 0.5
        behind = end - wide[:, 1] if model.strand == "+" else wide[:, 0] - start
        is_last = (behind <= _STOP + 1 / pixels) & (model.strand in ("+", "-"))
        tip = np.where(is_last, _TIP / pixels, 0.0)
        x = wide[:, 0], wide[:, 1]
        corners = pointed(x, (y - half, y + half), model.strand != "-", tip)
        marks.append(Shapes(corners, _COLOR))
    return marks


def _at_least(spans: FloatArray, width: float) -> FloatArray:
    """Stretches, (n, 2), none of them narrower than can be seen."""
    more = np.maximum(width - (spans[:, 1] - spans[:, 0]), 0)[:, None] / 2
    return spans + more * [-1.0, 1.0]


def _arrows(model: Model, y: float, pixels: float) -> list[Mark]:
    """Arrows along a gene, where they do not lie on its boxes."""
    if model.strand not in ("+", "-"):
        return []
    tip = _ARROW / pixels * (1 if model.strand == "+" else -1)
    at = np.arange(model.span[0] + _BETWEEN / 2 / pixels, model.span[1], _BETWEEN / pixels)
    room = _ARROW / pixels
    is_free = np.ones(len(at), dtype=bool)
    for start, end in model.exons.tolist():
        is_free &= (at + room < start) | (at - room > end)
    is_free &= at + room < model.span[1]
    return [
        Line([x - tip, x, x - tip], [y - _ARROW, y, y + _ARROW], _PALE, width=1.0)
        for x in (at[is_free] - 0.5).tolist()
    ]


def place_words(region: Region) -> str:
    """Words below an axis of the genome."""
    return f"position on {shorten(region.chrom)}"


def place_ticks(region: Region, width: float) -> Ticks:
    """Round positions, two at least where there are two: one alone tells no distance."""
    about = max(2, int(width / 110))
    found = ticks(region.start, region.end - 1, about=about, whole=True)
    while len(found) < 2 <= len(region) and about < 16:
        about += 1
        found = ticks(region.start, region.end - 1, about=about, whole=True)
    return [(value, f"{int(value):,}") for value, _ in found]
