"""Contributions by groups of sequences, explained variance, the worth of a site by position."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from formula_example import baseline_table, example_formula

from motifbook import InputError, plot
from motifbook.formula.positions import Positions
from motifbook.plot.colors import BLUE, PALE, blend
from motifbook.plot.shades import levels, shade


def words(svg):
    return [found.text for found in ElementTree.fromstring(svg).iter() if found.tag[-4:] == "text"]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


# ---- contributions


@pytest.fixture
def groups():
    """Two motifs; sequences of group "b" hold the one that activates."""
    clusters = np.repeat(["a", "b"], [30, 60])
    table = pd.DataFrame({"GATA1": -0.5 * (clusters == "a"), "SPI1": 1.0 * (clusters == "b")})
    return table, clusters, table.sum(axis=1).to_numpy()


def test_groups_stand_from_the_highest_readout_to_the_lowest(groups):
    assert labels(plot.contributions(*groups)) == ["b (n = 60)", "a (n = 30)"]


def test_every_sequence_is_in_the_map_and_colors_say_what_a_motif_adds(groups):
    svg = plot.contributions_svg(*groups)
    assert f'fill="{shade(levels([-0.5], 1.0)[0])}"' in svg
    assert f'fill="{shade(8)}"' in svg
    assert {"GATA1", "SPI1", "what a motif adds (readout units)"} <= set(words(svg))


def test_the_boxes_are_quartiles(groups):
    table, clusters, readout = groups
    readout = np.where(clusters == "b", np.linspace(0, 4, 90), readout)
    ax = plot.contributions(table, clusters, readout)
    b = readout[clusters == "b"]
    ends = np.quantile(readout, [0.01, 0.99])
    left = next(line for line in ax.lines if line.get_linestyle() == "-").get_xdata()[0]
    median = next(line for line in ax.lines if line.get_linewidth() == pytest.approx(2.5 * 0.75))
    at = left + (np.median(b) - ends[0]) * 230 / (ends[1] - ends[0])
    assert median.get_xdata()[0] == pytest.approx(at)


def test_a_binary_readout_shows_the_share_of_ones(groups):
    table, clusters, _ = groups
    ax = plot.contributions(table, clusters, (clusters == "b") * 1.0, unit="logit")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert float(dots[0].get_xdata()[0]) - float(dots[1].get_xdata()[0]) == pytest.approx(230)
    assert "share of ones (dashed: all sequences)" in [text.get_text() for text in ax.texts]


def test_groups_without_measurements_and_many_sequences_are_drawn():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(3000, 40)))
    clusters = rng.integers(0, 9, 3000)
    readout = np.where(clusters == 3, np.nan, rng.normal(size=3000))
    svg = plot.contributions_svg(table, clusters, readout)
    assert "nan" not in svg
    assert words(svg)[-1].startswith("3 (n = ")
    assert len(svg) < 1e6


def test_contributions_that_do_not_fit_are_refused(groups):
    table, clusters, readout = groups
    with pytest.raises(InputError, match=r"`clusters` has shape \(3,\); expected \(90,\)"):
        plot.contributions(table, clusters[:3], readout)
    with pytest.raises(InputError, match=r"`contributions` has shape \(90, 0\)"):
        plot.contributions(table.iloc[:, :0], clusters, readout)
    with pytest.raises(InputError, match=r"`contributions` has shape \(90, 2, 1\)"):
        plot.contributions(table.to_numpy()[:, :, None], clusters, readout)
    with pytest.raises(InputError, match=r"`names` has shape \(1,\); expected 2 names"):
        plot.contributions(table.to_numpy(), clusters, readout, names=["SPI1"])


def test_an_array_with_names_is_the_same_picture_as_a_table(groups):
    table, clusters, readout = groups
    array = table.to_numpy()
    drawn = plot.contributions_svg(array, clusters, readout, names=list(table.columns))
    assert drawn == plot.contributions_svg(table, clusters, readout)


# ---- explained variance


def test_a_bar_for_each_model_and_a_line_for_the_ceiling():
    table = baseline_table(["expression"])
    ax = plot.explained(table)
    assert labels(ax) == ["formula", "composition", "k-mer ridge", "k-mer lasso", "CNN"]
    shown = [text.get_text() for text in ax.texts]
    assert {"0.43", "0.08", "0.31", "0.38", "0.25", "ceiling 0.59"} == set(shown)
    assert plot.explained_svg(table).count(BLUE) == 1  # the formula stands out


def test_several_readouts_are_averaged_and_each_is_a_dot():
    table = baseline_table(["a", "b"])
    table.loc[(table["readout"] == "b") & (table["model"] == "formula"), "r2"] = 0.23
    ax = plot.explained(table)
    assert "0.33" in [text.get_text() for text in ax.texts]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert dots[0].get_xdata().tolist() == [0.43, 0.23]
    assert ax.get_title(loc="left") == "mean of 2 readouts"
    assert plot.explained(table, readout="b").get_title(loc="left") == "b"


def test_a_ceiling_of_some_readouts_is_none_of_all():
    table = baseline_table(["a", "b"])
    table.loc[(table["model"] == "ceiling") & (table["readout"] == "b"), "r2"] = np.nan
    assert not any("ceiling" in word for word in words(plot.explained_svg(table)))
    assert "ceiling 0.59" in words(plot.explained_svg(table, readout="a"))


def test_models_worse_than_the_mean_and_no_ceiling_are_drawn():
    table = baseline_table(["a"]).query("model != 'ceiling'")
    svg = plot.explained_svg(table.assign(r2=-table["r2"]))
    assert "\u22120.43" in words(svg)
    assert not any("ceiling" in word for word in words(svg))


def test_binary_readouts_are_drawn_by_their_auroc_from_one_half_on():
    table = baseline_table(["bound"]).query("model != 'ceiling'")
    ax = plot.explained(table.assign(r2=np.nan, auroc=0.5 + table["r2"]))
    assert ax.get_xlabel() == "auROC (0.5 is guessing), unseen sequences"
    assert "0.93" in [text.get_text() for text in ax.texts]
    assert ax.get_xlim()[0] == 0.5


def test_a_table_without_scores_is_refused():
    table = baseline_table(["a"])
    with pytest.raises(InputError, match=r"`baselines` scores no model"):
        plot.explained(table.assign(r2=np.nan))
    with pytest.raises(InputError, match=r"`readout` is 'z'"):
        plot.explained(table, readout="z")


# ---- by position


def test_the_curve_goes_through_every_bin():
    formula = example_formula(1, 1, positions=Positions("bins", 3, 120))
    table = formula.coefficients.query("motif == 'Nrf1'")
    ax = plot.position_curve(table)
    curve = max(ax.lines, key=lambda line: len(line.get_xdata()))
    assert list(curve.get_xdata()) == [0, 40, 40, 80, 80, 120]
    assert list(curve.get_ydata()) == pytest.approx(np.repeat(table["coefficient"], 2).tolist())


def test_bins_without_intervals_are_drawn_and_several_motifs_refused():
    formula = example_formula(2, 2, positions=Positions("bins", 3, 120))
    table = formula.coefficients.query("kind == 'motif'")
    unknown = table.query("motif == 'Nrf1'").assign(lower=np.nan, upper=np.nan)
    svg = plot.position_curve_svg(unknown)
    assert "nan" not in svg
    assert {"cell 0", "cell 1", "Nrf1"} <= set(words(svg))
    with pytest.raises(InputError, match=r"`table` has rows of 2 motifs; expected those of one"):
        plot.position_curve(table)


# ---- the page of the explorer


def test_the_page_shades_the_chosen_motif_and_fades_what_is_off():
    formula = example_formula(4, 2)
    svg = plot.formula_page_svg(
        formula, readout="cell 1", motif="NFYA", off=["YY2"], r2=(0.5, 0.25)
    )
    shown = words(svg)
    assert {"all terms", "without YY2", "0.500", "0.250", "off", "In each readout"} <= set(shown)
    assert shown.count("off") == 1
    assert blend(PALE, 0.35) in svg


def test_a_chosen_motif_is_drawn_however_weak_it_is():
    formula = example_formula(30, 20)
    shown = words(plot.formula_page_svg(formula, readout="cell 19", motif="motif_28"))
    assert {"motif_28", "cell 19", "In 8 of 20 readouts"} <= set(shown)


def test_a_page_of_an_unknown_motif_is_refused():
    with pytest.raises(InputError, match=r"`motif` is 'MYC'"):
        plot.formula_page_svg(example_formula(2, 1), readout="cell 0", motif="MYC")


def test_the_page_for_print_has_the_same_panels():
    figure = plot.formula_page_figure(example_formula(2, 2), readout="cell 0", motif="Nrf1")
    assert len(figure.axes) == 3  # terms, logo, readouts


def test_no_models_to_compare_with():
    with pytest.raises(InputError, match=r"`baselines` is empty.*FormulaOptions\(baselines=True\)"):
        plot.explained(pd.DataFrame())
