"""What `fit` promises: the same seed, the same network; what was not measured does not count."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from torch.testing import assert_close

import motifbook as mb
from motifbook import InputError
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.train import FitOptions, batches
from motifbook.train.losses import make_loss

SHORT = FitOptions(n_steps=30)
BUILDS = {
    "CNN": lambda n: CNN(n, n_filters=4, width=12),
    "pairs": lambda n: MotifSyntaxNet(n, n_filters=12, width=12),
    "attention": lambda n: MotifSyntaxNet(n, n_filters=12, width=12, syntax="attention"),
    "both": lambda n: MotifSyntaxNet(n, n_filters=12, width=12, syntax="both"),
    "published": MotifSyntaxNet.published,
}


def make(n: int = 300, *, rule: str = "single", split: bool = True, seed: int = 0, **options):
    adata = mb.simulate(n, 80, rule=rule, seed=seed, options=_options(options))
    if split:
        adata.obs["split"] = mb.split(adata, fractions=(0.7, 0.1, 0.2), seed=seed)
    return adata


def _options(options):
    from motifbook.data.simulation.simulate import SimulateOptions

    return SimulateOptions(**options) if options else None


def quick(model, adata, *, seed=0, options=SHORT, **more):
    return mb.fit(model, adata, seed=seed, progress=False, options=options, **more)


def same(first, second) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return all(torch.equal(ours[key], theirs[key]) for key in ours | theirs)


@pytest.fixture(scope="module")
def adata():
    return make()


@pytest.mark.parametrize("name", BUILDS)
def test_the_same_seed_gives_the_same_weights_whatever_else_is_random(name, adata):
    models = []
    for state in (1, 2):
        with torch.random.fork_rng():
            torch.manual_seed(state)
            models.append(BUILDS[name](1))
            history = quick(models[-1], adata)
    assert same(*models)
    assert history.rounds == models[0].record.details["rounds"]
    other = BUILDS[name](1)
    quick(other, adata, seed=1)
    assert not same(models[0], other)


def test_drop_out_draws_from_the_seed_alone(adata):
    models, states = [], []
    for state in (1, 2):
        with torch.random.fork_rng():
            model = mb.ContextualRegression(1, n_filters=4, context="published")
            torch.manual_seed(state)
            before = torch.get_rng_state()
            quick(model, adata)
            states.append(torch.equal(before, torch.get_rng_state()))
        models.append(model)
    assert same(*models)
    assert all(states)


def test_training_starts_anew_unless_told_to_go_on(adata):
    model, once = BUILDS["CNN"](1), BUILDS["CNN"](1)
    quick(once, adata)
    quick(model, adata, seed=7)
    quick(model, adata)
    assert same(model, once)
    quick(model, adata, options=FitOptions(n_steps=30, warm_start=False))
    assert not same(model, once)
    assert (
        model.record.details["rounds"][0]["train_loss"]
        < once.record.details["rounds"][0]["train_loss"]
    )


def test_weights_set_by_hand_are_kept_if_asked_for(adata):
    model = CNN(1, n_filters=2, width=4)
    gata = torch.eye(4)[[2, 0, 3, 0]].T
    with torch.no_grad():
        model.motifs.weight[0] = 10 * gata
    quick(model, adata, options=FitOptions(n_steps=1, warm_start=False))
    assert_close(model.motifs.weight[0], 10 * gata, atol=0.01, rtol=0)


@pytest.mark.parametrize("name", BUILDS)
def test_training_leaves_global_state_alone(name, adata, monkeypatch):
    model = BUILDS[name](1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), torch.get_num_threads()  # noqa: NPY002
    monkeypatch.setattr(batches, "MAX_THREADS", 1)  # two would spin on busy cores
    torch.set_num_threads(2)
    try:
        quick(model, adata, options=FitOptions(n_steps=2))
        mb.predict(model, adata)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before[2])
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002
    assert torch.is_grad_enabled()


def test_a_trained_network_is_in_evaluation_mode_and_can_be_trained_again(adata):
    model = BUILDS["pairs"](1)
    quick(model, adata)
    assert not model.training
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_predicting_restores_training_mode(trained):
    model = trained.model
    model.train()
    try:
        mb.predict(model, trained.adata)
        mb.read_motifs(model, trained.adata)
        assert model.training
    finally:
        model.eval()


def test_warm_start_is_the_networks_wish_or_the_users(adata):
    model = BUILDS["pairs"](1)
    assert any("start from enriched words" in note for note in quick(model, adata).notes)
    assert not any("enriched words" in note for note in quick(BUILDS["CNN"](1), adata).notes)
    seeded = quick(BUILDS["CNN"](1), adata, options=FitOptions(n_steps=3, warm_start=True))
    assert any("of 4 filters start from enriched words" in note for note in seeded.notes)


def test_rows_without_measurements_change_nothing(adata):
    with_gaps = ad.concat([adata[:100], adata[:7], adata[100:]], index_unique="-")
    with_gaps.uns.update(adata.uns)
    with_gaps.obs_names_make_unique()
    with_gaps.X[100:107] = np.nan
    with_gaps.obs.iloc[100:107, with_gaps.obs.columns.get_loc("split")] = "train"
    plain, gappy = BUILDS["pairs"](1), BUILDS["pairs"](1)
    quick(plain, adata)
    notes = quick(gappy, with_gaps).notes
    assert same(plain, gappy)
    assert "7 rows without any measured value were left out." in notes


def test_missing_values_of_some_readouts_do_not_hinder_the_others():
    adata = make(rule="multi", missing=0.3)
    assert np.isnan(adata.X).any()
    for name in ("CNN", "pairs", "attention"):
        model = BUILDS[name](2)
        quick(model, adata)
        assert np.isfinite(mb.predict(model, adata)).all()
        assert all(torch.isfinite(p).all() for p in model.parameters())


def test_the_loss_is_the_mean_over_measured_values_and_its_gradient_is_finite():
    nan = torch.nan
    output = torch.tensor([[0.3, 2.0], [-1.0, 0.5], [0.2, 7.0]], requires_grad=True)
    readout = torch.tensor([[1.0, 1.5], [nan, -0.5], [nan, nan]])
    loss = make_loss(["binary", "continuous"])(output, readout)
    expected = (np.log1p(np.exp(-0.3)) + 0.5**2 + 1.0**2) / 3
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    loss.backward()
    assert torch.isfinite(output.grad).all()
    assert output.grad[1, 0] == 0 == output.grad[2].abs().max()


def test_the_loss_per_row_is_the_mean_over_its_measured_values():
    output = torch.tensor([[0.0, 2.0], [1.0, 0.5]])
    readout = torch.tensor([[1.0, 1.0], [torch.nan, 0.0]])
    rows = make_loss(["binary", "continuous"], reduce=False)(output, readout)
    assert_close(rows, torch.tensor([(np.log(2) + 1) / 2, 0.25], dtype=torch.float32))


@pytest.fixture(scope="module")
def rare():
    adata = make(1200, split=False)
    positive = np.flatnonzero(adata.X[:, 0] == 1)
    rows = np.sort(np.concatenate([np.flatnonzero(adata.X[:, 0] == 0), positive[:60]]))
    adata = adata[rows].copy()
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.1, 0.1), seed=0)
    return adata


@pytest.mark.parametrize("name", ["CNN", "pairs"])
def test_class_weights_keep_predictions_calibrated(name, rare):
    model = BUILDS[name](1)
    quick(model, rare, options=FitOptions(n_steps=200, class_weights=True))
    prediction = mb.predict(model, rare)
    assert prediction.mean() == pytest.approx(rare.X.mean(), abs=0.04)
    assert mb.evaluate(model, rare, split=None)["auroc"][0] > 0.9


def test_continuous_readouts_are_predicted_on_their_own_scale():
    adata = make(800, rule="additive")
    adata.X = 1000 + 50 * adata.X
    model = BUILDS["pairs"](2)
    quick(model, adata, options=FitOptions(n_steps=100))
    prediction = mb.predict(model, adata)
    np.testing.assert_allclose(prediction.mean(axis=0), adata.X.mean(axis=0), rtol=0.02)
    assert (mb.evaluate(model, adata)["r2"] > 0.2).all()


def test_shifting_and_scaling_a_measurement_shifts_and_scales_its_prediction():
    adata = make(rule="additive")
    other = adata.copy()
    other.X = 1000 + 64 * adata.X
    models = BUILDS["CNN"](2), BUILDS["CNN"](2)
    for model, data in zip(models, (adata, other)):
        quick(model, data)
    before, after = mb.predict(models[0], adata), mb.predict(models[1], other)
    np.testing.assert_allclose(after, 1000 + 64 * before, rtol=1e-3)


def test_binary_and_continuous_readouts_are_learned_together():
    adata = make(600)
    rng = np.random.default_rng(0)
    signal = 3 * adata.X[:, 0] + rng.normal(size=adata.n_obs)
    both = ad.AnnData(
        X=np.column_stack([adata.X[:, 0], signal]).astype(np.float32),
        obs=adata.obs,
        var=pd.DataFrame(index=["bound", "level"]),
    )
    model = BUILDS["pairs"](2)
    quick(model, both)
    assert model.record.kinds == ["binary", "continuous"]
    prediction = mb.predict(model, both)
    assert 0 <= prediction[:, 0].min() <= prediction[:, 0].max() <= 1
    assert prediction[:, 1].max() > 1.5
    scores = mb.evaluate(model, both).set_index("readout")
    assert scores.loc["bound", "auroc"] > 0.8
    assert scores.loc["level", "pearson"] > 0.5


def test_without_a_split_rows_are_set_aside_and_the_history_says_so():
    history = quick(BUILDS["CNN"](1), make(split=False))
    assert any(
        note.startswith("No split was given: ") and "rows were set aside for validation" in note
        for note in history.notes
    )


def test_without_validation_rows_the_last_weights_are_kept_and_the_history_says_so(adata):
    everything = adata.copy()
    everything.obs["split"] = "train"
    history = quick(BUILDS["CNN"](1), everything)
    assert "No validation rows: the last weights were kept." in history.notes
    assert history.best_round == len(history.rounds) - 1


def test_test_rows_are_never_looked_at(adata):
    changed = adata.copy()
    test = (adata.obs["split"] == "test").to_numpy()
    changed.X[test] = 1 - changed.X[test]
    models = BUILDS["pairs"](1), BUILDS["pairs"](1)
    quick(models[0], adata)
    quick(models[1], changed)
    assert same(*models)


def test_the_network_remembers_how_it_was_trained(adata):
    model = BUILDS["CNN"](1)
    history = quick(model, adata, seed=3)
    record = model.record
    assert record.readouts == ["bound"]
    assert record.kinds == ["binary"]
    assert record.length == 80
    assert record.details["seed"] == 3
    assert record.details["n_steps"] == 30
    assert record.details["rounds"] == history.rounds
    n_different = len(np.unique(model.training_hashes))
    assert n_different == (adata.obs["split"] == "train").sum()


@pytest.mark.parametrize("alphabet", ["RNA", "protein"])
def test_other_alphabets_are_learned(alphabet):
    rng = np.random.default_rng(0)
    letters, word = ("ACGU", "UGUAAAUA") if alphabet == "RNA" else ("ACDEFGHIKLMNPQRSTVWY", "RGDW")
    sequences = ["".join(row) for row in rng.choice(list(letters), (300, 50))]
    sequences[:150] = [s[:20] + word + s[20 + len(word) :] for s in sequences[:150]]
    adata = ad.AnnData(
        X=np.repeat([[1.0], [0.0]], 150, axis=0).astype(np.float32),
        obs=pd.DataFrame({"sequence": sequences}, index=[f"s{i}" for i in range(300)]),
        uns={"alphabet": alphabet},
    )
    adata.obs["split"] = mb.split(adata, seed=0)
    model = MotifSyntaxNet(1, n_filters=12, width=10, alphabet=alphabet)
    assert not model.motifs.reverse_complement
    quick(model, adata, options=FitOptions(n_steps=60))
    assert mb.evaluate(model, adata, split=None)["auroc"][0] > 0.95
    assert word[:4] in mb.read_motifs(model, adata)[0].consensus.upper()


def test_the_number_of_steps_follows_the_rows_within_bounds():
    from motifbook.train.fit import _n_steps

    model = CNN(1)
    assert _n_steps(model, FitOptions(), 100, 128) == 450
    assert _n_steps(model, FitOptions(), 128 * 100, 128) == 15 * 100
    assert _n_steps(model, FitOptions(), 10**6, 128) == 6000
    assert _n_steps(model, FitOptions(n_steps=7), 10**6, 128) == 7


def test_a_network_for_another_number_of_readouts_is_refused(adata):
    with pytest.raises(
        InputError, match=r"predicts 3 readouts, `adata` has 1: \['bound'\]\. Make it"
    ):
        quick(CNN(3), adata)


def test_sequences_of_another_alphabet_are_refused(adata):
    with pytest.raises(
        InputError, match=r'reads RNA, the sequences are DNA; .* one with `alphabet="DNA"`'
    ):
        quick(CNN(1, alphabet="RNA"), adata)


def test_data_without_readouts_are_refused(adata):
    bare = ad.AnnData(obs=adata.obs)
    with pytest.raises(InputError, match=r'has no readouts to learn; .*negatives="shuffle"'):
        quick(CNN(1), bare)


def test_a_readout_that_never_differs_is_refused(adata):
    flat = adata.copy()
    flat.X[:] = 1
    with pytest.raises(InputError, match=r"'bound' has \d+ measured values, all alike in the \d+"):
        quick(CNN(1), flat)


def test_too_few_rows_are_refused(adata):
    few = adata[:15].copy()
    few.obs["split"] = "train"
    with pytest.raises(InputError, match=r"There are 15 rows to train on; expected at least 20"):
        quick(CNN(1), few)


def test_rows_of_no_split_are_refused(adata):
    odd = adata.copy()
    odd.obs["split"] = odd.obs["split"].astype(object)
    odd.obs.iloc[3, odd.obs.columns.get_loc("split")] = np.nan
    with pytest.raises(InputError, match=r"holds \['nan'\]; expected train, validation or test"):
        quick(CNN(1), odd)


def test_something_else_in_place_of_a_network_is_refused(adata):
    with pytest.raises(InputError, match=r"`model` is a Linear; expected a network of motifbook"):
        quick(torch.nn.Linear(2, 2), adata)


def test_something_else_in_place_of_sequences_is_refused():
    with pytest.raises(InputError, match=r"`adata` is a DataFrame; expected an AnnData"):
        quick(CNN(1), pd.DataFrame())


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"options": FitOptions(n_steps=0)}])
def test_impossible_numbers_are_refused(adata, wrong):
    with pytest.raises(InputError, match=r"`(batch_size|n_steps)` is 0; expected a whole number"):
        quick(CNN(1), adata, **wrong)


def test_an_absent_device_is_refused(adata):
    with pytest.raises(InputError, match=r"`device` is 'abacus'; expected one of 'auto'.*'cpu'"):
        quick(CNN(1), adata, device="abacus")


def test_sequences_shorter_than_the_filters_are_refused(adata):
    with pytest.raises(InputError, match=r"have 80 letters, the filters 90; .*`width=80` or less"):
        quick(CNN(1, width=90), adata)


def test_values_whose_squares_overflow_keep_their_scale():
    adata = mb.simulate(n=60, length=60, rule="single", seed=0)
    adata.X = (np.random.default_rng(0).normal(size=(60, 1)) * 1e30).astype(np.float32)
    model = mb.CNN(n_readouts=1, n_filters=2, width=8)
    with pytest.raises(
        mb.InputError, match=r"is called binary and holds .*e\+30; expected 0 and 1"
    ):
        mb.fit(model, adata, seed=0, progress=False)
    adata.var["kind"] = "continuous"
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=2))
    assert np.isclose(model.record.scale[0], 1e30, rtol=0.5)
    assert np.isfinite(mb.predict(model, adata)).all()


def test_filters_become_as_wide_as_the_longest_motif_unless_told_otherwise(tmp_path):
    adata = mb.simulate(1200, 120, rule="hard", seed=0)  # JUN, 5 letters, TEAD1: 22 in all
    options = FitOptions(n_steps=60)
    model, told = MotifSyntaxNet(1), MotifSyntaxNet(1, width=20)
    for one in (model, told):
        mb.fit(one, adata, seed=0, progress=False, options=options)
    assert (model.motifs.width, told.motifs.width) == (24, 20)
    mb.save(model, tmp_path / "wide.motifbook")
    assert mb.load(tmp_path / "wide.motifbook").motifs.width == 24
    before = mb.predict(model, adata)
    mb.fit(model, adata, seed=0, progress=False, options=options)  # what grew, grows anew
    assert np.array_equal(mb.predict(model, adata), before)


def test_options_that_are_none_are_refused():
    adata = mb.simulate(60, 40, rule="single", seed=0)
    with pytest.raises(InputError, match=r"`options` is \{'n_steps': 3\}; expected such as"):
        mb.fit(MotifSyntaxNet(1), adata, options={"n_steps": 3})
