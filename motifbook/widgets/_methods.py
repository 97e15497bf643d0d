"""Attributions by several methods, of which an explorer shows one or all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.models.network import Network
from motifbook.widgets.parts import Place, method_of, of_changed

if TYPE_CHECKING:
    from anndata import AnnData

ALL = "all, one under another"
_ASKED_AGAIN = ("mutagenesis", "gradient", "gradient_x_input", "integrated_gradients")


class Methods:
    """Attributions of all sequences.

    Parameters
    ----------
    given
        As the explorer takes it.
    sizes
        (n, n_letters, length), which every one must have.

    Raises
    ------
    InputError
        If one has another shape.
    """

    def __init__(
        self,
        model: Network,
        adata: AnnData,
        given: npt.ArrayLike | Mapping[str, npt.ArrayLike] | None,
        sizes: tuple[int, int, int],
    ) -> None:
        self._model, self._adata = model, adata
        self._is_one = not isinstance(given, Mapping)
        named = given if isinstance(given, Mapping) else {"": given}
        self._arrays = {
            str(name): np.asanyarray(values) for name, values in named.items() if values is not None
        }
        for name, values in self._arrays.items():
            what = f"attribution[{name!r}]" if name else "attribution"
            _check.shape(values, what, f"(n, n_letters, length) = {sizes}", *sizes)

    @property
    def names(self) -> list[str]:
        """Of the methods."""
        return [name or method_of(values) or "attribution" for name, values in self._arrays.items()]

    def values(self, chosen: str, place: Place, changed: str) -> dict[str, npt.NDArray[np.float32]]:
        """Attributions of one sequence by method, and of the same with letters changed."""
        row, first, end = place
        shown = {}
        for name, values in self._chosen(chosen):
            shown[name] = values[row, :, first:end]
            if changed and method_of(values) in _ASKED_AGAIN:
                shown[f"{name}, changed"] = of_changed(
                    self._model, self._adata, values, (row, first, end), changed
                )
        return shown

    def code(self, chosen: str, place: Place, is_changed: bool) -> list[str]:
        """Lines that make `values` again."""
        row, first, end = place
        lines = []
        for name, values in self._chosen(chosen):
            source = "attribution" if self._is_one else f"attribution[{name!r}]"
            lines.append(f"values[{name!r}] = {source}[{row}, :, {first}:{end}]")
            if is_changed and method_of(values) in _ASKED_AGAIN:
                made = f"of_changed(model, adata, {source}, {place}, changed)"
                lines.append(f"values[{name + ', changed'!r}] = {made}")
        return ["values = {}", *lines] if lines else []

    def _chosen(self, chosen: str) -> list[tuple[str, npt.NDArray[np.float32]]]:
        pairs = zip(self.names, self._arrays.values())
        return [(name, values) for name, values in pairs if chosen in (ALL, name)]
