"""Does the reading hold under other conditions than the tutorial's? The paper's experiments, small.

    MOTIFBOOK_TEST_DATA=... python -m benchmarks.robustness                # everything: an hour
    python -m benchmarks.robustness --parts weights --seeds 1              # one part

Every run simulates 5,000 sequences of 200 letters unless its setting says otherwise, trains on 80 %
and reads the motifs; three seeds of data and network, none chosen. A planted motif is *found* if a
motif in use is at least 0.9 similar to it (`motif.compare.similarity`), *spurious* is a motif in
use less than 0.6 similar to all. Parts:

gc        networks trained at 50 % GC, scored on test sequences whose background has 10 to 90 %
weights   the penalties `claim` and `sparse` times 0.01 to 100 ("tut2")
context   motifs planted into yeast and human sequence; other lengths, other places ("tut2")
open      long motifs, few positives, rare motifs, counts
heads     pairs, attention, and both; also with rules that pairs of near motifs cannot say
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata as ad
import joblib
import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

import motifbook as mb
from motifbook.data.simulation.rules import RULES, AdditiveRule, Configuration, Rule
from motifbook.motif.compare import similarity
from motifbook.onehot import decode, encode

HERE = Path(__file__).parent
TABLE, SUMMARY = HERE / "robustness.json", HERE / "robustness.md"
N, LENGTH = 5000, 200
GC = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FACTORS = (0.01, 0.1, 1, 10, 100)
SPI1, TAL, GATA, JUN, RUNX = "SPI1", "TAL1::TCF3", "GATA1", "JUN", "RUNX2"
PAIR = RULES["spacing"].motifs

Run = dict[str, Any]


def chain(*names: str, gap: tuple[int, int] = (4, 30)) -> tuple[Any, ...]:
    """Motifs with a gap between each two."""
    return tuple(piece for name in names for piece in (name, gap))[:-1]


LONG = {"CTCF": "MA1930.2"}  # 33 letters
CORE = mb.database.motif("MA0139.2").renamed("core")  # its right half
THREE = {name: RULES["six"].motifs[name] for name in (SPI1, JUN, RUNX)}
OWN: dict[str, Rule | AdditiveRule] = {
    "one additive readout": AdditiveRule(
        {name: RULES["additive"].motifs[name] for name in (SPI1, JUN, GATA)},
        [[2.0], [1.0], [-1.0]],
    ),
    "33 letters": Rule(LONG, (Configuration(0.5, (1,), ("CTCF",)), Configuration(0.5, (0,)))),
    "33 letters, core in negatives": Rule(
        LONG | {"core": CORE},
        (Configuration(0.5, (1,), ("CTCF",)), Configuration(0.5, (0,), ("core",))),
    ),
    "4 % positives": Rule(
        RULES["tut2"].motifs,
        tuple(
            replace(one, share=one.share * (0.04 if one.readouts == (1,) else 0.96))
            for one in RULES["tut2"].configurations
        ),
    ),
    "RUNX2 in 4 % of positives": Rule(
        {name: THREE[name] for name in (SPI1, RUNX)},
        (
            Configuration(0.48, (1,), (SPI1,)),
            Configuration(0.02, (1,), (RUNX,)),
            Configuration(0.50, (0,)),
        ),
    ),
    "far": Rule(  # windows further apart than the table of pairs reaches
        PAIR,
        (
            Configuration(0.50, (1,), chain(TAL, GATA, gap=(60, 70))),
            Configuration(0.25, (0,), chain(TAL, GATA, gap=(20, 30))),
            Configuration(0.25, (0,), chain(TAL, GATA, gap=(100, 110))),
        ),
    ),
    "three": Rule(  # three motifs in one order; each two of them, or another order, do nothing
        THREE,
        (
            Configuration(0.5, (1,), chain(SPI1, JUN, RUNX)),
            Configuration(0.1, (0,), chain(SPI1, JUN)),
            Configuration(0.1, (0,), chain(JUN, RUNX)),
            Configuration(0.1, (0,), chain(SPI1, RUNX)),
            Configuration(0.2, (0,), chain(JUN, SPI1, RUNX)),
        ),
    ),
}


def simulated(rule: str, seed: int, n: int = N, length: int = LENGTH, **options: Any) -> ad.AnnData:
    chosen = OWN.get(rule, rule)
    adata = mb.simulate(n, length, rule=chosen, seed=seed, options=mb.SimulateOptions(**options))
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=seed)
    return adata


def data_folder() -> Path:
    beside = HERE.resolve().parents[1] / "shared" / "data"
    folder = Path(os.environ.get("MOTIFBOOK_TEST_DATA", beside))
    if not folder.is_dir():
        raise SystemExit("Real sequences are needed: name their folder in MOTIFBOOK_TEST_DATA.")
    return folder


def yeast(n: int, length: int, seed: int) -> np.ndarray:
    """Windows of yeast chromosome IV at random, (n, length) letter codes."""
    with gzip.open(data_folder() / "genome" / "sacCer3_chrIV.fa.gz", "rt") as file:
        letters = encode(["".join(file.read().split("\n")[1:])])[0]
    starts = np.random.default_rng([seed, 11]).integers(0, len(letters) - length, n)
    return letters[starts[:, None] + np.arange(length)]


def human(n: int, length: int, seed: int) -> np.ndarray:
    """Unbound sequences of a CTCF experiment, cut to `length`, each at most once."""
    folder = data_folder() / "chip"
    sequences = mb.read_fasta(folder / "ctcf_kerasgenomics_101bp.fa.gz", negatives=None).obs
    label = pd.read_csv(folder / "ctcf_kerasgenomics.target.gz", sep="\t", header=None)[0]
    unbound = np.flatnonzero(label == 0)
    rows = np.random.default_rng([seed, 11]).choice(unbound, n, replace=False)
    return encode(sequences["sequence"].iloc[rows].str[:length].tolist())


def into(adata: ad.AnnData, background: np.ndarray) -> ad.AnnData:
    """Write the planted sites of simulated sequences into others, (n, length) letter codes."""
    letters, planted = background.copy(), encode(adata.obs["sequence"].tolist())
    sites = adata.uns["truth"]["sites"]
    rows = adata.obs_names.get_indexer(sites["sequence"])
    for row, start, end in zip(rows, sites["start"], sites["end"]):
        letters[row, start:end] = planted[row, start:end]
    adata.obs["sequence"] = decode(letters)
    return adata


def judged(adata: ad.AnnData, motifs: list[mb.Motif]) -> Run:
    """What of the planted motifs is among `motifs`, and what is there besides."""
    truth = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    to_truth = np.array([[similarity(motif, true) for true in truth] for motif in motifs])
    to_truth = to_truth.reshape(len(motifs), len(truth))
    best = to_truth.max(axis=0, initial=0.0)
    return {
        "similarity": {true.name: round(float(value), 3) for true, value in zip(truth, best)},
        "n_motifs": len(motifs),
        "spurious": int((to_truth.max(axis=1) < 0.6).sum()),
    }


def learn(adata: ad.AnnData, model: Any, seed: int, **options: Any) -> Run:
    """Train, read, judge."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mb.LeakageWarning)
        mb.fit(model, adata, seed=seed, progress=False, options=mb.FitOptions(**options))
        motifs = mb.read_motifs(model, adata)
        seconds = round(time.perf_counter() - began, 1)
        scores = mb.evaluate(model, adata).iloc[0]
    kind = "auroc" if scores["kind"] == "binary" else "pearson"
    return {**judged(adata, motifs), "score": round(float(scores[kind]), 4), "seconds": seconds}


