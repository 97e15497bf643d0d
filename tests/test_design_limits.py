"""How often constraints are broken: cases that can be counted by hand."""

import numpy as np
import pytest

import motifbook as mb
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.design.limits import Limits
from motifbook.onehot import decode, encode, reverse_complement

none = mb.Constraints.none
ONE_OF_EACH = "ACGTTGCATCGA"  # no two letters alike in a row but TT
AP1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
HEXAMER = mb.Motif.from_sites("GATAAG", ["GATAAG"])  # best p-value 2 / 4096: never 1e-4


def count(sequence, constraints, alphabet=DNA):
    return int(Limits(constraints, alphabet).count(encode([sequence], alphabet))[0])


@pytest.mark.parametrize(
    ("sequence", "constraints", "expected"),
    [
        ("ACGT", mb.Constraints(), 0),
        ("ACNT", none(), 1),
        ("NNACGTN", none(), 0),  # padding
        ("GGGGGGGGAA", none(gc=(0.3, 0.5)), 3),
        ("AAAAAAAAGG", none(gc=(0.3, 0.5)), 1),
        ("AAAAAAAGGG", none(gc=(0.3, 0.5)), 0),  # 0.3 * 10 is a little less than 3
        ("GGGGGAAAAA", none(gc_window=(5, 0.4)), 3),
        ("GGGGGAAAAA", none(gc_window=(5, 1.0)), 0),
        ("GGGG", none(gc_window=(5, 0.0)), 0),  # no window fits
        ("CAAAAC", none(homopolymer=3), 1),
        ("CAAAAAC", none(homopolymer=3), 2),
        ("CAAAACCCC", none(homopolymer={"C": 3}), 1),
        ("CNNNNC", none(homopolymer=3), 4),  # unknown four times, no run
        ("ACGGTACGG", none(repeat=4), 1),
        ("ACGGTCCGT", none(repeat=4), 1),  # ACGG, and on the other strand CCGT
        ("ACGT", none(repeat=4), 0),  # once, read from both strands
        ("CACACACA", none(repeat=4), 3),
        ("GGAATTCC", none(avoid_sites=["EcoRI"]), 1),
        ("AAGAGACC", none(avoid_sites=["BsaI"]), 1),  # GGTCTC from the other strand
        ("AAGTCGACAA", none(avoid_sites=["HincII"]), 1),  # GTYRAC
        ("AATTTATTAA", none(avoid=["AATAAA"]), 1),
        ("CCTGGNCC", none(avoid=["GGNCC"]), 1),  # the N is none of the four
        ("CCATGC", none(start_codons=False), 1),
        ("GCATGG", none(start_codons=False, fixed=[(1, 3)]), 1),
        ("GCATGG", none(start_codons=False, fixed=[(2, 5)]), 0),
        ("CATC", none(start_codons=False), 0),  # on the strand as written only
        ("AATGACTCAAA", none(forbid=[AP1]), 1),
        ("TTTGAGTCATT", none(forbid=[AP1]), 1),
        ("CCGATAAGCC", none(forbid=[HEXAMER]), 1),
        ("CCCTTATCCC", none(require=[HEXAMER]), 0),
        ("ACGT", none(n_letters=(6, 9)), 2),
        ("ACGTACGTAC", none(n_letters=(6, 9)), 1),
    ],
)
def test_what_is_broken_is_counted(sequence, constraints, expected):
    assert count(sequence, constraints) == expected


def test_a_motif_is_required_by_its_missing_bits():
    with_one, nearly = (
        count("CCTGACTCACC", none(require=[AP1])),
        count("CTGACTTAC", none(require=[AP1])),
    )
    nothing = count("CCCCCCCCCCC", none(require=[AP1]))
    assert 0 == with_one < nearly < nothing
    assert count("TGACTC", none(require=[AP1])) > nothing  # no room


def test_flanks_count_and_so_do_junctions():
    asked = none(avoid_sites=["EcoRI"], flanks=("CCGAA", "TTCGG"))
    assert count("TTCAAA", asked) == 1
    assert count("AAAGAA", asked) == 1
    assert count("AAAAAA", asked) == 0


def test_start_codons_of_the_flanks_are_the_construct_s_own():
    asked = none(start_codons=False, flanks=("CAT", "ATGC"))
    assert count("CCCC", asked) == 0
    assert count("GCCC", asked) == 1


def test_rna_has_one_strand_but_enzymes_cut_its_dna():
    assert count("UUUAUU", none(avoid=["AAUAAA"]), RNA) == 0
    assert count("AAUAAA", none(avoid=["AATAAA"]), RNA) == 1
    assert count("GAGACC", none(avoid_sites=["BsaI"]), RNA) == 1
    assert count("ACGGUCCGU", none(repeat=4), RNA) == 0
    assert count("CAUGC", none(start_codons=False), RNA) == 1


