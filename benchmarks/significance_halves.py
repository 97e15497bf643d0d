"""Words chosen on one part of the data and tested on the other: valid, and at what price?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_halves --sets 400

100 random sequences of 50 letters, all words of 5 letters; a motif of 8 letters, or none, in half
of the sequences (see significance_calibration). Set number i has seed i.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from benchmarks.significance_calibration import binom, first_log_p, holm, is_found, simulated
from motifbook import InputError
from motifbook.significance.choice import choose_engine
from motifbook.significance.dictionary import word_activations
from motifbook.significance.halves import halve_values
from motifbook.significance.prepare import prepare
from motifbook.significance.row_split import split_rows
from motifbook.significance.steps import first_step
from motifbook.significance.thinning import TwoReadouts, thin_poisson
from motifbook.significance.two_parts import split_test, thin_test

N, K, EPSILON = 100, 5, 1e-9
Outcome = tuple[float, float, int]  # p-value, naive p-value, word


def normal(rng: Any, signal: Any) -> Any:
    return signal + rng.standard_normal(N)


def log_normal(rng: Any, signal: Any) -> Any:
    return np.exp(signal + rng.standard_normal(N))


def poisson(rng: Any, signal: Any) -> Any:
    return rng.poisson(4 * np.exp(signal / 2)).astype(float)


def over_dispersed(rng: Any, signal: Any) -> Any:
    return rng.poisson(rng.gamma(2.0, 3.5 * np.exp(signal / 2))).astype(float)


def binary(rng: Any, signal: Any) -> Any:
    return (rng.standard_normal(N) + signal > 0.5).astype(float)


def split(words: Any, readout: Any, seed: int) -> Outcome:
    return told(split_test(words, readout, split_rows(N, seed=seed), n_steps=1, seed=seed)[0])


def thin(words: Any, readout: Any, seed: int) -> Outcome:
    halves = halve_values(readout, "readout", seed=seed)
    return told(thin_test(words, halves, n_steps=1, seed=seed)[0])


def unguarded(words: Any, readout: Any, seed: int) -> Outcome:
    """Poisson thinning as if counts were not over-dispersed: what the guard refuses."""
    chosen = np.random.default_rng(seed).binomial(readout.astype(int), 0.5).astype(float)
    halves = TwoReadouts(chosen, readout - chosen, ())
    return told(thin_test(words, halves, n_steps=1, seed=seed)[0])


def auto(words: Any, readout: Any, seed: int) -> Outcome:
    choice = choose_engine(readout, seed=seed)
    step = first_step(prepare(words.values, choice.readout))
    p, naive = (np.exp(first_log_p(step, engine, seed)) for engine in (choice.engine, "naive"))
    return float(p), float(naive), int(step.prepared.motifs[step.winner])


def told(found: Any) -> Outcome:
    return found.tested.p_value, float(np.exp(found.naive_log_p)), found.selected.motif


WAYS = {
    "normal": (normal, (split, thin, auto)),
    "log-normal": (log_normal, (split, thin, auto)),
    "Poisson": (poisson, (split, thin, auto)),
    "NB, size 2": (over_dispersed, (split, thin, unguarded, auto)),
    "binary": (binary, (split, auto)),
}


def data_set(seed: int, number: int, beta: float) -> Any:
    rng = np.random.default_rng([7, number, int(10 * beta), seed])
    letters, holds, consensus = simulated(rng, N, 1)
    return word_activations(letters, K, both_strands=False), beta * holds[0], consensus, rng


def first_words(sets: int, beta: float) -> None:
    rows = []
    for number, (law, (draw, ways)) in enumerate(WAYS.items()):
        found: dict[str, list[tuple[float, float, bool]]] = {way.__name__: [] for way in ways}
        refused = 0
        for seed in range(sets):
            words, signal, consensus, rng = data_set(seed, number, beta)
            readout = draw(rng, signal - signal.mean())
            refused += is_refused(readout) if unguarded in ways else 0
            for way in ways:
                p, naive, word = way(words, readout, seed)
                right = bool(beta) and is_found(words.words[word], consensus)
                found[way.__name__].append((p, naive, right))
        rows += [(law, way, np.array(told).T, refused) for way, told in found.items()]
    above = holm([binom(p - EPSILON) for _, _, (p, _, _), _ in rows])
    print(f"\nbeta {beta}, {sets} sets\n")
    print("| readout | way | P(p <= .05) | and on the motif | above .05: Holm | naive | refused |")
    print("|---|---|---|---|---|---|---|")
    for (law, way, (p, naive, right), refused), adjusted in zip(rows, above):
        low = p <= 0.05 + EPSILON
        both = f"{(low & (right > 0)).mean():.3f}" if beta else ""
        guard = f"{refused / sets:.2f}" if way == "unguarded" else ""
        share = (naive <= 0.05).mean()
        print(
            f"| {law} | {way} | {low.mean():.3f} | {both} | {'' if beta else f'{adjusted:.2g}'} "
            f"| {share:.3f} | {guard} |"
        )


def is_refused(counts: Any) -> bool:
    try:
        thin_poisson(counts)
    except InputError:
        return True
    return False


def second_words(sets: int) -> None:
    """A word of the dictionary drives the readout and is chosen first; the next is a false one."""
    print("\n| share that the first word explains | way | sets | P(p of the second <= .05) |")
    print("|---|---|---|---|")
    for share in (0.3, 0.6):
        p: dict[str, list[float]] = {"split": [], "thin": []}
        for seed in range(sets):
            words, _, _, rng = data_set(seed, 9, 0.0)
            driver = int(rng.integers(words.values.shape[1]))
            signal = words.values[:, driver].astype(float)
            signal = (signal - signal.mean()) / signal.std()
            readout = np.sqrt(share) * signal + np.sqrt(1 - share) * rng.standard_normal(N)
            halves = halve_values(readout, "readout", seed=seed)
            by_rows = split_test(words, readout, split_rows(N, seed=seed), n_steps=2)
            for way, found in (("split", by_rows), ("thin", thin_test(words, halves, n_steps=2))):
                if found[0].selected.motif == driver:
                    p[way].append(found[1].tested.p_value)
        for way, values in p.items():
            low = (np.array(values) <= 0.05).mean()
            print(f"| {share} | {way} | {len(values)} of {sets} | {low:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=400)
    parser.add_argument("--part", choices=("first", "second"), help="both by default")
    given = parser.parse_args()
    if given.part != "second":
        for beta in (0.0, 1.2):
            first_words(given.sets, beta)
    if given.part != "first":
        second_words(given.sets)


if __name__ == "__main__":
    main()
