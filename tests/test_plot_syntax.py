"""What pairs add by distance: which pairs are drawn, where rules are shaded, what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from motifbook import InputError, plot
from motifbook.plot.panel import Dots, Line, Shapes
from motifbook.plot.syntax import spacing_panel

COLUMNS = ["motif_a", "motif_b", "orientation", "gap", "readout"]
COLUMNS += ["effect", "lower", "upper", "n", "unit"]
RULES = ["motif_a", "motif_b", "gap_min", "gap_max", "readout"]


def curve(a: str, b: str, height: float, *, orientation: str = "++", readout: str = "bound"):
    """Nothing but for gaps 6 to 10."""
    effects = [height * (6 <= gap <= 10) for gap in range(21)]
    rows = [
        (a, b, orientation, g, readout, e, e - 0.1, e + 0.2, 30, "logit")
        for g, e in enumerate(effects)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


EFFECTS = pd.concat(
    [curve("A", "B", 1.0), curve("A", "C", 3.0), curve("A", "B", 0.5, orientation="+-")],
    ignore_index=True,
)


def titles(values, **settings) -> list[str]:
    tree = ElementTree.fromstring(plot.syntax_svg(values, **settings))
    texts = [text for text in tree.findall(".//{*}text") if text.get("font-size") == "13"]
    return [text.text for text in texts]


def syntax_of(rules: list[tuple], effects=EFFECTS) -> SimpleNamespace:
    return SimpleNamespace(effects=effects, rules=pd.DataFrame(rules, columns=RULES))


def test_a_table_is_drawn_pair_by_pair_strongest_first():
    assert titles(EFFECTS) == ["A – C", "A – B"]


def test_of_a_syntax_only_the_pairs_of_its_rules_are_drawn():
    assert titles(syntax_of([("A", "B", 6, 10, "bound")])) == ["A – B"]
    assert titles(syntax_of([("B", "A", 6, 10, "bound")])) == ["A – B"]
    assert titles(syntax_of([])) == ["A – C", "A – B"]


def test_both_orders_are_two_panels_where_both_were_measured():
    effects = pd.concat([curve("A", "B", 1.0), curve("B", "A", 2.0)], ignore_index=True)
    assert titles(effects) == ["B – A", "A – B"]
    assert titles(syntax_of([("A", "B", 6, 10, "bound")], effects)) == ["A – B"]


def test_one_pair_is_named_in_either_order():
    assert titles(EFFECTS, pair=("A", "B")) == titles(EFFECTS, pair=("B", "A")) == ["A – B"]
    with pytest.raises(InputError, match=r"`pair` is \('A', 'Z'\); expected one of \('A', 'C'\)"):
        plot.syntax(EFFECTS, pair=("A", "Z"))


def test_a_readout_is_chosen_by_name():
    both = pd.concat([EFFECTS, curve("A", "B", 5.0, readout="atac")], ignore_index=True)
    assert titles(both, readout="atac") == ["A – B (atac)"]
    with pytest.raises(InputError, match=r"`readout` is 'dnase'; expected one of 'bound', 'atac'"):
        plot.syntax(both, readout="dnase")


def test_each_orientation_has_its_line_and_its_interval():
    ax = plot.syntax(EFFECTS, pair=("A", "B"))
    curves = [line for line in ax.lines if len(line.get_xdata()) == 21]
    assert [line.get_ydata()[8] for line in curves] == [1.0, 0.5]
    ribbons = [patch for patch in ax.patches if patch.get_alpha() < 1]
    assert [r.get_path().get_extents().y1 for r in ribbons] == pytest.approx([1.2, 0.7])
    assert ax.get_ylabel() == "beyond both alone (logit)"
    assert ax.get_xlabel() == "letters between the motifs"


def shaded(rules: list[tuple]) -> np.ndarray:
    panel = spacing_panel(EFFECTS.head(21), pd.DataFrame(rules, columns=RULES))
    solid = [m for m in panel.marks if isinstance(m, Shapes) and m.opacity == 1]
    return np.array([[m.points[..., 0].min(), m.points[..., 0].max()] for m in solid])


def test_the_distances_of_a_rule_are_shaded():
    assert shaded([("A", "B", 6, 10, "bound")]).tolist() == [[5.5, 10.5]]
    assert shaded([("A", "B", 6, np.nan, "bound")]).tolist() == [[5.5, 20.5]]
    assert len(shaded([])) == 0


def test_a_chosen_distance_gets_a_dot_with_its_interval():
    panel = spacing_panel(EFFECTS.head(21), pd.DataFrame(columns=RULES), at=("++", 8))
    dot = next(mark for mark in panel.marks if isinstance(mark, Dots))
    assert (list(dot.x), list(dot.y)) == ([8], [1.0])
    bar = panel.marks[panel.marks.index(dot) - 1]
    assert isinstance(bar, Line)
    assert list(bar.y) == pytest.approx([0.9, 1.2])
    absent = spacing_panel(EFFECTS.head(21), pd.DataFrame(columns=RULES), at=("--", 8))
    assert not [mark for mark in absent.marks if isinstance(mark, Dots)]


def test_one_ax_takes_one_pair():
    ax = Figure().subplots()
    assert plot.syntax(EFFECTS, pair=("A", "C"), ax=ax) is ax
    with pytest.raises(InputError, match=r"`ax` is one, the pairs are 2; .*`pair=\(motif_a"):
        plot.syntax(EFFECTS, ax=ax)
    assert len(plot.syntax(EFFECTS).get_figure().axes) == 2


def test_a_table_without_effects_is_refused():
    with pytest.raises(InputError, match=r"The table of effects has no column 'gap'"):
        plot.syntax(EFFECTS.drop(columns="gap"))
    with pytest.raises(InputError, match=r"`syntax` has no effects"):
        plot.syntax(EFFECTS.head(0))


def test_something_else_is_refused():
    with pytest.raises(InputError, match=r"`syntax` is None; expected `mb.read_syntax"):
        plot.syntax(None)
    with pytest.raises(InputError, match=r"`pair` is 'A'; expected one of"):
        plot.syntax(EFFECTS, pair="A")
