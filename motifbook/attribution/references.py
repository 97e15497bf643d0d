"""What sequences are compared with: letter frequencies, nothing, or shuffles of themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.attribution.explained import Request
from motifbook.onehot import Letters, onehot, shuffle

FloatArray = npt.NDArray[np.float32]


def shuffles(request: Request, rows: slice, n_letters: int) -> Letters:
    """Dinucleotide shuffles of some sequences, (n_references, n, length).

    Sequences that stand end to end are shuffled each by itself.
    """
    letters = request.inputs.letters[rows]
    n = request.options.n_references
    many = np.tile(letters, (n, 1))
    for number, (first, end) in enumerate(request.spans):
        part = np.ascontiguousarray(many[:, first:end])
        seed = request.seed + 1_000_003 * rows.start + number
        many[:, first:end] = shuffle(part, n_letters, seed=seed)
    return many.reshape(n, *letters.shape)


def frequencies(letters: Letters, n_letters: int) -> FloatArray:
    """Share of each letter at each position among the known ones, (n_letters, length)."""
    counts = onehot(letters, n_letters).sum(axis=0) + 1.0
    shares: FloatArray = (counts / counts.sum(axis=0)).astype(np.float32)
    return shares


def baselines(request: Request, rows: slice, n_letters: int) -> list[FloatArray]:
    """Where the ways to some sequences begin: (n_letters, length) or (n, n_letters, length)."""
    letters = request.inputs.letters
    if request.options.baseline == "dinucleotide":
        return [onehot(one, n_letters) for one in shuffles(request, rows, n_letters)]
    if request.options.baseline == "zeros":
        return [np.zeros((n_letters, letters.shape[1]), dtype=np.float32)]
    return [frequencies(letters, n_letters)]
