"""How much a formula explains, beside simpler and freer models on the same sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, Text, boxes, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CEILING = "ceiling"
_SHARE = "share of variance explained (R\u00b2), unseen sequences"
_RANKS = "auROC (0.5 is guessing), unseen sequences"
_ROW, _DOTS = 26.0, 40  # pixels of a bar; readouts up to which each has a dot


def explained(
    baselines: pd.DataFrame, *, readout: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the share of the readout's variance that each model explains.

    Parameters
    ----------
    baselines
        `formula.baselines`: model, readout, r2, and auroc for binary readouts.
    readout
        Which one. By default the mean over all continuous ones, or else over all; each has a dot.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If a column is missing, there is no such readout, or no model was scored.

    Notes
    -----
    Dashed: the ceiling, what the scatter of replicates leaves to be explained; where it is known
    for all readouts.
    """
    from motifbook.plot import axes

    return axes.draw(explained_panel(baselines, readout), ax)


def explained_svg(baselines: pd.DataFrame, *, readout: str | None = None) -> str:
    """Return `explained` as SVG text."""
    panel = explained_panel(baselines, readout)
    return svg.write(Page([[panel]], "Explained variance, model by model"))


def explained_panel(
    baselines: pd.DataFrame, readout: str | None = None, *, width: float = 560.0
) -> Panel:
    """Describe `explained`."""
    table, is_share = _scored(baselines, readout)
    models = table[table["model"] != _CEILING].groupby("model", sort=False)["score"].mean()
    n, n_readouts = len(models), table["readout"].nunique()
    ceilings = table.loc[table["model"] == _CEILING, "score"]
    ceiling = float(ceilings.mean()) if len(ceilings) == n_readouts else np.nan
    values = models.to_numpy(np.float64)
    zero = 0.0 if is_share else 0.5
    low = min(zero, float(table["score"].min()))
    high = max(float(table["score"].max()), zero + 0.05)
    room = 0.12 * (high - low)
    bottom = n - 1 - np.arange(n) + 0.18
    colors = [BLUE if name == "formula" else blend(GRAY, 0.55) for name in models.index]
    marks: list[Mark] = [
        boxes(
            (np.minimum(values, zero), np.maximum(values, zero)), (bottom, bottom + 0.64), colors
        ),
        Line([zero, zero], [0, n], INK, width=1),
    ]
    for name, value, y in zip(models.index, values.tolist(), bottom.tolist()):
        own = table.loc[table["model"] == name, "score"].to_numpy(np.float64)
        if 1 < n_readouts <= _DOTS:
            marks.append(Dots(own, np.full(len(own), y + 0.32), INK, radius=2))
        marks.append(Text(high + room, y + 0.32, _words(value), INK, "end", (0, -4)))
    if np.isfinite(ceiling):
        marks.append(Line([ceiling, ceiling], [0, n], INK, width=1.2, dashed=True))
        marks.append(Text(ceiling, n, f"ceiling {_words(ceiling)}", INK, "middle", (0, 4)))
    what = f"mean of {n_readouts} readouts" if n_readouts > 1 else str(table["readout"].iloc[0])
    return Panel(
        marks,
        (low - (room / 3 if low < zero else 0), high + room),
        (0, n + 0.3),
        xlabel=_SHARE if is_share else _RANKS,
        title=shorten(what, 60),
        xticks=ticks(low, high + room, about=5),
        yticks=[(n - i - 0.5, shorten(str(name))) for i, name in enumerate(models.index)],
        has_y_line=False,
        size=(width, 78 + _ROW * n),
    )


def _scored(baselines: pd.DataFrame, readout: str | None) -> tuple[pd.DataFrame, bool]:
    """Rows with their "score", and whether that is a share of variance."""
    _check.table(baselines, "baselines", "`formula.baselines`")
    if baselines.empty:
        raise _check.InputError(
            "`baselines` is empty; expected one row per model and readout. Fit the formula with "
            "`mb.FormulaOptions(baselines=True)`."
        )
    _check.columns(baselines.columns, ("model", "readout", "r2"), "`baselines`")
    table = baselines
    if readout is not None:
        _check.one_of(readout, "readout", baselines["readout"].unique().tolist())
        table = table[table["readout"] == readout]
    for column in ("r2", "auroc"):
        scored = table[table[column].notna()] if column in table else table.head(0)
        if (scored["model"] != _CEILING).any():
            return scored.assign(score=scored[column]), column == "r2"
    raise _check.InputError(
        "`baselines` scores no model; expected at least one with a number in column 'r2' or "
        "'auroc'."
    )


def _words(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")
