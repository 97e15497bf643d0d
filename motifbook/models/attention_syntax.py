"""The published syntax reader: attention from a memory to motif tokens, layer after layer."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn


class AttentionSyntax(nn.Module):
    """Readouts from motif tokens by repeated attention (Tseng et al. 2024).

    Each start position is a token: what fires there, and where it is. A memory of the sequence,
    the same at first for all, asks each layer one question per head, adds the answer, and is read
    out at the end.

    Parameters
    ----------
    n_channels
        Activations per position.
    n_readouts
        How many values are predicted.
    n_layers, n_heads, size, memory, position
        Layers, heads, width of tokens inside the layers, of the memory, of the position code.
    values_as_keys
        Score tokens by their values, as the published model does; otherwise by keys of their own.

    Notes
    -----
    Between tokens and attention everything is linear, so the projections are absorbed: head h of a
    layer scores a token t by ``probe_h . t`` with ``probe_h = (K_h W)^T q_h / sqrt(d)``, where W
    embeds tokens, K_h makes keys and q_h is the head's question. The first `n_channels` entries of
    a probe say which motif the head looks for (`probes`). The function is that of attention token
    by token, at a third of its cost.
    """

    def __init__(
        self,
        n_channels: int,
        n_readouts: int,
        *,
        n_layers: int = 2,
        n_heads: int = 4,
        size: int = 32,
        memory: int = 128,
        position: int = 16,
        values_as_keys: bool = False,
    ) -> None:
        super().__init__()
        self.n_channels, self.n_heads, self.position = n_channels, n_heads, position
        self.embed = nn.Linear(n_channels + position, size)
        self.first_memory: torch.Tensor
        self.register_buffer("first_memory", torch.ones(memory))
        self.layers = nn.ModuleList(
            _Layer(size, memory, n_heads, values_as_keys) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(memory)
        self.readout = nn.Linear(memory, n_readouts)

    def tokens(self, activation: torch.Tensor) -> torch.Tensor:
        """Activations with their position codes, (n, n_channels + position, n_starts)."""
        n, _, n_starts = activation.shape
        code = position_code(n_starts, self.position).to(activation)
        return torch.cat([activation, code.expand(n, -1, -1)], dim=1)

    def forward(
        self, activation: torch.Tensor, blocked: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from activations, (n, n_channels, n_starts).

        No head looks at `blocked` windows, (n, n_starts).
        """
        tokens = self.tokens(activation)
        memory = self.first_memory.expand(len(tokens), -1)
        for layer in self.layers:
            memory = memory + layer(memory, tokens, self.embed, blocked)
        prediction: torch.Tensor = self.readout(self.norm(memory))
        return prediction

    @torch.no_grad()
    def attention(self, activation: torch.Tensor) -> torch.Tensor:
        """Where each head looks, (n, n_layers, n_heads, n_starts); sums to 1 over positions."""
        tokens = self.tokens(activation)
        memory = self.first_memory.expand(len(tokens), -1)
        shares = []
        for layer in self.layers:
            shares.append(cast(_Layer, layer).shares(memory, tokens, self.embed))
            memory = memory + layer(memory, tokens, self.embed)
        return torch.stack(shares, dim=1)

    @torch.no_grad()
    def probes(self, memory: torch.Tensor | None = None) -> torch.Tensor:
        """What the first layer's heads look for, (n_heads, n_channels + position).

        The first layer asks the same questions of every sequence; `memory`, (memory,), may be
        another state.
        """
        state = self.first_memory if memory is None else memory
        first = cast(_Layer, self.layers[0])
        return first.probes(state[None], self.embed)[0]


class _Layer(nn.Module):
    """One question per head, the answer written into the memory."""

    def __init__(self, size: int, memory: int, n_heads: int, values_as_keys: bool) -> None:
        super().__init__()
        self.n_heads, self.depth = n_heads, size // n_heads
        self.query = nn.Linear(memory, size)
        self.value = nn.Linear(size, size)
        self.key = self.value if values_as_keys else nn.Linear(size, size)
        self.answer = nn.Sequential(nn.Linear(size, size), nn.LayerNorm(size))
        self.write = nn.Sequential(
            nn.Linear(size, size), nn.ReLU(), nn.Linear(size, memory), nn.LayerNorm(memory)
        )

    def probes(self, memory: torch.Tensor, embed: nn.Linear) -> torch.Tensor:
        """What each head looks for in a token, (n, n_heads, token size)."""
        query = self.query(memory).view(-1, self.n_heads, self.depth)
        key = self._per_head(self.key.weight @ embed.weight)  # (n_heads, depth, token size)
        probes: torch.Tensor = torch.einsum("nhd,hdt->nht", query, key) / self.depth**0.5
        return probes

    def _per_head(self, weight: torch.Tensor) -> torch.Tensor:
        return weight.view(self.n_heads, self.depth, -1)

    def shares(
        self,
        memory: torch.Tensor,
        tokens: torch.Tensor,
        embed: nn.Linear,
        blocked: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Attention over positions, (n, n_heads, n_starts); none on `blocked` ones."""
        scores = self.probes(memory, embed) @ tokens
        if blocked is not None:
            scores = scores.masked_fill(blocked[:, None], -1e9)
        return torch.softmax(scores, dim=2)

    def forward(
        self,
        memory: torch.Tensor,
        tokens: torch.Tensor,
        embed: nn.Linear,
        blocked: torch.Tensor | None = None,
    ) -> torch.Tensor:
        shares = self.shares(memory, tokens, embed, blocked)
        pooled = shares @ tokens.transpose(1, 2)  # (n, n_heads, token size)
        value = self._per_head(self.value.weight @ embed.weight)
        offset = (self.value.weight @ embed.bias + self.value.bias).view(self.n_heads, -1)
        heard = torch.einsum("nht,hdt->nhd", pooled, value) + offset
        written: torch.Tensor = self.write(self.answer(heard.flatten(1)))
        return written


def position_code(n_starts: int, size: int) -> torch.Tensor:
    """Sines and cosines of the position, (size, n_starts) (Vaswani et al. 2017, section 3.5).

    Positions count from the middle, so that padding on both sides moves none.
    """
    position = torch.arange(n_starts, dtype=torch.float32) - (n_starts - 1) / 2
    rate = 10_000.0 ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angle = rate[:, None] * position
    return torch.stack([angle.sin(), angle.cos()], dim=1).flatten(0, 1)
