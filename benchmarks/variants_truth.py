"""Variants whose truth is known, and how calls are judged by it: for `benchmarks.variants`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

import motifbook as mb
from motifbook.data.simulation.rules import AdditiveRule
from motifbook.motif.scan import prepare, scan_motifs, score_positions
from motifbook.onehot import encode
from motifbook.variants.changes import Change, apply_changes, lift

LENGTH = 200
SIZES = {"graded": 10_000, "tut2": 5000}
MOTIFS = {"SPI1": "MA0080.7", "JUN": "MA0489.3", "GATA1": "MA0035.5", "RUNX2": "MA0511.2"}
EFFECTS = {"SPI1": 2.0, "JUN": 1.5, "GATA1": -1.0, "RUNX2": -2.0}
EDGE = 20  # letters at either end, where windows of filters do not fit around a site
SIGNAL = 0.8  # share of the variance
HIGH, MIDDLE, LOW, MOVED = 0.8, 0.5, 0.2, 0.2  # of occupancy

AT_THE_END = "site replaced, at an end"

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Planted motifs, and the score at which a site of each is half occupied."""

    motifs: list[mb.Motif]
    middle: list[float]

    @classmethod
    def of(cls, ppms: dict[str, FloatArray]) -> Truth:
        motifs = [mb.Motif(name, ppm) for name, ppm in ppms.items()]
        middle = []
        for motif in motifs:
            mean = (motif.ppm * motif.pssm()).sum(axis=0)
            variance = (motif.ppm * motif.pssm() ** 2).sum(axis=0) - mean**2
            middle.append(float(mean.sum() - variance.sum() ** 0.5))
        return cls(motifs, middle)

    def occupancy(self, sequences: list[str]) -> dict[str, FloatArray]:
        """Of a site that starts at each place, on its better strand: motif -> (n, length)."""
        longest = max(map(len, sequences))
        words = prepare(encode([sequence.ljust(longest, "N") for sequence in sequences]))
        found = {}
        for motif, middle in zip(self.motifs, self.middle):
            strands = [
                score_positions(one.pssm(), words, unknown=-100.0)
                for one in (motif, motif.reverse_complement())
            ]
            found[motif.name] = expit(np.maximum(*strands).astype(float) - middle)
        return found

    def width(self, name: str) -> int:
        return next(motif.width for motif in self.motifs if motif.name == name)


def graded(occupancy: dict[str, FloatArray]) -> FloatArray:
    """The readout of the graded set, without noise, (n,)."""
    return np.sum([EFFECTS[name] * one.sum(axis=1) for name, one in occupancy.items()], axis=0)


def make(name: str, seed: int) -> tuple[Any, Truth]:
    """Sequences with readouts, and their truth."""
    n, rule = SIZES[name], "tut2"
    if name == "graded":  # sites as of an additive rule; its readouts are replaced
        rule = AdditiveRule(MOTIFS, [[effect] for effect in EFFECTS.values()])
    adata = mb.simulate(n=n, length=LENGTH, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=seed)
    truth = Truth.of(adata.uns["truth"]["motifs"])
    if name == "graded":
        signal = graded(truth.occupancy(adata.obs["sequence"].tolist()))
        noise = np.random.default_rng([seed, 1]).standard_normal(n)
        noise *= (signal.var() * (1 - SIGNAL) / SIGNAL) ** 0.5
        adata.X = (signal + noise)[:, None].astype(np.float32)
    return adata, truth


class Pair(NamedTuple):
    """A variant: the reference, what changes, and which planted site is replaced or written."""

    reference: str
    changes: list[Change]
    site: tuple[str, str, int, int] | None = None  # fate, motif, start, end on its own allele

    @property
    def alternative(self) -> str:
        return apply_changes(self.reference, self.changes)


