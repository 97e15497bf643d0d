"""Greedy search on networks whose best sequence is known."""

from __future__ import annotations

import numpy as np
import pytest
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook.design.constraints import Constraints
from motifbook.design.greedy import greedy
from motifbook.design.problem import final

WEIGHTS = some_weights()
STARTS = random_letters(5)
GAINS = WEIGHTS[0].max(axis=0) - np.take_along_axis(WEIGHTS[0], STARTS.astype(int), axis=0)


@pytest.mark.parametrize("has_gradient", [True, False])
def test_it_ends_with_the_best_letter_everywhere(has_gradient):
    with posed(Linear(WEIGHTS, has_gradient=has_gradient), STARTS) as problem:
        assert (final(greedy(problem)) == WEIGHTS[0].argmax(axis=0)).all()


def test_letters_that_gain_too_little_stay():
    with posed(Linear(WEIGHTS), STARTS, least_gain=1.0) as problem:
        expected = np.where(GAINS > 1, WEIGHTS[0].argmax(axis=0), STARTS)
        assert (final(greedy(problem)) == expected).all()


def test_few_edits_are_those_that_gain_most():
    few = Constraints(**{**vars(FREE), "n_edits": 3})
    with posed(Linear(WEIGHTS), STARTS, constraints=few) as problem:
        made = problem.scorer.scores(final(greedy(problem))) - problem.scorer.scores(STARTS)
        assert made == pytest.approx(np.sort(GAINS, axis=1)[:, -3:].sum(axis=1))


def test_a_value_is_reached_by_the_fewest_letters():
    weights = np.zeros((1, 4, 20))
    weights[0, 1, :6] = [2.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    starts = np.zeros((1, 20), np.uint8)
    with posed(Linear(weights), starts, goal=2.5, least_gain=0.02) as problem:
        best = final(greedy(problem))
        assert problem.scorer.predictions(best)[0, 0] == 2.5
        assert (best != starts).sum() == 2


def test_it_looks_beyond_a_shortlist_that_constraints_refuse():
    starts = np.resize(np.array([0, 3, 0], np.uint8), (1, 60))  # ATAATA...
    weights = np.zeros((1, 4, 60))
    weights[0, 2, 2::3] = 2.0  # twenty G that would each make a start codon
    weights[0, 1, 7] = 1.0  # C instead of a T
    no_atg = Constraints(**{**vars(FREE), "start_codons": False})
    with posed(Linear(weights), starts, constraints=no_atg) as problem:
        best = final(greedy(problem))
    assert np.flatnonzero(best != starts).tolist() == [7, 8]  # C, and then the G after it


def test_several_readouts_are_weighed():
    weights = some_weights(n_readouts=2)
    with posed(Linear(weights), STARTS, goal={"a": "max", "b": "min"}) as problem:
        difference = weights[0] - weights[1]
        gained = problem.scorer.scores(final(greedy(problem)))
        assert gained == pytest.approx(difference.max(axis=0).sum())


def test_networks_must_agree():
    one, other = np.zeros((2, 1, 4, 20))
    one[0, 1, 3] = other[0, 1, 3] = 1.0
    one[0, 1, 9], other[0, 1, 9] = 2.0, -1.0  # mean 0.5, standard deviation 2.1
    starts = np.zeros((1, 20), np.uint8)
    for caution, places in ((1.0, [3]), (0.0, [3, 9])):
        with posed([Linear(one), Linear(other)], starts, caution=caution) as problem:
            assert np.flatnonzero(final(greedy(problem))[0]).tolist() == places


def test_tries_from_one_start_differ_and_the_first_is_not_held_back():
    starts = np.repeat(STARTS[:1], 8, axis=0)
    with posed(Linear(WEIGHTS), starts) as problem:
        made = final(greedy(problem))
    assert (made[0] == WEIGHTS[0].argmax(axis=0)).all()
    assert len(np.unique(made, axis=0)) > 4
