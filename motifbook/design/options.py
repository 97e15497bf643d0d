"""Expert settings of `design`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motifbook import _check
from motifbook.motif.matrix import Motif


@dataclass(frozen=True, eq=False)
class DesignOptions:
    """Settings that most designs need not touch.

    Parameters
    ----------
    motifs : list of Motif
        What can be placed, and gives edits their names; by default those of the network's
        filters. Renamed ones (`mb.name_motifs`) give readable edits.
    n_tries
        Searches per design that is returned; the best that differ are kept.
    n_steps
        Most edits in motifs, or most rounds, of a search.
    n_calls
        Most sequences that the networks score per search, on average over all; None for no limit.
    least_gain
        Smallest gain of an edit that is kept, in spreads of the readout (logits for binary ones).
    distance
        Least share of letters in which any two designs differ.
    caution
        Where several networks are asked: standard deviations between them that a score loses.
    """

    motifs: Sequence[Motif] | None = None
    n_tries: int = 2
    n_steps: int = 500
    n_calls: int | None = 1000
    least_gain: float = 0.02
    distance: float = 0.05
    caution: float = 0.0

    def __post_init__(self) -> None:
        for name in ("n_tries", "n_steps"):
            _check.whole_number(getattr(self, name), name)
        if self.n_calls is not None:
            _check.whole_number(self.n_calls, "n_calls")
        _check.number(self.least_gain, "least_gain", low=0)
        _check.number(self.distance, "distance", low=0, high=1)
        _check.number(self.caution, "caution", low=0)
