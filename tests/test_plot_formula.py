"""The formula as dots with intervals: what stands where, and what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from formula_example import example_formula, without_intervals
from matplotlib.colors import to_hex

from motifbook import InputError, plot
from motifbook.formula.positions import Positions
from motifbook.plot.colors import BLUE, GRAY


def dots(ax):
    """Coefficient and color of each dot."""
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    return [(float(line.get_xdata()[0]), to_hex(line.get_color())) for line in marked]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def words(svg):
    return [found.text for found in ElementTree.fromstring(svg).iter() if found.tag[-4:] == "text"]


def test_every_coefficient_is_a_dot_strongest_first():
    formula = example_formula(3, 1)
    shuffled = formula.coefficients.iloc[::-1]
    ax = plot.formula(shuffled)
    assert labels(ax) == ["Nrf1", "GABPA", "NFYA"]
    assert [x for x, _ in dots(ax)] == pytest.approx([1, -2 / 3, 1 / 3])
    assert ax.get_xlabel() == "what one site adds (readout units), with 95 % interval"


def test_intervals_are_lines_and_what_is_not_significant_is_gray():
    formula = example_formula(3, 1)
    table = formula.coefficients.assign(q_value=[np.nan, 0.01, 0.04, 0.06, np.nan])
    ax = plot.formula(table)
    assert [color for _, color in dots(ax)] == [BLUE.lower(), BLUE.lower(), GRAY]
    spans = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert (pytest.approx(1 - 0.196), pytest.approx(1 + 0.196)) in spans


def test_covariates_and_the_intercept_are_no_rows_and_interactions_come_last():
    formula = example_formula(3, 1, pairs=((0, 2),))
    assert labels(plot.formula(formula)) == ["Nrf1", "GABPA", "NFYA", "Nrf1 x NFYA"]


def test_one_readout_shows_its_numbers_several_have_colors_and_a_key():
    formula = example_formula(2, 2)
    assert "+1.00 (+0.80 to +1.20)" in words(plot.formula_svg(formula, readout="cell 0"))
    both = words(plot.formula_svg(formula))
    assert {"cell 0", "cell 1"} <= set(both)
    assert not any("to" in word.split() for word in both)
    assert len(dots(plot.formula(formula))) == 4


def test_each_motif_has_its_logo_once():
    formula = example_formula(2, 1, positions=Positions("bins", 3, 120))
    svg = plot.formula_svg(formula)
    assert svg.count("<use ") == len("TTGCGCATGCGCAA") + len("ACCGGAAGTG")
    assert "<use " not in plot.formula_svg(formula.coefficients)


def test_the_strongest_motifs_are_drawn_when_there_are_many():
    ax = plot.formula(example_formula(30, 1), n=4)
    assert labels(ax) == ["Nrf1", "GABPA", "NFYA", "YY2"]


def test_many_readouts_become_a_map():
    assert plot.formula_svg(example_formula(3, 6)).count("per site; star") == 1


@pytest.mark.parametrize("draw", [plot.formula_svg, plot.coefficients_svg])
@pytest.mark.parametrize("n_readouts", [1, 2, 154])
@pytest.mark.parametrize("n_motifs", [0, 1, 7])
def test_any_size_without_intervals_is_a_picture(draw, n_motifs, n_readouts):
    svg = draw(without_intervals(example_formula(n_motifs, n_readouts)))
    ElementTree.fromstring(svg)
    assert "nan" not in svg
    assert ("No motif stands in this formula." in svg) == (n_motifs == 0)


def test_a_coefficient_that_could_not_be_estimated_is_named_so():
    table = example_formula(2, 1).coefficients
    table.loc[table["motif"] == "GABPA", ["coefficient", "lower", "upper", "q_value"]] = np.nan
    assert "not estimated" in words(plot.formula_svg(table))
    assert len(dots(plot.formula(table))) == 1


def test_what_is_no_formula_is_refused():
    formula = example_formula(2, 1)
    with pytest.raises(InputError, match=r"`formula` is 'x'; expected what `mb.fit_formula"):
        plot.formula("x")
    with pytest.raises(InputError, match=r"`readout` is 'liver'; .*cell 0"):
        plot.formula(formula, readout="liver")
    with pytest.raises(InputError, match=r"`formula.coefficients` has no column 'term'"):
        plot.formula(formula.coefficients.drop(columns="term"))


# ---- the map of motifs by readouts


def test_a_cell_of_the_map_holds_the_coefficient_and_a_star_where_significant():
    shown = words(plot.coefficients_svg(example_formula(3, 2)))
    assert {"+1.00*", "\u22120.67*", "+0.33*", "+0.18"} <= set(shown)


def test_similar_rows_of_the_map_lie_side_by_side():
    formula = example_formula(6, 2)
    rows = labels(plot.coefficients(formula))
    assert set(rows[:3]) == {"Nrf1", "NFYA", "CREB1"}  # those that activate
    assert rows[0] == "Nrf1"


def test_many_readouts_have_dots_in_place_of_numbers():
    formula = example_formula(6, 60)
    ax = plot.coefficients(formula)
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    table = formula.coefficients.query("kind == 'motif'")
    assert len(marked[0].get_xdata()) == int((table["q_value"] <= 0.05).sum())


def test_bins_of_a_motif_stay_together_on_the_map():
    formula = example_formula(2, 2, positions=Positions("bins", 2, 120))
    assert labels(plot.coefficients(formula)) == [
        "Nrf1 at 0-60",
        "Nrf1 at 60-120",
        "GABPA at 0-60",
        "GABPA at 60-120",
    ]
