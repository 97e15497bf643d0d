"""Least squares and logistic regression, and the residuals that robust intervals are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dpotrf, dpotri, dpstrf
from scipy.special import expit

from motifbook.formula.influence import leverages

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
COLLINEAR = 1e-8  # a column that keeps less of its variance beside the others says nothing
NEWTON_STEPS = 25
RIDGE = 1.0  # per deviation of a column, where binary readouts are separated
CERTAIN = 1e-8  # 1 - leverage of a row that a coefficient follows exactly


@dataclass(frozen=True)
class Fit:
    """Readouts measured in the same rows, fitted on the centered table.

    Parameters
    ----------
    readouts
        Their numbers.
    coefficients : (n_terms + 1, n_fitted)
        The intercept first, at the centers of the columns.
    inverse : (n_terms + 1, n_terms + 1)
        Inverse of the information; zeros for dropped columns.
    dropped : (n_terms,)
        Columns that are constant or sums of others in these rows; their coefficients are 0.
    residuals : (n, n_fitted)
        Measured minus fitted; 0 where not measured.
    variances : (n,)
        Of a measurement, as the fit sees it: ones for least squares, 0 where not measured.
    kind
        "continuous" or "binary".
    ridge
        Above 0 where columns tell the two classes of a binary readout apart without error.
    """

    readouts: Integers
    coefficients: Floats
    inverse: Floats
    dropped: Booleans
    residuals: Floats
    variances: Floats
    kind: str = "continuous"
    ridge: float = 0.0


def same_rows(readout: Floats, numbers: Integers) -> Iterator[Integers]:
    """Readouts, by number, in groups that were measured in the same rows."""
    patterns: dict[bytes, list[int]] = {}
    for number in numbers:
        key = np.packbits(np.isnan(readout[:, number])).tobytes()
        patterns.setdefault(key, []).append(int(number))
    for group in patterns.values():
        yield np.array(group)


class Grams:
    """Sums of products of the table's columns over any rows; few missing rows are taken off."""

    def __init__(self, table: Floats) -> None:
        self.table = table
        self._all: Floats | None = None

    def over(self, rows: Booleans) -> Floats:
        """Sum over these rows, (n_columns, n_columns)."""
        if 2 * rows.sum() < len(rows):
            return _gram(self.table[rows])
        if self._all is None:
            self._all = _gram(self.table)
        return self._all if rows.all() else self._all - _gram(self.table[~rows])


def _gram(table: Floats) -> Floats:
    gram: Floats = table.T @ table
    return gram


def fit_continuous(grams: Grams, readout: Floats, numbers: Integers) -> Fit:
    """Least squares for readouts measured in the same rows."""
    values = readout[:, numbers]
    rows = ~np.isnan(values[:, 0])
    filled = np.where(rows[:, None], values, 0.0)
    inverse, dropped = invert(grams.over(rows))
    coefficients = inverse @ (grams.table.T @ filled)
    residuals = (filled - grams.table @ coefficients) * rows[:, None]
    return Fit(numbers, coefficients, inverse, dropped, residuals, rows.astype(float))


def fit_binary(grams: Grams, readout: Floats, number: int) -> Fit:
    """Logistic regression for one readout; with a small ridge where nothing else is finite."""
    rows = ~np.isnan(readout[:, number])
    dropped = invert(grams.over(rows))[1]
    kept = np.flatnonzero(np.append(True, ~dropped))
    table, values = grams.table[rows][:, kept], readout[rows, number]
    start, ones, ridge = np.zeros(len(kept)), np.ones(len(table)), 0.0
    found, inverse, converged = newton(table, values, ones, start, ridge=ridge)
    if not converged:
        ridge = RIDGE
        found, inverse, _ = newton(table, values, ones, start, ridge=ridge)
    coefficients = np.zeros((len(dropped) + 1, 1))
    coefficients[kept, 0] = found
    whole = np.zeros((len(dropped) + 1, len(dropped) + 1))
    whole[np.ix_(kept, kept)] = inverse
    chance = expit(table @ found)
    residuals, variances = np.zeros((len(rows), 1)), np.zeros(len(rows))
    residuals[rows, 0] = values - chance
    variances[rows] = chance * (1 - chance)
    only = np.array([number])
    return Fit(only, coefficients, whole, dropped, residuals, variances, "binary", ridge)


