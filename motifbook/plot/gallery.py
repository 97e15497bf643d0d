"""Many logos in one panel, all with the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.plot.layout import shorten
from motifbook.plot.panel import Mark, Panel, Text
from motifbook.plot.spans import WIDTH
from motifbook.plot.terms import logo_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_APART, _CAPTION = 26.0, 18.0  # pixels: between two logos, of the words above one
_BELOW = 12.0  # pixels between two rows
_ACROSS = (4.0, 22.0)  # pixels of a letter, least and most
_TALL = 3.0  # height of two bits, in letters
_CHARACTER = 6.9  # pixels of a letter of the captions


def gallery(
    motifs: Sequence[Motif],
    *,
    columns: int = 4,
    captions: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the logos of many motifs in bits, row by row, all with the same scale.

    Parameters
    ----------
    motifs
        Such as `mb.read_motifs(model, adata)`.
    columns
        How many stand side by side.
    captions : one per motif
        Words above each; its name by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there are no motifs, something else is among them, or there are captions of another
        number.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(motifs, columns, captions, axes.room(ax, WIDTH)), ax)


def _panel(
    motifs: Sequence[Motif], columns: int, captions: Sequence[str] | None, width: float
) -> Panel:
    motifs = motif_list(motifs)
    if not motifs:
        raise _check.InputError("`motifs` is empty; expected at least one motif.")
    names = [motif.name for motif in motifs] if captions is None else [*captions]
    if len(names) != len(motifs):
        raise _check.InputError(
            f"`captions` has {len(names)} entries for {len(motifs)} motifs; give one per motif."
        )
    columns = min(_check.whole_number(columns, "columns"), len(motifs))
    widest = max(motif.width for motif in motifs)
    cell = width / columns
    letter = float(np.clip((cell - _APART) / widest, *_ACROSS))
    tall = min(_TALL, 0.4 * widest) * letter
    row = _CAPTION + tall + _BELOW
    n_rows = -(-len(motifs) // columns)
    most = max(4, int((cell - _APART) / _CHARACTER))
    marks: list[Mark] = []
    for number, (motif, name) in enumerate(zip(motifs, names)):
        x, y = cell * (number % columns), row * (n_rows - 1 - number // columns)
        marks.append(logo_at(motif, (x, y), (letter, tall)))
        marks.append(Text(x, y + tall, shorten(str(name), most), offset=(0, 5)))
    return Panel(
        marks,
        (0, cell * columns),
        (0, n_rows * row - _BELOW),
        xticks=(),
        yticks=(),
        has_y_line=False,
        size=(cell * columns + 4, n_rows * row - _BELOW + 4),
    )
