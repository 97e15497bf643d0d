"""What goes into a formula beside motifs: letter composition, measured numbers, batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Covariates:
    """Columns beside the motif counts, centered on the rows they were learned from.

    Parameters
    ----------
    names
        Of the terms: "GC", "GC^2", "CpG", a numeric column of `obs` by its name, a categorical
        one as "batch = B" for each but the most common category.
    """

    names: tuple[str, ...] = ()

    @classmethod
    def learn(
        cls,
        letters: Letters,
        alphabet: Alphabet,
        obs: pd.DataFrame,
        wanted: Sequence[str] = (),
        *,
        composition: bool = True,
    ) -> Covariates:
        """Choose columns and their centers from these rows."""
        return cls()

    def table(self, letters: Letters, obs: pd.DataFrame) -> Floats:
        """Value of every term for every sequence, (n, n_terms)."""
        return np.zeros((len(letters), 0))
