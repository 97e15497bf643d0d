"""Small genomes, regions and tracks on disk, for the tests that read them."""

from __future__ import annotations

import struct
from pathlib import Path

import anndata as ad
import numpy as np

CHROMS = {"chrI": 700, "chrIV": 2000, "chrX": 301}
_RNG = np.random.default_rng(0)
LETTERS = {name: "".join(_RNG.choice(list("ACGT"), size)) for name, size in CHROMS.items()}


def write_fasta(path: Path, letters: dict[str, str] = LETTERS, per_line: int = 60) -> Path:
    with path.open("w") as stream:
        for name, text in letters.items():
            lines = [text[at : at + per_line] for at in range(0, len(text), per_line)]
            stream.write(f">{name} of a test\n" + "\n".join(lines) + "\n")
    return path


def write_bed(folder: Path, content: str, name: str = "x.bed") -> Path:
    path = folder / name
    path.write_text(content, newline="")
    return path


def write_twobit(
    path: Path, letters: dict[str, str] = LETTERS, *, order: str = "<", version: int = 0
) -> Path:
    """Write a 2bit file by the book, letter by letter; lower case is a masked block."""
    offset_size = 8 if version else 4
    at = 16 + sum(1 + len(name) + offset_size for name in letters)
    index, records = b"", b""
    for name, text in letters.items():
        index += bytes([len(name)]) + name.encode()
        index += struct.pack(order + ("Q" if version else "I"), at + len(records))
        records += _twobit_record(text, order)
    header = struct.pack(f"{order}4I", 0x1A412743, version, len(letters), 0)
    path.write_bytes(header + index + records)
    return path


def _twobit_record(text: str, order: str) -> bytes:
    def blocks(belongs: list[bool]) -> bytes:
        edges = np.flatnonzero(np.diff([False, *belongs, False]))
        starts, ends = edges[::2], edges[1::2]
        numbers = [len(starts), *starts, *(ends - starts)]
        return struct.pack(f"{order}{len(numbers)}I", *numbers)

    codes = ["TCAG".find(letter) if letter != "N" else 0 for letter in text.upper()]
    codes += [0] * (-len(codes) % 4)
    packed = bytes(
        codes[at] << 6 | codes[at + 1] << 4 | codes[at + 2] << 2 | codes[at + 3]
        for at in range(0, len(codes), 4)
    )
    unknown = blocks([letter in "nN" for letter in text])
    masked = blocks([letter.islower() for letter in text])
    number = struct.Struct(f"{order}I").pack
    return number(len(text)) + unknown + masked + number(0) + packed


def write_bigwig(
    path: Path, values: list[tuple[str, int, int, float]], lengths: dict[str, int] = CHROMS
) -> Path:
    import pybigtools

    track = pybigtools.open(str(path), "w")
    track.write(lengths, iter(values))
    return path


def done(adata: ad.AnnData) -> str:
    return "\n".join(adata.uns["done"])
