"""CPU time of reading one region of a large gene file, and of laying out a sheet.

python benchmarks/region.py       # prints the table and writes benchmarks/region.md
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import motifbook as mb

N_CHROMOSOMES, N_GENES, N_EXONS = 25, 2000, 9  # 1,000,000 lines
LINE = (
    "chr{chrom}\thavana\t{kind}\t{start}\t{end}\t.\t+\t.\t"
    'gene_id "ENSG{chrom:02d}{gene:07d}"; gene_version "5"; gene_name "GENE{chrom}_{gene}"; '
    'gene_source "havana"; gene_biotype "protein_coding"; '
    'transcript_id "ENST{chrom:02d}{gene:07d}"; '
    'transcript_name "GENE{gene}-201"; tag "basic"; transcript_support_level "1";\n'
)


def write_gtf(path: Path) -> None:
    with path.open("w") as stream:
        for chrom in range(1, N_CHROMOSOMES + 1):
            for gene in range(N_GENES):
                first = gene * 100_000 + 1
                for kind in ("gene", "transcript"):
                    place = {"start": first, "end": first + 50_000}
                    stream.write(LINE.format(chrom=chrom, gene=gene, kind=kind, **place))
                for start in range(first, first + 5000 * N_EXONS, 5000):
                    for kind in ("exon", "CDS"):
                        place = {"start": start, "end": start + 150}
                        stream.write(LINE.format(chrom=chrom, gene=gene, kind=kind, **place))


def measure(job: Callable[[], object]) -> float:
    """CPU seconds, the best of three."""
    seconds = []
    for _ in range(3):
        before = time.process_time()
        job()
        seconds.append(time.process_time() - before)
    return min(seconds)


def draw_sheet(folder: Path) -> None:
    rng = np.random.default_rng(0)
    gata = mb.Motif("GATA1", 0.88 * np.eye(4)[[2, 0, 3, 0]].T + 0.03)
    sheet = mb.plot.sheet("AB\nCC")
    mb.plot.gallery([gata] * 12, ax=sheet["A"])
    truth = np.tile([0.0, 1.0], 200)
    mb.plot.roc(truth, truth + rng.normal(size=400), ax=sheet["B"])
    mb.plot.attribution(rng.normal(size=(4, 200)), ax=sheet["C"])
    mb.plot.save(sheet, folder / "sheet.pdf")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, packed = folder / "genes.gtf", folder / "genes.gtf.gz"
        write_gtf(plain)
        packed.write_bytes(gzip.compress(plain.read_bytes(), 6))
        region = ("chr1", 5_000_000, 5_300_000)
        jobs: dict[str, Callable[[], object]] = {
            "genes of 300 kb in a GTF of 1,000,000 lines": lambda: mb.read_genes(plain, region),
            "the same, packed with gzip": lambda: mb.read_genes(packed, region),
            "a sheet of three panels, drawn, checked and saved as PDF": lambda: draw_sheet(folder),
        }
        rows = [f"| {job} | {measure(run):.2f} |" for job, run in jobs.items()]
    head = "Measured by `benchmarks/region.py` on one core.\n\n| job | CPU s |\n|---|---|\n"
    text = head + "\n".join(rows) + "\n"
    print(text)
    Path(__file__).with_suffix(".md").write_text(text)


if __name__ == "__main__":
    main()
