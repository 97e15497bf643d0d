"""Readouts in random order: tests that ask nothing of the noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import joblib
import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.counting import is_enough, log_p_of, needed
from motifbook.significance.exchange_bound import has_bound, log_bound
from motifbook.significance.steps import Step
from motifbook.significance.tested import Tested
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Selector = Callable[[Floats], float]
SLACK = 1e-6  # of scores in float32: ties of few values count as such
DRAWS_AT_ONCE = 256
BOUNDED = "None of {:,} permutations reached the observed score; p is an upper bound, and valid."


def permutation_test(
    step: Step,
    *,
    n_draws: int = 999,
    blocks: npt.ArrayLike | None = None,
    dealt: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> Tested:
    """Test whether the readout goes with any motif, by dealing out what earlier motifs leave.

    Parameters
    ----------
    step
        See `first_step` and `next_step`.
    n_draws
        Permutations at most; fewer where 50 lie beyond what was observed.
    blocks : (n,)
        Rows are exchanged only within a block, such as a batch, or a sequence and its shuffle.
    dealt : (n,)
        What is dealt out in place of what covariates leave of the readout: the whole of it.

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

    p is 1 / (n_draws + 1) at least, but for the first step of a readout of two values whose
    covariates are constant within blocks: there, if no permutation lies beyond, p may be smaller,
    an upper bound of an exact p-value (see `log_bound`).

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> step = first_step(prepare(activations, activations[:, 2] > 0.5))
    >>> permutation_test(step, n_draws=99, seed=0).p_value < 1e-4
    True
    """
    _check.whole_number(n_draws, "n_draws")
    groups = _groups(blocks, len(step.basis))
    rng = _check.generator(seed, "permutation")
    beyond = np.zeros(0, dtype=bool)
    values = step.residual if dealt is None else finite_readout(dealt)
    for largest in _largest_scores(step, values, n_draws, groups, rng):
        beyond = needed(np.append(beyond, largest >= step.statistic - SLACK), n_draws)
        if is_enough(beyond, n_draws):
            break
    log_p, n_drawn = log_p_of(beyond), len(beyond)
    if beyond.any() or dealt is not None or not has_bound(step, groups):
        return Tested(log_p, step.statistic, n_drawn, float(n_drawn))
    # P(p <= alpha) <= alpha: from 1 / (n_draws + 1) on, p <= alpha says what counting says; below,
    # it needs bound <= alpha, and the bound is no less than an exact p-value of exchanges.
    bound = log_bound(step, groups, rng)
    notes = (BOUNDED.format(n_drawn),) if bound < log_p else ()
    return Tested(min(log_p, bound), step.statistic, n_drawn, float(n_drawn), notes=notes)


def null_permuted(
    step: Step, n_draws: int, *, blocks: npt.ArrayLike | None = None, seed: int | None = None
) -> Floats:
    """Largest scores of permuted residuals, (n_draws,), for a picture; see `permutation_test`."""
    rng = _check.generator(seed, "null of permutation")
    groups = _groups(blocks, len(step.basis))
    return np.concatenate([*_largest_scores(step, step.residual, n_draws, groups, rng)]).astype(
        np.float64
    )


def _largest_scores(
    step: Step, values: Floats, n_draws: int, groups: Integers, rng: np.random.Generator
) -> Iterator[Floats32]:
    """Largest scores of permuted values, (n,), projected again, 256 at a time."""
    gain = step.gain.astype(np.float32)
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        drawn = values[orders(groups, min(DRAWS_AT_ONCE, n_draws - first), rng)]
        drawn -= (drawn @ step.basis) @ step.basis.T
        drawn /= np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-300)
        products = drawn.astype(np.float32) @ step.prepared.columns
        yield (np.abs(products) * gain).max(axis=1)


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
        Permutations at most, fewer where 50 lie beyond; p is 1 / (n_draws + 1) at least.
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

    Notes
    -----
    ``with joblib.parallel_config(n_jobs=2):`` runs two at a time, with the same result.

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
    slack = SLACK * abs(observed)
    beyond = np.zeros(0, dtype=bool)
    scores = _permuted_scores(score, values, groups, rng)
    while not is_enough(beyond, n_draws):
        found = _check.number(next(scores), "score", what=what)
        beyond = np.append(beyond, found >= observed - slack)
    return Tested(log_p_of(beyond), observed, len(beyond), float(len(beyond)))


def _permuted_scores(
    score: Selector, values: Floats, groups: Integers, rng: np.random.Generator
) -> Iterator[object]:
    """Scores of one permutation after another, in the same order however many run at a time."""
    at_once = max(1, joblib.effective_n_jobs(None))
    while True:
        drawn = [values[permuted(groups, rng)] for _ in range(at_once)]
        yield from joblib.Parallel()(joblib.delayed(_score)((score, one)) for one in drawn)


def _score(work: tuple[Selector, Floats]) -> object:
    """One tuple, which Dask sends along with the task; a bare array would wait on one worker."""
    score, values = work
    return score(values)


def permuted(groups: Integers, rng: np.random.Generator) -> Integers:
    """A random order of rows, (n,), in which every row stays in its group."""
    order: Integers = orders(groups, 1, rng)[0]
    return order


def orders(groups: Integers, n_draws: int, rng: np.random.Generator) -> Integers:
    """Random orders of rows, (n_draws, n), in which every row stays in its group."""
    drawn = np.argsort(groups + rng.random((n_draws, len(groups))), axis=1)
    found = np.empty_like(drawn)
    found[:, np.argsort(groups, kind="stable")] = drawn
    return found


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
