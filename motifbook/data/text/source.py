"""Open what users hand in: text files, packed or not, from any computer."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from motifbook import _check

_BLOCK = 1 << 24
PARQUET = b"PAR1\x15"  # a table may start with the gene PAR1

_FOREIGN = (  # first bytes of files that are no text, and what to do with them
    (b"PK\x03\x04", "is an Excel or zip file", "Excel goes through `mb.read_table`; unpack a zip."),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file", "Save it as .xlsx or .csv."),
    (b"\x89HDF", "is an HDF5 file", "A book (.h5ad) goes through `mb.read`."),
    (b"BZh", "is packed with bzip2", "Unpack it, or pack it with gzip."),
    (b"\xfd7zXZ", "is packed with xz", "Unpack it, or pack it with gzip."),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd", "Unpack it, or pack it with gzip."),
    (b"\xff\xfe", "is UTF-16 text", "Save it as plain text (UTF-8)."),
    (b"\xfe\xff", "is UTF-16 text", "Save it as plain text (UTF-8)."),
    (b"\x1f\x8b", "is packed with gzip twice", "Unpack it once."),
    (PARQUET, "is a Parquet file", "It goes through `mb.read_table`, unpacked."),
    (b"%PDF", "is a PDF", "Look for the data in a file of its own."),
    (b"{\\rtf", "is a document of a word processor", "Save it as plain text."),
    (b"version https://git-lfs", "only points to a file kept by Git LFS", "Use `git lfs pull`."),
    (b"<!doctype html", "is a web page", "Download the file itself, not the page about it."),
    (b"<html", "is a web page", "Download the file itself, not the page about it."),
)
_TAR = slice(257, 262)  # where "ustar" stands in an archive


def is_packed(path: Path) -> bool:
    """Whether a file is packed with gzip or bgzip, whatever its name says."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def blocks(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """Yield a text file block by block: unpacked, with plain line ends, without byte order mark.

    Raises
    ------
    InputError
        If the file is absent, a folder, empty, damaged, or no text.
    """
    source = _check.existing_file(path)
    try:
        with gzip.open(source) if is_packed(source) else source.open("rb") as stream:
            yield from _text_blocks(stream, source)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _check.InputError(
            f"{source} is damaged or cut off ({error}). Copy or download it again."
        ) from None
    except OSError as error:
        raise _check.InputError(
            f"{source} cannot be read ({error.strerror or error}); expected a file that may be "
            "opened. Copy it to another folder."
        ) from None


def _text_blocks(stream: io.BufferedIOBase, source: Path) -> Iterator[bytes]:
    block = stream.read(_BLOCK)
    _refuse_foreign(block, source)
    block = block.removeprefix(b"\xef\xbb\xbf")
    if not block.strip():
        raise _check.InputError(f"{source} is empty; expected text. Check how it was made.")
    while block:
        if b"\0" in block:
            raise _check.InputError(f"{source} is a binary file; expected plain text.")
        if block.endswith(b"\r"):  # keep a line end of two characters in one block
            block += stream.read(1)
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block
        block = stream.read(_BLOCK)


def _refuse_foreign(block: bytes, source: Path) -> None:
    start = block[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, what, way_out in _FOREIGN:
        if block.startswith(magic) or start.lower().startswith(magic):
            raise _check.InputError(f"{source} {what}; expected plain text. {way_out}")
    if block[_TAR] == b"ustar":
        raise _check.InputError(f"{source} is an archive (tar); expected plain text. Unpack it.")


def lines(path: str | os.PathLike[str]) -> Iterator[str]:
    """Yield the lines of a text file with their ends, in UTF-8 or else Latin-1."""
    tail = b""
    for block in blocks(path):
        head, end, tail = (tail + block).rpartition(b"\n")
        yield from io.StringIO(_decoded(head + end), newline="\n")
    if tail:
        yield _decoded(tail)


def text(path: str | os.PathLike[str]) -> str:
    """Return a whole text file, in UTF-8 or else Latin-1."""
    return _decoded(b"".join(blocks(path)))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
