"""Scramblers of networks whose gradients say nothing: draws are compared instead."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import motifbook as mb
from motifbook.attribution.scrambler.mask_rule import reinforced
from tests.test_scrambler_fit import SITE, fit, importance, planted
from tests.toys import book, word

STEPS = mb.ScramblerOptions(n_steps=120)


class Switch(nn.Module):
    """Logit 3 where the whole site stands, else -3; gradients point away from its letters."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        best = nn.functional.conv1d(onehot, word(SITE)).amax(dim=2)
        return 6 * (best > 7.5).float() - 3 - 0.01 * (best - best.detach())


def switch() -> mb.Foreign:
    return mb.Foreign(Switch(), readouts=["bound"], kinds="binary", length=30, probabilities=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("error::motifbook.ScramblerWarning")
@pytest.mark.parametrize("seed", [0, 1])
def test_a_switch_is_explained_by_the_second_training(seed):
    sequences, _ = planted(share=0.5)
    scrambler = fit(
        switch(), book(sequences), bits=0.5, options=STEPS, seed=seed, background="uniform"
    )
    assert "without the network's gradients" in scrambler.notes[0]
    others, is_site = planted(seed=1)
    top = np.argsort(-importance(scrambler, others, 0.5), axis=1)[:, :8]
    assert np.take_along_axis(is_site, top, axis=1).mean() > 0.8


def test_the_mean_pull_is_the_gradient_of_the_expected_loss():
    """Of a network that is linear in what is kept, so that the expectation is known."""
    n_draws, n_times, length = 4, 4000, 6
    values = torch.tensor([0.0, 1.0, -1.0, 2.0, 0.5, 0.0])
    keep = torch.full((1, length), 0.5, requires_grad=True)
    rng = torch.Generator().manual_seed(0)
    pulls = []
    for _ in range(n_times):
        kept = (torch.rand(1, n_draws, length, generator=rng) < 0.5).float()
        losses = (kept * values).sum(dim=2)
        (pull,) = torch.autograd.grad(reinforced(losses, kept, keep).sum(), keep)
        pulls.append(pull[0])
    error = torch.stack(pulls).std(dim=0) / len(pulls) ** 0.5
    assert ((torch.stack(pulls).mean(dim=0) - values).abs() < 4 * error).all()


def test_one_draw_has_nothing_to_be_compared_with():
    with pytest.raises(mb.InputError, match="`n_draws` is 1; expected 2 or more"):
        mb.ScramblerOptions(sampling="reinforce", n_draws=1)
