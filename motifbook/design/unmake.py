"""Take a site apart with few letters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.design.motif_hits import HitFinder
from motifbook.onehot import Letters

LOWEST = 1.0  # bits above a column's worst letter within which others do as well


def unmake(
    finder: HitFinder,
    letters: Letters,
    editable: npt.NDArray[np.bool_],
    motif: int,
    start: int,
    *,
    rng: np.random.Generator,
) -> Letters | None:
    """Change letters, (length,), until a motif has no site at `start`, not even a weak one.

    Each time the letter that matters most, on the strand that fits best. None where the letters
    that may change do not suffice.
    """
    width = int(finder.widths[motif])
    changed, columns = letters.copy(), np.arange(width)
    codes, free = changed[start : start + width], editable[start : start + width].copy()
    while True:
        matrices = finder.matrices(motif)
        bits = [float(matrix[codes, columns].sum()) for matrix in matrices]
        if max(bits) < finder.weak[motif]:
            return changed
        matrix = matrices[int(np.argmax(bits))]
        drop = np.where(free, matrix[codes, columns] - matrix.min(axis=0), 0)
        column = int(drop.argmax())
        if drop[column] <= 0:
            return None
        low = np.flatnonzero(matrix[:, column] <= matrix[:, column].min() + LOWEST)
        codes[column] = rng.choice(low[low != codes[column]])
        free[column] = False
