"""What keeps filters few, distinct and readable."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf


def claim(weight: torch.Tensor, activation: torch.Tensor) -> torch.Tensor:
    """Penalty on two filters that explain the same letters.

    Each firing claims the letters under its window in proportion to the filter's mass there; the
    penalty is the product of the claims of every two filters, averaged over letters, times the
    width. A filter may claim a letter on both strands: palindromes go free.

    Parameters
    ----------
    weight : (n_filters, n_letters, width)
    activation : (n, n_channels, n_starts)
        Relative to each filter's largest, so that scaling a filter changes nothing.

    Returns
    -------
    scalar tensor

    Notes
    -----
    Our replacement for the overlap penalty of Tseng et al. 2024 (`overlap`): no dependence on the
    scale of weights, no pairwise convolution.
    """
    n_filters, _, width = weight.shape
    mass = weight.abs().sum(dim=1)
    mass = mass / mass.sum(dim=1, keepdim=True).clamp_min(1e-9)
    claims = nnf.conv_transpose1d(activation[:, :n_filters], mass[:, None], groups=n_filters)
    if activation.shape[1] > n_filters:
        flipped = mass.flip(1)[:, None]
        other = activation[:, n_filters:]
        claims = claims + nnf.conv_transpose1d(other, flipped, groups=n_filters)
    together = 0.5 * (claims.sum(dim=1) ** 2 - (claims**2).sum(dim=1))
    penalty: torch.Tensor = width * together.mean()
    return penalty


def sparse_filters(weight: torch.Tensor) -> torch.Tensor:
    """Sum over filters of L1 norm over L2 norm: few large weights, at any scale; a scalar."""
    flat = weight.flatten(1)
    total: torch.Tensor = (flat.abs().sum(dim=1) / flat.norm(dim=1).clamp_min(1e-9)).sum()
    return total


def overlap(weight: torch.Tensor, activation: torch.Tensor) -> torch.Tensor:
    """The published penalty on overlapping filters (Tseng et al. 2024); a scalar.

    At every position the strongest filter "a" pays for every other filter g and lag d with
    ``A_a(d) A_g(-d) activation_g(i + d)``, where A_f(d) is the mass of filter f on the letters that
    it shares with a partner d letters on; normalized by positions, filters, lags and total mass.

    Parameters
    ----------
    weight : (n_filters, n_letters, width)
    activation : (n, n_filters, n_starts)

    Notes
    -----
    Summed over partners by one convolution with kernel ``A_a(d) A_g(-d)``, then gathered at the
    strongest filter: the same value as the sum over all lags, without its memory.
    """
    n_filters, _, width = weight.shape
    n_starts = activation.shape[2]
    mass = weight.abs().sum(dim=1)  # (n_filters, width)
    after = mass.flip(1).cumsum(1).flip(1)  # mass from column d on: shared at lag d >= 0
    before = mass.cumsum(1)[:, :-1]  # mass of the first width - |d| columns: shared at lag d < 0
    shared = torch.cat([before, after], dim=1)  # (n_filters, 2 width - 1), lags -(width-1) ..
    kernel = shared[:, None] * shared.flip(1)[None]  # (a, g, lag)
    kernel = kernel * (1 - torch.eye(n_filters, device=weight.device))[:, :, None]
    paid = nnf.conv1d(activation, kernel, padding=width - 1)  # (n, a, n_starts)
    strongest = activation.argmax(dim=1, keepdim=True)
    total = paid.gather(1, strongest).sum(dim=(1, 2)).mean()
    penalty: torch.Tensor = total / (n_starts * n_filters * (2 * width - 1))
    return penalty / mass.sum().clamp_min(1e-9)
