"""What masks and curves say of themselves, from numbers set by hand."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook.attribution.scrambler.result import Curves, Masks


def masks(mode: str = "inclusion", **changed) -> Masks:
    values = {
        "importance": np.float32([[1, 0.5, 0], [0, 0, 0.5]]),
        "bits": np.float32([[2, 0.45, 0], [0, 0, 0.45]]),
        "relaxed": np.full((2, 4, 3), 0.25, dtype=np.float32),
        "budget": np.float32([0.82, 0.15]),
        "readouts": ["bound"],
        "prediction": np.float32([[3], [-4]]),
        "drawn": np.float32([[[2], [4]], [[-3], [-3]]]),
        "distortion": np.float32([0.5, 0.01]),
        "empty": np.float32([2.0, 0.02]),
        "letters": np.uint8([[0, 1, 2], [3, 4, 0]]),
        "names": ["first", "second"],
    }
    return Masks(mode=mode, **{**values, **changed})


def test_gain_is_the_share_of_the_divergence_that_is_made_good():
    np.testing.assert_allclose(masks().gain, [0.75, np.nan])


def test_gain_of_an_exclusion_is_what_is_lost():
    np.testing.assert_allclose(masks("exclusion").gain, [0.25, np.nan])


def test_the_table_has_a_row_per_sequence():
    table = masks().table()
    assert table["sequence"].tolist() == ["first", "second"]
    np.testing.assert_allclose(table["letters"], [1.5, 0.5])
    np.testing.assert_allclose(table["drawn"], [3, -3])
    np.testing.assert_allclose(table["drawn_sd"], [1, 0])


def test_an_attribution_holds_bits_where_the_letter_stands():
    attribution = masks().attribution()
    assert attribution.shape == (2, 4, 3)
    assert (attribution.unit, attribution.signed, attribution.readout) == ("bits", False, "bound")
    expected = np.zeros((2, 4, 3))
    expected[0, 0, 0], expected[0, 1, 1], expected[1, 0, 2] = 2, 0.45, 0.45
    np.testing.assert_allclose(attribution, expected, rtol=1e-6)


def test_masks_without_letters_give_no_attribution():
    with pytest.raises(mb.InputError, match=r"shape \(0, 0\); expected \(2, 3\)"):
        masks(letters=np.zeros((0, 0), dtype=np.uint8)).attribution()


def curves(distortion) -> Curves:
    n = len(distortion)
    return Curves(
        mode="inclusion",
        bits=np.float32([0.1, 0.2, 0.4]),
        importance=np.zeros((n, 3, 5), dtype=np.float32),
        distortion=np.float32(distortion),
        empty=np.ones(n, dtype=np.float32),
        readouts=["bound"],
        prediction=np.zeros((n, 1), dtype=np.float32),
        mean=np.zeros((n, 3, 1), dtype=np.float32),
        sd=np.zeros((n, 3, 1), dtype=np.float32),
    )


def test_the_smallest_sufficient_budget_of_each_sequence():
    found = curves([[0.5, 0.05, 0.0], [0.01, 0.0, 0.0], [0.9, 0.8, 0.7]])
    np.testing.assert_allclose(found.sufficient(), [0.2, 0.1, np.nan])
    np.testing.assert_allclose(found.sufficient(gain=0.2), [0.1, 0.1, 0.4])


def test_the_usual_budget_does_for_the_median_sequence():
    assert curves([[0.5, 0.05, 0.0], [0.01, 0, 0], [0.9, 0.8, 0.7]]).usual() == pytest.approx(0.2)
    assert curves([[0.9, 0.8, 0.7]]).usual() == pytest.approx(0.4)


def test_a_gain_beyond_one_is_refused():
    with pytest.raises(mb.InputError, match=r"`gain` is 2; expected a number between 0 and 1"):
        curves([[0, 0, 0]]).sufficient(gain=2)


def test_bits_are_never_below_zero():
    bits = np.float32([[2, -2e-7, 0], [0, 0, 0.45]])
    assert masks(bits=bits).attribution().min() == 0
