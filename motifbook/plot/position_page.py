"""One sequence on one page: motif instances, activations, and what a window of it carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.attribution import Values, rows_of, rows_panel
from motifbook.plot.colors import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    VERMILLION,
    blend,
)
from motifbook.plot.distortion import CurvesLike, distortion_panel
from motifbook.plot.instances import instances_panel
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Line, Mark, Page, Panel, Text, area, boxes, ticks
from motifbook.plot.relaxed import relaxed_panel
from motifbook.plot.spans import WIDTH, motif_colors

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = ("part", "readout", "prediction", "lower", "upper", "unit")
_ROW, _BARS_WIDTH = 24.0, 520.0  # pixels: a motif's activation, the bars
_CURVE_WIDTH = 300.0  # pixels
_PARTS = {
    "whole sequence": INK,
    "without the window": VERMILLION,
    "window alone": BLUE,
    "draws of the mask": GREEN,
    "changed sequence": PURPLE,
}
_SHADE = blend(ORANGE, 0.35)


class SequenceLike(Protocol):
    """What `discover.positions` shows of one sequence."""

    @property
    def name(self) -> str:
        """Of the sequence."""

    @property
    def sequence(self) -> str:
        """Its letters."""

    @property
    def motifs(self) -> list[str]:
        """Names of the motifs."""

    @property
    def instances(self) -> pd.DataFrame:
        """Their instances in it."""

    @property
    def activation(self) -> npt.NDArray[np.float64]:
        """(n_motifs, length), relative."""


@dataclass(frozen=True, eq=False)
class Scrambled:
    """What a scrambler says of one sequence at one budget.

    Parameters
    ----------
    relaxed : name -> (n_letters, length)
        What masks leave of the sequence; "" is its own name, others are changes of it.
    background : (n_letters, length)
        Where nothing is kept.
    curves
        From `scrambler.curves`.
    number
        Of the sequence among theirs.
    bits
        The budget, marked in its curve.
    """

    relaxed: Mapping[str, npt.ArrayLike]
    background: npt.ArrayLike
    curves: CurvesLike
    number: int
    bits: float


def position_svg(
    view: SequenceLike,
    parts: pd.DataFrame,
    *,
    window: tuple[int, int],
    readout: str,
    measured: float = float("nan"),
    attribution: Values | None = None,
    letters: str = "ACGT",
    scrambled: Scrambled | None = None,
) -> str:
    """Return the page of one sequence as SVG text.

    Parameters
    ----------
    view
        From `discover.positions.view_positions(model, adata).one(number)`.
    parts
        From `experiment.slice.slice_window`: the prediction without the window, and of it alone.
    window
        First position and end (0-based, half-open), shaded in the whole sequence and enlarged.
    readout
        Name of the readout.
    measured
        Its measured value, if it is known.
    attribution : (n_letters, length), or method -> (n_letters, length)
        Contribution of each letter, drawn as a logo.
    letters
        The letters of its rows.
    scrambled
        Relaxed sequence and curve of a scrambler, drawn as well.

    Raises
    ------
    InputError
        If the window lies outside the sequence, a column is missing, or a shape does not fit.
    """
    page = position_page(
        view,
        parts,
        window=window,
        readout=readout,
        measured=measured,
        attribution=attribution,
        letters=letters,
        scrambled=scrambled,
    )
    return svg.write(page)


def position_figure(
    view: SequenceLike,
    parts: pd.DataFrame,
    *,
    window: tuple[int, int],
    readout: str,
    measured: float = float("nan"),
    attribution: Values | None = None,
    letters: str = "ACGT",
    scrambled: Scrambled | None = None,
) -> Figure:
    """Draw the page of `position_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    page = position_page(
        view,
        parts,
        window=window,
        readout=readout,
        measured=measured,
        attribution=attribution,
        letters=letters,
        scrambled=scrambled,
    )
    return axes.figure(page)


def position_page(
    view: SequenceLike,
    parts: pd.DataFrame,
    *,
    window: tuple[int, int],
    readout: str,
    measured: float = float("nan"),
    attribution: Values | None = None,
    letters: str = "ACGT",
    scrambled: Scrambled | None = None,
) -> Page:
    """Describe the page of `position_svg`."""
    first, end = _check.window(window, len(view.sequence))
    colors = motif_colors(view.motifs)
    whole, enlarged = (
        instances_panel(
            view.instances,
            sequences=[view.sequence],
            names=[view.name],
            window=shown,
            colors=colors,
            has_key=shown is None,
        )
        for shown in (None, (first, end))
    )
    shade = boxes((first - 0.5, end - 0.5), (0, 1), _SHADE)
    rows = [replace(whole, marks=[shade, *whole.marks])]
    if attribution is not None:
        rows.append(_attribution(attribution, view.sequence, (first, end), letters))
    if scrambled is not None:
        rows += _relaxed(scrambled, (first, end), letters)
    smaller = enlarged.size[0], enlarged.size[1] - 18
    title = f"Positions {first} to {end - 1}"
    rows.append(replace(enlarged, title=title, xlabel="", size=smaller))
    if len(view.motifs):
        rows.append(_activations(view, colors, (first, end)))
    last = [_bars(parts, readout, measured)]
    if scrambled is not None:
        last = _with_curve(last[0], scrambled)
    page = [*([panel] for panel in _aligned(rows)), last]
    return Page(
        page, f"{view.name} and its positions {first} to {end - 1}", _summary(parts, readout)
    )


def _aligned(panels: Sequence[Panel]) -> list[Panel]:
    """The panels with their left edges in one line: blanks make room for the longest label."""
    widest = max(len(words) for panel in panels for _, words in panel.yticks or ())
    return [
        replace(panel, yticks=[*(panel.yticks or ()), (panel.y[0], " " * widest)])
        for panel in panels
    ]


def _attribution(
    attribution: Values, sequence: str, window: tuple[int, int], letters: str
) -> Panel:
    """The contribution of each letter in the window as logos."""
    named = attribution if isinstance(attribution, Mapping) else {"attribution": attribution}
    expected = f"({len(letters)}, {len(sequence)}): letters {', '.join(letters)}, positions"
    for values in named.values():
        _check.shape(values, "attribution", expected, len(letters), len(sequence))
    rows = rows_of(attribution, "", letters)
    panel = rows_panel(rows, letters, window=window, title="Attribution of each letter")
    return replace(panel, xlabel="", size=(WIDTH, panel.size[1] - 18))


def _relaxed(scrambled: Scrambled, window: tuple[int, int], letters: str) -> list[Panel]:
    """What the masks leave in the window, one logo each."""
    drawn = []
    for name, columns in scrambled.relaxed.items():
        panel = relaxed_panel((columns, scrambled.background, None), "", letters, window=window)
        what = f"Relaxed sequence, {name}" if name else "Relaxed sequence"
        title = f"{what}: the mask at {scrambled.bits:.3g} bits per position, in bits"
        plain = replace(panel, title=title, xlabel="", ylabel="", has_y_line=False)
        drawn.append(replace(plain, size=(WIDTH, 125)))
    return drawn


def _with_curve(bars: Panel, scrambled: Scrambled) -> list[Panel]:
    """The bars, and the curve of the scrambler beside them."""
    height = max(bars.size[1], 230.0)
    curve = distortion_panel(
        scrambled.curves, scrambled.number, scrambled.bits, size=(_CURVE_WIDTH, height)
    )
    narrow = replace(bars, size=(WIDTH - Page.gap - _CURVE_WIDTH, bars.size[1]))
    return [narrow, curve]


def _activations(view: SequenceLike, colors: Mapping[str, str], window: tuple[int, int]) -> Panel:
    """A curve per motif, at the middle of the place that it reads."""
    n, x = len(view.motifs), np.arange(*window)
    edges = window[0] - 0.5, window[1] - 0.5
    shares = np.clip(view.activation[:, window[0] : window[1]], 0, 1)
    marks: list[Mark] = []
    for row, (name, curve) in enumerate(zip(view.motifs, shares)):
        floor = n - 1 - row + 0.06
        marks.append(Line(list(edges), [floor, floor], PALE, width=1))
        marks.append(area(x, floor, floor + 0.88 * curve, colors[name]))
    return Panel(
        marks,
        edges,
        (0, n),
        title="Activation of each motif, at its middle",
        xlabel="position in the sequence",
        yticks=[(n - i - 0.6, shorten(name)) for i, name in enumerate(view.motifs)],
        has_y_line=False,
        size=(WIDTH, 60 + _ROW * n),
    )


def _bars(parts: pd.DataFrame, readout: str, measured: float) -> Panel:
    """Predictions of the whole sequence and of its parts, with the measured value as a line."""
    _check.columns(parts.columns, _COLUMNS, "`parts`")
    _check.one_of(readout, "readout", parts["readout"].unique())
    own = parts[parts["readout"] == readout]
    values, lower, upper = (
        own[name].to_numpy(np.float64) for name in ("prediction", "lower", "upper")
    )
    is_probability = (own["unit"] == "probability").all()
    known = [0.0, *lower, *upper] + ([measured] if np.isfinite(measured) else [])
    low, high = (0.0, 1.0) if is_probability else (min(known), max(known))
    room = 0.12 * (high - low) or 0.1
    edge, n = high + room, len(own)
    bottom = n - 1 - np.arange(n) + 0.22
    spans = (np.minimum(values, 0), np.maximum(values, 0)), (bottom, bottom + 0.56)
    marks: list[Mark] = [
        boxes(*spans, [_PARTS.get(part, GRAY) for part in own["part"]]),
        Line([0, 0], [0, n], INK, width=1),
    ]
    for value, left, right, row in zip(values, lower, upper, bottom + 0.28):
        if left < right:
            marks.append(Line([left, right], [row, row], INK, width=1.5))
        words = f"{value:.2f}".replace("-", "\u2212")
        marks.append(Text(edge, row, words, INK, "end", (0, -4)))
    if np.isfinite(measured):
        marks.append(Line([measured, measured], [0, n], GREEN, width=1.5, dashed=True))
        words = f"measured {measured:.3g}".replace("-", "\u2212")
        marks.append(Text(measured, n + 0.1, words, GREEN, "middle"))
    return Panel(
        marks,
        (low - (room if low < 0 else 0), edge),
        (0, n + 0.6),
        xlabel="predicted probability" if is_probability else "prediction",
        title=f"What the window carries: {shorten(readout)}",
        xticks=ticks(low, high, about=5),
        yticks=[(n - i - 0.5, str(part)) for i, part in enumerate(own["part"])],
        has_y_line=False,
        size=(_BARS_WIDTH, 96 + 26 * n),
    )


def _summary(parts: pd.DataFrame, readout: str) -> str:
    own = parts[parts["readout"] == readout]
    told = (f"{part} {value:.3g}" for part, value in zip(own["part"], own["prediction"]))
    return f"Prediction of {readout}: {', '.join(told)}."
