"""Where each letter of a logo begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check

FloatArray = npt.NDArray[np.float64]

ORDERS = ("big_on_top", "small_on_top")


@dataclass(frozen=True)
class Stack:
    """The lower and upper edge of every letter, each (n_letters, width), in units of the matrix.

    Letters of positive value stand on zero, those of negative value hang from it.
    """

    floor: FloatArray
    ceiling: FloatArray

    @property
    def low(self) -> float:
        """The lowest edge; 0 where nothing is negative."""
        return float(self.floor.min(initial=0.0))

    @property
    def high(self) -> float:
        """The highest edge; 0 where nothing is positive."""
        return float(self.ceiling.max(initial=0.0))


def stack(matrix: npt.ArrayLike, *, order: str = "big_on_top") -> Stack:
    """Pile up the letters of each position.

    Parameters
    ----------
    matrix : (n_letters, width)
        Height of each letter; may be negative.
    order
        "big_on_top": the largest letters lie farthest from zero; "small_on_top": the smallest.

    Raises
    ------
    InputError
        If the matrix has another shape, holds a value that is not a number, or `order` is unknown.

    Examples
    --------
    >>> stack([[0.5], [1.5], [-1.0]]).floor.ravel().tolist()
    [0.0, 0.5, -1.0]
    """
    heights = np.asarray(matrix, dtype=np.float64)
    _check.shape(heights, "matrix", "(n_letters, width)", None, None)
    _check.one_of(order, "order", ORDERS)
    if not np.isfinite(heights).all():
        row, column = np.argwhere(~np.isfinite(heights))[0]
        raise _check.InputError(
            f"`matrix` holds {heights[row, column]} in row {row}, column {column}; expected finite "
            "heights. Replace missing values by 0."
        )
    key = heights
    if order == "small_on_top":
        key = np.divide(1.0, heights, where=heights != 0, out=np.zeros_like(heights))
    rank = np.argsort(key, axis=0, kind="stable")  # from the lowest letter to the highest
    piled = np.cumsum(np.take_along_axis(np.abs(heights), rank, axis=0), axis=0)
    ceiling = np.empty_like(heights)
    np.put_along_axis(ceiling, rank, piled + np.minimum(heights, 0).sum(axis=0), axis=0)
    return Stack(ceiling - np.abs(heights), ceiling)
