"""Known motifs without a network: right on real data, calibrated without an effect, fast enough.

Every job runs in a fresh process on one thread, one after the other, timed without its imports.

    MOTIFBOOK_TEST_DATA=... python benchmarks/enrichment.py    # writes benchmarks/enrichment.md
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.alphabet import RNA
from motifbook.motif import database
from motifbook.motif.best import best_matches
from motifbook.motif.distribution import q_values
from motifbook.onehot import onehot

Result = dict[str, Any]
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = Path(os.environ.get("MOTIFBOOK_TEST_DATA", BESIDE))
KNOWN = "JASPAR2026_vertebrates"
ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}
PUMILIO = ["UGUAAAUA", "UGUAUAUA", "UGUACAUA", "UGUAGAUA"]
SPEED = ("table", "best_matches", "torch_conv1d", "memelite_fimo")
SETS = ("ctcf", "pu1", "oct4", "mafk", "fly", "abf1", "rap1", "gata3", "pum2")
N_PERMUTED = 40


def timed(call: Callable[[], Any], n: int = 2) -> Result:
    """Wall and CPU seconds of the first and the last of `n` calls."""
    seconds = []
    for _ in range(n):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        seconds.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {"cold": seconds[0], "warm": seconds[-1]}


def random_book(n: int, length: int) -> ad.AnnData:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(index=pd.RangeIndex(n).astype(str))
    adata = ad.AnnData((rng.random((n, 1)) < 0.5).astype(np.float32), obs=obs)
    adata.obsm["letters"] = rng.integers(0, 4, (n, length), dtype=np.uint8)
    return adata


def table() -> Result:
    adata = random_book(8000, 100)
    return timed(lambda: mb.enrichment(KNOWN, adata))


def best_only() -> Result:
    letters = random_book(8000, 100).obsm["letters"]
    motifs = database.collection(KNOWN)
    return timed(lambda: [block.numbers for block in best_matches(motifs, letters)])


def torch_conv1d() -> Result:
    """The best score per sequence by convolution: motifs of one width at a time."""
    import torch

    torch.set_num_threads(1)
    encoded = torch.as_tensor(onehot(random_book(8000, 100).obsm["letters"]))
    widths: dict[int, list[np.ndarray]] = {}
    for motif in database.collection(KNOWN):
        both = (motif.pssm(), motif.reverse_complement().pssm())
        widths.setdefault(motif.width, []).extend(both)
    filters = [torch.as_tensor(np.array(stack), dtype=torch.float32) for stack in widths.values()]

    @torch.no_grad()
    def scan() -> None:
        for weights in filters:
            for block in encoded.split(256):
                torch.nn.functional.conv1d(block, weights).amax(dim=2)

    return timed(scan)


def memelite_fimo() -> Result:
    from memelite import fimo

    encoded = onehot(random_book(8000, 100).obsm["letters"]).astype(np.int8)
    ppms = {str(i): motif.ppm for i, motif in enumerate(database.collection(KNOWN))}
    return timed(lambda: fimo(ppms, encoded))


def million() -> Result:
    adata = random_book(1_000_000, 200)
    motifs = database.collection(KNOWN)[::20]
    done = timed(lambda: mb.enrichment(motifs, adata), n=1)
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {**done, "motifs": len(motifs), "gigabytes": gigabytes}


def peaks(name: str) -> tuple[ad.AnnData, Any]:
    return mb.read_fasta(DATA / f"chip/{name}.fa.gz", negatives="shuffle", seed=0), KNOWN


def yeast(factor: str) -> tuple[ad.AnnData, Any]:
    adata = mb.read_bed(
        DATA / f"genome/rossi2021_{factor}.bed",
        genome=DATA / "genome/sacCer3_chrIV.fa.gz",
        length=200,
        negatives="matched",
        rename={"chr4": "chrIV"},
        seed=0,
    )
    return adata, DATA / "motifs/yeast_macisaac_v1.meme.gz"


def labelled(sequences: list[str], values: list[float], alphabet: str = "DNA") -> ad.AnnData:
    obs = pd.DataFrame({"sequence": sequences}, index=[f"s{i}" for i in range(len(sequences))])
    column = np.array(values, dtype=np.float32)[:, None]
    return ad.AnnData(column, obs=obs, uns={"alphabet": alphabet})


def gata3() -> tuple[ad.AnnData, Any]:
    files = [DATA / f"selex/gata3_cycle{cycle}_20k.txt.gz" for cycle in (0, 4)]
    reads = [gzip.decompress(file.read_bytes()).decode().split() for file in files]
    return labelled(reads[0] + reads[1], [0.0] * len(reads[0]) + [1.0] * len(reads[1])), KNOWN


def pum2() -> tuple[ad.AnnData, Any]:
    rows = pd.read_csv(DATA / "chip/pum2_clip_train.csv.gz")
    sequences = rows["seq"].str.replace("T", "U").tolist()
    motif = mb.Motif.from_sites("UGUANAUA", PUMILIO, alphabet=RNA)
    return labelled(sequences, rows["binding_site"].astype(float).tolist(), "RNA"), motif


def fly() -> tuple[ad.AnnData, Any]:
    readouts = ["Dev_log2_enrichment", "Hk_log2_enrichment"]
    file = DATA / "mpra/fly_deepstarr_3000.tsv.gz"
    return mb.read_table(file, sequence="Sequence", readouts=readouts), "JASPAR2026_insects"


LOAD: dict[str, Callable[[], tuple[ad.AnnData, Any]]] = {
    "ctcf": lambda: peaks("ctcf_hg19_100bp"),
    "pu1": lambda: peaks("pu1_100bp"),
    "oct4": lambda: peaks("oct4_200bp"),
    "mafk": lambda: peaks("mafk_200bp"),
    "fly": fly,
    "abf1": lambda: yeast("Abf1"),
    "rap1": lambda: yeast("Rap1"),
    "gata3": gata3,
    "pum2": pum2,
}


def real(name: str) -> Result:
    adata, motifs = LOAD[name]()
    found: list[pd.DataFrame] = []
    spent = timed(lambda: found.append(mb.enrichment(motifs, adata)), n=1)
    rows = []
    for readout, part in found[0].groupby("readout", sort=False):
        first = part.iloc[0]
        rows.append(
            {
                "readout": str(readout),
                "n": int(first["n"]),
                "first": f"{first['motif']} {first['id']}".strip(),
                "next": ", ".join(dict.fromkeys(part["motif"][1:5])),
                "effect": float(first["effect"]),
                "best": float(first["auroc" if first["kind"] == "binary" else "pearson"]),
                "q": float(first["q_value"]),
                "position": float(first["position_center"]),
                "position_p": float(first["position_p_value"]),
                "called": int((part["q_value"] < 0.05).sum()),
                "of": len(part),
            }
        )
    return {"rows": rows, **spent}


def calibration() -> Result:
    """Readouts without any effect, and readouts of GC content alone, on 4,000 real sequences."""
    adata = mb.read_fasta(DATA / "chip/pu1_100bp.fa.gz")
    rng = np.random.default_rng(0)
    adata = adata[rng.permutation(adata.n_obs)[:4000]].copy()
    text = adata.obs["sequence"].str
    gc = ((text.count("G") + text.count("C")) / text.len()).to_numpy()
    push = 2 * (gc - gc.mean()) / gc.std()
    made: dict[str, Callable[[], np.ndarray]] = {
        "binary, half 1": lambda: rng.random(4000) < 0.5,
        "binary, 3 % 1": lambda: rng.random(4000) < 0.03,
        "continuous, normal": lambda: rng.normal(size=4000),
        "continuous, heavy-tailed": lambda: rng.standard_cauchy(4000),
        "binary, of GC content alone": lambda: rng.random(4000) < 1 / (1 + np.exp(-push)),
        "continuous, of GC content alone": lambda: push + np.sin(push) + rng.normal(size=4000),
    }
    names = [f"{kind}|{i}" for kind in made for i in range(N_PERMUTED)]
    values = np.column_stack([made[name.partition("|")[0]]() for name in names])
    book = ad.AnnData(values.astype(np.float32), obs=adata.obs, var=pd.DataFrame(index=names))
    tests = mb.enrichment(database.collection(KNOWN)[::5], book)
    tests["kind"] = tests["readout"].str.partition("|")[0]
    return {str(kind): summary(part) for kind, part in tests.groupby("kind", sort=False)}


def summary(tests: pd.DataFrame) -> list[float]:
    """Share of p-values below 0.05 and 0.001; motifs per readout with q < 0.05; both tests."""
    result = []
    for column in ("p_value", "unadjusted_p_value"):
        p_values = tests[column]
        called = tests.groupby("readout")[column].apply(lambda p: int((q_values(p) < 0.05).sum()))
        result += [float((p_values < 0.05).mean()), float((p_values < 0.001).mean())]
        result += [float(called.mean())]
    return result


def run(job: str) -> Result:
    print(job, file=sys.stderr)
    done = subprocess.run(
        [sys.executable, __file__, job],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=True,
    )
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def work(job: str) -> Result:
    if job in LOAD:
        return real(job)
    jobs = {
        "table": table,
        "best_matches": best_only,
        "torch_conv1d": torch_conv1d,
        "memelite_fimo": memelite_fimo,
        "million": million,
        "calibration": calibration,
    }
    return jobs[job]()


def speed_lines() -> list[str]:
    said = {
        "table": "motifbook, `mb.enrichment`: everything",
        "best_matches": "motifbook, best matches only",
        "torch_conv1d": "torch conv1d, best scores only",
        "memelite_fimo": "memelite fimo, hits only, no background",
    }
    got = {job: run(job) for job in SPEED}
    lines = [
        "1,019 motifs x 8,000 sequences of 100, both strands:",
        "",
        "| program | cold | warm | of conv1d, warm CPU |",
        "|---|---|---|---|",
    ]
    for job, result in got.items():
        cells = ["{:.1f} ({:.1f})".format(*result[when]) for when in ("cold", "warm")]
        ratio = result["warm"][1] / got["torch_conv1d"]["warm"][1]
        lines.append(f"| {said[job]} | {cells[0]} | {cells[1]} | {ratio:.2f} |")
    large = run("million")
    lines += [
        "",
        f"1,000,000 sequences of 200, {large['motifs']} motifs, `mb.enrichment`: "
        f"{large['cold'][0]:.0f} s ({large['cold'][1]:.0f} s), "
        f"{large['gigabytes']:.1f} GB at most.",
    ]
    return lines


def real_lines() -> list[str]:
    lines = [
        "| set | readout | n | first | effect | auroc or r | q | place | next | q < 0.05 | s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in SETS:
        result = run(name)
        for row in result["rows"]:
            place = f"{row['position']:+.0f} (p {row['position_p']:.1g})"
            cells = [name, row["readout"], f"{row['n']:,}", row["first"], f"{row['effect']:.2f}"]
            cells += [f"{row['best']:.3f}", f"{row['q']:.1g}", place, row["next"]]
            cells += [f"{row['called']} of {row['of']:,}", f"{result['cold'][1]:.1f}"]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def calibration_lines() -> list[str]:
    lines = [
        f"| readout ({N_PERMUTED} each) | p < 0.05 | p < 0.001 | motifs with q < 0.05 | "
        "unadjusted: p < 0.05 | p < 0.001 | motifs with q < 0.05 |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, numbers in run("calibration").items():
        cells = [f"{numbers[i]:.4f}" if i % 3 < 2 else f"{numbers[i]:.2f}" for i in range(6)]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def report() -> str:
    head = (
        "Measured by `benchmarks/enrichment.py`, one process at a time on one thread; wall seconds"
    )
    parts = [
        [f"{head} (CPU seconds), imports not counted.", "", *speed_lines()],
        ["Real data, all rows; peaks against shuffles, yeast against matched windows:"],
        real_lines(),
        ["204 motifs on 4,000 PU.1 peaks, readouts that know nothing of motifs:"],
        calibration_lines(),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        warnings.simplefilter("ignore")
        print(json.dumps(work(sys.argv[1])))
    else:
        text = report()
        Path(__file__).with_suffix(".md").write_text(text)
        print(text)
