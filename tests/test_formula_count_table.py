"""Counts made elsewhere: what is refused, and what a formula of them can do."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

import motifbook as mb

PLAIN = mb.FormulaOptions(baselines=False)


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    values = np.random.default_rng(0).poisson(1, (300, 3))
    return pd.DataFrame(values, columns=["AP-1", "ETS", "GATA"], index=names())


def names() -> list[str]:
    return [f"gene {number}" for number in range(300)]


def measured(counts: pd.DataFrame) -> anndata.AnnData:
    noise = np.random.default_rng(1).normal(0, 0.3, (len(counts), 2))
    readout = counts.to_numpy() @ [[1.0, 0], [0, 1.0], [-1.0, 1.0]] + noise
    var = pd.DataFrame(index=["Dev", "Hk"])
    return anndata.AnnData(readout, obs=pd.DataFrame(index=names()), var=var)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda c: c.set_axis(["ETS", "ETS", "GATA"], axis=1), "'ETS' is in .* more than once"),
        (lambda c: c.drop("gene 7").reindex(c.index), "'AP-1' .* is nan in row 'gene 7' .1 of 300"),
        (lambda c: c.astype(object).replace({"ETS": 2}, "many"), "'ETS' .* is 'many' in row"),
        (lambda c: c.replace({"GATA": 2}, np.inf), "'GATA' .* is inf in row"),
        (lambda c: c[[]], "`counts` has no columns; expected one per motif"),
        (
            lambda c: c[:10],
            "has shape \\(10, 3\\); expected \\(n, n_motifs\\) = \\(300, n_motifs\\)",
        ),
        (lambda c: c[::-1], "rows of `adata` in another order.*`counts.loc\\[adata.obs_names\\]`"),
    ],
)
def test_counts_that_are_no_counts_are_refused(counts, spoil, expected):
    with pytest.raises(mb.InputError, match=expected):
        mb.fit_formula(measured(counts), counts=spoil(counts), options=PLAIN, seed=0)


def test_predict_refuses_missing_counts(counts):
    formula = mb.fit_formula(measured(counts), counts=counts, options=PLAIN, seed=0)
    with pytest.raises(mb.InputError, match="'ETS' of the table of counts is nan in row 'gene 0'"):
        formula.predict(counts.assign(ETS=np.nan))


def test_numbers_as_names_of_columns(counts):
    numbered = counts.set_axis([0, 1, 2], axis=1)
    formula = mb.fit_formula(measured(counts), counts=numbered, options=PLAIN, seed=0)
    assert sorted(formula.terms.names) == ["0", "1", "2"]
    assert formula.predict(numbered).shape == (300, 2)


def test_counts_that_are_columns_of_obs_too(counts):
    adata = measured(counts)
    adata.obs = counts.copy()
    formula = mb.fit_formula(adata, counts=adata.obs, options=PLAIN, seed=0)
    assert sorted(formula.terms.names) == ["AP-1", "ETS", "GATA"]
    np.testing.assert_array_equal(formula.predict(adata), formula.predict(counts))


def test_clusters_of_a_formula_of_counts(counts):
    adata = measured(counts)
    formula = mb.fit_formula(adata, counts=counts, options=PLAIN, seed=0)
    alone = formula.cluster(counts, n_clusters=3)
    assert alone.table["mean"].isna().all()
    adata.obs = counts
    together = formula.cluster(adata[:, ["Hk", "Dev"]], n_clusters=3)
    np.testing.assert_array_equal(alone.cluster, together.cluster)
    first = together.table[together.table["cluster"] == 1].set_index("readout")["mean"]
    rows = together.cluster == 1
    np.testing.assert_allclose(first[["Dev", "Hk"]], np.asarray(adata.X)[rows].mean(axis=0))
