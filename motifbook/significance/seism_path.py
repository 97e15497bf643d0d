"""Motifs selected and tested as SEISM was published, step by step, for sets of moderate size."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.onehot import Letters
from motifbook.significance.dictionary import Activations
from motifbook.significance.fixed_motifs import try_fixed_motifs
from motifbook.significance.mesh_selection import (
    MeshOptions,
    MeshSelection,
    MeshStep,
    select_on_mesh,
)
from motifbook.significance.nuisance import Nuisance
from motifbook.significance.prepare import Prepared
from motifbook.significance.seism import SeismOptions, mesh_test
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MOST_LETTERS = 200_000  # sequences times length: a step takes minutes above


@dataclass(frozen=True)
class SeismStep:
    """A motif that SEISM selected, and its test.

    Parameters
    ----------
    ppm : (n_letters, width)
        The motif, refined.
    center : (n_letters, width)
        Center of its cell of the mesh.
    cell : (width,)
        The cell; see `Mesh.cells`.
    activation : (n,)
        Gaussian activation of the refined motif, 0 to 1.
    tested
        P-value, statistic and diagnostics.
    naive_log_p
        Log p-value of an ordinary t-test of the refined motif beside the centers of earlier cells,
        as if it had not been chosen: not valid.
    trace : (n_steps, n_chains)
        The statistic along the chains, all within the selection event.
    selection
        All steps together, for `joint_mesh_test`.
    """

    ppm: Floats
    center: Floats
    cell: Integers
    activation: Floats
    tested: Tested
    naive_log_p: float
    trace: Floats
    selection: MeshSelection = field(repr=False)

    @property
    def null(self) -> Floats:
        """Statistic at the end of every chain, (n_chains,): what the p-value compares with."""
        ends: Floats = self.trace[-1]
        return ends


def seism_path(
    letters: Letters,
    activations: Activations,
    prepared: Prepared,
    *,
    n_steps: int = 3,
    options: MeshOptions | None = None,
    test: SeismOptions | None = None,
    seed: int | None = None,
) -> list[SeismStep]:
    """Select motifs on the mesh, and test each given the cells of all up to it.

    Some seconds for 500 short sequences.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    activations
        `word_activations(letters, k)`.
    prepared
        `prepare(activations.values, readout, …)`.
    n_steps
        Motifs at most.
    options
        Of the selection, see `MeshOptions`.
    test
        Of the chains.
    seed
        Of the chains; each step has its own.

    Returns
    -------
    list of SeismStep
        In order of selection. `joint_mesh_test(path[0].selection)` tests all of them at once.

    Raises
    ------
    InputError
        If there are more than 200,000 letters: the walk would take long. Or see `select_on_mesh`.

    Notes
    -----
    Villié, Veber, De Castro & Jacob 2023 (TMLR, arXiv 2212.12542).

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (60, 30)).astype(np.uint8)
    >>> words = word_activations(letters, 3)
    >>> readout = words.values[:, words.names.index("CTA")] + 0.1 * rng.standard_normal(60)
    >>> step = seism_path(letters, words, prepare(words.values, readout), n_steps=1, seed=0)[0]
    >>> step.ppm.shape, round(step.tested.p_value, 3), step.null.shape
    ((4, 3), 0.01, (99,))
    """
    _refuse_large(letters)
    rng = _check.generator(seed, "seism path")
    found = select_on_mesh(letters, activations, prepared, n_motifs=n_steps, options=options)
    return [
        _tested(found, number, test, int(rng.integers(2**31))) for number in range(len(found.steps))
    ]


def _tested(
    selection: MeshSelection, number: int, test: SeismOptions | None, seed: int
) -> SeismStep:
    step = selection.steps[number]
    result = mesh_test(selection, number, options=test, seed=seed)
    columns = step.ppm.T[None].astype(np.float32)
    activation = step.selector.refiner.activation(columns)[0]
    return SeismStep(
        step.ppm,
        step.center,
        step.cell,
        activation,
        result.tested,
        _naive(step, activation, selection.readout),
        result.chains.forward.trace,
        selection,
    )


def _naive(step: MeshStep, activation: Floats, readout: Floats) -> float:
    basis = step.selector.basis
    names = tuple(f"column {number}" for number in range(basis.shape[1]))
    alone = try_fixed_motifs(activation[:, None], readout, Nuisance(basis, names))
    return float(alone.log_p[0])


def _refuse_large(letters: Letters) -> None:
    if letters.size > MOST_LETTERS:
        n, length = letters.shape
        raise _check.InputError(
            f"`letters` holds {n:,} sequences of {length:,}, {letters.size:,} letters; expected "
            f"{MOST_LETTERS:,} at most for the engine 'seism', which selects again at every step "
            "of a walk. Use engine='conditional', which answers the same question without one, or "
            "fewer rows."
        )
