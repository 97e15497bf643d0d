"""What each letter adds: closed forms on networks whose answer is mental arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

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
