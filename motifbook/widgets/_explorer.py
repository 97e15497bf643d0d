"""What all explorers share: a picture, a line for errors, words, code, saving."""

from __future__ import annotations

import contextlib
import functools
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import ipywidgets as w

from motifbook import _check, plot
from motifbook.widgets._controls import make_button, row
from motifbook.widgets._front import BOX, FRONT, STATUS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Method = TypeVar("Method", bound=Callable[..., None])

FORMATS = (".svg", ".pdf", ".png")
NAMES = "<p>Names such as model and adata stand for what this explorer was made with.</p>"


def shows_errors(method: Method) -> Method:
    """Show an exception of a callback as one sentence; notebooks would swallow it.

    The last good picture stays, and the exception is kept in `.last_error`.
    """

    @functools.wraps(method)
    def guarded(self: Explorer, *arguments: Any) -> None:
        self.last_error = None
        self.say("")
        try:
            method(self, *arguments)
        except Exception as error:
            self.say_error(error)

    return guarded  # type: ignore[return-value]


class Explorer(ABC):
    """Controls above a picture; live where there is a front end, a picture everywhere else.

    A subclass builds its controls, hands them over, and says what its state looks like: `svg`,
    `figure`, `summary`, `code`. Its state is in its controls.

    Parameters
    ----------
    controls
        Rows of controls, from top to bottom.

    Attributes
    ----------
    widget
        Everything, to be placed in layouts of your own.
    last_error
        The exception of the last change, None if it went well.
    """

    def __init__(self, controls: Sequence[w.Widget]) -> None:
        self.last_error: Exception | None = None
        self._is_waiting = False
        self._said = ""  # what the picture shows, in a sentence
        self._picture, self._words, self._status, self._code = (w.HTML() for _ in range(4))
        self._shows_code = w.ToggleButton(
            description="Show code", tooltip="The lines that draw this picture again"
        )
        save = make_button("Save figure", "As SVG, PDF and PNG, in results/", self._save)
        self._shows_code.observe(self._redraw, names="value")
        self._status.add_class(STATUS)
        self.say("")
        self.widget = w.VBox(
            [
                *controls,
                self._picture,
                self._status,
                self._words,
                row(self._shows_code, save),
                self._code,
                w.HTML(FRONT),
            ]
        )
        self.widget.add_class(BOX)

    @abstractmethod
    def svg(self) -> str:
        """The current picture as SVG text."""

    @abstractmethod
    def figure(self) -> Figure:
        """The current picture as a matplotlib figure."""

    @abstractmethod
    def summary(self) -> str:
        """What the current picture shows, in a sentence."""

    @abstractmethod
    def code(self) -> str:
        """The lines that draw the current picture again.

        What the explorer was made with goes by the names of its parameters, such as `model`.
        """

    @abstractmethod
    def file_name(self) -> str:
        """A name for the files of the current picture, without suffix."""

    def details(self) -> str:
        """More HTML below the summary."""
        return ""

    def save(self, path: str | os.PathLike[str] | None = None) -> list[Path]:
        """Write the current picture; return where.

        Parameters
        ----------
        path
            Its suffix (.svg, .pdf, .png) chooses the format; without one, all three are written.
            A file in results/ named after the picture by default.

        Raises
        ------
        InputError
            If that is no path, or cannot be written.
        """
        target = Path("results") / self.file_name() if path is None else _check.a_path(path)
        targets = [target]
        if not target.suffix:
            targets = [target.with_name(target.name + suffix) for suffix in FORMATS]
        _check.make_folder(target.parent, "path", "work in a folder where you may write.")
        return [
            plot.save(self.svg() if one.suffix == ".svg" else self.figure(), one) for one in targets
        ]

    def say(self, sentence: str) -> None:
        """Show a sentence in the status line, which screen readers read out."""
        self._status.value = f"<div>{escape(sentence)}</div>"

    def say_error(self, error: Exception) -> None:
        """Show an exception as one sentence in the status line, and keep it."""
        self.last_error = error
        is_ours = isinstance(error, _check.InputError)
        self.say(str(error) if is_ours else f"{type(error).__name__}: {error}")

    @shows_errors
    def _redraw(self, _: object = None) -> None:
        """Draw what the controls say; the callback of those that are not handled otherwise."""
        if not self._is_waiting:
            self._draw()

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """Change several controls; what they show is not drawn meanwhile."""
        was_waiting, self._is_waiting = self._is_waiting, True
        try:
            yield
        finally:
            self._is_waiting = was_waiting

    def _draw(self) -> None:
        """Draw what the controls say; unlike `_redraw`, this raises."""
        svg, summary, details = self.svg(), self.summary(), self.details()
        code = f"{NAMES}<pre>{escape(self.code())}</pre>" if self._shows_code.value else ""
        self._picture.value, self._said = svg, summary
        self._words.value = f"<p>{escape(summary)}</p>{details}"
        self._code.value = code

    @shows_errors
    def _save(self, _: object = None) -> None:
        written = self.save()
        self.say(f"Saved {', '.join(path.name for path in written)} in {written[0].parent}/.")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """The controls, and the last good picture for where there is no front end."""
        bundle: dict[str, str] = dict(self.widget._repr_mimebundle_())
        return bundle | {"image/svg+xml": self._picture.value, "text/plain": self._said}
