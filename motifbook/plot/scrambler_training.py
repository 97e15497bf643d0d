"""A scrambler in training: its loss, the bits it selects, and masks that take shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.attribution import Row, onehot_of, rows_panel
from motifbook.plot.colors import BLUE, GREEN
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel
from motifbook.plot.spans import WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CURVE = 170.0  # pixels: height of a curve
_SHOWN = 4  # sequences


class LookLike(Protocol):
    """What a scrambler hands to `options.watch`."""

    @property
    def step(self) -> int:
        """Steps done."""

    @property
    def n_steps(self) -> int:
        """Of the whole training."""

    @property
    def losses(self) -> npt.NDArray[np.float32]:
        """(n_so_far,)."""

    @property
    def bits(self) -> npt.NDArray[np.float32]:
        """(n_so_far,)."""

    @property
    def importance(self) -> npt.NDArray[np.float32]:
        """(n_watched, length)."""


def scrambler_training_svg(
    look: LookLike,
    sequences: Sequence[str],
    *,
    names: Sequence[str] | None = None,
    letters: str = "ACGT",
) -> str:
    """Return a look at a training in progress as SVG text.

    Parameters
    ----------
    look
        From `ScramblerOptions(watch=...)`.
    sequences : n_watched strings
        Those of its masks, with any letter for padding; the first 4 are drawn.
    names
        Of the sequences.
    letters
        The alphabet.

    Raises
    ------
    InputError
        If there are more or fewer sequences than masks, or of another length.
    """
    return svg.write(scrambler_training_page(look, sequences, names, letters))


def scrambler_training_figure(
    look: LookLike,
    sequences: Sequence[str],
    *,
    names: Sequence[str] | None = None,
    letters: str = "ACGT",
) -> Figure:
    """Draw the page of `scrambler_training_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    return axes.figure(scrambler_training_page(look, sequences, names, letters))


def scrambler_training_page(
    look: LookLike, sequences: Sequence[str], names: Sequence[str] | None, letters: str
) -> Page:
    """Describe the page of `scrambler_training_svg`."""
    if not hasattr(look, "importance"):
        raise _check.InputError(
            f"`look` is {_check.shown(look)}; expected what the function is handed that is given "
            "as `mb.ScramblerOptions(watch=…)`."
        )
    masks = np.asarray(look.importance, np.float64)
    _check.shape(masks, "look.importance", "one mask per sequence", len(sequences), None)
    called = [str(i) for i in range(len(sequences))] if names is None else list(names)
    _check.shape(called, "names", "one per sequence", len(sequences))
    rows = []
    for name, sequence, mask in list(zip(called, sequences, masks))[:_SHOWN]:
        _check.shape(list(sequence), "sequences", "one letter per position", len(mask))
        heights = mask * onehot_of(sequence, letters)
        rows.append(Row(shorten(name), heights, "probability of being selected", top=1.0))
    title = f"Masks at step {look.step} of {look.n_steps}"
    curves = [
        _curve(look, look.losses, "loss", BLUE),
        _curve(look, look.bits, "mean bits per position selected", GREEN),
    ]
    page = [curves, [rows_panel(rows, letters, title=title)]] if rows else [curves]
    last = float(look.losses[-1]) if len(look.losses) else float("nan")
    return Page(page, f"Training of a scrambler, step {look.step}", f"The loss is {last:.3g}.")


def _curve(look: LookLike, values: npt.NDArray[np.float32], title: str, color: str) -> Panel:
    """One value per look, up to now; the axis is as long as the training."""
    y = np.asarray(values, np.float64)
    x = np.linspace(0, look.step, len(y) + 1)[1:]
    high = 1.08 * float(np.max(y, initial=0.0)) or 1.0
    marks: list[Mark] = [Line(x, y, color, width=2), Dots(x[-1:], y[-1:], color)]
    panel = Panel(marks, (0, look.n_steps), (min(0.0, float(np.min(y, initial=0.0))), high))
    size = ((WIDTH - Page.gap) / 2, _CURVE)
    return replace(panel, xlabel="training steps", title=title, size=size)
