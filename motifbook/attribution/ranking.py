"""Letters in order, the best first, whatever a method says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.letters import Attribution
from motifbook.onehot import Letters

FloatArray = npt.NDArray[np.float64]
RANKED_BY = ("absolute", "signed")


@dataclass(frozen=True)
class Ranking:
    """What one method says of all letters.

    Parameters
    ----------
    name
        Of the method.
    values : (n, length)
        What letters are ranked by; minus infinity for unknown letters.
    rank : (n, length)
        0 for the letter of the highest value; ties in random order.
    ranked_by
        "absolute" values or "signed" ones; "unsigned" for methods that have no sign.
    cost
        CPU "seconds" and "n_calls" of the method, where it says so.
    """

    name: str
    values: FloatArray
    rank: npt.NDArray[np.int64]
    ranked_by: str
    cost: Mapping[str, float]


def rank_letters(
    name: str,
    values: npt.ArrayLike,
    letters: Letters,
    n_letters: int,
    *,
    ranked_by: str,
    rng: np.random.Generator,
) -> Ranking:
    """Put the letters of every sequence in order.

    Parameters
    ----------
    values : (n, n_letters, length) or (n, length)
        Attribution, or a value per position.
    letters : (n, length)
        Letter codes.

    Raises
    ------
    InputError
        If the values have another shape or are not numbers.
    """
    where = f"attributions[{name!r}]"
    importance = _check.numbers(values, where, "an array of numbers")
    n, length = letters.shape
    if importance.ndim == 3:
        expected = f"({n}, {n_letters}, {length}) or ({n}, {length})"
        _check.shape(importance, where, expected, n, n_letters, length)
        importance = importance.sum(axis=1)
    _check.shape(importance, where, f"({n}, {n_letters}, {length}) or ({n}, {length})", n, length)
    is_known = letters < n_letters
    if not np.isfinite(importance[is_known]).all():
        raise _check.InputError(f"`{where}` has NaN or infinity; expected a number per letter.")
    is_signed = values.signed if isinstance(values, Attribution) else bool((importance < 0).any())
    if is_signed and ranked_by == "absolute":
        importance = np.abs(importance)
    importance = np.where(is_known, importance, -np.inf)
    order = np.lexsort((rng.random(importance.shape), -importance), axis=1)
    cost = values.cost if isinstance(values, Attribution) else {}
    return Ranking(
        name,
        importance,
        np.argsort(order, axis=1),
        ranked_by if is_signed else "unsigned",
        cost,
    )


def concentration(importance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gini coefficient of each sequence's values, (n,), and how many letters share them, (n,).

    The second is exp(entropy) of absolute values that sum to 1. Unknown letters, minus infinity,
    are left out; NaN where all values are 0.

    Examples
    --------
    >>> gini, letters = concentration(np.array([[1.0, 1.0, 1.0, 1.0], [4.0, 0.0, 0.0, 0.0]]))
    >>> gini.tolist(), letters.tolist()
    ([0.0, 0.75], [4.0, 1.0])
    """
    size = np.where(np.isfinite(importance), np.abs(importance), np.nan)
    total = np.nansum(size, axis=1, keepdims=True)
    share = np.sort(size / np.where(total > 0, total, np.nan), axis=1)  # NaN last
    n = (~np.isnan(size)).sum(axis=1, keepdims=True)
    place = np.arange(1, size.shape[1] + 1)
    gini = np.nansum((2 * place - n - 1) * share, axis=1) / n[:, 0]
    logs = np.where(share > 0, np.log(np.where(share > 0, share, 1)), 0)
    effective = np.exp(-np.nansum(share * logs, axis=1))
    is_empty = total[:, 0] == 0
    return np.where(is_empty, np.nan, gini), np.where(is_empty, np.nan, effective)
