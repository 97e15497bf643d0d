"""Pages of the explorers: one pair of motifs, one sequence; what is drawn, what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, Motif, plot
from motifbook.experiment.slice import PARTS
from motifbook.plot.pair_page import pair_page
from motifbook.plot.panel import Letters, Shapes
from motifbook.plot.position_page import position_page

COLUMNS = ["motif_a", "motif_b", "orientation", "gap", "readout"]
COLUMNS += ["effect", "lower", "upper", "n", "unit"]
EFFECTS = pd.DataFrame(
    [
        (a, b, o, gap, "bound", effect + gap, effect - 1.0, effect + 9.0, 30, unit)
        for a, b, o, effect, unit in (
            ("SPI1", "E-box", "++", 1.0, "logit"),
            ("SPI1", "E-box", "+-", 2.0, "logit"),
            ("SPI1", "SPI1", "++", 3.0, "readout"),
        )
        for gap in range(-2, 6)
    ],
    columns=COLUMNS,
)
SYNTAX = SimpleNamespace(
    motifs=[Motif.from_sites("SPI1", ["AGGAAGTG"]), Motif.from_sites("E-box", ["CACGTT"])],
    effects=EFFECTS,
    rules=pd.DataFrame(columns=["motif_a", "motif_b", "gap_min", "gap_max", "readout"]),
)
PLACE = {"orientation": "++", "gap": 4, "start": 20, "readout": "bound"}

VIEW = SimpleNamespace(
    name="peak1",
    sequence="ACGT" * 25,
    motifs=["GATA1", "SPI1"],
    instances=pd.DataFrame(
        [("peak1", 10, 16, "+", "SPI1", 1.0)],
        columns=["sequence", "start", "end", "strand", "motif", "weight"],
    ),
    activation=np.zeros((2, 100)),
)
TABLE = pd.DataFrame(
    {
        "part": PARTS,
        "readout": "bound",
        "prediction": [0.9, 0.3, 0.8, 0.2],
        "lower": [0.9, 0.2, 0.7, 0.1],
        "upper": [0.9, 0.4, 0.9, 0.3],
        "unit": "probability",
    }
)
CUT = {"window": (5, 45), "readout": "bound"}


def words(svg: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def test_both_logos_stand_where_they_are_written():
    ruler = pair_page(SYNTAX, ("SPI1", "E-box"), [0.1, 0.2, 0.3, 0.9], **PLACE).rows[0][0]
    first, second = (mark for mark in ruler.marks if isinstance(mark, Letters))
    assert sorted(first.x) == list(range(20, 28))
    assert sorted(second.x) == list(range(32, 38))


def test_a_motif_on_the_other_strand_is_drawn_from_there():
    turned = PLACE | {"orientation": "+-"}
    ruler = pair_page(SYNTAX, ("SPI1", "E-box"), [0, 0, 0, 1], **turned).rows[0][0]
    second = [mark for mark in ruler.marks if isinstance(mark, Letters)][1]
    read = "".join(second.letters[code] for code in second.codes[np.argsort(second.x)])
    assert read == "AACGTG"
    box = [mark for mark in ruler.marks if isinstance(mark, Shapes)][1]
    assert box.points[0, 2, 0] == 31.5  # the tip is on the left


def test_motifs_that_overlap_stand_above_each_other():
    over = PLACE | {"gap": -2}
    ruler = pair_page(SYNTAX, ("SPI1", "E-box"), [0, 0, 0, 1], **over).rows[0][0]
    first, second = (mark for mark in ruler.marks if isinstance(mark, Letters))
    assert second.base.min() > (first.base + first.height).max()


def test_predictions_are_named_and_written_beside_their_bars():
    shown = words(plot.pair_svg(SYNTAX, ("SPI1", "E-box"), [0.11, 0.22, 0.33, 0.94], **PLACE))
    assert {"neither", "SPI1 alone", "E-box alone", "both"} <= set(shown)
    assert {"0.11", "0.22", "0.33", "0.94", "predicted probability", "4 letters"} <= set(shown)


def test_continuous_readouts_are_no_probabilities():
    shown = words(plot.pair_svg(SYNTAX, ("SPI1", "SPI1"), [-2.5, 0, 0, 3], **PLACE))
    assert "prediction" in shown
    assert "−2.50" in shown


def test_the_mirror_image_of_a_pair_is_drawn_in_the_order_asked_for():
    page = pair_page(SYNTAX, ("E-box", "SPI1"), [0, 0, 0, 1], **PLACE | {"orientation": "+-"})
    assert page.title == "E-box and SPI1"
    shown = words(plot.pair_svg(SYNTAX, ("E-box", "SPI1"), [0, 0, 0, 1], **PLACE))
    assert "-- (← ←)" in shown  # SPI1 then E-box on ++
    assert "++ (→ →)" not in shown


def test_a_pair_that_was_not_measured_is_refused():
    with pytest.raises(InputError, match=r"`pair` is 'REST'; expected one of 'SPI1', 'E-box'"):
        plot.pair_svg(SYNTAX, ("SPI1", "REST"), [0, 0, 0, 1], **PLACE)
    with pytest.raises(InputError, match=r"The pair 'E-box' and 'E-box' was not measured"):
        plot.pair_svg(SYNTAX, ("E-box", "E-box"), [0, 0, 0, 1], **PLACE)
    with pytest.raises(InputError, match=r"`predictions` has shape \(3,\); expected \(4,\)"):
        plot.pair_svg(SYNTAX, ("SPI1", "E-box"), [0, 0, 1], **PLACE)


def test_a_sequence_is_shown_whole_and_its_window_enlarged():
    page = position_page(VIEW, TABLE, **CUT)
    whole, enlarged, activations, bars = (row[0] for row in page.rows)
    assert whole.x == (-0.5, 99.5)
    assert enlarged.x == activations.x == (4.5, 44.5)
    assert [label for _, label in bars.yticks] == list(PARTS)
    shown = words(plot.position_svg(VIEW, TABLE, **CUT))
    assert {"0.90", "0.30", "0.80", "0.20", "Positions 5 to 44"} <= set(shown)


def test_motifs_have_one_color_on_the_whole_page():
    whole, enlarged = (row[0] for row in position_page(VIEW, TABLE, **CUT).rows[:2])
    boxes = [m for p in (whole, enlarged) for m in p.marks if isinstance(m, Shapes)]
    spi = {mark.color for mark in boxes if mark.points.shape[1] == 5}
    assert len(spi) == 1


def test_an_attribution_is_a_logo_of_the_window():
    attribution = np.zeros((4, 100))
    attribution[2, [7, 9, 60]] = 2.0, -1.0, 2.0
    page = position_page(VIEW, TABLE, attribution=attribution, **CUT)
    logo = next(mark for mark in page.rows[1][0].marks if isinstance(mark, Letters))
    assert logo.x.tolist() == [7, 9]
    assert logo.height[0] == pytest.approx(-2 * logo.height[1])
    with pytest.raises(InputError, match=r"`attribution` has shape \(4, 99\); expected \(4, 100\)"):
        position_page(VIEW, TABLE, attribution=attribution[:, 1:], **CUT)


def test_the_measured_value_is_a_line():
    assert "measured 0.75" in words(plot.position_svg(VIEW, TABLE, measured=0.75, **CUT))


def test_parts_of_another_readout_and_windows_outside_are_refused():
    with pytest.raises(InputError, match=r"`readout` is 'atac'; expected one of 'bound'"):
        plot.position_svg(VIEW, TABLE, window=(5, 45), readout="atac")
    with pytest.raises(InputError, match=r"`window` is \(5, 101\); expected .* 0 to 100"):
        plot.position_svg(VIEW, TABLE, window=(5, 101), readout="bound")


@pytest.mark.parametrize(
    ("draw", "arguments", "settings"),
    [
        (plot.pair_svg, (SYNTAX, ("SPI1", "E-box"), [0.1, 0.2, 0.3, 0.9]), PLACE),
        (plot.position_svg, (VIEW, TABLE), CUT),
    ],
    ids=["pair", "position"],
)
def test_pages_come_as_svg_and_as_figures(draw, arguments, settings):
    tree = ElementTree.fromstring(draw(*arguments, **settings))
    assert tree.get("role") == "img"
    assert tree.get("aria-label")
    figure = getattr(plot, draw.__name__.replace("_svg", "_figure"))(*arguments, **settings)
    assert len(figure.axes) == len(tree.findall("{*}g"))
