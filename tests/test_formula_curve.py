"""The worth of a site by its position: bins as they are, smooth curves with their intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula

from motifbook import InputError
from motifbook.formula.curve import position_curve
from motifbook.formula.formula import HeldOut
from motifbook.formula.positions import Positions

SMOOTH = Positions("smooth", 6, 60)


@pytest.fixture(scope="module")
def formula():
    return example_formula(2, 2, positions=SMOOTH)


def robust_covariance(formula, readout):
    """HC3 by hand, as the textbook writes it."""
    rows = formula.held_out
    design = np.column_stack([np.ones(len(rows.columns)), rows.columns])
    bread = np.linalg.inv(design.T @ design)
    y = rows.readout[:, readout]
    error = (y - design @ (bread @ design.T @ y)) / (1 - ((design @ bread) * design).sum(axis=1))
    return bread @ (design.T * error**2) @ design @ bread


def test_bins_are_the_rows_of_the_table():
    formula = example_formula(2, 2, positions=Positions("bins", 3, 60))
    told = position_curve(formula, "GABPA")
    own = formula.coefficients.query("motif == 'GABPA'").reset_index(drop=True)
    pd.testing.assert_frame_equal(told, own[list(told.columns)])


def test_a_smooth_curve_is_the_sum_of_its_splines(formula):
    told = position_curve(formula, "GABPA").query("readout == 'cell 1'")
    expected = formula.weights[6:12, 1] @ SMOOTH.weights()
    np.testing.assert_allclose(told["coefficient"], expected)
    assert told["start"].tolist() == list(range(60))


def test_its_intervals_are_those_of_the_sum(formula):
    told = position_curve(formula, "GABPA").query("readout == 'cell 0'")
    weights = SMOOTH.weights()[:, 30]
    among = slice(1 + 6, 1 + 12)
    variance = weights @ robust_covariance(formula, 0)[among, among] @ weights
    half = (told["upper"] - told["lower"]).to_numpy()[30] / 2
    assert half == pytest.approx(1.96 * variance**0.5, rel=1e-3)


def test_rows_of_a_family_count_together(formula):
    rows = formula.held_out
    twice = HeldOut(
        rows.names.repeat(2), np.repeat(rows.columns, 2, 0), np.repeat(rows.readout, 2, 0),
        np.repeat(np.array(rows.names, dtype=object), 2),
    )  # fmt: skip
    alone = replace(twice, families=None)
    wide, one, narrow = (
        position_curve(replace(formula, held_out=held_out), "GABPA").eval("upper - lower").mean()
        for held_out in (twice, rows, alone)
    )
    assert wide == pytest.approx(one, rel=0.05)
    assert narrow == pytest.approx(one / 2**0.5, rel=0.05)


def test_a_curve_needs_its_rows_and_a_motif_of_the_formula(formula):
    with pytest.raises(InputError, match=r"`motif` is 'MYC'"):
        position_curve(formula, "MYC")
    with pytest.raises(InputError, match=r"read from a file, which keeps no rows"):
        position_curve(replace(formula, held_out=None), "GABPA")
