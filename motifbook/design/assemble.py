"""From a start to a proposal, edit by edit, the most useful one first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook.design.problem import Move, Path, Problem
from motifbook.onehot import Letters

NEAR = 4  # equal letters between two differences up to which they are one edit

Span = tuple[int, int]


def assemble(problem: Problem, proposals: Letters) -> list[Path]:
    """Walk from each start to its proposal, (n_tries, length), in edits that each pay.

    An edit is a stretch of letters that differ. In every round the one that gains most is made,
    if constraints allow it; what gains less than `least_gain` is not made at all.
    """
    now = problem.starts.copy()
    paths = [Path(row, problem.starts[row : row + 1]) for row in range(len(now))]
    left = [stretches(start, end) for start, end in zip(now, proposals)]
    scores = problem.scorer.scores(now)
    while any(left):
        rows = np.array([row for row, spans in enumerate(left) for _ in spans], dtype=np.int64)
        spans = [span for own in left for span in own]
        tried = now[rows]
        for candidate, row, (start, end) in zip(tried, rows, spans):
            candidate[start:end] = proposals[row, start:end]
        gains = np.full(len(rows), -np.inf)
        allowed = problem.allowed(tried, rows)
        gains[allowed] = problem.scorer.scores(tried[allowed]) - scores[rows[allowed]]
        for row in np.unique(rows):
            own = np.flatnonzero(rows == row)
            best = own[gains[own].argmax()]
            if gains[best] < problem.options.least_gain:
                left[row] = []
                continue
            now[row], scores[row] = tried[best], scores[row] + gains[best]
            paths[row] = paths[row].then(now[row], Move("letters"))
            left[row].remove(spans[best])
    return paths


def stretches(before: Letters, after: Letters) -> list[Span]:
    """Stretches in which two sequences, (length,), differ, as starts and ends.

    Examples
    --------
    >>> stretches(np.array([0, 0, 0, 0, 0, 0, 0, 0, 0]), np.array([1, 0, 1, 0, 0, 0, 0, 0, 1]))
    [(0, 3), (8, 9)]
    """
    spans: list[Span] = []
    for place in np.flatnonzero(before != after).tolist():
        if spans and place - spans[-1][1] < NEAR:
            spans[-1] = spans[-1][0], place + 1
        else:
            spans.append((place, place + 1))
    return spans


def final(paths: Sequence[Path]) -> Letters:
    """What each path ends with, (n, length)."""
    return np.stack([path.letters[-1] for path in paths])
