"""Readouts on the scale on which Gaussian tests hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

from motifbook import _check

Floats = npt.NDArray[np.float64]
FEW_VALUES = 10


def normal_scores(
    readout: npt.ArrayLike, *, ties: str = "random", seed: int | None = None
) -> Floats:
    """Replace values by the normal quantiles of their ranks, ``(rank - 0.5) / n``.

    Parameters
    ----------
    readout : (n,)
        Without missing values.
    ties
        "random" breaks ties at random (counts keep exact normal scores); "average" gives them one
        value.

    Returns
    -------
    (n,)
        Same order as `readout`, normal whatever the law of the noise.

    Notes
    -----
    Rank-based inverse normal transform (Beasley, Erickson & Allison 2009, Behav Genet 39:580). It
    makes Gaussian tests nearly exact; readouts with few distinct values need a permutation test.

    Examples
    --------
    >>> normal_scores([10, 1000, 20]).round(2).tolist()
    [-0.97, 0.97, 0.0]
    """
    values = finite_readout(readout)
    _check.one_of(ties, "ties", ("random", "average"))
    if ties == "average":
        ranks = rankdata(values)
    else:
        rng = _check.generator(seed, "ties")
        order = np.lexsort((rng.random(len(values)), values))
        ranks = np.empty(len(values))
        ranks[order] = np.arange(1, len(values) + 1)
    scores: Floats = ndtri((ranks - 0.5) / len(values))
    return scores


def has_few_values(readout: npt.ArrayLike) -> bool:
    """Whether a readout is binary or has fewer than ten distinct values: permute such a one."""
    return len(np.unique(finite_readout(readout))) < FEW_VALUES


def finite_readout(readout: npt.ArrayLike) -> Floats:
    """Return a readout as float64, (n,); refuse missing values, naming their rows."""
    values = _check.numbers(readout, "readout", "numbers, (n,)")
    _check.shape(values, "readout", "(n,)", None)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        rows = ", ".join(map(str, bad[:5])) + (", …" if len(bad) > 5 else "")
        raise _check.InputError(
            f"`readout` holds {values[bad[0]]} in {len(bad)} of {len(values)} rows ({rows}); "
            "expected a number in every row. Leave these rows out."
        )
    return values
