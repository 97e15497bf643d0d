"""Which motifs stay in the formula: those that keep being chosen, whichever rows one looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.formula.elimination import eliminate
from motifbook.formula.fits import same_rows
from motifbook.formula.group_lasso import GroupLasso, Moments, best_penalty, moments_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
METHODS = ("stability", "lasso", "rfe", "none")
N_BLOCKS = 20  # rows are dealt into these; a half-sample is ten of them
N_FIRST = 5  # pairs of halves that choose the penalty
N_PAIRS = 50  # of halves in all
THRESHOLD = 0.75  # share of halves in which a motif must be chosen
PER_STEP = 100  # columns dropped between two trees
MOST_BYTES = 4e8  # of Gram matrices, all blocks together


@dataclass(frozen=True)
class Selection:
    """Which motifs were chosen, and how surely.

    Parameters
    ----------
    kept : (n_groups,)
    frequency : (n_groups,)
        Share of looks at the data in which each was chosen; NaN if there was only one look.
    method
        See `select`.
    why
        One sentence per motif.
    notes
        Sentences on the whole.
    """

    kept: Booleans
    frequency: Floats
    method: str
    why: list[str]
    notes: list[str] = field(default_factory=list)


@one_thread
def select(
    design: npt.ArrayLike,
    readout: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    method: str = "stability",
    validation: npt.ArrayLike | None = None,
    n_max: int = 300,
    seed: int = 0,
) -> Selection:
    """Choose the motifs of a formula, all readouts together.

    Parameters
    ----------
    design : (n, n_columns)
        Counts and covariates.
    readout : (n, n_readouts)
        NaN where not measured. Zeros and ones of binary readouts are taken as numbers.
    groups : (n_columns,)
        Number of the motif of each column, from 0; -1: never dropped (covariates).
    method
        "stability": group lasso on halves of the rows; motifs chosen in most halves stay. "lasso":
        group lasso once, with the largest penalty that predicts the `validation` rows nearly best.
        "rfe": what the paper does: a decision tree, the least important 100 columns dropped, again,
        until `n_max` columns are left. "none": all.
    validation
        Numbers of the rows that choose the penalty of "lasso"; the others are fitted.
    n_max
        Motifs (columns for "rfe") that stay at most.

    Returns
    -------
    Selection

    Raises
    ------
    InputError
        If sizes differ, a group has no column, or "lasso" has no validation rows.

    Notes
    -----
    Stability selection (Meinshausen & Bühlmann 2010, J R Stat Soc B 72:417) on complementary halves
    (Shah & Samworth 2013, J R Stat Soc B 75:55); the penalty is the largest with which halves
    predict each other nearly as well as with any (99 %). It drops what is chosen by chance in some
    halves, and proves nothing: p-values come from other rows. RFE is that of Liu & Wang 2022
    (arXiv 2208.09559). Columns and readouts are standardized. Readouts measured in different rows
    get Gram matrices of their own as long as these fit in 400 MB, else that of all rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> counts = rng.poisson(1.0, (300, 3))
    >>> readout = counts[:, :1] + rng.normal(size=(300, 1))
    >>> select(counts, readout, [0, 1, 2]).kept.tolist()
    [True, False, False]
    """
    _check.one_of(method, "method", METHODS)
    table, measured, group = _read(design, readout, groups)
    n_groups = int(group.max(initial=-1)) + 1
    if method == "none" or not n_groups:
        kept, unknown = np.ones(n_groups, dtype=bool), np.full(n_groups, np.nan)
        return Selection(kept, unknown, method, ["no selection was asked for"] * n_groups)
    rng = _check.generator(seed, "selection")
    if method == "rfe":
        return _by_elimination(table, measured, group, n_max=n_max, rng=rng)
    ready = _Ready.of(table, measured, group)
    if method == "lasso":
        return _by_lasso(ready, _rows(validation, len(table)), n_max)
    return _by_stability(ready, n_max, rng)


@dataclass(frozen=True)
class _Ready:
    """Standardized columns, the free ones first, and readouts; what is measured where."""

    table: Floats
    readout: Floats
    patterns: list[Integers]
    groups: Integers
    n_free: int
    notes: list[str]

    @classmethod
    def of(cls, table: Floats, measured: Floats, group: Integers) -> _Ready:
        free, others = np.flatnonzero(group < 0), np.flatnonzero(group >= 0)
        ordered = np.column_stack([np.ones(len(table)), _standardized(table[:, [*free, *others]])])
        readout = _standardized(measured)
        patterns = list(same_rows(readout, np.arange(readout.shape[1])))
        notes: list[str] = []
        n_bytes = len(patterns) * N_BLOCKS * ordered.shape[1] ** 2 * 8
        if len(patterns) > 1 and n_bytes > MOST_BYTES:
            notes.append(
                f"{len(patterns)} sets of readouts were measured in different rows; to choose "
                "motifs, the products of columns over all rows stood for those over the rows of "
                "each. Intervals are not touched by this."
            )
            share = (~np.isnan(readout)).mean(axis=0)
            readout = np.where(np.isnan(readout), 0.0, readout) / share
            patterns = [np.arange(readout.shape[1])]
        return cls(ordered, readout, patterns, group[others], len(free) + 1, notes)

    def moments(self, rows: Integers) -> Moments:
        return moments_of(self.table[rows], self.readout[rows], self.patterns)

    def lasso(self, moments: Moments) -> GroupLasso:
        return GroupLasso(moments.without(np.arange(self.n_free)), self.groups)

    def chosen(self, weights: Floats) -> Booleans:
        """Which motifs have a coefficient, (n_groups,)."""
        return np.bincount(self.groups, weights.any(axis=1)) > 0


def _by_lasso(ready: _Ready, validation: Integers, n_max: int) -> Selection:
    fitted = np.setdiff1d(np.arange(len(ready.table)), validation)
    lasso, judge = ready.lasso(ready.moments(fitted)), ready.lasso(ready.moments(validation))
    best = best_penalty([lasso], [judge.moments])
    weights = best.weights[0]
    norms = np.sqrt(np.bincount(ready.groups, (weights**2).sum(axis=1)))
    kept = _strongest(norms, norms > 0, n_max)
    why = [
        "the group lasso kept it" if one else "the group lasso dropped it, or n_max did"
        for one in kept
    ]
    return Selection(kept, np.full(len(kept), np.nan), "lasso", why, ready.notes)


def _by_stability(ready: _Ready, n_max: int, rng: np.random.Generator) -> Selection:
    deal = rng.permutation(len(ready.table)) % N_BLOCKS
    blocks = [ready.moments(np.flatnonzero(deal == number)) for number in range(N_BLOCKS)]
    first = [half for _ in range(N_FIRST) for half in _halves(ready, blocks, rng)]
    others = [first[number ^ 1].moments for number in range(len(first))]
    best = best_penalty(first, others)
    start = np.mean(best.weights, axis=0)
    times = np.sum([ready.chosen(weights) for weights in best.weights], axis=0)
    for _ in range(N_FIRST, N_PAIRS):
        for half in _halves(ready, blocks, rng):
            times = times + ready.chosen(half.fit(best.penalty, start))
    n_halves = 2 * N_PAIRS
    frequency = times / n_halves
    kept = _strongest(frequency, frequency >= THRESHOLD, n_max)
    why = [f"chosen in {int(n)} of {n_halves} halves ({THRESHOLD:.0%} needed)" for n in times]
    return Selection(kept, frequency, "stability", why, ready.notes)


def _halves(
    ready: _Ready, blocks: list[Moments], rng: np.random.Generator
) -> tuple[GroupLasso, GroupLasso]:
    """Two lassos, each on the rows that the other does not see."""
    order = rng.permutation(N_BLOCKS)
    one, other = (reduce(add, (blocks[i] for i in half)) for half in np.split(order, 2))
    return ready.lasso(one), ready.lasso(other)


def _by_elimination(
    table: Floats,
    measured: Floats,
    group: Integers,
    *,
    n_max: int,
    rng: np.random.Generator,
) -> Selection:
    columns, readout = _standardized(table), np.nan_to_num(_standardized(measured))
    left = eliminate(columns, readout, group < 0, n_max=n_max, per_step=PER_STEP, rng=rng)
    kept = np.bincount(group[left & (group >= 0)], minlength=int(group.max()) + 1) > 0
    why = ["the trees kept it" if one else "the trees used it least" for one in kept]
    return Selection(kept, np.full(len(kept), np.nan), "rfe", why)


def _strongest(strength: Floats, allowed: Booleans, n_max: int) -> Booleans:
    """At most `n_max` of the allowed motifs."""
    order = np.argsort(np.where(allowed, -strength, np.inf), kind="stable")[:n_max]
    kept = np.zeros(len(strength), dtype=bool)
    kept[order] = True
    return kept & allowed


def _standardized(values: Floats) -> Floats:
    """Every column with mean 0 and deviation 1, constant ones with zeros; NaN stays."""
    centered = values - np.nanmean(values, axis=0)
    spread = np.nanstd(values, axis=0)
    constant = spread <= 1e-10 * np.nanmax(np.abs(values), axis=0)
    standardized: Floats = centered / np.where(constant, np.inf, spread)
    return standardized


def _read(
    design: npt.ArrayLike, readout: npt.ArrayLike, groups: npt.ArrayLike
) -> tuple[Floats, Floats, Integers]:
    table = _check.numbers(design, "design", "numbers, (n, n_columns)")
    measured = _check.numbers(readout, "readout", "numbers, (n, n_readouts)")
    _check.shape(table, "design", "(n, n_columns)", None, None)
    _check.shape(measured, "readout", "one row per row of `design`", len(table), None)
    group = np.asarray(groups, dtype=np.int64)
    _check.shape(group, "groups", "one number per column of `design`", table.shape[1])
    absent = np.setdiff1d(np.arange(group.max(initial=-1) + 1), group)
    if len(absent):
        raise _check.InputError(
            f"`groups` has no column of motif {absent[0]}; expected every number from 0 to "
            f"{group.max()}. Number the motifs without gaps."
        )
    return table, measured, group


def _rows(validation: npt.ArrayLike | None, n: int) -> Integers:
    rows = np.unique(np.asarray([] if validation is None else validation, dtype=np.int64))
    if not 0 < len(rows) < n:
        raise _check.InputError(
            f'`validation` has {len(rows)} of {n} rows; expected some, not all, for "lasso". '
            'Name the rows that choose the penalty, or use method="stability".'
        )
    return rows
