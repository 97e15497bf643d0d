"""How far from the machine's limit are the hot paths in NumPy?

Each path beside the least time that its bytes or its arithmetic take on this machine, measured in
the same run by a copy and by a product of matrices. One thread, processor seconds, the fastest of
three calls after a first one.

    OMP_NUM_THREADS=1 python -m benchmarks.hot_paths      # about a minute; writes hot_paths.md

Every path of `PATHS` makes its data and returns what to time, what must be moved (bytes) or
computed (floating-point operations), and how that was counted.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.motifs import TARGETS, queries, scan_input
from motifbook import read_fasta
from motifbook.alphabet import DNA
from motifbook.data.genomes.genome import open_genome
from motifbook.formula.kmers import word_counts
from motifbook.motif.distribution import score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs
from motifbook.motif.tomtom import N_STEPS, tomtom
from motifbook.onehot import decode, encode, from_onehot, onehot, reverse_complement, shuffle
from motifbook.significance.dictionary import word_activations
from motifbook.significance.max_t import max_t_test
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import select_motifs

REPEATS = 3
LENGTH = 200


@dataclass(frozen=True)
class Work:
    """One path: the call, its size in words, what it must move or compute, and why that much."""

    call: Callable[[], Any]
    size: str
    least: str
    bytes_moved: float = 0.0
    flops: float = 0.0


def random_letters(n: int) -> Any:
    return np.random.default_rng(0).integers(0, 4, (n, LENGTH), dtype=np.uint8)


def encoding(folder: Path) -> Work:
    n = 50_000
    texts = decode(random_letters(n))
    size = f"{n:,} x {LENGTH} letters"
    return Work(lambda: encode(texts), size, "text in, codes out", 2 * n * LENGTH)


def onehot_encoding(folder: Path) -> Work:
    letters = random_letters(20_000)
    size = f"20,000 x {LENGTH} letters"
    return Work(lambda: onehot(letters), size, "codes in, four floats out", 17 * letters.size)


def onehot_decoding(folder: Path) -> Work:
    encoded = onehot(random_letters(20_000))
    size = f"20,000 x {LENGTH} letters"
    least = "four floats in, codes out"
    return Work(lambda: from_onehot(encoded), size, least, 4.25 * encoded.size)


def other_strand(folder: Path) -> Work:
    letters = random_letters(50_000)
    size = f"50,000 x {LENGTH} letters"
    return Work(lambda: reverse_complement(letters), size, "codes in, codes out", 2 * letters.size)


def shuffling(folder: Path) -> Work:
    letters = random_letters(10_000)
    least = "codes in and out, two random numbers per letter"
    size = f"10,000 x {LENGTH} letters"
    return Work(lambda: shuffle(letters, seed=0), size, least, (2 + 16) * letters.size)


def counting_words(folder: Path) -> Work:
    letters = random_letters(10_000)
    size = f"10,000 x {LENGTH} letters, words of 1 to 6"
    n_words = sum(counts.shape[1] for counts in word_counts(letters[:1], DNA))
    bytes_moved = 6 * letters.size + 4 * len(letters) * n_words
    return Work(lambda: word_counts(letters, DNA), size, "codes in, tables out", bytes_moved)


def reading_fasta(folder: Path) -> Work:
    n = 50_000
    path = folder / "peaks.fa"
    texts = decode(random_letters(n))
    path.write_text("".join(f">peak_{number}\n{text}\n" for number, text in enumerate(texts)))
    least = "the file in, text and codes out"
    bytes_moved = path.stat().st_size + 2 * n * LENGTH
    return Work(lambda: read_fasta(path), f"{n:,} x {LENGTH} letters", least, bytes_moved)


def genome_windows(folder: Path) -> Work:
    n, size = 20_000, 5_000_000
    path = folder / "genome.fa"
    text = decode(np.random.default_rng(0).integers(0, 4, (size // 50, 50), dtype=np.uint8))
    path.write_text(">chr1\n" + "\n".join(text) + "\n")
    genome = open_genome(path)
    starts = np.random.default_rng(1).integers(0, size - LENGTH, n)
    chroms, is_minus = np.full(n, "chr1", dtype=object), np.zeros(n, dtype=bool)
    least = "lines in, text out"
    return Work(
        lambda: genome.windows(chroms, starts, LENGTH, is_minus),
        f"{n:,} windows of {LENGTH}",
        least,
        2.02 * n * LENGTH,
    )


def scanning(folder: Path) -> Work:
    motifs, letters = scan_input()
    words = sum(2 * -(-motif.width // 5) for motif in motifs) / 8
    least = "per eight strands, word and position: 8 bytes of code in, 8 of losses in and out"
    return Work(
        lambda: scan_motifs(motifs, letters),
        f"{len(motifs)} motifs, {len(letters):,} x {letters.shape[1]}, both strands",
        least,
        24 * words * letters.size,
    )


def distributions(folder: Path) -> Work:
    motifs, _ = scan_input()
    spans = [np.ptp(np.rint(m.pssm() * 1000), axis=0).cumsum() for m in motifs]
    least = "four multiplications and additions per score and column"
    return Work(
        lambda: [score_distribution(motif.pssm(), motif.background) for motif in motifs],
        f"{len(motifs)} motifs, steps of 0.001 bits",
        least,
        flops=8 * float(sum(span.sum() for span in spans)),
    )


def comparing(asked: list[Motif]) -> Work:
    widths = [motif.width for motif in asked]
    n_columns = 2 * sum(target.width for target in TARGETS)
    distances = 8.0 * sum(widths) * n_columns
    stretches = sum(
        min(N_STEPS * k, N_STEPS // 2 * (width - first))
        for width in widths
        for first in range(width)
        for k in range(1, width - first + 1)
    )
    return Work(
        lambda: tomtom(asked, TARGETS, n=5),
        f"{len(asked):,} x {len(TARGETS):,} motifs",
        "products of columns, convolutions of all stretches",
        flops=distances + 2.0 * N_STEPS * stretches,
    )


def comparing_some(folder: Path) -> Work:
    return comparing(queries())


def comparing_all(folder: Path) -> Work:
    return comparing(TARGETS)


def testing(folder: Path) -> Work:
    n, n_steps = 1_000, 3
    letters = random_letters(n)
    readout = np.random.default_rng(1).standard_normal(n)
    found = word_activations(letters, 6, both_strands=True)
    ready = prepare(found.values, readout)
    path = select_motifs(found, ready, n_steps=n_steps)
    tested = [max_t_test(one.step, n_draws=200, seed=0) for one in path]
    drawn = sum(test.n_draws for test in tested)

    def call() -> None:
        for one in select_motifs(found, ready, n_steps=n_steps):
            max_t_test(one.step, n_draws=200, seed=0)

    return Work(
        call,
        f"{n:,} sequences, {found.values.shape[1]:,} words, {n_steps} steps",
        "products of all words with each accepted draw",
        flops=2.0 * n * found.values.shape[1] * (drawn + n_steps),
    )


PATHS = {
    "letters to codes": encoding,
    "codes to one-hot": onehot_encoding,
    "one-hot to codes": onehot_decoding,
    "reverse complement": other_strand,
    "dinucleotide shuffles": shuffling,
    "counts of all words": counting_words,
    "reading FASTA": reading_fasta,
    "windows of a genome": genome_windows,
    "scanning": scanning,
    "score distributions": distributions,
    "Tomtom, some queries": comparing_some,
    "Tomtom, all against all": comparing_all,
    "post-selection tests": testing,
}


def fastest(call: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Processor seconds of the fastest call after a first one."""
    call()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return min(taken)


