"""Small simulated files of every kind that the doors read: to try them, and for notebook 01."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import store
from motifbook.data.simulation.plant import draw_background
from motifbook.data.simulation.simulate import simulate
from motifbook.onehot import Letters, decode, encode, reverse_complement

IntArray = npt.NDArray[np.int64]

_N_PEAKS, _WINDOW, _EVERY = 600, 200, 1200  # letters of a window, letters from peak to peak
_CHROMOSOMES = {"chrI": "chr1", "chrII": "chr2"}  # name in the genome: name in the peak file
_GC = 0.45
_CYCLES = (0, 2, 4)
LOCUS, LOCUS_PIECE = "locus", 200  # the locus of the notebooks, in pieces of so many letters
_GENES = {  # name: chromosome, strand, exons (0-based, half-open)
    "BLOOD1": (LOCUS, "+", [(2_300, 2_700), (3_900, 4_200), (6_100, 6_900)]),
    "BLOOD2": (LOCUS, "-", [(11_200, 11_900), (13_000, 13_300)]),
    "ORF1": ("chr1", "+", [(1_000, 1_500), (3_000, 3_400), (5_200, 6_400)]),
    "ORF2": ("chr1", "-", [(12_100, 13_000), (15_500, 16_000)]),
}
_READ, _N_READS = 30, 2_000  # letters of a read, reads per cycle


def write_files(folder: str | os.PathLike[str], *, seed: int | None = 0) -> pd.DataFrame:
    """Write files as a laboratory would have them, untidiness included; see `Examples.files`."""
    home = _check.make_folder(folder, "folder", "expected a place for files. Name another one.")
    what = {**_write_peaks(home, seed), **_write_table(home, seed), **_write_reads(home, seed)}
    return pd.DataFrame({"file": list(what), "what": list(what.values())})


def _write_peaks(home: Path, seed: int | None) -> dict[str, str]:
    """A genome with an SPI1 site in each peak, its peaks under other names, and coverage."""
    rng = _check.generator(seed, "example files: peaks")
    bound = simulate(2 * _N_PEAKS, _WINDOW, rule="single", seed=seed)
    planted = store.get_letters(bound)[bound.X[:, 0] == 1]
    n_chroms = len(_CHROMOSOMES)
    size = _EVERY * (_N_PEAKS // n_chroms + 1)
    genome = draw_background(np.full(n_chroms, _GC), size, rng)
    peaks = [_place(planted[number::n_chroms], genome[number]) for number in range(n_chroms)]
    _write_windows(home / "peaks.fa", planted, rng)
    _write_genome(home / "genome.fa.gz", genome)
    _write_narrow_peaks(home / "peaks.narrowPeak", peaks, rng)
    _write_variants(home / "variants.vcf", genome[0])
    _write_genes(home / "genes.gtf")
    (home / "blacklist.bed").write_text(f"{next(iter(_CHROMOSOMES.values()))}\t0\t{10 * _EVERY}\n")
    what = {
        "peaks.fa": f"{_N_PEAKS} windows around peaks, as untidy as real ones",
        "peaks.narrowPeak": "their places, on chromosomes chr1 and chr2",
        "genome.fa.gz": f"the genome ({genome.size / 1e6:.1f} Mb): chrI and chrII",
        "genes.gtf": "four made-up genes: two on chr1, two on the locus of the notebooks",
        "blacklist.bed": "a region to leave out",
        "variants.vcf": "5 variants on chrI: a site broken, cut, shifted, made; and one beside",
    }
    try:
        _write_coverage(home / "coverage.bw", peaks, size, rng)
    except ImportError:
        return what
    return what | {"coverage.bw": "sequencing coverage of the genome"}


def _place(planted: Letters, chromosome: Letters) -> IntArray:
    """Put each bound window into the chromosome; return the middles, (n_peaks,)."""
    starts = _EVERY // 2 + _EVERY * np.arange(len(planted))
    for start, window in zip(starts.tolist(), planted):
        chromosome[start : start + _WINDOW] = window
    return np.asarray(starts + _WINDOW // 2)


def _write_variants(path: Path, chromosome: Letters) -> None:
    """Changes in and near SPI1 sites (AAGAGGAAGTG), one to a peak, each far from the next."""
    name, [text] = next(iter(_CHROMOSOMES)), decode(chromosome[None])
    starts = [found.start() for found in re.finditer("AGAGGAAGT", text)]
    broken, cut, shifted, beside, made = [*starts[:4], _EVERY * 10]
    changes = [
        ("broken", broken + 3, 2, "CC"),
        ("cut", cut + 2, 4, "A"),
        ("shifted", shifted - 20, 1, "TCA"),
        ("beside", beside - 30, 1, "G" if text[beside - 30] != "G" else "T"),
        ("made", made, 11, "AAAGAGGAAGT"),
    ]
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for word, at, n, alt in sorted(changes, key=lambda change: change[1]):
        lines.append(f"{name}\t{at + 1}\t{word}\t{text[at : at + n]}\t{alt}\t.\tPASS\t.")
    with _check.new_file(path) as part:
        part.write_text("\n".join(lines) + "\n")


def _write_genes(path: Path) -> None:
    lines = []
    for name, (chrom, strand, exons) in _GENES.items():
        owner = f'gene_id "{name}"; transcript_id "{name}.1"; gene_name "{name}";'
        spans = [("transcript", exons[0][0], exons[-1][1]), *(("exon", *exon) for exon in exons)]
        for kind, start, end in spans:
            lines.append(f"{chrom}\tmade_up\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t.\t{owner}")
    with _check.new_file(path) as part:
        part.write_text("\n".join(lines) + "\n")


def _write_windows(path: Path, planted: Letters, rng: np.random.Generator) -> None:
    """FASTA as downloaded: repeats in lower case, unknown letters, a window in RNA letters."""
    records = []
    for number, text in enumerate(decode(planted), start=1):
        masked, cut = rng.integers(0, 60, 2).tolist()
        window = text[:masked].lower() + text[masked:]
        window = window[: len(window) - cut // 10]
        records.append(f">peak_{number}\n{window}\n")
    records[0] = records[0].replace("T", "U").replace("t", "u")
    records[1] = records[1][:40] + "NNNNN" + records[1][45:]
    with _check.new_file(path) as part:
        part.write_text("".join(records))


def _write_genome(path: Path, genome: Letters) -> None:
    with _check.new_file(path) as part, gzip.GzipFile(part, "wb", mtime=0) as stream:
        for name, text in zip(_CHROMOSOMES, decode(genome)):
            lines = "\n".join(text[at : at + 60] for at in range(0, len(text), 60))
            stream.write(f">{name}\n{lines}\n".encode())


def _write_narrow_peaks(path: Path, peaks: list[IntArray], rng: np.random.Generator) -> None:
    lines = []
    for name, middles in zip(_CHROMOSOMES.values(), peaks):
        before = rng.integers(80, 200, len(middles))
        for number, (middle, left) in enumerate(zip(middles.tolist(), before.tolist()), start=1):
            places = f"{name}\t{middle - left}\t{middle + 180}"
            lines.append(f"{places}\t{name}_peak{number}\t500\t.\t8.0\t6.0\t4.0\t{left}\n")
    with _check.new_file(path) as part:
        part.write_text("".join(lines))


def _write_coverage(path: Path, peaks: list[IntArray], size: int, rng: np.random.Generator) -> None:
    """Mean coverage 2 beside peaks and 12 to 40 in them, in steps of 50 letters."""
    import pybigtools

    values = []
    for name, middles in zip(_CHROMOSOMES, peaks):
        height = rng.gamma(4, 0.5, size // 50)
        height[middles // 50] += rng.uniform(10, 38, len(middles))
        values += [(name, 50 * at, 50 * (at + 1), float(y)) for at, y in enumerate(height)]
    with _check.new_file(path) as part:
        track = pybigtools.open(str(part), "w")
        track.write(dict.fromkeys(_CHROMOSOMES, size), iter(values))


def _write_table(home: Path, seed: int | None) -> dict[str, str]:
    """Elements in both orientations, two readouts in two replicates each, gaps, lower case."""
    rng = _check.generator(seed, "example files: table")
    n = 750
    adata = simulate(n, 120, rule="additive", seed=seed)
    letters, truth = store.get_letters(adata), store.get_readouts(adata)
    both = decode(np.concatenate([letters, reverse_complement(letters)]))
    table = pd.DataFrame(
        {
            "element": np.tile([f"element{number}" for number in range(1, n + 1)], 2),
            "orientation": np.repeat(["forward", "reverse"], n),
            "sequence": [s.lower() if rng.random() < 0.1 else s for s in both],
        }
    )
    for column, name in enumerate(("liver", "brain")):
        value = np.tile(truth[:, column], 2) + rng.normal(0, 0.3, 2 * n)
        for replicate in (1, 2):
            measured = np.round(value + rng.normal(0, 0.7, 2 * n), 3)
            measured[rng.random(2 * n) < 0.05] = np.nan
            table[f"{name}_{replicate}"] = measured
    order = rng.permutation(2 * n)
    with _check.new_file(home / "mpra.csv") as part:
        table.iloc[order].to_csv(part, index=False, na_rep="NA")
    return {"mpra.csv": f"{2 * n:,} sequences, 2 readouts, 2 replicates each"}


def _write_reads(home: Path, seed: int | None) -> dict[str, str]:
    """Reads of a SELEX experiment: one per line, and FASTQ; more GATA with every cycle."""
    rng = _check.generator(seed, "example files: reads")
    site = encode(["AGATAA"], DNA)[0]
    what = {}
    for cycle in _CYCLES:
        letters = draw_background(np.full(_N_READS, 0.5), _READ, rng)
        rows = np.flatnonzero(rng.random(_N_READS) < 0.15 * cycle)
        starts = rng.integers(0, _READ - len(site) + 1, len(rows))
        letters[rows[:, None], starts[:, None] + np.arange(len(site))] = site
        letters[rng.random(_N_READS) < 0.01, -1] = DNA.n_letters
        reads = decode(letters)
        name = f"cycle{cycle}.fastq.gz" if cycle == max(_CYCLES) else f"cycle{cycle}.txt.gz"
        text = "".join(f"@read{i}\n{s}\n+\n{'I' * _READ}\n" for i, s in enumerate(reads, start=1))
        with _check.new_file(home / name) as part, gzip.GzipFile(part, "wb", mtime=0) as stream:
            stream.write(("\n".join(reads) + "\n" if name.endswith("txt.gz") else text).encode())
        what[name] = f"{_N_READS:,} reads of SELEX cycle {cycle}"
    return what
