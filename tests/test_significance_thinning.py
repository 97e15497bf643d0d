"""Two halves of a readout: independent, with the right means, and refused where they would lie."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.significance.thinning import (
    fission,
    over_dispersion,
    thin_negative_binomial,
    thin_poisson,
)

N = 20_000  # rows: a correlation of 0 is measured to within 3 / sqrt(N) = 0.021
NOISE = 3 / np.sqrt(N)


def correlation(halves):
    return np.corrcoef(halves.choose, halves.test)[0, 1]


def negative_binomial(mean, dispersion):
    rng = np.random.default_rng(0)
    return rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, N)).astype(float)


def test_fission_with_the_noise_known_makes_independent_halves_with_the_same_mean():
    readout = 5 + 2 * np.random.default_rng(1).standard_normal(N)
    halves = fission(readout, noise_scale=2.0, gamma=0.5)
    assert abs(correlation(halves)) < NOISE
    assert abs(halves.choose.mean() - 5) < 3 * 2 * np.sqrt(1.25 / N)
    assert abs(halves.test.mean() - 5) < 3 * 2 * np.sqrt(5 / N)
    assert halves.choose.var() == pytest.approx(4 * 1.25, rel=0.05)
    assert halves.test.var() == pytest.approx(4 * 5, rel=0.05)


def test_fission_with_too_much_noise_makes_halves_that_differ_more_than_they_should():
    readout = np.random.default_rng(1).standard_normal(N)
    assert correlation(fission(readout, noise_scale=2.0)) < -0.5  # (1 - 4) / (1 + 4)


def test_fission_measures_the_noise_by_the_readout():
    readout = 3 * np.random.default_rng(2).standard_normal(N)
    halves = fission(readout)
    assert abs(correlation(halves)) < NOISE
    assert "estimated by the readout" in halves.notes[0]


def test_poisson_counts_are_thinned_to_independent_poisson_counts():
    counts = np.random.default_rng(3).poisson(6, N)
    halves = thin_poisson(counts, share=0.25)
    np.testing.assert_array_equal(halves.choose + halves.test, counts)
    assert abs(correlation(halves)) < NOISE
    assert halves.choose.mean() == pytest.approx(1.5, abs=3 * np.sqrt(1.5 / N))
    assert halves.choose.var() == pytest.approx(1.5, rel=0.05)


def test_the_guard_compares_with_the_expected_counts():
    mean = np.repeat([2.0, 40.0], N // 2)
    counts = np.random.default_rng(4).poisson(mean)
    with pytest.raises(InputError, match="Use `thin_negative_binomial`"):
        thin_poisson(counts)
    assert abs(correlation_within(thin_poisson(counts, mean=mean), mean)) < NOISE


def correlation_within(halves, mean):
    return np.corrcoef(halves.choose - mean / 2, halves.test - mean / 2)[0, 1]


@pytest.mark.parametrize("dispersion", [None, 0.5])
def test_over_dispersed_counts_are_thinned_to_independent_halves(dispersion):
    counts = negative_binomial(6, 0.5)
    halves = thin_negative_binomial(counts, dispersion=dispersion)
    np.testing.assert_array_equal(halves.choose + halves.test, counts)
    assert abs(correlation(halves)) < 1.5 * NOISE
    assert halves.choose.mean() == pytest.approx(3, rel=0.03)
    assert halves.choose.var() == pytest.approx(3 + 1.0 * 9, rel=0.08)  # dispersion b / share


def test_poisson_thinning_of_over_dispersed_counts_is_refused():
    with pytest.raises(InputError, match=r"variance of \d.* times their mean; expected at"):
        thin_poisson(negative_binomial(6, 0.5))


def test_over_dispersion_is_estimated():
    assert over_dispersion(negative_binomial(6, 0.5)) == pytest.approx(0.5, rel=0.06)
    assert over_dispersion(np.random.default_rng(5).poisson(6, N)) < 0.01


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: thin_poisson([1, 2.5]), r"holds 2.5 in row 1; expected whole numbers, 0 or more"),
        (lambda: thin_poisson([0, 0, 0]), r"`counts` is 0 in all 3 rows"),
        (lambda: thin_poisson([1, np.nan]), r"`readout` holds nan in 1 of 2 rows"),
        (lambda: thin_poisson([1, 2], share=1.0), r"`share` is 1.0; expected a share"),
        (lambda: thin_poisson([1, 2], mean=[1, 0]), r"`mean` holds 0; expected counts above 0"),
        (lambda: thin_negative_binomial([1, 2], dispersion=-1), r"`dispersion` is -1; expected"),
        (lambda: fission([2, 2, 2]), r"`readout` is 2 in all 3 rows; expected values that differ"),
        (lambda: fission([1, 2], gamma=0), r"`gamma` is 0; expected a number above 0"),
        (lambda: fission([1, 2], noise_scale=0), r"`noise_scale` is 0; expected a number above 0"),
    ],
)
def test_what_cannot_be_halved_is_refused(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
