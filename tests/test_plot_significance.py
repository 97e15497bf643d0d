"""Figures of tests: motifs with their p-values, the null distribution, the self-check, the page."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from motifbook import InputError, Motif, plot
from motifbook.plot.colors import BLUE, GRAY, VERMILLION, WHITE
from motifbook.plot.null_distribution import null_panel
from motifbook.plot.p_values import log_of, p_words
from motifbook.plot.panel import Shapes
from motifbook.plot.tested_rows import verdict

WORDS = ["GACTCA", "AGGAAG", "CCGCAA"]


@dataclass
class Tests:
    """As `mb.test_motifs` returns, by hand."""

    __test__ = False

    table: pd.DataFrame
    readouts: pd.DataFrame
    options: SimpleNamespace

    def finding(self, row):
        word = WORDS[row % len(WORDS)]
        this = self.table.iloc[row]
        return SimpleNamespace(
            motif=Motif.from_sites(word, [word]),
            tested=SimpleNamespace(log_p=this["log_p"]),
            naive_log_p=log_of(this["naive_p_value"]),
        )


def made(p_values, *, step=True, n_readouts=1, **columns):
    """Tests with these p-values, the same for each readout; kept up to the first above .05."""
    p_values = np.asarray(p_values, float)
    n = len(p_values)
    of_one = pd.DataFrame(
        {
            "step": np.arange(1, n + 1) if step else 0,
            "motif": [WORDS[i % 3] for i in range(n)],
            "cluster": np.arange(n),
            "n_sequences": 30,
            "effect": np.linspace(2, -1, n),
            "lower": np.linspace(2, -1, n) - 0.5,
            "upper": np.linspace(2, -1, n) + 0.5,
            "effect_of": [WORDS[i % 3] for i in range(n)],
            "log_p": np.log(p_values),
            "fwer_p_value": np.maximum.accumulate(p_values),
            "q_value": np.maximum.accumulate(p_values),
            "kept": np.maximum.accumulate(p_values) <= 0.05,
            "naive_p_value": p_values / 1000,
            "engine": "maxt",
            "n_draws": 500,
            "ess": 321.0,
            "acceptance": 0.5,
        }
        | columns
    )
    names = [f"cell {c}" for c in range(n_readouts)]
    readouts = pd.DataFrame({"readout": names, "q_value": 0.001, "why": "ranks are normal"})
    table = pd.concat([of_one.assign(readout=name) for name in names], ignore_index=True)
    options = SimpleNamespace(control="fwer", alpha=0.05, fdr=0.1, level=0.9)
    return Tests(table, readouts, options)


def texts(svg):
    return [found for found in ElementTree.fromstring(svg).iter() if found.tag[-4:] == "text"]


def words(svg):
    return [found.text for found in texts(svg)]


def struck(svg):
    return [t.text for t in texts(svg) if t.get("text-decoration") == "line-through"]


def labels(ax):
    return [label.get_text().strip() for label in ax.get_yticklabels()]


def dots(ax):
    """Place and color of each dot, whatever lies upon it."""
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    return [(float(line.get_xdata()[0]), to_hex(line.get_color())) for line in marked]


# ---- p-values in words


def test_no_p_value_is_zero():
    assert p_words(-1e5) == "< 1e-300"
    assert p_words(-np.inf) == "< 1e-300"
    assert p_words(np.log(9.96e-12)) == "1.0e-11"
    assert p_words(np.log(0.0479)) == "0.048"
    assert p_words(np.nan) == "unknown"


# ---- motifs


def test_every_motif_is_a_row_with_effect_interval_and_p_values():
    svg = plot.tests_svg(made([1e-31, 0.01, 0.3]))
    assert {"1.0e-31", "0.01", "0.3", "+2.00 (+1.50 to +2.50)"} <= set(words(svg))
    assert struck(svg) == ["1.0e-34", "1.0e-5", "3.0e-4"]
    assert {"naive: as if not chosen; not valid", "naive"} <= set(words(svg))
    assert svg.count("<use ") == 18  # logos
    ax = plot.tests(made([1e-31, 0.01, 0.3]))
    assert labels(ax) == ["1 GACTCA", "2 AGGAAG", "3 CCGCAA"]
    assert ax.get_xlabel() == "effect (readout units), with 90 % interval"


def test_what_is_kept_differs_in_color_and_in_shape():
    effects = dots(plot.tests(made([0.01, 0.3])))
    assert [color for x, color in effects if x == 2] == [BLUE.lower()]
    assert [color for x, color in effects if x == -1] == [GRAY, WHITE]  # open


def test_a_p_value_too_small_for_a_computer_is_shown_as_a_bound():
    tests = made([0.01], log_p=[-5000.0], naive_p_value=[0.0])
    assert words(plot.tests_svg(tests)).count("< 1e-300") == 2
    assert struck(plot.tests_svg(tests)) == ["< 1e-300"]


def test_motifs_tested_one_by_one_have_no_naive_p_value_but_holms():
    tests = made([0.01, 0.02], step=False, naive_p_value=np.nan, fwer_p_value=[0.02, 0.021])
    svg = plot.tests_svg(tests)
    assert struck(svg) == []
    assert {"Holm's", "0.021"} <= set(words(svg))
    assert labels(plot.tests(tests)) == ["GACTCA", "AGGAAG"]


def test_intervals_without_end_get_an_arrow_and_do_not_stretch_the_axis():
    bounds = {"lower": [-np.inf, -1e6, 0.1], "upper": [3.0, np.inf, 0.2]}
    ax = plot.tests(made([0.01, 0.02, 0.03], effect=[2.0, 1.0, 0.15], **bounds))
    assert ax.get_xticks().min() > -10
    assert ax.get_xticks().max() < 10
    arrows = [line for line in ax.lines if len(line.get_xdata()) == 3]
    tips = [(line.get_xdata()[1], np.sign(np.diff(line.get_xdata())[0])) for line in arrows]
    assert [sign for _, sign in tips] == [-1, -1, 1]
    assert "\u2212\u221e to +3.00" in plot.tests_svg(made([0.01], effect=2, lower=-np.inf, upper=3))


def test_effects_that_were_not_measured_leave_p_values_and_what_is_kept():
    tests = made([0.01, 0.3], effect=np.nan, lower=np.nan, upper=np.nan)
    svg = plot.tests_svg(tests)
    assert "nan" not in svg
    assert words(svg).count("not measured") == 2
    assert {"0.01", "0.3", "kept"} <= set(words(svg))
    assert plot.tests(tests).get_xlabel() == ""
    half = made([0.01, 0.3], lower=np.nan, upper=np.nan)
    assert "+2.00" in words(plot.tests_svg(half))


def test_of_many_motifs_those_kept_and_the_smallest_p_values_are_drawn():
    p_values = np.r_[0.04, np.linspace(1e-6, 0.5, 60)]
    kept = np.arange(61) == 60
    ax = plot.tests(made(p_values, kept=kept))
    assert len(labels(ax)) == 40
    assert labels(ax)[-1].startswith("61 ")
    assert ax.get_title(loc="left").startswith("cell 0: 40 of 61 motifs")


@pytest.mark.parametrize("n_readouts", [2, 154])
def test_several_readouts_stand_below_each_other(n_readouts):
    tests = made([1e-9, 0.3], n_readouts=n_readouts)
    shown = words(plot.tests_svg(tests))
    assert {"cell 0", "cell 1"} <= set(shown)
    assert len(labels(plot.tests(tests))) == min(2 * n_readouts, 40)
    assert labels(plot.tests(tests, readout="cell 1")) == ["1 GACTCA", "2 AGGAAG"]


def test_long_names_are_shortened_and_an_empty_table_is_said():
    tests = made([0.01], motif=["a name with many partners::and more of them"])
    assert labels(plot.tests(tests)) == ["1 a name with\u2026more of them"]
    assert "No motif was tested." in words(plot.tests_svg(tests.table.head(0)))


def test_the_table_alone_is_drawn_without_logos():
    tests = made([0.01, 0.3])
    svg = plot.tests_svg(tests.table)
    assert "<use " not in svg
    assert "0.01" in words(svg)


def test_what_are_no_tests_is_refused():
    with pytest.raises(InputError, match=r"`tests` is .*; expected what `mb.test_motifs"):
        plot.tests([1, 2])
    with pytest.raises(InputError, match="has no column 'log_p'"):
        plot.tests(made([0.01]).table.drop(columns="log_p"))
    with pytest.raises(InputError, match="`readout` is 'cell 9'"):
        plot.tests(made([0.01]), readout="cell 9")


# ---- why a motif is not kept


def test_the_verdict_names_the_step_that_ended_the_selection():
    tests = made([0.001, 0.2, 0.01])
    said = [verdict(tests, row) for row in range(3)]
    assert said == ["kept", *["not kept: first p above 0.05 was step 2"] * 2]
    tests.options.control = "fdr"
    assert verdict(tests, 2) == (
        "not kept: at a false discovery rate of 0.1 steps are kept up to 1"
    )
    fixed = made([0.2], step=False)
    assert verdict(fixed, 0) == "not kept: Holm's p = 0.2, above 0.05"


def test_the_verdict_counts_the_readouts():
    tests = made([0.2, 0.3], n_readouts=4)
    tests.readouts["q_value"] = [0.01, 0.02, 0.4, 0.4]
    assert verdict(tests, 0) == "not kept: first p above 0.025 was step 1"
    assert verdict(tests, 4) == (
        "not kept: among 4 readouts this one was not chosen (q = 0.4, above 0.1)"
    )


# ---- the null distribution


def sample(values, observed):
    return SimpleNamespace(values=np.asarray(values, float), observed=observed, what="correlation")


def bars(panel):
    """Draws in blue bars and in orange ones."""
    [drawn] = [mark for mark in panel.marks if isinstance(mark, Shapes)]
    heights = drawn.points[:, 2, 1]
    is_orange = np.array(drawn.color) == VERMILLION
    return heights[~is_orange].sum(), heights[is_orange].sum()


def test_draws_beyond_the_data_are_orange():
    values = np.random.default_rng(0).normal(size=400)
    panel = null_panel(sample(values, 1.0))
    assert bars(panel) == ((values < 1).sum(), (values >= 1).sum())
    assert bars(null_panel(sample(values, 20.0)))[1] == 0
    assert bars(null_panel(sample(values, -20.0)))[0] == 0


@pytest.mark.parametrize("observed", [0.9, -0.9])
def test_data_far_from_all_draws_stand_past_a_break(observed):
    values = np.linspace(0.01, 0.03, 50)
    panel = null_panel(sample(values, observed))
    assert panel.x[1] - panel.x[0] < 0.05  # the draws are not squeezed
    assert f"{observed:g}".replace("-", "\u2212") in [label for _, label in panel.xticks]
    near = null_panel(sample(values, 0.04))
    assert near.x[1] > 0.04


def test_the_naive_p_value_is_struck_through():
    finding = made([0.01]).finding(0)
    svg = plot.null_distribution_svg(sample([0.1, 0.2], 0.3), finding)
    assert {"the data: 0.3", "p = 0.01"} <= set(words(svg))
    assert struck(svg) == ["naive p = 1.0e-5"]
    finding.naive_log_p = np.nan
    assert struck(plot.null_distribution_svg(sample([0.1, 0.2], 0.3), finding)) == []


def test_no_draws_one_draw_and_equal_draws_are_drawn():
    for values in ([], [0.1], [0.1, 0.1]):
        svg = plot.null_distribution_svg(sample(values, 0.3))
        assert "nan" not in svg
    assert "no draw where nothing is associated was accepted" in words(
        plot.null_distribution_svg(sample([], 0.3))
    )
    ax = plot.null_distribution(sample([0.1, 0.2], 0.15))
    assert ax.get_xlabel() == "correlation"
    with pytest.raises(InputError, match=r"`sample` is .*; expected such as `tests.null\(0\)`"):
        plot.null_distribution([0.1])


# ---- the self-check


class Check:
    """As `tests.qq()` returns, with a sentence."""

    readout, engine = "cell 0", "maxt"

    def __init__(self, p_values):
        self.p_values = np.asarray(p_values, float)

    def __str__(self):
        return "The sentence."


def colors_of(ax):
    return {
        to_hex(line.get_color()): len(line.get_xdata())
        for line in ax.lines
        if line.get_marker() == "o"
    }


def test_uniform_p_values_lie_in_the_band_and_small_ones_are_orange():
    n = 100
    even = (np.arange(n) + 0.5) / n
    assert colors_of(plot.qq(Check(even))) == {BLUE.lower(): n, VERMILLION.lower(): 0}
    assert colors_of(plot.qq(Check(even**5)))[VERMILLION.lower()] > 90
    assert colors_of(plot.qq(Check(even**0.2)))[VERMILLION.lower()] == 0  # careful, not wrong


def test_a_dot_is_at_its_rank_and_the_verdict_is_written():
    ax = plot.qq(Check([0.5, 0.1]))
    [placed] = [
        line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()) == 2
    ]
    np.testing.assert_allclose(placed.get_xdata(), -np.log10([0.25, 0.75]))
    np.testing.assert_allclose(placed.get_ydata(), [1, -np.log10(0.5)])
    assert "The sentence." in words(plot.qq_svg(Check([0.5, 0.1])))


def test_a_p_value_of_zero_is_drawn_and_others_are_refused():
    assert "nan" not in plot.qq_svg(Check([0.0, 0.0, 1.0]))
    with pytest.raises(InputError, match=r"holds 2 values from 0\.5 to 2; expected"):
        plot.qq(Check([2, 0.5]))
    with pytest.raises(InputError, match="holds 0 values; expected at least one"):
        plot.qq(Check([]))
    with pytest.raises(InputError, match=r"`check` is .*; expected such as `tests.qq\(\)`"):
        plot.qq(0.5)


# ---- the page


def test_the_page_says_what_became_of_the_motif():
    tests = made([1e-9, 0.2, 0.3], cluster=[0, 1, 0])
    svg = plot.tests_page_svg(tests, 2, sample([0.1, 0.2], 0.15))
    assert {
        "not kept: first p above 0.05 was step 2",
        "3 of 3, given GACTCA, AGGAAG; same motif as step 1",
        "500, worth 321 independent ones, 50% accepted",
        "maxt: ranks are normal",
        "\u22121.00 (\u22121.50 to \u22120.500) readout units, 90 % interval",
    } <= set(words(svg))
    assert struck(svg)[-2:] == ["3.0e-4", "naive p = 3.0e-4"]
    assert len(plot.tests_page_figure(tests, 2, sample([0.1, 0.2], 0.15)).axes) == 4


def test_without_draws_the_statistic_is_told_in_words():
    tests = made([0.01], step=False, naive_p_value=np.nan, n_draws=0)
    svg = plot.tests_page_svg(tests, 0, statistic="slope over its standard error")
    said = {"slope over its standard error", "none: these values did not choose it"}
    assert said <= set(words(svg))
    assert "draws where" not in svg


def test_the_chains_of_a_walk_are_shown_where_they_are_known():
    tests = made([0.01])
    finding = tests.finding(0)
    finding.trace = np.random.default_rng(0).random((5, 20))
    tests.finding = lambda row: finding
    svg = plot.tests_page_svg(tests, 0, sample([0.1, 0.2], 0.15))
    assert "8 of 20 chains" in words(svg)


def test_a_row_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"`row` is 5; expected"):
        plot.tests_page_svg(made([0.01]), 5)
