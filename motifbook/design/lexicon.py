"""The best letters of each motif, as words that can be written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook.alphabet import Alphabet
from motifbook.design.motif_hits import Hits, IntArray
from motifbook.experiment.place import word_of
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters


class Lexicon:
    """The best letters of each motif on each strand: the words that are written.

    Attributes
    ----------
    letters
        Codes of each word, (width,); unknown where the motif prefers none.
    motif, strand, widths : (n_words,)
        Which motif it is, 0 for "+" and 1 for "-", and its letters. Motifs that read alike on
        both strands have one word.
    number
        (motif, strand) -> number of the word.
    mirror : (n_words,)
        Number of the word on the other strand; all its own where sequences have one strand.
    """

    def __init__(self, motifs: Sequence[Motif], alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self.letters: list[Letters] = []
        self.number: dict[tuple[int, int], int] = {}
        for number, motif in enumerate(motifs):
            word = word_of(motif, alphabet)
            strands = "+-" if alphabet.has_strands else "+"
            sides = [word.on(strand, alphabet).letters[0] for strand in strands]
            for strand, letters in enumerate(sides):
                if strand == 0 or not np.array_equal(letters, sides[0]):
                    self.letters.append(letters)
                self.number[number, strand] = len(self.letters) - 1
        of_word = {word: key for key, word in reversed(self.number.items())}
        self.motif, self.strand = np.array([of_word[i] for i in range(len(self.letters))]).T
        self.widths = np.array([len(letters) for letters in self.letters])
        of_each = zip(self.motif.tolist(), self.strand.tolist())
        self.mirror = np.array(
            [
                self.number.get((motif, 1 - strand), word)
                for word, (motif, strand) in enumerate(of_each)
            ]
        )

    def __len__(self) -> int:
        return len(self.letters)

    def words_of(self, hits: Hits) -> IntArray:
        """Number of the word that each hit stands for, (n_hits,)."""
        keys = zip(hits.motif.tolist(), hits.strand.tolist())
        return np.array([self.number[key] for key in keys], dtype=np.int64)


def write(letters: Letters, word: Letters, start: int, unknown: int) -> None:
    """Write a word, (width,), into letters, (..., length), in place; its unknown letters do not.

    Examples
    --------
    >>> letters = np.zeros(6, dtype=np.uint8)
    >>> write(letters, np.array([2, 4, 1], dtype=np.uint8), 2, unknown=4)
    >>> letters.tolist()
    [0, 0, 2, 0, 1, 0]
    """
    span = letters[..., start : start + len(word)]
    np.copyto(span, word, where=word != unknown)
