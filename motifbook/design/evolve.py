"""Evolution: populations of sequences that mutate, recombine and are selected."""

from __future__ import annotations

import numpy as np

from motifbook.design.assemble import assemble
from motifbook.design.climb import SEARCH, best_of_each, worth
from motifbook.design.problem import IntArray, Path, Problem
from motifbook.design.prune import prune
from motifbook.design.scorer import FloatArray
from motifbook.onehot import Letters

SIZE = 8  # sequences per population, and children per generation
N_RIVALS = 3  # the best of so many random ones becomes a parent
MUTATIONS = 3.0  # letters that change per child, on average


def evolve(problem: Problem) -> list[Path]:
    """Let one population per try evolve, for `n_steps` generations or until calls end.

    Parents are the best of three; children take a stretch of letters from a second parent and
    mutate. Of parents and children, no two alike, the best that constraints allow live on.
    """
    rows = np.repeat(np.arange(len(problem.starts)), SIZE)
    population = _mutated(problem, problem.starts[rows], rows)
    population[::SIZE] = problem.starts
    values = _values(problem, population, rows)
    for _ in range(problem.options.n_steps):
        if problem.calls_left(SEARCH) < len(rows):
            break
        children = _mutated(problem, _recombined(problem, population, values), rows)
        everyone = np.concatenate([children, population])  # of equals, the young live on
        values = np.concatenate([_values(problem, children, rows), values])
        alive = _survivors(problem, everyone, values)
        population, values = everyone[alive], values[alive]
    return assemble(problem, prune(problem, population[best_of_each(rows, values)]))


def _recombined(problem: Problem, population: Letters, values: FloatArray) -> Letters:
    """Children, as many as there are parents: a first parent with a stretch of a second."""
    first, second = _parents(problem, values), _parents(problem, values)
    cuts = problem.rng.integers(population.shape[1] + 1, size=(2, len(population), 1))
    place = np.arange(population.shape[1])
    inside = (place >= cuts.min(axis=0)) & (place < cuts.max(axis=0))
    return np.where(inside, population[second], population[first])


def _parents(problem: Problem, values: FloatArray) -> IntArray:
    """For every member, the best of some random ones of its population."""
    home = np.arange(len(values)) // SIZE * SIZE
    rivals = home[:, None] + problem.rng.integers(SIZE, size=(len(values), N_RIVALS))
    best = values[rivals].argmax(axis=1)[:, None]
    parents: IntArray = np.take_along_axis(rivals, best, axis=1)[:, 0]
    return parents


def _mutated(problem: Problem, letters: Letters, rows: IntArray) -> Letters:
    """The same with some random letters, at most `n_edits` from the starts."""
    n_letters, editable = problem.scorer.alphabet.n_letters, problem.editable[rows]
    chance = MUTATIONS / np.maximum(editable.sum(axis=1, keepdims=True), 1)
    mutates = editable & (problem.rng.random(letters.shape) < chance)
    drawn = problem.rng.integers(n_letters, size=letters.shape, dtype=np.uint8)
    return problem.few_enough(np.where(mutates, drawn, letters), rows)


def _values(problem: Problem, letters: Letters, rows: IntArray) -> FloatArray:
    """What each is worth, -inf where constraints refuse it, (n,)."""
    values = np.full(len(letters), -np.inf)
    allowed = problem.allowed(letters, rows)
    scores = problem.scorer.scores(letters[allowed])
    values[allowed] = worth(problem, scores, letters[allowed], rows[allowed])
    return values


def _survivors(problem: Problem, everyone: Letters, values: FloatArray) -> IntArray:
    """Numbers of those of each population that live on: the best, no two alike."""
    rows = np.tile(np.repeat(np.arange(len(values) // (2 * SIZE)), SIZE), 2)
    weights = problem.rng.integers(2**63, size=everyone.shape[1] + 1, dtype=np.uint64)
    tags = everyone @ weights[1:] + rows.astype(np.uint64) * weights[0]  # equal for equal letters
    copies = np.ones(len(values), dtype=bool)
    copies[np.unique(tags, return_index=True)[1]] = False
    order = np.lexsort((-np.where(copies, -np.inf, values), rows))
    return order.reshape(-1, 2 * SIZE)[:, :SIZE].ravel()
