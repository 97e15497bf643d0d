"""Group lasso from sums of products alone: each motif is in, for all readouts, or out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
ACCURACY = 1e-4  # largest change of a coefficient in the last step, in deviations
MOST_STEPS = 500
MOST_CHECKS = 20
N_POWERS = 20
N_PENALTIES = 20
NEARLY = 0.99
STALE = 0.005
PATH = 0.75  # every penalty is this share of the one before


@dataclass(frozen=True)
class Moments:
    """Sums over rows: all that least squares needs to know of them.

    Parameters
    ----------
    grams : (n_patterns, n_columns, n_columns)
        Products of columns, over the rows in which readouts of each pattern were measured.
    pattern : (n_readouts,)
        Which of them each readout goes by.
    products : (n_columns, n_readouts)
        Of columns and readouts.
    squares : (n_readouts,)
        Of the readouts.
    n : (n_readouts,)
        Rows.
    """

    grams: Floats
    pattern: Integers
    products: Floats
    squares: Floats
    n: Floats

    def __add__(self, other: Moments) -> Moments:
        """Over the rows of both."""
        return Moments(
            self.grams + other.grams,
            self.pattern,
            self.products + other.products,
            self.squares + other.squares,
            self.n + other.n,
        )

    def shared(self) -> Iterator[tuple[Floats, Integers]]:
        """Every Gram matrix with its readouts."""
        for number, gram in enumerate(self.grams):
            yield gram, np.flatnonzero(self.pattern == number)

    def without(self, free: Integers) -> Moments:
        """Moments of what the `free` columns leave of the others and of the readouts.

        Least squares on these is least squares beside the free columns, exactly.
        """
        others = np.setdiff1d(np.arange(self.grams.shape[1]), free)
        grams = np.empty((len(self.grams), len(others), len(others)))
        products, squares = self.products[others], self.squares.copy()
        for number, (gram, readouts) in enumerate(self.shared()):
            slopes = np.linalg.pinv(gram[np.ix_(free, free)], rcond=1e-10, hermitian=True)
            cross = slopes @ gram[np.ix_(free, others)]
            grams[number] = gram[np.ix_(others, others)] - gram[np.ix_(others, free)] @ cross
            by_free = self.products[np.ix_(free, readouts)]
            products[:, readouts] -= cross.T @ by_free
            squares[readouts] -= np.einsum("ij,ij->j", by_free, slopes @ by_free)
        return Moments(grams, self.pattern, products, squares, self.n)

    def errors(self, weights: Floats) -> Floats:
        """Mean squared error of a linear prediction, (n_readouts,)."""
        active = np.flatnonzero(weights.any(axis=1))
        part = weights[active]
        bent = times(self.part(active, active), part)
        total = self.squares + np.einsum("ij,ij->j", part, bent - 2 * self.products[active])
        errors: Floats = total / np.maximum(self.n, 1)
        return errors

    def part(self, rows: Integers, columns: Integers) -> list[tuple[Floats, Integers]]:
        """Part of every Gram matrix, with its readouts."""
        return [(gram[np.ix_(rows, columns)], readouts) for gram, readouts in self.shared()]


def times(grams: Sequence[tuple[Floats, Integers]], weights: Floats) -> Floats:
    """Each readout's Gram matrix times its weights, (n_rows, n_readouts)."""
    if len(grams) == 1:
        product: Floats = grams[0][0] @ weights
        return product
    result = np.empty((len(grams[0][0]), weights.shape[1]))
    for gram, readouts in grams:
        result[:, readouts] = gram @ weights[:, readouts]
    return result


