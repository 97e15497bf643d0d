"""Which engine suits a readout, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.significance.transform import finite_readout, has_few_values, normal_scores

Floats = npt.NDArray[np.float64]
FEWEST = 30  # sequences below which rank scores are too coarse for a Gaussian test


@dataclass(frozen=True)
class Choice:
    """An engine, the readout on its scale, and the reason.

    Parameters
    ----------
    engine
        "maxt" or "permutation".
    readout : (n,)
        Normal scores for "maxt", unchanged for "permutation".
    why
        One sentence.
    """

    engine: str
    readout: Floats
    why: str


def choose_engine(readout: npt.ArrayLike, *, seed: int | None = None) -> Choice:
    """Choose the engine that `engine="auto"` stands for.

    Parameters
    ----------
    readout : (n,)
        Without missing values.

    Returns
    -------
    Choice

    Examples
    --------
    >>> choose_engine([0, 1] * 40).engine
    'permutation'
    """
    values = finite_readout(readout)
    if has_few_values(values):
        why = f"the readout has {len(np.unique(values))} distinct values, so it is permuted"
        return Choice("permutation", values, why)
    if len(values) < FEWEST:
        return Choice("permutation", values, f"{len(values)} sequences are few, so it is permuted")
    why = "the readout has many values: its ranks are made normal, and the largest score is tested"
    return Choice("maxt", normal_scores(values, seed=seed), why)
