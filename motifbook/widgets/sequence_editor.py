"""Change a sequence letter by letter, and see what a network makes of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from motifbook import _check, plot
from motifbook.data.export import write_text
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.plot.layout import shorten
from motifbook.train.evaluate import trained
from motifbook.widgets._controls import WIDE, beside, make_button, row
from motifbook.widgets._edited import Edited
from motifbook.widgets._explorer import shows_errors
from motifbook.widgets._letter_row import LetterRow
from motifbook.widgets._undo import Undoable, Versions
from motifbook.widgets.parts import change_letters
from motifbook.widgets.reading import METHODS, NONE, Reading, first_sequence
from motifbook.widgets.written import Written, shuffle_window, to_fasta, write_motif

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure

_SHORT = 40  # characters of a typed change that are words of their own


class SequenceEditor(Undoable[Written]):
    """Write a sequence by hand; prediction, motif instances and attribution follow.

    A click on a letter selects its position, a click on a letter below writes it there and steps
    to the right. Changes can be typed ("12 A>G"), motifs written on either strand, the stretch of
    40 letters that is shown shuffled. Every edit is kept, with what it did to the prediction, and
    can be undone.

    Parameters
    ----------
    model
        A trained network that reads the letters of one sequence.
    sequence
        To begin with: letters, or one row of an AnnData. By default that of `adata` with the
        highest prediction; without data, random letters.
    motifs
        Those that can be written, and whose instances are shown: of `mb.read_motifs`, perhaps
        renamed, or others, whose hits are shown then. By default those that the network uses.
    adata
        Sequences like those that the network was trained on: what counts as a motif instance is
        learned from them, once, at the beginning; else from shuffles of the sequence.

    Raises
    ------
    InputError
        If the network is untrained or reads something else, or the sequence holds other letters.

    Examples
    --------
    In a notebook, the editor appears as the value of a cell::

        editor = mb.widgets.SequenceEditor(model, "ACGTTGACTCATT")
        editor
        editor.change("3 T>G")
        editor.history
    """

    def __init__(
        self,
        model: Network,
        sequence: Any = None,
        *,
        motifs: Sequence[Motif] | None = None,
        adata: AnnData | None = None,
    ) -> None:
        record = trained(model)
        start = first_sequence(model, sequence, adata)
        self._reading = Reading(model, start, motifs=motifs, adata=adata)
        self._reading.outputs([start])  # what the network cannot read is refused at once
        self._alphabet, self._readouts = model.alphabet, record.readouts
        given = (("motifs", motifs), ("adata", adata))
        self._given = [name for name, value in given if value is not None]
        self._edited = Edited(self._reading)
        self._start_at(Written(start))
        self._build(len(start))
        super().__init__(self._controls())
        self._show_letters()
        self._draw()

    def _build(self, length: int) -> None:
        """Make the controls that keep a state."""
        self._position = w.IntSlider(
            max=length - 1, description="position", readout=False, layout=WIDE
        )
        self._row = LetterRow(self._alphabet.letters, self._choose)
        self._typed = w.Text(
            description="change",
            placeholder="such as 12 A>G, or the whole sequence",
            tooltip="Positions count from 0; several changes with commas between them",
            continuous_update=False,
            layout=WIDE,
        )
        names = [(shorten(name, 40), i) for i, name in enumerate(self._readouts)]
        self._readout = w.Dropdown(options=names, description="readout", layout=WIDE)
        self._method = w.Dropdown(
            options=[NONE, *METHODS],
            value=self._first_method(),
            description="attribution",
            tooltip="What the letters are worth, drawn above them",
            layout=WIDE,
        )
        motifs = [(shorten(motif.name, 40), i) for i, motif in enumerate(self._reading.motifs)]
        self._motif = w.Dropdown(options=motifs, description="motif", layout=WIDE)
        strands = ("+", "-") if self._alphabet.has_strands else ("+",)
        self._strand = w.Dropdown(options=strands, description="strand", layout={"width": "11em"})

    def _first_method(self) -> str:
        """The fastest that the network has."""
        try:
            self._reading.attribution(self.sequence, METHODS[0])
        except _check.InputError:
            return "mutagenesis"
        return METHODS[0]

    def _controls(self) -> list[w.Widget]:
        self._position.observe(self._show_letters, names="value")
        self._typed.observe(self._on_typed, names="value")
        for control in (self._readout, self._method):
            control.observe(self._redraw, names="value")
        letters = [
            make_button(
                name, f"Write {name} here and step to the right", self._on_letter, width="3em"
            )
            for name in self._alphabet.letters
        ]
        shuffled = make_button("Shuffle the window", "Shuffle the letters shown", self._on_shuffle)
        start = make_button("Back to the start", "As one more edit", self._on_start)
        kept = make_button("Save sequences", "The start and all edits, FASTA", self._on_save)
        rows = [
            row(self._position, beside(self._position)),
            self._row.widget,
            row(*letters, self._undo, self._redo, shuffled, start),
        ]
        if self._reading.motifs:
            put = make_button("Write motif", "From the position on", self._on_motif)
            rows.append(row(self._motif, self._strand, put))
        rows.append(row(self._typed, self._method, kept))
        return rows if len(self._readouts) == 1 else [row(self._readout), *rows]

    @property
    def sequence(self) -> str:
        """As it is now."""
        return self._versions.state.sequence

    @property
    def history(self) -> pd.DataFrame:
        """What was done to it: one row per edit and readout, see `Reading.edits`."""
        edits = self._edited.edits(self._versions)
        return edits[edits["step"] <= self._versions.now].drop(columns="design")

    def change(self, text: str) -> None:
        """Change letters.

        Parameters
        ----------
        text
            Such as "12 A>G", several with commas between them, or a whole sequence as long.

        Raises
        ------
        InputError
            If it is neither, another letter stands there, or nothing changes.
        """
        if not isinstance(text, str):
            raise _check.InputError(
                f"`text` is {_check.shown(text)}; expected a change, such as '12 A>G'."
            )
        changed = change_letters(self.sequence, text, self._alphabet.letters)
        n = sum(a != b for a, b in zip(self.sequence, changed))
        typed = text.strip().upper()
        is_short = ">" in typed and len(typed) <= _SHORT
        self._add(changed, typed if is_short else f"{n} letters changed as typed")

    def write_motif(self, name: str, start: int, strand: str = "+") -> None:
        """Write the likeliest letters of a motif.

        Parameters
        ----------
        name
            Of one of the motifs.
        start
            Position of its first letter.

        Raises
        ------
        InputError
            If there is no such motif, or it does not fit.
        """
        motifs = {motif.name: motif for motif in self._reading.motifs}
        _check.one_of(name, "name", motifs)
        start = _check.whole_number(start, "start", low=0)
        changed = write_motif(self.sequence, motifs[name], start, strand, alphabet=self._alphabet)
        self._add(changed, f"{name} written at {start}, {strand} strand")

    def save_sequences(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write the start and the sequence after each edit as FASTA; return where.

        Parameters
        ----------
        path
            results/edited_sequences.fasta by default.
        """
        target = _check.a_path("results/edited_sequences.fasta" if path is None else path)
        _check.make_folder(target.parent, "path", "name a file elsewhere.")
        write_text(target, to_fasta(self._versions))
        return target

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.design_page_svg(**self._page())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.design_page_figure(**self._page())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return f"edited_sequence_{self._versions.now}"

    def code(self) -> str:
        """The lines that draw the current picture again."""
        shown = self._readout.value, self._method.value
        return self._edited.code(self._versions, *shown, self._given)

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        return self._edited.sentence(self._versions, self._readout.value)

    def details(self) -> str:
        """Predictions of all readouts, and the edits with their effects."""
        return self._edited.tables(self._versions)

    def _page(self) -> dict[str, Any]:
        """The arguments of `plot.design_page_svg`."""
        return self._edited.page(self._versions, self._readout.value, self._method.value)

    def _add(self, sequence: str, words: str) -> None:
        """One more edit."""
        if sequence == self.sequence:
            raise _check.InputError(f"{words}: nothing changes; expected other letters.")
        self._edit(Written(sequence, words))

    def _take(self, state: Written) -> None:
        self._reading.outputs([state.sequence])  # raises where the network cannot read it

    def _move_to(self, versions: Versions[Written]) -> None:
        super()._move_to(versions)
        self._show_letters()

    def _show_letters(self, _: object = None) -> None:
        self._row.show(self._versions.states[0].sequence, self.sequence, self._position.value)

    def _choose(self, position: int) -> None:
        self._position.value = position

    @shows_errors
    def _on_letter(self, button: w.Button) -> None:
        at, letter = self._position.value, button.description
        before = self.sequence[at]
        if letter != before:
            changed = self.sequence[:at] + letter + self.sequence[at + 1 :]
            self._add(changed, f"{at} {before}>{letter}")
        self._position.value = min(at + 1, self._position.max)

    def _on_typed(self, change: dict[str, str]) -> None:
        if not self._is_waiting:
            self._change_as(change["new"])

    @shows_errors
    def _change_as(self, typed: str) -> None:
        if typed:
            self.change(typed)
            with self._together():  # what is said of the change stays
                self._typed.value = ""

    @shows_errors
    def _on_motif(self, _: object) -> None:
        motif = self._reading.motifs[self._motif.value]
        self.write_motif(motif.name, self._position.value, self._strand.value)

    @shows_errors
    def _on_shuffle(self, _: object) -> None:
        first, end = self._row.window
        seed = self._versions.now
        changed = shuffle_window(self.sequence, (first, end), alphabet=self._alphabet, seed=seed)
        self._add(changed, f"letters {first} to {end - 1} shuffled")

    @shows_errors
    def _on_start(self, _: object) -> None:
        self._add(self._versions.states[0].sequence, "back to the start")

    @shows_errors
    def _on_save(self, _: object) -> None:
        written = self.save_sequences()
        self.say(f"Saved {self._versions.now + 1} sequences in {written}.")
