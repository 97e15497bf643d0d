"""Where letters stand, checked against logomaker; their outlines; ticks."""

from __future__ import annotations

import logomaker
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from motifbook import InputError
from motifbook.plot.glyphs import glyph
from motifbook.plot.panel import ticks
from motifbook.plot.stack import ORDERS, stack


def edges_of_logomaker(matrix, order):
    """Floor and ceiling, (n_letters, width), of the glyphs that logomaker places."""
    letters = "ACGT"
    table = pd.DataFrame(matrix.T, columns=list(letters))
    drawn = logomaker.Logo(table, ax=Figure().subplots(), stack_order=order)
    found = np.zeros((2, *matrix.shape))
    for shape in drawn.glyph_list:
        found[:, letters.index(shape.c), int(shape.p)] = shape.floor, shape.ceiling
    return found


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("sign", ["positive", "negative", "mixed", "one letter"])
def test_edges_equal_those_of_logomaker(order, sign):
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(4, 12))
    if sign == "one letter":
        matrix *= np.eye(4)[rng.integers(4, size=12)].T
    elif sign != "mixed":
        matrix = np.abs(matrix) * (1 if sign == "positive" else -1)
    floor, ceiling = edges_of_logomaker(matrix, order)
    piled = stack(matrix, order=order)
    drawn = matrix != 0  # logomaker leaves letters without height away
    np.testing.assert_allclose(piled.floor[drawn], floor[drawn], atol=1e-9)
    np.testing.assert_allclose(piled.ceiling[drawn], ceiling[drawn], atol=1e-9)


def test_letters_fill_the_stack_without_gaps():
    matrix = np.random.default_rng(0).random((4, 5))
    piled = stack(matrix)
    np.testing.assert_allclose(piled.ceiling - piled.floor, matrix)
    np.testing.assert_allclose(piled.ceiling.max(axis=0), matrix.sum(axis=0))


def test_negative_letters_hang_from_zero():
    piled = stack([[1.0], [-2.0], [-0.5], [0.0]])
    assert piled.ceiling.ravel().tolist() == [1.0, -0.5, 0.0, 0.0]
    assert (piled.low, piled.high) == (-2.5, 1.0)


def test_a_missing_height_is_named_with_its_place():
    with pytest.raises(InputError, match=r"`matrix` holds nan in row 1, column 2; .*by 0"):
        stack([[0, 0, 0], [0, 0, np.nan]])


def test_an_unknown_order_is_refused():
    with pytest.raises(InputError, match=r"`order` is 'big'; expected one of"):
        stack(np.zeros((4, 2)), order="big")


@pytest.mark.parametrize("letter", "ACGTUW")
def test_a_glyph_fills_the_unit_square(letter):
    vertices = glyph(letter).vertices[glyph(letter).codes != 79]
    np.testing.assert_allclose(vertices.min(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(vertices.max(axis=0), 1, atol=1e-12)


def test_the_letter_i_stays_narrow():
    assert np.ptp(glyph("I").vertices[:, 0]) < 0.5


def test_glyphs_have_names_of_their_own():
    assert len({glyph(letter).name for letter in "ACDEFGHIKLMNPQRSTVWY"}) == 20


def test_ticks_are_round_and_inside():
    labels = [label for _, label in ticks(-0.25, 0.21)]
    assert labels == ["−0.2", "−0.1", "0.0", "0.1", "0.2"]
    assert ticks(0, 2, about=3) == [(0.0, "0"), (1.0, "1"), (2.0, "2")]
    assert ticks(0, 3, about=10, whole=True) == [(0.0, "0"), (1.0, "1"), (2.0, "2"), (3.0, "3")]
    assert ticks(1, 1) == []
