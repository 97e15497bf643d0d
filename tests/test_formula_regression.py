"""Coefficients and intervals are what loops over rows give, and hold where noise is uneven."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, t
from sklearn.linear_model import LinearRegression, LogisticRegression

from motifbook import InputError
from motifbook.formula.regression import regress


def counts(n: int = 200, n_terms: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(1.0, (n, n_terms)).astype(float)


def with_readouts(design, n_readouts=3, seed=1, missing=0.0):
    """Readouts with noise that grows with the first column."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(design.shape[1], n_readouts))
    noise = rng.normal(size=(len(design), n_readouts)) * (0.5 + design[:, :1])
    readout = 2 + design @ weights + noise
    readout[rng.random(readout.shape) < missing] = np.nan
    return readout


def hc3_by_hand(design, values):
    """Row by row: coefficients and standard errors."""
    table = np.column_stack([np.ones(len(design)), design])
    inverse = np.linalg.inv(table.T @ table)
    coefficients = inverse @ table.T @ values
    meat = np.zeros_like(inverse)
    for row, value in zip(table, values):
        corrected = (value - row @ coefficients) / (1 - row @ inverse @ row)
        meat += corrected**2 * np.outer(row, row)
    return coefficients, np.sqrt(np.diag(inverse @ meat @ inverse))


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.6])
def test_least_squares_and_hc3_are_those_of_a_loop_over_the_measured_rows(missing):
    design = counts()
    readout = with_readouts(design, missing=missing)
    fitted = regress(design, readout, ["continuous"] * 3)
    for number in range(3):
        rows = ~np.isnan(readout[:, number])
        coefficients, se = hc3_by_hand(design[rows], readout[rows, number])
        np.testing.assert_allclose(fitted.coefficients[:, number], coefficients)
        np.testing.assert_allclose(fitted.se[:, number], se)
        df = rows.sum() - 5
        np.testing.assert_allclose(fitted.upper[:, number], coefficients + t.ppf(0.975, df) * se)
        np.testing.assert_allclose(
            fitted.p_value[:, number], 2 * t.sf(abs(coefficients / se), df), atol=1e-12
        )
        assert fitted.n[number] == rows.sum()


def test_coefficients_are_those_of_scikit_learn():
    design = counts()
    readout = with_readouts(design, n_readouts=2)
    readout[:, 1] = readout[:, 1] > np.median(readout[:, 1])
    fitted = regress(design, readout, ["continuous", "binary"])
    line = LinearRegression().fit(design, readout[:, 0])
    logistic = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(design, readout[:, 1])
    np.testing.assert_allclose(fitted.weights[:, 0], line.coef_)
    np.testing.assert_allclose(fitted.weights[:, 1], logistic.coef_[0], rtol=1e-4)
    np.testing.assert_allclose(fitted.intercept, [line.intercept_, *logistic.intercept_], rtol=1e-4)


def test_the_logistic_sandwich_is_that_of_a_loop():
    design = counts()
    values = (with_readouts(design)[:, 0] > 3).astype(float)
    fitted = regress(design, values[:, None], ["binary"])
    table = np.column_stack([np.ones(len(design)), design])
    chance = 1 / (1 + np.exp(-table @ fitted.coefficients[:, 0]))
    spread = chance * (1 - chance)
    inverse = np.linalg.inv((table.T * spread) @ table)
    meat = np.zeros_like(inverse)
    for row, value, p, w in zip(table, values, chance, spread):
        meat += ((value - p) / (1 - w * row @ inverse @ row)) ** 2 * np.outer(row, row)
    np.testing.assert_allclose(fitted.se[:, 0], np.sqrt(np.diag(inverse @ meat @ inverse)))


def test_families_of_one_row_are_hc3_and_larger_ones_a_jackknife():
    design = counts(60, 2)
    readout = with_readouts(design, 1)
    plain = regress(design, readout, ["continuous"])
    alone = regress(design, readout, ["continuous"], intervals="cluster", families=range(60))
    np.testing.assert_allclose(alone.se, plain.se)
    families = np.arange(60) // 3
    together = regress(design, readout, ["continuous"], intervals="cluster", families=families)
    shifts = []
    for family in range(20):
        kept = families != family
        left = regress(design[kept], readout[kept], ["continuous"]).coefficients
        shifts.append(left[:, 0] - plain.coefficients[:, 0])
    np.testing.assert_allclose(together.se[:, 0], np.sqrt(np.sum(np.square(shifts), axis=0)))


def test_copies_of_rows_in_a_family_add_no_certainty():
    design = counts(100, 2)
    readout = with_readouts(design, 1)
    families = np.tile(np.arange(100), 5)
    five = {"design": np.tile(design, (5, 1)), "readout": np.tile(readout, (5, 1))}
    once = regress(design, readout, ["continuous"])
    naive = regress(**five, kinds=["continuous"])
    together = regress(**five, kinds=["continuous"], intervals="cluster", families=families)
    assert (naive.se < 0.5 * once.se).all()
    np.testing.assert_allclose(together.se, once.se, rtol=0.1)


@pytest.mark.parametrize("kind", ["continuous", "binary"])
def test_the_bootstrap_agrees_with_hc3_where_rows_are_many(kind):
    design = counts(1500, 2)
    readout = with_readouts(design, 2)
    if kind == "binary":
        readout = (readout > np.median(readout, axis=0)).astype(float)
    plain = regress(design, readout, [kind] * 2)
    drawn = regress(design, readout, [kind] * 2, intervals="bootstrap", n_bootstrap=400)
    np.testing.assert_allclose(drawn.coefficients, plain.coefficients)
    np.testing.assert_allclose(drawn.se, plain.se, rtol=0.15)
    np.testing.assert_allclose(drawn.lower, plain.lower, atol=0.6 * plain.se.max())
    again = regress(design, readout, [kind] * 2, intervals="bootstrap", n_bootstrap=400)
    np.testing.assert_array_equal(again.lower, drawn.lower)


