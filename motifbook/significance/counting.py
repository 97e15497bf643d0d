"""P-values by counting draws, with an early end where many lie beyond what was observed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Booleans = npt.NDArray[np.bool_]
ENOUGH = 50  # draws beyond, after which no more are made


def needed(beyond: Booleans, n_draws: int) -> Booleans:
    """Draws up to the fiftieth that lies beyond, `n_draws` at most; the first of those given.

    Parameters
    ----------
    beyond : (n,)
        Which draws lie beyond what was observed, in order.

    Examples
    --------
    >>> len(needed(np.ones(60, dtype=bool), 99)), len(needed(np.zeros(200, dtype=bool), 99))
    (50, 99)
    """
    last = np.searchsorted(beyond.cumsum(), ENOUGH) + 1
    return beyond[: min(n_draws, int(last))]


def is_enough(beyond: Booleans, n_draws: int) -> bool:
    """Whether no more draws are needed."""
    return len(beyond) >= n_draws or int(beyond.sum()) >= ENOUGH


def log_p_of(beyond: Booleans) -> float:
    """Log p-value of draws that were `needed`.

    Notes
    -----
    Sequential Monte Carlo test (Besag & Clifford 1991, Biometrika 78:301): 50 / n if 50 of n lie
    beyond, else (1 + those beyond) / (1 + n). Exact for any number of draws.

    Examples
    --------
    >>> round(float(np.exp(log_p_of(np.arange(99) == 7))), 6)
    0.02
    """
    n_beyond = int(beyond.sum())
    if n_beyond >= ENOUGH:
        return float(np.log(n_beyond / len(beyond)))
    return float(np.log((1 + n_beyond) / (1 + len(beyond))))
