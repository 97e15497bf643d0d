"""A first layer whose filters are motifs by themselves: columns of probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf
from torch import nn

from motifbook.alphabet import Alphabet
from motifbook.models.motif_layer import MotifLayer, usual_width

HITS = 0.5  # sites per sequence at which thresholds start
FLOOR = 0.005  # smallest probability of a letter in a seeded filter
SPREAD = 0.3  # of the logits of filters without a seed
NO_SITE = -1e4  # instead of the score of a window with an unknown letter


class SiteLayer(MotifLayer):
    """Filters whose columns are letter probabilities; they answer how much of a site a window is.

    A window of score s (log odds of its letters against the background, nats) is a site to the
    degree ``sigmoid(s + bias)``, 0 to 1: the threshold is ``-bias``. That is the probability of a
    site where the odds of one are ``exp(bias)`` before looking.

    Parameters
    ----------
    n_filters, width, alphabet, reverse_complement
        See `MotifLayer`.

    Notes
    -----
    Both strands of a window together are a site unless neither is: ``f + r - f r``. A palindrome is
    so counted once. Convolutions run over letters last in memory, each strand by its own: three to
    four times as fast as one convolution with the letters first.
    """

    def __init__(
        self, n_filters: int, width: int, alphabet: Alphabet, reverse_complement: bool
    ) -> None:
        super().__init__(n_filters, width, alphabet, reverse_complement)
        shares = torch.full((alphabet.n_letters, 1), 1 / alphabet.n_letters)
        self.register_buffer("background", shares)
        self.background: torch.Tensor
        nn.init.normal_(self.weight, std=SPREAD)

    def filters(self) -> torch.Tensor:
        """Log odds of every letter in nats, (n_filters, n_letters, width)."""
        return nnf.log_softmax(self.weight, dim=1) - self.background.log()

    def ppms(self) -> torch.Tensor:
        """The motifs: probabilities of letters, (n_filters, n_letters, width)."""
        return nnf.softmax(self.weight, dim=1)

    def column_lengths(self) -> torch.Tensor:
        """How far each column lies from the background, in nats, (n_filters, width)."""
        odds = self.weight - self.background.log()
        lengths: torch.Tensor = (odds - odds.mean(dim=1, keepdim=True)).norm(dim=1)
        return lengths

    def strands(self, onehot: torch.Tensor) -> torch.Tensor:
        """How much of a site every channel sees at every start, (n, n_channels, n_starts)."""
        return torch.cat(self._each_strand(onehot), dim=1)

    def occupancy(self, onehot: torch.Tensor) -> torch.Tensor:
        """How much of a site every window is, on either strand, (n, n_filters, n_starts)."""
        return either(self._each_strand(onehot))

    def _each_strand(self, onehot: torch.Tensor) -> list[torch.Tensor]:
        self.check_length(onehot)
        weight = self.filters()
        weights = [weight]
        if self.reverse_complement:
            weights.append(weight[:, self._complement].flip(2))
        blocked = self.blocked(onehot)
        scores = [_convolve(onehot, one, self.bias) for one in weights]
        if blocked is not None:
            scores = [score.masked_fill(blocked[:, None], NO_SITE) for score in scores]
        return [score.sigmoid() for score in scores]

    @torch.no_grad()
    def seed(self, ppms: Sequence[npt.ArrayLike], onehot: torch.Tensor) -> None:
        """Make the first filters these motifs; the others stay random and nearly flat: spare.

        Parameters
        ----------
        ppms : each (n_letters, any width)
            Position probability matrices, or how much more probable each letter is than in the
            background; centered, cut or padded to the filters' width.
        onehot : (n, n_letters, length)
            Sequences on which thresholds are set: each filter has half a site per sequence.
        """
        if self.n_letters > 4:  # amino acids differ tenfold
            counts = onehot.sum(dim=(0, 2))[:, None] + 1
            self.background.copy_(counts / counts.sum())
        drawn = torch.empty(self.weight.shape).normal_(std=SPREAD)  # on the CPU, as anywhere
        self.weight.copy_(drawn).add_(self.background.log())
        for row, ppm in zip(self.weight, ppms):
            odds = _fitted(np.log(np.maximum(ppm, FLOOR) * self.n_letters), self.width)
            row.copy_(torch.as_tensor(odds, dtype=torch.float32).to(row) + self.background.log())
        self.bias.zero_()
        self.bias.copy_(-self._scores_of_hits(onehot[:500]))

    def _scores_of_hits(self, onehot: torch.Tensor) -> torch.Tensor:
        """The score that half as many windows as sequences reach, (n_filters,)."""
        blocked = self.blocked(onehot)
        weight = self.filters()
        scores = _convolve(onehot, weight, self.bias)
        if self.reverse_complement:
            other = _convolve(onehot, weight[:, self._complement].flip(2), self.bias)
            scores = torch.maximum(scores, other)
        if blocked is not None:
            scores = scores.masked_fill(blocked[:, None], NO_SITE)
        flat = scores.transpose(0, 1).flatten(1)
        n_hits = max(1, int(HITS * len(onehot)))
        return flat.topk(min(n_hits, flat.shape[1]), dim=1).values[:, -1]


def either(strands: Sequence[torch.Tensor]) -> torch.Tensor:
    """How much of a site there is on one strand or the other, from one or two of one shape."""
    if len(strands) == 1:
        return strands[0]
    given, other = strands
    return given + other - given * other


def site_width(alphabet: Alphabet) -> int:
    """Letters a filter spans by default: 12, for proteins 6."""
    return usual_width(alphabet, 12)


def _convolve(onehot: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """As `conv1d`, with channels last in memory, (n, n_filters, n_starts)."""
    last = torch.channels_last
    flat = onehot[:, :, None].contiguous(memory_format=last)
    kernel = weight[:, :, None].contiguous(memory_format=last)
    return nnf.conv2d(flat, kernel, bias)[:, :, 0]


def _fitted(odds: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Columns in the middle of `width` flat ones, or the `width` neighbors that say most."""
    extra = width - odds.shape[1]
    if extra >= 0:
        return np.pad(odds, ((0, 0), (extra // 2, extra - extra // 2)))
    mass = np.convolve((odds**2).sum(axis=0), np.ones(width), mode="valid")
    first = int(mass.argmax())
    return odds[:, first : first + width]
