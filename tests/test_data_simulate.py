from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.data import schema, store
from motifbook.data.simulation.rules import (
    RULES,
    AdditiveRule,
    Configuration,
    Rule,
    additive,
    formula,
)
from motifbook.data.simulation.simulate import SimulateOptions, simulate
from motifbook.motif import database
from motifbook.onehot import encode, reverse_complement

BINARY_RULES = [name for name, rule in RULES.items() if isinstance(rule, Rule)]


def read_sites(adata, motif):
    """Letters of the planted sites of one motif, read on its own strand, (n_sites, width)."""
    sites = adata.uns["truth"]["sites"].query("motif == @motif")
    sequences = adata.obs["sequence"]
    letters = encode([sequences[s][a:b] for s, a, b in zip(sites.sequence, sites.start, sites.end)])
    minus = (sites.strand == "-").to_numpy()
    letters[minus] = reverse_complement(letters[minus])
    return letters


def p_value_of_sites(letters, ppm):
    """Chi-square of the letters of sites against the matrix they were drawn from."""
    statistic, freedom = 0.0, 0
    for column, probabilities in zip(letters.T, ppm.T):
        counts = np.bincount(column, minlength=4)
        possible = probabilities > 0
        assert counts[~possible].sum() == 0
        expected = len(column) * probabilities[possible]
        statistic += ((counts[possible] - expected) ** 2 / expected).sum()
        freedom += possible.sum() - 1
    return stats.chi2.sf(statistic, freedom)


def describe(adata):
    """What stands in each sequence, 5' to 3' on the strand of the first motif: names and gaps."""
    words = {name: () for name in adata.obs_names}
    for name, sites in adata.uns["truth"]["sites"].groupby("sequence"):
        backwards = (sites.strand == "-").all()
        gaps = sites.start.to_numpy()[1:] - sites.end.to_numpy()[:-1]
        order = -1 if backwards else 1
        words[name] = (tuple(sites.motif[::order]), tuple(gaps[::order].tolist()))
    return list(words.values())


@pytest.mark.parametrize("rule", ["tut2", "six", "additive"])
def test_sites_are_draws_from_the_true_matrix(rule):
    adata = simulate(4000, 200, rule=rule, seed=1)
    for name, ppm in adata.uns["truth"]["motifs"].items():
        assert p_value_of_sites(read_sites(adata, name), ppm) > 1e-4


def test_sites_score_as_the_matrix_promises_and_background_does_not():
    adata = simulate(4000, 200, rule="single", seed=2)
    motif = Motif("SPI1", adata.uns["truth"]["motifs"]["SPI1"])
    pssm = motif.pssm()
    scores = pssm[read_sites(adata, "SPI1"), np.arange(motif.width)].sum(axis=1)
    assert scores.mean() == pytest.approx((motif.ppm * pssm).sum(), abs=0.3)
    assert scores.mean() > pssm.mean(axis=0).sum() + 20


def test_gaps_fill_exactly_the_planted_ranges():
    adata = simulate(5000, 200, seed=3)
    bound = adata.X[:, 0] == 1
    pairs = [(is_bound, words[1][0]) for is_bound, words in zip(bound, describe(adata)) if
             words and len(words[0]) == 2]  # fmt: skip
    assert {gap for is_bound, gap in pairs if is_bound} == set(range(6, 11))
    assert {gap for is_bound, gap in pairs if not is_bound} == set(range(20, 51))


def holds(*names):
    return lambda motifs, gap: motifs == names


LABELS = {
    "single": holds("SPI1"),
    "tut": lambda motifs, gap: motifs == ("SPI1",) or len(motifs) == 2,
    "tut2": lambda motifs, gap: motifs == ("SPI1",) or gap in range(6, 11),
    "gc": lambda motifs, gap: motifs == ("SPI1",) or gap in range(6, 11),
    "spacing": lambda motifs, gap: gap in range(6, 11),
    "either": lambda motifs, gap: bool(motifs),
    "hard": lambda motifs, gap: motifs == ("ATF7",) or gap == 5,
    "soft": lambda motifs, gap: gap in range(2, 15),
    "cooperation": holds("E2F6", "MAX"),
    "repress": holds("SPI1"),
    "six": lambda motifs, gap: (
        motifs in {("SPI1",), ("CTCF",), ("JUN",), ("RUNX2",)} or gap in range(6, 11)
    ),
    "both": lambda motifs, gap: len(motifs) == 2,
    "copies": lambda motifs, gap: bool(motifs),
    "multi": lambda motifs, gap: "SPI1" in motifs or "GATA1" in motifs,
}


