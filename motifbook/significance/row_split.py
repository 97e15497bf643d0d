"""Rows for choosing motifs and rows for testing them, kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowSplit:
    """Which rows may choose motifs, and which test them.

    Parameters
    ----------
    choose, test : row numbers
        In order; every row is in one of the two.
    """

    choose: Integers
    test: Integers


def split_rows(
    n: int,
    *,
    families: npt.ArrayLike | None = None,
    share: float = 0.5,
    seed: int | None = 0,
) -> RowSplit:
    """Deal rows out at random, families whole.

    Parameters
    ----------
    n
        Number of rows.
    families : (n,)
        Name or number of each row's family or block: copies, overlapping windows, a positive and
        its shuffle. By default every row is its own.
    share
        Part of the rows that choose. Families are dealt out until it is reached.
    seed
        Of the order in which families are dealt out.

    Returns
    -------
    RowSplit

    Raises
    ------
    InputError
        If `families` has another size, or a part would be empty.

    Examples
    --------
    >>> parts = split_rows(6, families=["a", "a", "b", "b", "c", "c"], share=0.3)
    >>> len(parts.choose), len(parts.test)
    (2, 4)
    """
    _check.whole_number(n, "n", low=2)
    _check.number(share, "share", low=0, high=1)
    names = np.arange(n) if families is None else np.asarray(families)
    _check.shape(names, "families", "one name per row", n)
    _, family, sizes = np.unique(names.astype(str), return_inverse=True, return_counts=True)
    order = _check.generator(seed, "rows that choose").permutation(len(sizes))
    before = np.cumsum(sizes[order]) - sizes[order]
    chosen = order[before < share * n]
    is_choosing = np.isin(family, chosen)
    if is_choosing.all() or not is_choosing.any():
        raise _check.InputError(
            f"`families` has {len(sizes)} families in {n} rows, and with share={share:g} one part "
            "is empty; expected two or more families. Use finer families, or another `share`."
        )
    return RowSplit(np.flatnonzero(is_choosing), np.flatnonzero(~is_choosing))
