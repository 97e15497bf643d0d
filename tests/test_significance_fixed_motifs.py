"""Ordinary tests of motifs that were chosen elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.fixed_motifs import adjust_holm, try_fixed_motifs
from motifbook.significance.nuisance import nuisance
from motifbook.significance.row_split import split_rows


def test_one_motif_is_simple_regression():
    rng = np.random.default_rng(0)
    activation, readout = rng.random((40, 3)), rng.standard_normal(40)
    tests = try_fixed_motifs(activation, readout)
    for number in range(3):
        referee = stats.linregress(activation[:, number], readout)
        assert tests.effect[number] == pytest.approx(referee.slope)
        assert tests.se[number] == pytest.approx(referee.stderr)
        assert tests.p_value[number] == pytest.approx(referee.pvalue)
    assert tests.df == 38


def test_covariates_are_taken_off_both_sides():
    rng = np.random.default_rng(1)
    gc, noise = rng.random(50), rng.standard_normal(50)
    activation = np.column_stack([gc + rng.random(50), gc])
    tests = try_fixed_motifs(activation, 3 * gc + noise, nuisance(50, covariates={"gc": gc}))
    design = np.column_stack([np.ones(50), gc, activation[:, 0]])
    assert tests.effect[0] == pytest.approx(np.linalg.lstsq(design, 3 * gc + noise)[0][2])
    assert np.isnan(tests.effect[1])  # the covariate itself
    assert tests.log_p[1] == 0


def test_motifs_chosen_on_other_rows_have_uniform_p_values_and_on_the_same_rows_have_not():
    honest, naive = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        activation, readout = rng.random((60, 50)), rng.standard_normal(60)
        parts = split_rows(60, seed=seed)
        best = np.argmin(try_fixed_motifs(activation[parts.choose], readout[parts.choose]).log_p)
        tested = try_fixed_motifs(activation[parts.test][:, [best]], readout[parts.test])
        honest.append(tested.p_value[0])
        naive.append(try_fixed_motifs(activation, readout).p_value.min())
    assert stats.kstest(honest, "uniform").pvalue > 0.01
    assert np.mean(np.array(naive) <= 0.05) > 0.7


def test_a_perfect_fit_has_a_finite_log_p():
    tests = try_fixed_motifs([[0.0], [1], [2], [3]], [0.0, 2, 4, 6])
    assert np.isfinite(tests.log_p[0])
    assert tests.log_p[0] < -20


def test_holm_by_hand_and_q_values():
    np.testing.assert_allclose(adjust_holm([0.5, 0.01, 0.02]), [0.5, 0.03, 0.04])
    rng = np.random.default_rng(2)
    tests = try_fixed_motifs(rng.random((30, 9)), rng.standard_normal(30))
    assert (tests.p_value <= tests.q_value).all()
    assert (tests.q_value <= tests.holm).all()


def test_too_few_rows():
    with pytest.raises(InputError, match=r"3 rows and there are 2 covariates, the.*two rows more"):
        try_fixed_motifs(np.eye(3), [1.0, 2, 3], nuisance(3, covariates={"dose": [1.0, 2, 4]}))
