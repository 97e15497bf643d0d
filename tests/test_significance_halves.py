"""Two data sets of one: the same sequences, independent readouts, and a mark of where from."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import schema

N = 4000


def data_set(values, n_readouts=1):
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (len(values), 12)).astype(np.uint8)
    table = np.tile(np.asarray(values, dtype=np.float32)[:, None], (1, n_readouts))
    names = [str(number) for number in range(len(values))]
    adata = ad.AnnData(table, obs=pd.DataFrame({"gc": rng.random(len(values))}, index=names))
    adata.obsm[schema.LETTERS] = letters
    return adata


def poisson(seed=1):
    return np.random.default_rng(seed).poisson(4, N)


def over_dispersed(seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(2.0, 3.5, N))


def skewed(seed=1):
    return np.exp(np.random.default_rng(seed).standard_normal(N))


@pytest.mark.parametrize(
    ("values", "how"),
    [
        (poisson(), "poisson"),
        (poisson(), "auto"),
        (over_dispersed(), "auto"),
        (skewed(), "auto"),
    ],
)
def test_halves_are_independent(values, how):
    halves = mb.halve_readout(data_set(values), how=how, seed=0)
    choose, test = halves.choose.X[:, 0], halves.test.X[:, 0]
    assert abs(np.corrcoef(choose, test)[0, 1]) < 3 / np.sqrt(N)
    assert abs(np.corrcoef((choose - choose.mean()) ** 2, test)[0, 1]) < 5 / np.sqrt(N)
    assert np.corrcoef(choose, values)[0, 1] > 0.4
    assert np.corrcoef(test, values)[0, 1] > 0.4


def test_counts_are_dealt_out_and_the_share_says_how_many_choose():
    halves = mb.halve_readout(data_set(over_dispersed()), share=0.25, seed=0)
    total = halves.choose.X + halves.test.X
    np.testing.assert_array_equal(total[:, 0], over_dispersed())
    assert halves.choose.X.sum() / total.sum() == pytest.approx(0.25, abs=0.02)
    assert "Counts, so that readout '0' was dealt out" in halves.note
    assert "over-dispersion" in halves.note


def test_which_whole_numbers_are_dealt_out():
    rng = np.random.default_rng(0)
    few = [mb.halve_readout(data_set(rng.poisson(4, 100))).note for _ in range(100)]
    assert all(note.startswith("Counts") for note in few)  # however little they vary by chance
    for values in (rng.permutation(40), 5000 + rng.integers(0, 4000, 100), rng.integers(30, 45, N)):
        assert ("Counts" in mb.halve_readout(data_set(values)).note) == (len(values) == 40)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_the_share_of_information_in_normal_scores(share):
    halves = mb.halve_readout(data_set(skewed()), share=share, seed=0)
    precision = 1 / np.array([halves.choose.X.var(), halves.test.X.var()])
    assert precision[0] / precision.sum() == pytest.approx(share, abs=0.04)
    assert "fission" in halves.note


def test_halves_keep_the_sequences_and_forget_what_knows_of_the_whole_readout():
    adata = data_set(skewed(), n_readouts=2)
    adata.var_names = ["one", "other"]
    adata.layers[schema.PREDICTION] = adata.X
    adata.obsm["replicates:one"] = adata.X
    adata.uns |= {schema.ALPHABET: "RNA", schema.MOTIFS: {}}
    before = adata.copy()
    for half in (lambda h: h.choose, lambda h: h.test):
        found = half(mb.halve_readout(adata, readout="other", seed=0))
        np.testing.assert_array_equal(found.obsm[schema.LETTERS], adata.obsm[schema.LETTERS])
        assert found.obs["gc"].equals(adata.obs["gc"])
        assert found.var_names.tolist() == ["other"]
        assert not found.layers.keys()
        assert list(found.obsm) == [schema.LETTERS]
        assert set(found.uns) == {schema.ALPHABET, schema.PART}
    np.testing.assert_array_equal(adata.X, before.X)
    assert set(adata.uns) == set(before.uns)


def test_marks_name_the_pair_and_its_part():
    adata = data_set(skewed())
    first, again, other = (mb.halve_readout(adata, seed=seed) for seed in (0, 0, 1))
    name, part = first.choose.uns["part"].split(":")
    assert part == "choose"
    assert first.test.uns["part"] == f"{name}:test"
    assert again.test.uns["part"] == first.test.uns["part"]
    assert other.test.uns["part"] != first.test.uns["part"]


def test_rows_without_a_measurement_stay_without():
    values = skewed()[:50]
    values[[3, 7]] = np.nan
    halves = mb.halve_readout(data_set(values), seed=0)
    for half in (halves.choose, halves.test):
        assert np.flatnonzero(np.isnan(half.X[:, 0])).tolist() == [3, 7]


def test_poisson_thinning_of_over_dispersed_counts_is_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"variance of .* times their mean.*how='negative bin"):
        mb.halve_readout(data_set(over_dispersed()), how="poisson")


@pytest.mark.parametrize(
    ("values", "settings", "sentence"),
    [
        ([0, 1] * 20, {}, r"Readout '0' has 2 distinct values; expected counts.*rows='test'"),
        ([0, 1] * 20, {"how": "poisson"}, r"Readout '0' has 2 distinct values"),
        ([0.5, 1, 1.5] * 9, {}, r"3 distinct values and they are no counts; expected 10"),
        ([1, 5, 9, 2.5] * 9, {"how": "poisson"}, r"`counts` holds 2.5 in row 3"),
        (range(30), {"how": "half"}, r"`how` is 'half'; expected one of 'auto'"),
        (range(30), {"share": 1.5}, r"`share` is 1.5; expected a share between 0.01 and 0.99"),
        (range(30), {"readout": "bound"}, r"`readout` is 'bound'; expected one of '0'"),
        (range(30), {"readout": 1}, r"`readout` is 1; expected a whole number, 0 to 0"),
    ],
)
def test_what_cannot_be_halved_is_refused(values, settings, sentence):
    with pytest.raises(InputError, match=sentence):
        mb.halve_readout(data_set(list(values)), **settings)
