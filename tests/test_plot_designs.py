"""Pictures of designs: what they say is what the tables hold."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.plot.design_page import design_page
from motifbook.plot.design_steps import steps_panel
from motifbook.plot.designs import _panel, readouts_of
from motifbook.plot.panel import Dots, Letters, Line, Shapes, Text
from motifbook.plot.sequence_lines import lines_panel
from motifbook.plot.spans import motif_colors

TABLE = pd.DataFrame(
    {
        "design": ["first", "second", "third"],
        "score_before": [0.0, 0.0, 0.0],
        "score": [3.0, 2.0, 1.0],
        "Dev_before": [1.0, 2.0, 3.0],
        "Dev_after": [6.0, 5.0, 4.5],
        "Dev_spread": [0.5, np.nan, 0.25],
        "Hk_before": [1.0, 1.0, 1.0],
        "Hk_after": [0.5, 2.0, 1.0],
        "Hk_spread": [np.nan] * 3,
    }
)
SEQUENCES = ["AAAAAAAAAA", "AAGATAAAAA", "AAGATATTTA"]


def edits(effects=(2.0, -0.5), words=("GATA added at 2", "letters 6 to 8"), design="first"):
    after = 1.0 + np.cumsum(effects)
    return pd.DataFrame(
        {
            "design": design,
            "step": np.arange(1, len(effects) + 1),
            "edit": list(words),
            "readout": "Dev",
            "before": after - effects,
            "after": after,
            "effect": effects,
            "unit": "readout",
        }
    )


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def dots_of(readout: str) -> list[Dots]:
    return [mark for mark in _panel(TABLE, readout, 40).marks if isinstance(mark, Dots)]


# ---- before and after


def test_dots_stand_at_the_predictions_of_start_and_design():
    before, risen, fallen = dots_of("Dev")
    assert list(before.x) == [1, 2, 3]
    assert list(risen.x) == [6, 5, 4.5]
    assert len(fallen.x) == 0
    _, risen, fallen = dots_of("Hk")
    assert (list(risen.x), list(fallen.x)) == ([2, 1], [0.5])


def test_spread_is_drawn_where_there_is_one():
    lines = [list(m.x) for m in _panel(TABLE, "Dev", 40).marks if isinstance(m, Line)]
    assert lines[3:] == [[5.5, 6.5], [4.25, 4.75]]
    assert "spread between networks" in words(mb.plot.designs_svg(TABLE))
    assert "spread between networks" not in words(mb.plot.designs_svg(TABLE, readout="Hk"))


def test_the_score_is_no_readout():
    assert readouts_of(TABLE) == ["Dev", "Hk"]


def test_the_best_are_drawn_and_the_number_of_all_is_told():
    shown = words(mb.plot.designs_svg(TABLE, n=2))
    assert {"first", "second"} < set(shown)
    assert "third" not in shown
    assert "prediction of Dev, 2 of 3 designs" in shown


def test_the_figure_of_matplotlib_says_the_same():
    ax = mb.plot.designs(TABLE, readout="Hk")
    assert ax.get_xlabel() == "prediction of Hk"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"table": TABLE[["design", "score"]]}, "no columns such as 'activity_before'"),
        ({"table": TABLE[:0]}, "`table` has no rows; expected at least one design"),
        ({"table": TABLE, "readout": "Dv"}, "`readout` is 'Dv'"),
        ({"table": [1]}, "`table` is .*; expected a table"),
    ],
)
def test_what_is_no_table_of_designs_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        mb.plot.designs_svg(**given)


# ---- the way of one design


def test_every_edit_begins_where_the_last_one_ended():
    panel = steps_panel(edits())
    boxes = [mark for mark in panel.marks if isinstance(mark, Shapes)]
    left, right = ([mark.points[0, :, 0] for mark in boxes][i] for i in (1, 2))
    assert left.max() == pytest.approx(right.max())  # up by 2, then down by a half
    widths = [np.ptp(mark.points[0, :, 0]) for mark in boxes]
    assert widths[1] == pytest.approx(4 * widths[2])
    assert boxes[1].color != boxes[2].color


def test_words_and_numbers_of_edits_are_written():
    shown = words(mb.plot.design_steps_svg(edits(), "first"))
    assert {"start", "GATA added at 2", "3.00", "+2.00", "2.50", "\u22120.50"} < set(shown)


def test_long_words_are_wrapped_and_end_with_dots():
    long = edits(words=["GATA1 added at 62, + strand, 9 letters before TAL1 " * 8, "x"])
    shown = [
        w for w in words(mb.plot.design_steps_svg(long, "first")) if "GATA1" in w or "TAL" in w
    ]
    assert len(shown) <= 4
    assert max(map(len, shown)) <= 40
    texts = [mark.words for mark in steps_panel(long).marks if isinstance(mark, Text)]
    assert any(text.endswith("\u2026") for text in texts)


def test_the_current_step_alone_is_shaded():
    def shaded(step):
        marks = steps_panel(edits(), step=step).marks
        return [m for m in marks if isinstance(m, Shapes) and np.ptp(m.points[..., 0]) > 400]

    assert shaded(None) == []
    assert [len(shaded(step)) for step in (0, 1, 2)] == [1, 1, 1]


def test_of_many_edits_those_around_the_step_are_drawn():
    many = edits([1.0] * 40, [f"edit{i}" for i in range(1, 41)])
    shown = words(mb.plot.design_steps_svg(many, "first", step=20))
    assert "edit20" in shown
    assert "edit1" not in shown
    assert "not drawn: 12 edits before, 12 after" in shown


def test_a_logit_is_called_so():
    assert "effect, logit" in words(mb.plot.design_steps_svg(edits().assign(unit="logit"), "first"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((edits().drop(columns="edit"), "first"), "edit"),
        ((edits(), "fist"), "`design` is 'fist'"),
        ((edits(), "first", "Hk"), "`readout` is 'Hk'"),
        ((edits(), "first", None, 3), "`step` is 3"),
    ],
)
def test_what_is_no_way_of_a_design_is_refused(given, said):
    table, design, *more = given
    named = dict(zip(("readout", "step"), more))
    with pytest.raises(InputError, match=said):
        mb.plot.design_steps_svg(table, design, **named)


# ---- the page


def sites(*rows):
    return pd.DataFrame(rows, columns=["step", "start", "end", "strand", "motif"])


FOUND = sites((0, 6, 10, "-", "POLYA"), (1, 2, 6, "+", "GATA"), (1, 6, 10, "-", "POLYA"),
              (2, 2, 6, "+", "GATA"))  # fmt: skip


def test_changed_letters_stand_on_a_shade_with_those_of_the_start_above():
    panel = lines_panel("ACGTACGT", "ACTTACGA")
    shade = next(mark for mark in panel.marks if isinstance(mark, Shapes))
    assert shade.points[..., 0].mean(axis=1).tolist() == [2, 7]
    drawn = [
        (m.letters[code], x) for m in panel.marks if isinstance(m, Letters)
        for code, x in zip(m.codes, m.x)
    ]  # fmt: skip
    assert len(drawn) == 8 + 2
    assert {("G", 2.0), ("T", 7.0), ("T", 2.0), ("A", 7.0)} < set(drawn)


def test_instances_are_new_kept_or_lost():
    at = {
        step: set(words(mb.plot.design_page_svg(SEQUENCES, edits(), step=step, instances=FOUND)))
        for step in range(3)
    }
    assert "POLYA \u2212" in at[0]
    assert {"GATA + new", "POLYA \u2212"} < at[1]
    assert {"GATA + new", "POLYA \u2212 lost"} < at[2]


def test_a_motif_keeps_its_color_whatever_stands_before_it():
    own = FOUND[FOUND["step"].isin([0, 2])]
    kinds = ["GATA", "POLYA"]
    table = own.assign(motif=pd.Categorical(own["motif"], categories=kinds))
    panel = lines_panel(SEQUENCES[0], SEQUENCES[2], instances=table, step=2)
    boxes = [mark for mark in panel.marks if isinstance(mark, Shapes)][1:]
    assert boxes[-1].color != boxes[0].color
    assert motif_colors(kinds)["GATA"] in {box.color for box in boxes}


def test_positions_of_lines_are_told_and_long_sequences_have_longer_lines():
    short = lines_panel("A" * 100, "A" * 100)
    assert [label for _, label in short.yticks] == ["0", "40", "80"]
    long = lines_panel("A" * 300, "A" * 300)
    assert [label for _, label in long.yticks] == ["0", "80", "160", "240"]


def test_an_instance_across_two_lines_is_named_once():
    for start, end in ((36, 50), (35, 45), (30, 41)):
        table = sites((0, start, end, "+", "GATA"))
        shown = words(mb.plot.design_page_svg(["A" * 100], edits()[:0], instances=table))
        assert shown.count("GATA +") == 1


def test_a_logo_is_drawn_in_the_scale_of_the_whole_sequence():
    values = np.zeros((4, 10))
    values[0, 2], values[2, 5] = 2.0, -1.0
    panel = lines_panel("A" * 10, "A" * 10, attribution=values)
    logo = next(m for m in panel.marks if isinstance(m, Letters) and len(m.x) == 2)
    assert logo.height.tolist() == pytest.approx([2 * -logo.height[1], logo.height[1]])


def test_a_page_without_edits_shows_the_start():
    page = design_page(["ACGT"], edits()[:0], title="mine")
    assert page.title == "mine, the start; 0 edits follow"
    assert page.summary == "No edits."


def test_the_page_of_matplotlib_has_the_same_panels():
    figure = mb.plot.design_page_figure(SEQUENCES, edits(), step=1, instances=FOUND, title="first")
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["first, after edit 1 of 2", "What each edit does to Dev"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sequences": "ACGT"}, "`sequences` is 'ACGT'; expected a list"),
        ({"sequences": ["ACGT", "ACG"], "step": 1}, "have 4 and 3 letters; expected as many"),
        ({"step": 7}, "`step` is 7"),
        ({"attribution": np.zeros((4, 3))}, r"`attribution` has shape \(4, 3\)"),
        ({"instances": pd.DataFrame({"step": [0]})}, "start"),
    ],
)
def test_what_does_not_fit_on_a_page_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        mb.plot.design_page_svg(**{"sequences": SEQUENCES, "edits": edits(), **given})
