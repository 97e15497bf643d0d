"""Are designs good by the rule that made the data, and are the stated edits true?

    OMP_NUM_THREADS=1 python -m benchmarks.design_truth additive --seeds 0 1 --methods greedy random

Every seed: 4,000 sequences of a rule (`mb.simulate`), a network (`mb.fit`, all defaults; for "uorf"
a CNN on 50 letters), 20 designs per method from random letters, the same limit of calls of the
network for every search (`--calls`). "reach": share of the designs whose true score
(`design_judge`) is at the 99th percentile of the training rows or above. For rules with two values
that percentile is 1: the design holds a positive configuration. Copies of a motif beyond those that
the rule ever plants do not count; "no cap" counts them. "calls": sequences scored per search.
"fooled": mean predicted minus mean true score of the designs, without cap.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

import motifbook as mb
from benchmarks.design_judge import JUDGED, EditJudge, Truth
from motifbook.data import store
from motifbook.onehot import encode

RUNS = Path(__file__).with_name("design_truth.json")
RULES = ["additive", "formula", "tut", "tut2", "uorf"]
METHODS = ["motifs", "greedy", "evolve", "gradient", "ledidi", "random"]
N_TRAIN, N = 4000, 20
CALLS, STEPS = 2000, 1000  # calls end a search, not steps


def trained(rule, seed, cache=None):
    """The data, and a network trained on it."""
    adata = mb.simulate(N_TRAIN, 50 if rule == "uorf" else 200, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, by="random", seed=seed)
    kept = cache and Path(cache) / f"{rule}{seed}.motifbook"
    if kept and kept.exists():
        return adata, mb.load(kept)
    model = (mb.CNN if rule == "uorf" else mb.MotifSyntaxNet)(n_readouts=adata.n_vars)
    mb.fit(model, adata, seed=seed, progress=False)
    if kept:
        mb.save(model, kept)
    return adata, model


def run(rule, seed, methods, options, cache=None):
    """One row per method."""
    adata, model = trained(rule, seed, cache)
    truth, is_train = Truth(rule, adata), (adata.obs["split"] == "train").to_numpy()
    letters = store.get_letters(adata)[is_train]
    bound = {capped: np.quantile(truth.score(letters, capped), 0.99) for capped in (True, False)}
    planted = np.quantile(truth.planted_score()[is_train], 0.99)
    rows = []
    for method in methods:
        begin = time.process_time()
        designs = mb.design(model, n=N, method=method, options=options, seed=seed)
        seconds = time.process_time() - begin
        made = encode(designs.sequences)
        scores = {capped: truth.score(made, capped) for capped in (True, False)}
        predicted = designs.table[f"{adata.var_names[0]}_after"].to_numpy()
        edits = EditJudge(truth, designs.motifs).judge(designs)
        rows.append({
            "rule": rule, "seed": seed, "method": method, "designs": len(designs),
            "reach": (scores[True] >= bound[True]).mean(),
            "no cap": (scores[False] >= bound[False]).mean(),
            "reach planted": (scores[True] >= planted).mean(),
            "percentile": bound[True], "median true": np.median(scores[True]),
            "predicted": predicted.mean(), "true": scores[False].mean(),
            "edits": designs.table["n_edits"].mean(), "statements": len(edits) / len(designs),
            **{one: edits[one].astype(float).mean() for one in JUDGED},
            "calls": designs.details["n_calls"] / (N * options.n_tries), "seconds": seconds,
        })  # fmt: skip
    return rows


def summary(runs):
    """One row per rule and method: means over seeds, and the worst seed."""
    table = pd.DataFrame(runs)
    table["fooled"] = table["predicted"] - table["true"]
    groups = table.groupby(["rule", "method"], sort=False)
    shown = groups[["reach", "no cap", "reach planted", "percentile", "median true"]].mean()
    shown.insert(1, "worst seed", groups["reach"].min())
    shown.insert(0, "seeds", groups.size())
    for column in ("fooled", "edits", "statements", *JUDGED, "calls", "seconds"):
        shown[column] = groups[column].mean()
    return shown.reset_index()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rules", nargs="*", default=RULES)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(10))
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--calls", type=int, default=CALLS, help="per search; 0 for all defaults")
    parser.add_argument("--networks", help="folder that keeps trained networks")
    parser.add_argument("--save", action="store_true", help=f"add to {RUNS.name}")
    asked = parser.parse_args()
    options = mb.DesignOptions(n_calls=asked.calls, n_steps=STEPS) if asked.calls else None
    runs = json.loads(RUNS.read_text()) if asked.save and RUNS.exists() else []
    for seed in asked.seeds:
        for rule in asked.rules:
            made = run(rule, seed, asked.methods, options or mb.DesignOptions(), asked.networks)
            runs = [one for one in runs if (one["rule"], one["seed"], one["method"]) not in {
                (rule, seed, method) for method in asked.methods}] + made  # fmt: skip
            if asked.save:
                RUNS.write_text(json.dumps(runs, indent=1) + "\n")
    print(summary(runs).round(3).to_markdown(index=False))


if __name__ == "__main__":
    main()
