"""Time and memory of reading, splitting and keeping a large set.

Every job runs in a fresh process; memory is the largest it ever held, imports included.

    python benchmarks/reading.py       # prints the table and writes benchmarks/reading.md
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import motifbook as mb

LETTERS = np.frombuffer(b"ACGTacgt", dtype=np.uint8)


def write_fasta(path: Path, n: int, length: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("wb") as stream:
        for row in range(n):
            letters = LETTERS[rng.integers(0, 8, length)].tobytes()
            stream.write(b">peak_%d\n%s\n" % (row, letters))


def write_table(path: Path, n: int, length: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("wb") as stream:
        stream.write(b"name,sequence,dev,hk\n")
        for row in range(n):
            letters = LETTERS[rng.integers(0, 8, length)].tobytes()
            stream.write(b"peak_%d,%s,%.4f,%.4f\n" % (row, letters, *rng.normal(size=2)))


def write_reads(path: Path, n: int, length: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("wb") as stream:
        for row in range(n):
            letters = LETTERS[rng.integers(0, 4, length)].tobytes()
            stream.write(b"@read_%d\n%s\n+\n%s\n" % (row, letters, b"I" * length))


def table(folder: Path) -> Any:
    return lambda: mb.read_table(folder / "million.csv", readouts=["dev", "hk"])


def fastq(folder: Path) -> Any:
    return lambda: mb.read_fasta(folder / "million.fq")


def fasta(folder: Path) -> Any:
    return lambda: mb.read_fasta(folder / "million.fa")


def shuffles(folder: Path) -> Any:
    return lambda: mb.read_fasta(folder / "peaks.fa", negatives="shuffle", seed=0)


def split(folder: Path) -> Any:
    adata = mb.read_fasta(folder / "peaks.fa", negatives="shuffle", seed=0)
    return lambda: mb.split(adata, seed=0)


def similarity(folder: Path) -> Any:
    adata = mb.read_fasta(folder / "peaks.fa")
    return lambda: mb.split(adata, by="similarity", seed=0)


def keep(folder: Path) -> Any:
    adata = mb.read_fasta(folder / "peaks.fa", negatives="shuffle", seed=0)

    def both() -> None:
        mb.write(adata, folder / "book.h5ad")
        mb.read(folder / "book.h5ad")

    return both


JOBS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "fasta": ("read 1,000,000 x 200", fasta),
    "fastq": ("read 1,000,000 x 200, FASTQ", fastq),
    "table": ("read 1,000,000 x 200 with two readouts, CSV", table),
    "shuffles": ("read 40,000 x 200 and shuffle each", shuffles),
    "split": ("split 80,000 x 200 at random, pairs together", split),
    "similarity": ("split 40,000 x 200 by similarity", similarity),
    "keep": ("write and read 80,000 x 200 as .h5ad", keep),
}


def run(job: str, folder: Path) -> dict[str, float]:
    work = JOBS[job][1](folder)
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def main() -> None:
    lines = [
        f"Measured by `benchmarks/reading.py` on {os.cpu_count()} cores, one process at a time.",
        "",
        "| job | wall s | CPU s | GB |",
        "|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_fasta(folder / "million.fa", 1_000_000, 200)
        write_table(folder / "million.csv", 1_000_000, 200)
        write_reads(folder / "million.fq", 1_000_000, 200)
        write_fasta(folder / "peaks.fa", 40_000, 200)
        for job, (what, _) in JOBS.items():
            command = [sys.executable, __file__, job, name]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            got = json.loads(printed)
            lines.append(f"| {what} | {got['wall']:.1f} | {got['cpu']:.1f} | {got['memory']:.2f} |")
    table = "\n".join(lines) + "\n"
    print(table)
    Path(__file__).with_suffix(".md").write_text(table)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
