"""What `check` says has the right number, an independent referee agrees, and nothing crashes it."""

from __future__ import annotations

import itertools
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from Bio.SeqUtils import gc_fraction
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

import motifbook as mb
from motifbook import InputError, check, read_fasta, read_table, split
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.data.quality import ceilings
from motifbook.data.quality.composition import auroc, composition, correlation
from motifbook.onehot import decode, encode, reverse_complement


def drawn(n, length=100, seed=0, p=None):
    """Random sequences, n strings."""
    letters = np.random.default_rng(seed).choice(4, (n, length), p=p).astype(np.uint8)
    return decode(letters)


def book(sequences, values=None, names=None, alphabet="DNA", **obs):
    columns = np.zeros((len(sequences), 0)) if values is None else np.asarray(values, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    names = names or [f"r{i}" for i in range(columns.shape[1])]
    return ad.AnnData(
        X=columns.astype(np.float32),
        obs=pd.DataFrame({"sequence": list(sequences), **obs},
                         index=[f"s{i}" for i in range(len(sequences))]),
        var=pd.DataFrame(index=names),
        uns={"alphabet": alphabet},
    )  # fmt: skip


def told(found, topic, level=None):
    """Sentences and advice of one topic, as one text."""
    table = found.table[found.table["topic"] == topic]
    if level is not None:
        assert set(table["level"]) >= {level}, table.to_string()
    return " ".join((table["sentence"] + " " + table["advice"]).tolist())


def classes(n):
    return np.arange(n) % 2


# Composition and its referees


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1, max_size=30), min_size=1, max_size=8))
def test_gc_is_that_of_biopython(sequences):
    found = composition(encode(sequences), DNA).share([1, 2])
    expected = [gc_fraction(s) if set(s) != {"N"} else np.nan for s in sequences]
    np.testing.assert_allclose(found, expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1, max_size=30), min_size=1, max_size=8))
def test_letters_and_pairs_are_counted_as_by_hand(sequences):
    found = composition(encode(sequences), DNA)
    for row, sequence in enumerate(sequences):
        core = sequence.strip("N")
        assert found.counts[row].tolist() == [sequence.count(letter) for letter in "ACGT"]
        assert found.lengths[row] == len(core)
        assert found.n_unknown[row] == core.count("N")
        pairs = [a + b for a, b in itertools.pairwise(core) if "N" not in a + b]
        expected = pairs.count("CG") / len(pairs) if pairs else np.nan
        np.testing.assert_allclose(found.cpg[row], expected)


def test_variety_is_0_for_one_letter_1_bit_for_two_words_and_near_1_at_random():
    sequences = ["A" * 100, "AC" * 50, drawn(1)[0]]
    found = composition(encode(sequences), DNA).variety
    assert found[0] == 0
    assert found[1] == pytest.approx(0.25, abs=0.001)
    assert found[2] > 0.9


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_that_of_scikit_learn(rows):
    values, positive = (np.array(column) for column in zip(*rows))
    if positive.all() or not positive.any():
        assert np.isnan(auroc(values.astype(float), positive))
    else:
        assert auroc(values.astype(float), positive) == pytest.approx(
            roc_auc_score(positive, values)
        )


def test_correlation_is_that_of_numpy_where_both_are_there():
    x, y = np.random.default_rng(0).normal(size=(2, 50))
    expected = np.corrcoef(x[5:], y[5:])[0, 1]
    x[:3] = y[3:5] = np.nan
    assert correlation(x, y) == pytest.approx(expected)
    assert np.isnan(correlation(x, np.ones(50)))


# Ceilings


@pytest.mark.parametrize("n_replicates", [2, 3, 5])
def test_the_ceiling_is_what_the_truth_reaches(n_replicates):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20_000)
    replicates = truth[:, None] + 1.5 * rng.normal(size=(20_000, n_replicates))
    reached = np.corrcoef(truth, replicates.mean(axis=1))[0, 1]
    assert np.sqrt(ceilings.from_replicates(replicates)) == pytest.approx(reached, abs=0.01)
    sigma = np.full(20_000, 1.5 / np.sqrt(n_replicates))
    by_sigma = ceilings.from_sigma(replicates.mean(axis=1), sigma)
    assert np.sqrt(by_sigma) == pytest.approx(reached, abs=0.01)