def test_intervals_cover_where_noise_grows_with_the_count():
    """Classical intervals cover 0.80 here; of 600 at 95 %, 552 to 588 may cover."""
    truth, covered = np.array([0.5, -1.0]), 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        design = rng.poisson(0.7, (100, 2)).astype(float)
        noise = rng.normal(size=100) * (0.2 + design[:, 0] ** 1.5 + design[:, 1])
        fitted = regress(design, (design @ truth + noise)[:, None], ["continuous"])
        covered += ((fitted.lower[1:, 0] < truth) & (truth < fitted.upper[1:, 0])).sum()
    assert 552 <= covered <= 588


def test_constant_and_repeated_columns_get_zero_and_no_interval():
    design = counts()
    useless = np.column_stack([design, np.full(200, 7.0), design[:, 0] + design[:, 1]])
    readout = with_readouts(design, 2)
    readout[:, 1] = readout[:, 1] > 3
    names = ["GATA", "AP1", "CREB", "YY1", "constant", "sum"]
    fitted = regress(useless, readout, ["continuous", "binary"], terms=names)
    silent = (fitted.weights == 0).all(axis=1)
    assert silent[4]
    assert silent.sum() == 2
    assert np.isnan(fitted.se[1:][silent]).all()
    assert np.isnan(fitted.p_value[1:][silent]).all()
    assert np.isfinite(fitted.se[1:][~silent]).all()
    assert all(names[number] in fitted.notes[0] for number in np.flatnonzero(silent))
    plain = regress(design, readout, ["continuous", "binary"])
    np.testing.assert_allclose(
        fitted.intercept + useless @ fitted.weights, plain.intercept + design @ plain.weights
    )


def test_a_motif_seen_in_one_row_gets_no_interval():
    design = counts()
    design[:, 3] = 0
    design[17, 3] = 2
    fitted = regress(design, with_readouts(counts()), ["continuous"] * 3)
    assert np.isnan(fitted.p_value[4]).all()
    assert np.isfinite(fitted.p_value[:4]).all()
    assert any("column 3" in note and "single row" in note for note in fitted.notes)


def test_separated_classes_give_finite_coefficients_and_no_false_certainty():
    design = counts(300, 2)
    rng = np.random.default_rng(0)
    rare = np.zeros(300)
    rare[:5] = 1
    values = (rng.random(300) < 0.5).astype(float)
    values[:5] = 1  # the five rows with the rare motif are all bound
    fitted = regress(np.column_stack([design, rare]), values[:, None], ["binary"])
    assert fitted.weights[2, 0] > 1
    assert fitted.p_value[3, 0] > 0.05
    assert "tell 0 from 1 without error" in fitted.notes[0]
    without = regress(design, values[:, None], ["binary"])
    np.testing.assert_allclose(fitted.weights[:2], without.weights, atol=0.05)


def test_p_values_are_uniform_without_effects():
    readout = np.random.default_rng(5).normal(size=(500, 300))
    fitted = regress(counts(500, 3), readout, ["continuous"] * 300)
    assert kstest(fitted.p_value[1], "uniform").pvalue > 0.01


def test_units_scale_and_order_of_columns_change_nothing_else():
    design, order = counts(), [2, 0, 3, 1]
    readout = with_readouts(design, missing=0.1)
    plain = regress(design, readout, ["continuous"] * 3)
    changed = regress(1e4 * design[:, order] + 3e4, 5 * readout, ["continuous"] * 3)
    np.testing.assert_allclose(changed.weights * 1e4 / 5, plain.weights[order])
    np.testing.assert_allclose(changed.p_value[1:], plain.p_value[1:][order], rtol=1e-6)


def test_what_cannot_be_fitted_is_refused():
    design, readout = counts(20, 2), np.zeros((20, 1))
    with pytest.raises(InputError, match=r"readout 0 was measured in 3 rows.*2 terms.*at least 4"):
        regress(design, np.where(np.arange(20)[:, None] < 3, 0.0, np.nan), ["continuous"])
    with pytest.raises(InputError, match="glow is binary and holds 0; expected both 0 and 1"):
        regress(design, readout, ["binary"], readouts=["glow"])
    holed = design.copy()
    holed[4, 1] = np.nan
    with pytest.raises(InputError, match=r"holds nan in row 4, column 1.*Leave such rows out"):
        regress(holed, readout, ["continuous"])
    with pytest.raises(InputError, match=r"`intervals` is 'hc2'.*Did you mean 'hc3'"):
        regress(design, readout, ["continuous"], intervals="hc2")
    with pytest.raises(InputError, match='"cluster", but `families` is None'):
        regress(design, readout, ["continuous"], intervals="cluster")
    with pytest.raises(InputError, match="one row per row of `design`"):
        regress(design, readout[:5], ["continuous"])


def test_few_resamplings_are_refused():
    with pytest.raises(ValueError, match="`n_bootstrap` is 1; expected a whole number, 20 or more"):
        regress(np.eye(9, 2), np.arange(9.0)[:, None], ["continuous"], intervals="bootstrap",
                n_bootstrap=1)  # fmt: skip