@pytest.mark.parametrize("rule", BINARY_RULES)
def test_every_readout_follows_from_its_sites(rule):
    adata = simulate(1000, 200, rule=rule, seed=4)
    wanted = []
    for words in describe(adata):
        motifs, gaps = words or ((), ())
        wanted.append(LABELS[rule](motifs, gaps[0] if gaps else None))
    np.testing.assert_array_equal(adata.X[:, 0] == 1, wanted)


def test_the_second_readout_shares_one_motif_with_the_first():
    adata = simulate(1000, 200, rule="multi", seed=4)
    wanted = [bool(words) and bool({"JUN", "GATA1"} & set(words[0])) for words in describe(adata)]
    np.testing.assert_array_equal(adata.X[:, 1] == 1, wanted)
    assert list(adata.var_names) == ["A", "B"]


@pytest.mark.parametrize("rule", BINARY_RULES)
def test_the_effects_table_states_the_readouts(rule):
    adata = simulate(400, 200, rule=rule, seed=5)
    effects = adata.uns["truth"]["effects"].query("readout == @adata.var_names[0]")
    for words, measured in zip(describe(adata), adata.X[:, 0]):
        motifs, gaps = words or ((), ())
        if len(motifs) == 1:
            row = effects[(effects.motif == motifs[0]) & (effects.partner == "")]
        elif len(motifs) == 2:
            pair = (effects.motif == motifs[0]) & (effects.partner == motifs[1])
            row = effects[pair & (effects.gap_min <= gaps[0]) & (effects.gap_max >= gaps[0])]
        else:
            continue
        assert row.effect.tolist() == [measured]


@pytest.mark.parametrize("rule", BINARY_RULES)
def test_half_of_the_sequences_are_positive(rule):
    for n in (4000, 300, 10):
        assert simulate(n, 200, rule=rule, seed=0).X[:, 0].sum() == n / 2


def test_both_strands_are_as_frequent_and_a_chain_stays_on_one():
    adata = simulate(4000, 200, rule="spacing", seed=6)
    strands = adata.uns["truth"]["sites"].groupby("sequence").strand.agg(set)
    assert strands.map(len).eq(1).all()
    n_minus = int(strands.map(lambda both: "-" in both).sum())
    assert stats.binomtest(n_minus, 4000).pvalue > 1e-4


def test_centers_lie_anywhere_within_the_jitter():
    adata = simulate(4000, 201, rule="single", seed=7, options=SimulateOptions(jitter=20))
    sites = adata.uns["truth"]["sites"]
    centers = (sites.start + sites.end) / 2 - 100.5
    assert set(centers) == set(range(-20, 21))


def test_jitter_is_cut_where_the_sequence_is_short():
    sites = simulate(2000, 20, rule="single", seed=8).uns["truth"]["sites"]
    assert (sites.start.min(), sites.end.max()) == (0, 20)


def test_background_letters_have_the_chosen_gc():
    options = SimulateOptions(gc=0.3)
    adata = simulate(2000, 100, rule="single", seed=9, options=options)
    letters = encode(adata[adata.X[:, 0] == 0].obs["sequence"].tolist())
    counts = np.bincount(letters.ravel(), minlength=4)
    assert stats.chisquare(counts, counts.sum() * np.array([0.35, 0.15, 0.15, 0.35])).pvalue > 1e-4


def test_gc_confounds_only_the_rule_of_that_name():
    def gap(rule):
        adata = simulate(2000, 200, rule=rule, seed=10)
        gc = adata.obs["sequence"].str.count("[GC]") / 200
        return gc[adata.X[:, 0] == 1].mean() - gc[adata.X[:, 0] == 0].mean()

    assert gap("gc") > 0.1
    assert abs(gap("tut2")) < 0.02