def test_the_ceiling_of_replicates_with_gaps_is_what_the_truth_reaches():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=20_000)
    replicates = truth[:, None] + 1.5 * rng.normal(size=(20_000, 4))
    replicates[:, 1:][rng.random((20_000, 3)) < 0.6] = np.nan
    reached = np.corrcoef(truth, np.nanmean(replicates, axis=1))[0, 1]
    assert np.sqrt(ceilings.from_replicates(replicates)) == pytest.approx(reached, abs=0.01)


def test_the_ceiling_by_copies_is_that_of_a_single_measurement():
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.normal(size=5000), 2)
    values = truth + rng.normal(size=10_000)
    reliability, n = ceilings.from_copies(values, np.repeat(np.arange(5000), 2))
    assert n == 5000
    assert np.sqrt(reliability) == pytest.approx(np.corrcoef(truth, values)[0, 1], abs=0.02)


def test_pasted_rows_are_no_repeated_measurement():
    values = np.random.default_rng(0).normal(size=100)
    reliability, n = ceilings.from_copies(np.tile(values, 2), np.tile(np.arange(100), 2))
    assert n == 0
    assert np.isnan(reliability)
    found = check(book(drawn(100) * 2, np.tile(values, 2)))
    assert "The very same letters and values: 100" in told(found, "copies", "note")
    assert "ceiling_r:r0" not in found.facts


def test_replicates_with_gaps_and_without_noise_or_signal():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(500, 1))
    assert ceilings.from_replicates(np.repeat(truth, 3, axis=1)) == pytest.approx(1)
    assert ceilings.from_replicates(rng.normal(size=(500, 2))) < 0.2
    assert np.isnan(ceilings.from_replicates(truth))
    gaps = truth + 0.5 * rng.normal(size=(500, 3))
    gaps[:, 2] = np.nan
    two = ceilings.from_replicates(gaps[:, :2])
    assert ceilings.from_replicates(gaps) == pytest.approx(two)


def test_replicates_come_before_standard_errors_before_copies():
    rng = np.random.default_rng(0)
    values = rng.normal(size=200)
    adata = book(drawn(100) * 2, values)
    by_copies = check(adata).facts["ceiling_r:r0"]
    adata.layers["sigma"] = np.full((200, 1), 0.5, dtype=np.float32)
    by_sigma = check(adata).facts["ceiling_r:r0"]
    assert by_sigma == pytest.approx(np.sqrt(1 - 0.25 / values.var(ddof=1)), abs=1e-4)
    adata.obsm["replicates:r0"] = (values[:, None] + 0.1 * rng.normal(size=(200, 2))).astype("f4")
    found = check(adata)
    assert len({by_copies, by_sigma, found.facts["ceiling_r:r0"]}) == 3
    assert "replicates agree with r = 0.9" in told(found, "noise").lower()


def test_a_noisy_measurement_is_said_to_be_mostly_noise():
    rng = np.random.default_rng(0)
    adata = book(drawn(300), rng.normal(size=300))
    adata.obsm["replicates:r0"] = rng.normal(size=(300, 2))
    assert "Most of what was measured is noise" in told(check(adata), "noise", "note")


# Sentences


def test_a_plain_set_has_nothing_to_mend():
    adata = book(drawn(4000), classes(4000), ["bound"])
    adata.obs["split"] = split(adata, seed=0)
    found = check(adata)
    assert found.summary == "Nothing to mend."
    assert set(found.table["level"]) == {"fine"}
    assert "4,000 sequences." in told(found, "size")
    assert "All sequences have 100 letters." in told(found, "lengths")
    assert "2,000 of 4,000 are 1 (50 %)" in told(found, "balance")
    assert found.facts["gc_auroc:bound"] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("n", "level", "words"),
    [
        (20, "warning", "needs 20 training rows"),
        (200, "warning", "a network is not reliable"),
        (1000, "note", "Enough for common motifs"),
        (4000, "fine", "motifs that a tenth of them have"),
    ],
)
def test_size_is_judged_by_the_rarer_class(n, level, words):
    assert words in told(check(book(drawn(n, 30), classes(n))), "size", level)
    rare = np.arange(4000) < n // 2
    if n < 4000:
        assert words in told(check(book(drawn(4000, 30), rare)), "size", level)


