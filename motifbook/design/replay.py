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


def straighten(problem: Problem, path: Path) -> Path:
    """Return the path to the same design without edits that undo others, or are undone.

    Where all letters of an edit return to what they were, by it or after it, they are not changed
    in the first place: it is left out, and others keep the rest of their letters. Unless that
    would break a constraint on the way, or harm the score there.
    """
    number = len(path.moves)
    while (number := number - 1) >= 0 and len(path.moves) <= problem.calls_left():
        places = np.flatnonzero(path.letters[number + 1] != path.letters[number])
        letters = path.letters.copy()
        letters[:, places] = _without_returns(letters[:, places])
        if (letters[number + 1] == letters[number]).all():
            shorter = _of_states(path, letters)
            if _is_allowed(problem, shorter) and _climbs(problem, shorter):
                path, number = shorter, len(shorter.moves)
    return path


def _without_returns(letters: Letters) -> Letters:
    """Places on the way, (n_moves + 1, n_places), that stay where they would return.

    Examples
    --------
    >>> _without_returns(np.array([[0], [1], [0], [2]])).ravel().tolist()
    [0, 0, 0, 2]
    """
    straight = letters.copy()
    for column in straight.T:
        end = len(column)
        while end:
            first = int((column == column[end - 1]).argmax())
            column[first:end] = column[end - 1]
            end = first
    return straight


def _of_states(path: Path, letters: Letters) -> Path:
    """The path through other letters, (n_moves + 1, length), less the moves that change nothing."""
    kept = (letters[1:] != letters[:-1]).any(axis=1)
    moves = tuple(move for move, is_kept in zip(path.moves, kept) if is_kept)
    return replace(path, letters=letters[np.append(True, kept)], moves=moves)


def _climbs(problem: Problem, path: Path) -> bool:
    """Whether each edit gains."""
    return bool((np.diff(problem.scorer.scores(path.letters)) > 0).all())


def _is_allowed(problem: Problem, path: Path) -> bool:
    later = path.letters[1:]
    return bool(problem.allowed(later, np.full(len(later), path.row)).all())
