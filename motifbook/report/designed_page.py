"""New sequences as a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from motifbook.data.words import counted
from motifbook.report import html
from motifbook.report.designed import N_LETTERS
from motifbook.report.phrases import percent, three

if TYPE_CHECKING:
    from motifbook.report.analysis import Analysis

MOST_SHOWN = 10
MOST_READOUTS = 3  # side by side; a table with a line per readout holds all of them
MOST_COLUMNS = 5  # designs in that table
CAUTION = (
    "Nobody measured them: sequences made to please a network tend to disappoint. Order controls "
    "too, and keep to your supplier's rules (mb.design, mb.Constraints). In the words of edits, "
    "the first letter has number 0."
)
TOO_WEAK = "The network on this page predicts too badly to be followed."
CHANGES = "Predictions before and after the edits."
OWN = "These are predictions of the network on this page. No other network judged them. "


def section_html(analysis: Analysis, drawn: dict[str, str]) -> str:
    """What was written, its predictions, and every edit in words."""
    designed = analysis.designed
    if designed.designs is None:
        return html.paragraph(f"No new sequences were written: {designed.reason}.")
    table, edits = designed.table.head(MOST_SHOWN), designed.edits
    readouts = [c.readout for c in analysis.contrasts if f"{c.readout}_after" in table]
    readouts.sort(key=lambda name: name != designed.readout)  # the one that was raised first
    intro = f"{counted(len(designed.table), 'sequence')} from mb.design."
    if designed.is_own:
        intro = (
            f"{counted(len(table), 'random sequence')}, in each of which at most {N_LETTERS} "
            f"letters were changed so that the network predicts {designed.readout} as high as it "
            "gets."
        )
    caution = f"{OWN if designed.is_own else ''}{CAUTION}"
    if not designed.is_own and analysis.is_too_weak:
        caution = f"{TOO_WEAK} {caution}"
    shown = _table(table, readouts[:MOST_READOUTS])
    parts = [html.paragraph(intro), html.paragraph(caution, "note"), shown]
    if len(readouts) > MOST_READOUTS:
        parts.append(_by_readout(table.head(MOST_COLUMNS), readouts))
    if "designs" in drawn and not designed.is_own:
        parts.append(html.figure(drawn["designs"], CHANGES, wide="Designs"))
    for number, (_, row) in enumerate(table.iterrows()):
        parts.append(_story(row, edits, is_open=number == 0))
    if len(designed.table) > MOST_SHOWN:
        parts.append(html.paragraph(f"The first {MOST_SHOWN} are shown; the files hold all."))
    return "\n".join(parts)


def _table(table: pd.DataFrame, readouts: list[str]) -> str:
    rows = []
    for _, row in table.iterrows():
        changed = f"{int(row['n_changed'])} in {counted(int(row['n_edits']), 'edit')}"
        predicted = [_predicted(row, readout) for readout in readouts]
        rows.append([html.text(_name(row)), changed, percent(float(row["gc"])), *predicted])
    head = ["sequence", "letters changed", "G and C", *(f"predicted {r}" for r in readouts)]
    return html.table(head, rows, numbers=range(1, len(head)))


def _by_readout(table: pd.DataFrame, readouts: list[str]) -> str:
    """All readouts of a few designs, a line each: a column each would not fit on the page."""
    columns = [row for _, row in table.iterrows()]
    rows = [[html.name_of(name), *(_predicted(row, name) for row in columns)] for name in readouts]
    head = ["predicted", *map(_name, columns)]
    inside = html.table(head, rows, numbers=range(1, len(head)))
    return html.details(f"All {len(readouts)} readouts", inside)


def _predicted(row: pd.Series, readout: str) -> str:
    return f"{three(row[f'{readout}_before'])} → {three(row[f'{readout}_after'])}"


def _name(row: pd.Series) -> str:
    return str(row["design"]).replace("_", " ")


def _story(row: pd.Series, edits: pd.DataFrame, *, is_open: bool) -> str:
    """The edits of one design in words, and its letters."""
    own = edits[edits["design"] == row["design"]]
    own = own[own["readout"] == own["readout"].iloc[0]] if len(own) else own
    steps = [
        f"{edit['edit']}. Predicted {edit['readout']}: "
        f"{three(edit['before'])} → {three(edit['after'])}."
        for _, edit in own.iterrows()
    ]
    letters = f'<p class="letters"><code>{html.text(str(row["sequence"]))}</code></p>'
    inside = html.steps(steps) + letters
    return html.details(f"{_name(row)}: its edits and letters", inside, is_open=is_open)
