"""What the features of the published layout are made of."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook.formula.published import _linear_r2, published_features


@pytest.fixture(scope="module")
def told():
    adata = mb.simulate(n=300, length=200, rule="formula", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.6, 0.1, 0.3), seed=0)
    model = mb.ContextualRegression(n_readouts=4, n_filters=16, context="published")
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    return published_features(model, adata).set_index("what")["share"]


def test_means_without_a_threshold_are_shares_of_letters(told):
    assert told["a feature, by the shares of A, C, G, T"] > 0.9
    assert told["all features, in three directions"] > 0.95


def test_such_features_say_no_more_than_the_shares_do(told):
    of_features = told["readouts, by a formula of its features"]
    of_letters = told["readouts, by the shares of A, C, G, T"]
    assert of_features < of_letters + 0.1
    assert told["readouts, by the network"] < 0.1


def test_the_share_of_variance_is_that_of_rows_that_were_not_learned_from():
    x = np.arange(10.0)[:, None]
    y = np.column_stack([2 * x[:, 0] + 1, np.tile([1.0, -1.0], 5)])
    learn = np.arange(10) < 6
    exact, none = _linear_r2(x, y, learn, ~learn)
    assert exact == pytest.approx(1)
    assert none < 0.1
