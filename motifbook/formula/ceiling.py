"""How much of a readout can be explained at all: the rest is noise of the measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook.data import schema, store
from motifbook.data.quality.ceilings import from_replicates, from_sigma

if TYPE_CHECKING:
    from anndata import AnnData

Floats = npt.NDArray[np.float64]


def explainable(adata: AnnData, rows: npt.NDArray[np.int64]) -> Floats:
    """Share of each readout's variance that is no noise, (n_readouts,), in these rows.

    Returns
    -------
    (n_readouts,)
        From `obsm["replicates:..."]` where there are any, else from `layers["sigma"]`; NaN where
        there is neither, and for binary readouts.

    Notes
    -----
    Replicates: their mean correlation r over pairs, raised to that of the mean of k of them, k r /
    (1 + (k - 1) r) (Spearman 1910, Br J Psychol 3:271). Standard errors: 1 - mean of their squares
    / variance of the readout. No model can expect a higher R2 on new rows, nor a Pearson r above
    the square root.
    """
    values = store.get_readouts(adata)[rows].astype(np.float64)
    shares = np.full(values.shape[1], np.nan)
    for number, (name, kind) in enumerate(zip(adata.var_names, store.readout_kinds(adata))):
        replicates = schema.REPLICATES.format(readout=name)
        if kind == "binary":
            continue
        if replicates in adata.obsm:
            shares[number] = from_replicates(np.asarray(adata.obsm[replicates], float)[rows])
        elif schema.SIGMA in adata.layers:
            sigma = np.asarray(adata.layers[schema.SIGMA], float)[rows, number]
            shares[number] = from_sigma(values[:, number], sigma)
    return shares
