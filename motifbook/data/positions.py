"""Where along the sequences do the best hits of motifs lie more often than by chance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from motifbook.data.association import SMALLEST
from motifbook.motif.best import known_windows
from motifbook.onehot import Letters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_NARROWEST = 5  # positions
_WIDTHS = np.arange(1, 5.1, 0.5)  # halvings of the sequence: 1/2, 1/2.8, ... 1/32 of it
_TINY = 1e-250  # p-values below are compared by their density instead
_TIE = 1e-9  # per position between the middle of a stretch and the mean of its hits
_BLOCK = 20_000


@dataclass(frozen=True)
class Positions:
    """The stretch where the best hits of each motif lie most densely; (n_motifs,) each.

    Parameters
    ----------
    center
        Its middle, in letters from the middle of the sequences, negative before it.
    width
        How many neighboring positions a hit's middle may take in it.
    share
        Of the best hits, in it.
    p_value
        Of so many hits in it, corrected for all stretches tried; NaN without hits.
    """

    center: FloatArray
    width: FloatArray
    share: FloatArray
    p_value: FloatArray


def densest(
    starts: npt.NDArray[np.int32],
    is_hit: npt.NDArray[np.bool_],
    letters: Letters,
    n_letters: int,
    width: int,
) -> Positions:
    """Find the stretch of positions where best hits are most surprisingly dense.

    Parameters
    ----------
    starts : (n, n_motifs)
        Column of the letters where the best match starts.
    is_hit : (n, n_motifs)
        Which of them count.
    letters : (n, length)
        Codes of the sequences.
    width
        Columns of the motifs.

    Notes
    -----
    As CentriMo (Bailey & Machanick 2012, Nucleic Acids Res 40:e128): one best hit per sequence,
    a binomial test per stretch, its p-value corrected for their number (Sidak). By chance, a hit
    starts at any position of its sequence where a window without unknown letters fits. Nine
    widths from half the length to a 32nd of it are tried, each moved by a quarter of itself. A
    hit counts at its middle, so that the other strand gives the mirrored result.
    """
    n_starts = letters.shape[1] - width + 1
    lows, highs = _stretches(max(n_starts, 0))
    n_hits = is_hit.sum(axis=0)
    if not len(lows):
        return Positions(*np.full((4, len(n_hits)), np.nan))
    counts = np.array(
        [np.bincount(at[hit], minlength=n_starts) for at, hit in zip(starts.T, is_hit.T)],
        dtype=np.float64,
    )
    found = _inside(counts, lows, highs)
    means = _inside(counts * np.arange(n_starts), lows, highs) / np.maximum(found, 1)
    chance = np.clip(_inside(_expected(is_hit, letters, n_letters, width), lows, highs), 0, 1)
    p_values = binom.sf(found - 1, n_hits[:, None], chance)
    logs = np.where(
        p_values > _TINY, np.log(p_values + _TINY), binom.logpmf(found, n_hits[:, None], chance)
    )
    best = (logs + _TIE * np.abs((lows + highs - 1) / 2 - means)).argmin(axis=1)
    each = np.arange(len(best))
    corrected = -np.expm1(len(lows) * np.log1p(-np.minimum(p_values[each, best], 1 - 1e-16)))
    has_hits = n_hits > 0
    center = (lows + highs - 1) / 2 + width / 2 - letters.shape[1] / 2
    columns = (
        center[best],
        (highs - lows)[best].astype(np.float64),
        found[each, best] / np.maximum(n_hits, 1),
        np.maximum(corrected, SMALLEST),
    )
    return Positions(*(np.where(has_hits, column, np.nan) for column in columns))


def _stretches(n_starts: int) -> tuple[IntArray, IntArray]:
    """Return first position and end of each stretch tried, symmetric about the middle."""
    widths = np.unique(np.rint(n_starts * 2.0**-_WIDTHS).astype(np.int64))
    lows, highs = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for width in widths[widths >= _NARROWEST].tolist():
        middle = (n_starts - width) // 2
        even = width + (n_starts - width) % 2  # so that one stretch has the middle of all
        step = max(even // 4, 1)
        n_steps = middle // step
        first = middle + step * np.arange(-n_steps, n_steps + 1)
        lows.append(first)
        highs.append(first + even)
    return np.concatenate(lows), np.concatenate(highs)


def _inside(values: FloatArray, lows: IntArray, highs: IntArray) -> FloatArray:
    """Sum of `values`, (n_motifs, n_starts), in each stretch, (n_motifs, n_stretches)."""
    before = np.pad(values.cumsum(axis=1), ((0, 0), (1, 0)))
    summed: FloatArray = before[:, highs] - before[:, lows]
    return summed


def _expected(
    is_hit: npt.NDArray[np.bool_], letters: Letters, n_letters: int, width: int
) -> FloatArray:
    """Share of the hits that start at each position by chance, (n_motifs, n_starts)."""
    summed = np.zeros((is_hit.shape[1], letters.shape[1] - width + 1))
    for first in range(0, len(letters), _BLOCK):
        known = known_windows(letters[first : first + _BLOCK], n_letters, width)
        shares = known / np.maximum(known.sum(axis=1, keepdims=True), 1)
        summed += is_hit[first : first + _BLOCK].T.astype(np.float32) @ shares.astype(np.float32)
    expected: FloatArray = summed / np.maximum(is_hit.sum(axis=0), 1)[:, None]
    return expected
