"""Merge motifs that are one and the same: shifted, reverse-complemented and near copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from motifbook import _check
from motifbook.motif.columns import motif_list
from motifbook.motif.compare import align, similarities
from motifbook.motif.learned import LEARNED_FROM, PART, merged
from motifbook.motif.matrix import FloatArray, Motif

FLANK = 0.1  # bits below which outer columns of a merged motif are cut


def cluster_motifs(motifs: Sequence[Motif], *, similarity: float = 0.8) -> list[Motif]:
    """Merge motifs that are alike into one consensus each.

    Parameters
    ----------
    motifs
        In one alphabet.
    similarity
        Motifs of one cluster are at least this similar to each other on average, 0 to 1; the
        similarity is the score of `align`.

    Returns
    -------
    list of Motif
        Strongest first: by `info["use"]`, then `n_sites`, then bits. A motif that is like no
        other is returned as it is. A merged one has the name, strand, background and info of its
        strongest member, the sum of their sites, `info["members"]`: their names, strongest
        first, and `info["filters"]` (of one network) and `info["learned_from"]`: all of theirs,
        where they have any.

    Raises
    ------
    InputError
        If the motifs are written in different alphabets, or `similarity` is not in 0 to 1.

    Notes
    -----
    Average linkage. Members are laid on the growing consensus, strongest first; its columns are
    their means, weighted by `n_sites` (equally where one lacks them). Columns that less than half
    of the weight covers are cut, and so are outer columns below 0.1 bits.

    Examples
    --------
    >>> first = Motif.from_sites("first", ["TTGATAAC"] * 3)
    >>> second = Motif.from_sites("second", ["GTTATCA"])
    >>> [merged] = cluster_motifs([first, second])
    >>> merged, merged.info["members"]
    (Motif('first', TTGATAAC, 16.0 bits, n_sites=4), ['first', 'second'])
    """
    limit = _check.number(similarity, "similarity", low=0, high=1, what="a number")
    ordered = sorted(motif_list(motifs), key=_strength, reverse=True)
    if len(ordered) < 2:
        return ordered
    distances = squareform(1 - similarities(ordered), checks=False)  # the upper triangle
    tree = linkage(np.clip(distances, 0, None), method="average")
    labels = fcluster(tree, t=1 - limit, criterion="distance")
    clusters: dict[int, list[Motif]] = {}
    for motif, label in zip(ordered, labels.tolist()):
        clusters.setdefault(label, []).append(motif)
    return [_merge(members) for members in clusters.values()]


def _strength(motif: Motif) -> tuple[float, float, float]:
    return float(motif.info.get("use", 0)), motif.n_sites or 0, motif.bits


def _merge(members: Sequence[Motif]) -> Motif:
    strongest = members[0]
    if len(members) == 1:
        return strongest
    sites = [motif.n_sites for motif in members if motif.n_sites is not None]
    known = len(sites) == len(members)
    weights = sites if known else [1.0] * len(members)

    sums = weights[0] * strongest.ppm  # weighted letters of the columns so far
    for motif, weight in zip(members[1:], weights[1:]):
        placed = align(Motif("consensus", sums / sums.sum(axis=0), alphabet=motif.alphabet), motif)
        oriented = motif.reverse_complement() if placed.strand == "-" else motif
        sums = _add(sums, weight * oriented.ppm, placed.offset)
    covered = np.flatnonzero(sums.sum(axis=0) >= sum(weights) / 2)
    sums = sums[:, covered[0] : covered[-1] + 1]

    info = {**strongest.info, "members": [motif.name for motif in members]}
    filters = [number for motif in members for number in motif.info.get("filters", [])]
    if len({motif.info.get("network") for motif in members}) > 1:  # filters of which one?
        info = {key: value for key, value in info.items() if key not in ("filters", "network")}
    elif filters:
        info["filters"] = filters
    if len({motif.info.get(PART) for motif in members}) > 1:  # not of one half of a readout alone
        info.pop(PART, None)
    if any(LEARNED_FROM in motif.info for motif in members):
        info[LEARNED_FROM] = merged(members)
    n_sites = float(sum(sites)) if known else None
    return replace(strongest, ppm=sums / sums.sum(axis=0), n_sites=n_sites, info=info).trim(FLANK)


def _add(sums: FloatArray, columns: FloatArray, offset: int) -> FloatArray:
    """Add columns that start at `offset` of `sums`, making room for them, (n_letters, wider)."""
    before = max(-offset, 0)
    after = max(offset + columns.shape[1] - sums.shape[1], 0)
    wider = np.pad(sums, ((0, 0), (before, after)))
    wider[:, offset + before : offset + before + columns.shape[1]] += columns
    return wider
