"""Odds that a place is a site, where they are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook.discover.instances.odds import site_odds, tail


def mixture(n_sites: int, n_chance: int, seed: int = 0):
    """Chance N(0, 1), sites N(2, 1): log odds log(n_sites / n_chance) - 2 + 2 x."""
    rng = np.random.default_rng(seed)
    found = np.concatenate([rng.normal(size=n_chance), rng.normal(2, 1, size=n_sites)])
    return found[:, None], rng.normal(size=(4 * n_chance, 1)), 0.25


def test_odds_are_those_of_the_mixture():
    odds = site_odds(*mixture(4000, 10_000))
    assert odds == pytest.approx([np.log(0.4) - 2, 2.0], abs=0.15)


def test_a_feature_that_says_nothing_weighs_nothing():
    found, chance, ratio = mixture(4000, 10_000)
    noise = np.random.default_rng(1)
    found, chance = (
        np.column_stack([part, noise.normal(size=len(part))]) for part in (found, chance)
    )
    odds = site_odds(found, chance, ratio)
    assert odds[1] == pytest.approx(2, abs=0.15)
    assert odds[2] == pytest.approx(0, abs=0.1)


def test_no_feature_speaks_against_a_site():
    found, chance, ratio = mixture(4000, 10_000)
    noise = np.random.default_rng(1)
    found = np.column_stack([found, noise.normal(-1, 1, size=len(found))])  # lower than by chance
    chance = np.column_stack([chance, noise.normal(size=len(chance))])
    odds = site_odds(found, chance, ratio)
    assert odds[2] == 0
    assert odds[:2] == pytest.approx([np.log(0.4) - 2, 2.0], abs=0.15)


def test_few_sites_are_seen_among_many_chance_places():
    rng = np.random.default_rng(0)
    chance = rng.normal(size=(10_000, 1))
    # fewer chance places than expected, as happens: all places together show no surplus
    found = np.concatenate([rng.normal(size=1900), rng.normal(6, 1, size=80)])[:, None]
    constant, slope = site_odds(found, chance, 0.2)
    assert constant + slope * 1 < np.log(0.2)
    assert constant + slope * 5 > np.log(5)


def test_without_sites_odds_are_how_rare_the_first_feature_is():
    rng = np.random.default_rng(0)
    chance = 3 + rng.exponential(0.5, size=(5000, 2))
    odds = site_odds(chance[:1000], chance, 0.2)
    upper = np.quantile(chance[:, 0], 0.9)
    assert odds[1] == pytest.approx(2, rel=0.1)
    assert odds[0] + odds[1] * upper == pytest.approx(np.log(20 / 100), abs=0.05)
    assert odds[2] == 0


def test_nothing_to_learn_from_gives_finite_odds():
    nothing = np.zeros((0, 2))
    assert np.isfinite(site_odds(nothing, nothing, 1.0)).all()


def test_tails_count_the_background():
    chance = np.array([1.0, 2.0, 2.0, 5.0])
    shares = tail(np.array([0.0, 2.0, 5.0, 6.0]), chance, 99)
    assert shares.tolist() == [0.05, 0.04, 0.02, 0.01]
