"""Predictions on the scale of the measurement, and what is said about how good they are."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

import motifbook as mb
from motifbook import InputError
from motifbook.models import CNN
from motifbook.models.network import Record
from motifbook.onehot import encode
from motifbook.train import score_table

GATA = torch.eye(4)[[2, 0, 3, 0]].T


def book(sequences, readouts, names=("a", "b"), **columns) -> ad.AnnData:
    readouts = np.asarray(readouts, np.float32)
    obs = pd.DataFrame({"sequence": list(sequences), **columns})
    obs.index = [f"s{i}" for i in range(len(obs))]
    return ad.AnnData(X=readouts, obs=obs, var=pd.DataFrame(index=list(names)))


@pytest.fixture
def counter():
    """Readout a = logistic(matches of GATA - 2), readout b = 100 + 10 * matches."""
    model = CNN(2, n_filters=1, width=4)
    with torch.no_grad():
        model.motifs.weight.copy_(GATA[None])
        model.motifs.bias.zero_()
        model.readout.weight.fill_(1.0)
        model.readout.bias.zero_()
    model.record = Record(["a", "b"], ["binary", "continuous"], [-2.0, 100.0], [1.0, 10.0], 10)
    return model.eval()


SEQUENCES = ["CCCGATACCC", "CCCTATCCCC", "CCCGATCCCC", "CCCCCCCCCC"]


def test_predictions_are_on_the_scale_of_the_measurement(counter):
    prediction = mb.predict(counter, book(SEQUENCES, np.zeros((4, 2))))
    matches = np.array([4, 4, 3, 1])
    np.testing.assert_allclose(prediction[:, 0], 1 / (1 + np.exp(2 - matches)), rtol=1e-5)
    np.testing.assert_allclose(prediction[:, 1], 100 + 10 * matches, rtol=1e-5)
    assert prediction.dtype == np.float32


def test_batches_change_nothing(trained):
    whole = mb.predict(trained.model, trained.adata)
    parts = mb.predict(trained.model, trained.adata, batch_size=7)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_letter_codes_are_read_like_letters(trained):
    coded = trained.adata.copy()
    coded.obsm["letters"] = encode(coded.obs.pop("sequence"))
    whole = mb.predict(trained.model, trained.adata)
    np.testing.assert_array_equal(mb.predict(trained.model, coded), whole)


def test_shorter_sequences_are_padded_and_the_padding_does_not_count(trained):
    core = [s[20:60] for s in trained.adata.obs["sequence"][:20]]
    alone = mb.predict(trained.model, book(core, np.zeros((20, 1)), ["bound"]))
    beside = book([*core, trained.adata.obs["sequence"].iloc[0]], np.zeros((21, 1)), ["bound"])
    np.testing.assert_allclose(mb.predict(trained.model, beside)[:20], alone, atol=1e-5)


def test_no_sequences_give_no_predictions(trained):
    assert mb.predict(trained.model, trained.adata[:0]).shape == (0, 1)


def test_scores_are_those_of_scikit_learn_and_scipy():
    rng = np.random.default_rng(0)
    truth = np.column_stack([rng.random(50) > 0.6, rng.normal(size=50)]).astype(np.float32)
    prediction = (truth + rng.normal(size=truth.shape)).astype(np.float32)
    gaps = truth.copy()
    gaps[:10, 1] = np.nan
    scores = score_table(gaps, prediction, ["a", "b"], ["binary", "continuous"]).set_index(
        "readout"
    )
    first = scores.loc["a"]
    assert first["n"] == 50
    assert first["auroc"] == pytest.approx(roc_auc_score(truth[:, 0], prediction[:, 0]))
    assert first["auprc"] == pytest.approx(average_precision_score(truth[:, 0], prediction[:, 0]))
    assert first[["pearson", "spearman", "r2"]].isna().all()
    y, p, second = truth[10:, 1].astype(float), prediction[10:, 1].astype(float), scores.loc["b"]
    assert second["n"] == 40
    assert second["pearson"] == pytest.approx(pearsonr(y, p)[0])
    assert second["spearman"] == pytest.approx(spearmanr(y, p)[0])
    assert second["r2"] == pytest.approx(r2_score(y, p))
    assert second[["auroc", "auprc"]].isna().all()


@pytest.mark.parametrize("truth", [[1, 1, 1, 1], [1, 0, np.nan, np.nan]])
def test_no_number_is_given_where_none_means_anything(truth):
    column = np.array(truth, np.float32)[:, None]
    scores = score_table(column, np.zeros((4, 1), np.float32), ["a"], ["binary"])
    assert scores.loc[0, ["auroc", "auprc"]].isna().all()
    assert scores.loc[0, "n"] == np.isfinite(column).sum()


def test_a_constant_prediction_has_no_correlation():
    truth = np.arange(5, dtype=np.float32)[:, None]
    scores = score_table(truth, np.full((5, 1), 2, np.float32), ["a"], ["continuous"])
    assert scores.loc[0, "r2"] == 0
    assert scores.loc[0, ["pearson", "spearman"]].isna().all()


def test_only_rows_of_the_split_are_scored(trained):
    model, adata = trained
    for split in ("train", "validation", "test"):
        assert mb.evaluate(model, adata, split)["n"][0] == (adata.obs["split"] == split).sum()
    assert mb.evaluate(model, adata, None)["n"][0] == adata.n_obs


def test_without_a_split_only_sequences_that_training_has_not_seen_are_scored(trained):
    model, adata = trained
    bare = adata.copy()
    del bare.obs["split"]
    assert mb.evaluate(model, bare)["n"][0] == (adata.obs["split"] != "train").sum()
    assert mb.evaluate(model, bare, None)["n"][0] == adata.n_obs


def test_scoring_seen_sequences_needs_to_be_asked_for(trained):
    model, adata = trained
    seen = adata[adata.obs["split"] == "train"].copy()
    del seen.obs["split"]
    with pytest.raises(InputError, match=r"no split, .* trained on all of .*`split=None`"):
        mb.evaluate(model, seen)


def test_readouts_are_found_by_name(counter):
    readouts = [[1, 140], [0, 140], [1, 130], [0, 110]]
    table = mb.evaluate(counter, book(SEQUENCES, readouts), None)
    turned = book(SEQUENCES, [[b, a, 7] for a, b in readouts], ["b", "a", "other"])
    pd.testing.assert_frame_equal(mb.evaluate(counter, turned, None), table)
    renamed = book(SEQUENCES, readouts, ["bound", "level"])
    pd.testing.assert_frame_equal(mb.evaluate(counter, renamed, None), table)
    assert table["r2"][1] == pytest.approx(1)


def test_other_readouts_are_refused(counter):
    other = book(SEQUENCES, np.zeros((4, 1)), ["c"])
    with pytest.raises(
        InputError, match=r"predicts \['a', 'b'\], `adata` has the readouts \['c'\]"
    ):
        mb.evaluate(counter, other, None)


def test_an_empty_split_is_refused(trained):
    only_train = trained.adata[trained.adata.obs["split"] == "train"].copy()
    with pytest.raises(InputError, match=r"No row of .* is 'test'; it holds \{'train': \d+\}"):
        mb.evaluate(trained.model, only_train)


def test_an_unknown_split_is_refused(trained):
    with pytest.raises(InputError, match=r"`split` is 'tests'; .*Did you mean 'test'"):
        mb.evaluate(trained.model, trained.adata, "tests")


@pytest.mark.parametrize("verb", [mb.predict, mb.evaluate, mb.read_motifs])
def test_an_untrained_network_is_refused(verb, trained):
    with pytest.raises(InputError, match=r"not been trained yet\. Call `mb\.fit\(model, adata\)`"):
        verb(CNN(1), trained.adata)


@pytest.mark.parametrize("verb", [mb.predict, mb.evaluate, mb.read_motifs])
def test_something_else_in_place_of_a_network_is_refused(verb, trained):
    with pytest.raises(InputError, match=r"`model` is a Linear; expected a network of motifbook"):
        verb(torch.nn.Linear(1, 1), trained.adata)


@pytest.mark.parametrize("verb", [mb.predict, mb.evaluate, mb.read_motifs])
def test_sequences_of_another_alphabet_are_refused(verb, trained):
    rna = trained.adata.copy()
    rna.uns["alphabet"] = "RNA"
    with pytest.raises(InputError, match="reads DNA, the sequences are RNA; expected the same"):
        verb(trained.model, rna)


def test_sequences_shorter_than_the_filters_are_refused(trained):
    with pytest.raises(InputError, match=r"have 10 letters, the filters 15"):
        mb.predict(trained.model, book(SEQUENCES, np.zeros((4, 1)), ["bound"]))


def test_an_absent_device_is_refused(trained):
    with pytest.raises(InputError, match=r"`device` is 'gpu'; expected one of 'auto'"):
        mb.predict(trained.model, trained.adata, device="gpu")


def test_a_network_of_another_split_is_to_be_fitted_again():
    adata = mb.simulate(n=300, length=60, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, seed=0)
    model = mb.CNN(1, n_filters=4, width=8)
    options = mb.FitOptions(n_steps=15)
    mb.fit(model, adata, seed=0, progress=False, options=options)
    adata.obs["split"] = mb.split(adata, seed=1)
    with pytest.warns(mb.LeakageWarning, match="trained with another split: fit it again"):
        mb.evaluate(model, adata)
