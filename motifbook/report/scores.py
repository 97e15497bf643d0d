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
RESAMPLES, AT_ONCE = 1000, 100
BOUNDS = ["low", "high", "lead", "lead_low", "lead_high"]


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
    return float(_measures(kind, measured, score, weights[None])[0])


def _measures(
    kind: str, measured: FloatArray, score: FloatArray, weights: FloatArray
) -> FloatArray:
    """`measure` for each row of `weights`, (n_weights, n)."""
    of = _areas if kind == "binary" else _correlations
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = of(measured, score, weights)
    return found


def _areas(measured: FloatArray, score: FloatArray, weights: FloatArray) -> FloatArray:
    order = np.argsort(score, kind="stable")
    weights, ones, ranked = weights[:, order], measured[order], score[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])  # of rows with equal scores
    positives = np.add.reduceat(weights * ones, starts, axis=1)
    negatives = np.add.reduceat(weights * (1 - ones), starts, axis=1)
    below = negatives.cumsum(axis=1) - negatives / 2  # ties count half
    areas: FloatArray = (positives * below).sum(axis=1) / (
        positives.sum(axis=1) * negatives.sum(axis=1)
    )
    return areas


def _correlations(measured: FloatArray, score: FloatArray, weights: FloatArray) -> FloatArray:
    x, y = measured - measured.mean(), score - score.mean()
    terms = np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)
    n, sum_x, sum_y, squares_x, squares_y, products = (weights @ terms).T
    spread_x, spread_y = squares_x - sum_x**2 / n, squares_y - sum_y**2 / n
    varies = (spread_x > 1e-12 * squares_x) & (spread_y > 1e-12 * squares_y)
    varies &= bool(np.ptp(measured) and np.ptp(score))
    r = (products - sum_x * sum_y / n) / np.sqrt(spread_x * spread_y)
    return np.where(varies, r, np.nan)


def resampled(kind: str, measured: FloatArray, scores: FloatArray) -> FloatArray:
    """The measure over resampled rows, (n_predictors, 1000); the same in every call.

    Parameters
    ----------
    measured : (n,)
    scores : (n_predictors, n)
        All predictors are measured on the same draws, so that they can be compared draw by draw.
    """
    n, rng = len(measured), np.random.default_rng(0)
    draws = []
    for _ in range(RESAMPLES // AT_ONCE):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=AT_ONCE).astype(np.float64)
        draws.append([_measures(kind, measured, score, weights) for score in scores])
    return np.concatenate(draws, axis=1)


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
    predictors
        The network first.

    Returns
    -------
    DataFrame
        Columns "predictor", those of `mb.evaluate`, "low" and "high" (95 % interval of auroc for
        binary readouts, of pearson for continuous ones), and "lead", "lead_low" and "lead_high":
        by how much the network is ahead of this predictor in that measure, with the 95 % interval
        of the difference over the same resampled rows. Where it is behind, "lead" is negative.
    """
    bounds = [
        _bounds(kind, measured[:, i], [p.prediction[:, i] for p in predictors])
        for i, kind in enumerate(kinds)
    ]
    tables = []
    for number, predictor in enumerate(predictors):
        table = score_table(measured, predictor.prediction, readouts, kinds)
        if not predictor.has_scale:
            table["r2"] = np.nan
        table[BOUNDS] = [of_readout[number] for of_readout in bounds]
        table.insert(0, "predictor", predictor.name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _bounds(
    kind: str, measured: npt.NDArray[np.float32], predictions: list[npt.NDArray[np.float32]]
) -> FloatArray:
    """Columns `BOUNDS` of each prediction of one readout, (n_predictors, 5)."""
    known = ~np.isnan(measured)
    values = measured[known].astype(np.float64)
    found = np.full((len(predictions), len(BOUNDS)), np.nan)
    if not len(values) or values.min() == values.max():
        return found
    scores = np.stack([prediction[known] for prediction in predictions]).astype(np.float64)
    draws = resampled(kind, values, scores)
    point = np.array([measure(kind, values, score) for score in scores])
    found[:, :2] = _quantiles(draws)
    found[1:, 2] = point[0] - point[1:]
    found[1:, 3:] = _quantiles(draws[0] - draws[1:])
    return found


def _quantiles(draws: FloatArray) -> FloatArray:
    """Lower and upper bound of each row, (n_predictors, 2); NaN where nothing can be told."""
    bounds = np.full((len(draws), 2), np.nan)
    told = ~np.isnan(draws).all(axis=1)
    if told.any():
        bounds[told] = np.nanquantile(draws[told], (0.025, 0.975), axis=1).T
    return bounds


def main_score(table: pd.DataFrame, predictor: str, readout: str) -> pd.Series:
    """One predictor on one readout: its row, with the main measure as "value"."""
    row = table[(table["predictor"] == predictor) & (table["readout"] == readout)].iloc[0].copy()
    row["value"] = row[MEASURE[row["kind"]]]
    return row


def is_weak(row: pd.Series) -> bool:
    """Whether a network that scores so (see `main_score`) should not be interpreted."""
    return not row["low"] >= WEAK[row["kind"]]
