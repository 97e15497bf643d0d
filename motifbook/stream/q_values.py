"""False discovery rates of any number of hits, from how often each score occurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.motif.distribution import ScoreDistribution, rising_q_values

IntArray = npt.NDArray[np.int64]
_SHIFT = 32  # a motif's number stands above the steps of its score


def keys_of(motifs: npt.NDArray[np.integer], steps: npt.NDArray[np.integer]) -> IntArray:
    """One number for each pair of motif and score, ordered by motif, then score."""
    return (motifs.astype(np.int64) << _SHIFT) + (steps.astype(np.int64) + (1 << (_SHIFT - 1)))


def motif_and_steps(keys: IntArray) -> tuple[IntArray, IntArray]:
    """What `keys_of` was given."""
    return keys >> _SHIFT, (keys & ((1 << _SHIFT) - 1)) - (1 << (_SHIFT - 1))


@dataclass(frozen=True)
class Counted:
    """How often each score of each motif occurs: grows with scores, not with hits.

    Parameters
    ----------
    keys : (n_scores,)
        Sorted; see `keys_of`.
    counts : (n_scores,)
    """

    keys: IntArray
    counts: IntArray

    @classmethod
    def of(cls, parts: Iterable[npt.NDArray[np.integer]]) -> Counted:
        """Count hits, (n_hits, 5) for each part, columns as `scanning.HIT`."""
        total = cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        for hits in parts:
            keys, counts = np.unique(keys_of(hits[:, 2], hits[:, 4]), return_counts=True)
            total = total.plus(cls(keys, counts.astype(np.int64)))
        return total

    def plus(self, other: Counted) -> Counted:
        """Both together."""
        keys, places = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, places.ravel(), np.concatenate([self.counts, other.counts]))
        return Counted(keys, counts)


def adjust(
    counted: Counted, distributions: Sequence[ScoreDistribution], n_tests: IntArray
) -> npt.NDArray[np.float64]:
    """p-value and q-value of each score, (n_scores, 2).

    Parameters
    ----------
    n_tests : (n_motifs,)
        Windows and strands that each motif was tried at.

    Notes
    -----
    Benjamini & Hochberg per motif: hits of one score share the rank of the last of them, so that
    counts suffice. The same numbers as `motif.distribution.q_values` of all hits.
    """
    made = np.ones((len(counted.keys), 2))
    numbers, steps = motif_and_steps(counted.keys)
    for number in np.unique(numbers).tolist():
        rows = np.flatnonzero(numbers == number)[::-1]  # the highest score first
        made[rows, 0] = distributions[number].tail(steps[rows])
        ranks = np.cumsum(counted.counts[rows])
        made[rows, 1] = rising_q_values(made[rows, 0], ranks, int(n_tests[number]))
    return made
