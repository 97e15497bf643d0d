"""Figures of attributions, masks and their score sheet."""

from __future__ import annotations

from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, plot
from motifbook.alphabet import PROTEIN
from motifbook.attribution.letters import Attribution
from motifbook.plot.attribution import rows_of, rows_panel
from motifbook.plot.distortion import distortion_panel
from motifbook.plot.panel import Dots, Letters, Line, Shapes
from motifbook.plot.relaxed import in_bits

SEQUENCE = "ACGTACGTAC"
ONEHOT = np.eye(4)[:, ["ACGT".index(letter) for letter in SEQUENCE]]
CURVES = SimpleNamespace(
    mode="inclusion",
    bits=np.array([0.1, 0.2, 0.4], np.float32),
    distortion=np.array([[3.0, 2.0, 1.0], [6.0, 4.0, 2.0]], np.float32),
    empty=np.array([4.0, 8.0], np.float32),
)


def words(svg):
    return [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def marks_of(panel, kind):
    return [mark for mark in panel.marks if isinstance(mark, kind)]


# ---- attribution


def test_each_method_has_a_scale_of_its_own():
    rows = rows_of({"a": ONEHOT, "b": 50 * ONEHOT}, "", "ACGT")
    first, second = marks_of(rows_panel(rows, "ACGT"), Letters)
    np.testing.assert_allclose(first.height, second.height)
    assert first.base.min() > second.base.max()


def test_values_say_their_unit_and_what_a_sign_means():
    signed = Attribution(ONEHOT - 0.4, method="mutagenesis", unit="logit")
    bits = Attribution(ONEHOT, method="scrambler", unit="bits", signed=False)
    assert "mutagenesis (logit; up: raises the prediction, down: lowers it)" in words(
        plot.attribution_svg(signed)
    )
    assert "scrambler (bits; no sign)" in words(plot.attribution_svg(bits))


def test_one_value_per_position_stands_at_the_letter():
    values = np.arange(10.0)
    (row,) = rows_of(values, SEQUENCE, "ACGT")
    np.testing.assert_array_equal(row.heights, ONEHOT * values)
    with pytest.raises(InputError, match="expected `sequence=` beside it"):
        plot.attribution(values)


def test_sites_are_shaded_and_named_where_they_are_seen():
    sites = pd.DataFrame({"start": [2, 8], "end": [4, 9], "motif": ["GATA1", "SPI1"]})
    panel = rows_panel(rows_of(ONEHOT, "", "ACGT"), "ACGT", window=(1, 6), sites=sites)
    shade = marks_of(panel, Shapes)[0]
    assert (shade.points[:, 0, 0].tolist(), shade.points[:, 1, 0].tolist()) == ([1.5], [3.5])
    shown = words(plot.attribution_svg(ONEHOT, window=(1, 6), sites=sites))
    assert "GATA1" in shown
    assert "SPI1" not in shown
    with pytest.raises(InputError, match="`sites` has no column 'end'"):
        plot.attribution(ONEHOT, sites=sites[["start"]])


def test_fixed_letters_get_a_bar():
    is_fixed = np.arange(10) < 3
    panel = rows_panel(rows_of(ONEHOT, "", "ACGT"), "ACGT", fixed=is_fixed)
    assert marks_of(panel, Shapes)[-1].points[:, 0, 0].tolist() == [-0.5, 0.5, 1.5]
    with pytest.raises(InputError, match=r"`fixed` has shape \(3,\)"):
        plot.attribution(ONEHOT, fixed=is_fixed[:3])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "`values` is empty"),
        ({"a": ONEHOT, "b": ONEHOT[:, 1:]}, "9 and 10 positions; expected as many"),
        (ONEHOT.T, r"`values` has shape \(10, 4\); expected \(4, length\)"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, said):
    with pytest.raises(InputError, match=said):
        plot.attribution(values)


def test_proteins_are_drawn():
    svg = plot.attribution_svg(np.ones(6), sequence="MKWVTF", letters=PROTEIN.letters)
    assert svg.count("<use") == 6


# ---- relaxed


def test_a_kept_letter_has_the_bits_of_its_background():
    background = np.array([0.4, 0.1, 0.1, 0.4])
    heights = in_bits(ONEHOT, background, "ACGT")
    np.testing.assert_allclose(heights[0, 0], -np.log2(0.4))
    np.testing.assert_allclose(heights[1, 1], -np.log2(0.1))
    nothing = np.tile(background[:, None], 10)
    np.testing.assert_allclose(in_bits(nothing, background, "ACGT"), 0, atol=1e-12)


