"""How strongly motifs go with a readout: the scores that a one-layer network maximizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check

Floats = npt.NDArray[np.float64]
FLAT = 1e-4  # a column whose square falls below this share of itself has nothing of its own


def ridge_score(activation: npt.ArrayLike, readout: npt.ArrayLike, penalty: float = 0.0) -> float:
    """How much of a readout's square several motifs explain together.

    Parameters
    ----------
    activation : (n, n_motifs)
        Taken as it is: center it, or project covariates off, where the network has them.
    readout : (n,)
    penalty
        Weight of the squared coefficients, per sequence (the paper's lambda).

    Returns
    -------
    float
        y'A (A'A + penalty n I)^-1 A'y, in squared readout units.

    Raises
    ------
    InputError
        If sizes differ, or `penalty` is negative.

    Notes
    -----
    The least of ||y - A b||^2 / n + penalty ||b||^2 over coefficients b is (y'y - score) / n, so a
    one-layer network trained to its minimum has the motifs of the largest score (Villié, Veber, De
    Castro & Jacob 2023, TMLR, arXiv 2212.12542).

    Examples
    --------
    >>> ridge_score([[1.0], [0.0]], [2.0, 1.0]), ridge_score([[1.0], [0.0]], [2.0, 1.0], 0.5)
    (4.0, 2.0)
    """
    table, values = _read(activation, readout)
    _check.number(penalty, "penalty", low=0)
    with_readout = table.T @ values
    gram = table.T @ table + penalty * len(values) * np.eye(table.shape[1])
    return float(with_readout @ np.linalg.lstsq(gram, with_readout, rcond=None)[0])


def hsic_score(activation: npt.ArrayLike, readout: npt.ArrayLike) -> float:
    """Hilbert-Schmidt independence criterion of motifs and a readout, both with linear kernels.

    Parameters
    ----------
    activation : (n, n_motifs)
    readout : (n,)

    Returns
    -------
    float
        y'C A A'C y / (n - 1)^2, C taking means off; of centered columns, the limit of
        `penalty` n `ridge_score` for a large penalty, over (n - 1)^2.

    Notes
    -----
    The biased estimate of Gretton, Bousquet, Smola & Schölkopf 2005 (Algorithmic Learning Theory).

    Examples
    --------
    >>> hsic_score([[1.0], [0.0], [2.0]], [1.0, 0.0, 2.0])  # the variance, squared
    1.0
    """
    table, values = _read(activation, readout)
    with_readout = (table - table.mean(axis=0)).T @ values
    return float(with_readout @ with_readout) / (len(values) - 1) ** 2


def squared_correlation(activation: npt.ArrayLike, readout: npt.ArrayLike) -> Floats:
    """Squared correlation of each motif with a readout, (n_motifs,); 0 for constant columns.

    Parameters
    ----------
    activation : (n, n_motifs)
    readout : (n,)

    Examples
    --------
    >>> squared_correlation([[1.0, 1.0], [0.0, 1.0], [2.0, 1.0]], [1.0, 0.0, 2.0]).tolist()
    [1.0, 0.0]
    """
    table, values = _read(activation, readout)
    centered, unit = table - table.mean(axis=0), values - values.mean()
    scores = score_from_moments(
        centered.T @ unit, (centered**2).sum(axis=0), (table**2).sum(axis=0), 0.0
    )
    squared: Floats = scores / max(float(unit @ unit), np.finfo(float).tiny)
    return squared


def score_from_moments(product: Any, square: Any, whole: Any, ridge: float) -> Any:
    """Score of single motifs from sums over sequences; arrays of any one shape.

    Parameters
    ----------
    product
        Activation times readout, both projected.
    square, whole
        Squared activation after and before projection. Where nothing is left, the score is 0.
    ridge
        `penalty` times n. 0 scores by squared correlation; infinity by HSIC, up to a factor.
    """
    left = square > FLAT * whole
    below = 1.0 if np.isinf(ridge) else np.where(left, square, 1) + ridge
    return np.where(left, product**2 / below, 0)


def _read(activation: npt.ArrayLike, readout: npt.ArrayLike) -> tuple[Floats, Floats]:
    table = _check.numbers(activation, "activation", "numbers, (n, n_motifs)")
    _check.shape(table, "activation", "(n, n_motifs)", None, None)
    values = _check.numbers(readout, "readout", "numbers, (n,)")
    _check.shape(values, "readout", "one value per row of `activation`", len(table))
    return table, values
