"""Effects, after minus before, as tables with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from motifbook.models.network import Record

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.95
UNITS = {"binary": "logit", "continuous": "readout"}
EFFECT_COLUMNS = ("readout", "effect", "lower", "upper", "n", "unit")


def mean_interval(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean over the last axis but one, and half the width of its 95 % interval.

    `values` are (..., n, n_readouts), of which n are independent. Student's t; NaN for n = 1.
    """
    n = values.shape[-2]
    mean = values.mean(axis=-2)
    if n == 1:
        return mean, np.full_like(mean, np.nan)
    error = values.std(axis=-2, ddof=1) / n**0.5
    return mean, error * stdtrit(n - 1, (1 + LEVEL) / 2)


def effect_table(
    columns: Mapping[str, npt.ArrayLike], effects: Sequence[FloatArray], record: Record
) -> pd.DataFrame:
    """Table of mean effects, a row per experiment and readout.

    Parameters
    ----------
    columns
        What comes first in the table: (n_experiments,) each, or (n_experiments, n_readouts).
    effects : each (n, n_readouts)
        Of each experiment, per background or sequence.

    Returns
    -------
    DataFrame
        `columns`, then "readout", "effect", "lower", "upper", "n", "unit".
    """
    shape = (len(effects), len(record.readouts))
    measured = [mean_interval(values) for values in effects]
    mean, half = (np.reshape([pair[i] for pair in measured], shape) for i in (0, 1))
    last = (
        [record.readouts],
        mean,
        mean - half,
        mean + half,
        [len(values) for values in effects],
        [[UNITS[kind] for kind in record.kinds]],
    )
    table = {**columns, **dict(zip(EFFECT_COLUMNS, last))}
    return pd.DataFrame({name: _spread(values, shape) for name, values in table.items()})


def _spread(values: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[Any]:
    """A value per experiment, (n_experiments,), or per readout too, as one column."""
    array = np.asarray(values)
    if array.dtype.kind == "U":
        array = array.astype(object)
    return np.broadcast_to(array if array.ndim == 2 else array[:, None], shape).ravel()
