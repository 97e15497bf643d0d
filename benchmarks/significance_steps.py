"""How many of the motifs that several steps choose are false, and how many are found?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_steps none=400 several=80 after=200

Parts: "none" (nothing is planted: 100 sequences, 5 steps), "several" (three motifs in 300
sequences, 6 steps), "after" (two words of the dictionary in 200 sequences, 5 steps). Rules: steps
up to the first with p > .05; ForwardStop at .1; always beside a split of the rows, where motifs are
chosen on one half and tested together on the other (Benjamini-Hochberg at .1). "whole": a motif
goes out with the main directions of its relatives and the longer motif around it, as `test_motifs`
does it; "alone": the chosen word goes out alone. Sequences, dictionary and planted motifs as in
`significance_calibration`. Set number i has the seed i of its part.
"""

from __future__ import annotations

import numpy as np

from benchmarks.significance_calibration import LEVEL, K, activations, matches, run, simulated
from motifbook.alphabet import DNA
from motifbook.significance.clusters import relatives
from motifbook.significance.nuisance import nuisance
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import apply_engine, naive_log_p, select_motifs
from motifbook.significance.steps import first_step, has_next, next_step
from motifbook.significance.stopping import forward_stop, stop_at_first
from motifbook.significance.surroundings import Surroundings

FDR = 0.1
LOOSE = (K - 2, lambda n_inside: min(1, n_inside - (K - 2)))
STRICT = (K - 1, lambda n_inside: n_inside - (K - 1))


def log_p_of(path, engine, seed):
    return [one.log_p for one in apply_engine(path, engine, seed=seed)]


def whole(letters, found, ready, n_steps):
    """Steps as `test_motifs` takes them: a winner goes out with its relatives and surroundings."""
    around = Surroundings(letters, DNA, both_strands=False)
    return [one.step for one in select_motifs(found, ready, n_steps=n_steps, around=around)]


def alone(letters, found, ready, n_steps):
    """Steps in which a winner goes out alone; its relatives only cease to be candidates."""
    path, dropped = [first_step(ready)], np.zeros(ready.columns.shape[1], dtype=bool)
    while len(path) < n_steps:
        dropped = dropped | relatives(found, ready, path[-1].winner)
        if not has_next(path[-1], dropped):
            break
        path.append(next_step(path[-1], dropped))
    return path


def none(n_sets=400, n=100, n_steps=5):
    """Every motif is false, so FWER and FDR are the share of sets with any."""
    engines = ("maxt", "conditional", "permutation")
    rows = {engine: [] for engine in engines}
    halves = 0
    for seed in range(n_sets):
        rng = np.random.default_rng([11, seed])
        letters = simulated(rng, n)[0]
        found = activations(letters)
        readout = rng.standard_normal(n)
        path = whole(letters, found, prepare(found.values, readout), n_steps)
        for engine in engines:
            rows[engine].append(log_p_of(path, engine, seed))
        halves += split_path(letters, found, readout, n_steps, rng)[1].any()
    print("| engine | sets | stop at .05: FWER | ForwardStop .1: FDR | P(p <= .05), step by step |")
    print("|---|---|---|---|---|")
    for engine, log_p in rows.items():
        first = np.mean([stop_at_first(one, LEVEL) > 0 for one in log_p])
        forward = np.mean([forward_stop(one, FDR) > 0 for one in log_p])
        each = ", ".join(f"{share:.3f}" for share in (np.array(log_p) <= np.log(LEVEL)).mean(0))
        print(f"| {engine} | {n_sets} | {first:.3f} | {forward:.3f} | {each} |")
    print(f"| split, BH .1 | {n_sets} | | {halves / n_sets:.3f} | |")


