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
        codes = joined.transpose(0, 2, 1, 3).reshape(width, -1)
        self.n, self.width, self.n_letters = len(letters), width, alphabet.n_letters
        row = np.repeat(np.arange(self.n), codes.shape[1] // self.n)
        known = (codes < alphabet.n_letters).all(axis=0)
        words, word = np.unique(codes[:, known], axis=1, return_inverse=True)
        self.codes = words.astype(np.int64)
        pairs = np.unique(row[known] * (self.n_words + 1) + word.ravel())
        self._row, self._word = np.divmod(pairs, self.n_words + 1)

    @property
    def n_windows(self) -> int:
        """Different windows of each sequence, over all sequences."""
        return len(self._row)

    @property
    def n_words(self) -> int:
        """How many different windows there are; `codes`, (width, n_words), are their letters."""
        return int(self.codes.shape[1])

    @cached_property
    def _by_row(self) -> Groups:
        return _grouped(self._row, self._word, self.n, self.n_words)

    @cached_property
    def _by_letter(self) -> list[Groups]:
        """Per column: windows by letter and sequence."""
        n_groups = self.n * self.n_letters
        return [
            _grouped(column[self._word] * self.n + self._row, self._word, n_groups, self.n_words)
            for column in self.codes
        ]

    def scores(self, columns: Floats32) -> Floats32:
        """Sum of the letters' probabilities in every different window, (n_motifs, n_words + 1).

        `columns` is (n_motifs, width, n_letters). The last entry is minus infinity.
        """
        scores = np.zeros((len(columns), self.n_words + 1), dtype=np.float32)
        for number, column in enumerate(self.codes):
            scores[:, :-1] += columns[:, number][:, column]
        scores[:, -1] = -np.inf
        return scores

    def best(self, scores: Floats32) -> Floats32:
        """Best score per sequence, (n_motifs, n); minus infinity where there is no window."""
        return self._by_row.best(scores)

    def best_per_letter(self, scores: Floats32, column: int) -> Floats32:
        """Best score per sequence among windows with each letter at a column.

        Shape (n_motifs, n_letters, n); minus infinity where a sequence has no such window.
        """
        best = self._by_letter[column].best(scores)
        return best.reshape(len(scores), self.n_letters, self.n)


@dataclass(frozen=True)
class Groups:
    """Windows in groups: `words` in order of group, where groups start, and which are empty."""

    words: Integers
    starts: Integers
    is_empty: npt.NDArray[np.bool_]

    def best(self, scores: Floats32) -> Floats32:
        """Largest score of each group, (n_motifs, n_groups)."""
        best = np.maximum.reduceat(scores.take(self.words, axis=1), self.starts, axis=1)
        best[:, self.is_empty] = -np.inf
        return best


def _grouped(group: Integers, word: Integers, n_groups: int, none: int) -> Groups:
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=n_groups)
    return Groups(np.append(word[order], none), np.cumsum(sizes) - sizes, sizes == 0)


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
        distance = 1 + (self.grid**2).sum(axis=1) - 2 * self.grid.T  # of a letter and a point
        self._of_points = np.exp(-distance / np.float32(omega))[:, :, None]

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
        most = max(NUMBERS_AT_ONCE // self.windows.n_windows, 1)
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
        nearest = self.windows.best(self.windows.scores(columns)).astype(np.float64)
        length = self.windows.width + (columns.astype(np.float64) ** 2).sum(axis=(1, 2))
        found: npt.NDArray[np.float64] = np.exp((2 * nearest - length[:, None]) / self.omega)
        return found

    def _climb(self, columns: Floats32, directions: Floats32) -> Refined:
        """Look at column after column, until each was looked at since the last change."""
        found = Refined(columns.copy(), np.zeros(len(columns), dtype=np.float32))
        scores = self.windows.scores(columns)
        best, n_unchanged = found.score.copy(), np.zeros(len(columns), dtype=np.int64)
        moving = np.arange(len(columns))
        for visit in range(MOST_SWEEPS * self.windows.width):
            changed = self._improve(columns, scores, directions, best, visit % self.windows.width)
            n_unchanged = np.where(changed, 1, n_unchanged + 1)
            found.columns[moving], found.score[moving] = columns, best
            left = np.flatnonzero(n_unchanged < self.windows.width)
            if not len(left):
                break
            if len(left) < len(moving):
                columns, scores, directions = columns[left], scores[left], directions[left]
                best, n_unchanged, moving = best[left], n_unchanged[left], moving[left]
        return found

    def _improve(
        self, columns: Floats32, scores: Floats32, directions: Floats32, best: Floats32, number: int
    ) -> npt.NDArray[np.bool_]:
        """Give each motif its best column `number`, in place; return which motifs have changed."""
        values = self._candidates(columns, scores, directions, number)
        chosen = values.argmax(axis=1)
        reached = values[np.arange(len(columns)), chosen]
        changed: npt.NDArray[np.bool_] = reached > best * (1 + GAIN)
        better = np.flatnonzero(changed)
        change = self.grid[chosen[better]] - columns[better, number]
        scores[better, :-1] += change[:, self.windows.codes[number]]
        columns[better, number] = self.grid[chosen[better]]
        best[better] = reached[better]
        return changed

    def _candidates(
        self, columns: Floats32, scores: Floats32, directions: Floats32, number: int
    ) -> Floats32:
        """Score of every grid point as column `number`, (n_motifs, n_points).

        Activations are of shape (n_motifs, n_points, n).
        """
        own = columns[:, number]
        best = self.windows.best_per_letter(scores, number) - own[:, :, None]
        others = (columns**2).sum(axis=(1, 2)) - (own**2).sum(axis=1)
        distance = self.windows.width - 1 + others[:, None, None] - 2 * best
        of_others = np.exp(-distance / np.float32(self.omega))[:, :, None]  # without this column
        activation = of_others[:, 0] * self._of_points[0]
        product = np.empty_like(activation)
        for letter in range(1, self.windows.n_letters):
            np.multiply(of_others[:, letter], self._of_points[letter], out=product)
            np.maximum(activation, product, out=activation)
        along = np.matmul(activation, directions[:, :, None])[:, :, 0]
        whole = np.einsum("bgn,bgn->bg", activation, activation)
        on_basis = activation @ self.basis
        square = whole - np.einsum("bgq,bgq->bg", on_basis, on_basis)
        values: Floats32 = score_from_moments(along, square, whole, self._ridge)
        return values
