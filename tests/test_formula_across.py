"""Motifs worth the same everywhere are not called; where one differs, the right readout is."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from motifbook.formula.across import DEVIATION_COLUMNS, SAME_COLUMNS, across_readouts
from motifbook.formula.regression import regress


def regression_of(n=800, n_readouts=6, n_terms=4, *, seed=0, rate=0.5, bonus=0.0, missing=0.0):
    """Noise is shared between readouts, and grows with the first column."""
    rng = np.random.default_rng(seed)
    design = rng.poisson(rate, (n, n_terms)).astype(float)
    noise = rng.normal(size=(n, 1)) + rng.normal(size=(n, n_readouts))
    readout = design @ rng.normal(size=(n_terms, 1)) + noise * (0.5 + design[:, :1])
    readout[:, 1:2] += bonus * design[:, 2:3]
    readout[rng.random(readout.shape) < missing] = np.nan
    return regress(design, readout, ["continuous"] * n_readouts)


def compared(regression, groups):
    motifs = [f"motif {number}" for number in range(max(groups) + 1)]
    readouts = [f"r{number}" for number in range(len(regression.n))]
    return across_readouts(regression, groups, motifs, readouts)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_two_readouts_are_the_regression_of_their_difference(missing):
    rng = np.random.default_rng(3)
    design = rng.poisson(1.0, (300, 2)).astype(float)
    readout = design + rng.normal(size=(300, 2)) * (1 + design[:, :1])
    readout[rng.random(300) < missing] = np.nan
    both = compared(regress(design, readout, ["continuous"] * 2), [0, 1])
    plain = regress(design, readout[:, :1] - readout[:, 1:], ["continuous"])
    np.testing.assert_allclose(both.same["p_value"], plain.p_value[1:, 0])
    first = both.deviations[both.deviations["readout"] == "r0"]
    np.testing.assert_allclose(first["deviation"], plain.weights[:, 0] / 2)
    np.testing.assert_allclose(first["lower"], plain.lower[1:, 0] / 2)
    np.testing.assert_allclose(both.same["df"], 1)


def test_a_deviation_is_the_regression_of_a_readout_minus_the_mean_of_all():
    rng = np.random.default_rng(4)
    design = rng.poisson(1.0, (300, 2)).astype(float)
    readout = design[:, :1] + rng.normal(size=(300, 5))
    table = compared(regress(design, readout, ["continuous"] * 5), [0, 1]).deviations
    contrast = readout - readout.mean(axis=1, keepdims=True)
    plain = regress(design, contrast, ["continuous"] * 5)
    np.testing.assert_allclose(table["deviation"], plain.weights.ravel(), atol=1e-12)
    np.testing.assert_allclose(table["p_value"], plain.p_value[1:].ravel())


@pytest.mark.parametrize(
    ("rate", "missing", "n_readouts"), [(0.5, 0.1, 6), (0.03, 0.0, 6), (0.1, 0.0, 60)]
)
def test_equal_motifs_are_called_at_the_rate_of_the_level(rate, missing, n_readouts):
    """Of 160 tests at 5 %, at most 16; Wald's statistic calls 31 to 100 % of these."""
    p_values = []
    for seed in range(40):
        regression = regression_of(
            seed=seed, rate=rate, missing=missing, n_readouts=n_readouts, n=600
        )
        p_values.append(compared(regression, [0, 1, 2, 3]).same["p_value"])
    assert (np.array(p_values) < 0.05).sum() <= 16
    assert ttest_1samp(np.ravel(p_values), 0.5).statistic > -3


def test_the_motif_and_the_readout_that_differ_are_found():
    result = compared(regression_of(bonus=1.0), [0, 1, 2, 3])
    assert result.same["q_value"].idxmin() == 2
    assert result.same.loc[2, "q_value"] < 1e-3
    strongest = result.deviations.loc[result.deviations["q_value"].idxmin()]
    assert (strongest["motif"], strongest["readout"]) == ("motif 2", "r1")
    assert strongest["lower"] < 1.0 * 5 / 6 < strongest["upper"]


def test_bins_of_a_motif_are_tested_together():
    together = compared(regression_of(bonus=1.0), [0, 0, 1, 1])
    assert list(together.same["motif"]) == ["motif 0", "motif 1"]
    assert together.same.loc[1, "p_value"] < 1e-3
    assert together.same.loc[0, "p_value"] > 0.01
    assert len(together.deviations) == 12


def test_covariates_are_in_no_table_and_one_readout_makes_none():
    result = compared(regression_of(), [-1, 0, 1, -1])
    assert tuple(result.same.columns) == SAME_COLUMNS
    assert tuple(result.deviations.columns) == DEVIATION_COLUMNS
    assert list(result.same["motif"]) == ["motif 0", "motif 1"]
    alone = compared(regression_of(n_readouts=1), [0, 1, 2, 3])
    assert tuple(alone.same.columns) == SAME_COLUMNS
    assert alone.same.empty
    assert alone.deviations.empty


def test_a_readout_in_which_a_motif_is_constant_is_left_out_of_its_comparison():
    rng = np.random.default_rng(0)
    design = rng.poisson(1.0, (300, 2)).astype(float)
    readout = design[:, :1] + rng.normal(size=(300, 3))
    readout[design[:, 1] > 0, 2] = np.nan
    result = compared(regress(design, readout, ["continuous"] * 3), [0, 1])
    assert np.isnan(result.deviations["deviation"]).tolist() == [False] * 5 + [True]
    assert result.same["p_value"].between(0.001, 1).all()


def test_copies_of_a_readout_do_not_differ():
    """Their deviations have no error at all: that is no reason for warnings."""
    rng = np.random.default_rng(0)
    design = rng.poisson(1, (100, 2)).astype(float)
    once = design @ [1.0, 2.0] + rng.normal(size=100)
    fitted = regress(design, np.column_stack([once] * 3), ["continuous"] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = across_readouts(fitted, [0, 1], ["A", "B"], ["1", "2", "3"])
    np.testing.assert_allclose(found.same["p_value"], 1)
    assert (found.deviations["p_value"] > 0.99).all()
