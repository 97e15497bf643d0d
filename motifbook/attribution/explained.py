"""What attribution methods share: the request, the value that is explained, and completeness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution.background import Background, Part, make_background
from motifbook.attribution.options import AttributeOptions
from motifbook.attribution.predictor import Predictor
from motifbook.onehot import onehot
from motifbook.train.batches import rows_at_once
from motifbook.train.inputs import Inputs

FloatArray = npt.NDArray[np.float32]
_ROWS = 10_000  # at once
_SMALL = 0.01  # error of completeness, as a share of what was to be explained


@dataclass(frozen=True)
class Request:
    """What is to be explained, and how.

    Parameters
    ----------
    inputs
        What the network reads.
    parts
        The sequences that stand end to end in `inputs.letters`.
    options, seed, batch_size
        As `mb.attribute` takes them.
    """

    inputs: Inputs
    parts: list[Part]
    options: AttributeOptions
    seed: int
    batch_size: int

    def allowed(self, n_letters: int) -> FloatArray:
        """1 where a letter may stand, (n_letters, length): alphabets of joined sequences differ."""
        allowed = np.zeros((n_letters, self.inputs.letters.shape[1]), dtype=np.float32)
        for part in self.parts:
            allowed[: part.n_letters, part.first : part.end] = 1
        return allowed

    def background(self, name: str, n_letters: int) -> Background:
        """Letters to compare with: "data" or "dinucleotide"."""
        return make_background(name, self.inputs.letters, self.parts, n_letters)


@dataclass(frozen=True)
class Found:
    """What a method found.

    Parameters
    ----------
    values : (n, n_letters, length)
        What each letter adds, whether it stands there or not.
    notes
        Sentences on how far it can be trusted.
    caution
        One that a user must see; empty for none.
    """

    values: FloatArray
    notes: list[str]
    caution: str = ""


Method = Callable[[Predictor, Request], Found]


def _blocks(n: int) -> Iterator[slice]:
    """Consecutive rows, so few that what is made of them needs little memory."""
    return (slice(first, first + _ROWS) for first in range(0, n, _ROWS))


def filled(parts: Iterable[torch.Tensor], request: Request, n_letters: int) -> FloatArray:
    """Batch after batch, (n_batch, n_letters, length), in one array of all rows."""
    n, length = request.inputs.letters.shape
    values, first = np.empty((n, n_letters, length), dtype=np.float32), 0
    for part in parts:
        values[first : first + len(part)] = part.cpu().numpy()
        first += len(part)
    return values


def centered(values: FloatArray, request: Request) -> FloatArray:
    """Take the mean over the letters that may stand there off values, (n, n_letters, length)."""
    allowed = request.allowed(values.shape[1])
    n_allowed = allowed.sum(axis=0)
    for rows in _blocks(len(values)):
        values[rows] -= (values[rows] * allowed).sum(axis=1, keepdims=True) / n_allowed
        values[rows] *= allowed
    return values


def value(predictor: Predictor, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
    """The one value per sequence that is explained, (n,): the mean of the chosen readouts."""
    return predictor(onehot, extra).mean(dim=1)


def batches(
    predictor: Predictor, request: Request, *, draws: bool = False
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One-hot sequences, and the numbers beside them, batch by batch.

    What `draws` for a batch takes all of `request.batch_size`, so that a seed draws the same
    wherever it is.
    """
    n, length = request.inputs.letters.shape
    size = request.batch_size
    if not draws:
        size = rows_at_once(length, size, predictor.device)
    for first in range(0, n, size):
        part = request.inputs.rows(slice(first, first + size))
        yield predictor.onehot(part.letters), predictor.extra(part)


def complete(
    values: FloatArray, request: Request, difference: FloatArray, reference: str
) -> tuple[str, bool]:
    """How far the values of the letters add up, in a sentence, and whether that is far.

    Parameters
    ----------
    values : (n, n_letters, length)
        What each letter adds.
    difference : (n,)
        What they should add up to: the prediction minus that of the reference.
    reference
        Its name.
    """
    letters, total = request.inputs.letters, np.zeros(len(values), dtype=values.dtype)
    for rows in _blocks(len(values)):
        total[rows] = (values[rows] * onehot(letters[rows], values.shape[1])).sum(axis=(1, 2))
    size = float(np.abs(difference).mean())
    error = float(np.abs(total - difference).mean()) / max(size, 1e-9)
    sentence = (
        f"Completeness: on average the values miss the prediction's difference to {reference} "
        f"by {error:.2%} of it."
    )
    return sentence, error > _SMALL
