"""Windows of a genome, straight from its FASTA file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pooch
import pyfaidx

from motifbook import _check
from motifbook.data import source
from motifbook.data.clean import listed

IntArray = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_BLOCK = 1 << 22  # letters at a time: bounds memory
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split()  # noqa: SIM905 twenty words read better in one line
_ARABIC = {roman: str(number) for number, roman in enumerate(_ROMAN, start=1)}
_TO_ROMAN = {number: roman for roman, number in _ARABIC.items()}
_MITOCHONDRION = ("m", "mt", "mito", "mitochondrion")


def cache_folder() -> Path:
    """Return the folder for downloads, unpacked genomes and indexes; it is made if absent.

    `MOTIFBOOK_CACHE` names another one.

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    folder = Path(os.environ.get("MOTIFBOOK_CACHE") or pooch.os_cache("motifbook"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _check.InputError(
            f"The folder {folder} cannot be made ({error.strerror}); expected a place for indexes "
            "and downloads. Name one in the environment variable MOTIFBOOK_CACHE."
        ) from error
    return folder


@dataclass(frozen=True)
class Genome:
    """Chromosomes of an indexed FASTA file.

    Parameters
    ----------
    name
        Of the file.
    letters : (n_bytes,)
        The file itself, mapped into memory.
    index : chromosome name -> (length, offset, letters per line, bytes per line)
    done
        Sentences on what opening did.
    """

    name: str
    letters: Bytes
    index: Mapping[str, tuple[int, int, int, int]]
    done: tuple[str, ...] = ()

    def lengths(self, chroms: Iterable[str]) -> IntArray:
        """Return the length of each chromosome, (n,)."""
        return np.array([self.index[chrom][0] for chrom in chroms], dtype=np.int64)

    def windows(self, chroms: npt.NDArray[np.object_], starts: IntArray, length: int) -> list[str]:
        """Return the letters from each start on, as in the file; windows must lie inside."""
        found: list[str] = []
        step = max(_BLOCK // length, 1)
        names, codes = np.unique(chroms.astype(str), return_inverse=True)
        records = np.array([self.index[name] for name in names], dtype=np.int64).reshape(-1, 4)
        for first in range(0, len(starts), step):
            record = records[codes[first : first + step], :, None]
            bases = starts[first : first + step, None] + np.arange(length)
            places = record[:, 1] + bases // record[:, 2] * record[:, 3] + bases % record[:, 2]
            text = self.letters[places].tobytes().decode("latin-1")
            found += [text[at : at + length] for at in range(0, len(text), length)]
        return found


def open_genome(path: str | os.PathLike[str]) -> Genome:
    """Open a genome FASTA file; its index goes to the cache folder, never beside the file.

    A packed file is unpacked once into the cache folder.

    Raises
    ------
    InputError
        If the file is absent or no FASTA, its lines are uneven, or a chromosome stands twice.
    """
    given = _check.existing_file(path, "genome")
    status = given.stat()
    identity = f"{given.resolve()} {status.st_size} {status.st_mtime_ns}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    done: tuple[str, ...] = ()
    plain = given
    if source.is_packed(given):
        plain = cache_folder() / f"{key}-{given.stem}"
        if not plain.exists():
            _unpack(given, plain)
        done = (f"{given.name} is packed; it was unpacked once to {plain}.",)
    index = _index(plain, cache_folder() / f"{key}.fai", given)
    return Genome(given.name, np.memmap(plain, dtype=np.uint8, mode="r"), index, done)


def _unpack(given: Path, plain: Path) -> None:
    partial = plain.with_name(f"{plain.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            for block in source.blocks(given):
                stream.write(block)
        partial.replace(plain)
    finally:
        partial.unlink(missing_ok=True)


def _index(plain: Path, index: Path, given: Path) -> dict[str, tuple[int, int, int, int]]:
    next(source.blocks(plain))  # says so if it is empty or no text
    partial = index.with_name(f"{index.name}.{os.getpid()}.partial")
    try:
        faidx = pyfaidx.Faidx(str(plain), indexname=str(index if index.exists() else partial))
        records = {name: (r.rlen, r.offset, r.lenc, r.lenb) for name, r in faidx.index.items()}
        faidx.close()
        if partial.exists():
            partial.replace(index)
    except (pyfaidx.FastaIndexingError, OSError, ValueError) as error:
        raise _check.InputError(
            f"The genome {given} could not be indexed: {error}. Expected FASTA with lines of equal "
            "length and each chromosome once."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return {name: record for name, record in records.items() if record[0]}


def renaming(wanted: Iterable[str], genome: Genome) -> dict[str, str]:
    """Return, for chromosomes that the genome lacks, what it seems to call them (4 -> chrIV)."""
    called = {_bare(name): name for name in genome.index}
    missing = [name for name in wanted if name not in genome.index]
    counts_in_roman = any(_bare(name) in _ROMAN and len(_bare(name)) > 1 for name in missing)
    suggestion = {}
    for name in missing:
        bare = _bare(name)
        others = [bare, _TO_ROMAN.get(bare, "")]
        if counts_in_roman:
            others.append(_ARABIC.get(bare, ""))
        if bare in _MITOCHONDRION:
            others += _MITOCHONDRION
        found = [called[other] for other in others if other in called]
        if found:
            suggestion[name] = found[0]
    return suggestion


def _bare(name: str) -> str:
    return re.sub(r"^chr(omosome)?_?", "", name, flags=re.IGNORECASE).lower()


def check_names(wanted: Iterable[str], genome: Genome, file: str) -> list[str]:
    """Return the chromosomes that the genome lacks; refuse them if they have another name there.

    Raises
    ------
    InputError
        With the exact `rename=` that helps, or if no chromosome is found at all.
    """
    names = list(wanted)
    missing = [name for name in names if name not in genome.index]
    suggestion = renaming(names, genome)
    if not suggestion and len(missing) < len(names):
        return missing
    way_out = "Is it the right genome? Other names go through `rename={old: new}`."
    if suggestion:
        way_out = (
            f"They seem to be the same under other names: use rename={json.dumps(suggestion)}."
        )
    raise _check.InputError(
        f"{file} names chromosomes that {genome.name} does not have: {listed(missing)}; it has "
        f"{listed(list(genome.index))}. {way_out}"
    )