def test_gc_that_separates_the_classes_is_a_warning_with_its_size():
    rich, poor = (drawn(500, p=p) for p in ([0.2, 0.3, 0.3, 0.2], [0.3, 0.2, 0.2, 0.3]))
    found = check(book(rich + poor, [1] * 500 + [0] * 500, ["bound"]))
    said = told(found, "composition", "warning")
    assert "60 % of the letters where bound is 1 and 40 % where it is 0" in said
    assert found.facts["gc_difference:bound"] == pytest.approx(0.2, abs=0.01)
    assert found.facts["gc_error:bound"] == pytest.approx(np.sqrt(2 * 0.24 / 100 / 500), rel=0.1)
    assert found.facts["gc_auroc:bound"] > 0.99


def test_cg_pairs_that_tell_more_than_gc_are_named():
    islands, others = ["CG" + s for s in drawn(500)], ["GC" + s for s in drawn(500, seed=1)]
    islands = [s[:40] + "CGCGCG" + s[46:] for s in islands]
    others = [s[:40] + "GCGCGC" + s[46:] for s in others]
    others = [s.replace("CG", "GC") for s in others]
    said = told(check(book(islands + others, [1] * 500 + [0] * 500)), "composition", "warning")
    assert "The share of the pair CG separates them" in said
    assert "matched GC" not in said


def test_gc_against_values_is_a_correlation():
    sequences = drawn(1000)
    gc = np.array([gc_fraction(s) for s in sequences])
    values = gc + np.random.default_rng(0).normal(0, gc.std(), 1000)
    found = check(book(sequences, np.column_stack([values, np.random.default_rng(1).random(1000)])))
    r = np.corrcoef(gc, values)[0, 1]
    assert found.facts["gc_r:r0"] == pytest.approx(r, abs=1e-5)
    assert f"with r0 by r = {r:.2f}" in told(found, "composition", "warning")
    assert "the most of 2 readouts" in told(found, "composition")


def test_gc_against_few_values_is_no_news():
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=(40, 2))
        told(check(book(drawn(40, seed=seed), values)), "composition", "fine")
    sequences = drawn(40)
    values = [gc_fraction(s) for s in sequences]
    assert told(check(book(sequences, values)), "composition", "warning")


def test_copies_and_contradictions_are_counted():
    sequences = drawn(600, 60)
    turned = decode(reverse_complement(encode(sequences[:20])))
    adata = book([*sequences, *turned], np.r_[classes(600), 1 - classes(20)], ["bound"])
    found = check(adata)
    assert found.facts["n_copies"] == 20
    assert found.facts["n_conflicting:bound"] == 20
    assert "20 sequences with bound = 1 in one row and 0 in another" in told(found, "copies")
    assert found.facts["share_with_relatives"] == pytest.approx(40 / 620)
    assert 'by="similarity"' in told(found, "families", "note")
    assert 'by="similarity"' in told(found, "split")


def test_flanks_are_named_with_their_letters():
    found = check(book(["ACGTTGCAAC" + s + "GGATCCTT" for s in drawn(200)]))
    said = told(found, "constant ends", "note")
    assert "start with the same 10 letters (ACGTTGCAAC)" in said
    assert "end with the same 8 letters (GGATCCTT)" in said


def test_unknown_letters_and_simple_sequences():
    gap = drawn(1, 20)[0] + "N" * 60 + drawn(1, 20)[0]
    sequences = [*drawn(97), gap, "AC" * 50, "A" * 100]
    found = check(book(sequences))
    assert "Unknown (N): 0.6 %, in 1 sequence" in told(found, "letters", "warning")
    assert "2.0 % of the sequences repeat" in told(found, "repeats", "note")
    assert "'s98'" in told(found, "repeats")


