"""NaN is "not measured": nothing that was not measured changes any result."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import motifbook as mb
from motifbook.data import store
from motifbook.discover.use import measure_use
from motifbook.motif.compare import similarity
from motifbook.onehot import decode
from motifbook.train.losses import make_loss

N = 600
WORD = [2, 0, 3, 0, 0, 2, 2, 1]  # GATAAGGC


def made(seed: int = 0):
    """Sequences, half of them with the word, which two readouts follow and one does not."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (N, 60)).astype(np.uint8)
    bound = np.arange(N) % 2
    for row in np.flatnonzero(bound):
        start = rng.integers(0, 50)
        letters[row, start : start + 8] = WORD
    level = 3 + 2 * bound + rng.normal(0, 0.5, N)
    adata = ad.AnnData(
        X=np.column_stack([bound, level, rng.normal(0, 1, N)]).astype(np.float32),
        obs=pd.DataFrame({"sequence": decode(letters)}, index=[f"s{row}" for row in range(N)]),
        var=pd.DataFrame(index=["bound", "level", "noise"]),
        uns={"alphabet": "DNA"},
    )
    adata.obs["split"] = rng.choice(["train", "validation", "test"], N, p=[0.6, 0.2, 0.2])
    return adata


@pytest.fixture
def adata():
    return made()


@pytest.fixture
def gaps():
    """The same with 30 % of the values missing."""
    adata = made()
    adata.X[np.random.default_rng(1).random(adata.shape) < 0.3] = np.nan
    return adata


def train(adata, network=mb.MotifSyntaxNet, n_steps=60, width=8, **options):
    model = network(adata.n_vars, n_filters=6, width=width)
    options = mb.FitOptions(n_steps=n_steps, **options)
    mb.fit(model, adata, seed=0, progress=False, options=options)
    return model


def assert_same_network(one, other):
    for name, value in one.state_dict().items():
        torch.testing.assert_close(value, other.state_dict()[name], rtol=0, atol=0)


# ---- what can be stated exactly


@pytest.mark.parametrize("weights", [None, [3.0, 1.0, 1.0]])
def test_loss_and_gradient_are_those_of_the_measured_values(weights):
    generator = torch.Generator().manual_seed(0)
    kinds = ["binary", "continuous", "continuous"]
    output = torch.randn(40, 3, generator=generator, requires_grad=True)
    readout = torch.randn(40, 3, generator=generator)
    readout[:, 0] = (readout[:, 0] > 0).float()
    readout[torch.rand(40, 3, generator=generator) < 0.3] = torch.nan
    readout[:, 2] = torch.nan  # a readout that no row of the batch has
    loss = make_loss(kinds, weights)(output, readout)
    [gradient] = torch.autograd.grad(loss, output)

    is_known, positive = ~readout.isnan(), 1.0 if weights is None else weights[0]
    y, p = readout[is_known[:, 0], 0], torch.sigmoid(output[is_known[:, 0], 0])
    entropy = -(positive * y * p.log() + (1 - y) * (1 - p).log())
    squares = (output[is_known[:, 1], 1] - readout[is_known[:, 1], 1]) ** 2
    by_hand = torch.cat([entropy, squares]).mean()
    [expected] = torch.autograd.grad(by_hand, output)
    torch.testing.assert_close(loss, by_hand)
    torch.testing.assert_close(gradient, expected)
    assert gradient[~is_known].abs().max() == 0


def test_a_batch_without_any_value_moves_nothing():
    output = torch.randn(5, 2, requires_grad=True)
    loss = make_loss(["binary", "continuous"])(output, torch.full((5, 2), torch.nan))
    loss.backward()
    assert loss.item() == output.grad.abs().max() == 0


@pytest.mark.parametrize("network", [mb.MotifSyntaxNet, mb.CNN])
@pytest.mark.parametrize("class_weights", [False, True])
def test_rows_without_a_value_train_the_network_of_their_absence(adata, network, class_weights):
    adata = adata[:, ["bound"]].copy()
    missing = np.random.default_rng(1).random(N) < 0.3
    masked = adata.copy()
    masked.X[missing] = np.nan
    with_gaps = train(masked, network, class_weights=class_weights)
    dropped = train(adata[~missing].copy(), network, class_weights=class_weights)
    assert_same_network(with_gaps, dropped)
    assert with_gaps.record.center == dropped.record.center
    assert f"{missing.sum()} rows without any measured value" in str(with_gaps.record.details)


def test_scores_are_those_of_the_measured_rows(adata, gaps):
    model = train(adata)
    table = mb.evaluate(model, gaps)
    test = (gaps.obs["split"] == "test").to_numpy()
    for number, name in enumerate(gaps.var_names):
        measured = ~np.isnan(gaps.X[:, number])
        alone = mb.evaluate(model, adata[measured]).iloc[number]
        pd.testing.assert_series_equal(table.iloc[number], alone, rtol=1e-5)
        assert table.loc[number, "n"] == (test & measured).sum()
        assert table["readout"][number] == name