def counts_of(adata):
    sites = adata.uns["truth"]["sites"]
    table = pd.crosstab(sites.sequence, sites.motif).reindex(adata.obs_names, fill_value=0)
    return table[list(adata.uns["truth"]["motifs"])].to_numpy()


def test_least_squares_on_the_true_counts_gives_back_the_effects():
    adata = simulate(8000, 200, rule="additive", seed=11)
    design = np.column_stack([np.ones(adata.n_obs), counts_of(adata)])
    fitted, *_ = np.linalg.lstsq(design, adata.X, rcond=None)
    truth = adata.uns["truth"]["effects"].pivot_table(index="motif", columns="readout",
                                                      values="effect", sort=False)  # fmt: skip
    np.testing.assert_allclose(fitted[0], 0, atol=0.08)
    np.testing.assert_allclose(fitted[1:], truth.to_numpy(), atol=0.06)


@pytest.mark.parametrize("r2", [0.3, 0.8, 1.0])
def test_the_formula_explains_the_stated_share_of_the_variance(r2):
    adata = simulate(8000, 200, rule=additive(5, r2=r2), seed=12)
    effects = np.array(additive(5).effects)
    explained = [
        np.corrcoef(signal, measured)[0, 1] ** 2
        for signal, measured in zip((counts_of(adata) @ effects).T, adata.X.T)
    ]
    np.testing.assert_allclose(explained, r2, atol=0.03)


def test_scattered_sites_never_overlap_and_reach_both_ends():
    adata = simulate(3000, 80, rule="additive", seed=13)
    sites = adata.uns["truth"]["sites"]
    same = sites.sequence.to_numpy()[1:] == sites.sequence.to_numpy()[:-1]
    assert (sites.start.to_numpy()[1:] >= sites.end.to_numpy()[:-1])[same].all()
    assert (sites.start.min(), sites.end.max()) == (0, 80)
    mixed = sites.groupby("sequence").strand.nunique()
    assert 0.2 < (mixed == 2).mean() < 0.9


def test_a_readout_without_effects_is_noise():
    rule = AdditiveRule({"SPI1": "MA0080.7"}, [[1.0, 0.0]])
    adata = simulate(4000, 60, rule=rule, seed=14)
    assert adata.X[:, 1].std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(counts_of(adata)[:, 0], adata.X[:, 1])[0, 1]) < 0.06


