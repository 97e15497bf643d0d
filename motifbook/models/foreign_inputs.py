"""What a network of your own reads of each row: one sequence or several, and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named

AXES = ("letters first", "letters last")
KINDS = ("binary", "continuous")


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


def random_onehot(inputs: Sequence[Input], n: int, seed: int) -> torch.Tensor:
    """Joined sequences of random letters, (n, n_letters, length)."""
    n_letters = largest_alphabet(inputs).n_letters
    chance = torch.Generator().manual_seed(seed)
    parts = [
        torch.randint(one.n_letters, (n, one.length), generator=chance, device="cpu")
        for one in inputs
    ]
    codes = torch.cat(parts, dim=1)
    return nn.functional.one_hot(codes, n_letters).transpose(1, 2).float()


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


def checked_readouts(readouts: object, kinds: str | Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names and kinds of the readouts."""
    if not isinstance(readouts, (str, Iterable)):
        raise _check.InputError(
            f'`readouts` is {_check.shown(readouts)}; expected names, such as ["activity"].'
        )
    names = [readouts] if isinstance(readouts, str) else [str(name) for name in readouts]
    if len(set(names)) < len(names):
        raise _check.InputError(
            f"`readouts` is {_check.shown(names)}; expected a different name for each."
        )
    is_many = isinstance(kinds, Iterable) and not isinstance(kinds, str)
    words = list(kinds) if is_many else [str(kinds)] * len(names)
    for word in words:
        _check.one_of(word, "kinds", KINDS)
    if len(words) != len(names) or not names:
        raise _check.InputError(
            f"`kinds` has {len(words)} words for {len(names)} readouts; expected at least one "
            "readout, and a kind for each."
        )
    return names, words
