"""How long do five steps take, from letters to p-values?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_speed
    OMP_NUM_THREADS=2 python -m benchmarks.significance_speed

Random sequences of 200 letters, all words of 6 letters, GC taken out. "noise": nothing is planted;
"signal": five words matter, so that every step is significant. "in full" is the test of the later
steps as it would be without its two shortcuts, in the same run: directions of all dimensions, the
products of all columns with each. It may draw as often as the test did.
"""

from __future__ import annotations

import os
import time

import numpy as np

from motifbook.significance.counting import is_enough, log_p_of, needed
from motifbook.significance.dictionary import word_activations
from motifbook.significance.max_t import max_t_test
from motifbook.significance.nuisance import nuisance
from motifbook.significance.permutation import permutation_test
from motifbook.significance.prepare import prepare
from motifbook.significance.restricted import count_beyond
from motifbook.significance.selection import select_motifs
from motifbook.significance.steps import first_step

SIZES = ((1_000, False), (1_000, True), (5_000, False), (20_000, True))
LENGTH, K, N_STEPS, N_DRAWS = 200, 6, 5, 500


class Clock:
    """Seconds since the last look, of the wall and of the processor."""

    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def look(self):
        told = time.perf_counter() - self.wall, time.process_time() - self.cpu
        self.__init__()
        return np.array(told)


def in_full(step, most, rng):
    """Count draws beyond the observed maximum without a subspace, and without giving up early."""
    low, high = (limit.astype(np.float32)[:, None] for limit in step.box())
    columns, basis = step.prepared.columns, step.basis.astype(np.float32)
    beyond, drawn = np.zeros(0, dtype=bool), 0
    while drawn < most and not is_enough(beyond, N_DRAWS):
        directions = rng.standard_normal((len(basis), 256), dtype=np.float32)
        directions -= basis @ (basis.T @ directions)
        directions /= np.linalg.norm(directions, axis=0)
        products = columns.T @ directions
        inside = ((products >= low - 1e-6) & (products <= high + 1e-6)).all(axis=0)
        scores = (np.abs(products[:, inside]) * step.gain[:, None].astype(np.float32)).max(axis=0)
        beyond = needed(np.append(beyond, scores >= step.statistic - 1e-6), N_DRAWS)
        drawn += 256
    return np.exp(log_p_of(beyond)) if len(beyond) else np.nan


def readouts(values, rng):
    chosen = values[:, rng.choice(values.shape[1], N_STEPS, replace=False)]
    signal = (chosen / chosen.std(axis=0)).sum(axis=1)
    noise = rng.standard_normal(len(values))
    return {"noise": noise, "signal": 6 / np.sqrt(len(values)) * signal + noise}


def five_steps():
    print(
        "| sequences | motifs | readout | activations | columns | selection | 5 tests | all: CPU | "
        "all: wall | later steps | in full | times |\n|" + "---|" * 12
    )
    for n, both in SIZES:
        rng = np.random.default_rng(8)
        letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
        clock = Clock()
        found = word_activations(letters, K, both_strands=both)
        told = [clock.look()]
        for name, readout in readouts(found.values, rng).items():
            clock = Clock()
            ready = prepare(found.values, readout, nuisance(n, letters=letters))
            spent = [*told, clock.look()]
            path = select_motifs(found, ready, n_steps=N_STEPS)
            spent.append(clock.look())
            tests = [max_t_test(one.step, n_draws=N_DRAWS, seed=0) for one in path]
            spent.append(clock.look())
            cpu = " | ".join(f"{one[1]:.2f}" for one in spent)
            wall, processor = np.sum(spent, axis=0)
            clock = Clock()
            for one in path[1:]:
                count_beyond(one.step, N_DRAWS, rng)
            short = clock.look()[1]
            for one, tested in zip(path[1:], tests[1:]):
                in_full(one.step, tested.n_draws, rng)
            full = clock.look()[1]
            print(
                f"| {n:,} | {found.values.shape[1]:,} | {name} | {cpu} | {processor:.2f} | "
                f"{wall:.2f} | {short:.2f} | {full:.2f} | {full / short:.1f} |",
                flush=True,
            )


def permutations():
    print("\n| sequences | motifs | readout | permutations | made | p | seconds |\n|" + "---|" * 7)
    for n, both in SIZES[1:3]:
        rng = np.random.default_rng(9)
        letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
        bound = np.tile([1.0, 0.0], n // 2)
        letters[np.flatnonzero(bound)[::3], 50:58] = [2, 0, 3, 0, 0, 2, 1, 1]
        found = word_activations(letters, K, both_strands=both)
        pairs = np.repeat(np.arange(n // 2), 2)
        for name, readout in (("random", rng.permutation(bound)), ("a third bound", bound)):
            step = first_step(prepare(found.values, readout))
            blocks = None if name == "random" else pairs
            for n_draws in (999, 9_999):
                clock = Clock()
                tested = permutation_test(step, n_draws=n_draws, blocks=blocks, seed=0)
                told = f"{n_draws:,} | {tested.n_draws:,} | 1e{tested.log_p / np.log(10):.1f}"
                size = f"{n:,} | {found.values.shape[1]:,}"
                print(f"| {size} | {name} | {told} | {clock.look()[1]:.2f} |", flush=True)


if __name__ == "__main__":
    print(f"Threads: {os.environ.get('OMP_NUM_THREADS', 'all')}.\n")
    five_steps()
    permutations()
