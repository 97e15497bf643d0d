from __future__ import annotations

import numpy as np
import pytest
from Bio.Data.IUPACData import (
    ambiguous_dna_letters,
    ambiguous_rna_letters,
    extended_protein_letters,
)

from motifbook import InputError
from motifbook.alphabet import DNA, INVALID, PROTEIN, RNA, Alphabet, named, written

ALL = pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN], ids=lambda a: a.name)


@ALL
def test_letters_are_numbered_in_order_in_either_case(alphabet):
    numbers = list(range(alphabet.n_letters))
    assert alphabet.codes(alphabet.letters).tolist() == numbers
    assert alphabet.codes(alphabet.letters.lower()).tolist() == numbers


@pytest.mark.parametrize(
    ("alphabet", "letters"),
    [
        (DNA, ambiguous_dna_letters + "UX"),  # X: any, too
        (RNA, ambiguous_rna_letters + "TX"),
        (PROTEIN, extended_protein_letters + "*"),
    ],
    ids=["DNA", "RNA", "protein"],
)
def test_every_iupac_letter_can_be_read_and_nothing_else(alphabet, letters):
    everything = "".join(map(chr, range(256)))
    readable = {everything[i] for i in np.flatnonzero(alphabet.codes(everything) != INVALID)}
    assert readable == set(letters.upper()) | set(letters.lower())


@ALL
def test_ambiguous_letters_are_unknown(alphabet):
    codes = alphabet.codes(alphabet.unknown + alphabet.ambiguous)
    assert (codes == alphabet.n_letters).all()


def test_the_other_nucleic_acid_is_read_without_loss():
    assert DNA.codes("ACGUu").tolist() == [0, 1, 2, 3, 3]
    assert RNA.codes("ACGTt").tolist() == [0, 1, 2, 3, 3]


def test_complements_pair_and_unknown_stays_unknown():
    assert DNA.complement_codes.tolist() == [3, 2, 1, 0, 4]
    assert DNA.has_strands
    assert not RNA.has_strands
    assert not PROTEIN.has_strands


@pytest.mark.parametrize("alphabet", [RNA, PROTEIN], ids=lambda a: a.name)
def test_what_has_one_strand_has_no_complement(alphabet):
    with pytest.raises(InputError, match=f"{alphabet.name} sequences have no complement; use"):
        _ = alphabet.complement_codes


def test_characters_beyond_a_byte_are_invalid_and_take_one_place():
    assert DNA.codes("A→é?T").tolist() == [0, INVALID, INVALID, INVALID, 3]
    assert DNA.codes("").shape == (0,)


def test_alphabets_are_found_by_name_in_any_case():
    assert named("dna") is DNA
    assert named("Protein") is PROTEIN
    assert named(RNA) is RNA


def test_your_own_alphabet_passes_through():
    binary = Alphabet("binary", "01", complement="10", unknown="?")
    assert named(binary) is binary
    assert binary.codes("01?").tolist() == [0, 1, 2]
    assert binary.complement_codes.tolist() == [1, 0, 2]


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(
        InputError, match=r"`alphabet` is 'DNAA'; expected one of 'DNA', 'RNA'.*'DNA'"
    ):
        named("DNAA")
    with pytest.raises(InputError, match="`alphabet` is None; expected one of"):
        named(None)


OWN = Alphabet("methylated", "ACGTM", ambiguous="RY", same_as=("UT",))


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN, OWN], ids=lambda a: a.name)
def test_an_alphabet_is_written_as_text_and_read_again(alphabet):
    assert named(written(alphabet)) == alphabet
    assert (written(alphabet) == alphabet.name) == (alphabet is not OWN)


def test_your_own_alphabet_of_a_known_name_is_written_in_full():
    mine = Alphabet("DNA", "ACGT")
    assert named(written(mine)) == mine != DNA


@pytest.mark.parametrize(
    ("fields", "got"),
    [
        ({"letters": "AAB"}, "'AAB'"),
        ({"letters": "ABa"}, "'ABa'"),
        ({"letters": "ABN"}, "'ABN' and 'N' for unknown"),
        ({"letters": "A"}, "the letters 'A'"),
        ({"letters": "AÅ"}, "ASCII"),
        ({"letters": "AB", "unknown": ""}, "and '' for unknown"),
        ({"letters": "ABC", "complement": "BA"}, "complement 'BA'; expected the partners of 'ABC'"),
    ],
)
def test_letters_that_mean_two_things_are_refused(fields, got):
    with pytest.raises(InputError, match=f"Alphabet 'mine' has .*{got}"):
        Alphabet("mine", **fields)


def test_only_nucleotides_have_a_share_of_g_and_c():
    own = Alphabet("stranded", "ABXY", "YXBA")
    assert [a.is_nucleotides for a in (DNA, RNA, PROTEIN, OWN, own)] == [True, True] + [False] * 3
