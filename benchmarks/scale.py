"""Do two processes do more than one, and what does a piece cost beside its work?

    python -m benchmarks.scale [--rows 32000] [--out benchmarks/scale.md]

Pieces per second of `stream_attribution` (gradient) and `stream_hits` in one process, in two of
joblib's (loky) and in two workers of a Dask LocalCluster; each warmed up once, the median of three.
"Overhead" is the time of a piece that does nothing: sending, writing, flags. Minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.stream.work import each

REPEATS, ROWS_PER_PIECE, LENGTH = 3, 1600, 200


@contextlib.contextmanager
def one():
    with joblib.parallel_config(n_jobs=1):
        yield


@contextlib.contextmanager
def two_of_loky():
    with joblib.parallel_config(n_jobs=2):
        yield


@contextlib.contextmanager
def two_of_dask():
    from distributed import Client, LocalCluster

    workers = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        LocalCluster(**workers, silence_logs=50) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        yield


def nothing(letters):
    return letters[:0]


def empty_pieces(n, letters):
    for _ in each(nothing, lambda number: (letters,), range(n), name="", progress=False):
        pass


def timed(work, folder):
    took = []
    for _ in range(REPEATS + 1):
        out = Path(folder) / "out"
        shutil.rmtree(out, ignore_errors=True)
        began = time.perf_counter()
        work(out)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])  # the first one starts the workers


def measure(n_rows):
    adata = mb.simulate(n=n_rows, length=LENGTH, seed=0)
    few = adata[:4000].copy()
    model = mb.CNN(n_readouts=1, n_filters=64, width=12)
    mb.fit(model, few, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    every = mb.database.collection("JASPAR2026_vertebrates")
    motifs = [motif for motif in every if motif.width >= 8][:100]
    n_pieces = -(-n_rows // ROWS_PER_PIECE)
    letters = np.zeros((ROWS_PER_PIECE, LENGTH), dtype=np.uint8)
    how = {"rows_per_piece": ROWS_PER_PIECE, "progress": False}
    works = {
        "letters, gradient": lambda out: mb.stream_attribution(
            model, adata, out, "gradient", device="cpu", **how
        ),
        "hits of 100 motifs": lambda out: mb.stream_hits(motifs, adata, out, **how),
        "nothing": lambda _: empty_pieces(n_pieces, letters),
    }
    rows = []
    for who in (one, two_of_loky, two_of_dask):
        with who(), tempfile.TemporaryDirectory() as folder:
            for what, work in works.items():
                rows.append((what, who.__name__, n_pieces / timed(work, folder)))
    return pd.DataFrame(rows, columns=["work", "who", "pieces_per_second"])


def page(table, n_rows):
    wide = table.set_index(["work", "who"])["pieces_per_second"].unstack()  # noqa: PD010
    wide = wide[["one", "two_of_loky", "two_of_dask"]]
    lines = [
        f"# Pieces per second, {n_rows:,} sequences of {LENGTH}, {ROWS_PER_PIECE} to a piece",
        "",
        f"`python -m benchmarks.scale --rows {n_rows}`; {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} when it ended, one torch thread, median of {REPEATS}.",
        "",
        "| work | one process | two, loky | ratio | two, Dask | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for work, (alone, loky, dask) in wide.iterrows():
        ratios = f"{loky:.1f} | {loky / alone:.2f} | {dask:.1f} | {dask / alone:.2f}"
        lines.append(f"| {work} | {alone:.1f} | {ratios} |")
    idle = 1000 / wide.loc["nothing"]
    lines += [
        "",
        f"A piece that does nothing takes {idle['one']:.1f} ms in one process, "
        f"{idle['two_of_loky']:.1f} with loky, {idle['two_of_dask']:.1f} with Dask: the overhead.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=32_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    text = page(measure(given.rows), given.rows)
    print(text)
    if given.out:
        given.out.write_text(text)
