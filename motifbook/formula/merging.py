"""One motif per pattern: clusters over restarts, and motifs that count the same sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from motifbook.formula.counting import REACH, CountedMotif, occupancy
from motifbook.formula.restarts import Learned
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.scan import prepare
from motifbook.onehot import Letters

LEAST_STRENGTH = 0.05  # deviations of the readouts per deviation of the count


def consensus(
    found: Sequence[Learned], *, similarity: float, least_support: float
) -> list[tuple[CountedMotif, int]]:
    """Cluster the motifs of all restarts; return each cluster's motif and support.

    Support is the number of restarts that show the motif. Clusters with less than `least_support`
    are left out; a consensus takes threshold and slope of its strongest member.
    """
    strong = {one.counted.motif.name: one for one in found if one.strength > LEAST_STRENGTH}
    motifs = [
        replace(one.counted.motif, n_sites=one.strength, info={"use": one.strength})
        for one in strong.values()
    ]
    kept = []
    for motif in cluster_motifs(motifs, similarity=similarity):
        members = [strong[name] for name in motif.info.get("members", [motif.name])]
        support = len({member.restart for member in members})
        if support >= least_support:
            clean = replace(motif, n_sites=None, info={})
            kept.append((replace(strong[motif.name].counted, motif=clean), support))
    return kept


def distinct(
    motifs: Sequence[CountedMotif],
    letters: Letters,
    *,
    overlap: float,
    both_strands: bool,
) -> list[int]:
    """Numbers of the motifs, given strongest first, that count sites of their own.

    A motif is dropped where more than `overlap` of its sites, or of those of a stronger one that is
    kept, are sites of both.
    """
    if not motifs:
        return []
    near = [_near(motif, letters, both_strands) for motif in motifs]
    size = np.array([float((sites**2).sum()) for sites in near])
    kept: list[int] = []
    for number, sites in enumerate(near):
        shared = [
            float((sites * near[other]).sum()) / max(min(size[number], size[other]), 1e-9)
            for other in kept
        ]
        if max(shared, default=0.0) <= overlap:
            kept.append(number)
    return kept


def _near(counted: CountedMotif, letters: Letters, both_strands: bool) -> npt.NDArray[np.float32]:
    """How much of a site lies within reach of each letter, (n, length)."""
    motif = counted.motif
    words = prepare(letters, motif.alphabet.n_letters)
    sites = occupancy(counted, words, both_strands=both_strands)
    before = motif.width // 2
    centered = np.pad(sites, ((0, 0), (before, letters.shape[1] - before - sites.shape[1])))
    near: npt.NDArray[np.float32] = maximum_filter1d(centered, 2 * REACH + 1, axis=1)
    return near
