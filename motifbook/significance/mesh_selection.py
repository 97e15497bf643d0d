"""Greedy selection of motifs as a one-layer network makes it, and the event that it came out so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.onehot import Letters
from motifbook.significance.association import FLAT, score_from_moments
from motifbook.significance.dictionary import Activations
from motifbook.significance.hit_and_run import Inside
from motifbook.significance.mesh import Mesh
from motifbook.significance.prepare import FEWEST, Prepared
from motifbook.significance.refinement import Refined, Refiner, Windows

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MeshOptions:
    """How motifs are selected, and which count as the same.

    Parameters
    ----------
    cell_parts
        Grid of the mesh (see `Mesh`): 1 makes a cell of all motifs of one consensus.
    refine_parts
        Grid on which the columns of a motif are refined; 0 leaves words as they are.
    omega
        Width of the Gaussian activation; that of the dictionary.
    penalty
        0 selects by squared correlation, infinity by HSIC, between them by the ridge score.
    """

    cell_parts: int = 1
    refine_parts: int = 4
    omega: float = 2.0
    penalty: float = 0.0


class Selector:
    """One step of the selection: the best word, refined, for as many readouts as one likes.

    Parameters
    ----------
    words : (n_columns, width)
        Letter codes of the words that `prepared.columns` belong to.
    prepared
        Columns and nuisance.
    basis : (n, n_basis)
        Orthonormal: the nuisance and the centers of earlier steps.
    windows
        Of the sequences.
    mesh
        Cells.
    options
        See `MeshOptions`.
    taken
        Cells of earlier steps. A word that would climb back into one of them stays a word.
    """

    def __init__(
        self,
        words: npt.NDArray[np.uint8],
        prepared: Prepared,
        basis: Floats,
        *,
        windows: Windows,
        mesh: Mesh,
        options: MeshOptions,
        taken: Sequence[Integers] = (),
    ) -> None:
        self.basis, self.mesh, self._words, self._taken = basis, mesh, words, taken
        self._columns = prepared.columns
        self._refines = options.refine_parts > 0
        self.refiner = Refiner(
            windows,
            basis,
            omega=options.omega,
            n_parts=max(options.refine_parts, 1),
            penalty=options.penalty,
        )
        along = basis.T.astype(np.float32) @ prepared.columns
        square = prepared.lengths**2 * np.maximum(1 - (along**2).sum(axis=0), 0)
        ridge = options.penalty * windows.n
        per_product = score_from_moments(prepared.lengths, square, prepared.lengths**2, ridge)
        self._gain = per_product.astype(np.float32)

    def residual(self, readouts: Floats) -> Floats:
        """Readouts, (n_draws, n), without what nuisance and earlier centers explain."""
        return readouts - (readouts @ self.basis) @ self.basis.T

    def select(self, residuals: Floats) -> Refined:
        """Motif that goes best with each residual, (n_draws, n)."""
        rows = residuals.astype(np.float32)
        scores = (rows @ self._columns) ** 2 * self._gain
        best = scores.argmax(axis=1)
        start = np.eye(self.refiner.grid.shape[1], dtype=np.float32)[self._words[best]]
        if not self._refines:
            return Refined(start, scores[np.arange(len(rows)), best])
        found = self.refiner.refine(start, rows)
        back = self._is_taken(found)
        found.columns[back] = start[back]
        found.score[back] = scores[back, best[back]]
        return found

    def _is_taken(self, found: Refined) -> npt.NDArray[np.bool_]:
        is_taken = np.zeros(len(found.score), dtype=bool)
        if self._taken:
            cells = self.mesh.cells(found.columns)
            for cell in self._taken:
                is_taken |= (cells == cell).all(axis=1)
        return is_taken

    def cells(self, residuals: Floats) -> Integers:
        """Cell of the motif that goes best with each residual, (n_draws, width)."""
        return self.mesh.cells(self.select(residuals).columns)


@dataclass(frozen=True)
class MeshStep:
    """A motif that was selected.

    Parameters
    ----------
    ppm : (n_letters, width)
        The motif, as refined.
    center : (n_letters, width)
        Center of its cell.
    cell : (width,)
        See `Mesh.cells`.
    score
        Share of the residual's square that the motif explains (with a penalty: the score).
    center_activation : (n,)
        Of the center.
    selector
        Selects again from other readouts.
    """

    ppm: Floats
    center: Floats
    cell: Integers
    score: float
    center_activation: Floats
    selector: Selector = field(repr=False)


@dataclass(frozen=True)
class MeshSelection:
    """Motifs selected step by step, and all that tests of them need.

    Parameters
    ----------
    steps
        In the order of selection.
    readout : (n,)
        Projected off the nuisance.
    options
        As given.
    notes
        Why there are fewer steps than asked for.
    """

    steps: tuple[MeshStep, ...]
    readout: Floats
    options: MeshOptions
    notes: tuple[str, ...] = ()


def select_on_mesh(
    letters: Letters,
    dictionary: Activations,
    prepared: Prepared,
    *,
    n_motifs: int = 1,
    options: MeshOptions | None = None,
) -> MeshSelection:
    """Select motifs as a one-layer network does: the best word, refined to a matrix, step by step.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    dictionary
        `word_activations(letters, k)`.
    prepared
        `prepare(dictionary.values, readout, …)`.
    n_motifs
        How many steps. Every step looks at what the centers of earlier cells leave of the readout.
    options
        See `MeshOptions`.

    Returns
    -------
    MeshSelection

    Raises
    ------
    InputError
        If the dictionary is not one of words.

    Notes
    -----
    Villié, Veber, De Castro & Jacob 2023 (TMLR, arXiv 2212.12542). Our coordinate ascent stands in
    for their gradient steps. Centers, not the motifs themselves, are projected off, so that a later
    step depends on earlier ones through their cells alone.

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (60, 30)).astype(np.uint8)
    >>> words = word_activations(letters, 4)
    >>> readout = words.values[:, words.names.index("AACG")] + 0.1 * rng.standard_normal(60)
    >>> found = select_on_mesh(letters, words, prepare(words.values, readout))
    >>> "".join("ACGT"[code] for code in found.steps[0].center.argmax(axis=0))
    'AACG'
    """
    settings = options or MeshOptions()
    if not dictionary.words.size:
        raise _check.InputError(
            "`dictionary` holds matrices; expected words, which are refined to matrices here. Use "
            "`word_activations`."
        )
    words = dictionary.words[prepared.motifs]
    windows = Windows(letters, words.shape[1], dictionary.alphabet, dictionary.both_strands)
    mesh = Mesh(settings.cell_parts, dictionary.alphabet, dictionary.both_strands)
    basis = prepared.nuisance.basis
    steps: list[MeshStep] = []
    notes: tuple[str, ...] = ()
    for _ in range(_check.whole_number(n_motifs, "n_motifs")):
        if len(basis) - basis.shape[1] < FEWEST:
            notes = (f"Stopped after {len(steps)} motifs: too few sequences for more.",)
            break
        selector = Selector(
            words,
            prepared,
            basis,
            windows=windows,
            mesh=mesh,
            options=settings,
            taken=[step.cell for step in steps],
        )
        step = _select(selector, prepared.residual)
        rest = selector.residual(step.center_activation[None])[0]
        length = np.linalg.norm(rest)
        if length < np.sqrt(FLAT) * np.linalg.norm(step.center_activation):
            notes = (f"Stopped after {len(steps)} motifs: nothing is left of the next.",)
            break
        steps.append(step)
        basis = np.column_stack([basis, rest / length])
    return MeshSelection(tuple(steps), prepared.residual, settings, notes)


def _select(selector: Selector, readout: Floats) -> MeshStep:
    residual = selector.residual(readout[None])
    found = selector.select(residual / np.linalg.norm(residual))
    cell = selector.mesh.cells(found.columns)[0]
    center = selector.mesh.center(cell)
    activation = selector.refiner.activation(center.T[None].astype(np.float32))[0]
    ppm = found.columns[0].T.astype(np.float64)
    return MeshStep(ppm, center, cell, float(found.score[0]), activation, selector)


@dataclass(frozen=True)
class MeshEvent:
    """All directions of the readout from which motifs of the same cells are selected.

    Parameters
    ----------
    steps
        Whose cells must come out again.
    offset : (n,)
        Part of the readout that is held fixed.
    length
        Of the part that turns.
    """

    steps: tuple[MeshStep, ...]
    offset: Floats
    length: float

    def holds(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Whether the same cells are selected from directions, (n_points, n)."""
        readouts = self.offset + self.length * points
        left = np.arange(len(points))
        for step in reversed(self.steps):  # the last is the first to change
            residual = step.selector.residual(readouts[left])
            residual /= np.linalg.norm(residual, axis=1, keepdims=True)
            left = left[(step.selector.cells(residual) == step.cell).all(axis=1)]
            if not len(left):
                break
        return np.isin(np.arange(len(points)), left)

    def circles(self, points: Floats, tangents: Floats) -> Inside:
        """See `Event`."""

        def inside(angles: Floats, chains: Integers) -> npt.NDArray[np.bool_]:
            cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
            return self.holds(points[chains] * cosine + tangents[chains] * sine)

        return inside