def newton(
    table: Floats, values: Floats, weights: Floats, start: Floats, *, ridge: float
) -> tuple[Floats, Floats, bool]:
    """Coefficients of the weighted logistic regression, inverse information, whether it converged.

    `ridge` is per squared deviation of a column; the intercept goes free.
    """
    penalty = ridge * table.var(axis=0)
    coefficients = start
    inverse = np.eye(len(start))
    for _ in range(NEWTON_STEPS if not ridge else 4 * NEWTON_STEPS):  # a ridge always gets there
        chance = expit(table @ coefficients)
        slack = weights * np.maximum(chance * (1 - chance), 1e-10)
        information = (table * slack[:, None]).T @ table + np.diag(penalty)
        inverse = _inverse(information)
        step = inverse @ (table.T @ (weights * (values - chance)) - penalty * coefficients)
        longest = float(np.abs(table @ step).max())
        coefficients = coefficients + step * min(1.0, 4.0 / max(longest, 1e-12))
        if longest < 1e-8:
            return coefficients, inverse, True
    return coefficients, inverse, False


def invert(gram: Floats) -> tuple[Floats, Booleans]:
    """Inverse of a Gram matrix whose first column is the intercept's, and the dropped columns.

    Columns that are constant or sums of others are dropped: zeros in the inverse.
    """
    n = gram[0, 0]
    means = gram[0, 1:] / n
    inner = gram[1:, 1:] - n * np.outer(means, means)
    scale = np.sqrt(np.maximum(np.diag(inner), 0))
    lowest = np.sqrt(COLLINEAR * 1e-4 * np.maximum(np.diag(gram)[1:], 1e-300))
    scale = np.where(scale > lowest, scale, np.inf)
    kept = _independent(inner / np.outer(scale, scale))
    part = inner[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
    whole = np.zeros_like(gram)
    inverse = np.zeros_like(inner)
    inverse[np.ix_(kept, kept)] = _inverse(part) / np.outer(scale[kept], scale[kept])
    whole[1:, 1:] = inverse
    whole[0, 1:] = whole[1:, 0] = -inverse @ means
    whole[0, 0] = 1 / n + means @ inverse @ means
    dropped = np.ones(len(means), dtype=bool)
    dropped[kept] = False
    return whole, dropped


def _independent(correlation: Floats) -> Integers:
    """Columns none of which is a sum of the others, in order; constant ones have zeros."""
    if not len(correlation):
        return np.zeros(0, dtype=np.int64)
    _, pivots, rank, _ = dpstrf(correlation, tol=COLLINEAR, lower=1)
    return np.sort(pivots[:rank].astype(np.int64) - 1)


def _inverse(matrix: Floats) -> Floats:
    """Inverse of a positive definite matrix."""
    if not len(matrix):
        return matrix
    lower = dpotri(dpotrf(matrix, lower=1)[0], lower=1)[0]
    inverse: Floats = np.tril(lower) + np.tril(lower, -1).T
    return inverse


def corrected(fit: Fit, table: Floats, families: Integers | None) -> tuple[Floats, Booleans]:
    """Residuals corrected for leverage, (n, n_fitted), and rows that leave nothing to judge by.

    A coefficient follows such a row (or family) exactly, whatever was measured there.
    """
    room = 1 - fit.variances * leverages(table, fit.inverse)
    residuals = fit.residuals / np.maximum(room, CERTAIN)[:, None]
    certain = room < CERTAIN
    for rows in [] if families is None else _members(families):
        certain[rows] = _correct_family(fit, table, rows, residuals)
    residuals[certain] = 0
    return residuals, certain


def _members(families: Integers) -> list[Integers]:
    """Rows of each family with more than one."""
    order = np.argsort(families, kind="stable")
    starts = np.flatnonzero(np.diff(families[order])) + 1
    return [rows for rows in np.split(order, starts) if len(rows) > 1]


def _correct_family(fit: Fit, table: Floats, rows: Integers, residuals: Floats) -> bool:
    """Correct the residuals of one family in place; whether that was impossible."""
    hat = (table[rows] @ fit.inverse @ table[rows].T) * fit.variances[rows][:, None]
    room = np.eye(len(rows)) - hat
    if np.linalg.svd(room, compute_uv=False)[-1] < CERTAIN:
        return True
    residuals[rows] = np.linalg.solve(room, fit.residuals[rows])
    return False
