"""How large is the effect of a selected motif? Intervals that know of the selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, logsumexp

from motifbook import _check
from motifbook.significance.clusters import relatives
from motifbook.significance.dictionary import Activations
from motifbook.significance.prepare import Prepared
from motifbook.significance.steps import Step, first_step, has_next, next_step
from motifbook.significance.student import log_difference
from motifbook.significance.surroundings import Surroundings, beside_winner

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Stretches = tuple[Floats, Floats]  # lower and upper ends, (n_stretches, n_lines) each
N_BISECTIONS = 60
FARTHEST = 1e4  # deviations at which the search for an end of an interval gives up


@dataclass(frozen=True)
class Intervals:
    """Effects of motifs that a randomized selection chose.

    Parameters
    ----------
    motifs : (n_steps,)
        Motifs of the dictionary, in the order chosen; not always those chosen without noise.
    effect, lower, upper : (n_steps,)
        Change of the readout, in its units, per standard deviation of the motif's activation,
        covariates and what went out with earlier motifs held. The estimate lies in its interval,
        and between 0 and least squares where it can.
    p_value : (n_steps,)
        Two-sided, of "the effect is 0", given the selection.
    sigma
        Standard deviation of the noise that was assumed.
    directions : (n, n_steps)
        The effects are of the mean m of the readout: directions'm.
    """

    motifs: npt.NDArray[np.int64]
    effect: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    sigma: float
    directions: Floats


def randomized_intervals(
    activations: Activations,
    prepared: Prepared,
    *,
    n_steps: int = 1,
    level: float = 0.9,
    gamma: float = 0.5,
    sigma: float | None = None,
    n_draws: int = 100,
    around: Surroundings | None = None,
    seed: int | None = None,
) -> Intervals:
    """Select motifs from a readout with noise added, and measure their effects without it.

    Parameters
    ----------
    activations
        The dictionary.
    prepared
        Its columns and a readout, in the units in which effects are wanted.
    n_steps
        Motifs to select.
    level
        Share of intervals that hold the true effect.
    gamma
        Noise added for the selection, in units of `sigma`: more selects worse, and leaves more for
        the intervals.
    sigma
        Standard deviation of the readout's noise; that of the projected readout by default, which
        is too large where motifs have effects, so intervals are rather too wide.
    n_draws
        Lines beside the observed one.
    around
        See `select_motifs`.

    Returns
    -------
    Intervals

    Raises
    ------
    InputError
        If a number is outside its range.

    Notes
    -----
    Randomized response (Tian & Taylor 2018, Ann Stat 46:679). Given everything but the component t
    of the readout along a motif, the noise of the selection is drawn anew `n_draws` times; each
    draw, and the observed one, allows stretches of t in closed form, and t is normal on their
    mixture. Exact for known `sigma` and any number of draws, by the argument of `conditional_test`.
    The effect is the mean at which the observed t is the median, as weak effects, which noise
    helped to be selected, are smaller than least squares has them; but it is no larger and of the
    same sign, as that mean is uncertain where two motifs do nearly the same.

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> found = word_activations(rng.integers(0, 4, (80, 30)).astype(np.uint8), 4)
    >>> readout = 9 * found.values[:, found.names.index("AATC")] + rng.normal(size=80)
    >>> intervals = randomized_intervals(found, prepare(found.values, readout), seed=0)
    >>> found.names[intervals.motifs[0]], bool(intervals.lower[0] > 0)
    ('AATC', True)
    """
    _check.whole_number(n_steps, "n_steps")
    _check.whole_number(n_draws, "n_draws", low=0)
    _check.number(level, "level", low=0.01, high=0.999, what="a share")
    _check.number(gamma, "gamma", low=0.01, what="a share of sigma")
    spread = prepared.length / np.sqrt(prepared.d) if sigma is None else sigma
    _check.number(spread, "sigma", low=1e-300, what="a standard deviation")
    rng = _check.generator(seed, "intervals")
    noise = gamma * spread * rng.standard_normal((n_steps, len(prepared.columns), n_draws + 1))
    basis = prepared.nuisance.basis
    noise -= basis @ (basis.T @ noise)
    path = _path(activations, prepared, noise[:, :, 0], around)
    products = [_products(step, drawn) for step, drawn in zip(path, noise)]
    along = np.stack([step.towards(step.winner) for step in path], axis=1)
    found = [_interval(path, products, eta, spread, level) for eta in along.T]
    rest = np.array([step.rest[step.winner] for step in path])
    scale = 1 / (rest * np.sqrt(len(prepared.columns) - 1))  # per deviation of the activation
    effect, lower, upper, p_value = np.array(found).T
    return Intervals(
        prepared.motifs[[step.winner for step in path]],
        effect * scale,
        lower * scale,
        upper * scale,
        p_value,
        float(spread),
        along * scale,
    )


def _path(
    activations: Activations, prepared: Prepared, noise: Floats, around: Surroundings | None
) -> list[Step]:
    """The steps of a selection in which every step sees the readout with noise of its own."""
    dropped = np.zeros(prepared.columns.shape[1], dtype=bool)
    path: list[Step] = []
    beside: Floats | None = None
    for added in noise:
        if path and not has_next(path[-1], dropped, beside):
            break
        step = next_step(path[-1], dropped, beside) if path else first_step(prepared)
        step = step.with_residual(prepared.residual + added)
        path.append(step)
        related = relatives(activations, prepared, step.winner)
        dropped = dropped | related
        beside = beside_winner(activations, prepared, step.winner, related, around)
    return path


def _products(step: Step, vectors: Floats) -> Floats:
    """Every column's score of vectors, signed, once the step's basis is projected off."""
    left = vectors - step.basis @ (step.basis.T @ vectors)
    found: Floats = (step.prepared.columns.T @ left.astype(np.float32)).astype(np.float64)
    return found * step.gain.reshape(-1, *[1] * (vectors.ndim - 1))


def _interval(
    path: list[Step], products: list[Floats], eta: Floats, sigma: float, level: float
) -> tuple[float, float, float, float]:
    """Estimate, ends of the interval, p-value, along one motif's unit direction."""
    residual = path[0].prepared.residual
    observed = float(eta @ residual)
    rest = residual - observed * eta
    allowed = reduce(
        _common,
        (
            _chosen(step, drawn + _products(step, rest)[:, None], _products(step, eta))
            for step, drawn in zip(path, products)
        ),
    )
    low, high = (ends / sigma for ends in allowed)
    inside = low < high
    low, high = low[inside], high[inside]

    def share_above(mean: float) -> float:
        whole = logsumexp(_log_normal(low - mean, high - mean))
        t = observed / sigma
        above = logsumexp(_log_normal(np.maximum(low, t) - mean, np.maximum(high, t) - mean))
        return float(np.exp(above - whole))

    tail = (1 - level) / 2
    lower, median, upper = (
        _invert(share_above, observed / sigma, q) * sigma for q in (tail, 0.5, 1 - tail)
    )
    shrunk = np.clip(median, min(observed, 0.0), max(observed, 0.0))
    effect = float(np.clip(shrunk, lower, upper))
    at_zero = share_above(0.0)
    return effect, lower, upper, 2 * min(at_zero, 1 - at_zero)


