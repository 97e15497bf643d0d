"""In-silico mutagenesis: every letter at every position, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution.explained import FloatArray, Found, Request, batches, centered, value
from motifbook.attribution.predictor import Predictor
from motifbook.onehot import Letters
from motifbook.train.batches import rows_at_once

IntArray = npt.NDArray[np.int64]
_ROWS = 1000  # whose changes are listed at once


@torch.no_grad()
def mutagenesis(predictor: Predictor, request: Request) -> Found:
    """Prediction with each letter at each position, minus the mean over the letters there.

    The mean is over all letters that may stand there, the observed one among them.
    """
    allowed = request.allowed(predictor.n_letters)
    letters, extra = request.inputs.letters, request.inputs.extra
    whole = [value(predictor, *part) for part in batches(predictor, request)]
    values = np.zeros((len(letters), *allowed.shape), dtype=np.float32)
    values += torch.cat(whole).cpu().numpy()[:, None, None]
    size = rows_at_once(letters.shape[1], request.batch_size, predictor.device)
    for row, letter, position in _changes(letters, allowed, size):
        changed = _changed(predictor, letters, row, letter, position)
        beside = torch.as_tensor(extra[row], device=predictor.device)
        predicted = value(predictor, changed, beside)
        values[row, letter, position] = predicted.cpu().numpy()
    return Found(centered(values, request), [])


def _changed(
    predictor: Predictor, letters: Letters, row: IntArray, letter: IntArray, position: IntArray
) -> torch.Tensor:
    """One-hot sequences with one letter changed each, (n, n_letters, length).

    Each sequence is encoded once for all of its changes.
    """
    needed, which = np.unique(row, return_inverse=True)
    whole = predictor.onehot(letters[needed])
    where = torch.as_tensor(np.stack([which, letter, position])).to(whole.device)
    changed = whole[where[0]]
    number = torch.arange(len(changed), device=whole.device)
    changed[number, :, where[2]] = 0
    changed[number, where[1], where[2]] = 1
    return changed


def _changes(letters: Letters, allowed: FloatArray, size: int) -> Iterator[IntArray]:
    """Row, letter and position of every change of a known letter, (3, size) and a last few."""
    left = np.zeros((3, 0), dtype=np.int64)
    codes = np.arange(len(allowed))[:, None]
    for first in range(0, len(letters), _ROWS):
        block = letters[first : first + _ROWS, None]
        is_change = (block != codes) & (block < len(allowed)) & (allowed > 0)
        found = np.stack(np.nonzero(is_change))
        found[0] += first
        left = np.concatenate([left, found], axis=1)
        n_full = left.shape[1] // size * size
        yield from (left[:, start : start + size] for start in range(0, n_full, size))
        left = left[:, n_full:]
    if left.shape[1]:
        yield left
