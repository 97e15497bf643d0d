"""Where a design's motifs lie, as a scan sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from motifbook.motif.distribution import score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import COLUMNS, scan_motifs
from motifbook.onehot import Letters

P_VALUE = 1e-4  # per position, against equal shares of all letters


def find_sites(motifs: Sequence[Motif], letters: Letters) -> pd.DataFrame:
    """Find the sites of motifs in letter codes, (n, length).

    Returns
    -------
    DataFrame
        Hits as `mb.scan` lists them, with row numbers for "sequence" and columns of the letters
        for "start" and "end". A site of a palindrome is listed on its better strand alone.

    Notes
    -----
    A site has a p-value of at most 1e-4 per position in random letters. A motif so short or flat
    that nothing is so rare has sites where its likeliest letters stand.
    """
    found = [pd.DataFrame(columns=COLUMNS)]
    by_limit: dict[float, list[Motif]] = {}
    for motif in motifs:
        by_limit.setdefault(_limit(motif), []).append(motif)
    for limit, group in by_limit.items():
        even = [1 / group[0].alphabet.n_letters] * group[0].alphabet.n_letters
        found.append(scan_motifs(group, letters, p_value=limit, background=even))
    hits = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    hits = hits.sort_values("p_value", kind="stable")
    hits = hits.drop_duplicates(["sequence", "start", "motif"])
    return hits.sort_values(["sequence", "start", "end"], kind="stable", ignore_index=True)


def _limit(motif: Motif) -> float:
    """Largest p-value of a site: `P_VALUE`, or that of the likeliest letters if it is larger."""
    n_letters = motif.alphabet.n_letters
    even = (1 / n_letters,) * n_letters
    rarest = score_distribution(replace(motif, background=even).pssm(), even).tails[-1]
    return min(max(P_VALUE, 1.01 * float(rarest)), 1.0)
