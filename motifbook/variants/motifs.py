"""The motifs whose instances are compared, and when they count as instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motifbook.data import store
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.rule import InstanceRule, learn_rule
from motifbook.discover.weight_motifs import weight_motifs
from motifbook.models.network import MotifNetwork
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData


def instance_rule(
    model: MotifNetwork,
    letters: Letters,
    adata: AnnData | None,
    motifs: Sequence[Motif] | None,
    *,
    seed: int | None,
    device: str,
    batch_size: int,
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
        motifs = weight_motifs(model, letters, seed=seed, batch_size=batch_size, device=device)
    if not motifs:
        return None
    return learn_rule(model, letters, motifs, seed=seed, batch_size=batch_size, device=device)
