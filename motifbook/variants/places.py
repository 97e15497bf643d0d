"""Variants at places of a genome: from a VCF file or a table, as windows around them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.genomes import chromosomes
from motifbook.data.genomes.genome import Genome
from motifbook.data.genomes.vcf import read_vcf
from motifbook.data.words import counted, listed

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
PathLike = str | os.PathLike[str]

_TABLE = "The table of variants"
_WANTED = (schema.CHROM, "position", "ref", "alt")
_REF = "[ACGTNRYSWKMBDHV]*"
_SEEM = 0.9  # share of variants that do not fit from which we say what went wrong


@dataclass(frozen=True)
class Variants:
    """Variants at places of a genome, as read.

    Parameters
    ----------
    table
        chrom, position, name, ref, alt, group ("" for none) and line (where to look for it).
    file
        What an error calls it.
    done
        Sentences on what reading did.
    """

    table: pd.DataFrame
    file: str
    done: tuple[str, ...] = ()


def read_variants(variants: pd.DataFrame | PathLike, together: str | None) -> Variants:
    """Read a VCF file, or take a table: chrom, position (0-based), ref and alt, perhaps name.

    Raises
    ------
    InputError
        If a column is absent, a place is none, or an allele holds other letters than A, C, G, T.
    """
    if not isinstance(variants, pd.DataFrame):
        table = read_vcf(variants, together=together)
        lines = [f"line {number}" for number in table["line"]]
        name = _check.a_path(variants).name
        return Variants(table.assign(line=lines), name, tuple(table.attrs["done"]))
    wanted = [*_WANTED, *([] if together is None else [together])]
    _check.columns(variants.columns, wanted, _TABLE)
    chroms, positions = variants[schema.CHROM].astype(str).tolist(), _positions(variants)
    refs, alts = _alleles(variants, "ref", _REF), _alleles(variants, "alt", "[ACGT]*")
    names = [
        f"{chrom}:{position + 1}:{ref}>{alt}"
        for chrom, position, ref, alt in zip(chroms, positions, refs, alts)
    ]
    groups = "" if together is None else _words(variants[together])
    columns = {
        schema.CHROM: chroms,
        "position": positions,
        "name": variants["name"].astype(str).to_numpy() if "name" in variants else names,
        "ref": refs,
        "alt": alts,
        "group": groups,
        "line": [f"row {row}" for row in range(len(variants))],
    }
    return Variants(pd.DataFrame(columns), _TABLE)


def _words(column: pd.Series) -> npt.NDArray[np.object_]:
    """Cells as text, "" where there is none."""
    texts: npt.NDArray[np.object_] = column.astype(object).where(column.notna(), "").to_numpy()
    return np.array([str(text) for text in texts], dtype=object)


def _positions(table: pd.DataFrame) -> list[int]:
    """Return places, 0-based; refuse what is none."""
    places = _check.parse_numbers(table["position"])
    is_place = (places >= 0) & (places % 1 == 0)
    if not is_place.all():
        row = int(is_place.argmin())
        raise _check.InputError(
            f"{_TABLE}, row {row}: `position` is {table['position'].iloc[row]!r}; expected a whole "
            "number, 0 or more, VCF's POS - 1."
        )
    return [int(place) for place in places]


def _alleles(table: pd.DataFrame, column: str, pattern: str) -> list[str]:
    """Return alleles in upper case; refuse what does not fit the pattern."""
    found = [str(cell).upper() for cell in table[column]]
    for row, allele in enumerate(found):
        if not re.fullmatch(pattern, allele):
            raise _check.InputError(
                f"{_TABLE}, row {row}: `{column}` is {allele[:20]!r}; expected letters A, C, G, T, "
                "or none."
            )
    return found


def in_genome(
    variants: Variants, genome: Genome, rename: Mapping[str, str] | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return those variants whose reference is what the genome has, and what was done.

    Raises
    ------
    InputError
        If the genome calls its chromosomes otherwise, or most variants do not fit it.
    """
    given, file, known = chromosomes.as_renaming(rename), variants.file, genome.index
    done = [*variants.done, *genome.done]
    done += chromosomes.check_rename(given, {file: set(variants.table[schema.CHROM])}, known)
    table = chromosomes.renamed(variants.table, given)
    missing = chromosomes.check_names(
        table[schema.CHROM].unique(), known, file=file, genome=genome.name, rename=given
    )
    here = table[~table[schema.CHROM].isin(missing)].reset_index(drop=True)
    if missing:
        done.append(
            f"Left out {counted(len(table) - len(here), 'variant')} on chromosomes that "
            f"{genome.name} does not have: {listed(missing)}."
        )
    fits = _fits(here, genome)
    if not fits.all():
        done.append(_on_misfits(here, fits, genome, file))
    return here[fits].reset_index(drop=True), done


