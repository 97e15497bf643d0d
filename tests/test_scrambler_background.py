"""Backgrounds: what replaces letters."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook import InputError
from motifbook.alphabet import named
from motifbook.attribution.background import Part, make_background
from motifbook.attribution.scrambler.fixed import fixed_positions
from motifbook.onehot import encode

DNA, PROTEIN = named("DNA"), named("protein")


def test_data_counts_letters_at_each_position_with_one_more_of_each():
    letters = encode(["AC", "AC", "AG", "TC"])
    made = make_background("data", letters, [Part(0, 2, DNA)], 4)
    expected = np.array([[4, 1, 1, 2], [1, 4, 2, 1]]).T / 8
    np.testing.assert_allclose(made.probabilities, expected)


def test_data_counts_over_positions_where_lengths_differ():
    letters = encode(["ACAA", "CA"])  # the second is padded
    made = make_background("data", letters, [Part(0, 4, DNA)], 4)
    np.testing.assert_allclose(made.probabilities[:, 0], np.array([5, 3, 1, 1]) / 10)
    assert (made.probabilities == made.probabilities[:, :1]).all()


def test_each_input_has_letters_of_its_own_alphabet():
    letters = np.array([[0, 1, 19, 7], [2, 3, 5, 6]], dtype=np.uint8)
    parts = [Part(0, 2, DNA), Part(2, 4, PROTEIN)]
    for name in ("data", "uniform", "dinucleotide"):
        made = make_background(name, letters, parts, 20)
        np.testing.assert_allclose(made.probabilities.sum(axis=0), 1, atol=1e-6)
        assert (made.probabilities[4:, :2] == 0).all()
        assert (made.probabilities[:, 2:] > 0).all()
    known = torch.eye(20)[torch.as_tensor(letters.astype(int))].transpose(1, 2)
    uniform = make_background("uniform", letters, parts, 20)
    drawn = uniform.draw(known, 500, torch.Generator().manual_seed(0))
    assert drawn[:, :, 4:, :2].sum() == 0
    assert (drawn.sum(dim=2) == 1).all()


def test_shuffles_keep_the_pairs_of_each_sequence():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (3, 30)).astype(np.uint8)
    made = make_background("dinucleotide", letters, [Part(0, 30, DNA)], 4)
    known = torch.eye(4)[torch.as_tensor(letters.astype(int))].transpose(1, 2)
    drawn = made.draw(known, 2, torch.Generator().manual_seed(0)).argmax(dim=2).numpy()

    def pairs(row):
        return np.bincount(4 * row[:-1].astype(int) + row[1:].astype(int), minlength=16)

    for row, shuffles in zip(letters, drawn):
        for shuffle in shuffles:
            assert (pairs(row) == pairs(shuffle)).all()
            assert (row != shuffle).any()


def test_a_function_of_yours_draws():
    letters = encode(["ACGT", "AANN"])
    all_g = make_background(
        lambda x, n, rng: np.full((len(x), n, x.shape[1]), 2), letters, [Part(0, 4, DNA)], 4
    )
    known = (torch.as_tensor(letters)[:, None] == torch.arange(4)[:, None]).float()
    drawn = all_g.draw(known, 3, torch.Generator().manual_seed(0))
    assert (drawn[0, :, 2] == 1).all()
    assert (drawn[1, :, :, 2:] == 0).all()


def test_backgrounds_that_make_no_sense_are_refused():
    letters, parts = encode(["ACGT", "AAGT"]), [Part(0, 4, DNA)]
    with pytest.raises(InputError, match="expected one of 'data', 'uniform', 'dinucleotide'"):
        make_background("genome", letters, parts, 4)
    with pytest.raises(InputError, match=r"`background` has shape \(3,\).*\(4,\) or \(4, 4\)"):
        make_background([0.2, 0.3, 0.5], letters, parts, 4)
    with pytest.raises(InputError, match=r"sums to 0\.8 at position 0"):
        make_background([0.2, 0.2, 0.2, 0.2], letters, parts, 4)
    with pytest.raises(InputError, match=r"letter 1 probability 0 at position 1.*infinite"):
        make_background([0.5, 0, 0.25, 0.25], letters, parts, 4)
    known = (torch.as_tensor(letters)[:, None] == torch.arange(4)[:, None]).float()
    for wrong, sentence in (
        (lambda x, n, rng: x, "`background` has shape"),
        (lambda x, n, rng: np.full((len(x), n, 4), 9), "whole numbers from 0 to 3"),
    ):
        made = make_background(wrong, letters, parts, 4)
        with pytest.raises(InputError, match=sentence):
            made.draw(known, 3, torch.Generator().manual_seed(0))


def test_a_text_fixes_its_letters():
    letters, parts = encode(["ACGT", "AAGT"]), [Part(0, 4, DNA)]
    assert fixed_positions("A.GN", letters, parts).tolist() == [True, False, True, False]
    assert not fixed_positions(None, letters, parts).any()
    given = np.array([True, False, False, True])
    assert (fixed_positions(given, letters, parts) == given).all()
    protein = encode(["NAC"], PROTEIN)
    fixed = fixed_positions("N..", protein, [Part(0, 3, PROTEIN)])  # N is asparagine there
    assert fixed.tolist() == [True, False, False]


def test_fixed_letters_that_are_not_there_are_refused():
    letters, parts = encode(["ACGT", "AAGT"]), [Part(0, 4, DNA)]
    with pytest.raises(InputError, match="`fixed` has C at position 1, sequence 1 has A"):
        fixed_positions("AC..", letters, parts)
    with pytest.raises(InputError, match="`fixed` has 3 letters, the sequences 4"):
        fixed_positions("A..", letters, parts)
    with pytest.raises(InputError, match="`fixed` fixes all letters"):
        fixed_positions(np.ones(4, dtype=bool), letters, parts)
    with pytest.raises(InputError, match="`fixed` holds int64"):
        fixed_positions(np.arange(4), letters, parts)
