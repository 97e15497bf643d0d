"""Make anything we keep in an AnnData fit for .h5ad, and bring it back as it was.

The file stays readable by anndata alone: tables are tables, arrays are arrays. What HDF5 has no
word for (None, lists, text with gaps, names with a slash) is written in its nearest form, and a
list of what was turned into what travels with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from motifbook import _check
from motifbook.alphabet import Alphabet, written

Kinds = dict[str, str]  # path inside the file -> what the value was
_TEXT = pd.Series([""]).dtype  # object; from pandas 3 on a type of its own


def pack(value: Any, path: str, kinds: Kinds) -> Any:
    """Return `value` in a form that .h5ad holds, noting in `kinds` how to bring it back.

    Raises
    ------
    InputError
        If it is an object of a class that no file could hold; the message names the key.
    """
    if isinstance(value, Mapping):
        return pack_items(value, path, kinds)
    if isinstance(value, pd.DataFrame):
        return pack_table(value, path, kinds)
    if isinstance(value, (list, tuple)):
        return _pack_list(value, path, kinds)
    if isinstance(value, Alphabet):
        value = written(value)
    if value is None:
        kinds[path] = "none"
        return ""
    if isinstance(value, (bool, int, float)):
        kinds[path] = "scalar"
        return value
    if isinstance(value, (str, np.generic, np.ndarray)) or sparse.issparse(value):
        return value
    raise _check.InputError(
        f"`adata.{path.replace('/', '.')}` is a {type(value).__name__}, which a file cannot hold; "
        "expected tables, arrays, numbers, text, lists or dictionaries of them."
    )


def unpack(value: Any, path: str, kinds: Kinds) -> Any:
    """Undo `pack`."""
    kind = kinds.get(path, "")
    if isinstance(value, Mapping):
        return unpack_items(value, path, kinds)
    if isinstance(value, pd.DataFrame):
        return unpack_table(value, path, kinds)
    if kind == "none":
        return None
    if kind == "scalar":
        return np.asarray(value).item()
    form, _, written = kind.partition(" as ")
    if form in ("list", "tuple"):
        values = json.loads(value) if written == "json" else np.asarray(value).tolist()
        return tuple(values) if form == "tuple" else values
    return value


def pack_items(items: Mapping[str, Any], path: str, kinds: Kinds) -> dict[str, Any]:
    """Pack every value of a mapping."""
    packed = {}
    for key, value in items.items():
        if key is None:  # anndata from 0.13 on lists X among the layers
            continue
        name = _escape(key)
        packed[name] = pack(value, f"{path}/{name}", kinds)
    return packed


def unpack_items(items: Mapping[str, Any], path: str, kinds: Kinds) -> dict[str, Any]:
    """Undo `pack_items`."""
    return {
        _unescape(key): unpack(value, f"{path}/{key}", kinds)
        for key, value in items.items()
        if key is not None
    }


def pack_table(table: pd.DataFrame, path: str, kinds: Kinds) -> pd.DataFrame:
    """Pack every column of a table; columns of mixed kind become text."""
    packed = {}
    for column in table.columns:
        name = _escape(column)
        if name == "_index" or name in packed:
            raise _check.InputError(
                f"`adata.{path.replace('/', '.')}` has a column {name!r}, which is reserved, or "
                "two of that name; expected another name for each. Rename it."
            )
        packed[name] = _pack_column(table[column], f"{path}/{name}", kinds)
    return pd.DataFrame(packed, index=table.index)


def unpack_table(table: pd.DataFrame, path: str, kinds: Kinds) -> pd.DataFrame:
    """Undo `pack_table`; text comes back as pandas' own type for text, a gap in it as NaN."""
    columns = {}
    for column in table.columns:
        values = table[column]
        gaps = kinds.get(f"{path}/{column}") == "text"
        columns[_unescape(column)] = values.astype(object).astype(_TEXT) if gaps else values
    return pd.DataFrame(columns, index=table.index)


def _pack_column(column: pd.Series[Any], path: str, kinds: Kinds) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    missing = column.isna()
    text = column.astype(object).where(missing, column.astype(str))
    if not missing.any():
        return text
    kinds[path] = "text"
    return text.where(~missing, None).astype("category")


def _pack_list(values: Sequence[Any], path: str, kinds: Kinds) -> Any:
    kind = type(values).__name__ if type(values) in (list, tuple) else "tuple"
    for uniform in (str, bool, int, float):
        if values and all(type(value) is uniform for value in values):
            kinds[path] = kind
            return np.array(values, dtype=object if uniform is str else None)
    kinds[path] = f"{kind} as json"
    try:
        return json.dumps(list(values), default=_plain)
    except TypeError as error:
        raise _check.InputError(
            f"`adata.{path.replace('/', '.')}` is a list that a file cannot hold: {error}."
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"it has a {type(value).__name__} in it")


def _escape(key: Any) -> str:
    """HDF5 reads a slash in a name as a folder."""
    return str(key).replace("%", "%25").replace("/", "%2F")


def _unescape(key: str) -> str:
    return key.replace("%2F", "/").replace("%25", "%")
