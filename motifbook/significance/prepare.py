"""Activations and readout as tests want them: free of covariates, and of unit length."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.duplicates import representatives
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.transform import finite_readout

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
FEWEST, FEW = 8, 20  # dimensions left: refused below the first, told below the second
CONSTANT = 1e-5  # share of its length that a column keeps at least
COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class Prepared:
    """What every engine works on.

    Parameters
    ----------
    columns : (n, n_columns) float32
        Activations projected off the nuisance, of unit length; of near-duplicates the first only.
    motifs : (n_columns,)
        Which motif of the dictionary each column is.
    groups : (n_motifs,)
        Which column stands for each motif; -1 for those that tell no two sequences apart.
    lengths : (n_columns,)
        Length of each projected activation before it became 1.
    nuisance
        What was projected off.
    residual : (n,)
        The readout, projected.
    notes
        Sentences.
    """

    columns: Floats32
    motifs: Integers
    groups: Integers
    lengths: Floats
    nuisance: Nuisance
    residual: Floats
    notes: tuple[str, ...] = ()

    @property
    def d(self) -> int:
        """Dimensions left: sequences minus covariates, the intercept among them."""
        return len(self.columns) - int(self.nuisance.basis.shape[1])

    @property
    def length(self) -> float:
        """Length of the projected readout."""
        return float(np.linalg.norm(self.residual))

    @property
    def direction(self) -> Floats:
        """Unit vector along the projected readout, (n,)."""
        return self.residual / self.length

    def with_readout(self, readout: npt.ArrayLike) -> Prepared:
        """Return the same with another readout, (n,); the columns are shared."""
        values = finite_readout(readout)
        _check.shape(values, "readout", "one value per sequence", len(self.columns))
        return replace(self, residual=_residual(values, self.nuisance.basis))


def prepare(
    activations: npt.ArrayLike,
    readout: npt.ArrayLike,
    without: Nuisance | None = None,
    *,
    correlation: float = 0.995,
) -> Prepared:
    """Project activations and readout off the nuisance, and group near-duplicates.

    Parameters
    ----------
    activations : (n, n_motifs)
        Such as `Activations.values`.
    readout : (n,)
        Already on the scale of the test (see `normal_scores`).
    without
        See `nuisance`; by default the intercept alone.
    correlation
        Motifs whose projected activations correlate more than this, sign apart, are one.

    Returns
    -------
    Prepared

    Raises
    ------
    InputError
        If sizes differ, a value is missing, the readout is constant once covariates are taken out,
        no motif tells sequences apart, or fewer than 8 dimensions are left.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> ready = prepare(rng.random((20, 3)), rng.normal(size=20))
    >>> ready.d, ready.columns.shape, np.round(np.linalg.norm(ready.columns, axis=0), 5).tolist()
    (19, (20, 3), [1.0, 1.0, 1.0])
    """
    values = np.asarray(activations)
    _check.shape(values, "activations", "(n, n_motifs)", None, None)
    measured = finite_readout(readout)
    _check.shape(measured, "readout", "one value per row of `activations`", len(values))
    taken = nuisance(len(values)) if without is None else without
    _check.shape(taken.basis, "without", "one row per sequence", len(values), None)
    d = len(values) - taken.basis.shape[1]
    notes = refuse_small(d)
    residual = _residual(measured, taken.basis)
    columns, lengths = _project(values, taken.basis)
    kept = np.flatnonzero(lengths > 0)
    if not len(kept):
        raise _check.InputError(
            f"None of {values.shape[1]} motifs tells sequences apart once {', '.join(taken.names)} "
            "are taken out; expected sequences that differ. Use other motifs or fewer covariates."
        )
    all_kept = len(kept) == values.shape[1]  # the usual case needs no copy
    first = representatives(columns if all_kept else columns.take(kept, axis=1), correlation)
    firsts, column = np.unique(first, return_inverse=True)
    groups = np.full(values.shape[1], -1, dtype=np.int64)
    groups[kept] = column.ravel()
    motifs = kept[firsts]
    if len(motifs) < values.shape[1]:
        columns = columns.take(motifs, axis=1)
    return Prepared(columns, motifs, groups, lengths[motifs], taken, residual, notes)


def refuse_small(d: int) -> tuple[str, ...]:
    """Refuse fewer than 8 dimensions; a sentence below 20."""
    if d < FEWEST:
        raise _check.InputError(
            f"{d} dimensions are left (sequences minus covariates minus earlier motifs); expected "
            f"{FEWEST} or more. Use more sequences or fewer covariates."
        )
    if d >= FEW:
        return ()
    return (f"Only {d} dimensions are left (sequences minus covariates): little can be shown.",)


def _residual(readout: Floats, basis: Floats) -> Floats:
    largest = float(np.abs(readout).max(initial=0.0))
    scaled = readout / (largest or 1.0)
    residual = scaled - basis @ (basis.T @ scaled)
    residual -= basis @ (basis.T @ residual)
    if np.linalg.norm(residual) <= 1e-12 * np.sqrt(len(readout)):
        raise _check.InputError(
            f"`readout` is constant, or a sum of covariates, in all {len(readout)} rows (row 0 "
            f"holds {readout[0]:g}); expected values that differ. Use another readout."
        )
    found: Floats = residual * largest
    return found


def _project(values: npt.NDArray[np.generic], basis: Floats) -> tuple[Floats32, Floats]:
    """Unit columns and their lengths; length and column are 0 where nothing is left."""
    columns = np.empty(values.shape, dtype=np.float32)
    lengths = np.empty(values.shape[1])
    for first in range(0, values.shape[1], COLUMNS_AT_ONCE):
        block = slice(first, first + COLUMNS_AT_ONCE)
        raw = np.asarray(values[:, block], dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(raw).all(axis=0))
        if len(bad):
            raise _check.InputError(
                f"`activations` of motif {first + bad[0]} hold a value that is not a number; "
                "expected numbers. Leave such rows or motifs out."
            )
        rest = raw - basis @ (basis.T @ raw)
        length = np.linalg.norm(rest, axis=0)
        length[length <= CONSTANT * np.linalg.norm(raw, axis=0)] = 0.0
        columns[:, block] = rest / np.where(length > 0, length, np.inf)
        lengths[block] = length
    return columns, lengths
