"""The score sheet of attributions: how faithful each method is, and what it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import GRAY, SERIES
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MEASURES = {
    "fidelity": "divergence with these letters alone (low is good)",
    "fidelity_gain": "share of the prediction that these letters keep",
    "deletion": "divergence without these letters (high is good)",
    "call_kept": "share of predictions on the same side of 0.5",
}
_CONTROL = "random"
_SIZE = (520.0, 300.0)  # pixels


def fidelity(
    sheet: pd.DataFrame, *, measure: str = "fidelity_gain", ax: Axes | None = None
) -> Axes:
    """Draw how faithful each method is, by the share of letters that is kept.

    Parameters
    ----------
    sheet
        From `mb.fidelity`. Random letters are the dashed gray line; the CPU seconds that a method
        took stand beside its name, where they are known.
    measure
        "fidelity_gain", "fidelity", "deletion" or "call_kept".
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there is no such measure, or the sheet lacks it.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(sheet, measure), ax)


def fidelity_svg(sheet: pd.DataFrame, *, measure: str = "fidelity_gain") -> str:
    """Return `fidelity` as SVG text.

    Examples
    --------
    >>> columns = {"method": ["mutagenesis"], "fidelity_gain_5%": [0.4], "fidelity_gain_10%": [0.9]}
    >>> fidelity_svg(pd.DataFrame(columns))
    <picture: How faithful each method is>
    """
    panel = _panel(sheet, measure)
    return svg.write(Page([[panel]], "How faithful each method is", panel.ylabel))


def _panel(sheet: pd.DataFrame, measure: str) -> Panel:
    _check.table(sheet, "sheet", "`mb.fidelity(model, adata, attributions)`")
    _check.one_of(measure, "measure", _MEASURES)
    levels = _levels(sheet, measure)
    _check.columns(sheet.columns, ["method", *levels.values()], "`sheet`")
    values = sheet[list(levels.values())].to_numpy(np.float64)
    if not np.isfinite(values).any():
        raise _check.InputError(
            f"`sheet` holds no number of {measure!r}; expected at least one. Where predictions are "
            "those of the background, there is nothing to explain."
        )
    x = np.log2(list(levels))
    low, high = min(0.0, float(np.nanmin(values))), float(np.nanmax(values))
    high = 1.02 * high if high > low else low + 1
    colors = iter(SERIES * len(sheet))
    marks: list[Mark] = []
    entries = []
    for name, seconds, curve in zip(sheet["method"].astype(str), _seconds(sheet), values):
        is_control = name == _CONTROL
        color = GRAY if is_control else next(colors)
        known = np.isfinite(curve)
        marks.append(Line(x[known], curve[known], color, dashed=is_control))
        marks.append(Dots(x[known], curve[known], color))
        entries.append(Entry(shorten(name, 26) + seconds, color))
    key = key_lines(entries, _SIZE[0] - 40)
    room = KEY_LINE * len(key)
    top = high + (high - low) * room / (_SIZE[1] - 60)
    left, right = float(x.min()) - 0.15, float(x.max()) + 0.15
    return Panel(
        [*marks, *key_marks(key, left, top)],
        (left, right),
        (low, top),
        xlabel="letters kept" if measure != "deletion" else "letters replaced",
        ylabel=_MEASURES[measure],
        xticks=[(float(at), f"{level:.3g}".rstrip() + " %") for at, level in zip(x, levels)],
        yticks=ticks(low, high, about=5),
        size=(_SIZE[0], _SIZE[1] + room),
    )


def _levels(sheet: pd.DataFrame, measure: str) -> dict[float, str]:
    """Percent of letters, rising, and the column that holds the measure there."""
    found = {}
    for column in map(str, sheet.columns):
        fits = re.fullmatch(rf"{measure}_([\d.]+)%", column)
        if fits:
            found[float(fits[1])] = column
    if not found:
        raise _check.InputError(
            f"`sheet` has no column such as '{measure}_5%'; expected a table of `mb.fidelity`."
        )
    return dict(sorted(found.items()))


def _seconds(sheet: pd.DataFrame) -> list[str]:
    """What each method cost, in words; nothing where it does not say."""
    if "seconds" not in sheet:
        return [""] * len(sheet)
    spent = sheet["seconds"].to_numpy(np.float64)
    return [f", {value:.2g} s" if np.isfinite(value) and value > 0 else "" for value in spent]
