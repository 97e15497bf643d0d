"""What is related across a split is counted as an exhaustive search counts it."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import motifbook as mb
from motifbook import InputError, LeakageWarning, leakage, read_table, split
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.data.splits import copies, relations, stretches
from motifbook.data.splits.leakage import caution
from motifbook.onehot import decode, encode, reverse_complement

WORDS = ("train", "validation", "test")


def drawn(n, length=60, seed=0):
    """Random letter codes, (n, length)."""
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def book(sequences, parts, alphabet="DNA", **obs):
    table = pd.DataFrame({"sequence": sequences, "split": parts, **obs})
    table.index = [f"s{i}" for i in range(len(table))]
    return ad.AnnData(X=np.zeros((len(table), 0)), obs=table, uns={"alphabet": alphabet})


def divided(n, n_validation=0, n_test=100):
    """Train, validation and test, one after the other."""
    return (
        ["train"] * (n - n_validation - n_test) + ["validation"] * n_validation + ["test"] * n_test
    )


def row(found, split="test", reference="train"):
    table = found.table
    return table[(table["split"] == split) & (table["reference"] == reference)].iloc[0]


def other_strand(sequence):
    return decode(reverse_complement(encode([sequence])))[0]


def words_of(sequence, width, both=True):
    """All stretches without N, on both strands."""
    strands = [sequence, other_strand(sequence)] if both else [sequence]
    return {
        strand[i : i + width]
        for strand in strands
        for i in range(len(strand) - width + 1)
        if "N" not in strand[i : i + width]
    }


@st.composite
def related_sequences(draw):
    """Pieces of a few parents, turned over, cut, joined and spotted with N."""
    parents = [draw(st.text("ACGT", min_size=60, max_size=60)) for _ in range(3)]
    sequences = []
    for _ in range(draw(st.integers(3, 9))):
        pieces = []
        for _ in range(2):
            parent, start = draw(st.sampled_from(parents)), draw(st.integers(0, 40))
            piece = parent[start : start + draw(st.integers(8, 40))]
            pieces.append(other_strand(piece) if draw(st.booleans()) else piece)
        sequence = "".join(pieces)
        if draw(st.booleans()):
            place = draw(st.integers(0, len(sequence) - 1))
            sequence = sequence[:place] + "N" + sequence[place + 1 :]
        sequences.append(sequence)
    parts = draw(st.lists(st.sampled_from(WORDS), min_size=len(sequences), max_size=len(sequences)))
    return sequences, parts


@settings(max_examples=150, deadline=None)
@given(related_sequences())
def test_counts_are_those_of_an_exhaustive_search(drawn_set):
    sequences, parts = drawn_set
    adata = book(sequences, parts)
    typical = int(np.median([len(s) - s.count("N") for s in sequences]))
    width = min(24, typical * 3 // 4)
    own = [words_of(s, width) if width >= 12 else set() for s in sequences]
    for _, found in leakage(adata).table.iterrows():
        mine = [i for i, part in enumerate(parts) if part == found["split"]]
        theirs = [i for i, part in enumerate(parts) if part == found["reference"]]
        same = [
            any(sequences[i].strip("N") in (sequences[j].strip("N"),
                other_strand(sequences[j]).strip("N")) for j in theirs)
            for i in mine
        ]  # fmt: skip
        alike = [any(own[i] & own[j] for j in theirs) for i in mine]
        assert found["n"] == len(mine)
        assert found["n_copies"] == sum(same)
        assert found["n_similar"] == sum(a or b for a, b in zip(same, alike))
        assert found["similar"] == found["n_similar"] / len(mine)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["chr1", "chr2", "."]), st.integers(0, 60),
    st.integers(1, 20), st.sampled_from(WORDS)), min_size=2, max_size=12))  # fmt: skip
def test_overlaps_are_those_of_an_exhaustive_search(regions):
    chrom, start, width, parts = zip(*regions)
    end = np.add(start, width)
    adata = book(["A"] * len(regions), parts, chrom=chrom, start=start, end=end)
    for _, found in leakage(adata).table.iterrows():
        expected = sum(
            any(
                parts[j] == found["reference"] and chrom[i] == chrom[j] != "."
                and start[i] < end[j] and start[j] < end[i]
                for j in range(len(regions))
            )
            for i in range(len(regions)) if parts[i] == found["split"]
        )  # fmt: skip
        assert found["n_overlap"] == expected


@pytest.mark.parametrize("nothing", [np.nan, ".", "unknown"])
def test_rows_without_a_place_overlap_nothing(nothing):
    start = [0, nothing, 500, nothing]
    adata = book(["A", "C", "G", "T"], ["train", "train", "test", "test"], chrom="chr1",
                 start=start, end=[100, 1000, 600, 1000])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert row(leakage(adata))["n_overlap"] == 0


def test_a_clean_split_says_so():
    found = leakage(book(decode(drawn(1000)), divided(1000)))
    assert not found.matters
    assert str(found) == (
        "No test sequence is a copy of a training sequence or shares 24 letters in a row with "
        "one.\nTest scores tell what to expect for new sequences of this kind."
    )
    assert row(found)[["n_copies", "n_similar"]].tolist() == [0, 0]
    assert row(found)[["n_family", "n_overlap"]].isna().all()


def test_copies_on_either_strand_are_counted_and_named_with_the_way_out():
    letters = drawn(1000)
    letters[900:910] = letters[:10]
    letters[910:920] = reverse_complement(letters[10:20])
    letters[920:980, 20:50] = letters[100:160, :30]
    found = leakage(book(decode(letters), divided(1000)))
    assert found.matters
    assert row(found)[["n_copies", "n_similar", "copies", "similar"]].tolist() == [20, 80, 0.2, 0.8]
    assert "80 of 100 test sequences (80 %) are related" in str(found)
    assert "20 are copies, on either strand" in str(found)
    assert 'adata.obs["split"] = mb.split(adata, by="similarity", seed=0)' in str(found)


def test_the_way_out_is_one():
    letters = drawn(300)
    letters[100:200] = letters[:100]
    letters[200:] = reverse_complement(letters[:100])
    adata = book(decode(letters), divided(300))
    assert leakage(adata).matters
    adata.obs["split"] = split(adata, by="similarity", seed=0)
    assert not leakage(adata).matters
    assert leakage(adata).table["n_similar"].sum() == 0


@pytest.mark.filterwarnings("ignore:The parts are uneven")
@settings(max_examples=60, deadline=None)
@given(related_sequences(), st.integers(0, 3))
def test_nothing_is_related_across_a_split_by_similarity(drawn_set, seed):
    adata = book(*drawn_set)
    try:
        adata.obs["split"] = split(adata, by="similarity", fractions=(0.5, 0, 0.5), seed=seed)
    except InputError as error:
        if "1 independent groups" not in str(error):
            raise
        return
    assert row(leakage(adata))["n_similar"] == 0


def test_little_is_said_not_to_matter():
    letters = drawn(2000)
    letters[1500:1510] = letters[:10]  # 2 % of copies would be too much
    letters[1500:1510, 0] = 3 - letters[:10, 0]
    found = leakage(book(decode(letters), divided(2000, n_test=500)))
    assert not found.matters
    assert "10 of 500 test sequences (2.0 %) share 24 letters" in str(found)
    assert "too few to move scores visibly" in str(found)


@pytest.mark.parametrize(("n_copies", "matters"), [(5, False), (6, True)])
def test_more_than_one_percent_of_copies_matter(n_copies, matters):
    letters = drawn(2000)
    letters[1500 : 1500 + n_copies] = letters[:n_copies]
    assert leakage(book(decode(letters), divided(2000, n_test=500))).matters is matters


def test_one_relative_in_a_tiny_set_is_no_alarm():
    letters = drawn(40)
    letters[39] = letters[0]
    found = leakage(book(decode(letters), divided(40, n_test=10)))
    assert row(found)["copies"] == 0.1
    assert not found.matters


def test_validation_against_test_is_counted_and_no_alarm():
    letters = drawn(300)
    letters[200:] = letters[100:200]
    found = leakage(book(decode(letters), divided(300, n_validation=100)))
    assert row(found, "test", "validation")["n_copies"] == 100
    assert not found.matters


def test_constant_flanks_are_not_leakage_and_orientations_between_them_are():
    letters = drawn(400, 90)
    flank, tail = drawn(2, 20, seed=1)
    letters[:, :20], letters[:, 70:] = flank, tail
    adata = book(decode(letters), divided(400))
    assert row(leakage(adata))["n_similar"] == 0
    letters[300:330, 20:70] = reverse_complement(letters[:30, 20:70])
    turned = leakage(book(decode(letters), divided(400)))
    assert row(turned)[["n_copies", "n_similar"]].tolist() == [30, 30]


def test_families_come_from_pairs_or_a_column():
    alleles = ["ref", "alt"] * 100
    adata = book(decode(drawn(200)), divided(200, n_test=101),
                 pair=np.arange(200) // 2, allele=alleles)  # fmt: skip
    found = leakage(adata)
    assert row(found)["n_family"] == 1
    adata.obs["element"] = np.arange(200) % 50
    found = leakage(adata, family="element")
    assert row(found)["n_family"] == 101  # the training rows hold every element
    assert found.matters
    assert 'mb.split(adata, by="element", seed=0)' in str(found)


def test_a_positive_and_its_own_shuffle_are_no_relatives():
    adata = mb.simulate(n=100, rule="single", seed=0)
    adata.obs["pair"] = [f"p{i % 50}" for i in range(100)]
    adata.X[:, 0] = np.arange(100) < 50
    adata.obs["split"] = np.where(np.arange(100) < 50, "train", "test")
    assert row(leakage(adata))["n_family"] == 0
    adata.X[:, 0] = 1
    assert row(leakage(adata))["n_family"] == 50


@pytest.mark.parametrize(("alphabet", "n_similar"), [(DNA, 1), (RNA, 0)])
def test_rna_has_no_other_strand(alphabet, n_similar):
    letters = drawn(3)
    letters[2] = reverse_complement(letters[:1])
    sequences = decode(letters, alphabet)
    found = leakage(book(sequences, ["train", "train", "test"], alphabet.name))
    assert row(found)[["n_copies", "n_similar"]].tolist() == [n_similar, n_similar]


def test_proteins_share_stretches():
    letters = np.random.default_rng(0).integers(0, 20, (3, 60)).astype(np.uint8)
    letters[2, 5:29] = letters[0, 30:54]
    found = leakage(book(decode(letters, PROTEIN), ["train", "train", "test"], "protein"))
    assert row(found)["n_similar"] == 1


def test_short_sequences_are_compared_as_copies_only():
    letters = drawn(3000, 9)
    found = leakage(book(decode(letters), divided(3000, n_test=300)))
    assert row(found)["n_similar"] == row(found)["n_copies"] > 0
    assert "so short that many share letters by chance" in str(found)


def test_a_large_set_is_sampled_and_long_shared_regions_are_all_found(monkeypatch):
    letters = drawn(2000, 200)
    letters[1000:1500, 50:100] = reverse_complement(letters[:500, 100:150])
    monkeypatch.setattr(stretches, "MOST", 100_000)
    kept = stretches.stretches(letters, DNA)
    assert len(kept.rows) == pytest.approx(100_000 * 177 / 200, rel=0.1)
    assert kept.width == 24
    assert kept.surely < 50
    groups = copies.linked(kept.rows, kept.hashes, 2000)
    assert (groups[:500] == groups[1000:1500]).all()
    assert len(np.unique(groups)) == 1500
    found = leakage(book(decode(letters), divided(2000, n_test=1000)))
    assert row(found)["n_similar"] == 500
    assert f"of {kept.surely} letters or more were all found" in str(found)


def test_the_sample_is_the_same_on_both_strands(monkeypatch):
    monkeypatch.setattr(stretches, "MOST", 500)
    letters = drawn(20, 200)
    one, other = (stretches.stretches(each, DNA) for each in (letters, reverse_complement(letters)))
    for number in range(20):
        assert set(one.hashes[one.rows == number]) == set(other.hashes[other.rows == number])


def test_only_a_split_can_leak():
    with pytest.raises(InputError, match=r"no column 'split'.*Make it: `adata.obs\[\"split\"\]"):
        leakage(mb.simulate(n=10, seed=0))
    with pytest.raises(InputError, match="has no column 'element'"):
        leakage(book(["ACGT"], ["train"]), family="element")
    alone = leakage(book(["ACGT"], ["train"]))
    assert not len(alone.table)
    assert not alone.matters
    assert "Nothing can leak" in str(alone)


def test_it_shows_itself_as_a_table_that_escapes():
    adata = book(decode(drawn(30)), divided(30, n_test=10), **{"<b>": range(30)})
    html = leakage(adata, family="<b>")._repr_html_()
    assert html.count('scope="row"') == 1
    assert 'scope="col"' in html
    assert "<b>" not in html


def test_rows_without_a_split_take_no_part():
    letters = drawn(30)
    letters[29] = letters[0]
    parts = [None] + ["train"] * 19 + ["test"] * 10
    assert row(leakage(book(decode(letters), parts)))["n_copies"] == 0


def test_keys_of_any_kind_meet():
    parts = np.array([0, 2, 1, 0], dtype=np.int8)
    met = relations.meets(np.arange(4), np.array([5, 5, 7, 7]), parts)
    assert met[1].tolist() == [True, False, True]
    assert met[2].tolist() == [True, True, False]
    assert not relations.meets(np.arange(4), np.arange(4), parts).any()
    assert not relations.meets(np.zeros(0, int), np.zeros(0, int), parts).any()


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=30))
def test_repeated_keys_are_all_kept(keys):
    kept = set(copies.shared(np.array(keys, dtype=np.uint64)).tolist())
    assert {i for i, key in enumerate(keys) if keys.count(key) > 1} <= kept


def leaky(n_copies):
    adata = mb.simulate(n=300, length=60, rule="single", seed=0)
    adata.obs["split"] = divided(300, n_validation=50)
    sequences = adata.obs["sequence"].to_numpy(copy=True)
    sequences[200 : 200 + n_copies] = sequences[:n_copies]
    adata.obs["sequence"] = sequences
    return adata


def quick_fit(adata):
    model = mb.CNN(1, n_filters=2, width=8)
    history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    return model, history


def test_fit_and_evaluate_warn_of_leakage_and_the_history_keeps_it():
    adata = leaky(10)
    with pytest.warns(LeakageWarning, match=r"10 of 100 test .*copies.*by=\"similarity\"") as said:
        model, history = quick_fit(adata)
    assert len(said) == 1
    assert str(said[0].message) in history.notes
    assert said[0].filename == __file__  # the line of the user, not one of ours
    with pytest.warns(LeakageWarning, match="10 of 100 test sequences") as said:
        mb.evaluate(model, adata)
    assert len(said) == 1


def test_evaluate_remembers_what_the_network_was_trained_on():
    model, _ = quick_fit(leaky(0))
    test = leaky(10)[200:].copy()
    with pytest.warns(LeakageWarning, match="10 of 100 test .*are copies of training sequences"):
        mb.evaluate(model, test)


def test_good_splits_and_questions_about_training_rows_are_silent():
    adata = leaky(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model, history = quick_fit(adata)
        mb.evaluate(model, adata)
        mb.evaluate(model, adata, split="train")
        mb.evaluate(model, leaky(10), split=None)
        del adata.obs["split"]
        quick_fit(adata)
    assert not any("letters in a row" in note for note in history.notes)


def test_large_sets_are_looked_through_for_copies_only(monkeypatch):
    letters = drawn(300)
    letters[200:, 10:50] = letters[:100, 10:50]
    adata = book(decode(letters), divided(300))
    assert "share 24 letters" in caution(adata)
    monkeypatch.setattr(stretches, "MOST", 10_000)
    assert caution(adata) == ""


def test_both_orientations_of_real_elements_are_together_in_every_split(test_data):
    path = test_data / "mpra" / "human_k562_lentimpra_3000.tsv.gz"
    adata = read_table(path, sequence="seq", readouts="mean_value")
    adata.obs["split"] = ["train", "test"] * 1500
    found = leakage(adata)
    assert found.matters
    assert row(found)["n_copies"] > 50
    for by in ("random", "similarity"):
        adata.obs["split"] = split(adata, by=by, seed=0)
        assert row(leakage(adata))["n_copies"] == 0


def test_random_promoters_do_not_leak_through_their_flanks(test_data):
    path = test_data / "mpra" / "yeast_random_6370.txt.gz"
    adata = read_table(path, sequence="sequence", readouts="value", names=["sequence", "value"])
    first, last = stretches.constant_flanks(encode(adata.obs["sequence"]), DNA)
    assert decode(first[None]) == ["TGCATTTTTTTCACATC"]
    assert decode(last[None]) == ["GGTTACGGCTGTT"]
    adata.obs["split"] = split(adata, seed=0)
    assert row(leakage(adata))["n_similar"] == 0


def test_families_torn_by_hand_are_told_in_passing_too():
    letters = drawn(300)
    torn = book(decode(letters), divided(300), pair=[f"element{i % 150}" for i in range(300)])
    said = caution(torn)
    assert said.startswith("100 of 100 test sequences have relatives (the same 'pair')")
    assert "Divide anew" in said
    apart = book(decode(letters), divided(300), pair=[f"element{i}" for i in range(300)])
    assert caution(apart) == ""
