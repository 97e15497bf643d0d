"""What a motif is worth is what refitting without it loses, measured on other rows."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LinearRegression

from motifbook.formula.drops import expected_drop

LEARN, UNSEEN = np.arange(150), np.arange(150, 250)


def data(missing=0.2):
    rng = np.random.default_rng(0)
    design = rng.poisson(1.0, (250, 5)).astype(float)
    design[:, 1] += design[:, 0]  # motifs that come together
    readout = design @ rng.normal(size=(5, 3)) + rng.normal(size=(250, 3))
    readout[rng.random(readout.shape) < missing] = np.nan
    return design, readout


def r2_by_hand(design, values):
    learn, unseen = (rows[~np.isnan(values[rows])] for rows in (LEARN, UNSEEN))
    line = LinearRegression().fit(design[learn], values[learn])
    return line.score(design[unseen], values[unseen])


def test_the_drop_is_that_of_refits_without_the_columns():
    design, readout = data()
    groups = np.array([0, 1, 1, -1, 2])
    drop = expected_drop(design, readout, groups, learn=LEARN, unseen=UNSEEN)
    assert drop.shape == (3, 3)
    for motif in range(3):
        for number in range(3):
            whole = r2_by_hand(design, readout[:, number])
            without = r2_by_hand(design[:, groups != motif], readout[:, number])
            np.testing.assert_allclose(drop[motif, number], whole - without)


def test_copies_and_constants_lose_nothing():
    design, readout = data(missing=0)
    more = np.column_stack([design, design[:, 3] + design[:, 4], np.ones(250)])
    drop = expected_drop(more, readout, np.arange(7), learn=LEARN, unseen=UNSEEN)
    nothing = (np.abs(drop) < 1e-12).all(axis=1)
    assert nothing[6]
    assert nothing[3:6].sum() == 1  # two of the three say it all
