"""What each letter adds: closed forms on networks whose answer is mental arithmetic."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook.attribution.attribute import attribute
from motifbook.onehot import encode, onehot
from tests import toys

SIGNED = ("mutagenesis", "gradient", "integrated_gradients", "deep_lift_shap")


@pytest.fixture(scope="module")
def linear():
    model = toys.linear()
    rng = np.random.default_rng(1)
    adata = toys.book(["".join(row) for row in rng.choice(list("ACGT"), (6, 40))])
    weight = model.network[1].weight.detach().numpy().reshape(4, 40)
    return model, adata, weight, onehot(encode(list(adata.obs["sequence"])))


@pytest.mark.parametrize("method", ["mutagenesis", "gradient"])
def test_letters_of_a_linear_network_are_worth_their_centered_weight(linear, method):
    model, adata, weight, letters = linear
    found = attribute(model, adata, method)
    expected = letters * (weight - weight.mean(axis=0))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert (found.method, found.unit, found.readout, found.signed) == (
        method,
        "readout",
        "activity",
        True,
    )


def test_the_plain_gradient_of_a_linear_network_is_its_weight(linear):
    model, adata, weight, letters = linear
    np.testing.assert_allclose(
        attribute(model, adata, "gradient_x_input"), letters * weight, atol=1e-5
    )


@pytest.mark.parametrize("baseline", ["data", "zeros", "dinucleotide"])
def test_integrated_gradients_of_a_linear_network_sum_to_what_is_explained(linear, baseline):
    model, adata, weight, letters = linear
    options = mb.AttributeOptions(baseline=baseline, n_steps=2, n_references=3)
    found = attribute(model, adata, "integrated_gradients", options=options, seed=0)
    assert "by 0.00% of it" in found.notes[0]
    if baseline == "zeros":
        np.testing.assert_allclose(found, letters * weight, atol=1e-5)
    if baseline == "data":
        shares = (letters.sum(axis=0) + 1) / (len(letters) + 4)
        np.testing.assert_allclose(found, letters * (weight - (shares * weight).sum(0)), atol=1e-5)


def test_deep_lift_of_a_linear_network_is_its_weight_against_shuffles(linear):
    model, adata, weight, letters = linear
    found = attribute(model, adata, "deep_lift_shap", seed=0)
    centered = letters * (weight - weight.mean(axis=0))
    assert np.corrcoef(found.per_position().ravel(), centered.sum(1).ravel())[0, 1] > 0.9
    assert "by 0.00% of it" in found.notes[0]
    prediction = mb.predict(model, adata)[:, 0]
    assert np.corrcoef(found.sum(axis=(1, 2)), prediction)[0, 1] > 0.5


def test_words_by_hand():
    model = toys.words()
    plain = toys.quiet(1)[0]
    adata = toys.book([plain[:10] + "GATA" + plain[14:], plain[:20] + "TTT" + plain[23:], plain])
    found = attribute(model, adata, "mutagenesis", readout="bound")
    expected = np.zeros((3, 40))
    expected[0, 10:14] = 2 * 0.75  # any of three other letters takes 2 away
    expected[1, 20:23] = -3 * 0.75
    np.testing.assert_allclose(found.per_position(), expected, atol=1e-6)
    assert found.unit == "logit"
    assert found.cost["n_calls"] == 3 * (1 + 3 * 40)


def test_it_agrees_with_tangermeme():
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv1d(4, 8, 5), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 26, 1)
    ).eval()
    model = mb.Foreign(network, readouts="activity", kinds="continuous", length=30)
    rng = np.random.default_rng(0)
    adata = toys.book(["".join(row) for row in rng.choice(list("ACGT"), (5, 30))])
    letters = torch.as_tensor(onehot(encode(list(adata.obs["sequence"]))))
    expected = saturation_mutagenesis(network, letters, device="cpu", hypothetical=True)
    found = attribute.hypothetical(model, adata, batch_size=17)
    np.testing.assert_allclose(found, expected.detach(), atol=1e-5)
    np.testing.assert_allclose(
        attribute(model, adata, "mutagenesis"), found * letters.numpy(), atol=1e-6
    )


@pytest.mark.parametrize("method", [name for name in attribute.methods if name != "scrambler"])
def test_unknown_letters_and_absent_letters_are_zero(linear, method):
    model, _, _, _ = linear
    adata = toys.book(["NN" + "ACGT" * 9 + "NN", "A" * 40])
    found = attribute(model, adata, method, seed=0)
    letters = onehot(encode(list(adata.obs["sequence"])))
    assert found.shape == letters.shape
    assert not found[letters == 0].any()
    assert np.isfinite(found).all()
    again = attribute(model, adata, method, seed=0)
    np.testing.assert_array_equal(found, again)


@pytest.mark.filterwarnings("ignore:Its masks are no better")
def test_the_scrambler_is_trained_and_read_and_both_are_its_cost(linear):
    model, adata, _, letters = linear
    options = mb.AttributeOptions(
        bits=0.3, scrambler=mb.ScramblerOptions(n_steps=2, n_rows=4, n_draws=2)
    )
    found = attribute(model, adata, options=options, seed=0, progress=False)
    assert (found.unit, found.signed, found.readout) == ("bits", False, "activity")
    assert not found[letters == 0].any()
    np.testing.assert_allclose(found.per_position().mean(axis=1), 0.3, atol=0.01)
    assert found.cost["n_calls"] > 2 * 4 * 2
    assert not model._forward_hooks


def test_several_sequences_and_numbers_beside_them():
    class Two(torch.nn.Module):
        def forward(self, dna, protein, heat):
            return (dna[:, 0].sum(1) * heat[:, 0] + 3 * protein[:, 4].sum(1))[:, None]

    model = mb.Foreign(
        Two(),
        readouts="activity",
        kinds="continuous",
        inputs={"sequence": mb.models.Input(4), "partner": mb.models.Input(3, "protein")},
        extra=["heat"],
    )
    adata = toys.book(["ACAG", "CCGT"])
    adata.obs["partner"], adata.obs["heat"] = ["AFM", "MKF"], [1.0, 2.0]
    found = attribute(model, adata, "mutagenesis")
    assert found.shape == (2, 20, 7)
    dna = [[3 / 4, -1 / 4, 3 / 4, -1 / 4], [-1 / 2] * 4]
    protein = [[-3 / 20, 3 * 19 / 20, -3 / 20], [-3 / 20, -3 / 20, 3 * 19 / 20]]
    expected = np.concatenate([dna, protein], axis=1)
    np.testing.assert_allclose(found.per_position(), expected, atol=1e-6)
    np.testing.assert_allclose(attribute(model, adata, "gradient"), found, atol=1e-6)
    shuffled = attribute(model, adata, "deep_lift_shap", seed=0)  # alone, none has a new letter
    assert "by 0.00% of it" in shuffled.notes[0]
    np.testing.assert_allclose(shuffled.sum(axis=(1, 2)), 0, atol=1e-6)


def test_an_attribution_says_what_it_is_wherever_it_goes():
    values = mb.Attribution(
        np.ones((3, 4, 5)), method="gradient", unit="logit", readout="bound", notes=["Short."],
        cost={"seconds": 1.0},
    )  # fmt: skip
    for other in (values[:2], -values, values.copy(), pickle.loads(pickle.dumps(values))):
        assert isinstance(other, mb.Attribution)
        assert (other.method, other.unit, other.notes) == ("gradient", "logit", ["Short."])
        assert other.cost == {"seconds": 1.0}
    values[:1].notes.append("Mine.")
    assert values.notes == ["Short."]
    assert repr(values) == "<Attribution (3, 4, 5): gradient of bound, in logits, signed>"


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("mutagenisis", None, "Did you mean 'mutagenesis'"),
        ("gradient", {"n_steps": 3}, "AttributeOptions"),
    ],
)
def test_what_does_not_fit_is_refused(linear, method, options, message):
    model, adata, _, _ = linear
    with pytest.raises(mb.InputError, match=message):
        attribute(model, adata, method, options=options)
    with pytest.raises(mb.InputError, match="expected one of"):
        attribute.hypothetical(model, adata, "random")
    with pytest.raises(mb.InputError, match="`baseline` is 'mean'"):
        mb.AttributeOptions(baseline="mean")


def test_deep_lift_is_complete_where_it_has_rules_and_says_where_not():
    torch.manual_seed(0)
    known = torch.nn.Sequential(
        torch.nn.Conv1d(4, 8, 5), torch.nn.ReLU(), torch.nn.MaxPool1d(2), torch.nn.Flatten(),
        torch.nn.Linear(8 * 18, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1),
    )  # fmt: skip

    class Unknown(torch.nn.Module):
        def forward(self, letters):
            return torch.relu(known[:2](letters) - 0.3).square().sum(dim=(1, 2))[:, None]

    rng = np.random.default_rng(0)
    adata = toys.book(["".join(row) for row in rng.choice(list("ACGT"), (5, 40))])
    said = {"readouts": "activity", "kinds": "continuous", "length": 40}
    found = attribute(mb.Foreign(known.eval(), **said), adata, "deep_lift_shap", batch_size=2)
    assert "by 0.00% of it" in found.notes[0]
    with pytest.warns(UserWarning, match="DeepLIFT has no rule"):
        attribute(mb.Foreign(Unknown(), **said), adata, "deep_lift_shap")
