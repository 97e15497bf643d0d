"""The network asked by experiment: what it misses without a motif, and which letters it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.attribution.attribute import attribute
from motifbook.attribution.letters import Attribution
from motifbook.data import store
from motifbook.data.places import find_spans
from motifbook.experiment import ablate
from motifbook.models import Network
from motifbook.motif.matrix import Motif
from motifbook.report.predictors import Settings

if TYPE_CHECKING:
    from anndata import AnnData

MOST_SEQUENCES = 1000  # from which motifs are taken out: more cost time and change no conclusion
MOST_MOTIFS = 8  # that are shown in sequences
LONG = 600  # letters from which every letter is not changed one by one: the gradient tells instead
MARGIN = 24  # letters shown on either side of an instance

IntArray = npt.NDArray[np.int64]


def take_out(
    model: Network, adata: AnnData, instances: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Replace the instances of each motif by background letters; see `mb.ablate`.

    In at most 1,000 of the sequences that hold some, drawn at random. Empty without instances.
    """
    if not len(instances):
        return pd.DataFrame()
    rows = np.flatnonzero(adata.obs_names.isin(instances["sequence"]))
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:MOST_SEQUENCES])
    part = adata[rows].copy()
    own = instances[instances["sequence"].isin(part.obs_names)]
    return ablate(model, part, own, seed=settings.seed, device=settings.device)


@dataclass(frozen=True)
class Example:
    """One motif in one sequence.

    Parameters
    ----------
    motif
        Its name in the table of instances.
    what
        Which of its instances this is, in words.
    sequence
        Name of the sequence.
    values : (n_letters, length)
        What each letter of this sequence adds to the prediction.
    window
        Letters that are shown, 0-based and half-open.
    instances
        Of all motifs in this sequence.
    """

    motif: str
    what: str
    sequence: str
    values: Attribution
    window: tuple[int, int]
    instances: pd.DataFrame

    @property
    def words(self) -> str:
        """What the heights of letters are."""
        unit = "log odds of " if self.values.unit == "logit" else ""
        how, more = "the gradient of the prediction", ""
        if self.values.method == "mutagenesis":
            how = "what the prediction loses, on average, when another letter stands there"
            more = " A very strong site can spare a letter."
        return (
            f"The height of a letter is {how} ({unit}{self.values.readout}).{more} Shaded: motifs "
            "that the network sees."
        )


def find_examples(
    model: Network,
    adata: AnnData,
    motifs: Sequence[Motif],
    instances: pd.DataFrame,
    *,
    taken_out: pd.DataFrame,
    settings: Settings,
) -> list[Example]:
    """Two instances of each motif, the strongest and a typical one, with what letters add.

    Parameters
    ----------
    motifs
        Under the names that `instances` has; the first eight are shown.
    taken_out
        Of `take_out`: says on which readout a motif acts most.
    """
    found = []
    for motif in motifs[:MOST_MOTIFS]:
        picked = _strongest_and_typical(instances[instances["motif"] == motif.name])
        if not len(picked):
            continue
        rows = adata.obs_names.get_indexer(picked["sequence"])
        part = adata[rows].copy()
        padding, lengths = find_spans(part)
        values = _letters(model, part, _readout(taken_out, motif.name), settings)
        for number, (what, row) in enumerate(zip(picked["what"], rows)):
            first, length = int(padding[number]), int(lengths[number])
            site = picked.iloc[number]
            found.append(
                Example(
                    motif=motif.name,
                    what=str(what),
                    sequence=str(adata.obs_names[row]),
                    values=values[number][:, first : first + length],
                    window=_window(int(site["start"]), int(site["end"]), length),
                    instances=instances[instances["sequence"] == adata.obs_names[row]],
                )
            )
    return found


def _strongest_and_typical(own: pd.DataFrame) -> pd.DataFrame:
    """The instances of largest and of median weight, in two sequences where there are two."""
    best = own.assign(size=own["weight"].abs()).sort_values("size", ascending=False, kind="stable")
    best = best.drop_duplicates("sequence")
    picked = best.iloc[sorted({0, len(best) // 2})] if len(best) else best
    return picked.assign(what=["the strongest site", "a typical site"][: len(picked)])


def _readout(taken_out: pd.DataFrame, motif: str) -> str | int:
    """The readout on which a motif acts most."""
    own = taken_out[taken_out["motif"] == motif] if len(taken_out) else taken_out
    return str(own["readout"].iloc[int(own["effect"].abs().argmax())]) if len(own) else 0


def _letters(model: Network, part: AnnData, readout: str | int, settings: Settings) -> Attribution:
    method = "mutagenesis" if store.get_letters(part).shape[1] <= LONG else "gradient"
    return attribute(
        model, part, method, readout=readout, seed=settings.seed, device=settings.device
    )


def _window(start: int, end: int, length: int) -> tuple[int, int]:
    """The instance and letters on either side, as many as fit."""
    width = min(end - start + 2 * MARGIN, length)
    first = min(max(0, (start + end - width) // 2), length - width)
    return first, first + width
