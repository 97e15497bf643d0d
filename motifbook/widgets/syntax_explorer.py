"""Write two motifs into sequences, move them, and see what the network makes of the pair."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np
import pandas as pd

from motifbook import _check, plot
from motifbook.data.words import listed
from motifbook.experiment.marginalize import marginalize
from motifbook.experiment.place import Background, background_letters, word_of
from motifbook.experiment.space import ORIENTATIONS
from motifbook.models.network import Network
from motifbook.onehot import Letters, decode
from motifbook.plot.syntax import curves_of, refuse_no_syntax, rules_of
from motifbook.train.evaluate import trained
from motifbook.widgets._controls import WIDE, beside, row
from motifbook.widgets._explorer import Explorer
from motifbook.widgets._file_names import file_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from motifbook.discover.syntax.read import Syntax

N_BACKGROUNDS = 32


class SyntaxExplorer(Explorer):
    """Move two motifs against each other and watch the prediction.

    Shows both motifs where they are written, what the pair adds beyond both alone at every
    distance (as `read_syntax` measured it), and the mean prediction with neither, either and both
    of them written into the same background sequences, live.

    Parameters
    ----------
    model
        The network that `syntax` was read from.
    syntax
        From `read_syntax`.
    background
        Sequences to write into, as for `mb.marginalize`: `mb.backgrounds(adata, n=32, seed=0)`
        are like your own. By default 32 sequences of random letters, all equally frequent.

    Examples
    --------
    In a notebook, the explorer appears as the value of a cell::

        explorer = mb.widgets.SyntaxExplorer(model, syntax)
        explorer
        explorer.save("pair.pdf")
    """

    def __init__(
        self, model: Network, syntax: Syntax, *, background: Background | None = None
    ) -> None:
        record = trained(model)
        refuse_no_syntax(syntax)
        about = syntax.effects["readout"].unique().tolist()
        if not set(about) <= set(record.readouts):
            raise _check.InputError(
                f"`syntax` is about {listed(about)}, the network "
                f"predicts {listed(record.readouts)}; expected the network it was read from."
            )
        if len(syntax.effects) == 0:
            raise _check.InputError(
                "`syntax` holds no pairs, because no motifs were tried; expected at least one "
                "motif. mb.read_motifs(model, adata) lists what the network uses."
            )
        self._model, self._syntax = model, syntax
        self._is_random = background is None
        if background is None:
            shape = (N_BACKGROUNDS, record.length)
            background = np.random.default_rng(0).integers(
                0, model.alphabet.n_letters, shape, dtype=np.uint8
            )
        self._background: Letters = background_letters(model, background)
        self._seen: tuple[tuple[Any, ...], list[float]] = (), []
        self._motifs = {motif.name: motif for motif in syntax.motifs}
        self._build(record.readouts)
        super().__init__(self._controls())
        with self._together():
            self._fit_place()
            self._place.value = self._place.max // 2
        self._draw()

    def _build(self, readouts: list[str]) -> None:
        """Make the controls; the strongest rule comes first."""
        effects, rules = self._syntax.effects, self._syntax.rules
        first, second, readout, orientation, gap = _opening(effects, rules)
        names, strands = list(self._motifs), set(effects["orientation"])
        self._first, self._second, self._readout, self._orientation = (
            w.Dropdown(options=options, value=value, description=words, layout=WIDE)
            for options, value, words in (
                (names, first, "first motif"),
                (names, second, "then"),
                (readouts, readout, "readout"),
                ([(_arrows(o), o) for o in ORIENTATIONS if o in strands], orientation, "strands"),
            )
        )
        self._gap = w.IntSlider(
            value=gap,
            min=int(effects["gap"].min()),
            max=int(effects["gap"].max()),
            description="gap",
            readout=False,
            layout=WIDE,
        )
        length = self._background.shape[1]
        self._place = w.IntSlider(
            value=length // 2, max=length, description="place", readout=False, layout=WIDE
        )

    def _controls(self) -> list[w.Widget]:
        for control in (self._first, self._second):
            control.observe(self._fit_place, names="value")
        controls = (self._first, self._second, self._readout, self._orientation)
        for control in (*controls, self._gap, self._place):
            control.observe(self._redraw, names="value")
        rows = [
            row(self._first, self._second),
            row(self._orientation, self._gap, beside(self._gap)),
            row(self._place, beside(self._place)),
        ]
        return rows if len(self._readout.options) == 1 else [row(self._readout), *rows]

    def _fit_place(self, _: object = None) -> None:
        """Let the pair lie within the sequence at every gap."""
        widths = sum(self._motifs[name].width for name in self._pair)
        with self._together():
            self._place.max = max(0, self._background.shape[1] - widths - self._gap.max)

    @property
    def _pair(self) -> tuple[str, str]:
        return self._first.value, self._second.value

    def svg(self) -> str:
        """The current picture as SVG text."""
        return plot.pair_svg(self._syntax, self._pair, self._predictions(), **self._values())

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        return plot.pair_figure(self._syntax, self._pair, self._predictions(), **self._values())

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return file_name(*self._pair, f"gap{self._gap.value}")

    def code(self) -> str:
        """The lines that draw the current picture again."""
        drawn = (
            ""
            if not self._is_random
            else (
                "rng = np.random.default_rng(0)\n"
                f"background = rng.integers(0, {self._model.alphabet.n_letters}, "
                f"{self._background.shape}, dtype=np.uint8)\n"
            )
        )
        settings = "".join(f"    {name}={value!r},\n" for name, value in self._values().items())
        return (
            f"{'import numpy as np' if drawn else ''}\n"
            "import motifbook as mb\n\n"
            f"{drawn}"
            f"words = {self._words_written()}\n"
            f"table = mb.marginalize(model, words, background, start={self._place.value})\n"
            f'table = table[table["readout"] == {self._readout.value!r}]\n'
            f"svg = mb.plot.pair_svg(\n"
            f"    syntax,\n    {self._pair},\n"
            '    [table["before"].iloc[0], *table["after"]],\n'
            f"{settings})\n"
        ).lstrip()

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        neither, first, second, both = self._predictions()
        kind = "random sequences" if self._is_random else "backgrounds"
        return (
            f"{self._pair[0]} then {self._pair[1]}, strands {self._orientation.value}, "
            f"{self._gap.value} letters between: prediction {both:.3g} with both, {first:.3g} and "
            f"{second:.3g} with one, {neither:.3g} with neither{self._beyond()}. "
            f"Mean of {len(self._background)} {kind}."
        )

    def _beyond(self) -> str:
        """What `read_syntax` measured for this distance; nothing where it did not."""
        curves = curves_of(self._syntax.effects, self._pair, self._readout.value)
        is_gap = curves["gap"] == self._gap.value
        here = curves[is_gap & (curves["orientation"] == self._orientation.value)]
        return "".join(
            f", beyond both alone {effect:+.2f} ({lower:+.2f} to {upper:+.2f}) {unit}"
            for effect, lower, upper, unit in here[["effect", "lower", "upper", "unit"]].to_numpy()
        )

    def details(self) -> str:
        """The rules of this pair, in words."""
        found = rules_of(self._syntax, self._pair, self._readout.value)
        if len(found) == 0:
            return "<p>No rule was found for this pair.</p>"
        return "".join(f"<p>Rule: {escape(str(sentence))}</p>" for sentence in found["sentence"])

    def _values(self) -> dict[str, Any]:
        """Where and how the pair is written."""
        return {
            "orientation": self._orientation.value,
            "gap": self._gap.value,
            "start": self._place.value,
            "readout": self._readout.value,
        }

    def _predictions(self) -> list[float]:
        """Mean prediction with neither, the first, the second, and both."""
        state = (*self._pair, *self._values().values())
        if self._seen[0] != state:
            table = marginalize(
                self._model, self._words_written(), self._background, start=self._place.value
            )
            table = table[table["readout"] == self._readout.value]
            self._seen = state, [table["before"].iloc[0], *table["after"]]
        return self._seen[1]

    def _words_written(self) -> list[str]:
        """The letters of the first motif, of the second, of both; N leaves the background."""
        alphabet = self._model.alphabet
        first, second = (
            word_of(self._motifs[name], alphabet).on(strand, alphabet).letters[0]
            for name, strand in zip(self._pair, self._orientation.value)
        )
        apart = len(first) + self._gap.value
        words = np.full((3, apart + len(second)), alphabet.n_letters, dtype=np.uint8)
        words[[0, 2], : len(first)] = first
        known = second < alphabet.n_letters
        words[1:, apart:][:, known] = second[known]
        return decode(words, alphabet)


def _opening(effects: pd.DataFrame, rules: pd.DataFrame) -> tuple[str, str, str, str, int]:
    """Pair, readout, orientation and gap of the strongest rule, or else of the largest effect."""
    if len(rules):
        row = rules.iloc[0]
        gap = (row["gap_min"] + row["gap_max"]) // 2
    else:
        row = effects.iloc[int(effects["effect"].abs().argmax())]
        gap = row["gap"]
    orientation = str(row["orientation"]).replace("\u00b1", "+")
    return row["motif_a"], row["motif_b"], row["readout"], orientation, int(gap)


def _arrows(orientation: str) -> str:
    signs = " ".join("\u2192" if strand == "+" else "\u2190" for strand in orientation)
    return f"{orientation}  {signs}"
