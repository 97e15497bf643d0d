"""Predict readouts, and say how good the predictions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

from motifbook import _check
from motifbook.data import store
from motifbook.models.network import Network, Record
from motifbook.train.batches import run

if TYPE_CHECKING:
    from anndata import AnnData

FEWEST = 3  # measured values below which no number is given


def trained(model: Network) -> Record:
    """Return the record of a trained network.

    Raises
    ------
    InputError
        If it was not trained yet.
    """
    if not isinstance(model, Network):
        raise _check.InputError(
            f"`model` is a {type(model).__name__}; expected a network of motifbook.models."
        )
    if model.record is None:
        raise _check.InputError(
            "The network has not been trained yet. Call `mb.fit(model, adata)` first."
        )
    return model.record


def predict(
    model: Network, adata: AnnData, *, batch_size: int = 512, device: str = "auto"
) -> npt.NDArray[np.float32]:
    """Predict the readouts of every sequence.

    Returns
    -------
    (n, n_readouts) float32
        On the scale of the measurement; probabilities for binary readouts.

    Raises
    ------
    InputError
        If the network is untrained, reads another alphabet, or its filters are longer than the
        sequences.
    """
    record = trained(model)
    alphabet = store.get_alphabet(adata)
    if alphabet.name != model.alphabet.name:
        raise _check.InputError(
            f"The network reads {model.alphabet.name}, the sequences are {alphabet.name}."
        )
    outputs = run(model, store.get_letters(adata), batch_size=batch_size, device=device)
    return apply_link(outputs, record)


def apply_link(outputs: npt.NDArray[np.float32], record: Record) -> npt.NDArray[np.float32]:
    """Turn network outputs, (n, n_readouts), into values on the scale of the measurement."""
    scale, center = np.asarray(record.scale), np.asarray(record.center)
    values = outputs * scale + center
    is_binary = np.array([kind == "binary" for kind in record.kinds])
    linked: npt.NDArray[np.float32] = np.where(is_binary, expit(values), values).astype(np.float32)
    return linked


def evaluate(
    model: Network,
    adata: AnnData,
    split: str | None = "test",
    *,
    batch_size: int = 512,
    device: str = "auto",
) -> pd.DataFrame:
    """Compare predictions with measurements on one split.

    Returns
    -------
    DataFrame
        One row per readout: "readout", "kind", "n", then "auroc" and "auprc" for binary readouts,
        "pearson", "spearman" and "r2" for continuous ones (NaN where they do not apply).

    Raises
    ------
    InputError
        If `adata` has no rows of that split.
    """
    record = trained(model)
    rows = store.rows(adata, split)
    part = adata[rows]
    prediction = predict(model, part, batch_size=batch_size, device=device)
    return score_table(store.get_readouts(part), prediction, record.readouts, record.kinds)


def score_table(
    readout: npt.NDArray[np.float32],
    prediction: npt.NDArray[np.float32],
    names: list[str],
    kinds: list[str],
) -> pd.DataFrame:
    """Score predictions against measurements, (n, n_readouts) each; NaN is left out."""
    _check.shape(prediction, "prediction", f"{readout.shape}", *readout.shape)
    table = [
        {"readout": name, "kind": kind, **_scores(readout[:, i], prediction[:, i], kind)}
        for i, (name, kind) in enumerate(zip(names, kinds))
    ]
    columns = ["readout", "kind", "n", "auroc", "auprc", "pearson", "spearman", "r2"]
    return pd.DataFrame(table, columns=columns)


def _scores(
    readout: npt.NDArray[np.float32], prediction: npt.NDArray[np.float32], kind: str
) -> dict[str, float]:
    measured = ~np.isnan(readout)
    y, p = readout[measured].astype(float), prediction[measured].astype(float)
    scores: dict[str, float] = {"n": len(y)}
    if len(y) < FEWEST or y.min() == y.max():
        return scores
    if kind == "binary":
        return scores | {
            "auroc": float(roc_auc_score(y, p)),
            "auprc": float(average_precision_score(y, p)),
        }
    scores["r2"] = float(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    if p.min() < p.max():
        scores |= {"pearson": float(pearsonr(y, p)[0]), "spearman": float(spearmanr(y, p)[0])}
    return scores
