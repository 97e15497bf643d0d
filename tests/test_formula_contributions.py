"""What each motif adds to each prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula
from sklearn.metrics import adjusted_rand_score

from motifbook.alphabet import DNA
from motifbook.formula.contributions import cluster_sequences, contributions
from motifbook.formula.positions import Positions
from motifbook.onehot import encode


def some_letters(n=30, length=120):
    letters = np.random.default_rng(0).integers(0, 4, (n, length)).astype(np.uint8)
    sites = encode(["TTGCGCATGCGCAA", "ACCGGAAGTG", "CAGCCAATCAG"])  # Nrf1, GABPA, NFYA
    for row in range(n):
        for number, site in enumerate(sites):
            if (row >> number) & 1:
                known = site[site < 4]
                letters[row, 10 + 30 * number :][: len(known)] = known
    return letters


def centered_at(formula, letters, obs):
    """The same formula, its means those of these sequences."""
    means = formula.terms.columns(letters, obs).mean(axis=0)
    table = formula.coefficients.copy()
    table["mean"] = np.tile([np.nan, *means], len(formula.readouts))
    return replace(formula, coefficients=table)


@pytest.mark.parametrize(
    "positions", [None, Positions.named(4, 120), Positions.named("smooth", 120)]
)
def test_they_and_the_covariates_sum_to_the_prediction(positions):
    letters, obs = some_letters(), pd.DataFrame(index=range(30))
    made = example_formula(3, 2, positions=positions, pairs=((0, 2), (1, 2)))
    formula = centered_at(made, letters, obs)
    added = contributions(formula, letters, obs)
    columns = formula.terms.columns(letters, obs)
    by_covariates = (columns - columns.mean(axis=0))[:, -1:] @ formula.weights[-1:]
    predicted = formula.intercept + columns @ formula.weights
    assert added.shape == (30, 3, 2)
    assert added.std(axis=0).min() > 0.01
    np.testing.assert_allclose(
        added.sum(axis=1) + by_covariates, predicted - predicted.mean(axis=0), atol=1e-9
    )
    np.testing.assert_allclose(added.mean(axis=0), 0, atol=1e-9)


def test_one_site_adds_its_coefficient():
    formula = example_formula(3, 1)
    without = some_letters(8)
    with_site = without.copy()
    with_site[0, 100:110] = encode(["ACCGGAAGTG"])
    obs = pd.DataFrame(index=range(8))
    risen = contributions(formula, with_site, obs) - contributions(formula, without, obs)
    np.testing.assert_allclose(risen[0, :, 0], [0, formula.weights[1, 0], 0], atol=1e-12)
    np.testing.assert_array_equal(risen[1:], 0)


def test_both_strands_get_the_same():
    letters, obs = some_letters(), pd.DataFrame(index=range(30))
    formula = example_formula(3, 2)
    turned = DNA.complement_codes[letters][:, ::-1]
    np.testing.assert_array_equal(
        contributions(formula, letters, obs), contributions(formula, turned, obs)
    )


def in_groups(n=300, seed=0):
    """Three kinds of sequences: two motifs, one, or none at work; with some noise."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    centers = np.array([[1.5, 1.0], [0, -1.0], [-0.5, 0]])
    added = centers[truth][:, :, None] * np.array([1, 0.5]) + rng.normal(0, 0.1, (n, 2, 2))
    return truth, added


def test_groups_of_sequences_are_found_and_told_in_a_table():
    truth, added = in_groups()
    readout = added.sum(axis=1)
    readout[:50, 1] = np.nan
    found = cluster_sequences(added, readout, motifs=["A", "B"], readouts=["x", "y"], n_clusters=3)
    assert adjusted_rand_score(truth, found.cluster) == 1
    assert sorted(found.order) == list(range(300))
    assert (np.diff(found.cluster[found.order]) >= 0).all()
    table = found.table
    assert list(table.columns) == ["cluster", "n", "readout", "mean", "A", "B"]
    assert table["n"].sum() == 2 * 300
    for row in table.itertuples():
        own, column = found.cluster == row.cluster, ["x", "y"].index(row.readout)
        assert pytest.approx(added[own, 0, column].mean()) == row.A
        assert row.mean == pytest.approx(np.nanmean(readout[own, column]))
    tops = table.drop_duplicates("cluster")["A"] + table.drop_duplicates("cluster")["B"]
    assert tops.iloc[0] == tops.max()


def test_the_same_seed_gives_the_same_groups():
    _, added = in_groups()
    names = {"motifs": ["A", "B"], "readouts": ["x", "y"]}
    first, again = (cluster_sequences(added, **names, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.cluster, again.cluster)
    np.testing.assert_array_equal(first.order, again.order)


def test_sequences_that_are_all_alike_are_one_group():
    found = cluster_sequences(np.zeros((5, 1, 1)), motifs=["A"], readouts=["x"])
    assert found.cluster.tolist() == [1] * 5
    assert found.table["mean"].isna().all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"`contributions` has shape \(5, 2\); expected \(n, n_m"):
        cluster_sequences(np.zeros((5, 2)), motifs=["A", "B"], readouts=["x"])
    with pytest.raises(ValueError, match=r"`readout` has shape \(4, 1\); expected \(n, n_readouts"):
        cluster_sequences(np.zeros((5, 1, 1)), np.zeros((4, 1)), motifs=["A"], readouts=["x"])
    with pytest.raises(ValueError, match=r"`n_clusters` is 0; expected a whole number, 1"):
        cluster_sequences(np.zeros((5, 1, 1)), motifs=["A"], readouts=["x"], n_clusters=0)
