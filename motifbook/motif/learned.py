"""Which sequences was a motif learned from? A small sample of them travels with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from motifbook.motif.matrix import Motif

Hashes = npt.NDArray[np.uint64]

# in `Motif.info`
LEARNED_FROM = "learned_from"  # the smallest hashes of the sequences that learned and chose it
PART = "part"  # half of a readout that chose it, see `mb.halve_readout`: "<id>:choose"
JUDGED_ON = "judged_on"  # rows on which its use was measured: "validation", "held-out", "training"

SEEN = 0.01  # share of sequences from which on they have learned a motif: fewer are stray copies
_SIZE = 1024


def sketch(hashes: Hashes) -> Hashes:
    """Return the 1,024 smallest different hashes, sorted: a random sample of the sequences.

    Hashes of `copies.sequence_hashes` spread evenly, and two sets that share sequences share small
    hashes too (bottom-k sketch; Broder 1997, Compression and Complexity of Sequences).
    """
    return np.unique(hashes)[:_SIZE]


def merged(motifs: Iterable[Motif]) -> Hashes:
    """Return the sketch of all sequences that any of the motifs was learned from."""
    sketches = [np.asarray(m.info.get(LEARNED_FROM, ()), dtype=np.uint64) for m in motifs]
    return sketch(np.concatenate([*sketches, np.zeros(0, dtype=np.uint64)]))


def comparable(motif: Motif, hashes: Hashes) -> Hashes:
    """Return those hashes that the motif would remember, had it been learned from them."""
    sample = merged([motif])
    return hashes if len(sample) < _SIZE else hashes[hashes <= sample[-1]]


def share_seen(motif: Motif, hashes: Hashes) -> float:
    """Estimate which share of sequences, given by their hashes, the motif was learned from."""
    compared = comparable(motif, hashes)
    return float(np.isin(compared, merged([motif])).mean()) if len(compared) else 0.0
