"""Readouts in random order: tests that ask nothing of the noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.steps import Step
from motifbook.significance.tested import Tested
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Selector = Callable[[Floats], float]
SLACK = 1e-6  # of scores in float32: ties of few values count as such
DRAWS_AT_ONCE = 256


def permutation_test(
    step: Step,
    *,
    n_draws: int = 999,
    blocks: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> Tested:
    """Test whether the readout goes with any motif, by dealing out what earlier motifs leave.

    Parameters
    ----------
    step
        See `first_step` and `next_step`.
    n_draws
        Permutations; p is 1 / (n_draws + 1) at least.
    blocks : (n,)
        Rows are exchanged only within a block, such as a batch.

    Returns
    -------
    Tested
        `statistic` is the largest score.

    Raises
    ------
    InputError
        If blocks leave nothing to exchange.

    Notes
    -----
    Exact at step 1 without covariates, whatever the noise. With covariates and at later steps,
    residuals are permuted and projected again (Freedman & Lane 1983, J Bus Econ Stat 1:292); that
    earlier steps chose their motifs is ignored, which makes later p-values conservative.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> step = first_step(prepare(activations, activations[:, 2] > 0.5))
    >>> round(permutation_test(step, n_draws=99, seed=0).p_value, 3)
    0.01
    """
    _check.whole_number(n_draws, "n_draws")
    groups = _groups(blocks, len(step.basis))
    rng = _check.generator(seed, "permutation")
    gain = step.gain[:, None].astype(np.float32)
    beyond = 0
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        orders = [permuted(groups, rng) for _ in range(min(DRAWS_AT_ONCE, n_draws - first))]
        drawn = step.residual[np.stack(orders, axis=1)]
        drawn -= step.basis @ (step.basis.T @ drawn)
        drawn /= np.maximum(np.linalg.norm(drawn, axis=0), 1e-300)
        scores = np.abs(step.prepared.columns.T @ drawn.astype(np.float32)) * gain
        beyond += int((scores.max(axis=0) >= step.statistic - SLACK).sum())
    log_p = float(np.log((1 + beyond) / (1 + n_draws)))
    return Tested(log_p, step.statistic, n_draws, float(n_draws))


def null_permuted(
    step: Step, n_draws: int, *, blocks: npt.ArrayLike | None = None, seed: int | None = None
) -> Floats:
    """Largest scores of permuted residuals, (n_draws,), for a picture; see `permutation_test`."""
    rng = _check.generator(seed, "null of permutation")
    groups = _groups(blocks, len(step.basis))
    found = []
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        n = min(DRAWS_AT_ONCE, n_draws - first)
        drawn = step.residual[np.stack([permuted(groups, rng) for _ in range(n)], axis=1)]
        drawn -= step.basis @ (step.basis.T @ drawn)
        drawn /= np.maximum(np.linalg.norm(drawn, axis=0), 1e-300)
        scores = np.abs(step.prepared.columns.T @ drawn.astype(np.float32))
        found.append((scores * step.gain[:, None].astype(np.float32)).max(axis=0))
    return np.concatenate(found).astype(np.float64)


def permute_selection(
    score: Selector,
    readout: npt.ArrayLike,
    *,
    n_draws: int = 199,
    blocks: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> Tested:
    """Test any way of finding a motif, run again on every permutation of the readout.

    Parameters
    ----------
    score
        Takes a readout, (n,), finds the best motif for it however it likes, and returns how well
        that motif does; more is better.
    readout : (n,)
    n_draws
        Permutations; p is 1 / (n_draws + 1) at least.
    blocks : (n,)
        Rows are exchanged only within a block.

    Returns
    -------
    Tested

    Raises
    ------
    InputError
        If blocks leave nothing to exchange, a readout is missing or constant, or `score` returns
        no number.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.normal(size=(40, 5))
    >>> def best(readout):
    ...     return np.abs(activations.T @ (readout - readout.mean())).max()
    >>> round(permute_selection(best, activations[:, 1], n_draws=99, seed=0).p_value, 3)
    0.01
    """
    values = finite_readout(readout)
    if np.ptp(values) == 0:
        raise _check.InputError(
            f"`readout` is {values[0]:g} in all {len(values)} rows; expected values that differ."
        )
    _check.whole_number(n_draws, "n_draws")
    groups = _groups(blocks, len(values))
    rng = _check.generator(seed, "permutation")
    what = "how well the best motif does, a number"
    observed = _check.number(score(values), "score", what=what)
    scores = [
        _check.number(score(values[permuted(groups, rng)]), "score", what=what)
        for _ in range(n_draws)
    ]
    slack = SLACK * abs(observed)
    beyond = int((np.array(scores) >= observed - slack).sum())
    return Tested(float(np.log((1 + beyond) / (1 + n_draws))), observed, n_draws, float(n_draws))


def permuted(groups: Integers, rng: np.random.Generator) -> Integers:
    """A random order of rows, (n,), in which every row stays in its group."""
    drawn = np.lexsort((rng.random(len(groups)), groups))
    order = np.empty(len(groups), dtype=np.int64)
    order[np.argsort(groups, kind="stable")] = drawn
    return order


def _groups(blocks: npt.ArrayLike | None, n: int) -> Integers:
    if blocks is None:
        return np.zeros(n, dtype=np.int64)
    named = np.asarray(blocks)
    _check.shape(named, "blocks", "one name per row", n)
    groups = np.unique(named, return_inverse=True)[1].ravel()
    if np.bincount(groups).max(initial=0) < 2:
        raise _check.InputError(
            f"`blocks` names {len(np.unique(groups))} blocks for {n} rows, one row each; expected "
            "several rows per block, as rows are exchanged within blocks. Name larger blocks."
        )
    found: Integers = groups.astype(np.int64)
    return found
