"""Read a formula term by term, and see what is lost without one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from motifbook import _check, plot
from motifbook.formula.baselines import summary
from motifbook.formula.curve import position_curve
from motifbook.formula.text import to_text
from motifbook.plot.layout import shorten, unit_words
from motifbook.plot.terms import terms_of
from motifbook.widgets._controls import WIDE, make_button, row
from motifbook.widgets._explorer import shows_errors
from motifbook.widgets._file_names import file_name
from motifbook.widgets._undo import Undoable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from motifbook.formula.formula import Formula

_NARROW = {"width": "11em"}
_MADE = ("curve", "r2")  # variables in `code`
BOXES = 40  # terms that can be switched off one by one


class FormulaExplorer(Undoable[tuple[str, ...]]):
    """Look at a formula term by term.

    Shows the coefficients of a readout with their intervals, one motif closely (its logo, its
    coefficient in other readouts or by position), and how much of the readout's variance is
    explained without the terms that are switched off, which can be undone. Below: the formula, and
    what other models explain.

    Parameters
    ----------
    formula
        From `mb.fit_formula`. One read from a file has no sequences to try terms on: it is shown
        without check boxes.

    Raises
    ------
    InputError
        If it is no formula, or one without motifs.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.FormulaExplorer(formula)
        explorer
        explorer.save("formula.pdf")
    """

    def __init__(self, formula: Formula) -> None:
        self._terms = terms_of(formula)
        self._formula = formula
        motifs = self._terms[self._terms["kind"] == "motif"]
        if not len(motifs):
            raise _check.InputError(
                "`formula` holds no motif; expected at least one. `formula.selection` says which "
                "were tried."
            )
        self._r2: dict[tuple[object, ...], float] = {}
        self._curves: dict[str, pd.DataFrame] = {}
        self._build(motifs)
        self._start_at(())
        super().__init__(self._controls())
        self._draw()

    def _build(self, motifs: pd.DataFrame) -> None:
        """Make the controls; the strongest motif comes first."""
        strength = motifs["coefficient"].abs().groupby(motifs["motif"], sort=False).max()
        names = strength.sort_values(ascending=False, kind="stable").index.tolist()
        places = self._formula.terms.positions
        self._is_smooth = places.kind == "smooth"
        positions = places.names if places.kind == "bins" else []
        self._readout, self._motif, self._position = (
            w.Dropdown(options=options, description=words, layout=WIDE)
            for options, words in (
                (self._formula.readouts, "readout"),
                ([(shorten(str(name), 32), str(name)) for name in names], "motif"),
                (["everywhere", *positions], "position"),
            )
        )
        pairs = self._terms.loc[self._terms["kind"] == "interaction", "term"].unique()
        others = self._formula.terms.covariates.names
        self._switches = {
            str(name): w.Checkbox(
                value=True, description=shorten(str(name), 16), indent=False, layout=_NARROW
            )
            for name in [*names, *pairs, *others][:BOXES]
        }
        self._refits = w.Checkbox(
            value=True, description="fit the other terms anew", indent=False, layout=WIDE
        )

    def _controls(self) -> list[w.Widget]:
        for control in (self._readout, self._motif, self._position, self._refits):
            control.observe(self._redraw, names="value")
        for switch in self._switches.values():
            switch.observe(self._on_switch, names="value")
        chosen = [self._readout, self._motif]
        if len(self._position.options) > 1:
            chosen.append(self._position)
        if self._formula.held_out is None:
            return [row(*chosen)]
        back = make_button("All terms on", "With all terms again", self._all_on)
        return [
            row(*chosen),
            w.HTML("Terms in the formula; clear a box to see what is lost without it:"),
            row(*self._switches.values()),
            row(self._refits, back, self._undo, self._redo),
        ]

    @shows_errors
    def _on_switch(self, _: object) -> None:
        self._edit(tuple(self._off))

    @shows_errors
    def _all_on(self, _: object) -> None:
        if self._off:
            self._edit(())

    def _take(self, state: tuple[str, ...]) -> None:
        for name, switch in self._switches.items():
            switch.value = name not in state

    @property
    def _off(self) -> list[str]:
        return [name for name, switch in self._switches.items() if not switch.value]

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.formula_page_svg(self._formula, **self._values())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.formula_page_figure(self._formula, **self._values())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return file_name("formula", self._readout.value, self._motif.value)

    def code(self) -> str:
        """The lines that draw the current picture again."""
        values = self._values()
        readout = values["readout"]
        before = ""
        if "curve" in values:
            before += (
                "from motifbook.formula.curve import position_curve\n\n"
                f"curve = position_curve(formula, {values['motif']!r})\n"
                f'curve = curve[curve["readout"] == {readout!r}]\n'
            )
        if "r2" in values:
            off = f"{values['off']}, refit={self._refits.value}"
            before += (
                f"r2 = formula.r2_without({readout!r}), formula.r2_without({readout!r}, {off})\n"
            )
        given = [
            f"    {name}={name if name in _MADE else repr(value)},\n"
            for name, value in values.items()
        ]
        return (
            f"import motifbook as mb\n{before}"
            f"svg = mb.plot.formula_page_svg(\n    formula,\n{''.join(given)})\n"
        )

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        return f"{self._about_motif()} {self._about_variance()}".strip()

    def details(self) -> str:
        """The formula of this readout, and what other models explain."""
        said = to_text(self._formula, self._readout.value, intervals=False)
        said = f"<pre>{escape(said)}</pre>"
        baselines = self._formula.baselines
        if len(baselines):
            own = baselines[baselines["readout"] == self._readout.value]
            said = f"<p>{escape(summary(own))}</p>{said}"
        return said

    def _values(self) -> dict[str, Any]:
        """What the picture is made of."""
        position = self._position.value
        values: dict[str, Any] = {
            "readout": self._readout.value,
            "motif": self._motif.value,
            "position": "" if position == "everywhere" else position,
            "off": self._off,
        }
        if self._has_curve:
            curve = self._curve_of(self._motif.value)
            values["curve"] = curve[curve["readout"] == self._readout.value]
        if self._formula.held_out is not None:
            values["r2"] = self._share([]), self._share(self._off)
        return values

    @property
    def _has_curve(self) -> bool:
        return self._is_smooth and self._formula.held_out is not None

    def _curve_of(self, motif: str) -> pd.DataFrame:
        """The worth of a site by its position; worked out once."""
        if motif not in self._curves:
            self._curves[motif] = position_curve(self._formula, motif)
        return self._curves[motif]

    def _share(self, off: list[str]) -> float:
        """Share of variance explained without these terms; asked for once."""
        refit = self._refits.value or not off
        asked = (self._readout.value, refit, *off)
        if asked not in self._r2:
            self._r2[asked] = self._formula.r2_without(self._readout.value, off, refit=refit)
        return self._r2[asked]

    def _about_motif(self) -> str:
        if self._has_curve:
            curve = self._values()["curve"].set_index("start")["coefficient"]
            return (
                f"{self._motif.value}: one site adds {curve.min():+.2f} (at letter "
                f"{curve.idxmin() + 1}) to {curve.max():+.2f} (at letter {curve.idxmax() + 1})."
            )
        terms = self._terms
        is_own = (terms["motif"] == self._motif.value) & (terms["kind"] == "motif")
        own = terms[is_own & (terms["readout"] == self._readout.value)]
        if self._position.value != "everywhere":
            own = own[own["position"] == self._position.value]
        said = "; ".join(_worth(row) for row in own.to_dict("records"))
        return f"{self._motif.value}: one site adds {said}; in {unit_words(own['unit'])}."

    def _about_variance(self) -> str:
        if self._formula.held_out is None:
            return "A formula read from a file has no sequences to try terms on."
        off, whole = self._off, self._share([])
        said = f"All terms explain {whole:.3f} of the variance of {self._readout.value}"
        if not off:
            return f"{said}."
        how = "others fitted anew" if self._refits.value else "others as they are"
        return f"{said}; without {', '.join(off)} {self._share(off):.3f} ({how})."


def _worth(row: Mapping[Hashable, Any]) -> str:
    """Coefficient, interval and q-value, as far as they are known."""
    said = f"{row['coefficient']:+.2f}"
    if row["lower"] < row["upper"]:
        said += f" ({row['lower']:+.2f} to {row['upper']:+.2f}, q = {row['q_value']:.1g})"
    return f"{said} at {row['position']}" if row["position"] else said
