"""The masks of a scrambler, as an explorer shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check, plot
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.discover.positions import PositionView
from motifbook.widgets.parts import Place, padded

if TYPE_CHECKING:
    from anndata import AnnData

_DRAWS = 8  # per sequence and budget


class ScrambledRows:
    """Masks of the sequences of a view at every budget, and how well each does.

    Attributes
    ----------
    curves
        From `scrambler.curves`, of the rows of the view.
    """

    def __init__(self, scrambler: Scrambler, adata: AnnData, view: PositionView) -> None:
        if not isinstance(scrambler, Scrambler):
            raise _check.InputError(
                f"`scrambler` is {_check.shown(scrambler)}; expected such as "
                "`mb.fit_scrambler(model, adata)`."
            )
        self._scrambler, self._view = scrambler, view
        self._data = adata[view.rows]
        self.curves = scrambler.curves(self._data, n_draws=_DRAWS, seed=0)

    @property
    def labels(self) -> list[str]:
        """Of the budgets."""
        return [f"{bits:.3g}" for bits in self.curves.bits]

    @property
    def usual(self) -> int:
        """The budget next to the one that the scrambler reads with."""
        distance = np.abs(np.log(self.curves.bits / self._scrambler.usual_bits))
        return int(distance.argmin())

    def scrambled(
        self, number: int, level: int, place: Place, typed: str, changed: str
    ) -> plot.Scrambled:
        """What `plot.position_svg` draws of one sequence, and of the same with letters changed."""
        _, first, end = place
        bits = float(self.curves.bits[level])
        relaxed = self._scrambler.relaxed(self._data[[number]], bits=bits)[0]
        shown = {"": relaxed[:, first:end]}
        if changed:
            whole = padded(self._view, number, changed)
            shown[typed] = self._scrambler.relaxed([whole], bits=bits)[0][:, first:end]
        background = self._scrambler.rule.background.probabilities[:, first:end]
        return plot.Scrambled(shown, background, self.curves, number, bits)

    def code(self, number: int, level: int) -> list[str]:
        """Lines that make the curves, and the draws among the parts."""
        return [
            f"curves = scrambler.curves(adata[view.rows], n_draws={_DRAWS}, seed=0)",
            f"parts = with_draws(parts, model, curves, {number}, {level})",
        ]

    def code_of_logos(self, number: int, level: int, place: Place, typed: str) -> list[str]:
        """Lines that make `scrambled`."""
        _, first, end = place
        lines = [
            f"bits = float(curves.bits[{level}])",
            f"relaxed = scrambler.relaxed(adata[view.rows[[{number}]]], bits=bits)[0]",
            f"logos = {{'': relaxed[:, {first}:{end}]}}",
        ]
        if typed:
            lines += [
                f"whole = padded(view, {number}, changed)",
                "relaxed = scrambler.relaxed([whole], bits=bits)[0]",
                f"logos[{typed!r}] = relaxed[:, {first}:{end}]",
            ]
        background = f"scrambler.rule.background.probabilities[:, {first}:{end}]"
        return [
            *lines,
            f"scrambled = mb.plot.Scrambled(logos, {background}, curves, {number}, bits)",
        ]
