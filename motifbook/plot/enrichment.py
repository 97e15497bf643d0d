"""Which known motifs go with a readout, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, PALE, VERMILLION
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, Text, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CALLED = 0.05  # q-value up to which a motif is drawn in color
_COLUMNS = (
    *("readout", "kind", "motif", "id", "effect", "effect_lower", "effect_upper", "q_value"),
    *("share_1", "share_0", "mean_with", "mean_without"),
)
_HEADS = {"binary": ("in 1", "in 0", "q"), "continuous": ("with", "without", "q")}
_PLACES = (0.2, 0.42, 0.49)  # right ends of two columns and left end of the third, in spans
_MARGIN = 0.04  # on both sides of the effects, in spans
_BASES = (2, 4, 10, 100)  # of the odds ratios that are labelled


def enrichment(
    table: pd.DataFrame, *, readout: str | None = None, n: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw the effect of having each motif, with its interval.

    Parameters
    ----------
    table
        From `mb.enrichment`. Dots are effects, lines their 95 % intervals, between sequences of
        the same GC content and length; behind them, how many sequences of either kind have the
        motif (of a continuous readout: its mean with and without), and the q-value. Blue: more
        with the motif, orange: less, gray: q-value above 0.05.
    readout
        Which one; the first in the table by default.
    n
        Draw so many motifs, strongest evidence first.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no such table, a column is missing, or no motif of that readout was tested.
    """
    from motifbook.plot import axes

    return axes.draw(_enrichment(table, readout, n), ax)


def enrichment_svg(table: pd.DataFrame, *, readout: str | None = None, n: int = 15) -> str:
    """Return `enrichment` as SVG text."""
    panel = _enrichment(table, readout, n)
    return svg.write(Page([[panel]], panel.title, "The motifs with the strongest evidence first."))


def _enrichment(table: pd.DataFrame, readout: str | None, n: int) -> Panel:
    rows = _rows(table, readout, _check.whole_number(n, "n"))
    effect, lower, upper = (
        rows[column].to_numpy(np.float64) for column in ("effect", "effect_lower", "effect_upper")
    )
    low, high = min(0.0, float(np.nanmin(lower))), max(0.0, float(np.nanmax(upper)))
    span = high - low
    y = len(rows) - 0.5 - np.arange(len(rows), dtype=np.float64)
    is_called = rows["q_value"].to_numpy(np.float64) <= CALLED
    colors = np.where(is_called, np.where(effect > 0, BLUE, VERMILLION), GRAY).tolist()
    marks: list[Mark] = [Line([0, 0], [0, len(rows)], INK, width=1)]
    for at, left, right, color in zip(y.tolist(), lower, upper, colors):
        marks.append(Line([low - _MARGIN * span, high + _MARGIN * span], [at, at], PALE, width=0.5))
        marks.append(Line([left, right], [at, at], color, width=2))
    marks += [
        Dots(effect[[c == color for c in colors]], y[[c == color for c in colors]], color)
        for color in dict.fromkeys(colors)
    ]
    is_binary = rows["kind"].iloc[0] == "binary"
    marks += _words(rows, y, high, span, is_binary)
    names = rows["motif"].astype(str) + " " + rows["id"].astype(str)
    return Panel(
        marks,
        (low - _MARGIN * span, high + 0.82 * span),
        (0, len(rows) + 0.9),
        xlabel=(
            "odds ratio of having the motif, 1 against 0"
            if is_binary
            else "difference of the readout, with against without the motif"
        ),
        title=f"{rows['readout'].iloc[0]}: known motifs",
        xticks=_odds(low, high) if is_binary else ticks(low, high),
        yticks=[(at, shorten(name.strip(), 28)) for at, name in zip(y.tolist(), names)],
        has_y_line=False,
        size=(640, 84 + 22 * len(rows)),
    )


def _rows(table: pd.DataFrame, readout: str | None, n: int) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        raise _check.InputError(
            f"`table` is {_check.shown(table)}; expected the table that `mb.enrichment` makes."
        )
    _check.columns(table.columns, _COLUMNS, "`table`")
    tested = table[table["effect"].notna()]
    if readout is not None:
        _check.one_of(readout, "readout", table["readout"].unique().tolist())
        tested = tested[tested["readout"] == readout]
    if not len(tested):
        raise _check.InputError(
            "`table` has no motif with an effect; expected the table of `mb.enrichment`, of "
            "sequences with a readout that varies."
        )
    chosen: pd.DataFrame = tested[tested["readout"] == tested["readout"].iloc[0]].head(n)
    return chosen


def _words(
    rows: pd.DataFrame, y: npt.NDArray[np.float64], high: float, span: float, is_binary: bool
) -> list[Text]:
    """Numbers in three columns to the right of the effects, and their heads."""
    first, second, third = (high + place * span for place in _PLACES)
    heads = _HEADS["binary" if is_binary else "continuous"]
    columns = ["share_1", "share_0"] if is_binary else ["mean_with", "mean_without"]
    top = len(rows) + 0.2
    drawn = [
        Text(first, top, heads[0], GRAY, "end"),
        Text(second, top, heads[1], GRAY, "end"),
        Text(third, top, heads[2], GRAY),
    ]
    numbers = rows[columns].to_numpy(np.float64)
    largest = float(np.nanmax(np.abs(numbers))) or 1.0
    decimals = max(0, 2 - int(np.floor(np.log10(largest))))
    form = "{:.1%}" if is_binary else f"{{:.{decimals}f}}"
    numbers = numbers if is_binary else numbers.round(decimals) + 0.0  # + 0.0 turns -0 into 0
    for at, (one, other), q_value in zip(y.tolist(), numbers.tolist(), rows["q_value"]):
        for place, value in ((first, one), (second, other)):
            words = form.format(value).replace("-", "\u2212")
            drawn.append(Text(place, at, words, INK, "end", (0, -4)))
        drawn.append(Text(third, at, _short(q_value), INK, offset=(0, -4)))
    return drawn


def _short(q_value: float) -> str:
    return "< 1e-99" if q_value < 1e-99 else f"{q_value:.2g}"


def _odds(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks of odds ratios between two logarithms."""
    for base in _BASES:
        step = float(np.log(base))
        powers = range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)
        if len(powers) <= 7:
            break
    return [(p * step, f"{base**p}" if p >= 0 else f"1/{base**-p}") for p in powers]
