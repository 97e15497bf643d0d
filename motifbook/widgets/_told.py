"""What edits did to every readout, in tables and lists for reading, also aloud."""

from __future__ import annotations

from html import escape

import pandas as pd

from motifbook.experiment.effects import UNITS
from motifbook.train.evaluate import apply_link
from motifbook.widgets._controls import scrolling
from motifbook.widgets._undo import Versions
from motifbook.widgets.reading import Reading
from motifbook.widgets.written import Written

_ROOM = "padding:0 0.5em"
_EDITS = 20  # listed at most, the last ones


def tell(reading: Reading, versions: Versions[Written]) -> pd.DataFrame:
    """Predictions of the start, before the last edit and now, one row per readout.

    Returns
    -------
    DataFrame
        start, before, now: on the scale of the measurement; last edit, all edits: effects where
        they add up; unit: "logit" for binary readouts, "readout" for continuous ones.
    """
    start, before = versions.states[0], versions.states[max(versions.now - 1, 0)]
    values = reading.outputs([one.sequence for one in (start, before, versions.state)])
    record = reading.record
    shown = apply_link(values, record)
    columns = {
        "start": shown[0],
        "before": shown[1],
        "now": shown[2],
        "last edit": values[2] - values[1],
        "all edits": values[2] - values[0],
        "unit": [UNITS[kind] for kind in record.kinds],
    }
    return pd.DataFrame(columns, index=record.readouts)


def told_html(told: pd.DataFrame) -> str:
    """The table of `tell` as HTML."""
    names = ("readout", *told.columns)
    heads = "".join(f'<th scope="col" style="{_ROOM}">{name}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>{_cells(row)}</tr>'
        for name, row in told.iterrows()
    )
    caption = "<caption>Predictions, and effects where they add up</caption>"
    table = f'<table style="text-align:right">{caption}<tr>{heads}</tr>{rows}</table>'
    return scrolling(table, "Predictions of all readouts")


def _cells(row: pd.Series[float]) -> str:
    shown = [f"{row[name]:.3g}" for name in ("start", "before", "now")]
    shown += [f"{row[name]:+.2f}" for name in ("last edit", "all edits")]
    padded = (f'<td style="{_ROOM}">{cell}</td>' for cell in [*shown, row["unit"]])
    return "".join(padded).replace("-", "\u2212")


def edits_html(edits: pd.DataFrame, now: int) -> str:
    """The last edits in words with their effects on each readout, as an HTML list.

    Those after `now` are struck through.
    """
    if not len(edits):
        return ""
    n_readouts = edits["readout"].nunique()
    shown = edits.tail(_EDITS * n_readouts)
    effects = [
        f"{name} {effect:+.2f}".replace("-", "\u2212")
        for name, effect in zip(shown["readout"], shown["effect"])
    ]
    lines = []
    for row in range(0, len(shown), n_readouts):
        step, words = shown["step"].iloc[row], escape(str(shown["edit"].iloc[row]))
        told = f"{words}: {escape(', '.join(effects[row : row + n_readouts]))}"
        lines.append(f'<li value="{step}">{told if step <= now else f"<s>{told}</s>"}</li>')
    return f"<ol>{''.join(lines)}</ol>"


def sites_in_words(instances: pd.DataFrame) -> str:
    """Motif instances in words, such as "GATA1 62 to 70 (+)"; "none" where there are none."""
    rows = instances[["motif", "start", "end", "strand"]].itertuples(index=False)
    told = [f"{motif} {start} to {end - 1} ({strand})" for motif, start, end, strand in rows]
    return ", ".join(told) or "none"