def machine() -> tuple[float, float]:
    """Bytes per second of a copy (in and out), operations per second of a product of matrices."""
    block = np.ones(1 << 23)
    copy = np.empty_like(block)
    left = np.random.default_rng(0).random((768, 768))
    copying = fastest(lambda: np.copyto(copy, block), 9)
    multiplying = fastest(lambda: left @ left, 9)
    return 2 * block.nbytes / copying, 2 * len(left) ** 3 / multiplying


def main() -> str:
    load = os.getloadavg()[0]
    bandwidth, rate = machine()
    lines = [
        "# Hot paths in NumPy and the machine's limit",
        "",
        "`OMP_NUM_THREADS=1 python -m benchmarks.hot_paths`; processor seconds of the fastest of "
        f"{REPEATS} calls after a first one, one thread. The limit is the least number of bytes "
        f"at the rate of a copy ({bandwidth / 1e9:.1f} GB/s, in and out) or of floating-point "
        f"operations at that of a product of matrices in float64 ({rate / 1e9:.0f} GFLOP/s), both "
        f"measured in the same run; load at the start {load:.1f} on {os.cpu_count()} cores.",
        "",
        "| path | size | ms | limit, ms | gap | what the limit counts |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOTIFBOOK_CACHE"] = folder  # the index of the genome goes there
        for name, prepared in PATHS.items():
            work = prepared(Path(folder))
            taken = fastest(work.call)
            limit = work.bytes_moved / bandwidth + work.flops / rate
            cells = (name, work.size, f"{1e3 * taken:.3g}", f"{1e3 * limit:.3g}")
            lines.append(f"| {' | '.join(cells)} | {taken / limit:.2g} x | {work.least} |")
            print(lines[-1], flush=True)
    return "\n".join([*lines, "", NOTES])


NOTES = """\
Where the gaps come from. NumPy makes a pass over memory for every elementary step and looks up
one index at a time, much more slowly than a copy moves a byte: codes, shuffles and counts of words
are chains of such look-ups. FASTA is cut at line ends that are found all at once; two Python
strings per record remain, its name and its letters. Tomtom counts histograms of distances and
slides targets along queries, which have no products. A gap below 1 means that work is avoided:
tests draw directions in a subspace, and score all words only with draws that stay inside.
"""


if __name__ == "__main__":
    table = main()
    Path(__file__).with_suffix(".md").write_text(table)
