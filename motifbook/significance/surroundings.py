"""What goes out with a word: its relatives, and the longer motif that it may be a part of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.motif.refine import log_odds
from motifbook.motif.scan import prepare, score_positions
from motifbook.onehot import Letters
from motifbook.significance.clusters import cluster_directions
from motifbook.significance.dictionary import Activations
from motifbook.significance.prepare import Prepared
from motifbook.significance.words import windows

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
PER_DIRECTION, MOST_DIRECTIONS = 20, 20  # dimensions per direction of a cluster; directions
FLANK = 6  # letters on either side
PSEUDOCOUNT = 1.0  # of each letter, times its share in all sequences


@dataclass(frozen=True)
class Surroundings:
    """Sequences in which words are looked up.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    alphabet
        Of the letters.
    both_strands
        Whether words count on either strand.
    """

    letters: Letters
    alphabet: Alphabet
    both_strands: bool = True

    def matrix(self, word: npt.NDArray[np.uint8]) -> Floats:
        """Letter shares around all copies of a word, (k,), in the sequences: (n_letters, width)."""
        n_letters, padded = self.alphabet.n_letters, self._padded()
        found_at = [_copies(padded, word)]
        if self.both_strands:
            order = self.alphabet.complement_codes
            found_at.append(order[_copies(padded, order[word[::-1]])[:, ::-1]])
        sites = np.concatenate(found_at)
        counts = np.stack([(sites == code).sum(axis=0) for code in range(n_letters)])
        background = self.background()
        filled = counts + PSEUDOCOUNT * n_letters * background
        found: Floats = filled / filled.sum(axis=0)
        return found

    def best_score(self, word: npt.NDArray[np.uint8]) -> Floats:
        """Best log odds of that matrix in every sequence, (n, 1).

        Around windows of known letters; what lies beyond the ends of a sequence adds 0.
        """
        odds = log_odds(self.matrix(word), self.background())
        coded = prepare(self._padded(), self.alphabet.n_letters)
        scores = score_positions(odds, coded, unknown=0.0)
        if self.both_strands:
            order = self.alphabet.complement_codes[:-1]
            scores = np.maximum(scores, score_positions(odds[order, ::-1], coded, unknown=0.0))
        scores[windows(self.letters, len(word), self.alphabet.n_letters) < 0] = -np.inf
        return np.asarray(scores.max(axis=1, keepdims=True), dtype=np.float64)

    def background(self) -> Floats:
        """Share of each letter in the sequences, (n_letters, 1)."""
        n_letters = self.alphabet.n_letters
        counts = np.bincount(self.letters.ravel(), minlength=n_letters + 1)[:n_letters] + 1.0
        if self.both_strands:
            counts = counts + counts[self.alphabet.complement_codes[:-1]]
        shares: Floats = counts[:, None] / counts.sum()
        return shares

    def _padded(self) -> Letters:
        pad = np.full((len(self.letters), FLANK), self.alphabet.n_letters, dtype=np.uint8)
        return np.hstack([pad, self.letters, pad])


def _copies(padded: Letters, word: npt.NDArray[np.uint8]) -> Letters:
    """All copies of a word with the letters around them, (n_copies, width)."""
    k = len(word)
    spread = np.lib.stride_tricks.sliding_window_view(padded, k + 2 * FLANK, axis=1)
    rows, starts = np.nonzero((spread[:, :, FLANK : FLANK + k] == word).all(axis=2))
    found: Letters = spread[rows, starts]
    return found


def beside_winner(
    activations: Activations,
    prepared: Prepared,
    winner: int,
    related: Booleans,
    around: Surroundings | None = None,
) -> Floats:
    """What is taken out with a motif that won, so that later steps find another: (n, n_beside).

    The main directions of its relatives and, given the sequences, how well each matches the longer
    motif around it.
    """
    most = max(prepared.d // PER_DIRECTION, 1)
    beside = cluster_directions(prepared, related, min(most, MOST_DIRECTIONS))
    if around is None or not activations.words.size:
        return beside
    score = around.best_score(activations.words[prepared.motifs[winner]])
    return np.column_stack([beside, score])
