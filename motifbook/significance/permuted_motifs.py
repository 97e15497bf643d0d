"""Permutation tests of given motifs, one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.nuisance import Nuisance
from motifbook.significance.permutation import DRAWS_AT_ONCE, SLACK, orders
from motifbook.significance.regression import regress_each

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
TINY = 1e-300
ENOUGH = 100  # permutations that reach a motif before it gets no more


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
    fit = regress_each(activation, readout, without, blocks)
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
        drawn = fit.removed.off(_dealt(fit.rest, fit.removed.groups, n_now, rng))
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
    dealt: Floats = rest[orders(groups, n_draws, rng)].T
    return dealt
