"""What must not matter to `test_motifs`, and what its p-values must do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from tests.motif_tests_books import (
    MIRRORED,
    P_VALUES,
    SMALL,
    book,
    different,
    holding,
    noise,
    table,
)


@pytest.fixture(scope="module")
def planted():
    """80 sequences whose readout rises with ACG."""
    sequences = different(80, 40)
    return sequences, noise(80) + 1.5 * holding(sequences, "ACG")


@pytest.mark.parametrize("scale", [1e-20, 1.0, 3e5, 1e30])
@pytest.mark.parametrize("scores", ["normal", "measured"])
def test_scale_of_the_readout_changes_effects_alone(planted, scale, scores):
    sequences, readout = planted
    once, scaled = (
        table(sequences, values, scores=scores) for values in (readout, scale * readout)
    )
    pd.testing.assert_frame_equal(scaled[P_VALUES], once[P_VALUES], rtol=1e-3)
    for column in ("effect", "lower", "upper", "difference"):
        np.testing.assert_allclose(scaled[column], scale * once[column], rtol=1e-3)


def test_shift_and_sign_of_the_readout(planted):
    sequences, readout = planted
    once, shifted = table(sequences, readout), table(sequences, readout + 100)
    pd.testing.assert_frame_equal(shifted[P_VALUES], once[P_VALUES])
    turned = table(sequences, -readout)
    assert turned["motif"].tolist() == once["motif"].tolist()
    assert turned["log_p"][0] == pytest.approx(once["log_p"][0], abs=1e-6)
    np.testing.assert_allclose(turned["difference"], -once["difference"], rtol=1e-5)


def test_strand_of_the_sequences(planted):
    sequences, readout = planted
    mirrored = [sequence[::-1].translate(MIRRORED) for sequence in sequences]
    columns = [*P_VALUES, "n_sequences", "effect", "lower", "upper"]
    pd.testing.assert_frame_equal(
        table(mirrored, readout)[columns], table(sequences, readout)[columns]
    )


def test_order_of_the_rows(planted):
    """The same motifs; p-values differ by Monte Carlo error alone."""
    sequences, readout = planted
    order = np.random.default_rng(5).permutation(80)
    mixed = table([sequences[row] for row in order], readout[order])
    once = table(sequences, readout)
    assert mixed["motif"].tolist() == once["motif"].tolist()
    assert mixed["log_p"][0] == pytest.approx(once["log_p"][0], abs=0.05)
    np.testing.assert_allclose(mixed["difference"], once["difference"], rtol=1e-5)


@pytest.mark.parametrize("engine", ["maxt", "conditional", "permutation"])
def test_the_seed_decides_and_hardly_matters(planted, engine):
    sequences, readout = planted
    adata = book(sequences, readout + 3 * noise(80, 2))  # a weak effect: p must be drawn
    same = [mb.test_motifs(adata, engine=engine, options=SMALL, seed=3).table for _ in range(2)]
    pd.testing.assert_frame_equal(*same)
    others = [
        mb.test_motifs(adata, engine=engine, options=SMALL, seed=seed).table["p_value"][0]
        for seed in (0, 1, 2, None)
    ]
    assert 1 < max(others) / min(others) < 3


def test_nothing_is_changed(planted):
    adata = book(*planted)
    before = adata.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    mb.test_motifs(adata, options=SMALL, seed=0)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    assert (adata.X == before.X).all()
    assert adata.obs.equals(before.obs)
    assert list(adata.uns) == list(before.uns)


# ---- p-values


def test_p_falls_as_the_effect_grows():
    sequences = different(80, 40)
    holds = holding(sequences, "ACG")
    log_p = [table(sequences, noise(80) + size * holds)["log_p"][0] for size in (1, 1.5, 2, 4)]
    assert (np.diff(log_p) < 0).all()


def test_a_perfect_fit_has_a_finite_log_p_and_no_p_of_0():
    sequences = different(2000, 20)
    readout = holding(sequences, "ACG") + 1e-6 * noise(2000)
    adata = book(sequences, readout)
    options = mb.TestOptions(k=3, scores="measured")
    tests = mb.test_motifs(adata, engine="maxt", options=options, seed=0)
    first = tests.table.iloc[0]
    assert first["motif"] == "ACG"
    assert -1e5 < first["log_p"] < np.log(1e-300)
    assert (first[["p_value", "fwer_p_value", "q_value", "naive_p_value"]] == 1e-300).all()
    assert tests.readouts["p_value"][0] == tests.readouts["q_value"][0] == 1e-300
    assert first["kept"]
    assert first["effect"] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_an_effect_lies_in_its_interval(seed):
    found = table(different(60), noise(60, seed), n_steps=1).iloc[0]
    assert np.isnan(found["effect"]) or found["lower"] < found["effect"] < found["upper"]


def test_a_strong_motif_does_not_come_again_as_its_shifts():
    """Later steps find neither shifts nor neighbors of the planted word, nor anything else."""
    sequences = different(300, 60)
    readout = 5 * holding(sequences, "ACGTTC") + noise(300)
    options = mb.TestOptions(k=6, n_steps=4, alpha=0.01)
    found = mb.test_motifs(book(sequences, readout), options=options, seed=0).table
    assert found["motif"][0] in ("ACGTTC", "GAACGT")
    assert found["kept"][0]
    assert (found["p_value"][1:] > 0.01).all()
    related = ("CGTTC", "ACGTT", "GTTC", "ACGT", "GAACG", "AACGT", "GAAC")
    assert not any(word in motif for motif in found["motif"][1:] for word in related)


def test_readouts_in_random_order_have_uniform_p_values(planted):
    check = mb.test_motifs(book(*planted), options=SMALL, seed=0).qq(100, seed=1)
    assert check.holds_level
    assert check.uniformity > 0.001
    assert 0.4 < check.p_values.mean() < 0.6


def test_naive_p_values_are_too_small_where_nothing_is():
    """The smallest of 32 correlated p-values is far from uniform; the test's own is not."""
    sequences = different(60)
    found = [table(sequences, noise(60, seed), n_steps=1).iloc[0] for seed in range(40)]
    naive, tested = (
        np.array([row[column] for row in found]) for column in ("naive_p_value", "p_value")
    )
    assert (naive <= 0.05).mean() > 0.4
    assert (tested <= 0.05).mean() < 0.15


def test_batches_that_shift_skewed_values_make_no_p_values_small():
    """Ranked once, values are squeezed within each batch: half of such sets had p below .05."""
    options = mb.TestOptions(n_steps=1)
    p_values = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        batch = rng.integers(0, 5, 100)
        readout = 5.0 * batch + np.exp(2 * rng.normal(size=100))
        adata = book(different(100, 50, seed=seed), readout, batch=batch.astype(str))
        tests = mb.test_motifs(adata, covariates=["batch"], options=options, seed=seed)
        p_values.append(tests.table["p_value"][0])
    assert np.sum(np.array(p_values) <= 0.05) <= 5


def test_no_p_value_of_few_rows_is_below_one_over_the_orders_of_their_values():
    """Two of ten rows: 45 orders. Residuals beside GC, dealt out alone, had p = .001 in half."""
    p_values = []
    for seed in range(20):
        adata = book(different(10, 50, seed=seed), np.arange(10) < 2)
        options = mb.TestOptions(k=4, n_steps=1)
        p_values.append(mb.test_motifs(adata, options=options, seed=seed).table["p_value"][0])
    assert min(p_values) > 0.01
    assert np.mean(np.array(p_values) <= 0.05) <= 0.2
