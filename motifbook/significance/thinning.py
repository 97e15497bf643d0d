"""One readout made two: motifs are chosen on the first half and tested on the second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from motifbook import _check
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
LIMIT = 1.2  # variance over mean above which counts are no Poisson counts


@dataclass(frozen=True)
class TwoReadouts:
    """A readout in two independent parts, of the same rows.

    Parameters
    ----------
    choose : (n,)
        For choosing motifs by whatever means: scores, or a network trained on it.
    test : (n,)
        For testing them.
    notes
        How they were made.
    """

    choose: Floats
    test: Floats
    notes: tuple[str, ...]


def fission(
    readout: npt.ArrayLike,
    *,
    noise_scale: float | None = None,
    gamma: float = 1.0,
    seed: int | None = 0,
) -> TwoReadouts:
    """Make two of a readout with normal noise, by adding and subtracting noise of our own.

    Parameters
    ----------
    readout : (n,)
    noise_scale
        Standard deviation of the noise in `readout`. By default that of the readout: too large
        where motifs explain much; the halves are then a little dependent and power is lost.
    gamma
        How much is added: the larger, the more is left for the test.
    seed
        Of the noise.

    Returns
    -------
    TwoReadouts
        readout + gamma e and readout - e / gamma, both with the readout's mean.

    Raises
    ------
    InputError
        If the readout is constant or holds a missing value, or a setting is not above 0.

    Notes
    -----
    Rasines & Young 2023 (Biometrika 110:597); Leiner, Duan, Wasserman & Ramdas 2023 (JASA).

    Examples
    --------
    >>> halves = fission([1.0, 2.0, 4.0], gamma=2.0)
    >>> ((halves.choose + 4 * halves.test) / 5).round(9).tolist()
    [1.0, 2.0, 4.0]
    """
    values = finite_readout(readout)
    _above_zero(gamma, "gamma")
    if noise_scale is not None:
        _above_zero(noise_scale, "noise_scale")
    scale = float(values.std(ddof=1)) if noise_scale is None else float(noise_scale)
    if scale == 0:
        raise _check.InputError(
            f"`readout` is {values[0]:g} in all {len(values)} rows; expected values that differ. "
            "Give a measured readout."
        )
    noise = scale * _check.generator(seed, "fission").standard_normal(len(values))
    known = "as given" if noise_scale is not None else "estimated by the readout's own"
    note = f"Gaussian fission, gamma {gamma:g}, standard deviation {scale:.3g} ({known})."
    return TwoReadouts(values + gamma * noise, values - noise / gamma, (note,))


def over_dispersion(counts: npt.ArrayLike, mean: npt.ArrayLike | None = None) -> float:
    """Estimate by how much the variance of counts exceeds their mean: variance = m + b m^2.

    Parameters
    ----------
    counts : (n,)
    mean : (n,)
        Expected counts, for example of a regression on covariates; by default the mean count.

    Returns
    -------
    float
        b of greatest likelihood under a negative binomial law; 0 for Poisson counts.

    Examples
    --------
    >>> over_dispersion([3, 4, 5, 4, 3, 5])
    0.0
    """
    values = _counts(counts)
    means = _means(values, mean)
    if ((values - means) ** 2).sum() <= values.sum():
        return 0.0

    def loss(log_size: float) -> float:
        size = np.exp(log_size)
        terms = gammaln(values + size) - gammaln(size) + size * np.log(size / (size + means))
        return -float((terms + values * np.log(means / (size + means))).sum())

    found = minimize_scalar(loss, bounds=(-7, 14), method="bounded")
    return float(np.exp(-found.x))


def thin_poisson(
    counts: npt.ArrayLike,
    *,
    mean: npt.ArrayLike | None = None,
    share: float = 0.5,
    seed: int | None = 0,
) -> TwoReadouts:
    """Deal every single count out to one of two halves.

    Parameters
    ----------
    counts : (n,)
        Whole numbers.
    mean : (n,)
        See `over_dispersion`; the guard compares with it.
    share
        Part of the counts that choose.
    seed
        Of the dealing.

    Returns
    -------
    TwoReadouts
        Means `share` and 1 - `share` of those of `counts`; independent for Poisson counts.

    Raises
    ------
    InputError
        If the variance is more than 1.2 times the mean: the halves would depend on each other, and
        chosen motifs be significant where nothing is associated. Or if `counts` are no counts.

    Examples
    --------
    >>> halves = thin_poisson([4, 2, 3, 5])
    >>> (halves.choose + halves.test).tolist()
    [4.0, 2.0, 3.0, 5.0]
    """
    values = _counts(counts)
    part = _share(share)
    means = _means(values, mean)
    ratio = float(((values - means) ** 2 / means).sum() / max(len(values) - 1, 1))
    if ratio > LIMIT:
        raise _check.InputError(
            f"`counts` have a variance of {ratio:.3g} times their mean; expected at most {LIMIT:g} "
            "for Poisson counts. Use `thin_negative_binomial`, or how='negative binomial', which "
            "allows for over-dispersion."
        )
    chosen = _check.generator(seed, "thinning").binomial(values.astype(np.int64), part)
    note = f"Poisson thinning, {part:.0%} to choose; variance / mean is {ratio:.3g}."
    return TwoReadouts(chosen.astype(float), values - chosen, (note,))


def thin_negative_binomial(
    counts: npt.ArrayLike,
    *,
    dispersion: float | None = None,
    mean: npt.ArrayLike | None = None,
    share: float = 0.5,
    seed: int | None = 0,
) -> TwoReadouts:
    """Deal counts out to two halves that are independent although counts are over-dispersed.

    Parameters
    ----------
    counts : (n,)
        Whole numbers.
    dispersion
        b of variance = m + b m^2; by default `over_dispersion(counts, mean)`.
    mean, share, seed
        See `thin_poisson`.

    Returns
    -------
    TwoReadouts
        Negative binomial, with means `share` and 1 - `share` of those of `counts` and dispersions
        b / share and b / (1 - share).

    Raises
    ------
    InputError
        If `counts` are no counts, or `dispersion` is negative.

    Notes
    -----
    The share of each row is drawn from a beta law (Neufeld, Dharamshi, Gao & Witten 2024, JMLR
    25(57), data thinning). Dispersion 0 is Poisson thinning.

    Examples
    --------
    >>> halves = thin_negative_binomial([40, 2, 13, 5], dispersion=0.5)
    >>> (halves.choose + halves.test).tolist()
    [40.0, 2.0, 13.0, 5.0]
    """
    values = _counts(counts)
    part = _share(share)
    given = over_dispersion(values, mean) if dispersion is None else dispersion
    b = _check.number(given, "dispersion", low=0)
    rng = _check.generator(seed, "thinning")
    shares = np.full(len(values), part)
    if b > 0:
        shares = rng.beta(part / b, (1 - part) / b, len(values))
    chosen = rng.binomial(values.astype(np.int64), shares)
    known = "given" if dispersion is not None else "estimated"
    note = f"Negative binomial thinning, {part:.0%} to choose; over-dispersion {b:.3g} ({known})."
    return TwoReadouts(chosen.astype(float), values - chosen, (note,))


def _above_zero(value: float, name: str) -> None:
    _check.number(value, name, low=np.finfo(float).tiny, what="a number above 0")


def _share(value: float) -> float:
    return _check.number(value, "share", low=0.01, high=0.99, what="a share")


def _counts(counts: npt.ArrayLike) -> Floats:
    values = finite_readout(counts)
    wrong = np.flatnonzero((values < 0) | (values != np.round(values)))
    if len(wrong):
        raise _check.InputError(
            f"`counts` holds {values[wrong[0]]:g} in row {wrong[0]}; expected whole numbers, 0 or "
            "more. Use raw counts, or `fission` for other values."
        )
    if not values.any():
        raise _check.InputError(
            f"`counts` is 0 in all {len(values)} rows; expected counts. Give another readout."
        )
    return values


def _means(values: Floats, mean: npt.ArrayLike | None) -> Floats:
    means = np.full(len(values), values.mean()) if mean is None else finite_readout(mean)
    _check.shape(means, "mean", "one expected count per row", len(values))
    if means.min() <= 0:
        raise _check.InputError(
            f"`mean` holds {means.min():g}; expected counts above 0. Fit it on a log scale."
        )
    return means
