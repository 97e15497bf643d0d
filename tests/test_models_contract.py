"""What every network promises, whatever is inside."""

from __future__ import annotations

import pytest
import torch
from networks import NETWORKS, awake, flipped, sequences
from torch.testing import assert_close

from motifbook import InputError, models
from motifbook.models import CNN, MotifSyntaxNet

# Attention reads where along the sequence a motif is: letters put in front, even unknown ones,
# and turning the sequence round move every motif. The others know no position.
PLACES = ("attention", "published", "positions")
PLACELESS = [name for name in NETWORKS if not any(word in name for word in PLACES)]
TIED = [
    name for name in PLACELESS if NETWORKS[name](1).motifs.reverse_complement
]  # both strands share weights


@pytest.fixture(params=NETWORKS)
def network(request):
    return awake(NETWORKS[request.param])


@pytest.mark.parametrize("n_readouts", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_predictions_have_a_row_per_sequence_and_a_column_per_readout(name, n_readouts):
    network = awake(NETWORKS[name], n_readouts)
    prediction = network(sequences(network, n=5))
    assert prediction.shape == (5, n_readouts)
    assert prediction.dtype == torch.float32
    assert prediction.std(dim=0).min() > 0  # the sequences matter


def test_rows_of_a_batch_do_not_see_each_other(network):
    onehot = sequences(network)
    assert_close(network(onehot)[2:4], network(onehot[2:4]))


def test_a_prediction_is_made_from_activations_alone(network):
    onehot = sequences(network)
    assert_close(
        network(onehot),
        network.head(network.motifs.strands(onehot), network.motifs.blocked(onehot)),
        rtol=0,
        atol=0,
    )


def test_activations_are_the_better_strand_and_never_negative(network):
    onehot, layer = sequences(network), network.motifs
    strands, joined = layer.strands(onehot), layer(onehot)
    assert strands.shape == (6, layer.n_channels, 60 - layer.width + 1)
    assert joined.shape == (6, layer.n_filters, 60 - layer.width + 1)
    assert strands.min() >= 0
    for number in range(layer.n_filters):
        assert_close(joined[:, number], strands[:, layer.channels_of([number])].amax(dim=1))


@pytest.mark.parametrize(("before", "after"), [(0, 9), (9, 0), (4, 5)])
@pytest.mark.parametrize("name", PLACELESS)
def test_unknown_letters_at_the_ends_change_nothing(name, before, after):
    network = awake(NETWORKS[name])
    onehot = sequences(network)
    padded = torch.nn.functional.pad(onehot, (before, after))
    assert_close(network(padded), network(onehot), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", TIED)
def test_the_other_strand_predicts_the_same(name):
    network = awake(NETWORKS[name])
    onehot = sequences(network)
    assert_close(network(flipped(network, onehot)), network(onehot), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["attention", "published", "pairs and attention"])
def test_attention_reads_positions_so_strands_differ(name):
    network = awake(NETWORKS[name])
    onehot = sequences(network)
    assert (network(flipped(network, onehot)) - network(onehot)).abs().max() > 1e-3


def test_windows_with_an_unknown_letter_never_fire(network):
    onehot, width = sequences(network), network.motifs.width
    with torch.no_grad():
        network.motifs.bias.fill_(1.0)
    onehot[:, :, 30] = 0
    firing = network.motifs.strands(onehot)
    assert firing[:, :, 31 - width : 31].abs().max() == 0
    assert firing[:, :, : 31 - width].max() > 0


def test_axes_in_the_wrong_order_are_refused_with_the_way_out(network):
    onehot = sequences(network).transpose(1, 2)
    with pytest.raises(InputError, match=r"letters are on the last axis.*transpose\(0, 2, 1\)"):
        network(onehot)


def test_a_single_sequence_without_its_first_axis_is_refused(network):
    with pytest.raises(InputError, match=r"`onehot` has shape .*first axis: use `onehot\[None\]`"):
        network(sequences(network)[0])


def test_sequences_shorter_than_a_filter_are_refused(network):
    width = network.motifs.width
    with pytest.raises(
        InputError, match=rf"have {width - 1} letters, the filters {width}.*`width={width - 1}`"
    ):
        network(sequences(network, length=width - 1))


def test_settings_build_the_same_network_again(network):
    again = type(network)(**network.settings).eval()
    again.load_state_dict(network.state_dict())
    onehot = sequences(network)
    assert_close(again(onehot), network(onehot), rtol=0, atol=0)


def test_phases_cover_the_training_and_name_real_groups(network):
    groups, phases = network.groups(), network.phases()
    assert sum(phase.share for phase in phases) == pytest.approx(1)
    trained = {name for phase in phases for name in phase.rates}
    assert trained <= set(groups)
    reached = {id(p) for name in trained for p in groups[name]}
    assert reached == {id(p) for p in network.parameters()}


def test_penalties_are_finite_and_reach_the_weights(network):
    network.train()
    network(sequences(network))
    early, late = network.penalty(0.0, n_rows=500), network.penalty(1.0, n_rows=500)
    assert 0 <= early.item() <= late.item()
    if late.requires_grad:
        late.backward()
        reached = [p.grad for p in network.parameters() if p.grad is not None]
        assert all(torch.isfinite(gradient).all() for gradient in reached)
        assert max(gradient.abs().max() for gradient in reached) > 0


@pytest.mark.parametrize("cls", models.ALL)
def test_impossible_sizes_are_refused(cls):
    with pytest.raises(InputError, match=r"`n_readouts` is 0; expected a whole number, 1 or more"):
        cls(n_readouts=0)
    with pytest.raises(InputError, match=r"`n_filters` is -1; expected a whole number"):
        cls(n_readouts=1, n_filters=-1)
    with pytest.raises(InputError, match=r"`width` is 2\.5; expected a whole number"):
        cls(n_readouts=1, width=2.5)
    with pytest.raises(InputError, match=r"`alphabet` is 'DNS'; expected one of .*Did you mean"):
        cls(n_readouts=1, alphabet="DNS")


def test_both_strands_of_an_alphabet_without_strands_are_refused():
    with pytest.raises(InputError, match="RNA sequences have no complement"):
        CNN(1, alphabet="RNA", reverse_complement=True)


def test_a_misspelled_syntax_is_refused():
    with pytest.raises(InputError, match=r"`syntax` is 'pair'; .*Did you mean 'pairs'"):
        MotifSyntaxNet(1, syntax="pair")
