"""Does half precision (bfloat16) find the same motifs and predict as well? On the CPU.

    python -m benchmarks.precision           # prints a Markdown table, about ten minutes
    python -m benchmarks.precision --small   # one rule, one seed: does it run?

Three rules, three seeds of data and network each; the same training in full and in half precision.
*found* as everywhere: a motif of the network is at least 0.9 similar to the planted one.
Predictions are always made in full precision. Seconds are of the CPU, one thread.
"""

from __future__ import annotations

import sys
import time

import pandas as pd

import motifbook as mb
from motifbook.motif.compare import similarity

RULES, SEEDS, KINDS = ("single", "tut2", "spacing"), (0, 1, 2), ("32-true", "bf16-mixed")


def run(rule: str, seed: int, precision: str, n: int) -> dict[str, object]:
    adata = mb.simulate(n=n, length=100, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, fractions=(0.7, 0.15, 0.15), seed=seed)
    model, began = mb.MotifSyntaxNet(adata.n_vars), time.process_time()
    options = mb.FitOptions(precision=precision, n_steps=300)
    mb.fit(model, adata, seed=seed, progress=False, options=options)
    taken = time.process_time() - began
    motifs = mb.read_motifs(model, adata)
    planted = adata.uns["truth"]["motifs"]
    best = [
        max((similarity(mb.Motif(name, ppm), motif) for motif in motifs), default=0.0)
        for name, ppm in planted.items()
    ]
    return {
        "rule": rule,
        "seed": seed,
        "precision": precision,
        "motifs found": f"{sum(one >= 0.9 for one in best)}/{len(best)}",
        "least similarity": f"{min(best):.3f}",
        "auROC": f"{mb.evaluate(model, adata)['auroc'].mean():.4f}",
        "CPU s": f"{taken:.0f}",
    }


def main() -> None:
    small = "--small" in sys.argv
    rules, seeds, n = (RULES[:1], SEEDS[:1], 400) if small else (RULES, SEEDS, 1500)
    rows = []
    for rule in rules:
        for seed in seeds:
            rows += [run(rule, seed, kind, n) for kind in KINDS]
            print(rows[-2:], file=sys.stderr, flush=True)
    print(pd.DataFrame(rows).to_markdown(index=False))


if __name__ == "__main__":
    main()
