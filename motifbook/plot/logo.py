"""Sequence logos: of motifs in bits, of any matrix in its own units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, PROTEIN
from motifbook.motif.columns import motif_list
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
_COLUMN, _HEIGHT = 24.0, 130.0  # pixels per position, of a logo
_PAGE, _CELL = 720.0, (150.0, 240.0)  # pixels: width of a gallery, least and most per logo
_CHARACTER = 7.2  # pixels of a letter above a logo


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
    drawn = _drawn(motif, kind, letters)
    panel = _panel(drawn, colors, ylabel=ylabel, title=title)
    if style == "motifbook":
        return axes.draw(panel, ax)
    frame_only = axes.draw(replace(panel, marks=()), ax)
    palette = letter_colors(drawn.letters, colors)
    return axes.logomaker_letters(frame_only, drawn.heights, drawn.letters, palette)


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
        Words above it. Without them, screen readers say "Logo of" and the motif's name.
    motif, kind, colors, letters, ylabel
        As in `logo`.

    Examples
    --------
    >>> logo_svg(np.eye(4), ylabel="weight")[:4]
    '<svg'
    """
    drawn = _drawn(motif, kind, letters)
    panel = _panel(drawn, colors, ylabel=ylabel, title=title)
    panel = replace(panel, size=(width or max(180.0, panel.size[0]), height))
    name = title or (f"Logo of {motif.name}" if isinstance(motif, Motif) else "Sequence logo")
    return svg.write(Page([[panel]], name, drawn.words))


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
        How many stand side by side; with fewer, each is larger.
    captions : one per motif
        Words above each; its name and bits by default.
    kind, colors
        As in `logo`.

    Raises
    ------
    InputError
        If there are no motifs, or captions of another number.
    """
    motifs = motif_list(motifs)
    if not motifs:
        raise _check.InputError(
            "`motifs` is empty; expected at least one motif. If they come from `read_motifs`, "
            "`include_unused=True` shows what the network left unused."
        )
    columns = _check.whole_number(columns, "columns")
    widest = max(motif.width for motif in motifs)
    across = max(min(max(_PAGE / columns, _CELL[0]), _CELL[1]), 12.0 * widest)
    size = (across, 0.5 * min(across, _CELL[1]) + 10)
    if captions is None:
        n_characters = int(size[0] / _CHARACTER) - len(" · 10.0 bits")
        captions = [f"{shorten(m.name, n_characters)} \u00b7 {m.bits:.1f} bits" for m in motifs]
    if len(captions) != len(motifs):
        raise _check.InputError(
            f"`captions` has {len(captions)} entries for {len(motifs)} motifs; give one per motif."
        )
    panels = [
        replace(
            _panel(_drawn(motif, kind, ""), colors, ylabel=""),
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


def logo_panel(motif: Motif, *, title: str = "") -> Panel:
    """The logo of a motif in bits as a panel of a larger page."""
    return _panel(_drawn(motif, "bits", ""), "default", title=title)


@dataclass(frozen=True)
class _Drawn:
    """What a motif or a matrix looks like."""

    heights: FloatArray  # (n_letters, width)
    letters: str
    unit: str
    top: float  # of the axis, at least: logos of one kind share their scale
    words: str  # for screen readers


def _drawn(motif: Motif | npt.ArrayLike, kind: str, letters: str) -> _Drawn:
    _check.one_of(kind, "kind", KINDS)
    if not isinstance(motif, Motif):
        return _drawn_matrix(_numbers(motif), letters)
    if kind == "bits":
        heights, top = motif.icm(), float(-np.log2(min(motif.background)))
    elif kind == "ppm":
        heights, top = motif.ppm, 1.0
    else:
        heights, top = motif.pssm(), 0.0
    words = f"{motif.width} positions, consensus {motif.consensus}, {motif.bits:.1f} bits."
    return _Drawn(heights, motif.alphabet.letters, KINDS[kind], top, words)


def _numbers(matrix: npt.ArrayLike) -> FloatArray:
    try:
        return np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _check.InputError(
            f"`motif` is {str(matrix)[:40]!r}, a {type(matrix).__name__}; expected a Motif or a "
            "matrix of heights."
        ) from error


def _drawn_matrix(heights: FloatArray, letters: str) -> _Drawn:
    n_rows = heights.shape[0] if heights.ndim == 2 else 0
    if not letters:
        letters = PROTEIN.letters if n_rows == PROTEIN.n_letters else DNA.letters
    n_letters = len(letters)
    is_turned = heights.ndim == 2 and heights.shape[1] == n_letters
    hint = f"A (width, {n_letters}) matrix needs `.T`." if is_turned else ""
    expected = f"({n_letters}, width) with rows {', '.join(letters)}"
    _check.shape(heights, "motif", expected, n_letters, None, hint=hint)
    if not heights.shape[1]:
        raise _check.InputError("`motif` has no positions; expected at least one.")
    largest = "".join(letters[code] for code in np.abs(heights).argmax(axis=0)[:200])
    words = f"{heights.shape[1]} positions; the largest letter at each: {largest}."
    return _Drawn(heights, letters, "", 0.0, words)


def _panel(drawn: _Drawn, colors: Colors, *, ylabel: str | None = None, title: str = "") -> Panel:
    piled = stack(drawn.heights)
    width = drawn.heights.shape[1]
    low, high = piled.low, max(piled.high, drawn.top)
    if low == high:
        high = low + 1.0
    palette = letter_colors(drawn.letters, colors)
    marks: list[Mark] = [stacked(drawn.heights, piled, drawn.letters, palette)]
    if low < 0:
        low -= 0.05 * (high - low)
        marks.append(Line([-0.5, width - 0.5], [0, 0], INK, width=1))
    panel = Panel(
        marks,
        (-0.5, width - 0.5),
        (low, high),
        ylabel=drawn.unit if ylabel is None else ylabel,
        title=title,
        xticks=_positions(width),
        size=(_COLUMN * width, _HEIGHT),
    )
    margins = frame(panel).left + 10  # so that every position gets its full column
    return replace(panel, size=(_COLUMN * width + margins, _HEIGHT))


def _positions(width: int) -> Ticks:
    """Every position of a short motif, round ones of a long one; the first is 1."""
    step = next(s for s in (1, 5, 10, 20, 50, 100, 200, 500, width) if width <= 26 * s)
    numbers = range(1, width + 1) if step == 1 else [1, *range(step, width + 1, step)]
    return [(number - 1, str(number)) for number in numbers]
