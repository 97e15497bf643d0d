"""Readouts on the scale on which Gaussian tests hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

from motifbook import _check

Floats = npt.NDArray[np.float64]
FEW_VALUES = 10
SUM = 1e-9  # share of its length below which nothing is left beside covariates


def normal_scores(
    readout: npt.ArrayLike, *, ties: str = "random", seed: int | None = None
) -> Floats:
    """Replace values by the normal quantiles of their ranks, ``(rank - 0.5) / n``.

    Parameters
    ----------
    readout : (n,)
        Without missing values.
    ties
        "random" breaks ties at random (counts keep exact normal scores); "average" gives them one
        value.

    Returns
    -------
    (n,)
        Same order as `readout`, normal whatever the law of the noise.

    Notes
    -----
    Rank-based inverse normal transform (Beasley, Erickson & Allison 2009, Behav Genet 39:580). It
    makes Gaussian tests nearly exact; readouts with few distinct values need a permutation test.

    Examples
    --------
    >>> normal_scores([10, 1000, 20]).round(2).tolist()
    [-0.97, 0.97, 0.0]
    """
    values = finite_readout(readout)
    _check.one_of(ties, "ties", ("random", "average"))
    if ties == "average":
        ranks = rankdata(values)
    else:
        rng = _check.generator(seed, "ties")
        order = np.lexsort((rng.random(len(values)), values))
        ranks = np.empty(len(values))
        ranks[order] = np.arange(1, len(values) + 1)
    scores: Floats = ndtri((ranks - 0.5) / len(values))
    return scores


def normal_scores_beside(
    readout: npt.ArrayLike, basis: npt.ArrayLike, *, seed: int | None = None
) -> Floats:
    """Return normal scores of what covariates leave of the normal scores, (n,).

    Scores of readouts that batches shift are squeezed within each batch, so that what is left
    beside batches is not normal: a second ranking makes it so.

    Parameters
    ----------
    readout : (n,)
        Without missing values.
    basis : (n, n_covariates)
        Orthonormal columns, the intercept in their span.
    seed
        Of ties.

    Notes
    -----
    Ranks before covariates are taken out bound outliers; ranks after are those of Sofer et al.
    2019 (Genet Epidemiol 43:263).

    Examples
    --------
    >>> batches = np.kron(np.eye(2), [[1], [1], [1]]) / np.sqrt(3)
    >>> normal_scores_beside([1, 2, 3, 101, 105, 103], batches).round(2).tolist()
    [-1.38, 0.21, 0.67, -0.67, 1.38, -0.21]
    """
    once = normal_scores(readout, seed=seed)
    columns = np.asarray(basis, dtype=np.float64)
    if columns.shape[1] < 2:
        return once
    left = once - columns @ (columns.T @ once)
    if np.linalg.norm(left) <= SUM * np.linalg.norm(once):  # a sum of covariates: told elsewhere
        return once
    return normal_scores(left, seed=seed)


def has_few_values(readout: npt.ArrayLike) -> bool:
    """Whether a readout is binary or has fewer than ten distinct values: permute such a one."""
    return len(np.unique(finite_readout(readout))) < FEW_VALUES


def finite_readout(readout: npt.ArrayLike) -> Floats:
    """Return a readout as float64, (n,); refuse missing values, naming their rows."""
    values = _check.numbers(readout, "readout", "numbers, (n,)")
    _check.shape(values, "readout", "(n,)", None)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        rows = ", ".join(map(str, bad[:5])) + (", …" if len(bad) > 5 else "")
        raise _check.InputError(
            f"`readout` holds {values[bad[0]]} in {len(bad)} of {len(values)} rows ({rows}); "
            "expected a number in every row. Leave these rows out."
        )
    return values
