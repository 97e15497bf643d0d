"""Starts that break constraints: mended, by few letters, where they may change."""

import numpy as np
import pytest

import motifbook as mb
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.design.limits import Limits
from motifbook.design.repair import repair
from motifbook.onehot import decode, encode

none = mb.Constraints.none
CTCF = mb.database.motif("MA0139.2")
AP1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
STRICT = {
    "gc": (0.4, 0.6), "homopolymer": 5, "repeat": 12, "start_codons": False,
    "avoid_sites": ["EcoRI", "BamHI", "BsaI", "NotI"], "flanks": ("ACTGGCC", "CGTTGAG"),
}  # fmt: skip
NASTY = {
    "all A": ["A" * 200],
    "CA": ["CA" * 100],
    "EcoRI": ["GAATTC" * 33],
    "NotI": ["GCGGCCGC" * 25],
    "two lengths": ["ATG" * 40, "TTTTTTTT" * 20],
    "unknown": ["ACNGT" * 40],
}


def mended(sequences, constraints, *, alphabet=DNA, n_edits=None, seed=0):
    letters = encode(sequences, alphabet)
    limits = Limits(constraints, alphabet)
    editable = limits.editable(letters, np.arange(len(letters)))
    rng = np.random.default_rng(seed)
    return repair(limits, letters, editable, n_edits=n_edits, rng=rng)


def n_changed(sequences, repaired, alphabet=DNA):
    return (encode(sequences, alphabet) != repaired.letters).sum(axis=1)


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("motifs", [{"forbid": [CTCF]}, {"require": [CTCF, AP1]}])
def test_nasty_starts_are_mended(name, motifs):
    asked = mb.Constraints(**STRICT, **motifs)
    repaired = mended(NASTY[name], asked)
    assert repaired.is_fine.all()
    assert mb.check_order(decode(repaired.letters, strip=True), asked).empty
    assert [len(one) for one in decode(repaired.letters, strip=True)] == [*map(len, NASTY[name])]


def test_what_is_fine_stays():
    sequences = ["ACGTTGCATCGA" * 2, "GAATTCACGTCA" * 2]
    repaired = mended(sequences, none(avoid=["CCCC"]))
    assert repaired.is_fine.all()
    assert not n_changed(sequences, repaired).any()
    assert repaired.sentences == ()


@pytest.mark.parametrize(
    ("sequence", "constraints", "fewest"),
    [
        ("ACGTGAATTCACGT", none(avoid_sites=["EcoRI"]), 1),
        ("ACGAAAAAAAAGT", none(homopolymer=4), 1),
        ("ACGAAAAAAAAAAGT", none(homopolymer=4), 2),
        ("ACTTTTACGATTTTTTTACA", none(gc=(0.4, 1)), 4),
        ("CCATGCCATGCC", none(start_codons=False), 2),
        ("CCTGACTTACC", none(require=[AP1]), 1),
        ("ACGNACG", none(), 1),
    ],
)
def test_as_few_letters_change_as_can_be(sequence, constraints, fewest):
    for seed in range(5):
        repaired = mended([sequence], constraints, seed=seed)
        assert repaired.is_fine.all()
        assert n_changed([sequence], repaired).tolist() == [fewest]


def test_only_letters_of_what_is_broken_change():
    before = "ACGTTGCATCGA" * 4 + "GAATTC" + "TGCATTCCGATA" * 4
    repaired = mended([before], none(avoid_sites=["EcoRI"]))
    changed = np.flatnonzero(encode([before])[0] != repaired.letters[0])
    assert len(changed) == 1
    assert 48 <= changed[0] < 54


def test_fixed_letters_and_the_number_of_edits_are_kept():
    asked = mb.Constraints(**STRICT, fixed=[(0, 20), (-20, None)])
    start = "ACTGTTGACCAGTCGATGAC" + "CACACAGAATTC" * 10 + "GTCAAGCTTGGCACTCAGTC"
    repaired = mended([start], asked)
    text = decode(repaired.letters)[0]
    assert repaired.is_fine.all()
    assert (text[:20], text[-20:]) == (start[:20], start[-20:])
    needed = int(n_changed([start], repaired)[0])
    few = mended([start], asked, n_edits=3)
    assert needed > 3
    assert not few.is_fine.any()
    assert "The start could not be mended: " in few.sentences[0]


def test_what_cannot_be_mended_is_said():
    wide = mb.Motif.from_sites("wide", ["ACGTTGCATCGAT"])
    sequences = ["ACGTTGCAT", "ACGTTGCATCGATC"]
    repaired = mended(sequences, none(require=[wide]))
    assert repaired.is_fine.tolist() == [False, True]
    assert repaired.sentences == ("1 of 2 starts could not be mended: no site of wide.",)


def test_the_seed_decides():
    first, same, other = (mended(NASTY["CA"], mb.Constraints(**STRICT), seed=s) for s in (0, 0, 1))
    assert (first.letters == same.letters).all()
    assert (first.letters != other.letters).any()


def test_rna_and_protein_are_mended():
    bare = mended(["AUG" * 20], none(start_codons=False), alphabet=RNA)
    assert bare.is_fine.all()
    assert bare.sentences[0].startswith("The start had a start codon (AUG); ")
    asked = none(homopolymer=2, avoid=["KXK"], repeat=5)
    repaired = mended(["MKQK" * 10, "Q" * 40], asked, alphabet=PROTEIN)
    assert repaired.is_fine.all()


def test_sentences_name_what_was_mended():
    repaired = mended(["ACGTGAATTCACGT", "ACGT"], none(avoid_sites=["EcoRI"]))
    assert repaired.sentences == (
        "1 of 2 starts had a site of EcoRI (GAATTC); 1 letter of it was changed.",
    )
    alone = mended(["GAATTCGAATTC"], none(avoid_sites=["EcoRI"]))
    assert alone.sentences == (
        "The start had a site of EcoRI (GAATTC); 2 letters of it were changed.",
    )
