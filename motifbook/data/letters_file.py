"""Letters of large sets in an .h5ad file: one plain block, so that they can stay on disk."""

from __future__ import annotations

import io
import os
from typing import Any

import anndata as ad
import h5py
import numpy as np

from motifbook.data import schema
from motifbook.onehot import Letters

MANY_LETTERS = 2e7  # from here on letters are written unpacked
_BLOCK = 20_000  # rows at a time: bounds memory
_PLACE = f"obsm/{schema.LETTERS}"
_PARTS = ("X", "obs", "var", "layers", "obsp", "uns", "varm", "varp")  # and obsm


class _Steady(io.FileIO):
    """A file that keeps the error when it cannot be written, and goes on: HDF5 would crash."""

    error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while self.error is None and len(rest):
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = error
            return self.tell() if size is None else size


def write_book(
    path: str | os.PathLike[str], book: ad.AnnData, letters: Letters | None = None
) -> None:
    """Write an .h5ad file; letter codes, (n, length), go beside what is in `book`, unpacked.

    Raises
    ------
    OSError
        If the disk is full.
    """
    with _Steady(path, "w+") as stream:
        try:
            with h5py.File(stream, "w") as file:
                ad.io.write_elem(file, "/", book, dataset_kwargs={"compression": "gzip"})
                file.pop("raw", None)  # an empty one, which backed reading takes for values
                if letters is not None:
                    _add_letters(file, letters)
        except OSError:
            if stream.error is None:
                raise
        if stream.error is not None:
            raise stream.error


def _add_letters(file: h5py.File, letters: Letters) -> None:
    """Write letters as anndata would, but neither packed nor cut."""
    dataset = file.create_dataset(_PLACE, letters.shape, np.uint8)
    dataset.attrs["encoding-type"] = "array"
    dataset.attrs["encoding-version"] = "0.2.0"
    for first in range(0, len(letters), _BLOCK):
        dataset[first : first + _BLOCK] = letters[first : first + _BLOCK]


def map_letters(path: str | os.PathLike[str]) -> Letters | None:
    """Map the letters of an .h5ad file, (n, length): read when looked at, changed in memory only.

    None if the file keeps letters in another way: packed, in pieces, or as text.
    """
    with h5py.File(path, "r") as file:
        dataset = file.get(_PLACE)
        if not isinstance(dataset, h5py.Dataset) or dataset.dtype != np.uint8:
            return None
        offset, shape = dataset.id.get_offset(), dataset.shape
    if offset is None or len(shape) != 2:
        return None
    return np.memmap(path, dtype=np.uint8, mode="c", offset=offset, shape=shape)


def read_without_letters(path: str | os.PathLike[str]) -> ad.AnnData:
    """Read an .h5ad file, but for its letters."""
    with h5py.File(path, "r") as file:
        parts = {name: ad.io.read_elem(file[name]) for name in _PARTS if name in file}
        kept = [key for key in file["obsm"] if key != schema.LETTERS]
        parts["obsm"] = {key: ad.io.read_elem(file["obsm"][key]) for key in kept}
    return ad.AnnData(**parts)
