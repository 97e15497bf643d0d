"""Association scores, by hand and as the least loss of a one-layer network."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.significance.association import (
    hsic_score,
    ridge_score,
    score_from_moments,
    squared_correlation,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.random((40, 3)), rng.standard_normal(40)


@pytest.mark.parametrize("penalty", [0.0, 0.03, 2.0])
def test_the_least_ridge_loss_is_what_the_score_leaves(data, penalty):
    activation, readout = data
    rows = np.vstack([activation, np.sqrt(penalty * 40) * np.eye(3)])  # ridge by added rows
    weights = np.linalg.lstsq(rows, np.append(readout, np.zeros(3)))[0]
    loss = ((readout - activation @ weights) ** 2).mean() + penalty * (weights**2).sum()
    assert loss == pytest.approx(
        (readout @ readout - ridge_score(activation, readout, penalty)) / 40
    )


def test_squared_correlation_is_that_of_numpy(data):
    activation, readout = data
    referee = [np.corrcoef(column, readout)[0, 1] ** 2 for column in activation.T]
    np.testing.assert_allclose(squared_correlation(activation, readout), referee)


def test_without_penalty_one_centered_motif_scores_by_squared_correlation(data):
    activation, readout = (values - values.mean(axis=0) for values in data)
    share = ridge_score(activation[:, :1], readout) / (readout @ readout)
    assert share == pytest.approx(squared_correlation(activation, readout)[0])


def test_with_a_large_penalty_the_ridge_score_is_that_of_hsic(data):
    activation, readout = (values - values.mean(axis=0) for values in data)
    penalty = 1e7
    ridge = penalty * 40 * ridge_score(activation, readout, penalty) / 39**2
    assert ridge == pytest.approx(hsic_score(activation, readout), rel=1e-5)


def test_hsic_is_a_trace_of_centered_kernels(data):
    activation, readout = data
    center = np.eye(40) - 1 / 40
    kernels = activation @ activation.T, np.outer(readout, readout)
    referee = np.trace(kernels[0] @ center @ kernels[1] @ center) / 39**2
    assert hsic_score(activation, readout) == pytest.approx(referee)


def test_moments_give_the_same_score_and_none_where_nothing_is_left(data):
    activation, readout = data
    column = activation[:, 0]
    score = score_from_moments(column @ readout, column @ column, column @ column, 0.5 * 40)
    assert score == pytest.approx(ridge_score(activation[:, :1], readout, 0.5))
    assert score_from_moments(1e-9, 1e-12, 1.0, 0.0) == 0
    assert score_from_moments(2.0, 1.0, 1.0, np.inf) == 4


def test_what_does_not_fit_is_refused(data):
    activation, readout = data
    with pytest.raises(InputError, match=r"`readout` has shape \(39,\); expected one value"):
        ridge_score(activation, readout[1:])
    with pytest.raises(InputError, match=r"`penalty` is -1; expected a number, 0 or more"):
        ridge_score(activation, readout, -1)
