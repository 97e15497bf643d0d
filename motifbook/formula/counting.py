"""Counting sites: how many times each motif occurs in each sequence, softly, each site once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d
from scipy.special import expit

from motifbook.formula.positions import Positions
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import UNKNOWN_SCORE, Words, prepare, score_positions
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
STEPS = 4096  # per nat
REACH = 4  # letters: of windows that start closer together, only the best is a site
ROWS_AT_ONCE = 5000  # bounds memory


@dataclass(frozen=True)
class CountedMotif:
    """A motif, and which windows count as its sites.

    Parameters
    ----------
    motif
        Its letters.
    threshold
        Score in nats, sum of log(ppm / background) over the window, that counts as half a site.
    slope
        How sharply windows above the threshold are told from those below, per nat: a window of
        score s counts 1 / (1 + exp(-slope (s - threshold))). Infinite: 1 or 0.
    """

    motif: Motif
    threshold: float
    slope: float = np.inf

    def weights(self) -> Floats:
        """Score of every letter in every column in nats, (n_letters, width).

        In steps of 1/4096, so that sums are exact and both strands give the same numbers.
        """
        background = np.array(self.motif.background)[:, None]
        odds: Floats = np.log(np.maximum(self.motif.ppm, 1e-6) / background)
        return np.round(odds * STEPS) / STEPS


def count_sites(
    motifs: Sequence[CountedMotif],
    letters: Letters,
    positions: Positions,
    *,
    both_strands: bool = True,
) -> Floats:
    """Count the sites of every motif, at every kind of position.

    Parameters
    ----------
    motifs
        In the alphabet that `letters` are written in.
    letters : (n, length)
        Letter codes; windows that hold an unknown letter are no sites.
    positions
        For sequences of this length.
    both_strands
        Whether the better of the two strands counts. A window is one site, whichever strand it
        reads on: palindromes are not counted twice.

    Returns
    -------
    (n, n_motifs * positions.n)
        Motif by motif, within it position by position.
    """
    n_letters = motifs[0].motif.alphabet.n_letters if motifs else 4
    weights = positions.weights()
    counts = np.zeros((len(letters), len(motifs), positions.n))
    for first in range(0, len(letters), ROWS_AT_ONCE):
        words = prepare(letters[first : first + ROWS_AT_ONCE], n_letters)
        for number, motif in enumerate(motifs):
            sites = occupancy(motif, words, both_strands=both_strands)
            begin = motif.motif.width // 2
            part = counts[first : first + ROWS_AT_ONCE, number]
            part[:] = sites @ weights[:, begin : begin + sites.shape[1]].T
    return counts.reshape(len(letters), len(motifs) * positions.n)


def occupancy(
    counted: CountedMotif, words: Words, *, both_strands: bool = True
) -> npt.NDArray[np.float32]:
    """How much of a site starts at each position, 0 to 1, (n, n_starts).

    Only the best of windows that start within `REACH` letters of each other counts.
    """
    scores, shares = best_windows(counted, words, both_strands=both_strands)
    if np.isinf(counted.slope):
        return shares * (scores >= counted.threshold)
    occupied = expit(np.float32(counted.slope) * (scores - np.float32(counted.threshold)))
    sites: npt.NDArray[np.float32] = shares * occupied
    return sites


def best_windows(
    counted: CountedMotif, words: Words, *, both_strands: bool = True
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Score of the window at each start on the better strand, and its share, (n, n_starts) each.

    The share is 1 for the best of windows that start within `REACH` letters of each other, 0 for
    the others and for windows with an unknown letter.
    """
    matrix = counted.weights()
    scores = score_positions(matrix, words)
    if both_strands and counted.motif.alphabet.has_strands:
        order = counted.motif.alphabet.complement_codes[:-1]
        scores = np.maximum(scores, score_positions(matrix[order, ::-1], words))
    if not scores.shape[1]:
        return scores, scores
    return scores, _share(scores) * (scores > UNKNOWN_SCORE / 2)


def _share(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """0 where a window nearby is better, 1 where none is; equals that are close share the 1."""
    size = 2 * REACH + 1
    is_best = scores >= maximum_filter1d(scores, size, axis=1, mode="nearest")
    running = np.cumsum(is_best, axis=1, dtype=np.int32)
    before = np.pad(running, ((0, 0), (REACH + 1, 0)))[:, : scores.shape[1]]
    up_to = np.pad(running, ((0, 0), (0, REACH)), mode="edge")[:, REACH:]
    n_best = np.maximum(up_to - before, 1).astype(np.float32)
    shares: npt.NDArray[np.float32] = is_best / n_best
    return shares
