"""`fit_formula` leaves the random numbers of others, and its input, as they are."""

from __future__ import annotations

import random

import numpy as np
import torch

import motifbook as mb
from motifbook.formula.discover import DiscoverOptions


def state() -> list[bytes]:
    numpy_state = np.random.get_state()  # noqa: NPY002
    parts = [random.getstate(), numpy_state, torch.get_num_threads()]
    return [*(repr(part).encode() for part in parts), torch.get_rng_state().numpy().tobytes()]


def test_no_global_state_is_moved_and_no_input_changed():
    adata = mb.simulate(n=400, length=80, rule="additive", seed=0)
    adata.obs["split"] = (["train"] * 3 + ["validation"] + ["test"] * 2) * 66 + ["train"] * 4
    view = adata[np.arange(adata.n_obs)]
    readout, obs = np.array(view.X), view.obs.copy()
    options = mb.FormulaOptions(
        discover=DiscoverOptions(n_restarts=1, passes=1), baselines=("CNN", "k-mer lasso")
    )
    before = state()
    mb.fit_formula(view, options=options, seed=0, progress=False)
    assert state() == before
    assert view.is_view
    np.testing.assert_array_equal(view.X, readout)
    assert view.obs.equals(obs)


def test_no_more_words_than_the_test_rows_can_measure():
    adata = mb.simulate(n=200, length=80, rule="additive", seed=0)
    adata.obs["split"] = (["train"] * 3 + ["validation"] + ["test"] * 2) * 33 + ["train"] * 2
    options = mb.FormulaOptions(
        discover=DiscoverOptions(n_restarts=1, passes=1), baselines=False, interactions=False
    )
    formula = mb.fit_formula(adata, options=options, seed=0, progress=False)
    assert (formula.selection["source"] == "word").sum() <= 66 // 4
