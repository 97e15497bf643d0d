"""A formula under other names: the same numbers everywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula

from motifbook import InputError
from motifbook.formula.naming import name_formula
from motifbook.formula.positions import Positions

SEQUENCES = ["ACCGGAAGTGTTTTGCGCATGCGCAAACGTTACCAATC", "TTTTCAGCCAATCAGGGGGCACTTCCGGTTTTTTTTTT"]


def known(**names):
    """What `identify` would say: motif -> (name, strand, q-value)."""
    rows = [(motif, *told) for motif, told in names.items()]
    return pd.DataFrame(rows, columns=["motif", "target_name", "strand", "q_value"])


@pytest.fixture
def formula():
    return example_formula(3, 2, positions=Positions("bins", 2, 38), pairs=((0, 1),))


def test_names_change_in_every_table_and_numbers_nowhere(formula):
    named = name_formula(formula, known(GABPA=("ETS", "+", 0.01), NFYA=("CCAAT", "+", 0.2)))
    assert [motif.name for motif in named.motifs] == ["Nrf1", "ETS", "NFYA"]
    told = named.coefficients
    assert {"ETS at 0-19", "ETS at 19-38", "Nrf1 x ETS"} <= set(told["term"])
    assert not told[["term", "motif", "partner"]].isin(["GABPA"]).to_numpy().any()
    numbers = ["coefficient", "lower", "upper", "q_value"]
    pd.testing.assert_frame_equal(told[numbers], formula.coefficients[numbers])


def test_a_motif_turned_around_predicts_the_same(formula):
    named = name_formula(formula, known(GABPA=("ETS", "-", 0.01)))
    assert named.motifs[1].consensus == formula.motifs[1].reverse_complement().consensus
    np.testing.assert_array_equal(named.predict(SEQUENCES), formula.predict(SEQUENCES))


def test_what_is_no_table_of_known_motifs_is_refused(formula):
    with pytest.raises(InputError, match=r"`known` has no column 'motif'"):
        name_formula(formula, pd.DataFrame({"name": ["ETS"]}))
