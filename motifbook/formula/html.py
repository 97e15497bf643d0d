"""The formula as a table for web pages and notebooks."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from motifbook import plot
from motifbook.formula.baselines import summary
from motifbook.formula.text import (
    Line,
    caption,
    chosen,
    definitions,
    interval,
    left_side,
    lines,
    number,
)

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula

BLUE, ORANGE = (0, 114, 178), (230, 159, 0)  # of the palette of Okabe & Ito: below 0, above 0
DEEPEST = 0.55  # share of color behind the largest coefficient
COLORS = "Orange adds, blue takes away; gray numbers: q-value above 0.05."
LOGO, LETTER, AXIS = 60, 13, 44  # pixels: height of a logo, width of a letter, of its axis

_TABLE = "border-collapse:collapse;font:14px/1.4 Arial,Helvetica,sans-serif;color:#222"
_HEAD = "text-align:left;padding:4px 14px 4px 0;border-bottom:1.5px solid #222"
_CELL = "padding:3px 14px 3px 6px;border-bottom:1px solid #dcdfe3;white-space:nowrap"
_SMALL = "color:#4a4e52;font:12px/1.4 Arial,Helvetica,sans-serif"


def to_html(formula: Formula, readout: str | int | None = None, *, digits: int = 3) -> str:
    """Write the formula as one HTML table that needs nothing but itself.

    Parameters
    ----------
    formula
        From `fit_formula`.
    readout
        Name or number of one; all of them by default.
    digits
        Of each number.

    Returns
    -------
    str
        A `<figure>`: a row per term with its logo, a column per readout with coefficient and 95 %
        interval (orange above 0, blue below, deeper the larger; pale text where the q-value is
        above 0.05), and a caption that says where the numbers come from.

    Raises
    ------
    InputError
        If there is no such readout.
    """
    names = chosen(formula, readout, digits)
    columns = [lines(formula, name) for name in names]
    largest = _largest(formula, columns)
    kinds = ["intercept", *formula.terms.table()["kind"]]
    logos = _logos(formula)
    rows = [
        _row(
            logos.get(place, ""),
            kinds[place],
            [column[place] for column in columns],
            largest,
            digits,
        )
        for place in range(len(kinds))
    ]
    heads = [
        f'<th scope="col" style="{_HEAD}">{escape(left_side(formula, name))}</th>' for name in names
    ]
    first = f'<th style="{_HEAD}"></th><th scope="col" style="{_HEAD}">term</th>'
    said = [*definitions(formula, digits), caption(formula), COLORS, summary(formula.baselines)]
    return (
        '<figure style="margin:0;overflow-x:auto">'
        f'<table style="{_TABLE}"><thead><tr>{first}{"".join(heads)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        f'<figcaption style="{_SMALL};max-width:70em;margin-top:8px;white-space:normal">'
        f"{escape(' '.join(sentence for sentence in said if sentence))}</figcaption></figure>"
    )


def _logos(formula: Formula) -> dict[int, str]:
    """Picture of the motif at its first term, by number of the row (0 is the intercept)."""
    n_positions = formula.terms.positions.n
    return {
        1 + place * n_positions: plot.logo_svg(
            motif, width=AXIS + LETTER * motif.width, height=LOGO, ylabel=""
        )
        for place, motif in enumerate(formula.motifs)
    }


def _largest(formula: Formula, columns: list[list[Line]]) -> float:
    """Largest absolute coefficient of a motif term; covariates have units of their own."""
    n = formula.terms.n_motif_terms
    return max(
        (abs(line.coefficient) for column in columns for line in column[1 : n + 1]), default=0
    )


def _row(logo: str, kind: str, row: list[Line], largest: float, digits: int) -> str:
    name = row[0].term or "intercept"
    shade = largest if kind in ("motif", "interaction") else 0.0
    cells = "".join(_cell(line, shade, digits) for line in row)
    return (
        f'<tr><td style="{_CELL}">{logo}</td>'
        f'<th scope="row" style="{_CELL};font-weight:400;text-align:left">{escape(name)}</th>'
        f"{cells}</tr>"
    )


def _cell(line: Line, largest: float, digits: int) -> str:
    color = ORANGE if line.coefficient > 0 else BLUE
    share = DEEPEST * min(1.0, abs(line.coefficient) / largest) if largest > 0 else 0.0
    share = 0.0 if math.isnan(share) else share
    mixed = ",".join(f"{255 - share * (255 - part):.0f}" for part in color)
    ink = ";color:#767676" if line.q_value > 0.05 else ""
    sign = "+" if line.term and line.coefficient > 0 else ""
    return (
        f'<td style="{_CELL};background:rgb({mixed}){ink};font-variant-numeric:tabular-nums">'
        f"{sign}{number(line.coefficient, digits)} "
        f'<span style="{_SMALL}">{interval(line, digits)}</span></td>'
    )
