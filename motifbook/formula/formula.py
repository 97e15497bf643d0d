"""`Formula`: what `fit_formula` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.formula.terms import Terms
from motifbook.motif.matrix import Motif

Floats = npt.NDArray[np.float64]
COEFFICIENT_COLUMNS = (
    "readout", "term", "kind", "motif", "partner", "position", "start", "end",
    "coefficient", "se", "lower", "upper", "p_value", "q_value", "standardized",
    "mean", "n", "unit",
)  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """Readout = intercept + sum of coefficient x term, with what is known about each number.

    Parameters
    ----------
    readouts, kinds
        Names of the readouts, and "binary" or "continuous" for each.
    terms
        How sequences become the numbers that are multiplied.
    intercept : (n_readouts,)
        In readout units, logits for binary readouts.
    weights : (n_terms, n_readouts)
        The coefficients, in the order of `terms.table()`.
    coefficients
        One row per readout and term (`COEFFICIENT_COLUMNS`), the intercept first: 95 % interval
        (`lower`, `upper`), p-value, Benjamini-Hochberg q-value over the motif terms of all
        readouts, `standardized` (readout deviations per deviation of the term), `mean` of the
        term, `n` rows, `unit` ("readout" or "logit", per site for motifs). All from the inference
        rows alone.
    same
        One row per motif: is its coefficient the same in all readouts? motif, statistic, df,
        p_value, q_value; empty with one readout.
    deviations
        One row per motif and readout: how far the coefficient lies from the motif's mean over
        readouts: motif, readout, deviation, lower, upper, p_value, q_value.
    interactions
        One row per tried pair: motif, partner, readout, coefficient, lower, upper, p_value,
        q_value, score (what the residual context makes of it), in_formula.
    baselines
        One row per model and readout on the same held-out rows: model, readout, kind, n, r2,
        pearson (auroc for binary ones), and n_terms where it has any. Models: "formula",
        "composition", "k-mer ridge", "k-mer lasso", "CNN", "ceiling" (where replicates say).
    selection
        One row per motif that was a candidate: motif, source ("learned" or the collection),
        support, frequency (stability), kept, why.
    info
        Seeds, versions, numbers of rows, notes in sentences (`notes`).
    """

    readouts: list[str]
    kinds: list[str]
    terms: Terms
    intercept: Floats
    weights: Floats
    coefficients: pd.DataFrame
    same: pd.DataFrame
    deviations: pd.DataFrame
    interactions: pd.DataFrame
    baselines: pd.DataFrame
    selection: pd.DataFrame
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def motifs(self) -> list[Motif]:
        """The motifs of the formula, strongest first."""
        return [counted.motif for counted in self.terms.motifs]
