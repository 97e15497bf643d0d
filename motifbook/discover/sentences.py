"""The syntax of a network in plain English."""

from __future__ import annotations

import pandas as pd

from motifbook.discover.rules import Rule

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
    'E then G, 6 to 10 letters apart, same strand: +3.0 (+2.5 to +3.5) logit beyond both alone;
    E alone +0.0, G alone +0.1.'
    """
    effects = alone[alone["readout"] == rule.readout].groupby("motif")["effect"].mean()
    names = dict.fromkeys((rule.motif_a, rule.motif_b))
    singles = ", ".join(f"{name} alone {effects[name]:+.1f}" for name in names)
    interval = f"{rule.effect:+.1f} ({rule.lower:+.1f} to {rule.upper:+.1f}){_UNITS[rule.unit]}"
    return f"{place_words(rule)}: {interval} beyond both alone; {singles}."


def place_words(rule: Rule) -> str:
    """Motifs, order, distance and strands of a rule, in words."""
    return f"{_pair(rule)}, {_distance(rule)}, {_strands(rule)}"


def doubt_words(rule: Rule, part: str, weight: float) -> str:
    """Say that a part of the network says otherwise than the experiment."""
    if part == "its attention":
        return f"Yet no head of its attention looks at both (weight {weight:.2f})."
    return f"Yet {part} says {weight:+.1f}."


def composite_sentence(row: pd.Series) -> str:
    """One composite motif, a row of `composites.measure_composites`, in words."""
    known = f", known as {row['known']}" if row["known"] else ""
    interval = f"{row['effect']:+.1f} ({row['lower']:+.1f} to {row['upper']:+.1f})"
    where = "side by side" if row["gap"] == 0 else f"{letters(row['gap'])} apart"
    says = f"{row['motif']} is a composite of {row['part_a']} then {row['part_b']}, {where}{known}"
    tail = ""
    if row["spacing"] == "":
        tail = " Other distances do as well: the network needs no fixed one."
    elif row["spacing"] == "hard":
        tail = " No other distance does."
    return f"{says}: together its halves add {interval}{_UNITS[row['unit']]} beyond both.{tail}"


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
        return f"exactly {letters(rule.gap_min)} apart"
    return f"{rule.gap_min} to {letters(rule.gap_max)} apart"


def letters(n: int) -> str:
    """A number of letters, in words."""
    return f"{n} letter" if n == 1 else f"{n} letters"


def _strands(rule: Rule) -> str:
    words = _STRANDS.get(rule.orientation, f"strands {rule.orientation}")
    return words.format(a=rule.motif_a, b=rule.motif_b)


def alone_sentence(row: pd.Series) -> str:
    """What a motif without a rule does, a row of `mb.marginalize`, in words."""
    interval = f"{row['effect']:+.1f} ({row['lower']:+.1f} to {row['upper']:+.1f})"
    what = "does nothing measurable alone"
    if row["lower"] > 0 or row["upper"] < 0:
        does = "raises" if row["effect"] > 0 else "lowers"
        what = f"{does} {row['readout']} wherever it is"
    return f"{row['motif']} acts alone: it {what}, {interval}{_UNITS[row['unit']]}."
