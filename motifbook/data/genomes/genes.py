"""Genes of a region: the lines of a GTF or GFF3 file that lie in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from motifbook import _check
from motifbook._region import Region, region_of
from motifbook.data import schema
from motifbook.data.genomes import chromosomes
from motifbook.data.text import source
from motifbook.data.words import counted, listed

PathLike = str | os.PathLike[str]

COLUMNS = (schema.CHROM, schema.START, schema.END, schema.STRAND, "kind", "gene", "transcript")
_PARTS = ("exon", "CDS")
_TRANSCRIPT = re.compile(r"transcript|.*_transcript|.*RNA", re.IGNORECASE)
_GENE = re.compile(r".*gene", re.IGNORECASE)
_FAR = 10**12  # letters; more than any chromosome has
_GTF = re.compile(r'\s*([^\s;=]+) +(?:"([^"]*)"|([^\s;]+))\s*(?:;|$)')
_OWN = ("ID", "transcript_id", "locus_tag", "Name")  # of a line by itself
_NAMES = ("gene_name", "gene", "Name", "gene_symbol", "gene_id", "locus_tag", "ID")
_OTHERS = {  # what a line may be that is none of GTF -> what to do
    r"[^\t]+\t\d+\t\d+(\t|$)": "It looks like BED, which names no exons: use a GTF or GFF3 file.",
    r"LOCUS\s": "It looks like GenBank: use a GTF or GFF3 file.",
    r">": "It looks like FASTA: use a GTF or GFF3 file.",
    r"[^\t]+ \d+ +\d+ ": "Its columns are separated by spaces: use tabs.",
}


def read_genes(
    path: PathLike, region: Any, *, rename: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Read the genes of one region of a genome.

    Parameters
    ----------
    path
        GTF or GFF3, plain or packed with gzip or bgzip.
    region
        "chr1:1000-2000" (counted from 0, the end excluded, as `mb.read_bed` names its windows),
        ("chr1", 1000, 2000), or a row of `adata.obs`.
    rename
        Chromosome names of the file -> names of the genome, such as {"4": "chrIV"}.

    Returns
    -------
    DataFrame
        Transcripts that touch the region, in the order of their starts: one row per transcript
        (`kind` "transcript", from its first to its last letter) and one for each of its exons and
        coding parts ("exon", "CDS") that touch it, with chrom, start and end (0-based, half-open),
        strand, gene (its name, else its ID) and transcript. `attrs["done"]` says in plain
        sentences what was read.

    Raises
    ------
    InputError
        If a line of the chromosome is malformed (file and line are named), the file is of another
        kind, or has no such chromosome.

    Notes
    -----
    Lines of other chromosomes are not looked into. A gene of GFF3 whose coding parts name it
    as their parent counts as its own transcript, as does a gene without transcripts. Where a file
    has exons alone, a transcript goes from its first to its last one.
    """
    wanted = region_of(region)
    given = _check.existing_file(path)
    names = chromosomes.as_renaming(rename)
    called = [old for old, new in names.items() if new == wanted.chrom] or [wanted.chrom]
    found = _read(given, called, wanted, wanted)
    if not found.n_lines:
        _refuse_no_lines(given, wanted, names)
    if not found.has_wholes:  # which transcripts touch the region, only all their exons tell
        found = _read(given, called, wanted, Region(wanted.chrom, 0, _FAR))
    table = found.table()
    n_genes = table["gene"].nunique()
    table.attrs["done"] = [f"Read {counted(n_genes, 'gene')} in {wanted} from {given.name}."]
    return table


def _read(path: Path, called: Iterable[str], wanted: Region, looked_at: Region) -> _Found:
    """Read the lines of a chromosome, by its names in the file, that touch a place."""
    found = _Found(wanted)
    for name in called:
        for line in _lines(path, name):
            found.add(line, looked_at)
    return found


