"""Evolution."""

from __future__ import annotations

import numpy as np
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook.design.constraints import Constraints
from motifbook.design.evolve import evolve
from motifbook.design.problem import final
from motifbook.design.random_search import random_search

WEIGHTS, STARTS = some_weights(), random_letters(4)
BEST = WEIGHTS[0].argmax(axis=0)
LONG = {"n_steps": 200, "n_calls": None}


def test_it_reaches_the_best_sequence_without_gradients():
    with posed(Linear(WEIGHTS, has_gradient=False), STARTS, **LONG) as problem:
        assert (final(evolve(problem)) == BEST).all()


def test_a_letter_has_a_price():
    with posed(Linear(WEIGHTS), STARTS, least_gain=1.05, **LONG) as problem:
        gains = WEIGHTS[0].max(axis=0) - WEIGHTS[0][STARTS, np.arange(20)]
        assert (final(evolve(problem)) == np.where(gains > 1.05, BEST, STARTS)).all()


def test_few_edits_are_the_best_ones():
    few = Constraints(**{**vars(FREE), "n_edits": 3})
    with posed(Linear(WEIGHTS), STARTS, constraints=few, **LONG) as problem:
        gains = WEIGHTS[0].max(axis=0) - WEIGHTS[0][STARTS, np.arange(20)]
        made = problem.scorer.scores(final(evolve(problem))) - problem.scorer.scores(STARTS)
        assert np.allclose(made, np.sort(gains, axis=1)[:, -3:].sum(axis=1))


class Pair(Linear):
    """1 where there is a C at place 2 and a C at place 15; nothing for one of them."""

    def forward(self, onehot):
        return onehot[:, 1, [2]] * onehot[:, 1, [15]]


def test_it_crosses_a_plateau():
    starts = np.zeros((4, 20), np.uint8)
    with posed(Pair(WEIGHTS), starts) as problem:
        made = final(evolve(problem))
    assert (made[:, [2, 15]] == 1).all()


def test_it_beats_chance_at_equal_calls():
    weights, starts = some_weights(100), random_letters(4, 100)
    scores = []
    for method in (evolve, random_search):
        with posed(Linear(weights), starts, n_calls=1000, n_steps=1000) as problem:
            scores.append(problem.scorer.scores(final(method(problem))).min())
    assert scores[0] > scores[1]
