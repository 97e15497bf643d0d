"""What each motif is worth to the formula: the R2 that is lost without it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.formula.fits import Fit, Grams, fit_continuous, same_rows

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def expected_drop(
    design: Floats, readout: Floats, groups: npt.ArrayLike, *, learn: Integers, unseen: Integers
) -> Floats:
    """R2 lost on unseen rows when one motif is left out and the others are fitted anew.

    Parameters
    ----------
    design : (n, n_terms)
    readout : (n, n_readouts)
        NaN where not measured; zeros and ones of binary readouts are taken as numbers.
    groups : (n_terms,)
        Number of the motif of each column, from 0; -1: no motif.
    learn, unseen
        Numbers of the rows that are fitted, and of those on which R2 is measured.

    Returns
    -------
    (n_groups, n_readouts)
        Below 0 where the formula predicts better without the motif.

    Notes
    -----
    In closed form from sums of products. With b the coefficients, A the inverse Gram matrix of the
    rows fitted and c the columns left out, the others become ``b - A[:, c] inv(A[c, c]) b[c]``.
    A column that was dropped as a sum of others does not come back when one of those is left out.

    Examples
    --------
    >>> design = np.random.default_rng(0).poisson(1.0, (200, 2)).astype(float)
    >>> rows = np.arange(100)
    >>> drop = expected_drop(design, design[:, :1], [0, 1], learn=rows, unseen=rows + 100)
    >>> (drop > 0.5).ravel().tolist()
    [True, False]
    """
    group = np.asarray(groups)
    owned = [np.flatnonzero(group == k) + 1 for k in range(group.max(initial=-1) + 1)]
    table = np.column_stack([np.ones(len(design)), design - design[learn].mean(axis=0)])
    fitted, scored = Grams(table[learn]), Grams(table[unseen])
    lost = np.empty((len(owned), readout.shape[1]))
    for numbers in same_rows(readout[learn], np.arange(readout.shape[1])):
        fit = fit_continuous(fitted, readout[learn], numbers)
        for part in same_rows(readout[unseen], numbers):
            lost[:, part] = _lost(fit, scored, readout[unseen], part, owned)
    return lost


def _lost(
    fit: Fit, scored: Grams, readout: Floats, part: Integers, owned: list[Integers]
) -> Floats:
    """The same for readouts measured in the same rows, (n_groups, n_part)."""
    rows = ~np.isnan(readout[:, part[0]])
    values, table = readout[rows][:, part], scored.table[rows]
    coefficients = fit.coefficients[:, np.isin(fit.readouts, part)]
    pulled = fit.inverse @ (table.T @ (values - table @ coefficients))
    bent = fit.inverse @ scored.over(rows) @ fit.inverse
    lost = np.empty((len(owned), len(part)))
    for number, own in enumerate(owned):
        block = np.ix_(own, own)
        moved = np.linalg.pinv(fit.inverse[block], hermitian=True) @ coefficients[own]
        lost[number] = (moved * (2 * pulled[own] + bent[block] @ moved)).sum(axis=0)
    explained: Floats = lost / ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    return explained
