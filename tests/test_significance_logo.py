"""The matrix that is shown for a chosen word: its motif, not the composition around it."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook.alphabet import DNA, PROTEIN
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif
from motifbook.significance.logo import word_motif


def planted(word, n=600, length=80, share=0.5, seed=0):
    """Sequences with this share of A and T, the word in the first eighth, and their readout."""
    rng = np.random.default_rng(seed)
    others = (1 - share) / 2
    letters = rng.choice(4, (n, length), p=[share / 2, others, others, share / 2]).astype(np.uint8)
    codes = DNA.codes(word)
    for row in range(n // 8):
        start = rng.integers(length - len(codes))
        letters[row, start : start + len(codes)] = codes
    return letters, (np.arange(n) < n // 8) + 0.1 * rng.normal(size=n)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_flanks_that_are_but_composition_are_not_shown(share):
    letters, readout = planted("TGACTCA", share=share)
    found = word_motif(DNA.codes("GACTCA"), letters, readout, DNA)
    assert found.consensus.strip("acgtn") in ("TGACTCA", "TGAGTCA")
    assert found.width <= 8


def test_a_word_grows_to_the_motif_that_it_is_part_of():
    letters, readout = planted("CCAGGTGACC")
    found = word_motif(DNA.codes("CAGGTG"), letters, readout, DNA)
    truth = Motif("truth", np.eye(4)[DNA.codes("CCAGGTGACC")].T)
    assert found.name == "CAGGTG"
    assert similarity(found, truth) > 0.9


def test_a_word_that_is_nowhere_stays_as_it_is():
    rng = np.random.default_rng(0)
    letters = rng.choice([0, 3], (200, 40)).astype(np.uint8)
    found = word_motif(DNA.codes("CGCGCG"), letters, rng.normal(size=200), DNA)
    assert found.consensus == "CGCGCG"


def test_proteins_have_matrices_of_twenty_letters():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 20, (300, 40)).astype(np.uint8)
    letters[:150, 10:14] = PROTEIN.codes("KRKR")
    found = word_motif(PROTEIN.codes("RKR"), letters, np.repeat([1.0, 0.0], 150), PROTEIN)
    assert found.ppm.shape[0] == 20
    assert "RKR" in found.consensus