def several(n_sets=80, n=300, n_motifs=3, n_steps=6):
    """A word is false unless three letters or more lie on a motif and all but one agree, at least
    three; "strict": four."""
    print("| beta | sets | rule | FDR | FWER | FDR, strict | power | selected |")
    print("|---|---|---|---|---|---|---|---|")
    for beta in (0.8, 1.2):
        rows = {}
        for seed in range(n_sets):
            rng = np.random.default_rng([5, int(beta * 10), seed])
            letters, holds, consensus = simulated(rng, n, n_motifs, 0.4)
            signs = np.where(np.arange(n_motifs) % 2, -1.0, 1.0)
            readout = beta * (signs @ holds) + rng.standard_normal(n)
            found = activations(letters)
            ready = prepare(found.values, readout)
            for way in (whole, alone):
                path = way(letters, found, ready, n_steps)
                log_p = log_p_of(path, "maxt", seed)
                words = found.words[ready.motifs[[step.winner for step in path]]]
                for rule, n_kept in (
                    ("stop at .05", stop_at_first(log_p, LEVEL)),
                    ("ForwardStop .1", forward_stop(log_p, FDR)),
                ):
                    told = rows.setdefault(f"maxt, {way.__name__}: {rule}", [])
                    told.append(judged(words[:n_kept], consensus))
            halves, good = split_path(letters, found, readout, n_steps, rng)
            confirmed = [one for one, is_good in zip(halves, good) if is_good]
            told = rows.setdefault("split, BH .1", [])
            told.append(judged(found.words[confirmed], consensus))
        for rule, told in rows.items():
            shares = " | ".join(f"{share:.3f}" for share in np.mean(told, axis=0)[:4])
            size = np.mean(told, axis=0)[4]
            print(f"| {beta} | {n_sets} | {rule} | {shares} | {size:.2f} |", flush=True)


def judged(words, consensus):
    """False share, any false, false share strictly, share of motifs found, number of words."""
    truth = [matches(word, consensus, *LOOSE) for word in words]
    exact = [matches(word, consensus, *STRICT) for word in words]
    n = max(len(words), 1)
    found = len({one for one in truth if one >= 0}) / len(consensus)
    n_false = sum(one < 0 for one in truth)
    return n_false / n, n_false > 0, sum(one < 0 for one in exact) / n, found, len(words)


def after(n_sets=200, n=200, n_steps=5):
    """Steps after both true words are in are false; sets in which both win are counted."""
    print("| signal | sets | rule | FDR | FWER | both kept | selected |")
    print("|---|---|---|---|---|---|---|")
    for signal in (5, 8, 14):
        rows = {"maxt, stop at .05": [], "maxt, ForwardStop .1": []}
        for seed in range(n_sets):
            rng = np.random.default_rng([12, signal, seed])
            letters = simulated(rng, n)[0]
            found = activations(letters)
            ready = prepare(found.values, rng.standard_normal(n))
            true = rng.choice(len(ready.motifs), 2, replace=False)
            readout = signal * ready.columns[:, true].sum(axis=1) + rng.standard_normal(n)
            path = whole(letters, found, ready.with_readout(readout), n_steps)
            winners = [step.winner for step in path]
            if not set(true) <= set(winners):
                continue
            n_true = 1 + max(winners.index(one) for one in true)
            log_p = log_p_of(path, "maxt", seed)
            for rule, n_kept in zip(rows, (stop_at_first(log_p, LEVEL), forward_stop(log_p, FDR))):
                n_false = max(n_kept - n_true, 0)
                rows[rule].append((n_false / max(n_kept, 1), n_false > 0, n_kept >= n_true, n_kept))
        for rule, told in rows.items():
            shares = " | ".join(f"{share:.3f}" for share in np.mean(told, axis=0)[:3])
            size = np.mean(told, axis=0)[3]
            print(f"| {signal} | {len(told)} | {rule} | {shares} | {size:.2f} |", flush=True)


def split_path(letters, found, readout, n_steps, rng):
    """Motifs selected on half of the rows, and which the others confirm (BH over their t-tests)."""
    order = rng.permutation(len(readout))
    one, other = order[: len(order) // 2], order[len(order) // 2 :]
    ready = prepare(found.values[one], readout[one])
    path = whole(letters[one], found, ready, n_steps)
    motifs = ready.motifs[[step.winner for step in path]].tolist()
    p = []
    for number, motif in enumerate(motifs):
        rest = np.delete(found.values[other][:, motifs], number, axis=1)
        taken = nuisance(len(other), covariates={str(i): column for i, column in enumerate(rest.T)})
        column = found.values[other][:, [motif]]
        ready = prepare(column, readout[other], taken)
        p.append(np.exp(naive_log_p(first_step(ready))))
    ranked = np.argsort(p)
    passed = np.flatnonzero(np.array(p)[ranked] <= FDR * np.arange(1, len(p) + 1) / len(p))
    good = np.zeros(len(p), dtype=bool)
    good[ranked[: passed[-1] + 1 if len(passed) else 0]] = True
    return motifs, good


if __name__ == "__main__":
    run({"none": none, "several": several, "after": after})
