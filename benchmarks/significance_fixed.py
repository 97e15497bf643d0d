"""Tests of given motifs: which activation has the most power, and are p-values uniform?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_fixed activation=200 noise=2000

Parts: "activation" (one motif of JASPAR planted in a share of 300 sequences of 200 letters, a
continuous readout of which it explains a part, or a binary one with wrong labels; every set draws
its motif anew, and tests it as JASPAR has it or as 30 of its sites show it), "noise" (nine laws,
nothing planted, sequences of 200 letters, one motif of JASPAR, GC content and length taken out). A
number after a part is that of its sets; set i has the seed i of its part (activation=200,1000: from
1000 on).
"""

from __future__ import annotations

import sys
import time

import numpy as np

import motifbook as mb
from benchmarks.significance_calibration import LAWS
from motifbook.alphabet import DNA
from motifbook.data.simulation.rules import AdditiveRule, Configuration, Rule
from motifbook.motif.best import best_matches
from motifbook.motif.compare import known_motifs
from motifbook.significance.dictionary import matrix_activations
from motifbook.significance.fixed_motifs import try_fixed_motifs
from motifbook.significance.fixed_path import fixed_tests
from motifbook.significance.nuisance import nuisance
from motifbook.significance.permuted_motifs import permute_fixed_motifs
from motifbook.significance.rows import Taken, take_rows
from motifbook.significance.transform import normal_scores

COLLECTION = "JASPAR2026_vertebrates"
DRIVEN = "GC drives the readout"
ACTIVATIONS = ("score", "hit", "occupancy", "gaussian, omega 2", "gaussian, omega 8")


def a_motif(rng):
    """A motif of the collection, informative and not too long."""
    motifs = known_motifs(COLLECTION)
    while True:
        motif = motifs[rng.integers(len(motifs))].trim(0.3)
        if motif.bits >= 9 and 6 <= motif.width <= 20:
            return motif.renamed("planted")


def from_sites(motif, rng, n=30):
    columns = [rng.choice(4, n, p=column) for column in motif.ppm.T]
    counts = np.array([np.bincount(column, minlength=4) for column in columns]).T
    return mb.Motif("planted", (counts + 0.25) / (n + 1))


def simulated(kind, motif, share, seed, n=300):
    if kind == "binary":
        inside, outside = Configuration(share, (1,), ("planted",)), Configuration(1 - share, (0,))
        rule = Rule({"planted": motif}, (inside, outside))
        flipped = 0.35 if share > 0.2 else 0.15
        return mb.simulate(n, rule=rule, seed=seed, options=mb.SimulateOptions(flipped=flipped))
    rule = AdditiveRule({"planted": motif}, [[1.0]], r2=0.06, copies=1, probability=share)
    return mb.simulate(n, rule=rule, seed=seed)


def activations(motif, letters):
    [best] = best_matches([motif], letters)
    yield best.scores.astype(float)
    yield best.is_hit.astype(float)
    n_windows = 2 * (letters.shape[1] - motif.width + 1)
    yield 1 / (1 + n_windows * 2.0 ** -best.scores.astype(float))
    for omega in (2.0, 8.0):
        yield matrix_activations(letters, [motif.ppm], omega=omega).values.astype(float)


def activation(n_sets=200, first=0):
    print("| readout | share | motif | test | sets | " + " | ".join(ACTIVATIONS) + " |")
    print("|---|---|---|---|---|" + "---|" * len(ACTIVATIONS))
    for kind in ("continuous", "binary"):
        for share in (0.5, 0.1):
            found = {}
            for seed in range(first, first + n_sets):
                rng = np.random.default_rng([1, seed])
                motif = a_motif(rng)
                taken = take_rows(simulated(kind, motif, share, seed))
                without = nuisance(len(taken.readout), letters=taken.letters)
                for what, tested in (("JASPAR", motif), ("30 sites", from_sites(motif, rng))):
                    for test, log_p in tried(kind, taken, tested, without):
                        found.setdefault((what, test), []).append(log_p)
            for (what, test), log_p in found.items():
                power = (np.array(log_p) <= np.log(0.001)).mean(axis=0)
                cells = " | ".join(f"{value:.2f}" for value in power)
                print(f"| {kind} | {share} | {what} | {test} | {n_sets} | {cells} |", flush=True)


def tried(kind, taken, motif, without):
    values = list(activations(motif, taken.letters))
    if kind == "continuous":
        scores = normal_scores(taken.readout, seed=0)
        yield (
            "regression, readout made normal",
            [try_fixed_motifs(v, scores, without).log_p[0] for v in values],
        )
        return
    yield "regression", [try_fixed_motifs(v, taken.readout, without).log_p[0] for v in values]
    ranked = [normal_scores(v[:, 0], seed=0)[:, None] for v in values]
    yield (
        "regression, activation made normal",
        [try_fixed_motifs(v, taken.readout, without).log_p[0] for v in ranked],
    )
    yield (
        "permutation",
        [
            permute_fixed_motifs(v, taken.readout, without, n_draws=1999, seed=0).log_p[0]
            for v in values
        ],
    )


def noise(n_sets=2000):
    names = ("test_motifs", "regression on measured values", "interval of 90 % holds 0")
    print("| n | law | sets | " + " | ".join(names) + " |")
    print("|---|---|---|" + "---|" * len(names))
    for n in (30, 100, 300):
        for number, law in enumerate([*LAWS, DRIVEN]):
            told = np.array([null_set(n, number, law, seed) for seed in range(n_sets)])
            shares = [*(told[:, :2] <= 0.05).mean(axis=0), np.nanmean(told[:, 2])]
            cells = " | ".join(f"{share:.3f}" for share in shares)
            print(f"| {n} | {law} | {n_sets} | {cells} |", flush=True)


def null_set(n, number, law, seed):
    """P-values of one motif where nothing is planted, and whether its interval holds 0."""
    rng = np.random.default_rng([2, n, number, seed])
    motif = a_motif(rng)
    letters = rng.integers(0, 4, (n, 200)).astype(np.uint8)
    gc = np.isin(letters, (1, 2)).mean(axis=1)
    driven = 10 * gc + 0.3 * rng.standard_normal(n)
    readout = np.asarray(driven if law == DRIVEN else LAWS[law](rng, n), dtype=float)
    if np.ptp(readout) == 0:
        readout[0] = 1 - readout[0]
    names = np.array([f"s{row}" for row in range(n)], dtype=object)
    hashes = np.arange(n, dtype=np.uint64)
    taken = Taken(law, names, letters, DNA, readout, hashes, {}, None, ())
    without = nuisance(n, letters=letters)
    [found] = fixed_tests(taken, [motif], without, n_draws=999, seed=seed).findings
    effect = found.effect
    raw = try_fixed_motifs(list(activations(motif, letters))[2], readout, without)
    holds = np.nan if np.isnan(effect.lower) else effect.lower <= 0 <= effect.upper
    return found.tested.p_value, raw.p_value[0], holds


PARTS = {"activation": activation, "noise": noise}


if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        name, _, n_sets = part.partition("=")
        print(f"\n## {name}\n")
        began = time.process_time()
        PARTS[name](*map(int, filter(None, n_sets.split(","))))
        print(f"\n{time.process_time() - began:.0f} CPU seconds")
