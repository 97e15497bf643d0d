"""How likely is a firing filter a site, and not chance? Odds learned without any truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

FEWEST_SITES = 20  # expected beyond chance; with fewer, odds are those of the activation alone
STEPS = 60  # of the fit; the odds no longer change
RIDGE = 1.0  # on standardized coefficients


def rank_odds(chance: FloatArray, least: float, ratio: float) -> FloatArray:
    """Log odds from the activation alone, (2,): constant and slope.

    As rare as the activation is by chance, if chance activations above `least`, (n,), fall off
    exponentially, as tails do, and 20 sites stand against them. `ratio` as for `site_odds`.
    """
    slope = 1 / max(float((chance - least).mean()), 1e-6) if len(chance) else 1.0
    constant = np.log(FEWEST_SITES / max(ratio * len(chance), 1.0))
    return np.array([constant - slope * least, slope])


def site_odds(found: FloatArray, chance: FloatArray, ratio: float) -> FloatArray | None:
    """Log odds that a place is a site, linear in its features.

    Parameters
    ----------
    found : (n_found, n_features)
        Of places in sequences: sites and chance.
    chance : (n_chance, n_features)
        Of places in background.
    ratio
        Letters of sequences per letter of background.

    Returns
    -------
    (1 + n_features,) or None
        Constant and coefficients of the features; None if there are hardly more places in the
        sequences than by chance.

    Notes
    -----
    A mixture: the density of places in sequences is that of the background times
    ``1 + exp(c + b . features)``. Expectation: each place is a site with probability
    ``p = sigmoid(c + b . features)``. Maximization: one Newton step of the logistic regression of
    places weighted by p against the background. That the two alternate is what keeps the many
    chance places among those found from flattening the odds.
    """
    surplus = len(found) - ratio * len(chance)
    if surplus < FEWEST_SITES or len(chance) < FEWEST_SITES:
        return None
    center, spread = chance.mean(axis=0), chance.std(axis=0) + 1e-9
    x, x_chance = (_with_constant((part - center) / spread) for part in (found, chance))
    rank = np.argsort(np.argsort(-x[:, 1]))
    is_site = np.where(rank < surplus, 0.95, 0.05)  # to begin with, those that fire most
    weight = np.zeros(x.shape[1])
    penalty = np.full(len(weight), RIDGE)
    penalty[0] = 1e-3
    for _ in range(STEPS):
        expected, by_chance = _sigmoid(x @ weight), _sigmoid(x_chance @ weight)
        gradient = x.T @ (is_site * (1 - expected)) - ratio * x_chance.T @ by_chance
        curve = (x.T * (is_site * expected * (1 - expected))) @ x
        curve += ratio * (x_chance.T * (by_chance * (1 - by_chance))) @ x_chance
        step = np.linalg.solve(curve + np.diag(penalty), gradient - penalty * weight)
        weight = weight + np.clip(step, -2, 2)
        is_site = _sigmoid(x @ weight)
    if is_site.sum() < FEWEST_SITES:
        return None
    slopes = weight[1:] / spread
    return np.concatenate([[weight[0] - slopes @ center], slopes])


def _with_constant(features: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(features)), features])


def _sigmoid(values: FloatArray) -> FloatArray:
    shares: FloatArray = 1 / (1 + np.exp(-np.clip(values, -50, 50)))
    return shares


def tail(scores: FloatArray, chance: FloatArray, n_positions: int) -> FloatArray:
    """Share of background positions that score as high, (n,): (1 + how many) / (1 + n_positions).

    `chance`, ascending, are the scores of the background.
    """
    as_high = len(chance) - np.searchsorted(chance, scores, side="left")
    shares: FloatArray = (1 + as_high) / (1 + n_positions)
    return shares
