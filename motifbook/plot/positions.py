"""Where a motif lies along the sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import FORWARD, INK, PALE, REVERSE
from motifbook.plot.panel import Line, Mark, Page, Panel, boxes, key, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def positions(
    starts: npt.ArrayLike,
    length: int,
    *,
    strand: npt.ArrayLike | None = None,
    window: tuple[int, int] | None = None,
    title: str = "Where it lies",
    ax: Axes | None = None,
) -> Axes:
    """Draw a histogram of where sites start in their sequences.

    Parameters
    ----------
    starts : (n_sites,)
        0-based start of each site.
    length
        Of the sequences.
    strand : (n_sites,)
        +1 or -1; sites on the reverse strand are then counted downwards.
    window
        First position and end, shaded.
    title
        Words above it.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If `strand` has another length than `starts`.
    """
    from motifbook.plot import axes

    panel = positions_panel(starts, length, strand=strand, window=window, title=title)
    return axes.draw(panel, ax)


def positions_svg(
    starts: npt.ArrayLike,
    length: int,
    *,
    strand: npt.ArrayLike | None = None,
    window: tuple[int, int] | None = None,
    title: str = "Where it lies",
) -> str:
    """Return `positions` as SVG text."""
    panel = positions_panel(starts, length, strand=strand, window=window, title=title)
    return svg.write(Page([[panel]], title))


def positions_panel(
    starts: npt.ArrayLike,
    length: int,
    *,
    strand: npt.ArrayLike | None = None,
    window: tuple[int, int] | None = None,
    title: str = "Where it lies",
) -> Panel:
    """Describe `positions` as a panel of a larger page."""
    length = _check.whole_number(length, "length")
    found = np.atleast_1d(_check.numbers(starts, "starts", "whole numbers, (n_sites,)"))
    signs = np.ones(len(found)) if strand is None else np.asarray(strand)
    _check.shape(signs, "strand", "(n_sites,), like `starts`", len(found))
    step = next((s for s in _STEPS if length <= 50 * s), length)
    edges = np.arange(0, length + step, step)
    up = np.histogram(found[signs >= 0], edges)[0]
    down = np.histogram(found[signs < 0], edges)[0]
    low, high = -1.05 * float(down.max(initial=0)), 1.05 * max(1.0, up.max(initial=0))
    left, right = edges[:-1] + 0.04 * step - 0.5, edges[1:] - 0.04 * step - 0.5
    right_end = float(edges[-1]) - 0.5
    marks: list[Mark] = [
        boxes((left[up > 0], right[up > 0]), (0, up[up > 0]), FORWARD),
        boxes((left[down > 0], right[down > 0]), (-down[down > 0], 0), REVERSE),
        Line([-0.5, right_end], [0, 0], INK, width=1),
    ]
    if window is not None:
        marks.insert(0, boxes((window[0] - 0.5, window[1] - 0.5), (low, high), PALE))
    if strand is not None:
        marks += key([("forward", FORWARD), ("reverse", REVERSE)], right_end, high)
    counts = [(v, words.lstrip("\u2212")) for v, words in ticks(low, high, about=4, whole=True)]
    return Panel(
        marks,
        (-0.5, right_end),
        (low, high),
        xlabel="start in the sequence",
        ylabel="sites" if step == 1 else f"sites per {step} positions",
        title=title,
        yticks=counts,
        size=(400, 190),
    )