class GroupLasso:
    """Minimize mean squared error / 2 + penalty x sum over motifs of sqrt(size) x norm.

    The norm of a motif runs over its columns and all readouts (Yuan & Lin 2006, J R Stat Soc B
    68:49): it is in for all readouts or for none.

    Parameters
    ----------
    moments
        Over the rows that are fitted, without free columns.
    groups : (n_columns,)
        Number of the motif of each column, from 0, all present.
    """

    def __init__(self, moments: Moments, groups: Integers) -> None:
        self.moments, self.groups = moments, groups
        self.sizes = np.sqrt(np.bincount(groups))
        self.n = np.maximum(moments.n, 1.0)

    def largest(self) -> float:
        """The smallest penalty under which no motif is in."""
        return float((self._norms(self.moments.products / self.n, self.groups) / self.sizes).max())

    def nothing(self) -> Floats:
        """Coefficients before anything is fitted, (n_columns, n_readouts)."""
        return np.zeros_like(self.moments.products)

    def fit(self, penalty: float, start: Floats) -> Floats:
        """Coefficients under one penalty, (n_columns, n_readouts).

        Only motifs that are in, or ought to be, are looked at; the rest is checked afterwards.
        """
        weights, allowed = start.copy(), penalty * self.sizes
        inside = self._norms(weights, self.groups) > 0
        everything = np.arange(len(weights))
        for _ in range(MOST_CHECKS):
            active = np.flatnonzero(inside[self.groups])
            weights[active] = self._descend(weights[active], active, allowed)
            explained = times(self.moments.part(everything, active), weights[active])
            pull = self._norms((self.moments.products - explained) / self.n, self.groups)
            missed = ~inside & (pull > 1.01 * allowed)
            if not missed.any():
                break
            inside |= missed
        return weights

    def _descend(self, weights: Floats, active: Integers, allowed: Floats) -> Floats:
        """Proximal gradient steps with momentum (Beck & Teboulle 2009) on the active columns."""
        if not len(active):
            return weights
        groups, products = self.groups[active], self.moments.products[active]
        grams = self.moments.part(active, active)
        step = 1 / max(_largest_eigenvalue(gram) / self.n[numbers[0]] for gram, numbers in grams)
        ahead, speed = weights, 1.0
        for _ in range(MOST_STEPS):
            slope = (times(grams, ahead) - products) / self.n
            moved = ahead - step * slope
            norms = np.maximum(self._norms(moved, groups), 1e-300)
            shrink = np.maximum(1 - step * allowed / norms, 0)
            new = moved * shrink[groups, None]
            change, weights = new - weights, new
            if np.abs(change).max() < ACCURACY:
                break
            overshot = ((ahead - new) * change).sum() > 0  # then momentum starts anew
            next_speed = 1.0 if overshot else (1 + np.sqrt(1 + 4 * speed**2)) / 2
            ahead = new if overshot else new + (speed - 1) / next_speed * change
            speed = next_speed
        return weights

    def _norms(self, weights: Floats, groups: Integers) -> Floats:
        squares = (weights**2).sum(axis=1)
        norms: Floats = np.sqrt(np.bincount(groups, squares, minlength=len(self.sizes)))
        return norms


def _largest_eigenvalue(gram: Floats) -> float:
    """Of a Gram matrix, by powers of it, and a little more."""
    vector, size = np.ones(len(gram)), 0.0
    for _ in range(N_POWERS):
        vector = gram @ (vector / max(float(np.linalg.norm(vector)), 1e-300))
        size = float(np.linalg.norm(vector))
    return 1.1 * max(size, 1e-300)


@dataclass(frozen=True)
class Tried:
    """A penalty, the coefficients under it (one array per lasso), and their error elsewhere."""

    penalty: float
    weights: list[Floats]
    error: float


def best_penalty(lassos: Sequence[GroupLasso], judges: Sequence[Moments]) -> Tried:
    """The largest penalty that predicts other rows nearly as well as any does.

    Penalties fall from one that lets no motif in until two in a row explain next to nothing more.
    The one with the least error lets chance in; the one chosen keeps 99 % of what that one
    explains.

    Parameters
    ----------
    lassos, judges
        The rows fitted, and for each lasso the rows to predict.
    """
    path: list[Tried] = []
    weights = [lasso.nothing() for lasso in lassos]
    for penalty in max(lasso.largest() for lasso in lassos) * PATH ** np.arange(N_PENALTIES):
        weights = [lasso.fit(float(penalty), last) for lasso, last in zip(lassos, weights)]
        errors = [judge.errors(found).mean() for judge, found in zip(judges, weights)]
        path.append(Tried(float(penalty), weights, float(np.mean(errors))))
        least = min(tried.error for tried in path)
        if len(path) > 2 and path[-3].error - path[-1].error < STALE * (path[0].error - least):
            break
    enough = least + (1 - NEARLY) * (path[0].error - least)
    return next(tried for tried in path if tried.error <= enough)


def moments_of(design: Floats, readout: Floats, patterns: Sequence[Integers]) -> Moments:
    """Sums over the rows of `design` and `readout`.

    Parameters
    ----------
    design : (n, n_columns)
    readout : (n, n_readouts)
        NaN where not measured.
    patterns
        Numbers of the readouts that were measured in the same rows.
    """
    measured = ~np.isnan(readout)
    filled = np.where(measured, readout, 0.0)
    pattern = np.zeros(readout.shape[1], dtype=np.int64)
    grams = np.empty((len(patterns), design.shape[1], design.shape[1]))
    for number, readouts in enumerate(patterns):
        pattern[readouts] = number
        rows = measured[:, readouts[0]]
        part = design if rows.all() else design[rows]
        grams[number] = part.T @ part
    n = measured.sum(axis=0).astype(float)
    return Moments(grams, pattern, design.T @ filled, (filled**2).sum(axis=0), n)
