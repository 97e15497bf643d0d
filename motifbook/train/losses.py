"""Losses of binary and continuous readouts, measured or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt
import torch
import torch.nn.functional as nnf

from motifbook.train.loop import Loss


def make_loss(
    kinds: list[str], positive_weights: npt.ArrayLike | None = None, *, reduce: bool = True
) -> Loss:
    """Cross-entropy for binary readouts, squared error for continuous ones, where measured.

    The mean over all measured values, or over each row's if `reduce` is False.
    """
    weights = None if positive_weights is None else torch.as_tensor(positive_weights)
    return _MeanLoss(torch.tensor([kind == "binary" for kind in kinds]), weights, reduce)


@dataclass
class _MeanLoss:
    """What `make_loss` makes: no function inside another, so that other processes can have it."""

    is_binary: torch.Tensor
    weight: torch.Tensor | None
    reduce: bool

    def __call__(self, output: torch.Tensor, readout: torch.Tensor) -> torch.Tensor:
        measured = ~torch.isnan(readout)
        value = torch.where(measured, readout, 0.0)
        on = value.device
        entropy = nnf.binary_cross_entropy_with_logits(
            output,
            value.clamp(0, 1),
            reduction="none",
            pos_weight=None if self.weight is None else self.weight.to(on),
        )
        each = torch.where(self.is_binary.to(on), entropy, (output - value) ** 2)
        axes = (0, 1) if self.reduce else (1,)
        return (each * measured).sum(dim=axes) / measured.sum(dim=axes).clamp_min(1)
