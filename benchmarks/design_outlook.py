"""Which judge says most of what designs are truly worth?

    OMP_NUM_THREADS=1 python -m benchmarks.design_outlook additive formula --seeds 0 1 2
    OMP_NUM_THREADS=1 python -m benchmarks.design_outlook --clock    # what outlook and files cost

Every seed: 4,000 sequences of a rule, halved by `halve_rows`. A `MotifSyntaxNet` learns from one
half and designs 30 sequences by motifs, 30 greedily and 30 by evolution. Judges, three networks
each, learn from the other half: plain CNNs and `MotifSyntaxNet`. "same rows": three more
`MotifSyntaxNet` that learned from the rows of the designing network; "itself": that network.

"optimism": predicted less true value of the designs (`design_judge.Truth`, no cap), in standard
deviations of the training readout; "error": root mean square of that. "rank": Spearman correlation
with the truth among designs; "rank, all": among designs, their starts and 300 held-out sequences.
"seconds": CPU seconds to train the judge.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import motifbook as mb
from benchmarks.design_judge import Truth
from motifbook.design.judge import fit_judge, halve_rows
from motifbook.onehot import encode
from motifbook.train.evaluate import outputs

RUNS = Path(__file__).with_name("design_outlook.json")
N_ROWS, N, METHODS = 4000, 30, ("motifs", "greedy", "evolve")


def timed(train):
    """What it returns, and its CPU seconds."""
    begin = time.process_time()
    return train(), time.process_time() - begin


def run(rule, seed):
    """One row per judge."""
    adata = mb.simulate(N_ROWS, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, seed=seed)
    half = halve_rows(adata, seed=seed)
    design, judge = (adata[half == name].copy() for name in ("design", "judge"))
    like = mb.MotifSyntaxNet(n_readouts=adata.n_vars)
    quiet = {"seed": seed, "progress": False}
    maker = mb.MotifSyntaxNet(n_readouts=adata.n_vars)
    mb.fit(maker, design, **quiet)
    judges = {
        "itself": ([maker], 0.0),
        "same rows": timed(lambda: fit_judge(design, model=like, **quiet | {"seed": seed + 100})),
        "MotifSyntaxNet": timed(lambda: fit_judge(judge, model=like, **quiet)),
        "CNN": timed(lambda: fit_judge(judge, **quiet)),
    }
    made = [mb.design(maker, n=N, method=method, seed=seed) for method in METHODS]
    ends = encode([one for designs in made for one in designs.sequences])
    starts = encode([designs.steps(row)[0] for designs in made for row in range(len(designs))])
    held_out = encode(adata.obs["sequence"][half == "test"].tolist()[:300])
    everything = np.concatenate([ends, starts, held_out])
    truth = Truth(rule, adata).score(everything, capped=False)
    spread = float(np.nanstd(design.X[:, 0]))
    rows = []
    for name, (networks, seconds) in judges.items():
        said = np.mean([outputs(one, everything)[:, 0] for one in networks], axis=0)
        off = (said - truth)[: len(ends)] / spread
        rows.append({
            "rule": rule, "seed": seed, "judge": name, "designs": len(ends),
            "optimism": off.mean(), "error": float(np.sqrt((off**2).mean())),
            "rank": spearmanr(said[: len(ends)], truth[: len(ends)])[0],
            "rank, all": spearmanr(said, truth)[0], "seconds": seconds,
        })  # fmt: skip
    return rows


def clock():
    """CPU seconds for 100 designs of 200 letters, 10,000 rows and three judges."""
    adata = mb.simulate(10_000, rule="additive", seed=0)
    model, fast = mb.MotifSyntaxNet(n_readouts=adata.n_vars), mb.FitOptions(n_steps=150)
    mb.fit(model, adata[:2000].copy(), seed=0, progress=False, options=fast)
    judge = fit_judge(adata[2000:4000].copy(), seed=0, progress=False, options=fast)
    designs = mb.design(model, n=100, method="greedy", seed=0)
    controls, seconds = timed(lambda: designs.controls(judge=judge, seed=0))
    calls = {f"controls ({len(controls)})": seconds}
    calls["outlook"] = timed(lambda: designs.outlook(judge, adata))[1]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("order.csv", "order.xlsx", "order.fasta", "order.gb"):
            path = Path(folder) / name
            write = designs.write_genbank if name.endswith("gb") else designs.write_order
            write = designs.write_fasta if name.endswith("fasta") else write
            calls[name] = timed(lambda write=write, path=path: write(path))[1]
    return pd.Series(calls, name="CPU seconds").rename_axis("call").reset_index()


def summary(runs):
    """One row per rule and judge: means over seeds, and the range of the optimism."""
    groups = pd.DataFrame(runs).groupby(["rule", "judge"], sort=False)
    shown = groups[["optimism", "error", "rank", "rank, all", "seconds"]].mean()
    shown.insert(0, "seeds", groups.size())
    shown.insert(2, "least", groups["optimism"].min())
    shown.insert(3, "most", groups["optimism"].max())
    return shown.reset_index()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rules", nargs="*", default=["additive", "formula"])
    parser.add_argument("--seeds", type=int, nargs="+", default=range(3))
    parser.add_argument("--save", action="store_true", help=f"write {RUNS.name}")
    parser.add_argument("--clock", action="store_true", help="only what the calls cost")
    asked = parser.parse_args()
    if asked.clock:
        print(clock().round(2).to_markdown(index=False))
        return
    runs = [row for rule in asked.rules for seed in asked.seeds for row in run(rule, seed)]
    if asked.save:
        RUNS.write_text(json.dumps(runs, indent=1) + "\n")
    print(summary(runs).round(3).to_markdown(index=False))


if __name__ == "__main__":
    main()
