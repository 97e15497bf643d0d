"""Do predicted effects of variants follow the true ones, and are changed sites named?

    python -m benchmarks.variants                    # ten seeds of each set; ten minutes
    python -m benchmarks.variants --seeds 2 --check  # two seeds against the table
    python -m benchmarks.variants --speed            # 10,000 variants of a yeast chromosome

Networks are trained anew for each seed on 80 % of the sequences of 200 letters; variants are made
in sequences that training did not see.

"graded" (10,000 sequences): the readout is the sum over motifs and places of effect times
occupancy, plus noise (80 % of the variance is signal). Occupancy is a logistic function of the
site's score with the planted matrix: 1/2 at one standard deviation below the mean score of sites,
slope 1 per bit. So every letter of every sequence has a true effect, sites by chance included.
"tut2" (5,000): the binary rule of `mb.simulate`, with the same occupancy. Its labels do not say how
weak a site may be, so whole sites are replaced, deleted and written there, and gaps changed; single
letters are for the graded set.

A site is truly *destroyed* if its occupancy falls from 0.8 or more to 0.2 or less, *created* if it
rises so: clear of the middle by 0.3. It is *named* if a call of that kind and that motif overlaps
it. A call is *right* if the occupancy of that motif there crosses 1/2 in its direction (in tut2
also if it names the planted site that was replaced, deleted or written), *between* if it moves in
that direction by 0.2 or more without crossing, else *wrong*; so are calls of motifs that were not
planted. Recall is named / true, precision right / (right + wrong).

Variants lie 20 letters or more from the ends of the sequence, as they do in the windows of a VCF
file; what is lost nearer to an end, where the windows of filters do not fit, has a row of its own.
"matrices": the planted matrices themselves scanned at p <= 1e-4, hits on one allele only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

import motifbook as mb
from benchmarks.variants_truth import (
    AT_THE_END,
    SIZES,
    Maker,
    Truth,
    called_by_matrix,
    called_by_network,
    graded,
    judge,
    make,
    table_of,
)
from motifbook.data.genomes.genome import open_genome
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.motif.compare import similarity
from motifbook.variants.places import fetch

HERE = Path(__file__).parent
TABLE = HERE / "variants.json"
WHOLE = ("site replaced", "site deleted", "site written")
KINDS = (*WHOLE, "SNV in a site", "SNV elsewhere", "indel", "several", AT_THE_END)
PER_KIND = 150
VERDICTS = ["right", "between", "wrong"]
CNN_SEEDS = 3  # of the plain network beside ours
LOOKS_LIKE = 0.8  # similarity from which a learned motif is called by a planted one's name

FloatArray = npt.NDArray[np.float64]


def run(name: str, seed: int) -> dict[str, Any]:
    torch.set_num_threads(1)
    adata, truth = make(name, seed)
    model = MotifSyntaxNet(1)
    mb.fit(model, adata, seed=seed, progress=False)
    motifs = mb.read_motifs(model, adata)
    names = planted_names(motifs, truth)
    maker = Maker(adata, truth, seed)
    if name == "graded":
        kinds = {kind: maker.variants(kind, PER_KIND) for kind in KINDS}
    else:
        kinds = {kind: maker.variants(kind, PER_KIND) for kind in WHOLE}
        kinds |= {"gap 6-10 -> 13-17": maker.gap(True), "gap 20-50 -> 8": maker.gap(False)}
    every = [pair for pairs in kinds.values() for pair in pairs]
    table = table_of(every)
    compared = mb.compare_alleles(model, table, adata=adata, motifs=motifs)
    told = compared.table.assign(kind=np.repeat(list(kinds), [len(one) for one in kinds.values()]))
    if name == "graded":
        told["true"] = true_effects(table, truth)
        if seed < CNN_SEEDS:
            cnn = CNN(1)
            mb.fit(cnn, adata, seed=seed, progress=False)
            told["cnn"] = mb.score_variants(cnn, table, motifs=[])["effect"]
    calls = called_by_network(compared, names), called_by_matrix(every, truth)
    counts = [
        judge(one, every, truth, counts_planted=name == "tut2") for one in calls
    ]  # per variant
    result: dict[str, Any] = {"set": name, "seed": seed, "motifs": names, "kinds": {}}
    for kind, own in told.groupby("kind", sort=False):
        result["kinds"][kind] = {
            "n": len(own),
            "network": counts[0].loc[own.index].sum().astype(int).to_dict(),
            "matrices": counts[1].loc[own.index].sum().astype(int).to_dict(),
            **(correlations(own) if name == "graded" else {}),
            **(moved(own, str(kind)) if str(kind).startswith("gap") else {}),
        }
    return result | (correlations(told) if name == "graded" else {})


def true_effects(table: pd.DataFrame, truth: Truth) -> FloatArray:
    after, before = (graded(truth.occupancy(table[allele].tolist())) for allele in ("alt", "ref"))
    return after - before


def moved(own: pd.DataFrame, kind: str) -> dict[str, float]:
    """What changed gaps do to the predicted probability."""
    wanted = 1 if kind.endswith(" 8") else -1
    return {
        "before": round(float(own["reference"].median()), 3),
        "after": round(float(own["alternative"].median()), 3),
        "right way": round(float((own["effect"] * wanted > 1).mean()), 3),
    }


def planted_names(motifs: list[mb.Motif], truth: Truth) -> dict[str, str]:
    """Learned motif -> the planted one it looks like; itself if it looks like none."""
    names = {}
    for motif in motifs:
        alike = {one.name: similarity(motif, one) for one in truth.motifs}
        nearest = max(alike, key=alike.__getitem__)
        names[motif.name] = nearest if alike[nearest] >= LOOKS_LIKE else motif.name
    return names


def correlations(told: pd.DataFrame) -> dict[str, float]:
    """Pearson's r of the true effects with those of the network, and of a CNN if there is one."""
    r = {"r": round(float(np.corrcoef(told["true"], told["effect"])[0, 1]), 3)}
    if "cnn" in told:
        r["r_cnn"] = round(float(np.corrcoef(told["true"], told["cnn"])[0, 1]), 3)
    return r


