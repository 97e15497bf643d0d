"""Filters that slide over both strands: what they answer can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from motifbook import InputError
from motifbook.alphabet import DNA, RNA
from motifbook.models import CNN, MotifLayer
from motifbook.models.motif_layer import FIRING_SHARE
from motifbook.onehot import encode, onehot

GATA = torch.eye(4)[[2, 0, 3, 0]].T


def letters(*sequences: str, alphabet=DNA) -> torch.Tensor:
    return torch.as_tensor(onehot(encode(list(sequences), alphabet), alphabet.n_letters))


def counting_layer(*, reverse_complement: bool, filters: int = 1) -> MotifLayer:
    """Every filter counts the letters of GATA."""
    layer = MotifLayer(filters, 4, DNA, reverse_complement)
    with torch.no_grad():
        layer.weight.copy_(GATA.expand(filters, -1, -1))
        layer.bias.zero_()
    return layer


def test_a_filter_set_by_hand_counts_matching_letters():
    layer = counting_layer(reverse_complement=False)
    assert layer(letters("CGATAC")).squeeze().tolist() == [0, 4, 0]
    assert layer(letters("GATT")).item() == 3


def test_a_network_set_by_hand_reads_the_best_match():
    network = CNN(1, n_filters=1, width=4)
    with torch.no_grad():
        network.motifs.weight.copy_(GATA[None])
        network.motifs.bias.zero_()
        network.readout.weight.fill_(2.0)
        network.readout.bias.fill_(-1.0)
    assert network(letters("CCCGATACCC", "CCCTATCCCC")).squeeze().tolist() == [7, 7]


def test_the_other_strand_is_the_second_half_of_the_channels_at_the_same_start():
    strands = counting_layer(reverse_complement=True, filters=2).strands(letters("CCCTATCCC"))
    assert strands.shape == (1, 4, 6)
    assert strands[0, 2:, 3].tolist() == [4, 4] == strands[0, 2:].amax(dim=1).tolist()
    assert strands[0, :2].max() < 4


def test_the_threshold_is_taken_off_and_nothing_is_negative():
    layer = counting_layer(reverse_complement=False)
    with torch.no_grad():
        layer.bias.fill_(-3.0)
    assert layer(letters("CGATAC")).squeeze().tolist() == [0, 1, 0]


def test_channels_of_a_filter_are_its_two_strands():
    assert MotifLayer(3, 4, DNA, True).channels_of([1]) == [1, 4]
    assert MotifLayer(3, 4, RNA, False).channels_of([0, 2]) == [0, 2]


def test_seeded_filters_are_log_odds_of_unit_length_in_the_middle():
    layer = MotifLayer(3, 6, DNA, True)
    background = letters(
        *["".join(s) for s in np.random.default_rng(0).choice(list("ACGT"), (50, 90))]
    )
    ppm = GATA.numpy() * 0.96 + 0.01
    layer.seed([ppm], background)
    odds = np.log(np.maximum(ppm, 0.02) / 0.25)
    odds -= odds.mean(axis=0)
    assert_close(layer.weight[0, :, 1:5], torch.as_tensor(odds / np.linalg.norm(odds)).float())
    assert layer.weight[0, :, [0, 5]].abs().max() == 0
    assert layer.weight[0].norm().item() == pytest.approx(1)
    assert_close(layer.weight[1:].flatten(1).norm(dim=1), torch.full((2,), 0.3))  # spare: small


def test_a_long_motif_keeps_its_strongest_columns():
    layer = MotifLayer(1, 4, DNA, False)
    flat = np.full((4, 3), 0.25)
    ppm = np.concatenate([flat, GATA.numpy(), flat, flat], axis=1)
    layer.seed([ppm], letters("ACGTACGTACGT"))
    assert layer.weight[0].argmax(dim=0).tolist() == [2, 0, 3, 0]


@pytest.mark.parametrize("both", [True, False])
def test_seeded_filters_fire_at_two_percent_of_all_positions(both):
    rng = np.random.default_rng(1)
    background = torch.as_tensor(onehot(rng.integers(0, 4, (400, 100)).astype(np.uint8)))
    layer = MotifLayer(5, 10, DNA, both)
    ppms = rng.dirichlet(np.ones(4), (3, 10)).transpose(0, 2, 1)
    layer.seed(list(ppms), background)
    firing = (layer.strands(background) > 0).float()
    share = firing.reshape(len(firing), -1, 5, firing.shape[2]).mean(dim=(0, 1, 3))
    assert_close(share, torch.full((5,), FIRING_SHARE), atol=0.002, rtol=0)


def test_filters_longer_than_the_sequences_are_refused():
    with pytest.raises(
        InputError, match=r"have 3 letters, the filters 4; expected .*`width=3` or less"
    ):
        counting_layer(reverse_complement=False)(letters("GAT"))
