"""One network, every budget: how well fewer and fewer bits do."""

from __future__ import annotations

import numpy as np
import pytest
from scrambler_example import BITS, LENGTH, planted, trained

import motifbook as mb


@pytest.fixture(scope="module")
def curves():
    return trained().curves(planted(30, seed=2)[0], seed=0)


def test_more_bits_do_better(curves):
    median = np.median(curves.distortion, axis=0)
    assert curves.importance.shape == (30, len(curves.bits), LENGTH)
    assert (np.diff(median) < 0.1).all()  # but for the noise of draws
    assert median[-1] < 0.05
    assert np.median(curves.empty) > 1


def test_a_point_of_a_curve_is_the_mask_of_that_budget(curves):
    importance = trained().importance(planted(30, seed=2)[0], bits=float(curves.bits[5]))
    np.testing.assert_allclose(curves.importance[:, 5], importance, atol=1e-5)


def test_with_almost_all_letters_draws_are_predicted_like_the_sequence():
    curves = trained().curves(planted(10, seed=2)[0], bits=[trained().ceiling * 0.999], seed=0)
    np.testing.assert_allclose(curves.mean[:, 0], curves.prediction, atol=0.1)
    assert curves.sd.max() < 0.5


def test_the_usual_budget_holds_most_of_the_prediction():
    scrambler = trained()
    gain = scrambler.explain(bits=scrambler.usual_bits).gain
    assert np.nanmedian(gain) > 0.8
    assert BITS / 2 < scrambler.usual_bits < 4 * BITS


def test_sufficient_budgets_lie_on_the_grid(curves):
    sufficient = curves.sufficient()
    assert np.isin(sufficient, curves.bits).mean() > 0.8


@pytest.mark.parametrize("bits", [[0.2, 0.1], [0.0, 0.1], [0.1, 3.0], []])
def test_budgets_that_are_no_grid_are_refused(bits):
    with pytest.raises(mb.InputError, match="expected rising budgets above 0"):
        trained().curves(bits=bits)


def test_letters_at_random_do_worse_at_the_same_bits(curves):
    control = trained().curves(planted(30, seed=2)[0], at_random=True, seed=0)
    middle = int(np.argmin(np.median(curves.distortion, axis=0) > 0.2))
    assert np.median(control.distortion[:, middle]) > 4 * np.median(curves.distortion[:, middle])
    np.testing.assert_allclose(control.bits, curves.bits)
