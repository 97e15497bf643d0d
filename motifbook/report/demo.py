"""Sequences with planted motifs, found again: does everything work on this machine?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from motifbook.data import schema
from motifbook.data.simulate import simulate
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif
from motifbook.report.analysis import Analysis, analyze
from motifbook.report.folder import make_folder, write_folder
from motifbook.report.predictors import Settings

N = 4000
FOUND = 0.9  # similarity to a planted motif from which it counts as found


@dataclass(frozen=True)
class Demo:
    """What the demonstration found.

    Parameters
    ----------
    found
        One row per planted motif: "planted", "found_as" (the motif most like it), "similarity",
        "like" (the known motif it goes by) and "is_found".
    page
        The report.
    """

    found: pd.DataFrame
    page: Path

    @property
    def is_found(self) -> bool:
        """Whether every planted motif was found."""
        return bool(self.found["is_found"].all())


def run_demo(out: str | os.PathLike[str], settings: Settings) -> Demo:
    """Simulate sequences, find their motifs, write the folder `out`, compare with the truth."""
    make_folder(out)
    adata = simulate(N, rule="tut2", seed=settings.seed)
    settings.say(f"simulated {N:,} sequences with planted motifs")
    analysis = analyze(adata, baselines=("cnn", "known"), settings=settings)
    page = write_folder(analysis, out)
    settings.say("wrote the report")
    return Demo(compare_with_truth(analysis), page)


def compare_with_truth(analysis: Analysis) -> pd.DataFrame:
    """For each planted motif the one of the network that is most like it; see `Demo`."""
    rows = []
    for name, ppm in analysis.adata.uns[schema.TRUTH]["motifs"].items():
        planted = Motif(name, ppm)
        best, found_as, like = 0.0, "–", "–"
        for card in analysis.cards:
            for form in card.forms:
                if (value := similarity(form, planted)) > best:
                    best, found_as, like = value, form.name, card.name
        row = {"planted": name, "found_as": found_as, "similarity": best, "like": like}
        rows.append({**row, "is_found": best >= FOUND})
    return pd.DataFrame(rows)
