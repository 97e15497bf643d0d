"""A formula on one page: its terms for one readout, one motif closely, what a term is good for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, INK, blend
from motifbook.plot.formula import dots_panel
from motifbook.plot.layout import shorten
from motifbook.plot.logo import logo_panel
from motifbook.plot.panel import Line, Mark, Page, Panel, Text, boxes, ticks
from motifbook.plot.position_curve import curve_panel
from motifbook.plot.terms import FormulaLike, logos_of, terms_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _LOGO, _HIGH = 640.0, 190.0, 170.0  # pixels: page, logo, the row of the motif
_MOTIFS, _READOUTS = 12, 8  # drawn at most, beside the chosen ones


def formula_page_svg(
    formula: FormulaLike,
    *,
    readout: str,
    motif: str,
    position: str = "",
    off: Collection[str] = (),
    r2: tuple[float, float] | None = None,
    curve: pd.DataFrame | None = None,
) -> str:
    """Return a formula's page as SVG text: its terms, one motif closely, variance explained.

    Parameters
    ----------
    formula
        From `mb.fit_formula`.
    readout, motif
        Names of those that are looked at.
    position
        Bin of the sequence that is shaded, such as "0-50"; none by default.
    off
        Terms, or motifs, that are switched off and drawn faintly.
    r2
        Share of variance explained by all terms, and without those in `off`
        (`formula.r2_without`); left out by default.
    curve
        The motif's worth by position, as for `position_curve`. By default its coefficients, where
        they are told apart by position.

    Raises
    ------
    InputError
        If there is no such readout or motif.
    """
    return svg.write(
        formula_page(
            formula, readout=readout, motif=motif, position=position, off=off, r2=r2, curve=curve
        )
    )


def formula_page_figure(
    formula: FormulaLike,
    *,
    readout: str,
    motif: str,
    position: str = "",
    off: Collection[str] = (),
    r2: tuple[float, float] | None = None,
    curve: pd.DataFrame | None = None,
) -> Figure:
    """Draw the page of `formula_page_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    return axes.figure(
        formula_page(
            formula, readout=readout, motif=motif, position=position, off=off, r2=r2, curve=curve
        )
    )


def formula_page(
    formula: FormulaLike,
    *,
    readout: str,
    motif: str,
    position: str = "",
    off: Collection[str] = (),
    r2: tuple[float, float] | None = None,
    curve: pd.DataFrame | None = None,
) -> Page:
    """Describe the page of `formula_page_svg`."""
    table = terms_of(formula)
    of_readout = terms_of(formula, readout)
    of_motifs = table[table["kind"] == "motif"]
    _check.one_of(motif, "motif", of_motifs["motif"].unique().tolist())
    logos = logos_of(formula)
    terms = dots_panel(of_readout, logos, n=_MOTIFS, chosen=motif, off=off)
    own = of_motifs[of_motifs["motif"] == motif]
    close: list[Panel] = []
    if motif in logos:
        logo = logo_panel(logos[motif], title=shorten(motif, 30))
        close.append(
            replace(logo, xticks=(), yticks=(), ylabel="", size=(min(logo.size[0], _LOGO), _HIGH))
        )
    rest = max(_WIDTH, terms.size[0]) - sum(panel.size[0] + Page.gap for panel in close)
    if curve is None and own["position"].any():
        curve = own[own["readout"] == readout]
    if curve is not None:
        close.append(_curve(curve, own, position, (rest, _HIGH)))
    elif len(own) > 1:  # a row per readout
        close.append(_readouts(own, readout))
    rows = [[terms], close] if close else [[terms]]
    if r2 is not None:
        rows.insert(0, [_bars(r2, off, max(_WIDTH, terms.size[0]))])
    return Page(rows, f"The formula of {readout}", f"The motif looked at is {motif}.")


def _curve(
    curve: pd.DataFrame, own: pd.DataFrame, position: str, size: tuple[float, float]
) -> Panel:
    """Worth by position, the chosen bin shaded."""
    span = own.loc[own["position"] == position, ["start", "end"]].head(1).to_numpy(np.float64)
    at = (float(span[0, 0]), float(span[0, 1])) if position and len(span) else None
    return curve_panel(curve, title="By position", size=size, at=at)


def _readouts(own: pd.DataFrame, readout: str) -> Panel:
    """The motif's coefficient in this readout and those where it is largest."""
    n = own["readout"].nunique()
    title = "In each readout" if n <= _READOUTS else f"In {_READOUTS} of {n} readouts"
    names = own["readout"]
    turned = own.assign(readout=title, term=names, motif=names)
    panel = dots_panel(turned, {}, n=_READOUTS - 1, chosen=readout)
    return replace(panel, size=(panel.size[0], max(_HIGH, panel.size[1])))


def _bars(r2: tuple[float, float], off: Collection[str], width: float) -> Panel:
    """Variance explained with all terms and without some."""
    words = ["all terms", f"without {shorten(', '.join(off), 40)}"]
    n = 2 if off else 1
    values = np.array(r2[:n], np.float64)
    low, high = min(0.0, float(values.min())), max(0.05, float(values.max()))
    room = 0.1 * (high - low)
    bottom = n - 0.8 - np.arange(n)
    colors = [BLUE, blend(BLUE, 0.45)][:n]
    marks: list[Mark] = [
        boxes((np.minimum(values, 0), np.maximum(values, 0)), (bottom, bottom + 0.6), colors),
        Line([0, 0], [0, n], INK, width=1),
    ]
    for value, y in zip(values.tolist(), bottom.tolist()):
        shown = f"{value:.3f}".replace("-", "\u2212")
        marks.append(Text(max(value, 0.0), y + 0.3, shown, INK, offset=(6, -4)))
    return Panel(
        marks,
        (low - (room if low < 0 else 0), high + room),
        (0, n),
        xlabel="share of variance explained (R\u00b2), each sequence left out of the fit",
        xticks=ticks(low, high + room, about=5),
        yticks=[(n - i - 0.5, words[i]) for i in range(n)],
        has_y_line=False,
        size=(width, 52 + 30 * n),
    )
