"""`Designs.table`: one row per design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.design.problem import Path, final, first
from motifbook.design.scorer import Scorer
from motifbook.onehot import decode
from motifbook.train.evaluate import apply_link

TAKEN = frozenset(
    [
        "design",
        "start",
        "sequence",
        "control",
        "edit",
        "n_edits",
        "n_changed",
        "n_sites",
        "gc",
        "score",
        "score_before",
        "judge_score",
        "percentile",
        "beats_best",
        "agree",
        "extrapolates",
        "nearest",
        "identity",
        "distance",
        "distance_percentile",
        "sites_percentile",
        "judge_shared",
        "keeps_constraints",
        "words",
    ]
)  # columns of tables in which readouts have columns of their names


def refuse_taken(readouts: Sequence[str]) -> None:
    """Refuse readouts that are called like a column of the tables of designs.

    Raises
    ------
    InputError
        Naming the first one.
    """
    for name in readouts:
        if name in TAKEN:
            raise _check.InputError(
                f"The network predicts {name!r}, and tables of designs have a column of that name; "
                "expected another one. Train with the readout renamed (`adata.var_names`), or name "
                "it in `mb.Foreign(…, readouts=[…])`."
            )


def design_table(
    names: Sequence[str],
    starts: Sequence[str],
    paths: Sequence[Path],
    scorer: Scorer,
    *,
    flanks: tuple[str, str],
) -> pd.DataFrame:
    """Describe designs.

    Parameters
    ----------
    names, starts
        Of the designs, and of what each began with.
    flanks
        Letters that are ordered before and after each.

    Returns
    -------
    DataFrame
        See `Designs.table`.
    """
    began, last = first(paths), final(paths)
    sequences = decode(last, scorer.alphabet, strip=True)
    left, right = flanks
    columns: dict[str, Any] = {
        "design": names,
        "start": starts,
        "sequence": sequences,
        "n_edits": [len(path.moves) for path in paths],
        "n_changed": (began != last).sum(axis=1),
        "gc": [share_of_gc(f"{left}{one}{right}") for one in sequences],
        "score_before": scorer.scores(began),
        "score": scorer.scores(last),
    }
    if not scorer.alphabet.is_nucleotides:
        columns["gc"] = np.nan
    before, after = scorer.outputs(began), scorer.outputs(last)  # (n_networks, n, n_readouts)
    several = len(after) > 1
    spread = apply_link(after, scorer.record).std(axis=0, ddof=int(several))
    for number, name in enumerate(scorer.record.readouts):
        for word, values in (("before", before), ("after", after)):
            predicted = apply_link(values.mean(axis=0), scorer.record)
            columns[f"{name}_{word}"] = predicted[:, number]
        columns[f"{name}_spread"] = spread[:, number] if several else np.nan
    return pd.DataFrame(columns)


def share_of_gc(ordered: str) -> float:
    """Share of G and C in a text in capitals, 0 to 1."""
    return (ordered.count("G") + ordered.count("C")) / len(ordered)
