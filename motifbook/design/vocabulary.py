"""The motifs that designs are written in, and that name edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.discover.consensus import SAME
from motifbook.discover.weight_motifs import named_by_consensus, weight_motifs
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.columns import refuse_twice
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode, encode
from motifbook.train.evaluate import trained

FEWEST = 40  # sequences on which filters are tried; random ones join fewer
FLANK = 0.25  # bits below which no letter is preferred: outer columns with less are cut


def vocabulary(
    networks: Sequence[Network],
    motifs: Sequence[Motif] | None,
    letters: Letters,
    *,
    device: str = "auto",
    batch_size: int = 256,
) -> tuple[Motif, ...]:
    """Return the motifs that can be placed and that name edits, without flat outer columns.

    Parameters
    ----------
    networks
        Trained.
    motifs
        What the user gave; by default those of the networks' filters in use, read from their
        weights and named by their letters; none for networks without a motif layer.
    letters : (n, length) uint8
        Sequences on which filters are tried; fewer than 40, and random ones as well.

    Raises
    ------
    InputError
        If `motifs` holds something else, another alphabet, or one name twice.
    """
    if motifs is not None:
        return tuple(motif.trim(FLANK) for motif in _given(motifs, networks[0].alphabet))
    read: list[Motif] = []
    for network in networks:
        if isinstance(network, MotifNetwork):
            tried = _enough(letters, network)
            read += weight_motifs(network, tried, batch_size=batch_size, device=device)
    if len(networks) > 1 and read:
        alike = [replace(motif, info={}) for motif in read]  # filters of no one network
        read = named_by_consensus(cluster_motifs(alike, similarity=SAME))
    return tuple(motif.trim(FLANK) for motif in read)


def _enough(letters: Letters, network: Network) -> Letters:
    """The sequences, (n, length), with random ones beside them if they are few.

    A filter that is silent on one neutral sequence may be what it is designed with.
    """
    n_more = FEWEST - len(letters)
    if n_more <= 0:
        return letters
    alphabet = network.alphabet
    size = n_more, trained(network).length
    drawn = _check.generator(0, "vocabulary").integers(alphabet.n_letters, size=size)
    texts = [decode(one, alphabet) for one in (letters, drawn.astype(np.uint8))]
    return encode([*texts[0], *texts[1]], alphabet)


def _given(motifs: Sequence[Motif], alphabet: Alphabet) -> list[Motif]:
    is_many = isinstance(motifs, Iterable) and not isinstance(motifs, str)
    listed: list[Any] = list(motifs) if is_many else [motifs]
    for motif in listed:
        if not isinstance(motif, Motif):
            raise _check.InputError(
                f"`motifs` holds {_check.shown(motif)}; expected Motif objects, such as "
                "`mb.read_motifs(model, adata)` or `mb.database` have."
            )
        if motif.alphabet != alphabet:
            raise _check.InputError(
                f"Motif {motif.name!r} is written in {motif.alphabet.name} letters, the network "
                f"reads {alphabet.name}; expected one alphabet, {alphabet.letters}."
            )
    refuse_twice(listed)
    return listed


def refuse_no_motifs(motifs: Sequence[Motif]) -> None:
    """Refuse a design in motifs without motifs."""
    if not motifs:
        raise _check.InputError(
            'method="motifs" found no motif to place: the network has no motif layer, or uses no '
            "filter; expected some. Give them: `options=mb.DesignOptions(motifs=[…])`, known ones "
            'from `mb.database`; or leave `method` at "auto".'
        )
