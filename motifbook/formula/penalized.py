"""Many columns, few rows: ridge and lasso, with penalties chosen on rows of their own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import lasso_path

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

RIDGE = np.geomspace(10, 1e-3, 9)  # times the mean squared length of a row and sqrt(n)
LASSO = np.geomspace(1, 0.03, 12)  # times the smallest penalty that leaves no column
MOST_ROWS = 20_000  # of a lasso, which keeps them in 64 bits
FILLED = 10  # rounds per penalty in which missing values are filled


@dataclass(frozen=True)
class Linear:
    """A linear model of columns.

    Parameters
    ----------
    coefficients : (n_columns, n_readouts)
    intercept : (n_readouts,)
    """

    coefficients: Floats
    intercept: Floats

    def predict(self, columns: Floats32) -> Floats:
        """Return readouts, (n, n_readouts), of columns, (n, n_columns)."""
        predicted: Floats = columns @ self.coefficients.astype(np.float32) + self.intercept
        return predicted

    @property
    def n_terms(self) -> IntArray:
        """Coefficients that are not 0, (n_readouts,)."""
        return np.asarray((self.coefficients != 0).sum(axis=0))


Path = Callable[[Floats32, Floats], list[Linear]]  # from columns and readout to one per penalty


def fit_penalized(
    path: Path, columns: Floats32, readout: Floats, learn: IntArray, tune: IntArray
) -> Linear:
    """Choose a penalty per readout on the `tune` rows, then fit on all `learn` rows.

    Parameters
    ----------
    path
        `ridge_path` or `lasso_path_of`.
    columns : (n, n_columns)
    readout : (n, n_readouts)
        NaN where not measured.
    learn, tune
        Row numbers; `tune` is part of `learn`.
    """
    first = np.setdiff1d(learn, tune)
    tried = path(columns[first], readout[first])
    errors = [squared_errors(readout[tune], model.predict(columns[tune])) for model in tried]
    best = np.argmin(errors, axis=0)
    models = path(columns[learn], readout[learn])
    numbers = range(readout.shape[1])
    chosen = [models[best[number]].coefficients[:, number] for number in numbers]
    intercept = [models[best[number]].intercept[number] for number in numbers]
    return Linear(np.stack(chosen, axis=1), np.array(intercept))


def fit_terms(columns: Floats, readout: Floats, learn: IntArray, tune: IntArray) -> Linear:
    """Ridge of standardized columns; see `fit_penalized`.

    For terms of any units, such as those of a formula: counts that were made to fit the rows they
    were learned from have coefficients there that are too large for other rows.
    """
    center, scale = columns[learn].mean(axis=0), columns[learn].std(axis=0)
    scale = np.where(scale > 1e-9, scale, np.inf)
    scaled = ((columns - center) / scale).astype(np.float32)
    fitted = fit_penalized(ridge_path, scaled, readout, learn, tune)
    coefficients = fitted.coefficients / scale[:, None]
    return Linear(coefficients, fitted.intercept - center @ coefficients)


def squared_errors(readout: Floats, predicted: Floats) -> Floats:
    """Mean squared error of each readout, (n_readouts,); 0 without a measured value."""
    measured = ~np.isnan(readout)
    squares = np.where(measured, (readout - predicted) ** 2, 0.0)
    errors: Floats = squares.sum(axis=0) / np.maximum(measured.sum(axis=0), 1)
    return errors


def ridge_path(columns: Floats32, readout: Floats) -> list[Linear]:
    """Ridge regressions with the penalties `RIDGE`, through the smaller of X'X and XX'.

    Missing values are filled with the model's own prediction again and again, which leads to the
    solution of the measured rows alone, and one factorization serves all readouts.
    """
    center = columns.mean(axis=0, dtype=np.float64)
    x = columns - center.astype(np.float32)  # first centered, then multiplied: safe in 32 bits
    is_wide = len(x) < x.shape[1]
    gram = x @ x.T if is_wide else x.T @ x
    size = float(np.trace(gram, dtype=np.float64)) / len(x)
    missing = np.isnan(readout)
    filled = np.where(missing, _means(readout), readout)
    models = []
    damped = np.empty(gram.shape, order="F")  # one for all penalties, in the order of LAPACK
    for penalty in RIDGE * size * np.sqrt(len(x)):
        damped[:] = gram
        damped[np.diag_indices_from(damped)] += penalty
        factor = cho_factor(damped, lower=True, overwrite_a=True, check_finite=False)
        for _ in range(FILLED if missing.any() else 1):
            mean = filled.mean(axis=0)
            y = (filled - mean).astype(np.float32)
            right = y if is_wide else x.T @ y
            solved = cho_solve(factor, right.astype(np.float64), check_finite=False)
            beta = x.T @ solved.astype(np.float32) if is_wide else solved
            beta = np.asarray(beta, dtype=np.float64)
            filled = np.where(missing, x @ beta.astype(np.float32) + mean, readout)
        models.append(Linear(beta, mean - center @ beta))
    return models


def lasso_path_of(columns: Floats32, readout: Floats) -> list[Linear]:
    """Lasso regressions of standardized columns with the penalties `LASSO`, one readout a time.

    Of more than 20,000 rows, so many are used, evenly spaced.
    """
    spaced = slice(None, None, max(1, -(-len(columns) // MOST_ROWS)))
    columns, readout = columns[spaced], readout[spaced]
    n_readouts = readout.shape[1]
    betas = np.zeros((len(LASSO), columns.shape[1], n_readouts))
    intercepts = np.zeros((len(LASSO), n_readouts))
    patterns, group = np.unique(~np.isnan(readout), axis=1, return_inverse=True)
    for number, measured in enumerate(patterns.T):
        used = columns if measured.all() else columns[measured]
        center, scale = used.mean(axis=0, dtype=np.float64), _spread(used)
        scale[scale < 1e-6] = np.inf
        x = np.asfortranarray(used, dtype=np.float64)
        x -= center
        x /= scale
        gram = x.T @ x
        for readout_number in np.flatnonzero(group.ravel() == number):
            y = readout[measured, readout_number]
            beta = _lasso(x, y - y.mean(), gram).T / scale
            betas[:, :, readout_number] = beta
            intercepts[:, readout_number] = y.mean() - beta @ center
    return [Linear(beta, intercept) for beta, intercept in zip(betas, intercepts)]


def _spread(columns: Floats32) -> Floats:
    """Standard deviation of each column, a few columns a time: each takes memory in 64 bits."""
    parts = np.array_split(columns, 16, axis=1)
    return np.concatenate([part.std(axis=0, dtype=np.float64) for part in parts])


def _lasso(x: Floats, y: Floats, gram: Floats) -> Floats:
    """Coefficients, (n_columns, n_penalties)."""
    products = x.T @ y
    alphas = LASSO * max(float(np.abs(products).max(initial=0)) / len(x), 1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # good enough to compare with
        path = lasso_path(
            x, y, alphas=alphas, precompute=gram, Xy=products, tol=1e-3, max_iter=300, copy_X=False,
            random_state=0,  # else NumPy's global one moves, though nothing is drawn
        )  # fmt: skip
    return np.asarray(path[1], dtype=np.float64)


def _means(readout: Floats) -> Floats:
    measured = ~np.isnan(readout)
    means: Floats = np.nansum(readout, axis=0) / np.maximum(measured.sum(axis=0), 1)
    return means
