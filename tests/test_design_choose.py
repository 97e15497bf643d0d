"""The best designs that differ."""

from __future__ import annotations

import numpy as np
import pytest
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook.design.choose import choose
from motifbook.design.constraints import Constraints
from motifbook.design.greedy import greedy
from motifbook.design.problem import Move, Path, final

START = np.zeros(100, np.uint8)


def ended_with(*n_changed: int) -> list[Path]:
    """Paths from A... whose first letters are C."""
    return [
        Path(row, START[None]).then(
            np.where(np.arange(100) < n, 1, START).astype(np.uint8), Move("")
        )
        for row, n in enumerate(n_changed)
    ]


def chosen(paths, scores, n=10, distance=0.05, groups=(0, 0, 0)):
    found = choose(paths, np.array(scores, float), n, distance, groups=np.array(groups))
    return [path.row for path in found]


def test_the_best_of_each_start_has_its_turn_first():
    assert chosen(ended_with(20, 40, 60), [3, 2, 1], n=2, groups=(7, 7, 4)) == [0, 2]
    assert chosen(ended_with(20, 40, 60), [3, 2, 1], n=3, groups=(7, 7, 4)) == [0, 1, 2]


def test_the_best_come_first():
    assert chosen(ended_with(20, 40, 60), [1, 3, 2]) == [1, 2, 0]
    assert chosen(ended_with(20, 40, 60), [1, 3, 2], n=2) == [1, 2]


def test_those_too_near_a_better_one_are_left_out():
    assert chosen(ended_with(20, 24, 26), [3, 2, 1]) == [0, 2]
    assert chosen(ended_with(20, 24, 26), [3, 2, 1], distance=0.04) == [0, 1]


def test_equal_ones_are_never_taken_twice():
    assert chosen(ended_with(20, 20, 21), [3, 2, 1], distance=0.0) == [0, 2]


def test_where_few_letters_change_half_of_them_is_enough():
    assert chosen(ended_with(4, 5, 6), [3, 2, 1], distance=0.5) == [0, 2]


@pytest.mark.parametrize("n_edits", [None, 8])
def test_twenty_designs_of_one_start_differ_and_are_good(n_edits):
    weights, start = some_weights(200), random_letters(1, 200)
    kept_to = Constraints(**{**vars(FREE), "n_edits": n_edits})
    starts = np.repeat(start, 40, axis=0)
    with posed(Linear(weights), starts, constraints=kept_to) as problem:
        paths = greedy(problem)
        scores = problem.scorer.scores(final(paths))
        best = choose(paths, scores, 20, 0.05, groups=np.zeros(40, int))
        gains = problem.scorer.scores(final(best)) - problem.scorer.scores(start)
    assert len(best) == 20
    assert gains[0] == scores.max() - problem.scorer.scores(start)
    assert gains.min() > 0.6 * gains[0]
