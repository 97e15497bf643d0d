"""Is the chosen motif real: lines in closed form, beside chains that walk the same event."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

LENGTH, K = 50, 4
N_LINES = 300


@dataclass(frozen=True)
class Tested:
    """A p-value and the independent draws it is worth."""

    p_value: float
    ess: float


def data(folder: Path, n: int, steps: int) -> tuple[Any, int]:
    """The first motif chosen among all words, where nothing is planted."""
    from motifbook.significance.dictionary import word_activations
    from motifbook.significance.prepare import prepare
    from motifbook.significance.steps import first_step

    rng = np.random.default_rng(3)
    letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    values = word_activations(letters, K).values
    return first_step(prepare(values, rng.standard_normal(n))), steps


def conditional(given: tuple[Any, int]) -> Call:
    from motifbook.significance.lines import conditional_test

    def test() -> Tested:
        found = conditional_test(given[0], n_draws=N_LINES, seed=0)
        return Tested(found.p_value, found.ess)

    return test


def hit_and_run(given: tuple[Any, int]) -> Call:
    from motifbook.significance.hit_and_run import walk
    from motifbook.significance.seism import WordEvent

    step, n_steps = given
    towards = step.towards(step.winner)
    observed = float(np.abs(step.direction @ towards))

    def test() -> Tested:
        moved = walk(
            step.direction[None],
            WordEvent(step),
            lambda points: np.abs(points @ towards),
            n_steps,
            basis=step.basis,
            rng=np.random.default_rng(0),
        )
        return Tested(float((moved.trace >= observed).mean()), moved.ess)

    return test


def same_p_value(ours: Tested, theirs: Tested) -> tuple[bool, str]:
    """Within four standard errors of two counts."""
    p = (ours.p_value + theirs.p_value) / 2
    error = np.sqrt(p * (1 - p) * (1 / ours.ess + 1 / theirs.ess))
    return bool(abs(ours.p_value - theirs.p_value) < 4 * error), (
        f"p {ours.p_value:.2f} and {theirs.p_value:.2f}"
    )


MATCHES = [
    Match(
        "post-selection p-value, n = {n}, per effective draw",
        data,
        conditional,
        (Peer("hit-and-run (SEISM)", hit_and_run),),
        {"n": 100, "steps": 2000},
        {"n": 30, "steps": 300},
        same_p_value,
        per=lambda tested: tested.ess,
    )
]
