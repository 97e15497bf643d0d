"""Look at a network's filters one by one: motif, sites, activation along sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check, plot
from motifbook.alphabet import DNA
from motifbook.motif.columns import motif_list
from motifbook.motif.compare import identify
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode
from motifbook.widgets._controls import WIDE, beside, ends_beside, make_button, row, scrolling
from motifbook.widgets._explorer import Explorer
from motifbook.widgets.parts import refuse_no_rows

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure

    from motifbook.discover.filters import FilterView
    from motifbook.models.network import MotifNetwork

ROWS = 12  # sequences on a page
_LISTED = 3  # known motifs per filter
_COLUMNS = ["target_name", "target", "p_value", "q_value", "strand"]
_SIMILAR = 0.05  # q-value up to which a known motif is named


@dataclass(frozen=True)
class _Known:
    """What is known about one filter's motif."""

    words: str = ""
    table: str = ""  # HTML


class FilterExplorer(Explorer):
    """Browse the filters of a network.

    Shows a filter's motif, where in the sequences its sites lie, and its activation along chosen
    sequences, with the known motifs it looks like. Activations are computed once, for up to 500
    sequences.

    Parameters
    ----------
    model
        A trained network that reads motifs, such as `MotifSyntaxNet`.
    adata
        Sequences to look at.
    motifs
        From `read_motifs`, perhaps renamed: gives the filters their names.
    known
        A table from `identify`, or what it takes: a collection, a motif file, motifs.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.FilterExplorer(model, adata)
        explorer
        explorer.save("filter.pdf")
    """

    def __init__(
        self,
        model: MotifNetwork,
        adata: AnnData,
        *,
        motifs: Sequence[Motif] | None = None,
        known: pd.DataFrame | str | Sequence[Motif] = "JASPAR2026_vertebrates",
    ) -> None:
        from motifbook.discover.filters import explore

        self._source = (
            "from motifbook.discover.filters import explore\n\nview = explore(model, adata)\n"
        )
        refuse_no_rows(adata)
        self._open(explore(model, adata), motifs, known)

    @classmethod
    def from_view(
        cls,
        view: FilterView,
        *,
        motifs: Sequence[Motif] | None = None,
        known: pd.DataFrame | str | Sequence[Motif] = "JASPAR2026_vertebrates",
    ) -> FilterExplorer:
        """Browse activations that were computed before, by `discover.filters.explore`."""
        if not hasattr(view, "activation"):
            raise _check.InputError(
                f"`view` is {_check.shown(view)}; expected what "
                "`motifbook.discover.filters.explore(model, adata)` returns."
            )
        self = cls.__new__(cls)
        self._source = ""
        self._open(view, motifs, known)
        return self

    def _open(
        self,
        view: FilterView,
        motifs: Sequence[Motif] | None,
        known: pd.DataFrame | str | Sequence[Motif],
    ) -> None:
        self._view = view
        self._alphabet = view.motifs[0].alphabet
        self._sequences = decode(view.letters, self._alphabet)
        self._motifs = _named(view.motifs, [] if motifs is None else motif_list(motifs))
        self._known = _known_motifs(self._motifs, known)
        use = [float(motif.info.get("use", 0.0)) for motif in self._motifs]
        by_use = np.argsort(np.negative(use), kind="stable").tolist()
        self._build(by_use)
        super().__init__(self._controls())
        self._draw()

    def _build(self, by_use: list[int]) -> None:
        """Make the controls; the most used filter comes first."""
        n, length = self._view.letters.shape
        self._filter = w.IntSlider(
            value=by_use[0], max=len(by_use) - 1, description="filter", readout=False, layout=WIDE
        )
        self._by_use = w.Dropdown(
            options=[(self._label(f), f) for f in by_use], description="by use", layout=WIDE
        )
        w.link((self._filter, "value"), (self._by_use, "value"))
        self._window = w.IntRangeSlider(
            value=(0, length), max=length, description="positions", readout=False, layout=WIDE
        )
        self._ends = ends_beside(self._window)
        self._threshold = w.IntSlider(
            value=60, min=5, max=100, step=5, description="threshold %", readout=False, layout=WIDE
        )
        self._page = w.IntSlider(
            min=1, max=-(-n // ROWS), description="page", readout=False, layout=WIDE
        )
        self._order = w.Dropdown(
            options=["strongest first", "as in the data"], description="sequences", layout=WIDE
        )

    def _controls(self) -> list[w.Widget]:
        for control in (self._filter, self._window, self._threshold, self._page, self._order):
            control.observe(self._redraw, names="value")
        back = make_button("Previous page", "The sequences before", lambda _: self._turn(-1))
        on = make_button("Next page", "More sequences", lambda _: self._turn(+1))
        return [
            row(self._filter, beside(self._filter), self._by_use),
            row(self._window, *self._ends),
            row(self._threshold, beside(self._threshold), self._order),
            row(self._page, beside(self._page), back, on),
        ]

    def _turn(self, step: int) -> None:
        self._page.value = min(max(self._page.value + step, 1), self._page.max)

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.filter_svg(**self._values())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.filter_figure(**self._values())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return f"filter_{self._filter.value}"

    def code(self) -> str:
        """The lines that draw the current picture again."""
        f = self._filter.value
        motif, given = self._motifs[f], self._view.motifs[f]
        renamed = "" if motif is given else f".renamed({motif.name!r})"
        rows = self._rows(self._strength()).tolist()
        return (
            "import motifbook as mb\n"
            "from motifbook.onehot import decode\n"
            f"{self._source}\n"
            f"activation = view.activation[:, {f}]\n"
            "svg = mb.plot.filter_svg(\n"
            f"    view.motifs[{f}]{renamed},\n"
            "    activation / (activation.max() or 1),\n"
            f"    strand=view.strand[:, {f}],\n"
            f"    sequences=decode(view.letters, view.motifs[{f}].alphabet),\n"
            "    names=view.names,\n"
            f"    rows={rows},\n"
            f"    threshold={self._threshold.value / 100},\n"
            f"    window={self._window.value},\n"
            ")\n"
        )

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        f = self._filter.value
        motif = self._motifs[f]
        strength = self._strength()
        n_with = int((strength.max(axis=1) >= self._threshold.value / 100).sum())
        parts = [f"Filter {f}: consensus {motif.consensus}, {motif.bits:.1f} bits"]
        if self._known[f].words:
            parts.append(self._known[f].words)
        parts.append(f"in {n_with:,} of {len(strength):,} sequences")
        if "use" in motif.info:
            parts.append(f"use {motif.info['use']:.3f}")
        return ", ".join(parts) + "."

    def details(self) -> str:
        """The known motifs most similar to this filter, as an HTML table."""
        table: str = self._known[self._filter.value].table
        return table

    def _values(self) -> dict[str, Any]:
        """The arguments of `plot.filter_svg`."""
        f = self._filter.value
        strength = self._strength()
        return {
            "motif": self._motifs[f],
            "strength": strength,
            "strand": self._view.strand[:, f],
            "sequences": self._sequences,
            "names": self._view.names,
            "rows": self._rows(strength),
            "threshold": self._threshold.value / 100,
            "window": self._window.value,
        }

    def _strength(self) -> npt.NDArray[np.float32]:
        """Activation of the chosen filter as a share of its largest, (n, n_starts)."""
        activation = self._view.activation[:, self._filter.value]
        strength: npt.NDArray[np.float32] = activation / (activation.max() or 1)
        return strength

    def _rows(self, strength: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
        """The sequences on the chosen page."""
        order = np.arange(len(strength))
        if self._order.value == "strongest first":
            order = np.argsort(-strength.max(axis=1), kind="stable")
        start = (self._page.value - 1) * ROWS
        return order[start : start + ROWS]

    def _label(self, f: int) -> str:
        motif = self._motifs[f]
        use = f", use {motif.info['use']:.3f}" if "use" in motif.info else ""
        return f"{f}: {motif.consensus}{use}"


def _named(filters: Sequence[Motif], motifs: Sequence[Motif]) -> list[Motif]:
    """Give the filters the names of the motifs that were read from them."""
    names = {f: motif.name for motif in motifs for f in motif.info.get("filters", ())}
    return [
        motif.renamed(names[f]) if names.get(f, motif.name) != motif.name else motif
        for f, motif in enumerate(filters)
    ]


def _known_motifs(
    motifs: Sequence[Motif], known: pd.DataFrame | str | Sequence[Motif]
) -> list[_Known]:
    """Look up all filters at once, so that browsing them does not wait."""
    if isinstance(known, str) and motifs[0].alphabet != DNA:  # our collections are DNA
        return [_Known()] * len(motifs)
    if not isinstance(known, pd.DataFrame):
        known = identify(motifs, known, n=_LISTED)
    _check.columns(known.columns, ["motif", *_COLUMNS], "`known`")
    by_motif = dict(iter(known.groupby("motif")))
    return [_describe(by_motif.get(motif.name, known.head(0)).head(_LISTED)) for motif in motifs]


def _describe(matches: pd.DataFrame) -> _Known:
    if len(matches) == 0:
        return _Known("like no known motif")
    best = matches.iloc[0]
    is_similar = best["q_value"] <= _SIMILAR
    words = f"best known motif {best['target_name']}" if is_similar else "like no known motif"
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td><td>{escape(str(target))}</td>"
        f"<td>{p_value:.1e}</td><td>{q_value:.1e}</td><td>{strand}</td></tr>"
        for name, target, p_value, q_value, strand in matches[_COLUMNS].to_numpy()
    )
    head = "".join(
        f'<th scope="col">{word}</th>'
        for word in ("known motif", "id", "p-value", "q-value", "strand")
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return _Known(words, scrolling(table, "The known motifs most similar to this filter"))
