"""Paths with some of their edits left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from motifbook.design.climb import best_of_each
from motifbook.design.problem import Path, Problem
from motifbook.design.scorer import FloatArray
from motifbook.onehot import Letters

ROUNDS = 5  # of leaving out the edit that pays least


def replay(path: Path, left_out: Collection[int]) -> Path:
    """The path without some of its moves, numbered from 0.

    Each other move writes the letters that it wrote; one that then changes nothing is left out
    too.
    """
    fresh = replace(path, letters=path.letters[:1], moves=())
    for number, move in enumerate(path.moves):
        old, new = path.letters[number], path.letters[number + 1]
        letters = np.where(old != new, new, fresh.letters[-1])
        if number not in left_out and (letters != fresh.letters[-1]).any():
            fresh = fresh.then(letters, move)
    return fresh


def without_each(paths: Sequence[Path]) -> Letters:
    """Every finished design without one of its edits, for each edit, (n_moves, length).

    Letters that later edits overwrote stay.
    """
    found = [path.letters[:0] for path in paths]
    for path in paths:
        changed = path.letters[1:] != path.letters[:-1]  # (n_moves, length)
        later = np.cumsum(changed[::-1], axis=0)[::-1] - changed
        found.append(np.where(changed & (later == 0), path.letters[:-1], path.letters[-1]))
    return np.concatenate(found)


def drop_idle(problem: Problem, paths: Sequence[Path], scores: FloatArray) -> list[Path]:
    """Leave out edits that the finished design does not need, one per round and design.

    An edit stays if its design scores `least_gain` more than without it, or if what is left
    would break a constraint on the way. `scores` are those of the finished designs.
    """
    paths, scores = list(paths), scores.copy()
    for _ in range(ROUNDS):
        owners = np.repeat(np.arange(len(paths)), [len(path.moves) for path in paths])
        if not len(owners) or len(owners) > problem.calls_left():
            break
        steps = np.concatenate([np.arange(len(path.moves)) for path in paths])
        worth = problem.scorer.scores(without_each(paths)) - scores[owners]
        is_any = False
        for number in best_of_each(owners, worth).tolist():
            owner = int(owners[number])
            if worth[number] > -problem.options.least_gain:
                shorter = replay(paths[owner], {int(steps[number])})
                if _is_allowed(problem, shorter):
                    paths[owner], scores[owner] = shorter, scores[owner] + worth[number]
                    is_any = True
        if not is_any:
            break
    return paths


def _is_allowed(problem: Problem, path: Path) -> bool:
    later = path.letters[1:]
    return bool(problem.allowed(later, np.full(len(later), path.row)).all())