def test_use_is_measured_where_values_are(adata):
    adata = adata[:, ["bound"]].copy()
    model = train(adata)
    missing = np.random.default_rng(1).random(N) < 0.3
    masked = adata.copy()
    masked.X[missing] = np.nan
    groups = [[number] for number in range(model.motifs.n_filters)]
    with_gaps = measure_use(model, masked, groups)
    dropped = measure_use(model, adata[~missing].copy(), groups)
    np.testing.assert_allclose(with_gaps.use, dropped.use, atol=1e-6)
    np.testing.assert_allclose(with_gaps.lower, dropped.lower, atol=1e-6)


def test_predictions_do_not_look_at_values(adata, gaps):
    model = train(adata)
    np.testing.assert_array_equal(mb.predict(model, adata), mb.predict(model, gaps))


# ---- a whole analysis


def test_the_motif_is_found_through_gaps(gaps):
    model = train(gaps, n_steps=200, width=12)
    truth = mb.Motif.from_sites("GATAAGGC", ["GATAAGGC"])
    assert similarity(mb.read_motifs(model, gaps)[0], truth) > 0.9
    scores = mb.evaluate(model, gaps)
    assert scores["auroc"][0] > 0.9
    assert scores["pearson"][1] > 0.8
    assert np.isfinite(mb.predict(model, gaps)).all()
    assert all(np.isfinite(step["validation_loss"]) for step in model.record.details["rounds"])


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_report_can_be_written_through_gaps(gaps, tmp_path):
    gaps.X[gaps.obs["split"] == "test", 2] = np.nan
    model = train(gaps)
    page = mb.report(
        gaps, model, out=tmp_path / "r.html", baselines=("cnn",), seed=0, progress=False
    )
    assert "level" in page.read_text()


def test_a_readout_that_training_rows_lack_is_named(adata):
    adata.X[adata.obs["split"] == "train", 1] = np.nan
    n_train = (adata.obs["split"] == "train").sum()
    sentence = rf"Readout 'level' has no value in the {n_train} training rows.*var_names != 'level'"
    with pytest.raises(mb.InputError, match=sentence):
        train(adata)
    train(adata[:, adata.var_names != "level"].copy())


def test_a_readout_that_only_training_rows_have_is_learned_and_not_judged(adata):
    adata.X[adata.obs["split"] != "train", 1] = np.nan
    scores = mb.evaluate(train(adata), adata)
    assert scores["n"].tolist()[1] == 0
    assert np.isnan(scores["pearson"][1])
    assert scores["n"][0] > 0


def test_where_nothing_was_measured_the_sentence_says_so(adata):
    adata.X[:] = np.nan
    with pytest.raises(mb.InputError, match=r"0 rows to train on \(\d+ more have no measured"):
        train(adata)


def test_a_readout_measured_in_a_few_rows_of_a_large_set_does_not_stop_training(adata):
    adata.X[40:, 1] = np.nan
    model = train(adata)
    assert np.isfinite(mb.predict(model, adata)).all()


@pytest.mark.slow
def test_twelve_conditions_with_gaps(test_data):
    path = test_data / "mpra/crx_retina_12cond_dev.tsv.gz"
    names = [f"{p}_{c}" for p in ("hsp68", "rho") for c in ("WT", "CrxKO", "Ehet", "Rhom")]
    adata = mb.read_table(path, sequence="CRE_sequence", readouts=names)
    assert np.isnan(adata.X).sum() > 200
    adata.obs["split"] = mb.split(adata, by="similarity", seed=0)
    model = mb.MotifSyntaxNet(8)
    mb.fit(model, adata, seed=0, progress=False)
    scores = mb.evaluate(model, adata)
    assert (scores["pearson"] > 0.15).all()
    measured = ~np.isnan(adata.X[(adata.obs["split"] == "test").to_numpy()])
    assert scores["n"].tolist() == measured.sum(axis=0).tolist()


# ---- AnnData as users make them


def own(values, **fields):
    adata = made()
    obs = fields.pop("obs", adata.obs)
    return ad.AnnData(X=values, obs=obs, **fields)


def bound_with_gaps():
    values = made().X[:, :1].copy()
    values[::5] = np.nan
    return values


@pytest.mark.parametrize(
    "form",
    [
        sparse.csr_matrix,
        sparse.csc_matrix,
        sparse.csr_array,
        lambda x: x.astype(np.float64),
        lambda x: x.astype(np.float16),
        lambda x: pd.DataFrame(x, index=made().obs_names, columns=["0"]),
        lambda x: np.ma.masked_array(x, mask=np.zeros(x.shape, bool)),
        np.asfortranarray,
    ],
)
def test_values_in_any_form_are_the_same_values(form, tmp_path):
    plain, adata = own(bound_with_gaps()), own(form(bound_with_gaps()))
    model, expected = train(adata), train(plain)
    assert_same_network(model, expected)
    pd.testing.assert_frame_equal(mb.evaluate(model, adata), mb.evaluate(expected, plain))
    mb.write(adata, tmp_path / "b.h5ad")
    back = store.get_readouts(mb.read(tmp_path / "b.h5ad"))
    np.testing.assert_array_equal(back, bound_with_gaps())


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_values_that_anndata_left_on_disk_are_read(form, tmp_path):
    plain = own(bound_with_gaps())
    own(form(bound_with_gaps())).write_h5ad(tmp_path / "theirs.h5ad")
    adata = ad.read_h5ad(tmp_path / "theirs.h5ad", backed="r")
    np.testing.assert_array_equal(store.get_readouts(adata), plain.X)
    assert_same_network(train(adata), train(plain))
    mb.write(adata, tmp_path / "ours.h5ad")
    np.testing.assert_array_equal(store.get_readouts(mb.read(tmp_path / "ours.h5ad")), plain.X)


