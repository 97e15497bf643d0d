"""Are planted sites called, and better than by scanning, mutagenesis, gradients or attention?

    python -m benchmarks.instances                                # everything, two processes
    python -m benchmarks.instances --sets tut2 --seeds 2 --check  # two seeds against the table
    MOTIFBOOK_TEST_DATA=… python -m benchmarks.instances --sets pu1 ctcf mafk

Simulated sets: 5,000 sequences of 200 letters, trained on 80 %, judged on the 15 % test rows, which
are also all that the rule of `call_instances` learns from. Planted sites in negatives count. An
instance is right if it is of the planted motif and shares half of the letters of the shorter one
(`exercises.instance_scores`).

Rivals on the same test rows, with the matrices of the same network (`read_motifs`):

* scan: `mb.scan`, ranked by score or by p-value, overlaps resolved within or across motifs;
* mutagenesis, gradient: the attributions under each match of a matrix at p < 1e-2 or 1e-3; of
  overlapping matches the best one names the motif; ranked by their sum, its size, the sum of their
  sizes, or their product with the matrix. On this network and on a plain CNN of the same rows.

Of each rival the variant with the largest auPRC on these very rows is shown: more than a user could
do. The rule of Tseng et al. 2024 (attention above 0.9, activation above the mean of those above 0)
is judged on a network with attention, as published and within reach of `call_instances`.

Real sets: 4,000 peaks and their shuffles. The best known matrix is that of JASPAR 2026 with the
largest auROC on training rows; its best hit (p < 1e-4) in each held-out peak is compared with the
instances: *agree* = one shares half of the letters of the shorter one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import torch

import motifbook as mb
from benchmarks.instance_rivals import LOOSE, attended, attributed, scanned
from motifbook.data import store

HERE = Path(__file__).parent
TABLE = HERE / "instances.json"
N, LENGTH = 5000, 200
SETS = (
    "tut2",
    "tut",
    "single",
    "either",
    "cooperation",
    "hard",
    "soft",
    "spacing",
    "repress",
    "six",
)
FILES = {
    "pu1": "pu1_100bp.fa.gz",
    "ctcf": "ctcf_hg19_100bp.fa.gz",
    "mafk": "mafk_200bp.fa.gz",
    "oct4": "oct4_200bp.fa.gz",
}
SEEDS = 10  # of each simulated set; real sets have one
PEAKS = 4000


def make(name: str, seed: int) -> Any:
    if name in FILES:
        return peaks(name, seed)
    adata = mb.simulate(n=N, length=LENGTH, rule=name, seed=seed)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=seed)
    return adata


def peaks(name: str, seed: int) -> Any:
    folder = os.environ.get("MOTIFBOOK_TEST_DATA", HERE.parents[1] / "shared" / "data")
    adata = mb.read_fasta(Path(folder) / "chip" / FILES[name], negatives="shuffle", seed=seed)
    half = adata.n_obs // 2
    if half > PEAKS:
        rows = np.sort(np.random.default_rng(seed).choice(half, PEAKS, replace=False))
        adata = adata[np.concatenate([rows, rows + half])].copy()
    adata.obs["split"] = mb.split(adata, seed=seed)
    return adata


def trained(kind: str, name: str, seed: int, adata: Any, folder: Path | None) -> Any:
    """A network for these data; kept in `folder` and taken from there, if one is given."""
    label = f"{name}_{seed}" + ("" if kind == "pairs" else f"_{kind}")
    kept = folder / f"{label}.motifbook" if folder else None
    if kept and kept.exists():
        return mb.load(kept)
    model = {
        "pairs": lambda: mb.MotifSyntaxNet(1),
        "attention": lambda: mb.MotifSyntaxNet(1, syntax="attention"),
        "cnn": lambda: mb.CNN(1),
    }[kind]()
    mb.fit(model, adata, seed=seed, progress=False)
    if kept:
        mb.save(model, kept)
    return model


def planted(name: str, seed: int, folder: Path | None, rivals: bool) -> dict[str, Any]:
    torch.set_num_threads(1)
    adata = make(name, seed)
    model = trained("pairs", name, seed, adata, folder)
    test = adata[adata.obs["split"] == "test"].copy()
    motifs = mb.read_motifs(model, adata)
    began = time.perf_counter()
    strict = mb.call_instances(model, test, motifs=motifs)
    seconds = time.perf_counter() - began
    table = mb.exercises.instance_scores(strict, motifs, test).set_index("planted")
    loose = mb.call_instances(model, test, motifs=motifs, rate=LOOSE)
    area = mb.exercises.instance_scores(loose, motifs, test).set_index("planted")["auprc"]
    run = {
        "set": name,
        "seed": seed,
        "precision": table["precision"].round(4).to_dict(),
        "recall": table["recall"].round(4).to_dict(),
        "auprc": area.round(4).to_dict(),
        "seconds": round(seconds, 2),
        "scan": scanned(motifs, test, seed),
    }
    if rivals:
        run["attributions"] = attributed(motifs, test, model, "this network")
        cnn = trained("cnn", name, seed, adata, folder)
        run["attributions"] |= attributed(motifs, test, cnn, "plain CNN")
        run["attention"] = attended(trained("attention", name, seed, adata, folder), adata, test)
    return run


def agreement(name: str, seed: int, folder: Path | None) -> dict[str, Any]:
    torch.set_num_threads(1)
    adata = make(name, seed)
    model = trained("pairs", name, seed, adata, folder)
    known = mb.enrichment("JASPAR2026_vertebrates", adata[adata.obs["split"] == "train"].copy())
    best = known.sort_values("auroc", ascending=False).iloc[0]
    began = time.perf_counter()
    instances = mb.call_instances(model, adata)
    seconds = time.perf_counter() - began
    is_peak = store.get_readouts(adata)[:, 0] == 1
    counts = {}
    for label, chosen in {
        "held out": is_peak & (adata.obs["split"] == "test").to_numpy(),
        "all": is_peak,
    }.items():
        part = adata[chosen].copy()
        hits = mb.scan([mb.database.motif(best["id"])], part, p_value=1e-4)
        top = hits.sort_values("p_value", kind="stable").drop_duplicates("sequence")
        pairs = top.merge(instances, on="sequence", suffixes=("", "_called"))
        shared = np.minimum(pairs["end"], pairs["end_called"])
        shared = shared - np.maximum(pairs["start"], pairs["start_called"])
        shorter = np.minimum(
            pairs["end"] - pairs["start"], pairs["end_called"] - pairs["start_called"]
        )
        agree = pairs.loc[shared >= shorter / 2, "sequence"].nunique()
        with_instance = part.obs_names.isin(instances["sequence"])
        counts[label] = {
            "peaks": part.n_obs,
            "with hit": len(top),
            "agree": int(agree),
            "with instance": int(with_instance.sum()),
            "with neither": int((~with_instance & ~part.obs_names.isin(top["sequence"])).sum()),
        }
    return {
        "set": name,
        "seed": seed,
        "matrix": f"{best['motif']} ({best['id']})",
        "rows": adata.n_obs,
        "seconds": round(seconds, 2),
        **counts,
    }


def spread(values: list[float]) -> str:
    return f"{np.nanmean(values):.3f} ({np.nanmin(values):.3f})"


def simulated_table(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for name in dict.fromkeys(run["set"] for run in runs):
        own = [run for run in runs if run["set"] == name]
        motifs = [key for key in own[0]["recall"] if key != "all"]
        ahead = [run["auprc"]["all"] - run["scan"]["auprc"] for run in own]
        rows.append(
            {
                "set": name,
                "seeds": len(own),
                "precision": spread([run["precision"]["all"] for run in own]),
                "recall": spread([run["recall"]["all"] for run in own]),
                "auPRC": spread([run["auprc"]["all"] for run in own]),
                "scan: precision": spread([run["scan"]["precision"] for run in own]),
                "recall ": spread([run["scan"]["recall"] for run in own]),
                "auPRC ": spread([run["scan"]["auprc"] for run in own]),
                "least auPRC - scan": f"{min(ahead):+.3f}",
                "recall per motif": ", ".join(
                    f"{motif} {np.mean([run['recall'][motif] for run in own]):.2f}"
                    for motif in motifs
                ),
            }
        )
    return pd.DataFrame(rows)


def rival_table(runs: list[dict[str, Any]]) -> pd.DataFrame:
    own = [run for run in runs if "attributions" in run]
    if not own:
        return pd.DataFrame()
    areas = {"call_instances": [run["auprc"]["all"] for run in own]}
    areas["scan, best variant"] = [run["scan"]["auprc"] for run in own]
    for key in own[0]["attributions"]:
        areas[f"{key}, best variant"] = [run["attributions"][key] for run in own]
    ours = np.array(areas["call_instances"])
    return pd.DataFrame(
        {
            "called by": list(areas),
            "auPRC, mean (min)": [spread(values) for values in areas.values()],
            "seeds behind call_instances": [
                f"{int((np.array(values) < ours).sum())}/{len(ours)}" for values in areas.values()
            ],
        }
    )


def attention_table(runs: list[dict[str, Any]]) -> pd.DataFrame:
    own = [run["attention"] for run in runs if "attention" in run]
    if not own:
        return pd.DataFrame()
    rows = {"attention > 0.9, activation > mean": "_rule", "call_instances": ""}
    return pd.DataFrame(
        [
            {
                "network with attention, called by": label,
                "precision": spread([run[f"precision{end}"] for run in own]),
                "recall": spread([run[f"recall{end}"] for run in own]),
            }
            for label, end in rows.items()
        ]
    )


def real_table(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for run in runs:
        for label in ("held out", "all"):
            told = run[label]
            rows.append(
                {
                    "set": run["set"],
                    "best known matrix": run["matrix"],
                    "peaks": f"{told['peaks']} {label}",
                    "with a hit": told["with hit"],
                    "agree": f"{told['agree']} ({told['agree'] / told['with hit']:.1%})",
                    "with an instance": told["with instance"],
                    "with neither": told["with neither"],
                    "s": f"{run['seconds']:.1f} for {run['rows']} sequences",
                }
            )
    return pd.DataFrame(rows)


def tables(runs: list[dict[str, Any]]) -> str:
    simulated = [run for run in runs if run["set"] not in FILES]
    real = [run for run in runs if run["set"] in FILES]
    made = [simulated_table(simulated), rival_table(simulated), attention_table(simulated)]
    made.append(real_table(real))
    return "\n\n".join(table.to_markdown(index=False) for table in made if len(table))


def disagreements(runs: list[dict[str, Any]]) -> list[str]:
    """Where precision or recall differs from the committed runs by more than 0.03."""
    known = {(run["set"], run["seed"]): run for run in json.loads(TABLE.read_text())}
    return [
        f"{run['set']} seed {run['seed']}: {key} {run[key]['all']}, table {told[key]['all']}"
        for run in runs
        for told in [known[run["set"], run["seed"]]]
        for key in ("precision", "recall")
        if key in run and abs(run[key]["all"] - told[key]["all"]) > 0.03
    ]


def job(name: str, seed: int, folder: Path | None, rivals: bool) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    if name in FILES:
        return agreement(name, seed, folder)
    return planted(name, seed, folder, rivals and name == "tut2")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=[*SETS, *FILES], choices=[*SETS, *FILES])
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds per simulated set")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--networks", type=Path, help="folder that keeps networks between runs")
    parser.add_argument("--check", action="store_true", help="compare with the committed runs")
    given = parser.parse_args()
    jobs = [
        (name, seed, given.networks, not given.check)
        for name in given.sets
        for seed in range(1 if name in FILES else given.seeds)
    ]
    runs = joblib.Parallel(n_jobs=given.jobs, verbose=5)(joblib.delayed(job)(*one) for one in jobs)
    if given.check:
        wrong = disagreements(runs)
        print("\n".join(wrong) or "agrees with the committed table")
        return int(bool(wrong))
    kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
    runs = [run for run in kept if run["set"] not in given.sets] + runs
    TABLE.write_text(json.dumps(runs, indent=1) + "\n")
    print(tables(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
