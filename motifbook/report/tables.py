"""The tables of a report, for spreadsheets."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from motifbook.motif.files import write_motif_file
from motifbook.motif.matrix import Motif
from motifbook.report.analysis import Analysis
from motifbook.report.cards import Card
from motifbook.train.evaluate import trained


def tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """All tables by the name of their file."""
    cards, syntax = analysis.cards, analysis.syntax
    return {
        "motifs": motif_table(analysis),
        "known_motifs": _joined([card.known for card in cards]),
        "enrichment": analysis.enriched,
        "evaluation": analysis.evaluation,
        "sites": _joined([card.sites for card in cards]),
        "positions": position_table(cards),
        "instances": analysis.instances,
        "syntax": pd.DataFrame() if syntax is None else syntax.rules,
        "effects_taken_out": analysis.taken_out,
        "effects_alone": pd.DataFrame() if syntax is None else syntax.alone,
        "effects_pairs": pd.DataFrame() if syntax is None else syntax.effects,
        "formula": analysis.linear.coefficients,
        "designs": analysis.designed.table,
        "edits": analysis.designed.edits,
        "responses": _joined([_responses(card) for card in cards]),
        "history": pd.DataFrame(trained(analysis.model).details.get("rounds", [])),
        "data": analysis.composition,
        "check": analysis.checked.table,
    }


def motif_table(analysis: Analysis) -> pd.DataFrame:
    """One row per form of a motif, most used first."""
    rows = []
    for number, card in enumerate(analysis.cards, start=1):
        for form in card.forms:
            rows.append({"card": number, "name": card.name, **_form(card, form)})
            rows[-1] |= _test(analysis, form)
            if form is card.motif:
                rows[-1] |= {"n_sites": len(card.sites), "n_sequences": card.n_sequences}
                for _, row in card.shares.iterrows():
                    rows[-1][f"share_high_{row['readout']}"] = row["high"]
                    rows[-1][f"share_low_{row['readout']}"] = row["low"]
    return pd.DataFrame(rows)


def _form(card: Card, form: Motif) -> dict[str, object]:
    best = card.known[card.known["motif"] == form.name].head(1)
    known = {key: best[key].iloc[0] for key in ("target", "target_name", "q_value") if len(best)}
    return {
        "motif": form.name,
        "consensus": form.consensus,
        "width": form.width,
        "bits": round(form.bits, 2),
        "use": form.info["use"],
        "use_lower": form.info["use_lower"],
        "filters": " ".join(map(str, form.info["filters"])),
        **known,
    }


def _test(analysis: Analysis, form: Motif) -> dict[str, object]:
    """P-values on rows that had no part in finding the motif; `not_tested` says why not."""
    tested = analysis.tested
    if tested.reason:
        return {"p_value": np.nan, "p_adjusted": np.nan, "not_tested": tested.reason}
    row = tested.table.loc[form.name]
    found = {"p_value": row["p_value"], "p_adjusted": row["p_adjusted"], "not_tested": ""}
    return found | {f"test_{key}": row[key] for key in ("readout", "effect", "lower", "upper")}


def position_table(cards: list[Card]) -> pd.DataFrame:
    """How many sites of each motif start where: motif, strand, start, n_sites."""
    keys = ["motif", "strand", "start"]
    counts = [card.sites.groupby(keys).size().rename("n_sites").reset_index() for card in cards]
    return _joined(counts)


def _responses(card: Card) -> pd.DataFrame:
    if card.response is None:
        return pd.DataFrame()
    return card.response.reset_index().assign(motif=card.motif.name)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def named_motifs(analysis: Analysis) -> list[Motif]:
    """The motifs for a file: number as id, name of the known motif as name."""
    return [
        replace(form, name=card.name, info={**form.info, "id": form.name})
        for card in analysis.cards
        for form in card.forms
    ]


def meme_text(analysis: Analysis) -> str:
    """All used motifs in MEME format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motifs.meme"
        write_motif_file(named_motifs(analysis), path)
        return path.read_text(encoding="utf-8")


def strand_share(card: Card) -> float:
    """Share of the sites on the forward strand."""
    return float(np.mean(card.sites["strand"] == "+")) if len(card.sites) else float("nan")
