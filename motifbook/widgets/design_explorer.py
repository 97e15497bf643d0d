"""Step through the edits of designs, accept or refuse each, and save what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np
import pandas as pd

from motifbook import _check, plot
from motifbook.design.designs import Designs
from motifbook.design.motif_hits import HitFinder
from motifbook.design.refuse import refuse
from motifbook.onehot import encode
from motifbook.plot.layout import shorten
from motifbook.widgets._controls import WIDE, beside, make_button, row
from motifbook.widgets._explorer import shows_errors
from motifbook.widgets._file_names import file_name
from motifbook.widgets._memory import Memory
from motifbook.widgets._told import sites_in_words
from motifbook.widgets._undo import Undoable
from motifbook.widgets.reading import METHODS, NONE, attribution_of, by_step, hit_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Refused = dict[str, list[int]]  # numbers of edits by the name of their design
_FILES = Path("results/designs.fasta"), Path("results/designs_order.csv")


class DesignExplorer(Undoable[Refused]):
    """Look at designs edit by edit, and refuse those that should not be made.

    Shows the sequence of a design after each edit, with the letters changed so far and the motif
    instances that they made or destroyed, beside the prediction after each edit. A design without
    the edits that are refused is predicted and shown anew. Refusing can be undone.

    Parameters
    ----------
    designs
        From `mb.design`.

    Raises
    ------
    InputError
        If these are no designs, or none.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.DesignExplorer(designs)
        explorer
        explorer.designs.write_order("order.csv")  # without the edits that were refused
    """

    def __init__(self, designs: Designs) -> None:
        if not isinstance(designs, Designs) or not len(designs):
            raise _check.InputError(
                f"`designs` is {_check.shown(designs)}; expected one design or more of "
                "`mb.design(model)`."
            )
        self._given, self._designs = designs, designs
        self._memory = Memory()
        self._build()
        self._start_at({})
        super().__init__(self._controls())
        self._offer_edits()
        self._draw()

    def _build(self) -> None:
        """Make the controls; the design with the highest score comes first."""
        table = self._given.table
        order = np.argsort(-table["score"].to_numpy(np.float64), kind="stable").tolist()
        scores = [f"{table['design'].iloc[i]}: score {table['score'].iloc[i]:.3g}" for i in order]
        self._design = w.Dropdown(
            options=list(zip(scores, order)), description="design", layout=WIDE
        )
        n_edits = len(self._given.paths[order[0]].moves)
        self._step = w.IntSlider(
            value=n_edits, max=n_edits, description="step", readout=False, layout=WIDE
        )
        self._number = beside(self._step)
        self._number.tooltip = "0 is the start"
        aims = self._given.goal.names
        names = [(shorten(name, 40), name) for name in aims]
        self._readout = w.Dropdown(options=names, description="readout", layout=WIDE)
        self._method = w.Dropdown(
            options=[NONE, *METHODS],
            description="attribution",
            tooltip="What the letters are worth, to the first network",
            layout=WIDE,
        )
        self._accepted = w.VBox(layout=w.Layout(max_height="14em", overflow="auto"))

    def _controls(self) -> list[w.Widget]:
        self._design.observe(self._other_design, names="value")
        for control in (self._step, self._readout, self._method):
            control.observe(self._redraw, names="value")
        kept = make_button(
            "Save designs",
            "All designs without refused edits: FASTA and order sheet",
            self._on_save,
        )
        several = len(self._readout.options) > 1
        return [
            row(self._design, *([self._readout] if several else [])),
            row(self._step, self._number),
            row(self._method, kept),
            w.HTML("Accept these edits:"),
            self._accepted,
            row(self._undo, self._redo),
        ]

    @property
    def designs(self) -> Designs:
        """All designs, without the edits that are refused."""
        return self._designs

    def _other_design(self, _: object) -> None:
        """Show the whole way of another design."""
        with self._together():
            self._offer_edits()
            self._set_steps()
        self._redraw()

    def _offer_edits(self) -> None:
        """A check box for every edit of the design, as it was written."""
        refused = self._versions.state.get(self._name, [])
        own = self._given.edits[self._given.edits["design"] == self._name]
        boxes = []
        for step, words in own.drop_duplicates("step")[["step", "edit"]].itertuples(index=False):
            box = w.Checkbox(
                value=step not in refused,
                description=f"{step}: {words}",
                tooltip=f"Accept edit {step}",
                indent=False,
                layout={"width": "auto"},
            )
            box.observe(self._on_accept, names="value")
            boxes.append(box)
        self._accepted.children = boxes

    def _set_steps(self) -> None:
        """Let the slider end where the edits end, and stand there."""
        n_edits = len(self._designs.paths[self._at].moves)
        self._step.max = n_edits
        self._step.value = n_edits

    @shows_errors
    def _on_accept(self, _: object) -> None:
        """Take the design without the edits that are not accepted."""
        boxes = enumerate(self._accepted.children, start=1)
        steps = [step for step, box in boxes if not box.value]
        others = dict(self._versions.state)
        others.pop(self._name, None)
        try:
            self._edit({**others, self._name: steps} if steps else others)
        except Exception:
            self._offer_edits()  # as they were
            raise

    def _take(self, state: Refused) -> None:
        """Leave edits out; show the design that this changes."""
        items = list(state.items())  # that of the last one changes, the others seldom do
        others = self._memory.once("others", without, self._given, dict(items[:-1]))
        self._designs = without(others, dict(items[-1:]))
        before = self._versions.state
        names = self._given.table["design"].tolist()
        changed = [i for i, name in enumerate(names) if state.get(name) != before.get(name)]
        self._design.value = changed[0] if changed else self._at
        for step, box in enumerate(self._accepted.children, start=1):
            box.value = step not in state.get(self._name, [])
        self._set_steps()

    @shows_errors
    def _on_save(self, _: object) -> None:
        fasta, order = _FILES
        _check.make_folder(fasta.parent, "path", "work in a folder where you may write.")
        self._designs.write_fasta(fasta)
        self._designs.write_order(order)
        self.say(f"Saved {len(self._designs)} designs: {fasta.name} and {order.name} in results/.")

    @property
    def _at(self) -> int:
        """Number of the design."""
        number: int = self._design.value
        return number

    @property
    def _name(self) -> str:
        return str(self._given.table["design"].iloc[self._at])

    @property
    def _edits(self) -> pd.DataFrame:
        edits = self._designs.edits
        return edits[edits["design"] == self._name]

    def svg(self) -> str:
        """The current picture as SVG text."""
        steps = self._designs.steps(self._at)
        return plot.design_page_svg(steps, self._edits, **self._values(steps))

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        steps = self._designs.steps(self._at)
        return plot.design_page_figure(steps, self._edits, **self._values(steps))

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return file_name(self._name, "step", str(self._step.value))

    def code(self) -> str:
        """The lines that draw the current picture again."""
        at, step, readout = self._at, self._step.value, self._readout.value
        lines = [
            "import motifbook as mb",
            "from motifbook.widgets.design_explorer import design_instances, without",
            "from motifbook.widgets.reading import attribution_of",
            "",
            f"accepted = without(designs, {self._versions.state!r})",
            f"steps = accepted.steps({at})",
            f'edits = accepted.edits[accepted.edits["design"] == {self._name!r}]',
            "svg = mb.plot.design_page_svg(",
            "    steps,",
            "    edits,",
            f"    step={step},",
            f"    readout={readout!r},",
            f"    instances=design_instances(accepted, {at}),",
        ]
        if self._method.value != NONE:
            asked = f"accepted.models[0], steps[{step}], {self._method.value!r}, {readout!r}"
            lines.append(f"    attribution=attribution_of({asked}),")
        letters = self._given.models[0].alphabet.letters
        return "\n".join(
            [*lines, f"    letters={letters!r},", f"    title={self._name!r},", ")", ""]
        )

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        step, readout = self._step.value, self._readout.value
        own = self._edits[self._edits["readout"] == readout]
        start = self._designs.table[f"{readout}_before"].iloc[self._at]
        where, value = f"{self._name}, the start", float(start)
        if step:
            this = own[own["step"] == step].iloc[0]
            where, value = f"{self._name}, edit {step} of {len(own)}", this["after"]
            where += f", {this['edit']} ({this['effect']:+.2f})"
        found = self._instances()
        sites = sites_in_words(found[found["step"] == step])
        return f"{where}: prediction of {readout} {value:.3g}. Motif instances: {sites}."

    def details(self) -> str:
        """What refusing did, in sentences."""
        before = len(self._given.notes)
        return "".join(f"<p>{escape(note)}</p>" for note in self._designs.notes[before:])

    def _values(self, steps: list[str]) -> dict[str, Any]:
        """What else `plot.design_page_svg` takes."""
        step, method, readout = self._step.value, self._method.value, self._readout.value
        model = self._designs.models[0]
        attribution = None
        if method != NONE:
            asked = model, steps[step], method, readout
            attribution = self._memory.once("attribution", attribution_of, *asked)
        return {
            "step": step,
            "readout": readout,
            "instances": self._instances(),
            "attribution": attribution,
            "letters": model.alphabet.letters,
            "title": self._name,
        }

    def _instances(self) -> pd.DataFrame:
        return self._memory.once("instances", design_instances, self._designs, self._at)


def without(designs: Designs, refused: Mapping[str, list[int]]) -> Designs:
    """Refuse edits, by the names of designs; see `refuse`."""
    for name, steps in refused.items():
        designs = refuse(designs, name, steps)
    return designs


def design_instances(designs: Designs, design: int) -> pd.DataFrame:
    """Motif instances of a design after each edit, by the scan that names its edits.

    Returns
    -------
    DataFrame
        step (0 for the start), start, end, strand, motif.
    """
    steps = designs.steps(design)
    found = hit_table(HitFinder(designs.motifs), encode(steps, designs.models[0].alphabet))
    return by_step(found, range(len(steps)), designs.motifs)
