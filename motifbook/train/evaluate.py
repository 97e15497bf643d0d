"""Predict readouts, and say how good the predictions are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits import copies, leakage
from motifbook.models.network import Network, Record
from motifbook.train.batches import run
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

FEWEST = 3  # measured values below which no number is given


def refuse_foreign(model: object) -> None:
    """Refuse anything but a network of the book."""
    if not isinstance(model, Network):
        raise _check.InputError(
            f"`model` is {_check.shown(model)}; expected a network of motifbook.models, such "
            "as `mb.MotifSyntaxNet(n_readouts=adata.n_vars)`."
        )


def trained(model: Network) -> Record:
    """Return the record of a trained network.

    Raises
    ------
    InputError
        If it is no network of the book, or was not trained yet.
    """
    refuse_foreign(model)
    if model.record is None:
        raise _check.InputError(
            "The network has not been trained yet. Call `mb.fit(model, adata)` first."
        )
    return model.record


def predict(
    model: Network, adata: AnnData, *, device: str = "auto", batch_size: int = 512
) -> npt.NDArray[np.float32]:
    """Predict the readouts of every sequence.

    Returns
    -------
    (n, n_readouts) float32
        On the scale of the measurement; probabilities for binary readouts.

    Raises
    ------
    InputError
        If the network is untrained, reads another alphabet, its filters are longer than the
        sequences, or a column that it reads is absent.
    """
    record = trained(model)
    inputs = inputs_of(model, adata)
    values = outputs(
        model, inputs.letters, extra=inputs.extra, batch_size=batch_size, device=device
    )
    return apply_link(values, record).astype(np.float32)


def outputs(
    model: Network,
    letters: npt.NDArray[np.uint8],
    *,
    extra: npt.NDArray[np.float32] | None = None,
    device: str = "auto",
    batch_size: int = 512,
) -> npt.NDArray[np.float64]:
    """Predict from letter codes, (n, length), on the scale on which effects add up.

    `extra`, (n, n_extra): the numbers beside them, for networks that read some.

    Returns
    -------
    (n, n_readouts)
        Logits for binary readouts; continuous ones in their own unit.
    """
    record = trained(model)
    scale, center = np.asarray(record.scale), np.asarray(record.center)
    values: npt.NDArray[np.float64] = center + scale * run(
        model, letters, extra=extra, batch_size=batch_size, device=device
    )
    return values


def apply_link(values: npt.NDArray[np.float64], record: Record) -> npt.NDArray[np.float64]:
    """Turn `outputs`, (..., n_readouts), into values on the scale of the measurement."""
    is_binary = np.array([kind == "binary" for kind in record.kinds])
    linked: npt.NDArray[np.float64] = np.where(is_binary, expit(values), values)
    return linked


def evaluate(
    model: Network,
    adata: AnnData,
    split: str | None = "test",
    *,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Compare predictions with measurements on one split.

    Parameters
    ----------
    split
        Rows to compare; None for all. Where `adata` has no split: those rows whose sequences the
        network was not trained on.

    Returns
    -------
    DataFrame
        One row per readout: "readout", "kind", "n", then "auroc" and "auprc" for binary readouts,
        "pearson", "spearman" and "r2" for continuous ones (NaN where they do not apply).

    Raises
    ------
    InputError
        If `adata` has no rows of that split, or lacks a readout of the network.

    Warns
    -----
    LeakageWarning
        If rows of "validation" or "test" resemble training sequences, of `adata` or of the
        network, so much that the scores are too good, see `mb.leakage`.
    """
    record = trained(model)
    schema.refuse_others(adata)
    rows = store.rows(adata, split)
    if split is not None and schema.SPLIT not in adata.obs:
        rows = rows[unseen(model, adata)]
    if not len(rows):
        raise _check.InputError(
            "`adata` has no split, and the network was trained on all of its sequences; expected "
            "new ones. `split=None` scores the training rows all the same."
        )
    if split in ("validation", "test") and schema.SPLIT in adata.obs:
        related = leakage.caution(adata, (split,), training_hashes(model))
        if related:
            warnings.warn(related, leakage.LeakageWarning, stacklevel=2)
    part = adata if len(rows) == adata.n_obs else adata[rows]
    prediction = predict(model, part, batch_size=batch_size, device=device)
    return score_table(measured(model, part), prediction, record.readouts, record.kinds)


def unseen(model: Network, adata: AnnData) -> npt.NDArray[np.bool_]:
    """Whether each sequence, or its other strand, was kept out of training, (n,)."""
    hashes = copies.sequence_hashes(inputs_of(model, adata).letters, model.alphabet)
    kept_out: npt.NDArray[np.bool_] = ~np.isin(hashes, training_hashes(model))
    return kept_out


def training_hashes(model: Network) -> npt.NDArray[np.uint64]:
    """Return the hashes of the sequences that the network was trained on."""
    return model.training_hashes.cpu().numpy().view(np.uint64)


def measured(model: Network, adata: AnnData) -> npt.NDArray[np.float32]:
    """Measured values of the network's readouts, (n, n_readouts), in its order; NaN for none.

    Columns are found by name; by place if as many are there under other names.

    Raises
    ------
    InputError
        If there are too few or too many readouts to tell.
    """
    wanted, names = trained(model).readouts, [str(name) for name in adata.var_names]
    values = store.get_readouts(adata)
    if set(wanted) <= set(names):
        return values[:, [names.index(name) for name in wanted]]
    if len(names) != len(wanted):
        raise _check.InputError(
            f"The network predicts {wanted}, `adata` has the readouts {names}; expected the same. "
            "Choose columns with `adata[:, names]`."
        )
    return values


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
