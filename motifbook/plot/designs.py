"""How far designs came: what was predicted of each start, and of what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, PALE, VERMILLION
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, FloatArray, Line, Mark, Page, Panel, key

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BoolArray = npt.NDArray[np.bool_]

_ROW = 20.0  # pixels
_ENDS = ("_before", "_after")


def designs(
    table: pd.DataFrame, *, readout: str | None = None, n: int = 40, ax: Axes | None = None
) -> Axes:
    """Draw the prediction of each design beside that of what it began with.

    Parameters
    ----------
    table
        `designs.table` of `mb.design`.
    readout
        Name; by default the first that the table holds.
    n
        Most designs drawn, from the top of the table.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If the table has no rows, or no predictions of such a readout.

    Notes
    -----
    Bars are one standard deviation between networks on either side, where several were asked.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(table, readout, n), ax)


def designs_svg(table: pd.DataFrame, *, readout: str | None = None, n: int = 40) -> str:
    """Return `designs` as SVG text.

    Examples
    --------
    >>> table = pd.DataFrame({"design": ["design_1"], "score": [3.0]})
    >>> designs_svg(table.assign(activity_before=0.2, activity_after=2.9))
    <picture: Designs: predicted activity>
    """
    panel = _panel(table, readout, n)
    shown = readouts_of(table)[0] if readout is None else readout
    first, last = (table[shown + end].to_numpy(np.float64) for end in _ENDS)
    summary = (
        f"{len(table)} designs: median prediction of {shown} {np.median(first):.3g} before, "
        f"{np.median(last):.3g} after."
    )
    return svg.write(Page([[panel]], f"Designs: predicted {shown}", summary))


def readouts_of(table: pd.DataFrame) -> list[str]:
    """Names of the readouts that a table of designs holds predictions of.

    Raises
    ------
    InputError
        If it holds none.
    """
    _check.table(table, "table", "`designs.table` of `mb.design`")
    before, after = _ENDS
    names = [str(name).removesuffix(after) for name in table.columns if str(name).endswith(after)]
    found = [name for name in names if name + before in table.columns]
    if not found:
        raise _check.InputError(
            "`table` has no columns such as 'activity_before' and 'activity_after'; expected "
            "`designs.table` of `mb.design`."
        )
    return found


def _panel(table: pd.DataFrame, readout: str | None, n: int) -> Panel:
    names = readouts_of(table)
    shown = names[0] if readout is None else readout
    _check.one_of(shown, "readout", names)
    _check.columns(table.columns, ["design"], "`table`")
    if not len(table):
        raise _check.InputError("`table` has no rows; expected at least one design.")
    part = table.head(_check.whole_number(n, "n"))
    before, after = (part[shown + end].to_numpy(np.float64) for end in _ENDS)
    spread = _spread(part, shown)
    rows = len(part) - 0.5 - np.arange(len(part))
    marks: list[Mark] = []
    for start, end, y in zip(before.tolist(), after.tolist(), rows.tolist()):
        marks.append(Line([start, end], [y, y], PALE, width=3))
    for end, half, y in zip(after.tolist(), spread.tolist(), rows.tolist()):
        if half > 0:
            marks.append(Line([end - half, end + half], [y, y], INK, width=1.2))
    fell = after < before
    marks += [
        Dots(before, rows, GRAY),
        Dots(after[~fell], rows[~fell], BLUE, radius=4.5),
        Dots(after[fell], rows[fell], VERMILLION, radius=4.5),
    ]
    low, high = _reach(before, after, spread)
    marks += key(_key(fell, has_spread=bool((spread > 0).any())), high, len(part))
    some = f", {len(part)} of {len(table)} designs" if len(part) < len(table) else ""
    return Panel(
        marks,
        (low, high),
        (0, len(part)),
        xlabel=f"prediction of {shorten(shown, 40)}{some}",
        yticks=[(y, shorten(str(name))) for y, name in zip(rows.tolist(), part["design"])],
        title=" ",
        has_y_line=False,
        size=(560, 74 + _ROW * len(part)),
    )


def _spread(part: pd.DataFrame, readout: str) -> FloatArray:
    """Standard deviation between networks, (n,); 0 where only one was asked."""
    column = f"{readout}_spread"
    given = part[column].to_numpy(np.float64) if column in part else np.zeros(len(part))
    spread: FloatArray = np.nan_to_num(given)
    return spread


def _reach(before: FloatArray, after: FloatArray, spread: FloatArray) -> tuple[float, float]:
    """Ends of the axis."""
    ends = np.concatenate([before, after - spread, after + spread])
    low, high = float(ends.min()), float(ends.max())
    room = 0.06 * (high - low) or 0.1
    return low - room, high + room


def _key(fell: BoolArray, *, has_spread: bool) -> list[tuple[str, str]]:
    """What dots and bars are."""
    entries = [("start", GRAY)]
    entries += [("design", BLUE)] if not fell.all() else []
    entries += [("design, lower than its start", VERMILLION)] if fell.any() else []
    entries += [("spread between networks", INK)] if has_spread else []
    return entries
