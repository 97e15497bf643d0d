"""Rows that choose and rows that test share no family."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.significance.row_split import split_rows


def test_every_row_is_in_one_part_and_half_of_them_choose():
    parts = split_rows(101, seed=3)
    assert sorted([*parts.choose, *parts.test]) == list(range(101))
    assert len(parts.choose) == 51


def test_families_are_not_torn():
    families = np.repeat(np.arange(30), np.arange(1, 31))
    parts = split_rows(len(families), families=families, share=0.4)
    assert not set(families[parts.choose]) & set(families[parts.test])
    assert abs(len(parts.choose) / len(families) - 0.4) < 0.1


def test_the_seed_decides():
    first, again, other = (split_rows(50, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.choose, again.choose)
    assert not np.array_equal(first.choose, other.choose)


def test_one_family_cannot_be_split():
    with pytest.raises(InputError, match=r"1 families in 4 rows.*expected two or more families"):
        split_rows(4, families=["a"] * 4)


def test_a_family_per_row():
    with pytest.raises(InputError, match=r"`families` has shape \(3,\); expected one name per row"):
        split_rows(4, families=["a"] * 3)
