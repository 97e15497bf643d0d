"""What a site of a motif is worth, by where in the sequence it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from motifbook import _check
from motifbook.formula.regression import regress

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula, HeldOut

Floats = npt.NDArray[np.float64]
COLUMNS = ("readout", "motif", "start", "end", "coefficient", "lower", "upper", "unit")
WIDE = float(norm.ppf(0.975))  # standard errors from the middle to the end of an interval


def position_curve(formula: Formula, motif: str) -> pd.DataFrame:
    """Return the worth of a site by its position, with 95 % intervals.

    Parameters
    ----------
    formula
        From `fit_formula`.
    motif
        Name of one of its motifs.

    Returns
    -------
    DataFrame
        One row per readout and bin, or per readout and letter of a smooth curve: readout, motif,
        start, end (0-based, half-open), coefficient, lower, upper, unit; for
        `plot.position_curve`.

    Raises
    ------
    InputError
        If there is no such motif, or the formula has smooth positions and was read from a file.

    Notes
    -----
    A smooth curve is a sum of splines; its intervals come from the robust covariance (HC3, or
    families together) of their coefficients on the inference rows, letter by letter.
    """
    table = formula.coefficients
    own = table[(table["kind"] == "motif") & (table["motif"] == motif)]
    _check.one_of(motif, "motif", formula.terms.names)
    positions = formula.terms.positions
    is_smooth = positions.kind == "smooth" and motif not in formula.terms.counted
    if not is_smooth:
        return own[list(COLUMNS)].reset_index(drop=True)
    if formula.held_out is None:
        raise _check.InputError(
            "The formula was read from a file, which keeps no rows; expected one that "
            "`mb.fit_formula` has just returned."
        )
    first = formula.terms.names.index(motif) * positions.n
    weights = positions.weights()  # (n_splines, length)
    curves = formula.weights[first : first + positions.n].T @ weights  # (n_readouts, length)
    spread = _spread(formula.held_out, formula.kinds, first, weights)
    letters = np.arange(positions.length)
    units = own.drop_duplicates("readout").set_index("readout")["unit"]
    parts = [
        pd.DataFrame(
            {
                "readout": readout,
                "motif": motif,
                "start": letters,
                "end": letters + 1,
                "coefficient": curve,
                "lower": curve - WIDE * se,
                "upper": curve + WIDE * se,
                "unit": units[readout],
            }
        )
        for readout, curve, se in zip(formula.readouts, curves, spread)
    ]
    return pd.concat(parts, ignore_index=True)


def _spread(rows: HeldOut, kinds: Sequence[str], first: int, weights: Floats) -> Floats:
    """Standard error of the curve at every letter, (n_readouts, length)."""
    kind = "hc3" if rows.families is None else "cluster"
    fitted = regress(rows.columns, rows.readout, kinds, intervals=kind, families=rows.families)
    pulls = np.stack([fitted.influence.of(first + 1 + k) for k in range(len(weights))])
    covariance = np.einsum("kic,lic->ckl", pulls, pulls)
    variance: Floats = np.einsum("kp,ckl,lp->cp", weights, covariance, weights)
    return np.sqrt(np.maximum(variance, 0))
