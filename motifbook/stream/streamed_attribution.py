"""Attributions in a folder, read as arrays."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.letters import Attribution
from motifbook.onehot import Letters
from motifbook.stream.folder import Folder, open_folder
from motifbook.stream.request import piece_seed
from motifbook.stream.rows import Asked, IntArray
from motifbook.stream.streamed import Streamed

KIND = "attributions"


class StreamedAttribution(Streamed):
    """Values of letters in a folder; made by `mb.stream_attribution`.

    Attributes
    ----------
    path
        The folder, a zarr group: "values" and "letters", (n, length).
    method, unit, signed, readout, notes
        As of `Attribution`.
    shape
        (n, length).
    """

    def __init__(self, folder: Folder) -> None:
        about = folder.about
        super().__init__(folder, int(about["n"]))
        self.method, self.unit, self.signed = about["method"], about["unit"], about["signed"]
        self.readout, self.notes = about["readout"], list(about["notes"])
        self.shape: tuple[int, int] = (self._n, int(about["length"]))
        self._n_letters = int(about["n_letters"])

    def __repr__(self) -> str:
        part = "" if self.is_finished else f", {self.n_done:,} of {self.n_pieces:,} pieces done"
        says = f"{self.method} of {self.readout}, in {self.unit}s".replace("bitss", "bits")
        return f"<StreamedAttribution {self.shape}: {says}{part}; {self.path}>"

    @property
    def seeds(self) -> list[int]:
        """Seed of each piece, for methods that draw: that of `mb.attribute` on its rows."""
        return [piece_seed(self._folder.about["seed"], one) for one in range(self.n_pieces)]

    def values(self, rows: Asked = None) -> npt.NDArray[np.float32]:
        """Value of the letter that stands there, (n_rows, length); 0 at unknown letters.

        Parameters
        ----------
        rows
            Row numbers, a slice, names of sequences, True or False for each; None for all.

        Raises
        ------
        InputError
            If there is no such row, or it is not done yet.
        """
        values: npt.NDArray[np.float32] = self._read("values", np.float32, rows)
        return values

    def letters(self, rows: Asked = None) -> Letters:
        """Letter codes, (n_rows, length), of rows that are done."""
        letters: Letters = self._read("letters", np.uint8, rows)
        return letters

    def attribution(self, rows: Asked = None) -> Attribution:
        """The same as `mb.attribute` returns it, (n_rows, n_letters, length): for plots, fidelity.

        Some of it goes into a book: ``store.add_attribution(part, streamed.attribution(rows),
        streamed.method, streamed.readout)``.

        Raises
        ------
        InputError
            As `values`.
        """
        values, letters = self.values(rows), self.letters(rows)
        spread = np.zeros((len(values), self._n_letters, self.shape[1]), dtype=np.float32)
        for code in range(self._n_letters):
            np.copyto(spread[:, code], values, where=letters == code)
        return Attribution(
            spread,
            method=self.method,
            unit=self.unit,
            signed=self.signed,
            readout=self.readout,
            notes=self.notes,
        )

    def _read(self, name: str, dtype: npt.DTypeLike, rows: Asked) -> npt.NDArray[Any]:
        chosen = self._rows(rows)
        found = np.empty((len(chosen), self.shape[1]), dtype=dtype)
        for piece in np.unique(chosen // self._size).tolist():  # a chunk is read once
            here: IntArray = np.flatnonzero(chosen // self._size == piece)
            first = piece * self._size
            chunk = self._folder.read(name, slice(first, first + self._size))
            found[here] = chunk[chosen[here] - first]
        return found


def read_attribution(path: str | os.PathLike[str]) -> StreamedAttribution:
    """Open attributions that `mb.stream_attribution` wrote, finished or not.

    Raises
    ------
    InputError
        If there are none.

    Examples
    --------
    >>> import tempfile, motifbook as mb, torch
    >>> yours = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * 50, 1))
    >>> model = mb.Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
    >>> adata = mb.simulate(n=8, length=50, rule="single", seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = mb.stream_attribution(model, adata, f"{folder}/a", "gradient", progress=False)
    ...     mb.read_attribution(f"{folder}/a").values(slice(0, 3)).shape
    (3, 50)
    """
    return StreamedAttribution(open_folder(_check.a_path(path, what="folder"), KIND))
