"""Permutations end early, and what they cannot count is bounded."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from motifbook.significance.dictionary import word_activations
from motifbook.significance.exchange_bound import has_bound, log_bound
from motifbook.significance.nuisance import nuisance
from motifbook.significance.permutation import orders, permutation_test
from motifbook.significance.prepare import prepare
from motifbook.significance.steps import first_step, next_step

PAIRS = np.repeat(np.arange(9), 2)
ONE_OF_TWO = np.tile([1.0, 0.0], 9)


def bounded(values, readout, blocks, seed=0):
    return log_bound(first_step(prepare(values, readout)), blocks, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(20))
def test_the_bound_is_above_the_p_value_of_all_exchanges_and_not_far(seed):
    """All 2^9 ways to exchange the rows of nine pairs."""
    values = np.random.default_rng(seed).normal(size=(18, 3)) + (seed % 5) * ONE_OF_TWO[:, None]
    prepared = prepare(values, ONE_OF_TWO)
    step = first_step(prepared)
    ways = [np.ravel([(a, 1 - a) for a in way]) for way in product((0, 1), repeat=9)]
    scores = [first_step(prepared.with_readout(way)).statistic for way in ways]
    exact = np.mean(np.array(scores) >= step.statistic - 1e-6)
    bound = np.exp(log_bound(step, PAIRS, np.random.default_rng(0)))
    assert exact <= bound <= min(40 * exact, 1.0)


def test_a_motif_in_every_positive_and_no_shuffle_counts_every_pair():
    blocks = np.repeat(np.arange(200), 2)
    readout = np.tile([1, 0], 200)
    expected = np.log(2) - 200 * np.log(2)
    assert expected <= bounded(readout[:, None], readout, blocks) < 0.98 * expected


@pytest.mark.parametrize("share", [0.5, 0.2, 0.8])
def test_without_blocks_the_bound_holds_its_level(share):
    readout = (np.arange(40) < 40 * share).astype(float)
    together = np.zeros(40, dtype=int)
    rng = np.random.default_rng(0)
    p = np.exp([bounded(rng.exponential(size=(40, 1)), readout, together) for _ in range(1000)])
    assert 0.002 < np.mean(p <= 0.1) <= 0.1
    assert np.mean(p <= 0.01) <= 0.01
    strong = rng.normal(size=(40, 1)) + 3 * readout[:, None]
    assert bounded(strong, readout, together) < np.log(1e-3)


def test_blocks_of_any_size_are_dealt_out():
    """A hit in every 1, in no 0: one of three, two of four, one of five."""
    blocks = np.repeat(np.arange(30), np.tile([3, 4, 5], 10))
    readout = np.tile([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1], 10).astype(float)
    least = -10 * np.log(3) - 10 * 2 * np.log(2) - 10 * np.log(5)
    assert least <= bounded(readout[:, None], readout, blocks) < 0.5 * least
    same = np.where(blocks % 3 == 1, 0, readout)  # blocks of 0s alone say nothing
    assert bounded(readout[:, None], same, blocks) > least


def test_permutation_resolves_what_it_cannot_count():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (400, 30)).astype(np.uint8)
    letters[::2, 10:15] = [2, 0, 3, 0, 0]
    step = first_step(prepare(word_activations(letters, 5).values, np.tile([1.0, 0.0], 200)))
    for blocks, most in ((np.repeat(np.arange(200), 2), 1e-40), (None, 1e-20)):
        found = permutation_test(step, n_draws=99, blocks=blocks, seed=0)
        assert 0 < found.p_value < most
        assert "None of 99 permutations reached the observed score" in found.notes[0]


def test_many_values_covariates_and_later_steps_keep_the_floor():
    values = np.random.default_rng(0).normal(size=(18, 12)) + 9 * ONE_OF_TWO[:, None]
    together = np.zeros(18, dtype=int)
    per_pair = nuisance(18, covariates={"length": PAIRS**2})
    step = first_step(prepare(values, ONE_OF_TWO, per_pair))
    assert has_bound(step, PAIRS)
    assert not has_bound(step, together)
    assert permutation_test(step, n_draws=99, seed=0).p_value == 0.01
    graded = first_step(prepare(values, ONE_OF_TWO + 0.01 * np.arange(18)))
    assert not has_bound(graded, together)
    only = np.arange(len(step.gain)) == step.winner
    assert not has_bound(next_step(first_step(prepare(values, ONE_OF_TWO)), only), PAIRS)


def test_permutations_end_once_fifty_lie_beyond():
    rng = np.random.default_rng(0)
    step = first_step(prepare(rng.random((40, 30)), rng.random(40) < 0.5))
    found = permutation_test(step, n_draws=9_999, seed=0)
    assert found.n_draws < 2000
    assert found.p_value == pytest.approx(50 / found.n_draws)
    all_of_them = permutation_test(step, n_draws=49, seed=0)
    assert all_of_them.n_draws == 49


def test_orders_stay_in_their_groups_and_are_all_as_likely():
    groups = np.array([0, 1, 0, 1, 0])
    found = orders(groups, 12_000, np.random.default_rng(0))
    assert (groups[found] == groups).all()
    _, counts = np.unique(found, axis=0, return_counts=True)
    assert len(counts) == 12
    assert np.abs(counts - 1000).max() < 150
