"""Which of many finished searches are returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from motifbook.design.problem import IntArray, Path, final, first
from motifbook.design.scorer import FloatArray

FEW = 0.5  # where few letters change, this share of them is difference enough


def choose(
    paths: Sequence[Path], scores: FloatArray, n: int, distance: float, *, groups: IntArray
) -> list[Path]:
    """Choose the best that differ, best first; fewer than `n` if there are not so many.

    The best of every start has its turn before the second best of any, and is taken if it differs
    from all that were taken before. A larger `distance` costs score further down.

    Parameters
    ----------
    scores : (n_paths,)
        Of what each path ends with.
    distance
        Least share of letters in which any two that are chosen differ; where a design changes few
        letters, half as many as it changes. No two are equal.
    groups : (n_tries,)
        Number of the start of each try.
    """
    letters = final(paths)
    n_changed = (letters != first(paths)).sum(axis=1)
    n_needed = np.maximum(1, np.minimum(distance * letters.shape[1], FEW * n_changed))
    chosen: list[int] = []
    for number in _in_turn(groups[[path.row for path in paths]], scores):
        differs = (letters[chosen] != letters[number]).sum(axis=1)
        if (differs >= np.minimum(n_needed[chosen], n_needed[number])).all():
            chosen.append(number)
        if len(chosen) == n:
            break
    return [paths[number] for number in sorted(chosen, key=lambda one: -scores[one])]


def _in_turn(groups: IntArray, scores: FloatArray) -> list[int]:
    """Numbers of paths: the best of each group, best first, then the second best of each, ..."""
    order = np.argsort(-scores, kind="stable").tolist()
    seen: Counter[int] = Counter()
    turns = np.zeros(len(scores), dtype=np.int64)
    for number in order:
        turns[number] = seen[int(groups[number])]
        seen[int(groups[number])] += 1
    return sorted(order, key=lambda number: turns[number])
