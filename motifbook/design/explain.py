"""Every edit in words, with what it does to the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from motifbook.design.motif_hits import STRANDS, HitFinder
from motifbook.design.problem import Move, Path
from motifbook.design.replay import without_each
from motifbook.design.scorer import Scorer
from motifbook.design.site_changes import SiteChange, site_changes
from motifbook.design.words import Stretch, Teller
from motifbook.experiment.effects import UNITS
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode
from motifbook.train.evaluate import apply_link

COLUMNS = [
    "design", "step", "edit", "kind", "motif", "start", "end", "strand", "letters_before",
    "letters_after", "readout", "before", "after", "effect", "alone", "unit",
]  # fmt: skip


def edit_table(
    names: Sequence[str], paths: Sequence[Path], scorer: Scorer, motifs: Sequence[Motif]
) -> pd.DataFrame:
    """Tell every edit of every design.

    Parameters
    ----------
    names
        Of the designs, one per path.
    motifs
        Give edits their names.

    Returns
    -------
    DataFrame
        One row per edit and readout of the goal, in order:

        - design, step: name, and number from 1
        - edit: what it does, in words: what a scan for the motifs finds before and after it
          (p-value 1e-4), whatever it was meant to do
        - kind: see `Move`
        - motif, start, end, strand: the site that it makes, removes or changes first; from the
          first letter of the sequence; "", -1 and "" for none
        - letters_before, letters_after: from the first to the last letter that it changes
        - readout, before, after: prediction without and with the edit, on the scale of the
          measurement; mean of several networks
        - effect: after - before where effects add up, see `unit`
        - alone: what the finished design has more than the same without this one edit; letters
          that later edits overwrote stay
        - unit: "logit" for binary readouts, "readout" for continuous ones
    """
    if not any(path.moves for path in paths):
        return pd.DataFrame(columns=COLUMNS)
    before = np.concatenate([path.letters[:-1] for path in paths])
    after = np.concatenate([path.letters[1:] for path in paths])
    finder = HitFinder(motifs)
    told: list[dict[str, Any]] = [
        {"design": name, "step": step + 1, "kind": move.kind, "move": move}
        for name, path in zip(names, paths)
        for step, move in enumerate(path.moves)
    ]
    changes = site_changes(finder, before, after)
    texts = [decode(letters, scorer.alphabet) for letters in (before, after)]
    teller = Teller(motifs)
    padding = (before < scorer.alphabet.n_letters).argmax(axis=1).tolist()
    for number, row in enumerate(told):
        stretch = _stretch(texts[0][number], texts[1][number], padding[number])
        row.update(_described(teller, row.pop("move"), stretch, changes[number]))
    return _with_effects(told, paths, scorer)


def _stretch(before: str, after: str, padding: int) -> Stretch:
    """The letters that differ, from the first to the last."""
    different = [i for i, (one, other) in enumerate(zip(before, after)) if one != other]
    first, end = different[0], different[-1] + 1
    return Stretch(first, before[first:end], after[first:end], padding)


def _described(
    teller: Teller, move: Move, stretch: Stretch, changes: list[SiteChange]
) -> dict[str, Any]:
    """Words, place and letters of one edit."""
    place: dict[str, Any] = {"motif": move.motif, "start": -1, "end": -1, "strand": ""}
    main = teller.intended(move, changes) or next(iter(changes), None)
    if main is not None:
        motif, start = teller.motifs[main.motif], main.start - stretch.padding
        place = {"motif": motif.name, "start": start, "end": start + motif.width}
        place["strand"] = STRANDS[main.strand]
    return {
        "edit": teller.tell(move, stretch, changes),
        **place,
        "letters_before": stretch.before,
        "letters_after": stretch.after,
    }


def _with_effects(
    told: list[dict[str, Any]], paths: Sequence[Path], scorer: Scorer
) -> pd.DataFrame:
    """Every edit, once per readout, with predictions before and after."""
    states = np.concatenate([path.letters for path in paths])
    values = scorer.outputs(np.concatenate([states, without_each(paths)])).mean(axis=0)
    outputs, without = values[: len(states)], values[len(states) :]
    predicted = apply_link(outputs, scorer.record)
    ends = np.cumsum([len(path.letters) for path in paths])
    first = np.concatenate(
        [np.arange(end - len(p.letters), end - 1) for end, p in zip(ends, paths)]
    )
    final = np.repeat(ends - 1, [len(path.moves) for path in paths])
    table = pd.DataFrame(told)
    each = []
    for aim in scorer.goal.aims:
        i = aim.number
        columns: dict[str, Any] = {
            "readout": aim.name,
            "before": predicted[first, i],
            "after": predicted[first + 1, i],
            "effect": outputs[first + 1, i] - outputs[first, i],
            "alone": outputs[final, i] - without[:, i],
            "unit": UNITS[aim.kind],
        }
        each.append(table.assign(**columns))
    order = np.arange(len(table) * len(each)).reshape(len(each), -1).T.ravel()
    return pd.concat(each, ignore_index=True).iloc[order].reset_index(drop=True)[COLUMNS]
