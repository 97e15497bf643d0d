"""New sequences that a network predicts to be high: the letters that gain most, and by gradient."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

LENGTH = 200


def data(folder: Path, n: int, few: int, edits: int, rounds: int) -> SimpleNamespace:
    """A packaged network and random starts; peers design `few`, tangermeme with `edits` edits."""
    import torch

    import motifbook as mb
    from motifbook.onehot import decode, onehot

    model = mb.load(mb.examples.network("locus"))
    letters = np.random.default_rng(0).integers(0, 4, (n, LENGTH), dtype=np.uint8)
    onehots = torch.as_tensor(onehot(letters[:few]))[:, None]
    return SimpleNamespace(
        model=model.eval(), starts=decode(letters), onehots=onehots, edits=edits, rounds=rounds
    )


def scores(model: Any, onehot: Any) -> Any:
    """First readout of designs, (n,)."""
    import torch

    with torch.no_grad():
        return model(torch.as_tensor(onehot).float())[:, 0].numpy()


def _ours(method: str) -> Any:
    def make(given: SimpleNamespace) -> Call:
        from motifbook import DesignOptions, design
        from motifbook.onehot import encode, onehot

        asked = {"n": len(given.starts), "start": given.starts, "seed": 0, "device": "cpu"}
        asked["options"] = DesignOptions(n_steps=given.rounds)

        def write() -> Any:
            designs = design(given.model, method=method, **asked)
            return scores(given.model, onehot(encode(designs.sequences)))

        return write

    return make


def tangermeme_greedy(given: SimpleNamespace) -> Call:
    import torch
    from tangermeme.design import greedy_substitution

    asked = {"max_iter": given.edits, "tol": 0.0, "batch_size": 800, "device": "cpu"}
    asked["reverse_complement"] = False

    def write() -> Any:
        found = [greedy_substitution(given.model, start, **asked) for start in given.onehots]
        return scores(given.model, torch.cat(found))

    return write


def ledidi_batch(network: Any, start: Any, seed: int, **settings: Any) -> Any:
    """Ledidi's designs from one start, (1, 4, length), that raise the network's output."""
    import torch
    from ledidi import Ledidi

    designer = Ledidi(
        network, start.shape[1:], output_loss=lambda got, _: -got.mean(), verbose=False,
        random_state=seed, **settings,
    )  # fmt: skip
    return designer.fit_transform(start.float(), torch.zeros(1, 1)).detach()


def ledidi(given: SimpleNamespace) -> Call:
    import_module("ledidi")  # before the clock runs

    def write() -> Any:
        batches = [
            ledidi_batch(given.model, start, number, max_iter=2 * given.rounds)
            for number, start in enumerate(given.onehots)
        ]
        return np.array([scores(given.model, batch).max() for batch in batches])

    return write


def reached(ours: Any, theirs: Any) -> tuple[None, str]:
    """Designs differ: ours keep to constraints."""
    return None, f"mean score {ours.mean():.1f} and {theirs.mean():.1f}"


SIZES = (  # 500 rounds are the default, 1,000 that of Ledidi
    {"n": 20, "few": 2, "edits": 15, "rounds": 500},
    {"n": 1, "few": 1, "edits": 1, "rounds": 1},
)
MATCHES = [
    Match(
        "one design by greedy edits, mean of {n}",
        data,
        _ours("greedy"),
        (Peer("tangermeme", tangermeme_greedy, "tangermeme", "tangermeme"),),
        *SIZES,
        reached,
        per=len,
    ),
    Match(
        "one design by gradient, mean of {n}",
        data,
        _ours("gradient"),
        (Peer("Ledidi", ledidi, "ledidi", "ledidi"),),
        *SIZES,
        reached,
        per=len,
    ),
]
