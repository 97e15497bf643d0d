"""A walk on the sphere that stays where the same motifs would be selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from motifbook import _check

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Inside = Callable[[Floats, Integers], Booleans]
MOST_TRIES = 100  # angles per step; the arc is by then far below rounding, and the chain stays


class Event(Protocol):
    """A region of the sphere: the directions of the readout in which the same is selected."""

    def circles(self, points: Floats, tangents: Floats) -> Inside:
        """Prepare great circles, point cos(angle) + tangent sin(angle), one per chain.

        Parameters
        ----------
        points, tangents : (n_chains, n)
            Unit vectors, orthogonal to each other.

        Returns
        -------
        function
            Takes angles, (m,), and the chains they belong to, (m,); says which of those points
            are inside.
        """


@dataclass(frozen=True)
class Walk:
    """What chains did.

    Parameters
    ----------
    points : (n_chains, n)
        Where they ended.
    trace : (n_steps, n_chains)
        The statistic after every step.
    n_evaluations
        How often the event was looked at, over all chains and steps.
    """

    points: Floats
    trace: Floats
    n_evaluations: int

    @property
    def evaluations_per_step(self) -> float:
        """Angles tried per step, 1 or more."""
        return self.n_evaluations / max(self.trace.size, 1)

    @property
    def acceptance(self) -> float:
        """Share of tried angles that were inside."""
        return self.trace.size / max(self.n_evaluations, 1)

    @property
    def ess(self) -> float:
        """Effective number of independent draws in the trace."""
        return effective_size(self.trace)


def walk(
    points: Floats,
    event: Event,
    statistic: Callable[[Floats], Floats],
    n_steps: int,
    *,
    basis: Floats,
    rng: np.random.Generator,
) -> Walk:
    """Move chains through an event by hit-and-run.

    Parameters
    ----------
    points : (n_chains, n)
        Unit vectors inside `event`, orthogonal to `basis`.
    event
        Where to stay.
    statistic
        Of points, (n_chains, n), to (n_chains,).
    n_steps
        Steps of every chain.
    basis : (n, n_columns)
        Orthonormal columns that points stay orthogonal to: intercept, covariates, earlier motifs.
    rng
        Source of directions and angles.

    Returns
    -------
    Walk

    Notes
    -----
    A step draws a great circle through the point and an angle on it; each angle that falls outside
    the event shortens the arc towards the point, so that some angle is always found (Murray, Adams
    & MacKay 2010, AISTATS, on ellipses). The uniform law on the event is kept, reversibly.
    """
    trace = np.empty((n_steps, len(points)))
    n_evaluations = 0
    for number in range(n_steps):
        points, n_tried = _step(points, event, basis, rng)
        trace[number] = statistic(points)
        n_evaluations += n_tried
    return Walk(points, trace, n_evaluations)


def _step(
    points: Floats, event: Event, basis: Floats, rng: np.random.Generator
) -> tuple[Floats, int]:
    """Move every chain once; return new points and the number of angles tried."""
    tangents = _tangents(points, basis, rng)
    inside = event.circles(points, tangents)
    n_chains = len(points)
    angles = rng.uniform(0, 2 * np.pi, n_chains)
    low, high = angles - 2 * np.pi, angles.copy()
    open_chains, n_tried = np.arange(n_chains), 0
    for _ in range(MOST_TRIES):
        n_tried += len(open_chains)
        open_chains = open_chains[~inside(angles[open_chains], open_chains)]
        if not len(open_chains):
            break
        tried = angles[open_chains]
        low[open_chains] = np.where(tried < 0, tried, low[open_chains])
        high[open_chains] = np.where(tried < 0, high[open_chains], tried)
        angles[open_chains] = rng.uniform(low[open_chains], high[open_chains])
    angles[open_chains] = 0.0
    moved = points * np.cos(angles)[:, None] + tangents * np.sin(angles)[:, None]
    return _unit(moved - (moved @ basis) @ basis.T), n_tried


def _tangents(points: Floats, basis: Floats, rng: np.random.Generator) -> Floats:
    drawn = rng.standard_normal(points.shape)
    drawn -= (drawn @ basis) @ basis.T
    drawn -= (drawn * points).sum(axis=1, keepdims=True) * points
    return _unit(drawn)


def _unit(rows: Floats) -> Floats:
    units: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


@dataclass(frozen=True)
class BesagClifford:
    """A p-value from chains that meet at a hidden point, and how the chains went.

    Parameters
    ----------
    p_value
        (1 + chains at or above the observed statistic) / (1 + chains).
    observed
        The statistic of the data.
    ess
        Effective number of independent chains, from the autocorrelation of the trace.
    back, forward
        The chain from the data to the hidden point, and those from there.
    """

    p_value: float
    observed: float
    ess: float
    back: Walk
    forward: Walk

    @property
    def evaluations_per_step(self) -> float:
        """Angles tried per step, over all chains."""
        n_steps = self.back.trace.size + self.forward.trace.size
        return (self.back.n_evaluations + self.forward.n_evaluations) / n_steps


def besag_clifford(
    point: Floats,
    event: Event,
    statistic: Callable[[Floats], Floats],
    *,
    basis: Floats,
    n_steps: int,
    n_chains: int,
    rng: np.random.Generator,
) -> BesagClifford:
    """Test a point inside an event against chains that leave from where it may have come.

    Parameters
    ----------
    point : (n,)
        The data's direction.
    event, statistic, basis, rng
        See `walk`; large statistics speak against the null.
    n_steps
        From the data back to the hidden point, and from there forward. A matter of power alone.
    n_chains
        Copies that go forward; the p-value is at least 1 / (1 + n_chains).

    Raises
    ------
    InputError
        If `n_steps` or `n_chains` is no whole number, 1 or more.

    Notes
    -----
    The walk is reversible, so under the null the data and the ends of all chains are exchangeable,
    however slowly it mixes: the p-value is valid for any number of steps (Besag & Clifford 1989,
    Biometrika 76:633, the parallel method).

    Examples
    --------
    >>> class Half:
    ...     def circles(self, points, tangents):
    ...         up, along = points[:, 0], tangents[:, 0]
    ...         return lambda angles, chains: (
    ...             up[chains] * np.cos(angles) + along[chains] * np.sin(angles) > 0
    ...         )
    >>> point = np.eye(6)[0]  # nothing in this half of the sphere lies further up
    >>> settings = {"basis": np.zeros((6, 0)), "n_steps": 5, "n_chains": 19}
    >>> rng = np.random.default_rng(0)
    >>> besag_clifford(point, Half(), lambda points: points[:, 0], rng=rng, **settings).p_value
    0.05
    """
    _check.whole_number(n_steps, "n_steps")
    _check.whole_number(n_chains, "n_chains")
    observed = float(statistic(point[None])[0])
    back = walk(point[None], event, statistic, n_steps, basis=basis, rng=rng)
    copies = np.repeat(back.points, n_chains, axis=0)
    forward = walk(copies, event, statistic, n_steps, basis=basis, rng=rng)
    n_above = int((forward.trace[-1] >= observed * (1 - 1e-6)).sum())
    lag = lag_correlation(forward.trace) ** (2 * n_steps)  # between ends, as if of order one
    ess = n_chains / (1 + (n_chains - 1) * lag)
    return BesagClifford((1 + n_above) / (1 + n_chains), observed, ess, back, forward)


def lag_correlation(trace: Floats) -> float:
    """Correlation of a statistic with itself one step later, 0 to 1, over chains (columns).

    Examples
    --------
    >>> lag_correlation(np.tile([[0.0], [0.0], [1.0], [1.0]], (9, 1))) < 0.05
    True
    """
    centered = trace - trace.mean()
    spread = float((centered**2).mean())
    if len(trace) < 2 or spread < 1e-30:
        return 0.0 if spread >= 1e-30 else 1.0
    return float(np.clip((centered[1:] * centered[:-1]).mean() / spread, 0, 1))


def effective_size(trace: npt.ArrayLike) -> float:
    """Effective number of independent draws among all entries of a trace, (n_steps, n_chains).

    Autocorrelations, averaged over chains, are summed in pairs of lags while pairs are positive
    (Geyer 1992, Statistical Science 7:473).

    Examples
    --------
    >>> draws = np.random.default_rng(0).standard_normal((2000, 1))
    >>> 1600 < effective_size(draws) < 2400, effective_size(draws.repeat(10, axis=0)) < 2600
    (True, True)
    """
    values = np.asarray(trace, dtype=np.float64)
    n_steps = len(values)
    centered = values - values.mean()
    spectrum = np.abs(np.fft.rfft(centered, 2 * n_steps, axis=0)) ** 2
    covariance = np.fft.irfft(spectrum, axis=0)[:n_steps].mean(axis=1)
    if covariance[0] < 1e-30 or n_steps < 2:
        return 1.0
    correlation = covariance / covariance[0]
    pairs = correlation[: n_steps // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 0)
    positive = pairs[: ends[0]] if len(ends) else pairs
    return float(values.size / max(2 * positive.sum() - 1, 1e-9))
