"""Random search: the best of many random sequences, which every method should beat."""

from __future__ import annotations

import numpy as np

from motifbook.design.assemble import assemble
from motifbook.design.climb import PRUNE, Best
from motifbook.design.problem import IntArray, Path, Problem
from motifbook.onehot import Letters

EACH = 16  # sequences per try and round


def random_search(problem: Problem) -> list[Path]:
    """Keep the best of random sequences, at most `n_edits` letters from their starts.

    In each of `n_steps` rounds 16 are drawn per try; with `n_calls`, in as many as it allows.
    Those that constraints refuse are not scored.
    """
    best = Best(problem.starts, problem.scorer.scores(problem.starts))
    rows = np.repeat(np.arange(len(problem.starts)), EACH)
    for _ in range(_n_rounds(problem)):
        tried = problem.few_enough(_drawn(problem, rows), rows)
        allowed = problem.allowed(tried, rows)
        if problem.calls_left(PRUNE) < allowed.sum():
            break
        found = np.full(len(rows), -np.inf)
        found[allowed] = problem.scorer.scores(tried[allowed])
        best.offer(tried, rows, found)
    return assemble(problem, best.letters)


def _n_rounds(problem: Problem) -> int:
    """How often 16 are drawn: until calls end, even where constraints refuse three of four."""
    n_calls = problem.options.n_calls
    return problem.options.n_steps if n_calls is None else 4 * -(-n_calls // EACH)


def _drawn(problem: Problem, rows: IntArray) -> Letters:
    """Random letters wherever these tries may change, (n, length)."""
    starts, n_letters = problem.starts[rows], problem.scorer.alphabet.n_letters
    drawn = problem.rng.integers(n_letters, size=starts.shape, dtype=np.uint8)
    return np.where(problem.editable[rows], drawn, starts)
