"""Windows of a genome, straight from its FASTA file."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pooch
import pyfaidx
from numpy.lib.stride_tricks import sliding_window_view

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data.genomes import twobit
from motifbook.data.text import source

IntArray = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]
Bytes = npt.NDArray[np.uint8]

Record = tuple[int, int, int, int]  # length, offset, letters per line, bytes per line

_LINE_FEED, _RETURN, _BLANK, _LAST_ASCII = 10, 13, 32, 127
_BLOCK = 1 << 18  # letters at a time: they stay in a processor's cache
_AMBIGUOUS, _PARTNERS = "RYSWKMBDHV", "YRSWMKVHDB"  # ambiguity codes and their complements


def _complements() -> Bytes:
    """Return the complement of each byte, (256,), in its own case; others stay as they are."""
    letters = DNA.letters + "U" + _AMBIGUOUS
    partners = DNA.complement + "A" + _PARTNERS
    table = bytes.maketrans(
        (letters + letters.lower()).encode(), (partners + partners.lower()).encode()
    )
    return np.frombuffer(table, dtype=np.uint8)


_COMPLEMENTS = _complements()


def cache_folder() -> Path:
    """Return the folder for downloads, unpacked genomes and indexes; it is made if absent.

    `MOTIFBOOK_CACHE` names another one.

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    return _check.make_folder(
        os.environ.get("MOTIFBOOK_CACHE") or pooch.os_cache("motifbook"),
        "MOTIFBOOK_CACHE",
        "expected a place for indexes and downloads. Name one in the environment variable "
        "MOTIFBOOK_CACHE.",
    )


