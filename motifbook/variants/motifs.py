"""The motifs whose instances are compared, and when they count as instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook.data import store
from motifbook.discover.consensus import SAME
from motifbook.discover.filters import FLANK, read_motifs, weight_ppms
from motifbook.discover.instances.rule import InstanceRule, learn_rule
from motifbook.discover.use import silenced_outputs
from motifbook.models.network import MotifNetwork
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, shuffle
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

MOST_ROWS = 200  # sequences on which filters are silenced
IDLE = 0.1  # of the readout's scale: a filter that never changes it by more is not in use


def instance_rule(
    model: MotifNetwork,
    letters: Letters,
    adata: AnnData | None,
    motifs: Sequence[Motif] | None,
    *,
    seed: int | None,
    batch_size: int,
    device: str,
) -> InstanceRule | None:
    """Return when motifs are instances; None if no motif is in use.

    Learned on `adata`, or on `letters` (n, length) where there is none.
    """
    if adata is not None:
        refuse_other_alphabet(model, adata)
        letters = store.get_letters(adata)
    if motifs is None and adata is not None:
        motifs = read_motifs(model, adata, batch_size=batch_size, device=device)
    elif motifs is None:
        motifs = _weight_motifs(model, letters, seed=seed, batch_size=batch_size, device=device)
    if not motifs:
        return None
    return learn_rule(model, letters, motifs, seed=seed, batch_size=batch_size, device=device)


def _weight_motifs(
    model: MotifNetwork, letters: Letters, *, seed: int | None, batch_size: int, device: str
) -> list[Motif]:
    """Motifs of the filters in use, from their weights, named by their consensus.

    A filter is in use if silencing it changes a prediction, of up to 200 of the sequences or of
    their shuffles. Filters that show the same motif are one.
    """
    matters = (
        _largest_change(model, letters, seed=seed, batch_size=batch_size, device=device) > IDLE
    )
    read = [
        Motif(f"filter_{f}", ppm, alphabet=model.alphabet, info={"filters": [f]}).trim(FLANK)
        for f, ppm in enumerate(weight_ppms(model))
        if matters[f]
    ]
    merged = cluster_motifs(read, similarity=SAME) if read else []
    named: dict[str, Motif] = {}
    for motif in merged:
        name = motif.consensus.strip(model.alphabet.unknown.lower())
        while name in named:
            name += "'"
        named[name] = motif.renamed(name)
    return list(named.values())


def _largest_change(
    model: MotifNetwork, letters: Letters, *, seed: int | None, batch_size: int, device: str
) -> npt.NDArray[np.float32]:
    """Largest change of an output, in its scale, when each filter is silenced, (n_filters,)."""
    some = letters[np.linspace(0, len(letters) - 1, min(len(letters), MOST_ROWS)).astype(int)]
    both = np.concatenate([some, shuffle(some, model.alphabet.n_letters, seed=seed)])
    each = [[number] for number in range(model.motifs.n_filters)]
    outputs = silenced_outputs(model, both, each, batch_size=batch_size, device=device).numpy()
    changes: npt.NDArray[np.float32] = np.abs(outputs[1:] - outputs[0]).max(axis=(1, 2))
    return changes
