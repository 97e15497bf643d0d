"""Rules on the number and the kinds of letters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.design.constraints import Constraints
from motifbook.design.ordered import BoolArray, IntArray, Ordered, in_a_row, spread
from motifbook.design.rule import Rule, StretchRule

_ROUNDING = 1e-9  # letters; 0.3 * 10 is a little less than 3


def letter_rules(asked: Constraints, alphabet: Alphabet) -> list[Rule]:
    """Make the rules on number of letters, share of G and C, windows, letters in a row."""
    rules: list[Rule] = [_Unknown("unknown letters")]
    if asked.n_letters is not None:
        fewest, most = asked.n_letters
        rules.append(_Length(f"a length outside {fewest} to {most} letters", fewest, most))
    if asked.gc is not None:
        low, high = asked.gc
        name = f"a share of G and C outside {100 * low:.3g} to {100 * high:.3g} %"
        rules.append(_Share(name, low, high))
    if asked.gc_window is not None:
        size, share = asked.gc_window
        name = f"windows of {size} letters that differ by more than {100 * share:.3g} % G and C"
        rules.append(_GcWindows(name, size, int(share * size + _ROUNDING)))
    if isinstance(asked.homopolymer, dict):
        for letter, most in asked.homopolymer.items():
            code = alphabet.letters.index(letter)
            rules.append(_OneLetter(f"more than {most} {letter} in a row", most + 1, code))
    elif asked.homopolymer is not None:
        most = asked.homopolymer
        rules.append(_EqualLetters(f"more than {most} equal letters in a row", most + 1))
    return rules


@dataclass(frozen=True, eq=False)
class _Unknown(Rule):
    def count(self, ordered: Ordered) -> IntArray:
        n_unknown: IntArray = self.columns(ordered).sum(axis=1)
        return n_unknown

    def columns(self, ordered: Ordered) -> BoolArray:
        return ordered.inside & ~ordered.known

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        return self.columns(ordered) & ~editable


@dataclass(frozen=True, eq=False)
class _Length(Rule):
    fewest: int
    most: int

    def count(self, ordered: Ordered) -> IntArray:
        n: IntArray = (ordered.end - ordered.first)[:, 0]
        return np.maximum(self.fewest - n, 0) + np.maximum(n - self.most, 0)

    def columns(self, ordered: Ordered) -> BoolArray:
        return ordered.inside & (self.count(ordered) > 0)[:, None]

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        return self.columns(ordered)


@dataclass(frozen=True, eq=False)
class _Share(Rule):
    """From `low` to `high` G and C; broken once per letter too few or too many."""

    low: float
    high: float

    def _missing(self, ordered: Ordered, n_free: IntArray | int = 0) -> IntArray:
        """G and C too few (positive) or too many (negative) if `n_free` more help best, (n,)."""
        n_known, n_gc = ordered.known.sum(axis=1) + n_free, ordered.is_gc.sum(axis=1)
        fewest = np.ceil(self.low * n_known - _ROUNDING).astype(np.int64)
        most = np.floor(self.high * n_known + _ROUNDING).astype(np.int64)
        missing: IntArray = np.maximum(fewest - n_gc - n_free, 0) - np.maximum(n_gc - most, 0)
        return missing

    @staticmethod
    def _columns(ordered: Ordered, missing: IntArray) -> BoolArray:
        too_low, too_high = (missing > 0)[:, None], (missing < 0)[:, None]
        return ordered.known & np.where(ordered.is_gc, too_high, too_low)

    def count(self, ordered: Ordered) -> IntArray:
        return np.abs(self._missing(ordered))

    def columns(self, ordered: Ordered) -> BoolArray:
        return self._columns(ordered, self._missing(ordered))

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        kept = ordered.without(editable)
        return self._columns(kept, self._missing(kept, editable.sum(axis=1)))


@dataclass(frozen=True, eq=False)
class _GcWindows(Rule):
    """Windows of `size` letters differ by at most `most` G and C."""

    size: int
    most: int

    def _counts(self, ordered: Ordered) -> npt.NDArray[np.int16]:
        """G and C of each window, (n, n_windows); -1 for windows beyond the ends."""
        if ordered.width < self.size:
            return np.full((len(ordered.letters), 1), -1, dtype=np.int16)
        so_far = ordered.is_gc.cumsum(axis=1, dtype=np.int16)
        counts: npt.NDArray[np.int16] = so_far[:, self.size - 1 :].copy()
        counts[:, 1:] -= so_far[:, : -self.size]
        starts = np.arange(counts.shape[1])
        counts[(starts < ordered.first) | (starts + self.size > ordered.end)] = -1
        return counts

    def count(self, ordered: Ordered) -> IntArray:
        counts = self._counts(ordered)
        highest = counts.max(axis=1).astype(np.int64)
        lowest = np.where(counts < 0, self.size, counts).min(axis=1)
        excess: IntArray = np.maximum(highest - lowest - self.most, 0)
        return excess

    def columns(self, ordered: Ordered) -> BoolArray:
        counts = self._counts(ordered)
        lowest = np.where(counts < 0, self.size, counts).min(axis=1, keepdims=True)
        high = spread(counts == counts.max(axis=1, keepdims=True), self.size, ordered.width)
        low = spread(counts == lowest, self.size, ordered.width)
        broken = (self.count(ordered) > 0)[:, None]
        return broken & ordered.known & np.where(ordered.is_gc, high, low)

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        return np.zeros_like(editable)  # letters around what is fixed may make up for it


@dataclass(frozen=True, eq=False)
class _OneLetter(StretchRule):
    code: int

    def begins(self, ordered: Ordered) -> BoolArray:
        return in_a_row(ordered.letters == self.code, self.size)


@dataclass(frozen=True, eq=False)
class _EqualLetters(StretchRule):
    def begins(self, ordered: Ordered) -> BoolArray:
        same = ordered.letters[:, 1:] == ordered.letters[:, :-1]
        return in_a_row(same & ordered.known[:, 1:], self.size - 1)
