"""Watch a scrambler learn: its loss, the bits it selects, and masks that take shape."""

from __future__ import annotations

import inspect
import threading
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np

from motifbook import plot
from motifbook.attribution.scrambler.fit import checked, fit_scrambler
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.result import Look
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.models.network import Network
from motifbook.onehot import decode
from motifbook.train.evaluate import trained
from motifbook.train.inputs import inputs_of
from motifbook.widgets._controls import WIDE, beside, make_button, row
from motifbook.widgets._explorer import Explorer
from motifbook.widgets.parts import refuse_no_rows

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure

_PLAIN = (str, int, float, tuple, dict, type(None))  # values that code can spell


class ScramblerTraining(Explorer):
    """Train a scrambler with a button, and watch it.

    Run trains in the background, Cancel stops at the next look and keeps what was learned so far.
    Afterwards a slider goes back through the looks.

    Parameters
    ----------
    model
        A trained network. Leave it alone while the scrambler trains.
    adata
        Sequences.
    **keywords
        As `mb.fit_scrambler` takes them. The seed is 0 by default; `options.watch` is used here.

    Raises
    ------
    InputError
        If the network is untrained, there are no sequences, or `mode` or `options` are unknown.
        What else does not fit is said in the status line once it runs.

    Attributes
    ----------
    scrambler
        The trained scrambler; None before.

    Examples
    --------
    In a notebook, it appears as the value of a cell::

        training = mb.widgets.ScramblerTraining(model, adata, bits=0.2)
        training
        training.scrambler.importance()
    """

    def __init__(self, model: Network, adata: AnnData, **keywords: Any) -> None:
        trained(model)
        refuse_no_rows(adata)
        inspect.signature(fit_scrambler).bind(model, adata, **keywords)
        self._model, self._adata = model, adata
        self._letters = inputs_of(model, adata).letters
        self._options = checked(keywords.get("mode", "inclusion"), keywords.pop("options", None))
        self._keywords = {"seed": 0, **keywords, "progress": False}
        self._looks: list[Look] = []
        self._is_cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self.scrambler: Scrambler | None = None
        self._build()
        super().__init__(self._controls())
        self._draw()

    def _build(self) -> None:
        self._start = make_button("Run", "Train from the beginning", self.run)
        self._start.button_style = "primary"
        self._stop = make_button("Cancel", "Stop at the next look, and keep it", self.cancel)
        self._stop.disabled = True
        self._bar = w.IntProgress(max=self._options.n_steps, description="steps")
        self._look = w.IntSlider(
            description="look", max=0, readout=False, layout=WIDE, disabled=True
        )
        self._number = beside(self._look)
        w.link((self._look, "disabled"), (self._number, "disabled"))

    def _controls(self) -> list[w.Widget]:
        self._look.observe(self._redraw, names="value")
        return [row(self._start, self._stop, self._bar), row(self._look, self._number)]

    def run(self, _: object = None) -> None:
        """Train in the background, from the beginning; nothing happens while it trains."""
        if self.is_running:
            return
        self._is_cancelled.clear()
        self.last_error, self.scrambler = None, None
        self._start.disabled, self._stop.disabled = True, False
        self._look.disabled = True
        self.say("Training.")
        self._thread = threading.Thread(target=self._train, daemon=True)
        self._thread.start()

    def cancel(self, _: object = None) -> None:
        """Stop at the next look."""
        self._is_cancelled.set()
        self.say("Stopping at the next look.")

    def wait(self, seconds: float | None = None) -> None:
        """Return when the training has ended, or the time is over."""
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def is_running(self) -> bool:
        """Whether it trains now."""
        return self._thread is not None and self._thread.is_alive()

    def _train(self) -> None:
        options = replace(self._options, watch=self._see)
        try:
            self.scrambler = fit_scrambler(
                self._model, self._adata, options=options, **self._keywords
            )
        except Exception as error:  # a thread would swallow it
            self.say_error(error)
        else:
            how = "Stopped" if self._is_cancelled.is_set() else "Finished"
            self.say(" ".join([f"{how} at step {self._bar.value}.", *self.scrambler.notes]))
        finally:
            self._start.disabled, self._stop.disabled = False, True
            self._look.disabled = not self._looks

    def _see(self, look: Look) -> bool:
        """Show a look; whether to go on."""
        if self._looks and look.step <= self._looks[-1].step:
            self._looks = []  # it began anew
        self._looks.append(look)
        last = len(self._looks) - 1
        self._bar.value = look.step
        self._look.max = last
        self._look.value = last
        if last == 0:  # which is no change of the slider
            self._redraw()
        return not self._is_cancelled.is_set()

    def svg(self) -> str:
        """The current picture as SVG text."""
        look = self._shown()
        return plot.scrambler_training_svg(look, self._sequences(look), **self._words_of(look))

    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""
        look = self._shown()
        return plot.scrambler_training_figure(look, self._sequences(look), **self._words_of(look))

    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""
        return f"scrambler_training_{self._shown().step}"

    def summary(self) -> str:
        """What the current picture shows, in a sentence."""
        look = self._shown()
        if not len(look.losses):
            return f"Run trains for {look.n_steps} steps."
        return (
            f"Step {look.step} of {look.n_steps}: loss {look.losses[-1]:.3g}, "
            f"{look.bits[-1]:.3g} bits per position selected."
        )

    def code(self) -> str:
        """The lines that train it again and draw the current picture."""
        given = "".join(f"    {name}={_spelled(v, name)},\n" for name, v in self._keywords.items())
        usual = ScramblerOptions()
        changed = "".join(
            f"{one.name}={_spelled(getattr(self._options, one.name), one.name)}, "
            for one in fields(usual)
            if one.name != "watch"
            and repr(getattr(self._options, one.name)) != repr(getattr(usual, one.name))
        )
        return (
            "import motifbook as mb\n"
            "from motifbook.onehot import decode\n"
            "from motifbook.train.inputs import inputs_of\n\n"
            "looks = []\n"
            f"options = mb.ScramblerOptions({changed}watch=looks.append)\n"
            "scrambler = mb.fit_scrambler(\n    model,\n    adata,\n"
            f"    options=options,\n{given})\n"
            f"look = looks[{self._look.value}]\n"
            "svg = mb.plot.scrambler_training_svg(\n"
            "    look,\n"
            "    decode(inputs_of(model, adata).letters[look.numbers], model.alphabet),\n"
            "    names=adata.obs_names[look.numbers].tolist(),\n"
            "    letters=model.alphabet.letters,\n"
            ")\n"
        )

    def _shown(self) -> Look:
        """The chosen look; an empty one before the first."""
        if self._looks:
            return self._looks[min(int(self._look.value), len(self._looks) - 1)]
        nothing, length = np.zeros(0, np.float32), self._letters.shape[1]
        numbers, masks = np.zeros(0, np.int64), np.zeros((0, length), np.float32)
        return Look(0, self._options.n_steps, nothing, nothing, numbers, masks)

    def _sequences(self, look: Look) -> list[str]:
        return decode(self._letters[look.numbers], self._model.alphabet)

    def _words_of(self, look: Look) -> dict[str, Any]:
        names = self._adata.obs_names[look.numbers].tolist()
        return {"names": names, "letters": self._model.alphabet.letters}


def _spelled(value: object, name: str) -> str:
    """How code writes a value; by its name where it is an array or a function."""
    return repr(value) if isinstance(value, _PLAIN) else name
