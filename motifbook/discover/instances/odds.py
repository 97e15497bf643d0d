"""How likely is a place a site, and not chance? Odds learned without any truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

FloatArray = npt.NDArray[np.float64]

FEWEST_SITES = 20  # beyond chance; with fewer, odds come from the first feature alone
STEPS = 60  # of the fit; by then the odds no longer change
RIDGE = 1.0  # on slopes per standard deviation


def site_odds(found: FloatArray, chance: FloatArray, ratio: float) -> FloatArray:
    """Log odds that a place is a site, linear in its features.

    Parameters
    ----------
    found : (n_found, n_features)
        Of places in sequences: sites and chance. More of any feature can only speak for a site.
    chance : (n_chance, n_features)
        Of places in background.
    ratio
        Letters of sequences per letter of background.

    Returns
    -------
    (1 + n_features,)
        Constant and slopes; a slope that would be negative is 0.

    Notes
    -----
    A mixture: the density of places in sequences is that of the background times
    ``1 + exp(c + b . features)``. Expectation: each place is a site with probability
    ``p = sigmoid(c + b . features)``. Maximization: a Newton step of the logistic regression of
    places, weighted by p, against the background. Unlike a regression of all places against the
    background, chance among the places found does not flatten the odds.

    With fewer than 20 sites, or as few places by chance: how rare the first feature is, as if
    the upper tenth of the background fell off exponentially and faced 20 sites.
    """
    surplus = _count_sites(found[:, 0], chance[:, 0], ratio)
    if min(surplus, len(chance)) < FEWEST_SITES:
        return _rank_odds(chance[:, 0], ratio, found.shape[1])
    odds = np.zeros(1 + found.shape[1])
    used = np.ones(found.shape[1], dtype=np.bool_)
    while used.any():
        constant, slopes = _fit(found[:, used], chance[:, used], ratio, surplus)
        if slopes.min() >= 0:
            odds[0], odds[1:][used] = constant, slopes
            return odds
        used[np.flatnonzero(used)[slopes.argmin()]] = False
    return _rank_odds(chance[:, 0], ratio, found.shape[1])


def _count_sites(found: FloatArray, chance: FloatArray, ratio: float) -> float:
    """How many more values, (n,), are found than three standard errors above chance.

    Beyond the threshold where that number is largest.
    """
    thresholds = np.sort(found)
    above = len(found) - np.arange(len(found))
    expected = ratio * (len(chance) - np.searchsorted(np.sort(chance), thresholds))
    return float((above - expected - 3 * np.sqrt(expected)).max(initial=0))


def _rank_odds(chance: FloatArray, ratio: float, n_features: int) -> FloatArray:
    """Odds by how rare the first feature is in the background, (n,)."""
    odds = np.zeros(1 + n_features)
    upper = np.sort(chance)[-max(len(chance) // 10, FEWEST_SITES) :]
    if not len(upper):
        upper = np.array([0.0, 2.0])  # nothing to learn from: any slope will do
    least = upper[0]
    odds[1] = 1 / max(float((upper - least).mean()), 1e-6)
    odds[0] = np.log(FEWEST_SITES / max(ratio * len(upper), 1.0)) - odds[1] * least
    return odds


def _fit(
    found: FloatArray, chance: FloatArray, ratio: float, surplus: float
) -> tuple[float, FloatArray]:
    """Constant and slopes of the odds; to begin with, the `surplus` places of most features."""
    center, spread = chance.mean(axis=0), chance.std(axis=0) + 1e-9
    x, x_chance = (
        np.column_stack([np.ones(len(part)), (part - center) / spread]) for part in (found, chance)
    )
    rank = np.argsort(np.argsort(-x[:, 1:].sum(axis=1)))
    is_site = np.where(rank < surplus, 0.95, 0.05)
    weight, penalty = np.zeros(x.shape[1]), np.full(x.shape[1], RIDGE)
    penalty[0] = 1e-3
    for _ in range(STEPS):
        expected, by_chance = expit(x @ weight), expit(x_chance @ weight)
        gradient = x.T @ (is_site * (1 - expected)) - ratio * x_chance.T @ by_chance
        curve = (x.T * (is_site * expected * (1 - expected))) @ x
        curve += ratio * (x_chance.T * (by_chance * (1 - by_chance))) @ x_chance
        step = np.linalg.solve(curve + np.diag(penalty), gradient - penalty * weight)
        weight = weight + np.clip(step, -2, 2)
        is_site = expit(x @ weight)
    slopes = weight[1:] / spread
    return float(weight[0] - slopes @ center), slopes


def tail(scores: FloatArray, chance: FloatArray, n_positions: int) -> FloatArray:
    """Share of background positions that score as high, (n,): (1 + how many) / (1 + n_positions).

    `chance`, ascending, are the scores of the background.
    """
    as_high = len(chance) - np.searchsorted(chance, scores, side="left")
    shares: FloatArray = (1 + as_high) / (1 + n_positions)
    return shares
