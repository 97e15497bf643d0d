"""Draws of a statistic where nothing is associated: what explorers show beside the observed one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.significance.lines import null_cosines
from motifbook.significance.max_t import null_maxima
from motifbook.significance.permutation import null_permuted
from motifbook.significance.steps import Step

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NullSample:
    """Draws of a statistic under the null, and the observed value.

    Parameters
    ----------
    values : (n_draws,)
        Draws, in the statistic's units; fewer than asked for where most were rejected.
    observed
        The statistic of the data.
    what
        The statistic in words.
    """

    values: Floats
    observed: float
    what: str


def sample_null(
    step: Step,
    engine: str,
    *,
    n_draws: int = 400,
    blocks: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> NullSample:
    """Draw what an engine compares the statistic of a step with.

    Parameters
    ----------
    step
        See `first_step`.
    engine
        "maxt", "permutation", "conditional" or "line".
    blocks : (n,)
        For "permutation".

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> step = first_step(prepare(rng.random((50, 6)), rng.normal(size=50)))
    >>> len(sample_null(step, "maxt", n_draws=10, seed=0).values)
    10
    """
    if engine in ("conditional", "line"):
        values = null_cosines(step, n_draws, seed=seed)
        return NullSample(values, step.statistic, "correlation of the chosen motif, when it wins")
    what = "largest correlation of any motif"
    if engine == "permutation":
        values = null_permuted(step, n_draws, blocks=blocks, seed=seed)
        return NullSample(values, step.statistic, f"{what}, readout in random order")
    return NullSample(null_maxima(step, n_draws, seed=seed), step.statistic, what)
