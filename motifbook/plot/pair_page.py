"""Two motifs on one page: where they are written, what they add by distance, what is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, PURPLE, VERMILLION, letter_colors
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Line, Mark, Page, Panel, Shapes, Text, boxes, stacked, ticks
from motifbook.plot.spans import WIDTH, pointed
from motifbook.plot.stack import stack
from motifbook.plot.syntax import SyntaxLike, curves_of, rules_of, spacing_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LETTERS, _ARROW, _FLOOR = 62.0, 16.0, 26.0  # pixels: a logo, the box below it, what lies under
_MARGIN = 8  # positions on either side of the pair
_FEWEST = 60  # positions shown: while the gap grows, the picture stands still
_BARS = 290.0  # pixels
_BAR_COLORS = (GRAY, BLUE, VERMILLION, PURPLE)


def pair_svg(
    syntax: SyntaxLike,
    pair: tuple[str, str],
    predictions: Sequence[float],
    *,
    orientation: str,
    gap: int,
    start: int,
    readout: str,
) -> str:
    """Return one pair's page as SVG text: both logos in place, effect by distance, predictions.

    Parameters
    ----------
    syntax
        From `mb.read_syntax`.
    pair
        Names of two of its motifs, in the order in which they are written.
    predictions : (4,)
        With neither, with the first alone, with the second alone, with both.
    orientation
        Strand of the first, then of the second.
    gap
        Letters between the two; negative where they overlap.
    start
        0-based position of the first one's first letter.
    readout
        Name of the readout that is predicted.

    Raises
    ------
    InputError
        If there is no such motif or readout, or the pair was not measured.
    """
    return svg.write(
        pair_page(
            syntax,
            pair,
            predictions,
            orientation=orientation,
            gap=gap,
            start=start,
            readout=readout,
        )
    )


def pair_figure(
    syntax: SyntaxLike,
    pair: tuple[str, str],
    predictions: Sequence[float],
    *,
    orientation: str,
    gap: int,
    start: int,
    readout: str,
) -> Figure:
    """Draw the page of `pair_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    return axes.figure(
        pair_page(
            syntax,
            pair,
            predictions,
            orientation=orientation,
            gap=gap,
            start=start,
            readout=readout,
        )
    )


def pair_page(
    syntax: SyntaxLike,
    pair: tuple[str, str],
    predictions: Sequence[float],
    *,
    orientation: str,
    gap: int,
    start: int,
    readout: str,
) -> Page:
    """Describe the page of `pair_svg`."""
    motifs = {motif.name: motif for motif in syntax.motifs}
    for name in pair:
        _check.one_of(name, "pair", motifs)
    curves = curves_of(syntax.effects, pair, readout)
    placed = [
        motifs[name] if strand == "+" else motifs[name].reverse_complement()
        for name, strand in zip(pair, orientation)
    ]
    starts = start, start + placed[0].width + gap
    is_probability = "logit" in set(curves["unit"])
    bars = _bars(predictions, pair, readout, is_probability=is_probability)
    spacing = spacing_panel(
        curves,
        rules_of(syntax, pair, readout),
        title="What both add beyond each alone",
        size=(WIDTH - Page.gap - _BARS, bars.size[1]),
        at=(orientation, gap),
    )
    together = ", ".join(f"{value:.3g}" for value in predictions)
    summary = f"{orientation}, {gap} letters apart; neither, first, second, both: {together}."
    title = f"{pair[0]} and {pair[1]}"
    return Page([[_ruler(placed, orientation, starts)], [spacing, bars]], title, summary)


def _ruler(placed: Sequence[Motif], orientation: str, starts: tuple[int, int]) -> Panel:
    """Both logos along the sequence; where they overlap, the second stands above the first."""
    first = starts[0] - _MARGIN
    end = max(starts[1] + placed[1].width + _MARGIN, first + _FEWEST)
    gap = starts[1] - starts[0] - placed[0].width
    lift = _LETTERS + _ARROW + 6 if gap < 0 else 0.0
    floors = (_FLOOR, _FLOOR + lift)
    marks: list[Mark] = []
    for motif, strand, at, floor, color in zip(
        placed, orientation, starts, floors, (BLUE, VERMILLION)
    ):
        left, right = at - 0.5, at + motif.width - 0.5
        box = pointed((left, right), (floor, floor + _ARROW), strand == "+", 2.0)
        marks += [Shapes(box, color), _logo(motif, at, floor + _ARROW + 3)]
        marks.append(Text((left + right) / 2, floor, shorten(motif.name), INK, "middle", (0, -13)))
    if gap > 0:
        left, right = starts[1] - gap - 0.5, starts[1] - 0.5
        height = _FLOOR + _ARROW / 2
        marks.append(Line([left, right], [height, height], GRAY, width=1.2))
        words = f"{gap} letter{'s' * (gap > 1)}"
        marks.append(Text((left + right) / 2, height, words, GRAY, "middle", (0, 5)))
    return Panel(
        marks,
        (first - 0.5, end - 0.5),
        (0, _FLOOR + lift + _ARROW + _LETTERS + 6),
        xlabel="position in the sequence",
        title="Where both are written",
        yticks=(),
        size=(WIDTH, 66 + _FLOOR + lift + _ARROW + _LETTERS),
    )


def _logo(motif: Motif, start: int, floor: float) -> Mark:
    """The letters of a motif in bits, from position `start` on."""
    heights = motif.icm()
    top = float(-np.log2(min(motif.background)))
    palette = letter_colors(motif.alphabet.letters)
    piled = stacked(heights, stack(heights), motif.alphabet.letters, palette)
    scale = _LETTERS / top
    return replace(
        piled, x=piled.x + start, base=floor + piled.base * scale, height=piled.height * scale
    )


def _bars(
    predictions: Sequence[float], pair: tuple[str, str], readout: str, *, is_probability: bool
) -> Panel:
    values = np.asarray(predictions, np.float64)
    _check.shape(values, "predictions", "(4,): neither, first, second, both", 4)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    if is_probability:
        low, high = 0.0, 1.0
    room = 0.12 * (high - low) or 0.1
    words = ["neither", f"{shorten(pair[0], 16)} alone", f"{shorten(pair[1], 16)} alone", "both"]
    bottom = 3 - np.arange(4) + 0.2
    marks: list[Mark] = [
        boxes((np.minimum(values, 0), np.maximum(values, 0)), (bottom, bottom + 0.6), _BAR_COLORS),
        Line([0, 0], [0, 4], INK, width=1),
    ]
    for value, row in zip(values.tolist(), bottom.tolist()):
        shown = f"{value:.2f}".replace("-", "\u2212")
        marks.append(Text(max(value, 0), row + 0.3, shown, INK, "start", (4, -4)))
    return Panel(
        marks,
        (low - (room if low < 0 else 0), high + room),
        (0, 4),
        xlabel="predicted probability" if is_probability else "prediction",
        title=f"Prediction: {shorten(readout)}",
        xticks=ticks(low, high, about=3),
        yticks=[(3.5 - i, name) for i, name in enumerate(words)],
        has_y_line=False,
        size=(_BARS, 300),
    )
