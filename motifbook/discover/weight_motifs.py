"""Motifs of a network's filters in use, read from its weights alone: no data are needed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from motifbook.discover.consensus import SAME
from motifbook.discover.filters import FLANK, weight_ppms
from motifbook.discover.use import silenced_outputs
from motifbook.models.network import MotifNetwork
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, shuffle

MOST_ROWS = 200  # sequences on which filters are silenced
IDLE = 0.1  # of the readout's scale: a filter that never changes it by more is not in use


def weight_motifs(
    model: MotifNetwork,
    letters: Letters,
    *,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 256,
) -> list[Motif]:
    """Motifs of the filters in use, from their weights, named by their consensus.

    A filter is in use if silencing it changes a prediction, of up to 200 of the sequences,
    (n, length) letter codes, or of their shuffles. Filters that show the same motif are one.
    """
    change = _largest_change(model, letters, seed=seed, batch_size=batch_size, device=device)
    read = [
        Motif(f"filter_{f}", ppm, alphabet=model.alphabet, info={"filters": [f]}).trim(FLANK)
        for f, ppm in enumerate(weight_ppms(model))
        if change[f] > IDLE
    ]
    return named_by_consensus(cluster_motifs(read, similarity=SAME) if read else [])


def named_by_consensus(motifs: Iterable[Motif]) -> list[Motif]:
    """The same motifs, each called by its own letters; equal names get a prime."""
    named: dict[str, Motif] = {}
    for motif in motifs:
        name = motif.consensus.strip(motif.alphabet.unknown.lower())
        while name in named:
            name += "'"
        named[name] = motif.renamed(name)
    return list(named.values())


def _largest_change(
    model: MotifNetwork, letters: Letters, *, seed: int | None, device: str, batch_size: int
) -> npt.NDArray[np.float32]:
    """Largest change of an output, in its scale, when each filter is silenced, (n_filters,)."""
    some = letters[np.linspace(0, len(letters) - 1, min(len(letters), MOST_ROWS)).astype(int)]
    both = np.concatenate([some, shuffle(some, model.alphabet.n_letters, seed=seed)])
    each = [[number] for number in range(model.motifs.n_filters)]
    outputs = silenced_outputs(model, both, each, batch_size=batch_size, device=device).numpy()
    changes: npt.NDArray[np.float32] = np.abs(outputs[1:] - outputs[0]).max(axis=(1, 2))
    return changes
