"""A relaxed sequence: what a mask leaves of each letter, in bits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.attribution import fixed_marks, onehot_of
from motifbook.plot.colors import letter_colors
from motifbook.plot.panel import FloatArray, Mark, Page, Panel, stacked, ticks
from motifbook.plot.spans import WIDTH, letter_row
from motifbook.plot.stack import stack

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOGO, _LETTERS = 1.0, 0.22  # heights: the logo, the letters above
_ROW = 150.0  # pixels


def relaxed(
    columns: npt.ArrayLike,
    *,
    background: npt.ArrayLike | None = None,
    sequence: str = "",
    letters: str = "ACGT",
    window: tuple[int, int] | None = None,
    fixed: npt.ArrayLike | None = None,
    clip: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a relaxed sequence as a logo in bits, below the original letters.

    Parameters
    ----------
    columns : (n_letters, length)
        Probability of each letter: `scrambler.relaxed(...)[number]`.
    background : (n_letters,) or (n_letters, length)
        Of each letter where nothing is kept; equal shares by default.
    sequence
        The original letters, drawn above; those that are kept as often as not are in color.
    letters
        The letters of the rows.
    window
        First position and end (0-based, half-open); the whole sequence by default.
    fixed : (length,)
        Whether each letter was fixed; those get a black bar.
    clip
        Bits at which tall columns are cut.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If shapes do not fit, or the window lies outside the sequence.
    """
    from motifbook.plot import axes

    shape = columns, background, clip
    return axes.draw(relaxed_panel(shape, sequence, letters, window=window, fixed=fixed), ax)


def relaxed_svg(
    columns: npt.ArrayLike,
    *,
    background: npt.ArrayLike | None = None,
    sequence: str = "",
    letters: str = "ACGT",
    window: tuple[int, int] | None = None,
    fixed: npt.ArrayLike | None = None,
    clip: float | None = None,
) -> str:
    """Return `relaxed` as SVG text.

    Examples
    --------
    >>> relaxed_svg(np.full((4, 10), 0.25), sequence="ACGTACGTAC")
    <picture: Relaxed sequence>
    """
    shape = columns, background, clip
    panel = relaxed_panel(shape, sequence, letters, window=window, fixed=fixed)
    return svg.write(Page([[panel]], "Relaxed sequence", panel.title))


def relaxed_panel(
    values: tuple[npt.ArrayLike, npt.ArrayLike | None, float | None],
    sequence: str,
    letters: str,
    *,
    window: tuple[int, int] | None = None,
    fixed: npt.ArrayLike | None = None,
) -> Panel:
    """Describe `relaxed` as a panel; `values` are its columns, background and clip."""
    heights = in_bits(values[0], values[1], letters)
    length = heights.shape[1]
    first, end = _check.window(window, length)
    total = heights.sum(axis=0)
    is_cut = values[2] is not None and float(total.max(initial=0)) > values[2]
    if values[2] is not None:
        clip = _check.number(values[2], "clip", low=1e-6, what="bits")
        heights = heights * np.minimum(1.0, clip / np.maximum(total, 1e-9))
    shown = heights[:, first:end]
    piled = stack(shown)
    top = piled.high if piled.high > 0.05 else 1.0
    drawn = stacked(shown, piled, letters, letter_colors(letters))
    height = top * (_LOGO + 0.08 + (_LETTERS if sequence else 0))
    marks: list[Mark] = [replace(drawn, x=drawn.x + first)]
    if sequence:
        _check.shape(list(sequence), "sequence", "one letter per position", length)
        kept = (np.asarray(values[0], np.float64) * onehot_of(sequence, letters)).sum(axis=0)
        span = top * (_LOGO + 0.08), height
        marks += letter_row(sequence[first:end], first, span, kept[first:end] >= 0.5)
    if fixed is not None:
        marks += fixed_marks(fixed, length, (first, end), [(-0.04 * top, 0.03 * top)])
    cut = f", cut at {values[2]:g}" if is_cut else ""
    return Panel(
        marks,
        (first - 0.5, end - 0.5),
        (-0.05 * top if fixed is not None else 0, height),
        xlabel="position in the sequence",
        ylabel="bits",
        title=f"Relaxed sequence: {float(total.mean()):.3f} bits per position left{cut}",
        xticks=ticks(first, end - 1, about=8, whole=True),
        yticks=ticks(0, top, about=3),
        size=(WIDTH, _ROW + (30 if sequence else 0)),
    )


def in_bits(columns: npt.ArrayLike, background: npt.ArrayLike | None, letters: str) -> FloatArray:
    """Height of each letter, (n_letters, length): its share of the column's bits."""
    n_letters = len(letters)
    expected = f"({n_letters}, length) with rows {', '.join(letters)}"
    shares = _check.numbers(columns, "columns", expected)
    _check.shape(shares, "columns", expected, n_letters, None)
    other = np.full((n_letters, 1), 1 / n_letters)
    if background is not None:
        given = _check.numbers(background, "background", f"({n_letters},) or {expected}")
        other = given[:, None] if given.ndim == 1 else given
        sizes = (n_letters, 1 if given.ndim == 1 else shares.shape[1])
        _check.shape(other, "background", f"({n_letters},) or {shares.shape}", *sizes)
    other = np.broadcast_to(other, shares.shape)
    ratio = np.divide(shares, other, where=(shares > 0) & (other > 0), out=np.ones_like(shares))
    bits: FloatArray = shares * np.maximum((shares * np.log2(ratio)).sum(axis=0), 0)
    return bits