@dataclass(frozen=True)
class _Line:
    """A line, with its last column as text."""

    kind: str
    start: int
    end: int
    strand: str
    text: bytes

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """Of the last column."""
        return _attributes(self.text.decode("utf-8", "replace"))

    @property
    def is_transcript(self) -> bool:
        """Whether it is a whole transcript."""
        return bool(_TRANSCRIPT.fullmatch(self.kind))

    @property
    def is_gene(self) -> bool:
        """Whether it is a whole gene."""
        return bool(_GENE.fullmatch(self.kind))


def _lines(path: Path, chrom: str) -> Iterator[_Line]:
    """Yield the lines of a chromosome."""
    head = chrom.encode() + b"\t"
    line_of = re.compile(rb"\n" + re.escape(head) + rb"([^\n]*)")
    tail, n_before = b"\n", 0
    for block in source.blocks(path):
        text, _, rest = (tail + block).rpartition(b"\n")
        for found in line_of.finditer(text):
            number = n_before + 1
            yield _line(found, (path.name, text, number))
        n_before += text.count(b"\n")
        tail = b"\n" + rest
    for found in line_of.finditer(tail):
        yield _line(found, (path.name, tail, n_before + 1))


def _line(found: re.Match[bytes], where: tuple[Any, ...]) -> _Line:
    """Read a line, without its first column."""
    cells = found[1].split(b"\t", 7)
    try:
        start, end = int(cells[2]) - 1, int(cells[3])
        if not 0 <= start < end or len(cells) < 8:
            raise ValueError
    except (IndexError, ValueError):
        _refuse(found, where)
    kind, strand = (cells[i].decode("utf-8", "replace") for i in (1, 5))
    return _Line(kind, start, end, strand if strand in ("+", "-") else ".", cells[7])


def _refuse(found: re.Match[bytes], where: tuple[Any, ...]) -> NoReturn:
    file, text, first = where
    number = first + text.count(b"\n", 0, found.start())
    n_columns = found[0].count(b"\t") + 1
    got = f"has {counted(n_columns, 'column')}" if n_columns < 9 else "has no place"
    line = found[0].strip().decode("utf-8", "replace")
    raise _check.InputError(
        f"{file}, line {number} {got}: {line[:60]!r}; expected 9 columns, separated by tabs, the "
        "4th and 5th its start and end (whole numbers, counted from 1, start up to end). "
        f"{_guess(line) or 'Mend or remove the line.'}"
    )


def _attributes(text: str) -> dict[str, str]:
    """Names and values of the last column: of GTF in quotes, of GFF3 behind =."""
    if re.match(r"\s*[^\s;\"]+=", text):
        from urllib.parse import unquote

        pairs = (item.partition("=") for item in text.strip().strip(";").split(";"))
        return {key.strip(): unquote(value.strip()) for key, _, value in pairs}
    return {key: quoted or plain for key, quoted, plain in _GTF.findall(text)}


def _first(attributes: Mapping[str, str], names: Iterable[str]) -> str:
    """The first of some attributes that a line has; "" if it has none."""
    return next((attributes[name] for name in names if attributes.get(name)), "")


