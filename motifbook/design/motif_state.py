"""Sequences as motifs stand in them, and what a word would do at each place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.design.lexicon import Lexicon
from motifbook.design.motif_effects import REACH, MotifEffects
from motifbook.design.motif_hits import FloatArray
from motifbook.design.repertoire import Repertoire
from motifbook.onehot import Letters

BoolArray = npt.NDArray[np.bool_]


class State:
    """Some sequences, and what words would do in them by what experiments told.

    Parameters
    ----------
    letters : (n, length) uint8
        Letter codes.
    outputs : (n, n_readouts)
        What the network makes of them.
    editable : (n, length) bool
        Where they may change.
    repertoire
        Motifs and what they do.

    Attributes
    ----------
    hits
        Of the motifs.
    words, ends : (n_hits,)
        Number of the word that each hit stands for, and where it ends.
    effect : (n, n_words, length, n_readouts)
        Of a word that starts at each column, its pairs with the hits that are there included.
    of_hits : (n_hits, n_readouts)
        The same of the hits, at their places.
    """

    def __init__(
        self, letters: Letters, outputs: FloatArray, editable: BoolArray, repertoire: Repertoire
    ) -> None:
        self.letters, self.outputs, self.editable = letters, outputs, editable
        lexicon = repertoire.lexicon
        self.hits = repertoire.finder.find(letters)
        self.words = lexicon.words_of(self.hits)
        self.ends = self.hits.start + lexicon.widths[self.words]
        self.effect = self._effect(lexicon, repertoire.effects)
        self.of_hits = self.effect[self.hits.row, self.words, self.hits.start]
        self._started, self._ended = self._cumulated()

    def _effect(self, lexicon: Lexicon, effects: MotifEffects) -> FloatArray:
        n, length = self.letters.shape
        found: FloatArray = np.repeat(effects.alone[None], n, axis=0)
        n_words, n_readouts = len(lexicon), found.shape[3]
        by_end = np.zeros((n, n_words, length + REACH + 1, n_readouts))  # REACH + end of a word
        backwards = effects.together[:, :, ::-1]
        for row, word, start, end in zip(self.hits.row, self.words, self.hits.start, self.ends):
            near = found[row, :, end : end + REACH + 1]
            near += effects.together[word, :, : near.shape[1]]
            by_end[row, :, start : start + REACH + 1] += backwards[:, word]
        for word, width in enumerate(lexicon.widths.tolist()):
            fits = max(length - width + 1, 0)
            found[:, word, :fits] += by_end[:, word, REACH + width : REACH + width + fits]
        return found

    def _cumulated(self) -> tuple[FloatArray, FloatArray]:
        """Effects of hits that start before, and that end at or before each column, (n, ...)."""
        n, length = self.letters.shape
        starts = np.zeros((n, length + 2, self.of_hits.shape[1]))
        ends = starts.copy()
        np.add.at(starts, (self.hits.row, self.hits.start + 1), self.of_hits)
        np.add.at(ends, (self.hits.row, self.ends), self.of_hits)
        return starts.cumsum(axis=1), ends.cumsum(axis=1)

    def covered(self, width: int) -> FloatArray:
        """Effects of the hits that a stretch would cover in part, by start, (n, n_starts, ...)."""
        fits = self.letters.shape[1] - width + 1
        covered: FloatArray = self._started[:, width : width + fits] - self._ended[:, :fits]
        return covered
