"""What may drive a readout beside motifs: letter composition, length, batches, other covariates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.data.association import composition
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
SAME = 1e-8  # share of a column's length below which it adds nothing to earlier ones


@dataclass(frozen=True)
class Nuisance:
    """A basis of everything that is taken out of readout and activations.

    Parameters
    ----------
    basis : (n, n_covariates)
        Orthonormal columns; the first is constant (the intercept).
    names
        What the columns stand for, "intercept" first; without those that add nothing.
    """

    basis: Floats
    names: tuple[str, ...]


def nuisance(
    n: int,
    *,
    letters: Letters | None = None,
    alphabet: Alphabet = DNA,
    covariates: Mapping[str, npt.ArrayLike] | None = None,
) -> Nuisance:
    """Build the basis: intercept, share of G and C, length, given covariates.

    Parameters
    ----------
    n
        Number of sequences.
    letters : (n, length)
        Letter codes for share of G and C (of nucleotides) and number of known letters; None leaves
        both out.
    covariates
        Numbers or names (such as batches), (n,) each.

    Returns
    -------
    Nuisance

    Raises
    ------
    InputError
        If sizes differ, or a covariate misses values.

    Examples
    --------
    >>> nuisance(4, covariates={"batch": ["a", "a", "b", "b"], "dose": [0, 1, 2, 3]}).names
    ('intercept', 'batch = b', 'dose')
    """
    columns: dict[str, Floats] = {"intercept": np.ones(n)}
    if letters is not None:
        _check.shape(letters, "letters", "(n, length)", n, None)
        lengths, gc = composition(letters, alphabet)
        columns |= {"GC": gc, "length": lengths.astype(np.float64)}
    for name, values in (covariates or {}).items():
        columns |= _columns(name, values, n)
    return _orthonormal(columns)


def _columns(name: str, values: npt.ArrayLike, n: int) -> dict[str, Floats]:
    """Numbers as they are; names as one column each but the first."""
    array = np.asarray(values)
    _check.shape(array, name, "one value per sequence", n)
    if array.dtype.kind not in "biuf":
        named = array.astype(str)
        return {
            f"{name} = {one}": (named == one).astype(np.float64) for one in np.unique(named)[1:]
        }
    numbers = array.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise _check.InputError(
            f"Covariate {name!r} is {numbers[bad[0]]} in row {bad[0]}; expected a number in every "
            "row. Leave these rows out, or fill them."
        )
    return {name: numbers}


def _orthonormal(columns: Mapping[str, Floats]) -> Nuisance:
    """Columns made orthogonal to earlier ones, twice, for the sake of rounding."""
    n = len(columns["intercept"])
    basis, names = np.zeros((n, 0)), []
    for name, column in columns.items():
        rest = column / max(float(np.linalg.norm(column)), 1e-300)
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > SAME and basis.shape[1] < n:
            basis = np.column_stack([basis, rest / length])
            names.append(name)
    return Nuisance(basis, tuple(names))
