"""Ordinary tests of motifs that were chosen elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.fixed_motifs import (
    adjust_holm,
    robust_slopes,
    try_fixed_motifs,
)
from motifbook.significance.nuisance import nuisance
from motifbook.significance.permuted_motifs import permute_fixed_motifs
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


def test_blocks_are_as_many_covariates():
    rng = np.random.default_rng(3)
    blocks = rng.integers(0, 6, 40)
    activation, readout = rng.random((40, 2)), rng.standard_normal(40) + blocks
    within = try_fixed_motifs(activation, readout, blocks=blocks)
    named = nuisance(40, covariates={"block": blocks.astype(str)})
    by_columns = try_fixed_motifs(activation, readout, named)
    np.testing.assert_allclose(within.effect, by_columns.effect)
    np.testing.assert_allclose(within.log_p, by_columns.log_p)
    assert within.df == by_columns.df == 40 - 6 - 1
    robust = [robust_slopes(activation, readout, blocks=blocks)]
    robust.append(robust_slopes(activation, readout, named))
    np.testing.assert_allclose(robust[0].se, robust[1].se)


def test_pairs_are_differences():
    rng = np.random.default_rng(4)
    pair = np.repeat(np.arange(15), 2)
    activation, readout = rng.random((30, 1)), rng.standard_normal(30) + 9 * pair
    found = try_fixed_motifs(activation, readout, blocks=pair)
    x, y = np.diff(activation[:, 0].reshape(15, 2))[:, 0], np.diff(readout.reshape(15, 2))[:, 0]
    slope = x @ y / (x @ x)
    se = np.sqrt(((y - slope * x) ** 2).sum() / 14 / (x @ x))
    assert found.effect[0] == pytest.approx(slope)
    assert found.p_value[0] == pytest.approx(2 * stats.t.sf(abs(slope / se), 14))


def test_robust_errors_by_leaving_rows_out():
    """HC3 is the jackknife but for its center: sum of squared changes when one row is left out."""
    rng = np.random.default_rng(5)
    activation, readout = rng.random((25, 1)), rng.standard_normal(25)
    found = robust_slopes(activation, readout)
    rows = np.arange(25)
    slopes = [
        stats.linregress(activation[rows != row, 0], readout[rows != row]).slope for row in rows
    ]
    jackknife = np.sqrt(((np.array(slopes) - found.effect[0]) ** 2).sum())
    assert found.se[0] == pytest.approx(jackknife)


def test_a_motif_of_few_rows_has_few_degrees_of_freedom():
    few, many = np.zeros((60, 1)), np.zeros((60, 1))
    few[:3], many[:30] = 1, 1
    readout = np.random.default_rng(6).standard_normal(60)
    assert robust_slopes(few, readout).df[0] < 4
    assert robust_slopes(many, readout).df[0] == 58


def test_permutations_of_two_groups_are_those_of_a_referee():
    rng = np.random.default_rng(7)
    is_high = np.arange(12) < 6
    activation = rng.random((12, 1)) + 0.4 * is_high[:, None]
    referee = stats.permutation_test(
        (activation[is_high, 0], activation[~is_high, 0]),
        lambda one, other: abs(one.mean() - other.mean()),
        n_resamples=np.inf,
        alternative="greater",
    )
    found = permute_fixed_motifs(activation, is_high, n_draws=40_000, seed=0)
    assert np.exp(found.log_p[0]) == pytest.approx(referee.pvalue, rel=0.25)


def test_rows_are_dealt_out_within_blocks_only():
    """Two rows per block: of 2^4 orders, 2 are as extreme as the one seen."""
    pair = np.repeat(np.arange(4), 2)
    activation = np.tile([0.0, 1.0], 4)[:, None]
    found = permute_fixed_motifs(activation, activation[:, 0] + 9 * pair, blocks=pair, seed=0)
    assert np.exp(found.log_p[0]) == pytest.approx(2 / 16, rel=0.3)


def test_permutations_stop_once_enough_is_known():
    rng = np.random.default_rng(8)
    activation = rng.random((200, 2))
    readout = activation[:, 1] > 0.5
    found = permute_fixed_motifs(activation, readout, n_draws=2000, seed=0)
    assert found.n_draws[0] < found.n_draws[1] == 2000
    assert np.exp(found.log_p[0]) == pytest.approx(100 / found.n_draws[0])
    assert np.exp(found.log_p[1]) == pytest.approx(1 / 2001)


def test_too_few_rows():
    with pytest.raises(InputError, match=r"3 rows and there are 2 covariates, the.*two rows more"):
        try_fixed_motifs(np.eye(3), [1.0, 2, 3], nuisance(3, covariates={"dose": [1.0, 2, 4]}))
