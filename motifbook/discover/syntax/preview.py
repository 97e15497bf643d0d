"""A first look at pairs of motifs, in half a second beyond their search: without any network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import Lasso, LogisticRegression

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.hits import motifs_for
from motifbook.discover.syntax.gap_curves import mirrored
from motifbook.discover.syntax.rules import refuse_repeated
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import Words, prepare, score_positions
from motifbook.motif.seeds import find_seeds

if TYPE_CHECKING:
    from anndata import AnnData

MOST_ROWS = 2500
MOST_MOTIFS = 6
FLANK = 0.3  # bits: flatter columns at the ends of a seed are no part of it
WEAK = 0.3  # of the best possible score: weaker matches count as none
SCREENED = 300  # features, most correlated with the readout, that the regression chooses from
STRENGTH = 0.2  # of the L1 penalty; the inverse of its weight, for logistic regression
SHRINK = 0.01  # weight of the L1 penalty of the lasso, for a readout of unit variance

COLUMNS = ("motif_a", "motif_b", "orientation", "gap", "readout", "weight")
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


def preview_syntax(
    adata: AnnData,
    *,
    motifs: Sequence[Motif] | None = None,
    reach: int = 45,
    seed: int | None = 0,
) -> pd.DataFrame:
    """Guess which motifs work together at which distances, before any network is trained.

    This is a preview: no network, no experiment, no held-out sequences. `mb.read_syntax` of a
    trained network is what counts.

    Parameters
    ----------
    motifs
        By default seeds, the starting motifs that `mb.fit` finds (`motif.seeds.find_seeds`), up to
        six; finding them takes most of the time.
    reach
        Largest number of letters between two motifs.

    Returns
    -------
    DataFrame
        Strongest first: motif_a, motif_b, orientation, gap (as in `Syntax.effects`), readout,
        weight: what a perfect pair at this gap adds, on the logit scale for binary readouts, in
        units of the readout for continuous ones. Pairs with weight 0 are left out; seeds are named
        by their strongest word.

    Raises
    ------
    InputError
        If no value was measured, or motifs have another alphabet or the same name.

    Notes
    -----
    Regression with an L1 penalty (logistic for binary readouts), on up to 2,500 training rows, on
    ``max_i min(z_a(i), z_b(i + d))`` for every pair of motifs, orientation and distance and on
    each motif's best match; z is the score of a match over the best possible one, 0.3 and less
    counting as 0, 1 as 1. Features are screened by their correlation with the readout first.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=2000, length=120, rule="tut2", seed=0)
    >>> gata1, tal1 = mb.database.motif("MA0035.5"), mb.database.motif("MA0091.2")
    >>> table = preview_syntax(adata, motifs=[gata1, tal1])
    >>> bool(table["gap"][:4].between(6, 10).all())  # where they were planted
    True
    """
    schema.refuse_others(adata)
    reach = _check.whole_number(reach, "reach", low=0)
    rng = _check.generator(seed, "preview")
    rows = rng.permutation(store.rows(adata, "train"))
    values = store.get_readouts(adata)
    rows = rows[~np.isnan(values[rows]).all(axis=1)][:MOST_ROWS]
    if not len(rows):
        raise _check.InputError("`adata` has no measured values in its training rows.")
    known = _seeds(adata, rows, int(rng.integers(2**31))) if motifs is None else motif_list(motifs)
    refuse_repeated(known)
    known = [motif.trim(FLANK) for motif in motifs_for(known, adata)] if known else []
    words = prepare(store.get_letters(adata)[rows], store.get_alphabet(adata).n_letters)
    table = _features(known, words, reach)
    parts = []
    for column, kind in enumerate(store.readout_kinds(adata)):
        weights = _fit(table.values, values[rows, column], kind)[: len(table.keys)]
        part = table.keys.assign(readout=str(adata.var_names[column]), weight=weights)
        parts.append(part[weights != 0])
    found: pd.DataFrame = pd.concat(parts).sort_values("weight", key=np.abs, ascending=False)
    return found.reset_index(drop=True)


def _seeds(adata: AnnData, rows: Integers, seed: int) -> list[Motif]:
    alphabet = store.get_alphabet(adata)
    return find_seeds(
        store.get_letters(adata),
        store.get_readouts(adata),
        rows=rows,
        n_seeds=MOST_MOTIFS,
        alphabet=alphabet,
        both_strands=alphabet.has_strands,
        seed=seed,
    )


@dataclass(frozen=True)
class _Features:
    """How strong the best pair is, per sequence and kind of pair; then the best single sites.

    `keys` has a row per kind of pair, `values` is (n, n_pairs + n_motifs).
    """

    keys: pd.DataFrame
    values: Floats


@dataclass(frozen=True)
class _Sites:
    """Every match of every motif, by row and start; `channel` is 2 motif + strand."""

    row: Integers
    start: Integers
    channel: Integers
    strength: Floats


def _features(motifs: Sequence[Motif], words: Words, reach: int) -> _Features:
    n, sites = len(words.codes), _sites(motifs, words)
    widths = np.array([motif.width for motif in motifs for _ in range(2)], dtype=np.int64)
    single = np.zeros((n, len(motifs)), dtype=np.float32)
    np.maximum.at(single, (sites.row, sites.channel // 2), sites.strength)
    kinds, kind_of = _kinds(motifs)
    left, right = _neighbors(sites, words.length, int(widths.max(initial=0)) + reach)
    gap = sites.start[right] - sites.start[left] - widths[sites.channel[left]]
    kept = (gap >= 0) & (gap <= reach)
    left, right, gap = left[kept], right[kept], gap[kept]
    kind = kind_of[sites.channel[left], sites.channel[right]]
    pairs = np.zeros((n, len(kinds) * (reach + 1)), dtype=np.float32)
    strength = np.minimum(sites.strength[left], sites.strength[right])
    np.maximum.at(pairs, (sites.row[left], kind * (reach + 1) + gap), strength)
    keys = pd.DataFrame(kinds, columns=COLUMNS[:3]).loc[np.repeat(range(len(kinds)), reach + 1)]
    gaps = np.tile(np.arange(reach + 1), len(kinds))
    return _Features(keys.assign(gap=gaps), np.concatenate([pairs, single], axis=1))


def _sites(motifs: Sequence[Motif], words: Words) -> _Sites:
    """All matches better than weak ones, by row and start."""
    parts = [np.zeros((4, 0))]
    for number, motif in enumerate(motifs):
        both = motif.alphabet.has_strands
        for strand, read in enumerate([motif, motif.reverse_complement()] if both else [motif]):
            pssm = read.pssm()
            share = score_positions(pssm, words) / pssm.max(axis=0).sum()
            rows, starts = np.nonzero(share > WEAK)
            strength = (share[rows, starts] - WEAK) / (1 - WEAK)
            channel = np.full(len(rows), 2 * number + strand)
            parts.append(np.stack([rows, starts, channel, strength]))
    joined = np.concatenate(parts, axis=1)
    ordered = joined[:, np.lexsort((joined[1], joined[0]))]
    row, start, channel = ordered[:3].astype(np.int64)
    return _Sites(row, start, channel, ordered[3].astype(np.float32))


def _neighbors(sites: _Sites, length: int, span: int) -> tuple[Integers, Integers]:
    """Numbers of all pairs of sites of one row whose starts are 1 to `span` letters apart."""
    place = sites.row * (length + span + 1) + sites.start
    first = np.searchsorted(place, place + 1)
    counts = np.searchsorted(place, place + span, side="right") - first
    left = np.repeat(np.arange(len(place)), counts)
    ahead = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, ahead + np.repeat(first, counts)


def _kinds(motifs: Sequence[Motif]) -> tuple[list[tuple[str, str, str]], Integers]:
    """Kinds of pairs, a pair and its mirror image being one, and that of any two channels."""
    kinds: dict[tuple[str, str, str], int] = {}
    n_channels = 2 * len(motifs)
    kind_of = np.zeros((n_channels, n_channels), dtype=np.int64)
    for first in range(n_channels):
        for second in range(n_channels):
            a, b, orientation = first // 2, second // 2, "+-"[first % 2] + "+-"[second % 2]
            turned = mirrored(orientation)
            is_turned = motifs[0].alphabet.has_strands and (b, turned) < (a, orientation)
            if is_turned:
                a, b, orientation = b, a, turned
            key = (motifs[a].name, motifs[b].name, orientation)
            kind_of[first, second] = kinds.setdefault(key, len(kinds))
    return list(kinds), kind_of


def _fit(features: Floats, readout: npt.NDArray[np.float32], kind: str) -> npt.NDArray[np.float64]:
    """Weight of each feature: most are 0."""
    weights = np.zeros(features.shape[1])
    measured = ~np.isnan(readout)
    x, y = features[measured], readout[measured].astype(np.float64)
    if not x.size or y.min() == y.max():
        return weights
    centered = (y - y.mean()).astype(np.float32)
    spread = np.sqrt((x**2).sum(axis=0)) + 1e-9
    chosen = np.argsort(-np.abs(centered @ x) / spread)[:SCREENED]
    if kind == "binary":
        weights[chosen] = _logistic().fit(x[:, chosen], y).coef_[0]
    else:
        scale = float(y.std())
        weights[chosen] = scale * Lasso(alpha=SHRINK).fit(x[:, chosen], y / scale).coef_
    return weights


def _logistic() -> LogisticRegression:
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    if model.get_params().get("penalty") == "l2":  # scikit-learn before 1.8
        return model.set_params(penalty="l1")
    return model.set_params(l1_ratio=1.0)
