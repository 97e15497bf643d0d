"""The syntax of a network in plain English."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import pandas as pd

from motifbook.data.words import counted
from motifbook.discover.syntax.rules import Rule

_UNITS = {"logit": " logit", "readout": ""}
_STRANDS = {
    "++": "same strand",
    "+-": "facing each other",
    "-+": "back to back",
    "±±": "on either strand",
    "±+": "{a} on either strand",
    "+±": "{b} on either strand",
}


def rule_sentence(rule: Rule, alone: pd.DataFrame) -> str:
    """One rule, and what its motifs do alone (rows of `mb.marginalize`), in words.

    Examples
    --------
    >>> rule = Rule("E", "G", "motif_a first", "++", 6, 10, "soft", "y", 3, 2.5, 3.5, 9, "logit")
    >>> alone = pd.DataFrame({"motif": ["E", "G"], "readout": "y", "effect": [0, 0.1]})
    >>> rule_sentence(rule, alone)
    'E then G, 6 to 10 letters apart, same strand: y +3.0 (+2.5 to +3.5) logit beyond both alone;
    E alone +0.0, G alone +0.1.'
    """
    effects = alone[alone["readout"] == rule.readout].groupby("motif")["effect"].mean()
    names = dict.fromkeys((rule.motif_a, rule.motif_b))
    singles = ", ".join(f"{name} alone {size(effects[name], rule.effect)}" for name in names)
    return f"{_place_words(rule)}: {rule.readout} {measured(rule)} beyond both alone; {singles}."


def doubt_words(rule: Rule, part: str, weight: float) -> str:
    """Say that a part of the network says otherwise than the experiment."""
    if part == "its attention":
        return f"Yet no head of its attention looks at both (weight {weight:.2f})."
    return f"Yet {part} says {size(weight, rule.effect)}."


def echo_sentence(rule: Rule, weight: float) -> str:
    """Say that a measured pair is not in the only place for pairs, the network's table."""
    added, listed = size(rule.effect, rule.effect), size(weight, rule.effect)
    return (
        f"{_place_words(rule)}: planted, they add {added} beyond both alone, but its table of "
        f"pairs says {listed}: filters of other motifs fire there. No rule."
    )


def unheard_sentence(rule: Rule, planted: float) -> str:
    """Say that a pair of the table does nothing of the kind when it is planted."""
    listed, added = size(rule.effect, rule.effect), size(planted, rule.effect)
    return (
        f"Its table of pairs lists {_place_words(rule)} ({listed}); planted, they add {added} "
        "beyond both alone: no rule."
    )


def composite_sentence(row: pd.Series) -> str:
    """One composite motif, a row of `composites.measure_composites`, in words."""
    known = f", known as {row['known']}" if row["known"] else ""
    where = "side by side" if row["gap"] == 0 else f"{counted(row['gap'], 'letter')} apart"
    says = f"{row['motif']} is a composite of {row['part_a']} then {row['part_b']}, {where}{known}"
    tail = ""
    if row["spacing"] == "":
        tail = " Other distances do as well: the network needs no fixed one."
    elif row["spacing"] == "hard":
        tail = " No other distance does."
    return f"{says}: together its halves add {measured(row)} beyond both.{tail}"


def alone_sentence(row: pd.Series) -> str:
    """What a motif without a rule does, a row of `mb.marginalize`, in words."""
    what = f"does nothing measurable to {row['readout']}"
    if row["lower"] > 0 or row["upper"] < 0:
        does = "raises" if row["effect"] > 0 else "lowers"
        what = f"{does} {row['readout']} wherever it is"
    return f"{row['motif']} acts alone: it {what}, {measured(row)}."


def _place_words(rule: Rule) -> str:
    """Motifs, order, distance and strands of a rule, in words."""
    return f"{_pair(rule)}, {_distance(rule)}, {_strands(rule)}"


def _pair(rule: Rule) -> str:
    if rule.motif_a == rule.motif_b:
        return f"{rule.motif_a} twice"
    if rule.order == "either":
        return f"{rule.motif_a} and {rule.motif_b}, in either order"
    return f"{rule.motif_a} then {rule.motif_b}"


def _distance(rule: Rule) -> str:
    if rule.spacing == "any":
        return f"at any distance up to {rule.gap_max} letters"
    if rule.gap_min == rule.gap_max:
        return f"exactly {counted(rule.gap_min, 'letter')} apart"
    return f"{rule.gap_min} to {counted(rule.gap_max, 'letter')} apart"


def _strands(rule: Rule) -> str:
    words = _STRANDS.get(rule.orientation, f"strands {rule.orientation}")
    return words.format(a=rule.motif_a, b=rule.motif_b)


def measured(row: Any) -> str:
    """An effect with its interval and unit; `row` has effect, lower, upper and unit.

    Examples
    --------
    >>> measured(pd.Series({"effect": 3, "lower": 2.51, "upper": 3.5, "unit": "logit"}))
    '+3.0 (+2.5 to +3.5) logit'
    """
    effect, lower, upper = (size(value, row.effect) for value in (row.effect, row.lower, row.upper))
    return f"{effect} ({lower} to {upper}){_UNITS[row.unit]}"


def size(value: float, beside: float) -> str:
    """A signed number, with as many digits as mean something beside another one.

    Examples
    --------
    >>> size(2.26, 3.1), size(-0.04, 3.1), size(0.04, 0.031), size(312.2, 312.2)
    ('+2.3', '+0.0', '+0.040', '+312')
    """
    largest = max(abs(beside), 1e-12)
    decimals = 0 if largest >= 100 else max(1, 1 - floor(log10(largest)))
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"
