"""What the figures of a formula share: its rows of coefficients, and logos beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.plot.colors import letter_colors
from motifbook.plot.panel import LETTER_WIDTH, Letters, stacked
from motifbook.plot.stack import stack

SIGNIFICANT = 0.05  # q-value up to which a coefficient is drawn in full color
_COLUMNS = (
    *("readout", "term", "kind", "motif", "position"),
    *("coefficient", "lower", "upper", "q_value", "unit"),
)


class FormulaLike(Protocol):
    """What figures need to know of a formula."""

    @property
    def coefficients(self) -> pd.DataFrame:
        """One row per readout and term."""

    @property
    def motifs(self) -> list[Motif]:
        """Those that the terms count."""


def terms_of(formula: FormulaLike | pd.DataFrame, readout: str | None = None) -> pd.DataFrame:
    """Coefficients of motifs and interactions, of one readout or all.

    Raises
    ------
    InputError
        If it is no formula, a column is missing, or there is no such readout.
    """
    table = formula if isinstance(formula, pd.DataFrame) else getattr(formula, "coefficients", None)
    if not isinstance(table, pd.DataFrame):
        raise _check.InputError(
            f"`formula` is {_check.shown(formula)}; expected what `mb.fit_formula(adata)` returns."
        )
    _check.columns(table.columns, _COLUMNS, "`formula.coefficients`")
    if readout is not None:
        _check.one_of(readout, "readout", table["readout"].unique().tolist())
        table = table[table["readout"] == readout]
    return table[table["kind"].isin(["motif", "interaction"])].reset_index(drop=True)


def logos_of(formula: FormulaLike | pd.DataFrame) -> dict[str, Motif]:
    """The motifs by their names; none of a table."""
    motifs = [] if isinstance(formula, pd.DataFrame) else formula.motifs
    return {motif.name: motif for motif in motifs}


def logo_at(motif: Motif, corner: tuple[float, float], size: tuple[float, float]) -> Letters:
    """A logo in bits with its lower left `corner` there; `size` of a column, of two bits."""
    heights = motif.icm()
    letters = motif.alphabet.letters
    piled = stacked(heights, stack(heights), letters, letter_colors(letters))
    scale = size[1] / float(-np.log2(min(motif.background)))
    return replace(
        piled,
        x=corner[0] + (piled.x + 0.5) * size[0],
        base=corner[1] + piled.base * scale,
        height=piled.height * scale,
        width=LETTER_WIDTH * size[0],
    )
