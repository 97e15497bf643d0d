"""Which motifs work together at which distances: the strongest pairs of a network's table."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import pandas as pd
import torch

from motifbook.discover.gap_curves import merged, strand_groups
from motifbook.discover.syntax import pair_table
from motifbook.models import MotifSyntaxNet, Network
from motifbook.models.pair_reader import PairReader
from motifbook.motif.matrix import Motif

SHOWN = 0.2  # of the largest effect: weaker pairs are left out
PAIR = ["readout", "motif_a", "motif_b"]
COLUMNS = [*PAIR, "orientation", "gap", "effect"]


def pair_reader(model: Network) -> PairReader | None:
    """What reads the motifs of a network with curves and a table of pairs; None in others."""
    if isinstance(model, MotifSyntaxNet) and isinstance(model.reader, PairReader):
        return model.reader
    return None


def without_pairs(model: Network) -> Network | None:
    """A copy of the network with an empty table of pairs; None if nothing was in it."""
    silent = copy.deepcopy(model)
    reader = pair_reader(silent)
    if reader is None or not bool(reader.pairs.table().abs().max() > 0):
        return None
    with torch.no_grad():
        reader.pairs.weight.zero_()
    return silent


def strongest_pairs(model: Network, motifs: Sequence[Motif]) -> pd.DataFrame:
    """The pairs of motifs with the largest effects, by the letters between them.

    Returns
    -------
    DataFrame
        `discover.syntax.pair_table` for pairs that do not overlap and have at some distance a
        fifth of the largest effect or more; strongest pair first, gaps rising. A strand that makes
        no difference is "±" in "orientation", and the effect the mean of both. No rows for
        networks without a table of pairs.
    """
    if pair_reader(model) is None or not motifs:
        return pd.DataFrame(columns=COLUMNS)
    table = pair_table(model, motifs)
    table = table[table["gap"] >= 0]
    merged = [_merge_strands(pair) for _, pair in table.groupby(PAIR, sort=False)]
    return _shown(pd.concat(merged)) if merged else table.reindex(columns=COLUMNS)


def _merge_strands(pair: pd.DataFrame) -> pd.DataFrame:
    """Average over the strand of either motif where effects do not depend on it."""
    if pair["motif_a"].iloc[0] == pair["motif_b"].iloc[0]:
        return pair
    wide = pair.pivot_table(index="gap", columns="orientation", values="effect")
    joined = merged(wide, strand_groups(wide))
    long = joined.rename_axis(columns="orientation").reset_index()
    long = long.melt("gap", None, "orientation", "effect").dropna()
    return long.assign(**{key: pair[key].iloc[0] for key in PAIR})


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    keys = [*PAIR, "orientation"]
    table = table.assign(size=table.groupby(keys)["effect"].transform(lambda e: e.abs().max()))
    shown = table[table["size"] >= SHOWN * table["size"].max()]
    ordered = shown.sort_values(["size", *keys, "gap"], ascending=[False, *[True] * 5])
    return pd.DataFrame(ordered.reset_index(drop=True), columns=COLUMNS)
