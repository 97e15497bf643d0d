"""How good the network is, beside its baselines, as a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from motifbook.data import schema
from motifbook.report import html
from motifbook.report.leads import NAMES, baselines, n_clear
from motifbook.report.phrases import signed_three, three
from motifbook.report.predictors import NETWORK
from motifbook.report.scores import MEASURE
from motifbook.report.words import MOST_TOLD

if TYPE_CHECKING:
    from motifbook.report.analysis import Analysis

COLUMNS = {**NAMES, "auprc": "auPRC", "spearman": "Spearman ρ", "r2": "R²"}
OF_KIND = {"binary": ("auroc", "auprc"), "continuous": ("pearson", "spearman", "r2")}
AHEAD = "network ahead by"
TRAINED = (
    "Loss of the network while it was trained. Step by step the training brings in penalties that "
    "keep motifs simple, which may raise it."
)
TO = "\u00a0to\u00a0"  # an interval stays on one line


def section_html(analysis: Analysis, drawn: dict[str, str]) -> str:
    """Scores of all predictors with intervals, what the network is ahead by, and curves."""
    judged = (
        "Judged on held-out sequences that no network has seen; in brackets the 95 % interval."
        if analysis.held_out
        else "No unseen sequences were there: these numbers are too good."
    )
    if baselines(analysis):
        judged += (
            " The last column compares the network with the predictor of that row, on the same "
            "sequences: if its interval holds 0, the two cannot be told apart."
        )
    if analysis.adata.obs_names.str.endswith(schema.SHUFFLED).any():
        judged += (
            " The controls are shuffles of the bound sequences, which are easier to tell from them "
            "than unbound regions of a genome: there, expect lower scores."
        )
    about = html.bullets([f"{p.name}: {p.about}" for p in analysis.predictors])
    return "\n".join(
        [
            html.paragraph(judged),
            _scores(analysis),
            f'<div class="pair">{"".join(_figures(analysis, drawn))}</div>',
            html.details("What the predictors are", about),
        ]
    )


def _scores(analysis: Analysis) -> str:
    """One table; of many readouts it is folded, and one of medians stands above it."""
    if len(analysis.contrasts) <= MOST_TOLD:
        return _table(analysis)
    folded = html.details(f"All {len(analysis.contrasts)} readouts", _table(analysis))
    return _medians(analysis.evaluation) + folded


def _table(analysis: Analysis) -> str:
    table = analysis.evaluation
    kinds = {contrast.kind for contrast in analysis.contrasts}
    columns = [column for kind in OF_KIND if kind in kinds for column in OF_KIND[kind]]
    rows = [
        [
            html.text(row["predictor"]),
            html.name_of(row["readout"]),
            f"{int(row['n']):,}",
            *(_value(row, column) for column in columns),
            _ahead(row),
        ]
        for _, row in table.iterrows()
    ]
    own = [i for i, name in enumerate(table["predictor"]) if name == NETWORK]
    head = ["predictor", "readout", "sequences", *(COLUMNS[column] for column in columns), AHEAD]
    return html.table(head, rows, numbers=range(2, len(head)), own=own)


def _value(row: pd.Series, column: str) -> str:
    value = three(float(row[column]))
    if column != MEASURE[row["kind"]] or value == "–":
        return value
    return f"{value} ({three(row['low'])}{TO}{three(row['high'])})"


def _ahead(row: pd.Series) -> str:
    if row["predictor"] == NETWORK:
        return ""
    value = signed_three(row["lead"])
    return value if value == "–" else f"{value} ({_interval(row)})"


def _interval(row: pd.Series) -> str:
    return f"{signed_three(row['lead_low'])}{TO}{signed_three(row['lead_high'])}"


def _medians(table: pd.DataFrame) -> str:
    """Median score of each predictor, and for how many readouts the network is ahead."""
    rows: list[list[str]] = []
    own: list[int] = []
    for (predictor, kind), part in table.groupby(["predictor", "kind"], sort=False):
        median = three(float(part[MEASURE[str(kind)]].median()))
        counts = ["", "", ""]
        if predictor == NETWORK:
            own.append(len(rows))
        else:
            better, worse = n_clear(part)
            counts = [str(better), str(worse), str(len(part) - better - worse)]
        measure = COLUMNS[MEASURE[str(kind)]]
        rows.append([html.text(str(predictor)), f"{measure} {median}", *counts])
    head = ["predictor", "median", "network better", "network worse", "cannot be told"]
    return html.table(head, rows, numbers=range(1, 5), own=own)


def _figures(analysis: Analysis, drawn: dict[str, str]) -> list[str]:
    """Curves of each readout under its name, and the training."""
    shown = []
    for number, contrast in enumerate(analysis.contrasts):
        captions = {
            f"roc_{number}": f"{contrast.readout}: how well each tells 1 from 0.",
            f"agreement_{number}": f"{contrast.readout}: what the network says of each sequence.",
        }
        shown += [html.figure(drawn[key], words) for key, words in captions.items() if key in drawn]
    if "history" in drawn:
        shown.append(html.figure(drawn["history"], TRAINED))
    return shown
