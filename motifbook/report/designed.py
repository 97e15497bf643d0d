"""New sequences for a report: a few that the network predicts to be high."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from motifbook import _check
from motifbook.design.constraints import Constraints
from motifbook.design.design import design
from motifbook.design.designs import Designs
from motifbook.design.options import DesignOptions
from motifbook.models import Network
from motifbook.motif.matrix import Motif
from motifbook.report.predictors import Settings

N_DESIGNS = 5
WITHOUT_SKILL = (
    "the network predicts held-out sequences too badly to be followed, see the top of this page"
)
N_LETTERS = 24  # that may change: few edits can be read, and stay near what the network knows


@dataclass(frozen=True)
class Designed:
    """New sequences, or why there are none.

    Parameters
    ----------
    designs
        From `mb.design`.
    is_own
        Whether the report made them, rather than the user.
    reason
        Why there are none, in words; "" if there are.
    readout
        What those of the report raise.
    """

    designs: Designs | None
    is_own: bool = True
    reason: str = ""
    readout: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """`Designs.table`; empty without designs."""
        return pd.DataFrame() if self.designs is None else self.designs.table

    @property
    def edits(self) -> pd.DataFrame:
        """`Designs.edits`; empty without designs."""
        return pd.DataFrame() if self.designs is None else self.designs.edits

    def fasta(self) -> str:
        """The sequences as they would be ordered, in FASTA format; "" without designs."""
        if self.designs is None:
            return ""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "designs.fa"
            self.designs.write_fasta(path)
            return path.read_text(encoding="utf-8")


def check_asked(designs: Designs | int) -> Designs | int:
    """Refuse what is neither designs nor a number of them."""
    if isinstance(designs, Designs):
        return designs
    return _check.whole_number(designs, "designs", low=0)


def find_designs(
    asked: Designs | int,
    model: Network,
    motifs: Sequence[Motif],
    settings: Settings,
    *,
    readout: str,
) -> Designed:
    """Return the designs that were handed in, or write so many.

    Parameters
    ----------
    asked
        Designs, or how many to write; 0 for none.
    motifs
        Give edits their names.
    readout
        What they raise; "" if the network should not be followed.
    """
    if isinstance(asked, Designs):
        return Designed(asked, is_own=False)
    if not asked:
        return Designed(None, reason="none were asked for")
    if not readout:
        return Designed(None, reason=WITHOUT_SKILL)
    try:
        made = design(
            model,
            "max",
            n=asked,
            readout=readout,
            constraints=Constraints(n_edits=N_LETTERS),
            options=DesignOptions(motifs=motifs),
            seed=settings.seed,
            device=settings.device,
        )
    except _check.InputError as error:
        return Designed(None, reason=str(error).removesuffix("."))
    return Designed(made, readout=readout)
