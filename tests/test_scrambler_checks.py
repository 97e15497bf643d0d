"""A scrambler that learned nothing says so."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import motifbook as mb
from motifbook.attribution.scrambler.checks import _clearly_below
from motifbook.attribution.scrambler.masks import elsewhere
from tests.test_scrambler_fit import finds, fit, ignores_chance, planted
from tests.toys import book, linear, quiet


def test_masks_no_better_than_random_ones_are_restarted_and_then_warned_about():
    untrained = mb.ScramblerOptions(n_steps=1, learning_rate=0)
    with pytest.warns(mb.ScramblerWarning, match="no better than random ones.*they mean nothing"):
        scrambler = fit(linear(30), book(quiet(60, 30)), bits=0.4, options=untrained)
    assert "was repeated from another start" in scrambler.notes[0]
    assert "no better than random" in scrambler.notes[-1]


@pytest.mark.filterwarnings("error::motifbook.ScramblerWarning")
def test_where_nothing_is_to_be_explained_it_says_so_and_does_not_warn():
    class Constant(nn.Module):
        def forward(self, onehot: torch.Tensor) -> torch.Tensor:
            return 3 + 0 * onehot.sum(dim=(1, 2))[:, None]

    model = mb.Foreign(Constant(), readouts=["y"], kinds="binary", length=30, probabilities=False)
    scrambler = fit(model, book(planted(40)[0]), bits=0.2)
    assert any("There is little to explain" in note for note in scrambler.notes)


@ignores_chance
def test_how_far_scores_see_is_noted():
    scrambler = fit(finds(60), book(planted(40, 60)[0]), bits=0.3)
    assert any("depends on the 41 letters around" in note for note in scrambler.notes)


def test_scores_elsewhere_are_the_same_scores_on_free_positions():
    generator = torch.Generator().manual_seed(0)
    score, free = torch.randn(4, 30, generator=generator), torch.ones(4, 30)
    free[:, 5:9] = 0
    moved = elsewhere(score, free, generator)
    assert torch.equal(moved[:, 5:9].sort(dim=1).values, score[:, 5:9].sort(dim=1).values)
    assert torch.equal(
        moved[free > 0].reshape(4, -1).sort(dim=1).values,
        score[free > 0].reshape(4, -1).sort(dim=1).values,
    )
    assert not torch.equal(moved, score)


def test_losses_are_compared_by_ranks():
    rng = np.random.default_rng(0)
    random = torch.as_tensor(rng.exponential(size=100))
    assert _clearly_below(0.7 * random, random)
    assert not _clearly_below(random, random)
    assert not _clearly_below(random[torch.as_tensor(rng.permutation(100))], random)
