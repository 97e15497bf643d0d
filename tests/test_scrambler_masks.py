"""Masks: what they cost in bits, budgets met exactly, and letters that they never touch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from motifbook.attribution.background import Background
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.attribution.scrambler.masks import (
    at_budget,
    bits_kept,
    gate,
    softplus_keep,
    softplus_remove,
)
from motifbook.attribution.scrambler.objective import Objective
from motifbook.attribution.scrambler.scorer import Scorer, smooth

LETTERS = torch.tensor([0.1, 0.25, 0.6])  # background probability of the observed letter


def rule(mode: str = "inclusion", length: int = 20) -> MaskRule:
    column = np.array([0.1, 0.2, 0.3, 0.4], np.float32)[:, None]
    background = Background("array", np.repeat(column, length, axis=1))
    objective = Objective(mode, "auto", ("binary",), (0.0,), (1.0,))
    return MaskRule(objective, background, np.zeros(length, dtype=bool))


def sequences(n: int = 5, length: int = 20, seed: int = 0) -> torch.Tensor:
    codes = np.random.default_rng(seed).integers(0, 4, (n, length))
    return torch.eye(4)[torch.as_tensor(codes)].transpose(1, 2).contiguous()


def scores(n: int = 5, length: int = 20) -> torch.Tensor:
    return 3 * torch.randn(n, length, generator=torch.Generator().manual_seed(0))


def test_no_letter_kept_costs_nothing_and_a_kept_one_its_surprise():
    assert bits_kept(torch.zeros(3), LETTERS).abs().max() < 1e-6
    torch.testing.assert_close(
        bits_kept(torch.ones(3), LETTERS), -LETTERS.log2(), atol=1e-5, rtol=0
    )


def test_bits_are_the_relative_entropy_of_the_column():
    background = torch.tensor([0.1, 0.2, 0.3, 0.4])
    letter = torch.tensor([0.0, 1.0, 0.0, 0.0])
    column = 0.7 * letter + 0.3 * background
    expected = (column * (column / background).log2()).sum()
    torch.testing.assert_close(bits_kept(torch.tensor(0.7), background[1]), expected)


@pytest.mark.parametrize("score", [-2.0, 0.0, 3.0])
def test_the_published_column_is_a_mixture_of_letter_and_background(score):
    background = torch.tensor([0.1, 0.2, 0.3, 0.4])
    letter = torch.tensor([0.0, 0.0, 1.0, 0.0])
    strength = torch.nn.functional.softplus(torch.tensor(score))
    published = torch.softmax(background.log() + strength * (2 * letter - 1), dim=0)
    keep = softplus_keep(torch.tensor(score), background[2])
    torch.testing.assert_close(keep * letter + (1 - keep) * background, published)
    published = torch.softmax(background.log() + (2 * letter - 1) / strength, dim=0)
    keep = 1 - softplus_remove(torch.tensor(score), background[2])
    torch.testing.assert_close(keep * letter + (1 - keep) * background, published)


@pytest.mark.parametrize("mode", ["inclusion", "exclusion"])
@pytest.mark.parametrize("parametrization", ["gate", "softplus"])
@pytest.mark.parametrize("counts", ["bits", "letters"])
def test_every_mask_has_its_budget(mode, parametrization, counts):
    made = replace(rule(mode), parametrization=parametrization, counts=counts)
    onehot = sequences()
    budgets = torch.tensor([0.02, 0.1, 0.3, 0.6, 0.9])[:, None]
    selection = made.select(scores(), onehot, budgets)
    assert (made.spent(selection, onehot) - budgets[:, 0]).abs().max() < 1e-3
    together = made.select(scores(), onehot, 0.2, is_shared=True)
    spent = made.spent(together, onehot)
    assert abs(float(spent.mean()) - 0.2) < 1e-3
    assert spent.std() > 0.01


def test_bits_removed_are_all_bits_less_those_kept():
    onehot = sequences()
    selection = rule("exclusion").select(scores(), onehot)
    assert torch.equal(selection.keep, 1 - selection.importance)
    kept = rule().select(-scores(), onehot)  # sigmoid(-s) = 1 - sigmoid(s)
    ceiling = rule().ceiling(onehot)
    torch.testing.assert_close((selection.bits + kept.bits).mean(dim=1), ceiling)


def test_the_gradient_of_a_budget_is_that_of_finite_differences():
    score = scores(2, 8).double().requires_grad_(True)
    background = torch.full((2, 8), 0.25, dtype=torch.double)
    free = torch.ones(2, 8, dtype=torch.double)

    def weighed(values: torch.Tensor) -> torch.Tensor:
        moved = at_budget(values, lambda s: bits_kept(gate(s), background), free, 0.3)
        return (torch.sigmoid(moved) * torch.arange(8.0, dtype=torch.double)).sum()

    weighed(score).backward()
    for row, place in [(0, 0), (0, 5), (1, 7)]:
        step = torch.zeros_like(score)
        step[row, place] = 1e-3
        with torch.no_grad():
            slope = (weighed(score + step) - weighed(score - step)) / 2e-3
        assert score.grad is not None
        assert abs(float(score.grad[row, place] - slope)) < 1e-4


def test_the_shift_of_a_data_set_spends_its_budget():
    onehot, score = sequences(), scores()
    made = rule()
    shift = made.shift(score, onehot, 0.25)
    alone = made.select(score + shift, onehot)
    together = made.select(score, onehot, 0.25, is_shared=True)
    torch.testing.assert_close(alone.importance, together.importance)


def test_fixed_and_unknown_letters_are_kept_and_cost_nothing():
    onehot = sequences()
    onehot[:, :, :3] = 0  # unknown
    fixed = np.zeros(20, dtype=bool)
    fixed[10:12] = True
    for mode in ("inclusion", "exclusion"):
        made = replace(rule(mode), fixed=fixed)
        selection = made.select(scores(), onehot, 0.2)
        for places in (slice(0, 3), slice(10, 12)):
            assert (selection.keep[:, places] == 1).all()
            assert (selection.importance[:, places] == 0).all()
            assert (selection.bits[:, places] == 0).all()
        assert (made.spent(selection, onehot) - 0.2).abs().max() < 1e-3
        assert (made.free(onehot).sum(dim=1) == 15).all()


def test_letters_that_may_not_be_selected_are_replaced_in_inclusion_and_stay_in_exclusion():
    onehot, allowed = sequences(), torch.ones(5, 20)
    allowed[:, 4:8] = 0
    for mode, keep in (("inclusion", 0.0), ("exclusion", 1.0)):
        selection = rule(mode).select(scores(), onehot, 0.2, allowed=allowed)
        assert (selection.importance[:, 4:8] == 0).all()
        assert (selection.keep[:, 4:8] == keep).all()
        assert (rule(mode).spent(selection, onehot) - 0.2).abs().max() < 1e-3


def test_the_gaussian_leaves_equal_scores_and_each_input_to_itself():
    flat = torch.full((2, 12), 1.7)
    torch.testing.assert_close(smooth(flat, 1.5, [(0, 12)]), flat)
    split = torch.cat([torch.zeros(1, 6), torch.ones(1, 6)], dim=1)
    torch.testing.assert_close(smooth(split, 1.5, [(0, 6), (6, 12)]), split)
    assert 0 < float(smooth(split, 1.5, [(0, 12)])[0, 5]) < 1


def test_a_tied_scorer_swaps_scores_when_inputs_are_swapped():
    torch.manual_seed(0)
    spans = [(0, 10), (10, 20)]
    onehot = sequences()
    swapped = torch.cat([onehot[:, :, 10:], onehot[:, :, :10]], dim=2)
    for inputs, is_tied in (("tied", True), ("untied", False), ("joint", False)):
        scorer = Scorer(4, spans, inputs=inputs)
        score, other = scorer(onehot), scorer(swapped)
        same = torch.allclose(torch.cat([other[:, 10:], other[:, :10]], dim=1), score, atol=1e-5)
        assert same == is_tied


def test_what_is_said_beside_the_letters_changes_scores():
    torch.manual_seed(0)
    beside = torch.tensor([[5.0, 1.0], [7.0, 1.0], [9.0, 1.0]])
    scorer = Scorer(4, [(0, 20)], beside=beside)
    onehot = sequences(1).expand(3, -1, -1)
    score = scorer(onehot, beside)
    assert not torch.allclose(score[0], score[1])
    same = scorer(onehot, beside[:1].expand(3, -1))
    torch.testing.assert_close(same[0], same[2])
