"""From effects of planted pairs, at every gap and orientation, to rules of pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.discover.syntax.gap_curves import EITHER, merged, mirrored, runs, strand_groups
from motifbook.motif.matrix import Motif

SMALLEST = 0.3  # of the strongest effect in the network: weaker pairs are no rule
BRIDGE = 1  # gaps without effect that may lie within a range
ANY = 0.8  # of the gaps tried, from which the distance does not matter
HARD = 2  # at most so many gaps: one fixed distance
FIRST = "motif_a first"


@dataclass(frozen=True)
class Rule:
    """Two motifs that do something together which neither does alone.

    Parameters
    ----------
    motif_a, motif_b
        Names.
    order
        "motif_a first", or "either" where the order makes no difference.
    orientation
        Strands of motif_a and motif_b, "±" where a strand makes no difference.
    gap_min, gap_max
        Letters between the two.
    spacing
        "hard": at most two gaps; "any": four fifths of the gaps tried or more; "soft": a range
        between.
    readout
        Its name.
    effect, lower, upper
        What the pair adds, mean over these gaps, and the mean of the bounds of its 95 % interval
        (the true interval is narrower).
    n, unit
        Backgrounds; "logit" or "readout".
    """

    motif_a: str
    motif_b: str
    order: str
    orientation: str
    gap_min: int
    gap_max: int
    spacing: str
    readout: str
    effect: float
    lower: float
    upper: float
    n: int
    unit: str

    @property
    def forward(self) -> Rule:
        """The rule as it reads on the strand where more motifs are on their + strand."""
        turned = mirrored(self.orientation)
        if self.orientation in ("+-", "-+"):  # the same from both strands
            return replace(self, order="either")
        if turned.count("-") >= self.orientation.count("-"):
            return self
        return self.swapped(turned)

    def swapped(self, orientation: str) -> Rule:
        """The rule with the other motif first."""
        return replace(self, motif_a=self.motif_b, motif_b=self.motif_a, orientation=orientation)

    def is_twin(self, other: Rule) -> bool:
        """Whether two rules differ in the order alone, and their gaps by at most one letter."""
        return (
            self.motif_a != self.motif_b
            and replace(other, motif_a=self.motif_a, motif_b=self.motif_b).kind == self.kind
            and (self.motif_a, self.motif_b) == (other.motif_b, other.motif_a)
            and abs(self.gap_min - other.gap_min) <= 1
            and abs(self.gap_max - other.gap_max) <= 1
        )

    @property
    def gaps(self) -> range:
        """Every gap it stands for."""
        return range(self.gap_min, self.gap_max + 1)

    @property
    def strands(self) -> list[str]:
        """The orientations, without "±", that it stands for."""
        signs = ["+-" if sign == EITHER else sign for sign in self.orientation]
        return [a + b for a in signs[0] for b in signs[1]]

    @property
    def kind(self) -> tuple[str, str, str, bool]:
        """What rules have in common that may be one."""
        return self.motif_a, self.motif_b, self.orientation, self.effect > 0

    def is_part_of(self, other: Rule) -> bool:
        """Whether it says, of the same motifs, something about gaps that the other covers too."""
        return (
            {self.motif_a, self.motif_b} == {other.motif_a, other.motif_b}
            and self.readout == other.readout
            and self.effect * other.effect > 0
            and self.gap_min <= other.gap_max
            and other.gap_min <= self.gap_max
        )

    def joined(self, other: Rule) -> Rule:
        """One rule of two that differ in the order alone."""
        return replace(
            self,
            order="either",
            gap_min=min(self.gap_min, other.gap_min),
            gap_max=max(self.gap_max, other.gap_max),
            effect=(self.effect + other.effect) / 2,
            lower=(self.lower + other.lower) / 2,
            upper=(self.upper + other.upper) / 2,
        )


RULE_COLUMNS = tuple(field.name for field in fields(Rule))


@dataclass(frozen=True)
class Curves:
    """What one pair adds, by gap and orientation, for one readout.

    Parameters
    ----------
    motif_a, motif_b, readout, unit, n
        As in the table of `experiment.space`.
    effect, lower, upper
        By gap (rows) and orientation (columns), beyond `shared`.
    shared
        What the pair adds at most gaps only because one of the two is enough: between 0 and what
        the weaker motif does alone, of the opposite sign; 0 where they do opposite things.
    alone_a, alone_b
        Mean effects of each motif at these places.
    """

    motif_a: str
    motif_b: str
    readout: str
    unit: str
    n: int
    effect: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    shared: float
    alone_a: float
    alone_b: float

    @classmethod
    def of(cls, table: pd.DataFrame, *, tied: bool) -> Curves:
        """Of the rows of one pair and readout; `tied`: both strands are read alike."""
        first = table.iloc[0]
        effect, lower, upper = (
            table.pivot_table(index="gap", columns="orientation", values=column)
            for column in ("effect", "lower", "upper")
        )
        if tied and first["motif_a"] == first["motif_b"]:  # the mirror image was not tried
            for curves in (effect, lower, upper):
                curves["--"] = curves["++"]
        a, b = float(table["alone_a"].mean()), float(table["alone_b"].mean())
        shared = _shared(float(np.nanmedian(effect.to_numpy())), a, b)
        return cls(
            motif_a=first["motif_a"],
            motif_b=first["motif_b"],
            readout=first["readout"],
            unit=first["unit"],
            n=int(first["n"]),
            effect=effect - shared,
            lower=lower - shared,
            upper=upper - shared,
            shared=shared,
            alone_a=a,
            alone_b=b,
        )

    @property
    def largest(self) -> float:
        """Largest size of anything these two do."""
        pair = float(self.effect.abs().max().max())
        return max(pair, abs(self.alone_a), abs(self.alone_b))

    def is_one_enough(self, effect: float, tolerance: float) -> bool:
        """Whether an effect says only that a second motif adds nothing to the first."""
        if self.alone_a * self.alone_b <= 0 or effect * self.alone_a >= 0:
            return False
        weaker = min(abs(self.alone_a), abs(self.alone_b))
        return abs(effect + self.shared) <= weaker + tolerance


def _shared(usual: float, alone_a: float, alone_b: float) -> float:
    """The part of the usual effect of a pair that says: one of the two is enough."""
    if alone_a * alone_b <= 0:
        return 0.0
    weaker = min(abs(alone_a), abs(alone_b))
    return float(-np.sign(alone_a) * np.clip(-np.sign(alone_a) * usual, 0, weaker))


def find_rules(
    effects: pd.DataFrame,
    *,
    tied: bool,
    smallest: float = SMALLEST,
    strongest: Mapping[str, float] | None = None,
) -> list[Rule]:
    """Find the pairs that do something together, and at which gaps.

    Parameters
    ----------
    effects
        Rows of `experiment.space` for some pairs.
    tied
        Whether both strands are read alike, so that a pair and its mirror image are one.
    smallest
        A rule's effect is at least this share of the strongest effect in the network, be it of a
        pair or of a motif alone.
    strongest
        That strongest effect for each readout, if a larger one is known than those in `effects`.

    Returns
    -------
    list of Rule
        Strongest first.

    Notes
    -----
    The range of a rule are the neighboring gaps with more than half of the largest effect in that
    orientation. A pair of which one motif is enough (their effects do not add up, as in a network
    that looks at the best site only) is no rule, at whatever distance; a rule's effect is counted
    from there.
    """
    found: list[Rule] = []
    for readout, table in effects.groupby("readout", sort=False):
        pairs = [
            Curves.of(pair, tied=tied)
            for _, pair in table.groupby(["motif_a", "motif_b"], sort=False)
        ]
        top = max([(strongest or {}).get(str(readout), 0.0), *(pair.largest for pair in pairs)])
        rules = [rule for pair in pairs for rule in _rules_of(pair, smallest * top)]
        found += _orders_joined([rule.forward for rule in rules] if tied else rules)
    return sorted(found, key=lambda rule: -abs(rule.effect))


def _rules_of(pair: Curves, cut: float) -> Iterator[Rule]:
    """Every range of gaps with an effect of at least `cut`, in every orientation."""
    groups = strand_groups(pair.effect)
    effect, lower, upper = (merged(c, groups) for c in (pair.effect, pair.lower, pair.upper))
    is_same = pair.motif_a == pair.motif_b
    for orientation, sign in product(groups, (1, -1)):
        for first, last in _ranges(sign * effect[orientation].dropna(), cut):
            mean, low, high = (
                float(curves.loc[first:last, orientation].mean())
                for curves in (effect, lower, upper)
            )
            is_clear = low > 0 or high < 0
            if abs(mean) < cut or not is_clear or pair.is_one_enough(mean, cut):
                continue
            yield Rule(
                pair.motif_a,
                pair.motif_b,
                order="either" if is_same or orientation == EITHER * 2 else FIRST,
                orientation=orientation,
                gap_min=first,
                gap_max=last,
                spacing=_spacing(first, last, len(effect)),
                readout=pair.readout,
                effect=mean,
                lower=low,
                upper=high,
                n=pair.n,
                unit=pair.unit,
            )


def _ranges(curve: pd.Series, cut: float) -> list[tuple[int, int]]:
    """Neighboring gaps above half of the curve's maximum, if that reaches `cut`; or all gaps."""
    peak = float(curve.max()) if len(curve) else 0.0
    if peak < cut:
        return []
    usual = float(curve.median())
    if usual >= cut and (curve > usual / 2).mean() >= ANY:  # a peak may stand out of it
        return [(int(curve.index[0]), int(curve.index[-1]))]
    return runs(curve.index[curve > peak / 2], BRIDGE)


def _spacing(first: int, last: int, n_tried: int) -> str:
    n_gaps = last - first + 1
    if n_gaps >= ANY * n_tried and n_tried > HARD:
        return "any"
    return "hard" if n_gaps <= HARD else "soft"


def _orders_joined(rules: list[Rule]) -> list[Rule]:
    """One rule of two that differ only in which motif comes first, or in nothing."""
    found: list[Rule] = []
    for rule in dict.fromkeys(rules):
        twin = next((i for i, other in enumerate(found) if rule.is_twin(other)), None)
        if twin is None:
            found.append(rule)
        else:
            found[twin] = found[twin].joined(rule)
    return found


def refuse_repeated(motifs: Sequence[Motif]) -> None:
    """Refuse motifs of one name: a rule calls them by their names."""
    repeated = [name for name, n in Counter(motif.name for motif in motifs).items() if n > 1]
    if repeated:
        raise _check.InputError(
            f"`motifs` holds {repeated[0]!r} more than once; expected different names, such as "
            "those of mb.name_motifs."
        )
