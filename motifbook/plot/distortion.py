"""How much a prediction suffers when fewer and fewer letters are kept, and what draws predict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, VERMILLION, blend
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, FloatArray, Line, Mark, Page, Panel, Text, Ticks, area, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAND = (10, 90)  # percentiles
_ROW = 34.0  # pixels
_ROUND = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4)  # ticks of bits


class CurvesLike(Protocol):
    """What `scrambler.curves` returns."""

    @property
    def mode(self) -> str:
        """Such as "inclusion"."""

    @property
    def bits(self) -> npt.NDArray[np.float32]:
        """(n_budgets,), rising."""

    @property
    def distortion(self) -> npt.NDArray[np.float32]:
        """(n, n_budgets)."""

    @property
    def empty(self) -> npt.NDArray[np.float32]:
        """(n,)."""


def distortion(
    curves: CurvesLike,
    *,
    number: int | None = None,
    chosen: float | None = None,
    random: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far the prediction of draws lies from that of the sequence, by bits selected.

    Parameters
    ----------
    curves
        From `scrambler.curves`. The gray line is the median of its sequences, the band holds 80 %
        of them; the dot at the edge is the background alone, of which nothing is kept.
    number
        A sequence to draw in color.
    chosen
        Bits that are marked.
    random : (n, n_budgets)
        The same divergences for letters chosen at random, drawn beside, as a median:
        ``scrambler.curves(at_random=True).distortion``.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there is no such sequence, or a shape does not fit.
    """
    from motifbook.plot import axes

    return axes.draw(distortion_panel(curves, number, chosen, random), ax)


def distortion_svg(
    curves: CurvesLike,
    *,
    number: int | None = None,
    chosen: float | None = None,
    random: npt.ArrayLike | None = None,
) -> str:
    """Return `distortion` as SVG text."""
    panel = distortion_panel(curves, number, chosen, random)
    return svg.write(Page([[panel]], "Divergence of the prediction by bits", _summary(curves)))


def distortion_panel(
    curves: CurvesLike,
    number: int | None = None,
    chosen: float | None = None,
    random: npt.ArrayLike | None = None,
    *,
    size: tuple[float, float] = (460, 280),
) -> Panel:
    """Describe `distortion` as a panel of a larger page."""
    if not all(hasattr(curves, name) for name in ("bits", "distortion", "empty", "mode")):
        raise _check.InputError(
            f"`curves` is {_check.shown(curves)}; expected such as `scrambler.curves(adata)`."
        )
    bits = np.asarray(curves.bits, np.float64)
    every = _check.numbers(curves.distortion, "curves.distortion", "(n, n_budgets)")
    _check.shape(every, "curves.distortion", "(n, n_budgets)", None, len(bits))
    if not every.size:
        raise _check.InputError("`curves` holds no sequences; expected at least one.")
    x, empty = np.log2(bits), float(np.median(curves.empty))
    low, median, high = np.percentile(every, (_BAND[0], 50, _BAND[1]), axis=0)
    margin = 0.12 * max(float(x[-1] - x[0]), 1.0)
    is_removed = curves.mode == "exclusion"
    bare = float(x[-1]) + margin if is_removed else float(x[0]) - margin  # the background alone
    left, right = min(float(x[0]), bare), max(float(x[-1]), bare)
    entries = [Entry("all sequences: median and 80 %", GRAY)]
    marks: list[Mark] = [
        area(x, low, high, blend(GRAY, 0.25)),
        Line(x, median, GRAY, width=2),
        Dots([bare], [empty], GRAY),
    ]
    shown = [high, [empty]]
    if random is not None:
        other = _check.numbers(random, "random", "(n, n_budgets)")
        _check.shape(other, "random", f"(n, {len(bits)})", None, len(bits))
        shown.append(np.median(other, axis=0))
        marks.append(Line(x, shown[-1], VERMILLION, width=1.5, dashed=True))
        entries.append(Entry("random letters, median", VERMILLION))
    if number is not None:
        number = _check.whole_number(number, "number", low=0, high=len(every) - 1)
        own = every[number]
        shown += [own, curves.empty[[number]]]
        marks += [Line(x, own, BLUE, width=2), Dots(x, own, BLUE)]
        marks.append(Dots([bare], curves.empty[[number]], BLUE))
        entries.append(Entry("this sequence", BLUE))
    top = 1.05 * max(float(np.max(values)) for values in shown) or 1.0
    if chosen is not None:
        at = float(np.log2(_check.number(chosen, "chosen", low=1e-6, what="bits")))
        marks.append(Line([at, at], [0, top], INK, width=1, dashed=True))
        anchor, shift = ("start", 4) if at < (left + right) / 2 else ("end", -4)
        marks.append(Text(at, top, f"{chosen:.3g} bits", INK, anchor, (shift, -8)))
    key = key_lines(entries, size[0] - 60)
    height = top * (1 + KEY_LINE * len(key) / (size[1] - 70))
    return Panel(
        [*marks, *key_marks(key, left, height)],
        (left - 0.05, right + 0.1),
        (0, height),
        xlabel=f"mean bits per position {selected(curves.mode)}",
        ylabel="divergence from the prediction",
        yticks=ticks(0, top, about=5),
        xticks=sorted([(bare, "all" if is_removed else "none"), *_bit_ticks(bits)]),
        size=size,
    )


