"""Processes that share every batch: whose rows are whose, and what they tell each other."""

from __future__ import annotations

import signal
import threading
import types
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from motifbook import _check
from motifbook.models.network import Network

LOST = "Another process of this training ended"
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class Alone:
    """A process that trains by itself: what `Shares` does where there is nobody else.

    Parameters
    ----------
    device
        What it computes on.
    """

    rank, n, stops = 0, 1, False

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: object) -> None:
        """Ctrl-C was never caught."""

    def part(self, values: torch.Tensor) -> torch.Tensor:
        """All rows of a batch."""
        return values

    def total(self, value: torch.Tensor) -> torch.Tensor:
        """The value itself."""
        return value

    def backward(
        self,
        loss: torch.Tensor,
        penalty: torch.Tensor,
        readout: torch.Tensor,
        parameters: Sequence[nn.Parameter],
    ) -> torch.Tensor:
        """Make gradients; return the loss."""
        (loss + penalty).backward()  # type: ignore[no-untyped-call]
        return loss

    def align(self, network: Network) -> None:
        """The weights are this process's own."""

    def refuse_others(self, word: str) -> None:
        """There are none."""

    def join(self, network: Network) -> None:
        """Statistics of a batch are those of the whole batch."""

    def leave(self, network: Network) -> None:
        """Nothing was joined."""


class Shares:
    """What one process has to do with the others.

    Parameters
    ----------
    fabric
        Lightning's, launched: its processes know each other.

    Attributes
    ----------
    rank, n, device
        Number of this process, from 0, and of all; what it computes on.
    """

    def __init__(self, fabric: Any) -> None:
        self.fabric, self.device = fabric, fabric.device
        self.rank, self.n = fabric.global_rank, fabric.world_size
        self.wants_to_stop = self.stops = False
        self._handler: Any = None

    def __enter__(self) -> Shares:
        """From now on Ctrl-C asks all processes to stop after the same step."""
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)

    def _ask(self, number: int, frame: types.FrameType | None) -> None:
        self.wants_to_stop = True

    def part(self, values: torch.Tensor) -> torch.Tensor:
        """Rows of a batch, (n, …), that are this process's; together all, each once."""
        return values[self.rank :: self.n]

    def total(self, value: torch.Tensor) -> torch.Tensor:
        """Sum over the processes; a new tensor."""
        return self._together(value, "sum")

    def largest(self, value: torch.Tensor) -> torch.Tensor:
        """Largest over the processes, one by one; a new tensor."""
        return self._together(value, "max")

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """Mean over all rows of the batch, (...), from this share's, (n, ...); has a gradient."""
        n_rows = self.total(torch.tensor(float(len(value)), device=value.device))
        return _sum(value.sum(dim=0), self) / n_rows

    def _together(self, value: torch.Tensor, how: str) -> torch.Tensor:
        try:
            together: torch.Tensor = self.fabric.all_reduce(
                value.detach().clone().contiguous(), reduce_op=how
            )
        except RuntimeError as error:
            raise _check.InputError(
                f"{LOST}, or cannot be reached ({_check.reason(error, 120)}). Its own last words "
                "say why; with a `checkpoint`, `resume=True` goes on from there."
            ) from error
        return together

    def backward(
        self,
        loss: torch.Tensor,
        penalty: torch.Tensor,
        readout: torch.Tensor,
        parameters: Sequence[nn.Parameter],
    ) -> torch.Tensor:
        """Make the gradients of a whole batch; return its loss.

        Parameters
        ----------
        loss, penalty
            Of this share: means over its measured values.
        readout : (n, n_readouts)
            Of the whole batch; NaN where not measured.
        """
        own = self.part(readout)
        n_measured = (~readout.isnan()).sum().clamp_min(1)
        loss = loss * ((~own.isnan()).sum() / n_measured)
        penalty = penalty * (len(own) / len(readout))
        (loss + penalty).backward()  # type: ignore[no-untyped-call]
        return self.add_gradients(parameters, loss)

    def add_gradients(self, parameters: Sequence[nn.Parameter], loss: torch.Tensor) -> torch.Tensor:
        """Sum gradients and `loss` over the processes, in one message; return the loss.

        Parameters that no process has a gradient of are left without.
        """
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        said = [*(p.grad is not None for p in parameters), self.wants_to_stop]
        message = [*(gradient.flatten() for gradient in gradients), loss.detach().reshape(1)]
        message.append(torch.tensor(said, dtype=loss.dtype, device=loss.device))
        sizes = [len(part) for part in message]
        *summed, whole_loss, counts = torch.split(self.total(torch.cat(message)), sizes)
        *n_with, n_stop = counts.tolist()
        for parameter, gradient, n in zip(parameters, summed, n_with):
            parameter.grad = gradient.view_as(parameter) if n else None
        self.stops = bool(n_stop)
        return whole_loss.reshape(())

    def align(self, network: Network) -> None:
        """Give all processes the weights of the first: other processors round otherwise."""
        state = {key: value.cpu() for key, value in network.state_dict().items()}
        network.load_state_dict(self.fabric.broadcast(state))

    def refuse_others(self, word: str) -> None:
        """Refuse processes whose digest of data, weights and settings is not that of the first."""
        number = int(word[:12], 16)
        own = torch.tensor([number, -number], dtype=torch.int64, device=self.device)
        highest, lowest = self.largest(own).tolist()
        if highest != -lowest:
            raise _check.InputError(
                "The processes of this training came with different data, weights or settings; "
                "expected the same. Read the same file in each, and see that all of them reach "
                "the checkpoint."
            )

    def join(self, network: Network) -> None:
        """Let statistics of a batch be those of the whole batch, not of a share."""
        for part in network.modules():
            if hasattr(part, "shares"):
                part.__dict__["shares"] = self
            if isinstance(part, BATCH_NORMS):
                part.forward = partial(_normalized, part, self)  # type: ignore[method-assign]

    @staticmethod
    def leave(network: Network) -> None:
        """Undo `join`."""
        for part in network.modules():
            if hasattr(part, "shares"):
                part.__dict__["shares"] = None
            if isinstance(part, BATCH_NORMS):
                part.__dict__.pop("forward", None)


