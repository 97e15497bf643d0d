"""Colors that readers with any color vision tell apart, on a screen and in print."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from motifbook import _check

# The palette of Okabe & Ito (https://jfly.uni-koeln.de/color), with ink in place of black.
INK = "#222222"
GRAY = "#767676"
PALE = "#d9d9d9"
_UNKNOWN = "#bbbbbb"  # letters that say nothing; lighter than the green of A in every sight
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
WHITE = "#ffffff"

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)
# Each is the one farthest from those before it and from white, in the sight that tells them least.
MANY = (*SERIES, "#990000", "#003377", "#555555", "#bbff99", "#ddbbbb", "#3300dd", "#330033")
FORWARD, REVERSE = BLUE, VERMILLION  # the two strands

_NUCLEOTIDES = {"A": GREEN, "C": BLUE, "G": ORANGE, "T": INK, "U": INK, "N": _UNKNOWN}
_CLASSIC = {
    "A": "#008000",
    "C": "#0000FF",
    "G": "#FFA600",
    "T": "#FF0000",
    "U": "#FF0000",
    "N": _UNKNOWN,
}
_CHEMISTRY = {
    "AVLIPWFM": INK,  # hydrophobic
    "GSTYC": GREEN,  # polar
    "QN": PURPLE,  # amide
    "KRH": BLUE,  # basic
    "DE": VERMILLION,  # acidic
    "X": _UNKNOWN,
}
_LEFT = (VERMILLION, PURPLE, SKY)  # for letters of your own
_AMINO_ACIDS = {letter: color for group, color in _CHEMISTRY.items() for letter in group}


def letter_colors(letters: str, colors: str | Mapping[str, str] = "default") -> dict[str, str]:
    """Return the color of each letter.

    Parameters
    ----------
    letters
        The letters drawn, in the order of the rows. Up to 8 with A, C and G among them, or none
        but nucleotides, are nucleotides, and further letters get colors that are left; all others
        are amino acids, colored by their chemistry.
    colors
        "default", "classic" (the green, blue, orange and red of older logos; for nucleotides), or
        letter -> color; letters without one are gray.

    Raises
    ------
    InputError
        If there is no set of colors of that name.

    Examples
    --------
    >>> letter_colors("AC")
    {'A': '#009E73', 'C': '#0072B2'}
    """
    if isinstance(colors, Mapping):
        return {letter: colors.get(letter, GRAY) for letter in letters}
    _check.one_of(colors, "colors", ["default", "classic"])
    nucleotides = _CLASSIC if colors == "classic" else _NUCLEOTIDES
    is_nucleic = set(letters) <= set(nucleotides) or (len(letters) <= 8 and {*"ACG"} <= {*letters})
    chosen = nucleotides if is_nucleic else _AMINO_ACIDS
    left = itertools.cycle(_LEFT)
    return {letter: chosen.get(letter) or next(left) for letter in letters}


def blend(color: str, share: float) -> str:
    """Return `color` thinned with white: share 0 is white, 1 the color itself.

    Examples
    --------
    >>> blend("#000000", 0.2)
    '#cccccc'
    """
    channels = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in channels)
