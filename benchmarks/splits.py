"""Time and memory of splitting, comparing and checking a large set.

Every job runs in a fresh process; "GB" is what the job adds to the process that holds the letters.

    .venv/bin/python -m benchmarks.splits       # prints the table of benchmarks/splits.md
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb

SIZES = ((40_000, 100), (1_000_000, 200), (1_000_000, 500))
JOBS = ("random", "similarity", "leakage", "check")


def simulated(n: int, length: int) -> ad.AnnData:
    """Random letters as codes; one row in a thousand repeats another, one shares 50 letters."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (n, length), dtype=np.uint8)
    few = n // 1000
    letters[-few:] = letters[:few]
    letters[few : 2 * few, :50] = letters[2 * few : 3 * few, 50:100]
    parts = np.array(["train", "validation", "test"], dtype=object)
    return ad.AnnData(
        X=rng.integers(0, 2, (n, 1)).astype(np.float32),
        obs=pd.DataFrame(
            {"split": rng.choice(parts, n, p=[0.8, 0.1, 0.1])}, index=np.arange(n).astype(str)
        ),
        var=pd.DataFrame(index=["bound"]),
        obsm={"letters": letters},
        uns={"alphabet": "DNA"},
    )


def run(job: str, n: int, length: int) -> None:
    """Do one job and print its row."""
    adata = simulated(n, length)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if job == "leakage":
        mb.leakage(adata)
    elif job == "check":
        del adata.obs["split"]
        mb.check(adata)
    else:
        mb.split(adata, by=job, seed=0)
    seconds = time.perf_counter() - start
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
    print(f"| {job} | {n:,} x {length} | {seconds:.1f} | {more / 1e6:.2f} |")


def main() -> None:
    """Print the table."""
    print("| job | sequences x letters | s | GB more |\n|---|---|---|---|", flush=True)
    for n, length in SIZES:
        for job in JOBS:
            arguments = [job, str(n), str(length)]
            subprocess.run([sys.executable, "-m", "benchmarks.splits", *arguments], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
