"""How well do predictors do? The same measures, with intervals, for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.train import score_table

FloatArray = npt.NDArray[np.float64]

MEASURE = {"binary": "auroc", "continuous": "pearson"}  # the one that sentences name
WEAK = {"binary": 0.6, "continuous": 0.1}  # a lower bound below this says nothing about motifs
RESAMPLES = 200


@dataclass(frozen=True)
class Predictor:
    """Something that predicts readouts, and what it said about the rows that judge.

    Parameters
    ----------
    name
        A few words, for tables.
    about
        What it is, in a sentence.
    prediction : (n, n_readouts)
        Larger where it expects larger readouts.
    has_scale
        Whether predictions are on the scale of the measurement.
    """

    name: str
    about: str
    prediction: npt.NDArray[np.float32]
    has_scale: bool = True


def measure(
    kind: str, measured: FloatArray, score: FloatArray, weight: npt.ArrayLike = 1.0
) -> float:
    """The area under the ROC curve for binary readouts, Pearson's r for continuous ones.

    Parameters
    ----------
    measured, score, weight : (n,)
        Rows count by their weight. NaN if all measured values or scores are alike.

    Examples
    --------
    >>> measure("binary", np.array([0, 0, 1]), np.array([1.0, 3.0, 2.0]))
    0.5
    """
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), measured.shape)
    if kind == "binary":
        _, rank = np.unique(score, return_inverse=True)
        positives = np.bincount(rank, weights * measured)
        negatives = np.bincount(rank, weights * (1 - measured))
        n_pairs = positives.sum() * negatives.sum()
        below = negatives.cumsum() - negatives / 2  # ties count half
        return float(positives @ below / n_pairs) if n_pairs else float("nan")
    spread = np.cov(measured, score, aweights=weights)
    size = float(np.sqrt(spread[0, 0] * spread[1, 1]))
    return float(spread[0, 1]) / size if size > 0 else float("nan")


def interval(kind: str, measured: FloatArray, score: FloatArray) -> tuple[float, float]:
    """Bounds that hold 95 % of the measure over resampled rows; the same in every call."""
    n = len(measured)
    weights = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    values = [measure(kind, measured, score, weight) for weight in weights]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)


def evaluation_table(
    measured: npt.NDArray[np.float32],
    predictors: Sequence[Predictor],
    readouts: list[str],
    kinds: list[str],
) -> pd.DataFrame:
    """Every predictor on every readout.

    Parameters
    ----------
    measured : (n, n_readouts)
        NaN where not measured.

    Returns
    -------
    DataFrame
        Columns "predictor", those of `mb.evaluate`, and "low" and "high": 95 % interval of auroc
        (binary) or pearson (continuous).
    """
    tables = []
    for predictor in predictors:
        table = score_table(measured, predictor.prediction, readouts, kinds)
        if not predictor.has_scale:
            table["r2"] = np.nan
        bounds = [
            _interval(kind, measured[:, i], predictor.prediction[:, i])
            for i, kind in enumerate(kinds)
        ]
        table[["low", "high"]] = bounds
        table.insert(0, "predictor", predictor.name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _interval(
    kind: str, measured: npt.NDArray[np.float32], score: npt.NDArray[np.float32]
) -> tuple[float, float]:
    known = ~np.isnan(measured)
    values = measured[known].astype(np.float64)
    if not len(values) or values.min() == values.max():
        return float("nan"), float("nan")
    return interval(kind, values, score[known].astype(np.float64))


def main_score(table: pd.DataFrame, predictor: str, readout: str) -> pd.Series:
    """One predictor on one readout: its row, with the main measure as "value"."""
    row = table[(table["predictor"] == predictor) & (table["readout"] == readout)].iloc[0].copy()
    row["value"] = row[MEASURE[row["kind"]]]
    return row


def is_weak(row: pd.Series) -> bool:
    """Whether a network that scores so (see `main_score`) should not be interpreted."""
    return not row["low"] >= WEAK[row["kind"]]
