"""Designs as rows of an AnnData, for all that reads sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook.data import store
from motifbook.data.text.collect import Collected, to_anndata
from motifbook.train.evaluate import trained

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.design.designs import Designs

_OBS = ("start", "n_edits", "n_changed", "gc", "score_before", "score")


def to_adata(designs: Designs) -> AnnData:
    """Return the designs as sequences to attribute, scan, predict or fill measurements into.

    Returns
    -------
    AnnData
        One row per design, named after it, without flanks; `obs` keeps what `designs.table` says
        of it, `layers["prediction"]` the predictions of the designing networks, (n, n_readouts).
        Nothing is measured yet, so `X` is NaN.

    Notes
    -----
    `mb.call_instances` chooses motifs by measured values; of designs it needs
    ``motifs=mb.read_motifs(model, adata)`` with the data that the network was trained on.
    """
    record = trained(designs.models[0])
    names = [str(name) for name in designs.table["design"]]
    known = [column for column in _OBS if column in designs.table]
    obs = designs.table[known].reset_index(drop=True)
    done = [f"{len(names)} designs of motifbook: {designs.goal.words}."]
    collected = Collected(names, designs.sequences, designs.models[0].alphabet, obs, done)
    nothing = np.full((len(names), len(record.readouts)), np.nan)
    adata = to_anndata(collected, pd.DataFrame(nothing, columns=record.readouts))
    adata.var["kind"] = record.kinds
    after = [f"{name}_after" for name in record.readouts]
    store.add_predictions(adata, designs.table[after].to_numpy(dtype=np.float64))
    return adata
