"""The tables of a formula: one row per coefficient, per motif, per candidate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.formula.formula import HeldOut
from motifbook.formula.regression import Regression
from motifbook.motif.distribution import q_values_of

Floats = npt.NDArray[np.float64]
COEFFICIENT_COLUMNS = (
    "readout", "term", "kind", "motif", "partner", "position", "start", "end",
    "coefficient", "se", "lower", "upper", "p_value", "q_value", "standardized",
    "mean", "n", "unit",
)  # fmt: skip
INTERCEPT = "intercept"


def coefficient_table(
    fitted: Regression,
    terms: pd.DataFrame,
    held_out: HeldOut,
    *,
    names: Sequence[str],
    kinds: Sequence[str],
) -> pd.DataFrame:
    """Lay out all coefficients, one row per readout and term, intercept first.

    Parameters
    ----------
    fitted
        Of the readouts of `held_out` on its columns.
    terms
        `Terms.table()`.
    names, kinds : (n_readouts,)
        Of the readouts.

    Returns
    -------
    DataFrame
        `COEFFICIENT_COLUMNS`. q-values are over the motif terms of all readouts, and over each
        other kind of term apart.
    """
    nothing = {"term": INTERCEPT, "kind": INTERCEPT, "motif": "", "partner": "", "position": ""}
    whole = {"start": 0, "end": int(terms["end"].max()) if len(terms) else 0}
    rows = pd.concat([pd.DataFrame([nothing | whole]), terms], ignore_index=True)
    n_terms, n_readouts = len(rows), len(names)
    table = rows.loc[np.tile(np.arange(n_terms), n_readouts)].reset_index(drop=True)
    table.insert(0, "readout", np.repeat(np.array(names, dtype=object), n_terms))
    for column in ("coefficient", "se", "lower", "upper", "p_value"):
        values = fitted.coefficients if column == "coefficient" else getattr(fitted, column)
        table[column] = values.T.ravel()
    table["q_value"] = _q_values(table["p_value"].to_numpy(np.float64), table["kind"].to_numpy())
    scale = _scales(held_out, kinds)
    table["standardized"] = (fitted.coefficients * scale).T.ravel()
    means = np.concatenate([[np.nan], held_out.columns.mean(axis=0)])
    table["mean"] = np.tile(means, n_readouts)
    table["n"] = np.repeat(fitted.n, n_terms)
    table["unit"] = np.repeat([unit(kind) for kind in kinds], n_terms)
    return table[list(COEFFICIENT_COLUMNS)]


def _q_values(p_value: Floats, kind: npt.NDArray[np.object_]) -> Floats:
    """Over the terms of each kind apart; NaN for the intercept."""
    q_value = np.full(len(p_value), np.nan)
    for one in ("motif", "interaction", "covariate"):
        q_value[kind == one] = q_values_of(p_value[kind == one])
    return q_value


def _scales(held_out: HeldOut, kinds: Sequence[str]) -> Floats:
    """From coefficients to readout deviations per deviation of the term, (n_terms + 1, n_readouts).

    Logits stay logits; the intercept has none.
    """
    spread = np.concatenate([[np.nan], held_out.columns.std(axis=0)])
    is_binary = np.array([kind == "binary" for kind in kinds])
    with np.errstate(invalid="ignore"):
        per_readout = np.where(is_binary, 1.0, np.nanstd(held_out.readout, axis=0))
    scales: Floats = spread[:, None] / np.where(per_readout > 0, per_readout, np.nan)
    return scales


def unit(kind: str) -> str:
    """What a coefficient is counted in."""
    return "logit" if kind == "binary" else "readout"
