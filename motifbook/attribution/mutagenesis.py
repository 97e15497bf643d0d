"""In-silico mutagenesis: every letter at every position, one at a time."""

from __future__ import annotations

import numpy as np
import torch

from motifbook.attribution.explained import Found, Request, batches, centered, value
from motifbook.attribution.predictor import Predictor
from motifbook.onehot import onehot
from motifbook.train.inputs import Inputs


@torch.no_grad()
def mutagenesis(predictor: Predictor, request: Request) -> Found:
    """Prediction with each letter at each position, minus the mean over the letters there.

    The mean is over all letters that may stand there, the observed one among them.
    """
    allowed = request.allowed(predictor.n_letters)
    letters, extra = request.inputs.letters, request.inputs.extra
    whole = [value(predictor, *part) for part in batches(predictor, request)]
    values = np.zeros((len(letters), *allowed.shape), dtype=np.float32)
    values += torch.cat(whole).cpu().numpy()[:, None, None]
    is_known = (letters < predictor.n_letters)[:, None]
    is_other = onehot(letters, predictor.n_letters) == 0
    row, letter, position = np.nonzero(is_known & is_other & (allowed > 0))
    for first in range(0, len(row), request.batch_size):
        now = slice(first, first + request.batch_size)
        changed = letters[row[now]]
        changed[np.arange(len(changed)), position[now]] = letter[now]
        part = Inputs(changed, extra[row[now]])
        predicted = value(predictor, predictor.onehot(changed), predictor.extra(part))
        values[row[now], letter[now], position[now]] = predicted.cpu().numpy()
    return Found(centered(values, request), [])
