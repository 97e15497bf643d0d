"""One step of greedy selection, with all that a test of it conditions on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.prepare import FEWEST, Prepared

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
LEAST_REST = 0.2  # of a column's length that earlier motifs must leave for it to be chosen
NOTHING = 1e-3  # rest of a column below which it is a sum of earlier motifs
EXPLAINED = 1e-6  # share of the readout's length below which nothing is left to explain


@dataclass(frozen=True)
class Step:
    """The best motif given the earlier ones, and what else could have been seen.

    Given its part along covariates and earlier motifs, the readout is that part plus
    ``length * u``; the direction u is random, and a test knows its law.

    Parameters
    ----------
    prepared
        Columns and readout.
    basis : (n, n_covariates + n_previous)
        Orthonormal: covariates and the motifs of earlier steps.
    residual : (n,)
        The readout, projected off `basis`.
    products : (n_columns,)
        Column times residual.
    rest : (n_columns,)
        Length that the basis leaves of each column.
    gain : (n_columns,)
        Score of a column per unit of ``|column'u|``; 0 where it cannot be chosen.
    below, above : (n_columns,)
        How far a product could fall or rise before an earlier step had chosen otherwise.
    ridge
        Penalty of the score.
    previous
        Columns chosen in earlier steps.
    """

    prepared: Prepared
    basis: Floats
    residual: Floats
    products: Floats
    rest: Floats
    gain: Floats
    below: Floats
    above: Floats
    ridge: float
    previous: tuple[int, ...]

    @property
    def d(self) -> int:
        """Dimensions of the space that `u` lies in."""
        return len(self.basis) - int(self.basis.shape[1])

    @property
    def length(self) -> float:
        """Length of the residual."""
        return float(np.linalg.norm(self.residual))

    @property
    def direction(self) -> Floats:
        """The observed u, (n,)."""
        return self.residual / self.length

    @property
    def scores(self) -> Floats:
        """Association of every column with the residual, (n_columns,); 0 for those left out.

        Without a ridge, its absolute partial correlation.
        """
        found: Floats = self.gain * np.abs(self.products) / self.length
        return found

    @property
    def winner(self) -> int:
        """The column with the largest score."""
        return int(self.scores.argmax())

    @property
    def statistic(self) -> float:
        """The largest score."""
        return float(self.scores.max())

    @property
    def is_boxed(self) -> bool:
        """Whether earlier selections restrict u."""
        return bool(self.previous)

    def box(self) -> tuple[Floats, Floats]:
        """Smallest and largest ``column'u`` that keep the earlier selections, (n_columns,) each."""
        inside = self.rest > NOTHING
        low = np.where(inside, (self.products - self.below) / self.length, -np.inf)
        high = np.where(inside, (self.products + self.above) / self.length, np.inf)
        return low, high

    def with_residual(self, readout: Floats) -> Step:
        """Return the same step with the residual of another readout, (n,); its limits stay."""
        residual = readout - self.basis @ (self.basis.T @ readout)
        return replace(self, residual=residual, products=_products(self.prepared, residual))

    def towards(self, column: int) -> Floats:
        """Unit vector along what the basis leaves of a column, (n,)."""
        rest = self.prepared.columns[:, column].astype(np.float64)
        for _ in range(2):
            rest -= self.basis @ (self.basis.T @ rest)
        found: Floats = rest / np.linalg.norm(rest)
        return found


def first_step(prepared: Prepared, *, ridge: float = 0.0) -> Step:
    """The motif that goes best with the readout.

    Parameters
    ----------
    prepared
        Columns and readout.
    ridge
        Penalty lambda of the score ``(phi'y)^2 / (phi'phi + lambda n)`` of a projected activation
        phi; 0 makes it the squared correlation (times a constant), in which motifs that respond
        rarely count as much as others.

    Returns
    -------
    Step

    Notes
    -----
    The ridge score is what a one-layer network maximizes (Villié et al. 2023, arXiv 2212.12542).

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> first_step(prepare(activations, activations[:, 2] + 0.1 * rng.normal(size=50))).winner
    2
    """
    _check.number(ridge, "ridge", low=0.0, what="a penalty")
    unlimited = np.full(prepared.columns.shape[1], np.inf)
    rest = np.ones(len(unlimited))
    return Step(
        prepared,
        prepared.nuisance.basis,
        prepared.residual,
        _products(prepared, prepared.residual),
        rest,
        _gain(prepared, rest, rest > 0, ridge),
        unlimited,
        unlimited,
        ridge,
        (),
    )


