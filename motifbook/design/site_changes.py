"""What became of the sites of motifs, told from scans of the letters before and after an edit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from motifbook.design.motif_hits import STRANDS, FloatArray, HitFinder, Hits, IntArray
from motifbook.onehot import Letters

CLEAR = 1.0  # bits: a smaller change of a site is none
NEAR = 40  # letters to another site within which that is told


@dataclass(frozen=True)
class SiteChange:
    """What became of one site of a motif.

    Parameters
    ----------
    what
        "made", "destroyed", "strengthened", "weakened", "moved" or "turned" (to the other strand).
    motif
        Its number.
    start, strand
        Where it lies afterwards, or lay if it was destroyed; 0 for "+", 1 for "-".
    start_before
        Where it lay, if it moved.
    before, after
        Bits.
    near, near_before
        Gap to the nearest other site and what that is, in words; "" for none near.
    """

    what: str
    motif: int
    start: int
    strand: int
    before: float
    after: float
    start_before: int = -1
    near: str = ""
    near_before: str = ""

    def shifted(self, by: int) -> SiteChange:
        """The same where positions count from another letter."""
        return replace(self, start=self.start + by, start_before=self.start_before + by)


def site_changes(finder: HitFinder, before: Letters, after: Letters) -> list[list[SiteChange]]:
    """What became of the sites in sequences, (n, length) each, by what changed in them."""
    if not len(before) or not finder.motifs:
        return [[] for _ in before]
    touched = np.pad((before != after).cumsum(axis=1), ((0, 0), (1, 0)))
    old, new = (finder.find(letters, weak=True) for letters in (before, after))
    old_in_new, new_in_old = finder.bits_at(after, old), finder.bits_at(before, new)
    found = []
    for row in range(len(before)):
        sides = [
            _Side(finder, hits.take(own), bits[own], touched[row])
            for hits, bits in ((old, old_in_new), (new, new_in_old))
            for own in [np.arange(*np.searchsorted(hits.row, [row, row + 1]))]
        ]
        found.append(_compare(*sides))
    return found


class _Side:
    """Hits of one sequence, before or after an edit, with the bits of the other side there."""

    def __init__(
        self, finder: HitFinder, hits: Hits, other_bits: FloatArray, touched: IntArray
    ) -> None:
        self.finder, self.hits, self.other_bits = finder, hits, other_bits
        ends = hits.start + finder.widths[hits.motif]
        self.is_touched = touched[ends] > touched[hits.start]
        self.is_strong = hits.bits >= finder.least[hits.motif]

    def motif(self, number: int) -> int:
        """Number of the motif of a hit."""
        return int(self.hits.motif[number])

    def start(self, number: int) -> int:
        """Where a hit starts."""
        return int(self.hits.start[number])

    def same(self, motif: int, start: int) -> int:
        """Number of the hit of a motif that shares half of its letters with a place; -1 if none."""
        apart = np.abs(self.hits.start - start)
        fits = (self.hits.motif == motif) & (apart <= self.finder.widths[motif] // 2)
        return int(np.where(fits, apart, 10**9).argmin()) if fits.any() else -1

    def near(self, motif: int, start: int) -> str:
        """The nearest strong hit beside a place, such as "9 letters after TAL1 (+)"."""
        hits, widths = self.hits, self.finder.widths
        end = start + widths[motif]
        gap_after = start - (hits.start + widths[hits.motif])  # it comes first
        gap = np.maximum(gap_after, hits.start - end)
        fits = self.is_strong & (gap >= 0) & (gap <= NEAR)
        if not fits.any():
            return ""
        best = int(np.where(fits, gap, NEAR + 1).argmin())
        side = "after" if gap_after[best] == gap[best] else "before"
        name = self.finder.motifs[hits.motif[best]].name
        n_letters = "1 letter" if gap[best] == 1 else f"{gap[best]} letters"
        how_far = n_letters if gap[best] else "directly"
        return f"{how_far} {side} {name} ({STRANDS[hits.strand[best]]})"


def _compare(old: _Side, new: _Side) -> list[SiteChange]:
    """What became of every site of which a letter changed."""
    found, twins = [], set()
    for number in range(len(new.hits)):
        twin = old.same(new.motif(number), new.start(number))
        twins.add(twin)
        is_touched = new.is_touched[number] or (twin >= 0 and old.is_touched[twin])
        is_strong = new.is_strong[number] or (twin >= 0 and old.is_strong[twin])
        if is_touched and is_strong:
            found.append(_change(old, new, number, twin))
    for number in np.flatnonzero(old.is_touched & old.is_strong).tolist():
        if number not in twins and new.same(old.motif(number), old.start(number)) < 0:
            found.append(_loss(old, number))
    return [change for change in found if change.what]


def _change(old: _Side, new: _Side, number: int, twin: int) -> SiteChange:
    """What became of a site that is there afterwards; `twin` is the one before, -1 for none."""
    motif, start = new.motif(number), new.start(number)
    start_before = start if twin < 0 else old.start(twin)
    before = float(new.other_bits[number] if twin < 0 else old.hits.bits[twin])
    after = float(new.hits.bits[number])
    if twin < 0:
        what = "made"
    elif abs(after - before) >= CLEAR:
        what = "strengthened" if after > before else "weakened"
    elif new.hits.strand[number] != old.hits.strand[twin]:
        what = "turned"
    else:
        what = "moved" if start != start_before else ""
    near = new.near(motif, start), old.near(motif, start_before)
    strand = int(new.hits.strand[number])
    return SiteChange(what, motif, start, strand, before, after, start_before, *near)


def _loss(old: _Side, number: int) -> SiteChange:
    """A site that is there no more."""
    motif, start, strand = old.motif(number), old.start(number), int(old.hits.strand[number])
    bits = float(old.hits.bits[number]), float(old.other_bits[number])
    return SiteChange("destroyed", motif, start, strand, *bits, start, "", old.near(motif, start))
