"""Given which motif won, is it really associated? Exact, on random lines through the readout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import t as student

from motifbook import _check
from motifbook.significance.steps import Step
from motifbook.significance.student import log_between, tangent
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]
FEW = 50  # effective draws below which a p-value is called conservative
SLACK = 1e-6  # of products in float32


@dataclass(frozen=True)
class _Lines:
    """Lines ``t * eta + w``, as directions, and the stretches of t in which the same motif wins.

    Parameters
    ----------
    low, high : (n_stretches,)
        Ends of the stretches.
    line : (n_stretches,)
        Which line each belongs to.
    """

    low: Floats
    high: Floats
    line: Integers

    def log_mass(self, d: int, beyond: float = 0.0) -> Floats:
        """Log probability of the stretches where |t| >= `beyond`, (n_stretches,)."""
        up = log_between(np.maximum(self.low, beyond), self.high, d)
        down = log_between(self.low, np.minimum(self.high, -beyond), d)
        return np.logaddexp(up, down)


def line_test(step: Step) -> Tested:
    """Test the winner given its identity and the direction of the rest of the readout.

    Parameters
    ----------
    step
        See `first_step` and `next_step`.

    Returns
    -------
    Tested
        `statistic` is the winner's partial correlation with the readout, in absolute value.

    Notes
    -----
    A truncated t: along the line ``t * eta + w`` (eta the winner, w the rest of the observed
    direction) the winner stays the winner outside a stretch around 0 with ends in closed form, and
    ``t * sqrt(d - 1)`` is Student's with d - 1 degrees of freedom. Earlier selections cut further
    stretches out.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> related = prepare(activations, activations[:, 2] + 0.1 * rng.normal(size=50))
    >>> line_test(first_step(related)).p_value < 1e-9
    True
    """
    return _test(step, np.zeros((len(step.basis), 0)))


def conditional_test(step: Step, *, n_draws: int = 300, seed: int | None = None) -> Tested:
    """Test the winner given its identity alone, by a mixture of lines.

    Parameters
    ----------
    step
        See `first_step` and `next_step`.
    n_draws
        Random lines beside the observed one; none is the line test.

    Returns
    -------
    Tested
        `statistic` is the winner's partial correlation with the readout, in absolute value.

    Notes
    -----
    p = sum over lines of P(same winner, |t| >= observed) / sum of P(same winner). Given the
    unordered set of lines, the observed one is a draw with weights P(same winner), so p is uniform
    under the null for any number of lines. With many it is the test conditional on the selection
    that SEISM (Villié et al. 2023, arXiv 2212.12542) samples by hit-and-run. Related: Harrison 2012
    (Biometrika 99:57), who makes p-values by importance sampling valid with the observed weight.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> unrelated = first_step(prepare(activations, rng.normal(size=50)))
    >>> 0.01 < conditional_test(unrelated, n_draws=100, seed=0).p_value < 1
    True
    """
    _check.whole_number(n_draws, "n_draws", low=0)
    rng = _check.generator(seed, "lines")
    return _test(step, rng.standard_normal((len(step.basis), n_draws)))


def null_cosines(step: Step, n_draws: int, *, seed: int | None = None) -> Floats:
    """Draws of the winner's absolute correlation, given that it wins: (n_draws,), for a picture."""
    rng = _check.generator(seed, "null of lines")
    eta = step.towards(step.winner)
    directions = _off(step, eta, rng.standard_normal((len(eta), n_draws)))
    lines = _stretches(step, eta, directions)
    lines = _with_observed(lines, float(tangent(eta @ step.direction)))
    log_mass = lines.log_mass(step.d)
    mass = np.exp(log_mass - log_mass.max())
    picked = rng.choice(len(mass), n_draws, p=mass / mass.sum())
    away = np.minimum(np.abs(lines.low[picked]), np.abs(lines.high[picked]))
    beyond = np.maximum(np.abs(lines.low[picked]), np.abs(lines.high[picked]))
    root = np.sqrt(step.d - 1)
    near, far = student.sf(away * root, step.d - 1), student.sf(beyond * root, step.d - 1)
    drawn = student.isf(far + (near - far) * (1 - rng.random(n_draws)), step.d - 1) / root
    cosines: Floats = drawn / np.sqrt(1 + drawn**2)
    return cosines


def _test(step: Step, drawn: Floats) -> Tested:
    eta = step.towards(step.winner)
    cosine = float(eta @ step.direction)
    observed = float(abs(tangent(cosine)))
    directions = _off(step, eta, drawn)
    lines = _stretches(step, eta, directions)
    lines = _with_observed(lines, observed * np.sign(cosine))
    whole, beyond = lines.log_mass(step.d), lines.log_mass(step.d, observed)
    log_p = min(float(logsumexp(beyond) - logsumexp(whole)), 0.0)
    weights = np.bincount(lines.line, np.exp(whole - whole.max()), directions.shape[1])
    ess = float(weights.sum() ** 2 / (weights**2).sum())
    notes = []
    if drawn.shape[1] and ess < FEW:
        notes.append(f"The lines are worth {ess:.0f} draws: the p-value is valid but may be large.")
    return Tested(
        log_p,
        abs(cosine),
        drawn.shape[1],
        ess,
        float((weights > 0).mean()),
        tuple(notes),
    )


