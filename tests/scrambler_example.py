"""A network that looks for one word, and scramblers trained on it, for the tests of reading."""

from __future__ import annotations

from functools import cache

import anndata as ad
import numpy as np
import torch
from torch import nn
from toys import book, word

import motifbook as mb

WORD, LENGTH = "GATAAC", 50
BITS = 0.24  # of 50 letters: as much as the word holds


class Finder(nn.Module):
    """Logit 4 where the word stands anywhere, -4 where nothing resembles it."""

    def __init__(self, text: str = WORD) -> None:
        super().__init__()
        self.filter = nn.Parameter(word(text))
        self.width = len(text)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        matches = nn.functional.conv1d(onehot, self.filter)[:, 0]  # letters that agree
        half = self.width / 2
        best = nn.functional.relu(matches - half).amax(dim=1, keepdim=True) / half
        return 8 * best - 4


def finder(text: str = WORD, length: int = LENGTH) -> mb.Foreign:
    return mb.Foreign(
        Finder(text), readouts=["bound"], kinds="binary", length=length, probabilities=False
    )


def planted(
    n: int, copies: int = 1, seed: int = 0, text: str = WORD
) -> tuple[ad.AnnData, np.ndarray]:
    """Random sequences with the word, and where: (n, copies, length) bool."""
    rng = np.random.default_rng(seed)
    sequences, places = [], np.zeros((n, copies, LENGTH), dtype=bool)
    for number in range(n):
        letters = rng.choice(list("ACGT"), LENGTH)
        starts = rng.integers(2, LENGTH // copies - len(text) - 2, copies)
        for copy in range(copies):
            first = starts[copy] + copy * LENGTH // copies
            letters[first : first + len(text)] = list(text)
            places[number, copy, first : first + len(text)] = True
        sequences.append("".join(letters))
    return book(sequences), places


@cache
def trained(
    bits: float | str | None = None, **options
) -> mb.attribution.scrambler.scrambler.Scrambler:
    """A scrambler of the finder; trained once per test run and settings."""
    adata, _ = planted(150, seed=1)
    settings = mb.ScramblerOptions(**{"n_steps": 100, "n_rows": 16, **options})
    return mb.fit_scrambler(finder(), adata, bits=bits, options=settings, seed=0, progress=False)
