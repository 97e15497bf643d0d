"""Attention with absorbed projections is attention token by token."""

from __future__ import annotations

import pytest
import torch
from networks import awake, sequences
from torch.testing import assert_close

from motifbook.models import MotifSyntaxNet
from motifbook.models.attention_syntax import AttentionSyntax, position_code

N_CHANNELS, N_STARTS = 3, 12


def reader(*, values_as_keys: bool, n_layers: int = 3) -> AttentionSyntax:
    generator = torch.Generator().manual_seed(0)
    made = AttentionSyntax(
        N_CHANNELS, 2, n_layers=n_layers, n_heads=2, size=8, memory=10, position=6,
        values_as_keys=values_as_keys,
    )  # fmt: skip
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return made.eval()


def activations(n: int = 4) -> torch.Tensor:
    return torch.rand(n, N_CHANNELS, N_STARTS, generator=torch.Generator().manual_seed(1))


def token_by_token(made: AttentionSyntax, activation: torch.Tensor, *, values_as_keys: bool):
    """Tseng et al. 2024 (methods 1.3) for one head of one layer at a time, no shortcut.

    Returns the prediction, (n, n_readouts), and the attention, (n, n_layers, n_heads, n_starts).
    """
    predictions, shares = [], []
    for one in activation:
        code = position_code(N_STARTS, made.position)
        tokens = [torch.cat([one[:, i], code[:, i]]) for i in range(N_STARTS)]
        embedded = [made.embed(token) for token in tokens]
        memory, seen = made.first_memory, []
        for layer in made.layers:
            query = layer.query(memory)
            values = [layer.value(token) for token in embedded]
            keys = values if values_as_keys else [layer.key(token) for token in embedded]
            heard = []
            for head in range(layer.n_heads):
                own = slice(head * layer.depth, (head + 1) * layer.depth)
                scores = torch.stack([query[own] @ key[own] / layer.depth**0.5 for key in keys])
                share = torch.softmax(scores, dim=0)
                heard.append(sum(s * value[own] for s, value in zip(share, values)))
                seen.append(share)
            memory = memory + layer.write(layer.answer(torch.cat(heard)))
        predictions.append(made.readout(made.norm(memory)))
        shares.append(torch.stack(seen).view(len(made.layers), -1, N_STARTS))
    return torch.stack(predictions), torch.stack(shares)


@pytest.mark.parametrize("values_as_keys", [True, False])
def test_absorbed_attention_is_attention_token_by_token(values_as_keys):
    made, activation = reader(values_as_keys=values_as_keys), activations()
    prediction, shares = token_by_token(made, activation, values_as_keys=values_as_keys)
    assert_close(made(activation), prediction, rtol=1e-5, atol=1e-5)
    assert_close(made.attention(activation), shares, rtol=1e-5, atol=1e-5)


def test_keys_of_their_own_attend_elsewhere():
    activation = activations()
    published, own = reader(values_as_keys=True), reader(values_as_keys=False)
    assert sum(p.numel() for p in own.parameters()) > sum(p.numel() for p in published.parameters())
    assert (own.attention(activation) - published.attention(activation)).abs().max() > 0.01


def test_attention_of_every_head_sums_to_one():
    shares = reader(values_as_keys=False).attention(activations())
    assert shares.shape == (4, 3, 2, N_STARTS)
    assert_close(shares.sum(dim=3), torch.ones(4, 3, 2))


def test_probes_are_what_the_first_layer_scores_tokens_with():
    made, activation = reader(values_as_keys=False, n_layers=1), activations()
    probes = made.probes()
    assert probes.shape == (2, N_CHANNELS + 6)
    shares = torch.softmax(probes @ made.tokens(activation), dim=2)
    assert_close(made.attention(activation)[:, 0], shares)
    assert_close(made.probes(made.first_memory), probes)


def test_position_codes_are_sines_and_cosines_of_falling_rate():
    code = position_code(5, 4)
    position = torch.arange(5.0) - 2
    expected = [position.sin(), position.cos(), (position / 100).sin(), (position / 100).cos()]
    assert_close(code, torch.stack(expected))


def test_no_head_looks_at_padding():
    network = awake(lambda n: MotifSyntaxNet(n, n_filters=4, width=7, syntax="attention"))
    onehot = sequences(network)
    padded = torch.nn.functional.pad(onehot, (9, 9))
    assert_close(network(padded), network(onehot))
