"""Dots with intervals: one per row and group, conditions compared, what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from motifbook import InputError, plot

TABLE = pd.DataFrame(
    {
        "motif": ["GATA1", "GATA1", "SPI1", "SPI1"],
        "readout": ["bound", "atac"] * 2,
        "effect": [1.0, -0.5, 0.2, 0.0],
        "lower": [0.8, -0.9, 0.1, 0.0],
        "upper": [1.2, -0.1, 0.3, 0.0],
        "unit": "logit",
    }
)
USES = pd.DataFrame(
    {
        "motif": ["GATA1", "SPI1"],
        "condition_a": "K562",
        "condition_b": "HepG2",
        "use_a": [0.4, 0.1],
        "use_b": [0.0, 0.3],
        "difference": [-0.4, 0.2],
        "lower": [-0.5, 0.1],
        "upper": [-0.3, 0.3],
    }
)


def dots(ax) -> list[tuple[float, float]]:
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines]


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_every_effect_is_a_dot_in_the_row_of_its_motif():
    ax = plot.effects(TABLE)
    assert labels(ax) == ["GATA1", "SPI1"]
    assert [x for x, _ in dots(ax)] == [1.0, -0.5, 0.2, 0.0]
    assert [int(y) for _, y in dots(ax)] == [1, 1, 0, 0]
    colors = [line.get_color() for line in ax.lines if line.get_marker() == "o"]
    assert colors[0] == colors[2] != colors[1] == colors[3]
    assert ax.get_xlabel() == "effect (logit)"


def test_intervals_are_lines_from_lower_to_upper():
    ax = plot.effects(TABLE)
    spans = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert {(0.8, 1.2), (-0.9, -0.1), (0.1, 0.3)} <= set(spans)
    assert (0.0, 0.0) in spans  # the line at zero


def test_effects_without_intervals_are_dots_alone():
    ax = plot.effects(TABLE[["motif", "readout", "effect"]])
    assert len(dots(ax)) == 4
    assert ax.get_xlabel() == "effect"


def test_two_conditions_are_two_dots():
    ax = plot.effects(USES)
    assert sorted(x for x, _ in dots(ax)) == [0.0, 0.1, 0.3, 0.4]
    words = [text.get_text() for text in ax.texts]
    assert {"K562", "HepG2"} <= set(words)


def test_the_difference_of_two_conditions_has_its_interval():
    ax = plot.effects(USES, effect="difference")
    assert [x for x, _ in dots(ax)] == [-0.4, 0.2]
    assert "HepG2 − K562" in [text.get_text() for text in ax.texts]
    assert (-0.5, -0.3) in [tuple(line.get_xdata()) for line in ax.lines]


def test_a_condition_that_is_compared_twice_is_one_dot():
    third = USES.assign(condition_b="liver", use_b=[0.2, 0.2])
    assert len(dots(plot.effects(pd.concat([USES, third])))) == 6


def test_rows_can_be_named_by_several_columns():
    table = pd.concat([TABLE.assign(strand="+"), TABLE.assign(strand="-")])
    with pytest.raises(InputError, match=r"2 rows of 'GATA1' for readout 'bound'; .*label="):
        plot.effects(table)
    assert labels(plot.effects(table, label=["motif", "strand"]))[0] == "GATA1 +"


def test_a_table_without_rows_or_columns_is_refused():
    with pytest.raises(InputError, match=r"`table` has no rows"):
        plot.effects(TABLE.head(0))
    with pytest.raises(InputError, match=r"`table` has no column 'effekt'.*Did you mean 'effect'"):
        plot.effects(TABLE, effect="effekt")


def test_effects_come_on_axes_and_as_svg():
    ax = Figure().subplots()
    assert plot.effects(TABLE, ax=ax) is ax
    tree = ElementTree.fromstring(plot.effects_svg(TABLE))
    assert tree.get("role") == "img"
    assert tree.get("aria-label") == "effect (logit)"


def test_what_is_no_table_and_what_are_no_numbers_is_refused():
    with pytest.raises(InputError, match=r"`table` is None; expected a table, such as `mb.marg"):
        plot.effects(None)
    with pytest.raises(InputError, match=r"Column 'motif' of `table` holds words"):
        plot.effects(TABLE, effect="motif")
    with pytest.raises(InputError, match=r"Column 'effect' of `table`, .*holds infinity"):
        plot.effects(TABLE.assign(effect=np.inf))