def selected(mode: str) -> str:
    """What the mask does with what it selects.

    Examples
    --------
    >>> selected("exclusion")
    'removed'
    """
    return "removed" if mode == "exclusion" else "kept"


def _bit_ticks(bits: FloatArray) -> Ticks:
    inside = [v for v in _ROUND if bits[0] * 0.99 <= v <= bits[-1] * 1.01]
    return [(float(np.log2(value)), f"{value:g}") for value in inside]


def _summary(curves: CurvesLike) -> str:
    median = np.median(np.asarray(curves.distortion), axis=0)
    told = ", ".join(f"{d:.3g} at {b:.3g} bits" for b, d in zip(curves.bits, median))
    return f"Median divergence {told}; {np.median(curves.empty):.3g} of the background alone."


def draws(
    prediction: npt.ArrayLike,
    drawn: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    readout: str = "prediction",
    empty: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what is predicted of draws from masks beside what is predicted of the sequences.

    Parameters
    ----------
    prediction : (n,)
        Of the sequences as they are: `masks.prediction[:, readout]`.
    drawn : (n, n_draws)
        Of their draws: `masks.drawn[:, :, readout]`. Dots; the bar holds 80 % of them.
    names
        Of the sequences.
    readout
        Words at the axis: what is predicted, on which scale.
    empty : (n,) or a number
        What is predicted where nothing is kept, as a dashed line.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If shapes do not fit.
    """
    from motifbook.plot import axes

    return axes.draw(_draws(prediction, drawn, names, readout, empty), ax)


def draws_svg(
    prediction: npt.ArrayLike,
    drawn: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    readout: str = "prediction",
    empty: npt.ArrayLike | None = None,
) -> str:
    """Return `draws` as SVG text.

    Examples
    --------
    >>> draws_svg([2.0], [[1.8, 2.1, 1.9]])
    <picture: Predictions of draws>
    """
    panel = _draws(prediction, drawn, names, readout, empty)
    return svg.write(Page([[panel]], "Predictions of draws"))


def _draws(
    prediction: npt.ArrayLike,
    drawn: npt.ArrayLike,
    names: Sequence[str] | None,
    readout: str,
    empty: npt.ArrayLike | None,
) -> Panel:
    whole = _check.numbers(prediction, "prediction", "(n,)")
    _check.shape(whole, "prediction", "(n,), of one readout", None)
    n = len(whole)
    values = _check.numbers(drawn, "drawn", "(n, n_draws)")
    _check.shape(values, "drawn", "(n, n_draws), of one readout", n, None)
    words = [str(i) for i in range(n)] if names is None else [str(name) for name in names]
    _check.shape(words, "names", "one per sequence", n)
    every = [whole, values.ravel()]
    marks: list[Mark] = []
    if empty is not None:
        without = np.broadcast_to(_check.numbers(empty, "empty", "(n,) or a number"), (n,))
        every.append(without)
    jitter = 0.16 * np.sin(2.4 * np.arange(values.shape[1]))  # apart, and the same every time
    for i in range(n):
        y = n - i - 0.5
        low, high = np.percentile(values[i], _BAND)
        marks.append(Dots(values[i], y + jitter, blend(BLUE, 0.45), radius=2))
        marks.append(Line([low, high], [y, y], BLUE, width=3))
        marks.append(Dots([values[i].mean()], [y], BLUE, radius=4))
        marks.append(Line([whole[i]] * 2, [y - 0.36, y + 0.36], INK, width=2.5))
        if empty is not None:
            marks.append(Line([without[i]] * 2, [y - 0.36, y + 0.36], GRAY, dashed=True))
    low, high = (float(side) for side in (np.concatenate(every).min(), np.concatenate(every).max()))
    room = 0.06 * (high - low) or 0.1
    entries = [Entry("the sequence", INK), Entry("its draws: mean, 80 % of them", BLUE)]
    entries += [Entry("nothing kept", GRAY)] if empty is not None else []
    key = key_lines(entries)
    top = n + KEY_LINE * len(key) / _ROW
    return Panel(
        [*marks, *key_marks(key, low - room, top)],
        (low - room, high + room),
        (0, top),
        xlabel=readout,
        xticks=ticks(low - room, high + room, about=6),
        yticks=[(n - i - 0.5, shorten(name)) for i, name in enumerate(words)],
        has_y_line=False,
        size=(520, 50 + _ROW * top),
    )
