"""Motifs made from words."""

from __future__ import annotations

import numpy as np

from motifbook.alphabet import DNA, Alphabet
from motifbook.motif.matrix import Motif


def spelled(word: str, probability: float = 0.96, alphabet: Alphabet = DNA) -> Motif:
    """Motif of one word, each letter of which stands with this probability.

    Examples
    --------
    >>> spelled("GATA").consensus
    'GATA'
    """
    ppm = np.full((alphabet.n_letters, len(word)), (1 - probability) / (alphabet.n_letters - 1))
    ppm[[alphabet.letters.index(letter) for letter in word], np.arange(len(word))] = probability
    return Motif(word, ppm, alphabet=alphabet)
