"""Designs between their flanks: the letters that are ordered, of many sequences at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.motif.scan import Words, prepare
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ordered:
    """Letters to order; column `j` of the designs is column `n_left + j` here.

    Parameters
    ----------
    letters : (n, width) uint8
        Codes; `n_letters` where a letter is unknown, and beyond the ends.
    first, end : (n, 1)
        Where each begins and ends.
    kept : (n, width) bool
        Letters of the flanks and of `Constraints.fixed`.
    alphabet
        Of the letters.
    """

    letters: Letters
    first: IntArray
    end: IntArray
    kept: BoolArray
    alphabet: Alphabet

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.letters.shape[1])

    @cached_property
    def inside(self) -> BoolArray:
        """Where there is something to order, (n, width)."""
        columns = np.arange(self.width)
        return (self.first <= columns) & (columns < self.end)

    @cached_property
    def known(self) -> BoolArray:
        """Where a letter is known, (n, width)."""
        return self.letters < self.alphabet.n_letters

    @cached_property
    def bits(self) -> npt.NDArray[np.unsignedinteger[Any]]:
        """One bit per letter of the alphabet, (n, width); none for unknown ones."""
        n_letters = self.alphabet.n_letters
        table = np.append(1 << np.arange(n_letters), 0)
        small: type[np.unsignedinteger[Any]] = np.uint8 if n_letters <= 8 else np.uint32
        bits: npt.NDArray[np.unsignedinteger[Any]] = table.astype(small)[self.letters]
        return bits

    @cached_property
    def is_gc(self) -> BoolArray:
        """Where a letter is G or C, (n, width)."""
        codes = [self.alphabet.letters.index(letter) for letter in "GC"]
        is_gc: BoolArray = (self.letters == codes[0]) | (self.letters == codes[1])
        return is_gc

    @cached_property
    def words(self) -> Words:
        """Prepared for scoring with motifs."""
        return prepare(self.letters, self.alphabet.n_letters)

    def without(self, columns: BoolArray) -> Ordered:
        """The same with unknown letters at `columns`, (n, width)."""
        letters = np.where(columns, np.uint8(self.alphabet.n_letters), self.letters)
        return replace(self, letters=letters)


def in_a_row(is_true: BoolArray, size: int) -> BoolArray:
    """Where `size` true ones in a row begin, (n, width - size + 1), of (n, width).

    Examples
    --------
    >>> in_a_row(np.array([[True, True, True, False, True]]), 2).tolist()
    [[True, True, False, False]]
    """
    found, have = is_true, 1
    if size > is_true.shape[1]:
        return np.zeros((len(is_true), 0), dtype=bool)
    while have < size:
        step = min(have, size - have)
        found = found[:, :-step] & found[:, step:]
        have += step
    return found


def spread(begins: BoolArray, size: int, width: int) -> BoolArray:
    """Columns, (n, width), covered by stretches of `size` letters that begin at `begins`.

    Examples
    --------
    >>> spread(np.array([[True, False, False]]), 2, 4).astype(int).tolist()
    [[1, 1, 0, 0]]
    """
    steps = np.zeros((len(begins), width + 1), dtype=np.int64)
    steps[:, : begins.shape[1]] += begins
    steps[:, size : size + begins.shape[1]] -= begins
    covered: BoolArray = steps.cumsum(axis=1)[:, :width] > 0
    return covered