def test_short_and_uneven_sequences():
    assert "`width=9` or less" in told(check(book(drawn(50, 9))), "lengths", "warning")
    uneven = drawn(50, 40) + drawn(5, 12)
    assert "5 are shorter than 20" in told(check(book(uneven)), "lengths", "note")
    long = drawn(50, 40) + drawn(1, 400)
    assert "Shorter sequences are padded to 400" in told(check(book(long)), "lengths", "warning")


def odd(values, kind=None):
    adata = book(drawn(len(values), 40), values)
    if kind:
        adata.var["kind"] = kind
    return check(adata)


def test_odd_values_are_named():
    rng = np.random.default_rng(0)
    normal = rng.normal(size=1000)
    assert told(odd(normal), "values") == ""
    assert "counts are: r0 (up to" in told(odd(rng.negative_binomial(1, 0.01, 1000)), "values")
    assert "r0 (skewness" in told(odd(np.exp(2 * normal)), "values")
    assert "10 robust standard deviations from the median: r0 (1)" in told(
        odd(np.r_[normal, 15]), "values"
    )
    assert "0 in 30 %" in told(odd(np.where(np.arange(1000) < 300, 0, normal)), "values")
    assert "two values only, -1 and 1" in told(odd(np.sign(normal)), "readouts")
    assert "called binary and holds" in told(odd(normal, "binary"), "readouts", "warning")


def test_readouts_that_are_missing_constant_or_the_same():
    rng = np.random.default_rng(0)
    a = rng.normal(size=500)
    gap = np.where(np.arange(500) < 50, np.nan, rng.normal(size=500))
    columns = [a, a * 3 + 1, -a, gap, np.full(500, np.nan), np.full(500, 0.3)]
    names = ["a", "b", "c", "gap", "never", "flat"]
    found = check(book(drawn(500, 40), np.column_stack(columns), names))
    said = told(found, "readouts", "warning")
    assert "|r| above 0.99): a and b, a and c, b and c" in said
    assert "Never measured: never." in said
    assert "All measured values are alike: flat." in said
    assert "Missing: 10 % of gap" in told(found, "missing")
    assert found.facts["missing:gap"] == pytest.approx(0.1)


def test_rare_positives_ask_for_another_score():
    found = check(book(drawn(5000, 30), np.arange(5000) < 200, ["bound"]))
    assert "auPRC" in told(found, "balance", "note")
    found = check(book(drawn(500, 30), np.arange(500) < 20, ["bound"]))
    assert "20 of the rarer kind are few" in told(found, "balance", "warning")


def test_a_leaky_split_is_a_warning():
    adata = book(drawn(200) * 2, np.tile(np.random.default_rng(0).normal(size=200), 2))
    adata.obs["split"] = ["train"] * 200 + ["test"] * 200
    found = check(adata)
    assert "200 of 200 test sequences (100 %) are copies" in told(found, "leakage", "warning")
    assert found.facts["copies:test"] == 1


def test_large_sets_look_for_copies_only(monkeypatch):
    monkeypatch.setattr("motifbook.data.splits.stretches.MOST", 1000)
    adata = book(drawn(200))
    adata.obs["split"] = split(adata, seed=0)
    found = check(adata)
    assert "not looked for" in told(found, "families")
    assert "`mb.leakage(adata)` does" in told(found, "leakage", "fine")


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN])
def test_every_alphabet(alphabet):
    letters = np.random.default_rng(0).integers(0, alphabet.n_letters, (300, 50)).astype(np.uint8)
    found = check(book(decode(letters, alphabet), classes(300), alphabet=alphabet.name))
    assert alphabet.name in told(found, "letters", "fine")
    assert bool(told(found, "composition")) == (alphabet is not PROTEIN)


def test_dna_read_as_protein_or_without_a_letter():
    found = check(book(drawn(50), alphabet="protein"))
    assert 'read them with `alphabet="DNA"`' in told(found, "letters", "warning")
    found = check(book([s.replace("T", "C") for s in drawn(50)]))
    assert "T never occurs" in told(found, "letters", "warning")


