"""Step by step on the mesh: each step is the selection's, with its test and its naive twin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.dictionary import matrix_activations, word_activations
from motifbook.significance.mesh_selection import MeshOptions, select_on_mesh
from motifbook.significance.nuisance import nuisance
from motifbook.significance.prepare import prepare
from motifbook.significance.seism import SeismOptions, joint_mesh_test
from motifbook.significance.seism_path import seism_path

N = 60
QUICK = SeismOptions(n_steps=3, n_chains=39)
COARSE = MeshOptions(refine_parts=2)


@pytest.fixture(scope="module")
def data():
    """Two words of three letters drive the readout, and so does the share of G and C."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, 25)).astype(np.uint8)
    words = word_activations(letters, 3)
    one, other = (words.values[:, words.names.index(name)] for name in ("CTA", "GCA"))
    without = nuisance(N, letters=letters)
    readout = one / one.std() - other / other.std() + 0.3 * rng.standard_normal(N)
    return letters, words, prepare(words.values, readout + 5 * without.basis[:, 1], without)


@pytest.fixture(scope="module")
def path(data):
    return seism_path(*data, n_steps=2, options=COARSE, test=QUICK, seed=0)


def test_steps_are_those_of_the_selection(data, path):
    selection = select_on_mesh(*data, n_motifs=2, options=COARSE)
    for step, selected in zip(path, selection.steps):
        np.testing.assert_array_equal(step.cell, selected.cell)
        np.testing.assert_array_equal(step.ppm, selected.ppm)
        referee = matrix_activations(data[0], [step.ppm]).values[:, 0]
        np.testing.assert_allclose(step.activation, referee, rtol=1e-5)


def test_planted_motifs_are_significant_one_by_one_and_together(path):
    consensus = {"".join("ACGT"[code] for code in step.center.argmax(axis=0)) for step in path}
    assert consensus <= {"CTA", "TAG", "GCA", "TGC"}
    assert [step.tested.p_value for step in path] == [0.025, 0.025]
    assert joint_mesh_test(path[0].selection, options=QUICK).tested.p_value == 0.025


def test_the_null_distribution_is_what_the_p_value_counts(path):
    for step in path:
        n_above = (step.null >= step.tested.statistic * (1 - 1e-6)).sum()
        assert step.tested.p_value == pytest.approx((1 + n_above) / 40)
        assert step.trace.shape == (3, 39)


def test_the_naive_p_value_is_that_of_least_squares_beside_earlier_centers(data, path):
    center = path[0].selection.steps[0].center_activation
    readout = data[2].residual
    design = np.column_stack([path[1].activation, center, data[2].nuisance.basis])
    weights, left = np.linalg.lstsq(design, readout)[:2]
    df = N - design.shape[1]
    inverse = np.linalg.inv(design.T @ design)[0, 0]
    t = weights[0] / np.sqrt(left[0] / df * inverse)
    assert path[1].naive_log_p == pytest.approx(np.log(2 * stats.t.sf(abs(t), df)), rel=1e-3)


def test_the_seed_decides(data, path):
    again, other = (
        seism_path(*data, n_steps=1, options=COARSE, test=QUICK, seed=seed)[0] for seed in (0, 1)
    )
    np.testing.assert_array_equal(again.trace, path[0].trace)
    assert not np.array_equal(other.trace, path[0].trace)


def test_large_sets_are_sent_to_the_exact_engine(data):
    letters = np.zeros((2000, 200), dtype=np.uint8)
    with pytest.raises(InputError, match=r"2,000 sequences of 200, 400,000 letters; expected 200,"):
        seism_path(letters, *data[1:])
    with pytest.raises(InputError, match=r"Use engine='conditional'"):
        seism_path(letters, *data[1:])
