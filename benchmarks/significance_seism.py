"""SEISM as published: is it calibrated, what does it find, how fast do chains mix?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism null --sets 400
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism power --sets 100
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism mixing --sets 40
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism agreement --sets 25
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism network --sets 20
    OMP_NUM_THREADS=1 python -m benchmarks.significance_seism chains --sets 10

Random sequences of 50 letters, all words of 5 letters, readouts of normal noise: nothing is
associated, but in "power" and "network", where a motif is planted as in significance_calibration.
Set number i has seed i. Seconds are those of the processor, on one thread.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch
from scipy import stats

from benchmarks.significance_calibration import binom, holm, is_found, simulated
from motifbook.models import OneLayer
from motifbook.onehot import onehot
from motifbook.significance.dictionary import word_activations
from motifbook.significance.hit_and_run import walk
from motifbook.significance.lines import conditional_test
from motifbook.significance.mesh_selection import select_on_mesh
from motifbook.significance.prepare import prepare
from motifbook.significance.refinement import Refiner, Windows
from motifbook.significance.row_split import split_rows
from motifbook.significance.seism import (
    SeismOptions,
    WordEvent,
    joint_mesh_test,
    mesh_test,
    seism_test,
)
from motifbook.significance.selection import naive_log_p
from motifbook.significance.steps import first_step
from motifbook.significance.two_parts import split_test

LENGTH, K = 50, 5
N_EPOCHS = 1000  # of the network
EPSILON = 1e-9  # p-values are kept as logarithms: 5 of 100 come back a little above .05
ON_WORDS, ON_MESH = SeismOptions(n_steps=20, n_chains=99), SeismOptions(n_steps=5, n_chains=39)
IN_HASTE = (3, 19)  # steps and chains of the 400 null sets on the mesh: p is 1/20 at least


def null_set(seed: int, n: int) -> Any:
    rng = np.random.default_rng([seed, n])
    letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    words = word_activations(letters, K)
    return letters, words, prepare(words.values, rng.standard_normal(n))


# ---- null: p-values of the first motif where there is none


def naive(seed: int, data: Any) -> tuple[float, float]:
    return float(np.exp(naive_log_p(first_step(data[2])))), np.nan


def one_cell_per_word(seed: int, data: Any) -> tuple[float, float]:
    tested = seism_test(first_step(data[2]), options=ON_WORDS, seed=seed).tested
    return tested.p_value, tested.ess


def on_mesh(null: str) -> Any:
    def test(seed: int, data: Any) -> tuple[float, float]:
        options = SeismOptions(null, *IN_HASTE)
        tested = mesh_test(select_on_mesh(*data), options=options, seed=seed).tested
        return tested.p_value, tested.ess

    return test


TESTS = {
    "naive t-test of the winner": naive,
    "one cell per word, no refinement": one_cell_per_word,
    "mesh 1/1, refined, center": on_mesh("center"),
    "mesh 1/1, refined, best": on_mesh("best"),
}


def null(sets: int) -> None:
    rows = []
    for n in (30, 100, 300):
        for called, test in TESTS.items():
            start = time.process_time()
            p, ess = np.array([test(seed, null_set(seed, n)) for seed in range(sets)]).T
            rows.append((n, called, p - EPSILON, np.median(ess), time.process_time() - start))
            n_low = int((rows[-1][2] <= 0.05).sum())
            print(f"n = {n}, {called}: {n_low} of {sets}, {rows[-1][-1]:.0f} s", flush=True)
    above = np.array([binom(row[2]) for row in rows])
    is_tested = np.array([row[1] != "naive t-test of the winner" for row in rows])
    above[is_tested] = holm(above[is_tested])
    print("\n| n | test | sets | P(p <= .05) | P(p <= .1) | above .05: Holm | fifths | ESS | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (n, called, p, ess, spent), told in zip(rows, above):
        fifths = np.bincount(np.maximum(np.ceil(p * 5).astype(int), 1), minlength=6)[1:]
        chi2 = stats.chisquare(fifths).pvalue
        print(
            f"| {n} | {called} | {sets} | {(p <= 0.05).mean():.3f} | {(p <= 0.1).mean():.3f} "
            f"| {told:.2g} | {chi2:.2g} | {ess:.0f} | {spent / sets:.2f} |"
        )


# ---- power: one motif in half of the sequences


def planted_set(seed: int, n: int, beta: float) -> Any:
    """As in `significance_calibration.power`; words are read on one strand."""
    rng = np.random.default_rng([4, int(beta * 10), seed])
    letters, holds, consensus = simulated(rng, n, 1)
    readout = beta * holds[0] + rng.standard_normal(n)
    return letters, word_activations(letters, K, both_strands=False), readout, consensus


def power(sets: int, n: int = 100, beta: float = 1.2) -> None:
    found: dict[str, list[tuple[float, bool]]] = {}
    for seed in range(sets):
        letters, words, readout, consensus = planted_set(seed, n, beta)
        prepared = prepare(words.values, readout)
        step = first_step(prepared)
        is_word = is_found(words.words[prepared.motifs[step.winner]], consensus)
        selection = select_on_mesh(letters, words, prepared, n_motifs=2)
        is_center = is_found(selection.steps[0].center.argmax(axis=0), consensus)
        split = split_test(words, readout, split_rows(n, seed=seed), n_steps=1)[0]
        is_split = is_found(words.words[split.selected.motif], consensus)
        one = select_on_mesh(letters, words, prepared)
        best = SeismOptions("best", ON_MESH.n_steps, ON_MESH.n_chains)
        told = {
            "conditional": (conditional_test(step, seed=seed), is_word),
            "one cell per word": (seism_test(step, options=ON_WORDS, seed=seed).tested, is_word),
            "mesh, center": (mesh_test(one, options=ON_MESH, seed=seed).tested, is_center),
            "mesh, best": (mesh_test(one, options=best, seed=seed).tested, is_center),
            "mesh, joint test of two": (
                joint_mesh_test(selection, options=ON_MESH, seed=seed).tested,
                is_center,
            ),
            "split, one-sided": (split.tested, is_split),
        }
        for called, (tested, is_right) in told.items():
            found.setdefault(called, []).append((tested.p_value, is_right))
    print("| test | sets | motif found | p <= .05 | both |")
    print("|---|---|---|---|---|")
    for called, rows in found.items():
        p, right = np.array(rows).T
        low = p <= 0.05 + EPSILON
        both = (low & (right > 0)).mean()
        print(f"| {called} | {sets} | {right.mean():.2f} | {low.mean():.3f} | {both:.3f} |")


def mixing(sets: int, n: int = 100, beta: float = 1.2) -> None:
    """Does a longer walk find more? Center of the cell, on the first sets of "power"."""
    print("| steps of each chain | sets | p <= .05 | ESS |\n|---|---|---|---|")
    for n_steps in (5, 15, 45):
        options = SeismOptions("center", n_steps, ON_MESH.n_chains)
        found = []
        for seed in range(sets):
            letters, words, readout, _ = planted_set(seed, n, beta)
            selection = select_on_mesh(letters, words, prepare(words.values, readout))
            found.append(mesh_test(selection, options=options, seed=seed).tested)
        low = np.mean([tested.p_value <= 0.05 + EPSILON for tested in found])
        ess = np.median([tested.ess for tested in found])
        print(f"| {n_steps} | {sets} | {low:.3f} | {ess:.0f} |", flush=True)


# ---- agreement of "seism" and "conditional" on the same sets


def agreement(sets: int) -> None:
    words, mesh = SeismOptions(n_steps=40, n_chains=999), SeismOptions(n_steps=5, n_chains=199)
    print(
        "| n | sets | seism | difference | absolute | sd of z | P(\\|z\\| > 2) | rank correlation |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for n in (30, 100):
        exact, walked, meshed = [], [], []
        for seed in range(sets):
            data = null_set(seed, n)
            step = first_step(data[2])
            exact.append(conditional_test(step, n_draws=3000, seed=seed))
            walked.append(seism_test(step, options=words, seed=seed).tested)
            meshed.append(mesh_test(select_on_mesh(*data), options=mesh, seed=seed).tested)
        compare(f"| {n} | {sets} | one cell per word", exact, walked)
        compare(f"| {n} | {sets} | mesh 1/1, refined, center", exact, meshed, with_z=False)


def compare(called: str, exact: Any, walked: Any, with_z: bool = True) -> None:
    p, other = (np.array([one.p_value for one in tested]) for tested in (exact, walked))
    spread = np.sqrt(p * (1 - p))
    worth = np.array([[one.ess for one in tested] for tested in (exact, walked)])
    z = (other - p) / (spread * np.sqrt((1 / worth).sum(axis=0)))
    told = f"{z.std():.2f} | {(np.abs(z) > 2).mean():.2f}" if with_z else " | "
    rank = stats.spearmanr(p, other).statistic
    mean, absolute = (other - p).mean(), np.abs(other - p).mean()
    print(f"{called} | {mean:+.4f} | {absolute:.4f} | {told} | {rank:.3f} |", flush=True)


# ---- network: training it is selecting by the association score


def network(sets: int, n: int = 100, n_starts: int = 5) -> None:
    """One motif selected, and the one-layer network trained, both from the same words."""
    rows, rows_again = [], []
    for seed in range(sets):
        letters, words, readout, _ = planted_set(seed, n, 1.6)
        prepared = prepare(words.values, readout)
        order = np.argsort(-first_step(prepared).scores)
        starts = np.eye(4)[words.words[prepared.motifs[order[:n_starts]]]]
        ends = [train(letters, readout, start) for start in starts]
        select = select_by_score(letters, prepared, starts)
        rows.append(judged(letters, prepared, select, ends))
        again = [*ends, train(letters, readout, select[0])]
        select = select_by_score(letters, prepared, np.stack([one[0] for one in again]))
        rows_again.append(judged(letters, prepared, select, again))
    tables = np.array(rows), np.array(rows_again)
    print("| what | from the best words | each from the other's end, too |\n|---|---|---|")
    for called, *columns in zip(JUDGED, *(table.T for table in tables)):
        told = [f"{np.median(c):.3f} ({c.min():.3f} to {c.max():.3f})" for c in columns]
        print(f"| {called} | {told[0]} | {told[1]} |")
    same = [int((table[:, 1] > 0.95).sum()) for table in tables]
    print(f"| sets whose activations correlate above .95, of {sets} | {same[0]} | {same[1]} |")


JUDGED = (
    "loss of the selected motif over that of the network",
    "correlation of the two activations",
    "correlation of the two matrices",
    "letters of the consensus that agree, of 5",
    "starts of the network that end within 1 % of its best loss",
    "best word alone: loss over that of the network",
)


def select_by_score(letters: Any, prepared: Any, starts: Any) -> Any:
    """The best of refinements of the same words, on a fine grid: (columns, loss)."""
    basis = prepared.nuisance.basis
    refiner = Refiner(Windows(letters, K, both_strands=False), basis, n_parts=20)
    residual = prepared.residual
    found = refiner.refine(starts, np.tile(residual / prepared.length, (len(starts), 1)))
    best = int(found.score.argmax())
    return found.columns[best], residual @ residual * (1 - found.score[best]) / len(residual)


def train(letters: Any, readout: Any, start: Any) -> Any:
    """The network after training on all rows at once, from one motif: (columns, loss)."""
    model = OneLayer(width=K, reverse_complement=False)
    model.seed([start.T])
    model.double()
    x = torch.as_tensor(onehot(letters), dtype=torch.float64)
    y = torch.as_tensor(readout)[:, None]
    with torch.no_grad():
        columns = torch.cat([model.activation(x), torch.ones(len(x), 1)], dim=1)
        best = torch.linalg.lstsq(columns, y).solution
        model.readout.weight.copy_(best[:-1].T)
        model.readout.bias.copy_(best[-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, N_EPOCHS)
    for _ in range(N_EPOCHS):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        slower.step()
    return model.ppms().detach().numpy()[0].T, loss.item()


def judged(letters: Any, prepared: Any, select: Any, ends: Any) -> tuple[float, ...]:
    losses = np.array([loss for _, loss in ends])
    columns = np.stack([select[0], ends[int(losses.argmin())][0]]).astype(np.float32)
    refiner = Refiner(Windows(letters, K, both_strands=False), prepared.nuisance.basis)
    activation = refiner.activation(columns)
    length = prepared.length**2 / len(letters)
    by_word = length * (1 - first_step(prepared).statistic ** 2)
    return (
        select[1] / losses.min(),
        np.corrcoef(activation)[0, 1],
        np.corrcoef(columns.reshape(2, -1))[0, 1],
        float((columns[0].argmax(axis=1) == columns[1].argmax(axis=1)).sum()),
        float((losses < 1.01 * losses.min()).sum()),
        by_word / losses.min(),
    )


# ---- chains: how fast do they mix?


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
    moved = walk(
        step.direction[None],
        WordEvent(step),
        lambda points: np.abs(points @ towards),
        n_steps,
        basis=step.basis,
        rng=np.random.default_rng(seed),
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


def main() -> None:
    parts = {
        "null": null,
        "power": power,
        "mixing": mixing,
        "agreement": agreement,
        "network": network,
        "chains": chains,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--sets", type=int, default=20)
    given = parser.parse_args()
    parts[given.part](given.sets)


if __name__ == "__main__":
    main()
