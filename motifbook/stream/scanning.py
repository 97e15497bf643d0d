"""What streaming needs of a scan: plan it once, find hits in some rows, name them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.motif.distribution import STEP
from motifbook.motif.matrix import FloatArray, Motif
from motifbook.motif.scan import count_windows, find, letter_shares, plan
from motifbook.motif.word_search import Search
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
HIT = ("row", "start", "motif", "strand", "steps")  # columns of hits as numbers


@dataclass(frozen=True, eq=False)
class Finder:
    """Finds hits in some rows; small enough to travel with each piece of work.

    Parameters
    ----------
    matrices, thresholds, complement
        As `motif.scan.plan` takes them.
    token
        Of the same word are finders that find the same; a process plans their scan once.
    """

    matrices: Sequence[IntArray]
    thresholds: Sequence[float]
    complement: Letters | None
    token: str

    def __hash__(self) -> int:
        return hash(self.token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finder) and other.token == self.token

    def __call__(self, letters: Letters) -> npt.NDArray[np.int32]:
        """Hits in letter codes, (n_hits, 5), in the order of the hits table; see `HIT`."""
        found = find(_planned(self), letters, len(self.matrices[0]))
        widths = np.array([matrix.shape[1] for matrix in self.matrices])
        found["end"] = found["start"] + widths[found["motif"].to_numpy()]
        found = found.sort_values(["row", "start", "end", "motif", "strand"])
        return found[list(HIT)].to_numpy(dtype=np.int32)


@functools.lru_cache(maxsize=1)
def _planned(finder: Finder) -> list[Search]:
    return plan(finder.matrices, finder.thresholds, finder.complement)


def count(blocks: Iterable[Letters], motifs: Sequence[Motif]) -> tuple[list[float], IntArray]:
    """Count all blocks: share of each letter, and each motif's windows on one strand.

    Windows with unknown letters do not count.
    """
    letters = np.zeros(motifs[0].alphabet.n_letters + 1, dtype=np.int64)
    windows = np.zeros(len(motifs), dtype=np.int64)
    for block in blocks:
        letters += np.bincount(block.ravel(), minlength=len(letters))
        windows += count_windows(block, motifs)
    known = letters[:-1] + 1  # a letter that never occurs is only rare
    shares: list[float] = (known / known.sum()).tolist()
    return shares, windows


def background_of(motif: Motif, shares: Sequence[float], both: bool) -> FloatArray:
    """Return letter shares as a scan uses them: averaged with their complement on both strands."""
    return letter_shares(motif, np.zeros((0, 0), dtype=np.uint8), shares, both)


def bits(steps: IntArray) -> FloatArray:
    """Steps as scores of the hits table."""
    return np.asarray((pd.Series(steps) * STEP).round(3), dtype=np.float64)
