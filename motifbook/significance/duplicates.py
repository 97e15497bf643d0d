"""Columns that say the same, up to sign: one of them stands for all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
N_SKETCHES = 10  # random directions in which copies must agree before they are compared
MISSED = 6.3  # deviations; sketches of copies lie farther apart in 2 of 100,000 cases
PAIRS_AT_ONCE = 4096


def representatives(columns: Floats32, correlation: float = 0.995) -> Integers:
    """For every column the first one that it is a copy of, (n_columns,); itself if none.

    Parameters
    ----------
    columns : (n, n_columns)
        Of unit length.
    correlation
        Columns whose product is larger than this, sign apart, are copies.

    Notes
    -----
    Random sketches bring candidates together, so that not all pairs are compared; candidates are
    compared in full. Copies are counted from the first column on: a column that is like a copy, but
    not like the first, stands for itself.

    Examples
    --------
    >>> u, v = np.eye(2, dtype=np.float32)
    >>> representatives(np.stack([u, v, -u, v], axis=1)).tolist()
    [0, 1, 0, 1]
    """
    n, n_columns = columns.shape
    rng = np.random.default_rng(n_columns)
    directions = rng.standard_normal((n, N_SKETCHES)).astype(np.float32)
    sketch = np.asarray(columns.T @ directions, dtype=np.float64)
    sketch *= np.where(sketch[:, :1] < 0, -1.0, 1.0)
    group = _exact(sketch)
    firsts = np.flatnonzero(group == np.arange(n_columns))
    spread = np.sqrt(2 * (1 - correlation))
    pairs = _near(sketch[firsts], MISSED * spread)
    pairs = firsts[pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]]
    stands_for_itself = np.ones(n_columns, dtype=bool)
    for one, other in pairs[_alike(columns, pairs, correlation)].tolist():
        if stands_for_itself[one] and stands_for_itself[other]:
            stands_for_itself[other] = False
            group[group == other] = one
    return group


def _exact(sketch: npt.NDArray[np.float64]) -> Integers:
    """First column with the same sketch, to five digits, (n_columns,)."""
    rounded = np.round(sketch[:, :3], 5) + 0.0
    _, first, inverse = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    group: Integers = first[inverse.ravel()].astype(np.int64)
    return group


def _near(sketch: npt.NDArray[np.float64], radius: float) -> Integers:
    """Pairs, the lower number first, of sketches within a radius, sign apart, (n_pairs, 2)."""
    tree = cKDTree(sketch)
    pairs = [tree.query_pairs(radius, output_type="ndarray")]
    flipped = np.flatnonzero(sketch[:, 0] < radius)  # near 0 the sign of the sketch is a toss
    near = cKDTree(-sketch[flipped]).query_ball_tree(tree, radius) if len(flipped) else []
    for one, others in zip(flipped.tolist(), near):
        crossed = [(one, other) for other in others if other > one]
        pairs.append(np.array(crossed, dtype=np.int64).reshape(-1, 2))
    return np.unique(np.concatenate(pairs).astype(np.int64), axis=0)


def _alike(columns: Floats32, pairs: Integers, correlation: float) -> npt.NDArray[np.bool_]:
    alike = np.zeros(len(pairs), dtype=bool)
    for first in range(0, len(pairs), PAIRS_AT_ONCE):
        block = slice(first, first + PAIRS_AT_ONCE)
        one, other = pairs[block].T
        product = np.einsum("ij,ij->j", columns[:, one], columns[:, other])
        alike[block] = np.abs(product) > correlation
    return alike
