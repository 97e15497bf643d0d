"""A book read some rows at a time, so that a large one need not be in memory, nor be sent whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

import anndata as ad
import numpy as np
import pandas as pd

from motifbook.data import schema
from motifbook.data.store import get_alphabet
from motifbook.onehot import Letters, encode

_BLOCK = 20_000  # rows at a time: bounds memory


def sequence_length(adata: ad.AnnData) -> int:
    """Letters per row of `store.get_letters`: those of the longest sequence.

    Raises
    ------
    InputError
        If `adata` holds no sequences.
    """
    if schema.LETTERS in adata.obsm:
        return int(adata.obsm[schema.LETTERS].shape[1])
    if schema.SEQUENCE not in adata.obs:
        schema.validate(adata)  # says what is missing
    return max((len(str(sequence)) for sequence in adata.obs[schema.SEQUENCE]), default=0)


def letters_of(adata: ad.AnnData, rows: slice, length: int) -> Letters:
    """Letter codes of some rows, (n_rows, length), the same as in `store.get_letters`.

    `length` is that of all rows, `sequence_length(adata)`.
    """
    if schema.LETTERS in adata.obsm:
        return np.ascontiguousarray(adata.obsm[schema.LETTERS][rows])
    sequences = [str(sequence) for sequence in adata.obs[schema.SEQUENCE].iloc[rows]]
    return encode(sequences, get_alphabet(adata), length=length)


def blocks_of(adata: ad.AnnData, length: int) -> Iterator[Letters]:
    """Letter codes of all rows, 20,000 at a time."""
    for first in range(0, adata.n_obs, _BLOCK):
        yield letters_of(adata, slice(first, first + _BLOCK), length)


def piece_of(
    adata: ad.AnnData,
    rows: slice,
    length: int | None,
    *,
    columns: Iterable[str] = (),
    measured: bool = False,
) -> ad.AnnData:
    """A book of some rows that holds no more than their letters and what is asked for.

    Parameters
    ----------
    rows, length
        As of `letters_of`; a length of None leaves sequences that are text to `columns`.
    columns
        Of `adata.obs`.
    measured
        Whether it holds the measured values.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=20, length=80, seed=0)
    >>> part = piece_of(adata, slice(5, 8), 80)
    >>> part.n_obs, part.obsm["letters"].shape, part.X is None
    (3, (3, 80), True)
    """
    wanted = [name for name in columns if name in adata.obs]
    has_letters = length is not None or schema.LETTERS in adata.obsm
    piece = ad.AnnData(
        X=adata.X[rows] if measured and adata.X is not None else None,
        obs=adata.obs[wanted].iloc[rows].copy(),
        var=adata.var.copy() if measured else None,
        obsm={schema.LETTERS: letters_of(adata, rows, length or 0)} if has_letters else {},
    )
    if schema.ALPHABET in adata.uns:
        piece.uns[schema.ALPHABET] = adata.uns[schema.ALPHABET]
    return piece


def some_rows(adata: ad.AnnData, rows: Iterable[int]) -> ad.AnnData:
    """Some rows with all that is known of them, in memory."""
    part = adata[np.asarray(list(rows), dtype=np.int64)]
    return part.to_memory() if adata.isbacked else part.copy()


def _lines(values: pd.Index | pd.Series, word: Callable[[object], str]) -> Iterator[bytes]:
    """One line for each value, in bytes, 20,000 at a time."""
    for first in range(0, len(values), _BLOCK):
        words = "\n".join(map(word, values[first : first + _BLOCK].tolist()))
        yield (f"\n{words}" if first else words).encode()


def book_digest(adata: ad.AnnData, columns: Iterable[str] = (), *, measured: bool = False) -> str:
    """A word that differs where letters, row names, columns or measured values differ.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=20, length=80, seed=0)
    >>> again, other = book_digest(adata.copy()), book_digest(adata[::-1])
    >>> book_digest(adata) == again, book_digest(adata) == other
    (True, False)
    """
    found = hashlib.sha256(f"{get_alphabet(adata).letters} {adata.n_obs}".encode())
    if schema.LETTERS in adata.obsm or schema.SEQUENCE in adata.obs:
        length = sequence_length(adata)
        found.update(f"{length}".encode())
        for block in blocks_of(adata, length):
            found.update(block.tobytes())
    for words in _lines(adata.obs_names, str):
        found.update(words)
    for name in columns:
        found.update(f"{name}\n".encode())
        for words in _lines(adata.obs[name], repr):
            found.update(words)
    if measured and adata.X is not None:
        for first in range(0, adata.n_obs, _BLOCK):
            found.update(schema.dense_values(adata.X[first : first + _BLOCK]).tobytes())
    return found.hexdigest()[:32]