def shares(runs: list[dict[str, Any]], kinds: list[str], way: str) -> tuple[float, float, int]:
    """Recall and precision over runs and kinds, and the number of true events."""
    counts = pd.DataFrame([one["kinds"][kind][way] for one in runs for kind in kinds]).sum()
    made = counts["right"] + counts["wrong"]
    return counts["named"] / max(counts["true"], 1), counts["right"] / max(made, 1), counts["true"]


def summary(runs: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per set and kind of variant, all seeds together."""
    rows = []
    for name in dict.fromkeys(one["set"] for one in runs):
        own = [one for one in runs if one["set"] == name]
        kinds_of_set = list(own[0]["kinds"])
        every = [kind for kind in kinds_of_set if kind != AT_THE_END]
        for kinds in (*([kind] for kind in kinds_of_set), every):
            recall, precision, n = shares(own, kinds, "network")
            peer_recall, peer_precision, _ = shares(own, kinds, "matrices")
            told = [one["kinds"][kinds[0]] if len(kinds) == 1 else one for one in own]
            calls = pd.DataFrame([o["kinds"][k]["network"] for o in own for k in kinds]).sum()
            r, r_cnn = ([one[key] for one in told if key in one] for key in ("r", "r_cnn"))
            rows.append(
                {
                    "set": name,
                    "variants": kinds[0] if len(kinds) == 1 else "**all but at an end**",
                    "true": n,
                    "recall": f"{recall:.3f}" if n >= 20 else "-",
                    "precision": f"{precision:.3f}",
                    ", ".join(VERDICTS): ", ".join(str(calls[v]) for v in VERDICTS),
                    "matrices: recall": f"{peer_recall:.3f}" if n >= 20 else "-",
                    "precision ": f"{peer_precision:.3f}",
                    "r, mean (min)": f"{np.mean(r):.3f} ({min(r):.3f})" if r else "",
                    "r of a CNN": f"{np.mean(r_cnn):.3f}" if r_cnn else "",
                }
            )
    return pd.DataFrame(rows)


def gap_summary(runs: list[dict[str, Any]]) -> pd.DataFrame:
    """What changed gaps do: medians of the predicted probability, over seeds."""
    rows = [
        {"variants": kind, **{key: told[key] for key in ("n", "before", "after", "right way")}}
        for one in runs
        for kind, told in one["kinds"].items()
        if kind.startswith("gap")
    ]
    table = pd.DataFrame(rows, columns=["variants", "n", "before", "after", "right way"])
    means = table.groupby("variants", sort=False).mean().round(3)
    return means.assign(n=table.groupby("variants")["n"].sum()).reset_index()


def per_seed(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for one in runs:
        every = [kind for kind in one["kinds"] if kind != AT_THE_END]
        recall, precision, n = shares([one], every, "network")
        rows.append({"set": one["set"], "seed": one["seed"], "true": n, "recall": round(recall, 3),
                     "precision": round(precision, 3), "r": one.get("r", ""),
                     "motifs": ", ".join(sorted(one["motifs"].values()))})  # fmt: skip
    return pd.DataFrame(rows)


def speed() -> None:
    """10,000 single letters of a yeast chromosome, windows of 200 letters, on one core."""
    torch.set_num_threads(1)
    folder = os.environ.get("MOTIFBOOK_TEST_DATA", HERE.parents[1] / "shared" / "data")
    path = Path(folder) / "genome" / "sacCer3_chrIV.fa.gz"
    if not path.exists():
        print(f"{path} is not there: set MOTIFBOOK_TEST_DATA.")
        return
    genome, rng = open_genome(path), np.random.default_rng(0)
    positions = np.sort(rng.integers(0, genome.index["chrIV"][0], 10_000))
    refs = fetch(genome, ["chrIV"] * len(positions), positions, positions + 1)
    alts = ["ACGT"[("ACGT".index(ref) + int(rng.integers(1, 4))) % 4] for ref in refs]
    adata, _ = make("tut2", 0)
    model = MotifSyntaxNet(1)
    mb.fit(model, adata, seed=0, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        vcf = Path(folder) / "made.vcf"
        lines = [f"4\t{at + 1}\t.\t{ref}\t{alt}\n" for at, ref, alt in zip(positions, refs, alts)]
        vcf.write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n" + "".join(lines))
        began = time.perf_counter()
        table = mb.score_variants(model, vcf, genome=path, adata=adata, rename={"4": "chrIV"})
    seconds = time.perf_counter() - began
    print(f"{len(table):,} variants in {seconds:.1f} s, motifs read and rule learned included;")
    print(f"sites destroyed in {(table['destroyed'] != '').sum()}, created in "
          f"{(table['created'] != '').sum()} of them.")  # fmt: skip


def disagreements(runs: list[dict[str, Any]]) -> list[str]:
    """Runs whose recall, precision or correlation differs from the table by more than 0.03."""
    known = {(one["set"], one["seed"]): one for one in json.loads(TABLE.read_text())}
    wrong = []
    for one in runs:
        pair = [
            (*shares([each], list(each["kinds"]), "network")[:2], each.get("r", 0.0))
            for each in (one, known[one["set"], one["seed"]])
        ]
        if np.abs(np.subtract(*pair)).max() > 0.03:
            wrong.append(f"{one['set']} seed {one['seed']}: now {pair[0]}, table {pair[1]}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=list(SIZES), choices=SIZES)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="compare with the committed table")
    parser.add_argument("--speed", action="store_true", help="time 10,000 variants instead")
    given = parser.parse_args()
    if given.speed:
        speed()
        return 0
    jobs = [(name, seed) for name in given.sets for seed in range(given.seeds)]
    runs = joblib.Parallel(n_jobs=given.jobs, verbose=5)(joblib.delayed(run)(*job) for job in jobs)
    for table in (summary(runs), gap_summary(runs), per_seed(runs)):
        print(table.to_markdown(index=False), end="\n\n")
    if given.check:
        wrong = disagreements(runs)
        print("\n".join(wrong) or "agrees with the committed table")
        return int(bool(wrong))
    kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
    kept = [one for one in kept if one["set"] not in given.sets] + runs
    TABLE.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
