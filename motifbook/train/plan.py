"""What a training is given and what it tells: data, plan, history."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class TrainingData:
    """Sequences and what was measured, as arrays.

    Parameters
    ----------
    letters : (n, length) uint8
    readout : (n, n_readouts) float32
        On the network's scale; NaN where not measured.
    train, validation
        Row numbers.
    """

    letters: npt.NDArray[np.uint8]
    readout: npt.NDArray[np.float32]
    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How long and how.

    Parameters
    ----------
    n_steps
        Batches in all.
    batch_size, seed, device, progress
        See `fit`.
    patience
        Rounds (fifteenths of the training) without a better validation loss after which it stops;
        counted from half time on, when all penalties are at work.
    checkpoint
        File to which the state is written every round; None for none.
    n_devices, strategy, precision
        See `FitOptions`.
    is_started
        Whether `fit` itself started this process to train together with others.
    """

    n_steps: int
    batch_size: int = 128
    seed: int = 0
    device: str = "auto"
    progress: bool = True
    patience: int = 5
    checkpoint: Path | None = None
    n_devices: int = 1
    strategy: str = "auto"
    precision: str = "32-true"
    is_started: bool = False


@dataclass
class History:
    """What happened in a training.

    Parameters
    ----------
    rounds
        One dictionary per look: "step", "phase", "train_loss", "validation_loss" (NaN without
        validation rows).
    best_round
        Number of the round whose weights were kept.
    stopped
        "finished", "early" (validation loss no longer fell) or "interrupted".
    notes
        Sentences on what `fit` did with the data, and on checkpoints that could not be written.
    """

    rounds: list[dict[str, Any]] = field(default_factory=list)
    best_round: int = -1
    stopped: str = "finished"
    notes: list[str] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """One row per round: step, phase, train_loss, validation_loss."""
        return pd.DataFrame(self.rounds, columns=["step", "phase", "train_loss", "validation_loss"])

    def __repr__(self) -> str:
        if not self.rounds:
            return f"History({self.stopped}, no rounds)"
        best = self.rounds[self.best_round]
        return (
            f"History({self.stopped} after {self.rounds[-1]['step']} steps, "
            f"validation loss {best['validation_loss']:.3f} at step {best['step']})"
        )
