"""Where may motifs occur? Eight at a time, word by word, in coarse steps; then scored exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from motifbook.motif.columns import IntArray

Floats = npt.NDArray[np.float32]
AT_ONCE = 8  # bytes of a 64-bit number: one per strand of a motif
TOO_MUCH = 128  # the bit of a byte that tells of too many coarse steps lost


def word_size(n_letters: int) -> int:
    """How many letters make a word: five of DNA, so that tables have 4,096 entries at most."""
    return max(1, int(np.log(4096) / np.log(n_letters + 1)))


def word_table(columns: Floats, size: int, unknown: float) -> Floats:
    """Score of every word, ((n_letters + 1) ** size,); columns beyond the matrix count nothing."""
    table = np.zeros(1, dtype=np.float32)
    for column in range(size):
        if column < columns.shape[1]:
            row = np.append(columns[:, column], np.float32(unknown))
        else:
            row = np.zeros(len(columns) + 1, dtype=np.float32)
        table = (table[:, None] + row).ravel()
    return table


@dataclass(frozen=True)
class Strand:
    """One strand of a motif, cut into stretches of columns.

    Parameters
    ----------
    motif, strand
        Number of the motif; 0 for +, 1 for -.
    tables : (n_stretches, n_words) float32
        Steps that each word adds in each stretch.
    threshold
        Steps of a hit.
    """

    motif: int
    strand: int
    tables: Floats
    threshold: float

    @classmethod
    def of(
        cls, motif: int, strand: int, matrix: IntArray, *, threshold: float, unknown: float
    ) -> Strand:
        """Cut a matrix in steps, (n_letters, width), into stretches of a word each."""
        size, columns = word_size(len(matrix)), matrix.astype(np.float32)
        firsts = range(0, matrix.shape[1], size)
        tables = [word_table(columns[:, f : f + size], size, unknown) for f in firsts]
        return cls(motif, strand, np.array(tables), threshold)

    def losses(self) -> npt.NDArray[np.uint8]:
        """Coarse steps that each word loses against the best one, (n_stretches, n_words).

        They are rounded down, and more than a hit may lose is cut off, so that their sum has the
        bit `TOO_MUCH` only where there can be no hit, and stays within a byte.

        With three stretches of one column each, whose best letters score 5, 4 and 3, and a
        threshold of 6.5, at most 12 - 6.5 + 0.5 = 6 may be lost (a half for what is rounded), in
        (128 - 3) // 2 = 62 coarse steps. Losing
        1, 2 and 2 leaves 7, a hit: steps 10, 20 and 20 are together below 62. Losing 3, 3 and 1
        leaves 5, none: 31, 31 and 10 are above. The first stretch begins at 127 - 62 = 65, so
        that the sums are 115 and 137, and only the second has the bit of 128.
        """
        n = min(len(self.tables), TOO_MUCH // 2)  # so many are coarse enough for a byte
        most = self.tables.max(axis=1, keepdims=True)
        allowed = float(most.sum(dtype=np.float64)) - self.threshold + 0.5
        n_steps = (TOO_MUCH - n) // max(n - 1, 1)  # coarse steps that a hit may lose
        lost = np.floor((most - self.tables) * (n_steps / allowed))
        coarse: npt.NDArray[np.uint8] = np.minimum(lost, n_steps + 1).astype(np.uint8)
        coarse[n:] = 0
        coarse[0] += TOO_MUCH - 1 - n_steps
        return coarse


def searches(strands: Iterable[Strand], size: int) -> list[Search]:
    """Group strands as they come; best are those of as many stretches one after the other."""
    left, found = iter(strands), []
    while some := list(islice(left, AT_ONCE)):
        found.append(Search(some, size))
    return found


class Search:
    """Up to eight strands of motifs, looked for at once.

    What their words lose is added up in the eight bytes of one number. Where that leaves a hit
    possible, the windows are scored exactly.
    """

    def __init__(self, strands: Sequence[Strand], size: int) -> None:
        self.size = size
        self.origin = np.array([[strand.motif, strand.strand] for strand in strands])
        self.needed = np.array([strand.threshold for strand in strands]) - 0.5
        n_stretches = max(len(strand.tables) for strand in strands)
        self.reach = (n_stretches - 1) * size  # codes needed after the one at hand
        n_words = strands[0].tables.shape[1]
        self.tables = np.zeros((len(strands), n_stretches, n_words), dtype=np.float32)
        losses = np.zeros((n_stretches, n_words, AT_ONCE), dtype=np.uint8)
        losses[0] = TOO_MUCH  # of bytes without a strand
        for number, strand in enumerate(strands):
            self.tables[number, : len(strand.tables)] = strand.tables
            losses[: len(strand.tables), :, number] = strand.losses()
        self.losses = losses.view(np.uint64)[:, :, 0]

    def hits(self, codes: IntArray) -> IntArray:
        """Return all hits in word codes, (n_hits, 4): motif, strand, position, steps.

        The last `reach` codes are only looked at from before.
        """
        numbers, positions = self._possible(codes)
        steps = np.zeros(len(positions), dtype=np.float32)
        for stretch in range(self.tables.shape[1]):
            steps += self.tables[numbers, stretch, codes[positions + stretch * self.size]]
        kept = steps >= self.needed[numbers]
        found = self.origin[numbers[kept]], positions[kept], steps[kept].astype(np.int64)
        return np.column_stack(found)

    def _possible(self, codes: IntArray) -> tuple[IntArray, IntArray]:
        """Return which strands may be where, (n_possible,) each."""
        n_starts = len(codes) - self.reach
        lost = self.losses[0].take(codes[:n_starts], mode="clip")
        more = np.empty_like(lost)
        for stretch, table in enumerate(self.losses[1:], start=1):
            first = stretch * self.size
            lost += table.take(codes[first : first + n_starts], mode="clip", out=more)
        all_too_much = np.full(AT_ONCE, TOO_MUCH, dtype=np.uint8).view(np.uint64)
        lost &= all_too_much
        places = np.flatnonzero(lost != all_too_much)
        rows, numbers = np.nonzero(lost[places].view(np.uint8).reshape(-1, AT_ONCE) == 0)
        return numbers, places[rows]
