"""Networks whose answer is mental arithmetic, for the tests of experiments."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from motifbook.onehot import encode


def word(text: str) -> torch.Tensor:
    """Filter that gives its width where `text` stands, (1, 4, width)."""
    return torch.eye(4)[torch.as_tensor(encode([text])[0].astype(int))].T[None]


class Words(nn.Module):
    """First output 1 + 2 [GATA] - 3 [TTT] + 1.5 [GATA, 4 letters, TTT]; second: number of Gs."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        gata = nn.functional.conv1d(onehot, word("GATA"))[:, 0] > 3.5  # (n, length - 3)
        ttt = nn.functional.conv1d(onehot, word("TTT"))[:, 0] > 2.5
        both = (gata[:, :-7] & ttt[:, 8:]).any(1) if onehot.shape[2] > 12 else gata.any(1) & False
        logit = 1 + 2.0 * gata.any(1) - 3.0 * ttt.any(1) + 1.5 * both
        return torch.stack([logit, onehot[:, 2].sum(dim=1)], dim=1)


def words(length: int = 40) -> mb.Foreign:
    """The network above: a binary and a continuous readout."""
    return mb.Foreign(
        Words(),
        readouts=["bound", "n_g"],
        kinds=["binary", "continuous"],
        length=length,
        probabilities=False,
    )


def linear(length: int = 40, seed: int = 0) -> mb.Foreign:
    """A weight for every letter at every position."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(4 * length, 1, bias=False))
    weight = np.random.default_rng(seed).normal(size=(1, 4 * length))
    network[1].weight = nn.Parameter(torch.as_tensor(weight, dtype=torch.float32))
    return mb.Foreign(network, readouts=["activity"], kinds="continuous", length=length)


def quiet(n: int, length: int = 40, seed: int = 0) -> list[str]:
    """Sequences of A and C, which hold none of the words above."""
    rng = np.random.default_rng(seed)
    return ["".join(row) for row in rng.choice(list("AC"), (n, length))]


def book(sequences: list[str], alphabet: str = "DNA") -> ad.AnnData:
    names = [f"s{number}" for number in range(len(sequences))]
    adata = ad.AnnData(obs=pd.DataFrame({"sequence": sequences}, index=names))
    adata.uns["alphabet"] = alphabet
    return adata
