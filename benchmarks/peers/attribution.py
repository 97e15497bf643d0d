"""Which letters matter, of a user's own convolutional network: the same values, the time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer, close

N_STEPS, N_REFERENCES = 20, 10
READOUT = 0


def network(length: int) -> Any:
    """Two convolutional layers, not trained: speed does not depend on weights."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(4, 32, 11, padding=5), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(32, 32, 5, padding=2), nn.ReLU(), nn.MaxPool1d(length // 4),
        nn.Flatten(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1),
    ).eval()  # fmt: skip


def data(folder: Path, n: int, length: int) -> SimpleNamespace:
    import anndata as ad
    import torch

    import motifbook as mb
    from motifbook.onehot import onehot

    letters = np.random.default_rng(0).integers(0, 4, (n, length), dtype=np.uint8)
    adata = ad.AnnData(np.zeros((n, 1), np.float32))
    adata.obsm["letters"] = letters
    own = network(length)
    wrapped = mb.Foreign(own, readouts=["activity"], kinds="continuous", length=length)
    encoded = torch.as_tensor(onehot(letters))
    return SimpleNamespace(network=own, model=wrapped, adata=adata, onehot=encoded)


def _ours(method: str) -> Any:
    def make(given: SimpleNamespace) -> Call:
        import tangermeme.deep_lift_shap  # noqa: F401  # ours calls it, too

        import motifbook as mb

        attribute, asked = mb.attribute, {"seed": 0, "device": "cpu"}
        options = mb.AttributeOptions(n_steps=N_STEPS, baseline="zeros", n_references=N_REFERENCES)
        return lambda: np.asarray(
            attribute(given.model, given.adata, method, options=options, **asked)
        )

    return make


# ---- tangermeme: values of all letters, those that stand there kept

CPU = {"device": "cpu", "batch_size": 512}


def tangermeme_mutagenesis(given: SimpleNamespace) -> Call:
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    encoded = given.onehot
    return lambda: saturation_mutagenesis(given.network, encoded, **CPU).numpy()


def tangermeme_gradient(given: SimpleNamespace) -> Call:
    from tangermeme.saliency import saliency

    asked = {**CPU, "gradient_correction": True}
    return lambda: saliency(given.network, given.onehot, **asked).numpy()


def tangermeme_deep_lift(given: SimpleNamespace) -> Call:
    from tangermeme.deep_lift_shap import deep_lift_shap

    asked = {**CPU, "n_shuffles": N_REFERENCES, "random_state": 0}
    return lambda: deep_lift_shap(given.network, given.onehot, **asked).numpy()


# ---- captum


def captum_gradient(given: SimpleNamespace) -> Call:
    from captum.attr import InputXGradient

    method = InputXGradient(given.network)

    def values() -> Any:
        found = method.attribute(given.onehot.clone().requires_grad_(True), target=READOUT)
        return found.detach().numpy()

    return values


def captum_integrated(given: SimpleNamespace) -> Call:
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(given.network)
    asked = {"n_steps": N_STEPS, "method": "riemann_middle", "internal_batch_size": 512}

    def values() -> Any:
        return method.attribute(given.onehot, target=READOUT, **asked).detach().numpy()

    return values


def bare_mutagenesis(given: SimpleNamespace) -> Call:
    """By hand: all changes of one sequence in a batch (captum has no mutagenesis)."""
    import torch

    @torch.no_grad()
    def values() -> Any:
        found = []
        for one in given.onehot:
            n_letters, length = one.shape
            changed = one.repeat(length, n_letters, 1, 1)  # (length, n_letters, n_letters, length)
            places = torch.arange(length)
            changed[places, :, :, places] = torch.eye(n_letters)
            predicted = given.network(changed.reshape(-1, n_letters, length))
            table = predicted.reshape(length, n_letters).T
            found.append((table - table.mean(dim=0)) * one)
        return torch.stack(found).numpy()

    return values


def correlate(ours: Any, theirs: Any) -> tuple[bool, str]:
    """References are drawn, by each its own: alike, not equal (unrelated values: r below 0.05)."""
    r = float(np.corrcoef(ours[ours != 0], theirs[ours != 0])[0, 1])
    return r > 0.3, f"own references, r {r:.2f}"


def _tangermeme(make: Any) -> Peer:
    return Peer("tangermeme", make, "tangermeme", "tangermeme")


def _captum(make: Any) -> Peer:
    return Peer("captum", make, "captum", "captum")


SMALL = {"n": 3, "length": 24}
MATCHES = [
    Match(
        "mutagenesis of {n} x {length} letters",
        data,
        _ours("mutagenesis"),
        (_tangermeme(tangermeme_mutagenesis), Peer("bare PyTorch", bare_mutagenesis)),
        {"n": 20, "length": 200},
        SMALL,
        close(1e-3),
    ),
    Match(
        "gradients of {n:,} x {length} letters",
        data,
        _ours("gradient"),
        (_tangermeme(tangermeme_gradient),),
        {"n": 1000, "length": 200},
        SMALL,
        close(1e-4),
    ),
    Match(
        "gradient times input of {n:,} x {length} letters",
        data,
        _ours("gradient_x_input"),
        (_captum(captum_gradient),),
        {"n": 1000, "length": 200},
        SMALL,
        close(1e-4),
    ),
    Match(
        f"integrated gradients, {N_STEPS} steps, {{n}} x {{length}} letters",
        data,
        _ours("integrated_gradients"),
        (_captum(captum_integrated),),
        {"n": 100, "length": 200},
        SMALL,
        close(1e-3),
    ),
    Match(
        f"DeepLIFT/SHAP, {N_REFERENCES} shuffles, {{n}} x {{length}} letters",
        data,
        _ours("deep_lift_shap"),
        (_tangermeme(tangermeme_deep_lift),),
        {"n": 50, "length": 200},
        SMALL,
        correlate,
    ),
]
