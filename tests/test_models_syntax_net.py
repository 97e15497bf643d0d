"""MotifSyntaxNet: what its parts add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as nnf
from networks import awake, sequences
from torch import nn
from torch.testing import assert_close

from motifbook import InputError
from motifbook.discover.filters import weight_ppms
from motifbook.discover.syntax.agreement import attention_of
from motifbook.discover.syntax.weights import pair_table, response_curves
from motifbook.models import MotifSyntaxNet, Phase, SyntaxOptions, penalties
from motifbook.models.motif_syntax_net import TUNED_ROWS
from motifbook.models.network import Record
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode, onehot


def pairs_net(n_filters: int = 4) -> MotifSyntaxNet:
    return awake(lambda n: MotifSyntaxNet(n, n_filters=n_filters, width=7))


def test_scaling_a_filter_with_its_threshold_and_largest_changes_nothing():
    network = pairs_net()
    x = sequences(network)
    before = (
        network(x),
        penalties.claim(network.motifs.weight, network.relative(network.motifs.strands(x))),
    )
    with torch.no_grad():
        for parameter in (network.motifs.weight, network.motifs.bias, network.largest):
            parameter[1] *= 30
    after = (
        network(x),
        penalties.claim(network.motifs.weight, network.relative(network.motifs.strands(x))),
    )
    assert_close(after, before, rtol=1e-4, atol=1e-4)


def test_relative_activations_of_both_strands_are_divided_by_their_filters_largest():
    network = pairs_net()
    network.largest.copy_(torch.tensor([1.0, 2.0, 4.0, 8.0]))
    relative = network.relative(torch.ones(1, 8, 3))
    assert relative[0, :, 0].tolist() == [1, 0.5, 0.25, 0.125] * 2


def test_the_largest_activation_is_followed_in_training_alone():
    network = pairs_net()
    x, strong = sequences(network), 5 * sequences(network)
    network(strong)
    assert network.largest.tolist() == [4] * 4
    network.train()
    network(strong)
    best = network.motifs(strong).amax(dim=(0, 2))
    assert_close(network.largest, torch.maximum(best, torch.tensor(0.999 * 4)))
    network(x)
    assert_close(network.largest, 0.999 * torch.maximum(best, torch.tensor(0.999 * 4)))


def test_seeding_drops_filters_that_no_motif_asks_for():
    network = MotifSyntaxNet(2, n_filters=20, width=7)
    x = torch.as_tensor(onehot(encode(["ACGTTGCATTACGGATCATC"] * 4)))
    network.seed([np.full((4, 7), 0.25), np.eye(4)[:, [2, 0, 3, 0]]], x)
    assert network.motifs.n_filters == 2 + 3 == network.settings["n_filters"]
    assert network(x).shape == (4, 2)
    assert_close(network.largest, network.motifs(x).amax(dim=(0, 2)).clamp_min(1e-3))
    type(network)(**network.settings).load_state_dict(network.state_dict())


def test_seeding_never_adds_filters():
    network = MotifSyntaxNet(1, n_filters=3, width=5)
    x = torch.as_tensor(onehot(encode(["ACGTTGCATTACGGATCATC"])))
    network.seed([np.eye(4)[:, [2, 0, 3, 0]]] * 3, x)
    assert network.motifs.n_filters == 3


def test_attention_beside_the_pairs_starts_at_nothing_and_adds_to_them():
    both = MotifSyntaxNet(2, n_filters=4, width=7, syntax="both").eval()
    pairs = MotifSyntaxNet(2, n_filters=4, width=7).eval()
    x = sequences(both, n=200)
    readout = (x[:, :2].sum(dim=2) > x[:, :2].sum(dim=2).median()).float()
    both.seed([np.eye(4)[:, [2, 0, 3, 0]]], x)
    both.begin_phase(Phase("training", 1.0, {}), x, readout)
    pairs.load_state_dict(both.state_dict(), strict=False)
    assert both(x).std() > 0
    assert_close(both(x), pairs(x), rtol=0, atol=0)
    with torch.no_grad():
        both.attention.readout.bias += torch.tensor([1.0, -2.0])
    assert_close(both(x), pairs(x) + torch.tensor([1.0, -2.0]))


def test_attention_beside_the_pairs_learns_what_a_table_cannot_hold():
    """Where along the sequence a motif is: the pair reader is blind for it."""
    network = MotifSyntaxNet(1, n_filters=2, width=4, syntax="both")
    x = sequences(network, n=400)
    network.seed([np.eye(4)[:, [2, 0, 3, 0]]], x, n_spare=0)
    x[:, :, 5:9] = x[:, :, 50:54] = torch.eye(4)[[2, 3, 1, 2]].T  # no GATA on either strand
    is_left = torch.arange(400) % 2 == 0
    for place, rows in ((5, is_left), (50, ~is_left)):
        x[rows, :, place : place + 4] = torch.eye(4)[[2, 0, 3, 0]].T
    optimizer = torch.optim.Adam(network.groups()["attention"], 1e-2)
    for _ in range(60):
        loss = nnf.binary_cross_entropy_with_logits(network(x)[:, 0], is_left.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert ((network.eval()(x)[:, 0] > 0) == is_left).float().mean() > 0.9


@pytest.mark.parametrize("syntax", ["pairs", "attention", "both"])
def test_penalties_rise_from_nothing_and_are_those_of_the_options(syntax):
    network = awake(lambda n: MotifSyntaxNet(n, n_filters=4, width=7, syntax=syntax))
    assert network.penalty(1.0, TUNED_ROWS) == 0  # nothing was predicted yet
    network.train()
    x = sequences(network)
    network(x)
    assert network.penalty(0.0, TUNED_ROWS) == 0
    o = network.options
    fired = network.relative(network.motifs.strands(x))
    expected = o.claim * penalties.claim(network.motifs.weight, fired)
    expected = expected + o.sparse * penalties.sparse_filters(network.motifs.weight)
    if syntax != "attention":
        reader = network.reader
        expected = expected + o.response * reader.response_size()
        expected = expected + o.bend * reader.bends.abs().sum()
        expected = expected + o.pair * reader.pairs.table().abs().sum()
    assert_close(network.penalty(1.0, TUNED_ROWS), expected)
    assert_close(network.penalty(1.0, 4 * TUNED_ROWS), expected / 8**0.5)


def test_the_published_layout_is_that_of_the_paper():
    network = MotifSyntaxNet.published(1)
    assert network.motifs.filters().shape == (8, 4, 10)
    assert network.motifs.n_channels == 8  # one strand each
    assert isinstance(network.normalize, nn.BatchNorm1d)
    assert len(network.reader.layers) == 4
    assert all(layer.key is layer.value for layer in network.reader.layers)
    assert network.show_both_strands
    assert not network.warm_start


def test_published_filters_can_start_from_motifs_too():
    network = MotifSyntaxNet.published(1)
    x = sequences(network)
    network.seed([np.eye(4)[:, [2, 0, 3, 0]]], x)
    assert network(x).shape == (6, 1)


def test_the_reader_starts_at_the_best_fit_to_the_motifs_as_they_are():
    network = MotifSyntaxNet(1, n_filters=2, width=4)
    x = sequences(network, n=300)
    network.seed([np.eye(4)[:, [2, 0, 3, 0]]], x)
    has_gata = (network.motifs(x).amax(dim=2)[:, :1] > 0.3).float()
    assert 0.1 < has_gata.mean() < 0.9
    network.begin_phase(Phase("training", 1.0, {}), x, has_gata)
    right = ((network.eval()(x) > 0) == has_gata.bool()).float().mean()
    assert right > 0.95


def test_options_may_be_given_as_a_dictionary():
    network = MotifSyntaxNet(1, options={"reach": 30, "claim": 1.0})
    assert network.options == SyntaxOptions(reach=30, claim=1.0)
    assert network.reader.pairs.reach == 30


def test_curves_and_pairs_beside_attention_are_read_as_without_it():
    both = awake(lambda n: MotifSyntaxNet(n, n_filters=4, width=7, syntax="both"))
    pairs = pairs_net()
    pairs.load_state_dict(both.state_dict(), strict=False)
    kinds, names = ["continuous"] * 2, ["left", "right"]
    both.record = pairs.record = Record(names, kinds, [0.0] * 2, [2.0, 1.0], 60)
    motifs = [
        Motif(f"motif_{f}", ppm, info={"filters": [f]}).trim(0)
        for f, ppm in enumerate(weight_ppms(both))
    ]
    for read in (pair_table, response_curves):
        ours, theirs = read(both, motifs), read(pairs, motifs)
        assert len(ours) > 0
        pd.testing.assert_frame_equal(ours, theirs)


def test_options_are_checked_by_name_and_range():
    with pytest.raises(InputError, match=r"`options` is 'reech'; .*Did you mean 'reach'"):
        MotifSyntaxNet(1, options={"reech": 5})
    with pytest.raises(InputError, match=r"`options` is 3; expected such as"):
        MotifSyntaxNet(1, options=3)
    with pytest.raises(InputError, match=r"`reach` is 0; expected a whole number, 4 or more"):
        MotifSyntaxNet(1, options={"reach": 0})


def test_only_a_network_that_reads_by_attention_says_where_its_heads_look():
    looking = MotifSyntaxNet(1, n_filters=4, width=7, syntax="attention").eval()
    x = sequences(looking)
    assert_close(looking.attention_shares(looking.motifs.strands(x)).sum(dim=3).mean().item(), 1.0)
    network = pairs_net()
    with pytest.raises(
        InputError, match="`syntax` of the network is 'pairs'; expected 'attention'"
    ):
        network.attention_shares(network.motifs.strands(x))


def test_looking_at_a_network_in_training_does_not_train_it():
    network = MotifSyntaxNet(1, n_filters=4, width=7, syntax="attention").train()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    attention_of(network, np.zeros((3, 30), dtype=np.uint8))
    assert network.training
    assert_close(network.state_dict(), before, rtol=0, atol=0)
