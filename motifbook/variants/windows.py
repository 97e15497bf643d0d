"""Windows around variants: one for each, or for those of a group that fit into one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data.genomes.genome import Genome
from motifbook.data.words import counted, listed
from motifbook.variants.alleles import COLUMNS, Alleles
from motifbook.variants.changes import Change
from motifbook.variants.places import fetch


class _Variant(NamedTuple):
    """A row of the table of variants, and which letters it changes, counted in the genome."""

    chrom: str
    position: int
    name: str
    ref: str
    alt: str
    group: str
    line: str

    @property
    def change(self) -> Change:
        """The letters that differ: VCF writes indels with the letter before them."""
        shared = 0
        while self.ref[shared : shared + 1] == self.alt[shared : shared + 1] != "":
            shared += 1
        return Change(self.position + shared, self.ref[shared:], self.alt[shared:])


_Set = tuple[_Variant, ...]  # what shares a window, in order


def cut_windows(
    table: pd.DataFrame, genome: Genome, length: int, alphabet: Alphabet, done: list[str]
) -> Alleles:
    """Return windows of the genome with their variants in the middle.

    Parameters
    ----------
    table
        As `places.in_genome` returns it.
    length
        Letters per window. The alternative is as long: where it lost letters, those behind the
        window move in; where it gained some, the last ones move out.
    done
        Sentences so far.

    Raises
    ------
    InputError
        If no variant fits into a window.
    """
    variants = [_Variant(*row) for row in table[list(_Variant._fields)].itertuples(index=False)]
    short, on_long = _short_enough(variants, length)
    sets, on_sets = _sets(short, length)
    if not sets:
        raise _check.InputError(
            f"No variant can be scored; expected some that fit into windows of {length} letters. "
            f"{' '.join([*done, *on_long])}"
        )
    changes = [[variant.change for variant in one] for one in sets]
    chroms = np.array([one[0].chrom for one in sets], dtype=object)
    middles = [one[0].start + _size(one) // 2 for one in changes]
    starts = np.array(middles, dtype=np.int64) - length // 2
    lost = np.array([sum(max(0, -change.surplus) for change in one) for one in changes])
    n_over = int(((starts < 0) | (starts + length > genome.lengths(chroms))).sum())
    on_ends = [f"Windows filled with N beyond the end of their chromosome: {n_over:,}."]
    return Alleles(
        table=pd.DataFrame([_told(one) for one in sets], columns=COLUMNS),
        sources=fetch(genome, chroms, starts, starts + length + lost),
        changes=[
            tuple(Change(c.start - start, c.ref, c.alt) for c in one)
            for one, start in zip(changes, starts.tolist())
        ],
        frames=np.full(len(sets), length, dtype=np.int64),
        origins=starts,
        length=length,
        alphabet=alphabet,
        done=[*done, *on_long, *on_sets, *(on_ends if n_over else [])],
    )


def _short_enough(variants: list[_Variant], length: int) -> tuple[list[_Variant], list[str]]:
    """Variants that fit into a window, and a sentence on the others."""
    long = [variant for variant in variants if _size([variant.change]) > length]
    if not long:
        return variants, []
    left_out = (
        f"Left out {counted(len(long), 'variant')} longer than the window of {length} letters: "
        f"{listed([variant.line for variant in long])}."
    )
    return [variant for variant in variants if _size([variant.change]) <= length], [left_out]


def _size(changes: list[Change]) -> int:
    """Letters from the first change to the last, on the longer allele."""
    gained = sum(change.surplus for change in changes)
    return changes[-1].end - changes[0].start + max(0, gained)


def _sets(variants: list[_Variant], length: int) -> tuple[list[_Set], list[str]]:
    """Variants that share a window, by their first line; and sentences on groups."""
    rows = {variant: row for row, variant in reversed(list(enumerate(variants)))}
    sets: list[_Set] = [(variant,) for variant in variants if not variant.group]
    overlapping: list[_Variant] = []
    n_parted = 0
    for members in _groups(variants):
        parts = list(_parts(members, length // 2, overlapping))
        sets += parts
        n_parted += len(parts) > 1
    done = []
    if overlapping:
        done.append(
            f"Left out {counted(len(overlapping), 'variant')} that overlap an earlier one of their "
            f"group: {listed([variant.line for variant in overlapping])}."
        )
    if n_parted:
        done.append(
            f"Groups that span more than half a window ({length // 2} letters): {n_parted:,}; "
            "scored in parts."
        )
    sets.sort(key=lambda one: min(rows[variant] for variant in one))
    return list(_without_copies(sets)), done


def _groups(variants: list[_Variant]) -> list[list[_Variant]]:
    """Variants of each group and chromosome, by their place."""
    groups: dict[tuple[str, str], list[_Variant]] = {}
    for variant in variants:
        if variant.group:
            groups.setdefault((variant.group, variant.chrom), []).append(variant)
    return [
        sorted(one, key=lambda variant: (variant.change.start, variant.change.end))
        for one in groups.values()
    ]


def _parts(members: list[_Variant], most: int, overlapping: list[_Variant]) -> Iterator[_Set]:
    """Cut a group where it spans more than `most` letters; collect what overlaps."""
    part: list[_Variant] = []
    for variant in members:
        before = part[-1].change if part else None
        if before and variant.change.start < max(before.end, before.start + 1):
            overlapping.append(variant)
            continue
        if part and _size([one.change for one in [*part, variant]]) > most:
            yield tuple(part)
            part = []
        part.append(variant)
    yield tuple(part)


def _without_copies(sets: list[_Set]) -> Iterator[_Set]:
    """Drop sets of groups that repeat another's: a variant on both haplotypes is scored once."""
    seen = set()
    for one in sets:
        key = tuple((v.chrom, v.position, v.ref, v.alt) for v in one)
        if not one[0].group or key not in seen:
            yield one
        if one[0].group:
            seen.add(key)


def _told(one: _Set) -> tuple[object, ...]:
    """Say which variants share a window: `COLUMNS`."""
    names, refs, alts = zip(*((v.name, v.ref, v.alt) for v in one))
    return "+".join(names), one[0].chrom, one[0].position, ",".join(refs), ",".join(alts)
