"""How often do the data show a pair of motifs, at each distance?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook.data import store
from motifbook.discover.syntax.gap_curves import mirrored, runs
from motifbook.discover.syntax.rules import Rule
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs

if TYPE_CHECKING:
    from anndata import AnnData

P_VALUE = 5e-4  # of a hit: a short motif of six letters has some, and chance pairs stay rare
MOST_ROWS = 5000
SEEN = 5  # pairs at a distance, from which the data have shown it
FEWEST = 5  # neighboring distances that are worth a word


def count_pairs(
    rules: Sequence[Rule], motifs: Sequence[Motif], adata: AnnData, *, reach: int, tied: bool
) -> list[pd.Series]:
    """Count hits of both motifs of each rule, on its strands and in its order, by gap.

    Parameters
    ----------
    reach
        Largest gap counted.
    tied
        Whether the mirror image of a pair counts as well.

    Returns
    -------
    one Series per rule
        Pairs by gap, 0 to `reach`, in up to 5,000 sequences; hits have p-values up to 5e-4.
    """
    if not rules:
        return []
    names = {name for rule in rules for name in (rule.motif_a, rule.motif_b)}
    letters = store.get_letters(adata)
    rows = np.unique(np.linspace(0, len(letters) - 1, min(len(letters), MOST_ROWS)).astype(int))
    chosen = [motif for motif in motifs if motif.name in names]
    hits = scan_motifs(chosen, letters[rows], p_value=P_VALUE)
    by_name = {name: part for name, part in hits.groupby("motif")}
    nothing = hits.iloc[:0]
    found = []
    for rule in rules:
        a, b = by_name.get(rule.motif_a, nothing), by_name.get(rule.motif_b, nothing)
        gaps = _gaps(a, b, rule.strands)
        if tied or rule.order == "either":
            turned = [mirrored(strand) for strand in rule.strands]
            gaps = pd.concat([gaps, _gaps(b, a, turned)]).drop_duplicates()
        counts = gaps["gap"].value_counts()
        found.append(counts.reindex(range(reach + 1), fill_value=0))
    return found


def _gaps(first: pd.DataFrame, second: pd.DataFrame, strands: Sequence[str]) -> pd.DataFrame:
    """Gap of every pair of hits in one sequence with these strands, and where it is."""
    kept = ["sequence", "start", "end", "strand"]
    pairs = first[kept].merge(second[kept], on="sequence", suffixes=("", "_b"))
    pairs = pairs[(pairs["strand"] + pairs["strand_b"]).isin(strands)]
    places = pairs.assign(gap=pairs["start_b"] - pairs["end"])[["sequence", "start", "gap"]]
    return places.drop_duplicates()  # a hit on both strands is one


def seen_words(rule: Rule, counts: pd.Series) -> str:
    """What the data do not show about a rule, in words; "" if there is nothing to say.

    Examples
    --------
    >>> rule = Rule("A", "B", "motif_a first", "++", 4, 5, "hard", "y", 3, 2, 4, 9, "logit")
    >>> seen_words(rule, pd.Series([9, 0, 0, 7, 90, 80, 8, 6, 0, 1, 0, 0, 0]))
    'The data hardly show 8 to 12 letters.'
    """
    own = int(counts.loc[rule.gap_min : rule.gap_max].sum())
    if own < SEEN:
        return f"The data hardly show such pairs ({own}): here the network extrapolates."
    empty = counts.index[counts < SEEN]
    sides = empty[empty < rule.gap_min], empty[empty > rule.gap_max]
    wide = [
        f"{first} to {last}"
        for side in sides
        for first, last in runs(side)
        if last - first + 1 >= FEWEST
    ]
    return f"The data hardly show {' or '.join(wide)} letters." if wide else ""
