"""Effects with their intervals, one dot each: of motifs, of variants, of two conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, PALE, SERIES
from motifbook.plot.layout import shorten, unit_words
from motifbook.plot.panel import Dots, FloatArray, Line, Mark, Page, Panel, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CONDITIONS = ("motif", "condition_a", "condition_b", "use_a", "use_b")
_WIDTH, _DOT = 560.0, 13.0  # pixels: of the picture, and between the dots of a row


def effects(
    table: pd.DataFrame,
    *,
    effect: str = "effect",
    label: str | Sequence[str] = "motif",
    by: str = "readout",
    ax: Axes | None = None,
) -> Axes:
    """Draw effects as dots with their intervals, a row per motif.

    Parameters
    ----------
    table
        From `mb.marginalize`, `mb.ablate` or anything with the columns `label`, `by`, `effect`,
        and perhaps lower, upper and unit. A table of `mb.compare_use` gives two dots per motif,
        its use in either condition; with `effect="difference"`, one with its interval.
    effect
        The column that is drawn.
    label
        The column, or columns, whose words stand beside the rows.
    by
        The column that gives the dots of a row their colors.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, the table has no rows, or two rows would be the same dot.
    """
    from motifbook.plot import axes

    return axes.draw(_effects(table, effect, label, by), ax)


def effects_svg(
    table: pd.DataFrame,
    *,
    effect: str = "effect",
    label: str | Sequence[str] = "motif",
    by: str = "readout",
) -> str:
    """Return `effects` as SVG text."""
    panel = _effects(table, effect, label, by)
    return svg.write(Page([[panel]], panel.xlabel))


def _effects(table: pd.DataFrame, effect: str, label: str | Sequence[str], by: str) -> Panel:
    _check.table(table, "table", "`mb.marginalize(model, motifs, background)`")
    labels = list(label) if isinstance(label, (list, tuple)) else [str(label)]
    has_conditions = set(_CONDITIONS) <= set(table.columns)
    if has_conditions:
        table, effect, by, labels = _of_conditions(table, effect, labels)
    _check.columns(table.columns, [*labels, by, effect], "`table`")
    if len(table) == 0:
        raise _check.InputError("`table` has no rows; expected at least one effect.")
    names = table[labels].astype(str).agg(" ".join, axis=1).tolist()
    groups = table[by].astype(str).tolist()
    _refuse_repeated(names, groups, by)
    rows, colors = list(dict.fromkeys(names)), dict(zip(dict.fromkeys(groups), cycle(SERIES)))
    values = _values(table, effect)
    low, high = float(np.nanmin(values, initial=0)), float(np.nanmax(values, initial=0))
    room = 0.06 * (high - low) or 0.1
    n, n_groups = len(rows), len(colors)
    row_pixels = _DOT * (n_groups + 1)
    row = np.array([rows.index(name) for name in names])
    place = np.array([list(colors).index(group) for group in groups])  # from the top of its row
    height = n - row - _DOT * (place + 1) / row_pixels
    entries = [Entry(shorten(group, 40), color) for group, color in colors.items()]
    key = key_lines(entries if n_groups > 1 or has_conditions else [])
    top = n + KEY_LINE * len(key) / row_pixels
    marks: list[Mark] = [Line([low - room, high + room], [i, i], PALE, 1) for i in range(1, n)]
    marks.append(Line([0, 0], [0, n], GRAY, width=1, dashed=True))
    marks += _dots(values, height, [colors[group] for group in groups])
    return Panel(
        [*marks, *key_marks(key, low - room, top)],
        (low - room, high + room),
        (0, top),
        xlabel=_xlabel(table, effect),
        xticks=ticks(low - room, high + room, about=6),
        yticks=[(n - i - 0.5, shorten(name, 32)) for i, name in enumerate(rows)],
        has_y_line=False,
        size=(_WIDTH, 52 + row_pixels * top),
    )


def _of_conditions(
    table: pd.DataFrame, effect: str, labels: list[str]
) -> tuple[pd.DataFrame, str, str, list[str]]:
    """A table of `mb.compare_use` as one with a row per dot."""
    if effect == "difference":
        against = table["condition_b"].astype(str) + " \u2212 " + table["condition_a"].astype(str)
        return table.assign(conditions=against), effect, "conditions", labels
    halves = [
        table[[*labels, f"condition_{side}", f"use_{side}"]].set_axis(
            [*labels, "condition", "use"], axis=1
        )
        for side in "ab"
    ]
    uses = pd.concat(halves).drop_duplicates([*labels, "condition"])
    return uses, "use", "condition", labels


def _refuse_repeated(names: Sequence[str], groups: Sequence[str], by: str) -> None:
    (name, group), times = Counter(zip(names, groups)).most_common(1)[0]
    if times > 1:
        raise _check.InputError(
            f"`table` has {times} rows of {name!r} for {by} {group!r}; expected one dot each. Name "
            'the columns that tell them apart, such as `label=["motif", "strand"]`.'
        )


def _values(table: pd.DataFrame, effect: str) -> FloatArray:
    """Effect, lower and upper bound, (n, 3); without bounds, the effect itself."""
    has_bounds = {"lower", "upper"} <= set(table.columns)
    columns = [effect, "lower", "upper"] if has_bounds else [effect] * 3
    try:
        values: FloatArray = table[columns].to_numpy(np.float64)
    except (TypeError, ValueError):
        raise _check.InputError(
            f"Column {effect!r} of `table` holds words; expected numbers. Name another `effect`."
        ) from None
    if np.isinf(values).any():
        raise _check.InputError(
            f"Column {effect!r} of `table`, or its bounds, holds infinity; expected numbers. Leave "
            "such rows out."
        )
    return values


def _dots(values: FloatArray, height: FloatArray, colors: Sequence[str]) -> list[Mark]:
    drawn: list[Mark] = []
    for (effect, lower, upper), y, color in zip(values.tolist(), height.tolist(), colors):
        if lower < upper:
            drawn.append(Line([lower, upper], [y, y], color, width=2))
        drawn.append(Dots([effect], [y], color, radius=4))
    return drawn


def _xlabel(table: pd.DataFrame, effect: str) -> str:
    if effect in ("use", "difference"):
        what = "rise of the held-out loss when the motif is silenced"
        return what if effect == "use" else f"difference of use ({what})"
    return f"{effect} ({unit_words(table['unit'])})" if "unit" in table else effect
