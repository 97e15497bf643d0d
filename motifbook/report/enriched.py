"""Which known motifs go with the readouts, asked without any network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import store
from motifbook.data.enrichment import enrichment
from motifbook.motif.matrix import Motif
from motifbook.report import html
from motifbook.report.phrases import fixed, percent, small

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.report.analysis import Analysis

MOST_ROWS = 4000  # drawn at random; more cost time and change no conclusion
MOST_SHOWN = 8  # motifs per readout on the page
MOST_OPEN = 3  # readouts whose tables need no click
Q_VALUE = 0.01  # from which a motif stands out


def known_enrichment(adata: AnnData, known: Sequence[Motif], notes: list[str]) -> pd.DataFrame:
    """Compare sequences that have a known motif with those that have not; see `mb.enrichment`.

    Empty where there are no known motifs, or where they cannot be tested; then `notes` says why.
    """
    if not known:
        return pd.DataFrame()
    measured = np.flatnonzero(~np.isnan(store.get_readouts(adata)).all(axis=1))
    rows = np.sort(np.random.default_rng(0).permutation(measured)[:MOST_ROWS])
    if len(rows) < len(measured):
        notes.append(
            f"Known motifs were tested on {len(rows):,} of {len(measured):,} sequences, drawn at "
            "random."
        )
    try:
        return enrichment(known, adata[rows])
    except _check.InputError as error:
        notes.append(f"Known motifs were not tested without a network: {error}")
        return pd.DataFrame()


def standing_out(analysis: Analysis, readout: str) -> pd.DataFrame:
    """The rows of a readout whose q-value says that the motif stands out, strongest first."""
    table = analysis.enriched
    if not len(table):
        return table
    return table[(table["readout"] == readout) & (table["q_value"] <= Q_VALUE)]


def first_sentence(analysis: Analysis, readout: str) -> str:
    """The strongest known motif of a readout in words; "" where none stands out."""
    found = standing_out(analysis, readout)
    if not len(found):
        return ""
    row = found.iloc[0]
    if row["kind"] == "binary":
        high, low = (words for c in analysis.contrasts if c.readout == readout for words in c.words)
        what = (
            f"stands in {percent(row['share_1'])} of {high} and {percent(row['share_0'])} of {low} "
            "sequences"
        )
    else:
        way = "higher" if row["effect"] > 0 else "lower"
        what = f"goes with {abs(row['effect']):.2g} {way} {readout}"
    return (
        f"The known motif {title(row)} {what}, GC content allowed for "
        f"(q = {small(float(row['q_value']))})."
    )


def section_html(analysis: Analysis) -> str:
    """Tables of the motifs that stand out, a few per readout."""
    if not len(analysis.enriched):
        return html.paragraph("No known motifs were tested.")
    intro = (
        f"{analysis.n_known:,} known motifs ({analysis.known_name}) were looked for in the "
        "sequences. Each row compares sequences that have the motif with others of the same GC "
        "content. These motifs were not chosen with your data, so the q-values are valid; motifs "
        "of one family find the same sites and share their evidence."
    )
    parts = [html.paragraph(intro, "note")]
    for contrast in analysis.contrasts:
        found = standing_out(analysis, contrast.readout)
        sentence = first_sentence(analysis, contrast.readout)
        none = f"No known motif stands out for {contrast.readout} (q up to {Q_VALUE:g})."
        parts.append(html.paragraph(sentence or none))
        if len(found):
            table = _table(found.head(MOST_SHOWN), contrast.kind, contrast.words)
            is_many = len(analysis.contrasts) > MOST_OPEN
            parts.append(
                html.details(f"Motifs for {contrast.readout}", table) if is_many else table
            )
    return "\n".join(parts)


def _table(found: pd.DataFrame, kind: str, words: tuple[str, str]) -> str:
    is_binary = kind == "binary"
    shares = [f"of {words[0]}", f"of {words[1]}"] if is_binary else ["with it", "without"]
    effect = "log odds (95 % interval)" if is_binary else "difference (95 % interval)"
    rows = []
    for _, row in found.iterrows():
        pair = ("share_1", "share_0") if is_binary else ("mean_with", "mean_without")
        values = [percent(row[key]) if is_binary else fixed(row[key], 2) for key in pair]
        effects = [fixed(row[key], 2) for key in ("effect", "effect_lower", "effect_upper")]
        bounds = "{} ({} to {})".format(*effects)
        cells = [title(row), *values, bounds, small(float(row["q_value"])), _place(row)]
        rows.append([html.text(cell) for cell in cells])
    return html.table(["motif", *shares, effect, "q-value", "where"], rows, numbers=(1, 2, 3, 4))


def _place(row: pd.Series) -> str:
    """Where the best hits are densest, if they are."""
    if not row["position_q_value"] <= Q_VALUE:
        return "no preferred place"
    center = round(float(row["position_center"]))
    side = "at the middle" if abs(center) < 5 else f"{abs(center)} from the middle"
    return f"{side} ({100 * row['position_share']:.0f} % within {row['position_width']:.0f})"


def title(row: pd.Series) -> str:
    """Name and id of a row's motif."""
    return f"{row['motif']} ({row['id']})" if row["id"] else str(row["motif"])