class Maker:
    """Makes variants of sequences with planted sites."""

    def __init__(self, adata: Any, truth: Truth, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 2])
        test = adata.obs[adata.obs["split"] == "test"]
        self.sequences = test["sequence"].to_dict()
        sites = adata.uns["truth"]["sites"]
        sites = sites[sites["sequence"].isin(self.sequences)]
        self.sites = {name: own for name, own in sites.groupby("sequence")}
        self.motifs = {motif.name: motif for motif in truth.motifs}
        self.ways = {
            "SNV in a site": self.letter_of_site,
            "SNV elsewhere": self.letter_elsewhere,
            "site replaced": self.replaced,
            "site deleted": self.deleted,
            "site written": self.written,
            AT_THE_END: self.replaced,
            "indel": self.indel,
            "several": self.several,
        }

    def variants(self, kind: str, n: int) -> list[Pair]:
        """Make `n` variants of a kind."""
        found: list[Pair] = []
        while len(found) < n:
            name = str(self.rng.choice(list(self.sites)))
            pair = self.ways[kind](self.sequences[name], self.sites[name])
            found += [pair] if pair and self.is_inside(pair) != (kind == AT_THE_END) else []
        return found

    def is_inside(self, pair: Pair) -> bool:
        """Whether all that changes lies away from the ends, as in the windows of a VCF file."""
        starts, ends = zip(*((change.start, change.end) for change in pair.changes))
        return min(starts) >= EDGE and max(ends) <= len(pair.reference) - EDGE

    def any_site(self, sites: pd.DataFrame) -> tuple[str, int, int]:
        site = sites.iloc[self.rng.integers(len(sites))]
        return site.motif, int(site.start), int(site.end)

    def other_letter(self, sequence: str, at: int) -> Pair:
        letter = str(self.rng.choice([one for one in "ACGT" if one != sequence[at]]))
        return Pair(sequence, [Change(at, sequence[at], letter)])

    def letter_of_site(self, sequence: str, sites: pd.DataFrame) -> Pair:
        _, start, end = self.any_site(sites)
        return self.other_letter(sequence, int(self.rng.integers(start, end)))

    def letter_elsewhere(self, sequence: str, sites: pd.DataFrame) -> Pair | None:
        at = int(self.rng.integers(len(sequence)))
        is_in_site = ((sites.start <= at) & (at < sites.end)).any()
        return None if is_in_site else self.other_letter(sequence, at)

    def replaced(self, sequence: str, sites: pd.DataFrame) -> Pair:
        name, start, end = self.any_site(sites)
        change = Change(start, sequence[start:end], self.letters(end - start))
        return Pair(sequence, [change], ("destroyed", name, start, end))

    def deleted(self, sequence: str, sites: pd.DataFrame) -> Pair:
        name, start, end = self.any_site(sites)
        change = Change(start, sequence[start:end], "")
        return Pair(sequence, [change], ("destroyed", name, start, end))

    def written(self, sequence: str, sites: pd.DataFrame) -> Pair | None:
        name = str(self.rng.choice(list(self.motifs)))
        drawn = self.draw(name)
        at = int(self.rng.integers(0, len(sequence) - len(drawn)))
        end = at + len(drawn)
        if ((sites.start < end) & (sites.end > at)).any():
            return None
        return Pair(sequence, [Change(at, sequence[at:end], drawn)], ("created", name, at, end))

    def indel(self, sequence: str, sites: pd.DataFrame) -> Pair:
        """Up to ten letters put in or taken out, in a site or within 20 letters of one."""
        _, start, end = self.any_site(sites)
        near = 0 if self.rng.random() < 0.5 else 20
        at = int(self.rng.integers(start - near, end + near))
        at, size = min(max(at, 0), len(sequence) - 11), int(self.rng.integers(1, 11))
        if self.rng.random() < 0.5:
            return Pair(sequence, [Change(at, "", self.letters(size))])
        return Pair(sequence, [Change(at, sequence[at : at + size], "")])

    def several(self, sequence: str, sites: pd.DataFrame) -> Pair | None:
        """Two to four of the others, ten letters apart or more."""
        kinds = self.rng.choice(
            ["SNV in a site", "SNV elsewhere", "indel"], self.rng.integers(2, 5)
        )
        parts = [self.ways[kind](sequence, sites) for kind in kinds]
        changes = [change for part in parts if part for change in part.changes]
        changes.sort(key=lambda change: change.start)
        is_apart = all(b.start - a.end >= 10 for a, b in itertools.pairwise(changes))
        return Pair(sequence, changes) if is_apart and len(changes) == len(kinds) else None

    def gap(self, wider: bool) -> list[Pair]:
        """Pairs of TAL1 and GATA1 moved apart, from 6-10 to 13-17; or together, from 20-50 to 8."""
        found = []
        for name, sites in self.sites.items():
            if set(sites["motif"]) != {"TAL1::TCF3", "GATA1"} or len(sites) != 2:
                continue
            left, right = sites.sort_values("start").itertuples()
            gap, sequence = right.start - left.end, self.sequences[name]
            if wider and gap <= 10:
                found.append(Pair(sequence, [Change(left.end + gap // 2, "", self.letters(7))]))
            elif gap > 10 and not wider:
                first, last = left.end + 4, right.start - 4
                found.append(Pair(sequence, [Change(first, sequence[first:last], "")]))
        return found

    def letters(self, n: int) -> str:
        return "".join(self.rng.choice(list("ACGT"), n))

    def draw(self, name: str) -> str:
        """A site drawn from its matrix, on either strand."""
        motif = self.motifs[name]
        if self.rng.random() < 0.5:
            motif = motif.reverse_complement()
        return "".join("ACGT"[self.rng.choice(4, p=column)] for column in motif.ppm.T)


Site = tuple[str, int, int]  # motif, start, end
Calls = dict[tuple[int, str], list[Site]]  # variant, fate -> sites on their own allele


@dataclass(frozen=True)
class Side:
    """One variant seen from the allele that has a site: occupancy here and on the other allele."""

    truth: Truth
    own: dict[str, FloatArray]  # motif -> (length,)
    other: dict[str, FloatArray]
    changes: list[Change]
    fate: str

    def lost(self) -> list[Site]:
        """Sites that the other allele has lost, clearly."""
        found: list[Site] = []
        for name, own in self.own.items():
            width, taken = self.truth.width(name), []
            for start in np.argsort(-own):
                if own[start] < HIGH:
                    break
                if all(abs(start - one) > width // 2 for one in taken):
                    taken.append(start)
                    site = (name, int(start), int(start) + width)
                    if self.there(site) <= LOW:
                        found.append(site)
        return found

    def here(self, site: Site) -> float:
        return self._best(self.own, site[0], (site[1] + site[2]) / 2)

    def there(self, site: Site) -> float:
        middle = (site[1] + site[2]) / 2
        carried = lift(np.array([int(middle)]), self.changes, to_reference=self.fate == "created")
        return self._best(self.other, site[0], float(carried[0]))

    def _best(self, occupied: dict[str, FloatArray], name: str, middle: float) -> float:
        """Largest occupancy of a site of which half lies on one at `middle`."""
        width = self.truth.width(name)
        first = int(np.ceil(middle - width))
        part = occupied[name][max(first, 0) : max(first + width + 1, 0)]
        return float(part.max()) if len(part) else 0.0

    def verdict(self, site: Site, planted: Site | None) -> str:
        """What a call is; `planted`: the site that the variant replaced or wrote on purpose."""
        if site[0] not in self.own:
            return "wrong"
        here, there = self.here(site), self.there(site)
        if here >= MIDDLE > there or (planted and overlaps(site, planted)):
            return "right"
        return "between" if here - there >= MOVED else "wrong"


def overlaps(one: Site, other: Site) -> bool:
    return one[0] == other[0] and one[1] < other[2] and one[2] > other[1]


def judge(calls: Calls, pairs: list[Pair], truth: Truth, *, counts_planted: bool) -> pd.DataFrame:
    """Count per variant true events, those named, and calls: right, in between and wrong.

    `counts_planted`: whether a planted site is one, however weak.
    """
    before = truth.occupancy([pair.reference for pair in pairs])
    after = truth.occupancy([pair.alternative for pair in pairs])
    rows = []
    for row, pair in enumerate(pairs):
        counts = dict.fromkeys(("true", "named", "right", "between", "wrong"), 0)
        alleles = [{name: one[row] for name, one in each.items()} for each in (before, after)]
        for fate, (own, other) in (("destroyed", alleles), ("created", alleles[::-1])):
            side = Side(truth, own, other, pair.changes, fate)
            called, lost = calls.get((row, fate), []), side.lost()
            counts["true"] += len(lost)
            counts["named"] += sum(any(overlaps(c, site) for c in called) for site in lost)
            planted = pair.site[1:] if pair.site and pair.site[0] == fate else None
            for site in called:
                counts[side.verdict(site, planted if counts_planted else None)] += 1
        rows.append(counts)
    return pd.DataFrame(rows)


def called_by_network(compared: Any, names: dict[str, str]) -> Calls:
    calls: Calls = {}
    for one in compared.instances.itertuples():
        if one.fate in ("destroyed", "created"):
            start = one.start_reference if one.fate == "destroyed" else one.start_alternative
            site = (names[one.motif], int(start), int(start + one.width))
            calls.setdefault((one.variant, one.fate), []).append(site)
    return calls


def called_by_matrix(pairs: list[Pair], truth: Truth) -> Calls:
    """The peer: hits of the planted matrices themselves, p <= 1e-4, on one allele only."""
    length = max(len(pair.alternative) for pair in pairs)
    hits = []
    for made in ([pair.reference for pair in pairs], [pair.alternative for pair in pairs]):
        letters = encode([sequence.ljust(length + LENGTH, "N") for sequence in made])
        table = scan_motifs(truth.motifs, letters, p_value=1e-4, background=[0.25] * 4)
        hits.append({key: own for key, own in table.groupby(["sequence", "motif"])})
    calls: Calls = {}
    for own, other, fate in ((hits[0], hits[1], "destroyed"), (hits[1], hits[0], "created")):
        for (row, name), table in own.items():
            there = other[row, name]["start"].to_numpy() if (row, name) in other else np.zeros(0)
            starts = np.unique(table["start"].to_numpy())
            at = lift(starts, pairs[row].changes, to_reference=fate == "created")
            width = truth.width(name)
            calls.setdefault((row, fate), []).extend(
                (name, int(start), int(start) + width)
                for start, place in zip(starts, at)
                if not len(there) or np.abs(there - place).min() > width / 2
            )
    return calls


def table_of(pairs: list[Pair]) -> pd.DataFrame:
    return pd.DataFrame([(p.reference, p.alternative) for p in pairs], columns=["ref", "alt"])
