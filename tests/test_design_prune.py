"""Letters that do not pay are changed back."""

from __future__ import annotations

import numpy as np
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook.design.constraints import Constraints
from motifbook.design.prune import prune

WEIGHTS = some_weights(60)
STARTS, PROPOSALS = random_letters(6, 60), random_letters(6, 60, seed=2)


def losses(letters: np.ndarray) -> np.ndarray:
    """What the score loses when a letter is changed back, (n, length)."""
    weight = WEIGHTS[0][letters, np.arange(60)]
    return weight - WEIGHTS[0][STARTS, np.arange(60)]


def test_what_is_left_are_the_letters_that_pay():
    with posed(Linear(WEIGHTS), STARTS, least_gain=0.55) as problem:
        pruned = prune(problem, PROPOSALS)
    assert (pruned == np.where(losses(PROPOSALS) > 0.55, PROPOSALS, STARTS)).all()


def test_a_price_of_nothing_takes_back_what_harms():
    with posed(Linear(WEIGHTS), STARTS) as problem:
        before, after = (
            problem.scorer.scores(PROPOSALS),
            problem.scorer.scores(prune(problem, PROPOSALS)),
        )
    assert (after > before).all()


class Either(Linear):
    """1 where there is a C at place 2 or at place 15: one of two is enough."""

    def forward(self, onehot):
        return super().forward(onehot).clamp(max=1)


def test_of_two_letters_that_do_the_same_one_stays():
    weights = np.zeros((1, 4, 20))
    weights[0, 1, [2, 15]] = 1
    starts = np.zeros((1, 20), np.uint8)
    proposal = starts.copy()
    proposal[0, [2, 15]] = 1
    with posed(Either(weights), starts, least_gain=0.02) as problem:
        assert (prune(problem, proposal) == 1).sum() == 1


def test_what_keeps_to_constraints_still_does():
    half = Constraints(**{**vars(FREE), "gc": (0.5, 0.5)})
    starts = np.zeros((1, 20), np.uint8)
    proposal = np.resize(np.array([0, 1], np.uint8), (1, 20))
    with posed(Linear(np.zeros((1, 4, 20))), starts, constraints=half, least_gain=1.05) as problem:
        assert (prune(problem, proposal) == proposal).all()  # each C is needed
        proposal[0, 0] = 1
        assert (prune(problem, proposal) == starts).all()  # nothing to keep to
