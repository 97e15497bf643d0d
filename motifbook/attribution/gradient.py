"""Attribution by gradients: at the sequence itself, and along a straight way to it."""

from __future__ import annotations

import numpy as np
import torch

from motifbook.attribution.explained import Found, Request, batches, centered, complete, value
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.references import baselines

_REFERENCE = {
    "data": "a sequence of letter frequencies",
    "zeros": "a sequence of unknown letters",
    "dinucleotide": "shuffles of the sequence",
}


def gradient(predictor: Predictor, request: Request) -> Found:
    """Gradient for each letter minus the mean over the letters that may stand there."""
    slopes = gradient_x_input(predictor, request).values
    return Found(centered(slopes, request), [])


def gradient_x_input(predictor: Predictor, request: Request) -> Found:
    """Gradient for each letter, as it is."""
    slopes = [
        _slope(predictor, onehot, extra).cpu().numpy()
        for _, onehot, extra in batches(predictor, request)
    ]
    return Found(np.concatenate(slopes), [])


def integrated_gradients(predictor: Predictor, request: Request) -> Found:
    """Mean gradient on the straight way from a baseline, for each letter against the baseline.

    Notes
    -----
    Sundararajan et al. 2017, ICML, equation 1, at the middle of `n_steps` equal parts. What a
    position adds, the sum over letters of (x - baseline) gradient, is given to its letter.
    """
    options = request.options
    parts, differences = [], []
    for rows, onehot, extra in batches(predictor, request):
        known = onehot.sum(dim=1, keepdim=True)
        bases = [
            torch.as_tensor(base, device=onehot.device).expand_as(onehot) * known
            for base in baselines(request, rows, predictor.n_letters)
        ]
        raised = [_raised(predictor, onehot, base, extra) for base in bases]
        against = []
        for base in bases:
            slope = _mean_slope(predictor, onehot, base, extra, options.n_steps)
            against.append(slope - (base * slope).sum(dim=1, keepdim=True))
        parts.append(torch.stack(against).mean(dim=0).cpu().numpy())
        differences.append(torch.stack(raised).mean(dim=0).cpu().numpy())
    values, difference = np.concatenate(parts), np.concatenate(differences)
    sentence, _ = complete(values, request, difference, _REFERENCE[options.baseline])
    return Found(values, [sentence])


def _slope(predictor: Predictor, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
    """Gradient of the value of each sequence, (n, n_letters, length)."""
    leaf = onehot.detach().clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(value(predictor, leaf, extra).sum(), leaf)
    return slope


def _mean_slope(
    predictor: Predictor,
    onehot: torch.Tensor,
    base: torch.Tensor,
    extra: torch.Tensor,
    n_steps: int,
) -> torch.Tensor:
    """Mean gradient on the straight way from `base` to `onehot`."""
    total = torch.zeros_like(onehot)
    for step in range(n_steps):
        share = (step + 0.5) / n_steps
        total += _slope(predictor, base + share * (onehot - base), extra)
    return total / n_steps


@torch.no_grad()
def _raised(
    predictor: Predictor, onehot: torch.Tensor, base: torch.Tensor, extra: torch.Tensor
) -> torch.Tensor:
    """Value of each sequence minus that of its baseline, (n,)."""
    return value(predictor, onehot, extra) - value(predictor, base, extra)
