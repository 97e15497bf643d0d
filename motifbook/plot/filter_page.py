"""One filter on one page: its motif, where its sites lie, and its activation along sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.logo import logo_panel
from motifbook.plot.panel import Page
from motifbook.plot.positions import positions_panel
from motifbook.plot.tracks import find_sites, tracks_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def filter_svg(
    motif: Motif,
    strength: npt.ArrayLike,
    *,
    strand: npt.ArrayLike | None = None,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
) -> str:
    """Return one filter's page as SVG text.

    Parameters
    ----------
    motif
        The filter's motif, drawn as a logo.
    strength : (n, n_starts)
        Activation per start position, as a share of the filter's largest: 0 to 1.
    strand : (n, n_starts)
        +1 or -1: the strand that fires.
    sequences, names : n strings
        Letters, and words beside the rows.
    rows
        Which sequences are shown one by one, from top to bottom; the first 12 by default. Where
        the sites lie is counted over all of them.
    threshold
        A site is the strongest start within the motif's width whose strength reaches this.
    window
        First position and end (0-based, half-open); the whole sequence by default.

    Raises
    ------
    InputError
        If the shapes do not belong together, or the window lies outside the sequence.
    """
    return svg.write(
        filter_page(
            motif,
            strength,
            strand=strand,
            sequences=sequences,
            names=names,
            rows=rows,
            threshold=threshold,
            window=window,
        )
    )


def filter_figure(
    motif: Motif,
    strength: npt.ArrayLike,
    *,
    strand: npt.ArrayLike | None = None,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
) -> Figure:
    """Draw the page of `filter_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    return axes.figure(
        filter_page(
            motif,
            strength,
            strand=strand,
            sequences=sequences,
            names=names,
            rows=rows,
            threshold=threshold,
            window=window,
        )
    )


def filter_page(
    motif: Motif,
    strength: npt.ArrayLike,
    *,
    strand: npt.ArrayLike | None = None,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
) -> Page:
    """Describe the page of `filter_svg`."""
    [motif] = motif_list(motif, "motif")
    shares = _check.numbers(strength, "strength", "numbers, (n, n_starts)")
    _check.shape(shares, "strength", "(n, n_starts)", None, None)
    n, n_starts = shares.shape
    length = n_starts + motif.width - 1 if sequences is None else len(sequences[0])
    width = length - n_starts + 1
    signs = None if strand is None else np.asarray(strand)
    site_rows, starts = find_sites(shares, width, threshold)
    shown = np.arange(min(n, 12)) if rows is None else np.asarray(rows, dtype=np.intp)
    lying = positions_panel(
        starts,
        length,
        strand=None if signs is None else signs[site_rows, starts],
        window=None if window in (None, (0, length)) else window,
        title=f"{len(starts):,} sites in {n:,} sequences",
    )
    along = tracks_panel(
        shares[shown],
        width=width,
        sequences=None if sequences is None else [sequences[i] for i in shown],
        names=[str(i) if names is None else names[i] for i in shown],
        strand=None if signs is None else signs[shown],
        threshold=threshold,
        window=window,
    )
    logo = logo_panel(motif, title=motif.name)
    logo_width = min(logo.size[0], 330.0)
    rest = along.size[0] - logo_width - Page.gap
    top = [
        replace(logo, size=(logo_width, 190)),
        replace(lying, size=(rest, 190)),
    ]
    summary = f"Consensus {motif.consensus}; {len(starts)} sites in {n} sequences."
    return Page([top, [along]], f"Filter {motif.name}", summary)
