"""What a network reads in the sequences of a report: the part that all other parts ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data.quality.check import DataCheck
from motifbook.models import MotifNetwork
from motifbook.motif.matrix import Motif
from motifbook.report.cards import Card
from motifbook.report.contrasts import Contrast
from motifbook.report.predictors import NETWORK
from motifbook.report.scores import Predictor, is_weak, main_score
from motifbook.report.tested import MotifTests

if TYPE_CHECKING:
    from anndata import AnnData

FEW_SEEN = 200  # from fewer that it has seen a network of permuted readouts uses motifs too
FEW_JUDGES = 50  # an auROC of 0.75 on fewer has an interval that reaches 0.6


@dataclass(frozen=True)
class Reading:
    """What a network reads in one set of sequences, and how well it does.

    Parameters
    ----------
    adata
        A copy of the data with split, predictions, motifs, hits, tests and formula.
    model
        The trained network.
    cards
        One per motif that it uses, most used first.
    evaluation
        See `evaluation_table`; predictions of the rows that judge.
    predictors
        The network first.
    judges
        Rows on which predictors were judged.
    held_out
        Whether training has not seen them.
    leak
        A sentence if they resemble training sequences too much, else "".
    contrasts, composition
        Groups of sequences, and what is in them.
    checked
        What the data are like; see `mb.check`.
    enriched
        Known motifs against the readouts, without the network; see `mb.enrichment`. May be empty.
    known_name
        What the network's motifs were compared with; "" for nothing.
    n_known
        How many known motifs that were.
    tested
        Whether motifs hold on rows that had no part in finding them.
    notes
        Sentences on what was done with the data, beyond `adata.uns["done"]`.
    """

    adata: AnnData
    model: MotifNetwork
    cards: list[Card]
    evaluation: pd.DataFrame
    predictors: list[Predictor]
    judges: npt.NDArray[np.int64]
    held_out: bool
    leak: str
    contrasts: list[Contrast]
    composition: pd.DataFrame
    checked: DataCheck
    enriched: pd.DataFrame
    known_name: str
    n_known: int
    tested: MotifTests
    notes: list[str]

    @property
    def motifs(self) -> list[Motif]:
        """All motifs that the network uses, by their number."""
        forms = [form for card in self.cards for form in card.forms]
        return sorted(forms, key=lambda motif: -float(motif.info["use"]))

    @property
    def n_filters(self) -> int:
        """How many filters the network has."""
        return int(self.model.motifs.n_filters)

    @property
    def n_unused(self) -> int:
        """How many of them belong to no motif that is used."""
        return self.n_filters - len({f for motif in self.motifs for f in motif.info["filters"]})

    @property
    def weak_readouts(self) -> list[str]:
        """Readouts that the network predicts too badly for its motifs to mean anything."""
        names = [contrast.readout for contrast in self.contrasts]
        return [n for n in names if is_weak(main_score(self.evaluation, NETWORK, n))]

    @property
    def first_readout(self) -> str:
        """The first that the network predicts well; "" if it should not be interpreted at all."""
        good = [c.readout for c in self.contrasts if c.readout not in self.weak_readouts]
        return "" if self.is_too_weak else good[0]

    @property
    def is_too_weak(self) -> bool:
        """Whether the network should not be interpreted at all."""
        is_unjudged = not self.held_out and self.has_few_judges
        return not self.cards or is_unjudged or len(self.weak_readouts) == len(self.contrasts)

    @property
    def has_few_judges(self) -> bool:
        """Whether so few rows judge that a good network may seem weak, or learned by heart."""
        return len(self.judges) < (FEW_JUDGES if self.held_out else FEW_SEEN)
