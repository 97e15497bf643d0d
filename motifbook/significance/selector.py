"""Any way of finding a motif, tested by running it again on readouts in random order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data import schema
from motifbook.significance.halves import KEPT
from motifbook.significance.permutation import permute_selection
from motifbook.significance.rows import Taken, take_rows
from motifbook.significance.tested import Tested

if TYPE_CHECKING:
    from anndata import AnnData


def test_selector(
    score: Callable[[AnnData], float],
    adata: AnnData,
    *,
    readout: int | str = 0,
    n_draws: int = 199,
    blocks: str | None = None,
    seed: int | None = None,
) -> Tested:
    """Test whatever finds a motif: is it as good on readouts in random order?

    Parameters
    ----------
    score
        Takes sequences with one readout, finds what it finds (trains a network, runs a program),
        and returns how well that does on the same rows; more is better.
    adata
        Sequences with readouts; not changed.
    readout
        Number or name of the one to test. `score` sees no other, and nothing that was made of it:
        predictions, motifs and hits are left out. Columns of `obs` stay.
    n_draws
        How often `score` runs again at most; p is 1 / (n_draws + 1) at least.
    blocks
        Column of `adata.obs` within which rows are exchanged; see `mb.test_motifs`.
    seed
        Of the orders. What `score` draws is its own affair: fix its seed inside.

    Returns
    -------
    Tested
        `.p_value`, `.statistic` (the score of the readout as measured), `.notes`.

    Raises
    ------
    InputError
        If `score` is no function or returns no number, or the readout is constant.

    Notes
    -----
    Nothing is asked of the noise or of how `score` chooses, only that rows are exchangeable where
    nothing is associated. Copies of a sequence are averaged first, see `mb.test_motifs`.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=60, length=40, rule="single", seed=0)
    >>> holds = adata.obs["sequence"].str.contains("GGAA|TTCC").to_numpy()
    >>> def score(book):
    ...     return abs(np.corrcoef(holds, book.X[:, 0])[0, 1])
    >>> test_selector(score, adata, n_draws=49, seed=0).p_value
    0.02
    """
    if not callable(score):
        raise _check.InputError(
            f"`score` is {_check.shown(score)}; expected a function that takes an AnnData and "
            "returns a number."
        )
    schema.validate(adata)
    taken = take_rows(adata, None, readout, blocks=blocks)

    bare = _bare(adata, taken)

    def score_of(values: npt.NDArray[np.float64]) -> float:
        book = bare.copy()
        book.X = values.astype(np.float32)[:, None]
        return score(book)

    found = permute_selection(
        score_of, taken.readout, n_draws=n_draws, blocks=taken.blocks, seed=seed
    )
    return replace(found, notes=(*found.notes, *taken.notes))


test_selector.__test__ = False  # type: ignore[attr-defined]  # pytest takes test_… for tests


def _bare(adata: AnnData, taken: Taken) -> AnnData:
    """The rows taken, with one readout and nothing that was made of it."""
    book = adata[taken.names, [taken.name]].copy()
    book.layers.clear()
    for slot, kept in ((book.obsm, (schema.LETTERS,)), (book.uns, KEPT)):
        for key in [key for key in slot if key not in kept]:
            del slot[key]
    return book
