"""Greedy search: the letters that gain most, again and again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.design.assemble import assemble
from motifbook.design.climb import SEARCH, Climb
from motifbook.design.problem import IntArray, Path, Problem
from motifbook.design.prune import prune
from motifbook.onehot import Letters

SHORTLIST = 16  # substitutions that are tried per round, of those the gradient likes best
FURTHER = 4  # times as many are tried where none of them gained
CLOSED = 0.5  # largest share of places that tries which repeat a start leave alone


def greedy(problem: Problem) -> list[Path]:
    """Change the letters that gain most, of those that the gradient likes best.

    Where none of the shortlist gains, or constraints refuse it, more are tried, in the end all
    substitutions. Where the network has no gradient, they are tried in random order.
    """
    climb = Climb(problem, problem.starts, SEARCH)
    open_places = problem.editable & ~_closed(problem)
    has_gradient = problem.scorer.has_gradient(problem.starts[:1])
    n_moves = problem.scorer.alphabet.n_letters * open_places.shape[1]
    reach = np.full(len(open_places), SHORTLIST)
    for _ in range(problem.options.n_steps):
        active = np.flatnonzero(reach < FURTHER * n_moves)  # the others have tried all moves
        if not len(active) or problem.calls_left(SEARCH) < len(active):
            break
        letters = climb.letters[active]
        likes = _likes(problem, letters) if has_gradient else _chance(problem, letters)
        likes[np.broadcast_to(~open_places[active][:, None], likes.shape)] = -np.inf
        numbers, codes, places = _shortlist(likes, reach[active])
        gained = climb.step(active[numbers], places, codes)
        reach[active] *= FURTHER
        reach[gained] = np.maximum(reach[gained] // FURTHER**2, SHORTLIST)
    return assemble(problem, prune(problem, climb.letters))


def _likes(problem: Problem, letters: Letters) -> npt.NDArray[np.float32]:
    """What the gradient promises of each substitution, (n, n_letters, length)."""
    slope = problem.scorer.gradient(letters)
    known = np.minimum(letters, slope.shape[1] - 1)[:, None].astype(np.int64)
    likes = slope - np.take_along_axis(slope, known, axis=1)
    np.put_along_axis(likes, known, -np.inf, axis=1)
    return likes


def _chance(problem: Problem, letters: Letters) -> npt.NDArray[np.float32]:
    """A random order of all substitutions, in the shape of `_likes`."""
    n_letters = problem.scorer.alphabet.n_letters
    likes = problem.rng.random((len(letters), n_letters, letters.shape[1]), dtype=np.float32)
    likes[letters[:, None] == np.arange(n_letters)[:, None]] = -np.inf
    return likes


def _shortlist(
    likes: npt.NDArray[np.float32], n_each: IntArray
) -> tuple[IntArray, Letters, IntArray]:
    """The most liked substitutions: row numbers, letter codes and places."""
    flat = likes.reshape(len(likes), -1)
    order = np.argsort(-flat, axis=1)[:, : n_each.max()]
    listed = np.arange(order.shape[1]) < n_each[:, None]
    listed &= np.take_along_axis(flat, order, axis=1) > -np.inf
    codes, places = np.divmod(order[listed], likes.shape[2])
    return np.nonzero(listed)[0], codes.astype(np.uint8), places


def _closed(problem: Problem) -> npt.NDArray[np.bool_]:
    """Places that tries leave alone so that those from one start differ, (n_tries, length).

    Few for some and many for others: those with few end higher, those with many differ more.
    """
    _, first, group = np.unique(problem.starts, axis=0, return_index=True, return_inverse=True)
    repeats = first[group.ravel()] != np.arange(len(problem.starts))
    shares = CLOSED * repeats * problem.rng.random(len(repeats))
    closed: npt.NDArray[np.bool_] = problem.rng.random(problem.starts.shape) < shares[:, None]
    return closed
