"""Where the motifs of a design stand: the same scan for the search and for the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from motifbook.motif.distribution import STEP, in_steps, score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import prepare, score_positions
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

HIT = 1e-4  # p-value per position up to which a place is a hit
WEAK = 1e-3  # and up to which it is a weak one
ROWS_AT_ONCE = 1024  # bounds memory
STRANDS = "+-"


@dataclass(frozen=True, eq=False)
class Hits:
    """Hits of motifs, one row each, by row and start.

    Parameters
    ----------
    row, motif, start : (n_hits,)
        Numbers of the sequence and of the motif; column at which it starts.
    strand : (n_hits,)
        0 for "+", 1 for "-".
    bits : (n_hits,)
        Log2 odds.
    """

    row: IntArray
    motif: IntArray
    start: IntArray
    strand: IntArray
    bits: FloatArray

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Hits:
        """Some of the hits."""
        return Hits(*(getattr(self, field.name)[which] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.row)


class HitFinder:
    """Finds hits of some motifs, on both strands where there are two.

    A hit is a place that one in 10,000 random ones matches as well, or, for motifs so short that
    none is as rare, the best letters. Of two places of a motif that share half of their letters,
    on any strand, the better one is the hit.

    Attributes
    ----------
    motifs
        As given.
    widths, least, weak, best : (n_motifs,)
        Columns; bits of a hit, of a weak one, and of the best letters.
    """

    def __init__(self, motifs: Sequence[Motif]) -> None:
        self.motifs = tuple(motifs)
        self.widths = np.array([motif.width for motif in self.motifs], dtype=np.int64)
        self._matrices = [_on_strands(motif) for motif in self.motifs]
        self.best = np.array([m[0].max(axis=0).sum() for m in self._matrices])
        limits = [_limits(motif) for motif in self.motifs]
        self.least, self.weak = np.array(limits, dtype=np.float64).reshape(-1, 2).T

    def find(self, letters: Letters, *, weak: bool = False) -> Hits:
        """Hits in letter codes, (n, length), and weak ones if asked for."""
        limits = self.weak if weak else self.least
        found = [_nothing()]
        for first in range(0, len(letters), ROWS_AT_ONCE):
            block = self._peaks(letters[first : first + ROWS_AT_ONCE], limits)
            found += [replace(hits, row=hits.row + first) for hits in block]
        columns = [[getattr(one, field.name) for one in found] for field in fields(Hits)]
        hits = Hits(*(np.concatenate(column) for column in columns))
        return hits.take(np.lexsort((hits.motif, hits.start, hits.row)))

    def _peaks(self, letters: Letters, limits: FloatArray) -> Iterator[Hits]:
        """Hits of one motif after the other."""
        if not self.motifs:
            return
        words = prepare(letters, self.motifs[0].alphabet.n_letters)
        for number, (matrices, limit) in enumerate(zip(self._matrices, limits)):
            if self.widths[number] > letters.shape[1]:
                continue
            bits = np.stack([score_positions(one, words) for one in matrices])
            strand = (bits[-1] > bits[0] + 1e-3).astype(np.int64) * (len(bits) - 1)
            best = bits.max(axis=0).astype(np.float64)
            ranked = best - 1e-4 * np.arange(best.shape[1])  # of equals, the first
            reach = 2 * (int(self.widths[number]) // 2) + 1
            is_peak = ranked >= maximum_filter1d(ranked, reach, axis=1, mode="nearest")
            rows, starts = np.nonzero(is_peak & (best >= limit))
            motif = np.full(len(rows), number)
            yield Hits(rows, motif, starts, strand[rows, starts], best[rows, starts])

    def bits_at(self, letters: Letters, hits: Hits) -> FloatArray:
        """Log2 odds of other letters, (n, length), at the places of hits, (n_hits,)."""
        bits = np.zeros(len(hits))
        for number in np.unique(hits.motif).tolist():
            for strand, matrix in enumerate(self._matrices[number]):
                own = np.flatnonzero((hits.motif == number) & (hits.strand == strand))
                columns = np.arange(matrix.shape[1])
                codes = letters[hits.row[own][:, None], hits.start[own][:, None] + columns]
                padded = np.vstack([matrix, np.full(matrix.shape[1], matrix.min())])
                bits[own] = padded[codes, columns].sum(axis=1)
        return bits

    def matrices(self, motif: int) -> list[FloatArray]:
        """Log2 odds of a motif on each strand, (n_letters, width)."""
        return self._matrices[motif]


def _nothing() -> Hits:
    none = np.zeros(0, dtype=np.int64)
    return Hits(none, none, none, none, np.zeros(0))


def for_both_strands(motif: Motif) -> Motif:
    """The motif against its background averaged over the strands, as `scan_motifs` scores it."""
    if not motif.alphabet.has_strands:
        return motif
    shares = np.array(motif.background)
    both = (shares + shares[motif.alphabet.complement_codes[:-1]]) / 2
    return replace(motif, background=tuple(both.tolist()))


def _on_strands(motif: Motif) -> list[FloatArray]:
    """Log2 odds as drawn and, where there are two strands, on the other one, in whole steps."""
    motif = for_both_strands(motif)
    oriented = [motif, motif.reverse_complement()] if motif.alphabet.has_strands else [motif]
    return [in_steps(one.pssm()).astype(np.float64) * STEP for one in oriented]


@lru_cache(maxsize=1000)
def _limits(motif: Motif) -> tuple[float, float]:
    """Bits of a hit and of a weak one; those of the best letters where none is as rare.

    Worked out once per motif, which never changes: every edit that is told anew asks for it. Best
    letters are those of `Motif.consensus`, with any in the columns that it leaves open.
    """
    matrix = _on_strands(motif)[0]
    distribution = score_distribution(matrix, for_both_strands(motif).background)
    is_open = np.array([letter == motif.alphabet.unknown.lower() for letter in motif.consensus])
    best = float(np.where(is_open, matrix.min(axis=0), matrix.max(axis=0)).sum())
    least, weak = (min(distribution.threshold(p), best) - STEP / 2 for p in (HIT, WEAK))
    return least, weak
