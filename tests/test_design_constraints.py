"""Constraints: what makes sense, and the sentence where something does not."""

import re
import sys

import numpy as np
import pytest
from Bio.Data.IUPACData import ambiguous_dna_values

import motifbook as mb
from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.design.constraints import choices
from motifbook.design.enzymes import recognition_sites

AP1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
HELIX = mb.Motif.from_sites("helix", ["LKELL"], alphabet=PROTEIN)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"gc": 0.5}, "`gc` is 0.5; expected two numbers, such as"),
        ({"gc": (25, 65)}, "`gc` is 25; expected a share, 0.65 for 65 %, between 0 and 1"),
        ({"gc": (0.6, 0.4)}, r"`gc` is \(0.6, 0.4\); expected the smaller first"),
        ({"gc_window": (50, 52)}, "`gc_window` is 52; expected a share between 0 and 1"),
        ({"gc_window": (0.5, 0.5)}, "`gc_window` is 0.5; expected a whole number, 2 or more"),
        ({"homopolymer": 0}, "`homopolymer` is 0; expected a whole number, 1 or more"),
        ({"homopolymer": {"A": 2.5}}, "`homopolymer` is 2.5; expected a whole number"),
        ({"repeat": 1}, "`repeat` is 1; expected a whole number, 2 or more"),
        ({"avoid_sites": "EcoRI"}, r"'EcoRI'; expected a list, such as \['EcoRI', 'BsaI'\]"),
        ({"avoid_sites": ["ecor1"]}, "names 'ecor1'; .* Did you mean EcoRV or EcoRI or EcoRII"),
        ({"avoid_sites": ["GAATTC9"]}, "Words of letters go into `avoid`"),
        ({"avoid": [""]}, "`avoid` holds an empty word"),
        ({"start_codons": None}, "`start_codons` is None; expected False for no ATG"),
        ({"forbid": ["TGACTCA"]}, "holds 'TGACTCA'; expected motifs"),
        ({"forbid": [AP1], "require": [AP1]}, "'AP-1' is in `forbid` and in `require`"),
        ({"forbid": [AP1], "require": [HELIX]}, "'helix' in protein; expected one alphabet"),
        ({"flanks": "ACGT"}, "`flanks` is 'ACGT'; expected two strings"),
        ({"n_letters": (300, 200)}, r"`n_letters` is \(300, 200\); expected the smaller first"),
        (
            {"n_letters": (5, 8), "flanks": ("ACGTA", "ACG")},
            "`n_letters` allows 8 letters, and `flanks` have 8; expected room",
        ),
        ({"fixed": (0, 20)}, r"`fixed` is \(0, 20\); expected a list of stretches"),
        ({"fixed": [(20, 10)]}, r"stretch \(20, 10\); expected its first letter and the one after"),
        ({"edit_mask": [0, 1]}, r"`edit_mask` has shape \(2,\) and type int64; expected"),
        ({"edit_mask": np.zeros(9, bool)}, "expected .* bool, true somewhere"),
        ({"n_edits": 0}, "`n_edits` is 0; expected a whole number, 1 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(fields, sentence):
    with pytest.raises(mb.InputError, match=sentence):
        mb.Constraints(**fields)


@pytest.mark.parametrize(
    ("fields", "alphabet", "sentence"),
    [
        ({"avoid": ["ACZ"]}, DNA, "the word 'ACZ' with 'Z'; expected letters of DNA, ACGT, or N"),
        ({"flanks": ("ACN", "")}, DNA, "left one of `flanks` has 'N' at position 2"),
        ({"flanks": ("", "QED")}, DNA, "right one of `flanks` has 'Q' at position 0"),
        ({"homopolymer": {"N": 3}}, DNA, "`homopolymer` is 'N'; expected one of 'A', 'C'"),
        ({"forbid": [AP1]}, RNA, "'AP-1' is written in DNA letters, the sequences in RNA"),
        ({"gc": (0.3, 0.6)}, PROTEIN, r"`gc` is \(0.3, 0.6\) for protein sequences"),
        ({"start_codons": False}, PROTEIN, "`start_codons` is False for protein sequences"),
        ({"avoid_sites": ["EcoRI"]}, PROTEIN, "`avoid_sites` is .'EcoRI',. for protein"),
    ],
)
def test_what_does_not_fit_the_alphabet_is_refused(fields, alphabet, sentence):
    with pytest.raises(mb.InputError, match=sentence):
        mb.Constraints(**fields).of(alphabet)


def test_defaults_that_make_no_sense_are_absent():
    asked = mb.Constraints().of(PROTEIN)
    assert (asked.gc, asked.gc_window, asked.homopolymer) == (None, None, 9)
    methylated = Alphabet("methylated", "ACGTM", complement="TGCAM")
    assert mb.Constraints().of(methylated).gc is None
    assert mb.Constraints().of(RNA).gc == (0.25, 0.65)


def test_none_asks_for_nothing_else():
    asked = mb.Constraints.none(repeat=12)
    assert (asked.gc, asked.gc_window, asked.homopolymer, asked.repeat) == (None, None, None, 12)


def test_flanks_are_written_as_the_alphabet_writes_them():
    assert mb.Constraints(flanks=("acgu", "")).of(DNA).flanks == ("ACGT", "")
    assert mb.Constraints(flanks=("ACGT", "")).of(RNA).flanks == ("ACGU", "")


def test_ambiguity_codes_are_those_of_biopython():
    for code, letters in ambiguous_dna_values.items():
        if code != "X":  # in DNA, X is read as unknown, but stands for nothing in a word
            assert set(choices(code, DNA)) == set(letters), code


def test_without_biopython_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio", None)
    mb.Constraints()  # needs none
    with pytest.raises(mb.InputError, match=re.escape('pip install "motifbook[design]"')):
        recognition_sites(["EcoRI"])
