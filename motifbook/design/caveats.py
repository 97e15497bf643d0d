"""What a user should know of designs that are not what was asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook.design.goal import Goal
from motifbook.design.problem import first
from motifbook.models.network import Record
from motifbook.onehot import decode
from motifbook.train.evaluate import trained

if TYPE_CHECKING:
    from motifbook.design.designs import Designs


LEAST_EXPLAINED = 0.05  # share of the loss of a guess that a useful network saves


def caveats(designs: Designs, n: int) -> list[str]:
    """Sentences on what was not reached, and what may be a mistake; `n` designs were asked for."""
    return [
        *_no_better_than_a_guess([trained(model) for model in designs.models]),
        *_too_few(len(designs), n),
        *_unchanged(designs.table, designs.edits),
        *_wrong_way(designs.table, designs.goal),
        *_doubled(designs),
    ]


def _no_better_than_a_guess(records: Sequence[Record]) -> list[str]:
    """Networks that predicted next to nothing of the rows kept aside while they learned."""
    shares = [_explained(record) for record in records]
    if not np.max(shares) < LEAST_EXPLAINED:  # NaN: not known
        return []
    readouts = ", ".join(records[0].readouts)
    network, promises = "The network", "it promises"
    if len(records) > 1:
        network, promises = "Each of the networks", "they promise"
    return [
        f"{network} predicted {readouts} hardly better than a guess in the validation rows of its "
        f"training, so what {promises} of these designs says little. See `mb.evaluate(model, "
        "adata)`, and train it better before you order."
    ]


def _explained(record: Record) -> float:
    """Share of the loss of a guess that a network saves in its validation rows; NaN if unknown.

    A guess is the mean of continuous readouts, where the loss is 1, and a coin for binary ones.
    Unknown for both together, with class weights, and for networks trained elsewhere.
    """
    rounds, best = record.details.get("rounds"), record.details.get("best_round", -1)
    kinds = set(record.kinds)
    has_weights = "binary" in kinds and any(record.center)
    if not rounds or len(kinds) > 1 or has_weights:
        return float("nan")
    guess = 1.0 if kinds == {"continuous"} else math.log(2)
    return 1 - float(rounds[best]["validation_loss"]) / guess


def _too_few(n_found: int, n: int) -> list[str]:
    if n_found == n:
        return []
    return [
        f"{n_found} of {n} designs: other searches ended too near to these. More starts, more "
        "`n_tries`, a smaller `distance` (DesignOptions) or another `method` give more."
    ]


def _unchanged(table: pd.DataFrame, edits: pd.DataFrame) -> list[str]:
    """Designs that are what they began with, or that as it was mended."""
    improved = set(edits.loc[edits["kind"] != "repair", "design"])
    names = [str(name) for name in table["design"] if name not in improved]
    if not names:
        return []
    are = "is its start" if len(names) == 1 else "are their starts"
    mended = ", mended" if edits["design"].isin(names).any() else ""
    return [
        f"{', '.join(names)} {are}{mended}: no edit gained enough. Another `method` tries other "
        'edits ("greedy": every letter); a smaller `least_gain` (DesignOptions) takes less.'
    ]


def _wrong_way(table: pd.DataFrame, goal: Goal) -> list[str]:
    """Readouts of several that the others outweighed."""
    if goal.combine is not None or len(goal.aims) < 2:
        return []
    said = []
    for aim in goal.aims:
        change = table[f"{aim.name}_after"] - table[f"{aim.name}_before"]
        n_wrong = int((aim.direction * change < 0).sum())
        if n_wrong:
            went, wanted = ("fell", "high") if aim.direction > 0 else ("rose", "low")
            said.append(
                f"{aim.name} should be {wanted} and {went} in {n_wrong} of {len(table)} designs: "
                "what other readouts gained counted more. A function as `goal` can weigh them "
                "otherwise."
            )
    return said


def _doubled(designs: Designs) -> list[str]:
    """Flanks that the sequences hold already."""
    begins = decode(first(designs.paths), designs.models[0].alphabet, strip=True)
    left, right = designs.constraints.flanks
    held = {
        "left": bool(left) and all(text.startswith(left) for text in begins),
        "right": bool(right) and all(text.endswith(right) for text in begins),
    }
    return [
        f"The starts hold the {side} one of `flanks` already, so it is ordered twice, one beside "
        "the other. What they hold is kept by `fixed`, such as `fixed=[(0, 20), (-20, None)]`."
        for side, is_held in held.items()
        if is_held
    ]
