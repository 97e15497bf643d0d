"""What a design in motifs can draw on: motifs, their words, and what these do."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from motifbook.design.lexicon import Lexicon
from motifbook.design.motif_effects import (
    MotifEffects,
    effects_alone,
    effects_together,
    gains,
)
from motifbook.design.motif_hits import STRANDS, FloatArray, HitFinder, IntArray
from motifbook.design.problem import Move, Problem
from motifbook.onehot import Letters

MOST_MOTIFS = 40  # that are placed
PRICE = 0.05  # of `least_gain` that a changed letter costs, so that of equals the smaller wins
TIE = 0.02  # spreads or logits within which promises count as equal, and chance decides


@dataclass(frozen=True, eq=False)
class Repertoire:
    """Motifs of a problem, and what experiments told of them.

    Parameters
    ----------
    problem
        With motifs.
    finder, lexicon, effects
        Of these motifs.
    """

    problem: Problem
    finder: HitFinder
    lexicon: Lexicon
    effects: MotifEffects

    @classmethod
    def of(cls, problem: Problem) -> Repertoire:
        """Do the experiments; of many motifs, the 40 that do most alone stay."""
        lexicon = Lexicon(problem.motifs, problem.scorer.alphabet)
        alone = effects_alone(problem, lexicon)
        if len(problem.motifs) > MOST_MOTIFS:
            kept = _strongest(np.abs(alone).max(axis=(1, 2)), lexicon)
            problem = replace(problem, motifs=[problem.motifs[number] for number in kept])
            alone = alone[np.isin(lexicon.motif, kept)]
            lexicon = Lexicon(problem.motifs, problem.scorer.alphabet)
        effects = MotifEffects(alone, effects_together(problem, lexicon))
        return cls(problem, HitFinder(problem.motifs), lexicon, effects)

    @property
    def unknown(self) -> int:
        """Code of the unknown letter."""
        return self.problem.scorer.alphabet.n_letters

    @property
    def price(self) -> float:
        """What a changed letter costs."""
        return PRICE * self.problem.options.least_gain

    def worth(self, outputs: FloatArray, effects: FloatArray) -> FloatArray:
        """What effects, (n, ..., n_readouts), on outputs, (n, n_readouts), are worth, (n, ...)."""
        return gains(self.problem.scorer.goal, outputs, effects)

    def with_luck(self, worth: FloatArray) -> FloatArray:
        """The same with chance between equals."""
        return worth + TIE * self.problem.rng.random(worth.shape)

    def move(self, kind: str, word: int, start: int) -> Move:
        """A move of a word that starts at a column."""
        motif = self.problem.motifs[self.lexicon.motif[word]]
        strand = STRANDS[self.lexicon.strand[word]]
        return Move(kind, motif.name, start, start + motif.width, strand)


def _strongest(strength: FloatArray, lexicon: Lexicon) -> list[int]:
    """Numbers of the motifs whose words, (n_words,), do most, in order."""
    by_motif = np.zeros(lexicon.motif.max() + 1)
    np.maximum.at(by_motif, lexicon.motif, strength)
    return sorted(np.argsort(-by_motif, kind="stable")[:MOST_MOTIFS].tolist())


@dataclass(frozen=True, eq=False)
class Candidate:
    """Letters that could come next, and how.

    Parameters
    ----------
    row
        Number of the sequence.
    letters : (length,) uint8
        What it would be.
    moves
        One, or two of which the second is written last.
    """

    row: int
    letters: Letters
    moves: tuple[Move, ...]


def most_promising(rows: IntArray, worth: FloatArray, n: int) -> list[int]:
    """Numbers of the `n` of most worth, above 0, of each row.

    Examples
    --------
    >>> most_promising(np.array([0, 0, 0, 1]), np.array([0.5, 2.0, 1.0, -1.0]), 2)
    [1, 2]
    """
    order = np.lexsort((-worth, rows))
    sorted_rows = rows[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_rows, sorted_rows)
    return [int(i) for i in order[(rank < n) & (worth[order] > 0)]]