@pytest.mark.parametrize("kind", [bool, int, np.uint8])
def test_whole_numbers_and_truth_values_are_measured_values(kind, tmp_path):
    adata = own(made().X[:, :1].astype(kind))
    assert store.readout_kinds(adata) == ["binary"]
    assert mb.evaluate(train(adata), adata)["n"][0] > 0
    mb.write(adata, tmp_path / "b.h5ad")
    np.testing.assert_array_equal(store.get_readouts(mb.read(tmp_path / "b.h5ad")), made().X[:, :1])


@pytest.mark.parametrize("rows", [slice(0, 400), np.arange(600) % 3 > 0])
def test_views_are_as_good_as_copies(gaps, rows, tmp_path):
    view = gaps[rows, ["level", "bound"]]
    assert_same_network(train(view), train(view.copy()))
    assert view.is_view
    mb.write(view, tmp_path / "b.h5ad")
    np.testing.assert_array_equal(mb.read(tmp_path / "b.h5ad").X, view.X)


def test_names_that_are_numbers_and_words_that_are_categories():
    plain = made()
    obs = plain.obs.reset_index(drop=True)
    obs["split"], obs["sequence"] = obs["split"].astype("category"), pd.Categorical(obs["sequence"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata: names become text
        numbered = own(plain.X.copy(), obs=obs)
    model, expected = train(numbered), train(own(plain.X.copy()))
    assert_same_network(model, expected)
    hits = mb.scan(mb.Motif.from_sites("w", ["GATAAGGC"]), numbered)
    assert set(hits["sequence"]) <= set(numbered.obs_names)


@pytest.mark.filterwarnings("error")
def test_letters_of_any_layout_are_read(adata):
    codes = store.get_letters(adata)
    frozen = codes.copy()
    frozen.flags.writeable = False
    expected = train(own(adata.X, obs=adata.obs[["split"]], obsm={"letters": codes}))
    for letters in (np.asfortranarray(codes), np.repeat(codes, 2, axis=1)[:, ::2], frozen):
        book = own(adata.X, obs=adata.obs[["split"]], obsm={"letters": letters})
        model = train(book)
        assert_same_network(model, expected)
        mb.read_motifs(model, book, include_unused=True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.array([["high"], ["low"]] * 300), r"has type <U4; expected numbers, NaN where"),
        (np.ones((600, 1), dtype=object), r'type object; .*adata.X.astype\("float32"\)'),
        (np.ones((600, 1), dtype=complex), "type complex128; expected numbers"),
        (np.full((600, 1), 1e39), r"Readout '0' of sequence 's0' is 1e\+39; expected numbers"),
        (np.ma.masked_less(np.arange(600.0)[:, None], 9), r"masked array.*\.filled\(np\.nan\)"),
    ],
)
def test_values_that_cannot_be_are_refused_with_the_way_out(values, sentence, tmp_path):
    adata = own(values)
    for verb in (
        lambda: train(adata),
        lambda: mb.write(adata, tmp_path / "b.h5ad"),
        lambda: mb.check(adata),
    ):
        with pytest.raises(mb.InputError, match=sentence):
            verb()


def test_readouts_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Variable names are not unique"):
        adata = own(made().X[:, :2], var=pd.DataFrame(index=["a", "a"]))
    with pytest.raises(mb.InputError, match=r"`adata.var_names` holds 'a' more than once"):
        train(adata)


@pytest.mark.parametrize(
    ("letters", "sentence"),
    [
        (np.zeros((600, 60), dtype=np.int64), r"type int64.*need `\.astype\(np\.uint8\)`"),
        (np.zeros((600, 4, 60), dtype=np.uint8), r"shape \(600, 4, 60\); .*`onehot.from_onehot`"),
    ],
)
def test_letters_that_are_no_codes_are_refused_at_every_door(adata, letters, sentence):
    model = train(adata)
    book = own(adata.X, obs=adata.obs[["split"]], obsm={"letters": letters})
    for verb in (mb.split, mb.check, lambda b: mb.predict(model, b), train):
        with pytest.raises(mb.InputError, match=sentence):
            verb(book)


def test_no_values_at_all_are_none_measured():
    adata = own(None, var=pd.DataFrame(index=["bound"]))
    assert np.isnan(store.get_readouts(adata)).all()
