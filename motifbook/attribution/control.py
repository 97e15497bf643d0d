"""The control that every method has to beat."""

from __future__ import annotations

import numpy as np

from motifbook import _check
from motifbook.attribution.explained import Found, Request
from motifbook.attribution.predictor import Predictor


def random(predictor: Predictor, request: Request) -> Found:
    """Normal random numbers."""
    letters = request.inputs.letters
    rng = _check.generator(request.seed, "random attribution")
    values = rng.normal(size=(len(letters), predictor.n_letters, letters.shape[1]))
    return Found(values.astype(np.float32), ["Random numbers: a control."])
