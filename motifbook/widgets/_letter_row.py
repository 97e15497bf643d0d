"""A row of buttons, one per letter of a stretch of a sequence; a click selects a position."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as w

from motifbook.plot.colors import INK, WHITE, blend, letter_colors
from motifbook.widgets._controls import row

PER_ROW = 40  # positions
_WIDTH = "23px"
_FRAME = f"var(--jp-ui-font-color0, {INK})"  # black, or white where it is dark


class LetterRow:
    """Buttons for the letters of the stretch of 40 positions that holds the selected one.

    Parameters
    ----------
    letters
        Of the alphabet.
    choose
        Called with the position of a button that is clicked.

    Attributes
    ----------
    widget
        The row.
    window
        First position and end of the stretch.
    """

    def __init__(self, letters: str, choose: Callable[[int], None]) -> None:
        self._colors = {name: blend(c, 0.45) for name, c in letter_colors(letters).items()}
        self.window = (0, PER_ROW)
        self._shown: list[tuple[str, str, bool, bool]] = [("", "", False, False)] * PER_ROW
        self._buttons = [_letter_button() for _ in range(PER_ROW)]
        for place, button in enumerate(self._buttons):
            button.on_click(lambda _, place=place: choose(self.window[0] + place))
        self.widget = row(*self._buttons)

    def show(self, before: str, now: str, position: int) -> None:
        """Show the stretch of a sequence; letters other than `before` are underlined.

        What looks as it did is left alone.
        """
        first = position // PER_ROW * PER_ROW
        self.window = first, min(first + PER_ROW, len(now))
        for place, button in enumerate(self._buttons):
            at = first + place
            look = ("", "", False, False)
            if at < len(now):
                look = (now[at], f"position {at}: {now[at]}", at == position, now[at] != before[at])
            if look != self._shown[place]:
                self._shown[place] = look
                self._dress(button, *look)

    def _dress(
        self, button: w.Button, letter: str, words: str, is_chosen: bool, is_changed: bool
    ) -> None:
        with button.hold_sync():
            button.description, button.tooltip, button.disabled = letter, words, not letter
        with button.style.hold_sync():
            button.style.button_color = self._colors.get(letter, WHITE)
            button.style.text_decoration = "underline" if is_changed else None
            button.style.font_weight = "bold" if is_changed or is_chosen else None
        with button.layout.hold_sync():
            button.layout.border = f"2px solid {_FRAME if is_chosen else 'transparent'}"
            button.layout.display = None if letter else "none"


def _letter_button() -> w.Button:
    layout = w.Layout(width=_WIDTH, margin="0", padding="0", border="2px solid transparent")
    return w.Button(layout=layout, style={"text_color": INK})
