"""What every network of the book is: sequences in, readouts out, and what `fit` may ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named, written
from motifbook.models.foreign_inputs import Input


@dataclass(frozen=True)
class Phase:
    """One stretch of training.

    Parameters
    ----------
    name
        What the progress bar calls it.
    share
        Part of all training steps, 0 to 1; a network's phases sum to 1.
    rates
        Learning rate per group of parameters (`Network.groups`); a group that is not named rests.
    cools
        Whether the rates fall to nothing over the training (cosine).
    """

    name: str
    share: float
    rates: dict[str, float]
    cools: bool = True


@dataclass
class Record:
    """What a trained network remembers of its training; saved beside its weights as JSON.

    Parameters
    ----------
    readouts
        Names of the readouts.
    kinds
        "binary" or "continuous" per readout.
    center, scale
        Measured = center + scale * network output, for continuous readouts; for binary ones
        `center` is added to the logit.
    length
        Sequence length of the training set.
    details
        Versions, seed, number and size of batches, losses per round, notes on the data.
    """

    readouts: list[str]
    kinds: list[str]
    center: list[float]
    scale: list[float]
    length: int
    details: dict[str, Any] = field(default_factory=dict)


class Network(nn.Module):
    """Base of all networks: one-hot sequences, (n, n_letters, length), to (n, n_readouts).

    A network states its own penalties and phases, and knows nothing of AnnData, files or plots.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    alphabet
        "DNA", "RNA", "protein", or your own `Alphabet`.
    settings
        Everything `type(self)(**settings)` needs to build an untrained copy; plain values.

    Attributes
    ----------
    inputs
        Column of `adata.obs` -> the sequence that it holds, where the network reads several; they
        are joined end to end. Empty for one sequence of any length.
    extra_names
        Columns of `adata.obs` whose numbers the network reads beside the letters.
    """

    passes = 15  # over the training rows, within the bounds of `fit`
    show_both_strands = False  # train on every sequence and its reverse complement

    def __init__(self, n_readouts: int, alphabet: str | Alphabet, settings: dict[str, Any]) -> None:
        super().__init__()
        _refuse_no_readouts(n_readouts)
        self.n_readouts = _check.whole_number(n_readouts, "n_readouts")
        self.alphabet = named(alphabet)
        self.settings = {**settings, "n_readouts": n_readouts, "alphabet": written(self.alphabet)}
        self.record: Record | None = None
        self.inputs: Mapping[str, Input] = {}
        self.extra_names: tuple[str, ...] = ()
        self.shares: Any = None  # while several processes share each batch: what `train` gives
        self.register_buffer("training_hashes", torch.zeros(0, dtype=torch.int64))
        self.training_hashes: torch.Tensor

    def check_input(self, onehot: torch.Tensor) -> None:
        """Refuse anything but (n, n_letters, length)."""
        _check.onehot_shape(onehot, "onehot", self.alphabet.n_letters, self.alphabet.letters)

    def spans(self, length: int) -> list[tuple[int, int]]:
        """First letter and end of each sequence among `length` joined letters; one for most."""
        return [(0, length)]

    def phases(self) -> Sequence[Phase]:
        """The stretches of training, in order."""
        return (Phase("training", 1.0, {"all": 3e-3}),)

    def as_made(self) -> None:
        """Take the size back that it was made with; most networks never change theirs."""

    def groups(self) -> dict[str, list[nn.Parameter]]:
        """Parameters by the names that `Phase.rates` uses."""
        return {"all": list(self.parameters())}

    def begin_phase(self, phase: Phase, onehot: torch.Tensor, readout: torch.Tensor) -> None:
        """Prepare for a phase, given some training rows; most networks have nothing to do."""

    def penalty(self, progress: float, n_rows: int) -> torch.Tensor:
        """What is added to the loss of the batch just predicted.

        `progress` runs from 0 to 1; `n_rows` is the number of training rows.
        """
        return torch.zeros(())


def _refuse_no_readouts(n_readouts: object) -> None:
    if isinstance(n_readouts, int) and n_readouts == 0:
        raise _check.InputError(
            "`n_readouts` is 0; expected a whole number, 1 or more. Without readouts nothing can "
            'be learned: read the FASTA with `negatives="shuffle"`, or a table with `readouts=[…]`.'
        )


class MotifNetwork(Network):
    """A network whose first layer reads motifs.

    ``forward(x) == head(motifs.strands(x), motifs.blocked(x))``: see `MotifLayer`.
    """

    motifs: Any  # MotifLayer
    warm_start = False  # whether `fit` seeds it from the data's words by default
    longest = 0  # letters up to which its filters grow if motifs are longer

    def head(self, activation: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from `motifs.strands`, (n, n_channels, n_starts).

        `blocked`, (n, n_starts): windows that are no part of the sequence.
        """
        raise TypeError(f"{type(self).__name__} defines no head.")

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from one-hot sequences, (n, n_letters, length)."""
        self.check_input(onehot)
        return self.head(self.motifs.strands(onehot), self.motifs.blocked(onehot))

    def seed(self, ppms: Sequence[Any], onehot: torch.Tensor, n_spare: int = 3) -> None:
        """Start from motifs, each (n_letters, width'); thresholds are set on `onehot`.

        The other filters stay random. A network that can do with fewer keeps `n_spare` of them.
        """
        self.motifs.seed(ppms, onehot)
