"""Cells of motif space, and the climb from words to matrices."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.alphabet import DNA
from motifbook.significance.association import squared_correlation
from motifbook.significance.dictionary import matrix_activations
from motifbook.significance.mesh import Mesh, simplex_grid
from motifbook.significance.refinement import Refiner, Windows


def sequences(n=40, length=25, seed=0):
    letters = np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)
    letters[3, 5] = 4  # unknown
    return letters


def motifs(n=5, width=4, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(4), (n, width)).astype(np.float32)


def mirrored(columns):
    return columns[:, ::-1, DNA.complement_codes[:-1]]


@pytest.mark.parametrize(("n_parts", "n_points"), [(1, 4), (2, 10), (4, 35)])
def test_grid_points_are_all_columns_of_whole_parts(n_parts, n_points):
    grid = simplex_grid(n_parts)
    assert len(np.unique(grid, axis=0)) == n_points
    np.testing.assert_allclose(grid.sum(axis=1), 1)
    np.testing.assert_allclose(grid * n_parts, np.round(grid * n_parts))


def test_a_grid_without_end_is_refused():
    with pytest.raises(InputError, match=r"`n_parts` is 100: a column of 4 letters has 176,851"):
        simplex_grid(100)


@pytest.mark.parametrize("n_parts", [1, 2, 3])
def test_a_motif_is_in_the_cell_of_the_nearest_center(n_parts):
    mesh, columns = Mesh(n_parts), motifs(50)
    cells = mesh.cells(columns)
    for motif, cell in zip(columns, cells):
        distance = ((motif[:, None] - mesh.grid) ** 2).sum(axis=2)
        np.testing.assert_array_equal(distance.argmin(axis=1), cell)
        np.testing.assert_array_equal(mesh.cells(mesh.center(cell).T[None])[0], cell)


def test_both_strands_of_a_motif_share_a_cell():
    mesh, columns = Mesh(2, both_strands=True), motifs(50)
    np.testing.assert_array_equal(mesh.cells(columns), mesh.cells(mirrored(columns)))
    assert (Mesh(2).cells(columns) != Mesh(2).cells(mirrored(columns))).any()


@pytest.mark.parametrize("both_strands", [True, False])
def test_activations_are_those_of_the_dictionary(both_strands):
    letters, columns = sequences(), motifs()
    refiner = Refiner(Windows(letters, 4, DNA, both_strands), np.ones((40, 1)) / np.sqrt(40))
    referee = matrix_activations(letters, [ppm.T for ppm in columns], both_strands=both_strands)
    np.testing.assert_allclose(refiner.activation(columns).T, referee.values, rtol=1e-5)


def test_the_best_window_per_letter_is_that_of_a_loop():
    letters, columns = sequences(99, 9), motifs(2, 3)
    windows = Windows(letters, 3, both_strands=False)
    best = windows.best_per_letter(windows.scores(columns), 1)
    for motif in range(2):
        for row in range(99):
            referee = np.full(4, -np.inf)
            for start in range(7):
                codes = letters[row, start : start + 3]
                if (codes < 4).all():
                    score = columns[motif, np.arange(3), codes].sum()
                    referee[codes[1]] = max(referee[codes[1]], score)
            np.testing.assert_allclose(best[motif, :, row], referee, rtol=1e-6)


def refined(refiner, words, readouts):
    return refiner.refine(np.eye(4, dtype=np.float32)[words], readouts)


def centered(readouts):
    readouts = readouts - readouts.mean(axis=1, keepdims=True)
    return readouts / np.linalg.norm(readouts, axis=1, keepdims=True)


def test_refinement_ends_where_no_other_column_is_better_and_scores_as_it_says():
    letters, rng = sequences(), np.random.default_rng(1)
    refiner = Refiner(Windows(letters, 4), np.ones((40, 1)) / np.sqrt(40), n_parts=2)
    readouts = centered(rng.standard_normal((3, 40)))
    found = refined(refiner, rng.integers(0, 4, (3, 4)), readouts)
    for columns, score, readout in zip(found.columns, found.score, readouts):
        others = np.repeat(columns[None], 4 * len(refiner.grid) + 1, axis=0)
        for place in range(4):
            first = 1 + place * len(refiner.grid)
            others[first : first + len(refiner.grid), place] = refiner.grid
        scores = squared_correlation(refiner.activation(others).T, readout)
        assert score == pytest.approx(scores[0], rel=1e-4)
        assert scores.max() <= scores[0] * (1 + 1e-4)


def test_refinement_never_lowers_the_score_of_a_word_and_knows_no_scale():
    letters, rng = sequences(), np.random.default_rng(2)
    refiner = Refiner(Windows(letters, 4), np.ones((40, 1)) / np.sqrt(40))
    words, readouts = rng.integers(0, 4, (20, 4)), centered(rng.standard_normal((20, 40)))
    found = refined(refiner, words, readouts)
    start = refiner.activation(np.eye(4, dtype=np.float32)[words])
    before = [
        squared_correlation(row[:, None], readout)[0] for row, readout in zip(start, readouts)
    ]
    assert (found.score >= np.array(before) * (1 - 1e-4)).all()
    np.testing.assert_array_equal(refined(refiner, words, 8 * readouts).columns, found.columns)


def test_each_direction_is_refined_as_if_alone():
    letters, rng = sequences(), np.random.default_rng(3)
    refiner = Refiner(Windows(letters, 4), np.ones((40, 1)) / np.sqrt(40))
    words, readouts = rng.integers(0, 4, (9, 4)), centered(rng.standard_normal((9, 40)))
    together = refined(refiner, words, readouts)
    alone = [refined(refiner, words[[i]], readouts[[i]]).columns[0] for i in range(9)]
    np.testing.assert_array_equal(together.columns, alone)


def test_sequences_must_hold_a_window():
    with pytest.raises(InputError, match=r"The sequences have 25 letters; expected 26 or more"):
        Windows(sequences(), 26)
