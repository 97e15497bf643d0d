"""Edits in words: what was meant to happen first, if it did, then all else that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from motifbook.design.motif_hits import STRANDS
from motifbook.design.problem import Move
from motifbook.design.site_changes import SiteChange
from motifbook.motif.matrix import Motif

ASIDE = 3.0  # bits by which another site must change to be told beside what was meant
LONGEST = 12  # letters that are spelled out
MOST_EDITS = 6  # of a design that one sentence names
INTENDED = {
    "add": ("made", "strengthened", "turned", "moved"),
    "remove": ("destroyed", "weakened"),
    "weaken": ("weakened", "destroyed"),
    "move": ("made", "moved", "turned", "strengthened", "weakened"),
    "strengthen": ("strengthened", "made", "turned", "moved"),
}
MISSED = {"add": "new", "strengthen": "stronger"}  # site that such an edit was meant to make
VERBS = {"made": "makes", "destroyed": "destroys", "strengthened": "strengthens",
         "weakened": "weakens", "moved": "moves", "turned": "turns"}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Letters that an edit changes, from the first to the last.

    Parameters
    ----------
    start
        Column of the first.
    before, after
        The letters.
    padding
        Columns before the first letter of the sequence.
    """

    start: int
    before: str
    after: str
    padding: int = 0

    @property
    def words(self) -> str:
        """Such as "letters 12 to 15 changed (ACGT to TTGA)"; of long ones, in how many places."""
        first = self.start - self.padding
        n = len(self.before)
        where = f"letter {first}" if n == 1 else f"letters {first} to {first + n - 1}"
        if n <= LONGEST:
            return f"{where} changed ({self.before} to {self.after})"
        n_changed = sum(one != other for one, other in zip(self.before, self.after))
        return f"{where} changed" + (f" in {n_changed} places" if n_changed < n else "")


class Teller:
    """Tells edits in words.

    Parameters
    ----------
    motifs
        Those that site changes number.
    """

    def __init__(self, motifs: Sequence[Motif]) -> None:
        self.motifs = motifs

    def intended(self, move: Move, changes: Sequence[SiteChange]) -> SiteChange | None:
        """What a move was meant to do, if it did."""
        for what in INTENDED.get(move.kind, ()):
            for change in changes:
                motif = self.motifs[change.motif]
                is_there = abs(change.start - move.start) <= motif.width // 2
                if change.what == what and motif.name == move.motif and is_there:
                    return change
        return None

    def tell(self, move: Move, stretch: Stretch, changes: Sequence[SiteChange]) -> str:
        """One edit in words; positions count from the first letter of the sequence."""
        changes = [change.shifted(-stretch.padding) for change in changes]
        main = self.intended(replace(move, start=move.start - stretch.padding), changes)
        left = [change for change in changes if change is not main]
        if main is None:
            return self._letters(move, stretch, left)
        lost = next((c for c in left if c.what == "destroyed" and c.motif == main.motif), None)
        if move.kind == "move" and main.what == "made" and lost is not None:
            left.remove(lost)
            text = self._moved(main, lost)
        else:
            text = self._main(main)
        aside = [change for change in left if abs(change.after - change.before) >= ASIDE]
        return "; ".join([text, *map(self._side_effect, aside)])

    def _letters(self, move: Move, stretch: Stretch, changes: Sequence[SiteChange]) -> str:
        """An edit of letters, or one that did not do what it was meant to."""
        text = stretch.words
        if move.kind == "repair":
            text = f"{move.motif} removed: {text}" if move.motif else f"mended: {text}"
        told = [
            self._side_effect(change) + (f", {change.near}" if change.near else "")
            for change in changes
        ]
        text = ": ".join(filter(None, [text, "; ".join(told)]))
        return "; ".join(filter(None, [text, self._missed(move, changes)]))

    def _missed(self, move: Move, changes: Sequence[SiteChange]) -> str:
        """What an edit was meant to do, where no site of that motif gained by it."""
        gained = {self.motifs[c.motif].name for c in changes if c.what in INTENDED["add"]}
        if move.kind not in MISSED or move.motif in gained:
            return ""
        return (
            f"meant to {move.kind} {move.motif}, but a scan finds no {MISSED[move.kind]} site of it"
        )

    def _main(self, change: SiteChange) -> str:
        place, near = self._place(change), f", {change.near}" if change.near else ""
        if change.what == "made":
            name = self.motifs[change.motif].name
            return place.replace(f"{name} at", f"{name} added at", 1) + near
        if change.what == "destroyed":
            return f"{place} removed"
        if change.what == "turned":
            return f"{place} turned to this strand{near}"
        if change.what == "moved":
            return self._moved(change, change)
        return f"{place} {change.what} ({_bits(change)}){near}"

    def _moved(self, made: SiteChange, lost: SiteChange) -> str:
        was = f" (was {lost.near_before})" if lost.near_before else ""
        near = f": {made.near}{was}" if made.near else ""
        name, strand = self.motifs[made.motif].name, STRANDS[made.strand]
        return f"{name} moved from {lost.start_before} to {made.start} ({strand}){near}"

    def _side_effect(self, change: SiteChange) -> str:
        is_kept = change.what in ("strengthened", "weakened")
        bits = f" ({_bits(change)})" if is_kept else ""
        return f"{VERBS[change.what]} {self._place(change)}{bits}"

    def _place(self, change: SiteChange) -> str:
        name, strand = self.motifs[change.motif].name, STRANDS[change.strand]
        return f"{name} at {change.start} ({strand})"


def _bits(change: SiteChange) -> str:
    return f"{change.before:.1f} to {change.after:.1f} bits"


def plan_words(table: pd.DataFrame, edits: pd.DataFrame) -> list[str]:
    """One sentence per design, of `Designs.table` and `Designs.edits`.

    Such as "random: GATA1 added at 62 (+), 9 letters after TAL1 (+); SP1 at 12 (-) removed.
    activity 1.3 to 6.4 in 2 edits".
    """
    return [_plan(row, edits[edits["design"] == row["design"]]) for _, row in table.iterrows()]


def _plan(row: pd.Series, edits: pd.DataFrame) -> str:
    steps = [_short(text) for text in edits.drop_duplicates("step")["edit"]]
    if not steps:
        return f"{row['start']}: no edit"
    told = steps[:MOST_EDITS]
    if len(steps) > len(told):
        told.append(f"{len(steps) - len(told)} more")
    reached = ", ".join(
        f"{name} {row[f'{name}_before']:.3g} to {row[f'{name}_after']:.3g}"
        for name in edits["readout"].drop_duplicates()
    )
    n_edits = "1 edit" if len(steps) == 1 else f"{len(steps)} edits"
    return f"{row['start']}: {'; '.join(told)}. {reached} in {n_edits}"


def _short(text: str) -> str:
    """The first thing an edit does; which letters it changes only if it does nothing else."""
    does = text.split(": ", 1)[1] if text.startswith("letter") and ": " in text else text
    return does.split("; ", 1)[0]
