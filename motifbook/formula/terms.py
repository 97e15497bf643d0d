"""The terms of a formula: from sequences and their covariates to the columns it multiplies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.formula.count_table import given_counts
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
    counted
        Columns of `obs` with counts of sites that were made elsewhere.
    """

    motifs: list[CountedMotif]
    positions: Positions
    covariates: Covariates
    pairs: tuple[tuple[int, int], ...] = ()
    both_strands: bool = True
    counted: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the motifs, those counted elsewhere last."""
        return [counted.motif.name for counted in self.motifs] + list(self.counted)

    @property
    def n_motif_terms(self) -> int:
        """How many terms count sites; they come first."""
        return len(self.motifs) * self.positions.n + len(self.counted)

    def table(self) -> pd.DataFrame:
        """One row per term: `TERM_COLUMNS`; `kind` is "motif", "interaction" or "covariate"."""
        whole = ("", 0, self.positions.length)
        rows: list[tuple[object, ...]] = []
        for counted in self.motifs:
            name = counted.motif.name
            for position, span in zip(self.positions.names, self.positions.spans()):
                term = f"{name} at {position}" if position else name
                rows.append((term, "motif", name, "", position, *span))
        rows += [(name, "motif", name, "", *whole) for name in self.counted]
        for first, second in ((self.names[a], self.names[b]) for a, b in self.pairs):
            rows.append((f"{first} x {second}", "interaction", first, second, *whole))
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
            If a covariate or a column of counts is not there, or holds what is no number.
        """
        counts = self.counts(letters, obs)
        others = self.covariates.table(letters, obs)
        return np.column_stack([counts, self.products(counts), others])

    def with_pairs(self, columns: Floats) -> Floats:
        """Columns of the same terms without pairs, and those of the pairs at their place."""
        counts, others = np.split(columns, [self.n_motif_terms], axis=1)
        return np.column_stack([counts, self.products(counts), others])

    def products(self, counts: Floats) -> Floats:
        """Number of sites of one motif times that of the other, (n, n_pairs)."""
        totals = self.totals(counts)
        first, second = np.array(self.pairs, dtype=np.int64).reshape(-1, 2).T
        products: Floats = totals[:, first] * totals[:, second]
        return products

    def counts(self, letters: Letters, obs: pd.DataFrame) -> Floats:
        """Columns of the motifs alone, (n, n_motif_terms)."""
        made = count_sites(self.motifs, letters, self.positions, both_strands=self.both_strands)
        if not self.counted:
            return made
        return np.column_stack([made, given_counts(obs, self.counted)])

    def totals(self, counts: Floats) -> Floats:
        """Sites per motif wherever they lie, (n, n_motifs), from `counts`."""
        n_made = len(self.motifs) * self.positions.n
        made = counts[:, :n_made].reshape(len(counts), len(self.motifs), self.positions.n)
        return np.column_stack([made.sum(axis=2), counts[:, n_made:]])

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """Number of the motif that each motif term belongs to, (n_motif_terms,)."""
        n_made = len(self.motifs)
        counted = n_made + np.arange(len(self.counted))
        return np.concatenate([np.repeat(np.arange(n_made), self.positions.n), counted])

    def at_length(self, length: int) -> Terms:
        """Return the same terms for sequences of another length.

        Raises
        ------
        InputError
            If bins or splines were made for `positions.length`.
        """
        if length == self.positions.length or not self.motifs:
            return self
        if self.positions.kind != "anywhere":
            raise _check.InputError(
                f"The sequences have {length} letters; expected {self.positions.length}, as the "
                "positions of the formula were told apart on those."
            )
        return replace(self, positions=replace(self.positions, length=length))

    def keep(self, motifs: Sequence[int]) -> Terms:
        """Keep these motifs, in this order, and no pairs; `motifs` are numbers of `names`."""
        n_made = len(self.motifs)
        made = [self.motifs[number] for number in motifs if number < n_made]
        counted = tuple(self.counted[number - n_made] for number in motifs if number >= n_made)
        return replace(self, motifs=made, counted=counted, pairs=())
