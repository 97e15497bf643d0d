"""Is a motif worth the same in all readouts, and where does it differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import f, t

from motifbook._one_thread import one_thread
from motifbook.formula.regression import TAIL, Regression
from motifbook.motif.distribution import q_values_of

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
    """Of the coefficients of one motif, (n_columns, n_readouts); NaN where one cannot be told.

    `covariance`, (n_columns, n_readouts, n_columns, n_readouts), has zeros there; `n_rows` is the
    number of rows (families) that have a say: about those with a site.
    """

    values: Floats
    covariance: Floats
    n_rows: float

    @property
    def se(self) -> Floats:
        """Standard errors, (n_columns, n_readouts)."""
        variances = np.einsum("acac->ac", self.covariance)
        se: Floats = np.sqrt(np.maximum(variances, 0))
        return se


@one_thread
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
            found = _deviations(regression, [column + 1 for column in columns])
            same.append((motif, *_same(found, df)))
            deviations.append(_table(motif, found, readouts, df))
    return Across(_with_q(pd.DataFrame(same, columns=list(SAME_COLUMNS[:-1]))), _joined(deviations))


def _deviations(regression: Regression, columns: list[int]) -> _Deviations:
    """Coefficients minus their mean over the readouts in which they can be told."""
    se = regression.se[columns]
    told = np.isfinite(se) & (np.isfinite(se).sum(axis=1, keepdims=True) > 1)
    pulls = np.concatenate([regression.influence.of(column) for column in columns], axis=1)
    products = pulls.T @ pulls
    norms = np.sqrt(np.diag(products)).reshape(se.shape)
    scale = np.divide(se, norms, out=np.zeros_like(se), where=told & (norms > 0))
    says = pulls**2 @ np.divide(1, norms**2, out=np.zeros_like(se), where=scale > 0).ravel()
    n_rows = says.sum() ** 2 / max((says**2).sum(), 1e-300)
    covariance = (products * np.outer(scale, scale)).reshape(*se.shape, *se.shape)
    values = np.full(se.shape, np.nan)
    for column, here in enumerate(told):
        center = np.diag(here.astype(float)) - np.outer(here, here) / max(here.sum(), 1)
        covariance[column] = np.tensordot(center, covariance[column], axes=1)
        covariance[:, :, column] = covariance[:, :, column] @ center
        own = regression.coefficients[columns[column]]
        values[column, here] = own[here] - own[here].mean() if here.any() else np.nan
    return _Deviations(values, covariance, n_rows)


def _same(found: _Deviations, df: float) -> tuple[float, float, float]:
    """Statistic, number of independent deviations, p-value."""
    told = np.isfinite(found.values)
    n = int(told.sum())
    if not n:
        return np.nan, np.nan, np.nan
    statistic = float(np.mean(_in_errors(found.values, found.se)[told] ** 2))
    scaled = found.covariance / np.multiply.outer(_or_one(found.se), _or_one(found.se))
    together = float((scaled**2).sum()) - n**2 / found.n_rows  # less what chance adds
    n_free = n - int(told.any(axis=1).sum())
    independent = min(n**2 / max(together, 1e-12), n_free)
    return statistic, independent, float(f.sf(statistic, independent, df))


def _in_errors(values: Floats, se: Floats) -> Floats:
    """Values in standard errors; 0 where there is no error: readouts that are copies."""
    in_errors: Floats = np.where(se == 0, 0.0, values / _or_one(se))
    return np.where(np.isnan(se), np.nan, in_errors)


def _or_one(se: Floats) -> Floats:
    return np.where(se > 0, se, 1.0)


def _table(motif: str, found: _Deviations, readouts: Sequence[str], df: float) -> pd.DataFrame:
    values = found.values.mean(axis=0)
    variances = np.einsum("acbc->c", found.covariance) / len(found.values) ** 2
    se = np.where(np.isfinite(values), np.sqrt(np.maximum(variances, 0)), np.nan)
    reach = t.ppf(1 - TAIL, df) * se
    return pd.DataFrame({
        "motif": motif, "readout": list(readouts), "deviation": values,
        "lower": values - reach, "upper": values + reach,
        "p_value": 2 * t.sf(np.abs(_in_errors(values, se)), df),
    })  # fmt: skip


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=list(DEVIATION_COLUMNS))
    return _with_q(pd.concat(tables, ignore_index=True))


def _with_q(table: pd.DataFrame) -> pd.DataFrame:
    p_values = table["p_value"].to_numpy(dtype=np.float64)
    return table.assign(q_value=q_values_of(p_values))
