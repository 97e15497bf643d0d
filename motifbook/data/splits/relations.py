"""Which rows of one split have a copy, a relative or an overlapping region in another."""

from __future__ import annotations

from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data import schema, store
from motifbook.data.places import NOWHERE, has_regions, regions_of
from motifbook.data.splits.copies import shared

Mask = npt.NDArray[np.bool_]
Parts = npt.NDArray[np.int8]
IntArray = npt.NDArray[np.int64]

PAIRS = (("test", "train"), ("validation", "train"), ("test", "validation"))


def parts_of(adata: ad.AnnData) -> Parts:
    """Number of the split of each row, (n,); -1 for none."""
    column = pd.Categorical(adata.obs[schema.SPLIT], categories=schema.SPLITS)
    return np.asarray(column.codes, dtype=np.int8)


def meets(rows: npt.NDArray[Any], keys: npt.NDArray[Any], parts: Parts) -> Mask:
    """Whether each row shares a key with a row of each of the other parts, (n, 3).

    `rows` and `keys`, (n_pairs,), say which row has which key; a row may have many.
    """
    met = np.zeros((len(parts), len(schema.SPLITS)), dtype=bool)
    places = shared(keys)
    if not len(places):
        return met
    rows, keys = rows[places], keys[places]
    order = np.argsort(keys)
    ordered, owners = keys[order], rows[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    n_owners = np.diff(np.append(starts, len(order)))
    for part in range(len(schema.SPLITS)):
        is_in = np.logical_or.reduceat(parts[owners] == part, starts)
        met[owners[np.repeat(is_in, n_owners)], part] = True
    return met


def numbered(adata: ad.AnnData, column: str) -> IntArray:
    """Number the values of a column of `obs`, (n,); -1 where there is none, or "."."""
    values = adata.obs[column].astype(object)
    return np.asarray(pd.factorize(values.where(values != ".", None))[0], dtype=np.int64)


def in_families(adata: ad.AnnData, family: str | None, parts: Parts) -> Mask | None:
    """Whether each row has a relative in each part, (n, 3); None where no families are known."""
    if family is None and schema.PAIR not in adata.obs:
        return None
    keys = numbered(adata, family or schema.PAIR)
    rows = np.flatnonzero(keys >= 0)
    if family is None and schema.BOUND in adata.var_names and schema.ALLELE not in adata.obs:
        bound = store.get_readouts(adata[:, [schema.BOUND]])[:, 0]
        keys = 2 * keys + (bound == 1)  # a positive and its own shuffle are no relatives
    return meets(rows, keys[rows], parts)


def overlaps(adata: ad.AnnData, parts: Parts) -> Mask | None:
    """Whether the region of each row overlaps one of each part, (n, 3); None without regions."""
    if not has_regions(adata):
        return None
    chrom, start, end = regions_of(adata)
    number = np.where(chrom == NOWHERE, -1, pd.factorize(chrom)[0])
    apart = number * (int(end.max(initial=0)) + 1)  # puts all chromosomes on one line
    start, end = start + apart, end + apart
    met = np.zeros((len(parts), len(schema.SPLITS)), dtype=bool)
    mine = np.flatnonzero((number >= 0) & (parts >= 0))
    for part in range(len(schema.SPLITS)):
        theirs = mine[parts[mine] == part]
        theirs = theirs[np.argsort(start[theirs])]
        n_before = np.searchsorted(start[theirs], end[mine])  # those that start before my end
        reach = np.concatenate([[-1], np.maximum.accumulate(end[theirs])])[n_before]
        met[mine, part] = reach > start[mine]
    return met


def relation_table(parts: Parts, relations: dict[str, Mask | None]) -> pd.DataFrame:
    """Count related rows for each pair of splits that are there.

    Parameters
    ----------
    parts : (n,)
        Number of the split of each row, see `parts_of`.
    relations
        By name: whether each row is related to one of each split, (n, 3), as `meets` returns; None
        where nothing is known. "copies" and "similar" are also given as shares.
    """
    rows: list[dict[str, object]] = []
    for split, reference in PAIRS:
        mine, other = parts == schema.SPLITS.index(split), schema.SPLITS.index(reference)
        n = int(mine.sum())
        if n and (parts == other).any():
            counts = {
                f"n_{name}": pd.NA if met is None else int(met[mine, other].sum())
                for name, met in relations.items()
            }
            rows.append({"split": split, "reference": reference, "n": n, **counts})
    columns = ["split", "reference", "n", *(f"n_{name}" for name in relations)]
    table = pd.DataFrame(rows, columns=columns)
    table = table.astype({name: "Int64" for name in columns[2:]})
    for place, name in ((4, "copies"), (6, "similar")):
        table.insert(place, name, (table[f"n_{name}"] / table["n"]).astype(float))
    return table
