"""The terms of a formula: from sequences and their covariates to the columns it multiplies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.covariates import Covariates
from motifbook.formula.positions import Positions
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
TERM_COLUMNS = ("term", "kind", "motif", "partner", "position", "start", "end")


@dataclass(frozen=True)
class Terms:
    """What a formula multiplies with its coefficients.

    Parameters
    ----------
    motifs
        Whose sites are counted.
    positions
        Where sites are told apart.
    covariates
        What else goes into the formula: composition, numeric and categorical columns.
    pairs
        Numbers of motifs whose counts are multiplied: their interactions.
    both_strands
        See `count_sites`.
    """

    motifs: list[CountedMotif]
    positions: Positions
    covariates: Covariates
    pairs: tuple[tuple[int, int], ...] = ()
    both_strands: bool = True

    def table(self) -> pd.DataFrame:
        """One row per term: `TERM_COLUMNS`; `kind` is "motif", "interaction" or "covariate"."""
        names = [counted.motif.name for counted in self.motifs]
        rows: list[tuple[object, ...]] = []
        for name in names:
            for position, (start, end) in zip(self.positions.names, self.positions.spans()):
                term = f"{name} at {position}" if position else name
                rows.append((term, "motif", name, "", position, start, end))
        whole = ("", 0, self.positions.length)
        for a, b in self.pairs:
            rows.append((f"{names[a]} x {names[b]}", "interaction", names[a], names[b], *whole))
        rows += [(name, "covariate", "", "", *whole) for name in self.covariates.names]
        return pd.DataFrame(rows, columns=list(TERM_COLUMNS))

    def columns(self, letters: Letters, obs: pd.DataFrame) -> Floats:
        """Value of every term for every sequence, (n, n_terms), in the order of `table`.

        Parameters
        ----------
        letters : (n, length)
            Letter codes.
        obs : n rows
            With the columns that the covariates need.

        Raises
        ------
        InputError
            If a covariate is not there.
        """
        counts = count_sites(self.motifs, letters, self.positions, both_strands=self.both_strands)
        totals = counts.reshape(len(letters), len(self.motifs), self.positions.n).sum(axis=2)
        products = [totals[:, a] * totals[:, b] for a, b in self.pairs]
        return np.column_stack([counts, *products, self.covariates.table(letters, obs)])
