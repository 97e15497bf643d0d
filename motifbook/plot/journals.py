"""What journals ask of a figure: its width, its highest height, and the size of its letters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Journal:
    """The rules of a journal.

    Parameters
    ----------
    widths
        Millimeters of a figure over 1, 2 ... columns.
    highest
        Millimeters.
    words
        Points of the letters: least and most.
    letter
        Points of the bold letter of a panel.
    is_capital
        Whether panels are called A, B, C rather than a, b, c.
    """

    widths: tuple[float, ...]
    highest: float
    words: tuple[float, float] = (5.0, 7.0)
    letter: float = 8.0
    is_capital: bool = True


# From the instructions for authors as read in 2026: of Nature, Science, PLOS and BMC in their own
# words, of Cell and PNAS as others quote them. Journals change theirs, so look before you submit.
JOURNALS = {
    "nature": Journal((89, 183), 247, is_capital=False),
    "science": Journal((57, 121, 184), 233, (5, 7), 9),
    "cell": Journal((85, 114, 174), 225, (6, 7), 9),
    "pnas": Journal((87, 114, 178), 225, (6, 8), 9),
    "plos": Journal((132, 190), 222, (8, 9), 11),
    "bmc": Journal((85, 170), 225, (8, 9), 11, is_capital=False),
    "wide": Journal((180,), 1000, (6, 8), 10),
}
