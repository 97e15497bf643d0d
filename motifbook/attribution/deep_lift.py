"""DeepLIFT/SHAP: differences from shuffled sequences, shared out among the letters."""

from __future__ import annotations

import numpy as np
import torch

from motifbook.attribution import chance
from motifbook.attribution.explained import (
    Found,
    Request,
    batches,
    complete,
    value,
)
from motifbook.attribution.predictor import Predictor
from motifbook.models import _tangermeme
from motifbook.train.batches import rows_at_once


def deep_lift_shap(predictor: Predictor, request: Request) -> Found:
    """DeepLIFT (rescale rule) against dinucleotide shuffles of each sequence, by tangermeme.

    Notes
    -----
    Shrikumar et al. 2017; Lundberg & Lee 2017. tangermeme has rules for common layers; what is
    computed outside of them is taken to be linear, and the sums are then incomplete.
    """

    def explained(onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
        return value(predictor, onehot, extra)

    background = request.background("dinucleotide", predictor.n_letters)
    drawing = chance.generator(request.seed)
    length, at_once = request.inputs.letters.shape[1], max(1, request.batch_size // 2)
    n_pairs = rows_at_once(length, at_once, predictor.device)
    parts, differences = [], []
    for onehot, extra in batches(predictor, request, draws=True):
        references = background.draw(onehot, request.options.n_references, drawing)
        found, difference = _tangermeme.deep_lift_shap(
            predictor.model, explained, onehot, extra, references, n_pairs=n_pairs
        )
        parts.append(found.float().cpu().numpy())
        differences.append(difference.cpu().numpy())
    values = np.concatenate(parts)
    sentence, is_large = complete(
        values, request, np.concatenate(differences), "the mean of its shuffles"
    )
    caution = (
        f"{sentence} The network computes something that DeepLIFT has no rule for: read these "
        'values with care, or use "integrated_gradients" or "mutagenesis".'
    )
    return Found(values, [sentence], caution if is_large else "")
