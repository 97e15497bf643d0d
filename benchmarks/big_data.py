"""Time and memory of one million sequences of 500 letters, from writing them to scanning them.

Half of the sequences hold a planted TGACTCA, which the network has to find. Every job runs in a
fresh process; memory is the largest it ever held, imports included: with and without the pages of
files that it has looked at, which the system takes back when it needs them.

    python benchmarks/big_data.py              # prints the table and writes benchmarks/big_data.md
    python benchmarks/big_data.py --rows 20000 # a look, in a minute; writes nothing
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.motif.compare import similarity
from motifbook.onehot import onehot as encode_onehot

ROWS, LENGTH = 1_000_000, 500
BLOCK = 20_000
MOTIF = [3, 2, 0, 1, 3, 1, 0]  # TGACTCA
STEPS = 600

Job = Callable[[Path], Callable[[], Any]]


def simulate(n: int) -> ad.AnnData:
    """Random letters; half of the sequences hold the motif."""
    rng = np.random.default_rng(0)
    bound = rng.random(n) < 0.5
    letters = np.empty((n, LENGTH), dtype=np.uint8)
    for first in range(0, n, BLOCK):
        block = letters[first : first + BLOCK]
        block[:] = rng.integers(0, 4, block.shape, dtype=np.uint8)
        rows = np.flatnonzero(bound[first : first + BLOCK])
        starts = rng.integers(0, LENGTH - len(MOTIF), len(rows))
        block[rows[:, None], starts[:, None] + np.arange(len(MOTIF))] = MOTIF
    return ad.AnnData(
        X=bound.astype(np.float32)[:, None],
        obs=pd.DataFrame(index=[f"s{row}" for row in range(n)]),
        var=pd.DataFrame(index=["bound"]),
        obsm={"letters": letters},
        uns={"alphabet": "DNA", "rows": n},
    )


def write(folder: Path) -> Callable[[], Any]:
    adata = simulate(int((folder / "rows").read_text()))
    return lambda: mb.write(adata, folder / "book.h5ad")


def split(folder: Path) -> Callable[[], Any]:
    adata = mb.read(folder / "book.h5ad")

    def work() -> None:
        adata.obs["split"] = mb.split(adata, seed=0)
        adata.obs["split"].to_pickle(folder / "split.pickle")

    return work


def book(folder: Path, backed: bool) -> ad.AnnData:
    adata = mb.read(folder / "book.h5ad", backed=backed)
    adata.obs["split"] = pd.read_pickle(folder / "split.pickle")
    return adata


def fit(folder: Path, backed: bool = False) -> Callable[[], Any]:
    adata, model = book(folder, backed), mb.MotifSyntaxNet(1)

    def work() -> None:
        mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=STEPS))
        mb.save(model, folder / "net.motifbook")

    return work


def predict(folder: Path) -> Callable[[], Any]:
    adata, model = book(folder, backed=True), mb.load(folder / "net.motifbook")
    return lambda: mb.predict(model, adata)


def evaluate(folder: Path) -> Callable[[], Any]:
    adata, model = book(folder, backed=True), mb.load(folder / "net.motifbook")
    return lambda: print(mb.evaluate(model, adata).to_string(), file=sys.stderr)


def read_motifs(folder: Path) -> Callable[[], Any]:
    adata, model = book(folder, backed=True), mb.load(folder / "net.motifbook")

    def work() -> None:
        best = mb.read_motifs(model, adata)[0]
        found = similarity(best, mb.Motif.from_sites("AP-1", ["TGACTCA"]))
        if found < 0.9:
            raise SystemExit(f"the planted motif was not found, but {best.consensus}")

    return work


def scan(folder: Path) -> Callable[[], Any]:
    adata = book(folder, backed=True)
    motifs = [mb.Motif.from_sites("AP-1", ["TGACTCA"]), mb.Motif.from_sites("GATA", ["AGATAAG"])]
    return lambda: mb.scan(motifs, adata)


def onehot(_: Path) -> Callable[[], Any]:
    letters = np.random.default_rng(0).integers(0, 4, (100_000, 200), dtype=np.uint8)
    return lambda: encode_onehot(letters)


JOBS: dict[str, tuple[str, Job]] = {
    "write": ("write", write),
    "read": ("read into memory", lambda folder: lambda: mb.read(folder / "book.h5ad")),
    "backed": ("read, letters on disk", lambda f: lambda: mb.read(f / "book.h5ad", backed=True)),
    "split": ("split at random, copies together", split),
    "fit": (f"fit, {STEPS} batches, letters in memory", fit),
    "fit_backed": (f"fit, {STEPS} batches, letters on disk", lambda folder: fit(folder, True)),
    "evaluate": ("evaluate the test tenth, letters on disk", evaluate),
    "read_motifs": ("read motifs, letters on disk", read_motifs),
    "scan": ("scan with two motifs, letters on disk", scan),
    "predict": ("predict every sequence, letters on disk", predict),
    "onehot": ("one-hot of 100,000 x 200 (320 MB of it)", onehot),
}


def memory(field: str) -> float:
    """GB of one line of the kernel's account of this process."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1e6 if found else float("nan")


def run(job: str, folder: Path) -> dict[str, float]:
    work = JOBS[job][1](folder)
    own, done = [memory("RssAnon")], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            own.append(memory("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    done.set()
    watcher.join()
    return {"wall": wall, "cpu": cpu, "memory": memory("VmHWM"), "own": max(own)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--folder", type=Path, help="keep the files there")
    asked = parser.parse_args()
    lines = [
        f"Measured by `benchmarks/big_data.py` on {os.cpu_count()} cores, one process at a time: "
        f"{asked.rows:,} x {LENGTH} letters.",
        "",
        "| job | wall s | CPU s | GB at most | without pages of files |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name)
        (folder / "rows").write_text(str(asked.rows))
        for job in asked.jobs:
            command = [sys.executable, __file__, "--one", job, str(folder)]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            got = json.loads(printed)
            numbers = f"{got['wall']:.1f} | {got['cpu']:.1f} | {got['memory']:.2f}"
            lines.append(f"| {JOBS[job][0]} | {numbers} | {got['own']:.2f} |")
            print(lines[-1], flush=True)
    if asked.rows == ROWS and asked.jobs == list(JOBS):
        Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
