"""Pairs of motifs in a formula: how often is one named where there is none, and where there is?

    OMP_NUM_THREADS=1 python -m benchmarks.formula_pairs

3,000 sequences with Poisson counts of eight motifs (mean 0.5), six of which act, noise of 40 % of
the variance; 60 % of the rows propose pairs, 30 % test them. A bonus is paid once to sequences that
hold both of the first two motifs. Fresh data for each seed.
"""

from __future__ import annotations

import numpy as np

from motifbook.formula.interactions import find_interactions
from motifbook.formula.rows import Rows

N, N_MOTIFS, N_SEEDS = 3000, 8, 40
EFFECTS = np.array([0.8, 0.6, -0.7, 0.9, 0.5, -0.4, 0.0, 0.0])
ROWS = Rows(np.arange(1800), np.arange(1800, 2100), np.arange(2100, N))


def pairs(seed: int, bonus: float) -> tuple[tuple[tuple[int, int], ...], int, int]:
    """Pairs that go into the formula; tests made, and those with p < 0.05."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.5, (N, N_MOTIFS)).astype(np.float64)
    signal = counts @ EFFECTS + bonus * (counts[:, :2] > 0).all(axis=1)
    readout = signal + rng.normal(0, signal.std() * np.sqrt(0.4 / 0.6), N)
    found = find_interactions(
        counts, counts, readout[:, None], kinds=["continuous"], rows=ROWS,
        motifs=[f"m{number}" for number in range(N_MOTIFS)], readouts=["y"], seed=seed,
    )  # fmt: skip
    p_values = found.table["p_value"]
    return found.pairs, int(p_values.notna().sum()), int((p_values < 0.05).sum())


def main() -> None:
    print(
        "| bonus | seeds | seeds with the pair | seeds with another pair | tests | p < 0.05 |\n"
        "|---|---|---|---|---|---|"
    )
    for bonus in (0.0, 0.75, 1.5):
        runs = [pairs(seed, bonus) for seed in range(N_SEEDS)]
        right = [{0, 1} in map(set, run[0]) for run in runs]
        other = [any(set(pair) != {0, 1} for pair in run[0]) for run in runs]
        n, n_p = sum(run[1] for run in runs), sum(run[2] for run in runs)
        print(
            f"| {bonus:g} | {N_SEEDS} | {sum(right)} | {sum(other)} | {n} | {n_p / n:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
