"""Weights that depend on the sequence: what makes a regression contextual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
import torch
import torch.nn.functional as nnf
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.models.motif_layer import MotifLayer

FIRST_POOL, POOL = 50, 2  # letters
DROPOUT = 0.2


class ResidualContext(nn.Module):
    """How far each coefficient deviates in each sequence; on average over sequences not at all.

    Parameters
    ----------
    n_terms, n_readouts
        Coefficients per readout, and readouts.
    hidden
        Units of the layer between the counts of motifs and the deviations.

    Notes
    -----
    The mean is taken over the batch in training and followed for predictions. Without it, what is
    coefficient and what is deviation could not be told apart.
    """

    def __init__(self, n_terms: int, n_readouts: int, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(n_terms, hidden)
        self.last = nn.Linear(hidden, n_terms * n_readouts, bias=False)
        nn.init.zeros_(self.last.weight)
        self.n_readouts = n_readouts
        self.register_buffer("mean", torch.zeros(n_terms * n_readouts))
        self.mean: torch.Tensor
        self.shares: Any = None  # as in `Network`

    def forward(self, counts: torch.Tensor) -> torch.Tensor:
        """Deviations, (n, n_readouts, n_terms), from standardized counts, (n, n_terms)."""
        deviation: torch.Tensor = self.last(torch.tanh(self.first(counts)))
        mean = self.mean
        if self.training:
            mean = deviation.mean(dim=0) if self.shares is None else self.shares.mean(deviation)
            self.mean.lerp_(mean.detach(), 0.1)
        return (deviation - mean).reshape(len(counts), self.n_readouts, -1)


class PositiveLayer(MotifLayer):
    """Filters without negative weights and without threshold: the published detectors.

    What they answer is linear in the letters, so that their mean over positions is, but for the
    ends, a sum of letter frequencies.
    """

    def __init__(
        self, n_filters: int, width: int, alphabet: Alphabet, reverse_complement: bool
    ) -> None:
        super().__init__(n_filters, width, alphabet, reverse_complement)
        del self.bias
        self.register_buffer("bias", torch.zeros(n_filters))
        nn.init.xavier_normal_(self.weight)
        self.keep_positive()

    @torch.no_grad()
    def keep_positive(self) -> None:
        """Set negative weights to zero."""
        self.weight.clamp_(min=0)

    def seed(self, ppms: Sequence[npt.ArrayLike], onehot: torch.Tensor) -> None:
        """Refuse: the published layout starts at random.

        Raises
        ------
        InputError
            Always.
        """
        raise _check.InputError(
            "The published layout starts at random; expected `warm_start` None or False."
        )


class PublishedReader(nn.Module):
    """The published network above the filters: mean activations times weights of the sequence.

    The weights: maximum over 50 positions, two small convolutions, two dense layers with dropout.

    Notes
    -----
    Sequences of 400 letters leave the convolutions with one position, as published. Longer ones
    leave more, of which the largest value is taken; pools larger than what is left are made
    smaller for shorter ones.
    """

    def __init__(self, n_filters: int, n_readouts: int, hidden: int) -> None:
        super().__init__()
        self.wide = nn.Conv1d(n_filters, 16, 7, padding=3)
        self.narrow = nn.Conv1d(16, 8, 7, padding=3)
        self.first = nn.Linear(8, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, n_filters * n_readouts)
        self.intercept = nn.Parameter(torch.zeros(n_readouts))
        self._seen: tuple[torch.Tensor, torch.Tensor] | None = None

    def forward(self, activation: torch.Tensor, blocked: torch.Tensor | None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from activations, (n, n_filters, n_starts)."""
        weights = self.weights(activation)
        self._seen = (activation, weights) if self.training else None
        phi = mean_activation(activation, blocked)
        return self.intercept + torch.einsum("nct,nt->nc", weights, phi)

    def weights(self, activation: torch.Tensor) -> torch.Tensor:
        """The context, (n, n_readouts, n_filters)."""
        pooled = _pool(activation, FIRST_POOL)
        pooled = _pool(self.wide(pooled).relu(), POOL)
        units = _pool(self.narrow(pooled).relu(), POOL).amax(dim=2)
        for layer in (self.first, self.second):
            units = nnf.dropout(layer(units).relu(), DROPOUT, self.training)
        weights: torch.Tensor = self.last(units)
        return weights.reshape(len(weights), len(self.intercept), -1)

    def penalty(
        self, *, lasso: float, utopia: float, dense: float, activation: float
    ) -> torch.Tensor:
        """On the batch just seen: weights' size and lopsidedness, dense layers, activations."""
        if self._seen is None:
            return self.intercept.new_zeros(())
        seen, weights = self._seen
        size = (self.first.weight**2).sum() + (self.second.weight**2).sum()
        total: torch.Tensor = lasso * weights.abs().sum(dim=2).mean() + utopia * lopsidedness(
            weights
        )
        total += dense * size + activation * seen.sum() / len(seen)
        return total


def mean_activation(activation: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
    """The published phi: mean over windows without unknown letters, (n, n_filters)."""
    if blocked is None:
        return activation.mean(dim=2)
    n_windows = (~blocked).sum(dim=1).clamp_min(1)
    return activation.sum(dim=2) / n_windows[:, None]


def lopsidedness(weights: torch.Tensor) -> torch.Tensor:
    """The utopia penalty: 1 - |cosine| between a sequence's weights and equal ones, averaged.

    `weights` : (n, n_readouts, n_filters)
    """
    equal = weights.sum(dim=2).abs() / weights.shape[2] ** 0.5
    cosine = equal / weights.norm(dim=2).clamp_min(1e-9)
    penalty: torch.Tensor = (1 - cosine).mean()
    return penalty


def _pool(values: torch.Tensor, size: int) -> torch.Tensor:
    return nnf.max_pool1d(values, min(size, values.shape[2]))
