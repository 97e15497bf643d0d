"""Every edit in words, with what it does to the predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from motifbook.design.assemble import stretches
from motifbook.design.problem import Path
from motifbook.design.scorer import Scorer
from motifbook.experiment.effects import UNITS
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode
from motifbook.train.evaluate import apply_link

COLUMNS = [
    "design", "step", "edit", "kind", "motif", "start", "end", "strand", "letters_before",
    "letters_after", "readout", "before", "after", "effect", "alone", "unit",
]  # fmt: skip


def edit_table(
    names: Sequence[str], paths: Sequence[Path], scorer: Scorer, motifs: Sequence[Motif]
) -> pd.DataFrame:
    """Tell every edit of every design.

    Parameters
    ----------
    names
        Of the designs, one per path.
    motifs
        Give edits their names.

    Returns
    -------
    DataFrame
        One row per edit and readout of the goal, in order:

        - design, step: name, and number from 1
        - edit: what it does, in words
        - kind, motif, start, end, strand: see `Move`; positions from the first letter of the
          sequence
        - letters_before, letters_after: from the first to the last letter that it changes
        - readout, before, after: prediction without and with the edit, on the scale of the
          measurement; mean of several networks
        - effect: after - before where effects add up, see `unit`
        - alone: what the finished design has more than the same without this one edit
        - unit: "logit" for binary readouts, "readout" for continuous ones
    """
    record = scorer.record
    rows = []
    for name, path in zip(names, paths):
        outputs = scorer.outputs(path.letters).mean(axis=0)
        predicted = apply_link(outputs, record)
        texts = decode(path.letters, scorer.alphabet)
        for step, move in enumerate(path.moves):
            spans = stretches(path.letters[step], path.letters[step + 1])
            first, end = spans[0][0], spans[-1][1]
            for aim in scorer.goal.aims:
                i = aim.number
                rows.append(
                    (
                        name,
                        step + 1,
                        f"letters {first} to {end - 1}",
                        move.kind,
                        move.motif,
                        move.start,
                        move.end,
                        move.strand,
                        texts[step][first:end],
                        texts[step + 1][first:end],
                        aim.name,
                        predicted[step, i],
                        predicted[step + 1, i],
                        outputs[step + 1, i] - outputs[step, i],
                        np.nan,
                        UNITS[aim.kind],
                    )
                )
    return pd.DataFrame(rows, columns=COLUMNS)
