"""Does the reading depend on the seed? The same data, ten networks that differ in their seed alone.

    MOTIFBOOK_TEST_DATA=... python -m benchmarks.reliability               # half an hour
    python -m benchmarks.reliability --sets tut2 --seeds 2                 # quick

Sets: "tut2" (5,000 sequences, data of seed 0) and 4,000 CTCF peaks with their shuffles, each also
as ten folds, of which every network leaves out one; and "tut2" permuted. Of every two networks:
*alike*, the Jaccard index of the sets of motifs in use (two motifs are one if
`motif.compare.align` gives 0.9 or more; matched one to one), the share of all use that lies in
motifs of both, the similarity of matched motifs, and the correlation of predictions on the test
rows, which no network saw. Then what `read_motifs` of all ten says, the published configuration for
contrast (from recovery.json, where each seed has data of its own), and the time from 10,000
sequences to a list of motifs.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment

import motifbook as mb
from motifbook.motif.compare import align_all, similarity

HERE = Path(__file__).parent
TABLE, SUMMARY = HERE / "reliability.json", HERE / "reliability.md"
FOLDS = " in folds"
SETS = ("tut2", f"tut2{FOLDS}", "CTCF", f"CTCF{FOLDS}", "permuted")
SAME = 0.9

Run = dict[str, Any]


def simulated(n: int = 5000) -> ad.AnnData:
    adata = mb.simulate(n, 200, rule="tut2", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=0)
    return adata


def make(name: str) -> ad.AnnData:
    if name == "tut2":
        return simulated()
    if name == "permuted":
        adata = simulated()
        adata.X = np.random.default_rng(0).permutation(adata.X)
        return adata
    beside = HERE.resolve().parents[1] / "shared" / "data"
    folder = Path(os.environ.get("MOTIFBOOK_TEST_DATA", beside))
    if not folder.is_dir():
        raise SystemExit("CTCF peaks are needed: name their folder in MOTIFBOOK_TEST_DATA.")
    adata = mb.read_fasta(folder / "chip" / "ctcf_hg19_100bp.fa.gz", negatives="shuffle", seed=0)
    half = adata.n_obs // 2
    peaks = np.sort(np.random.default_rng(0).choice(half, 4000, replace=False))
    adata = adata[np.concatenate([peaks, peaks + half])].copy()
    adata.obs["split"] = mb.split(adata, seed=0)
    return adata


def matched(first: list[mb.Motif], second: list[mb.Motif]) -> list[tuple[int, int, float]]:
    """Motifs that are in both lists: their numbers there, and how similar they are."""
    if not first or not second:
        return []
    scores = np.array([[one.score for one in align_all(motif, second)] for motif in first])
    pairs = zip(*(numbers.tolist() for numbers in linear_sum_assignment(-scores)))
    return [(a, b, float(scores[a, b])) for a, b in pairs if scores[a, b] >= SAME]


def alike(first: list[mb.Motif], second: list[mb.Motif]) -> tuple[float, float, list[float]]:
    """Jaccard index of two lists, the share of all use in common motifs, and their similarity.

    Two empty lists are alike.
    """
    if not first and not second:
        return 1.0, 1.0, []
    common = matched(first, second)
    uses = [[motif.info["use"] for motif in motifs] for motifs in (first, second)]
    shared = sum(uses[0][a] + uses[1][b] for a, b, _ in common) / sum(map(sum, uses))
    jaccard = len(common) / (len(first) + len(second) - len(common))
    return jaccard, shared, [score for _, _, score in common]


def agreement(name: str, n_seeds: int) -> Run:
    torch.set_num_threads(1)
    adata = make(name.removesuffix(FOLDS))
    began = time.perf_counter()
    by = "random" if name.endswith(FOLDS) else None
    model = mb.MotifSyntaxNet(1)
    networks = mb.fit_repeats(model, adata, n=n_seeds, by=by, seed=0, progress=False)
    seconds = (time.perf_counter() - began) / n_seeds
    each = [mb.read_motifs(network, adata) for network in networks]
    pairs = [alike(*pair) for pair in combinations(each, 2)]
    test = adata[adata.obs["split"] == "test"]
    predictions = np.array([mb.predict(network, test)[:, 0] for network in networks])
    correlations = np.corrcoef(predictions)[np.triu_indices(n_seeds, 1)]
    auroc = [float(mb.evaluate(network, adata)["auroc"].iloc[0]) for network in networks]
    truth = adata.uns["truth"]["motifs"] if "truth" in adata.uns else {}
    return {
        "set": name,
        "seeds": n_seeds,
        "n_motifs": [len(motifs) for motifs in each],
        "alike": [round(jaccard, 3) for jaccard, _, _ in pairs],
        "shared": [round(shared, 3) for _, shared, _ in pairs],
        "similarity": [round(value, 3) for _, _, same in pairs for value in same],
        "correlation": [round(float(value), 4) for value in correlations],
        "spread": round(float(mb.predict_spread(networks, test)["sd"].mean()), 4),
        "auroc": [round(value, 4) for value in auroc],
        "seconds": round(seconds, 1),
        "consensus": [
            {
                "motif": motif.consensus,
                "truth": _closest(motif, truth),
                **{key: motif.info[key] for key in ("support", "use", "use_low", "use_high")},
            }
            for motif in mb.read_motifs(networks, adata)
        ],
    }


def _closest(motif: mb.Motif, truth: dict[str, np.ndarray]) -> str:
    scores = {name: similarity(motif, mb.Motif(name, ppm)) for name, ppm in truth.items()}
    best = max(scores, key=scores.__getitem__, default="")
    return f"{best} {scores[best]:.2f}" if best else ""


def readable(n: int = 10_000) -> Run:
    """Seconds from sequences to motifs, with the threads that `fit` takes by itself."""
    adata = simulated(n)
    model, load = mb.MotifSyntaxNet(1), round(os.getloadavg()[0], 1)
    began, worked = time.perf_counter(), time.process_time()
    mb.fit(model, adata, seed=0, progress=False)
    fitted = time.perf_counter()
    motifs = mb.read_motifs(model, adata)
    done, cpu = time.perf_counter(), time.process_time() - worked
    return {
        "set": "time",
        "n": n,
        "length": 200,
        "fit": round(fitted - began, 1),
        "read_motifs": round(done - fitted, 1),
        "all": round(done - began, 1),
        "all, CPU": round(cpu, 1),
        "load before": load,
        "n_motifs": len(motifs),
        "auroc": round(float(mb.evaluate(model, adata)["auroc"].iloc[0]), 4),
    }


def span(values: list[float]) -> str:
    """Mean and smallest."""
    return f"{np.mean(values):.3f} ({min(values):.3f})" if values else ""


def published() -> pd.DataFrame:
    """How often each motif was found over seeds, ours and the published configuration."""
    runs = json.loads((HERE / "recovery.json").read_text())
    rows = []
    for name in ("tut2", "published"):
        own = [run for run in runs if run["set"] == name]
        found = {
            motif: f"{sum(run['similarity'][motif] >= SAME for run in own)}/{len(own)}"
            for motif in own[0]["similarity"]
        }
        counts, auroc = ([run[key] for run in own] for key in ("n_used", "auroc"))
        rows.append(
            {
                "configuration": "published" if name == "published" else "ours",
                **found,
                "motifs in use": f"{min(counts)} to {max(counts)}",
                "auROC": f"{min(auroc):.3f} to {max(auroc):.3f}",
            }
        )
    return pd.DataFrame(rows)


def written(runs: list[Run]) -> str:
    pages, agreements = [], [run for run in runs if run["set"] != "time"]
    rows = [
        {
            "set": run["set"],
            "seeds": run["seeds"],
            "motifs in use": f"{min(run['n_motifs'])} to {max(run['n_motifs'])}",
            "alike, mean (min)": span(run["alike"]),
            "share of use in common, mean (min)": span(run["shared"]),
            "similarity, mean (min)": span(run["similarity"]),
            "correlation, mean (min)": span(run["correlation"]),
            "sd of a prediction": run["spread"],
            "auROC, mean (min)": span(run["auroc"]),
            "s per network": run["seconds"],
        }
        for run in agreements
    ]
    pages.append(pd.DataFrame(rows).to_markdown(index=False))
    for run in agreements:
        if run["consensus"]:
            told = pd.DataFrame(run["consensus"]).round(3)
            told["support"] = told["support"].map(lambda n, run=run: f"{n}/{run['seeds']}")
            pages += [
                f"{run['set']}: motifs of all networks together",
                told.to_markdown(index=False),
            ]
    pages += ["Motifs found over seeds of data and network", published().to_markdown(index=False)]
    timed = [run for run in runs if run["set"] == "time"]
    if timed:
        pages += ["Seconds to a readable model", pd.DataFrame(timed).to_markdown(index=False)]
    return "\n\n".join(pages) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=[*SETS, "time"], choices=[*SETS, "time"])
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    warnings.simplefilter("ignore", mb.LeakageWarning)
    kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
    for name in given.sets:
        new = readable() if name == "time" else agreement(name, given.seeds)
        kept = [run for run in kept if run["set"] != name] + [new]
        TABLE.write_text(json.dumps(kept, indent=1) + "\n")
        SUMMARY.write_text(written(kept))
    print(written(kept))


if __name__ == "__main__":
    main()
