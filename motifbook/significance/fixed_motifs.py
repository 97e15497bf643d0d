"""Ordinary tests, for motifs that something else has chosen: other rows, or the other half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook import _check
from motifbook.motif.distribution import q_values
from motifbook.significance.association import FLAT
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FixedTests:
    """What ordinary tests of fixed motifs say.

    Parameters
    ----------
    effect, se : (n_motifs,)
        Readout units per unit of activation; NaN where the activation is a sum of covariates.
    log_p : (n_motifs,)
        Natural logarithm of the two-sided p-value; 0 where there is no effect to tell.
    df
        Degrees of freedom.
    """

    effect: Floats
    se: Floats
    log_p: Floats
    df: int

    @property
    def p_value(self) -> Floats:
        """(n_motifs,); may round to 0, where `log_p` does not."""
        p_values: Floats = np.exp(self.log_p)
        return p_values

    @property
    def holm(self) -> Floats:
        """P-values after `adjust_holm`, (n_motifs,)."""
        return adjust_holm(self.p_value)

    @property
    def q_value(self) -> Floats:
        """Benjamini-Hochberg q-values, (n_motifs,)."""
        return q_values(self.p_value)


def try_fixed_motifs(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None = None,
) -> FixedTests:
    """Regress a readout on each motif alone, with intercept and covariates.

    Parameters
    ----------
    activation : (n, n_motifs)
        Of motifs fixed beforehand, or chosen on other rows or the other half of the readout.
    readout : (n,)
        The rows, or the half, that chose nothing.
    without
        Covariates (see `nuisance`); by default the intercept alone.

    Returns
    -------
    FixedTests

    Raises
    ------
    InputError
        If sizes differ or no degree of freedom is left.

    Notes
    -----
    Student's test of one coefficient of least squares, after projecting covariates off both sides.

    Examples
    --------
    >>> tests = try_fixed_motifs([[0.0], [0], [1], [1]], [1.0, 3.0, 5.0, 7.0])
    >>> tests.effect.round(9).tolist(), tests.p_value.round(3).tolist()
    ([4.0], [0.106])
    """
    values = finite_readout(readout)
    table = _check.numbers(activation, "activation", "numbers, (n, n_motifs)")
    _check.shape(table, "activation", "one row per value of `readout`", len(values), None)
    basis = (without or nuisance(len(values))).basis
    _check.shape(basis, "without", "one row per sequence", len(values), None)
    df = len(values) - basis.shape[1] - 1
    if df < 1:
        raise _check.InputError(
            f"`readout` has {len(values)} rows and there are {basis.shape[1]} covariates, the "
            "intercept among them; expected two rows more. Use more rows or fewer covariates."
        )
    left, residual = table - basis @ (basis.T @ table), values - basis @ (basis.T @ values)
    square = (left**2).sum(axis=0)
    told = square > FLAT**2 * (table**2).sum(axis=0)
    safe = np.where(told, square, 1.0)
    effect = left.T @ residual / safe
    noise = np.maximum(residual @ residual - effect**2 * safe, 0) / df
    se = np.sqrt(noise / safe)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = np.log(2) + t.logsf(np.abs(effect / se), df)
    log_p = np.where(told & (effect != 0), np.maximum(log_p, -1e4), 0.0)
    return FixedTests(np.where(told, effect, np.nan), np.where(told, se, np.nan), log_p, df)


def adjust_holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values so that at level alpha no true null is called, but with chance alpha.

    Examples
    --------
    >>> adjust_holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]

    Notes
    -----
    Holm 1979, Scandinavian Journal of Statistics 6:65.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    raised = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return adjusted
