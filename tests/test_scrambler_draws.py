"""Draws: how often letters are kept, what stands in their place, and where gradients go."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook.attribution.background import Background
from motifbook.attribution.draws import SAMPLINGS, scramble

COLUMN = np.array([0.1, 0.2, 0.3, 0.4], np.float32)[:, None]
BACKGROUND = Background("array", np.repeat(COLUMN, 12, axis=1))


def onehot(n: int = 3, length: int = 12) -> torch.Tensor:
    codes = np.random.default_rng(0).integers(0, 4, (n, length))
    return torch.eye(4)[torch.as_tensor(codes)].transpose(1, 2).contiguous()


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_draws_of_a_sequence_share_its_letters_evenly():
    """With 4 draws a letter of probability 1/2 is kept in exactly two."""
    nothing = Background(
        "sampler",
        BACKGROUND.probabilities,
        lambda x, n, rng: np.zeros((len(x), n, x.shape[1]), dtype=np.uint8),
    )  # draws A
    kept = torch.zeros(3, 4, 12)
    kept[:, 3] = 1  # all T
    drawn = scramble(kept, torch.full((3, 12), 0.5), nothing, 4, generator())
    assert (drawn[:, 3].reshape(3, 4, 12).sum(dim=1) == 2).all()
    drawn = scramble(kept, torch.full((3, 12), 0.6), nothing, 4, generator())
    counts = drawn[:, 3].reshape(3, 4, 12).sum(dim=1)
    assert set(counts.flatten().tolist()) == {2.0, 3.0}


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_draws_have_the_columns_of_the_mixture(sampling):
    letters, keep = onehot(), torch.linspace(0.1, 0.9, 12).expand(3, 12)
    drawn = scramble(letters, keep, BACKGROUND, 3000, generator(), sampling=sampling)
    expected = keep[:, None] * letters + (1 - keep[:, None]) * torch.as_tensor(COLUMN)
    seen = drawn.reshape(3, 3000, 4, 12).mean(dim=1)
    error = 0.06 if sampling == "gumbel" else 0.035  # relaxed letters are pulled to the middle
    assert (seen - expected).abs().max() < error


@pytest.mark.parametrize("sampling", ["gate", "straight-through"])
def test_draws_are_letters_and_all_or_nothing_keeps_all_or_nothing(sampling):
    letters = onehot()
    everything = scramble(letters, torch.ones(3, 12), BACKGROUND, 2, generator(), sampling=sampling)
    assert torch.equal(everything.round(), letters.repeat_interleave(2, dim=0))
    nothing = scramble(letters, torch.zeros(3, 12), BACKGROUND, 2, generator(), sampling=sampling)
    assert torch.equal(nothing.sum(dim=1).round(), torch.ones(6, 12))
    assert not torch.equal(nothing[0], nothing[1])


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_unknown_letters_stay_zeros(sampling):
    letters = onehot()
    letters[:, :, :4] = 0
    drawn = scramble(
        letters, torch.full((3, 12), 0.3), BACKGROUND, 4, generator(), sampling=sampling
    )
    assert (drawn[:, :, :4] == 0).all()
    torch.testing.assert_close(drawn[:, :, 4:].sum(dim=1), torch.ones(12, 8))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_gradients_reach_the_mask(sampling):
    keep = torch.full((3, 12), 0.4, requires_grad=True)
    drawn = scramble(onehot(), keep, BACKGROUND, 4, generator(), sampling=sampling)
    (drawn * torch.arange(4.0)[:, None]).sum().backward()
    assert keep.grad is not None
    assert (keep.grad != 0).float().mean() > 0.5


def test_the_same_generator_draws_the_same():
    keep = torch.full((3, 12), 0.4)
    state = torch.random.get_rng_state()
    first = scramble(onehot(), keep, BACKGROUND, 4, generator())
    assert torch.equal(first, scramble(onehot(), keep, BACKGROUND, 4, generator()))
    assert not torch.equal(first, scramble(onehot(), keep, BACKGROUND, 4, generator(1)))
    assert torch.equal(state, torch.random.get_rng_state())
