"""`fit_formula`: rows kept apart, terms, predictions, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from formula_example import example_formula
from sklearn.linear_model import LinearRegression

import motifbook as mb
from motifbook.alphabet import DNA
from motifbook.data import store
from motifbook.data.simulation.rules import formula as formula_rule
from motifbook.data.splits.copies import sequence_hashes
from motifbook.motif.compare import similarity
from motifbook.motif.learned import LEARNED_FROM, sketch

PLAIN = mb.FormulaOptions(baselines=False, interactions=False)
IDS = {"SPI1": "MA0080.7", "JUN": "MA0489.3", "GATA1": "MA0035.5", "RUNX2": "MA0511.2"}


@pytest.fixture(scope="module")
def adata():
    made = mb.simulate(n=1500, length=80, rule="additive", seed=1)
    made.obs["split"] = mb.split(made, fractions=(0.5, 0.1, 0.4), seed=0)
    return made


@pytest.fixture(scope="module")
def known():
    return [mb.database.motif(number).renamed(name) for name, number in IDS.items()]


@pytest.fixture(scope="module")
def fitted(adata, known):
    return mb.fit_formula(adata, motifs=known, options=PLAIN, seed=0)


def coefficients(formula, readout):
    table = formula.coefficients.query("readout == @readout and kind == 'motif'")
    return table.set_index("motif")["coefficient"]


def test_effects_of_given_motifs_come_out_with_their_signs(fitted):
    found = coefficients(fitted, "readout0")
    assert found["SPI1"] > 1
    assert 0.4 < found["JUN"] < 1.6
    assert found["GATA1"] < -0.4
    [row] = fitted.coefficients.query("readout == 'readout0' and motif == 'SPI1'").itertuples()
    assert row.q_value < 1e-6
    assert row.lower < row.coefficient < row.upper


def test_motifs_without_effect_are_left_out_by_selection(adata, known, fitted):
    selection = fitted.selection.set_index("motif")
    assert selection["kept"][["SPI1", "JUN", "GATA1"]].all()
    more = [*known, mb.database.motif("MA0138.3")]
    formula = mb.fit_formula(adata, motifs=more, options=PLAIN, seed=0)
    assert "REST" not in [motif.name for motif in formula.motifs]
    assert not formula.selection.set_index("motif").loc["REST", "kept"]


def test_only_the_test_rows_measure_what_motifs_are_worth(adata, known, fitted):
    other = adata.copy()
    learn = (other.obs["split"] != "test").to_numpy()
    rng = np.random.default_rng(0)
    other.X[learn] += rng.normal(0, 0.01, other.X[learn].shape).astype(np.float32)
    again = mb.fit_formula(other, motifs=known, options=PLAIN, seed=0)
    pd.testing.assert_frame_equal(
        again.coefficients.sort_values(["readout", "term"], ignore_index=True),
        fitted.coefficients.sort_values(["readout", "term"], ignore_index=True),
    )
    assert fitted.held_out.names.tolist() == adata.obs_names[~learn].tolist()


def test_predictions_are_the_formula_by_hand(adata, fitted):
    columns = fitted.counts(adata)
    table = fitted.coefficients.query("readout == 'readout1'").set_index("term")["coefficient"]
    by_hand = table["intercept"] + columns @ table[columns.columns]
    np.testing.assert_allclose(fitted.predict(adata)[:, 1], by_hand, rtol=1e-10)
    some = adata.obs["sequence"].tolist()[:5]
    np.testing.assert_allclose(fitted.predict(some), fitted.predict(adata)[:5])


def test_the_other_strand_is_worth_the_same(adata, fitted):
    flip = str.maketrans("ACGT", "TGCA")
    sequences = adata.obs["sequence"].tolist()[:200]
    other = [sequence.translate(flip)[::-1] for sequence in sequences]
    np.testing.assert_allclose(fitted.predict(sequences), fitted.predict(other), atol=1e-9)


def test_missing_values_cost_only_their_rows(adata, known, fitted):
    holes = adata.copy()
    rng = np.random.default_rng(1)
    holes.X[rng.random(holes.n_obs) < 0.3, 0] = np.nan
    formula = mb.fit_formula(holes, motifs=known, options=PLAIN, seed=0)
    n = formula.coefficients.groupby("readout")["n"].first()
    test = (holes.obs["split"] == "test").to_numpy()
    assert n["readout0"] == np.isfinite(holes.X[test, 0]).sum()
    assert n["readout1"] == test.sum()
    pd.testing.assert_series_equal(
        coefficients(formula, "readout1").sort_index(),
        coefficients(fitted, "readout1").sort_index(),
    )


def test_without_a_split_rows_are_divided_and_it_is_said(adata, known):
    whole = adata.copy()
    del whole.obs["split"]
    formula = mb.fit_formula(whole, motifs=known, options=PLAIN, seed=0)
    assert sum(formula.info["rows"].values()) == whole.n_obs
    assert any(note.startswith("No split was given") for note in formula.info["notes"])


def test_a_confounder_can_go_into_the_formula(adata, known):
    shifted = adata.copy()
    batch = np.where(np.arange(shifted.n_obs) % 3 == 0, "late", "early")
    shifted.obs["batch"] = batch
    shifted.X[batch == "late"] += 5
    formula = mb.fit_formula(shifted, motifs=known, covariates="batch", options=PLAIN, seed=0)
    table = formula.coefficients.set_index(["readout", "term"])
    assert table.loc[("readout0", "batch = late"), "coefficient"] == pytest.approx(5, abs=0.3)
    with pytest.raises(mb.InputError, match="batch"):
        formula.predict(shifted.obs["sequence"].tolist())


def test_bins_have_coefficients_of_their_own(adata, known):
    moved = adata.copy()
    placed = adata.uns["truth"]["sites"].query("motif == 'SPI1' and start < 40")
    rows = moved.obs_names.get_indexer(placed["sequence"].unique())
    moved.X[:, 0] = np.random.default_rng(2).normal(size=moved.n_obs)
    moved.X[rows, 0] += 3
    formula = mb.fit_formula(moved, motifs=known[:1], positions=2, options=PLAIN, seed=0)
    table = formula.coefficients.query("readout == 'readout0' and kind == 'motif'")
    first, second = table.set_index("position")["coefficient"][["0-40", "40-80"]]
    assert first > 1.5
    assert second < 0.5
    with pytest.raises(mb.InputError, match="70 letters; expected 80"):
        formula.predict(["A" * 70])


def test_counts_made_elsewhere_need_no_sequences():
    rng = np.random.default_rng(3)
    counts = pd.DataFrame(rng.poisson(0.5, (600, 12)), columns=[f"m{k}" for k in range(12)])
    values = 2 * counts[["m0"]].to_numpy() - counts[["m1"]].to_numpy() + rng.normal(size=(600, 1))
    adata = _without_sequences(values)
    formula = mb.fit_formula(adata, counts=counts, options=PLAIN, seed=0)
    found = coefficients(formula, "expression")
    assert found["m0"] == pytest.approx(2, abs=0.3)
    assert found["m1"] == pytest.approx(-1, abs=0.3)
    assert {"m0", "m1"} <= set(found.index)
    assert formula.predict(counts).shape == (600, 1)
    with pytest.raises(mb.InputError, match="m0"):
        formula.predict(counts.drop(columns="m0"))


def _without_sequences(values):
    import anndata

    return anndata.AnnData(values.astype(np.float32), var=pd.DataFrame(index=["expression"]))


def test_binary_readouts_are_on_the_logit_scale(known):
    adata = mb.simulate(n=1200, length=80, rule="single", seed=2)
    formula = mb.fit_formula(adata, motifs=known[:2], options=PLAIN, seed=0)
    row = formula.coefficients.query("motif == 'SPI1'").iloc[0]
    assert row["unit"] == "logit"
    assert row["lower"] > 1
    prediction = formula.predict(adata)
    assert ((prediction > 0) & (prediction < 1)).all()


def test_a_term_can_be_taken_out(fitted):
    whole = fitted.r2_without("readout0")
    without = fitted.r2_without("readout0", ["SPI1"])
    assert whole - without > 0.2
    assert fitted.r2_without("readout0", ["SPI1"], refit=False) < whole
    assert fitted.r2_without(0, [t for t in fitted.counts(["A" * 80]).columns]) <= 0
    with pytest.raises(mb.InputError, match=r"`off` is 'SPI2'.*SPI1"):
        fitted.r2_without(0, ["SPI2"])


@pytest.mark.parametrize("family", [1, 3])
@pytest.mark.parametrize("off", [[], ["Nrf1"], ["YY2", "GC"]])
def test_what_is_lost_without_a_term_is_measured_on_rows_left_out(off, family):
    formula = example_formula(4, 2)
    families = np.arange(300) // family
    rows = replace(formula.held_out, families=None if family == 1 else families.astype(str))
    formula = replace(formula, held_out=rows)
    columns, y = formula.held_out.columns, formula.held_out.readout[:, 1]
    columns[:, 1] = 3.0  # of no use, and no harm to the columns behind it
    is_off = formula.terms.table()["term"].isin(off).to_numpy()
    center = columns.mean(axis=0)
    error, refitted = np.empty((2, len(y)))
    for row in range(len(y)):
        others = families != families[row]
        line = LinearRegression().fit(columns[others], y[others])
        fewer = LinearRegression().fit(columns[others][:, ~is_off], y[others])
        error[row] = y[row] - line.predict([np.where(is_off, center, columns[row])])[0]
        refitted[row] = y[row] - fewer.predict(columns[[row]][:, ~is_off])[0]
    total = ((y - y.mean()) ** 2).sum()
    kept = formula.r2_without(1, off, refit=False)
    assert kept == pytest.approx(1 - (error**2).sum() / total)
    assert formula.r2_without(1, off) == pytest.approx(1 - (refitted**2).sum() / total)


def test_equal_seeds_give_equal_formulas(adata):
    small = mb.FormulaOptions(baselines=False, interactions=False)
    first, second = (mb.fit_formula(adata, options=small, seed=5, progress=False) for _ in "ab")
    assert [m.name for m in first.motifs] == [m.name for m in second.motifs]
    for one, other in zip(first.motifs, second.motifs):
        np.testing.assert_array_equal(one.ppm, other.ppm)
    pd.testing.assert_frame_equal(first.coefficients, second.coefficients)


@pytest.mark.slow
def test_motifs_and_coefficients_of_a_formula_are_found():
    adata = mb.simulate(n=6000, length=200, rule="formula", seed=2)
    formula = mb.fit_formula(adata, seed=0, progress=False)
    truth = {name: mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()}
    of = {
        motif.name: max(truth, key=lambda name: similarity(motif, truth[name]))
        for motif in formula.motifs
    }
    assert len(set(of.values())) >= 7
    assert not {"CTCF", "REST"} & set(of.values())
    effects = adata.uns["truth"]["effects"].set_index(["readout", "motif"])["effect"]
    table = formula.coefficients.query("kind == 'motif'")
    true = [effects[row.readout, of[row.motif]] for row in table.itertuples()]
    assert np.corrcoef(true, table["coefficient"])[0, 1] > 0.95
    scores = formula.baselines.groupby("model")["r2"].mean()
    assert scores["formula"] > scores["k-mer ridge"] > scores["composition"]


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"positions": "bins"}, "`positions` is 'bins'"),
        ({"covariates": ["age"]}, "age"),
        ({"families": "clone"}, "clone"),
        ({"known": "JASPAR1999"}, "JASPAR1999"),
        ({"options": {"selection": "lasso"}}, "FormulaOptions"),
        ({"options": mb.FormulaOptions(selection="best")}, "`selection` is 'best'"),
        ({"options": mb.FormulaOptions(intervals="wald")}, "`intervals` is 'wald'"),
        ({"options": mb.FormulaOptions(n_words=-1)}, "`n_words` is -1"),
        ({"options": mb.FormulaOptions(discover=3)}, "`discover` is 3; expected .*DiscoverOptions"),
        ({"options": mb.FormulaOptions(composition="x")}, "`composition` is 'x'"),
        ({"counts": pd.DataFrame({"a": [1, 2]})}, "`counts` has shape"),
    ],
)
def test_what_cannot_be_is_refused(adata, known, how, sentence):
    with pytest.raises(mb.InputError, match=sentence):
        mb.fit_formula(adata, **{"motifs": known, "options": PLAIN, **how})


def test_sequences_without_readouts_are_refused(adata):
    with pytest.raises(mb.InputError, match="no readouts"):
        mb.fit_formula(adata[:, []].copy())


def test_a_split_without_test_rows_is_refused(adata, known):
    learn = adata[adata.obs["split"] != "test"].copy()
    with pytest.raises(mb.InputError, match="0 measured rows of split 'test'"):
        mb.fit_formula(learn, motifs=known, options=PLAIN)


def test_motifs_get_the_names_of_known_ones_and_predict_the_same(adata, known):
    anonymous = [motif.reverse_complement().renamed(f"m{k}") for k, motif in enumerate(known)]
    formula = mb.fit_formula(adata, motifs=anonymous, positions=2, options=PLAIN, seed=0)
    named = formula.named("JASPAR2026_vertebrates")
    assert {"Spi1", "GATA1"} <= {motif.name for motif in named.motifs} or named.motifs
    assert not any(name.startswith("m0") for name in named.coefficients["term"])
    np.testing.assert_allclose(named.predict(adata), formula.predict(adata), atol=1e-9)
    np.testing.assert_array_equal(
        named.coefficients["coefficient"], formula.coefficients["coefficient"]
    )
    assert set(named.same["motif"]) == {motif.name for motif in named.motifs}


@pytest.mark.slow
def test_a_pair_that_pays_a_bonus_goes_into_the_formula_and_predicts():
    rule = formula_rule(r2=0.8, bonus={("NRF1", "NFYA"): 2.0})
    adata = mb.simulate(n=5000, length=200, rule=rule, seed=6)
    motifs = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    options = mb.FormulaOptions(baselines=False)
    formula = mb.fit_formula(adata, motifs=motifs, options=options, seed=0)
    [pair] = {
        frozenset(row)
        for row in formula.interactions.query("in_formula")[["motif", "partner"]].to_numpy()
    }
    assert pair == {"NRF1", "NFYA"}
    rows = formula.coefficients.query("kind == 'interaction'")
    assert (rows["lower"] > 0).all()
    columns = formula.counts(adata)
    np.testing.assert_allclose(
        columns["NRF1 x NFYA" if "NRF1 x NFYA" in columns else "NFYA x NRF1"],
        columns["NRF1"] * columns["NFYA"],
    )
    assert formula.info["context_gain"]["readout0"] > 0


def test_motifs_that_have_seen_the_testing_rows_are_refused(adata, known):
    letters, rows = store.get_letters(adata), adata.obs["split"].to_numpy()
    for part in ("train", "test"):
        seen = sketch(sequence_hashes(letters[rows == part], DNA))
        learned = [mb.Motif(one.name, one.ppm, info={LEARNED_FROM: seen}) for one in known]
        if part == "train":
            formula = mb.fit_formula(adata, motifs=learned, options=PLAIN, seed=0)
            assert formula.motifs
            continue
        with pytest.raises(mb.InputError, match=r"was learned from about 100% .*before learning"):
            mb.fit_formula(adata, motifs=learned, options=PLAIN, seed=0)


def test_pairs_are_judged_among_all_that_were_tried_and_score_nothing():
    rng = np.random.default_rng(0)
    counts = pd.DataFrame(rng.poisson(1.0, (1500, 5)), columns=list("abcde")).astype(float)
    product = counts["a"] * counts["b"]
    clear = counts["a"] + counts["b"] + product + rng.normal(0, 1, 1500)
    noise = counts["a"] + rng.normal(0, 1, 1500)
    adata = AnnData(np.column_stack([clear, noise]))
    all_in = mb.FormulaOptions(selection="none")
    formula = mb.fit_formula(adata, counts=counts, options=all_in, seed=0, progress=False)
    rows = formula.coefficients.query("kind == 'interaction'")
    assert rows["term"].tolist() == ["a x b"] * 2
    assert len(formula.interactions) > 4
    tested = formula.interactions.query("in_formula")
    assert rows["q_value"].tolist() == tested["q_value"].tolist()
    assert (formula.baselines["n_terms"] == 5).all()
    assert formula.baselines["r2"][0] < formula.r2_without(0) - 0.05


def test_words_join_when_asked_and_need_no_selection(adata, known):
    options = mb.FormulaOptions(baselines=False, interactions=False, n_words=5)
    formula = mb.fit_formula(adata, options=options, seed=0, progress=False)
    words = formula.selection.query("source == 'word'")
    assert len(words) == 5
    assert words["kept"].all()
    assert set(words["motif"]) <= {motif.name for motif in formula.motifs}
    none = mb.FormulaOptions(baselines=False, interactions=False, n_words=0)
    plain = mb.fit_formula(adata, options=none, seed=0, progress=False)
    assert "word" not in set(plain.selection["source"])
