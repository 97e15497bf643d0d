"""Coefficients of a formula, with intervals that hold when noise differs between sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.formula.fits import (
    RIDGE,
    Fit,
    Grams,
    corrected,
    fit_binary,
    fit_continuous,
    same_rows,
)
from motifbook.formula.influence import Influence
from motifbook.formula.resampling import resample

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
TAIL = 0.025  # on each side of an interval
FOLLOWED = 1e-6  # share of a coefficient's reach above which a row that leaves no room sets it
SAYS_NOTHING = "(constant, or a sum of other columns) got coefficient 0, without an interval."
INTERVALS = ("hc3", "bootstrap", "cluster")
FEWEST_DRAWS = 20  # of the bootstrap: fewer leave no room for 2.5 % on each side


@dataclass(frozen=True)
class Regression:
    """Coefficients and how sure they are; the intercept is row 0 of every (n_terms + 1, …) array.

    Parameters
    ----------
    coefficients : (n_terms + 1, n_readouts)
        In readout units (continuous) or logits (binary) per unit of the term; 0 for columns that
        say nothing (`notes` names them).
    se, lower, upper, p_value : (n_terms + 1, n_readouts)
        Standard error, 95 % interval, and p-value of "the coefficient is 0"; NaN where a
        coefficient cannot be told.
    n, df : (n_readouts,)
        Rows measured, and degrees of freedom: rows (for families: families) minus coefficients.
        Infinite for binary readouts and the bootstrap: their intervals are normal or counted.
    influence
        How far every row pulls every coefficient, for tests across readouts.
    notes
        Sentences: what was left out and why.
    """

    coefficients: Floats
    se: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    n: Integers
    df: Floats
    influence: Influence
    notes: list[str]

    @property
    def intercept(self) -> Floats:
        """(n_readouts,)."""
        intercept: Floats = self.coefficients[0]
        return intercept

    @property
    def weights(self) -> Floats:
        """(n_terms, n_readouts)."""
        return self.coefficients[1:]


@one_thread
def regress(
    design: npt.ArrayLike,
    readout: npt.ArrayLike,
    kinds: Sequence[str],
    *,
    intervals: str = "hc3",
    families: npt.ArrayLike | None = None,
    n_bootstrap: int = 1000,
    terms: Sequence[str] = (),
    readouts: Sequence[str] = (),
    seed: int = 0,
) -> Regression:
    """Regress every readout on the same columns, each on the rows in which it was measured.

    Parameters
    ----------
    design : (n, n_terms)
        Counts and covariates, without a column for the intercept.
    readout : (n, n_readouts)
        NaN where not measured; 0 and 1 for binary readouts.
    kinds : (n_readouts,)
        "continuous" (least squares) or "binary" (logistic regression).
    intervals
        "hc3": from leverage-corrected residuals. "cluster": the same with the rows of a family
        taken together. "bootstrap": percentiles over resampled rows (families, if given).
    families : (n,)
        Name or number of the family of each row.
    n_bootstrap
        Number of resamplings.
    terms, readouts
        What notes and errors call them.

    Returns
    -------
    Regression

    Raises
    ------
    InputError
        If sizes differ, a value is missing in `design`, a binary readout holds other numbers than
        0 and 1 or only one of them, families are wanted but not given, or a readout has too few
        rows.

    Notes
    -----
    HC3 (MacKinnon & White 1985, J Econometrics 29:305): residuals divided by 1 - leverage, t with
    n - p degrees of freedom; for binary readouts the same sandwich around the logistic fit, normal.
    Families: CR3 (Bell & McCaffrey 2002): residuals of a family times the inverse of 1 - its block
    of the hat matrix; t with families - 1 degrees of freedom. Bootstrap: exponential weights
    instead of whole numbers of copies (Rubin 1981, Ann Stat 9:130), so that no resampling loses a
    rare motif; `lower` and `upper` are percentiles, the p-value is that of coefficient / se.

    Examples
    --------
    >>> fitted = regress([[0], [1], [2], [3], [4]], [[1.0], [3], [5], [7], [9.5]], ["continuous"])
    >>> fitted.coefficients.round(2).tolist()
    [[0.9], [2.1]]
    """
    table, measured = _read(design, readout, kinds)
    _check.one_of(intervals, "intervals", INTERVALS)
    names = _Names.filled(terms, readouts, table.shape[1], measured.shape[1])
    _refuse(measured, kinds, table.shape[1], names.readouts)
    units = _families(families, intervals, len(table))
    means = table.mean(axis=0)
    grams = Grams(np.column_stack([np.ones(len(table)), table - means]))
    fits = _fit(grams, measured, kinds)
    shift = np.eye(len(means) + 1)
    shift[0, 1:] = -means
    together = units if intervals == "cluster" else None
    influence, untold = _influence(fits, grams.table, shift, together)
    coefficients = shift @ _gather([fit.coefficients for fit in fits], fits)
    n = (~np.isnan(measured)).sum(axis=0)
    if intervals == "bootstrap":
        _check.whole_number(n_bootstrap, "n_bootstrap", low=FEWEST_DRAWS)
        draws = [
            resample(fit, grams.table, measured, units, n=n_bootstrap, seed=seed) for fit in fits
        ]
        drawn = shift @ _gather(draws, fits)
        df = np.full(len(n), np.inf)
        se = drawn.std(axis=0, ddof=1)
        lower, upper = np.percentile(drawn, [100 * TAIL, 100 * (1 - TAIL)], axis=0)
    else:
        df = _degrees(fits, together, measured)
        se = np.maximum(np.sqrt(influence.variances()), _least(fits, shift))
        reach = t.ppf(1 - TAIL, df) * se
        lower, upper = coefficients - reach, coefficients + reach
    for blank in (se, lower, upper):
        blank[untold] = np.nan
    p_value = 2 * t.sf(np.abs(coefficients) / se, df)
    notes = _notes(fits, untold, names)
    return Regression(coefficients, se, lower, upper, p_value, n, df, influence, notes)


@dataclass(frozen=True)
class _Names:
    terms: list[str]
    readouts: list[str]

    @classmethod
    def filled(
        cls, terms: Sequence[str], readouts: Sequence[str], n_terms: int, n_readouts: int
    ) -> _Names:
        return cls(
            list(terms) or [f"column {number}" for number in range(n_terms)],
            list(readouts) or [f"readout {number}" for number in range(n_readouts)],
        )


def _read(
    design: npt.ArrayLike, readout: npt.ArrayLike, kinds: Sequence[str]
) -> tuple[Floats, Floats]:
    table = _check.numbers(design, "design", "numbers, (n, n_terms)")
    measured = _check.numbers(readout, "readout", "numbers, (n, n_readouts)")
    _check.shape(table, "design", "(n, n_terms)", None, None)
    _check.shape(measured, "readout", "one row per row of `design`", len(table), len(kinds))
    for kind in kinds:
        _check.one_of(kind, "kinds", ("continuous", "binary"))
    missing = np.argwhere(~np.isfinite(table))
    if len(missing):
        row, column = missing[0]
        raise _check.InputError(
            f"`design` holds {table[row, column]} in row {row}, column {column}; expected a number "
            "in every row. Leave such rows out, or fill them."
        )
    return table, measured


def _families(
    families: npt.ArrayLike | None, intervals: str, n_rows: int
) -> npt.NDArray[np.int64] | None:
    if families is None:
        if intervals == "cluster":
            raise _check.InputError(
                '`intervals` is "cluster", but `families` is None; expected the family of each '
                'row. Give `families`, or use intervals="hc3".'
            )
        return None
    named = np.asarray(families).astype(str)
    _check.shape(named, "families", "one name per row", n_rows)
    return np.unique(named, return_inverse=True)[1]


def _refuse(measured: Floats, kinds: Sequence[str], n_terms: int, names: list[str]) -> None:
    """Refuse readouts with too few rows, and binary ones without two classes."""
    for name, kind, values in zip(names, kinds, measured.T):
        seen = values[~np.isnan(values)]
        if len(seen) < n_terms + 2:
            raise _check.InputError(
                f"{name} was measured in {len(seen)} rows, the formula has {n_terms} terms; "
                f"expected at least {n_terms + 2} rows. Use more rows, or fewer terms."
            )
        classes = np.unique(seen)
        if kind == "binary" and not np.array_equal(classes, [0, 1]):
            held = ", ".join(f"{value:g}" for value in classes[:5])
            raise _check.InputError(
                f"{name} is binary and holds {held}; expected both 0 and 1. Use rows of both "
                'classes, or call it "continuous".'
            )


def _fit(grams: Grams, measured: Floats, kinds: Sequence[str]) -> list[Fit]:
    is_binary = np.array([kind == "binary" for kind in kinds])
    fits = [fit_binary(grams, measured, number) for number in np.flatnonzero(is_binary).tolist()]
    shared = same_rows(measured, np.flatnonzero(~is_binary))
    return fits + [fit_continuous(grams, measured, numbers) for numbers in shared]


def _gather(parts: Sequence[Floats], fits: Sequence[Fit]) -> Floats:
    """Join the readouts (the last axis) of all fits, in their order."""
    order = np.argsort(np.concatenate([fit.readouts for fit in fits]))
    return np.concatenate(parts, axis=-1)[..., order]


def _influence(
    fits: Sequence[Fit], table: Floats, shift: Floats, families: npt.NDArray[np.int64] | None
) -> tuple[Influence, npt.NDArray[np.bool_]]:
    """Pulls of rows on coefficients, and which coefficients (…, n_readouts) cannot be told."""
    n_readouts = sum(len(fit.readouts) for fit in fits)
    bread_of = np.zeros(n_readouts, dtype=np.int64)
    residuals = np.zeros((len(table), n_readouts))
    untold = np.zeros((len(shift), n_readouts), dtype=bool)
    breads = tuple(fit.inverse @ shift.T for fit in fits)
    for number, (fit, bread) in enumerate(zip(fits, breads)):
        bread_of[fit.readouts] = number
        residuals[:, fit.readouts], certain = corrected(fit, table, families)
        size = np.sqrt(np.einsum("ij,ij->j", shift.T, bread))
        followed = (np.abs(table[certain] @ bread) > FOLLOWED * size).any(axis=0)
        untold[:, fit.readouts] = (followed | np.append(False, fit.dropped))[:, None]
    return Influence(table, breads, bread_of, residuals, families), untold


def _least(fits: Sequence[Fit], shift: Floats) -> Floats:
    """Standard errors below which none may fall, (n_terms + 1, n_readouts).

    Where a ridge was needed, residuals are next to nothing, and so would be intervals made of
    them: there, the curvature of the likelihood says how little is known.
    """
    parts = []
    for fit in fits:
        variances = np.einsum("ij,ji->i", shift @ fit.inverse, shift.T) * (fit.ridge > 0)
        parts.append(np.repeat(np.sqrt(variances)[:, None], len(fit.readouts), axis=1))
    return _gather(parts, fits)


def _degrees(
    fits: Sequence[Fit], families: npt.NDArray[np.int64] | None, measured: Floats
) -> Floats:
    if families is not None:
        n_families = [len(np.unique(families[~np.isnan(values)])) for values in measured.T]
        return np.array(n_families, dtype=float) - 1
    parts = []
    for fit in fits:
        left = (fit.variances > 0).sum() - 1.0 - (~fit.dropped).sum()
        parts.append(np.full(len(fit.readouts), left if fit.kind == "continuous" else np.inf))
    return _gather(parts, fits)


def _notes(fits: Sequence[Fit], untold: npt.NDArray[np.bool_], names: _Names) -> list[str]:
    """Sentences on columns that say nothing and on separated classes."""
    notes = []
    always = np.all([fit.dropped for fit in fits], axis=0)
    for fit in fits:
        where = ", ".join(names.readouts[number] for number in fit.readouts)
        dropped = np.flatnonzero(fit.dropped & ~always)
        if len(dropped):
            notes.append(f"{where}: {_listed(names.terms, dropped)} {SAYS_NOTHING}")
        followed = np.flatnonzero(untold[1:, fit.readouts[0]] & ~fit.dropped)
        if len(followed):
            notes.append(
                f"{where}: {_listed(names.terms, followed)} differ in a single row or family "
                "alone; the coefficient follows it, without an interval."
            )
        if fit.ridge:
            notes.append(
                f"{where}: the terms tell 0 from 1 without error, so that these sequences alone "
                "cannot say how large coefficients are. They are held back (a ridge of "
                f"{RIDGE:g} per deviation); intervals are at least those of the likelihood."
            )
    if always.any():
        notes.insert(0, f"{_listed(names.terms, np.flatnonzero(always))} {SAYS_NOTHING}")
    return notes


def _listed(names: list[str], numbers: npt.NDArray[np.int64]) -> str:
    shown = ", ".join(names[number] for number in numbers[:10])
    return shown + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
