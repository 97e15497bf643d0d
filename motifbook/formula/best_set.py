"""Which of several sets of columns predicts best, where only a sure lead counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from motifbook.formula.penalized import ridge_path, squared_errors

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def best_set(
    columns: Floats,
    readout: Floats,
    sets: Sequence[npt.NDArray[np.bool_]],
    *,
    discover: IntArray,
    tune: IntArray,
    sure: float = 2.0,
) -> int:
    """Return the number of the set of columns that predicts the tune rows best.

    Parameters
    ----------
    columns : (n, n_columns)
    readout : (n, n_readouts)
        NaN where not measured.
    sets
        Which columns are in each, (n_columns,); the first is taken unless the squared error of
        another one is smaller by `sure` standard errors of the difference.
    discover, tune
        Rows that ridge regressions are fitted to, and rows that judge them (and choose each one's
        penalty).
    """
    scale = np.nanstd(readout[discover], axis=0)
    values = readout / np.where(scale > 0, scale, 1.0)
    errors = [_errors(columns[:, chosen], values, discover, tune) for chosen in sets]
    best, largest = 0, 0.0
    for number, error in enumerate(errors):
        lead = errors[0] - error
        doubt = sure * lead.std() / np.sqrt(len(lead))
        if lead.mean() > max(largest, doubt):
            best, largest = number, float(lead.mean())
    return best


def _errors(columns: Floats, values: Floats, discover: IntArray, tune: IntArray) -> Floats:
    """Mean squared error of each tune row over its readouts, (n_tune,)."""
    center, spread = columns[discover].mean(axis=0), columns[discover].std(axis=0)
    scaled = ((columns - center) / np.where(spread > 1e-9, spread, np.inf)).astype(np.float32)
    models = ridge_path(scaled[discover], values[discover])
    predicted = [model.predict(scaled[tune]) for model in models]
    scores = [squared_errors(values[tune], one) for one in predicted]
    best = np.argmin(scores, axis=0)
    chosen = np.stack([predicted[number][:, k] for k, number in enumerate(best)], axis=1)
    per_row: Floats = np.nanmean((values[tune] - chosen) ** 2, axis=1)
    return per_row
