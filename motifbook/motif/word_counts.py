"""Which short words go with a value: the words of sequences, counted, with z scores."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri_exp
from scipy.stats import binom

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST = 5  # sequences that must hold a word
SHORT = 3  # words of so few letters are also counted with gaps
LONGEST_GAP = 3  # letters


@dataclass(frozen=True)
class Word:
    """A word that stands out.

    Parameters
    ----------
    codes, offsets : (k,)
        Its letters, and how many letters after its start each comes.
    text
        As one writes it, with a dot for a letter that does not matter: "P..P.K".
    z_score
        How much it stands out.
    """

    codes: IntArray
    offsets: tuple[int, ...]
    text: str
    z_score: float


@dataclass(frozen=True)
class Spacing:
    """All words whose letters stand at these offsets.

    Parameters
    ----------
    alphabet
        With complements where a word and its reverse complement are one.
    offsets : (k,)
        How many letters after a word's start each of its letters comes; the first is 0.
    """

    alphabet: Alphabet
    offsets: tuple[int, ...]

    @property
    def n_words(self) -> int:
        """How many words there are."""
        return int(self.alphabet.n_letters ** len(self.offsets))

    @cached_property
    def digits(self) -> IntArray:
        """Letter codes of every word, (k, n_words)."""
        base, k = self.alphabet.n_letters, len(self.offsets)
        numbers = np.arange(self.n_words)
        return np.stack([(numbers // base**power) % base for power in range(k - 1, -1, -1)])

    @cached_property
    def canonical(self) -> npt.NDArray[np.int32]:
        """For every word the one that stands for it, (n_words + 1,); the last entry is "no word".

        Repeats of one letter, in words of four letters or more also of two (AAAAAAA, CACACAC), are
        no words: real genomes are full of them.
        """
        base, digits = self.alphabet.n_letters, self.digits
        canonical = np.arange(self.n_words)
        if self.alphabet.has_strands:
            partner = self.alphabet.complement_codes[digits[::-1]]
            other = (partner * (base ** np.arange(len(digits) - 1, -1, -1))[:, None]).sum(axis=0)
            canonical = np.minimum(canonical, other)
        period = 1 if len(digits) <= SHORT else 2
        canonical[(digits[period:] == digits[:-period]).all(axis=0)] = self.n_words
        return np.append(canonical, self.n_words).astype(np.int32)

    def in_rows(self, letters: Letters) -> npt.NDArray[np.int32]:
        """Canonical word at every start, sorted per row; repeats and unknowns are n_words.

        The shape is (n, n_starts), (n, 0) if sequences are too short.
        """
        n_starts = max(letters.shape[1] - self.offsets[-1], 0)
        words = np.zeros((len(letters), n_starts), dtype=np.int32)
        unknown = np.zeros(words.shape, dtype=bool)
        for offset in self.offsets:
            column = letters[:, offset : offset + n_starts]
            words *= self.alphabet.n_letters
            words += column
            unknown |= column >= self.alphabet.n_letters
        words = self.canonical[np.where(unknown, self.n_words, words)]
        words.sort(axis=1)
        words[:, 1:][words[:, 1:] == words[:, :-1]] = self.n_words
        return words

    def word(self, number: int, z_score: float) -> Word:
        """Word number `number`."""
        codes = self.digits[:, number]
        text = ["."] * (self.offsets[-1] + 1)
        for offset, code in zip(self.offsets, codes):
            text[offset] = self.alphabet.letters[code]
        return Word(codes, self.offsets, "".join(text), z_score)


def spacings(alphabet: Alphabet, k: int) -> list[Spacing]:
    """Spacings of the words that are counted: `k` letters in a row.

    Where that is three letters at most, as for proteins, also two and three letters with gaps of
    up to three between them: few protein motifs show in three letters in a row, many in P..P.K.
    """
    if k > SHORT or alphabet.has_strands:
        return [Spacing(alphabet, tuple(range(k)))]
    steps = range(1, LONGEST_GAP + 2)
    spaced = [some for size in range(1, k) for some in itertools.product(steps, repeat=size)]
    return [Spacing(alphabet, tuple(itertools.accumulate(some, initial=0))) for some in spaced]


class WordCounts:
    """How strongly the presence of each word goes with a value; kept up to date under masking.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    value : (n,)
        What the presence of words is compared with.
    is_exact
        The value is one of two: z scores come from the exact tail of a count.
    """

    def __init__(
        self, letters: Letters, value: Floats, spacings: list[Spacing], is_exact: bool = False
    ) -> None:
        self._value, self._is_exact, self._spacings = value, is_exact, spacings
        self._words = [spacing.in_rows(letters) for spacing in spacings]

    def update(self, letters: Letters, changed: IntArray) -> None:
        """Count again those rows whose letters were masked."""
        for words, spacing in zip(self._words, self._spacings):
            words[changed] = spacing.in_rows(letters[changed])

    def strongest(self) -> Word:
        """The word with the largest z score."""
        found = []
        for words, spacing in zip(self._words, self._spacings):
            z_scores = self._z_scores(words, spacing.n_words)
            best = int(z_scores.argmax())
            found.append(spacing.word(best, float(z_scores[best])))
        return max(found, key=lambda word: word.z_score)

    def _z_scores(self, words: npt.NDArray[np.int32], n_words: int) -> Floats:
        """Z score of each word of one spacing, (n_words,); 0 for those in few sequences."""
        present = np.bincount(words.ravel(), minlength=n_words + 1)[:-1]
        z_scores = self._exact(words, present) if self._is_exact else self._normal(words, present)
        z_scores[present < FEWEST] = 0.0
        return z_scores

    def _normal(self, words: npt.NDArray[np.int32], present: IntArray) -> Floats:
        n, n_starts = words.shape
        value = np.repeat(self._value, n_starts)
        total = np.bincount(words.ravel(), weights=value, minlength=len(present) + 1)[:-1]
        share = present / n
        spread = np.sqrt(np.maximum(n * share * (1 - share), 1.0)) * self._value.std()
        z_scores: Floats = total / spread
        return z_scores

    def _exact(self, words: npt.NDArray[np.int32], present: IntArray) -> Floats:
        """From the binomial tail of how many of the rows with a word have the higher value."""
        is_high = self._value > 0
        high = np.bincount(words[is_high].ravel(), minlength=len(present) + 1)[:-1]
        tail = binom.logsf(high - 1, present, is_high.mean())
        z_scores: Floats = -ndtri_exp(np.minimum(tail, -1e-9))
        return z_scores
