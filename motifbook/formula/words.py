"""Short words that together explain readouts best: where restarts begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.motif.word_counts import Spacing, Word, spacings
from motifbook.onehot import Letters

MOST_WORDS = 4096  # before reverse complements are joined: six letters of DNA, two of proteins
FEWEST = 10  # sequences that must hold a word
LEAST_NEW = 0.2  # of a word's variance, left by the words chosen before it
GAIN, NOISE = 1.6, 0.2  # of a word's letters over the others, and of all; nats

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Presence:
    """Which words occur in which sequences.

    Parameters
    ----------
    table : (n, n_words) float32
        1 or 0.
    words
        One for each column.
    """

    table: Floats
    words: list[Word]

    @classmethod
    def of(cls, letters: Letters, alphabet: Alphabet) -> Presence:
        """Look up all words of as many letters as give 4,096 words at most.

        `alphabet` has complements where a word and its reverse complement are one.
        """
        k = max(2, int(np.log(MOST_WORDS) / np.log(alphabet.n_letters)))
        tables, words = [], []
        for spacing in spacings(alphabet, k):
            table, found = _present(letters, spacing)
            tables.append(table)
            words += found
        return cls(np.concatenate(tables, axis=1), words)


def _present(letters: Letters, spacing: Spacing) -> tuple[Floats, list[Word]]:
    numbers = spacing.in_rows(letters)
    kept = np.unique(spacing.canonical)[:-1]  # the last is "no word"
    column = np.full(spacing.n_words + 1, len(kept))
    column[kept] = np.arange(len(kept))
    table = np.zeros((len(letters), len(kept) + 1), dtype=np.float32)
    np.put_along_axis(table, column[numbers], 1.0, axis=1)
    return table[:, :-1], [spacing.word(int(number), 0.0) for number in kept]


def best_words(
    presence: Presence, readout: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], n: int
) -> list[Word]:
    """Choose words one by one, each the one that explains most of what the others leave.

    Parameters
    ----------
    presence
        Of words in all sequences.
    readout : (n_sequences, n_readouts)
        Standardized; what is not measured (NaN) counts as the mean.
    rows
        Numbers of the sequences to learn from.
    n
        How many words, at most.

    Notes
    -----
    Forward selection for all readouts at once. A chosen column is made orthogonal to those before;
    one product of the table with it brings all correlations up to date, however many readouts.
    """
    table = presence.table[rows]
    values = np.nan_to_num(readout[rows] - np.nanmean(readout[rows], axis=0))
    share = table.mean(axis=0)
    spread = np.sqrt(share * (1 - share)).clip(1e-6)
    fits = (share * len(rows) >= FEWEST) & ((1 - share) * len(rows) >= FEWEST)
    together = (table.T @ values) / spread[:, None]  # of standardized words and readouts
    left = np.full(len(share), float(len(rows)))  # variance of words times the number of rows
    chosen: list[Word] = []
    basis = np.zeros((len(rows), 0), dtype=np.float32)
    for _ in range(n):
        gain = np.where(fits, (together**2).sum(axis=1) / left.clip(1e-6), 0.0)
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append(presence.words[best])
        column = (table[:, best] - share[best]) / spread[best]
        column -= basis @ (basis.T @ column)
        column /= np.linalg.norm(column)
        basis = np.column_stack([basis, column])
        with_words = (column @ table) / spread
        together -= np.outer(with_words, column @ values)
        left -= with_words**2
        fits &= left > LEAST_NEW * len(rows)
        fits[best] = False
    return chosen


def as_ppms(
    words: Sequence[Word], alphabet: Alphabet, width: int, rng: np.random.Generator
) -> list[npt.NDArray[np.float64]]:
    """Blurred motifs with the words in their middle, each (n_letters, width)."""
    ppms = []
    for word in words:
        odds = rng.normal(0, NOISE, (alphabet.n_letters, width))
        first = (width - len(word.text)) // 2
        for code, offset in zip(word.codes, word.offsets):
            if 0 <= first + offset < width:
                odds[code, first + offset] += GAIN
        raised = np.exp(odds)
        ppms.append(raised / raised.sum(axis=0))
    return ppms