def test_same_seed_same_data_other_seed_other_data():
    first, again, other = (simulate(200, seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first.obs, again.obs)
    pd.testing.assert_frame_equal(first.uns["truth"]["sites"], again.uns["truth"]["sites"])
    np.testing.assert_array_equal(first.X, again.X)
    assert (first.obs["sequence"] != other.obs["sequence"]).all()


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate(50, seed=None)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_your_own_motifs_take_the_place_of_those_of_the_rule():
    words = {"x": "AAAAAAAA", "y": "CGCGTA", "z": "TTGACC"}
    mine = [Motif.from_sites(name, [word]) for name, word in words.items()]
    adata = simulate(600, 200, seed=15, options=SimulateOptions(motifs=mine))
    assert list(adata.uns["truth"]["motifs"]) == ["x", "y", "z"]
    assert set(adata.uns["truth"]["effects"].motif) == {"x", "y", "z"}
    assert (read_sites(adata, "z") == DNA.codes("TTGACC")).all()


def test_your_own_rule_may_chain_three_motifs():
    motifs = {"a": "MA0080.7", "b": Motif("other name", np.eye(4)), "c": "MA0035.5"}
    kinds = (Configuration(3, (1,), ("a", (2, 2), "b", (0, 4), "c")), Configuration(1, (0,)))
    adata = simulate(400, 100, rule=Rule(motifs, kinds, readouts=("on",)), seed=16)
    chains = [words for words in describe(adata) if words]
    assert len(chains) == 300
    assert {motifs for motifs, _ in chains} == {("a", "b", "c")}
    assert {first for _, (first, _) in chains} == {2}
    assert {second for _, (_, second) in chains} == {0, 1, 2, 3, 4}
    assert adata.uns["truth"]["effects"].motif.tolist() == ["a", "b"]


def test_labels_are_flipped_and_left_out_as_often_as_asked():
    clean = simulate(4000, 50, rule="single", seed=17)
    noisy = simulate(4000, 50, rule="single", seed=17, options=SimulateOptions(flipped=0.1))
    assert (clean.X != noisy.X).mean() == pytest.approx(0.1, abs=0.02)
    partial = simulate(4000, 50, rule="single", seed=17, options=SimulateOptions(missing=0.3))
    assert np.isnan(partial.X).mean() == pytest.approx(0.3, abs=0.03)
    assert np.nanmean(partial.X) == pytest.approx(0.5, abs=0.05)


def test_motifs_are_those_of_the_database_without_flat_flanks():
    truth = simulate(10, seed=0).uns["truth"]["motifs"]
    assert {name: ppm.shape for name, ppm in truth.items()} == {
        "SPI1": (4, 13), "TAL1::TCF3": (4, 10), "GATA1": (4, 7),
    }  # fmt: skip
    np.testing.assert_array_equal(truth["GATA1"], database.motif("MA0035.5").trim(0.3).ppm)


def test_every_named_rule_finds_its_motifs_and_says_what_was_done():
    for name in RULES:
        adata = simulate(20, seed=0, rule=name)
        schema.validate(adata)
        assert set(adata.uns["truth"]["sites"].columns) == {*schema.SITE_COLUMNS, "motif"}
        assert adata.uns["done"][0].startswith("Simulated 20 sequences of 200 letters")


def test_the_truth_survives_writing(tmp_path):
    adata = simulate(50, seed=0)
    store.write(adata, tmp_path / "book.h5ad")
    again = store.read(tmp_path / "book.h5ad").uns["truth"]
    pd.testing.assert_frame_equal(again["sites"], adata.uns["truth"]["sites"], check_dtype=False)
    pd.testing.assert_frame_equal(
        again["effects"], adata.uns["truth"]["effects"], check_dtype=False
    )
    assert set(again["motifs"]) == {"SPI1", "TAL1::TCF3", "GATA1"}


def test_kinds_of_readouts_are_stated():
    assert store.readout_kinds(simulate(20, seed=0)) == ["binary"]
    assert store.readout_kinds(simulate(20, rule="additive", seed=0)) == ["continuous"] * 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"n": 0}, "`n` is 0; expected a whole number, 1 or more"),
        ({"n": 2.5}, "`n` is 2.5; expected a whole number"),
        ({"length": -1}, "`length` is -1; expected"),
        ({"rule": "space"}, "`rule` is 'space'; expected one of.*Did you mean 'spacing'"),
        ({"seed": -1}, "`seed` is -1; expected"),
        ({"length": 60}, "`length` is 60; expected 67 or more, so that TAL1::TCF3, GATA1 and"),
        ({"length": 30, "rule": "additive"}, "`length` is 30; expected .* or more, so that SPI1"),
    ],
)
def test_impossible_requests_are_refused(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        simulate(**{"n": 1000, "length": 200, "seed": 0} | arguments)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"gc": 1.5}, "`gc` is 1.5; expected a number between 0 and 1"),
        ({"jitter": -3}, "`jitter` is -3; expected a whole number, 0 or more"),
        ({"flipped": "half"}, "`flipped` is 'half'; expected a number between 0 and 1"),
        ({"missing": 2}, "`missing` is 2; expected a number between 0 and 1"),
    ],
)
def test_impossible_options_are_refused(fields, sentence):
    with pytest.raises(InputError, match=sentence):
        SimulateOptions(**fields)


