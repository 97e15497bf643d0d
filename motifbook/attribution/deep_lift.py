"""DeepLIFT/SHAP: differences from shuffled sequences, shared out among the letters."""

from __future__ import annotations

import numpy as np
import torch

from motifbook.attribution.explained import Found, Request, batches, complete, value
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.references import shuffles
from motifbook.models import _tangermeme


def deep_lift_shap(predictor: Predictor, request: Request) -> Found:
    """DeepLIFT (rescale rule) against dinucleotide shuffles of each sequence, by tangermeme.

    Notes
    -----
    Lundberg & Lee 2017; Shrikumar et al. 2017. tangermeme knows a rule for common layers; what
    functions without a layer do is taken to be linear, and the sums are then incomplete.
    """

    def explained(onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
        return value(predictor, onehot, extra)

    parts, differences = [], []
    for rows, onehot, extra in batches(predictor, request):
        drawn = shuffles(request, rows, predictor.n_letters)  # (n_references, n, length)
        references = torch.stack([predictor.onehot(one) for one in drawn], dim=1)
        found = _tangermeme.deep_lift_shap(predictor.model, explained, onehot, extra, references)
        parts.append(found.cpu().numpy())
        with torch.no_grad():
            before = torch.stack([explained(one, extra) for one in references.unbind(dim=1)])
            raised = explained(onehot, extra) - before.mean(dim=0)
        differences.append(raised.cpu().numpy())
    values = np.concatenate(parts)
    sentence, is_large = complete(
        values, request, np.concatenate(differences), "the mean of its shuffles"
    )
    caution = (
        f"{sentence} The network has layers that DeepLIFT has no rule for: read these values with "
        'care, or use "integrated_gradients" or "mutagenesis".'
    )
    return Found(values, [sentence], caution if is_large else "")
