"""Are p-values uniform where nothing is to be found? Observed ones against those expected."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, VERMILLION, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, FloatArray, Line, Mark, Page, Panel, Text, Ticks, area

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.05
_LEAST = 1e-300  # computers round smaller ones to 0
_SIZE = (520.0, 400.0)


class CheckLike(Protocol):
    """What `tests.qq()` returns; as text it says what it found."""

    @property
    def readout(self) -> str:
        """Its name."""

    @property
    def engine(self) -> str:
        """Which was repeated."""

    @property
    def p_values(self) -> npt.NDArray[np.float64]:
        """(n_repeats,), sorted."""


def qq(check: CheckLike, *, ax: Axes | None = None) -> Axes:
    """Draw p-values of readouts in random order against those expected.

    Parameters
    ----------
    check
        From `tests.qq()`.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no such check, or a p-value lies outside 0 to 1.

    Notes
    -----
    Both axes are logarithmic, since small p-values matter. The band holds each dot in 95 % of the
    cases if p-values are uniform. Above it, orange: p-values are too small, so tests find too much.
    Below it: they are careful, and find less than they could.
    """
    from motifbook.plot import axes

    return axes.draw(qq_panel(check), ax)


def qq_svg(check: CheckLike) -> str:
    """Return `qq` as SVG text."""
    return svg.write(Page([[qq_panel(check)]], "P-values of readouts in random order", str(check)))


def qq_panel(check: CheckLike) -> Panel:
    """Describe `qq`."""
    p_values = _p_values(check)
    n = len(p_values)
    rank = np.arange(1, n + 1, dtype=np.float64)
    expected, observed = _digits((rank - 0.5) / n), _digits(p_values)
    low, high = (_digits(beta.ppf(q, rank, n - rank + 1)) for q in (0.975, 0.025))
    right = float(expected[0]) * 1.06
    level = float(-np.log10(LEVEL))
    top = 1.06 * max(float(high[0]), float(observed[0]), level)
    is_small = observed > high
    marks: list[Mark] = [
        area(expected, low, high, blend(GRAY, 0.25)),
        Line([0, right], [0, right], GRAY, width=1, dashed=True),
        Line([0, right], [level, level], INK, width=0.8, dashed=True),
        Dots(expected[~is_small], observed[~is_small], BLUE, radius=3),
        Dots(expected[is_small], observed[is_small], VERMILLION, radius=3),
        *_verdict(str(check), top),
    ]
    return Panel(
        marks,
        (0, right),
        (0, 1.16 * top),
        xlabel="p-value expected",
        ylabel="p-value found",
        title=f"{shorten(str(check.readout), 30)} in random order, engine {check.engine}",
        xticks=_ticks(right),
        yticks=_ticks(top),
        size=_SIZE,
    )


def _p_values(check: CheckLike) -> FloatArray:
    if not all(hasattr(check, name) for name in ("readout", "engine", "p_values")):
        raise _check.InputError(f"`check` is {_check.shown(check)}; expected such as `tests.qq()`.")
    values = np.sort(_check.numbers(check.p_values, "check.p_values", "numbers, (n_repeats,)"))
    if not len(values) or values[0] < 0 or values[-1] > 1:
        raise _check.InputError(
            f"`check.p_values` holds {len(values)} values"
            + (f" from {values[0]:.3g} to {values[-1]:.3g}" if len(values) else "")
            + "; expected at least one, between 0 and 1."
        )
    return values


def _digits(p_values: npt.ArrayLike) -> FloatArray:
    """Minus the logarithm to the base 10."""
    digits: FloatArray = -np.log10(np.maximum(np.asarray(p_values, np.float64), _LEAST))
    return digits + 0.0


def _ticks(end: float) -> Ticks:
    """P-values at the axis: 1, 0.1, 0.05 and so on."""
    step = max(1, int(np.ceil(end / 6)))
    powers = range(0, int(end) + 1, step)
    named = [(float(power), f"{10.0**-power:g}") for power in powers]
    return sorted([*named, (float(-np.log10(LEVEL)), f"{LEVEL:g}")]) if step == 1 else named


def _verdict(sentence: str, top: float) -> list[Mark]:
    """What the check says of itself, in lines above the dots."""
    lines = textwrap.wrap(sentence, 84)[:3]
    return [
        Text(0, 1.16 * top, line, INK, offset=(8, -15.0 * (number + 0.8)))
        for number, line in enumerate(lines)
    ]
