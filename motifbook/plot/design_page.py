"""A design on one page: its sequence after an edit, and below it what all edits do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.design_steps import steps_panel, summary_of
from motifbook.plot.panel import Page
from motifbook.plot.sequence_lines import lines_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def design_page_svg(
    sequences: Sequence[str],
    edits: pd.DataFrame,
    *,
    step: int | None = None,
    readout: str | None = None,
    instances: pd.DataFrame | None = None,
    attribution: npt.ArrayLike | None = None,
    letters: str = "ACGT",
    title: str = "",
) -> str:
    """Return the page of one design as SVG text.

    Parameters
    ----------
    sequences
        The start and the letters after each edit, all equally long, such as `designs.steps(0)`.
    edits
        Its rows of `designs.edits`, one per edit and readout.
    step
        Number of the edit after which the sequence is drawn, 0 for the start; by default the last.
    readout
        Name of the one whose predictions are drawn; by default the first.
    instances
        Motif instances after each edit: columns step (0 for the start), start, end, strand, motif.
    attribution : (n_letters, length)
        Contribution of each letter of the sequence that is drawn, shown as a logo.
    letters
        The letters of its rows.
    title
        Words above the sequence, such as the name of the design.

    Raises
    ------
    InputError
        If there is no such step or readout, a column is missing or a shape does not fit.
    """
    page = design_page(
        sequences,
        edits,
        step=step,
        readout=readout,
        instances=instances,
        attribution=attribution,
        letters=letters,
        title=title,
    )
    return svg.write(page)


def design_page_figure(
    sequences: Sequence[str],
    edits: pd.DataFrame,
    *,
    step: int | None = None,
    readout: str | None = None,
    instances: pd.DataFrame | None = None,
    attribution: npt.ArrayLike | None = None,
    letters: str = "ACGT",
    title: str = "",
) -> Figure:
    """Draw the page of `design_page_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    page = design_page(
        sequences,
        edits,
        step=step,
        readout=readout,
        instances=instances,
        attribution=attribution,
        letters=letters,
        title=title,
    )
    return axes.figure(page)


def design_page(
    sequences: Sequence[str],
    edits: pd.DataFrame,
    *,
    step: int | None = None,
    readout: str | None = None,
    instances: pd.DataFrame | None = None,
    attribution: npt.ArrayLike | None = None,
    letters: str = "ACGT",
    title: str = "",
) -> Page:
    """Describe the page of `design_page_svg`."""
    is_listed = isinstance(sequences, (list, tuple)) and len(sequences)
    if not is_listed or not all(isinstance(one, str) for one in sequences):
        raise _check.InputError(
            f"`sequences` is {_check.shown(sequences)}; expected a list of the start and the "
            "letters after each edit, such as `designs.steps(0)`."
        )
    last = len(sequences) - 1
    now = last if step is None else _check.whole_number(step, "step", low=0, high=last)
    where = f"after edit {now} of {last}" if now else f"the start; {last} edits follow"
    lines = lines_panel(
        sequences[0],
        sequences[now],
        instances=instances,
        step=now,
        attribution=attribution,
        letters=letters,
        title=f"{title}, {where}" if title else where.capitalize(),
    )
    way = steps_panel(edits, readout, now if len(edits) else None)
    name = title or "A design"
    return Page([[lines], [way]], f"{name}, {where}", summary_of(edits, readout))
