"""Ordinary tests, for motifs that something else has chosen: other rows, or the other half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook.motif.distribution import q_values
from motifbook.significance.nuisance import Nuisance
from motifbook.significance.regression import regress_each

Floats = npt.NDArray[np.float64]
TINY = 1e-300


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
    def statistic(self) -> Floats:
        """Student's t, (n_motifs,); 0 where there is no effect to tell."""
        statistic: Floats = np.nan_to_num(self.effect / np.where(self.se > 0, self.se, np.inf))
        return statistic

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


@dataclass(frozen=True)
class Slopes:
    """Slopes of a readout on motifs, and their standard errors whatever the noise.

    Parameters
    ----------
    effect, se : (n_motifs,)
        Readout units per unit of activation; NaN where the activation is a sum of covariates.
    df : (n_motifs,)
        Degrees of freedom: how many rows carry the slope, at most those of `FixedTests`.
    """

    effect: Floats
    se: Floats
    df: Floats


def try_fixed_motifs(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None = None,
    *,
    blocks: npt.ArrayLike | None = None,
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
    blocks : (n,)
        Rows are compared within a block only: each has a mean of its own.

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
    It is exact where readout or activation is normal given covariates, one of the two.

    Examples
    --------
    >>> tests = try_fixed_motifs([[0.0], [0], [1], [1]], [1.0, 3.0, 5.0, 7.0])
    >>> tests.effect.round(9).tolist(), tests.p_value.round(3).tolist()
    ([4.0], [0.106])
    """
    fit = regress_each(activation, readout, without, blocks)
    noise = np.maximum(fit.rest @ fit.rest - fit.effect**2 * fit.square, 0) / fit.df
    se = np.sqrt(noise / fit.square)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = np.log(2) + t.logsf(np.abs(fit.effect / se), fit.df)
    is_real = fit.is_told & (fit.effect != 0)
    log_p = np.where(is_real, np.maximum(log_p, -1e4), 0.0)
    return FixedTests(fit.told(fit.effect), fit.told(se), log_p, fit.df)


def robust_slopes(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None = None,
    *,
    blocks: npt.ArrayLike | None = None,
) -> Slopes:
    """Return the slopes of `try_fixed_motifs` with standard errors that allow for any noise.

    Parameters
    ----------
    activation, readout, without, blocks
        See `try_fixed_motifs`.

    Returns
    -------
    Slopes

    Notes
    -----
    HC3 of MacKinnon & White 1985 (J Econometrics 29:305): noise may differ from row to row. Where
    few rows have the motif, few degrees of freedom are left: (sum a^2)^2 / sum a^4 of projected
    activations a, after Satterthwaite (Imbens & Kolesár 2016, Rev Econ Stat 98:701).

    Examples
    --------
    >>> slopes = robust_slopes([[0.0], [0], [1], [1]], [1.0, 3.0, 5.0, 7.0])
    >>> slopes.effect.round(9).tolist(), slopes.se.round(3).tolist()
    ([4.0], [2.0])
    """
    fit = regress_each(activation, readout, without, blocks)
    residual = fit.rest[:, None] - fit.activation * fit.effect
    own = 1 - fit.removed.leverage[:, None] - fit.activation**2 / fit.square
    apart = np.where(own > 1e-9, residual / np.maximum(own, 1e-9), 0.0)
    se = np.sqrt(((fit.activation * apart) ** 2).sum(axis=0)) / fit.square
    n_rows = fit.square**2 / np.maximum((fit.activation**4).sum(axis=0), TINY)
    return Slopes(fit.told(fit.effect), fit.told(se), np.clip(n_rows, 1, fit.df))


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
