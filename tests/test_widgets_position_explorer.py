"""The position explorer without a browser: setting a control runs what a hand would run."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from controls import number_boxes

import motifbook as mb
from motifbook import InputError
from motifbook.experiment.slice import slice_window
from motifbook.train.fit import FitOptions
from motifbook.widgets import PositionExplorer

N, LENGTH = 400, 80


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=N, length=LENGTH, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.MotifSyntaxNet(n_readouts=1, width=15)
    mb.fit(network, adata, seed=0, progress=False, options=FitOptions(n_steps=100))
    return network


@pytest.fixture(scope="module")
def motifs(model, adata):
    return [motif.renamed(f"named_{i}") for i, motif in enumerate(mb.read_motifs(model, adata))]


@pytest.fixture
def explorer(model, adata, motifs):
    return PositionExplorer(model, adata, motifs=motifs)


def words(svg: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def test_it_opens_at_the_highest_prediction_and_its_strongest_instance(explorer, model, adata):
    best = adata.obs_names[mb.predict(model, adata)[:, 0].argmax()]
    assert explorer.summary().startswith(f"{best}: prediction of bound ")
    first, end = explorer._window.value
    site = explorer._seen().instances.sort_values("weight").iloc[-1]
    assert (first, end) == (max(0, site["start"] - 5), min(LENGTH, site["end"] + 5))
    assert f"named_0 {site['start']} to {site['end'] - 1} ({site['strand']}, " in explorer.summary()
    assert explorer.last_error is None


def test_a_step_of_the_slider_shows_the_next_sequence(explorer):
    before = explorer._picture.value
    explorer._number.value = 3
    assert explorer._picture.value != before
    assert explorer._picture.value == explorer.svg()
    assert explorer._ranked.value == 3
    assert explorer.summary().startswith("sequence3: ")


def test_sequences_are_listed_by_their_prediction(explorer):
    values = [float(label.rpartition(" ")[2]) for label, _ in explorer._ranked.options]
    assert values == sorted(values, reverse=True)
    assert len(values) == N


def test_number_boxes_and_sliders_move_together(explorer):
    boxes = number_boxes(explorer)
    boxes["sequence"].value = 7
    assert explorer._number.value == 7
    first, end = boxes["window, from"], boxes["window, to"]
    first.value, end.value = 10, 30
    assert explorer._window.value == (10, 30)
    explorer._window.value = (40, 60)
    assert (first.value, end.value) == (40, 60)


def test_the_window_is_cut_out_and_kept_alone(explorer, model, adata):
    explorer._window.value = (20, 45)
    letters = mb.predict  # the whole sequence is what `predict` says
    whole = letters(model, adata)[explorer._view.rows[explorer._number.value], 0]
    parts = slice_window(model, explorer._view.own_letters(explorer._number.value), (20, 45))
    assert parts["prediction"].iloc[0] == pytest.approx(whole, rel=1e-5)
    shown = [f"{value:.2f}" for value in parts["prediction"]]
    assert [word for word in words(explorer.svg()) if word in shown][:4] == shown
    assert f"{parts['prediction'].iloc[1]:.3g} without positions 20 to 44" in explorer.summary()


def test_letters_are_shown_in_a_window_that_can_be_read(model, motifs):
    long = mb.simulate(n=50, length=200, rule="single", seed=1)
    explorer = PositionExplorer(model, long, motifs=motifs)
    explorer._window.value = (100, 140)
    assert explorer.svg().count("<use") == 40
    explorer._window.value = (0, 150)
    assert explorer.svg().count("<use") == 0


def test_the_measured_value_is_drawn_where_it_is_known(explorer, model, adata, motifs):
    number = int(np.flatnonzero(adata.X[:, 0] == 1)[0])
    explorer._number.value = number
    assert "measured 1" in words(explorer.svg())
    unknown = adata.copy()
    unknown.X = np.full(adata.shape, np.nan, np.float32)
    other = PositionExplorer(model, unknown, motifs=motifs)
    assert not [word for word in words(other.svg()) if word.startswith("measured")]


def test_code_draws_the_same_picture(explorer, model, adata, motifs):
    explorer._number.value = 11
    explorer._window.value = (8, 50)
    scope = {"model": model, "adata": adata, "motifs": motifs}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_an_attribution_is_drawn_above_the_window(model, adata, motifs):
    attribution = np.zeros((N, 4, LENGTH))
    attribution[5, 2, 30:33] = 1.5
    explorer = PositionExplorer(model, adata, attribution, motifs=motifs)
    bare = PositionExplorer(model, adata, motifs=motifs)
    for one in (explorer, bare):
        one._number.value, one._window.value = 5, (25, 45)
    assert "Attribution of each letter" in words(explorer.svg())
    assert explorer.svg().count("<use") == bare.svg().count("<use") + 3
    scope = {"model": model, "adata": adata, "motifs": motifs, "attribution": attribution}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_an_attribution_of_another_shape_is_refused(model, adata, motifs):
    with pytest.raises(InputError, match=r"`attribution` has shape \(3, 4, 80\); .*\(400, 4, 80\)"):
        PositionExplorer(model, adata, np.zeros((3, 4, LENGTH)), motifs=motifs)


def test_an_empty_window_is_said_and_the_last_picture_stays(explorer):
    before = explorer._picture.value
    explorer._window.value = (30, 30)
    assert explorer._picture.value == before
    assert isinstance(explorer.last_error, InputError)
    assert "`window` is (30, 30); expected first &lt; end" in explorer._status.value
    explorer._window.value = (30, 40)
    assert explorer.last_error is None


def test_the_window_ends_where_a_shorter_sequence_ends(model, adata, motifs):
    mixed = adata[:20].copy()
    sequences = mixed.obs["sequence"].astype(object)
    sequences.iloc[4] = sequences.iloc[4][:50]
    mixed.obs["sequence"] = sequences
    explorer = PositionExplorer(model, mixed, motifs=motifs)
    explorer._window.value = (20, 75)
    explorer._number.value = 4
    assert "without positions 20 to 49," in explorer.summary()
    assert explorer.last_error is None


def test_several_readouts_are_chosen_by_name():
    adata = mb.simulate(n=200, length=LENGTH, rule="multi", seed=0)
    model = mb.CNN(n_readouts=2, n_filters=4, width=8)
    mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=10))
    explorer = PositionExplorer(model, adata, motifs=[])
    explorer._number.value = 9
    for number, name in enumerate(adata.var_names):
        explorer._readout.value = number
        assert f"What the window carries: {name}" in words(explorer.svg())
        assert explorer._number.value == explorer._ranked.value == 9
        best = explorer._ranked.options[0][1]
        assert best == mb.predict(model, adata)[:, number].argmax()


def test_networks_without_motifs_are_shown_without_activations():
    adata = mb.simulate(n=100, length=LENGTH, rule="single", seed=0)
    model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=1))
    explorer = PositionExplorer(model, adata, motifs=[])
    assert "Activation of each motif, at its middle" not in words(explorer.svg())
    assert explorer.summary().endswith("Instances in the window: none.")
    assert explorer._window.value == (32, 48)


def test_saving_writes_three_files(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg, pdf, png = explorer.save()
    assert svg.read_text() == explorer.svg()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert png.read_bytes().startswith(b"\x89PNG")


# ---- several methods, a scrambler, letters changed as typed


@pytest.fixture(scope="module")
def scrambler(model, adata):
    options = mb.ScramblerOptions(n_steps=60)
    return mb.fit_scrambler(model, adata, options=options, seed=0, progress=False)


@pytest.fixture(scope="module")
def methods(model, adata):
    return {
        name: mb.attribute(model, adata, name, seed=0, progress=False)
        for name in ("mutagenesis", "gradient")
    }


@pytest.fixture(scope="module")
def full(model, adata, motifs, scrambler, methods):
    return PositionExplorer(model, adata, methods, motifs=motifs, scrambler=scrambler)


@pytest.fixture
def opened(full):
    """With its controls as they were at the beginning."""
    full._typed.value, full._method.value = "", full._method.options[0]
    full._level.value, full._number.value = full._masks.usual, 3
    full._window.value = (20, 60)
    return full


def test_methods_stand_one_under_another_or_alone(opened):
    shown = " ".join(words(opened.svg()))
    assert "mutagenesis (logit" in shown
    assert "gradient (logit" in shown
    opened._method.value = "gradient"
    shown = " ".join(words(opened.svg()))
    assert "mutagenesis (logit" not in shown
    assert "gradient (logit" in shown


def test_the_budget_slider_is_answered_from_the_curves(opened, scrambler, adata):
    curves = opened._masks.curves
    assert len(curves) == N
    assert opened._budget.options[opened._level.value] == f"{curves.bits[opened._level.value]:.3g}"
    before = opened._picture.value
    opened._level.value = 2
    assert opened._budget.index == 2
    assert opened._picture.value != before
    at_budget = opened._parts().set_index("part").loc["draws of the mask"]
    assert at_budget["prediction"] == pytest.approx(
        1 / (1 + np.exp(-curves.mean[3, 2, 0])), abs=1e-6
    )
    assert f"Draws of the mask at {curves.bits[2]:.3g} bits" in opened.summary()
    relaxed = scrambler.relaxed(adata[[3]], bits=float(curves.bits[2]))[0]
    np.testing.assert_allclose(opened._values()["scrambled"].relaxed[""], relaxed)


def test_a_typed_change_is_predicted_and_explained(opened, model, adata):
    sequence = adata.obs["sequence"].iloc[3]
    other = "C" if sequence[30] != "C" else "G"
    opened._typed.value = f"30 {sequence[30].lower()}>{other}"
    assert opened.last_error is None
    changed = adata[[3]].copy()
    changed.obs["sequence"] = sequence[:30] + other + sequence[31:]
    expected = mb.predict(model, changed)[0, 0]
    assert f"becomes {expected:.3g}." in opened.summary()
    values = opened._values()
    again = mb.attribute(model, changed, "mutagenesis", seed=0)[0]
    np.testing.assert_allclose(values["attribution"]["mutagenesis, changed"], again, atol=1e-5)
    assert len(values["scrambled"].relaxed) == 2
    whole = opened.summary()
    opened._typed.value = changed.obs["sequence"].iloc[0]
    assert opened.summary().rpartition(" becomes ")[2] == whole.rpartition(" becomes ")[2]
    opened._number.value = 4
    assert opened._typed.value == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("A12G", "is no change; expected one such as"),
        ("999 A>G", "at position 999 (counted from 0) is beyond the end"),
        ("ACGT", "or a whole sequence of 80 letters"),
    ],
)
def test_what_is_no_change_is_said_and_the_last_picture_stays(opened, typed, said):
    before = opened._picture.value
    opened._typed.value = typed
    assert isinstance(opened.last_error, InputError)
    assert said in opened._status.value
    assert opened._picture.value == before


@pytest.fixture
def scope(model, adata, motifs, scrambler):
    return {"model": model, "adata": adata, "motifs": motifs, "scrambler": scrambler}


def test_the_code_shown_draws_masks_methods_and_the_change(opened, adata, methods, scope):
    sequence = adata.obs["sequence"].iloc[3]
    opened._typed.value = f"30 {sequence[30]}>{'A' if sequence[30] != 'A' else 'T'}"
    exec(opened.code(), scope | {"attribution": methods}, scope)
    assert scope["svg"] == opened.svg()


@pytest.mark.filterwarnings("ignore:Its masks are no better than random ones")
def test_a_network_of_your_own_with_a_scrambler(adata):
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * LENGTH, 1))
    model = mb.Foreign(network, readouts=["activity"], kinds="continuous", length=LENGTH)
    options = mb.ScramblerOptions(n_steps=5)
    scrambler = mb.fit_scrambler(model, adata, options=options, seed=0, progress=False)
    explorer = PositionExplorer(model, adata[:50], scrambler=scrambler)
    explorer._level.value = 1
    assert explorer.last_error is None
    assert "draws of the mask" in words(explorer.svg())


class CountG(torch.nn.Module):
    def forward(self, first, second):
        return first[:, 2].sum(dim=1, keepdim=True) - second[:, 2].sum(dim=1, keepdim=True)


def test_two_sequences_per_row_stand_end_to_end(adata):
    pairs = adata[:30].copy()
    pairs.obs["partner"] = [sequence[::-1][:50] for sequence in pairs.obs["sequence"]]
    both = {"sequence": mb.models.Input(LENGTH), "partner": mb.models.Input(50)}
    model = mb.Foreign(CountG(), readouts=["balance"], kinds="continuous", inputs=both)
    values = mb.attribute(model, pairs, "gradient")
    explorer = PositionExplorer(model, pairs, values)
    explorer._number.value, explorer._window.value = 4, (70, 100)
    assert explorer.last_error is None
    assert f"prediction of balance {mb.predict(model, pairs)[4, 0]:.3g}" in explorer.summary()
    scope = {"model": model, "adata": pairs, "attribution": values}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()
    explorer._typed.value = "1 A>G"
    assert "expected no change here" in explorer._status.value


def test_two_sequences_are_shuffled_each_by_itself():
    both = {"sequence": mb.models.Input(20), "partner": mb.models.Input(10)}
    model = mb.Foreign(CountG(), readouts=["balance"], kinds="continuous", inputs=both)
    letters = np.random.default_rng(0).integers(0, 4, 30).astype(np.uint8)
    parts = slice_window(model, letters, (5, 25)).set_index("part")["prediction"]
    assert parts["whole sequence"] == parts["all shuffled"]  # each keeps its Gs


def test_a_network_that_reads_numbers_as_well_is_refused(adata):
    both = {"sequence": mb.models.Input(LENGTH), "partner": mb.models.Input(50)}
    given = {"readouts": ["balance"], "kinds": "continuous", "inputs": both}
    model = mb.Foreign(CountG(), **given, extra=["heat"])
    with pytest.raises(InputError, match=r"reads heat of `adata\.obs` beside the letters"):
        PositionExplorer(model, adata[:5])


def test_proteins_are_browsed(adata):
    rng = np.random.default_rng(0)
    proteins = adata[:30].copy()
    proteins.obs["sequence"] = [
        "".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), 30)) for _ in range(30)
    ]
    proteins.uns["alphabet"] = "protein"
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(20 * 30, 1))
    described = {"readouts": ["binds"], "kinds": "continuous", "length": 30}
    model = mb.Foreign(network, alphabet="protein", **described)
    explorer = PositionExplorer(model, proteins, mb.attribute(model, proteins, "gradient"))
    own = proteins.obs["sequence"].iloc[explorer._number.value]
    explorer._typed.value = f"3 {own[3]}>{'W' if own[3] != 'W' else 'M'}"
    assert explorer.last_error is None
    assert "becomes" in explorer.summary()
