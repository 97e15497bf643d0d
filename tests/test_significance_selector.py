"""Black boxes that find motifs, run again on readouts in random order."""

from __future__ import annotations

import joblib
import numpy as np
import pytest

import motifbook as mb
from motifbook.data import store
from motifbook.onehot import encode
from motifbook.significance.permutation import permute_selection

WORDS = [f"{a}{b}{c}" for a in "ACGT" for b in "ACGT" for c in "ACGT"]


@pytest.fixture(scope="module")
def adata():
    """Sequences whose readout is noise."""
    simulated = mb.simulate(n=40, length=30, rule="single", seed=0)
    simulated.X = np.random.default_rng(0).normal(size=(40, 1)).astype(np.float32)
    simulated.var["kind"] = "continuous"
    return simulated


def best_word(book):
    """Largest correlation of any word of three letters."""
    counts = np.array([book.obs["sequence"].str.count(word) for word in WORDS], dtype=float)
    counts = counts[counts.std(axis=1) > 0]
    return np.abs(np.corrcoef(np.vstack([counts, book.X.T]))[-1, :-1]).max()


def test_the_search_is_paid_for(adata):
    """The best of 64 words goes well with noise, and not better than chance."""
    found = mb.test_selector(best_word, adata, n_draws=99, seed=0)
    n = adata.n_obs
    t = found.statistic * np.sqrt((n - 2) / (1 - found.statistic**2))
    assert t > 2  # as if it had been the only word
    assert found.p_value > 0.05


def test_a_planted_word_is_found(adata):
    planted = adata.copy()
    planted.X[:, 0] += planted.obs["sequence"].str.contains("GGAA").to_numpy() * 4
    assert mb.test_selector(best_word, planted, n_draws=99, seed=0).p_value == 0.01


def test_the_box_sees_the_readout_and_nothing_made_of_it(adata):
    seen = []
    book = adata.copy()
    store.add_predictions(book, book.X)
    store.add_motifs(book, [mb.database.motif("MA0080.7")])
    book.X[3] = np.nan

    def score(given):
        seen.append(given)
        return float(given.X[0, 0])

    mb.test_selector(score, book, n_draws=3, seed=0)
    assert len(seen) == 4
    for given in seen:
        assert sorted(given.X[:, 0]) == sorted(book.X[~np.isnan(book.X[:, 0]), 0])
        assert given.n_obs == 39
        assert not given.layers
        assert "motifs" not in given.uns
    assert not np.array_equal(seen[0].X, seen[1].X)
    assert np.isnan(book.X[3])


def test_letter_codes_are_handed_on(adata):
    book = adata.copy()
    book.obsm["letters"] = encode(book.obs["sequence"].tolist())
    del book.obs["sequence"]
    found = mb.test_selector(lambda given: float(given.obsm["letters"].shape[0]), book, n_draws=2)
    assert found.statistic == 40


def test_what_is_no_function_is_refused(adata):
    with pytest.raises(mb.InputError, match=r"`score` is 3; expected a function that takes an Ann"):
        mb.test_selector(3, adata)
    with pytest.raises(mb.InputError, match=r"`score` is 'high'; expected how well"):
        mb.test_selector(lambda book: "high", adata)


def test_permutations_come_to_the_same_however_many_run_at_a_time():
    rng = np.random.default_rng(0)
    activations, readout = rng.normal(size=(2, 40))

    def score(values):
        return abs(np.corrcoef(activations, values)[0, 1])

    found = []
    for n_jobs in (1, 3):
        with joblib.parallel_config(backend="threading", n_jobs=n_jobs):
            found.append(permute_selection(score, readout, n_draws=80, seed=0))
    assert found[0] == found[1]
    assert 50 <= found[0].n_draws < 80  # it stopped early, in the same place