def test_proteins_have_words_runs_and_repeats():
    assert count("MKQQQQL", none(homopolymer=3, avoid=["KXQ"]), PROTEIN) == 2
    assert count("MKLWMKLW", none(repeat=4), PROTEIN) == 1


def test_both_strands_break_as_much():
    letters = np.random.default_rng(0).integers(4, size=(200, 60)).astype(np.uint8)
    asked = none(
        gc=(0.4, 0.6), homopolymer=3, repeat=6, avoid=["GGNCC", "TATA"], avoid_sites=["BsaI"],
        gc_window=(12, 0.4), forbid=[AP1],
    )  # fmt: skip
    limits = Limits(asked, DNA)
    forward, backward = limits.count(letters), limits.count(reverse_complement(letters))
    assert (forward == backward).all()
    assert 0.5 < (forward > 0).mean() < 1


def test_padding_and_company_change_nothing():
    rng = np.random.default_rng(1)
    texts = [decode(rng.integers(4, size=(1, n)).astype(np.uint8))[0] for n in (20, 33, 61, 90)]
    asked = none(gc=(0.4, 0.6), repeat=5, homopolymer=2, gc_window=(9, 0.3), flanks=("ACC", "TG"))
    together = Limits(asked, DNA).count(encode(texts))
    assert together.tolist() == [count(text, asked) for text in texts]


def test_what_may_change():
    limits = Limits(none(fixed=[(0, 2), (-1, None)]), DNA)
    editable = limits.editable(encode(["ACGTA", "ACG", "CCCCC"]), np.arange(3))
    assert editable.astype(int).tolist() == [[0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 1, 1, 0]]
    masked = Limits(none(edit_mask=np.eye(3, dtype=bool)), DNA)
    assert masked.editable(encode(["ACG"] * 2), np.array([2, 0])).astype(int).tolist() == [
        [0, 0, 1],
        [1, 0, 0],
    ]


def test_stretches_and_masks_that_do_not_fit_are_refused():
    starts, rows = encode(["ACGTACGT", "ACGT"]), np.arange(2)
    with pytest.raises(mb.InputError, match=r"stretch \(2, 6\), and the shortest start has 4"):
        Limits(none(fixed=[(2, 6)]), DNA).editable(starts, rows)
    with pytest.raises(mb.InputError, match=r"shape \(5,\); expected \(8,\) or \(2, 8\)"):
        Limits(none(edit_mask=np.ones(5, dtype=bool)), DNA).editable(starts, rows)


@pytest.mark.parametrize(
    ("constraints", "sentence"),
    [
        (
            none(avoid_sites=["EcoRI"], flanks=("CCGAATTC", "")),
            r"Start 'a' has a site of EcoRI \(GAATTC\), at letters 2 to 7 of the left flank",
        ),
        (
            none(avoid_sites=["PstI"], flanks=("CCTGCA", ""), fixed=[(0, 1)]),
            r"PstI \(CTGCAG\), at letters 1 to 6 of the sequence with its flanks",
        ),
        (none(gc=(0.5, 1), fixed=[(0, 10)]), "'b' has a share of G and C outside 50 to 100 %"),
        (none(n_letters=(20, 30)), "'a' has a length outside 20 to 30 letters"),
        (
            none(repeat=4, fixed=[(-8, None)]),
            "'b' has a repeat of 4 letters, at letters 4 to 11 of the sequence",
        ),
        (
            none(homopolymer=2, flanks=("", "TTT")),
            "more than 2 equal letters .* 0 to 2 of the right flank",
        ),
    ],
)
def test_what_cannot_be_mended_is_refused_before_the_search(constraints, sentence):
    letters = encode(["GCTAGCATTCGA", "ATATACGAACGA"])
    limits = Limits(constraints, DNA)
    editable = limits.editable(letters, np.arange(2))
    with pytest.raises(mb.InputError, match=sentence + ".*where no letter may change"):
        limits.refuse_stuck(letters, editable, ["a", "b"])


def test_what_can_be_mended_is_not_refused():
    letters = encode(["GAATTCGAATTC" + "A" * 20])
    limits = Limits(mb.Constraints(avoid_sites=["EcoRI"], fixed=[(0, 5)]), DNA)
    limits.refuse_stuck(letters, limits.editable(letters, np.arange(1)), ["a"])
    assert limits.count(letters)[0] > 0
    assert "a site of EcoRI (GAATTC)" in limits.broken(letters)
