"""What several networks say of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from motifbook.design.goal import Goal
from motifbook.design.scorer import FloatArray, scoring
from motifbook.models.network import Network
from motifbook.onehot import Letters
from motifbook.train.evaluate import apply_link, trained


@dataclass(frozen=True, eq=False)
class Answers:
    """What networks say of sequences.

    Parameters
    ----------
    outputs : (n, n_readouts)
        Mean of the networks, where effects add up.
    predictions : (n, n_readouts)
        The same on the scale of the measurement.
    each : (n_networks, n, n_readouts)
        Predictions of every network.
    scores : (n_networks, n)
        How far the goal is reached.
    """

    outputs: FloatArray
    predictions: FloatArray
    each: FloatArray
    scores: FloatArray


def ask_networks(
    models: Sequence[Network], letters: Letters, goal: Goal, device: str, batch_size: int
) -> Answers:
    """Ask networks about letter codes, (n, length)."""
    record = trained(models[0])
    with scoring(models, goal, batch_size=batch_size, device=device) as scorer:
        outputs = scorer.outputs(letters)
    asked = torch.as_tensor(outputs, dtype=torch.float32)
    scores = [goal.score(one).detach().cpu().double().numpy() for one in asked]
    mean = outputs.mean(axis=0)
    return Answers(mean, apply_link(mean, record), apply_link(outputs, record), np.stack(scores))