class _Sum(torch.autograd.Function):
    """Sum over processes through which gradients flow."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, shares: Shares) -> torch.Tensor:
        ctx.shares = shares
        return shares.total(value)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return ctx.shares.total(gradients[0]), None


def _sum(value: torch.Tensor, shares: Shares) -> torch.Tensor:
    summed: torch.Tensor = _Sum.apply(value, shares)  # type: ignore[no-untyped-call]
    return summed


def _normalized(norm: Any, shares: Shares, value: torch.Tensor) -> torch.Tensor:
    """What `norm` makes of its part of a batch, (n, n_channels, …), by statistics of the whole."""
    if not norm.training:
        made: torch.Tensor = type(norm).forward(norm, value)
        return made
    axes = [axis for axis in range(value.ndim) if axis != 1]
    shape = [1, -1, *[1] * (value.ndim - 2)]
    value = value.float()
    n = float(shares.total(torch.tensor(value.numel() / value.shape[1], device=value.device)))
    mean = _sum(value.sum(dim=axes), shares) / n
    centered = value - mean.view(shape)
    variance = _sum((centered**2).sum(dim=axes), shares) / n
    if norm.track_running_stats:
        with torch.no_grad():
            norm.num_batches_tracked += 1
            rate = norm.momentum
            rate = 1.0 / float(norm.num_batches_tracked) if rate is None else rate
            norm.running_mean.lerp_(mean, rate)
            norm.running_var.lerp_(variance * (n / max(n - 1, 1)), rate)
    scaled: torch.Tensor = centered * (variance + norm.eps).rsqrt().view(shape)
    if norm.affine:
        scaled = scaled * norm.weight.view(shape) + norm.bias.view(shape)
    return scaled
