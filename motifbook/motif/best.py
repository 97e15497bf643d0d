"""The best match of many motifs in every sequence, a few motifs at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.motif.columns import IntArray, motif_list
from motifbook.motif.distribution import STEP, in_steps, score_distribution
from motifbook.motif.matrix import FloatArray, Motif
from motifbook.motif.scan import letter_shares
from motifbook.onehot import Letters, onehot

_MOST_MOTIFS = 64
_MOST_BESTS = 20_000_000  # sequences x motifs at a time: bounds memory
_MOST_WINDOWS = 8192  # at a time: their scores stay in the processor's cache
_NEAR_BEST = 1.0  # bits
_NOWHERE = -1e7  # steps; no window with an unknown letter is the best one


@dataclass(frozen=True)
class BestMatches:
    """The best match of some motifs of one width in each sequence.

    Parameters
    ----------
    numbers : (n_motifs,)
        Which of the motifs these are.
    width
        Columns of each.
    scores : (n, n_motifs) float32
        Log2 odds against the background, in bits, in steps of 0.001; minus infinity where no
        window without unknown letters fits.
    starts : (n, n_motifs) int32
        Column of the letters at which the match starts; one of them, drawn at random, where
        several are as good.
    is_hit : (n, n_motifs) bool
        Whether the match is a hit.
    hit_p_values : (n_motifs,)
        The p-value up to which a window is a hit.
    """

    numbers: IntArray
    width: int
    scores: npt.NDArray[np.float32]
    starts: npt.NDArray[np.int32]
    is_hit: npt.NDArray[np.bool_]
    hit_p_values: FloatArray


def best_matches(
    motifs: Sequence[Motif],
    letters: Letters,
    *,
    p_value: float = 1e-4,
    background: Sequence[float] | None = None,
    strands: bool = True,
) -> Iterator[BestMatches]:
    """Find the best match of every motif in every sequence.

    Parameters
    ----------
    motifs
        In one alphabet, the one `letters` are written in.
    letters : (n, length)
        Letter codes of the sequences.
    p_value
        Windows up to this p-value are hits. Of a motif too short to reach it, words within 1 bit
        of its best one are.
    background : (n_letters,)
        Letter probabilities for scores and p-values; the frequencies in `letters` by default.
    strands
        Whether the reverse strand is searched too, if the alphabet has one.

    Yields
    ------
    BestMatches
        Up to 64 motifs of one width at a time, each motif once. Hits are those of `scan_motifs`.

    Raises
    ------
    InputError
        If shapes, background or p-value do not fit, or alphabets differ.

    Notes
    -----
    One matrix product per block of sequences: one-hot windows times motifs. Matrices are in whole
    steps, so that sums are exact; a random part of less than a step breaks ties.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> gata = Motif.from_sites("GATA", ["GATA"])
    >>> [best] = best_matches([gata], encode(["CCGATACC", "CCTATCCC", "GCNTAG"]))
    >>> best.starts[:2, 0].tolist(), best.is_hit[:, 0].tolist()
    ([2, 2], [True, True, False])
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    _check.number(p_value, "p_value", low=1e-300, high=1, what="a probability")
    motifs = motif_list(motifs)
    if not motifs:
        return
    both = strands and motifs[0].alphabet.has_strands
    shares = letter_shares(motifs[0], letters, background, both)
    most = max(1, min(_MOST_MOTIFS, _MOST_BESTS // max(len(letters), 1)))
    widths = np.array([motif.width for motif in motifs])
    for width in np.unique(widths).tolist():
        alike = np.flatnonzero(widths == width)
        for first in range(0, len(alike), most):
            numbers = alike[first : first + most]
            chosen = [replace(motifs[i], background=tuple(shares)) for i in numbers]
            yield _best(numbers, chosen, letters, p_value, both)


def known_windows(letters: Letters, n_letters: int, width: int) -> npt.NDArray[np.bool_]:
    """Whether each window of letter codes holds no unknown letter, (n, length - width + 1)."""
    if letters.shape[1] < width:
        return np.zeros((len(letters), 0), dtype=np.bool_)
    unknown = np.pad(letters == n_letters, ((0, 0), (1, 0))).cumsum(axis=1, dtype=np.int32)
    return np.asarray(unknown[:, width:] == unknown[:, :-width])


@one_thread
def _best(
    numbers: IntArray, motifs: Sequence[Motif], letters: Letters, p_value: float, both: bool
) -> BestMatches:
    """Search motifs of one width, whose background is that of the search."""
    matrices = [in_steps(motif.pssm()) for motif in motifs]
    limits = [_limit(matrix, motif.background, p_value) for matrix, motif in zip(matrices, motifs)]
    needed, reached = np.array(limits).T
    oriented = [*matrices]
    if both:
        order = motifs[0].alphabet.complement_codes[:-1]
        oriented += [matrix[order, ::-1] for matrix in matrices]
    weights = np.array([[*matrix.T.ravel(), 1] for matrix in oriented], dtype=np.float32)
    steps, starts = _search(weights, letters, motifs[0].width, len(motifs))
    steps[steps < _NOWHERE / 2] = -np.inf
    is_hit = steps >= (needed - 0.5).astype(np.float32)
    return BestMatches(numbers, motifs[0].width, steps * np.float32(STEP), starts, is_hit, reached)


def _limit(matrix: IntArray, background: Sequence[float], p_value: float) -> tuple[float, float]:
    """Return the steps a window needs to be a hit, and the p-value of as many."""
    distribution = score_distribution(matrix * STEP, background)
    needed = distribution.threshold(p_value) / STEP
    if np.isinf(needed):
        needed = matrix.max(axis=0).sum() - _NEAR_BEST / STEP
    return round(needed), float(distribution.tail(round(needed)))


def _search(
    weights: npt.NDArray[np.float32], letters: Letters, width: int, n_motifs: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Return whole steps and start of the best window, (n, n_motifs) each, over strands.

    `weights`, (n_strands * n_motifs, n_letters * width + 1), holds a row per motif and strand; its
    last column meets what is added to every score of a window.
    """
    n, n_starts = len(letters), letters.shape[1] - width + 1
    n_letters = weights.shape[1] // width
    steps = np.full((n, n_motifs), 2 * _NOWHERE, dtype=np.float32)
    starts = np.zeros((n, n_motifs), dtype=np.int32)
    if n_starts < 1:
        return steps, starts
    rng = np.random.default_rng(0)
    n_rows = max(_MOST_WINDOWS // n_starts, 1)
    for first in range(0, n, n_rows):
        rows = slice(first, first + n_rows)
        windows = _windows(letters[rows], n_letters, width, rng)
        scores = weights @ windows.reshape(-1, windows.shape[2]).T
        if len(scores) > n_motifs:
            scores = np.maximum(scores[:n_motifs], scores[n_motifs:])
        scores = scores.reshape(n_motifs, len(windows), n_starts)
        best = scores.argmax(axis=2)
        starts[rows] = best.T
        steps[rows] = np.floor(np.take_along_axis(scores, best[:, :, None], axis=2)[:, :, 0]).T
    return steps, starts


def _windows(
    letters: Letters, n_letters: int, width: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return every window as one-hot, (n, n_starts, width * n_letters + 1).

    Last comes what is added to its score: part of a step, drawn at random (multiples of 1/128
    stay exact in single precision), or far below any score where a letter is unknown.
    """
    encoded = np.ascontiguousarray(onehot(letters, n_letters).transpose(0, 2, 1))
    flat = encoded.reshape(len(letters), -1)
    view = np.lib.stride_tricks.sliding_window_view(flat, width * n_letters, axis=1)
    known = known_windows(letters, n_letters, width)
    windows = np.empty((*known.shape, width * n_letters + 1), dtype=np.float32)
    windows[:, :, :-1] = view[:, ::n_letters]
    part = rng.integers(0, 64, known.shape, dtype=np.uint8) / np.float32(128)
    windows[:, :, -1] = np.where(known, part, _NOWHERE)
    return windows
