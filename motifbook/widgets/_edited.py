"""What a network says of the versions of a sequence, for the editor's picture and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from motifbook.widgets._memory import Memory
from motifbook.widgets._told import edits_html, sites_in_words, tell, told_html
from motifbook.widgets._undo import Versions
from motifbook.widgets.reading import NONE, Reading
from motifbook.widgets.written import Written


class Edited:
    """Asks a network about versions of a sequence, and nothing twice that did not change.

    Parameters
    ----------
    reading
        Of the start.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._memory = Memory()

    def edits(self, versions: Versions[Written]) -> pd.DataFrame:
        """What each edit did, undone ones among them; see `Reading.edits`."""
        words = [one.words for one in versions.states[1:]]
        return self._memory.once("edits", self._reading.edits, sequences_of(versions), words)

    def instances(self, versions: Versions[Written], readout: int) -> pd.DataFrame:
        """Motif instances of the start and of the sequence as it is now."""
        steps = _shown_steps(versions)
        shown = tuple(versions.states[step].sequence for step in steps)
        return self._memory.once("instances", self._reading.instances, shown, steps, readout)

    def page(self, versions: Versions[Written], readout: int, method: str) -> dict[str, Any]:
        """The arguments of `plot.design_page_svg`."""
        attribution = None
        if method != NONE:
            asked = versions.state.sequence, method, readout
            attribution = self._memory.once("attribution", self._reading.attribution, *asked)
        return {
            "sequences": sequences_of(versions),
            "edits": self.edits(versions),
            "step": versions.now,
            "readout": self._reading.record.readouts[readout],
            "instances": self.instances(versions, readout),
            "attribution": attribution,
            "letters": self._reading.model.alphabet.letters,
        }

    def code(
        self, versions: Versions[Written], readout: int, method: str, given: Sequence[str]
    ) -> str:
        """Lines that draw the page; `given` are variables that the reading takes."""
        steps = _shown_steps(versions)
        shown = ", ".join(f"sequences[{step}]" for step in steps)
        arguments = "".join(f", {name}={name}" for name in given)
        lines = [
            "import motifbook as mb",
            "from motifbook.widgets.reading import Reading",
            "",
            "sequences = [",
            *(f"    {sequence!r}," for sequence in sequences_of(versions)),
            "]",
            f"words = {[one.words for one in versions.states[1:]]!r}",
            f"reading = Reading(model, sequences[0]{arguments})",
            "svg = mb.plot.design_page_svg(",
            "    sequences,",
            "    reading.edits(sequences, words),",
            f"    step={versions.now},",
            f"    readout={self._reading.record.readouts[readout]!r},",
            f"    instances=reading.instances([{shown}], {steps}, {readout}),",
        ]
        if method != NONE:
            asked = f"sequences[{versions.now}], {method!r}, {readout}"
            lines.append(f"    attribution=reading.attribution({asked}),")
        letters = self._reading.model.alphabet.letters
        return "\n".join([*lines, f"    letters={letters!r},", ")", ""])

    def sentence(self, versions: Versions[Written], readout: int) -> str:
        """Prediction, effect of the last edit and motif instances in words."""
        told = self._told(versions).iloc[readout]
        said = f"prediction of {self._reading.record.readouts[readout]} {told['now']:.3g}"
        where = "The start"
        if versions.now:
            where = f"Edit {versions.now} of {versions.last}, {versions.state.words}"
            said += f", {told['last edit']:+.2f} by this edit, {told['all edits']:+.2f} by all"
        found = self.instances(versions, readout)
        sites = sites_in_words(found[found["step"] == versions.now])
        return f"{where}: {said}. Motif instances: {sites}."

    def tables(self, versions: Versions[Written]) -> str:
        """Predictions of all readouts, and the edits with their effects, as HTML."""
        return told_html(self._told(versions)) + edits_html(self.edits(versions), versions.now)

    def _told(self, versions: Versions[Written]) -> pd.DataFrame:
        return self._memory.once("told", tell, self._reading, versions)


def sequences_of(versions: Versions[Written]) -> tuple[str, ...]:
    """The start and the letters after each edit, undone ones among them."""
    return tuple(one.sequence for one in versions.states)


def _shown_steps(versions: Versions[Written]) -> list[int]:
    """The start, and the edit after which the sequence stands."""
    return [0, versions.now] if versions.now else [0]
