"""Greedy search: the best single letter, again and again."""

from __future__ import annotations

import numpy as np

from motifbook.design.assemble import assemble
from motifbook.design.problem import Path, Problem
from motifbook.onehot import Letters

SHORTLIST = 16  # substitutions per round that are tried, of those the gradient likes best


def greedy(problem: Problem) -> list[Path]:
    """Change one letter at a time: of those that the gradient likes best, the best when tried."""
    now, scores = problem.starts.copy(), problem.scorer.scores(problem.starts)
    active = np.arange(len(now))
    for _ in range(problem.options.n_steps):
        rows, tried = _candidates(problem, now, active)
        allowed = problem.allowed(tried, rows)
        rows, tried = rows[allowed], tried[allowed]
        found = problem.scorer.scores(tried)
        gained = []
        for row in np.unique(rows):
            own = np.flatnonzero(rows == row)
            best = own[found[own].argmax()]
            if found[best] - scores[row] >= problem.options.least_gain:
                now[row], scores[row] = tried[best], found[best]
                gained.append(row)
        if not gained:
            break
        active = np.array(gained)
    return assemble(problem, now)


def _candidates(problem: Problem, now: Letters, active: np.ndarray) -> tuple[np.ndarray, Letters]:
    """Rows, (n,), and letters, (n, length), of the substitutions to try."""
    letters = now[active]
    slope = problem.scorer.gradient(letters)  # (n_active, n_letters, length)
    known = np.minimum(letters, problem.scorer.alphabet.n_letters - 1)[:, None].astype(np.int64)
    gain = slope - np.take_along_axis(slope, known, axis=1)
    gain[np.broadcast_to(~problem.editable[active][:, None], gain.shape)] = -np.inf
    np.put_along_axis(gain, known, -np.inf, axis=1)
    flat = gain.reshape(len(active), -1)
    best = np.argpartition(-flat, SHORTLIST, axis=1)[:, :SHORTLIST]
    rows = np.repeat(active, SHORTLIST)
    tried = now[rows]
    code, place = np.divmod(best.ravel(), letters.shape[1])
    tried[np.arange(len(rows)), place] = code
    return rows, tried
