"""Are planted motifs found, and nothing else? Many seeds of data and network, failures included.

    python -m benchmarks.recovery                    # everything, two processes; about an hour
    python -m benchmarks.recovery --sets tut2 --seeds 2 --check   # two seeds against the table

Each run simulates 5,000 sequences of 200 letters with a seed of its own, trains on 4,000 and
reads the motifs. Nothing is chosen by looking at the test rows. Definitions: a planted motif is
*found* if a motif in use is at least 0.9 similar to it (`motif.compare.similarity`); a motif in use
that is less than 0.6 similar to every planted one is *spurious*.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import torch

import motifbook as mb
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.motif.compare import similarity

HERE = Path(__file__).parent
TABLE = HERE / "recovery.json"
N, LENGTH = 5000, 200
SETS = (
    "tut2", "tut", "single", "either", "cooperation", "hard", "soft", "spacing", "repress", "six",
    "gc", "permuted", "published",
)  # fmt: skip
SEEDS = dict.fromkeys(SETS, 10) | {"gc": 5, "permuted": 5}


def make(name: str, seed: int) -> Any:
    rule = "tut2" if name in ("permuted", "published") else name
    adata = mb.simulate(n=N, length=LENGTH, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=seed)
    if name == "permuted":
        adata.X = np.random.default_rng([seed, 7]).permutation(adata.X)
    return adata


def train(name: str, seed: int, adata: Any, kept: Path | None) -> Any:
    """The network of this set and seed; from the folder of kept ones if it is there."""
    path = None if kept is None else kept / f"{name}_{seed}.motifbook"
    if path is not None and path.exists():
        return mb.load(path)
    model = MotifSyntaxNet.published(1, width=16) if name == "published" else MotifSyntaxNet(1)
    mb.fit(model, adata, seed=seed, progress=False)
    if path is not None:
        mb.save(model, path)
    return model


def run(name: str, seed: int, kept: Path | None = None) -> dict[str, Any]:
    torch.set_num_threads(1)
    adata = make(name, seed)
    baseline = CNN(1)  # `fit` draws the weights of both anew, from its seed
    began = time.perf_counter()
    model = train(name, seed, adata, kept)
    seconds = time.perf_counter() - began
    motifs = mb.read_motifs(model, adata)
    mb.fit(baseline, adata, seed=seed, progress=False)
    truth = {key: mb.Motif(key, ppm) for key, ppm in adata.uns["truth"]["motifs"].items()}
    best = {
        key: max((similarity(motif, true) for motif in motifs), default=0.0)
        for key, true in truth.items()
    }
    spurious = [
        motif.consensus
        for motif in motifs
        if max(similarity(motif, true) for true in truth.values()) < 0.6
    ]
    return {
        "set": name,
        "seed": seed,
        "auroc": float(mb.evaluate(model, adata)["auroc"].iloc[0]),
        "auroc_cnn": float(mb.evaluate(baseline, adata)["auroc"].iloc[0]),
        "n_used": len(motifs),
        "largest_use": max((motif.info["use"] for motif in motifs), default=0.0),
        "similarity": {key: round(value, 3) for key, value in best.items()},
        "spurious": spurious,
        "seconds": round(seconds, 1),
    }


def summary(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for name in dict.fromkeys(run["set"] for run in runs):
        own = [run for run in runs if run["set"] == name]
        found = [min(run["similarity"].values()) >= 0.9 for run in own]
        each = [value >= 0.9 for run in own for value in run["similarity"].values()]
        worst = [min(run["similarity"].values()) for run in own]
        clean = [ok and len(run["spurious"]) <= 1 for ok, run in zip(found, own)]
        auroc = np.array([run["auroc"] for run in own])
        cnn = np.array([run["auroc_cnn"] for run in own])
        rows.append(
            {
                "set": name,
                "seeds": len(own),
                "motifs found": f"{sum(each)}/{len(each)}",
                "all found": f"{sum(found)}/{len(own)}",
                "found, at most 1 spurious": f"{sum(clean)}/{len(own)}",
                "worst similarity, mean (min)": f"{np.mean(worst):.2f} ({min(worst):.2f})",
                "spurious per run": f"{np.mean([len(run['spurious']) for run in own]):.2f}",
                "motifs in use": f"{np.mean([run['n_used'] for run in own]):.1f}",
                "auROC, mean (min)": f"{auroc.mean():.3f} ({auroc.min():.3f})",
                "plain CNN": f"{cnn.mean():.3f} ({cnn.min():.3f})",
                "least auROC - CNN": f"{(auroc - cnn).min():+.3f}",
                "s, median (max)": f"{np.median([r['seconds'] for r in own]):.0f} "
                f"({max(r['seconds'] for r in own):.0f})",
            }
        )
    return pd.DataFrame(rows)


def disagreements(runs: list[dict[str, Any]]) -> list[str]:
    """What differs from the committed table: findings, or an auROC by more than 0.02."""
    known = {(run["set"], run["seed"]): run for run in json.loads(TABLE.read_text())}
    wrong = []
    for one in runs:
        told = known[one["set"], one["seed"]]
        near = [
            (one["similarity"][key] >= 0.9) == (value >= 0.9)
            or abs(one["similarity"][key] - value) < 0.02
            for key, value in told["similarity"].items()
        ]
        if abs(one["auroc"] - told["auroc"]) > 0.02 or not all(near):
            wrong.append(f"{one['set']} seed {one['seed']}: table {told}, now {one}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=SETS)
    parser.add_argument("--seeds", type=int, help="seeds per set (default: 10 or 5)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--models", type=Path, help="folder of networks: kept and used again")
    parser.add_argument("--check", action="store_true", help="compare with the committed table")
    given = parser.parse_args()
    jobs = [(name, seed) for name in given.sets for seed in range(given.seeds or SEEDS[name])]
    runs = joblib.Parallel(n_jobs=given.jobs, verbose=5)(
        joblib.delayed(run)(*job, given.models) for job in jobs
    )
    print(summary(runs).to_markdown(index=False))
    if given.check:
        wrong = disagreements(runs)
        print("\n".join(wrong) or "agrees with the committed table")
        return int(bool(wrong))
    kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
    kept = [run for run in kept if run["set"] not in given.sets] + runs
    TABLE.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
