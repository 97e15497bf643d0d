"""Genomes in 2bit files, four letters in each byte: unpacked into FASTA."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from motifbook import _check

_MAGIC = 0x1A412743
_UNKNOWN = ord("N")
_TWO_BITS = np.frombuffer(b"TCAG", dtype=np.uint8)
# The four letters of each byte, (256, 4); the first letter is in the highest bits.
_LETTERS = _TWO_BITS[np.arange(256)[:, None] >> np.array([6, 4, 2, 0]) & 3]


def is_twobit(path: Path) -> bool:
    """Whether a file is a 2bit file, whatever its name says."""
    with path.open("rb") as stream:
        return _byte_order(stream.read(4)) is not None


def _byte_order(magic: bytes) -> str | None:
    orders = {struct.pack(order + "I", _MAGIC): order for order in "<>"}
    return orders.get(magic)


def fasta_blocks(path: Path) -> Iterator[bytes]:
    """Yield the chromosomes of a 2bit file as FASTA records of one line.

    Soft masking (lower case) is dropped: it has no meaning here.

    Raises
    ------
    InputError
        If the file is damaged.

    Notes
    -----
    The format is that of UCSC (genome.ucsc.edu/FAQ/FAQformat.html#format7), versions 0 and 1.
    """
    with path.open("rb") as stream:
        content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        for name, offset in _chromosomes(content):
            yield b">%s\n%s\n" % (name, _record(content, offset).tobytes())
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise _check.InputError(
            f"{path} is damaged or cut off (2bit: {error}). Copy or download it again."
        ) from None


def _chromosomes(content: mmap.mmap) -> Iterator[tuple[bytes, int]]:
    """Yield name and offset of each record, as the index lists them."""
    order = _byte_order(content[:4])
    version, n_records = struct.unpack_from(f"{order}2I", content, 4)
    offset_type = struct.Struct(f"{order}{'Q' if version else 'I'}")
    at = 16
    for _ in range(n_records):
        end = at + 1 + content[at]
        (offset,) = offset_type.unpack_from(content, end)
        yield content[at + 1 : end], offset
        at = end + offset_type.size


def _record(content: mmap.mmap, offset: int) -> npt.NDArray[np.uint8]:
    """Return the letters of one chromosome, (length,)."""
    order = _byte_order(content[:4])

    def numbers(n: int) -> list[int]:
        nonlocal offset
        found = struct.unpack_from(f"{order}{n}I", content, offset)
        offset += 4 * n
        return list(found)

    size, n_unknown = numbers(2)
    starts, lengths = numbers(n_unknown), numbers(n_unknown)
    (n_masked,) = numbers(1)
    offset += 8 * n_masked + 4  # soft masking, and a number that means nothing
    packed = np.frombuffer(content[offset : offset + -(-size // 4)], dtype=np.uint8)
    letters: npt.NDArray[np.uint8] = _LETTERS[packed].reshape(-1)[:size]
    if len(letters) < size:
        raise ValueError(f"{len(letters):,} of {size:,} letters are there")
    for start, length in zip(starts, lengths):
        letters[start : start + length] = _UNKNOWN
    return letters