def test_tall_columns_are_cut_and_that_is_said():
    shown = words(plot.relaxed_svg(ONEHOT, sequence=SEQUENCE, clip=0.5))
    assert "Relaxed sequence: 2.000 bits per position left, cut at 0.5" in shown
    assert "cut" not in " ".join(words(plot.relaxed_svg(ONEHOT, clip=3)))


# ---- curves and draws


def test_a_distortion_curve_ends_at_the_background():
    panel = distortion_panel(CURVES, number=1, chosen=0.2)
    own = marks_of(panel, Line)[1]
    np.testing.assert_allclose(own.x, np.log2([0.1, 0.2, 0.4]))
    np.testing.assert_allclose(own.y, [6, 4, 2])
    bare = [dots for dots in marks_of(panel, Dots) if np.size(dots.x) == 1]
    assert [float(dots.y[0]) for dots in bare] == [6.0, 8.0]  # the median, and its own
    assert bare[0].x[0] < own.x[0]
    exclusion = SimpleNamespace(**{**vars(CURVES), "mode": "exclusion"})
    bare = next(dots for dots in marks_of(distortion_panel(exclusion), Dots))
    assert bare.x[0] > own.x[-1]


def test_random_letters_stand_beside():
    shown = words(plot.distortion_svg(CURVES, random=CURVES.distortion + 1))
    assert "random letters, median" in shown
    with pytest.raises(InputError, match=r"`random` has shape \(2, 2\)"):
        plot.distortion(CURVES, random=np.ones((2, 2)))
    with pytest.raises(InputError, match="`number` is 2"):
        plot.distortion(CURVES, number=2)


def test_draws_stand_beside_their_sequence():
    svg = plot.draws_svg([1.0, 2.0], [[0.5, 1.5], [2.0, 2.0]], names=["a", "b"], empty=-1)
    assert {"a", "b", "nothing kept"} <= set(words(svg))
    with pytest.raises(InputError, match=r"`drawn` has shape \(1, 2\)"):
        plot.draws([1.0, 2.0], [[0.5, 1.5]])


# ---- score sheet and training


def test_the_score_sheet_shows_the_control_and_the_cost():
    sheet = pd.DataFrame(
        {
            "method": ["scrambler", "random"],
            "fidelity_gain_10%": [0.9, 0.1],
            "fidelity_gain_5%": [0.7, 0.0],
            "seconds": [3.21, np.nan],
        }
    )
    shown = words(plot.fidelity_svg(sheet))
    assert {"scrambler, 3.2 s", "random", "5 %", "10 %"} <= set(shown)
    with pytest.raises(InputError, match="`sheet` has no column such as 'deletion_5%'"):
        plot.fidelity(sheet, measure="deletion")


def test_a_look_at_a_training_shows_curves_and_masks():
    look = SimpleNamespace(
        step=20,
        n_steps=100,
        losses=np.array([2.0, 1.0], np.float32),
        bits=np.array([1.5, 0.9], np.float32),
        importance=np.full((1, 10), 0.5, np.float32),
    )
    svg = plot.scrambler_training_svg(look, [SEQUENCE], names=["peak 1"])
    assert {"loss", "Masks at step 20 of 100"} <= set(words(svg))
    assert svg.count("<use") == 10
    with pytest.raises(InputError, match=r"`look.importance` has shape \(1, 10\)"):
        plot.scrambler_training_svg(look, [SEQUENCE, SEQUENCE])


@pytest.mark.parametrize(
    ("draw", "values", "keywords"),
    [
        (plot.attribution, ONEHOT - 0.3, {"title": "here"}),
        (plot.relaxed, ONEHOT, {"sequence": SEQUENCE}),
        (plot.distortion, CURVES, {"number": 0}),
    ],
    ids=["attribution", "relaxed", "distortion"],
)
def test_both_forms_agree(draw, values, keywords):
    svg = getattr(plot, f"{draw.__name__}_svg")(values, **keywords)
    ax = draw(values, **keywords)
    assert ax.get_xlabel() in words(svg)
    assert ax.get_title(loc="left") in {"", *words(svg)}
