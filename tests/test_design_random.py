"""The best of random sequences."""

from __future__ import annotations

import numpy as np
import pytest
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook.design.constraints import Constraints
from motifbook.design.problem import final
from motifbook.design.random_search import random_search

WEIGHTS, STARTS = some_weights(), random_letters(50)


def test_the_best_of_many_is_as_high_as_statistics_expect():
    normal = np.random.default_rng(3).normal(size=(4000, 320)).max(axis=1)
    spread = np.sqrt(WEIGHTS[0].var(axis=0).sum())
    expected = WEIGHTS[0].mean(axis=0).sum() + spread * normal.mean()
    with posed(Linear(WEIGHTS), STARTS, n_steps=20, n_calls=None) as problem:
        assert problem.scorer.n_calls == 0
        found = problem.scorer.scores(final(random_search(problem)))
    assert found.mean() == pytest.approx(expected, abs=0.3)


def test_it_keeps_to_few_edits_and_to_constraints():
    kept_to = Constraints(**{**vars(FREE), "n_edits": 4, "fixed": [(0, 10)]})
    with posed(Linear(WEIGHTS), STARTS, constraints=kept_to) as problem:
        differs = final(random_search(problem)) != STARTS
    assert not differs[:, :10].any()
    assert differs.sum(axis=1).max() == 4


def test_the_least_liked_letters_are_changed_back_first():
    few = Constraints(**{**vars(FREE), "n_edits": 2})
    starts = np.zeros((1, 6), np.uint8)
    letters = np.array([[1, 1, 0, 1, 1, 0]], np.uint8)
    liking = np.array([[0.9, 0.1, 0.8, 0.3, 0.5, 0.0]])
    with posed(Linear(np.zeros((1, 4, 6))), starts, constraints=few) as problem:
        left = problem.few_enough(letters, np.array([0]), liking)
    assert left.tolist() == [[1, 0, 0, 0, 1, 0]]
