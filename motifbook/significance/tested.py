"""What every engine returns: a p-value on the log scale and how it came about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tested:
    """The outcome of one test.

    Parameters
    ----------
    log_p
        Natural logarithm of the p-value; finite, however small the p-value.
    statistic
        What was compared with its null distribution; the engine says what it is.
    n_draws
        How many random draws were made; 0 for closed forms.
    ess
        Effective number of draws: how many independent, equally weighted ones they are worth.
    acceptance
        Share of the draws that lay in the selection event.
    notes
        Sentences: what a reader should know before trusting the p-value.

    Examples
    --------
    >>> Tested(-1000.0, 0.9).p_value
    0.0
    >>> Tested(float(np.log(5 / 100)), 0.4).p_value
    0.05
    """

    __test__ = False  # pytest takes what is called Test… for tests

    log_p: float
    statistic: float
    n_draws: int = 0
    ess: float = float("nan")
    acceptance: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def p_value(self) -> float:
        """The p-value; below 1e-323 computers write 0, so show and sort by `log_p`."""
        return float(f"{np.exp(min(self.log_p, 0.0)):.12g}")  # 5 of 100 is 0.05, not above it
