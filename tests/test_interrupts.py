"""A cell that is interrupted at any moment: nothing is changed, and the next cell works."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from anndata import AnnData

import motifbook as mb

FEW = mb.FitOptions(n_steps=60)


@contextlib.contextmanager
def interrupted_at(moment: int | None = None) -> Iterator[list[int]]:
    """What the stop button does, at so many calls of Python's functions; yields their count."""
    calls, before = [0], sys.getprofile()

    def see(_frame: object, event: str, _given: object) -> None:
        if event == "call":
            calls[0] += 1
            if calls[0] == moment:
                raise KeyboardInterrupt

    sys.setprofile(see)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def state() -> dict[str, Any]:
    """Everything that a session shares."""
    return {
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "grad": torch.is_grad_enabled(),
        "torch": torch.get_rng_state().tolist(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "random": random.getstate(),
        "errors": np.geterr(),
        "environment": dict(os.environ),
        "rc": dict(mpl.rcParams),
        "folder": os.getcwd(),
        "warnings": len(warnings.filters),
    }


def content(adata: AnnData) -> dict[str, Any]:
    keys = {name: sorted(getattr(adata, name)) for name in ("obs", "var", "obsm", "layers", "uns")}
    return keys | {"X": adata.X.tolist(), "letters": adata.obs["sequence"].tolist()}


def weights(model: mb.CNN) -> dict[str, Any]:
    modes = [part.training for part in model.modules()]
    free = [parameter.requires_grad for parameter in model.parameters()]
    hooks = [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules()]
    tensors = {name: value.tolist() for name, value in model.state_dict().items()}
    return tensors | {"modes": modes, "free": free, "hooks": hooks}


@cache
def example() -> tuple[AnnData, mb.MotifSyntaxNet, list[mb.Motif]]:
    adata = mb.simulate(n=240, length=60, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.6, 0.2, 0.2), seed=0)
    model = mb.MotifSyntaxNet(1, width=12)
    mb.fit(model, adata, seed=0, progress=False, options=FEW)
    return adata, model, mb.read_motifs(model, adata)


def report(adata: AnnData, model: mb.MotifSyntaxNet, _motifs: Any, out: Path) -> object:
    return mb.report(
        adata, model, out=out / "page.html", known=None, baselines=[], designs=0, seed=0,
        progress=False,
    )  # fmt: skip


VERBS: dict[str, Callable[[AnnData, mb.MotifSyntaxNet, list[mb.Motif], Path], object]] = {
    "attribute": lambda a, m, _, out: mb.attribute(m, a, method="mutagenesis"),
    "scrambler": lambda a, m, _, out: mb.fit_scrambler(
        m, a, seed=0, progress=False, options=mb.ScramblerOptions(n_steps=40)
    ),
    "formula": lambda a, m, motifs, out: mb.fit_formula(
        a,
        motifs=motifs,
        seed=0,
        progress=False,
        options=mb.FormulaOptions(baselines=False, interactions=False),
    ),
    "tests": lambda a, m, motifs, out: mb.test_motifs(a, motifs, rows="test", seed=0),
    "design": lambda a, m, motifs, out: mb.design(m, n=3, seed=0),
    "report": report,
    "save": lambda a, m, _, out: (mb.save(m, out / "m.motifbook"), mb.write(a, out / "b.h5ad")),
}

SLOW = ("attribute", "scrambler", "report")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "verb",
    [pytest.param(verb, marks=pytest.mark.slow) if verb in SLOW else verb for verb in VERBS],
)
def test_an_interrupted_cell_changes_nothing(verb, tmp_path):
    adata, model, motifs = example()
    call = VERBS[verb]
    call(adata, model, motifs, tmp_path)  # imports
    with interrupted_at() as calls:
        call(adata, model, motifs, tmp_path)
    whole = calls[0]
    before = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    shared, data, network = state(), content(adata), weights(model)
    for share in (0.1, 0.6):
        moment, is_stopped = int(share * whole), True
        with contextlib.suppress(KeyboardInterrupt), interrupted_at(moment) as calls:
            call(adata, model, motifs, tmp_path)
            is_stopped = False
        assert calls[0] >= moment
        assert is_stopped or verb == "scrambler"  # which keeps what it has learned
        assert state() == shared
        assert content(adata) == data
        assert weights(model) == network
        assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == before
    call(adata, model, motifs, tmp_path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_an_interrupted_training_leaves_a_network_that_works(share, tmp_path):
    adata, _, _ = example()
    file = tmp_path / "a.checkpoint"

    def fit(model, **options):
        return mb.fit(model, adata, seed=0, progress=False, options=FEW, **options)

    alone, model = mb.CNN(1, n_filters=4, width=8), mb.CNN(1, n_filters=4, width=8)
    with interrupted_at() as calls:
        fit(alone, checkpoint=tmp_path / "alone.checkpoint")
    moment = int(share * calls[0])
    (tmp_path / "alone.checkpoint").unlink()
    shared, data = state(), content(adata)
    history = None
    with contextlib.suppress(KeyboardInterrupt), interrupted_at(moment) as calls:
        history = fit(model, checkpoint=file)
    assert calls[0] >= moment
    assert state() == shared
    assert content(adata) == data
    assert {path.name for path in tmp_path.iterdir()} <= {file.name}
    if history is not None:
        assert history.stopped in ("interrupted", "finished", "early")
        assert np.isfinite(mb.predict(model, adata)).all()
    fit(model, checkpoint=file, resume=True)
    assert mb.predict(model, adata).tolist() == mb.predict(alone, adata).tolist()
