"""Draws that keep earlier selections: in a subspace, tightest limits first, and of the same law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from motifbook.significance import restricted
from motifbook.significance.counting import is_enough, log_p_of, needed
from motifbook.significance.dictionary import word_activations
from motifbook.significance.max_t import null_maxima
from motifbook.significance.prepare import prepare
from motifbook.significance.restricted import count_beyond, largest_scores
from motifbook.significance.steps import first_step, next_step

generator = np.random.default_rng


@pytest.fixture(scope="module")
def ready():
    """All words of three letters in 60 sequences of 20."""
    letters = generator(0).integers(0, 4, (60, 20)).astype(np.uint8)
    return prepare(word_activations(letters, 3).values, generator(1).normal(size=60))


def later(ready, seed, size):
    """The step after the first; column 7 alone has an effect."""
    readout = size * ready.columns[:, 7] + generator([2, seed]).normal(size=60)
    step = first_step(ready.with_readout(readout))
    assert step.winner == 7 or not size
    return next_step(step, np.arange(len(step.gain)) == step.winner)


@pytest.mark.parametrize("n_dimensions", [2, 8, 256])
def test_p_values_are_uniform_whatever_the_subspace(ready, monkeypatch, n_dimensions):
    """Even a random circle through the readout holds the level."""
    monkeypatch.setattr(restricted, "DIMENSIONS", n_dimensions)
    p = [
        np.exp(log_p_of(count_beyond(later(ready, seed, 9.0), 200, generator(seed)).beyond))
        for seed in range(300)
    ]
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_the_whole_space_is_drawn_from_where_it_is_small(ready):
    """The same scores as uniform directions that are looked at in full."""
    step = later(ready, 3, 0.0)
    low, high = step.box()
    drawn = generator(0).normal(size=(60, 200_000))
    drawn -= step.basis @ (step.basis.T @ drawn)
    products = ready.columns.T.astype(float) @ (drawn / np.linalg.norm(drawn, axis=0))
    inside = ((products >= low[:, None]) & (products <= high[:, None])).all(axis=0)
    expected = (np.abs(products[:, inside]) * step.gain[:, None]).max(axis=0)
    found = np.concatenate([*largest_scores(step, 50_000, generator(1))])
    assert len(found) / 50_176 == pytest.approx(inside.mean(), rel=0.03)
    np.testing.assert_allclose(
        np.quantile(found, [0.1, 0.5, 0.9]), np.quantile(expected, [0.1, 0.5, 0.9]), atol=0.004
    )


def test_draws_given_up_early_are_those_that_would_fail_later(ready, monkeypatch):
    step = later(ready, 3, 0.0)
    whole = next(largest_scores(step, 1, generator(0)))
    assert 50 < len(whole) < 900
    monkeypatch.setattr(restricted, "COLUMNS_FIRST", 1)
    found = next(largest_scores(step, 1, generator(0)))
    np.testing.assert_allclose(found, whole, rtol=1e-5)


def test_the_picture_of_the_null_knows_nothing_of_a_strong_effect(ready, monkeypatch):
    monkeypatch.setattr(restricted, "DIMENSIONS", 12)
    noise, strong = (
        first_step(ready.with_readout(size * ready.columns[:, 7] + generator(1).normal(size=60)))
        for size in (0.0, 100.0)
    )
    for seed in range(5):
        expected = np.median(null_maxima(noise, 400, seed=seed))
        assert np.median(null_maxima(strong, 400, seed=seed)) == pytest.approx(expected, rel=1e-6)


def test_fifty_beyond_are_enough():
    beyond = np.arange(1024) % 20 == 19
    assert len(needed(beyond, 2000)) == 1000
    assert is_enough(beyond[:1000], 2000)
    assert not is_enough(beyond[:999], 2000)
    assert np.exp(log_p_of(needed(beyond, 2000))) == pytest.approx(50 / 1000)
    assert np.exp(log_p_of(needed(beyond, 999))) == pytest.approx(50 / 1000)  # (1 + 49) / (1 + 999)
