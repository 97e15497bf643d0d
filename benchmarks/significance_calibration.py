"""Are p-values uniform where nothing is planted, and what is found where something is?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_calibration null=2000 noise=1000 power …

Parts: "null" (engines at n = 30, 100, 300), "noise" (laws of the noise, engine chosen by the
readout), "power" (one planted motif, always against a split of the rows), "later" (p-values of
steps after all true motifs are in), "intervals" (coverage). Sequences are random, of 50 letters,
drawn anew for every set; dictionaries are all words of 5 letters on one strand (1,024), activation
exp(-mismatches). Planted motifs are 8 letters wide, each position right with probability 0.9. Set
number i has the seed i of its part. A number after a part is that of its sets.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.stats import binomtest, kstest

from motifbook.alphabet import DNA
from motifbook.significance.choice import choose_engine
from motifbook.significance.dictionary import word_activations
from motifbook.significance.intervals import randomized_intervals
from motifbook.significance.nuisance import nuisance
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import apply_engine, naive_log_p, select_motifs
from motifbook.significance.steps import first_step

LENGTH, K, WIDTH, SHARP = 50, 5, 8, 0.9
LEVEL = 0.05
EXACT = ("line", "conditional", "maxt", "permutation")
N_DRAWS = {"line": None, "conditional": 300, "maxt": 300, "permutation": 499}


def simulated(rng, n, n_motifs=0, share=0.5):
    """Letters, which sequences hold each motif (n_motifs, n), and the consensus of each."""
    letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    consensus = rng.integers(0, 4, (n_motifs, WIDTH))
    holds = rng.random((n_motifs, n)) < share
    for motif, rows in zip(consensus, holds):
        for row in np.flatnonzero(rows):
            start = rng.integers(0, LENGTH - WIDTH + 1)
            wrong = rng.random(WIDTH) >= SHARP
            other = (motif + rng.integers(1, 4, WIDTH)) % 4
            letters[row, start : start + WIDTH] = np.where(wrong, other, motif)
    return letters, holds, consensus


def activations(letters):
    return word_activations(letters, K, both_strands=False)


def matches(word, consensus, overlap, mismatches):
    """Number of the planted motif that a word lies on, or -1."""
    for number, motif in enumerate(consensus):
        for shift in range(overlap - K, WIDTH - overlap + 1):
            at = np.arange(K) + shift
            inside = (at >= 0) & (at < WIDTH)
            if (word[inside] != motif[at[inside]]).sum() <= mismatches(inside.sum()):
                return number
    return -1


def is_found(word, consensus):
    """Four of the five letters lie on the planted motif and agree with it."""
    return matches(word, consensus, K - 1, lambda n_inside: n_inside - (K - 1)) >= 0


def first_log_p(step, engine, seed):
    if engine == "naive":
        return naive_log_p(step)
    return apply_engine([step], engine, n_draws=N_DRAWS[engine], seed=seed)[0].log_p


def split_log_p(values, readout, rng):
    """Select on half of the rows, test on the others; (log p, motif)."""
    order = rng.permutation(len(readout))
    one, other = order[: len(order) // 2], order[len(order) // 2 :]
    chosen = prepare(values[one], readout[one])
    motif = int(chosen.motifs[first_step(chosen).winner])
    if np.ptp(values[other, motif]) == 0:
        return 0.0, motif
    return naive_log_p(first_step(prepare(values[other][:, [motif]], readout[other]))), motif


def holm(p_values):
    order = np.argsort(p_values)
    raised = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return adjusted


def null_p_values(n, seed):
    """P-value of each engine for a set in which nothing is planted, and its milliseconds."""
    rng = np.random.default_rng([1, n, seed])
    values = activations(simulated(rng, n)[0]).values
    step = first_step(prepare(values, rng.standard_normal(n)))
    p, spent = {}, {}
    for engine in (*EXACT, "naive"):
        begin = time.process_time()
        p[engine] = float(np.exp(first_log_p(step, engine, seed)))
        spent[engine] = 1000 * (time.process_time() - begin)
    return p, spent


def null(n_sets=2000):
    rows = []
    for n in (30, 100, 300):
        told = [null_p_values(n, seed) for seed in range(n_sets)]
        for engine in (*EXACT, "naive"):
            p = np.array([one[0][engine] for one in told])
            rows.append((n, engine, p, np.mean([one[1][engine] for one in told])))
    tested = [row for row in rows if row[1] != "naive"]
    above = [binom(row[2]) for row in tested]
    adjusted = dict(zip([row[:2] for row in tested], holm(above)))
    print(
        "| n | engine | sets | P(p <= .01) | P(p <= .05) | P(p <= .1) | above .05: Holm | KS | ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for n, engine, p, ms in rows:
        told = adjusted.get((n, engine), binom(p))
        print(
            f"| {n} | {engine} | {len(p)} | {(p <= 0.01).mean():.4f} | {(p <= 0.05).mean():.4f} | "
            f"{(p <= 0.1).mean():.4f} | {told:.2g} | {kstest(p, 'uniform').pvalue:.2g} | {ms:.1f} |"
        )

    print("\nThe first two sets of n = 100:\n\n| seed | " + " | ".join((*EXACT, "naive")) + " |")
    print("|---|---|---|---|---|---|")
    for seed in (0, 1):
        p = null_p_values(100, seed)[0]
        print(f"| {seed} | " + " | ".join(f"{p[engine]:.4g}" for engine in p) + " |")


def binom(p_values):
    return binomtest(int((p_values <= LEVEL).sum()), len(p_values), LEVEL, "greater").pvalue


LAWS = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "t3": lambda rng, n: rng.standard_t(3, n),
    "log-normal": lambda rng, n: np.exp(rng.standard_normal(n)),
    "heteroscedastic": lambda rng, n: rng.standard_normal(n) * np.exp(0.7 * rng.standard_normal(n)),
    "NB, mean 7.4, size 2": lambda rng, n: rng.poisson(rng.gamma(2.0, np.exp(2.0) / 2, n)),
    "Poisson, mean 2.7": lambda rng, n: rng.poisson(np.e, n),
    "binary 50 %": lambda rng, n: rng.random(n) < 0.5,
    "binary 10 %": lambda rng, n: rng.random(n) < 0.1,
}


def noise(n_sets=1000, n=100):
    print("| law | sets | chosen | P(p <= .05) | Gaussian test of the raw readout |")
    print("|---|---|---|---|---|")
    for number, (law, draw) in enumerate(LAWS.items()):
        p, raw, chosen = [], [], set()
        for seed in range(n_sets):
            rng = np.random.default_rng([2, number, seed])
            ready = prepare(activations(simulated(rng, n)[0]).values, rng.standard_normal(n))
            readout = draw(rng, n).astype(float)
            while np.ptp(readout) == 0:
                readout = draw(rng, n).astype(float)
            choice = choose_engine(readout, seed=seed)
            chosen.add(choice.engine)
            step = first_step(ready.with_readout(choice.readout))
            p.append(first_log_p(step, choice.engine, seed))
            raw.append(first_log_p(first_step(ready.with_readout(readout)), "conditional", seed))
        shares = [(np.array(some) <= np.log(LEVEL)).mean() for some in (p, raw)]
        names = ", ".join(sorted(chosen))
        print(f"| {law} | {n_sets} | {names} | {shares[0]:.3f} | {shares[1]:.3f} |", flush=True)
    with_gc(n_sets)


def with_gc(n_sets, n=150):
    """The readout follows the share of G and C, and nothing else."""
    p, without = [], []
    for seed in range(n_sets):
        rng = np.random.default_rng([3, seed])
        strong = rng.random((n, LENGTH)) < rng.beta(4, 4, n)[:, None]
        letters = np.where(
            strong, rng.integers(1, 3, strong.shape), rng.choice([0, 3], strong.shape)
        )
        letters = letters.astype(np.uint8)
        gc = strong.mean(axis=1)
        readout = (gc - gc.mean()) / gc.std() + rng.standard_normal(n)
        values = activations(letters).values
        choice = choose_engine(readout, seed=seed)
        taken = nuisance(n, letters=letters, alphabet=DNA)
        step = first_step(prepare(values, choice.readout, taken))
        p.append(first_log_p(step, choice.engine, seed))
        without.append(first_log_p(first_step(prepare(values, choice.readout)), "maxt", seed))
    shares = [(np.array(some) <= np.log(LEVEL)).mean() for some in (p, without)]
    told = f"{shares[0]:.3f} | GC not taken out: {shares[1]:.3f}"
    print(f"| GC drives the readout | {n_sets} | maxt | {told} |")


def power(n_sets=300, n=100):
    engines = (*EXACT, "split")
    print("| beta | sets | motif found | " + " | ".join(engines) + " |")
    print("|---|---|---|" + "---|" * len(engines))
    for beta in (0.8, 1.2, 1.6):
        hits, right = {engine: 0 for engine in engines}, 0
        for seed in range(n_sets):
            rng = np.random.default_rng([4, int(beta * 10), seed])
            letters, holds, consensus = simulated(rng, n, 1)
            readout = beta * holds[0] + rng.standard_normal(n)
            found = activations(letters)
            step = first_step(prepare(found.values, readout))
            good = is_found(found.words[step.prepared.motifs[step.winner]], consensus)
            right += good
            for engine in EXACT:
                hits[engine] += good and first_log_p(step, engine, seed) <= np.log(LEVEL)
            log_p, motif = split_log_p(found.values, readout, rng)
            hits["split"] += log_p <= np.log(LEVEL) and is_found(found.words[motif], consensus)
        shares = " | ".join(f"{hits[engine] / n_sets:.3f}" for engine in engines)
        print(f"| {beta} | {n_sets} | {right / n_sets:.2f} | {shares} |")


def later(n_sets=250, n=200, n_steps=5):
    print("| signal | sets | engine | steps | P(p <= .05) | P(p <= .1) | KS | acceptance |")
    print("|---|---|---|---|---|---|---|---|")
    for signal in (5, 8, 14):
        found = {engine: [] for engine in ("maxt", "conditional", "permutation")}
        share = []
        for seed in range(n_sets):
            rng = np.random.default_rng([6, signal, seed])
            dictionary = activations(simulated(rng, n)[0])
            ready = prepare(dictionary.values, rng.standard_normal(n))
            true = rng.choice(len(ready.motifs), 2, replace=False)
            readout = signal * ready.columns[:, true].sum(axis=1) + rng.standard_normal(n)
            path = select_motifs(dictionary, ready.with_readout(readout), n_steps=n_steps)
            winners = [one.step.winner for one in path]
            empty = [
                one.step for number, one in enumerate(path) if set(true) <= set(winners[:number])
            ]
            for engine, told in found.items():
                n_draws = {"maxt": 400, "conditional": 100, "permutation": 199}[engine]
                tested = apply_engine(empty, engine, n_draws=n_draws, seed=seed)
                told += [one.p_value for one in tested]
                share += [one.acceptance for one in tested] if engine == "maxt" else []
        for engine, told in found.items():
            p = np.array(told)
            print(
                f"| {signal} | {n_sets} | {engine} | {len(p)} | {(p <= 0.05).mean():.3f} | "
                f"{(p <= 0.1).mean():.3f} | {kstest(p, 'uniform').pvalue:.2g} | "
                f"{np.mean(share):.2f} |"
            )


def intervals(n_sets=200):
    print("| motifs | n | signal | sigma | intervals | coverage (90 %) | width | above 0 |")
    print("|---|---|---|---|---|---|---|---|")
    for n_steps, n, signal, sigma in (
        (1, 100, 0, 1.0), (1, 100, 4, 1.0), (1, 100, 6, 1.0), (1, 100, 0, None),
        (1, 100, 4, None), (1, 100, 6, None), (3, 150, 0, 1.0), (3, 150, 6, 1.0),
        (3, 150, 6, None),
    ):  # fmt: skip
        inside, width, told = [], [], []
        for seed in range(n_sets if n_steps == 1 else n_sets // 2):
            rng = np.random.default_rng([7, n_steps, signal, seed])
            dictionary = activations(simulated(rng, n)[0])
            ready = prepare(dictionary.values, rng.standard_normal(n))
            true = rng.choice(len(ready.motifs), n_steps, replace=False)
            mean = signal * ready.columns[:, true].sum(axis=1).astype(np.float64)
            ready = ready.with_readout(mean + rng.standard_normal(n))
            found = randomized_intervals(
                dictionary, ready, n_steps=n_steps, sigma=sigma, n_draws=60, seed=seed
            )
            truth = found.directions.T @ mean
            inside += ((found.lower <= truth) & (truth <= found.upper)).tolist()
            width += ((found.upper - found.lower) * np.sqrt(n - 1)).tolist()
            told += (found.p_value <= LEVEL).tolist()
        print(
            f"| {n_steps} | {n} | {signal} | {'known' if sigma else 'estimated'} | {len(inside)} | "
            f"{np.mean(inside):.3f} | {np.median(width):.2f} | {np.mean(told):.2f} |"
        )


PARTS = {"null": null, "noise": noise, "power": power, "later": later, "intervals": intervals}


def run(parts):
    """Run the parts that were asked for, such as "null=2000"; by default all."""
    for asked in sys.argv[1:] or parts:
        name, _, n_sets = asked.partition("=")
        begin = time.process_time()
        print(f"\n## {name}\n", flush=True)
        parts[name](*map(int, n_sets.split()))
        print(f"\n{time.process_time() - begin:.0f} s of CPU.", flush=True)


if __name__ == "__main__":
    run(PARTS)
