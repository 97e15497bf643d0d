"""Networks that count words exactly, for the tests of designs: what is best is known."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from toys import word

import motifbook as mb
from motifbook.alphabet import DNA
from motifbook.onehot import encode, reverse_complement

FREE = mb.Constraints(gc=None, gc_window=None, homopolymer=None, repeat=None)
GATA1 = mb.Motif.from_sites("GATA1", ["GGATAAG"])
TAL1 = mb.Motif.from_sites("TAL1", ["CATCTGT"])
SP1 = mb.Motif.from_sites("SP1", ["CCGCCCC"])
MOTIFS = (GATA1, TAL1, SP1)


def found(onehot: torch.Tensor, text: str) -> torch.Tensor:
    """Where a word stands, (n, length - width + 1), 1 or 0."""
    return (nn.functional.conv1d(onehot, word(text))[:, 0] > len(text) - 0.5).float()


def other_strand(text: str) -> str:
    [codes] = reverse_complement(encode([text]), DNA)
    return "".join("ACGT"[code] for code in codes)


class Counts(nn.Module):
    """1 for every GGATAAG on either strand, -2 for every CCGCCCC, on either strand."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        total = onehot.new_zeros(len(onehot))
        for text, effect in (("GGATAAG", 1.0), ("CCGCCCC", -2.0)):
            for strand in (text, other_strand(text)):
                total = total + effect * found(onehot, strand).sum(dim=1)
        return total[:, None]


class Pair(nn.Module):
    """3 where GGATAAG is followed, five letters on, by CATCTGT, however often; else 0."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        first, second = found(onehot, "GGATAAG"), found(onehot, "CATCTGT")
        return 3.0 * (first[:, :-12] * second[:, 12:]).amax(dim=1, keepdim=True)


def network(module: nn.Module, length: int = 60) -> mb.Foreign:
    return mb.Foreign(module, readouts=["activity"], kinds="continuous", length=length)


def quiet(n: int = 1, length: int = 60, seed: int = 0) -> list[str]:
    """Sequences of A and C without any of the words, on any strand."""
    rng = np.random.default_rng(seed)
    return ["".join(row) for row in rng.choice(list("AC"), (n, length), p=[0.6, 0.4])]


def put(sequence: str, **words: int) -> str:
    """Write words, such as GGATAAG=10, at places."""
    for text, start in words.items():
        sequence = sequence[:start] + text + sequence[start + len(text) :]
    return sequence
