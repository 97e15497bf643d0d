"""Which known motifs go with a readout, and where do they lie? No network needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.data import schema, store
from motifbook.data.association import Groups, alike, associate, composition
from motifbook.data.hits import motifs_for
from motifbook.data.positions import densest
from motifbook.data.splits.copies import sequence_hashes
from motifbook.motif.best import BestMatches, best_matches
from motifbook.motif.distribution import q_values
from motifbook.motif.learned import LEARNED_FROM, share_seen
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

COLUMNS = (
    *("readout", "kind", "motif", "id", "n", "n_hits", "hit_p_value"),
    *("share_1", "share_0", "mean_with", "mean_without"),
    *("effect", "effect_lower", "effect_upper"),
    *("odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "auroc", "pearson"),
    *("p_value", "q_value", "unadjusted_p_value"),
    *("position_center", "position_width", "position_share"),
    *("position_p_value", "position_q_value"),
)
_WORKING = ("number", "z", *COLUMNS)
_FEWEST = (
    3  # sequences that read out 1, and 0, or were measured at all, below which no test is made
)
_SEEN = 0.01  # share of the sequences that a motif may have been learned from


@dataclass(frozen=True)
class _Readout:
    """One readout, (n,) with NaN; its measured rows; and the groups to compare them within."""

    name: str
    kind: str
    values: FloatArray
    measured: IntArray
    groups: Groups

    @property
    def can_be_tested(self) -> bool:
        """Whether enough was measured."""
        values = self.values[self.measured]
        if self.kind == "binary":
            return bool(min((values == 1).sum(), (values != 1).sum()) >= _FEWEST)
        return len(values) >= _FEWEST and bool(values.min() < values.max())


def enrichment(
    motifs: Motif | Sequence[Motif] | str | os.PathLike[str],
    adata: ad.AnnData,
    *,
    readout: int | str | None = None,
    split: str | None = None,
    p_value: float = 1e-4,
    background: Sequence[float] | None = None,
    strands: bool = True,
) -> pd.DataFrame:
    """Ask of every known motif whether sequences that have it read out differently, and where.

    Parameters
    ----------
    motifs
        Motifs, the name of a packaged collection such as "JASPAR2026_vertebrates"
        (`mb.database.names()`), or the path of a motif file. They must be fixed beforehand:
        motifs of a network trained on these sequences are refused.
    adata
        Sequences with readouts, such as peaks and negatives. Without readouts, only positions are
        tested.
    readout
        Name or number; None for all.
    split
        "test": only these rows; None for all.
    p_value
        Windows up to this p-value are hits. Of a motif too short to reach it, words within 1 bit
        of its best one are.
    background, strands
        See `motif.scan.scan_motifs`.

    Returns
    -------
    DataFrame
        One row per readout and motif, strongest evidence first:

        - readout, kind, motif, id: id as in JASPAR, "" where there is none
        - n, n_hits: measured sequences, and those of them with a hit
        - hit_p_value: p-value up to which a window is a hit
        - share_1, share_0: share of sequences with a hit among those that read out 1 and 0
        - mean_with, mean_without: mean readout with and without a hit
        - effect, effect_lower, effect_upper: of having a hit, with 95 % interval, between
          sequences of the same GC content and length. Log odds ratio of a binary readout;
          difference of means of a continuous one, in its units
        - odds_ratio, odds_ratio_lower, odds_ratio_upper: their exponentials, of a binary readout
        - auroc, pearson: of the score of the best match, as it is
        - p_value, q_value: of the effect; Benjamini-Hochberg over the motifs of a readout
        - unadjusted_p_value: the same test without regard to GC content and length
        - position_center, position_width, position_share: the stretch where best hits are densest,
          in letters from the middle of the sequences; share of the best hits in it
        - position_p_value, position_q_value: of that density, corrected for the stretches tried.
          For a binary readout, positions are those in sequences that read out 1

    Raises
    ------
    InputError
        If alphabets differ, there is no such readout or split, or motifs were learned from these
        sequences.

    Notes
    -----
    GC content is the classic confounder: a GC-rich motif has more hits wherever sequences are
    GC-rich. So sequences are compared only with those of the same GC content and length
    (`association.alike`), and `unadjusted_p_value` shows what that changes. The test asks about
    hits rather than scores, because it is hits whose effect is shown, and a few strong sites
    among many sequences hardly move the ranks of scores. `association.associate` and
    `positions.densest` say how tests are made. A composition that varies along the sequences, as
    at the summits of peaks, moves hits as well. Motifs are tested one at a time: those that lie
    together share their evidence. Sequences count as independent: keep one of each family of
    near copies. `mb.read_motifs` looks at held-out rows to say which motifs are used; to test them
    on these rows, take all of them (`include_unused=True`), not those that passed.

    Examples
    --------
    >>> sequences = ["ACTGACTCATT", "GGTGACTCAGC"] * 20 + ["ACTACCGTATT", "GGGCTCATAGC"] * 20
    >>> adata = ad.AnnData(
    ...     np.repeat([[1.0], [0.0]], 40, axis=0),
    ...     obs=pd.DataFrame({"sequence": sequences}, index=[f"s{i}" for i in range(80)]),
    ...     var=pd.DataFrame(index=["bound"]),
    ... )
    >>> table = enrichment(Motif.from_sites("AP-1", ["TGACTCA"]), adata)
    >>> table[["motif", "share_1", "share_0"]].to_numpy().tolist()
    [['AP-1', 1.0, 0.0]]
    """
    known = motifs_for(motifs, adata)
    rows = _rows(adata, split)
    letters, alphabet = store.get_letters(adata), store.get_alphabet(adata)
    letters = letters if split is None else letters[rows]  # all of them are not copied
    _refuse_learned(known, adata, letters, split)
    readouts = _readouts(adata, rows, letters, readout)
    blocks = best_matches(known, letters, p_value=p_value, background=background, strands=strands)
    found = [
        _tested(one, block, letters, alphabet.n_letters) for block in blocks for one in readouts
    ]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    return _ranked(table.reindex(columns=_WORKING), known, readouts)


def _rows(adata: ad.AnnData, split: str | None) -> IntArray:
    if split is not None and schema.SPLIT not in adata.obs:
        raise _check.InputError(
            f"`split` is {split!r}, but `adata` has none; expected a column "
            f"`adata.obs['{schema.SPLIT}']`. Make it before training: "
            f"`adata.obs['{schema.SPLIT}'] = mb.split(adata, seed=0)`."
        )
    return store.rows(adata, split)


def _refuse_learned(
    motifs: Sequence[Motif], adata: ad.AnnData, letters: Letters, split: str | None
) -> None:
    """Refuse motifs of a network that was trained on these sequences."""
    learned = [motif for motif in motifs if LEARNED_FROM in motif.info]
    hashes = sequence_hashes(letters if learned else letters[:0], store.get_alphabet(adata))
    for motif in learned:
        share = share_seen(motif, hashes)
        if share > _SEEN:
            way_out = "Use rows that were kept out of training."
            if schema.SPLIT in adata.obs and split is None:
                way_out = 'Use `split="test"`.'
            raise _check.InputError(
                f"Motif {motif.name!r} was learned from about {share:.0%} of these sequences, so "
                "its p-value would be too small; expected sequences it was not learned from. "
                f"{way_out}"
            )


def _readouts(
    adata: ad.AnnData, rows: IntArray, letters: Letters, chosen: int | str | None
) -> list[_Readout]:
    lengths, gc = composition(letters, store.get_alphabet(adata))
    if adata.n_vars == 0:
        return [_Readout("", "", np.zeros(len(rows)), np.arange(len(rows)), alike(lengths, gc))]
    values = store.get_readouts(adata)[rows].astype(np.float64)
    kinds, found = store.readout_kinds(adata), []
    for column in _columns([str(name) for name in adata.var_names], chosen):
        measured = np.flatnonzero(~np.isnan(values[:, column]))
        groups = alike(lengths[measured], gc[measured])
        name = str(adata.var_names[column])
        found.append(_Readout(name, kinds[column], values[:, column], measured, groups))
    return found


def _columns(names: list[str], chosen: int | str | None) -> list[int]:
    if chosen is None:
        return list(range(len(names)))
    if isinstance(chosen, str):
        _check.one_of(chosen, "readout", names)
        return [names.index(chosen)]
    return [_check.whole_number(chosen, "readout", low=0, high=len(names) - 1)]


@one_thread
def _tested(
    readout: _Readout, block: BestMatches, letters: Letters, n_letters: int
) -> pd.DataFrame:
    """Return the rows of one readout and some motifs."""
    values, hits = readout.values[readout.measured], block.is_hit[readout.measured]
    counted = readout.values == 1 if readout.kind == "binary" else ~np.isnan(readout.values)
    place = densest(block.starts, block.is_hit & counted[:, None], letters, n_letters, block.width)
    columns: dict[str, object] = {
        "number": block.numbers,
        "readout": readout.name,
        "kind": readout.kind,
        "n": len(values),
        "n_hits": hits.sum(axis=0),
        "hit_p_value": block.hit_p_values,
        "position_center": place.center,
        "position_width": place.width,
        "position_share": place.share,
        "position_p_value": place.p_value,
    }
    if readout.can_be_tested:
        columns |= _effects(readout, hits)
        columns |= _seen(readout.kind, values, hits, block.scores[readout.measured])
    return pd.DataFrame(columns)


def _effects(readout: _Readout, hits: npt.NDArray[np.bool_]) -> dict[str, FloatArray]:
    values = readout.values[readout.measured]
    everyone = Groups(np.zeros(len(values), dtype=np.int64))
    found = associate(values, readout.kind, hits, readout.groups)
    unadjusted = associate(values, readout.kind, hits, everyone)
    columns = {
        "effect": found.effect,
        "effect_lower": found.lower,
        "effect_upper": found.upper,
        "z": np.abs(found.z),
        "p_value": found.p_value,
        "unadjusted_p_value": unadjusted.p_value,
    }
    if readout.kind == "binary":
        for bound in ("", "_lower", "_upper"):
            columns[f"odds_ratio{bound}"] = np.exp(columns[f"effect{bound}"])
    return columns


def _seen(
    kind: str, values: FloatArray, hits: npt.NDArray[np.bool_], scores: npt.NDArray[np.float32]
) -> dict[str, FloatArray]:
    """Return what the data show as they are, without regard to composition, (n_motifs,) each."""
    if kind == "binary":
        is_one = values == 1
        ones, zeros = int(is_one.sum()), int((~is_one).sum())
        ranks = rankdata(scores, axis=0)[is_one].sum(axis=0, dtype=np.float64)
        return {
            "share_1": hits[is_one].mean(axis=0),
            "share_0": hits[~is_one].mean(axis=0),
            "auroc": (ranks - ones * (ones + 1) / 2) / (ones * zeros),
        }
    n_hits = hits.sum(axis=0)
    with_hit, total = values @ hits, values.sum()
    with np.errstate(invalid="ignore"):  # NaN where no sequence has a hit, or all have
        return {
            "mean_with": with_hit / n_hits,
            "mean_without": (total - with_hit) / (len(values) - n_hits),
            "pearson": _pearson(values, scores),
        }


def _pearson(values: FloatArray, scores: npt.NDArray[np.float32]) -> FloatArray:
    """Correlation with each column of scores; without a match a sequence has the lowest of all."""
    lowest = np.where(np.isfinite(scores), scores, np.inf).min(axis=0)
    centered = np.maximum(scores, lowest).astype(np.float64)
    centered -= centered.mean(axis=0)
    deviation = values - values.mean()
    lengths = np.sqrt((centered**2).sum(axis=0) * (deviation**2).sum())
    found: FloatArray = deviation @ centered / lengths
    return found


def _ranked(
    table: pd.DataFrame, motifs: Sequence[Motif], readouts: Sequence[_Readout]
) -> pd.DataFrame:
    """Name the motifs, add q-values, and sort: readouts as they are, strongest evidence first."""
    numbers = table["number"].to_numpy(dtype=np.int64)
    table["motif"] = np.array([motif.name for motif in motifs], dtype=object)[numbers]
    table["id"] = np.array([str(m.info.get("id", "")) for m in motifs], dtype=object)[numbers]
    for column in ("p_value", "position_p_value"):
        by_readout = table.groupby("readout", sort=False)[column]
        table[column.replace("p_value", "q_value")] = by_readout.transform(_q_values)
    order = {one.name: place for place, one in enumerate(readouts)}
    table["place"] = table["readout"].map(order)
    table = table.sort_values(
        ["place", "z", "position_p_value", "number"],
        ascending=[True, False, True, True],
        ignore_index=True,
    )
    return table[list(COLUMNS)]


def _q_values(p_values: pd.Series) -> pd.Series:
    adjusted = p_values.copy()
    adjusted[p_values.notna()] = q_values(p_values.dropna())
    return adjusted
