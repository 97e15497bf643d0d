"""Sequence logos: of motifs in bits, of any matrix in its own units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, PROTEIN
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.colors import INK, letter_colors
from motifbook.plot.layout import frame, shorten
from motifbook.plot.panel import FloatArray, Line, Mark, Page, Panel, Ticks, stacked
from motifbook.plot.stack import stack

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Colors = str | Mapping[str, str]

KINDS = {"bits": "bits", "ppm": "probability", "pssm": "log2 odds"}
_COLUMN = 24  # pixels per position


def logo(
    motif: Motif | npt.ArrayLike,
    *,
    ax: Axes | None = None,
    kind: str = "bits",
    colors: Colors = "default",
    letters: str = "",
    ylabel: str | None = None,
    title: str = "",
    style: str = "motifbook",
) -> Axes:
    """Draw a sequence logo.

    Parameters
    ----------
    motif : Motif, or (n_letters, width)
        A motif, or the height of each letter (an attribution, weights); negative letters hang
        upside down from zero.
    ax
        Where to draw; a new figure by default.
    kind
        Heights for a motif: "bits" (information content), "ppm" (probability) or "pssm" (log2
        odds against the background). A matrix is drawn as it is.
    colors
        "default", "classic", or letter -> color.
    letters
        The letters of a matrix's rows; ACGT for 4 rows, amino acids for 20 by default.
    ylabel
        The unit of the heights.
    title
        Words above it; the motif's name is a good one.
    style
        "motifbook", or "logomaker": drawn by that package (Tareen & Kinney 2020, Bioinformatics
        36:2272), slower.

    Returns
    -------
    Axes
        Positions 1 to width lie at x = 0 to width - 1.

    Raises
    ------
    InputError
        If the matrix has another shape or a value that is not a number, or a name is unknown.
    """
    from motifbook.plot import axes

    _check.one_of(style, "style", ["motifbook", "logomaker"])
    heights, letters, unit = _heights(motif, kind, letters)
    ylabel = unit if ylabel is None else ylabel
    panel = _panel(heights, letters, colors, _ceiling(motif, kind), ylabel=ylabel, title=title)
    if style == "motifbook":
        return axes.draw(panel, ax)
    drawn = axes.draw(replace(panel, marks=()), ax)
    return axes.logomaker_letters(drawn, heights, letters, letter_colors(letters, colors))


def logo_svg(
    motif: Motif | npt.ArrayLike,
    *,
    kind: str = "bits",
    colors: Colors = "default",
    letters: str = "",
    width: float | None = None,
    height: float = 130,
    title: str = "",
    ylabel: str | None = None,
) -> str:
    """Return a sequence logo as SVG text, for notebooks and web pages.

    Parameters
    ----------
    width, height
        In pixels; 24 per position by default. On a narrow page the picture shrinks.
    title
        What a screen reader calls it, and the words above a matrix; "Logo of " and the name of
        the motif by default.
    motif, kind, colors, letters, ylabel
        As in `logo`.

    Examples
    --------
    >>> logo_svg(np.eye(4), ylabel="weight")[:4]
    '<svg'
    """
    heights, letters, unit = _heights(motif, kind, letters)
    unit = unit if ylabel is None else ylabel
    panel = _panel(heights, letters, colors, _ceiling(motif, kind), ylabel=unit)
    size = (width or max(180.0, panel.size[0]), height)
    panel = replace(panel, size=size, title=title if not isinstance(motif, Motif) else "")
    name = title or (f"Logo of {motif.name}" if isinstance(motif, Motif) else "Sequence logo")
    return svg.write(Page([[panel]], name, _summary(motif, heights, letters)))


def gallery_svg(
    motifs: Sequence[Motif],
    *,
    columns: int = 4,
    kind: str = "bits",
    colors: Colors = "default",
    captions: Sequence[str] | None = None,
) -> str:
    """Return many logos on one page as SVG text, all with the same scale.

    Parameters
    ----------
    motifs
        Drawn row by row.
    columns
        How many stand side by side.
    captions : one per motif
        Words above each; its name and bits by default.
    kind, colors
        As in `logo`.

    Raises
    ------
    InputError
        If there are no motifs, or captions of another number.
    """
    if len(motifs) == 0:
        raise _check.InputError(
            "`motifs` is empty; expected at least one motif. If they come from `read_motifs`, "
            "`include_unused=True` shows what the network left unused."
        )
    columns = _check.whole_number(columns, "columns")
    if captions is None:
        captions = [f"{shorten(motif.name)} \u00b7 {motif.bits:.1f} bits" for motif in motifs]
    if len(captions) != len(motifs):
        raise _check.InputError(
            f"`captions` has {len(captions)} entries for {len(motifs)} motifs; give one per motif."
        )
    widest = max(motif.width for motif in motifs)
    size = (max(150.0, 12.0 * widest), 84.0)
    panels = [
        replace(
            _panel(*_heights(motif, kind, "")[:2], colors, _ceiling(motif, kind)),
            x=(-0.5, widest - 0.5),
            title=caption,
            xticks=(),
            yticks=(),
            size=size,
        )
        for motif, caption in zip(motifs, captions)
    ]
    rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    names = ", ".join(motif.name for motif in motifs[:20])
    return svg.write(Page(rows, f"Logos of {len(motifs)} motifs", names))


def logo_panel(motif: Motif, *, colors: Colors = "default", title: str = "") -> Panel:
    """The logo of a motif in bits as a panel of a larger page."""
    heights, letters, unit = _heights(motif, "bits", "")
    return _panel(heights, letters, colors, _ceiling(motif, "bits"), ylabel=unit, title=title)


def _heights(motif: Motif | npt.ArrayLike, kind: str, letters: str) -> tuple[FloatArray, str, str]:
    """Letter heights (n_letters, width), the letters of the rows, and the unit."""
    _check.one_of(kind, "kind", KINDS)
    if isinstance(motif, Motif):
        if kind == "ppm":
            return motif.ppm, motif.alphabet.letters, KINDS[kind]
        heights = motif.icm() if kind == "bits" else motif.pssm()
        return heights, motif.alphabet.letters, KINDS[kind]
    heights = np.asarray(motif, dtype=np.float64)
    if not letters:
        rows = heights.shape[0] if heights.ndim == 2 else 0
        known = {alphabet.n_letters: alphabet.letters for alphabet in (DNA, PROTEIN)}
        letters = known.get(rows, "")
    rows_of = f"rows {', '.join(letters)}" if letters else "4 or 20 rows, or `letters=` given"
    n_letters = len(letters) if letters else 4
    hint = ""
    if heights.ndim == 2 and heights.shape[1] == n_letters:
        hint = f"A (width, {n_letters}) matrix needs `.T`."
    expected = f"({n_letters}, width) with {rows_of}"
    _check.shape(heights, "motif", expected, n_letters, None, hint=hint)
    return heights, letters, ""


def _ceiling(motif: Motif | npt.ArrayLike, kind: str) -> float | None:
    """The top of the axis that makes logos of one alphabet comparable."""
    if not isinstance(motif, Motif) or kind == "pssm":
        return None
    if kind == "ppm":
        return 1.0
    return float(-np.log2(min(motif.background)))


def _panel(
    heights: FloatArray,
    letters: str,
    colors: Colors,
    ceiling: float | None,
    *,
    ylabel: str = "",
    title: str = "",
) -> Panel:
    piled = stack(heights)
    width = heights.shape[1]
    low, high = piled.low, max(piled.high, ceiling or 0.0)
    if low == high:
        high = low + 1.0
    marks: list[Mark] = [stacked(heights, piled, letters, letter_colors(letters, colors))]
    if low < 0:
        low -= 0.05 * (high - low)
        marks.append(Line([-0.5, width - 0.5], [0, 0], INK, width=1))
    panel = Panel(
        marks,
        (-0.5, width - 0.5),
        (low, high),
        ylabel=ylabel,
        title=title,
        xticks=_positions(width),
        size=(_COLUMN * width, 130.0),
    )
    inside = frame(panel)  # so that every position gets its full column
    return replace(panel, size=(panel.size[0] + inside.left + 10, 130.0))


def _positions(width: int) -> Ticks:
    """Every position of a short motif, round ones of a long one; the first is 1."""
    step = next(s for s in (1, 5, 10, 20, 50, 100, 200, 500, width) if width <= 26 * s)
    numbers = range(1, width + 1) if step == 1 else [1, *range(step, width + 1, step)]
    return [(number - 1, str(number)) for number in numbers]


def _summary(motif: Motif | npt.ArrayLike, heights: FloatArray, letters: str) -> str:
    if isinstance(motif, Motif):
        return f"{motif.width} positions, consensus {motif.consensus}, {motif.bits:.1f} bits."
    best = "".join(letters[code] for code in np.abs(heights).argmax(axis=0)[:200])
    return f"{heights.shape[1]} positions; the largest letter at each: {best}."
