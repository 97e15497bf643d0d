"""Is anything associated at all? The largest score against its null distribution."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from motifbook import _check
from motifbook.significance.counting import log_p_of
from motifbook.significance.lines import line_test
from motifbook.significance.restricted import (
    MOST_ROUNDS,
    SLACK,
    Counts,
    count_beyond,
    largest_scores,
)
from motifbook.significance.steps import Step
from motifbook.significance.student import log_tail, tangent
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
ENOUGH_RARE = 10  # effective draws from which a p-value beyond the reach of counting is believed
RARE = 0.01  # acceptance below which a sentence says so
DRAWS_AT_ONCE = 256


def max_t_test(step: Step, *, n_draws: int = 500, seed: int | None = None) -> Tested:
    """Test whether the readout goes with any motif beyond those of earlier steps.

    Parameters
    ----------
    step
        See `first_step` and `next_step`.
    n_draws
        At step 1, draws of the importance sampler; later, draws that agree with the earlier
        selections.

    Returns
    -------
    Tested
        `statistic` is the largest score (without a ridge, the largest partial correlation).

    Notes
    -----
    Step 1: importance sampling over the union of events "column m beats the observed maximum"
    (Naiman & Priebe 2001, J Comput Graph Stat 10:296; Owen, Maximov & Chertkov 2019, Electron J
    Stat 13:231): pick m in proportion to its own probability, draw a direction in which it does,
    count the n columns that do; p is the sum of all probabilities times the mean of 1 / n. Later
    steps: uniform directions, of which those stay that keep the earlier selections (see
    `count_beyond`); p = (1 + those beyond the observed maximum) / (1 + all), or 50 / all once 50
    lie beyond, when drawing ends (Besag & Clifford 1991, Biometrika 78:301). Where none is beyond,
    importance sampling tells how much smaller p is, given ten draws' worth that keep the earlier
    selections. Where none stays, p is that of `line_test`.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> step = first_step(prepare(activations, activations[:, 2] + 0.1 * rng.normal(size=50)))
    >>> max_t_test(step, seed=0).p_value < 1e-12
    True
    """
    _check.whole_number(n_draws, "n_draws")
    rng = _check.generator(seed, "max-T")
    if not step.is_boxed:
        found = _over_union(step, n_draws, rng)
        return Tested(found.log_p, step.statistic, n_draws, found.ess)
    counts = count_beyond(step, n_draws, rng)
    n_kept, acceptance = len(counts.beyond), counts.acceptance
    if not n_kept:
        return _without_draws(step, counts)
    log_p = log_p_of(counts.beyond)
    notes = []
    if not counts.beyond.any():
        rare = _over_union(step, min(n_draws, DRAWS_AT_ONCE), rng)
        if rare.ess >= ENOUGH_RARE:
            log_p = min(log_p, rare.log_p - float(np.log(acceptance)))
    if acceptance < RARE:
        notes.append(f"Earlier selections leave {acceptance:.1%} of the draws: p is rough.")
    return Tested(log_p, step.statistic, counts.drawn, float(n_kept), acceptance, tuple(notes))


def null_maxima(step: Step, n_draws: int, *, seed: int | None = None) -> Floats:
    """Largest scores of random directions that keep the earlier selections, for a picture.

    At most (n_draws,); fewer where earlier selections reject most of 64 times as many.
    """
    rng = _check.generator(seed, "null of max-T")
    other = rng.standard_normal(len(step.basis))  # the draws know nothing of the readout
    elsewhere = replace(step, residual=other * (step.length / np.linalg.norm(other)))
    found = np.zeros(0)
    for largest in largest_scores(elsewhere, MOST_ROUNDS * n_draws, rng):
        found = np.concatenate([found, largest])
        if len(found) >= n_draws:
            break
    return found[:n_draws]


@dataclass(frozen=True)
class _Union:
    """Log of an importance-sampled probability, and effective draws that it comes from."""

    log_p: float
    ess: float


def _over_union(step: Step, n_draws: int, rng: np.random.Generator) -> _Union:
    """P(largest score >= observed and earlier selections kept), over uniform directions."""
    able = np.flatnonzero(step.gain > 0)
    size = step.gain[able] * step.rest[able]  # score of a column per cosine to its rest
    cosine = step.statistic / size
    reachable = cosine < 1.0
    able, cosine = able[reachable], cosine[reachable]
    if not len(able):  # the winner alone, at cosine 1 but for rounding
        able, cosine = np.array([step.winner]), np.ones(1)
    log_each = np.log(2.0) + log_tail(tangent(cosine), step.d)
    log_union = float(logsumexp(log_each))
    share = np.exp(log_each - log_union)
    picked = rng.choice(len(able), n_draws, p=share / share.sum())
    one_over = np.zeros(n_draws)
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        block = picked[first : first + DRAWS_AT_ONCE]
        products = _beyond(step, able[block], cosine[block], rng)
        scores = np.abs(products) * step.gain[:, None].astype(np.float32)
        n_beyond = (scores >= step.statistic - SLACK).sum(axis=0)
        one_over[first : first + DRAWS_AT_ONCE] = _kept(step, products) / np.maximum(n_beyond, 1)
    mean = float(one_over.mean())
    ess = float(one_over.sum() ** 2 / max((one_over**2).sum(), 1e-300))
    log_p = min(log_union + np.log(max(mean, 1e-300)), 0.0)
    return _Union(float(log_p), ess)


def _beyond(
    step: Step, columns: npt.NDArray[np.int64], cosine: Floats, rng: np.random.Generator
) -> Floats32:
    """Products of all columns with directions in which given columns reach given cosines."""
    along = step.prepared.columns[:, columns].astype(np.float64)
    along -= step.basis @ (step.basis.T @ along)
    along /= np.linalg.norm(along, axis=0)
    t = _draw_tail(tangent(cosine), step.d, rng)
    rest = rng.standard_normal(along.shape)
    rest -= step.basis @ (step.basis.T @ rest)
    rest -= along * (along * rest).sum(axis=0)
    rest /= np.linalg.norm(rest, axis=0)
    signs = rng.choice([-1.0, 1.0], len(t))
    drawn = signs * (t * along + rest) / np.sqrt(1 + t**2)
    products: Floats32 = step.prepared.columns.T @ drawn.astype(np.float32)
    return products


def _draw_tail(least: Floats, d: int, rng: np.random.Generator) -> Floats:
    """Tangents beyond `least`, drawn by bisection of their log tail, (n_draws,)."""
    wanted = log_tail(least, d) + np.log(1 - rng.random(len(least)))
    low, high = least.copy(), 2 * least + 1.0
    while (short := log_tail(high, d) > wanted).any():
        high[short] *= 4
    for _ in range(60):
        middle = (low + high) / 2
        is_low = log_tail(middle, d) > wanted
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    found: Floats = low
    return found


def _kept(step: Step, products: Floats32) -> npt.NDArray[np.bool_]:
    """Which directions keep the earlier selections, (n_draws,)."""
    low, high = (limit.astype(np.float32)[:, None] for limit in step.box())
    inside = (products >= low - SLACK) & (products <= high + SLACK)
    kept: npt.NDArray[np.bool_] = np.all(inside, axis=0)
    return kept


def _without_draws(step: Step, counts: Counts) -> Tested:
    lined = line_test(step)
    note = (
        f"None of {counts.drawn:,} draws kept the earlier selections; the p-value is that of the "
        "line test, given the winner."
    )
    return Tested(lined.log_p, step.statistic, counts.drawn, 0.0, 0.0, (note, *lined.notes))
