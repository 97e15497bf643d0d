"""What a statistic looks like where nothing is associated, and where the data lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, VERMILLION, blend
from motifbook.plot.p_values import p_words
from motifbook.plot.panel import (
    FloatArray,
    Line,
    Mark,
    Page,
    Panel,
    Text,
    Ticks,
    boxes,
    ticks,
)
from motifbook.plot.tested_rows import FindingLike, NullLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FAR = 1.5  # spans of the draws beyond which the axis is broken
_BINS = (8, 40)
_LINE = 15.0  # pixels between lines of words


def null_distribution(
    sample: NullLike, finding: FindingLike | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw a statistic where nothing is associated, beside that of the data.

    Parameters
    ----------
    sample
        From `tests.null(row)`.
    finding
        From `tests.finding(row)`: writes its p-value beside the line, and struck through the naive
        one, which takes the motif for one that was not chosen with these values.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no such sample, or a value is not a number.

    Notes
    -----
    Draws as large as the statistic of the data, or larger, are orange. The p-value is not their
    share: engines that compute it draw in better ways. Where the data lie far from all draws, the
    axis is broken, and its right part holds this value alone.
    """
    from motifbook.plot import axes

    return axes.draw(null_panel(sample, finding), ax)


def null_distribution_svg(sample: NullLike, finding: FindingLike | None = None) -> str:
    """Return `null_distribution` as SVG text."""
    panel = null_panel(sample, finding)
    summary = f"The data have {sample.observed:.3g}."
    return svg.write(Page([[panel]], "Where nothing is associated", summary))


def null_panel(
    sample: NullLike,
    finding: FindingLike | None = None,
    *,
    size: tuple[float, float] = (480, 260),
) -> Panel:
    """Describe `null_distribution` as a panel of a larger page."""
    if not all(hasattr(sample, name) for name in ("values", "observed", "what")):
        raise _check.InputError(
            f"`sample` is {_check.shown(sample)}; expected such as `tests.null(0)`."
        )
    values = _check.numbers(sample.values, "sample.values", "numbers, (n_draws,)")
    axis = _Axis.of(values, _check.number(sample.observed, "sample.observed"))
    marks, top = _bars(values, axis, size[1])
    marks += [*_break(axis, size), *_observed(axis, top, finding)]
    title = f"{len(values):,} draws where nothing is associated"
    return Panel(
        marks,
        (axis.left, axis.right),
        (0, top),
        xlabel=sample.what,
        ylabel="draws",
        title=title if len(values) else "no draw where nothing is associated was accepted",
        xticks=axis.ticks(),
        yticks=ticks(0, 0.75 * top, about=4, whole=True) if len(values) else (),
        size=size,
    )


@dataclass(frozen=True)
class _Axis:
    """The axis of the statistic; where the data are far, they stand at `at`, past a break."""

    low: float  # of the draws
    high: float
    observed: float
    at: float  # where the data are drawn

    @classmethod
    def of(cls, values: FloatArray, observed: float) -> _Axis:
        low, high = (
            (float(values.min()), float(values.max())) if len(values) else (observed, observed)
        )
        if high - low < 1e-9 * max(abs(high), 1.0):
            room = 0.05 * abs(low) or 0.5
            low, high = low - room, high + room
        span = high - low
        at = observed
        if observed > high + _FAR * span:
            at = high + 0.75 * span
        elif observed < low - _FAR * span:
            at = low - 0.75 * span
        return cls(low, high, observed, at)

    @property
    def is_broken(self) -> bool:
        return self.at != self.observed

    @property
    def left(self) -> float:
        return min(self.low, self.at) - 0.06 * (self.high - self.low)

    @property
    def right(self) -> float:
        return max(self.high, self.at) + 0.06 * (self.high - self.low)

    def edges(self, n_bins: int) -> FloatArray:
        """Edges of bins over all draws; one is the value of the data, if among them."""
        width = (self.high - self.low) / n_bins
        is_among = self.low < self.observed < self.high
        first = self.low - ((self.low - self.observed) % width if is_among else 0.0)
        n_drawn = int(np.ceil((self.high - first) / width - 1e-9))
        edges: FloatArray = first + width * np.arange(n_drawn + 1.0)
        return edges

    def ticks(self) -> Ticks:
        """Round values; past a break the value of the data alone."""
        if not self.is_broken:
            return ticks(self.left, self.right, about=5)
        found = ticks(self.low, self.high, about=3)
        return sorted([*found, (self.at, f"{self.observed:.3g}".replace("-", "\u2212"))])


def _bars(values: FloatArray, axis: _Axis, height: float) -> tuple[list[Mark], float]:
    """The histogram, and the upper end of its axis, with room for words above."""
    edges = axis.edges(int(np.clip(np.sqrt(len(values)), *_BINS)))
    counts, _ = np.histogram(values, edges)
    top = float(max(counts.max(), 1)) * (1 + 3.6 * _LINE / (height - 75 - 3.6 * _LINE))
    is_beyond = edges[:-1] >= axis.observed - 1e-9 * (edges[1] - edges[0])
    colors = np.where(is_beyond, VERMILLION, blend(BLUE, 0.45)).tolist()
    marks: list[Mark] = [boxes((edges[:-1], edges[1:]), (0, counts), colors)]
    return marks, top


def _break(axis: _Axis, size: tuple[float, float]) -> list[Mark]:
    """Two slanted strokes through the axis."""
    if not axis.is_broken:
        return []
    x = (axis.high + axis.at) / 2 if axis.at > axis.high else (axis.low + axis.at) / 2
    unit = (axis.right - axis.left) / size[0]
    return [
        Text(x - 3 * unit, 0, "\u2571", INK, "middle", (0, -4), 10),
        Text(x + 3 * unit, 0, "\u2571", INK, "middle", (0, -4), 10),
    ]


def _observed(axis: _Axis, top: float, finding: FindingLike | None) -> list[Mark]:
    """The line of the data with its words, above the bars."""
    marks: list[Mark] = [Line([axis.at, axis.at], [0, top], INK, width=2)]
    is_right = axis.at > (axis.left + axis.right) / 2
    anchor, shift = ("end", -6.0) if is_right else ("start", 6.0)
    words = [(f"the data: {axis.observed:.3g}".replace("-", "\u2212"), INK, False)]
    if finding is not None:
        words.append((f"p = {p_words(finding.tested.log_p)}".replace("= <", "<"), INK, False))
        if not np.isnan(finding.naive_log_p):
            naive = f"naive p = {p_words(finding.naive_log_p)}".replace("= <", "<")
            words.append((naive, GRAY, True))
    for number, (said, color, is_struck) in enumerate(words):
        down = -_LINE * (number + 0.8)
        marks.append(Text(axis.at, top, said, color, anchor, (shift, down), is_struck=is_struck))
    return marks
