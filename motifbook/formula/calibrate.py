"""Which windows count as sites: thresholds and slopes at which counts explain readouts best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from motifbook.formula.counting import CountedMotif, best_windows
from motifbook.motif.scan import prepare
from motifbook.onehot import Letters

SHIFTS = np.arange(-2.0, 2.01, 0.25)  # nats from the threshold that training found
SLOPES = (0.7, 1.0, 1.4, 2.0, 3.0)
WHOLE = 2.0  # the best window counts 1 / (1 + exp(-2)) = 0.88 of a site or more
ROUNDS = 2  # through all motifs, as the best count of one depends on the others
LEAST_VARIANCE = 1e-4  # sites squared, of a count that is of use

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Windows:
    """Windows of one motif that are the best of their neighborhood."""

    row: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]
    share: npt.NDArray[np.float32]
    n_rows: int

    def count(self, threshold: float, slope: float) -> Floats:
        """Sites per sequence, (n,)."""
        sites = self.share * expit(slope * (self.score - threshold))
        return np.bincount(self.row, sites, minlength=self.n_rows).astype(np.float64)


def calibrate(
    motifs: Sequence[CountedMotif],
    letters: Letters,
    readout: npt.NDArray[np.float32],
    *,
    both_strands: bool,
) -> list[CountedMotif]:
    """Choose for each motif in turn the threshold and slope that leave least unexplained.

    Parameters
    ----------
    letters : (n, length)
        Sequences that motifs were learned from, never those that test the formula.
    readout : (n, n_readouts)
        Standardized; NaN where not measured.

    Notes
    -----
    A count that takes chance matches for sites varies more than the sites do, and its coefficient
    is too small. The count that predicts best is close to the expected number of sites, whose
    coefficient is not. Other motifs' counts are regressed out; all readouts decide together.
    """
    if not motifs:
        return []
    words = prepare(letters, motifs[0].motif.alphabet.n_letters)
    windows = []
    for one in motifs:
        scores, shares = best_windows(one, words, both_strands=both_strands)
        row, start = np.nonzero(shares)
        windows.append(_Windows(row, scores[row, start], shares[row, start], len(letters)))
    chosen = [(one.threshold, one.slope) for one in motifs]
    counts = np.stack([own.count(*at) for own, at in zip(windows, chosen)], axis=1)
    residual = np.nan_to_num(readout - np.nanmean(readout, axis=0))
    for _ in range(ROUNDS):
        for number, own in enumerate(windows):
            others = np.delete(counts, number, axis=1)
            basis, _ = np.linalg.qr(np.column_stack([np.ones(len(letters)), others]))
            most = motifs[number].weights().max(axis=0).sum()
            chosen[number] = _best(own, motifs[number].threshold, most, residual, basis)
            counts[:, number] = own.count(*chosen[number])
    return [
        replace(one, threshold=threshold, slope=slope)
        for one, (threshold, slope) in zip(motifs, chosen)
    ]


def _best(
    windows: _Windows, start: float, most: float, readout: Floats, basis: Floats
) -> tuple[float, float]:
    """Threshold and slope whose count explains most beside the columns of `basis`.

    A window of score `most`, the best there is, counts as a whole site: the gain alone does not
    tell a count from half of it.
    """
    grid = [(start + shift, slope) for slope in SLOPES for shift in SHIFTS]
    tried = [(at, slope) for at, slope in grid if slope * (most - at) >= WHOLE] or grid[:1]
    counts = np.stack([windows.count(*at) for at in tried], axis=1)
    counts -= basis @ (basis.T @ counts)
    unexplained = readout - basis @ (basis.T @ readout)
    size = (counts**2).sum(axis=0)
    gain = ((counts.T @ unexplained) ** 2).sum(axis=1) / np.maximum(size, 1e-12)
    gain[size < LEAST_VARIANCE * len(readout)] = -1.0
    return tried[int(gain.argmax())]
