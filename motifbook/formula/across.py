"""Is a motif worth the same in all readouts, and where does it differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import f, t

from motifbook.formula.regression import TAIL, Regression
from motifbook.motif.distribution import q_values

Floats = npt.NDArray[np.float64]
SAME_COLUMNS = ("motif", "statistic", "df", "p_value", "q_value")
DEVIATION_COLUMNS = ("motif", "readout", "deviation", "lower", "upper", "p_value", "q_value")


@dataclass(frozen=True)
class Across:
    """Motifs compared between readouts.

    Parameters
    ----------
    same
        One row per motif: `SAME_COLUMNS`.
    deviations
        One row per motif and readout: `DEVIATION_COLUMNS`.
    """

    same: pd.DataFrame
    deviations: pd.DataFrame


@dataclass(frozen=True)
class _Deviations:
    """Of one column, in the readouts where its coefficient can be told."""

    values: Floats
    se: Floats
    pulls: Floats  # of rows or families on each value


def across_readouts(
    regression: Regression,
    groups: npt.ArrayLike,
    motifs: Sequence[str],
    readouts: Sequence[str],
) -> Across:
    """Test for every motif whether its coefficient is the same in all readouts.

    Parameters
    ----------
    regression
        Of readouts in units that can be compared.
    groups : (n_terms,)
        Number of the motif that each column belongs to (several for position bins); -1: no motif.
    motifs, readouts
        Their names.

    Returns
    -------
    Across
        `same`: `statistic` is the mean square of a motif's deviations, in standard errors, around 1
        where it is worth the same everywhere; `df` the number of deviations that are independent of
        each other, as far as the noise of the readouts is; p-value by F(df, rows - coefficients).
        `deviations`: coefficient minus the motif's mean over readouts (for several columns, the
        mean over columns of both), with 95 % interval. Both are empty with one readout.

    Notes
    -----
    Covariances between readouts are those of the rows (families) they share, whatever is missing
    elsewhere. The statistic is of ANOVA type (Brunner, Dette & Munk 1997, JASA 92:1494) rather than
    Wald's, which would invert a covariance of all readouts that the few sequences with a site
    cannot give: with 154 readouts it calls nearly everything different.
    """
    group = np.asarray(groups)
    same, deviations = [], []
    if len(readouts) > 1:
        df = float(np.min(regression.df))
        for number, motif in enumerate(motifs):
            columns = np.flatnonzero(group == number).tolist()
            parts = [_deviations(regression, column + 1) for column in columns]
            same.append((motif, *_same(parts, df)))
            deviations.append(_table(motif, parts, readouts, df))
    return Across(_with_q(pd.DataFrame(same, columns=list(SAME_COLUMNS[:-1]))), _joined(deviations))


def _deviations(regression: Regression, column: int) -> _Deviations:
    """Coefficients minus their mean over readouts; NaN where a coefficient cannot be told."""
    se = regression.se[column]
    told = np.isfinite(se)
    pulls = regression.influence.of(column)
    norms = np.sqrt((pulls**2).sum(axis=0))
    pulls = pulls * np.divide(se, norms, out=np.zeros_like(se), where=told & (norms > 0))
    values = np.where(told, regression.coefficients[column], np.nan)
    if told.sum() < 2:
        return _Deviations(np.full(len(se), np.nan), np.full(len(se), np.nan), pulls)
    pulls = pulls - pulls[:, told].mean(axis=1, keepdims=True)
    pulls[:, ~told] = 0
    spread = np.where(told, np.sqrt((pulls**2).sum(axis=0)), np.nan)
    return _Deviations(values - values[told].mean(), spread, pulls)


def _same(parts: Sequence[_Deviations], df: float) -> tuple[float, float, float]:
    """Statistic, number of independent deviations, p-value."""
    scaled = np.concatenate([part.values / part.se for part in parts])
    told = np.isfinite(scaled)
    if not told.any():
        return np.nan, np.nan, np.nan
    pulls = np.concatenate([part.pulls / part.se for part in parts], axis=1)[:, told]
    n = int(told.sum())
    statistic = float(np.mean(scaled[told] ** 2))
    own = (pulls**2).sum(axis=1)
    n_rows = own.sum() ** 2 / (own**2).sum()  # that matter: about those with a site
    together = float(((pulls.T @ pulls) ** 2).sum()) - n**2 / n_rows
    n_free = n - sum(np.isfinite(part.se).any() for part in parts)
    independent = min(n**2 / max(together, 1e-12), n_free)
    return statistic, independent, float(f.sf(statistic, independent, df))


def _table(
    motif: str, parts: Sequence[_Deviations], readouts: Sequence[str], df: float
) -> pd.DataFrame:
    values = np.mean([part.values for part in parts], axis=0)
    pulls = np.mean([part.pulls for part in parts], axis=0)
    se = np.where(np.isfinite(values), np.sqrt((pulls**2).sum(axis=0)), np.nan)
    reach = t.ppf(1 - TAIL, df) * se
    return pd.DataFrame({
        "motif": motif, "readout": list(readouts), "deviation": values,
        "lower": values - reach, "upper": values + reach,
        "p_value": 2 * t.sf(np.abs(values) / se, df),
    })  # fmt: skip


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=list(DEVIATION_COLUMNS))
    return _with_q(pd.concat(tables, ignore_index=True))


def _with_q(table: pd.DataFrame) -> pd.DataFrame:
    p_values = table["p_value"].to_numpy(dtype=np.float64)
    return table.assign(q_value=q_values_of(p_values))


def q_values_of(p_values: Floats) -> Floats:
    """Benjamini-Hochberg q-values of an array of any shape, over those that are not NaN.

    Examples
    --------
    >>> q_values_of(np.array([[0.01, np.nan], [0.03, 0.04]])).round(3).tolist()
    [[0.03, nan], [0.04, 0.04]]
    """
    given = np.isfinite(p_values)
    q_value = np.full(np.shape(p_values), np.nan)
    q_value[given] = q_values(p_values[given])
    return q_value
