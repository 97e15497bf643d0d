"""How far every row pulls every coefficient: what intervals and joint tests are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
ROWS_AT_ONCE = 2000  # bounds memory


@dataclass(frozen=True)
class Influence:
    """Row i pulls coefficient k of readout c by ``(table @ bread)[i, k] * residuals[i, c]``.

    The sum of products of pulls is the robust covariance of coefficients, also between readouts.

    Parameters
    ----------
    table : (n, n_terms + 1)
        Ones, then the centered columns of the formula.
    breads
        (n_terms + 1, n_terms + 1) each; readouts measured in the same rows share one.
    bread_of : (n_readouts,)
        Number of each readout's bread.
    residuals : (n, n_readouts)
        Measured minus fitted, corrected for leverage; 0 where not measured.
    families : (n,)
        Number of the family that each row belongs to; rows of a family pull together.
    """

    table: Floats
    breads: tuple[Floats, ...]
    bread_of: Integers
    residuals: Floats
    families: Integers | None = None

    def of(self, column: int) -> Floats:
        """Pulls on one coefficient, (n rows or families, n_readouts); column 0: the intercept."""
        reach = self.table @ np.stack([bread[:, column] for bread in self.breads], axis=1)
        pulls = (reach if len(self.breads) == 1 else reach[:, self.bread_of]) * self.residuals
        return pulls if self.families is None else sum_families(pulls, self.families)

    def variances(self) -> Floats:
        """Robust variance of every coefficient, (n_terms + 1, n_readouts)."""
        total = np.zeros((self.table.shape[1], len(self.bread_of)))
        for bread, readouts in self._shared():
            if self.families is None:
                total[:, readouts] = self._diagonal(bread, readouts)
                continue
            for readout in readouts:
                scores = sum_families(self.table * self.residuals[:, [readout]], self.families)
                total[:, readout] = ((scores @ bread) ** 2).sum(axis=0)
        return total

    def _diagonal(self, bread: Floats, readouts: Integers) -> Floats:
        total = np.zeros((len(bread), len(readouts)))
        for first in range(0, len(self.table), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            residuals = self.residuals[rows][:, readouts]
            total += ((self.table[rows] @ bread) ** 2).T @ residuals**2
        return total

    def _shared(self) -> Iterator[tuple[Floats, Integers]]:
        for number, bread in enumerate(self.breads):
            yield bread, np.flatnonzero(self.bread_of == number)


def sum_families(values: Floats, families: Integers) -> Floats:
    """Sum rows of each family, (n_families, n_columns)."""
    total = np.zeros((families.max() + 1, values.shape[1]))
    np.add.at(total, families, values)
    return total


def leverages(table: Floats, inverse: Floats) -> Floats:
    """Diagonal of ``table @ inverse @ table.T``, (n,)."""
    parts = [
        np.einsum("ij,ij->i", table[first : first + ROWS_AT_ONCE] @ inverse,
                  table[first : first + ROWS_AT_ONCE])
        for first in range(0, len(table), ROWS_AT_ONCE)
    ]  # fmt: skip
    return np.concatenate(parts)
