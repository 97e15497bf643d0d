"""Public files: in a folder of the user's, or fetched once and checked by their hash."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pooch

from motifbook import _check
from motifbook.data.genomes.genome import cache_folder

FOLDERS = ("MOTIFBOOK_DATA", "MOTIFBOOK_TEST_DATA")

_ADDRESS = "https://github.com/{repository}/raw/{commit}/{path}"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class PublicFile:
    """A file of a public repository at a commit.

    Parameters
    ----------
    file
        Its name in a local folder, perhaps in a folder of that folder; there it may be packed.
    origin
        "owner/repository@commit:path".
    sha256
        Of the file at its origin. None: the local file was made from several, or is a part, so
        that nothing can be fetched.
    """

    file: str
    origin: str
    sha256: str | None = None

    def find(self) -> Path | None:
        """Return the file in a local folder."""
        return in_folders([self.file, Path(self.file).name])

    def fetch(self) -> Path:
        """Return the file from a local folder or the cache, or fetch it.

        Raises
        ------
        InputError
            If it cannot be fetched, or the file at its origin has changed.
        """
        found = self.find()
        if found is not None:
            return found
        if self.sha256 is None:
            raise _check.InputError(
                f"{Path(self.file).name} is in no local folder, and it cannot be fetched, because "
                f"it was made from {self.origin}. {_way_out(self.file)}"
            )
        repository, _, rest = self.origin.partition("@")
        commit, _, path = rest.partition(":")
        address = _ADDRESS.format(repository=repository, commit=commit, path=path)
        name = f"{self.sha256[:12]}-{Path(path).name}"
        return _retrieve(address, name, f"sha256:{self.sha256}", self.file)


@dataclass(frozen=True)
class PublicGenome:
    """A reference genome.

    Parameters
    ----------
    n
        Chromosomes and other records.
    megabytes
        Unpacked.
    address
        Of the FASTA file, packed with gzip.
    sha256
        Of the FASTA file itself, unpacked.
    """

    name: str
    what: str
    n: int
    megabytes: float
    address: str
    sha256: str

    @property
    def available(self) -> str:
        """Return "local" or "download"."""
        return "download" if self.find() is None else "local"

    def find(self) -> Path | None:
        """Return the genome in a local folder."""
        files = [f"{self.name}{end}" for end in (".fa", ".fa.gz", ".2bit")]
        return in_folders([*files, *(f"genome/{file}" for file in files)])

    def fetch(self, *, progress: bool = True) -> Path:
        """Return the genome from a local folder or the cache, or fetch and unpack it.

        Raises
        ------
        InputError
            If it cannot be fetched, or the genome at the address has changed.
        """
        unpacked = cache_folder() / f"{self.sha256[:12]}-{self.name}.fa"
        found = self.find() or (unpacked if unpacked.is_file() else None)
        if found is not None:
            return found
        wanted = f"{self.name}.fa or {self.name}.fa.gz"
        packed = _retrieve(self.address, f"{self.name}.fa.gz", None, wanted, progress=progress)
        try:
            self._unpack(packed, unpacked)
        finally:
            packed.unlink(missing_ok=True)
        return unpacked

    def _unpack(self, packed: Path, unpacked: Path) -> None:
        found = hashlib.sha256()
        with _check.new_file(unpacked) as part:
            try:
                with gzip.open(packed) as stream, part.open("wb") as out:
                    while block := stream.read(_BLOCK):
                        found.update(block)
                        out.write(block)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise _check.InputError(
                    f"The genome fetched from {self.address} is damaged or cut off ({error}). Try "
                    "again."
                ) from None
            if found.hexdigest() != self.sha256:
                raise _check.InputError(
                    f"The genome at {self.address} is not the one that is known as {self.name}: "
                    f"its SHA-256 is {found.hexdigest()}; expected {self.sha256}. "
                    f"{_way_out(f'{self.name}.fa')}"
                )


def in_folders(files: Sequence[str]) -> Path | None:
    """Return the first of the files that is in one of the folders the user named."""
    for variable in FOLDERS:
        folder = os.environ.get(variable)
        if folder:
            for file in files:
                if (Path(folder) / file).is_file():
                    return Path(folder) / file
    return None


def _retrieve(
    address: str, name: str, known_hash: str | None, file: str, *, progress: bool = False
) -> Path:
    try:
        fetched = pooch.retrieve(
            address, known_hash=known_hash, fname=name, path=cache_folder(), progressbar=progress
        )
    except (OSError, ValueError) as error:
        raise _check.InputError(
            f"{Path(file).name} could not be fetched from {address} ({_reason(error)}). "
            f"{_way_out(file)}"
        ) from None
    return Path(fetched)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):
        return "the file there has another hash"
    answer = getattr(error, "response", None)
    if answer is not None:
        return f"the server answers {answer.status_code}"
    return error.strerror or "there is no connection"


def _way_out(file: str) -> str:
    return (
        f"Put {Path(file).name} into a folder and name the folder in the environment variable "
        f"{FOLDERS[0]}."
    )
