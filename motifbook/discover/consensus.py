"""Motifs of several networks as one list: which of them agree on a motif, and on its use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check
from motifbook.discover.use import NETWORK, FloatArray, fingerprint, measure_use, motif_network
from motifbook.models.network import Network
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif

if TYPE_CHECKING:
    from anndata import AnnData

FILTERS = "filters_by_network"  # in `Motif.info`
SAME = 0.75  # similarity of two motifs, of one network or two, from which they are one


def pool(
    networks: Sequence[Network],
    motifs: Sequence[Sequence[Motif]],
    adata: AnnData,
    *,
    device: str = "auto",
    batch_size: int = 256,
) -> list[Motif]:
    """Merge the motifs that several networks read from their filters; see `read_motifs`.

    Parameters
    ----------
    networks
        Trained on the same readouts.
    motifs
        What `read_motifs` returned for each of them.
    """
    labeled = {
        f"{number} {motif.name}": (number, motif)
        for number, own in enumerate(motifs)
        for motif in own
    }
    # each with itself as its only member: those of one network are forgotten
    alone = [
        replace(motif, name=label, info={**motif.info, "members": [label]})
        for label, (_, motif) in labeled.items()
    ]
    merged = cluster_motifs(alone, similarity=SAME)
    members = [[labeled[label] for label in motif.info["members"]] for motif in merged]
    filters = [_filters(own, len(networks)) for own in members]
    use = np.array(
        [
            measure_use(
                network, adata, [one[i] for one in filters], batch_size=batch_size, device=device
            ).use
            for i, network in enumerate(networks)
        ]
    )  # (n_networks, n_motifs)
    support = [len({i for i, motif in own if motif.info["used"]}) for own in members]
    made_by = [fingerprint(motif_network(network)) for network in networks]
    order = np.argsort(-use.mean(axis=0), kind="stable").tolist()
    told = [
        _told(merged[m], f"motif_{place}", filters[m], support[m], use[:, m])
        for place, m in enumerate(order, start=1)
    ]
    return [replace(motif, info={**motif.info, "networks": made_by}) for motif in told]


def _filters(members: Sequence[tuple[int, Motif]], n_networks: int) -> list[list[int]]:
    """Per network the filters of its members, none where it has none."""
    return [
        [int(f) for i, motif in members if i == number for f in motif.info["filters"]]
        for number in range(n_networks)
    ]


def _told(
    motif: Motif, name: str, filters: list[list[int]], support: int, use: FloatArray
) -> Motif:
    """The merged motif with what is known of all networks in place of one network's.

    The same sites were found once per network, so their number is a mean.
    """
    one_network = ("filters", NETWORK, "use_lower", "share", "members")
    info = {key: value for key, value in motif.info.items() if key not in one_network}
    info |= {
        "use": float(use.mean()),
        "use_low": float(use.min()),
        "use_high": float(use.max()),
        "used": support > 0,
        "support": support,
        "n_networks": len(use),
        FILTERS: filters,
    }
    n_showing = sum(bool(own) for own in filters)
    n_sites = None if motif.n_sites is None else motif.n_sites / n_showing
    return replace(motif, name=name, n_sites=n_sites, info=info)


def motifs_of(motifs: Sequence[Motif], network: int) -> list[Motif]:
    """Return those pooled motifs that one of the networks shows, with its own filters.

    Parameters
    ----------
    motifs
        From `mb.read_motifs(models, adata)`.
    network
        Number of the network in `models`, from 0.

    Returns
    -------
    list of Motif
        Under their pooled names, for functions that take motifs of one network:
        ``mb.call_instances(models[0], adata, motifs=mb.motifs_of(motifs, 0))``.

    Raises
    ------
    InputError
        If a motif was not pooled, or there is no such network.
    """
    listed = motif_list(motifs)
    for motif in listed:
        if "n_networks" not in motif.info:
            raise _check.InputError(
                f"Motif {motif.name!r} was not pooled; expected motifs of "
                "mb.read_motifs(models, adata) with a list of networks."
            )
        _check.whole_number(network, "network", low=0, high=int(motif.info["n_networks"]) - 1)
    found = []
    for motif in listed:
        own, made_by = motif.info[FILTERS][network], motif.info["networks"][network]
        if len(own):
            info = {**motif.info, "filters": list(own), NETWORK: made_by}
            found.append(replace(motif, info=info))
    return found
