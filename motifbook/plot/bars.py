"""Which motifs the network uses, and which of them work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, PALE, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Line, Mark, Page, Panel, Text, boxes
from motifbook.plot.shades import LEVELS, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USED = 0.005  # rise of the held-out loss from which a motif counts as used
_PAIR_COLUMNS = ("motif_a", "motif_b", "gap")


def motif_use(motifs: Sequence[Motif], *, limit: float = USED, ax: Axes | None = None) -> Axes:
    """Draw how much the network needs each motif.

    Parameters
    ----------
    motifs
        From `read_motifs`: info["use"] is the rise of the held-out loss when the motif is
        silenced; info["used"] says whether it counts.
    limit
        The rise from which a motif counts as used, drawn as a line.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there are no motifs, or one does not say how much it is used.
    """
    from motifbook.plot import axes

    return axes.draw(_motif_use(motifs, limit), ax)


def motif_use_svg(motifs: Sequence[Motif], *, limit: float = USED) -> str:
    """Return `motif_use` as SVG text."""
    panel = _motif_use(motifs, limit)
    n_used = sum(_is_used(motif, limit) for motif in motifs)
    summary = f"{n_used} of {len(motifs)} motifs raise the loss by more than {limit:g}."
    return svg.write(Page([[panel]], "Use of each motif", summary))


def pairs(
    table: pd.DataFrame, *, value: str = "effect", unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what pairs of motifs do at each distance, as a map of colors.

    Parameters
    ----------
    table
        Columns `motif_a`, `motif_b`, `gap` (positions between them) and `value`; an optional
        `orientation` ("++", "+-", …) makes rows of its own.
    value
        The column that is drawn; rows are sorted by its largest size.
    unit
        Of the values; `value` by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, or the table has no rows.
    """
    from motifbook.plot import axes

    return axes.draw(_pairs(table, value, unit or value), ax)


def pairs_svg(table: pd.DataFrame, *, value: str = "effect", unit: str = "") -> str:
    """Return `pairs` as SVG text."""
    panel = _pairs(table, value, unit or value)
    return svg.write(Page([[panel]], f"{unit or value} of motif pairs by their distance"))


def _motif_use(motifs: Sequence[Motif], limit: float) -> Panel:
    motifs = motif_list(motifs)
    if not motifs:
        raise _check.InputError("`motifs` is empty; expected the motifs of `read_motifs`.")
    for motif in motifs:
        if "use" not in motif.info:
            raise _check.InputError(
                f"Motif {motif.name!r} has no info['use']; expected motifs of `read_motifs`, which "
                "measures how much the network needs each."
            )
    use = np.array([float(motif.info["use"]) for motif in motifs])
    n = len(motifs)
    low, high = min(0.0, 1.05 * float(use.min())), max(1.15 * float(use.max()), 2 * limit)
    colors = [BLUE if _is_used(motif, limit) else blend(GRAY, 0.5) for motif in motifs]
    bottom = n - 1 - np.arange(n) + 0.15
    marks: list[Mark] = [
        boxes((0, use), (bottom, bottom + 0.7), colors),
        Line([limit, limit], [0, n], INK, width=1, dashed=True),
        Text(high, n, f"dashed: used from {limit:g} on", GRAY, "end", (0, 9)),
    ]
    marks += [
        Text(max(limit, value), row + 0.35, f"{value:.3f}".replace("-", "\u2212"), offset=(5, -4))
        for value, row in zip(use.tolist(), bottom.tolist())
    ]
    return Panel(
        marks,
        (low, high),
        (0, n),
        xlabel="rise of the held-out loss when the motif is silenced",
        title="Use of each motif",
        yticks=[(n - i - 0.5, shorten(motif.name)) for i, motif in enumerate(motifs)],
        has_y_line=False,
        size=(520, 70 + 22 * n),
    )


def _is_used(motif: Motif, limit: float) -> bool:
    return bool(motif.info.get("used", float(motif.info["use"]) > limit))


def _pairs(table: pd.DataFrame, value: str, unit: str) -> Panel:
    _check.table(table, "table", "`mb.pair_table(syntax)`")
    _check.columns(table.columns, [*_PAIR_COLUMNS, value], "`table`")
    if len(table) == 0:
        raise _check.InputError("`table` has no rows; expected at least one pair of motifs.")
    names = table["motif_a"].astype(str) + " \u2013 " + table["motif_b"].astype(str)
    if "orientation" in table:
        names += " " + table["orientation"].astype(str)
    values = table[value].to_numpy(np.float64)
    size = pd.Series(np.abs(values)).groupby(names.to_numpy()).max()
    ordered = size.sort_values(ascending=False, kind="stable").index.tolist()
    n = len(ordered)
    top = float(size.max()) or 1.0
    row = n - 1 - np.array([ordered.index(name) for name in names])
    gap = table["gap"].to_numpy(np.float64)
    level = np.round(LEVELS * values / top).astype(int)
    colors = [shade(int(i)) for i in level]
    first, last = float(gap.min()) - 0.5, float(gap.max()) + 0.5
    return Panel(
        [
            boxes((first, last), (0, n), PALE),
            boxes((gap - 0.5, gap + 0.5), (row + 0.06, row + 0.94), colors),
            *_scale(first, last, n, top, unit),
        ],
        (first, last),
        (0, n + 1.6),
        xlabel="positions between the motifs",
        yticks=[(n - i - 0.5, shorten(name, 32)) for i, name in enumerate(ordered)],
        has_y_line=False,
        size=(640, 74 + 22 * (n + 1.6)),
    )


def _scale(first: float, last: float, n: int, top: float, unit: str) -> list[Mark]:
    """A strip of all shades above the map, with its ends named."""
    levels = np.arange(-LEVELS, LEVELS + 1)
    step = 0.3 * (last - first) / len(levels)
    left = last - step * len(levels)
    starts = left + step * np.arange(len(levels))
    colors = [shade(int(level)) for level in levels]
    strip = boxes((starts, starts + step), (n + 0.5, n + 1.0), colors)
    return [
        strip,
        Text(left, n + 1.0, f"\u2212{top:.2g}", anchor="start", offset=(0, 4)),
        Text((left + last) / 2, n + 1.0, "0", anchor="middle", offset=(0, 4)),
        Text(last, n + 1.0, f"{top:.2g}", anchor="end", offset=(0, 4)),
        Text(left, n + 0.75, unit, anchor="end", offset=(-8, -4)),
        Text(first, n + 0.75, "gray: not measured", GRAY, offset=(0, -4)),
    ]
