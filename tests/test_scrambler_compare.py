"""Sequences and variants of them: what a change of letters does to the mask."""

from __future__ import annotations

import numpy as np
import pytest
from scrambler_example import LENGTH, finder, planted, trained
from toys import book

import motifbook as mb


def test_a_variant_that_creates_an_atg_puts_it_among_the_top_letters():
    adata, _ = planted(150, seed=1, text="CCATGG")
    options = mb.ScramblerOptions(n_steps=100, n_rows=16)
    scrambler = mb.fit_scrambler(
        finder("CCATGG"), adata, options=options, bits=0.3, seed=0, progress=False
    )
    utr = "TCACACCGGGAACGAGCAACGCCGGTCCACGGTCTCCCGGATTGGGCCTA"
    variant = utr.replace("CCACGG", "CCATGG")
    assert len(utr) == LENGTH
    row = scrambler.compare([utr], [variant]).table.iloc[0]
    first = variant.index("ATG")
    assert row["varied"] == [first + 1]
    assert {first, first + 1, first + 2} <= set(row["gained"]) | set(
        np.argsort(-scrambler.attribute(book([variant])).sum(axis=1)[0])[:10]
    )
    assert row["effect"] > 1
    assert row["bits_variant"] > row["bits_reference"]


def test_a_sequence_does_not_differ_from_itself():
    adata, _ = planted(5, seed=2)
    table = trained().compare(adata, adata).table
    assert (table["effect"] == 0).all()
    assert table["varied"].map(len).sum() == 0
    assert table["gained"].map(len).sum() == 0


def test_a_lost_word_is_lost():
    adata, places = planted(5, seed=2)
    broken = adata.copy()
    broken.obs["sequence"] = [
        "".join("C" if at else letter for letter, at in zip(sequence, place[0]))
        for sequence, place in zip(adata.obs["sequence"], places)
    ]
    comparison = trained().compare(adata, broken, bits=0.24)
    assert comparison.table["effect"].median() < -3
    assert comparison.table["sequence"].tolist() == adata.obs_names.tolist()
    assert len(comparison.reference) == len(comparison.variant) == 5


def test_variants_of_another_number_are_refused():
    adata, _ = planted(5, seed=2)
    with pytest.raises(mb.InputError, match=r"`variant` has 4 sequences, `reference` 5"):
        trained().compare(adata, adata[:4])
