"""Rules on motifs that must not, or must, have a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.design.constraints import Constraints
from motifbook.design.motif_hits import for_both_strands
from motifbook.design.ordered import BoolArray, IntArray, Ordered, spread
from motifbook.design.rule import Rule, StretchRule
from motifbook.motif.distribution import STEP, in_steps, score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import score_positions

P_VALUE = 1e-4  # of a position that is a site
_NEVER = -(10**6)  # steps; the score of an unknown letter


def motif_rules(asked: Constraints) -> list[Rule]:
    """Make the rules on motifs that must not, and must, have a site."""
    rules: list[Rule] = [_site(f"a site of {one.name}", one) for one in asked.forbid]
    rules += [Required(f"no site of {one.name}", _site("", one), one) for one in asked.require]
    return rules


@dataclass(frozen=True, eq=False)
class _Site(StretchRule):
    """Scores of a motif in steps, per strand, and from which on a position is a site."""

    matrices: tuple[IntArray, ...]
    threshold: float

    def scores(self, ordered: Ordered) -> npt.NDArray[np.float32]:
        """Score of the better strand, (n, n_stretches), in steps."""
        each = [score_positions(one, ordered.words, unknown=_NEVER) for one in self.matrices]
        better: npt.NDArray[np.float32] = np.maximum.reduce(each)
        return better

    def begins(self, ordered: Ordered) -> BoolArray:
        return self.scores(ordered) >= self.threshold - 0.5


def _site(name: str, motif: Motif) -> _Site:
    """Scores against the motif's own background, averaged over strands; see `scan_motifs`."""
    alphabet, averaged = motif.alphabet, for_both_strands(motif)
    matrix = in_steps(averaged.pssm())
    distribution = score_distribution(matrix * STEP, averaged.background)
    rarest = float(distribution.tails[distribution.tails > 0].min())
    threshold = distribution.threshold(max(P_VALUE, rarest)) / STEP
    matrices = [matrix]
    if alphabet.has_strands:
        matrices.append(matrix[alphabet.complement_codes[:-1], ::-1])
    return _Site(name, motif.width, tuple(matrices), threshold)


@dataclass(frozen=True, eq=False)
class Required(Rule):
    """A motif that must have a site.

    Parameters
    ----------
    site
        What counts as one.
    motif
        Of which it is.
    """

    site: _Site
    motif: Motif

    def count(self, ordered: Ordered) -> IntArray:
        """Bits that the best position of each lacks, rounded up, (n,)."""
        best = self.site.scores(ordered).max(axis=1, initial=_NEVER)
        missing: IntArray = np.ceil((self.site.threshold - 0.5 - best) * STEP).astype(np.int64)
        return np.maximum(missing, 0)

    def columns(self, ordered: Ordered) -> BoolArray:
        """Letters of the best positions, (n, width), where none is a site."""
        scores = self.site.scores(ordered)
        best = scores == scores.max(axis=1, keepdims=True, initial=_NEVER)
        best &= (self.count(ordered) > 0)[:, None]
        return spread(best, self.site.size, ordered.width)

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        """Nothing: whether a site fits is found out by trying."""
        return np.zeros_like(editable)
