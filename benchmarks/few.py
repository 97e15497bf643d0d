"""A hundred peaks: what the report finds in them, and in the same with permuted readouts."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.motif.compare import similarity
from motifbook.motif.seeds import SeedOptions, find_seeds
from motifbook.report import Settings, analyze
from motifbook.report.enriched import Q_VALUE

SETS = {"abf1": "MA0265.3", "rap1": "MA0359.3"}
SEEDS = range(5)
NOISE = range(60)


def row(name, seed, permuted):
    adata = mb.examples.load(name)
    if permuted:
        adata.X = np.random.default_rng(seed).permutation(adata.X)
    settings = Settings(seed=seed, progress=False)
    found = analyze(adata, known="JASPAR2026_fungi", baselines=[], settings=settings)
    truth = mb.database.motif(SETS[name])
    score = found.evaluation.iloc[0]
    return {
        "set": name,
        "readout": "permuted" if permuted else "measured",
        "seed": seed,
        "n": adata.n_obs,
        "first known": found.enriched["motif"].iloc[0],
        "known motifs with q <= 0.01": int((found.enriched["q_value"] <= Q_VALUE).sum()),
        "motifs in use": len(found.cards),
        "similarity to the truth": max([similarity(m, truth) for m in found.motifs], default=0.0),
        "auroc": float(score["auroc"]),
        "rows": len(found.judges),
        "unseen": found.held_out,
    }


def best_of_noise(seed):
    """Largest z score of a word in 60 random sequences."""
    letters = np.random.default_rng(seed).integers(0, 4, (60, 200)).astype(np.uint8)
    options = SeedOptions(z_score=1.5, rounds=1)
    found = find_seeds(letters, width=20, n_seeds=1, seed=seed, options=options)
    return float(found[0].info["z_score"]) if found else 0.0


def main():
    warnings.simplefilter("ignore", mb.LeakageWarning)
    table = mb.examples().set_index("name")
    if (table.loc[list(SETS), "available"] != "local").any():
        sys.exit("The yeast peaks are in no local folder: name one in MOTIFBOOK_TEST_DATA.")
    rows = [row(name, seed, permuted) for name in SETS for permuted in (0, 1) for seed in SEEDS]
    print(pd.DataFrame(rows).round(2).to_markdown(index=False))
    z_scores = [best_of_noise(seed) for seed in NOISE]
    median, high = np.quantile(z_scores, (0.5, 0.95))
    print(
        f"\nBest word of 60 random sequences: z {median:.1f} in the median, {high:.1f} in 1 of 20."
    )


if __name__ == "__main__":
    main()
