"""Look along sequences, cut windows out of them, and see which part carries the prediction."""

from __future__ import annotations

from collections.abc import Sequence
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
from motifbook.widgets._explorer import Explorer, beside, ends_beside

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure

_WIDE = w.Layout(width="24em")
_MARGIN = 5  # letters on either side of the first window's instance


class PositionExplorer(Explorer):
    """Browse sequences position by position.

    Shows a sequence with the motif instances that the network sees in it, a window of it enlarged
    with the activation of each motif (and an attribution), and what the network predicts when the
    window is replaced by shuffled letters, and when it alone is kept.

    Parameters
    ----------
    model
        A trained network; instances and activations are shown for those that read motifs.
    adata
        Sequences; up to 500 of them, spread evenly, can be chosen.
    attribution : (n, n_letters, length)
        Contribution of each letter, drawn above the window.
    motifs
        From `read_motifs`, perhaps renamed: gives the motifs their names.

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
        attribution: npt.ArrayLike | None = None,
        *,
        motifs: Sequence[Motif] | None = None,
    ) -> None:
        self._model = model
        self._view = view_positions(model, adata, motifs=motifs)
        self._readouts = trained(model).readouts
        self._has_motifs = motifs is not None
        self._attribution = None if attribution is None else np.asarray(attribution)
        if self._attribution is not None:
            sizes = (adata.n_obs, model.alphabet.n_letters, self._view.letters.shape[1])
            expected = f"(n, n_letters, length) = {sizes}"
            _check.shape(self._attribution, "attribution", expected, *sizes)
        self._last_seen: dict[tuple[int, int], SequenceView] = {}
        self._last_cut: dict[tuple[int, int, int], pd.DataFrame] = {}
        self._build()
        super().__init__(self._controls())
        self._redraw()

    def _build(self) -> None:
        """Make the controls; the sequence with the highest prediction comes first."""
        best = int(self._view.prediction[:, 0].argmax())
        self._number = w.IntSlider(
            value=best,
            max=len(self._view.names) - 1,
            description="sequence",
            readout=False,
            layout=_WIDE,
        )
        self._ranked = w.Dropdown(
            options=self._by_prediction(0), value=best, description="prediction", layout=_WIDE
        )
        w.link((self._number, "value"), (self._ranked, "value"))
        self._readout = w.Dropdown(
            options=[(name, i) for i, name in enumerate(self._readouts)],
            description="readout",
            layout=_WIDE,
        )
        length = int(self._view.lengths.max())
        self._window = w.IntRangeSlider(
            value=self._first_window(best, length),
            max=length,
            description="window",
            readout=False,
            layout=_WIDE,
        )

    def _controls(self) -> list[w.Widget]:
        self._readout.observe(self._rank_again, names="value")
        for control in (self._number, self._window, self._readout):
            control.observe(self._redraw, names="value")
        rows = [
            w.HBox([self._number, beside(self._number, "number"), self._ranked]),
            w.HBox([self._window, *ends_beside(self._window)]),
        ]
        return rows if len(self._readouts) == 1 else [w.HBox([self._readout]), *rows]

    def _by_prediction(self, readout: int) -> list[tuple[str, int]]:
        """Numbers of the sequences with their labels, highest prediction first."""
        values = self._view.prediction[:, readout]
        order = np.argsort(-values, kind="stable").tolist()
        return [(f"{self._view.names[i]}: {values[i]:.3g}", i) for i in order]

    def _rank_again(self, change: dict[str, int]) -> None:
        number = self._number.value
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
        name = self._view.names[self._number.value]
        return "".join(letter if letter.isalnum() else "_" for letter in name)

    def code(self) -> str:
        """The lines that draw the current picture again."""
        number, window = self._number.value, self._span()
        given = ", motifs=motifs" if self._has_motifs else ""
        values = self._values()
        settings = "".join(
            f"    {name}={values[name]!r},\n" for name in ("window", "readout", "letters")
        )
        measured, attribution = values["measured"], self._attribution
        if np.isfinite(measured):
            settings += f"    measured={measured!r},\n"
        if attribution is not None:
            row, first, end = self._place()
            settings += f"    attribution=attribution[{row}, :, {first}:{end}],\n"
        return (
            "import motifbook as mb\n"
            "from motifbook.discover.positions import view_positions\n"
            "from motifbook.experiment.slice import slice_window\n\n"
            f"view = view_positions(model, adata{given})\n"
            f"parts = slice_window(model, view.own_letters({number}), {window})\n"
            "svg = mb.plot.position_svg(\n"
            f"    view.one({number}, readout={self._readout.value}),\n"
            "    parts,\n"
            f"{settings})\n"
        )

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
            f"Instances in the window: {sites or 'none'}."
        )

    def _values(self) -> dict[str, Any]:
        """What else `plot.position_svg` takes."""
        row, first, end = self._place()
        readout = self._readout.value
        attribution = self._attribution
        return {
            "window": self._span(),
            "readout": self._readouts[readout],
            "measured": float(self._view.measured[self._number.value, readout]),
            "attribution": None if attribution is None else attribution[row, :, first:end],
            "letters": self._model.alphabet.letters,
        }

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
        state = (self._number.value, *self._span())
        if state not in self._last_cut:
            letters = self._view.own_letters(state[0])
            self._last_cut = {state: slice_window(self._model, letters, self._span())}
        return self._last_cut[state]
