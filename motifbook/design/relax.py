"""Gradient design: letter probabilities that follow the gradient of sampled sequences."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from motifbook import _check
from motifbook.design.assemble import assemble
from motifbook.design.climb import SEARCH, Best, worth
from motifbook.design.problem import IntArray, Path, Problem
from motifbook.design.prune import prune
from motifbook.design.scorer import FloatArray
from motifbook.onehot import Letters

N_SAMPLES = 2  # sequences per try and step
SURE = 1.5  # logit of the start's letters at first: the other three have two chances in five
GROWTH = 1.1  # factor by which the price of a letter rises per step while too many would change
PACE = 0.3  # logits by which a step changes those that keep their direction
MEMORY = (0.9, 0.999)  # of slopes and of their squares, per step

_LEAST_PRICE = 1e-3  # from which prices rise where a letter costs nothing at first
_TINY = 1e-8


def relax(problem: Problem) -> list[Path]:
    """Follow the gradient from relaxed sequences, for `n_steps` steps or until calls end.

    Each step samples sequences, asks for the gradient at them, and moves the letter
    probabilities as if they had been the network's input; the best sample is kept.

    Raises
    ------
    InputError
        If the network has no gradients.

    Notes
    -----
    Straight-through estimator: Bengio et al., arXiv 1308.3432 (2013). For sequences: Linder and
    Seelig, BMC Bioinformatics 22:510 (2021), here without their normalization of logits. Every
    letter that is expected to differ from the start costs `least_gain`, as edits cost in
    Schreiber, Lu and Noble, Ledidi (2020). Steps are those of Adam: Kingma and Ba, arXiv
    1412.6980 (2014).
    """
    refuse_no_gradient(problem)
    relaxed = _Relaxed(problem)
    rows = np.repeat(np.arange(len(problem.starts)), N_SAMPLES)
    best = Best(problem.starts, np.full(len(problem.starts), -np.inf))
    for _ in range(problem.options.n_steps):
        if problem.calls_left(SEARCH) < len(rows):
            break
        samples = relaxed.sample(rows)
        scores, slopes = problem.scorer.scores_and_gradient(samples)
        relaxed.follow(slopes.reshape(-1, N_SAMPLES, *slopes.shape[1:]).mean(axis=1))
        found = worth(problem, scores, samples, rows)
        found[~problem.allowed(samples, rows)] = -np.inf
        best.offer(samples, rows, found)
    return assemble(problem, prune(problem, best.letters))


def refuse_no_gradient(problem: Problem) -> None:
    """Refuse a network, or a goal, that leaves torch.

    Raises
    ------
    InputError
        If there is no gradient.
    """
    if not problem.scorer.has_gradient(problem.starts[:1]):
        raise _check.InputError(
            "The network, or the function given as `goal`, gives no gradients, which `method` "
            "needs; expected torch operations from the letters to the score. Use "
            '`method="greedy"` or `method="evolve"`, which work without.'
        )


class _Relaxed:
    """Logits of the letters of each try, (n_tries, n_letters, length), and how they move."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        codes = np.arange(problem.scorer.alphabet.n_letters, dtype=np.uint8)
        self._is_start = (problem.starts[:, None] == codes[:, None]).astype(np.float64)
        self._logits = SURE * self._is_start
        self._chances = softmax(self._logits, axis=1)
        self._slopes, self._squares = np.zeros((2, *self._logits.shape))
        self._prices = np.full(len(problem.starts), problem.options.least_gain)
        self._n_steps = 0

    def sample(self, rows: IntArray) -> Letters:
        """Draw letters for each of these tries, (n, length)."""
        size = (len(rows), *self._logits.shape[1:])
        waits = self._problem.rng.standard_exponential(size, dtype=np.float32)
        drawn = (waits / self._chances[rows]).argmin(axis=1).astype(np.uint8)  # the first to come
        drawn = np.where(self._problem.editable[rows], drawn, self._problem.starts[rows])
        return self._problem.few_enough(drawn, rows, self._to_change()[rows])

    def follow(self, slopes: npt.NDArray[np.float32]) -> None:
        """Move as the gradient at the samples, (n_tries, n_letters, length), says."""
        self._n_steps += 1
        self._set_prices()
        slope = slopes + self._prices[:, None, None] * self._is_start
        slope = self._chances * (slope - (self._chances * slope).sum(axis=1, keepdims=True))
        self._slopes += (1 - MEMORY[0]) * (slope - self._slopes)
        self._squares += (1 - MEMORY[1]) * (slope**2 - self._squares)
        first, second = (1 - memory**self._n_steps for memory in MEMORY)
        self._logits += PACE * (self._slopes / first) / (np.sqrt(self._squares / second) + _TINY)
        self._chances = softmax(self._logits, axis=1)

    def _to_change(self) -> FloatArray:
        """Chance of each letter to differ from the start's, (n_tries, length)."""
        chance: FloatArray = 1 - (self._chances * self._is_start).sum(axis=1)
        return chance

    def _set_prices(self) -> None:
        """Let a letter cost more while more than `n_edits` would change, and less while fewer."""
        if self._problem.n_edits is None:
            return
        too_many = self._to_change().sum(axis=1) > self._problem.n_edits
        self._prices = np.where(too_many, self._prices * GROWTH, self._prices / GROWTH)
        self._prices = np.maximum(self._prices, max(self._problem.options.least_gain, _LEAST_PRICE))
