"""SEISM: valid p-values, the same question as the engine "conditional", and planted motifs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.dictionary import matrix_activations, word_activations
from motifbook.significance.hit_and_run import walk
from motifbook.significance.lines import conditional_test
from motifbook.significance.mesh_selection import MeshEvent, MeshOptions, select_on_mesh
from motifbook.significance.nuisance import nuisance
from motifbook.significance.prepare import prepare
from motifbook.significance.seism import (
    SeismOptions,
    WordEvent,
    joint_mesh_test,
    mesh_test,
    seism_test,
)
from motifbook.significance.selection import select_motifs

QUICK = SeismOptions(n_steps=4, n_chains=39)


def letters_of(seed, n=30, length=30):
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def drawn(seed, n=30, k=3, effect=0.0):
    """Sequences, their words, and noise plus `effect` deviations of the word CTA."""
    letters = letters_of(seed, n)
    words = word_activations(letters, k)
    noise = np.random.default_rng(seed + 10_000).standard_normal(n)
    signal = words.values[:, words.names.index("CTA")] if effect else np.zeros(n)
    readout = noise + effect * signal / (signal.std() or 1)
    return letters, words, prepare(words.values, readout)


def selection(seed, *, n_motifs=1, options=None, **settings):
    return select_on_mesh(*drawn(seed, **settings), n_motifs=n_motifs, options=options)


def test_it_agrees_with_the_engine_conditional_on_the_same_data():
    for seed in range(6):
        _, words, prepared = drawn(seed, n=40, k=4)
        for chosen in select_motifs(words, prepared, n_steps=2):
            exact = conditional_test(chosen.step, n_draws=2000, seed=1)
            options = SeismOptions(n_steps=40, n_chains=400)
            walked = seism_test(chosen.step, options=options, seed=2).tested
            assert walked.statistic == pytest.approx(exact.statistic, abs=1e-4)
            spread = np.sqrt(exact.p_value * (1 - exact.p_value))
            error = spread * np.hypot(1 / np.sqrt(walked.ess), 1 / np.sqrt(exact.ess))
            assert abs(walked.p_value - exact.p_value) < 4 * error + 2 / 400


def test_one_cell_per_word_without_refinement_is_the_same_event_on_the_mesh():
    letters, words, prepared = drawn(1, n=40)
    plain = MeshOptions(cell_parts=1, refine_parts=0)
    chosen = select_on_mesh(letters, words, prepared, options=plain)
    step = select_motifs(words, prepared, n_steps=1)[0].step
    on_mesh = MeshEvent(chosen.steps, np.zeros(40), 1.0)
    points = np.random.default_rng(0).standard_normal((300, 40))
    points -= points.mean(axis=1, keepdims=True)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points[::2] = points[::2] * 0.6 + 0.8 * step.direction
    tangents = np.zeros_like(points)
    inside = WordEvent(step).circles(points, tangents)(np.zeros(300), np.arange(300))
    np.testing.assert_array_equal(on_mesh.holds(points), inside)
    assert 0.1 < inside.mean() < 0.9


def of_center(chosen, seed):
    return mesh_test(chosen, options=SeismOptions("center", 2, 19), seed=seed)


def of_best(chosen, seed):
    return mesh_test(chosen, options=SeismOptions("best", 2, 19), seed=seed)


def of_second(chosen, seed):
    return mesh_test(chosen, 1, options=SeismOptions("center", 2, 19), seed=seed)


def of_both(chosen, seed):
    return joint_mesh_test(chosen, options=SeismOptions("best", 2, 19), seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("test", [of_center, of_best, of_second, of_both])
def test_null_p_values_are_uniform(test):
    options = MeshOptions(refine_parts=2)
    chosen = [selection(seed, n=20, n_motifs=2, options=options) for seed in range(120)]
    p_values = [test(one, seed).tested.p_value for seed, one in enumerate(chosen)]
    counts = np.bincount(np.ceil(np.array(p_values) * 4 - 1e-9).astype(int), minlength=5)[1:]
    assert stats.chisquare(counts).pvalue > 0.01


def test_chains_stay_where_the_same_cells_are_selected():
    chosen = selection(3, n_motifs=2)
    basis = chosen.steps[0].selector.basis
    length = np.linalg.norm(chosen.readout)
    event = MeshEvent(chosen.steps, np.zeros(30), length)
    start = np.tile(chosen.readout / length, (5, 1))
    assert event.holds(start).all()
    moved = walk(
        start, event, lambda u: u[:, 0], 5, basis=basis, rng=np.random.default_rng(0)
    ).points
    for point in moved:
        letters, words, _ = drawn(3)
        again = select_on_mesh(letters, words, prepare(words.values, 7 * point), n_motifs=2)
        for one, other in zip(chosen.steps, again.steps):
            np.testing.assert_array_equal(one.cell, other.cell)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1)
    assert (np.abs(moved - start).max(axis=1) > 0.01).all()


@pytest.mark.parametrize("scale", [1e-6, -3.0, 1e6])
def test_scale_shift_and_sign_of_the_readout_change_nothing(scale):
    letters, words, prepared = drawn(4)
    other = prepare(words.values, scale * prepared.residual + 5 * abs(scale))
    tests = [
        mesh_test(select_on_mesh(letters, words, each), options=QUICK).tested
        for each in (prepared, other)
    ]
    assert tests[0].statistic == pytest.approx(tests[1].statistic, rel=1e-3)
    if scale > 0:
        assert tests[0].log_p == pytest.approx(tests[1].log_p, abs=0.2)


@pytest.mark.parametrize("null", ["center", "best"])
def test_a_planted_motif_is_selected_and_significant(null):
    chosen = selection(5, n=60, effect=1.5)
    options = SeismOptions(null, n_steps=5, n_chains=39)
    assert mesh_test(chosen, options=options).tested.p_value <= 0.05
    assert joint_mesh_test(chosen, options=options).tested.p_value <= 0.05
    consensus = chosen.steps[0].center.argmax(axis=0).tolist()
    assert consensus in ([1, 3, 0], [3, 0, 2])  # CTA, or TAG on the other strand


def test_two_motifs_together_explain_what_least_squares_explains():
    chosen = selection(6, n_motifs=2)
    result = joint_mesh_test(chosen, options=QUICK)
    centers = matrix_activations(letters_of(6), [step.center for step in chosen.steps]).values
    design = np.column_stack([np.ones(30), centers])
    left = np.linalg.lstsq(design, chosen.readout)[1][0]
    explained = 1 - left / (chosen.readout @ chosen.readout)
    assert result.tested.statistic == pytest.approx(explained, rel=1e-3)
    assert result.chains.forward.trace.shape == (4, 39)


def test_the_score_is_the_squared_correlation_of_what_was_selected():
    letters, _, prepared = drawn(7)
    step = selection(7).steps[0]
    activation = matrix_activations(letters, [step.ppm]).values[:, 0]
    assert step.score == pytest.approx(
        np.corrcoef(activation, prepared.residual)[0, 1] ** 2, rel=1e-3
    )
    best = mesh_test(selection(7), options=SeismOptions("best", 1, 1)).tested.statistic
    assert best == pytest.approx(step.score, rel=1e-3)


def test_covariates_and_earlier_centers_are_projected_off():
    letters, words, prepared = drawn(8)
    without = nuisance(30, letters=letters)
    chosen = select_on_mesh(
        letters, words, prepare(words.values, prepared.residual, without), n_motifs=2
    )
    assert chosen.steps[1].selector.basis.shape == (30, without.basis.shape[1] + 1)
    residual = chosen.steps[1].selector.residual(chosen.steps[0].center_activation[None])
    np.testing.assert_allclose(residual, 0, atol=1e-10)
    assert 0 < mesh_test(chosen, 1, options=QUICK).tested.p_value <= 1


def test_no_cell_is_selected_twice():
    steps = selection(9, n=60, n_motifs=6, effect=2.0).steps
    assert len({tuple(step.cell) for step in steps}) == len(steps) == 6


def test_selection_ends_when_sequences_run_out():
    chosen = selection(9, n=12, n_motifs=9)
    assert len(chosen.steps) < 9
    assert chosen.notes[0].startswith("Stopped after")


@pytest.mark.parametrize("penalty", [0.01, np.inf])
def test_ridge_and_hsic_select_and_test_too(penalty):
    chosen = selection(10, options=MeshOptions(penalty=penalty))
    assert 0 < joint_mesh_test(chosen, options=QUICK).tested.p_value <= 1


def test_what_makes_no_sense_is_refused():
    chosen = selection(11)
    with pytest.raises(InputError, match=r"`number` is 1; expected a whole number, 0 to 0"):
        mesh_test(chosen, 1)
    with pytest.raises(InputError, match=r"`null` is 'centre'.*Did you mean 'center'"):
        mesh_test(chosen, options=SeismOptions(null="centre"))
    letters, _, prepared = drawn(11)
    matrices = matrix_activations(letters, [np.eye(4)])
    with pytest.raises(InputError, match=r"`dictionary` holds matrices; expected words"):
        select_on_mesh(letters, matrices, prepared)