# Nothing crashes it


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("n_readouts", [0, 1, 2])
@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, 2.5])
def test_tiny_and_empty_sets(n, n_readouts, value):
    adata = book(drawn(n, 30), np.full((n, n_readouts), value))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check(adata)
    assert found.facts["n"] == n
    assert len(found.table)
    assert "<table" in found.to_html()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_set_is_checked_without_a_crash_or_a_warning(data):
    sequences = data.draw(st.lists(st.text("ACGTN", min_size=1, max_size=40), max_size=12))
    number = st.floats(-1e6, 1e6, width=32) | st.just(np.nan) | st.sampled_from([0.0, 1.0])
    n, n_readouts = len(sequences), data.draw(st.integers(0, 2))
    values = data.draw(st.lists(number, min_size=n * n_readouts, max_size=n * n_readouts))
    adata = book(sequences, np.reshape(values, (n, n_readouts)))
    if data.draw(st.booleans()) and n:
        words = st.sampled_from(["train", "validation", "test"])
        adata.obs["split"] = data.draw(st.lists(words, min_size=n, max_size=n))
    if data.draw(st.booleans()) and n_readouts:
        adata.layers["sigma"] = np.abs(adata.X)
        adata.obsm["replicates:r0"] = np.column_stack([adata.X[:, 0]] * 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = str(check(adata))
    assert "nan" not in text.lower().replace("(nan)", "")


def test_letters_kept_as_codes_give_the_same():
    sequences = [*drawn(300, 40), *drawn(20, 30)]
    strings = book(sequences, classes(320))
    codes = strings.copy()
    codes.obsm["letters"] = encode(sequences)
    del codes.obs["sequence"]
    assert str(check(strings)) == str(check(codes))


def test_what_is_no_data_is_refused():
    with pytest.raises(InputError, match="expected an AnnData"):
        check("peaks.fa")


def test_it_shows_itself_as_an_accessible_table_that_escapes():
    adata = book(drawn(100), classes(100), ["<b>bound</b>"])
    html = check(adata)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;bound" in html
    assert "<caption" in html
    assert html.count('scope="row"') == len(check(adata).table)
    assert '<th scope="col"' in html


def test_the_data_are_left_as_they_are():
    adata = mb.simulate(n=200, seed=0)
    before = adata.copy()
    check(adata)
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    assert list(adata.uns) == list(before.uns)


# Real data


def test_real_peaks(test_data):
    adata = read_fasta(test_data / "chip" / "oct4_200bp.fa.gz", negatives="shuffle", seed=0)
    found = check(adata)
    assert found.facts["gc_auroc:bound"] == pytest.approx(0.5, abs=0.01)
    assert 0.05 < found.facts["share_with_relatives"] < 0.12
    assert set(found.table["level"]) <= {"fine", "note"}


def test_real_reporter_assays(test_data):
    path = test_data / "mpra" / "yeast_random_6370.txt.gz"
    yeast = check(read_table(path, sequence="s", readouts="y", names=["s", "y"]))
    assert yeast.facts["flank_start"] == "TGCATTTTTTTCACATC"
    assert yeast.facts["gc_r:y"] == pytest.approx(0.35, abs=0.02)
    path = test_data / "mpra" / "crx_retina_12cond_dev.tsv.gz"
    crx = check(
        read_table(
            path, sequence="CRE_sequence", readouts="rho_WT", sigma={"rho_WT": "rho_WT_sigma"}
        )
    )
    assert crx.facts["share_with_relatives"] > 0.9
    assert 0.8 < crx.facts["ceiling_r:rho_WT"] < 1
    path = test_data / "mpra" / "mpsa_5ss_9nt.csv.gz"
    mpsa = check(read_table(path, sequence="x", readouts="tot_ct", alphabet="RNA"))
    assert "counts are: tot_ct" in told(mpsa, "values")
    assert "9 letters" in told(mpsa, "lengths", "warning")


def test_short_reads_are_told_a_width_and_one_large_family_is_told_to_be_a_repeat():
    assert "`width=10` suits it better" in told(check(book(drawn(50, 20))), "lengths", "note")
    sequences = drawn(200, 80)
    sequences[:40] = [sequences[0][:40] + one[40:] for one in sequences[:40]]
    assert "may be a repeated element" in told(check(book(sequences)), "families", "warning")
