"""From files to letters to numbers: FASTA, BED regions of a genome, one-hot, shuffles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer, same

LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)


def letters(folder: Path, n: int, length: int) -> Any:
    return np.random.default_rng(0).integers(0, 4, (n, length), dtype=np.uint8)


# ---- FASTA


def fasta(folder: Path, n: int, length: int) -> str:
    rows = LETTERS[letters(folder, n, length)]
    path = folder / "peaks.fa"
    path.write_bytes(b"".join(b">peak_%d\n%s\n" % (i, row.tobytes()) for i, row in enumerate(rows)))
    return str(path)


def read_fasta(path: str) -> Call:
    from motifbook import read_fasta

    return lambda: read_fasta(path)


def biopython_fasta(path: str) -> Call:
    from Bio import SeqIO

    return lambda: [str(record.seq) for record in SeqIO.parse(path, "fasta")]


def pyfaidx_fasta(path: str) -> Call:
    from pyfaidx import Fasta

    Fasta(path).close()  # writes the index
    return lambda: [str(record) for record in Fasta(path)]


def same_sequences(ours: Any, theirs: Any) -> tuple[bool, str]:
    """Ours is an AnnData."""
    from motifbook.data import store

    return same(_codes(theirs), store.get_letters(ours))


def same_windows(ours: Any, theirs: Any) -> tuple[bool, str]:
    """The letters; theirs come as a list or an array, without anything beside them."""
    is_same, told = same_sequences(ours, theirs)
    return is_same, f"{told}; ours names, places, notes on copies, strands and letters, too"


def _codes(sequences: Any) -> Any:
    from motifbook.onehot import encode, from_onehot

    return encode(sequences) if isinstance(sequences, list) else from_onehot(sequences)


# ---- BED


def genome(folder: Path, n: int, length: int, size: int) -> dict[str, Any]:
    """Five chromosomes in lines of 50 letters, and regions in them."""
    rng = np.random.default_rng(0)
    path, bed = folder / "genome.fa", folder / "peaks.bed"
    with path.open("wb") as stream:
        for number in range(1, 6):
            lines = np.full((size // 50, 51), ord("\n"), dtype=np.uint8)
            lines[:, :50] = LETTERS[rng.integers(0, 4, (size // 50, 50))]
            stream.write(b">chr%d\n" % number + lines.tobytes())
    starts = rng.integers(0, size - length, n)
    chroms = rng.integers(1, 6, n)
    bed.write_text("".join(f"chr{c}\t{s}\t{s + length}\n" for c, s in zip(chroms, starts)))
    return {"genome": str(path), "bed": str(bed), "length": length, "folder": folder}


def read_bed(data: dict[str, Any]) -> Call:
    import os

    from motifbook import read_bed

    os.environ["MOTIFBOOK_CACHE"] = str(data["folder"] / "cache")  # of the genome's index
    return lambda: read_bed(data["bed"], genome=data["genome"], length=data["length"])


def pyfaidx_bed(data: dict[str, Any]) -> Call:
    from pyfaidx import Fasta

    Fasta(data["genome"]).close()

    def read() -> list[str]:
        found = []
        with (
            Fasta(data["genome"], sequence_always_upper=True) as reader,
            open(data["bed"]) as lines,
        ):
            for line in lines:
                chrom, start, end = line.split()[:3]
                found.append(reader[chrom][int(start) : int(end)].seq)
        return found

    return read


def tangermeme_bed(data: dict[str, Any]) -> Call:
    from pyfaidx import Fasta
    from tangermeme.io import extract_loci

    Fasta(data["genome"]).close()
    asked = {"in_window": data["length"], "n_jobs": 1}
    return lambda: extract_loci(data["bed"], data["genome"], **asked).numpy()


# ---- one-hot


def texts(folder: Path, n: int, length: int) -> list[str]:
    from motifbook.onehot import decode

    return decode(letters(folder, n, length))


def onehot(sequences: list[str]) -> Call:
    from motifbook.onehot import encode, onehot

    return lambda: onehot(encode(sequences))


def tangermeme_onehot(sequences: list[str]) -> Call:
    import torch
    from tangermeme.utils import one_hot_encode

    return lambda: torch.stack([one_hot_encode(one) for one in sequences]).float().numpy()


# ---- shuffles


def shuffle(codes: Any) -> Call:
    from motifbook.onehot import onehot, shuffle

    return lambda: onehot(shuffle(codes, seed=0))


def tangermeme_shuffle(codes: Any) -> Call:
    import torch
    from tangermeme.ersatz import dinucleotide_shuffle

    from motifbook.onehot import onehot

    encoded = torch.as_tensor(onehot(codes).astype(np.int8))
    return lambda: dinucleotide_shuffle(encoded, n=1, random_state=0)[:, 0].float().numpy()


def same_pairs(ours: Any, theirs: Any) -> tuple[bool, str]:
    """Draws differ; each row holds the same pairs of letters, and its first letter is the same."""
    counts = [_pairs(one.argmax(axis=1)) for one in (ours, theirs)]
    return same(*counts)[0], "same pairs of letters in each row"


def _pairs(codes: Any) -> Any:
    pairs = 4 * codes[:, :-1] + codes[:, 1:]
    return np.stack([(pairs == pair).sum(axis=1) for pair in range(16)])


READ = (
    Peer("Biopython", biopython_fasta, "Bio", "biopython"),
    Peer("pyfaidx", pyfaidx_fasta, "pyfaidx", "pyfaidx"),
)
REGIONS = (
    Peer("pyfaidx", pyfaidx_bed, "pyfaidx", "pyfaidx"),
    Peer("tangermeme", tangermeme_bed, "tangermeme", "tangermeme"),
)
MATCHES = [
    Match(
        "FASTA of {n:,} x {length} read",
        fasta,
        read_fasta,
        READ,
        {"n": 100_000, "length": 200},
        {"n": 5, "length": 20},
        same_sequences,
    ),
    Match(
        "{n:,} BED regions of {length} read from a genome",
        genome,
        read_bed,
        REGIONS,
        {"n": 50_000, "length": 200, "size": 2_000_000},
        {"n": 4, "length": 20, "size": 1000},
        same_windows,
    ),
    Match(
        "{n:,} x {length} letters to one-hot",
        texts,
        onehot,
        (Peer("tangermeme", tangermeme_onehot, "tangermeme", "tangermeme"),),
        {"n": 20_000, "length": 200},
        {"n": 4, "length": 20},
        same,
    ),
    Match(
        "{n:,} x {length} letters shuffled, pairs kept",
        letters,
        shuffle,
        (Peer("tangermeme", tangermeme_shuffle, "tangermeme", "tangermeme"),),
        {"n": 5_000, "length": 200},
        {"n": 4, "length": 20},
        same_pairs,
    ),
]
