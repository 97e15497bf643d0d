"""SEISM: p-values of selected motifs, by a walk among readouts that select the same motifs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.hit_and_run import BesagClifford, Inside, besag_clifford
from motifbook.significance.mesh_selection import MeshEvent, MeshSelection, MeshStep
from motifbook.significance.steps import Step
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
NULLS = ("center", "best")
ROUNDING = 1e-6
FEW = 50  # effective draws


@dataclass(frozen=True)
class SeismOptions:
    """How long chains are, and what exactly is tested.

    Parameters
    ----------
    null
        "center": the center of the cell has nothing to do with the readout. "best": no motif of
        the cell has; the statistic is that of the motif selected from each draw.
    n_steps
        Of the walk back from the data, and of each chain forward. Any number is valid; more give
        power.
    n_chains
        Draws; the p-value is at least 1 / (1 + n_chains).
    """

    null: str = "center"
    n_steps: int = 5
    n_chains: int = 99

    @property
    def lengths(self) -> dict[str, int]:
        """As `besag_clifford` takes them."""
        return {"n_steps": self.n_steps, "n_chains": self.n_chains}


@dataclass(frozen=True)
class SeismTest:
    """A test, and the chains it came from.

    Parameters
    ----------
    tested
        P-value, statistic and diagnostics; `acceptance` is the share of tried angles that stayed
        in the selection event.
    chains
        Traces of the statistic, for plots, and evaluations of the event per step.
    """

    tested: Tested
    chains: BesagClifford


def mesh_test(
    selection: MeshSelection,
    number: int = 0,
    *,
    options: SeismOptions | None = None,
    seed: int | None = 0,
) -> SeismTest:
    """Test one selected motif, given the cells of all motifs up to it.

    Parameters
    ----------
    selection
        Of `select_on_mesh`.
    number
        Which step, 0 the first.
    options
        See `SeismOptions`.
    seed
        Of the chains.

    Returns
    -------
    SeismTest
        The statistic is the score of the motif with a direction of unit length.

    Raises
    ------
    InputError
        If there is no such step, or an option makes no sense.

    Notes
    -----
    The null is that the expected readout is a sum of covariates and centers of earlier cells: given
    its part along these and the length of the rest, the direction of the rest is uniform on a
    sphere, cut to the directions that select the same cells (Villié et al. 2023, arXiv 2212.12542,
    whose event also holds the cells of later motifs).

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.mesh_selection import select_on_mesh
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (60, 30)).astype(np.uint8)
    >>> words = word_activations(letters, 3)
    >>> readout = words.values[:, words.names.index("CTA")] + 0.1 * rng.standard_normal(60)
    >>> found = select_on_mesh(letters, words, prepare(words.values, readout))
    >>> mesh_test(found, options=SeismOptions(n_steps=4, n_chains=39)).tested.p_value
    0.025
    """
    steps = selection.steps
    _check.whole_number(number, "number", low=0, high=len(steps) - 1)
    given = steps[: number + 1]
    return _test(selection, given, given[number:], options=options, seed=seed)


def joint_mesh_test(
    selection: MeshSelection, *, options: SeismOptions | None = None, seed: int | None = 0
) -> SeismTest:
    """Test all selected motifs at once: has none of them to do with the readout?

    Parameters
    ----------
    selection, options, seed
        See `mesh_test`.

    Returns
    -------
    SeismTest
        The statistic is the ridge score of all motifs together.

    Notes
    -----
    The null is that the expected readout is a sum of covariates.
    """
    return _test(selection, selection.steps, selection.steps, options=options, seed=seed)


def _test(
    selection: MeshSelection,
    given: tuple[MeshStep, ...],
    tested: tuple[MeshStep, ...],
    *,
    options: SeismOptions | None,
    seed: int | None,
) -> SeismTest:
    settings = options or SeismOptions()
    _check.one_of(settings.null, "null", NULLS)
    basis = tested[0].selector.basis
    turning = selection.readout - basis @ (basis.T @ selection.readout)
    length = float(np.linalg.norm(turning))
    event = MeshEvent(given, selection.readout - turning, length)
    ridge = selection.options.penalty * len(turning)
    statistic = _Statistic(tested, basis, event, ridge, settings.null == "best")
    rng = _check.generator(seed, "seism")
    chains = besag_clifford(
        turning / length, event, statistic, basis=basis, rng=rng, **settings.lengths
    )
    return _as_test(chains)


@dataclass(frozen=True)
class _Statistic:
    """Joint ridge score of motifs with directions, (n_points, n) -> (n_points,)."""

    steps: tuple[MeshStep, ...]
    basis: Floats
    event: MeshEvent
    ridge: float
    is_best: bool

    def __call__(self, points: Floats) -> Floats:
        activation = np.stack([self._activation(step, points) for step in self.steps], axis=1)
        activation -= (activation @ self.basis) @ self.basis.T
        product = activation @ points[:, :, None]
        if np.isinf(self.ridge):
            found: Floats = (product[:, :, 0] ** 2).sum(axis=1)
            return found
        gram = activation @ activation.transpose(0, 2, 1)
        gram += self.ridge * np.eye(len(self.steps))
        solved = np.linalg.pinv(gram, rcond=1e-8, hermitian=True) @ product
        joint: Floats = (product * solved).sum(axis=(1, 2))
        return joint

    def _activation(self, step: MeshStep, points: Floats) -> Floats:
        """Of the center, or of the motif that each direction selects, (n_points, n)."""
        if not self.is_best:
            return np.broadcast_to(step.center_activation, points.shape)
        selector = step.selector
        residual = selector.residual(self.event.offset + self.event.length * points)
        residual /= np.linalg.norm(residual, axis=1, keepdims=True)
        return selector.refiner.activation(selector.select(residual).columns)


def seism_test(
    step: Step, *, options: SeismOptions | None = None, seed: int | None = 0
) -> SeismTest:
    """Test the winner of a step of a dictionary: one cell per motif, and no refinement.

    Parameters
    ----------
    step
        Of `first_step` or `next_step`.
    options
        `null` makes no difference here.
    seed
        Of the chains.

    Returns
    -------
    SeismTest
        The statistic is the absolute partial correlation of the winner with the readout.

    Notes
    -----
    The same question as the engine "conditional" answers without a walk.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> from motifbook.significance.steps import first_step
    >>> rng = np.random.default_rng(0)
    >>> activations = rng.random((50, 6))
    >>> related = prepare(activations, activations[:, 2] + 0.1 * rng.normal(size=50))
    >>> seism_test(first_step(related), options=SeismOptions(n_steps=10)).tested.p_value
    0.01
    """
    settings = options or SeismOptions()
    towards = step.towards(step.winner)

    def statistic(points: Floats) -> Floats:
        return np.abs(points @ towards)

    event = WordEvent(step)
    rng = _check.generator(seed, "seism")
    chains = besag_clifford(
        step.direction, event, statistic, basis=step.basis, rng=rng, **settings.lengths
    )
    return _as_test(chains)


@dataclass(frozen=True)
class WordEvent:
    """All directions in which the same motif of a dictionary wins, as it did in earlier steps.

    Parameters
    ----------
    step
        The step whose winner must come out again, within the box of earlier selections.
    """

    step: Step

    def circles(self, points: Floats, tangents: Floats) -> Inside:
        """See `Event`: two matrix products per step, none per angle."""
        columns = self.step.prepared.columns
        at_points = points.astype(np.float32) @ columns
        at_tangents = tangents.astype(np.float32) @ columns
        gain, winner = self.step.gain.astype(np.float32), self.step.winner
        low, high = self.step.box()

        def inside(angles: Floats, chains: Integers) -> npt.NDArray[np.bool_]:
            angle = angles.astype(np.float32)[:, None]
            values = at_points[chains] * np.cos(angle) + at_tangents[chains] * np.sin(angle)
            scores = np.abs(values) * gain
            wins: npt.NDArray[np.bool_] = scores[:, winner] >= scores.max(axis=1) - ROUNDING
            if self.step.is_boxed:
                wins &= ((values >= low - ROUNDING) & (values <= high + ROUNDING)).all(axis=1)
            return wins

        return inside


def _as_test(chains: BesagClifford) -> SeismTest:
    notes = []
    if chains.ess < FEW:
        notes.append(
            f"The chains are worth {chains.ess:.0f} independent draws: the p-value is valid, but "
            "little power is left. Use more steps."
        )
    tested = Tested(
        float(np.log(chains.p_value)),
        chains.observed,
        chains.forward.trace.shape[1],
        chains.ess,
        1 / chains.evaluations_per_step,
        tuple(notes),
    )
    return SeismTest(tested, chains)