def gc(setting: str, seed: int) -> Run:
    """auROC at each GC content of the test background, of ours and the plain CNN."""
    adata, curves = simulated(setting, seed), {}
    ours = mb.MotifSyntaxNet(1)
    run = learn(adata, ours, seed)
    cnn = mb.CNN(1)
    mb.fit(cnn, adata, seed=seed, progress=False)
    for share in GC:
        test = simulated(setting, 1000 + seed, n=1000, gc=share)
        for name, model in (("ours", ours), ("CNN", cnn)):
            value = roc_auc_score(test.X[:, 0], mb.predict(model, test)[:, 0])
            curves.setdefault(name, []).append(round(float(value), 4))
    return run | {"curves": curves}


def weights(setting: str, seed: int) -> Run:
    name, _, factor = setting.partition(" x ")
    usual = getattr(mb.SyntaxOptions(), name)
    options = mb.SyntaxOptions(**{name: usual * float(factor)})
    return learn(simulated("tut2", seed), mb.MotifSyntaxNet(1, options=options), seed)


CONTEXTS: dict[str, Callable[[int], ad.AnnData]] = {
    "uniform, 200 letters": lambda seed: simulated("tut2", seed),
    "uniform, 100 letters": lambda seed: simulated("tut2", seed, length=100),
    "uniform, 500 letters": lambda seed: simulated("tut2", seed, length=500),
    "always in the middle": lambda seed: simulated("tut2", seed, jitter=0),
    "anywhere": lambda seed: simulated("tut2", seed, jitter=LENGTH),
    "yeast, 200 letters": lambda seed: into(simulated("tut2", seed), yeast(N, LENGTH, seed)),
    "human, 100 letters": lambda seed: into(
        simulated("tut2", seed, length=100), human(N, 100, seed)
    ),
}


def context(setting: str, seed: int) -> Run:
    return learn(CONTEXTS[setting](seed), mb.MotifSyntaxNet(1), seed)


