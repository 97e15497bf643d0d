"""Ordinary tests, for motifs that something else has chosen: other rows, or the other half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.stats import t

from motifbook import _check
from motifbook.motif.distribution import q_values
from motifbook.significance.association import FLAT
from motifbook.significance.nuisance import SAME, Nuisance, nuisance
from motifbook.significance.permutation import DRAWS_AT_ONCE, SLACK
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
TINY = 1e-300
ENOUGH = 100  # permutations that reach a motif before it gets no more


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
    fit = _fit(activation, readout, without, blocks)
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
    fit = _fit(activation, readout, without, blocks)
    residual = fit.rest[:, None] - fit.activation * fit.effect
    own = 1 - fit.taken.leverage[:, None] - fit.activation**2 / fit.square
    apart = np.where(own > 1e-9, residual / np.maximum(own, 1e-9), 0.0)
    se = np.sqrt(((fit.activation * apart) ** 2).sum(axis=0)) / fit.square
    n_rows = fit.square**2 / np.maximum((fit.activation**4).sum(axis=0), TINY)
    return Slopes(fit.told(fit.effect), fit.told(se), np.clip(n_rows, 1, fit.df))


@dataclass(frozen=True)
class Permuted:
    """What permutations say of each motif.

    Parameters
    ----------
    log_p : (n_motifs,)
        Natural logarithm of the two-sided p-value.
    n_draws : (n_motifs,)
        Permutations that were made.
    statistic : (n_motifs,)
        Correlation of activation and readout, given covariates, in absolute value.
    """

    log_p: Floats
    n_draws: Integers
    statistic: Floats


def permute_fixed_motifs(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None = None,
    *,
    blocks: npt.ArrayLike | None = None,
    n_draws: int = 9999,
    seed: int | None = None,
) -> Permuted:
    """Test each motif by dealing out the readout anew.

    Parameters
    ----------
    activation, readout, without, blocks
        See `try_fixed_motifs`; rows are exchanged within a block.
    n_draws
        Permutations at most, so that p is 1 / (n_draws + 1) at least. A motif that 100 of them have
        reached gets no more.

    Returns
    -------
    Permuted

    Notes
    -----
    Exact without covariates, whatever the noise. With covariates residuals are permuted and
    projected again (Freedman & Lane 1983, J Bus Econ Stat 1:292). Stopping early: Besag & Clifford
    1991 (Biometrika 78:301).

    Examples
    --------
    >>> found = permute_fixed_motifs(np.arange(5)[:, None], np.arange(5), seed=0)
    >>> np.exp(found.log_p).round(2).tolist()  # 2 of 120 orders
    [0.02]
    """
    _check.whole_number(n_draws, "n_draws")
    fit = _fit(activation, readout, without, blocks)
    unit = fit.activation / np.sqrt(fit.square)
    observed = np.abs(unit.T @ fit.rest) / max(float(np.linalg.norm(fit.rest)), TINY) - SLACK
    log_p, beyond = np.zeros(len(observed)), np.zeros(len(observed), dtype=np.int64)
    made = np.where(fit.is_told, n_draws, 0)
    going = np.flatnonzero(fit.is_told)
    rng = _check.generator(seed, "permutation")
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        if not len(going):
            break
        n_now = min(DRAWS_AT_ONCE, n_draws - first)
        drawn = fit.taken.off(_dealt(fit.rest, fit.taken.groups, n_now, rng))
        drawn /= np.maximum(np.linalg.norm(drawn, axis=0), TINY)
        is_beyond = np.abs(unit[:, going].T @ drawn) >= observed[going, None]
        reached = beyond[going, None] + is_beyond.cumsum(axis=1)
        is_done = reached[:, -1] >= ENOUGH
        beyond[going] = reached[:, -1]
        made[going[is_done]] = first + 1 + (reached[is_done] >= ENOUGH).argmax(axis=1)
        log_p[going[is_done]] = np.log(ENOUGH / made[going[is_done]])
        going = going[~is_done]
    log_p[going] = np.log((1 + beyond[going]) / (1 + n_draws))
    return Permuted(log_p, made, observed + SLACK)


def _dealt(rest: Floats, groups: Integers, n_draws: int, rng: np.random.Generator) -> Floats:
    """Values, (n,), in random orders within groups, (n, n_draws)."""
    if not groups.any():
        return rng.permuted(np.tile(rest, (n_draws, 1)), axis=1).T
    drawn = np.empty((n_draws, len(rest)))
    order = np.argsort(rng.random(drawn.shape) + groups, axis=1)
    drawn[:, np.argsort(groups, kind="stable")] = rest[order]
    return drawn.T


@dataclass(frozen=True)
class _Taken:
    """What is taken out of readout and activations: covariates and means of blocks.

    `basis`, (n, n_covariates), is orthonormal within blocks; `groups`, (n,), are their numbers;
    `n_taken` counts the dimensions that go.
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
class _Fit:
    """Least squares of what is left of a readout, `rest`, (n,), on what is left of each motif."""

    taken: _Taken
    rest: Floats
    activation: Floats
    square: Floats
    is_told: npt.NDArray[np.bool_]
    effect: Floats
    df: int

    def told(self, values: Floats) -> Floats:
        """Values of motifs, NaN where there is nothing to tell."""
        return np.where(self.is_told, values, np.nan)


def _fit(
    activation: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None,
    blocks: npt.ArrayLike | None,
) -> _Fit:
    values = finite_readout(readout)
    table = _check.numbers(activation, "activation", "numbers, (n, n_motifs)")
    _check.shape(table, "activation", "one row per value of `readout`", len(values), None)
    basis = (without or nuisance(len(values))).basis
    _check.shape(basis, "without", "one row per sequence", len(values), None)
    taken = _take(basis, blocks)
    df = len(values) - taken.n_taken - 1
    if df < 1:
        raise _check.InputError(
            f"`readout` has {len(values)} rows and there are {taken.n_taken} covariates, the "
            "intercept and blocks among them; expected two rows more. Use more rows, fewer "
            "covariates or larger blocks."
        )
    left, rest = taken.off(table), taken.off(values)
    square = (left**2).sum(axis=0)
    is_told = square > FLAT**2 * (table**2).sum(axis=0)
    safe = np.where(is_told, square, 1.0)
    effect = left.T @ rest / safe
    return _Fit(taken, rest, left, safe, is_told, effect, df)


def _take(basis: Floats, blocks: npt.ArrayLike | None) -> _Taken:
    names = np.zeros(len(basis)) if blocks is None else np.asarray(blocks)
    _check.shape(names, "blocks", "one name per row", len(basis))
    groups = np.unique(names, return_inverse=True)[1].ravel().astype(np.int64)
    apart = _less_means(basis, groups)
    left, sizes, _ = np.linalg.svd(apart, full_matrices=False)
    kept = left[:, sizes > SAME]
    return _Taken(kept, groups, int(groups.max(initial=0)) + 1 + kept.shape[1])


def _less_means(table: Floats, groups: Integers) -> Floats:
    """Columns, (n, …), less the mean of each row's block."""
    sizes = np.bincount(groups)
    add = csr_array((1 / sizes[groups], (groups, np.arange(len(groups)))))
    left: Floats = table - (add @ table)[groups]
    return left


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
