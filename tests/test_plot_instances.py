"""Motif instances along sequences, and around a variant: what is drawn, where, what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from motifbook import InputError, plot
from motifbook.plot.colors import BLUE, GREEN, INK, VERMILLION
from motifbook.plot.instances import instances_panel
from motifbook.plot.panel import Letters, Line, Shapes
from motifbook.plot.spans import Entry, key_lines, motif_colors

COLUMNS = ["sequence", "start", "end", "strand", "motif", "weight"]
TABLE = pd.DataFrame(
    [
        ("one", 2, 8, "+", "GATA1", 2.0),
        ("one", 10, 20, "-", "SPI1", -1.0),
        ("two", 4, 10, "+", "GATA1", 1.0),
        ("elsewhere", 0, 6, "+", "GATA1", 9.0),
    ],
    columns=COLUMNS,
)
SEQUENCES, NAMES = ["ACGT" * 10, "TTTT" * 8], ["one", "two"]
REFERENCE = "CCCCCCCCCCAGATAAGCCCCCCCCCCCCCCCCCCCCCCCCC"


def drawn(mark_type: type, panel) -> list:
    return [mark for mark in panel.marks if isinstance(mark, mark_type)]


def words(svg: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def panel_of(table=TABLE, **settings):
    return instances_panel(table, sequences=SEQUENCES, names=NAMES, **settings)


def test_each_instance_is_a_box_over_its_letters_that_points_along_its_strand():
    boxes = {shape.color: shape.points[0] for shape in drawn(Shapes, panel_of(TABLE.head(2)))}
    gata, spi = boxes[BLUE], boxes[VERMILLION]
    assert (gata[:, 0].min(), gata[:, 0].max()) == (1.5, 7.5)
    assert (spi[:, 0].min(), spi[:, 0].max()) == (9.5, 19.5)
    assert gata[2, 0] == 7.5  # the tip
    assert spi[2, 0] == 9.5


def test_height_is_the_size_of_the_weight_and_negative_ones_hang():
    strong, negative, weak = (shape.points[0] for shape in drawn(Shapes, panel_of()))
    heights = [np.ptp(points[:, 1]) for points in (strong, negative, weak)]
    assert heights[0] > heights[1] == pytest.approx(heights[2])
    assert strong[:, 1].min() > negative[:, 1].max()


def test_a_box_keeps_its_height_when_a_window_leaves_out_stronger_ones():
    whole = drawn(Shapes, panel_of(TABLE.drop(index=1)))
    cut = drawn(Shapes, panel_of(TABLE.drop(index=1), window=(8, 30)))
    assert np.ptp(cut[0].points[0][:, 1]) == pytest.approx(np.ptp(whole[1].points[0][:, 1]))


def test_without_weights_all_boxes_are_equally_high():
    shapes = drawn(Shapes, panel_of(TABLE.drop(columns="weight")))
    heights = {round(float(np.ptp(shape.points[0][:, 1])), 9) for shape in shapes}
    assert len(heights) == 1


def test_instances_of_other_sequences_and_outside_the_window_are_left_out():
    assert len(drawn(Shapes, panel_of())) == 3
    assert len(drawn(Shapes, panel_of(window=(9, 30)))) == 2


def test_rows_are_numbers_where_sequences_have_no_names():
    svg = plot.instances_svg(TABLE.assign(sequence=1), sequences=SEQUENCES)
    assert {"0", "1", "GATA1", "SPI1"} <= set(words(svg))


def test_letters_are_shown_where_they_can_be_read_and_colored_in_instances():
    svg = plot.instances_svg(TABLE, sequences=SEQUENCES, names=NAMES)
    assert svg.count("<use") == 40 + 32
    colored = ElementTree.fromstring(svg).findall(f".//{{*}}g[@fill='{GREEN}']/{{*}}use")
    assert len(colored) == len([i for i in (*range(2, 8), *range(10, 20)) if i % 4 == 0])
    long = plot.instances_svg(TABLE, sequences=["ACGT" * 30] * 2, names=NAMES)
    assert long.count("<use") == 0


def test_planted_sites_are_outlines():
    sites = TABLE.iloc[[0]]
    outlines = [line for line in drawn(Line, panel_of(sites=sites)) if line.color == INK]
    assert len(outlines) == 1
    assert (min(outlines[0].x), max(outlines[0].x)) == (1.5, 7.5)
    svg = plot.instances_svg(TABLE, sequences=SEQUENCES, names=NAMES, sites=sites)
    assert "planted site" in words(svg)


def test_a_missing_column_and_a_window_outside_are_refused():
    with pytest.raises(InputError, match=r"`instances` has no column 'motif'"):
        panel_of(TABLE.drop(columns="motif"))
    with pytest.raises(InputError, match=r"`sites` has no column 'strand'"):
        panel_of(sites=TABLE.drop(columns="strand"))
    with pytest.raises(InputError, match=r"`window` is \(0, 90\); expected .* 0 to 40"):
        panel_of(window=(0, 90))
    with pytest.raises(InputError, match=r"`window` is 5; expected \(first, end\)"):
        panel_of(window=5)
    with pytest.raises(InputError, match=r"`instances` is None; expected a table"):
        plot.instances(None, sequences=SEQUENCES)
    with pytest.raises(InputError, match=r"`sequences` is \[1, 2\]; expected their letters"):
        plot.instances(TABLE, sequences=[1, 2])


def test_many_motifs_get_a_color_each_and_a_key_of_several_lines():
    names = [f"motif_{i}" for i in range(14)]
    assert len(set(motif_colors(names).values())) == 14
    lines = key_lines([Entry(name, BLUE) for name in names])
    assert [entry.words for line in lines for entry in line] == names
    assert len(lines) == 3


def variant_words(alternative: str, before, after) -> list[str]:
    table = {name: pd.DataFrame(rows, columns=COLUMNS[1:5]) for name, rows in (before, after)}
    return words(plot.variants_svg(REFERENCE, alternative, **table))


def test_a_variant_names_what_it_destroys_and_creates_and_keeps_the_rest_quiet():
    alternative = REFERENCE[:12] + "C" + REFERENCE[13:]
    kept = (20, 28, "+", "SPI1")
    before = ("before", [(10, 16, "+", "GATA1"), kept])
    after = ("after", [(9, 17, "-", "REST"), kept])
    shown = variant_words(alternative, before, after)
    assert {"GATA1 destroyed", "REST created", "SPI1"} <= set(shown)
    assert shown.count("SPI1") == 2


def test_instances_behind_a_deletion_are_the_same_ones():
    alternative = REFERENCE[:12] + REFERENCE[15:]
    shown = variant_words(
        alternative, ("before", [(20, 28, "+", "SPI1")]), ("after", [(17, 25, "+", "SPI1")])
    )
    assert shown.count("SPI1") == 2


@pytest.mark.parametrize(
    ("alternative", "n_changed"),
    [
        (REFERENCE[:12] + "C" + REFERENCE[13:], 1),
        (REFERENCE[:12] + REFERENCE[15:], 3),
        (REFERENCE[:12] + "GGGGG" + REFERENCE[12:], 5),
        ("T" + REFERENCE[1:-1] + "T", 2),
    ],
    ids=["substitution", "deletion", "insertion", "two ends"],
)
def test_changed_letters_stand_on_a_ground_of_their_own(alternative, n_changed):
    ax = plot.variants(REFERENCE, alternative)
    assert len(ax.patches[0].get_path().to_polygons()) == n_changed


def test_letters_of_both_sequences_are_drawn_once_each():
    alternative = REFERENCE[:12] + REFERENCE[15:]
    svg = plot.variants_svg(REFERENCE, alternative, window=(0, len(REFERENCE)))
    assert svg.count("<use") == len(REFERENCE) + len(alternative)


def test_a_variant_needs_a_difference_and_instances_of_both():
    with pytest.raises(InputError, match=r"`reference` is \['A'\]; expected the letters of one"):
        plot.variants(["A"], ["C"])
    with pytest.raises(InputError, match=r"`alternative` is the same as `reference`"):
        plot.variants("ACGT", "acgt")
    with pytest.raises(InputError, match=r"`after` is None; expected the instances of both"):
        plot.variants("ACGT", "ACGA", before=TABLE)


@pytest.mark.parametrize(
    ("draw", "arguments", "settings"),
    [
        (plot.instances, [TABLE], {"sequences": SEQUENCES, "names": NAMES}),
        (plot.variants, ["ACGTACGT", "ACGAACGT"], {"title": "rs1"}),
    ],
    ids=["instances", "variants"],
)
def test_figures_come_on_axes_and_as_svg(draw, arguments, settings):
    ax = Figure().subplots()
    assert draw(*arguments, **settings, ax=ax) is ax
    tree = ElementTree.fromstring(getattr(plot, f"{draw.__name__}_svg")(*arguments, **settings))
    assert tree.get("role") == "img"
    assert tree.get("aria-label")
    assert drawn(Letters, panel_of())
