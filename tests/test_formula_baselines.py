"""Other models, learned from the same rows and scored on the same rows."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, Ridge

import motifbook as mb
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.data import schema
from motifbook.formula import penalized
from motifbook.formula.baselines import _calibrated, compare, summary
from motifbook.formula.ceiling import explainable
from motifbook.formula.kmers import word_counts
from motifbook.formula.rows import Rows
from motifbook.onehot import encode

LINEAR = ("composition", "k-mer ridge", "k-mer lasso")


def random_letters(n=80, length=60, seed=0):
    return np.random.default_rng(seed).integers(0, 5, (n, length)).astype(np.uint8)


def in_parts(n):
    numbers = np.arange(n)
    return Rows(numbers[: n // 2], numbers[n // 2 : n * 6 // 10], numbers[n * 6 // 10 :])


def of_words(n=600, noise=0.3, seed=0):
    """GATAAG adds 1 to the first readout, CACGTG takes 1 from the second; half of that missing."""
    rng = np.random.default_rng(seed)
    sequences = ["".join("ACGT"[code] for code in row) for row in rng.integers(0, 4, (n, 100))]
    effects = np.zeros((n, 2))
    for row in range(n):
        for word, column, effect in (("GATAAG", 0, 1), ("CACGTG", 1, -1)):
            for _ in range(rng.integers(0, 3)):
                start = rng.integers(0, 94)
                old = sequences[row]
                sequences[row] = old[:start] + word + old[start + 6 :]
            effects[row, column] = effect * sequences[row].count(word)
    values = effects + rng.normal(0, noise, (n, 2))
    values[rng.random(n) < 0.5, 1] = np.nan
    return pd.DataFrame({"sequence": sequences, "first": values[:, 0], "second": values[:, 1]})


@pytest.fixture
def adata(tmp_path):
    path = tmp_path / "words.csv"
    of_words().to_csv(path, index=False)
    return mb.read_table(path, sequence="sequence", readouts=["first", "second"])


def test_words_are_counted_as_by_hand():
    letters = random_letters(5)
    text = ["".join("ACGTN"[code] for code in row) for row in letters]
    counts = word_counts(letters, DNA, both_strands=False, longest=3)
    for size in (1, 2, 3):
        words = ["".join(word) for word in itertools.product("ACGT", repeat=size)]
        starts = range(60 - size + 1)
        expected = [[sum(t[i : i + size] == w for i in starts) for w in words] for t in text]
        np.testing.assert_array_equal(counts[size - 1], expected)


def test_both_strands_have_the_same_words_and_each_window_counts_once():
    letters = random_letters()
    counts = word_counts(letters, DNA)
    turned = word_counts(DNA.complement_codes[letters][:, ::-1], DNA)
    assert [count.shape[1] for count in counts] == [2, 10, 32, 136, 512, 2080]
    for count, other in zip(counts, turned):
        np.testing.assert_array_equal(count, other)
    np.testing.assert_array_equal(counts[0].sum(axis=1), (letters < 4).sum(axis=1))


def test_other_alphabets_have_shorter_words_and_one_strand():
    assert [c.shape[1] for c in word_counts(encode(["ACDEFGH"], PROTEIN), PROTEIN)] == [20, 400]
    assert word_counts(encode(["ACGU"], RNA), RNA)[0].tolist() == [[1, 1, 1, 1]]


def test_sequences_shorter_than_a_word_have_none():
    assert word_counts(encode(["ACG"]), DNA)[5].sum() == 0


@pytest.mark.parametrize("n_columns", [20, 200])
def test_ridge_is_that_of_scikit_learn_on_the_measured_rows(n_columns):
    rng = np.random.default_rng(0)
    x = rng.normal(3, 1, (100, n_columns)).astype(np.float32)
    y = x[:, :2].astype(float) + rng.normal(0, 1, (100, 2)) + 5
    y[:10, 1] = np.nan
    centered = x - x.mean(axis=0)
    size = (centered**2).sum() / len(x)
    for penalty, model in list(zip(penalized.RIDGE, penalized.ridge_path(x, y)))[:6]:
        for column in range(2):
            there = ~np.isnan(y[:, column])
            strength = penalty * size * np.sqrt(len(x))
            referee = Ridge(alpha=strength).fit(x[there].astype(float), y[there, column])
            np.testing.assert_allclose(model.coefficients[:, column], referee.coef_, atol=2e-3)
            predicted, expected = model.predict(x)[:, column], referee.predict(x.astype(float))
            np.testing.assert_allclose(predicted[there], expected[there], atol=5e-3)


def test_lasso_is_that_of_scikit_learn_on_the_measured_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(3, [1, 2, 3, 4] * 10, (100, 40)).astype(np.float32)
    y = x[:, :2].astype(float) + rng.normal(0, 1, (100, 2)) + 5
    y[:30, 1] = np.nan
    model = penalized.lasso_path_of(x, y)[6]
    for column in range(2):
        there = ~np.isnan(y[:, column])
        scaled = (x[there] - x[there].mean(axis=0)) / x[there].std(axis=0)
        centered = y[there, column] - y[there, column].mean()
        strength = penalized.LASSO[6] * np.abs(scaled.T @ centered).max() / there.sum()
        referee = Lasso(alpha=strength).fit(scaled, centered)
        found = model.coefficients[:, column] * x[there].std(axis=0)
        np.testing.assert_allclose(found, referee.coef_, atol=0.02)
        assert model.n_terms[column] < 40


def test_lasso_bears_many_rows_and_columns_that_hardly_vary():
    rng = np.random.default_rng(0)
    x = rng.poisson([0.001, 3.0] * 20, (30_000, 40)).astype(np.float32)
    x[:, 4] = 7
    y = 1e-3 * x[:, 1:2] + rng.normal(0, 1, (30_000, 1))
    y[1::2] = np.nan
    models = penalized.lasso_path_of(x, y)
    assert all(np.isfinite(model.coefficients).all() for model in models)
    assert models[-1].coefficients[4, 0] == 0


def test_words_that_matter_are_found_by_words_and_not_by_composition(adata):
    table = compare(adata, in_parts(600), models=LINEAR)
    r2 = table.pivot_table(index="model", columns="readout", values="r2")
    assert (r2.loc[["k-mer ridge", "k-mer lasso"]] > 0.4).all(axis=None)
    assert (r2.loc["composition"] < r2.loc["k-mer ridge"] - 0.2).all()
    n = table.drop_duplicates("readout").set_index("readout")["n"]
    assert n["first"] == 240
    assert n["second"] == (~np.isnan(adata.X[360:, 1])).sum()


def test_unseen_rows_are_not_learned_from(adata):
    rows = in_parts(600)
    before = compare(adata, rows, models=("k-mer ridge",))
    changed = adata.copy()
    changed.X[rows.infer] = changed.X[rows.infer] * 3 + 1
    after = compare(changed, rows, models=("k-mer ridge",))
    np.testing.assert_allclose(before["pearson"], after["pearson"], atol=1e-5)


def test_a_formula_is_scored_beside_them(adata):
    rows = in_parts(600)
    truth = np.where(np.isnan(adata.X), 0, adata.X)[rows.infer]
    table = compare(adata, rows, truth, n_terms=2, models=("composition",))
    assert table["model"].tolist() == ["formula", "formula", "composition", "composition"]
    assert table["r2"][:2].tolist() == [1, 1]
    assert table["n_terms"].tolist() == [2, 2, 12, 12]
    with pytest.raises(ValueError, match=r"`prediction` has shape \(600, 2\); expected \(n_infer"):
        compare(adata, rows, adata.X)
    with pytest.raises(ValueError, match=r"`models` is 'ridge'; expected one of 'composition'"):
        compare(adata, rows, models=["ridge"])


def test_binary_readouts_are_scored_by_how_they_are_ranked(adata):
    bound = adata[:, ["first"]].copy()
    bound.X = (bound.X > 0.5).astype(np.float32)
    table = compare(bound, in_parts(600), models=("k-mer ridge",))
    assert table["kind"].tolist() == ["binary"]
    assert table["auroc"][0] > 0.85
    assert np.isnan(table["r2"][0])


def test_a_network_that_is_too_sure_of_itself_is_put_on_the_line_of_the_tune_rows():
    true = np.random.default_rng(0).normal(0, 1, (50, 1))
    readout = true.copy()
    readout[:5] = np.nan
    np.testing.assert_allclose(_calibrated(7 * true + 3, 7 * true + 3, readout), true, atol=1e-9)
    wrong = _calibrated(-true, -true, readout)
    np.testing.assert_allclose(wrong, np.full((50, 1), np.nanmean(readout)))


@pytest.mark.slow
def test_the_network_learns_from_the_same_rows(adata):
    rows = in_parts(600)
    table = compare(adata, rows, models=("CNN",), progress=False)
    assert table["model"].tolist() == ["CNN", "CNN"]
    assert table["r2"][0] > 0.3
    assert schema.SPLIT not in adata.obs


def test_the_ceiling_is_the_share_of_the_variance_that_is_no_noise(adata):
    rng = np.random.default_rng(0)
    true = rng.normal(0, 1, 600)
    replicates = true[:, None] + rng.normal(0, 1, (600, 3))
    adata.X = np.stack([replicates.mean(axis=1), true + rng.normal(0, 0.5, 600)], axis=1)
    adata.layers[schema.SIGMA] = np.full((600, 2), 0.5)
    adata.obsm[schema.REPLICATES.format(readout="first")] = replicates
    shares = explainable(adata, np.arange(600))
    np.testing.assert_allclose(shares, [0.75, 0.8], atol=0.03)
    table = compare(adata, in_parts(600), models=("composition",)).query("model == 'ceiling'")
    np.testing.assert_allclose(table["pearson"] ** 2, table["r2"])


def a_table(models, **columns):
    return pd.DataFrame(
        {"model": models, "readout": "a", "kind": "continuous", "auroc": np.nan, **columns}
    )


def test_the_sentence_says_who_wins():
    models = ["formula", "composition", "k-mer ridge"]
    wins = summary(a_table(models, r2=[0.43, 0.05, 0.31]))
    assert wins.endswith(
        "explains 0.43 of the variance; k-mer ridge explains 0.31, composition 0.05."
    )
    loses = summary(a_table(models, r2=[0.2, 0.05, 0.31]))
    assert loses.endswith("K-mer ridge is 0.11 ahead on these.")
    worthless = summary(a_table(models, r2=[0.05, 0.05, 0.31]))
    assert worthless.endswith("It is no better than composition alone: do not interpret it.")
    binary = a_table(models, r2=np.nan).assign(kind="binary", auroc=[0.9, 0.6, 0.8])
    assert "the formula has 0.90 auROC; k-mer ridge has 0.80, composition 0.60." in summary(binary)
    near = summary(a_table(models, r2=[0.104, 0.05, 0.176]))
    assert "0.10 of" in near
    assert near.endswith(
        "ridge explains 0.18, composition 0.05. K-mer ridge is 0.08 ahead on these."
    )
    assert summary(a_table(models[1:], r2=[0.1, 0.2])) == ""
    assert summary(pd.DataFrame()) == ""


def test_the_sentence_names_means_and_only_the_ceiling_of_all_readouts():
    models = ["formula", "k-mer ridge", "ceiling"]
    one = a_table(models, r2=[0.4, 0.3, 0.6])
    other = a_table(models, r2=[0.2, 0.1, np.nan]).assign(readout="b")
    assert "0.40 of the variance (noise allows 0.60); k-mer" in summary(one)
    assert "0.30 of the variance (mean of 2 readouts); k-mer" in summary(pd.concat([one, other]))
    both = pd.concat([one, other.fillna({"r2": 0.5})])
    assert "0.30 of the variance (mean of 2 readouts; noise allows 0.55); " in summary(both)
