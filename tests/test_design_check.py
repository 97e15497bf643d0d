"""The check of what is ordered: cases by hand, Biopython, and the search's own count."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from Bio import Restriction
from Bio.Seq import Seq
from Bio.SeqUtils import gc_fraction

import motifbook as mb
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.design.limits import Limits
from motifbook.onehot import encode

none = mb.Constraints.none
AP1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
ENZYMES = ["EcoRI", "BsaI", "HincII", "BcgI", "AluI", "SapI", "HpyAV", "DdeI"]


def found(sequence, constraints, **options):
    table = mb.check_order([sequence], constraints, **options)
    return [tuple(row) for row in table[["constraint", "start", "end", "what"]].to_numpy()]


@pytest.mark.parametrize(
    ("sequence", "constraints", "expected"),
    [
        ("ACGT", mb.Constraints(), []),
        ("ACNNT", none(), [("letters", 2, 4, "NN cannot be ordered")]),
        ("GGGA", none(gc=(0, 0.5)), [("gc", 0, 4, "75.0 % G and C")]),
        (
            "AAAAGCGC",
            none(gc_window=(4, 0.5)),
            [("gc_window", 4, 8, "100 % G and C, and 0 % in the 4 letters from 0")],
        ),
        ("CAAAAC", none(homopolymer=3), [("homopolymer", 1, 5, "4 A in a row")]),
        ("CACACACA", none(repeat=4), [("repeat", 2, 8, "letters from 0 again")]),
        ("ACGGTCCGT", none(repeat=4), [("repeat", 5, 9, "letters from 0 again")]),
        ("AGAGACC", none(avoid_sites=["BsaI"]), [("avoid_sites", 1, 7, "BsaI finds GAGACC")]),
        ("GGTCC", none(avoid=["GGNCC"]), [("avoid", 0, 5, "GGTCC for GGNCC")]),
        ("TTTATT", none(avoid=["AATAAA"]), [("avoid", 0, 6, "TTTATT for AATAAA")]),
        ("CATG", none(start_codons=False), [("start_codons", 1, 4, "ATG")]),
        ("TGACTCA", none(forbid=[AP1]), [("forbid", 0, 7, "a site of AP-1 on the + strand")]),
        ("ACGTACGT", none(require=[AP1]), [("require", 0, 8, "no site of AP-1")]),
        ("ACGT", none(n_letters=(5, 9)), [("n_letters", 0, 4, "4 letters")]),
        (
            "TTCAAA",
            none(avoid_sites=["EcoRI"], flanks=("CCGAA", "")),
            [("avoid_sites", 2, 8, "EcoRI finds GAATTC")],
        ),
    ],
)
def test_what_is_broken_is_listed(sequence, constraints, expected):
    assert found(sequence, constraints) == expected


def test_changes_are_held_against_the_start():
    mask = np.array([True, True, False, True, True, True])
    start = {"starts": ["ACGTAC"]}
    assert found("ACGTAC", none(fixed=[(0, 2)], edit_mask=mask, n_edits=1), **start) == []
    assert found("CCGTAC", none(fixed=[(0, 2)]), **start) == [
        ("fixed", 0, 1, "A of the start is C")
    ]
    assert found("ACTTAC", none(edit_mask=mask), **start) == [
        ("edit_mask", 2, 3, "G of the start is T")
    ]
    assert found("ACTTAA", none(n_edits=1, flanks=("CC", "")), **start) == [
        ("n_edits", 4, 8, "2 letters differ from the start, 1 may")
    ]
    assert found("ACGTA", none(), **start) == [("fixed", 0, 5, "5 letters, and 6 of its start")]


def test_masks_of_shorter_starts_lie_in_the_middle():
    mask = np.array([[True, True, False, True, True], [True, True, True, False, True]])
    asked = none(edit_mask=mask)
    table = mb.check_order(["ACTTA", "CTA"], asked, starts=["ACGTA", "CGT"])
    assert table[["sequence", "constraint", "start"]].to_numpy().tolist() == [
        [0, "edit_mask", 2],
        [1, "edit_mask", 2],
    ]


def test_masks_of_other_sequences_are_refused():
    short = none(edit_mask=np.ones(3, dtype=bool))
    with pytest.raises(mb.InputError, match=r"`edit_mask` has shape \(3,\); expected \(4,\) or"):
        mb.check_order(["ACGT"], short, starts=["ACGT"])
    few = none(edit_mask=np.ones((1, 4), dtype=bool))
    with pytest.raises(mb.InputError, match=r"shape \(1, 4\); expected \(4,\) or \(2, 4\)"):
        mb.check_order(["ACGT"] * 2, few, starts=["ACGT"] * 2)


def test_start_codons_that_are_fixed_may_stay():
    assert found("CATGATG", none(start_codons=False, fixed=[(0, 4)])) == [
        ("start_codons", 4, 7, "ATG")
    ]
    assert found("CATGC", none(start_codons=False, flanks=("ATG", "ATG"), fixed=[(1, 4)])) == []


def test_sequences_of_a_book_are_called_by_their_names():
    book = AnnData(obs=pd.DataFrame({"sequence": ["acgt", "AAAA"]}, index=["a", "b"]))
    assert mb.check_order(book, none(homopolymer=3))["sequence"].tolist() == ["b"]


def test_a_motif_without_any_preference_is_everywhere():
    flat = mb.Motif("flat", np.full((4, 3), 0.25))
    assert len(found("ACGTA", none(forbid=[flat]))) == 6  # three positions, two strands
    assert Limits(none(forbid=[flat]), DNA).count(encode(["ACGTA"])).tolist() == [3]


def test_an_empty_table_has_its_columns():
    table = mb.check_order(["ACGT"], mb.Constraints())
    assert list(table.columns) == ["sequence", "constraint", "start", "end", "what"]
    assert table.empty


def test_biopython_cuts_where_sites_are_found():
    rng = np.random.default_rng(0)
    for _ in range(20):
        text = "".join(rng.choice(list("ACGT"), 400))
        inside = Seq("N" * 50 + text + "N" * 50)  # an enzyme may cut far from its site
        for name in ENZYMES:
            cuts = getattr(Restriction, name).search(inside, linear=True)
            assert bool(cuts) == bool(found(text, none(avoid_sites=[name]))), (name, text)


def test_biopython_counts_the_same_share():
    rng = np.random.default_rng(1)
    for _ in range(50):
        text = "".join(rng.choice(list("ACGT"), 30))
        assert (gc_fraction(text) > 0.5) == bool(found(text, none(gc=(0, 0.5))))


def test_what_is_no_order_is_refused():
    with pytest.raises(mb.InputError, match="`sequences` is 'ACGT'; expected sequences"):
        mb.check_order("ACGT", mb.Constraints())
    with pytest.raises(mb.InputError, match="`constraints` is None; expected such as"):
        mb.check_order(["ACGT"], None)
    with pytest.raises(mb.InputError, match="`starts` has 1 sequences; expected 2"):
        mb.check_order(["ACGT", "ACGT"], mb.Constraints(), starts=["ACGT"])


# ---- the search counts none exactly where the check finds none


def word(rng, letters, low, high):
    return "".join(rng.choice(list(letters), rng.integers(low, high)))


def a_motif(rng, alphabet):
    ppm = rng.dirichlet([0.15] * alphabet.n_letters, rng.integers(3, 9)).T
    background = tuple(rng.dirichlet([20] * alphabet.n_letters))
    return mb.Motif("drawn", ppm, background, alphabet=alphabet)


def drawn_constraints(rng, alphabet):
    """A few of all constraints, so strict that a good part of sequences breaks them."""
    letters = alphabet.letters
    runs = {letter: int(rng.integers(1, 5)) for letter in rng.choice(list(letters), 2)}
    codes = "ACGTNRYSWKMBDHV" if alphabet.is_nucleotides else letters + "X"
    each = {
        "homopolymer": [int(rng.integers(2, 5)), runs][rng.integers(2)],
        "repeat": int(rng.integers(5, 9)),
        "avoid": [word(rng, codes, 3, 7) for _ in range(2)],
        "forbid": [a_motif(rng, alphabet)],
        "require": [a_motif(rng, alphabet)],
        "flanks": (word(rng, letters, 0, 12), word(rng, letters, 0, 12)),
        "n_letters": (40, 80),
        "fixed": [[(0, 8)], [(-6, None)], [(3, 9), (-9, -2)]][rng.integers(3)],
    }
    if alphabet.is_nucleotides:
        each |= {
            "gc": (float(rng.choice([0.2, 0.3, 0.4])), 0.7),
            "gc_window": (int(rng.integers(5, 40)), float(rng.choice([0.3, 0.4, 0.5, 0.6]))),
            "avoid_sites": rng.choice(ENZYMES, 2, replace=False).tolist(),
            "start_codons": False,
        }
    return none(**{name: value for name, value in each.items() if rng.random() < 0.3})


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN], ids=lambda one: one.name)
def test_search_and_check_agree(alphabet):
    agreed = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        asked = drawn_constraints(rng, alphabet)
        shares = rng.dirichlet([2] * alphabet.n_letters)
        letters = list(alphabet.letters)
        texts = ["".join(rng.choice(letters, n, p=shares)) for n in rng.integers(12, 90, 10)]
        texts[0] = texts[0][:5] + alphabet.unknown + texts[0][6:]
        fine = Limits(asked, alphabet).count(encode(texts, alphabet)) == 0
        broken = set(mb.check_order(texts, asked, alphabet=alphabet)["sequence"])
        assert fine.tolist() == [number not in broken for number in range(10)], (seed, asked)
        agreed += fine.tolist()
    assert 0.2 < np.mean(agreed) < 0.8
