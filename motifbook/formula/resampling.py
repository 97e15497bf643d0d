"""Bootstrap: the same regression on reweighted rows, over and over."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.formula.fits import Fit, Integers, newton

Floats = npt.NDArray[np.float64]


def resample(
    fit: Fit, table: Floats, readout: Floats, families: Integers | None, *, n: int, seed: int
) -> Floats:
    """Coefficients on reweighted rows, (n, n_terms + 1, n_fitted).

    Weights are exponential (Rubin 1981, Ann Stat 9:130), one per row or family: a smooth version
    of drawing rows with replacement, in which no row is ever lost. Readouts share the weights.
    """
    rng = _check.generator(seed, "bootstrap")
    rows = ~np.isnan(readout[:, fit.readouts[0]])
    kept = np.flatnonzero(np.append(True, ~fit.dropped))
    part, values = table[rows][:, kept], readout[rows][:, fit.readouts]
    drawn = np.zeros((n, *fit.coefficients.shape))
    n_units = len(table) if families is None else int(families.max()) + 1
    for number in range(n):
        per_unit = rng.standard_exponential(n_units)
        weights = (per_unit if families is None else per_unit[families])[rows]
        drawn[number, kept] = _refit(fit, part, values, weights, fit.coefficients[kept])
    return drawn


def _refit(fit: Fit, table: Floats, values: Floats, weights: Floats, start: Floats) -> Floats:
    if fit.kind == "binary":
        return newton(table, values[:, 0], weights, start[:, 0], ridge=fit.ridge)[0][:, None]
    weighted = table * weights[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ table, weighted.T @ values), dtype=np.float64)
