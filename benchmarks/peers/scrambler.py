"""A mask by a network that was trained once, beside methods that begin anew at each sequence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

BITS = 0.16


def data(folder: Path, n: int, few: int, steps: int) -> SimpleNamespace:
    """A packaged network, sequences that a scrambler learns from, and `n` and `few` to explain."""
    import motifbook as mb

    adata = mb.examples.load("locus")
    rows = np.resize(np.arange(adata.n_obs), n)
    explained = adata[rows].copy()
    explained.obs_names_make_unique()
    return SimpleNamespace(
        model=mb.load(mb.examples.network("locus")),
        adata=adata,
        explained=explained,
        few=adata[:few].copy(),
        options=mb.ScramblerOptions(n_steps=steps) if steps else None,
    )


def fitted(given: SimpleNamespace) -> Any:
    import motifbook as mb

    asked = {"bits": BITS, "seed": 0, "progress": False, "device": "cpu"}
    return mb.fit_scrambler(given.model, given.adata, options=given.options, **asked)


def mask(given: SimpleNamespace) -> Call:
    scrambler = fitted(given)
    return lambda: scrambler.importance(given.explained)


def train_and_mask(given: SimpleNamespace) -> Call:
    from motifbook import fit_scrambler  # noqa: F401

    return lambda: fitted(given).importance(given.explained)


def optimized(given: SimpleNamespace) -> Call:
    from motifbook import optimize_masks

    asked = {"bits": BITS, "seed": 0, "progress": False, "device": "cpu"}
    return lambda: optimize_masks(given.model, given.few, **asked).importance


def mutagenesis(given: SimpleNamespace) -> Call:
    from motifbook import attribute

    return lambda: np.asarray(attribute(given.model, given.few, "mutagenesis", device="cpu"))


def tangermeme_mutagenesis(given: SimpleNamespace) -> Call:
    import torch
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    from motifbook.data import store
    from motifbook.onehot import onehot

    encoded = torch.as_tensor(onehot(store.get_letters(given.few)))
    asked = {"device": "cpu", "batch_size": 512}
    return lambda: saturation_mutagenesis(given.model, encoded, **asked).numpy()


PEERS = (
    Peer("each mask optimized", optimized),
    Peer("mutagenesis", mutagenesis),
    Peer("mutagenesis, tangermeme", tangermeme_mutagenesis, "tangermeme", "tangermeme"),
)
MATCHES = [
    Match(
        "a mask, scrambler trained, mean of {n:,}",
        data,
        mask,
        PEERS,
        {"n": 1000, "few": 20, "steps": 0},
        {"n": 4, "few": 2, "steps": 30},
        per=len,
    ),
    Match(
        "a mask, training of the scrambler included, mean of {n:,}",
        data,
        train_and_mask,
        PEERS,
        {"n": 1000, "few": 20, "steps": 0},
        {"n": 4, "few": 2, "steps": 30},
        per=len,
    ),
]
