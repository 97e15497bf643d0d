"""From what a user has on disk to sequences with readouts, with sensible negatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motifbook import _check
from motifbook.data.genomes.bed import read_bed
from motifbook.data.text.fasta import read_fasta
from motifbook.data.text.table import read_table

if TYPE_CHECKING:
    from anndata import AnnData


_BELONGS_TO = {  # option: the files that it says something about
    "labels": ("positives",),
    "negatives": ("positives", "bed"),
    "readouts": ("table",),
    "sequence": ("table",),
    "genome": ("bed",),
    "length": ("bed",),
    "rename": ("bed",),
    "blacklist": ("bed",),
    "signal": ("bed",),
    "alphabet": ("positives", "table"),
}


@dataclass(frozen=True)
class Source:
    """One of a FASTA file, a table or a BED file, and what belongs to it.

    Parameters
    ----------
    positives, table, bed
        Files; exactly one is given.
    labels
        File with a value per sequence of `positives`, in place of negatives.
    negatives
        For `positives` a file of sequences or "shuffle" (the default), for `bed` "matched" (the
        default) or "shuffle".
    readouts
        Columns of `table` with measured values; "liver=liver_1+liver_2" names replicates.
    sequence
        Column of `table` with the sequences, by name or number (from 0).
    genome, length
        FASTA file and window length for `bed`.
    rename, blacklist, signal
        See `read_bed`; rename and signal as "old=new" and "name=file".
    alphabet
        "DNA", "RNA" or "protein", for `positives` and `table`.
    """

    positives: str | None = None
    table: str | None = None
    bed: str | None = None
    labels: str | None = None
    negatives: str | None = None
    readouts: Sequence[str] = ()
    sequence: str = "sequence"
    genome: str | None = None
    length: int | None = None
    rename: Sequence[str] = ()
    blacklist: str | None = None
    signal: Sequence[str] = ()
    alphabet: str = "DNA"

    def read(self, seed: int | None = None) -> AnnData:
        """Read the sequences; `seed` is that of the negatives.

        Raises
        ------
        InputError
            If not exactly one file is given, something belonging to it is missing, or it is broken.
        """
        given = [name for name in ("positives", "table", "bed") if getattr(self, name) is not None]
        if len(given) != 1:
            raise _check.InputError(
                f"{len(given)} of --positives, --table and --bed were given "
                f"({', '.join(given) or 'none'}); expected one: the file with your sequences."
            )
        self._refuse_unused(given[0])
        if self.positives is not None:
            return self._read_fasta(self.positives, seed)
        if self.table is not None:
            return self._read_table(self.table)
        return self._read_bed(str(self.bed), seed)

    def _refuse_unused(self, given: str) -> None:
        """Refuse options that would change nothing, because they belong to another kind of file."""
        for option, kinds in _BELONGS_TO.items():
            value, unset = getattr(self, option) or None, getattr(Source, option) or None
            if given not in kinds and value != unset:
                raise _check.InputError(
                    f"--{option} says nothing about --{given}; it belongs to "
                    f"{' and '.join(f'--{kind}' for kind in kinds)}. Leave it out."
                )

    def _read_fasta(self, path: str, seed: int | None) -> AnnData:
        if self.labels is None:
            negatives = self.negatives or "shuffle"
            return read_fasta(path, negatives=negatives, seed=seed, alphabet=self.alphabet)
        return read_fasta(
            path, labels=self.labels, negatives=self.negatives, alphabet=self.alphabet
        )

    def _read_table(self, path: str) -> AnnData:
        if not self.readouts:
            raise _check.InputError(
                f"No readouts are named for the table {path}; expected the columns with measured "
                "values. Add --readouts with their names, separated by commas."
            )
        return read_table(
            path,
            sequence=_column(self.sequence),
            readouts=_columns(self.readouts),
            alphabet=self.alphabet,
        )

    def _read_bed(self, path: str, seed: int | None) -> AnnData:
        if self.genome is None or self.length is None:
            raise _check.InputError(
                f"The regions of {path} need letters; expected --genome with a FASTA file and "
                "--length with the number of letters per window, such as 200."
            )
        return read_bed(
            path,
            genome=self.genome,
            length=self.length,
            negatives=self.negatives or "matched",
            signal=_pairs(self.signal, "signal", "atac=coverage.bw"),
            rename=_pairs(self.rename, "rename", "chr4=chrIV"),
            blacklist=self.blacklist,
            seed=seed,
        )


def _column(name: str) -> str | int:
    """A column by its number if the name is one."""
    return int(name) if name.isascii() and name.isdecimal() else name


def _columns(readouts: Sequence[str]) -> list[str | int] | dict[str, list[str | int]]:
    """Columns as they are named, or by readout if one of them is "liver=liver_1+liver_2"."""
    if not any("=" in name for name in readouts):
        return [_column(name) for name in readouts]
    named = [name.partition("=") for name in readouts]
    _refuse_twice([readout for readout, _, _ in named], "readouts")
    return {
        readout: [_column(column) for column in (columns or readout).split("+")]
        for readout, _, columns in named
    }


def _pairs(given: Sequence[str], option: str, example: str) -> dict[str, str]:
    """What "old=new" says, several times."""
    pairs = {}
    for pair in given:
        first, equals, second = pair.partition("=")
        if not (first and equals and second):
            raise _check.InputError(
                f"--{option} is {pair!r}; expected two names with = between them, such as "
                f"--{option} {example}. Give the option once per pair."
            )
        pairs[first] = second
    _refuse_twice([pair.partition("=")[0] for pair in given], option)
    return pairs


def _refuse_twice(names: Sequence[str], option: str) -> None:
    """Refuse a name that is given twice: the first would be lost."""
    for name in names:
        if names.count(name) > 1:
            raise _check.InputError(
                f"--{option} names {name!r} {names.count(name)} times; expected each name once. "
                "Use another name for one of them."
            )