def _chosen(step: Step, fixed: Floats, slope: Floats) -> Stretches:
    """Stretches of t in which the step's winner beats all: |fixed + t slope| the largest.

    Two per line: one where the winner's product is positive, one where it is negative.
    """
    rivals = np.flatnonzero(step.gain > 0)
    rivals = rivals[rivals != step.winner]
    own, own_slope = fixed[step.winner], slope[step.winner]
    ends = []
    for sign in (1.0, -1.0):
        low, high = np.full(len(own), -np.inf), np.full(len(own), np.inf)
        for other in (1.0, -1.0):  # other * rival <= sign * winner
            coefficient = other * slope[rivals] - sign * own_slope
            bound = sign * own - other * fixed[rivals]
            _tighten(low, high, coefficient, bound)
        _tighten(low, high, np.array([-sign * own_slope]), sign * own[None])
        ends.append((low, high))
    return np.stack([ends[0][0], ends[1][0]]), np.stack([ends[0][1], ends[1][1]])


def _tighten(low: Floats, high: Floats, coefficient: Floats, bound: Floats) -> None:
    """Cut `low` and `high`, in place, to where ``coefficient * t <= bound`` in every row."""
    up, down = coefficient > 1e-12, coefficient < -1e-12
    np.minimum(high, (bound[up] / coefficient[up, None]).min(axis=0, initial=np.inf), out=high)
    np.maximum(low, (bound[down] / coefficient[down, None]).max(axis=0, initial=-np.inf), out=low)
    flat = ~up & ~down
    low[(bound[flat] < -1e-6).any(axis=0)] = np.inf


def _common(one: Stretches, other: Stretches) -> Stretches:
    """Stretches in both."""
    low = np.maximum(one[0][:, None], other[0][None]).reshape(-1, one[0].shape[1])
    high = np.minimum(one[1][:, None], other[1][None]).reshape(-1, one[1].shape[1])
    some = (low < high).any(axis=1)
    return low[some], high[some]


def _log_normal(low: Floats, high: Floats) -> Floats:
    """Log probability that a standard normal lies between."""
    flip = low + high > 0
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    return log_difference(log_ndtr(b), log_ndtr(np.minimum(a, b)))


def _invert(share: Callable[[float], float], start: float, wanted: float) -> float:
    """Mean at which an increasing share takes a value; minus or plus infinity if none does."""
    low, high, step = start - 1.0, start + 1.0, 1.0
    while not share(low) <= wanted:
        step *= 2
        low = start - step
        if step > FARTHEST:
            return -np.inf
    step = 1.0
    while not share(high) >= wanted:
        step *= 2
        high = start + step
        if step > FARTHEST:
            return np.inf
    for _ in range(N_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < wanted else (low, middle)
    return (low + high) / 2
