"""Time of windows from a genome, of large BED files, matched negatives and bigWig signal.

Everything is simulated in a temporary folder: a FASTA file of 50 million letters in five
chromosomes, a million regions, a bigWig track with 2.5 million values.

    python -m benchmarks.genome       # prints the table and writes benchmarks/genome.md
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pybigtools
import pyfaidx

import motifbook as mb
from motifbook.data.genomes.genome import open_genome
from motifbook.data.genomes.regions import read_regions

CHROMS = {f"chr{number}": 10_000_000 for number in range(1, 6)}
N_WINDOWS, LENGTH = 10_000, 500
REPEATS = 5


def write_genome(path: Path, rng: np.random.Generator) -> None:
    """Lines of 50 letters; GC content differs from thousand to thousand letters."""
    with path.open("wb") as stream:
        for name, size in CHROMS.items():
            share = np.repeat(rng.beta(8, 10, size // 1000), 1000)
            strong, first = rng.random(size) < share, rng.random(size) < 0.5
            codes = np.where(strong, np.where(first, 67, 71), np.where(first, 65, 84))
            lines = np.full((size // 50, 51), ord("\n"), dtype=np.uint8)
            lines[:, :50] = codes.reshape(-1, 50)
            stream.write(b">%s\n" % name.encode() + lines.tobytes())


def write_regions(path: Path, n: int, rng: np.random.Generator, columns: str = "") -> None:
    chroms = rng.choice(list(CHROMS), n).tolist()
    starts = rng.integers(300, 9_999_000, n).tolist()
    path.write_text(
        "".join(
            f"{chrom}\t{start}\t{start + 200}{columns}\n" for chrom, start in zip(chroms, starts)
        )
    )


def write_track(path: Path, rng: np.random.Generator) -> None:
    def values() -> object:
        for name, size in CHROMS.items():
            edges = np.unique(rng.integers(0, size, size // 20)).tolist()
            yield from ((name, a, b, float(a % 97)) for a, b in itertools.pairwise(edges))

    pybigtools.open(str(path), "w").write(CHROMS, values())


def seconds(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Median of several runs; `before` is not counted."""
    taken = []
    for _ in range(REPEATS):
        before()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def windows(folder: Path, rng: np.random.Generator) -> dict[str, float]:
    path = folder / "genome.fa"
    chroms = rng.choice(list(CHROMS), N_WINDOWS).astype(object)
    starts = rng.integers(0, 10_000_000 - LENGTH, N_WINDOWS)
    plus = np.zeros(N_WINDOWS, dtype=bool)
    indexed = folder / "pyfaidx" / "genome.fa"
    indexed.parent.mkdir()
    shutil.copy(path, indexed)
    reader = pyfaidx.Fasta(str(indexed))

    def ours() -> list[str]:
        return open_genome(path).windows(chroms, starts, LENGTH, plus)

    def one_by_one() -> list[str]:
        places = zip(chroms, starts.tolist())
        return [reader[chrom][start : start + LENGTH].seq for chrom, start in places]

    if ours() != one_by_one():
        raise SystemExit("The two readers disagree.")
    cache = Path(os.environ["MOTIFBOOK_CACHE"])
    cold = seconds(ours, before=lambda: shutil.rmtree(cache))
    warm, peer = seconds(ours), seconds(one_by_one)
    return {
        "10,000 windows of 500, pyfaidx one by one, index read": peer,
        f"the same, motifbook, index kept ({peer / warm:.1f} times as fast)": warm,
        "the same, motifbook, first time: the index is made": cold,
    }


def jobs(folder: Path) -> dict[str, float]:
    genome = folder / "genome.fa"
    rng = np.random.default_rng(0)
    write_genome(genome, rng)
    write_track(folder / "x.bw", rng)
    write_regions(folder / "million.bed", 1_000_000, rng, "\tpeak\t7\t+")
    write_regions(folder / "million.narrowPeak", 1_000_000, rng, "\tp\t7\t.\t5.2\t3.1\t2.5\t99")
    write_regions(folder / "peaks.bed", 100_000, rng)
    table = windows(folder, rng)
    for file in ("million.bed", "million.narrowPeak"):
        table[f"read and check 1,000,000 lines, {file}"] = seconds(
            lambda file=file: read_regions(folder / file)
        )
    asked = {"genome": genome, "length": 200, "seed": 0}
    for what, more in {
        "100,000 peaks of 200": {},
        "100,000 peaks and as many matched negatives": {"negatives": "matched"},
        "100,000 peaks and their mean bigWig signal": {"signal": {"x": folder / "x.bw"}},
    }.items():
        table[what] = seconds(lambda more=more: mb.read_bed(folder / "peaks.bed", **asked, **more))
    return table


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["MOTIFBOOK_CACHE"] = str(Path(name) / "cache")
        table = jobs(Path(name))
    rows = [f"| {what} | {taken:.3f} |" for what, taken in table.items()]
    text = "\n".join(
        [
            "# Genomes, regions, tracks",
            "",
            f"`python -m benchmarks.genome`, a simulated genome of 50 million letters; medians of "
            f"{REPEATS} runs in one process, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} "
            f"at the end, {time.strftime('%Y-%m-%d')}.",
            "",
            "| job | s |",
            "|---|---|",
            *rows,
            "",
            "Windows come out of one mapped file together, several times as fast as by a call for "
            "each. The first time, the index costs more than the windows.",
            "",
        ]
    )
    print(text)
    Path(__file__).with_suffix(".md").write_text(text)


if __name__ == "__main__":
    main()
