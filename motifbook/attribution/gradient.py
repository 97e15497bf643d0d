"""Attribution by gradients: at the sequence itself, and along a straight way to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from motifbook.attribution import chance
from motifbook.attribution.explained import (
    Found,
    Request,
    batches,
    centered,
    complete,
    filled,
    value,
)
from motifbook.attribution.predictor import Predictor

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
    slopes = (_slope(predictor, onehot, extra) for onehot, extra in batches(predictor, request))
    return Found(filled(slopes, request, predictor.n_letters), [])


def integrated_gradients(predictor: Predictor, request: Request) -> Found:
    """Mean gradient on the straight way from a baseline, for each letter against the baseline.

    Notes
    -----
    Sundararajan et al. 2017, ICML, equation 1, at the middle of `n_steps` equal parts. What a
    position adds, the sum over letters of (x - baseline) gradient, is given to its letter.
    """
    parts, differences = [], []
    asked = batches(predictor, request, draws=_draws(request))
    for (onehot, extra), bases in zip(asked, _bases(predictor, request)):
        total, raised = torch.zeros_like(onehot), torch.zeros(len(onehot), device=onehot.device)
        for base in bases.unbind(dim=1):
            slope = _mean_slope(predictor, onehot, base, extra, request.options.n_steps)
            total += slope - (base * slope).sum(dim=1, keepdim=True)
            with torch.no_grad():
                raised += value(predictor, onehot, extra) - value(predictor, base, extra)
        parts.append((total / bases.shape[1]).cpu().numpy())
        differences.append((raised / bases.shape[1]).cpu().numpy())
    values = np.concatenate(parts)
    reference = _REFERENCE[request.options.baseline]
    return Found(values, [complete(values, request, np.concatenate(differences), reference)[0]])


def _draws(request: Request) -> bool:
    return request.options.baseline == "dinucleotide"


def _bases(predictor: Predictor, request: Request) -> Iterator[torch.Tensor]:
    """Where the ways begin, (n, n_baselines, n_letters, length), batch by batch."""
    options = request.options
    name = "dinucleotide" if options.baseline == "dinucleotide" else "data"
    background = request.background(name, predictor.n_letters)
    drawing = chance.generator(request.seed)
    frequencies = torch.as_tensor(background.probabilities, device=predictor.device)
    for onehot, _ in batches(predictor, request, draws=_draws(request)):
        if _draws(request):
            yield background.draw(onehot, options.n_references, drawing)
        elif options.baseline == "data":
            yield (frequencies * onehot.sum(dim=1, keepdim=True))[:, None]
        else:
            yield torch.zeros_like(onehot)[:, None]


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
