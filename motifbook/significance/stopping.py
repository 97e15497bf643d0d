"""How many steps of a selection to believe."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook import _check

Floats = npt.NDArray[np.float64]


def forward_stop(log_p: npt.ArrayLike, fdr: float = 0.1) -> int:
    """How many first steps to keep so that few of them are false.

    Parameters
    ----------
    log_p : (n_steps,)
        Natural logarithms of p-values, in the order of the steps.
    fdr
        Expected share of false steps among those kept, at most.

    Returns
    -------
    int
        The largest number of steps whose mean of ``-log(1 - p)`` is at most `fdr`.

    Notes
    -----
    ForwardStop (G'Sell, Wager, Chouldechova & Tibshirani 2016, J R Stat Soc B 78:423).

    Examples
    --------
    >>> forward_stop(np.log([0.001, 0.01, 0.2, 0.9]))
    3
    """
    _check.number(fdr, "fdr", low=0, high=1, what="a share")
    return int((forward_stop_q(log_p) <= fdr).sum())


def forward_stop_q(log_p: npt.ArrayLike) -> Floats:
    """Smallest false discovery rate at which `forward_stop` keeps each step, (n_steps,).

    Examples
    --------
    >>> forward_stop_q(np.log([0.001, 0.2, 0.01])).round(3).tolist()
    [0.001, 0.078, 0.078]
    """
    values = np.minimum(_check.numbers(log_p, "log_p", "logarithms of p-values"), -1e-12)
    means = np.cumsum(-np.log1p(-np.exp(values))) / np.arange(1, len(values) + 1)
    smallest: Floats = np.minimum(np.minimum.accumulate(means[::-1])[::-1], 1.0)
    return smallest


def stop_at_first(log_p: npt.ArrayLike, alpha: float = 0.05) -> int:
    """How many steps come before the first with a p-value above `alpha`.

    The probability that a false step is kept is at most `alpha`: as long as true motifs are left,
    no step is false, and the first false one is kept with probability `alpha`.

    Examples
    --------
    >>> stop_at_first(np.log([0.001, 0.2, 0.01]))
    1
    """
    values = _check.numbers(log_p, "log_p", "logarithms of p-values, (n_steps,)")
    _check.number(alpha, "alpha", low=0, high=1, what="a probability")
    failed = np.flatnonzero(values > np.log(max(alpha, 1e-300)))
    return int(failed[0]) if len(failed) else len(values)
