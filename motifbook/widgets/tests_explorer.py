"""Look at tests of motifs one by one: what was compared with what, and what became of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from motifbook import _check, plot
from motifbook.plot.layout import shorten
from motifbook.plot.p_values import log_of, p_words
from motifbook.plot.tested_rows import Row, rows_of, verdict
from motifbook.significance.methods_text import ENGINES
from motifbook.widgets._controls import WIDE, beside, row
from motifbook.widgets._explorer import Explorer
from motifbook.widgets._file_names import file_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from motifbook.significance.null_sample import NullSample
    from motifbook.significance.result import Tests

_WHERE = {
    "fixed": "",
    "split": "on the sequences that did not choose: ",
    "thin": "on the part of the values that did not choose: ",
}
_SLOPE = (
    "the slope of the readout on how well the motif matches each sequence, over its standard error"
)
_CORRELATION = (
    "the correlation of the readout with how well the motif matches each sequence, compared with "
    "that of readouts in random order"
)


class TestExplorer(Explorer):
    """Look at tests of motifs one by one.

    Shows all motifs of a readout with the one that is looked at, its logo, its p-value and the
    naive one struck through, its effect, whether it is kept and if not, why not; and the
    distribution that its statistic has where nothing is associated, with the value of the data.

    Parameters
    ----------
    tests
        From `mb.test_motifs`. Draws are made once for each motif that is looked at.

    Raises
    ------
    InputError
        If these are no tests, or no motif was tested.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.TestExplorer(tests)
        explorer
        explorer.save("test.pdf")
    """

    __test__ = False  # pytest takes what is called Test… for tests

    def __init__(self, tests: Tests) -> None:
        self._table = rows_of(tests)
        if not len(self._table):
            raise _check.InputError("`tests` holds no motif; expected at least one.")
        self._tests = tests
        self._drawn: dict[int, NullSample | None] = {}
        self._build()
        super().__init__(self._controls())
        self._draw()

    def _build(self) -> None:
        """Make the controls; the first motif of the first readout comes first."""
        names = self._table["readout"].unique().tolist()
        self._readout = w.Dropdown(
            options=[(shorten(str(name), 40), name) for name in names],
            description="readout",
            layout=WIDE,
        )
        self._number = w.IntSlider(
            value=1, min=1, max=self._n_rows, description="step", readout=False, layout=WIDE
        )
        self._typed = beside(self._number)
        self._motif = w.Dropdown(options=self._motifs(), description="motif", layout=WIDE)
        w.link((self._number, "value"), (self._motif, "value"))

    def _controls(self) -> list[w.Widget]:
        self._readout.observe(self._other_readout, names="value")
        self._number.observe(self._redraw, names="value")
        chosen = row(self._number, self._typed, self._motif)
        return [chosen] if len(self._readout.options) == 1 else [row(self._readout), chosen]

    def _other_readout(self, _: object) -> None:
        """Offer the motifs of this readout, and begin with the first."""
        with self._together():
            self._number.value = 1
            self._number.max = self._n_rows
            self._motif.options = self._motifs()
        self._redraw()

    @property
    def _rows(self) -> list[int]:
        own = self._table["readout"] == self._readout.value
        return [int(row) for row in self._table.index[own]]

    @property
    def _n_rows(self) -> int:
        return len(self._rows)

    def _motifs(self) -> list[tuple[str, int]]:
        motifs = self._table.loc[self._rows, "motif"]
        return [(shorten(str(name), 32), number) for number, name in enumerate(motifs, start=1)]

    @property
    def _row(self) -> int:
        number: int = self._number.value
        return self._rows[number - 1]

    @property
    def _this(self) -> Row:
        return self._table.loc[self._row].to_dict()

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.tests_page_svg(self._tests, self._row, self._null(), **self._values())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.tests_page_figure(self._tests, self._row, self._null(), **self._values())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        this = self._this
        return file_name("test", this["readout"], str(self._number.value), this["motif"])

    def code(self) -> str:
        """The lines that draw the current picture again."""
        row = self._row
        given = "" if self._null() is None else f", tests.null({row})"
        given += "".join(f", {name}={value!r}" for name, value in self._values().items())
        return f"import motifbook as mb\n\nsvg = mb.plot.tests_page_svg(tests, {row}{given})\n"

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        row, this = self._row, self._this
        said = (
            f"{this['motif']} for {this['readout']}: {verdict(self._tests, row)}; "
            f"p = {p_words(this['log_p'])}"
        ).replace("= <", "<")
        null = self._null()
        if null is not None and len(null.values):
            n_beyond = int((null.values >= null.observed).sum())
            said += (
                f". The data have {null.observed:.3g} ({null.what}); {n_beyond} of "
                f"{len(null.values)} draws where nothing is associated are as large"
            )
        if this["naive_p_value"] == this["naive_p_value"]:
            said += f". Naive and not valid: {p_words(log_of(this['naive_p_value']))}"
        return f"{said}."

    def details(self) -> str:
        """What the engine does, and what a reader should know, in sentences."""
        this = self._this
        readouts = [one for one in self._tests.by_readout if one.readout == this["readout"]]
        engine = f"Engine {this['engine']}: {ENGINES[this['engine']]}."
        notes = [this["notes"], *(note for one in readouts for note in one.notes)]
        notes += [note for note in self._tests.notes if note not in notes]
        said = [engine, *(str(note) for note in notes if note)]
        return "".join(f"<p>{escape(sentence)}</p>" for sentence in said)

    def _values(self) -> dict[str, Any]:
        """What else the picture is made of."""
        if self._null() is not None:
            return {}
        this = self._this
        told = _CORRELATION if this["n_draws"] else _SLOPE
        return {"statistic": _WHERE[this["engine"]] + told}

    def _null(self) -> NullSample | None:
        """Draws for the motif that is looked at, made once; None where its engine draws none."""
        row = self._row
        if row not in self._drawn:
            draws = self._tests.finding(row).null is not None
            self._drawn[row] = self._tests.null(row) if draws else None
        return self._drawn[row]
