"""The tables of a formula: one row per coefficient, per motif, per candidate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.motif.distribution import q_values

Floats = npt.NDArray[np.float64]
COEFFICIENT_COLUMNS = (
    "readout", "term", "kind", "motif", "partner", "position", "start", "end",
    "coefficient", "se", "lower", "upper", "p_value", "q_value", "standardized",
    "mean", "n", "unit",
)  # fmt: skip


def q_values_of(p_value: npt.ArrayLike) -> Floats:
    """Benjamini-Hochberg q-values over all entries that are numbers, in the same shape."""
    p = np.asarray(p_value, dtype=np.float64)
    q = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = q_values(p[known])
    return q


def unit(kind: str) -> str:
    """What a coefficient is counted in."""
    return "logit" if kind == "binary" else "readout"


def deviations(values: Floats) -> Floats:
    """Standard deviation of each column where it was measured, (n_columns,)."""
    with np.errstate(invalid="ignore"):
        sd: Floats = np.nanstd(values, axis=0)
    return sd