def counted(seed: int, *, libraries: bool) -> ad.AnnData:
    """Counts around an additive rule's readout: log1p of one count, or RNA over DNA."""
    adata = simulated("one additive readout", seed)
    rng = np.random.default_rng([seed, 13])
    rate = np.exp(0.5 * adata.X[:, 0])
    if not libraries:
        adata.X = np.log1p(rng.poisson(5 * rate)).astype(np.float32)[:, None]
        return adata
    dna = rng.poisson(rng.gamma(4, 10, adata.n_obs))
    table = pd.DataFrame(
        {"sequence": adata.obs["sequence"], "dna": dna, "rna": rng.poisson(dna * rate)}
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.csv"
        table.to_csv(file, index=False)
        read = mb.read_table(
            file, sequence="sequence", readouts={"activity": mb.Counts("rna", "dna")}
        )
    read.uns["truth"] = adata.uns["truth"]
    read.obs["split"] = mb.split(read, fractions=(0.8, 0.05, 0.15), seed=seed)
    return read


OPEN: dict[str, Callable[[int], tuple[ad.AnnData, dict[str, Any]]]] = {
    "33 letters, filters of 20": lambda seed: (simulated("33 letters", seed), {}),
    "33 letters, filters of 40": lambda seed: (simulated("33 letters", seed), {"width": 40}),
    "33 letters, its core in negatives, filters of 40": lambda seed: (
        simulated("33 letters, core in negatives", seed),
        {"width": 40},
    ),
    "4 % positives of 10,000": lambda seed: (simulated("4 % positives", seed, n=2 * N), {}),
    "4 % positives of 10,000, weighted": lambda seed: (
        simulated("4 % positives", seed, n=2 * N),
        {"class_weights": True},
    ),
    "RUNX2 in 4 % of positives": lambda seed: (simulated("RUNX2 in 4 % of positives", seed), {}),
    "continuous, no counts": lambda seed: (simulated("one additive readout", seed), {}),
    "log(1 + count)": lambda seed: (counted(seed, libraries=False), {}),
    "RNA and DNA counts": lambda seed: (counted(seed, libraries=True), {}),
}


def open_questions(setting: str, seed: int) -> Run:
    adata, how = OPEN[setting](seed)
    options = {name: how.pop(name) for name in list(how) if name == "class_weights"}
    return learn(adata, mb.MotifSyntaxNet(1, **how), seed, **options)


def heads(setting: str, seed: int) -> Run:
    rule, _, syntax = setting.partition(": ")
    return learn(simulated(rule, seed), mb.MotifSyntaxNet(1, syntax=syntax), seed)


PARTS: dict[str, tuple[Callable[[str, int], Run], list[str]]] = {
    "gc": (gc, ["single", "tut2"]),
    "weights": (
        weights,
        [f"{name} x {factor}" for name in ("claim", "sparse") for factor in FACTORS],
    ),
    "context": (context, list(CONTEXTS)),
    "open": (open_questions, list(OPEN)),
    "heads": (
        heads,
        [
            f"{rule}: {syntax}"
            for rule in ("tut2", "tut", "spacing", "far", "three")
            for syntax in ("pairs", "attention", "both")
        ],
    ),
}


def run(part: str, setting: str, seed: int) -> Run:
    return {"part": part, "setting": setting, "seed": seed, **PARTS[part][0](setting, seed)}


def summary(runs: list[Run]) -> pd.DataFrame:
    rows = []
    for setting in dict.fromkeys(run["setting"] for run in runs):
        own = [run for run in runs if run["setting"] == setting]
        values = [list(run["similarity"].values()) for run in own]
        score = [run["score"] for run in own]
        worst = [min(one) for one in values]
        rows.append(
            {
                "setting": setting,
                "seeds": len(own),
                "all found": f"{sum(value >= 0.9 for value in worst)}/{len(own)}",
                "motifs found": f"{np.mean(np.concatenate(values) >= 0.9):.0%}",
                "worst similarity, mean (min)": f"{np.mean(worst):.2f} ({min(worst):.2f})",
                "spurious per run": f"{np.mean([run['spurious'] for run in own]):.1f}",
                "auROC or r, mean (min)": f"{np.mean(score):.3f} ({min(score):.3f})",
                "s, median": f"{np.median([run['seconds'] for run in own]):.0f}",
            }
        )
    return pd.DataFrame(rows)


def curves(runs: list[Run]) -> pd.DataFrame:
    """Mean auROC over seeds at each GC content."""
    rows = []
    for setting in dict.fromkeys(run["setting"] for run in runs):
        for name in ("ours", "CNN"):
            own = [run["curves"][name] for run in runs if run["setting"] == setting]
            told = {
                f"{share:.0%}": f"{value:.3f}" for share, value in zip(GC, np.mean(own, axis=0))
            }
            rows.append({"set": setting, "network": name, **told})
    return pd.DataFrame(rows)


def written(runs: list[Run]) -> str:
    pages = []
    for part in PARTS:
        own = [run for run in runs if run["part"] == part]
        if own:
            pages += [f"## {part}", summary(own).to_markdown(index=False, disable_numparse=True)]
        if own and part == "gc":
            pages.append(curves(own).to_markdown(index=False, disable_numparse=True))
    return "\n\n".join(pages) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
    for part in given.parts:
        jobs = [(part, one, seed) for one in PARTS[part][1] for seed in range(given.seeds)]
        runs = joblib.Parallel(n_jobs=given.jobs, verbose=5)(
            joblib.delayed(run)(*job) for job in jobs
        )
        kept = [run for run in kept if run["part"] != part] + runs
        TABLE.write_text(json.dumps(kept, indent=1) + "\n")
        SUMMARY.write_text(written(kept))
        print(written(runs), flush=True)


if __name__ == "__main__":
    main()
