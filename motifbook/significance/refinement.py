"""From words to probability matrices: coordinate ascent on the association score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.onehot import Letters
from motifbook.significance.association import score_from_moments
from motifbook.significance.mesh import simplex_grid

Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
MOST_SWEEPS = 20  # over the columns of a motif
GAIN = 1e-5  # by which a score must rise, as a share
NUMBERS_AT_ONCE = 4_000_000  # of windows times directions; bounds memory


class Windows:
    """All windows of sequences, arranged so that motifs of any columns are scored fast.

    Parameters
    ----------
    letters : (n, length)
        Letter codes; windows with unknown letters do not count.
    width
        Letters per window.
    alphabet, both_strands
        Whether windows of the other strand count, if the alphabet has strands.
    """

    def __init__(
        self, letters: Letters, width: int, alphabet: Alphabet = DNA, both_strands: bool = True
    ) -> None:
        strands = [letters]
        if both_strands and alphabet.has_strands:
            strands.append(alphabet.complement_codes[letters[:, ::-1]])
        n_starts = letters.shape[1] - width + 1
        if n_starts < 1:
            raise _check.InputError(
                f"The sequences have {letters.shape[1]} letters; expected {width} or more, the "
                "width of the motif. Use a narrower one."
            )
        starts = [
            strand[:, offset : offset + n_starts] for offset in range(width) for strand in strands
        ]
        joined = np.stack(starts).reshape(width, len(strands), len(letters), n_starts)
        codes = joined.transpose(0, 2, 1, 3).reshape(width, len(letters), -1)
        self.n, self.width, self.n_letters = len(letters), width, alphabet.n_letters
        self.unknown = (codes == alphabet.n_letters).any(axis=0).ravel()
        self.codes = np.where(codes == alphabet.n_letters, 0, codes).reshape(width, -1)

    @cached_property
    def by_letter(self) -> list[tuple[Integers, Integers, npt.NDArray[np.bool_]]]:
        """Per column: windows sorted by sequence and letter, starts of groups, which are empty."""
        n_windows = self.codes.shape[1]
        row = np.repeat(np.arange(self.n), n_windows // self.n)
        arranged = []
        for column in self.codes:
            group = row * self.n_letters + column
            order = np.append(np.argsort(group, kind="stable"), n_windows)
            sizes = np.bincount(group, minlength=self.n * self.n_letters)
            arranged.append((order, np.cumsum(sizes) - sizes, sizes == 0))
        return arranged

    def scores(self, columns: Floats32) -> Floats32:
        """Sum of the letters' probabilities in every window, (n_motifs, n_windows + 1).

        `columns` is (n_motifs, width, n_letters). Windows with unknown letters, and the last entry,
        are minus infinity.
        """
        scores = np.full((len(columns), self.codes.shape[1] + 1), -np.inf, dtype=np.float32)
        inner = scores[:, :-1]
        inner[:] = 0
        for number, column in enumerate(self.codes):
            inner += columns[:, number][:, column]
        inner[:, self.unknown] = -np.inf
        return scores

    def best_per_letter(self, scores: Floats32, column: int) -> Floats32:
        """Best score per sequence among windows with each letter at a column.

        Shape (n_motifs, n, n_letters); minus infinity where a sequence has no such window.
        """
        order, starts, is_empty = self.by_letter[column]
        best = np.maximum.reduceat(scores[:, order], starts, axis=1)
        best[:, is_empty] = -np.inf
        return best.reshape(len(scores), self.n, self.n_letters)


@dataclass(frozen=True)
class Refined:
    """Motifs that coordinate ascent ended at.

    Parameters
    ----------
    columns : (n_motifs, width, n_letters)
        Probabilities; `columns[i].T` is a ppm.
    score : (n_motifs,)
        Association score with each motif's own direction.
    """

    columns: Floats32
    score: Floats32


class Refiner:
    """Improve motifs column by column, each for a direction of the readout of its own.

    Parameters
    ----------
    windows
        Of the sequences.
    basis : (n, n_columns)
        Orthonormal: intercept, covariates, earlier motifs; projected off activations.
    omega
        Width of the Gaussian activation.
    n_parts
        Candidates for a column are the points of `simplex_grid(n_parts)`.
    penalty
        0 scores by squared correlation, infinity by HSIC; between, by ridge.
    """

    def __init__(
        self,
        windows: Windows,
        basis: npt.NDArray[np.float64],
        *,
        omega: float = 2.0,
        n_parts: int = 4,
        penalty: float = 0.0,
    ) -> None:
        self.windows, self.omega = windows, omega
        self.basis = basis.astype(np.float32)
        self.grid = simplex_grid(n_parts, windows.n_letters).astype(np.float32)
        self._ridge = penalty * windows.n

    def refine(self, columns: npt.NDArray[np.floating], directions: Floats32) -> Refined:
        """Climb to a motif at which no other value of any one column scores higher.

        Parameters
        ----------
        columns : (n_motifs, width, n_letters)
            Where to start, such as words.
        directions : (n_motifs, n)
            Projected readouts; only their direction matters.

        Returns
        -------
        Refined
            Every column is a point of the grid, or that of the start.

        Notes
        -----
        For one column, all candidates are compared at the cost of n times n_letters each: within a
        sequence only the best window per letter at that column can win.
        """
        most = max(NUMBERS_AT_ONCE // self.windows.codes.shape[1], 1)
        parts = [
            self._climb(
                np.array(columns[first : first + most], dtype=np.float32),
                directions[first : first + most].astype(np.float32),
            )
            for first in range(0, len(columns), most)
        ]
        return Refined(
            np.concatenate([part.columns for part in parts]),
            np.concatenate([part.score for part in parts]),
        )

    def activation(self, columns: Floats32) -> npt.NDArray[np.float64]:
        """Gaussian activation of the nearest window, (n_motifs, n); 0 where there is none."""
        scores = self.windows.scores(columns)[:, :-1]
        nearest = scores.reshape(len(columns), self.windows.n, -1).max(axis=2).astype(np.float64)
        length = self.windows.width + (columns.astype(np.float64) ** 2).sum(axis=(1, 2))
        found: npt.NDArray[np.float64] = np.exp((2 * nearest - length[:, None]) / self.omega)
        return found

    def _climb(self, columns: Floats32, directions: Floats32) -> Refined:
        best = np.zeros(len(columns), dtype=np.float32)
        scores = self.windows.scores(columns)
        moving = np.arange(len(columns))
        for _ in range(MOST_SWEEPS):
            before = best[moving].copy()
            here = columns[moving]
            reached = self._sweep(here, scores, directions[moving], before)
            columns[moving], best[moving] = here, reached
            goes_on = reached > before * (1 + GAIN)
            moving, scores = moving[goes_on], scores[goes_on]
            if not len(moving):
                break
        return Refined(columns, best)

    def _sweep(
        self, columns: Floats32, scores: Floats32, directions: Floats32, best: Floats32
    ) -> Floats32:
        """Look at every column once, changing `columns` and `scores`; return the new scores."""
        best = best.copy()
        rows = np.arange(len(columns))
        for number in range(self.windows.width):
            old = columns[:, number].copy()
            values = self._candidates(columns, scores, directions, number)
            chosen = values.argmax(axis=1)
            reached = values[rows, chosen]
            better = np.flatnonzero(reached > best * (1 + GAIN))
            best[better] = reached[better]
            columns[better, number] = self.grid[chosen[better]]
            change = columns[better, number] - old[better]
            scores[better, :-1] += change[:, self.windows.codes[number]]
        return best

    def _candidates(
        self, columns: Floats32, scores: Floats32, directions: Floats32, number: int
    ) -> Floats32:
        """Score of every grid point as column `number`, (n_motifs, n_points)."""
        best = self.windows.best_per_letter(scores, number) - columns[:, None, number]
        nearest = (best[..., 0, None] + self.grid[:, 0]).astype(np.float32)
        for letter in range(1, self.windows.n_letters):
            np.maximum(nearest, best[..., letter, None] + self.grid[:, letter], out=nearest)
        others = (columns**2).sum(axis=(1, 2)) - (columns[:, number] ** 2).sum(axis=1)
        length = self.windows.width + others[:, None] + (self.grid**2).sum(axis=1)
        activation = np.exp((2 * nearest - length[:, None]) / np.float32(self.omega))
        product = np.matmul(directions[:, None], activation)[:, 0]
        whole = np.einsum("bng,bng->bg", activation, activation)
        on_basis = np.matmul(self.basis.T, activation)
        square = whole - np.einsum("bqg,bqg->bg", on_basis, on_basis)
        values: Floats32 = score_from_moments(product, square, whole, self._ridge)
        return values
