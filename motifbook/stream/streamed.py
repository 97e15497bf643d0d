"""Results in a folder, filled piece by piece: what hits and attributions share."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from motifbook.stream.folder import Folder
from motifbook.stream.rows import Asked, IntArray, find_rows, refuse_missing


class Streamed:
    """Results of `n` sequences in a folder.

    Attributes
    ----------
    path
        The folder.
    """

    def __init__(self, folder: Folder, n: int) -> None:
        self._folder, self._n, self.path = folder, n, folder.path
        self._size = min(int(folder.about["rows_per_piece"]), max(n, 1))  # any number is allowed

    @cached_property
    def names(self) -> list[str]:
        """Of the sequences."""
        return self._folder.texts("names")

    @property
    def n_pieces(self) -> int:
        """How many pieces there are to be."""
        return self._folder.n_pieces

    @property
    def n_done(self) -> int:
        """How many pieces are done."""
        return int(self._folder.done.sum())

    @property
    def is_finished(self) -> bool:
        """Whether all pieces are done."""
        return bool(self._folder.done.all())

    @property
    def rows_done(self) -> npt.NDArray[np.bool_]:
        """Which sequences are done, (n,)."""
        return np.repeat(self._folder.done, self._size)[: self._n]

    def _rows(self, asked: Asked) -> IntArray:
        """Numbers of rows that are asked for; refused where they are not done."""
        found = find_rows(asked, self._n, lambda: self.names)
        refuse_missing(found, self._folder.done, self._size, self.path)
        return found
