"""A mask by a network that was trained once, beside methods that begin anew at each sequence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

BITS = 0.16


def data(folder: Path, n: int, few: int, learn: int, steps: int) -> SimpleNamespace:
    """A packaged network, `learn` sequences to train on, `n` and `few` to explain."""
    import motifbook as mb

    adata = mb.examples.load("locus")
    rows = np.resize(np.arange(adata.n_obs), n)
    explained = adata[rows].copy()
    explained.obs_names_make_unique()
    return SimpleNamespace(
        model=mb.load(mb.examples.network("locus")),
        adata=adata[:learn].copy(),
        explained=explained,
        few=adata[:few].copy(),
        options=mb.ScramblerOptions(n_steps=steps),
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
    asked["n_steps"] = given.options.n_steps // 2 or 1  # 150, as by default
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


EACH = Peer("each mask optimized", optimized)
OURS = Peer("mutagenesis", mutagenesis)
THEIRS = Peer("mutagenesis, tangermeme", tangermeme_mutagenesis, "tangermeme", "tangermeme")
SIZES = (
    {"n": 1000, "few": 20, "learn": 4000, "steps": 300},
    {"n": 4, "few": 2, "learn": 64, "steps": 3},
)
MATCHES = [
    Match(
        "a mask by a trained scrambler, mean of {n:,}",
        data,
        mask,
        (EACH, OURS, THEIRS),
        *SIZES,
        per=len,
    ),
    Match(
        "the same, its training included, mean of {n:,}",
        data,
        train_and_mask,
        (EACH, OURS),
        *SIZES,
        per=len,
        once=True,
    ),
]
