"""Random directions that keep the earlier selections: how many lie beyond what was observed?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from motifbook.significance.counting import is_enough, needed
from motifbook.significance.steps import NOTHING, Step

Floats32 = npt.NDArray[np.float32]
SLACK = 1e-6  # of products in float32
DIMENSIONS = 256  # of the subspace in which directions are drawn
DRAWS_AT_ONCE = 1024
COLUMNS_FIRST = 256  # columns with the tightest limits; then the next 256, 512, 1024, ...
MOST_ROUNDS = 64  # times `n_draws` that are drawn at most to find as many inside the box


@dataclass(frozen=True)
class Counts:
    """Draws that keep the earlier selections, and those of them beyond the maximum.

    Parameters
    ----------
    drawn
        Directions drawn.
    acceptance
        Share of them that keep the earlier selections.
    beyond : (n_kept,)
        Which of those that were looked at lie beyond.
    """

    drawn: int
    acceptance: float
    beyond: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Columns:
    """Columns as a subspace sees them, those with the tightest limits first.

    Parameters
    ----------
    coordinates : (n_dimensions, n_columns)
        Products with the axes of the subspace.
    low, high, gain : (n_columns,)
        Limits of a product with a direction, and score per unit of its size.
    """

    coordinates: Floats32
    low: Floats32
    high: Floats32
    gain: Floats32


def count_beyond(step: Step, n_draws: int, rng: np.random.Generator) -> Counts:
    """Draw until `n_draws` were kept, 50 lay beyond, or 64 times as many were drawn.

    Parameters
    ----------
    step
        One with earlier steps.
    n_draws
        Wanted draws that keep the earlier selections.

    Returns
    -------
    Counts

    Notes
    -----
    The observed direction is uniform on the sphere, cut by the box. Given a random subspace that
    holds it, it is uniform on that subspace's sphere, cut by the same box; so draws made there are
    exchangeable with it, and p is exact, at a cost that does not grow with the sequences.
    """
    drawn, n_kept, beyond = 0, 0, np.zeros(0, dtype=bool)
    for largest in largest_scores(step, MOST_ROUNDS * n_draws, rng):
        drawn, n_kept = drawn + DRAWS_AT_ONCE, n_kept + len(largest)
        beyond = needed(np.append(beyond, largest >= step.statistic - SLACK), n_draws)
        if is_enough(beyond, n_draws):
            break
    return Counts(drawn, n_kept / drawn, beyond)


def largest_scores(step: Step, most: int, rng: np.random.Generator) -> Iterator[Floats32]:
    """Largest scores of draws that keep the earlier selections, some 1,024 draws at a time.

    Yields
    ------
    (n_kept,)
        Until `most` directions were drawn.
    """
    columns = _columns(step, rng)
    for _ in range(0, most, DRAWS_AT_ONCE):
        yield _largest_of_kept(columns, rng)


def _columns(step: Step, rng: np.random.Generator) -> _Columns:
    low, high = step.box()
    order = np.argsort(np.minimum(-low, high) / np.maximum(step.rest, NOTHING))
    axes = _subspace(step, rng).astype(np.float32)
    ordered = (each[order].astype(np.float32) for each in (low - SLACK, high + SLACK, step.gain))
    return _Columns((axes.T @ step.prepared.columns).take(order, axis=1), *ordered)


def _subspace(step: Step, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Axes of a random subspace that holds the observed direction, (n, n_dimensions)."""
    others = rng.standard_normal((len(step.basis), min(DIMENSIONS, step.d) - 1))
    spanning = np.column_stack([step.direction, others / np.sqrt(step.d)])
    for _ in range(2):
        spanning -= step.basis @ (step.basis.T @ spanning)
    for _ in range(2):  # as good as Householder's, and faster: Cholesky's factor, twice
        lower = np.linalg.cholesky(spanning.T @ spanning)
        spanning = solve_triangular(lower, spanning.T, lower=True).T
    return spanning


def _largest_of_kept(columns: _Columns, rng: np.random.Generator) -> Floats32:
    """The largest score of each draw that keeps the earlier selections, (n_kept,).

    A draw that leaves the box of the first columns is given up before the others are looked at.
    """
    shape = DRAWS_AT_ONCE, len(columns.coordinates)
    drawn = rng.standard_normal(shape, dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    largest = np.zeros(DRAWS_AT_ONCE, dtype=np.float32)
    first, last = 0, COLUMNS_FIRST
    while first < len(columns.gain):
        block = slice(first, last)
        products = drawn @ columns.coordinates[:, block]
        inside = ((products >= columns.low[block]) & (products <= columns.high[block])).all(axis=1)
        drawn, products, largest = drawn[inside], products[inside], largest[inside]
        scores = np.abs(products) * columns.gain[block]
        largest = np.maximum(largest, scores.max(axis=1, initial=0.0))
        first, last = last, 2 * last
    return largest
