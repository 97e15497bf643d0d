"""Variants of a VCF file: one row per alternative allele."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.text import source
from motifbook.data.words import counted, listed

# cyvcf2 and pysam have no wheels for Windows; nine columns of text need neither.
COLUMNS = (schema.CHROM, "position", "name", "ref", "alt", "group", "line")
_HEADER = ["CHROM", "POS", "ID", "REF", "ALT"]
_INFO, _FORMAT = 7, 8  # columns; samples stand behind
_REF = re.compile(r"[ACGTNRYSWKMBDHV]+")
_NO_ALT = {  # what is no alternative that can be written -> why
    r"\.": "there is no alternative (.)",
    r"\*": "the alternative is a deletion told elsewhere (*)",
    r"<.*>": "the alternative is a symbol such as <DEL>",
    r".*[\[\]].*|\..+|.+\.": "the alternative is a breakend",
    r"[ACGT]*[NRYSWKMBDHV][ACGTNRYSWKMBDHV]*": "the alternative has letters that say several",
}
_OTHERS = {  # what a line may be that is none of a VCF
    r">": "FASTA: a genome goes into `genome=`",
    r"[^\t]+\t\d+\t\d+(\t|$)": "BED: regions are no variants",
    r"[^\t,;]+[,;][^\t,;]+[,;]": "a table with commas: read it with pandas, with columns chrom, "
    "position (counted from 0), ref and alt",
    r"[^\t]+\t\d+\t[ACGT]+\t[ACGT]+": "a table without the column ID: write a . there",
}

PathLike = str | os.PathLike[str]
Row = tuple[str, int, str, str, str, str, int]  # COLUMNS


def read_vcf(path: PathLike, *, together: str | None = None) -> pd.DataFrame:
    """Read the variants of a VCF file.

    Parameters
    ----------
    path
        VCF, plain or packed with gzip or bgzip.
    together
        Which variants form a group: "name" (the same ID), "phase" (one haplotype of the file's
        only sample), the name of a sample (one of its haplotypes), or a key of INFO (the same
        value). None: none.

    Returns
    -------
    DataFrame
        One row per alternative allele: chrom, position (0-based, so VCF's POS - 1), name (the ID,
        else as chr1:1000:A>G, which counts as the file does), ref and alt (upper case), group
        (empty for variants in none) and line. `attrs["done"]` says in plain sentences what was
        left out and why.

    Raises
    ------
    InputError
        If a line has too few columns, POS is no place or REF holds no letters (file and line are
        named), or nothing in the file can be grouped by `together`.

    Notes
    -----
    Genotypes are read for the haplotypes of a sample only: alleles separated by "|", or alike, of
    one phase set (PS). A variant on both haplotypes has two rows; one that is not phased is in no
    group.
    """
    given = _check.existing_file(path)
    vcf = _Vcf(given.name, together)
    rows: list[Row] = []
    for line, text in enumerate(source.lines(given), start=1):
        if text.strip() and not text.startswith("##"):
            rows += vcf.read_line(line, text.rstrip("\n"))
    done = vcf.done()
    if not rows:
        raise _check.InputError(
            f"{given.name} holds no variants that can be written as letters; expected lines: "
            f"chromosome, place, ID, reference, alternative. {' '.join(done)}".rstrip()
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if together is not None and not table["group"].any():
        raise _check.InputError(
            f"`together` is {together!r}, by which no variants of {given.name} belong together; "
            f"expected one of {listed(vcf.ways())}."
        )
    table.attrs["done"] = [f"Read {counted(len(rows), 'variant')} from {given.name}.", *done]
    return table


def is_vcf(path: PathLike) -> bool:
    """Whether a file says that it is VCF, in its name or its first line."""
    given = _check.existing_file(path)
    if re.search(r"\.[vb]cf(\.b?gz)?$", given.name, re.IGNORECASE):
        return True
    try:
        start = next(source.blocks(given))
    except _check.InputError:  # no text, so Excel or Parquet
        return False
    return start[:40].lower().startswith(b"##fileformat=vcf")


@dataclass
class _Vcf:
    """A file that is being read: its samples, and what was left out of it so far."""

    file: str
    together: str | None
    samples: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)  # of INFO
    left_out: dict[str, list[int]] = field(default_factory=dict)  # why -> lines
    n_filtered: int = 0

    def read_line(self, line: int, text: str) -> list[Row]:
        """Return the rows of a line: none for the header."""
        cells = [cell.strip() for cell in (text.split("\t") if "\t" in text else text.split())]
        if [cell.upper().lstrip("#") for cell in cells[:5]] == _HEADER:
            self.samples = cells[_FORMAT + 1 :]
            return []
        if text.startswith("#"):
            return []
        place = f"{self.file}, line {line}"
        if len(cells) < len(_HEADER):
            raise _check.InputError(
                f"{place} has {counted(len(cells), 'column')}; expected at least 5, separated by "
                f"tabs: chromosome, place, ID, reference, alternative.{_guess(text)}"
            )
        chrom, position, name, ref, alts = cells[:5]
        self._refuse_others(place, position, ref, text)
        self.n_filtered += len(cells) > _INFO and cells[6] not in ("PASS", ".", "")
        rows: list[Row] = []
        for number, alt in enumerate(alts.upper().split(","), start=1):
            why = _why_not(ref.upper(), alt, place)
            groups = self._groups(cells, number)
            if why or not groups:
                why = why or "the sample does not have it"
                self.left_out.setdefault(why, []).append(line)
                continue
            told = f"{chrom}:{position}:{ref.upper()}>{alt}" if name in (".", "") else name
            row = (chrom, int(position) - 1, told, ref.upper(), alt)
            rows += [(*row, group, line) for group in groups]
        return rows

    def _refuse_others(self, place: str, position: str, ref: str, text: str) -> None:
        if not re.fullmatch(r"0*[1-9]\d{0,11}", position, re.ASCII):
            raise _check.InputError(
                f"{place}: {position!r} is no place (POS); expected a whole number, 1 or more, as "
                f"VCF counts.{_guess(text)}"
            )
        if not _REF.fullmatch(ref.upper()):
            raise _check.InputError(
                f"{place}: the reference (REF) is {ref[:20]!r}; expected letters A, C, G, T or N. "
                "Insertions and deletions are written with the letter before them, such as A and "
                f"AT.{_guess(text)}"
            )

    def _groups(self, cells: list[str], number: int) -> list[str]:
        """Names of the groups that an allele is in; "" for none, an empty list if it is absent."""
        if self.together is None:
            return [""]
        if self.together == "name":
            return ["" if cells[2] == "." else cells[2]]
        if self.together in (*self.samples, "phase"):
            return self._haplotypes(cells, number)
        info = cells[_INFO] if len(cells) > _INFO else ""
        values = dict(item.partition("=")[::2] for item in info.split(";") if "=" in item)
        self.keys.update(values)
        return [values.get(self.together, "")]

    def _haplotypes(self, cells: list[str], number: int) -> list[str]:
        if self.together == "phase" and len(self.samples) != 1:
            way_out = (
                f"Name it: one of {listed(self.samples)}." if self.samples else "Leave it out."
            )
            raise _check.InputError(
                f'`together` is "phase", and {self.file} has {counted(len(self.samples), "sample")}'
                f"; expected one. {way_out}"
            )
        at = 0 if self.together == "phase" else self.samples.index(str(self.together))
        cells = [*cells, *[""] * (_FORMAT + 2 + at - len(cells))]  # a line cut short: not called
        genotype = dict(zip(cells[_FORMAT].split(":"), cells[_FORMAT + 1 + at].split(":")))
        called = genotype.get("GT", ".")
        alleles = re.split(r"[|/]", called)
        if str(number) not in alleles:
            return []
        if "/" in called and len(set(alleles)) > 1:
            return [""]
        phase_set = f"{cells[0]}:{genotype.get('PS', '.')}"
        return [f"{phase_set}:{n}" for n, one in enumerate(alleles, 1) if one == str(number)]

    def ways(self) -> list[str]:
        """What `together` may be for this file."""
        return ["name", *self.samples, *sorted(self.keys)]

    def done(self) -> list[str]:
        """Sentences on what was left out, and kept."""
        done = [
            f"Left out {counted(len(lines), 'allele')} of {self.file}, where {why} "
            f"(line {listed(lines)})."
            for why, lines in self.left_out.items()
        ]
        if self.n_filtered:
            done.append(f"Lines whose FILTER is not PASS: {self.n_filtered:,}; kept.")
        return done


def _why_not(ref: str, alt: str, place: str) -> str:
    """Say why an allele is left out; nothing if it can be written."""
    if alt == ref:
        return "the alternative is the reference"
    found = [why for pattern, why in _NO_ALT.items() if re.fullmatch(pattern, alt)]
    if not found and not re.fullmatch(r"[ACGT]+", alt):
        raise _check.InputError(
            f"{place}: the alternative (ALT) is {alt[:20]!r}; expected letters A, C, G, T, several "
            "alternatives separated by commas. Deletions are written with the letter before them."
        )
    return found[0] if found else ""


def _guess(text: str) -> str:
    """Say what a line that is no VCF may be."""
    found = [guess for pattern, guess in _OTHERS.items() if re.match(pattern, text)]
    return f" It looks like {found[0]}." if found else ""
