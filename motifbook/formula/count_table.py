"""Counts of sites made elsewhere: a table, one column per motif."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check

Floats = npt.NDArray[np.float64]
WHERE = "the table of counts"


def with_counts(obs: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Join `obs` and the counts of its rows; a column of counts takes the place of its namesake.

    Raises
    ------
    InputError
        If `counts` is no table of one row per row of `obs`, has no columns, or names the same rows
        in another order.
    """
    _check.table(counts, "counts", "a table of counts, one row per sequence")
    _check.shape(counts, "counts", f"(n, n_motifs) = ({len(obs)}, n_motifs)", len(obs), None)
    if not counts.shape[1]:
        raise _check.InputError("`counts` has no columns; expected one per motif.")
    rows = counts.index.astype(str)
    if not rows.equals(obs.index) and rows.is_unique and rows.isin(obs.index).all():
        raise _check.InputError(
            "`counts` has the rows of `adata` in another order; expected the same order. Use "
            "`counts.loc[adata.obs_names]`."
        )
    named = with_texts(counts).set_axis(obs.index)
    return pd.concat([obs.drop(columns=named.columns, errors="ignore"), named], axis=1)


def with_texts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the same table with text as names of its columns."""
    return counts.set_axis([str(name) for name in counts.columns], axis=1)


def given_counts(table: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Numbers of these columns, (n, n_names).

    Raises
    ------
    InputError
        If a column is not there, is there twice, or holds anything but finite numbers.
    """
    _check.columns(table.columns, list(names), WHERE)
    twice = table.columns[table.columns.duplicated()].intersection(list(names))
    if len(twice):
        raise _check.InputError(
            f"Column {twice[0]!r} is in {WHERE} more than once; expected one column per motif. "
            "Rename or sum them."
        )
    counts = np.column_stack([_check.parse_numbers(table[name]) for name in names])
    rows, columns = np.nonzero(~np.isfinite(counts))
    if len(rows):
        name, row = names[columns[0]], table.index[rows[0]]
        raise _check.InputError(
            f"Column {name!r} of {WHERE} is {_check.shown(table[name].tolist()[rows[0]])} in row "
            f"{row!r} ({len(np.unique(rows)):,} of {len(table):,} rows hold such); expected "
            "numbers. Write 0 where a motif has no site, or leave these rows out."
        )
    return counts
