"""The formula of a report in words, and as a part of the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from motifbook.report import html
from motifbook.report.phrases import signed, small
from motifbook.report.predictors import NETWORK
from motifbook.report.scores import main_score

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula
    from motifbook.report.analysis import Analysis

NO_COEFFICIENT = "no coefficient: its sites add nothing to the other terms on the test sequences"
MOST_SPELLED = 3  # readouts whose formula is written out
PAIRS = (
    "A pair, A × B, is the number of sites of A times that of B, at whatever distance; pairs were "
    "chosen on these sequences, so theirs tend to be too large."
)
CAPTION = (
    "What one more site of each motif adds, all other terms held, with 95 % intervals; gray or "
    "pale: q-value above 0.05."
)
MAP_CAPTION = "The same as a map: one column per readout, orange adds and blue takes away."


def section_html(analysis: Analysis, drawn: dict[str, str]) -> str:
    """The formula as a sum, its pictures, and how far to trust it."""
    formula = analysis.linear.formula
    if formula is None:
        return html.paragraph(f"No formula was fitted: {analysis.linear.reason}.")
    intro = (
        "The same motifs once more, without the network: their sites are counted, and the counts "
        "are weighed and summed. What such a sum predicts needs no network to explain it."
    )
    captions = {"formula": CAPTION, "formula_map": MAP_CAPTION}
    figures = [
        html.figure(drawn[key], words, wide="Terms of the formula")
        for key, words in captions.items()
        if key in drawn
    ]
    notes = [
        f"Coefficients come from {_n(formula)} test sequences, on which neither network nor "
        "motifs were trained. The score above is one with coefficients from the other sequences.",
        "A motif that acts only beside another has a small coefficient of its own.",
        *([PAIRS] if (formula.coefficients["kind"] == "interaction").any() else []),
        *analysis.linear.notes,
    ]
    return "\n".join(
        [
            html.paragraph(intro, "note"),
            html.paragraph(" ".join(filter(None, [formula.sentence, *_beside(analysis)]))),
            *(_sum(formula, name) for name in formula.readouts[:MOST_SPELLED]),
            *figures,
            html.details("All terms", _table(formula.coefficients)),
            html.details("How to read it", html.bullets(notes)),
        ]
    )


def _n(formula: Formula) -> str:
    rows = formula.coefficients["n"].dropna().astype(int)
    low, high = rows.min(), rows.max()
    return f"{high:,}" if low == high else f"{low:,} to {high:,}"


def _beside(analysis: Analysis) -> list[str]:
    """What the network reaches, for one readout of 0 and 1: the same measure."""
    if len(analysis.contrasts) > 1 or analysis.contrasts[0].kind != "binary":
        return []
    row = main_score(analysis.evaluation, NETWORK, analysis.contrasts[0].readout)
    return [f"The network reaches {row['value']:.2f}."] if analysis.held_out else []


def _sum(formula: Formula, readout: str) -> str:
    """The formula of one readout, written out; composition terms by their name."""
    table = formula.coefficients
    table = table[table["readout"] == readout]
    is_motif = table["kind"].isin(["motif", "interaction"]) & (table["coefficient"] != 0)
    number = formula.readouts.index(readout)
    is_binary = formula.kinds[number] == "binary"
    left = f"log odds of {readout}" if is_binary else readout
    first = table.loc[table["kind"] == "intercept", "coefficient"].iloc[0]
    names = table.loc[is_motif, "term"].str.replace(" x ", " × ")
    values = table.loc[is_motif, "coefficient"]
    terms = "".join(
        f" {'−' if value < 0 else '+'} {abs(value):.3g} × {name}"
        for name, value in zip(names, values)
    )
    rest = " + letter composition" if (table["kind"] == "covariate").any() else ""
    return html.paragraph(f"{left} = {first:.3g}{terms}{rest}".replace("= -", "= −"), "formula")


def _table(coefficients: pd.DataFrame) -> str:
    rows = []
    for _, row in coefficients.iterrows():
        q = float(row["q_value"])
        rows.append(
            [
                html.name_of(str(row["readout"])),
                html.text(str(row["term"]).replace(" x ", " × ")),
                signed(float(row["coefficient"])),
                "–" if math.isnan(row["lower"]) else _interval(row),
                "–" if math.isnan(q) else small(q),
                f"{int(row['n']):,}",
            ]
        )
    head = ["readout", "term", "coefficient", "95 % interval", "q-value", "sequences"]
    return html.table(head, rows, numbers=[2, 3, 4, 5])


def card_words(analysis: Analysis, name: str, most: int) -> list[str]:
    """What the formula says of one motif: its own coefficients, then pairs; strongest first."""
    table = analysis.linear.of_motif(name)
    if not len(table):
        return []
    size = table["standardized"].abs()
    own = table.assign(size=size, is_pair=table["kind"] == "interaction")
    own = own.sort_values(["is_pair", "size"], ascending=[True, False], kind="stable")
    alone, pairs = own[~own["is_pair"]].head(most), own[own["is_pair"]].head(1)
    alone, pairs = (part[part["lower"].notna()] for part in (alone, pairs))
    words = [f"{_effect(row)} per site" for _, row in alone.iterrows()] or [NO_COEFFICIENT]
    for _, row in pairs.iterrows():
        other = row["partner"] if row["motif"] == name else row["motif"]
        words.append(f"{_effect(row)} more per site of {other}")
    return words


def _effect(row: pd.Series) -> str:
    unit = "log odds of " if row["unit"] == "logit" else ""
    return f"{signed(float(row['coefficient']))} ({_interval(row)}) {unit}{row['readout']}"


def _interval(row: pd.Series) -> str:
    return f"{signed(float(row['lower']))} to {signed(float(row['upper']))}"
