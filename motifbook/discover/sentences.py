"""The syntax of a network in plain English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

_UNITS = {"logit": " logit", "readout": ""}
_STRANDS = {
    "++": "same strand",
    "+-": "facing each other",
    "-+": "back to back",
    "±±": "on either strand",
    "±+": "{a} on either strand",
    "+±": "{b} on either strand",
}


def rule_sentence(rule: Any, alone: pd.DataFrame) -> str:
    """One rule, a row with the fields of `rules.Rule`, and what its motifs do alone, in words.

    Examples
    --------
    >>> from motifbook.discover.rules import Rule
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
    where = f"{_pair(rule)}, {_distance(rule)}, {_strands(rule)}"
    return f"{where}: {interval} beyond both alone; {singles}."


def _pair(rule: Any) -> str:
    if rule.motif_a == rule.motif_b:
        return f"{rule.motif_a} twice"
    if rule.order == "either":
        return f"{rule.motif_a} and {rule.motif_b}, in either order"
    return f"{rule.motif_a} then {rule.motif_b}"


def _distance(rule: Any) -> str:
    if rule.spacing == "any":
        return f"at any distance up to {rule.gap_max} letters"
    if rule.gap_min == rule.gap_max:
        return f"exactly {letters(rule.gap_min)} apart"
    return f"{rule.gap_min} to {letters(rule.gap_max)} apart"


def letters(n: int) -> str:
    """A number of letters, in words."""
    return f"{n} letter" if n == 1 else f"{n} letters"


def _strands(rule: Any) -> str:
    words = _STRANDS.get(rule.orientation, f"strands {rule.orientation}")
    return words.format(a=rule.motif_a, b=rule.motif_b)


def alone_sentences(rules: pd.DataFrame, alone: pd.DataFrame) -> Iterator[str]:
    """What motifs without a rule do alone, in words."""
    for _, row in alone.iterrows():
        own = rules[rules["readout"] == row["readout"]]
        if row["motif"] in {*own["motif_a"], *own["motif_b"]}:
            continue
        interval = f"{row['effect']:+.1f} ({row['lower']:+.1f} to {row['upper']:+.1f})"
        what = "does nothing measurable alone"
        if row["lower"] > 0 or row["upper"] < 0:
            does = "raises" if row["effect"] > 0 else "lowers"
            what = f"{does} {row['readout']} wherever it is"
        yield f"{row['motif']} acts alone: it {what}, {interval}{_UNITS[row['unit']]}."
