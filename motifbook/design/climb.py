"""Uphill by single letters and by the best of them together, for all tries at once."""

from __future__ import annotations

import numpy as np

from motifbook.design.problem import IntArray, Problem
from motifbook.design.scorer import FloatArray
from motifbook.onehot import Letters

TINY = 1e-4  # gain, in spreads or logits, below which two sequences count as equally good
SEARCH, PRUNE = 0.8, 0.9  # shares of the calls after which these end; the rest is for edits
TOGETHER = (2, 4, 8, 16)  # so many of the letters that gain most are also tried at once


class Climb:
    """Sequences on their way up.

    What counts is the score less `least_gain` for every letter that differs from the start, so
    that a letter is changed, or not changed back, only where that pays.

    Parameters
    ----------
    share
        Share of the calls after which no more are made.

    Attributes
    ----------
    letters : (n_tries, length) uint8
        What each try has reached; all allowed, where it began with letters that are.
    """

    def __init__(self, problem: Problem, letters: Letters, share: float) -> None:
        self._problem, self.letters, self._share = problem, letters.copy(), share
        rows = np.arange(len(letters))
        self._worth = self._worths(letters, rows)
        self._strict = problem.allowed(letters, rows)

    def step(self, rows: IntArray, places: IntArray, codes: Letters) -> IntArray:
        """Make the best of some substitutions, or several of them; return rows that gained.

        Each of the three is (n,): try `rows` gets letter `codes` at `places`.
        """
        tried = self.letters[rows]
        tried[np.arange(len(rows)), places] = codes
        gains = self._gains(tried, rows)
        several = self._together(rows, places, codes, gains)
        if several:
            owners = np.array([row for row, _ in several])
            joined = np.stack([letters for _, letters in several])
            gains = np.concatenate([gains, self._gains(joined, owners)])
            rows, tried = np.concatenate([rows, owners]), np.vstack([tried, joined])
        best = best_of_each(rows, gains)
        best = best[gains[best] > TINY]
        gained = rows[best]
        self.letters[gained] = tried[best]
        self._worth[gained] += gains[best]
        return gained

    def _together(
        self, rows: IntArray, places: IntArray, codes: Letters, gains: FloatArray
    ) -> list[tuple[int, Letters]]:
        """The two, four, ... substitutions of each row that gain most, at once."""
        made = []
        good = np.flatnonzero(gains > TINY)
        good = good[np.lexsort((-gains[good], rows[good]))]
        firsts = np.flatnonzero(np.diff(rows[good], prepend=-1))
        for own in np.split(good, firsts[1:]):
            best = own[np.sort(np.unique(places[own], return_index=True)[1])]  # one per place
            for n in [n for n in TOGETHER if n <= len(best)]:
                letters = self.letters[rows[best[0]]].copy()
                letters[places[best[:n]]] = codes[best[:n]]
                made.append((int(rows[best[0]]), letters))
        return made

    def _gains(self, tried: Letters, rows: IntArray) -> FloatArray:
        """What candidates are worth more than what is there, (n,); -inf for what is refused."""
        gains = np.full(len(rows), -np.inf)
        fine = ~self._strict[rows] | self._problem.allowed(tried, rows)
        if fine.sum() <= self._problem.calls_left(self._share):
            gains[fine] = self._worths(tried[fine], rows[fine]) - self._worth[rows[fine]]
        return gains

    def _worths(self, letters: Letters, rows: IntArray) -> FloatArray:
        return worth(self._problem, self._problem.scorer.scores(letters), letters, rows)


class Best:
    """The best candidates so far, one for each try."""

    def __init__(self, letters: Letters, values: FloatArray) -> None:
        self.letters, self.values = letters.copy(), values.copy()

    def offer(self, letters: Letters, rows: IntArray, values: FloatArray) -> None:
        """Keep what is better than what was: candidates, (n, length), of tries `rows`, (n,)."""
        best = best_of_each(rows, values)
        best = best[values[best] > self.values[rows[best]]]
        self.letters[rows[best]], self.values[rows[best]] = letters[best], values[best]


def worth(problem: Problem, scores: FloatArray, letters: Letters, rows: IntArray) -> FloatArray:
    """Scores less the price, `least_gain`, of every letter that differs from the start, (n,)."""
    n_changed = (letters != problem.starts[rows]).sum(axis=1)
    value: FloatArray = scores - problem.options.least_gain * n_changed
    return value


def best_of_each(rows: IntArray, gains: FloatArray) -> IntArray:
    """Which candidate gains most, for each row that has any."""
    order = np.lexsort((-gains, rows))
    return order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
