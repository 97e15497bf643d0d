"""Tails of one coordinate of a random direction, on the log scale, however far out.

A direction u drawn uniformly from the unit sphere of d dimensions, seen along a unit vector e, is
``e'u = t / sqrt(1 + t^2)`` where ``t * sqrt(d - 1)`` has Student's t distribution with d - 1
degrees of freedom.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, hyp2f1

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-280  # tails below are summed from their series
FAR = 1e100  # tangents whose squares leave the range of numbers
LOG_2 = float(np.log(2.0))


def log_tail(t: npt.ArrayLike, d: int) -> Floats:
    """Log of P(T >= t), of any shape; `t` may be infinite.

    Parameters
    ----------
    t
        Tangents: component along e over the length of the rest.
    d
        Dimensions of the sphere's space.

    Examples
    --------
    >>> from scipy.stats import t as student
    >>> bool(np.isclose(log_tail(0.3, 20), student.logsf(0.3 * np.sqrt(19), 19)))
    True
    >>> float(log_tail(1e6, 100).round(1))
    -1371.0
    """
    values = np.asarray(t, dtype=np.float64)
    above = _log_upper(np.abs(values), d)
    return np.where(values >= 0, above, np.log1p(-np.exp(above)))


def _log_upper(t: Floats, d: int) -> Floats:
    """The same for t >= 0: half of an incomplete beta function of 1 / (1 + t^2)."""
    a = (d - 1) / 2
    with np.errstate(over="ignore", divide="ignore"):
        rest = 1 / (1 + t**2)
        tail = betainc(a, 0.5, rest)
        found: Floats = np.asarray(np.log(tail))
    far = tail <= SMALLEST
    if far.any():
        with np.errstate(divide="ignore"):
            log_rest = np.where(t < FAR, np.log(rest), -2 * np.log(t))[far]
        series = np.log(hyp2f1(a + 0.5, 1.0, a + 1.0, rest[far])) + 0.5 * np.log1p(-rest[far])
        found[far] = a * log_rest + series - np.log(a) - betaln(a, 0.5)
    return found - LOG_2


def log_between(low: npt.ArrayLike, high: npt.ArrayLike, d: int) -> Floats:
    """Log of P(low <= T <= high), of the shape both broadcast to; minus infinity if empty."""
    lower, upper = np.broadcast_arrays(
        np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    )
    with np.errstate(invalid="ignore"):
        flip = lower + upper < 0  # the tail that is farther out tells more digits
    a, b = np.where(flip, -upper, lower), np.where(flip, -lower, upper)
    return log_difference(log_tail(a, d), log_tail(np.maximum(a, b), d))


def log_difference(large: Floats, small: Floats) -> Floats:
    """Log of exp(large) - exp(small), where small <= large; minus infinity where equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(np.isneginf(small), -np.inf, small - large)
        found: Floats = large + np.log(-np.expm1(np.minimum(gap, 0.0)))
    return np.where(np.isneginf(large), -np.inf, found)


def tangent(cosine: npt.ArrayLike) -> Floats:
    """Tangent of a component along a unit vector: c / sqrt(1 - c^2); finite also at 1."""
    c = np.asarray(cosine, dtype=np.float64)
    rest = np.maximum((1 - c) * (1 + c), 1e-30)
    found: Floats = c / np.sqrt(rest)
    return found
