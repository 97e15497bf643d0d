"""The network of a scrambler: one score per position, high where the letter matters."""

from __future__ import annotations

import torch
from torch import nn

from motifbook import _check

NORMS = ("instance", "batch", "layer", "none")
SETTINGS = ("width", "dilations", "blocks", "n_filters", "dropout", "norm", "start")


class MaskNetwork(nn.Module):
    """Residual convolutions from sequences, and what else is known of them, to scores.

    Parameters
    ----------
    n_channels
        Rows of its input: the letters, and one for each thing that is said beside them.
    width, dilations, blocks, n_filters
        Of the convolutions: `blocks` residual blocks of two for each dilation.
    dropout
        Share of units left out after each block's second convolution, in training.
    norm
        "instance", "batch", "layer" or "none".
    start
        How weights are drawn: "torch", as everywhere in torch; "glorot", as published.

    Attributes
    ----------
    reach
        Letters that a score depends on; with instance norm, the means of the whole sequence too.

    Raises
    ------
    InputError
        If `norm` or `start` is another word, or a number is out of range.

    Notes
    -----
    Linder et al. 2022 use 5 groups of 4 blocks with dilations 1, 2, 4, 2, 1 and instance norm. One
    block per group does as well and takes half the time.
    """

    def __init__(
        self,
        n_channels: int,
        *,
        width: int = 3,
        dilations: tuple[int, ...] = (1, 2, 4, 2, 1),
        blocks: int = 1,
        n_filters: int = 32,
        dropout: float = 0.0,
        norm: str = "instance",
        start: str = "torch",
    ) -> None:
        super().__init__()
        _check.one_of(norm, "norm", NORMS)
        _check.one_of(start, "start", ("torch", "glorot"))
        _refuse_odd(dilations, dropout, width=width, blocks=blocks, n_filters=n_filters)
        self.first = nn.Conv1d(n_channels, n_filters, 1)
        self.skips = nn.ModuleList(nn.Conv1d(n_filters, n_filters, 1) for _ in dilations)
        self.groups = nn.ModuleList(
            nn.Sequential(
                *[_Block(n_filters, width, dilation, dropout, norm) for _ in range(blocks)]
            )
            for dilation in dilations
        )
        self.last = nn.Conv1d(n_filters, n_filters, 1)
        self.score = nn.Conv1d(n_filters, 1, 1)
        self.reach = 1 + 2 * (width - 1) * blocks * sum(dilations)
        if start == "glorot":
            self.apply(_glorot)

    def forward(self, channels: torch.Tensor) -> torch.Tensor:
        """Scores, (n, length), from (n, n_channels, length)."""
        hidden = self.first(channels)
        total = torch.zeros_like(hidden)
        for skip, group in zip(self.skips, self.groups):
            total = total + skip(hidden)
            hidden = group(hidden)
        score: torch.Tensor = self.score(total + self.last(hidden))[:, 0]
        return score


def _refuse_odd(dilations: object, dropout: object, **numbers: object) -> None:
    """Refuse settings of which no network can be made."""
    for name, value in numbers.items():
        _check.whole_number(value, name)
    if not isinstance(dilations, (tuple, list)) or not dilations:
        raise _check.InputError(
            f"`dilations` is {_check.shown(dilations)}; expected such as (1, 2, 4, 2, 1)."
        )
    for dilation in dilations:
        _check.whole_number(dilation, "dilations")
    _check.number(dropout, "dropout", low=0, high=1)


class _Block(nn.Module):
    """Norm, ReLU, convolution, twice; added to what came in."""

    def __init__(self, n: int, width: int, dilation: int, dropout: float, norm: str) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _norm(norm, n),
            nn.ReLU(),
            nn.Conv1d(n, n, width, dilation=dilation, padding="same"),
            _norm(norm, n),
            nn.ReLU(),
            nn.Conv1d(n, n, width, dilation=dilation, padding="same"),
            nn.Dropout(dropout),
        )

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = hidden + self.layers(hidden)
        return added


def _glorot(part: nn.Module) -> None:
    if isinstance(part, nn.Conv1d):
        nn.init.xavier_normal_(part.weight)
        if part.bias is not None:
            nn.init.zeros_(part.bias)


def _norm(name: str, n: int) -> nn.Module:
    if name == "instance":
        return nn.InstanceNorm1d(n, affine=True)
    if name == "batch":
        return nn.BatchNorm1d(n)
    return nn.GroupNorm(1, n) if name == "layer" else nn.Identity()
