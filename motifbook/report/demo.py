"""Sequences with planted motifs, found again: does everything work on this machine?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from motifbook.data.simulation.simulate import simulate
from motifbook.exercises import recovery
from motifbook.report.analysis import Analysis, analyze
from motifbook.report.folder import keeping, make_folder, write_folder
from motifbook.report.predictors import Settings

N = 4000


@dataclass(frozen=True)
class Demo:
    """What the demonstration found.

    Parameters
    ----------
    found
        As `exercises.recovery`, one row per planted motif, and "like": the known motif that the
        one found goes by.
    page
        The report.
    """

    found: pd.DataFrame
    page: Path

    @property
    def is_found(self) -> bool:
        """Whether every planted motif was found."""
        return bool(self.found["found"].all())


def run_demo(out: str | os.PathLike[str], settings: Settings) -> Demo:
    """Simulate sequences, find their motifs, write the folder `out`, compare with the truth."""
    settings = keeping(settings, make_folder(out))
    adata = simulate(N, rule="tut2", seed=settings.seed)
    settings.say(f"simulated {N:,} sequences with planted motifs")
    analysis = analyze(adata, baselines=("cnn", "known"), settings=settings)
    page = write_folder(analysis, out)
    settings.say("wrote the report")
    return Demo(compare_with_truth(analysis), page)


def compare_with_truth(analysis: Analysis) -> pd.DataFrame:
    """For each planted motif the one of the network that is most like it; see `Demo`."""
    names = {form.name: card.name for card in analysis.cards for form in card.forms}
    table = recovery(analysis.motifs, analysis.adata)
    table["like"] = table["found_as"].map(names)
    return table.replace({"found_as": ""}, "–").fillna({"like": "–"})