def fetch(genome: Genome, chroms: npt.ArrayLike, starts: IntArray, ends: IntArray) -> list[str]:
    """Return stretches of a genome, upper case, N where they reach over a chromosome's end.

    Each is chroms[i], starts[i] to ends[i].
    """
    names = np.asarray(chroms, dtype=object)
    first = np.clip(starts, 0, genome.lengths(names))
    last = np.clip(ends, first, genome.lengths(names))
    found = np.full(len(names), "", dtype=object)
    for size in np.unique(last - first):
        rows = np.flatnonzero(last - first == size)
        if size:
            plus = np.zeros(len(rows), dtype=bool)
            found[rows] = genome.windows(names[rows], first[rows], int(size), plus)
    before, after = np.minimum(first, ends) - starts, ends - np.maximum(last, starts)
    parts = zip(before.tolist(), found.tolist(), after.tolist())
    return ["N" * left + letters.upper() + "N" * right for left, letters, right in parts]


def _fits(table: pd.DataFrame, genome: Genome, column: str = "ref", moved: int = 0) -> Mask:
    """Whether each allele stands in the genome at its place, or `moved` from it, (n,)."""
    starts = table["position"].to_numpy(dtype=np.int64) + moved
    alleles = table[column].tolist()
    ends = starts + [len(allele) for allele in alleles]
    chroms = table[schema.CHROM].to_numpy(dtype=object)
    is_inside = (starts >= 0) & (ends <= genome.lengths(chroms))
    there = fetch(genome, chroms, starts, ends)
    is_same = [a == b or _is_alike(a, b) for a, b in zip(alleles, there)]
    fits: Mask = is_inside & np.array(is_same, dtype=bool)
    return fits


def _is_alike(a: str, b: str) -> bool:
    """Whether letters agree as far as both say one; IUPAC codes say several."""
    x, y = DNA.codes(a), DNA.codes(b)
    return len(x) == len(y) and bool(((x == y) | (x > 3) | (y > 3)).all())


def _on_misfits(table: pd.DataFrame, fits: Mask, genome: Genome, file: str) -> str:
    """Say which references the genome does not have; refuse it if they are more than half."""
    misfits = table[~fits]
    first = misfits.iloc[0]
    start = np.array([first["position"]])
    there = fetch(genome, [first[schema.CHROM]], start, start + max(len(first["ref"]), 1))[0]
    n = f"{len(misfits):,} of {counted(len(table), 'variant')}"
    if len(misfits) <= len(table) / 2:
        return (
            f"Left out {n} of {file} whose reference is not what {genome.name} has there: "
            f"{listed(misfits['line'].tolist())}.{_on_swapped(misfits, genome)}"
        )
    raise _check.InputError(
        f"{file}, {first['line']}: the reference is {first['ref'][:20]!r}, {genome.name} has "
        f"{there[:20]!r} at {first[schema.CHROM]}, position {first['position']} (counted from 0); "
        f"{n} do not fit.{_way_out(misfits, genome)}"
    )


def _on_swapped(misfits: pd.DataFrame, genome: Genome) -> str:
    n_swapped = int(_fits(misfits, genome, "alt").sum())
    return f" In {n_swapped:,} of them the alternative is what it has." if n_swapped else ""


def _way_out(misfits: pd.DataFrame, genome: Genome) -> str:
    """Say what seems to have gone wrong with variants that do not fit."""
    if _fits(misfits, genome, moved=-1).mean() >= _SEEM:
        return " They fit one letter earlier: take 1 from `position`, which counts from 0."
    if _fits(misfits, genome, moved=1).mean() >= _SEEM:
        return " They fit one letter later: add 1 to POS, which counts from 1 in VCF."
    if _fits(misfits, genome, "alt").mean() >= _SEEM:
        return " Reference and alternative seem to be swapped: swap the two columns."
    return " Is it the right version (assembly) of the genome?"
