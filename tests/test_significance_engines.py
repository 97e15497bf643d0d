"""P-values are uniform where nothing is planted, and right where all can be counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from motifbook import InputError
from motifbook.onehot import reverse_complement
from motifbook.significance import max_t
from motifbook.significance.dictionary import word_activations
from motifbook.significance.lines import conditional_test, line_test
from motifbook.significance.max_t import max_t_test
from motifbook.significance.permutation import permutation_test, permute_selection, permuted
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import naive_log_p
from motifbook.significance.steps import first_step, has_next, next_step

ENGINES = {
    "line": lambda step, seed=0: line_test(step),
    "conditional": lambda step, seed=0: conditional_test(step, n_draws=20, seed=seed),
    "maxt": lambda step, seed=0: max_t_test(step, n_draws=100, seed=seed),
    "permutation": lambda step, seed=0: permutation_test(step, n_draws=99, seed=seed),
}
N_SETS = 300


@pytest.fixture(scope="module")
def ready():
    """All words of three letters in 40 sequences of 20."""
    letters = np.random.default_rng(0).integers(0, 4, (40, 20)).astype(np.uint8)
    values = word_activations(letters, 3).values
    return prepare(values, np.random.default_rng(1).normal(size=40))


@pytest.fixture(scope="module")
def tiny():
    """25 random columns for 12 sequences: all that happens can be counted."""
    rng = np.random.default_rng(5)
    return prepare(np.exp(-rng.integers(0, 3, (12, 25)).astype(float)), rng.normal(size=12))


def noise(ready, seed, column=None, size=0.0):
    readout = np.random.default_rng([9, seed]).normal(size=len(ready.columns))
    if column is not None:
        readout = readout + size * ready.columns[:, column]
    return ready.with_readout(readout)


def later(prepared):
    """The step after the first."""
    step = first_step(prepared)
    return next_step(step, np.arange(len(step.gain)) == step.winner)


def counted(step, n_draws=1_000_000, seed=0):
    """Scores and products of uniform directions, float64, without any of the engines."""
    drawn = np.random.default_rng(seed).normal(size=(len(step.basis), n_draws))
    drawn -= step.basis @ (step.basis.T @ drawn)
    products = step.prepared.columns.T.astype(float) @ (drawn / np.linalg.norm(drawn, axis=0))
    return np.abs(products) * step.gain[:, None], products


@pytest.mark.parametrize("engine", ENGINES)
def test_p_values_are_uniform_without_an_effect(ready, engine):
    p = [ENGINES[engine](first_step(noise(ready, seed)), seed).p_value for seed in range(N_SETS)]
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_naive_p_values_are_not(ready):
    p = np.exp([naive_log_p(first_step(noise(ready, seed))) for seed in range(N_SETS)])
    assert kstest(p, "uniform").pvalue < 1e-20
    assert np.mean(p <= 0.05) > 0.5


@pytest.mark.parametrize("engine", ["line", "conditional", "maxt"])
def test_p_values_of_a_second_step_are_uniform(ready, engine):
    p = []
    for seed in range(N_SETS):
        prepared = noise(ready, seed, 7, 8.0)
        assert first_step(prepared).winner == 7
        p.append(ENGINES[engine](later(prepared), seed).p_value)
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_the_lines_agree_with_counting(tiny):
    step = first_step(noise(tiny, 3, 3, 1.0))
    scores, _ = counted(step)
    same = scores[:, scores.argmax(axis=0) == step.winner]
    expected = (same[step.winner] >= step.statistic).mean()
    found = conditional_test(step, n_draws=20_000, seed=0)
    assert found.p_value == pytest.approx(expected, abs=0.02)
    assert found.statistic == pytest.approx(step.statistic, abs=1e-6)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_second_step_agrees_with_counting(tiny, seed):
    """A stretch of the box, or a rival of the first step left out, would show."""
    step = later(noise(tiny, seed, 3, 1.0))
    low, high = step.box()
    scores, products = counted(step)
    inside = ((products >= low[:, None] - 1e-6) & (products <= high[:, None] + 1e-6)).all(axis=0)
    assert 0.001 < inside.mean() < 0.9
    kept = scores[:, inside]
    expected = (kept.max(axis=0) >= step.statistic).mean()
    assert max_t_test(step, n_draws=3000, seed=0).p_value == pytest.approx(expected, abs=0.08)
    same = kept[:, kept.argmax(axis=0) == step.winner]
    expected = (same[step.winner] >= step.statistic).mean()
    found = conditional_test(step, n_draws=20_000, seed=0)
    assert found.p_value == pytest.approx(expected, abs=0.03)


def test_a_ridge_changes_the_winner_and_keeps_the_test(tiny):
    step = first_step(noise(tiny, 3), ridge=0.05)
    scores, _ = counted(step)
    same = scores[:, scores.argmax(axis=0) == step.winner]
    expected = (same[step.winner] >= step.statistic).mean()
    assert conditional_test(step, n_draws=20_000, seed=0).p_value == pytest.approx(
        expected, abs=0.02
    )
    expected = (scores.max(axis=0) >= step.statistic).mean()
    assert max_t_test(step, n_draws=5000, seed=0).p_value == pytest.approx(expected, abs=0.02)
    square = (tiny.lengths**2) / (tiny.lengths**2 + 0.05 * 12)
    products = np.abs(step.products) / step.length
    np.testing.assert_allclose(step.scores, np.sqrt(square) * products, rtol=1e-6)


def test_the_first_steps_max_t_is_that_of_rotation(ready):
    for seed, size in ((0, 0.0), (1, 2.0), (2, 4.0)):
        step = first_step(noise(ready, seed, 7, size))
        turned = np.random.default_rng(0).standard_normal((20_000, len(step.basis)))
        turned -= (turned @ step.basis) @ step.basis.T
        turned /= np.linalg.norm(turned, axis=1, keepdims=True)
        by_rotation = (np.abs(turned @ ready.columns).max(axis=1) >= step.statistic).mean()
        assert max_t_test(step, n_draws=2000, seed=0).p_value == pytest.approx(
            by_rotation, abs=0.02
        )


def test_no_draws_make_the_line_test(ready):
    for seed in range(5):
        step = first_step(noise(ready, seed))
        assert conditional_test(step, n_draws=0, seed=seed).log_p == line_test(step).log_p


def test_p_falls_as_the_statistic_grows(ready):
    eta = first_step(noise(ready, 0, 7, 9.0)).towards(7)
    rest = noise(ready, 0).residual
    rest = rest - eta * (eta @ rest)
    steps = [first_step(replace(ready, residual=rest + size * eta)) for size in (5, 7, 9, 20, 1e3)]
    assert {step.winner for step in steps} == {7}
    for engine in ("line", "conditional", "maxt"):
        log_p = [ENGINES[engine](step).log_p for step in steps]
        assert (np.diff(log_p) < 0).all()
    assert log_p[-1] < -150


def test_scale_shift_and_order_of_rows_do_not_matter():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (50, 20)).astype(np.uint8)
    readout, order = rng.normal(size=50), rng.permutation(50)
    step = first_step(prepare(word_activations(letters, 3).values, readout))
    for scale in (1e-12, 1e12):
        values = word_activations(letters, 3).values
        again = first_step(prepare(values, scale * readout))
        assert line_test(again).log_p == pytest.approx(line_test(step).log_p, abs=1e-5)
    shifted = first_step(prepare(word_activations(letters, 3).values, readout + 1e3))
    assert line_test(shifted).log_p == pytest.approx(line_test(step).log_p, abs=1e-5)
    moved = first_step(prepare(word_activations(letters[order], 3).values, readout[order]))
    assert line_test(moved).log_p == pytest.approx(line_test(step).log_p, abs=1e-5)
    other = first_step(prepare(word_activations(reverse_complement(letters), 3).values, readout))
    assert line_test(other).log_p == line_test(step).log_p


def test_copies_of_motifs_change_no_p_value():
    rng = np.random.default_rng(0)
    values, readout = rng.random((40, 20)), rng.normal(size=40)
    step = first_step(prepare(values, readout))
    twice = first_step(prepare(np.column_stack([values, -values, values]), readout))
    for engine in ENGINES.values():
        assert engine(twice).log_p == engine(step).log_p


def test_a_perfect_fit_has_a_finite_log_p(ready):
    step = first_step(ready.with_readout(3.0 * ready.columns[:, 5]))
    for engine in ("line", "conditional", "maxt"):
        found = ENGINES[engine](step)
        assert -1e4 < found.log_p < -200
    only = np.arange(len(step.gain)) == step.winner
    assert not has_next(step, only)  # nothing is left to explain


def test_a_long_path_ends_before_its_dimensions_do(tiny):
    step, dropped = first_step(tiny), np.zeros(tiny.columns.shape[1], dtype=bool)
    while has_next(step, dropped | (np.arange(len(dropped)) == step.winner)):
        dropped[step.winner] = True
        step = next_step(step, dropped)
    assert step.d == 8


def test_without_draws_in_the_box_the_line_test_answers(ready):
    step = later(noise(ready, 0, 7, 8.0))
    none = np.zeros_like(step.below)
    closed = replace(step, below=none, above=none)
    found = max_t_test(closed, n_draws=20, seed=0)
    assert found.acceptance == 0
    assert found.log_p == line_test(closed).log_p
    assert "None of 2,048 draws kept the earlier selections" in found.notes[0]


def test_later_steps_resolve_small_p_values(ready):
    """Beyond what draws can count, importance sampling goes on."""
    readout = 90 * ready.columns[:, 7] + 40 * ready.columns[:, 20]
    step = later(ready.with_readout(readout + np.random.default_rng(0).normal(size=40)))
    found = max_t_test(step, n_draws=100, seed=0)
    assert found.log_p < -20
    assert found.log_p > naive_log_p(step)


def test_permutation_keeps_blocks_and_level(ready):
    groups = np.repeat(np.arange(8), 5)[np.random.default_rng(0).permutation(40)]
    order = permuted(groups, np.random.default_rng(0))
    assert (groups[order] == groups).all()
    assert sorted(order) == list(range(40))
    assert (order != np.arange(40)).any()
    strata = 3.0 * groups  # what batches add is not exchanged between them
    p = [
        permutation_test(
            first_step(ready.with_readout(strata + np.random.default_rng(seed).normal(size=40))),
            n_draws=99,
            blocks=groups,
            seed=seed,
        ).p_value
        for seed in range(N_SETS)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.08
    assert kstest(p, "uniform").pvalue > 0.01


def test_permutation_counts_ties_of_binary_readouts():
    """Every arrangement of one 1 among ten 0s is as good as its copies: p is 1 of 5."""
    values = np.zeros((10, 1))
    values[:2] = 1
    readout = np.arange(10) == 0
    found = permutation_test(first_step(prepare(values, readout)), n_draws=4000, seed=0)
    assert found.p_value == pytest.approx(0.2, abs=0.02)


def test_any_selector_can_be_permuted(ready):
    def best(readout):
        return float(np.abs(ready.columns.T @ (readout - readout.mean())).max())

    step = first_step(noise(ready, 0))
    slow = permute_selection(best, step.residual, n_draws=99, seed=0)
    assert slow.log_p == permutation_test(step, n_draws=99, seed=0).log_p


def test_wrong_requests_are_refused(ready):
    step = first_step(ready)
    with pytest.raises(InputError, match="`blocks` names 40 blocks for 40 rows"):
        permutation_test(step, blocks=np.arange(40))
    with pytest.raises(InputError, match=r"`blocks` has shape \(3,\)"):
        permutation_test(step, blocks=[0, 0, 1])
    with pytest.raises(InputError, match="`readout` is 1 in all 9 rows"):
        permute_selection(np.mean, np.ones(9))
    with pytest.raises(InputError, match="`score` is nan"):
        permute_selection(lambda readout: np.nan, np.arange(9.0))
    with pytest.raises(InputError, match="`ridge` is -1"):
        first_step(ready, ridge=-1)
    with pytest.raises(InputError, match="`n_draws` is 0"):
        max_t_test(step, n_draws=0)


@pytest.mark.parametrize(("ess", "is_believed"), [(1.0, False), (50.0, True)])
def test_a_p_value_beyond_counting_needs_draws_that_show_it(monkeypatch, ess, is_believed):
    rng = np.random.default_rng(0)
    activations = rng.random((60, 30))
    readout = 9 * activations[:, 3] + 5 * activations[:, 7] + 0.1 * rng.normal(size=60)
    step = later(prepare(activations, readout))
    monkeypatch.setattr(max_t, "_over_union", lambda *given: max_t._Union(-40.0, ess))
    tested = max_t_test(step, n_draws=100, seed=0)
    assert (tested.log_p < -35) == is_believed
    if not is_believed:
        assert tested.p_value == pytest.approx(1 / 101)
