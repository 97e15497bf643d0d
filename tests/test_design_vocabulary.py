"""The motifs that designs are written in."""

from __future__ import annotations

import numpy as np
import pytest
from design_toys import GATA1, MOTIFS, TAL1, Counts, network
from networks import SMALL, awake

import motifbook as mb
from motifbook.alphabet import RNA
from motifbook.design.vocabulary import vocabulary
from motifbook.models.network import Record

LETTERS = np.random.default_rng(0).integers(4, size=(40, 60)).astype(np.uint8)


def motif_network(seed: int = 0) -> mb.CNN:
    model = awake(SMALL["CNN, hidden"], 1, seed)
    model.record = Record(["activity"], ["continuous"], [0.0], [1.0], 60)
    return model


def test_given_motifs_are_taken_without_their_flat_flanks() -> None:
    flat = np.full((4, 2), 0.25)
    wide = mb.Motif("GATA1", np.hstack([flat, GATA1.ppm, flat]))
    [one] = vocabulary([network(Counts())], [wide], LETTERS)
    assert one.consensus == "GGATAAG"
    assert one.name == "GATA1"


def test_a_network_without_a_motif_layer_has_none() -> None:
    assert vocabulary([network(Counts())], None, LETTERS) == ()


def test_motifs_of_filters_have_names_of_their_own() -> None:
    motifs = vocabulary([motif_network()], None, LETTERS)
    names = [motif.name for motif in motifs]
    assert names
    assert len(set(names)) == len(names)
    assert all(motif.width <= 7 for motif in motifs)


def test_neutral_sequences_hide_no_motif() -> None:
    model = motif_network()
    neutral = np.zeros((1, 60), dtype=np.uint8)
    names = {motif.name for motif in vocabulary([model], None, neutral)}
    assert names == {motif.name for motif in vocabulary([model], None, LETTERS)}


def test_the_same_network_twice_has_the_same_motifs() -> None:
    one = vocabulary([motif_network()], None, LETTERS)
    twice = vocabulary([motif_network(), motif_network()], None, LETTERS)
    other = vocabulary([motif_network(), motif_network(1)], None, LETTERS)
    assert len(twice) == len(one) < len(other)


def test_motifs_that_do_not_fit_are_refused() -> None:
    model = network(Counts())
    with pytest.raises(mb.InputError, match=r"`motifs` holds 'GATA'; expected Motif objects"):
        vocabulary([model], ["GATA"], LETTERS)
    with pytest.raises(mb.InputError, match="`motifs` holds 3; expected Motif objects"):
        vocabulary([model], 3, LETTERS)
    with pytest.raises(mb.InputError, match=r"two motifs called 'TAL1'.*renamed"):
        vocabulary([model], [*MOTIFS, TAL1], LETTERS)
    rna = mb.Motif("PUF", GATA1.ppm, alphabet=RNA)
    with pytest.raises(mb.InputError, match=r"'PUF' is written in RNA letters, the network reads"):
        vocabulary([model], [rna], LETTERS)
