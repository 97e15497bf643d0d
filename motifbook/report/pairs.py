"""A network without its pairs of motifs: how much do they add?"""

from __future__ import annotations

import copy

import torch

from motifbook.models import MotifSyntaxNet, Network
from motifbook.models.pair_reader import PairReader


def pair_reader(model: Network) -> PairReader | None:
    """What reads the motifs of a network with curves and a table of pairs; None in others."""
    if isinstance(model, MotifSyntaxNet) and isinstance(model.reader, PairReader):
        return model.reader
    return None


def without_pairs(model: Network) -> Network | None:
    """A copy of the network with an empty table of pairs; None if nothing was in it."""
    silent = copy.deepcopy(model)
    reader = pair_reader(silent)
    if reader is None or not bool(reader.pairs.table().abs().max() > 0):
        return None
    with torch.no_grad():
        reader.pairs.weight.zero_()
    return silent
