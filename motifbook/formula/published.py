"""What the published layout of contextual regression can see: for teaching, with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook.data import schema, store
from motifbook.onehot import onehot
from motifbook.train.evaluate import predict

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.models import ContextualRegression

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
ROWS_AT_ONCE = 500  # bounds memory


def published_features(model: ContextualRegression, adata: AnnData) -> pd.DataFrame:
    """What the features of the published layout are made of, and what a formula of them is worth.

    Parameters
    ----------
    model
        A `ContextualRegression(context="published")` that was fitted.
    adata
        With a split.

    Returns
    -------
    DataFrame
        Columns "what" and "share", one row each: variance of the readouts that the network
        explains on test rows; that a linear formula in its features explains; that the shares of
        A, C, G and T explain; median share of a feature's variance that is nothing but those
        shares; variance of all features that lies in three directions.

    Notes
    -----
    A feature is a filter's mean over all windows (Liu & Wang 2022, arXiv 2208.09559). Without a
    threshold that is, but for the ends, a weighted sum of the letters' shares.
    """
    features, bases = _mean_activations(model, adata), _base_shares(adata)
    readout = store.get_readouts(adata).astype(np.float64)
    is_test = (adata.obs[schema.SPLIT] == "test").to_numpy()
    rows = ~is_test, is_test
    everywhere = np.ones(len(bases), dtype=bool), np.ones(len(bases), dtype=bool)
    spread = np.linalg.svd(features - features.mean(axis=0), compute_uv=False) ** 2
    error = ((predict(model, adata)[is_test] - readout[is_test]) ** 2).sum(axis=0)
    around = ((readout[is_test] - readout[is_test].mean(axis=0)) ** 2).sum(axis=0)
    told = {
        "readouts, by the network": (1 - error / around).mean(),
        "readouts, by a formula of its features": _linear_r2(features, readout, *rows).mean(),
        "readouts, by the shares of A, C, G, T": _linear_r2(bases, readout, *rows).mean(),
        "a feature, by the shares of A, C, G, T": np.median(
            _linear_r2(bases, features, *everywhere)
        ),
        "all features, in three directions": spread[:3].sum() / spread.sum(),
    }
    return pd.DataFrame({"what": list(told), "share": [float(share) for share in told.values()]})


def _mean_activations(model: ContextualRegression, adata: AnnData) -> Floats:
    """Mean of every filter over all windows, (n, n_filters)."""
    letters = store.get_letters(adata)
    parts = []
    with torch.no_grad():
        for first in range(0, len(letters), ROWS_AT_ONCE):
            encoded = torch.tensor(
                onehot(letters[first : first + ROWS_AT_ONCE]), dtype=torch.float32
            )
            parts.append(model.motifs(encoded).mean(dim=2).numpy())
    return np.concatenate(parts).astype(np.float64)


def _base_shares(adata: AnnData) -> Floats:
    """Shares of A, C and G, (n, 3); that of T follows."""
    letters = store.get_letters(adata)
    return np.stack([(letters == code).mean(axis=1) for code in range(3)], axis=1)


def _linear_r2(columns: Floats, values: Floats, learn: Flags, score: Flags) -> Floats:
    """Share of each value's variance that a linear formula of columns explains, on `score` rows."""
    design = np.column_stack([np.ones(len(columns)), columns])
    fitted = np.linalg.lstsq(design[learn], values[learn], rcond=None)[0]
    error = ((values[score] - design[score] @ fitted) ** 2).sum(axis=0)
    shares: Floats = 1 - error / ((values[score] - values[score].mean(axis=0)) ** 2).sum(axis=0)
    return shares