def has_next(step: Step, dropped: Booleans, beside: Floats | None = None) -> bool:
    """Whether `next_step` can follow: dimensions, a residual and columns are left."""
    added = _added(step, beside)
    rest = step.residual - added @ (added.T @ step.residual)
    left = np.linalg.norm(rest) > EXPLAINED * step.prepared.length
    is_wide = step.d - added.shape[1] >= FEWEST
    return bool(left and is_wide and _eligible(step, added, dropped)[1].any())


def next_step(step: Step, dropped: Booleans, beside: Floats | None = None) -> Step:
    """The best motif once the winner of this step is in the model.

    Parameters
    ----------
    step
        See `has_next`.
    dropped : (n_columns,)
        Columns that cannot be chosen any more: the winner and its relatives, and those of before.
    beside : (n, n_beside)
        What else goes into the model with the winner; it may depend on sequences and on which motif
        won, on nothing else of the readout.

    Returns
    -------
    Step
        With the limits that all selections so far put on u: the winner of every step has beaten
        the columns it could choose from, at a score that is part of what is conditioned on.

    Notes
    -----
    Selected-model test: given the part of the readout along covariates and chosen motifs, the
    direction of the rest is uniform on a sphere, cut by linear constraints (Fithian, Taylor,
    Tibshirani & Tibshirani 2015, arXiv 1512.02565).
    """
    added = _added(step, beside)
    rest, eligible = _eligible(step, added, dropped)
    residual = step.residual - added @ (added.T @ step.residual)
    residual -= step.basis @ (step.basis.T @ residual)
    with np.errstate(divide="ignore"):
        reach = np.where(step.gain > 0, step.statistic * step.length / step.gain, np.inf)
    products = _products(step.prepared, residual)
    return Step(
        step.prepared,
        np.column_stack([step.basis, added]),
        residual,
        products,
        rest,
        _gain(step.prepared, rest, eligible, step.ridge),
        np.minimum(step.below, np.maximum(reach + step.products, 0.0)),
        np.minimum(step.above, np.maximum(reach - step.products, 0.0)),
        step.ridge,
        (*step.previous, step.winner),
    )


def _products(prepared: Prepared, vector: Floats) -> Floats:
    products: Floats = (prepared.columns.T @ vector.astype(np.float32)).astype(np.float64)
    return products


def _added(step: Step, beside: Floats | None) -> Floats:
    """Orthonormal directions that go into the model: the winner's, and those beside it."""
    eta = step.towards(step.winner)[:, None]
    if beside is None:
        return eta
    taken, rest = np.column_stack([step.basis, eta]), beside
    for _ in range(2):
        rest = rest - taken @ (taken.T @ rest)
    size = np.linalg.norm(beside, axis=0)
    rest = rest / np.where(size > 0, size, 1.0)
    squares, turned = np.linalg.eigh(rest.T @ rest)
    left = squares > NOTHING**2
    return np.column_stack([eta, rest @ turned[:, left] / np.sqrt(squares[left])])


def _eligible(step: Step, added: Floats, dropped: Booleans) -> tuple[Floats, Booleans]:
    along = step.prepared.columns.T @ added.astype(np.float32)
    rest = np.sqrt(np.maximum(step.rest**2 - (along.astype(np.float64) ** 2).sum(axis=1), 0.0))
    return rest, (rest > LEAST_REST) & ~dropped


def _gain(prepared: Prepared, rest: Floats, eligible: Booleans, ridge: float) -> Floats:
    """Score per unit of |column'u|: 1 / rest without a ridge."""
    square = (prepared.lengths * rest) ** 2 + ridge * len(prepared.columns)
    gain: Floats = np.where(eligible, prepared.lengths, 0.0) / np.sqrt(
        np.where(eligible, square, 1)
    )
    return gain
