"""SEISM as published: is it calibrated, how fast do chains mix, how does "conditional" compare?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism chains
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism agreement --sets 100
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism words --n 30 --sets 500
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism mesh --n 30 --sets 100

Random sequences of 50 letters, all words of 5 letters on both strands, readouts of normal noise:
no motif is associated. Seconds are those of the processor, on one thread.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from scipy import stats

from motifbook.significance.dictionary import word_activations
from motifbook.significance.hit_and_run import walk
from motifbook.significance.lines import conditional_test
from motifbook.significance.mesh_selection import MeshOptions, select_on_mesh
from motifbook.significance.prepare import prepare
from motifbook.significance.seism import SeismOptions, WordEvent, mesh_test, seism_test
from motifbook.significance.selection import naive_log_p
from motifbook.significance.steps import first_step

LENGTH, K = 50, 5
EPSILON = 1e-9  # p-values are kept as logarithms: 5 of 100 come back a little above .05
Outcome = tuple[float, float]  # p-value and effective draws


def null_set(seed: int, n: int) -> Any:
    rng = np.random.default_rng([seed, n])
    letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    words = word_activations(letters, K)
    return letters, words, prepare(words.values, rng.standard_normal(n))


def chains(sets: int) -> None:
    """One long chain per set on the words, beside "conditional" on the same sets."""
    print("| n | evaluations per step | ESS per step | ms per ESS | conditional | times |")
    print("|---|---|---|---|---|---|")
    for n in (30, 100, 300):
        rows = np.array([chain(seed, n) for seed in range(sets)])
        tried, ess, ms, exact = np.median(rows, axis=0)
        ratio = np.median(rows[:, 2] / rows[:, 3])
        print(
            f"| {n} | {tried:.2f} | {ess:.3f} | {ms:.2f} | {exact:.4f} | {ratio:.0f} |", flush=True
        )


def chain(seed: int, n: int, n_steps: int = 4000) -> tuple[float, float, float, float]:
    step = first_step(null_set(seed, n)[2])
    towards = step.towards(step.winner)
    start = time.process_time()
    rng = np.random.default_rng(seed)
    moved = walk(
        step.direction[None],
        WordEvent(step),
        lambda points: np.abs(points @ towards),
        n_steps,
        basis=step.basis,
        rng=rng,
    )
    by_chain = time.process_time() - start
    start = time.process_time()
    for _ in range(10):
        exact = conditional_test(step, n_draws=300, seed=seed)
    by_lines = (time.process_time() - start) / 10
    return (
        moved.evaluations_per_step,
        moved.ess / n_steps,
        1e3 * by_chain / moved.ess,
        1e3 * by_lines / exact.ess,
    )


def agreement(sets: int) -> None:
    """One cell per word, no refinement: the p-values of "seism" and "conditional"."""
    print("| n | sets | mean difference | mean absolute difference | sd of z | P(\\|z\\| > 2) |")
    print("|---|---|---|---|---|---|")
    options = SeismOptions(n_steps=40, n_chains=999)
    for n in (30, 100):
        differences, scores = [], []
        for seed in range(sets):
            step = first_step(null_set(seed, n)[2])
            exact = conditional_test(step, n_draws=3000, seed=seed)
            walked = seism_test(step, options=options, seed=seed).tested
            difference = walked.p_value - exact.p_value
            error = np.sqrt(exact.p_value * (1 - exact.p_value))
            differences.append(difference)
            scores.append(difference / (error * np.hypot(walked.ess**-0.5, exact.ess**-0.5)))
        beyond = np.mean(np.abs(scores) > 2)
        print(
            f"| {n} | {sets} | {np.mean(differences):+.4f} | {np.abs(differences).mean():.4f} "
            f"| {np.std(scores):.2f} | {beyond:.2f} |",
            flush=True,
        )


def words(n: int, seeds: range) -> None:
    """P-values of the first motif, one cell per word, where there is none."""
    tests = [(naive_test, "naive t-test of the winner"), (one_cell_per_word, "one cell per word")]
    calibrate([*tests, (on_lines, '"conditional"')], n, seeds)


def mesh(n: int, seeds: range) -> None:
    """P-values of the first motif, on the real mesh, where there is none."""
    tests = [(naive_test, "naive t-test of the winner")]
    for cell_parts in (1, 2):
        for null in ("center", "best"):
            called = f"mesh 1/{cell_parts}, refined, {null}"
            tests.append((on_mesh(cell_parts, null), called))
    calibrate(tests, n, seeds)


def calibrate(tests: list[Any], n: int, seeds: range) -> None:
    print(f"n = {n}, seeds {seeds[0]} to {seeds[-1]}\n")
    print("| test | P(p <= .05) | P(p <= .1) | chi2 of fifths | ESS | seconds per set |")
    print("|---|---|---|---|---|---|")
    data = [null_set(seed, n) for seed in seeds]
    for test, called in tests:
        start = time.process_time()
        found = [test(seed, one) for seed, one in zip(seeds, data)]
        seconds = (time.process_time() - start) / len(seeds)
        p_values, ess = np.array(found).T
        fifths = np.bincount(np.ceil(p_values * 5 - EPSILON).astype(int), minlength=6)[1:]
        chi2 = stats.chisquare(fifths).pvalue
        print(
            f"| {called} | {called_at(p_values, 0.05):.3f} | {called_at(p_values, 0.1):.3f} "
            f"| {chi2:.2f} | {np.median(ess):.0f} | {seconds:.2f} |",
            flush=True,
        )


def called_at(p_values: Any, level: float) -> float:
    return float(np.mean(p_values <= level + EPSILON))


def naive_test(seed: int, data: Any) -> Outcome:
    return float(np.exp(naive_log_p(first_step(data[2])))), np.nan


def on_lines(seed: int, data: Any) -> Outcome:
    tested = conditional_test(first_step(data[2]), n_draws=100, seed=seed)
    return tested.p_value, tested.ess


def one_cell_per_word(seed: int, data: Any) -> Outcome:
    tested = seism_test(first_step(data[2]), options=SeismOptions(n_chains=99), seed=seed).tested
    return tested.p_value, tested.ess


def on_mesh(cell_parts: int, null: str) -> Any:
    def test(seed: int, data: Any) -> Outcome:
        selection = select_on_mesh(*data, options=MeshOptions(cell_parts=cell_parts))
        tested = mesh_test(selection, options=SeismOptions(null, 5, 59), seed=seed).tested
        return tested.p_value, tested.ess

    return test


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["chains", "agreement", "words", "mesh"])
    parser.add_argument("--n", type=int, default=30)
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    given = parser.parse_args()
    if given.part in ("words", "mesh"):
        {"words": words, "mesh": mesh}[given.part](
            given.n, range(given.first, given.first + given.sets)
        )
    else:
        {"chains": chains, "agreement": agreement}[given.part](given.sets)


if __name__ == "__main__":
    main()
