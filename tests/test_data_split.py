"""Nothing that is the same stands on two sides of a split, and the shares are met."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motifbook import InputError, read_fasta, read_table, split
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.data import store
from motifbook.data.splits import copies
from motifbook.onehot import decode, encode, reverse_complement


def drawn(n, length=40, seed=0):
    """Random letter codes, (n, length)."""
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def book(letters, **obs):
    values = obs.pop("values", np.zeros((len(letters), 0)))
    names = [f"s{i}" for i in range(len(letters))]
    table = pd.DataFrame({"sequence": decode(letters), **obs}, index=names)
    return ad.AnnData(X=np.array(values, dtype=np.float32), obs=table, uns={"alphabet": "DNA"})


def counts(series):
    return series.value_counts().to_dict()


def is_apart(series, labels):
    """Whether each label stands on one side only."""
    n_sides = series.groupby(np.asarray(labels)).nunique()
    return n_sides.max() == 1


def test_shares_are_met_to_the_sequence():
    adata = book(drawn(1000))
    assert counts(split(adata, seed=0)) == {"train": 800, "validation": 100, "test": 100}
    thirds = split(adata, fractions=(0.5, 0, 0.5), seed=0)
    assert counts(thirds) == {"train": 500, "test": 500}
    assert thirds.index.equals(adata.obs_names)
    assert thirds.name == "split"


def test_a_seed_repeats_the_split_and_another_changes_it():
    adata = book(drawn(200))
    assert split(adata, seed=1).equals(split(adata, seed=1))
    assert not split(adata, seed=1).equals(split(adata, seed=2))


def test_membership_does_not_depend_on_position():
    adata = book(drawn(200))
    in_test = sum((split(adata, seed=seed) == "test").to_numpy() for seed in range(50))
    assert in_test.mean() == 5
    assert in_test.max() < 17  # binomial(50, 0.1): 5.6 standard deviations
    assert in_test[:100].mean() == pytest.approx(5, abs=1)


def test_copies_and_reverse_complements_stay_together():
    letters = drawn(300)
    adata = book(np.concatenate([letters, letters[:100], reverse_complement(letters[100:200])]))
    family = [*range(300), *range(100), *range(100, 200)]
    for seed in range(5):
        assert is_apart(split(adata, seed=seed), family)


def test_rna_has_no_other_strand():
    letters = np.concatenate([drawn(50), encode(["ACGU" * 5 + "A" * 20], RNA)])
    other = DNA.complement_codes[letters[:, ::-1]]
    both = np.concatenate([letters, other])
    assert len(np.unique(copies.sequence_hashes(both, RNA))) == 102
    assert len(np.unique(copies.sequence_hashes(both, DNA))) == 51


def test_positives_stay_with_their_shuffles_and_both_are_divided_evenly():
    letters = drawn(400)
    adata = book(
        letters, pair=[f"p{i % 200}" for i in range(400)], values=[[1.0]] * 200 + [[0]] * 200
    )
    series = split(adata, seed=0)
    assert is_apart(series, adata.obs["pair"])
    assert counts(series[:200]) == {"train": 160, "validation": 20, "test": 20}


def test_a_rare_positive_is_divided_like_the_rest():
    values = np.zeros((1000, 1))
    values[:50] = 1
    series = split(book(drawn(1000), values=values), seed=0)
    assert counts(series[:50]) == {"train": 40, "validation": 5, "test": 5}
    assert counts(series) == {"train": 800, "validation": 100, "test": 100}


def test_a_column_keeps_its_values_together():
    rng = np.random.default_rng(0)
    family = rng.integers(0, 60, 600)
    series = split(book(drawn(600), family=family), by="family", seed=0)
    assert is_apart(series, family)
    assert counts(series)["test"] == pytest.approx(60, abs=6)
    assert counts(series)["validation"] == pytest.approx(60, abs=6)


def test_families_that_share_a_sequence_are_one():
    letters = drawn(100)
    letters[10] = letters[0]
    series = split(book(letters, family=np.arange(100) // 10), by="family", seed=0)
    assert is_apart(series, [0] * 20 + list(np.arange(20, 100) // 10))


def test_a_missing_family_is_a_family_of_its_own():
    family = pd.Categorical(["a"] * 10 + [None] * 90)
    series = split(book(drawn(100), family=family), by="family", seed=0)
    assert counts(series) == {"train": 80, "validation": 10, "test": 10}


def test_chromosomes_stay_whole_but_for_copies():
    letters = drawn(500)
    letters[499] = reverse_complement(letters[:1])
    chrom = [f"chr{i // 50}" for i in range(500)]
    for seed in range(5):
        series = split(book(letters, chrom=chrom), by="chrom", seed=seed)
        assert is_apart(series[:499], chrom[:499])
        assert series.iloc[0] == series.iloc[499]
        assert set(series) == {"train", "validation", "test"}


def test_shuffles_follow_the_chromosome_of_their_positive():
    pair = [str(i) for i in range(100)] * 2
    adata = book(drawn(200), pair=pair, chrom=[f"chr{i // 10}" for i in range(100)] + ["."] * 100)
    series = split(adata, by="chrom", seed=0)
    assert is_apart(series, pair)
    assert is_apart(series[:100], adata.obs["chrom"][:100])


def test_similar_sequences_stay_together_on_either_strand():
    letters = drawn(200, 60)
    letters[100:150, 10:40] = letters[:50, 30:60]
    letters[150:, 5:30] = reverse_complement(letters[50:100, :25])
    family = [*range(100), *range(100)]
    groups = copies.similar_groups(letters, DNA)
    assert groups[:100].tolist() == groups[100:].tolist()
    assert len(np.unique(groups)) == 100
    assert is_apart(split(book(letters), by="similarity", seed=0), family)


def test_23_shared_letters_are_not_24():
    letters = drawn(4, 60)
    letters[1, 30:53] = letters[0, :23]
    letters[3, 30:54] = letters[2, :24]
    letters[1, 53] = (letters[0, 23] + 1) % 4
    assert copies.similar_groups(letters, DNA).tolist() == [0, 1, 2, 2]


def test_constant_flanks_make_nobody_similar():
    letters = drawn(100, 90)
    letters[:, :25] = letters[0, :25]
    letters[:, -25:] = letters[0, -25:]
    assert len(np.unique(copies.similar_groups(letters, DNA))) == 100


def test_variants_of_one_sequence_are_one_family():
    letters = np.repeat(drawn(1, 100), 50, axis=0)
    letters[np.arange(50), np.arange(50)] = (letters[0, :50] + 1) % 4
    assert len(np.unique(copies.similar_groups(letters, DNA))) == 1
    with pytest.raises(InputError, match=r"There are 1 independent groups .* by='similarity'"):
        split(book(letters), by="similarity")


def test_short_sequences_are_similar_only_as_copies():
    letters = drawn(3000, 9)
    assert len(np.unique(copies.similar_groups(letters, DNA))) == 3000
    assert is_apart(split(book(letters), by="similarity", seed=0), decode(letters))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ACGT", min_size=1, max_size=12), min_size=2, max_size=6))
def test_hashes_tell_sequences_apart_whatever_their_padding(sequences):
    def canonical(sequence):
        return min(sequence, decode(reverse_complement(encode([sequence])))[0])

    hashes = copies.sequence_hashes(encode(sequences), DNA)
    assert len(set(hashes.tolist())) == len({canonical(sequence) for sequence in sequences})
    padded = copies.sequence_hashes(encode(sequences, length=20), DNA)
    np.testing.assert_array_equal(hashes, padded)


def test_hashes_stay_the_same_for_ever():
    hashes = copies.sequence_hashes(encode(["ACGTA", "TTN"]), DNA)
    assert hashes.tolist() == [2989901119394102597, 5710252016873863752]


def test_proteins_are_divided_too():
    letters = encode(["MKLV" * 8, "MKLV" * 8, "ACDE" * 8], PROTEIN)
    hashes = copies.sequence_hashes(letters, PROTEIN)
    assert hashes[0] == hashes[1] != hashes[2]
    assert copies.similar_groups(letters, PROTEIN).tolist() == [0, 0, 1]


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.5, 0.6, 0.1), (1.2, -0.1, -0.1), "abc", None])
def test_fractions_that_make_no_sense(fractions):
    with pytest.raises(InputError, match="expected three shares that sum to 1"):
        split(book(drawn(10)), fractions=fractions)


def test_requests_that_cannot_be_met():
    with pytest.raises(InputError, match=r"`adata.obs` has no column 'chrom'; it has: sequence"):
        split(book(drawn(10)), by="chrom")
    with pytest.raises(InputError, match=r"There are 2 independent groups .* at least 3"):
        split(book(drawn(2)))
    with pytest.raises(InputError, match=r"There are 2 independent groups .* by='chrom'"):
        split(book(drawn(10), chrom=["a", "b"] * 5), by="chrom")


@st.composite
def messy_sets(draw):
    """Few sequences of uneven length that repeat, turn over, and share families and chromosomes."""
    n = draw(st.integers(6, 30))
    bases = draw(st.lists(st.text("ACGT", min_size=4, max_size=50), min_size=4, max_size=20))
    picked = [draw(st.sampled_from(bases)) for _ in range(n)]
    turned = [
        decode(reverse_complement(encode([s])))[0] if draw(st.booleans()) else s for s in picked
    ]
    values = draw(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=n, max_size=n))
    columns = {
        name: draw(st.lists(st.sampled_from([*"abcdefghij", None]), min_size=n, max_size=n))
        for name in ("family", "chrom")
    }
    table = pd.DataFrame({"sequence": turned, **columns}, index=[f"s{i}" for i in range(n)])
    X = np.array(values, dtype=np.float32)[:, None]
    return ad.AnnData(X=X, obs=table, uns={"alphabet": "DNA"})


@pytest.mark.filterwarnings("ignore:The parts are uneven")
@settings(max_examples=60, deadline=None)
@given(
    messy_sets(),
    st.sampled_from(["random", "similarity", "chrom", "family"]),
    st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0, 0.5), (1, 0, 0)]),
    st.integers(0, 3),
)
def test_no_copy_is_ever_divided(adata, by, fractions, seed):
    try:
        series = split(adata, by=by, fractions=fractions, seed=seed)
    except InputError as error:
        if "independent groups" not in str(error):  # too few, and nothing else, is refused
            raise
        return
    canonical = [min(s, decode(reverse_complement(encode([s])))[0]) for s in adata.obs["sequence"]]
    assert is_apart(series, canonical)
    if by == "family":
        families = adata.obs["family"].fillna(pd.Series(adata.obs_names, adata.obs_names))
        assert is_apart(series, families)
    wanted = {word for word, share in zip(("train", "validation", "test"), fractions) if share}
    assert set(series) == wanted
    assert series.equals(split(adata, by=by, fractions=fractions, seed=seed))


def test_both_orientations_between_constant_flanks_stay_together():
    letters = drawn(400, 90)
    letters[:, :15], letters[:, 75:] = drawn(2, 15, seed=1)
    letters[200:, 15:75] = reverse_complement(letters[:200, 15:75])
    for by in ("random", "similarity"):
        assert is_apart(split(book(letters), by=by, seed=0), [*range(200), *range(200)])


def test_folds_are_dealt_whole():
    fold = np.arange(1000) % 10
    series = split(book(drawn(1000), fold=fold), by="fold", seed=0)
    assert is_apart(series, fold)
    assert counts(series) == {"train": 800, "validation": 100, "test": 100}


def test_a_column_that_names_the_parts_is_taken_as_it_stands():
    words = np.array(["Training", "val", "TEST "])[np.arange(300) % 3]
    letters = drawn(300)
    series = split(book(letters, set=words), by="set", fractions=(1, 0, 0))
    expected = np.array(["train", "validation", "test"])[np.arange(300) % 3]
    assert series.tolist() == expected.tolist()
    letters[299] = reverse_complement(letters[:1])  # given as test, and a copy of a training row
    series = split(book(letters, set=words), by="set")
    assert series.iloc[299] == series.iloc[0] == "train"
    assert series.iloc[:299].tolist() == expected[:299].tolist()


def test_words_of_something_else_are_a_column_like_any_other():
    words = np.array(["train", "bus", "test"])[np.arange(300) % 3]
    with pytest.warns(UserWarning, match="uneven"):
        assert is_apart(split(book(drawn(300), set=words), by="set", seed=0), words)


def test_parts_far_from_their_share_are_told():
    chrom = ["chr1"] * 940 + [f"chr{i}" for i in range(2, 12)] * 6
    with pytest.warns(UserWarning, match=r"train 94 %.*11 groups \(by='chrom'\).* 94 % of all"):
        series = split(book(drawn(1000), chrom=chrom), by="chrom", seed=0)
    assert (series[:940] == "train").all()


def test_missing_values_count_as_no_positive():
    values = np.full((200, 1), np.nan)
    values[:40] = 1
    values[40:80] = 0
    series = split(book(drawn(200), values=values), fractions=(0.5, 0, 0.5), seed=0)
    assert counts(series[:40]) == {"train": 20, "test": 20}


def test_three_sequences_are_enough():
    series = split(book(drawn(3)), seed=0)
    assert sorted(series) == ["test", "train", "validation"]


def test_real_peaks_by_chromosome(test_data):
    adata = read_fasta(test_data / "chip" / "oct4_200bp.fa.gz", negatives="shuffle", seed=0)
    series = split(adata, by="chrom", seed=0)
    n = adata.n_obs // 2
    assert is_apart(series[:n], adata.obs["chrom"][:n])
    assert series[:n].tolist() == series[n:].tolist()
    assert counts(series)["test"] == pytest.approx(0.1 * adata.n_obs, rel=0.1)


def test_real_variants_leak_over_a_random_split_and_not_over_similarity(test_data):
    path = test_data / "mpra" / "crx_retina_12cond_dev.tsv.gz"
    adata = read_table(path, sequence="CRE_sequence", readouts="rho_WT")
    element = adata.obs["chip_peak_id"].fillna(pd.Series(adata.obs_names, adata.obs_names))
    at_random = split(adata, seed=0).groupby(element).nunique()
    assert (at_random > 1).mean() > 0.1
    assert is_apart(split(adata, by="chip_peak_id", seed=0), element)
    by_similarity = split(adata, by="similarity", seed=0).groupby(element).nunique()
    assert (by_similarity > 1).mean() < 0.01
    assert store.rows(adata, "test").shape == (adata.n_obs,)
