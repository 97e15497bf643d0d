"""Recursive feature elimination by decision trees: what the paper does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


def eliminate(
    table: Floats,
    readout: Floats,
    protected: Booleans,
    *,
    n_max: int,
    per_step: int,
    rng: np.random.Generator,
) -> Booleans:
    """Columns that are left, (n_columns,), when trees have dropped the others.

    A tree is grown on all columns that are left, the `per_step` that lower its error least are
    dropped, and so on until `n_max` are left; protected ones stay and do not count.

    Parameters
    ----------
    table : (n, n_columns)
        Standardized.
    readout : (n, n_readouts)
        Standardized, without NaN.

    Notes
    -----
    Liu & Wang 2022 (arXiv 2208.09559): a default decision tree, 100 columns a step, down to 300.
    """
    from sklearn.tree import DecisionTreeRegressor

    left = np.ones(table.shape[1], dtype=bool)
    while True:
        surplus = int((left & ~protected).sum()) - n_max
        if surplus <= 0:
            return left
        tree = DecisionTreeRegressor(random_state=int(rng.integers(2**31)))
        tree.fit(table[:, left], readout)
        importance = np.full(len(left), np.inf)  # of dropped columns, so that none goes twice
        importance[left] = tree.feature_importances_
        importance[protected] = np.inf
        left[np.argsort(importance, kind="stable")[: min(per_step, surplus)]] = False
