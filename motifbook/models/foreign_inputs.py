"""What a network of your own reads of each row: one sequence or several, and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from motifbook import _check
from motifbook.alphabet import Alphabet, named

AXES = ("letters first", "letters last")


@dataclass(frozen=True)
class Input:
    """One of the sequences that a network reads of each row.

    Parameters
    ----------
    length
        Letters. Shorter sequences are centered and padded with unknown letters, which are zeros.
    alphabet
        "DNA", "RNA", "protein", or your own `Alphabet`; its letters are in the order in which
        the network reads them.
    axes
        What the network takes: "letters first", (n, n_letters, length), or "letters last",
        (n, length, n_letters).

    Raises
    ------
    InputError
        If an argument does not fit.

    Examples
    --------
    >>> Input(81, "protein").n_letters
    20
    """

    length: int
    alphabet: str | Alphabet = "DNA"
    axes: str = "letters first"

    def __post_init__(self) -> None:
        _check.whole_number(self.length, "length")
        _check.one_of(self.axes, "axes", AXES)
        named(self.alphabet)

    @property
    def n_letters(self) -> int:
        """Letters of its alphabet."""
        return named(self.alphabet).n_letters


def ends(inputs: Iterable[Input]) -> list[tuple[int, int]]:
    """First letter and end of each sequence, where they are joined end to end."""
    spans, first = [], 0
    for one in inputs:
        spans.append((first, first + one.length))
        first += one.length
    return spans


def largest_alphabet(inputs: Iterable[Input]) -> Alphabet:
    """Return the one of most letters, in whose codes joined sequences are written."""
    return max((named(one.alphabet) for one in inputs), key=lambda alphabet: alphabet.n_letters)


def take_apart(onehot: torch.Tensor, inputs: Sequence[Input]) -> list[torch.Tensor]:
    """Joined sequences, (n, n_letters, length), as the network takes each of them."""
    parts = []
    for one, (first, end) in zip(inputs, ends(inputs)):
        part = onehot[:, : one.n_letters, first:end]
        parts.append(part if one.axes == AXES[0] else part.transpose(1, 2).contiguous())
    return parts


def checked_inputs(inputs: object, length: object) -> dict[str, Input]:
    """Return `inputs` as a dictionary; refuse what names no sequences."""
    named_ones = dict(inputs) if isinstance(inputs, Mapping) else {}
    if not named_ones or not all(isinstance(one, Input) for one in named_ones.values()):
        raise _check.InputError(
            f"`inputs` is {_check.shown(inputs)}; expected an `Input` for each column of "
            '`adata.obs` that holds a sequence, such as {"sequence": mb.models.Input(60), '
            '"partner": mb.models.Input(81, "protein")}.'
        )
    if length is not None:
        raise _check.InputError(
            f"`length` is {_check.shown(length)} beside `inputs`; expected one of them. Each "
            "`Input` says its own length, alphabet and axes."
        )
    return named_ones


def checked_columns(extra: object) -> tuple[str, ...]:
    """Return names of columns; refuse what is none, or stands twice."""
    if isinstance(extra, str) or not isinstance(extra, Iterable):
        raise _check.InputError(
            f"`extra` is {_check.shown(extra)}; expected names of columns of `adata.obs`, such as "
            '["temperature"].'
        )
    names = tuple(str(name) for name in extra)
    if len(set(names)) < len(names):
        raise _check.InputError(f"`extra` is {list(names)}; expected a different name for each.")
    return names
