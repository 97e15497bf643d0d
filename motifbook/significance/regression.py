"""Least squares of a readout on each motif alone, covariates and blocks taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from motifbook import _check
from motifbook.significance.association import FLAT
from motifbook.significance.nuisance import SAME, Nuisance, nuisance
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Removed:
    """What is taken out of readout and activations: covariates and means of blocks.

    Parameters
    ----------
    basis : (n, n_covariates)
        Orthonormal columns, of mean 0 within each block.
    groups : (n,)
        Numbers of the blocks.
    n_taken
        Dimensions that go.
    """

    basis: Floats
    groups: Integers
    n_taken: int

    def off(self, table: Floats) -> Floats:
        """What is left of columns, (n, …)."""
        apart = _less_means(table, self.groups)
        left: Floats = apart - self.basis @ (self.basis.T @ apart)
        return left

    @property
    def leverage(self) -> Floats:
        """Share of each row's value that is taken out, (n,)."""
        share: Floats = (self.basis**2).sum(axis=1) + 1 / np.bincount(self.groups)[self.groups]
        return share


@dataclass(frozen=True)
class Fit:
    """Least squares of what is left of a readout on what is left of each motif.

    Parameters
    ----------
    removed
        What was taken out of both.
    rest : (n,)
        What is left of the readout.
    activation : (n, n_motifs)
        What is left of the activations.
    square : (n_motifs,)
        Their squared lengths; 1 where nothing is left.
    is_told : (n_motifs,)
        Whether something is left.
    effect : (n_motifs,)
        Slopes, readout units per unit of activation.
    df
        Degrees of freedom.
    """

    removed: Removed
    rest: Floats
    activation: Floats
    square: Floats
    is_told: npt.NDArray[np.bool_]
    effect: Floats
    df: int

    def told(self, values: Floats) -> Floats:
        """Values of motifs, NaN where there is nothing to tell."""
        return np.where(self.is_told, values, np.nan)


def regress_each(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None,
    blocks: npt.ArrayLike | None,
) -> Fit:
    """Regress a readout on each motif alone; see `fixed_motifs.try_fixed_motifs`.

    Raises
    ------
    InputError
        If sizes differ or no degree of freedom is left.

    Examples
    --------
    >>> fit = regress_each([[0.0], [0], [1], [1]], [1.0, 3.0, 5.0, 7.0], None, None)
    >>> fit.effect.round(9).tolist(), fit.df
    ([4.0], 2)
    """
    values = finite_readout(readout)
    table = _check.numbers(activation, "activation", "numbers, (n, n_motifs)")
    _check.shape(table, "activation", "one row per value of `readout`", len(values), None)
    basis = (without or nuisance(len(values))).basis
    _check.shape(basis, "without", "one row per sequence", len(values), None)
    removed = _remove(basis, blocks)
    df = len(values) - removed.n_taken - 1
    if df < 1:
        raise _check.InputError(
            f"`readout` has {len(values)} rows and there are {removed.n_taken} covariates, the "
            "intercept and blocks among them; expected two rows more. Use more rows, fewer "
            "covariates or larger blocks."
        )
    left, rest = removed.off(table), removed.off(values)
    square = (left**2).sum(axis=0)
    is_told = square > FLAT**2 * (table**2).sum(axis=0)
    safe = np.where(is_told, square, 1.0)
    effect = left.T @ rest / safe
    return Fit(removed, rest, left, safe, is_told, effect, df)


def _remove(basis: Floats, blocks: npt.ArrayLike | None) -> Removed:
    names = np.zeros(len(basis)) if blocks is None else np.asarray(blocks)
    _check.shape(names, "blocks", "one name per row", len(basis))
    groups = np.unique(names, return_inverse=True)[1].ravel().astype(np.int64)
    apart = _less_means(basis, groups)
    left, sizes, _ = np.linalg.svd(apart, full_matrices=False)
    kept = left[:, sizes > SAME]
    return Removed(kept, groups, int(groups.max(initial=0)) + 1 + kept.shape[1])


def _less_means(table: Floats, groups: Integers) -> Floats:
    """Columns, (n, …), less the mean of each row's block."""
    sizes = np.bincount(groups)
    add = csr_array((1 / sizes[groups], (groups, np.arange(len(groups)))))
    left: Floats = table - (add @ table)[groups]
    return left
