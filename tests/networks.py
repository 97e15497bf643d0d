"""Small networks and sequences whose answers are easy to check, for the tests of models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from motifbook import models
from motifbook.models import CNN, ContextualRegression, MotifSyntaxNet
from motifbook.models.motif_syntax_net import SyntaxOptions
from motifbook.models.network import MotifNetwork
from motifbook.models.pair_reader import PairReader

Build = Callable[[int], MotifNetwork]

SMALL: dict[str, Build] = {
    "CNN, hidden": lambda n: CNN(n, n_filters=4, width=7, hidden=5),
    "CNN, one strand": lambda n: CNN(n, n_filters=4, width=7, reverse_complement=False),
    "CNN, RNA": lambda n: CNN(n, n_filters=4, width=7, alphabet="RNA"),
    "CNN, protein": lambda n: CNN(n, n_filters=4, width=7, alphabet="protein"),
    "pairs": lambda n: MotifSyntaxNet(n, n_filters=4, width=7, options=SyntaxOptions(reach=20)),
    "pairs, RNA": lambda n: MotifSyntaxNet(n, n_filters=4, width=7, alphabet="RNA"),
    "attention": lambda n: MotifSyntaxNet(n, n_filters=4, width=7, syntax="attention"),
    "attention, RNA": lambda n: MotifSyntaxNet(
        n, n_filters=4, width=7, syntax="attention", alphabet="RNA"
    ),
    "pairs and attention": lambda n: MotifSyntaxNet(n, n_filters=4, width=7, syntax="both"),
    "published": lambda n: MotifSyntaxNet.published(n, n_filters=4, width=7, n_layers=2),
    "formula": lambda n: ContextualRegression(n, n_filters=4, width=7),
    "formula, positions": lambda n: ContextualRegression(n, n_filters=4, width=7, positions=3),
    "formula, RNA": lambda n: ContextualRegression(n, n_filters=4, width=7, alphabet="RNA"),
    "formula, protein": lambda n: ContextualRegression(n, n_filters=4, alphabet="protein"),
    "formula, residual": lambda n: ContextualRegression(n, n_filters=4, context="residual"),
    "formula, published": lambda n: ContextualRegression(n, n_filters=4, context="published"),
}
# Every network with its defaults joins by being listed in `models.ALL`.
NETWORKS: dict[str, Build] = {cls.__name__: cls for cls in models.ALL} | SMALL


def awake(build: Build, n_readouts: int = 2, seed: int = 0) -> MotifNetwork:
    """A network, in evaluation mode, none of whose parts is zero or closed."""
    generator = torch.Generator().manual_seed(seed)
    network = build(n_readouts).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
        network.motifs.bias.fill_(-0.5)
        if isinstance(network, MotifSyntaxNet):
            network.largest.fill_(4.0)
            if isinstance(network.reader, PairReader):
                network.reader.pairs.in_use.fill_(True)
                network.reader.pairs.weight.mul_(0.02)
    return network


def sequences(network: MotifNetwork, n: int = 6, length: int = 60, seed: int = 0) -> torch.Tensor:
    """Random one-hot sequences in the network's alphabet, (n, n_letters, length)."""
    n_letters = network.alphabet.n_letters
    codes = np.random.default_rng(seed).integers(0, n_letters, (n, length))
    return torch.eye(n_letters)[torch.as_tensor(codes)].transpose(1, 2).contiguous()


def flipped(network: MotifNetwork, onehot: torch.Tensor) -> torch.Tensor:
    """The other strand, (n, n_letters, length)."""
    order = network.alphabet.complement_codes[:-1].tolist()
    return onehot[:, order].flip(2)
