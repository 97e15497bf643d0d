"""An outlook in sentences."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from motifbook.data.words import counted, percent
from motifbook.design.goal import Aim, Goal
from motifbook.design.known_data import Known


def outlook_words(
    table: pd.DataFrame, goal: Goal, *, n_judges: int, known: Known | None
) -> list[str]:
    """Say in words what each row of an outlook means; `n_judges` is 0 without a judge."""
    shared = _on_shared(float(table["judge_shared"].iloc[0])) if n_judges and len(table) else ""
    return [
        " ".join(
            filter(
                None,
                [
                    *(_prediction(row, aim, n_judges) for aim in goal.aims),
                    _rank(row, goal, len(table), n_judges, known),
                    _agreement(row, goal, n_judges),
                    _distance(row, known),
                    shared,
                ],
            )
        )
        for row in table.to_dict("records")
    ]


def _prediction(row: dict[Any, Any], aim: Aim, n_judges: int) -> str:
    name = aim.name
    own = _shown(row[name], aim)
    if not n_judges:
        return f"{name}: {own} by the network that made it; no judge was asked."
    ends = [_shown(row[f"{name}_judge_{end}"], aim) for end in ("lowest", "highest")]
    between = f" ({' to '.join(ends)} between {n_judges} networks)"
    if ends[0] == ends[1]:
        between = f" (by each of {n_judges} networks)" if n_judges > 1 else ""
    judged = _shown(row[f"{name}_judge"], aim)
    return f"{name}: {judged} by the judge{between}, {own} by the network that made it."


def _shown(value: float, aim: Aim) -> str:
    """Three digits; a probability is never said to be 1 or 0.

    Examples
    --------
    >>> bound = Aim(0, "bound", "binary", 1.0, 1)
    >>> _shown(0.99998, bound), _shown(0.25, bound), _shown(0.0, bound)
    ('over 0.999', '0.25', 'under 0.001')
    """
    if aim.kind == "binary":
        if value > 0.9995:
            return "over 0.999"
        if value < 0.0005:
            return "under 0.001"
    return f"{value:.3g}"


def _rank(
    row: dict[Any, Any], goal: Goal, n_designs: int, n_judges: int, known: Known | None
) -> str:
    """Where the design stands among predictions for training rows, toward the goal."""
    if known is None:
        return ""
    who = "The judge" if n_judges else "The network that it was made to please"
    than, best = _better(goal)
    said = f"{who} puts it {than} {_of_all(row['percentile'])} training sequences"
    if n_designs > 1:
        chance = row["beats_best"]
        words = "more than 0.99" if chance > 0.99 else f"{chance:.2f}"
        said += f"; {than} the {best} of {n_designs} of them with probability {words}"
    if row["extrapolates"]:
        said += "; beyond all predictions for them, where networks extrapolate"
    return said + "."


def _better(goal: Goal) -> tuple[str, str]:
    """What a better sequence is, and the best one: higher only where that was asked for."""
    directions = [aim.direction for aim in goal.aims]
    if goal.combine is not None or len(directions) > 1 or not directions[0]:
        return "nearer to the goal than", "nearest"
    return ("above", "highest") if directions[0] > 0 else ("below", "lowest")


def _of_all(percentile: float) -> str:
    """Say which part, never more than is so: 99.97 is "99.9 % of".

    Examples
    --------
    >>> _of_all(99.97), _of_all(100), _of_all(0)
    ('99.9 % of', 'all', '0 % of')
    """
    return "all" if percentile >= 100 else f"{math.floor(10 * percentile) / 10:g} % of"


def _agreement(row: dict[Any, Any], goal: Goal, n_judges: int) -> str:
    """Which part of the judge doubts that the edits are of use."""
    n_agree = round(row["agree"] * n_judges)
    if not n_judges or n_agree == n_judges:
        return ""
    who = f"Only {n_agree} of {n_judges} networks of the judge put it"
    if not n_agree:
        who = "The judge does not put it"
        if n_judges > 1:
            who = f"None of the judge's {n_judges} networks puts it"
    return f"{who} {_better(goal)[0]} its start."


def _distance(row: dict[Any, Any], known: Known | None) -> str:
    if known is None:
        return "How far it is from the training data is not known without `adata`."
    near = f"{row['nearest']} is nearest and shares {percent(row['identity'])} of its letters"
    others = "held-out sequences" if known.is_held_out else "other training sequences"
    share = row["distance_percentile"]
    side, part = ("farther from", share) if share >= 50 else ("nearer to", 100 - share)
    near += f"; its six-letter words are {side} the training data"
    said = f"{near} than those of {_of_all(part)} {others}"
    if row["n_sites"] > 0:
        said += (
            f"; {counted(int(row['n_sites']), 'motif site')}, more than in "
            f"{_of_all(row['sites_percentile'])} training sequences"
        )
    return said + "."


def _on_shared(share: float) -> str:
    if math.isnan(share):
        return "Whether the judge learned from other sequences than that network is not known."
    if share > 0:
        return (
            f"Caution: {percent(share)} of the judge's training sequences taught that network, "
            "too, so it is no independent judge."
        )
    return ""
