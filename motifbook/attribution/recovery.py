"""Do the best letters lie where the truth says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import average_precision_score

from motifbook import _check
from motifbook.attribution.ranking import Ranking, rank_letters
from motifbook.data import schema, store
from motifbook.data.places import find_spans

if TYPE_CHECKING:
    from anndata import AnnData

IntArray = npt.NDArray[np.int64]
COLUMNS = (
    "auprc",
    "auprc_base",
    "auroc",
    "precision_at_k",
    "copy_min",
    "copy_max",
    "all_found",
)


def instances_of(annotation: npt.ArrayLike | pd.DataFrame, adata: AnnData, length: int) -> IntArray:
    """Return which instance each letter belongs to, (n, length), 0 for none.

    Parameters
    ----------
    annotation
        Table of sites with "sequence" (names of `adata.obs`), "start" and "end" (0-based,
        half-open, without padding), each an instance; or (n, length) of True, where every
        unbroken run is an instance, or of instance numbers, 0 for none.

    Raises
    ------
    InputError
        If it is neither, or sites lie outside.
    """
    n = adata.n_obs
    if hasattr(annotation, "columns"):
        return _from_table(annotation, adata, length)  # type: ignore[arg-type]
    given = np.asarray(annotation)
    expected = f"({n}, {length}), a site table or True where letters belong to a site"
    _check.shape(given, "annotation", expected, n, length)
    if given.dtype.kind not in "biu":
        raise _check.InputError(
            f"`annotation` holds {given.dtype}; expected True and False, or instance numbers."
        )
    if given.dtype.kind != "b":
        return given.astype(np.int64)
    starts = given & ~np.pad(given, ((0, 0), (1, 0)))[:, :-1]
    numbers: IntArray = np.where(given, starts.cumsum(axis=1), 0)
    return numbers


def _from_table(table: pd.DataFrame, adata: AnnData, length: int) -> IntArray:
    _check.columns(table.columns, ("sequence", "start", "end"), "`annotation`")
    rows = adata.obs_names.get_indexer(table["sequence"].astype(str))
    if len(table) and adata.n_obs and (rows < 0).all():
        named = str(table["sequence"].iloc[0])
        raise _check.InputError(
            f"`annotation` has sites of {named!r} and others, none of which is a row of `adata`; "
            f'expected names such as {adata.obs_names[0]!r} in its column "sequence".'
        )
    table, rows = table[rows >= 0], rows[rows >= 0]  # of other sequences: split, subsets
    padding = find_spans(adata)[0][rows]
    starts, ends = (table[name].to_numpy(np.int64) + padding for name in ("start", "end"))
    if ((starts < 0) | (ends > length) | (starts >= ends)).any():
        raise _check.InputError(
            f"`annotation` has sites outside of 0 to {length}; expected start < end within the "
            "sequence, 0-based and half-open."
        )
    numbers = np.zeros((adata.n_obs, length), dtype=np.int64)
    count = np.zeros(adata.n_obs, dtype=np.int64)
    for row, start, end in zip(rows, starts, ends):
        count[row] += 1
        numbers[row, start:end] = count[row]
    return numbers


def recovery(ranking: Ranking, instances: IntArray) -> pd.DataFrame:
    """How well the ranks of each sequence's letters find its instances.

    Parameters
    ----------
    instances : (n, length)
        As `instances_of` makes them.

    Returns
    -------
    DataFrame
        One row per sequence: "auprc", "auprc_base" (the share of its letters in instances),
        "auroc", and of its k best letters, k being the number of letters in instances:
        "precision_at_k" (the share in instances), "copy_min" and "copy_max" (how much of the least
        and of the best covered instance is among them), "all_found" (1 if all of all instances).
        NaN for sequences without instances.
    """
    is_known = np.isfinite(ranking.values)
    is_true = (instances > 0) & is_known
    n_true, n_known = is_true.sum(axis=1), is_known.sum(axis=1)
    by_rank = np.take_along_axis(is_true, ranking.rank.argsort(axis=1), axis=1)
    found = by_rank.cumsum(axis=1)
    n_seen = np.arange(1, found.shape[1] + 1)
    n_false = np.maximum(n_known - n_true, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = {
            "auprc": (found / n_seen * by_rank).sum(axis=1) / n_true,
            "auprc_base": n_true / n_known,
            "auroc": 1 - ((n_seen - found) * by_rank).sum(axis=1) / (n_true * n_false),
            "precision_at_k": found[np.arange(len(found)), np.maximum(n_true - 1, 0)] / n_true,
        }
    least, best = coverage(ranking.rank < n_true[:, None], np.where(is_known, instances, 0))
    scores |= {"copy_min": least, "copy_max": best, "all_found": (least == 1).astype(float)}
    table = pd.DataFrame(scores, columns=list(COLUMNS))
    table.loc[n_true == 0] = np.nan
    return table


def coverage(
    chosen: npt.NDArray[np.bool_], instances: IntArray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share of the least and of the best covered instance that is chosen, (n,) each."""
    shares = []
    for number in np.unique(instances[instances > 0]):
        belongs = instances == number
        with np.errstate(invalid="ignore"):
            shares.append((belongs & chosen).sum(axis=1) / belongs.sum(axis=1))
    all_shares = np.stack(shares) if shares else np.full((1, len(instances)), np.nan)
    has_none = np.isnan(all_shares).all(axis=0)
    least = np.where(has_none, np.nan, np.nanmin(np.where(has_none, 0, all_shares), axis=0))
    best = np.where(has_none, np.nan, np.nanmax(np.where(has_none, 0, all_shares), axis=0))
    return least, best