def test_too_few_motifs_of_your_own_are_refused():
    options = SimulateOptions(motifs=[Motif("mine", np.eye(4))])
    with pytest.raises(
        InputError,
        match="`motifs` holds mine; expected 3 motifs of different names, in place of SPI1",
    ):
        simulate(10, options=options)


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (("a", "b"), "`pieces` is .*; expected motif names with a gap between two"),
        (((1, 2), "a"), "`pieces` is .*; expected motif names with a gap"),
        (("a", (3, 2), "b"), r"`pieces` has the gap \(3, 2\); expected the smallest"),
        (("a", "b", "c"), "`pieces` has the gap 'b'; expected the smallest"),
        (("a", (0.5, 2), "b"), r"`pieces` has the gap \(0.5, 2\); expected"),
    ],
)
def test_impossible_chains_are_refused(pieces, sentence):
    with pytest.raises(InputError, match=sentence):
        Configuration(1, (1,), pieces)


def test_rules_that_contradict_themselves_are_refused():
    with pytest.raises(
        InputError, match=r"`pieces` is 'SPI2'; expected one of 'SPI1'.*Did you mean"
    ):
        Rule({"SPI1": "MA0080.7"}, (Configuration(1, (1,), ("SPI2",)),))
    with pytest.raises(InputError, match=r"`readouts` of a configuration is \(1, 0\); expected 1"):
        Rule({}, (Configuration(1, (1, 0)),))
    with pytest.raises(InputError, match="`readouts` is 2; expected one of 0, 1"):
        Configuration(1, (2,))
    with pytest.raises(InputError, match="have no share; expected one above 0"):
        Rule({}, ())
    with pytest.raises(InputError, match=r"`effects` has shape \(2, 1\); expected .*SPI1"):
        AdditiveRule({"SPI1": "MA0080.7"}, [[1.0], [2.0]])
    with pytest.raises(InputError, match="`r2` is 0; expected a number between"):
        additive(r2=0)


def test_a_formula_has_eight_motifs_with_effects_two_without_and_sequences_of_unequal_gc():
    adata = simulate(4000, 200, rule="formula", seed=3)
    effects = adata.uns["truth"]["effects"].pivot_table(
        index="motif", columns="readout", values="effect"
    )
    assert (effects == 0).all(axis=1).sum() == 2
    sites = adata.uns["truth"]["sites"]
    counts = pd.crosstab(sites["sequence"], sites["motif"]).reindex(adata.obs_names, fill_value=0)
    explained = counts @ effects.loc[counts.columns]
    assert np.allclose(explained.var() / adata.X.var(axis=0), 0.6, atol=0.04)
    gc = adata.obs["sequence"].str.count("[GC]") / 200
    assert 0.08 < gc.std() < 0.12


def test_a_bonus_is_paid_once_to_sequences_that_hold_both_and_gc_adds_its_own():
    rule = formula(r2=0.999, bonus={("NRF1", "NFYA"): 3.0}, gc_effect=0.5)
    adata = simulate(3000, 250, rule=rule, seed=4)
    truth = adata.uns["truth"]
    rows = truth["effects"].query("partner != ''")
    assert rows[["motif", "partner", "effect"]].drop_duplicates().values.tolist() == [
        ["NRF1", "NFYA", 3.0]
    ]
    alone = truth["effects"].query("partner == '' and readout == 'readout0'").set_index("motif")
    counts = pd.crosstab(truth["sites"]["sequence"], truth["sites"]["motif"])
    counts = counts.reindex(adata.obs_names, fill_value=0)
    both = ((counts["NRF1"] > 0) & (counts["NFYA"] > 0)).astype(float)
    left = adata.X[:, 0] - counts @ alone.loc[counts.columns, "effect"]
    gc = adata.obs["sequence"].str.count("[GC]") / 250
    terms = np.column_stack([np.ones(3000), both, (gc - gc.mean()) / 0.1])
    found, *_ = np.linalg.lstsq(terms, left, rcond=None)
    assert found[1] == pytest.approx(3.0, abs=0.1)
    assert found[2] == pytest.approx(0.5, abs=0.1)  # less the motifs' own letters


def test_a_bonus_needs_motifs_of_the_rule():
    with pytest.raises(InputError, match=r"`bonus` is 'GATA1'.*NRF1"):
        formula(bonus={("NRF1", "GATA1"): 1.0})