@dataclass(frozen=True)
class Genome:
    """Chromosomes of an indexed FASTA file.

    Parameters
    ----------
    name
        Of the file.
    content : (n_bytes,)
        The file itself, mapped into memory.
    index : chromosome name -> (length, offset, letters per line, bytes per line)
    done
        Sentences on what opening did.
    """

    name: str
    content: memoryview
    index: Mapping[str, Record]
    done: tuple[str, ...] = ()

    def lengths(self, chroms: Iterable[str]) -> IntArray:
        """Return the length of each chromosome, (n,)."""
        found: IntArray = self._records(chroms)[0]
        return found

    def letters(self, chroms: Names, starts: IntArray, length: int) -> Bytes:
        """Return windows as characters of the file, (n, length); they must lie inside."""
        letters = np.empty((len(starts), length), dtype=np.uint8)
        for rows, found in self._pieces(chroms, starts, length):
            letters[rows] = found
        return letters

    def windows(
        self, chroms: Names, starts: IntArray, length: int, is_minus: npt.NDArray[np.bool_]
    ) -> list[str]:
        """Return windows of one length; those on the minus strand from their own 5' end."""
        windows = np.empty(len(starts), dtype=object)
        for rows, found in self._pieces(chroms, starts, length):
            letters, turned = found, is_minus[rows]
            if turned.any():
                letters = np.where(turned[:, None], _COMPLEMENTS[found[:, ::-1]], found)
            text = letters.tobytes().decode("latin-1")
            windows[rows] = [text[at : at + length] for at in range(0, len(text), length)]
        taken: list[str] = windows.tolist()
        return taken

    def _pieces(
        self, chroms: Names, starts: IntArray, length: int
    ) -> Iterator[tuple[IntArray, Bytes]]:
        """Yield rows and their windows, (n_rows, length): those of as many bytes together."""
        _, offset, per_line, bytes_per_line = self._records(chroms)
        line, column = np.divmod(starts, per_line)
        firsts = offset + line * bytes_per_line + column
        n_lines = (column + length - 1) // per_line  # that a window reaches beyond its first
        spans = length + n_lines * (bytes_per_line - per_line)
        content, step = np.frombuffer(self.content, dtype=np.uint8), max(_BLOCK // length, 1)
        for span in np.unique(spans).tolist():  # line ends included
            rows, windows = np.flatnonzero(spans == span), sliding_window_view(content, span)
            for block in (rows[first : first + step] for first in range(0, len(rows), step)):
                found = windows[firsts[block]]
                if span > length:
                    plain = found.tobytes().replace(b"\n", b"").replace(b"\r", b"")
                    found = np.frombuffer(plain, dtype=np.uint8).reshape(-1, length)
                yield block, found

    def _records(self, chroms: Iterable[str]) -> IntArray:
        """Return length, offset, letters and bytes per line of each chromosome, (4, n)."""
        column = chroms.to_numpy() if isinstance(chroms, pd.Series) else list(chroms)
        codes, names = pd.factorize(np.asarray(column, dtype=object))
        records = np.array([self.index[name] for name in names], dtype=np.int64).reshape(-1, 4)
        found: IntArray = records.T[:, codes]
        return found


def open_genome(path: str | os.PathLike[str]) -> Genome:
    """Open a genome; its index goes to the cache folder, never beside the file.

    Parameters
    ----------
    path
        FASTA, plain or packed with gzip or bgzip, or 2bit. Packed files are unpacked once into
        the cache folder.

    Raises
    ------
    InputError
        If the file is absent or no genome, its lines are uneven, or a chromosome stands twice.
    """
    given = _find(path)
    status = given.stat()
    identity = f"{given.resolve()} {status.st_size} {status.st_mtime_ns}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    done: tuple[str, ...] = ()
    plain = given
    if source.is_packed(given) or twobit.is_twobit(given):
        plain = cache_folder() / f"{key}-{given.stem}"
        if not plain.exists():
            _unpack(given, plain)
        size = f"{plain.stat().st_size / 1e6:,.1f} MB"
        done = (f"{given.name} is packed; it was unpacked once into the cache folder ({size}).",)
    index = _index(plain, cache_folder() / f"{key}.fai", given)
    with plain.open("rb") as stream:
        content = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    return Genome(given.name, content, index, done)


def _find(path: str | os.PathLike[str]) -> Path:
    try:
        return _check.existing_file(path, "genome")
    except _check.NotFoundError as error:
        if str(path).isalnum():
            way_out = f'Reference genomes are fetched by `mb.examples.genome("{path}")`.'
            raise _check.NotFoundError(f"{error} {way_out}") from None
        raise


def _unpack(given: Path, plain: Path) -> None:
    blocks = twobit.fasta_blocks(given) if twobit.is_twobit(given) else source.blocks(given)
    with _check.new_file(plain) as part, part.open("wb") as stream:
        for block in blocks:
            stream.write(block)


def _index(plain: Path, index: Path, given: Path) -> dict[str, Record]:
    """Return the places of all chromosomes; they are looked for once and kept in `index`."""
    if index.exists():
        records = _read_index(plain, index, given)
    else:
        _refuse_no_fasta(plain, given)
        with _check.new_file(index) as part:
            records = _read_index(plain, part, given)
    filled = {name: record for name, record in records.items() if record[0]}
    if not filled:
        raise _check.InputError(f"The genome {given} holds no letters; expected chromosomes.")
    return filled


def _read_index(plain: Path, index: Path, given: Path) -> dict[str, Record]:
    """Return the places in an index, which is made and compared with the lines if absent."""
    is_new = not index.exists()
    try:
        faidx = pyfaidx.Faidx(str(plain), indexname=str(index))
        records = {name: (r.rlen, r.offset, r.lenc, r.lenb) for name, r in faidx.index.items()}
        faidx.close()
        if is_new:
            _refuse_strangers(plain, records)
    except (pyfaidx.FastaIndexingError, OSError, ValueError, RuntimeError) as error:
        reason = _check.reason(error).replace(str(plain), given.name).rstrip(".")
        if isinstance(error, RuntimeError):  # what pyfaidx makes of blank lines at the end
            reason = "it has blank lines"
        raise _check.InputError(
            f"The genome {given} could not be indexed: {reason}. Expected FASTA with lines of "
            "equal length, none of them blank, and each chromosome once. Write it anew, for "
            "example with `seqkit seq -w 60`, or download it again."
        ) from None
    return records


def _refuse_strangers(plain: Path, records: Mapping[str, Record]) -> None:
    """Refuse lines that end elsewhere than the index says: windows would be of other places."""
    content = np.memmap(plain, dtype=np.uint8, mode="r")
    for name, (length, offset, per_line, bytes_per_line) in records.items():
        if not length:
            continue
        is_end = np.arange(bytes_per_line) >= per_line
        last = offset + (length - 1) // per_line * bytes_per_line  # where the last line starts
        step = max(_BLOCK // bytes_per_line, 1) * bytes_per_line
        for first in range(offset, last + 1, step):
            block = content[first : min(first + step, last + (length - 1) % per_line + 1)]
            ends = np.resize(is_end, len(block))
            found = (block == _LINE_FEED) | (block == _RETURN)
            is_blank = (block <= _BLANK) & ~found
            if (found != ends).any() or is_blank.any() or block.max() > _LAST_ASCII:
                raise ValueError(f"the lines of {name} are uneven, or hold more than letters")


def _refuse_no_fasta(plain: Path, given: Path) -> None:
    block = next(source.blocks(plain))  # says so if the file is empty or no text
    line = block.lstrip()[:200].split(b"\n", 1)[0].decode("utf-8", errors="replace")
    if line.startswith(">"):
        return
    cells = line.split()
    is_bed = len(cells) > 2 and cells[1].isdecimal() and cells[2].isdecimal()
    way_out = "It looks like BED: were regions and genome swapped?" if is_bed else "Name another."
    raise _check.InputError(
        f"The genome {given} starts with {line[:40]!r}; expected FASTA (plain, gzip or bgzip) or "
        f"2bit. {way_out}"
    )