def pooled_auprc(ranking: Ranking, instances: IntArray) -> float:
    """Area under precision and recall over the letters of all sequences that have instances."""
    counted = np.isfinite(ranking.values) & (instances > 0).any(axis=1, keepdims=True)
    if not counted.any():
        return float("nan")
    return float(average_precision_score(instances[counted] > 0, ranking.values[counted]))


def logic_recovery(
    attribution: npt.ArrayLike,
    adata: AnnData,
    annotation: npt.ArrayLike | pd.DataFrame,
    *,
    n_best: int | None = None,
    ranked_by: str = "absolute",
    seed: int | None = None,
) -> npt.NDArray[np.bool_]:
    """Whether the best letters of each sequence hold all letters of all its instances, (n,).

    Parameters
    ----------
    attribution : (n, n_letters, length) or (n, length)
    annotation
        As in `mb.fidelity`: a table of sites, or (n, length).
    n_best
        How many letters count; None for as many as stand in the sequence's instances.
    ranked_by
        "absolute" or "signed", for methods that have a sign.

    Returns
    -------
    (n,) bool
        False for sequences without instances.

    Raises
    ------
    InputError
        If shapes do not fit.

    Notes
    -----
    Linder et al. 2022, their test of redundant starts and stops: a method that explains a
    prediction by one of two copies recovers nothing.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=4, length=60, rule="single", seed=0)
    >>> sites = adata.uns["truth"]["sites"]
    >>> values = np.zeros((4, 60))
    >>> for site in sites.itertuples():
    ...     values[adata.obs_names.get_loc(site.sequence), site.start : site.end] = 1
    >>> found = logic_recovery(values, adata, sites)
    >>> bool(found[adata.obs_names.isin(sites["sequence"])].all())
    True
    """
    _check.one_of(ranked_by, "ranked_by", ("absolute", "signed"))
    schema.refuse_others(adata)
    letters, n_letters = store.get_letters(adata), store.get_alphabet(adata).n_letters
    rng = _check.generator(seed, "logic recovery")
    ranking = rank_letters(
        "attribution", attribution, letters, n_letters, ranked_by=ranked_by, rng=rng
    )
    instances = instances_of(annotation, adata, letters.shape[1])
    n_counted = (instances > 0).sum(axis=1, keepdims=True)
    if n_best is not None:
        n_counted = np.full_like(n_counted, _check.whole_number(n_best, "n_best"))
    least, _ = coverage(ranking.rank < n_counted, instances)
    is_found: npt.NDArray[np.bool_] = least == 1
    return is_found
