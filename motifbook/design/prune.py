"""Minimal edits: letters that do not pay are changed back."""

from __future__ import annotations

import numpy as np

from motifbook.design.climb import PRUNE, Climb
from motifbook.design.problem import Problem
from motifbook.onehot import Letters


def prune(problem: Problem, proposals: Letters) -> Letters:
    """Change letters of proposals, (n_tries, length), back to the start's where little is lost.

    Letters that lose less than `least_gain`, or gain, are changed back, those first that lose
    least, until every letter left pays. What keeps to the constraints stays so.
    """
    climb = Climb(problem, proposals, PRUNE)
    active = np.arange(len(proposals))
    while len(active):
        number, places = np.nonzero(climb.letters[active] != problem.starts[active])
        rows = active[number]
        active = climb.step(rows, places, problem.starts[rows, places])
    return climb.letters
