"""How well any prediction can agree with a noisy measurement.

The reliability of a measurement is the share of its variance that is not noise. A prediction of
the true values correlates with the measurement by its square root.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from motifbook.data.quality.composition import correlation

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def spearman_brown(r: float, n_replicates: float) -> float:
    """Return the reliability of the mean of replicates that agree with r (Spearman 1910).

    Examples
    --------
    >>> spearman_brown(0.5, 2)
    0.6666666666666666
    """
    return n_replicates * r / (1 + (n_replicates - 1) * r)


def mean_agreement(replicates: FloatArray) -> float:
    """Return the mean Pearson r over pairs of replicates, (n, n_replicates)."""
    pairs = itertools.combinations(replicates.T, 2)
    found = np.array([correlation(first, second) for first, second in pairs])
    return float(found[~np.isnan(found)].mean()) if (~np.isnan(found)).any() else float("nan")


def from_replicates(replicates: FloatArray) -> float:
    """Return the reliability of the mean of replicates, (n, n_replicates); NaN if unknown.

    Where some are missing, they count as their harmonic mean: noise goes with 1 / replicates.
    """
    n_measured = (~np.isnan(replicates)).sum(axis=1)
    if not (n_measured > 1).any():
        return float("nan")
    r = mean_agreement(replicates)
    return spearman_brown(max(r, 0.0), 1 / float((1 / n_measured[n_measured > 0]).mean()))


def from_sigma(values: FloatArray, sigma: FloatArray) -> float:
    """Return the reliability of values, (n,), with known standard errors, (n,)."""
    known = ~np.isnan(values) & ~np.isnan(sigma)
    if known.sum() < 3 or values[known].var() == 0:
        return float("nan")
    return float(np.clip(1 - (sigma[known] ** 2).mean() / values[known].var(ddof=1), 0, 1))


def from_copies(values: FloatArray, groups: IntArray) -> tuple[float, int]:
    """Return the reliability of single values, (n,), and how many copies it stands on.

    `groups`, (n,), numbers sequences; rows of one number were measured several times, unless their
    values are the very same: those are one measurement that stands there twice. The noise is what
    the others differ by; every row beyond the first of its group counts as a copy.
    """
    rows = np.flatnonzero(~np.isnan(values))
    _, first = np.unique(np.stack([groups[rows], values[rows]]), axis=1, return_index=True)
    values, groups = values[rows[first]], groups[rows[first]]
    sizes = np.bincount(groups)
    several = sizes[groups] > 1
    n_copies = int(several.sum() - (sizes > 1).sum())
    if not n_copies:
        return float("nan"), 0
    means = np.bincount(groups, weights=values) / np.maximum(sizes, 1)
    noise = ((values - means[groups])[several] ** 2).sum() / n_copies
    return float(np.clip(1 - noise / values.var(ddof=1), 0, 1)), n_copies
