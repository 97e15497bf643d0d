"""What attribution methods share: the request, the value that is explained, and completeness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution.options import AttributeOptions
from motifbook.attribution.predictor import Predictor
from motifbook.models.network import Network
from motifbook.onehot import onehot
from motifbook.train.inputs import Inputs

FloatArray = npt.NDArray[np.float32]
_SMALL = 0.01  # error of completeness, as a share of what was to be explained


@dataclass(frozen=True)
class Request:
    """What is to be explained, and how.

    Parameters
    ----------
    inputs
        What the network reads.
    spans
        First and end of each of the sequences that stand end to end in `inputs.letters`.
    allowed : (n_letters, length)
        Whether a letter may stand at a position: not all do where sequences of several alphabets
        are joined.
    options, seed, batch_size
        As `mb.attribute` takes them.
    """

    inputs: Inputs
    spans: list[tuple[int, int]]
    allowed: npt.NDArray[np.bool_]
    options: AttributeOptions
    seed: int
    batch_size: int


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


def letters_allowed(model: Network, length: int) -> npt.NDArray[np.bool_]:
    """Whether each letter may stand at each position, (n_letters, length)."""
    n_letters = model.alphabet.n_letters
    allowed = np.ones((n_letters, length), dtype=np.bool_)
    for (first, end), one in zip(model.spans(length), model.inputs.values()):
        allowed[one.n_letters :, first:end] = False
    return allowed


def centered(values: FloatArray, request: Request) -> FloatArray:
    """Values, (n, n_letters, length), minus their mean over the letters that may stand there."""
    allowed = request.allowed.astype(np.float32)
    mean = (values * allowed).sum(axis=1, keepdims=True) / allowed.sum(axis=0)
    moved: FloatArray = (values - mean) * allowed
    return moved


def value(predictor: Predictor, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
    """The one value per sequence that is explained, (n,): the mean of the chosen readouts."""
    return predictor(onehot, extra).mean(dim=1)


def batches(
    predictor: Predictor, request: Request
) -> Iterator[tuple[slice, torch.Tensor, torch.Tensor]]:
    """Rows, their one-hot, and the numbers beside it, batch by batch."""
    for first in range(0, len(request.inputs), request.batch_size):
        rows = slice(first, first + request.batch_size)
        part = request.inputs.rows(rows)
        yield rows, predictor.onehot(part.letters), predictor.extra(part)


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
    observed = values * onehot(request.inputs.letters, values.shape[1])
    size = float(np.abs(difference).mean())
    error = float(np.abs(observed.sum(axis=(1, 2)) - difference).mean()) / max(size, 1e-9)
    sentence = (
        f"Completeness: on average the values miss the prediction's difference to {reference} "
        f"by {error:.2%} of it."
    )
    return sentence, error > _SMALL
