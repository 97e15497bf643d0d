"""The first layer that all motif networks share: filters that are motifs, on both strands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet

FIRING_SHARE = 0.02  # of all positions at which a seeded filter fires
FLOOR = 0.02  # smallest probability of a letter in a seeded filter


def usual_width(alphabet: Alphabet, letters: int) -> int:
    """Letters a filter spans by default: `letters` for nucleotides, half of them for proteins.

    Their motifs are shorter, and a column has five times as many weights to learn.
    """
    return letters if alphabet.n_letters <= 8 else letters // 2


class MotifLayer(nn.Module):
    """Filters that slide over a sequence and its reverse complement.

    Parameters
    ----------
    n_filters, width
        How many filters, and how many letters each spans.
    alphabet
        Rows of the filters.
    reverse_complement
        Whether the second strand is read too, with the same weights and threshold. The activation
        then has 2 n_filters channels: filter f on the given strand is channel f, on the other
        strand channel n_filters + f; both at the window's start on the given strand.

    Notes
    -----
    Windows that hold an unknown letter (N, padding) never fire, so that padding changes nothing.
    """

    def __init__(
        self, n_filters: int, width: int, alphabet: Alphabet, reverse_complement: bool
    ) -> None:
        super().__init__()
        self.n_filters = _check.whole_number(n_filters, "n_filters")
        self.width = _check.whole_number(width, "width")
        self.n_letters = alphabet.n_letters
        self.reverse_complement = reverse_complement
        self.weight = nn.Parameter(torch.empty(n_filters, alphabet.n_letters, width))
        self.bias = nn.Parameter(torch.zeros(n_filters))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        order = alphabet.complement_codes[:-1].tolist() if reverse_complement else []
        self._complement = order

    @property
    def n_channels(self) -> int:
        """Channels of `strands`: twice the filters when both strands are read."""
        return self.n_filters * (2 if self.reverse_complement else 1)

    def filters(self) -> torch.Tensor:
        """Weights, (n_filters, n_letters, width); rows in the alphabet's order."""
        return self.weight

    def strands(self, onehot: torch.Tensor) -> torch.Tensor:
        """Activation of every channel at every start, (n, n_channels, length - width + 1), >= 0."""
        return nnf.relu(self.scores(onehot), inplace=True)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Activation of every filter on its better strand, (n, n_filters, length - width + 1)."""
        return self.join_strands(self.strands(onehot))

    def join_strands(self, channels: torch.Tensor) -> torch.Tensor:
        """Larger value of the two strands, (n, n_filters, ...), from (n, n_channels, ...)."""
        if not self.reverse_complement:
            return channels
        return torch.maximum(channels[:, : self.n_filters], channels[:, self.n_filters :])

    def channels_of(self, filters: Sequence[int]) -> list[int]:
        """Numbers of the channels of `strands` that belong to these filters."""
        strands = range(2 if self.reverse_complement else 1)
        return [strand * self.n_filters + number for number in filters for strand in strands]

    def scores(self, onehot: torch.Tensor) -> torch.Tensor:
        """Weighted letters plus bias before rectifying, (n, n_channels, length - width + 1)."""
        self.check_length(onehot)
        weight: torch.Tensor = self.weight
        bias: torch.Tensor = self.bias
        if self.reverse_complement:
            weight = torch.cat([weight, weight[:, self._complement].flip(2)])
            bias = torch.cat([bias, bias])
        scores = nnf.conv1d(onehot, weight, bias)
        blocked = self.blocked(onehot)
        return scores if blocked is None else scores.masked_fill(blocked[:, None], -1.0)

    def check_length(self, onehot: torch.Tensor) -> None:
        """Refuse sequences shorter than a filter."""
        if onehot.shape[2] < self.width:
            raise _check.InputError(
                f"The sequences have {onehot.shape[2]} letters, the filters {self.width}; "
                "expected sequences at least as long. Make the network with "
                f"`width={onehot.shape[2]}` or less."
            )

    def blocked(self, onehot: torch.Tensor) -> torch.Tensor | None:
        """Which windows hold an unknown letter, (n, length - width + 1); None if no letter is."""
        unknown = 1 - onehot.sum(dim=1)
        if unknown.max() < 0.5:
            return None
        return nnf.max_pool1d(unknown, self.width, stride=1) > 0.5

    @torch.no_grad()
    def seed(self, ppms: Sequence[npt.ArrayLike], onehot: torch.Tensor) -> None:
        """Make the first filters these motifs; the others stay small and random: spare.

        Parameters
        ----------
        ppms : each (n_letters, any width)
            Position probability matrices, or how much more probable each letter is than in the
            background; centered, cut or padded to the filters' width.
        onehot : (n, n_letters, length)
            Sequences on which thresholds are set: each filter fires at 2 % of all positions.
        """
        spread = self.weight - self.weight.mean(dim=1, keepdim=True)
        norm = spread.flatten(1).norm(dim=1)[:, None, None]
        self.weight.copy_(0.3 * spread / norm)
        for row, ppm in zip(self.weight, ppms):
            row.copy_(torch.as_tensor(_unit_log_odds(np.asarray(ppm), self.width)))
        self.bias.zero_()
        scores = self.scores(onehot[:500])
        per_filter = scores.reshape(len(scores), -1, self.n_filters, scores.shape[2])
        flat = per_filter.permute(2, 0, 1, 3).flatten(1)
        kept = flat[:, :: max(1, flat.shape[1] // 200_000)]
        self.bias.copy_(-torch.quantile(kept, 1 - FIRING_SHARE, dim=1))


def _unit_log_odds(ppm: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float32]:
    """Log odds against uniform, centered per column, of unit length, (n_letters, width)."""
    odds = np.log(np.maximum(ppm, FLOOR) * len(ppm))
    odds -= odds.mean(axis=0)
    fitted = np.zeros((len(ppm), width))
    extra = width - odds.shape[1]
    if extra >= 0:
        fitted[:, extra // 2 : extra // 2 + odds.shape[1]] = odds
    else:
        first = _best_span(odds, width)
        fitted[:] = odds[:, first : first + width]
    return (fitted / max(float(np.linalg.norm(fitted)), 1e-9)).astype(np.float32)


def _best_span(odds: npt.NDArray[np.float64], width: int) -> int:
    """Where the `width` neighboring columns with the largest weights start."""
    mass = np.convolve((odds**2).sum(axis=0), np.ones(width), mode="valid")
    return int(mass.argmax())
