"""What tests work on: normal scores, nothing left of covariates, one column per distinct motif."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, rankdata
from scipy.stats import t as student

from motifbook import InputError
from motifbook.onehot import encode
from motifbook.significance.choice import choose_engine
from motifbook.significance.duplicates import representatives
from motifbook.significance.nuisance import nuisance
from motifbook.significance.prepare import prepare
from motifbook.significance.student import log_between, log_tail, tangent
from motifbook.significance.transform import normal_scores


def example(n=40, n_motifs=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, n_motifs)), rng.normal(size=n)


def test_normal_scores_are_quantiles_of_ranks():
    values = np.array([3.0, -1.0, 100.0, 0.5])
    np.testing.assert_allclose(normal_scores(values), norm.ppf((rankdata(values) - 0.5) / 4))
    np.testing.assert_allclose(normal_scores(np.exp(values)), normal_scores(values))


def test_ties_are_broken_at_random_or_averaged():
    counts = np.repeat([0.0, 1.0], 50)
    drawn = normal_scores(counts, seed=0)
    assert len(np.unique(drawn)) == 100
    assert drawn[:50].max() < drawn[50:].min()
    assert (drawn != normal_scores(counts, seed=1)).any()
    assert len(np.unique(normal_scores(counts, ties="average"))) == 2


def test_the_engine_follows_the_readout():
    rng = np.random.default_rng(0)
    assert choose_engine(rng.random(80) < 0.1).engine == "permutation"
    assert choose_engine(rng.normal(size=20)).engine == "permutation"
    chosen = choose_engine(rng.normal(size=80))
    assert chosen.engine == "maxt"
    assert abs(chosen.readout.std() - 1) < 0.05


def test_in_three_dimensions_a_component_of_a_direction_is_uniform():
    """Archimedes: P(component >= c) = (1 - c) / 2."""
    cosine = np.array([-0.99, -0.3, 0.0, 0.2, 0.9, 1 - 1e-9])
    np.testing.assert_allclose(log_tail(tangent(cosine), 3), np.log((1 - cosine) / 2), rtol=1e-6)
    far = 1e160  # there 1 - c = 1 / (2 t^2)
    np.testing.assert_allclose(log_tail(far, 3), -np.log(4) - 2 * np.log(far))


@pytest.mark.parametrize("d", [8, 100, 5000])
def test_tails_are_those_of_student(d):
    t = np.array([-2.0, -0.1, 0.0, 0.01, 0.1, 0.3])
    expected = student.logsf(t * np.sqrt(d - 1), d - 1)
    np.testing.assert_allclose(log_tail(t, d), expected, rtol=1e-7, atol=1e-12)


def test_tails_join_where_their_series_takes_over():
    t = np.geomspace(1.0, 1e4, 400)
    slopes = np.diff(log_tail(t, 120)) / np.diff(np.log(t))
    assert np.isfinite(slopes).all()
    assert (np.diff(slopes) < 1e-6).all()  # ever steeper, towards -119
    assert slopes[-1] == pytest.approx(-119, abs=0.01)


def test_mass_between_adds_up():
    whole = np.logaddexp(log_between(-np.inf, 0.2, 30), log_between(0.2, np.inf, 30))
    assert float(whole) == pytest.approx(0.0, abs=1e-12)
    assert float(log_between(1.0, 2.0, 30)) == pytest.approx(float(log_between(-2.0, -1.0, 30)))
    assert np.isneginf(log_between(1.0, 1.0, 30))


def test_columns_and_readout_are_free_of_covariates():
    values, readout = example()
    batch = np.array(["a", "b"])[np.arange(40) % 2]
    letters = encode(["ACGTGGC"[: 4 + i % 4] + "AT" * (i % 3) for i in range(40)])
    taken = nuisance(40, letters=letters, covariates={"batch": batch, "twice": batch == "b"})
    assert taken.names == ("intercept", "GC", "length", "batch = b")  # "twice" adds nothing
    ready = prepare(values, readout, taken)
    assert np.abs(taken.basis.T @ ready.columns).max() < 1e-6
    assert np.abs(taken.basis.T @ ready.residual).max() < 1e-12
    np.testing.assert_allclose(np.linalg.norm(ready.columns, axis=0), 1, atol=1e-6)
    assert ready.d == 36
    partial = np.corrcoef(*(v - taken.basis @ (taken.basis.T @ v) for v in (values[:, 2], readout)))
    assert ready.columns[:, 2] @ ready.direction == pytest.approx(partial[0, 1], abs=1e-6)


def test_copies_and_mirror_images_share_a_column():
    values, readout = example()
    near = values[:, 1] + 0.01 * np.random.default_rng(1).normal(size=40)
    both = np.column_stack([values, 3 - 2 * values[:, 0], near, np.ones(40)])
    ready = prepare(both, readout)
    assert ready.groups.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, -1]
    assert ready.motifs.tolist() == [0, 1, 2, 3, 4, 5]


def test_representatives_are_those_of_comparing_all_pairs():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(30, 40))
    noise = rng.choice([0.0, 0.05, 0.2], 200) * rng.normal(size=(30, 200))
    columns = rng.choice([-1, 1], 200) * base[:, rng.integers(0, 40, 200)] + noise
    columns = (columns / np.linalg.norm(columns, axis=0)).astype(np.float32)
    alike = np.abs(columns.T @ columns) > 0.995
    expected = np.arange(200)
    for one in range(200):
        if expected[one] == one:
            later = np.flatnonzero(alike[one] & (expected == np.arange(200)))
            expected[later[later > one]] = one
    assert representatives(columns).tolist() == expected.tolist()
    assert len(np.unique(expected)) < 150


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_named(bad):
    values, readout = example()
    readout[[3, 7]] = bad
    with pytest.raises(InputError, match=r"in 2 of 40 rows \(3, 7\)"):
        prepare(values, readout)
    values[5, 2] = bad
    with pytest.raises(InputError, match="of motif 2 hold a value that is not a number"):
        prepare(values, example()[1])


def test_readouts_without_a_question_are_refused():
    values, readout = example()
    with pytest.raises(InputError, match="`readout` is constant, or a sum of covariates"):
        prepare(values, np.full(40, 1e12))
    with pytest.raises(InputError, match="`readout` is constant, or a sum of covariates"):
        prepare(values, 2 * readout + 1, nuisance(40, covariates={"x": readout}))
    with pytest.raises(InputError, match="None of 6 motifs tells sequences apart"):
        prepare(np.ones((40, 6)), readout)
    with pytest.raises(InputError, match="Covariate 'x' is nan in row 0"):
        nuisance(40, covariates={"x": [np.nan] * 40})


def test_few_dimensions_are_refused_or_told():
    values, readout = example(8)
    with pytest.raises(InputError, match=r"7 dimensions are left .*expected 8 or more"):
        prepare(values, readout)
    assert "Only 14 dimensions" in prepare(*example(15)).notes[0]
    assert prepare(*example(21)).notes == ()
