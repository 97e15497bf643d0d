"""Greedy selection of motifs, each step with its test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.clusters import relatives
from motifbook.significance.dictionary import Activations
from motifbook.significance.lines import conditional_test, line_test
from motifbook.significance.max_t import max_t_test
from motifbook.significance.permutation import permutation_test
from motifbook.significance.prepare import Prepared
from motifbook.significance.steps import Step, first_step, has_next, next_step
from motifbook.significance.student import LOG_2, log_tail, tangent
from motifbook.significance.surroundings import Surroundings, beside_winner
from motifbook.significance.tested import Tested

Booleans = npt.NDArray[np.bool_]
DRAWS = {"maxt": 500, "conditional": 300, "line": 0, "permutation": 999}  # by engine


@dataclass(frozen=True)
class Selected:
    """One step of a selection.

    Parameters
    ----------
    step
        The step, with what its test conditions on.
    cluster : (n_columns,)
        Columns that are the same finding as the winner and were no winners of later steps.
    """

    step: Step
    cluster: Booleans

    @property
    def motif(self) -> int:
        """Which motif of the dictionary won."""
        return int(self.step.prepared.motifs[self.step.winner])

    @property
    def members(self) -> npt.NDArray[np.int64]:
        """Motifs of the dictionary in the cluster, near-duplicates among them."""
        groups = self.step.prepared.groups
        return np.flatnonzero((groups >= 0) & self.cluster[groups])


def select_motifs(
    activations: Activations,
    prepared: Prepared,
    *,
    n_steps: int = 5,
    ridge: float = 0.0,
    around: Surroundings | None = None,
) -> list[Selected]:
    """Choose motifs one after the other, each for what the earlier ones leave.

    Parameters
    ----------
    activations
        The dictionary.
    prepared
        Its columns and a readout.
    n_steps
        At most; fewer if dimensions, columns or residuals run out.
    ridge
        See `first_step`.
    around
        The sequences, if words are looked up in them (see `beside_winner`).

    Returns
    -------
    list of Selected
        The first step has the strongest motif. Relatives of a winner are no candidates of later
        steps, and their main directions are taken out with it.

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> found = word_activations(rng.integers(0, 4, (80, 30)).astype(np.uint8), 4)
    >>> one, other = (found.names.index(name) for name in ("AATC", "CGAC"))
    >>> readout = 2 * found.values[:, one] - found.values[:, other] + 0.1 * rng.normal(size=80)
    >>> chosen = select_motifs(found, prepare(found.values, readout), n_steps=2)
    >>> [found.names[selected.motif] for selected in chosen]
    ['AATC', 'CGAC']
    """
    _check.whole_number(n_steps, "n_steps")
    step = first_step(prepared, ridge=ridge)
    dropped = np.zeros(prepared.columns.shape[1], dtype=bool)
    found: list[Selected] = []
    while True:
        related = relatives(activations, prepared, step.winner)
        cluster = related & ~dropped
        dropped = dropped | related
        found.append(Selected(step, cluster))
        beside = beside_winner(activations, prepared, step.winner, related, around)
        if len(found) == n_steps or not has_next(step, dropped, beside):
            return found
        step = next_step(step, dropped, beside)


def apply_engine(
    steps: Sequence[Step],
    engine: str = "maxt",
    *,
    n_draws: int | None = None,
    blocks: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> list[Tested]:
    """Test every step of a selection with one engine.

    Parameters
    ----------
    steps
        In their order.
    engine
        "maxt": is anything associated beyond earlier steps? "conditional": is the chosen motif,
        given that it was chosen? "line": the same, given the rest of the readout too.
        "permutation": as "maxt", asking nothing of the noise.
    n_draws
        See the engines; their own number by default.
    blocks : (n,)
        For "permutation".

    Returns
    -------
    list of Tested
    """
    _check.one_of(engine, "engine", DRAWS)
    rng = _check.generator(seed, "steps")
    return [_test(step, engine, n_draws, blocks, int(rng.integers(2**31))) for step in steps]


def _test(
    step: Step, engine: str, n_draws: int | None, blocks: npt.ArrayLike | None, seed: int
) -> Tested:
    n = DRAWS[engine] if n_draws is None else n_draws
    if engine == "line":
        return line_test(step)
    if engine == "permutation":
        return permutation_test(step, n_draws=n, blocks=blocks, seed=seed)
    if engine == "conditional":
        return conditional_test(step, n_draws=n, seed=seed)
    return max_t_test(step, n_draws=n, seed=seed)


def naive_log_p(step: Step) -> float:
    """Log p-value of the ordinary t-test of the winner, as if it had not been chosen: not valid.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> step = first_step(prepare(rng.random((50, 200)), rng.normal(size=50)))
    >>> naive_log_p(step) < -3
    True
    """
    cosine = abs(float(step.towards(step.winner) @ step.direction))
    return float(LOG_2 + log_tail(tangent(cosine), step.d))
