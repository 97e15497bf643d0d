"""One million sequences of 200 letters on disk: trained on, attributed, scanned, its motifs read.

A sequence may hold TGACTCA and AGATAAG, each worth 1 in the readout, and 2 more where the second
follows within 12 letters. Every job runs in processes of its own; memory is the most that all of
them held together, with and without pages of files, which the system takes back when it needs them.

    python -m benchmarks.million                    # prints the table, writes benchmarks/million.md
    python -m benchmarks.million --rows 20000       # a look, in a minute or two; writes nothing
    python -m benchmarks.million --folder D         # keeps files in D; done again, it goes on
    python -m benchmarks.million --folder D --jobs hits attribution    # some jobs alone, again
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import joblib
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor

import motifbook as mb
from motifbook.motif.compare import similarity

ROWS, LENGTH, BATCH = 1_000_000, 200, 128
BLOCK, LOOK = 20_000, 5000  # rows simulated at once; looked at
FIRST, SECOND = [3, 2, 0, 1, 3, 1, 0], [0, 2, 0, 3, 0, 0, 2]  # TGACTCA, AGATAAG
NEAR = 12  # letters between the two that count as together
LIMIT = 4.0  # GB
CORES = 2
BOUNDED = ("motifs",)  # jobs that look at a sample, however many rows there are

Facts = dict[str, Any]
Job = Callable[[Path], Facts]


def plant(letters: Any, rows: Any, starts: Any, word: list[int]) -> None:
    letters[rows[:, None], starts[rows, None] + np.arange(len(word))] = word


def block(n: int, seed: int) -> tuple[Any, pd.DataFrame]:
    """Letters, (n, LENGTH), and a table: where the words start, -1 for nowhere, and the readout."""
    rng = np.random.default_rng([0, seed])
    letters = rng.integers(0, 4, (n, LENGTH), dtype=np.uint8)
    first = rng.integers(0, LENGTH // 2, n)
    gap = np.where(rng.random(n) < 0.5, rng.integers(0, NEAR + 1, n), rng.integers(40, 60, n))
    second = first + len(FIRST) + gap
    has_first, has_second = rng.random((2, n)) < 0.5
    plant(letters, np.flatnonzero(has_first), first, FIRST)
    plant(letters, np.flatnonzero(has_second), second, SECOND)
    together = has_first & has_second & (gap <= NEAR)
    value = 1.0 * has_first + 1.0 * has_second + 2.0 * together + 0.3 * rng.standard_normal(n)
    table = pd.DataFrame(
        {
            "first": np.where(has_first, first, -1),
            "second": np.where(has_second, second, -1),
            "activity": value,
        }
    )
    return letters, table


def simulate(folder: Path) -> Facts:
    n = int((folder / "rows").read_text())
    letters, tables = np.empty((n, LENGTH), dtype=np.uint8), []
    for number, start in enumerate(range(0, n, BLOCK)):
        letters[start : start + BLOCK], table = block(min(BLOCK, n - start), number)
        tables.append(table)
    truth = pd.concat(tables, ignore_index=True)
    adata = ad.AnnData(
        X=truth[["activity"]].to_numpy(np.float32),
        obs=truth[["first", "second"]].set_axis([f"s{row}" for row in range(n)]),
        var=pd.DataFrame(index=["activity"]),
        obsm={"letters": letters},
        uns={"alphabet": "DNA"},
    )
    adata.obs["split"] = mb.split(adata, seed=0)
    mb.write(adata, folder / "book.h5ad")
    return {}


def book(folder: Path) -> ad.AnnData:
    return mb.read(folder / "book.h5ad", backed=True)


def fit(folder: Path) -> Facts:
    adata, model = book(folder), mb.MotifSyntaxNet(1)
    n_steps = max(1, int((adata.obs["split"] == "train").sum()) // BATCH)
    options = mb.FitOptions(n_steps=n_steps, patience=n_steps)  # the whole epoch
    mb.fit(
        model,
        adata,
        seed=0,
        batch_size=BATCH,
        progress=False,
        checkpoint=folder / "fit.checkpoint",
        resume=True,
        options=options,
    )
    mb.save(model, folder / "net.motifbook")
    return {"batches": n_steps}


def evaluate(folder: Path) -> Facts:
    scores = mb.evaluate(mb.load(folder / "net.motifbook"), book(folder))
    return {"r2 on test rows": round(float(scores["r2"][0]), 3)}


def read_motifs(folder: Path) -> Facts:
    motifs = mb.read_motifs(mb.load(folder / "net.motifbook"), book(folder))
    found = {}
    for word in ("TGACTCA", "AGATAAG"):
        planted = mb.Motif.from_sites(word, [word])
        found[word] = round(max(similarity(motif, planted) for motif in motifs), 2)
    return {"motifs": len(motifs), **{f"similarity to {word}": s for word, s in found.items()}}


def attribution(folder: Path) -> Facts:
    model, adata = mb.load(folder / "net.motifbook"), book(folder)
    with joblib.parallel_config(n_jobs=CORES):
        streamed = mb.stream_attribution(
            model, adata, folder / "attribution.zarr", seed=0, progress=False
        )
    values = streamed.values(np.arange(min(LOOK, adata.n_obs)))
    obs = adata.obs.iloc[: len(values)]
    planted = np.zeros(values.shape, dtype=bool)
    for column, word in (("first", FIRST), ("second", SECOND)):
        rows = np.flatnonzero(obs[column] >= 0)
        starts = obs[column].to_numpy()
        planted[rows[:, None], starts[rows, None] + np.arange(len(word))] = True
    inside, outside = values[planted].mean(), values[~planted].mean()
    return {"pieces": streamed.n_pieces, "bits in planted words": f"{inside / outside:.0f}-fold"}


def motifs_to_scan(n: int = 100) -> list[mb.Motif]:
    """The two planted words and known motifs."""
    words = [mb.Motif.from_sites(word, [word]) for word in ("TGACTCA", "AGATAAG")]
    return [*words, *mb.database.collection("JASPAR2026_vertebrates")[: n - 2]]


def hits(folder: Path) -> Facts:
    with joblib.parallel_config(n_jobs=CORES):
        found = mb.stream_hits(motifs_to_scan(), book(folder), folder / "hits.zarr", progress=False)
    return {"motifs": 100, "hits": f"{found.n_hits:,}"}


JOBS: dict[str, tuple[str, Job]] = {
    "simulate": ("simulate in blocks, split, write", simulate),
    "fit": ("train MotifSyntaxNet for one epoch", fit),
    "evaluate": ("evaluate the test tenth", evaluate),
    "motifs": ("read the network's motifs", read_motifs),
    "attribution": ("train a scrambler, attribute every row, streamed, two processes", attribution),
    "hits": ("scan every row for 100 motifs, streamed, two processes", hits),
}


def tree(root: int) -> list[int]:
    """A process and those it started, by number."""
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def held(root: int) -> tuple[float, float]:
    """GB that a process and those it started hold, and without pages of files."""
    total, own = 0, 0
    try:
        for process in tree(root):
            told = Path(f"/proc/{process}/status").read_text()
            numbers = dict(re.findall(r"(VmRSS|RssAnon):\s+(\d+) kB", told))
            total, own = total + int(numbers["VmRSS"]), own + int(numbers["RssAnon"])
    except (OSError, KeyError):  # one has just ended
        return 0.0, 0.0
    return total / 1e6, own / 1e6


def run(job: str, folder: Path) -> Facts:
    """One job in a process of its own, watched from here."""
    command = [sys.executable, "-m", "benchmarks.million", "--one", job, str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = own = 0.0
    while process.poll() is None:
        now = held(process.pid)
        peak, own = max(peak, now[0]), max(own, now[1])
        time.sleep(0.05)
    printed = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{job} ended with {process.returncode}")
    facts = json.loads(printed.splitlines()[-1])
    return {"wall": time.perf_counter() - began, "peak": peak, "own": own, **facts}


def one(job: str, folder: Path) -> None:
    """What a process of its own does: the job, and what it found and took, as JSON."""
    times = os.times()
    before, began = sum(times[:4]), time.perf_counter()
    facts = JOBS[job][1](folder)
    work = time.perf_counter() - began
    get_reusable_executor().shutdown(wait=True)  # processes count when they have ended
    print(json.dumps({"cpu": sum(os.times()[:4]) - before, "work": work, "facts": facts}))


def lines(results: dict[str, Facts], rows: int) -> list[str]:
    """The table, and what it adds up to."""
    grown = "" if rows == ROWS else f" | minutes at {ROWS:,}, at most"
    told = [
        f"Measured by `python -m benchmarks.million` on {os.cpu_count()} cores: {rows:,} x "
        f"{LENGTH} letters. GB: the most that all processes of a job held at once, imports "
        "included (pages that two processes share count twice).",
        "",
        f"| job | wall s | CPU s | GB at most | without pages of files | found{grown} |",
        f"|---|---|---|---|---|---{'|---' if grown else ''}|",
    ]
    wall = 0.0
    for job, got in results.items():
        numbers = f"{got['wall']:.0f} | {got['cpu']:.0f} | {got['peak']:.2f} | {got['own']:.2f}"
        found = ", ".join(f"{name} {value}" for name, value in got["facts"].items())
        times_more = 1.0 if job in BOUNDED else ROWS / rows
        later = (got["wall"] + got["work"] * (times_more - 1)) / 60
        wall += later
        told.append(f"| {JOBS[job][0]} | {numbers} | {found} |{f' {later:.1f} |' if grown else ''}")
    peak, own = (max(got[name] for got in results.values()) for name in ("peak", "own"))
    kept = "below" if peak < LIMIT else "ABOVE"
    whole = "in all" if rows == ROWS else "expected at most"
    told += [
        "",
        f"{wall:.0f} minutes {whole} for {ROWS:,} rows; never "
        f"more than {peak:.2f} GB ({own:.2f} without pages of files), {kept} the limit of "
        f"{LIMIT:.0f} GB.",
    ]
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--jobs", nargs="*", choices=list(JOBS), help="do these, again if done")
    parser.add_argument("--folder", type=Path, help="keep the files there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name)
        folder.mkdir(exist_ok=True, parents=True)
        (folder / "rows").write_text(str(asked.rows))
        done = folder / "done.json"
        results = json.loads(done.read_text()) if done.exists() else {}
        for job in asked.jobs or [job for job in JOBS if job not in results]:
            results[job] = run(job, folder)
            results = {job: results[job] for job in JOBS if job in results}
            done.write_text(json.dumps(results))
            print(job, results[job], flush=True)
    told = lines(results, asked.rows)
    print("\n".join(told))
    if asked.rows == ROWS and list(results) == list(JOBS):
        Path(__file__).with_suffix(".md").write_text("\n".join(told) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