@dataclass
class _Found:
    """Lines of the genes of a region, as they are read."""

    region: Region
    n_lines: int = 0  # of the chromosome
    has_wholes: bool = False  # whether any line of the chromosome is a gene or a transcript
    parts: dict[str, list[_Line]] = field(default_factory=dict)  # by their transcript
    wholes: dict[str, _Line] = field(default_factory=dict)  # genes and transcripts, by their ID
    parents: set[str] = field(default_factory=set)  # genes of which there is more than their line

    def add(self, line: _Line, looked_at: Region) -> None:
        """Keep a line that touches a place: a transcript, a gene, or a part of them."""
        self.n_lines += 1
        self.has_wholes = self.has_wholes or line.is_gene or line.is_transcript
        if not looked_at.touches(line.start, line.end):
            return
        own = line.attributes
        if not line.is_gene:
            self.parents.update(own.get("Parent", "").split(","), [own.get("gene_id", "")])
        if line.kind in _PARTS:
            for parent in _first(own, ("Parent", "transcript_id", "gene_id", *_OWN)).split(","):
                self.parts.setdefault(parent, []).append(line)
        elif line.is_transcript:
            self.wholes[_first(own, _OWN)] = line
        elif line.is_gene:
            self.wholes[_first(own, ("ID", "gene_id", *_OWN))] = line

    def table(self) -> pd.DataFrame:
        """Return one row per transcript, exon and coding part."""
        keys = {
            key
            for key, line in self.wholes.items()
            if line.is_transcript or key not in self.parents
        }
        rows = []
        for key in keys.union(self.parts):
            rows += self._rows(key, self.parts.get(key, []))
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        order = pd.Categorical(table["kind"], ["transcript", *_PARTS])
        first = table.groupby("transcript")[schema.START].transform("min")
        sorted_table = table.assign(order=order, first=first).sort_values(
            ["first", "transcript", "order", schema.START], kind="stable"
        )
        return sorted_table[list(COLUMNS)].reset_index(drop=True)

    def _rows(self, key: str, parts: list[_Line]) -> list[tuple[Any, ...]]:
        whole = self.wholes.get(key)
        lines = [*parts, whole] if whole else parts
        gene = self._gene(key, lines[-1])
        start, end = min(line.start for line in lines), max(line.end for line in lines)
        if not self.region.touches(start, end):
            return []
        parts = [line for line in parts if self.region.touches(line.start, line.end)]
        spans = [("transcript", start, end)]
        spans += [(line.kind, line.start, line.end) for line in parts]
        if parts and not any(line.kind == "exon" for line in parts):  # bacteria, yeast
            spans += [("exon", line.start, line.end) for line in parts]
        strand = lines[-1].strand
        return [(self.region.chrom, a, b, strand, kind, gene, key) for kind, a, b in spans]

    def _gene(self, key: str, line: _Line) -> str:
        """Name of the gene that a transcript belongs to."""
        parent = line.attributes.get("Parent", key).split(",")[0]
        above = self.wholes.get(parent, line)
        above = self.wholes.get(above.attributes.get("Parent", ""), above)
        return _first(above.attributes, _NAMES) or key


def _refuse_no_lines(path: Path, region: Region, rename: Mapping[str, str]) -> None:
    """Say why a file has no line of the chromosome."""
    found: set[str] = set()
    numbered: dict[str, str] = {}  # of NCBI: what a chromosome is called -> its name in the file
    for number, line in enumerate(source.lines(path), start=1):
        if line.startswith("##FASTA"):
            break
        if line.strip() and not line.startswith("#"):
            if line.count("\t") < 7 and not found:
                _refuse_other_kind(path, number, line)
            name, _, rest = line.partition("\t")
            found.add(name)
            if called := re.search(r"\tregion\t.*[;\t]chromosome=([^;\s]+)", rest):
                numbered[called[1]] = name
    if not found:
        raise _check.InputError(f"{path.name} holds no lines but comments; expected genes.")
    way_out = "Is it the right genome? Other names go through `rename={old: new}`."
    others = chromosomes.renaming(sorted(found), [region.chrom])
    others |= {
        numbered[name]: region.chrom
        for name in chromosomes.renaming(sorted(numbered), [region.chrom])
    }
    if others:
        used = {old: new for old, new in rename.items() if old in found}
        fix = json.dumps({**used, **others})
        way_out = f"They seem to be the same under other names: use rename={fix}."
    raise _check.InputError(
        f"{path.name} has no chromosome {region.chrom!r}; it has {listed(sorted(found))}. {way_out}"
    )


def _refuse_other_kind(path: Path, number: int, line: str) -> None:
    raise _check.InputError(
        f"{path.name}, line {number} is {line.strip()[:60]!r}; expected GTF or GFF3: 9 columns, "
        f"separated by tabs. {_guess(line)}".rstrip()
    )


def _guess(line: str) -> str:
    """Say what a line that is no GTF may be."""
    return next((hint for pattern, hint in _OTHERS.items() if re.match(pattern, line)), "")
