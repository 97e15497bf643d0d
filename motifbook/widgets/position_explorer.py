"""Look along sequences, cut windows out of them, and see which part carries the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check, plot
from motifbook.discover.positions import SequenceView, view_positions
from motifbook.experiment.slice import slice_window
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import trained
from motifbook.widgets._controls import WIDE, beside, ends_beside, hide_name, row
from motifbook.widgets._explorer import shows_errors
from motifbook.widgets._file_names import file_name
from motifbook.widgets._methods import ALL, Methods
from motifbook.widgets._scrambled import ScrambledRows
from motifbook.widgets._undo import Undoable, Versions
from motifbook.widgets.parts import (
    change_letters,
    joined_view,
    refuse_no_rows,
    with_change,
    with_draws,
)

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure

    from motifbook.attribution.scrambler.scrambler import Scrambler

_MARGIN = 5  # letters on either side of the first window's instance


class PositionExplorer(Undoable[str]):
    """Browse sequences position by position.

    Shows a sequence with the motif instances that the network sees in it, a window of it enlarged
    with the activation of each motif, attributions and the mask of a scrambler, and what the
    network predicts when the window is replaced by shuffled letters, when it alone is kept, of
    draws from the mask, and of the sequence with letters changed as typed (with undo, until another
    sequence is chosen).

    Parameters
    ----------
    model
        A trained network; instances and activations are shown for those that read motifs.
    adata
        Sequences; up to 500 of them, spread evenly, can be chosen. Several per row stand end to
        end, and are shuffled each by itself; letters of those cannot be changed here.
    attribution : (n, n_letters, length), or method -> such an array
        Contribution of each letter, from `mb.attribute`, drawn above the window.
    motifs
        From `read_motifs`, perhaps renamed: gives the motifs their names.
    scrambler
        From `mb.fit_scrambler`: shows its mask at a budget that a slider chooses. Its curves are
        worked out once, at the beginning.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.PositionExplorer(model, adata)
        explorer
        explorer.save("peak.pdf")
    """

    def __init__(
        self,
        model: Network,
        adata: AnnData,
        attribution: npt.ArrayLike | Mapping[str, npt.ArrayLike] | None = None,
        *,
        motifs: Sequence[Motif] | None = None,
        scrambler: Scrambler | None = None,
    ) -> None:
        self._readouts = trained(model).readouts
        refuse_no_rows(adata)
        self._model = model
        self._is_joined = bool(model.inputs)
        self._view = (
            joined_view(model, adata)
            if self._is_joined
            else view_positions(model, adata, motifs=motifs)
        )
        self._has_motifs = motifs is not None
        sizes = (adata.n_obs, model.alphabet.n_letters, self._view.letters.shape[1])
        self._methods = Methods(model, adata, attribution, sizes)
        self._masks = None if scrambler is None else ScrambledRows(scrambler, adata, self._view)
        self._last_seen: dict[tuple[int, int], SequenceView] = {}
        self._last_cut: dict[tuple[int, int, int], pd.DataFrame] = {}
        self._build()
        self._start_at("")
        super().__init__(self._controls())
        self._draw()

    def _build(self) -> None:
        """Make the controls; the sequence with the highest prediction comes first."""
        best = int(self._view.prediction[:, 0].argmax())
        length = int(self._view.lengths.max())
        self._number, self._window = (
            make(description=words, max=largest, value=value, readout=False, layout=WIDE)
            for make, words, largest, value in (
                (w.IntSlider, "sequence", len(self._view.names) - 1, best),
                (w.IntRangeSlider, "window", length, self._first_window(best, length)),
            )
        )
        self._ranked = w.Dropdown(
            options=self._by_prediction(0), value=best, description="prediction", layout=WIDE
        )
        w.link((self._number, "value"), (self._ranked, "value"))
        names = [(name, i) for i, name in enumerate(self._readouts)]
        self._readout = w.Dropdown(options=names, description="readout", layout=WIDE)
        self._method = w.Dropdown(
            options=[ALL, *self._methods.names], description="method", layout=WIDE
        )
        budgets = [] if self._masks is None else self._masks.labels
        usual = 0 if self._masks is None else self._masks.usual
        self._level = w.IntSlider(
            value=usual,
            max=max(len(budgets) - 1, 0),
            description="bits",
            readout=False,
            layout=WIDE,
        )
        self._budget = hide_name(
            w.Dropdown(options=budgets, description="bits", layout={"width": "auto"})
        )
        if budgets:
            w.link((self._level, "value"), (self._budget, "index"))
        self._typed = w.Text(
            description="change",
            placeholder="such as 12 A>G, or a whole sequence",
            continuous_update=False,
            layout=WIDE,
        )

    def _controls(self) -> list[w.Widget]:
        self._readout.observe(self._rank_again, names="value")
        self._number.observe(self._forget_change, names="value")
        for control in (self._number, self._window, self._readout, self._method, self._level):
            control.observe(self._redraw, names="value")
        self._typed.observe(self._on_typed, names="value")
        rows = [
            row(self._number, beside(self._number), self._ranked),
            row(self._window, *ends_beside(self._window)),
        ]
        if self._masks is not None:
            rows.append(row(self._level, self._budget))
        if len(self._methods.names) > 1:
            rows.append(row(self._method))
        rows.append(row(self._typed, self._undo, self._redo))
        return rows if len(self._readouts) == 1 else [row(self._readout), *rows]

    @shows_errors
    def _on_typed(self, change: dict[str, str]) -> None:
        self._edit(change["new"])

    def _take(self, state: str) -> None:
        self._typed.value = state

    def _forget_change(self, _: object) -> None:
        """A change is of one sequence."""
        if self._versions.last:
            with self._together():
                self._move_to(Versions(("",)))

    def _by_prediction(self, readout: int) -> list[tuple[str, int]]:
        """Numbers of the sequences with their labels, highest prediction first."""
        values = self._view.prediction[:, readout]
        order = np.argsort(-values, kind="stable").tolist()
        return [(f"{self._view.names[i]}: {values[i]:.3g}", i) for i in order]

    def _rank_again(self, change: dict[str, int]) -> None:
        number = self._number.value
        with self._together():
            self._ranked.options = self._by_prediction(change["new"])
            self._ranked.value = number

    def _first_window(self, number: int, length: int) -> tuple[int, int]:
        """Around the instance that matters most, or the middle fifth."""
        found = self._view.one(number).instances
        if not len(found):
            return 2 * length // 5, 3 * length // 5
        start, end = found.iloc[int(found["weight"].abs().argmax())][["start", "end"]]
        return max(0, int(start) - _MARGIN), min(length, int(end) + _MARGIN)

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.position_svg(self._seen(), self._parts(), **self._values())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.position_figure(self._seen(), self._parts(), **self._values())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return file_name(self._view.names[self._number.value])

    def code(self) -> str:
        """The lines that draw the current picture again."""
        return "\n".join(
            [*self._code_before(), "svg = mb.plot.position_svg(", *self._code_of_call()]
        )

    def _code_before(self) -> list[str]:
        """Lines that make what the picture shows."""
        number = self._number.value
        given = ", motifs=motifs" if self._has_motifs else ""
        lines = [
            "import motifbook as mb",
            "from motifbook.discover.positions import view_positions",
            "from motifbook.experiment.slice import slice_window",
            "from motifbook.widgets.parts import change_letters, of_changed, padded",
            "from motifbook.widgets.parts import joined_view, with_change, with_draws",
            "",
            "view = joined_view(model, adata)"
            if self._is_joined
            else f"view = view_positions(model, adata{given})",
            f"shown = view.one({number}, readout={self._readout.value})",
            f"parts = slice_window(model, view.own_letters({number}), {self._span()})",
        ]
        if self._masks is not None:
            lines += self._masks.code(number, self._level.value)
        if self._typed.value:
            letters = self._model.alphabet.letters
            typed = f"change_letters(shown.sequence, {self._typed.value!r}, {letters!r})"
            lines += [f"changed = {typed}", "parts = with_change(parts, model, changed)"]
        lines += self._methods.code(self._method.value, self._place(), bool(self._typed.value))
        if self._masks is not None:
            level, typed = self._level.value, self._typed.value
            lines += self._masks.code_of_logos(number, level, self._place(), typed)
        return lines

    def _code_of_call(self) -> list[str]:
        """Arguments of `plot.position_svg`."""
        values = self._values()
        lines = ["    shown,", "    parts,"]
        lines += [f"    {name}={values[name]!r}," for name in ("window", "readout", "letters")]
        if np.isfinite(values["measured"]):
            lines.append(f"    measured={values['measured']!r},")
        if values["attribution"] is not None:
            lines.append("    attribution=values,")
        if values["scrambled"] is not None:
            lines.append("    scrambled=scrambled,")
        return [*lines, ")", ""]

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        first, end = self._span()
        seen, readout = self._seen(), self._readouts[self._readout.value]
        parts = self._parts()
        told = dict(parts.loc[parts["readout"] == readout, ["part", "prediction"]].to_numpy())
        inside = seen.instances[(seen.instances["start"] < end) & (seen.instances["end"] > first)]
        sites = ", ".join(
            f"{motif} {start} to {stop - 1} ({strand}, {weight:+.2f})"
            for motif, start, stop, strand, weight in inside[
                ["motif", "start", "end", "strand", "weight"]
            ].to_numpy()
        )
        return (
            f"{seen.name}: prediction of {readout} {told['whole sequence']:.3g}, "
            f"{told['without the window']:.3g} without positions {first} to {end - 1}, "
            f"{told['window alone']:.3g} with them alone, {told['all shuffled']:.3g} shuffled. "
            f"Instances in the window: {sites or 'none'}.{self._also(told)}"
        )

    def _also(self, told: Mapping[str, float]) -> str:
        """What the mask and a typed change do, in sentences."""
        said = ""
        if "draws of the mask" in told:
            bits, value = self._budget.value, told["draws of the mask"]
            said += f" Draws of the mask at {bits} bits per position: {value:.3g}."
        if "changed sequence" in told:
            before, after = told["whole sequence"], told["changed sequence"]
            said += f" {self._typed.value}: {before:.3g} becomes {after:.3g}."
        return said

    def _values(self) -> dict[str, Any]:
        """What else `plot.position_svg` takes."""
        readout, place, changed = self._readout.value, self._place(), self._changed()
        scrambled = None
        if self._masks is not None:
            level, typed = self._level.value, self._typed.value
            number = self._number.value
            scrambled = self._masks.scrambled(number, level, place, typed, changed)
        return {
            "window": self._span(),
            "readout": self._readouts[readout],
            "measured": float(self._view.measured[self._number.value, readout]),
            "attribution": self._methods.values(self._method.value, place, changed) or None,
            "letters": self._model.alphabet.letters,
            "scrambled": scrambled,
        }

    def _changed(self) -> str:
        """The sequence as changed, its own letters; "" where nothing is typed."""
        if not self._typed.value:
            return ""
        if self._is_joined:
            raise _check.InputError(
                "The network reads several sequences of each row; expected no change here. "
                "`scrambler.compare` takes rows that differ."
            )
        own = self._seen().sequence
        return change_letters(own, self._typed.value, self._model.alphabet.letters)

    def _place(self) -> tuple[int, int, int]:
        """Row of the sequence in the data, its first column and its end."""
        number = self._number.value
        start = int(self._view.starts[number])
        return int(self._view.rows[number]), start, start + int(self._view.lengths[number])

    def _span(self) -> tuple[int, int]:
        """The window, cut where the sequence ends."""
        first, end = self._window.value
        return first, min(end, int(self._view.lengths[self._number.value]))

    def _seen(self) -> SequenceView:
        state = self._number.value, self._readout.value
        if state not in self._last_seen:
            self._last_seen = {state: self._view.one(state[0], readout=state[1])}
        return self._last_seen[state]

    def _parts(self) -> pd.DataFrame:
        """Predictions of the sequence, of its parts, of draws and of the change."""
        number = self._number.value
        state = (number, *self._span())
        if state not in self._last_cut:
            letters = self._view.own_letters(number)
            self._last_cut = {state: slice_window(self._model, letters, self._span())}
        parts = self._last_cut[state]
        if self._masks is not None:
            parts = with_draws(parts, self._model, self._masks.curves, number, self._level.value)
        changed = self._changed()
        return with_change(parts, self._model, changed) if changed else parts
