"""Which rows of streamed results are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from motifbook import _check

IntArray = npt.NDArray[np.int64]
Asked = int | slice | Sequence[int] | Sequence[str] | npt.NDArray[np.generic] | None


def find_rows(asked: Asked, n: int, names: Callable[[], Sequence[str]]) -> IntArray:
    """Return row numbers of what was asked for: numbers, a slice, True and False, or names.

    All `n` names are looked up only where a name is asked for.

    Raises
    ------
    InputError
        If there is no such row.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> find_rows(slice(1, None), 3, lambda: names).tolist(), find_rows(["c"], 3, lambda: names)
    ([1, 2], array([2]))
    """
    if asked is None or isinstance(asked, slice):
        return np.arange(n)[slice(None) if asked is None else asked]
    listed = np.atleast_1d(np.asarray(asked))
    if listed.dtype.kind in "UO" and listed.size:
        return _by_name([str(name) for name in listed], names())
    if listed.dtype == bool:
        _check.shape(listed, "rows", f"({n},), True or False for each row", n)
        return np.flatnonzero(listed)
    if listed.size and listed.dtype.kind not in "iu":
        raise _check.InputError(
            f"`rows` is {_check.shown(asked)}; expected row numbers, names, a slice, or None."
        )
    numbers = listed.astype(np.int64)
    outside = numbers[(numbers < -n) | (numbers >= n)]
    if len(outside):
        raise _check.InputError(f"`rows` holds {outside[0]}; expected numbers from 0 to {n - 1}.")
    return np.where(numbers < 0, numbers + n, numbers)


def _by_name(asked: Sequence[str], names: Sequence[str]) -> IntArray:
    wanted = set(asked)
    places = {name: row for row, name in enumerate(names) if name in wanted}
    for name in asked:
        if name not in places:
            raise _check.InputError(
                f"`rows` holds {name!r}; expected names of sequences, such as {names[0]!r}."
                if len(names)
                else f"`rows` holds {name!r}; there are no sequences."
            )
    return np.array([places[name] for name in asked], dtype=np.int64)


def refuse_missing(rows: IntArray, done: npt.NDArray[np.bool_], size: int, where: object) -> None:
    """Refuse rows of pieces, of `size` rows each, that are not done."""
    missing = rows[~done[rows // size]] if len(rows) else rows
    if len(missing):
        n = len(missing) - 1
        others = f", nor {'is 1 other' if n == 1 else f'are {n} others'}" if n else ""
        raise _check.InputError(
            f"Row {missing[0]} of {where} is not done yet{others}; "
            f"{int(done.sum())} of {len(done)} pieces are. Run the line that began it again, or "
            "ask for rows that are done: `.rows_done`."
        )
