"""Penalties against their definitions, written out as loops."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from motifbook.models.motif_syntax_net import published_penalty
from motifbook.models.penalties import claim, overlap, sparse_filters


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) - 0.3


def firing(*events: tuple[int, int], n_channels: int, n_starts: int = 30) -> torch.Tensor:
    """One sequence in which the channels of `events` (channel, start) fire with strength 1."""
    activation = torch.zeros(1, n_channels, n_starts)
    for channel, start in events:
        activation[0, channel, start] = 1
    return activation


def claim_by_hand(weight: torch.Tensor, activation: torch.Tensor) -> float:
    """Sum the products of the claims of every two filters at every letter."""
    n_filters, _, width = weight.shape
    n, n_channels, n_starts = activation.shape
    length, total = n_starts + width - 1, 0.0
    for row in range(n):
        claims = torch.zeros(n_filters, length)
        for channel in range(n_channels):
            mass = weight[channel % n_filters].abs().sum(dim=0)
            mass = mass / mass.sum()
            mass = mass.flip(0) if channel >= n_filters else mass
            for start in range(n_starts):
                claims[channel % n_filters, start : start + width] += (
                    mass * activation[row, channel, start]
                )
        for f in range(n_filters):
            for g in range(f):
                total += float((claims[f] * claims[g]).sum())
    return width * total / (n * length)


def overlap_by_hand(weight: torch.Tensor, activation: torch.Tensor) -> float:
    """Tseng et al. 2024 (methods 2.1): the strongest filter pays for all others at all lags."""
    n_filters, _, width = weight.shape
    n, _, n_starts = activation.shape
    mass = weight.abs().sum(dim=1)

    def shared(f: int, lag: int) -> float:
        """Mass of filter f on the letters it shares with a partner `lag` letters on."""
        return float(mass[f, lag:].sum() if lag >= 0 else mass[f, : width + lag].sum())

    total = 0.0
    for row in range(n):
        for i in range(n_starts):
            top = int(activation[row, :, i].argmax())
            for g in set(range(n_filters)) - {top}:
                for lag in range(-(width - 1), width):
                    if 0 <= i + lag < n_starts:
                        value = float(activation[row, g, i + lag])
                        total += shared(top, lag) * shared(g, -lag) * value
    return total / (n * n_starts * n_filters * (2 * width - 1) * float(mass.sum()))


@pytest.mark.parametrize("n_strands", [1, 2])
def test_the_claim_is_the_product_of_claims_on_every_letter(n_strands):
    weight, activation = random(3, 4, 5), random(2, 3 * n_strands, 11, seed=1).clamp_min(0)
    assert claim(weight, activation).item() == pytest.approx(
        claim_by_hand(weight, activation), rel=1e-5
    )


def test_filters_that_share_no_letter_pay_nothing():
    weight = random(2, 4, 6)
    assert claim(weight, firing((0, 3), (1, 9), n_channels=2)) == 0
    assert claim(weight, firing((0, 3), (1, 8), n_channels=2)) > 0


def test_columns_without_weight_claim_nothing():
    weight = random(2, 4, 6)
    weight[0, :, 3:] = 0
    weight[1, :, :3] = 0
    assert claim(weight, firing((0, 5), (1, 5), n_channels=2)) == 0


def test_a_filter_may_fire_on_both_strands_of_one_place():
    weight = random(2, 4, 6)
    both_strands_of_filter_0 = firing((0, 5), (2, 5), n_channels=4)
    assert claim(weight, both_strands_of_filter_0).item() == pytest.approx(0, abs=1e-8)
    assert claim(weight, firing((0, 5), (3, 5), n_channels=4)) > 0


def test_scaling_filters_changes_neither_claim_nor_sparseness():
    weight, activation = random(3, 4, 5), random(2, 3, 11, seed=1).clamp_min(0)
    scaled = weight * torch.tensor([0.1, 3.0, 100.0])[:, None, None]
    assert_close(claim(scaled, activation), claim(weight, activation))
    assert_close(sparse_filters(scaled), sparse_filters(weight))


def test_sparseness_is_one_for_a_single_weight_and_the_root_of_the_number_for_equal_ones():
    single, equal = torch.zeros(1, 4, 9), torch.ones(1, 4, 9)
    single[0, 2, 3] = -5
    assert sparse_filters(single).item() == pytest.approx(1)
    assert sparse_filters(equal).item() == pytest.approx(6)


@pytest.mark.parametrize("seed", range(3))
def test_the_published_overlap_is_the_sum_over_all_lags(seed):
    weight, activation = random(3, 4, 4, seed=seed), random(2, 3, 9, seed=seed + 10).clamp_min(0)
    assert overlap(weight, activation).item() == pytest.approx(
        overlap_by_hand(weight, activation), rel=1e-5
    )


def test_the_published_overlap_of_one_filter_is_zero():
    assert overlap(random(1, 4, 4), random(2, 1, 9).clamp_min(0)) == 0


def test_the_published_penalty_waits_then_rises_a_hundred_thousandfold():
    weight, activation = random(3, 4, 4), random(2, 3, 9, seed=1).clamp_min(0)
    lasso, crowd = weight.abs().sum(), overlap(weight, activation)
    assert published_penalty(weight, activation, 0.2) == 0
    assert_close(published_penalty(weight, activation, 0.25), 10**0.5 * crowd + 1e-3 * lasso)
    assert_close(published_penalty(weight, activation, 0.9), 1e5 * crowd + 1e-2 * lasso)
