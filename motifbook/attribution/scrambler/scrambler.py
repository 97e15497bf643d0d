"""The trained scrambler and what it says of sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.attribution.predictor import Asked, Choice
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.rows import Rows
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.models.network import Network


@dataclass(frozen=True)
class Training:
    """What a scrambler keeps of the rows it was trained with.

    Parameters
    ----------
    rows
        All rows it was given.
    watched : (n_watched,)
        Rows it was judged on, "validation" ones where there are any.
    scores, letters : (n_sample, length)
        Of some training rows: what one shift for a data set is solved on.
    history
        One row per look: "step", "loss", "bits", "validation_loss".
    """

    rows: Rows
    watched: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    letters: npt.NDArray[np.uint8]
    history: pd.DataFrame


class Scrambler:
    """A trained scrambler; made by `fit_scrambler`.

    Attributes
    ----------
    model
        The network it explains.
    readout
        As asked for.
    choice
        The readouts it explains.
    scorer
        Its own network.
    rule
        What its scores mean.
    options
        Of its training.
    bits
        Budget it was trained for, in what `rule.counts` says; None for all budgets.
    ceiling
        Largest mean budget of its training rows.
    seed
        Of its training.
    notes
        Sentences on its training.
    """

    def __init__(
        self,
        model: Network,
        readout: Asked,
        choice: Choice,
        *,
        scorer: Scorer,
        rule: MaskRule,
        options: ScramblerOptions,
        bits: float | None,
        ceiling: float,
        seed: int,
        training: Training,
        notes: list[str],
    ) -> None:
        self.model, self.readout, self.choice = model, readout, choice
        self.scorer, self.rule, self.options = scorer, rule, options
        self.bits, self.ceiling, self.seed = bits, ceiling, seed
        self.training, self.notes = training, notes

    @property
    def history(self) -> pd.DataFrame:
        """How training went."""
        return self.training.history
