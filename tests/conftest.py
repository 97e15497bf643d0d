"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.models import MotifSyntaxNet


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MOTIFBOOK_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not there (set MOTIFBOOK_TEST_DATA)")
    return folder


class Trained(NamedTuple):
    """A network and the sequences it was trained on; tests copy what they change."""

    model: MotifSyntaxNet
    adata: AnnData


@pytest.fixture(scope="session")
def trained() -> Trained:
    """A network that found SPI1 in 600 short sequences, in half a second."""
    import motifbook as mb

    adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.6, 0.2, 0.2), seed=0)
    model = mb.MotifSyntaxNet(1, width=15)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=100))
    return Trained(model, adata)
