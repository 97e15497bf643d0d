"""Whoever sets torch's default to 64 bits gets the same results, and keeps the setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook.train.batches import single_precision

FAST = mb.FitOptions(n_steps=8)


@pytest.fixture
def doubles() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    assert torch.get_default_dtype() == torch.float64
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def adata() -> Any:
    return mb.simulate(n=300, length=60, rule="single", seed=0)


NETWORKS: dict[str, Callable[[], Any]] = {
    "pairs": lambda: mb.MotifSyntaxNet(1, n_filters=6, width=9),
    "attention": lambda: mb.MotifSyntaxNet(1, n_filters=6, width=9, syntax="attention"),
    "cnn": lambda: mb.CNN(1),
    "context": lambda: mb.ContextualRegression(1, width=9),
}


def everything(model: Any, adata: Any, folder: Any) -> list[Any]:
    """Numbers and letters of many ways to use a network."""
    mb.fit(model, adata, seed=0, progress=False, options=FAST)
    mb.save(model, folder / "x.motifbook")
    some = mb.ScramblerOptions(n_steps=2)
    scrambler = mb.fit_scrambler(model, adata, seed=0, progress=False, options=some)
    search = mb.DesignOptions(n_calls=100)
    return [
        mb.predict(model, adata),
        mb.predict(mb.load(folder / "x.motifbook"), adata),
        mb.attribute(model, adata[:3], "gradient"),
        scrambler.attribute(adata[:3]),
        *[motif.ppm for motif in mb.read_motifs(model, adata)],
        *[
            mb.design(model, n=1, method=method, seed=0, options=search).sequences[0]
            for method in ("auto", "gradient")
        ],
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Its masks")  # two steps train no scrambler
@pytest.mark.parametrize("name", NETWORKS)
def test_results_do_not_depend_on_the_default(name, adata, tmp_path, request):
    usual = everything(NETWORKS[name](), adata, tmp_path)
    request.getfixturevalue("doubles")
    for one, other in zip(usual, everything(NETWORKS[name](), adata, tmp_path), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_made_before_is_trained_in_32_bits(adata, doubles):
    model = mb.CNN(1)
    mb.fit(model, adata, seed=0, progress=False, options=FAST)
    assert {one.dtype for one in model.parameters()} == {torch.float32}
    assert mb.predict(model, adata).dtype == np.float32


@pytest.mark.slow
def test_formulas_do_not_depend_on_it(adata, request):
    few = mb.DiscoverOptions(n_restarts=1, n_filters=4, passes=1)
    options = mb.FormulaOptions(discover=few, baselines=False, interactions=False)
    usual = mb.fit_formula(adata, seed=0, progress=False, options=options).predict(adata)
    request.getfixturevalue("doubles")
    again = mb.fit_formula(adata, seed=0, progress=False, options=options).predict(adata)
    np.testing.assert_array_equal(usual, again)


def test_the_last_of_several_blocks_puts_the_default_back(doubles):
    first, second = single_precision(), single_precision()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert torch.zeros(1).dtype == torch.float32
    second.__exit__(None, None, None)
    assert torch.zeros(1).dtype == torch.float64
