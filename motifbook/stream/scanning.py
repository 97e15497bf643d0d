"""What streaming needs of a scan: plan it once, find hits in some rows, name them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.motif import scan
from motifbook.motif.distribution import STEP, ScoreDistribution, in_steps, score_distribution
from motifbook.motif.matrix import FloatArray, Motif
from motifbook.motif.word_search import Search
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
HIT = ("row", "start", "motif", "strand", "steps")  # columns of hits as numbers


@dataclass(frozen=True, eq=False)
class Finder:
    """Finds hits in some rows; small enough to travel with each piece of work.

    Parameters
    ----------
    motifs
        In one alphabet.
    shares : (n_letters,)
        Background, see `background_of`.
    p_value, both
        As of `mb.scan`: its p-value; whether both strands are scanned.
    token
        Of the same word are finders that find the same; a process plans their scan once.
    """

    motifs: Sequence[Motif]
    shares: FloatArray
    p_value: float
    both: bool
    token: str

    def __hash__(self) -> int:
        return hash(self.token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finder) and other.token == self.token

    def __call__(self, letters: Letters) -> npt.NDArray[np.int32]:
        """Hits in letter codes, (n_hits, 5), in the order of the hits table; see `HIT`."""
        found = scan._find(_planned(self), letters, self.motifs[0].alphabet.n_letters)
        widths = np.array([motif.width for motif in self.motifs])
        found["end"] = found["start"] + widths[found["motif"].to_numpy()]
        found = found.sort_values(["row", "start", "end", "motif", "strand"])
        return found[list(HIT)].to_numpy(dtype=np.int32)


@functools.lru_cache(maxsize=1)
def _planned(finder: Finder) -> list[Search]:
    with warnings.catch_warnings():  # `stream_hits` names motifs that are too short
        warnings.simplefilter("ignore")
        return scan._plan(finder.motifs, finder.shares, finder.p_value, finder.both)[1]


def distributions_for(finder: Finder) -> list[ScoreDistribution]:
    """Return each motif's score distribution; a warning names motifs too short for a hit."""
    return scan._plan(finder.motifs, finder.shares, finder.p_value, finder.both)[0]


def step_matrix(motifs: Sequence[Motif], shares: FloatArray) -> IntArray:
    """Scores of all motifs side by side in steps, (n_letters, n_columns)."""
    columns = [in_steps(replace(motif, background=tuple(shares)).pssm()) for motif in motifs]
    return np.concatenate(columns, axis=1)


def distributions_of(
    matrix: IntArray, widths: Sequence[int], shares: FloatArray
) -> list[ScoreDistribution]:
    """Each motif's score distribution, of `step_matrix`."""
    parts = np.split(matrix, np.cumsum(widths)[:-1], axis=1)
    return [score_distribution(part * STEP, shares) for part in parts]


def count(blocks: Iterable[Letters], motifs: Sequence[Motif]) -> tuple[list[float], IntArray]:
    """Count all blocks: share of each letter, and each motif's windows on one strand.

    Windows with unknown letters do not count.
    """
    letters = np.zeros(motifs[0].alphabet.n_letters + 1, dtype=np.int64)
    windows = np.zeros(len(motifs), dtype=np.int64)
    for block in blocks:
        letters += np.bincount(block.ravel(), minlength=len(letters))
        windows += scan._count_windows(block, motifs)
    known = letters[:-1] + 1  # a letter that never occurs is only rare
    shares: list[float] = (known / known.sum()).tolist()
    return shares, windows


def background_of(motif: Motif, shares: Sequence[float], both: bool) -> FloatArray:
    """Return letter shares as a scan uses them: averaged with their complement on both strands."""
    return scan.letter_shares(motif, np.zeros((0, 0), dtype=np.uint8), shares, both)


def bits(steps: IntArray) -> FloatArray:
    """Steps as scores of the hits table."""
    return np.asarray((pd.Series(steps) * STEP).round(3), dtype=np.float64)
