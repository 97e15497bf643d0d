"""Random numbers for sequences on any device."""

from __future__ import annotations

import torch


def generator(seed: int) -> torch.Generator:
    """Random numbers from a seed: those of the CPU, whatever the device they are for."""
    return torch.Generator().manual_seed(seed)


def uniform(*shape: int, drawing: torch.Generator, device: torch.device) -> torch.Tensor:
    """Random numbers from 0 to 1 on the device.

    They are drawn on the CPU: generators of other devices make other numbers from the same seed,
    and a result should not depend on where it was computed.
    """
    return torch.rand(shape, generator=drawing).to(device)
