"""How many sequences does a network need?

Simulated sets of growing size: "single" plants SPI1 in every positive; "tut2" plants SPI1 in one
half of the positives and in the other TAL1 and GATA1 at the right distance, which the negatives
hold at others. 2,000 further sequences judge. A motif is found if a motif in use is at least 0.9
similar to it; a motif in use less than 0.6 similar to all is spurious.

    .venv/bin/python -m benchmarks.sizes
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.motif.compare import similarity

SIZES = (100, 200, 300, 500, 1000, 2000, 4000)
SEEDS = (0, 1, 2, 3, 4)
JUDGES = 2000


def one(rule: str, n: int, seed: int) -> dict[str, object]:
    """Train on n sequences, a sixth of them for validation, and judge."""
    adata = mb.simulate(n=n + JUDGES, length=200, rule=rule, seed=seed)
    words = ["train"] * (n - n // 6) + ["validation"] * (n // 6) + ["test"] * JUDGES
    adata.obs["split"] = np.random.default_rng(seed).permutation(np.array(words, dtype=object))
    model = mb.MotifSyntaxNet(1)
    mb.fit(model, adata, seed=seed, progress=False)
    used = mb.read_motifs(model, adata[adata.obs["split"] != "test"].copy())
    planted = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    like = np.array([[similarity(motif, truth) for truth in planted] for motif in used])
    like = like.reshape(len(used), len(planted))
    return {
        "rule": rule,
        "sequences": n,
        "auROC": mb.evaluate(model, adata)["auroc"][0],
        "found": int((like.max(axis=0, initial=0) >= 0.9).sum()),
        "planted": len(planted),
        "spurious": int((like.max(axis=1, initial=0) < 0.6).sum()),
    }


def main() -> None:
    """Print one row per rule and size."""
    runs = [one(rule, n, seed) for rule in ("single", "tut2") for n in SIZES for seed in SEEDS]
    groups = pd.DataFrame(runs).groupby(["rule", "sequences"], sort=False)
    table = groups.agg(
        auroc_mean=("auROC", "mean"),
        auroc_min=("auROC", "min"),
        found=("found", lambda found: " ".join(map(str, found))),
        of=("planted", "first"),
        spurious=("spurious", "sum"),
    )
    print(table.reset_index().to_markdown(index=False, floatfmt=".3f"))


if __name__ == "__main__":
    main()
