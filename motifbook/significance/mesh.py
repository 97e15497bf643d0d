"""Cells of motif space: which motifs count as the same selection."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MOST_POINTS = 10_000


def simplex_grid(n_parts: int, n_letters: int = 4) -> Floats:
    """Columns of a motif whose probabilities are whole multiples of 1 / n_parts.

    Returns
    -------
    (n_points, n_letters)
        Rows sum to 1.

    Raises
    ------
    InputError
        If `n_parts` is no whole number, or there are more than 10,000 points.

    Examples
    --------
    >>> simplex_grid(2, 2).tolist(), len(simplex_grid(4))
    ([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], 35)
    """
    _check.whole_number(n_parts, "n_parts")
    n_points = 1
    for number in range(1, n_letters):
        n_points = n_points * (n_parts + number) // number
    if n_points > MOST_POINTS:
        raise _check.InputError(
            f"`n_parts` is {n_parts}: a column of {n_letters} letters has {n_points:,} points; "
            f"expected {MOST_POINTS:,} at most. Use a coarser grid."
        )
    bars = itertools.combinations(range(n_parts + n_letters - 1), n_letters - 1)
    ends = np.array([(-1, *chosen, n_parts + n_letters - 1) for chosen in bars])
    return (np.diff(ends, axis=1)[::-1] - 1) / n_parts


@dataclass(frozen=True)
class Mesh:
    """Motif space in cells: every column of a motif belongs to the nearest point of a grid.

    Parameters
    ----------
    n_parts
        Of the grid. 1: the letters alone, so that a cell is a consensus; 2: also two letters with
        one half each; and so on.
    alphabet
        Of the motifs.
    both_strands
        Whether a motif and its reverse complement are in one cell.

    Notes
    -----
    Villié et al. 2023 (arXiv 2212.12542) test what was selected up to a cell of such a mesh, since
    a single point of motif space is selected with probability 0. Their sizes were not available
    to us: cells here are the Voronoi cells of the grid, ties going to its first point.

    Examples
    --------
    >>> mesh = Mesh(1)
    >>> cell = mesh.cells(np.array([[[0.1, 0.0, 0.8, 0.1], [0.6, 0.0, 0.4, 0.0]]]))
    >>> cell.tolist(), mesh.center(cell[0]).T.tolist()
    ([[2, 0]], [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    """

    n_parts: int
    alphabet: Alphabet = DNA
    both_strands: bool = False

    @cached_property
    def grid(self) -> Floats:
        """Points, (n_points, n_letters)."""
        return simplex_grid(self.n_parts, self.alphabet.n_letters)

    @cached_property
    def complement(self) -> Integers:
        """Number of each point after complementing its letters, (n_points,)."""
        return self._nearest(self.grid[:, self.alphabet.complement_codes[:-1]])

    def cells(self, columns: npt.NDArray[np.floating]) -> Integers:
        """Cell of each motif.

        Parameters
        ----------
        columns : (n_motifs, width, n_letters)
            Motifs with their columns first: `ppm.T` each.

        Returns
        -------
        (n_motifs, width)
            Number of the nearest point per column; of a cell and its reverse complement the one
            that comes first.
        """
        cells = self._nearest(columns)
        if not self.both_strands:
            return cells
        mirrored = self.complement[cells[:, ::-1]]
        differs = cells != mirrored
        first = differs.argmax(axis=1)[:, None]
        is_later = np.take_along_axis(cells > mirrored, first, axis=1)
        return np.where(is_later, mirrored, cells)

    def center(self, cell: Integers) -> Floats:
        """Center of a cell, (n_letters, width)."""
        return self.grid[cell].T

    def _nearest(self, columns: npt.NDArray[np.floating]) -> Integers:
        distance = (self.grid**2).sum(axis=1) - 2 * columns @ self.grid.T
        nearest: Integers = np.round(distance, 6).argmin(axis=-1)
        return nearest
