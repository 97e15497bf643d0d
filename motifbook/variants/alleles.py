"""What is compared: windows of the reference, and the changes that make the alternative."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters, encode
from motifbook.variants.changes import Change, apply_changes

IntArray = npt.NDArray[np.int64]

COLUMNS = ["name", "chrom", "position", "ref", "alt"]  # what says which variant it is


@dataclass(frozen=True)
class Alleles:
    """Reference and alternative windows, one pair per row.

    Parameters
    ----------
    table : (n, 5)
        `COLUMNS` of each pair.
    sources : n strings
        Letters of the reference from the window's first one on; longer than the window where
        letters behind it move in because the alternative lost some.
    changes
        What makes the alternative of each source: in order, without overlap.
    frames : (n,)
        Letters of a pair's own window: both alleles are cut or padded with N to it, at the end.
    origins : (n,)
        What must be added to a place in the window to be one in the genome; 0 for sequences.
    length
        Letters of all windows; those of smaller frames stand in the middle, between N.
    alphabet
        That of the network.
    done
        Sentences on what was done to the variants.
    """

    table: pd.DataFrame
    sources: list[str]
    changes: list[tuple[Change, ...]]
    frames: IntArray
    origins: IntArray
    length: int
    alphabet: Alphabet
    done: list[str] = field(default_factory=list)

    @property
    def offsets(self) -> IntArray:
        """Where each pair's own window starts, (n,)."""
        offsets: IntArray = (self.length - self.frames) // 2
        return offsets

    def reference(self) -> list[str]:
        """Letters of the reference in each pair's own window, n strings."""
        return self._framed(self.sources, self.frames)

    def alternative(self) -> list[str]:
        """Letters of the alternative in each pair's own window, n strings."""
        made = [apply_changes(*pair) for pair in zip(self.sources, self.changes)]
        return self._framed(made, self.frames)

    def single(self) -> tuple[IntArray, list[str]]:
        """Each change of pairs with several, alone: its row, (n_single,), and the letters."""
        each = [
            (row, change)
            for row, changes in enumerate(self.changes)
            for change in changes
            if len(changes) > 1
        ]
        rows = np.array([row for row, _ in each], dtype=np.int64)
        made = [apply_changes(self.sources[row], [change]) for row, change in each]
        return rows, self._framed(made, self.frames[rows])

    def plain(self) -> tuple[list[str], list[str]]:
        """Letters of both alleles before the alternative is cut, refilled or padded."""
        references = [source[:frame] for source, frame in zip(self.sources, self.frames)]
        return references, [apply_changes(*pair) for pair in zip(references, self.changes)]

    def encode(self, sequences: list[str]) -> Letters:
        """Letter codes of the windows, (n, length)."""
        return encode(sequences, self.alphabet, length=self.length)

    def _framed(self, sequences: list[str], frames: IntArray) -> list[str]:
        unknown = self.alphabet.unknown
        return [text[:frame].ljust(frame, unknown) for text, frame in zip(sequences, frames)]
