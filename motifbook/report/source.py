"""From what a user has on disk to sequences with readouts, with sensible negatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motifbook import _check
from motifbook.data.bed import read_bed
from motifbook.data.fasta import read_fasta
from motifbook.data.table import read_table

if TYPE_CHECKING:
    from anndata import AnnData


_BELONGS_TO = {  # option: the files that it says something about
    "negatives": ("positives", "bed"),
    "readouts": ("table",),
    "sequence": ("table",),
    "genome": ("bed",),
    "length": ("bed",),
    "alphabet": ("positives", "table"),
}


@dataclass(frozen=True)
class Source:
    """One of a FASTA file, a table or a BED file, and what belongs to it.

    Parameters
    ----------
    positives, table, bed
        Files; exactly one is given.
    negatives
        For `positives` a FASTA file or "shuffle" (the default), for `bed` "matched" (the default)
        or "shuffle".
    readouts, sequence
        Columns of `table`.
    genome, length
        FASTA file and window length for `bed`.
    alphabet
        "DNA", "RNA" or "protein", for `positives` and `table`.
    """

    positives: str | None = None
    table: str | None = None
    bed: str | None = None
    negatives: str | None = None
    readouts: Sequence[str] = ()
    sequence: str = "sequence"
    genome: str | None = None
    length: int | None = None
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
            return read_fasta(
                self.positives,
                negatives=self.negatives or "shuffle",
                seed=seed,
                alphabet=self.alphabet,
            )
        if self.table is not None:
            return self._read_table(self.table)
        return self._read_bed(str(self.bed), seed)

    def _refuse_unused(self, given: str) -> None:
        """Refuse options that would change nothing, because they belong to another kind of file."""
        for option, kinds in _BELONGS_TO.items():
            if given not in kinds and getattr(self, option) != getattr(Source, option):
                raise _check.InputError(
                    f"--{option} says nothing about --{given}; it belongs to "
                    f"{' and '.join(f'--{kind}' for kind in kinds)}. Leave it out."
                )

    def _read_table(self, path: str) -> AnnData:
        if not self.readouts:
            raise _check.InputError(
                f"No readouts are named for the table {path}; expected the columns with measured "
                "values. Add --readouts with their names, separated by commas."
            )
        return read_table(
            path, sequence=self.sequence, readouts=list(self.readouts), alphabet=self.alphabet
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
            seed=seed,
        )