def _off(step: Step, eta: Floats, drawn: Floats) -> Floats:
    """Unit directions off basis and winner: the observed one, then those drawn, (n, n_lines)."""
    taken = np.column_stack([step.basis, eta])
    directions = np.column_stack([step.direction - (eta @ step.direction) * eta, drawn])
    for _ in range(2):
        directions -= taken @ (taken.T @ directions)
    found: Floats = directions / np.maximum(np.linalg.norm(directions, axis=0), 1e-300)
    return found


def _stretches(step: Step, eta: Floats, directions: Floats) -> _Lines:
    """Where on each line the winner wins and earlier selections stay."""
    columns = step.prepared.columns
    alpha = (columns.T @ eta.astype(np.float32)).astype(np.float64)
    beta = columns.T @ directions.astype(np.float32)
    low, high = _winning(step, alpha, beta)
    cut = [*_cuts_of_box(step, alpha, beta)] if step.is_boxed else []
    n_lines = beta.shape[1]
    if not cut:
        numbers = np.concatenate([np.arange(n_lines)] * 2)
        ends = np.concatenate([low[0], low[1]]), np.concatenate([high[0], high[1]])
        kept = ends[0] < ends[1]
        return _Lines(ends[0][kept], ends[1][kept], numbers[kept])
    first, last, line = (np.concatenate(part) for part in zip(*cut))
    found: list[tuple[float, float, int]] = []
    order = np.lexsort((first, line))
    first, last, line = first[order], last[order], line[order]
    edges = np.searchsorted(line, np.arange(n_lines + 1))
    for number in range(n_lines):
        block = slice(edges[number], edges[number + 1])
        gaps = _gaps(first[block], last[block])
        for side in range(2):
            for start, end in gaps:
                a, b = max(start, low[side][number]), min(end, high[side][number])
                if a < b:
                    found.append((a, b, number))
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    return _Lines(table[:, 0], table[:, 1], table[:, 2].astype(np.int64))


def _winning(step: Step, alpha: Floats, beta: Floats32) -> tuple[Floats, Floats]:
    """Two stretches per line, t < 0 and t > 0, in which the winner beats all; (2, n_lines) ends.

    For t > 0, column m loses while ``g_m |alpha_m t + beta_m| <= g alpha t``, two linear
    conditions; the other side is the same with -beta.
    """
    rivals = np.flatnonzero(step.gain > 0)
    rivals = rivals[rivals != step.winner]
    own = step.gain[step.winner] * float(step.rest[step.winner])
    ratio = step.gain[rivals] / own
    low, high = np.zeros((2, beta.shape[1])), np.full((2, beta.shape[1]), np.inf)
    for slope, sign in ((1 - ratio * alpha[rivals], 1.0), (1 + ratio * alpha[rivals], -1.0)):
        steep = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
        at = beta[rivals] * (sign * ratio / steep).astype(np.float32)[:, None]
        for side, flip in ((1, 1.0), (0, -1.0)):
            crossed = at if flip > 0 else -at
            low[side] = np.maximum(low[side], crossed[steep > 0].max(axis=0, initial=0.0))
            high[side] = np.minimum(high[side], crossed[steep < 0].min(axis=0, initial=np.inf))
    return np.stack([-high[0], low[1]]), np.stack([-low[0], high[1]])


def _cuts_of_box(
    step: Step, alpha: Floats, beta: Floats32
) -> Iterator[tuple[Floats, Floats, Integers]]:
    """Stretches of t that earlier selections exclude: first, last, line."""
    low, high = step.box()
    bounded = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    size = np.hypot(alpha[bounded, None], beta[bounded])
    for limit, sign in ((high, 1.0), (-low, -1.0)):
        bound = limit[bounded, None] + SLACK
        row, line = np.nonzero(size > bound)
        ratio = np.clip(bound[row, 0] / size[row, line], -1.0, 1.0)
        middle = np.arctan2(sign * alpha[bounded[row]], sign * beta[bounded[row], line])
        half = np.arccos(ratio)
        for turn in (-2 * np.pi, 0.0, 2 * np.pi):
            first, last = middle - half + turn, middle + half + turn
            seen = (last > -np.pi / 2) & (first < np.pi / 2)
            yield _tan(first[seen]), _tan(last[seen]), line[seen]


def _tan(angle: Floats) -> Floats:
    """Tangent, infinite from a right angle on."""
    inside = np.abs(angle) < np.pi / 2
    return np.where(inside, np.tan(np.where(inside, angle, 0.0)), np.sign(angle) * np.inf)


def _gaps(first: Floats, last: Floats) -> list[tuple[float, float]]:
    """What stretches, sorted by their start, leave of the whole line."""
    reached = np.maximum.accumulate(np.concatenate([[-np.inf], last]))
    starts, ends = reached, np.concatenate([first, [np.inf]])
    open_ = starts < ends
    return list(zip(starts[open_].tolist(), ends[open_].tolist()))


def _with_observed(lines: _Lines, observed: float) -> _Lines:
    """Let the stretch of line 0 that is nearest to the observed t hold it, against rounding."""
    own = np.flatnonzero(lines.line == 0)
    if not len(own):
        low = np.append(lines.low, observed - SLACK)
        high = np.append(lines.high, observed + SLACK)
        return _Lines(low, high, np.append(lines.line, 0))
    away = np.maximum(lines.low[own] - observed, observed - lines.high[own])
    nearest = own[int(away.argmin())]
    low, high = lines.low.copy(), lines.high.copy()
    low[nearest] = min(low[nearest], observed)
    high[nearest] = max(high[nearest], observed)
    return _Lines(low, high, lines.line)
