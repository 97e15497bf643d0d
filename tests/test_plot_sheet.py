"""Sheets: their size, their letters, and that all of it can be read."""

from __future__ import annotations

import itertools
import re

import matplotlib
import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula

from motifbook import InputError, Motif, plot
from motifbook.plot.journals import JOURNALS

RNG = np.random.default_rng(0)
GATA = Motif("GATA1", 0.88 * np.eye(4)[[2, 0, 3, 0, 1, 1, 2, 3, 0, 0]].T + 0.03)
SEQUENCES = ["".join("ACGT"[code] for code in RNG.integers(0, 4, 80)) for _ in range(3)]
INSTANCES = pd.DataFrame(
    {
        **{"sequence": ["0", "1", "1"], "start": [10, 5, 50], "end": [20, 15, 62]},
        **{"strand": ["+", "-", "+"], "motif": ["GATA1", "GATA1", "SPI1"]},
    }
)
TRUTH = np.tile([0.0, 1.0], 50)
EFFECTS = pd.DataFrame(
    {
        **{"motif": ["GATA1", "GATA1", "SPI1", "SPI1"], "readout": ["K562", "HepG2"] * 2},
        **{"effect": [0.5, -0.2, 1.5, 0.1], "lower": [0.2, -0.4, 1.1, -0.2]},
        **{"upper": [0.8, 0.0, 1.9, 0.4], "unit": "readout"},
    }
)
STRENGTH = np.zeros((3, 71))
STRENGTH[0, 10], STRENGTH[2, 40] = 1.0, 0.8
EDITS = pd.DataFrame(
    {
        **{"design": "design_1", "step": [1, 2], "edit": ["makes GATA1", "takes SPI1 away"]},
        **{"readout": "K562", "before": [0.1, 1.2], "after": [1.2, 2.0]},
        **{"effect": [1.1, 0.8], "unit": "readout"},
    }
)
GENES = pd.DataFrame(
    [("chr1", s, s + 150, "+", "exon", f"GENE{s}", f"T{s}") for s in range(0, 2000, 200)],
    columns=["chrom", "start", "end", "strand", "kind", "gene", "transcript"],
)
FIGURES = {
    "logo": lambda ax: plot.logo(GATA, ax=ax, title="GATA1"),
    "gallery": lambda ax: plot.gallery([GATA] * 8, ax=ax),
    "attribution": lambda ax: plot.attribution(
        {"by hand": RNG.normal(size=(4, 80)), "another": RNG.normal(size=(4, 80))}, ax=ax
    ),
    "instances": lambda ax: plot.instances(
        INSTANCES, sequences=SEQUENCES, names=["0", "1", "2"], ax=ax
    ),
    "tracks": lambda ax: plot.tracks(STRENGTH, width=10, strand=np.sign(STRENGTH), ax=ax),
    "formula": lambda ax: plot.formula(example_formula(4, 2), ax=ax),
    "coefficients": lambda ax: plot.coefficients(example_formula(4, 6), ax=ax),
    "effects": lambda ax: plot.effects(EFFECTS, ax=ax),
    "roc": lambda ax: plot.roc(TRUTH, {"a": TRUTH + 1, "b": RNG.normal(size=100)}, ax=ax),
    "agreement": lambda ax: plot.agreement(RNG.normal(size=50), RNG.normal(size=50), ax=ax),
    "design steps": lambda ax: plot.design_steps(EDITS, "design_1", ax=ax),
    "genes": lambda ax: plot.genes(GENES, ax=ax),
    "region": lambda ax: plot.region(
        "chr1:0-2000", genes=GENES, signals={"ATAC": np.arange(2000.0)}, ax=ax
    ),
}


def sizes(figure):
    """Points of all words that are seen."""
    figure.draw_without_rendering()
    words = figure.findobj(matplotlib.text.Text)
    return [one.get_fontsize() for one in words if one.get_text().strip()]


def test_journals_that_ask_for_no_width_are_told_what_to_take():
    with pytest.raises(InputError, match=r'`journal` is \'elife\'; .*"wide".* eLife asks for none'):
        plot.sheet("AB", journal="elife")
    assert plot.sheet("AB", journal="wide", width=140).figure.get_size_inches()[0] * 25.4 == 140


@pytest.mark.parametrize(
    ("journal", "columns"), [("nature", 1), ("cell", 2), ("science", 3), ("bmc", 2)]
)
def test_a_sheet_has_the_width_of_the_journal(journal, columns):
    sheet = plot.sheet("AB", journal=journal, columns=columns, height=70)
    millimeters = sheet.figure.get_size_inches() * 25.4
    assert millimeters == pytest.approx([JOURNALS[journal].widths[columns - 1], 70])


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_can_be_read_across_a_page(name):
    sheet = plot.sheet("A", height=100)
    FIGURES[name](sheet["A"])
    assert sheet.check() == []
    assert 5 <= min(sizes(sheet.figure)) <= max(sizes(sheet.figure)) <= 8


@pytest.mark.parametrize("name", ["logo", "gallery", "attribution", "effects", "roc", "genes"])
def test_these_figures_can_be_read_in_half_a_page(name):
    sheet = plot.sheet("AB", height=60)
    FIGURES[name](sheet["A"])
    FIGURES[name](sheet["B"])
    assert sheet.check() == []


def test_panels_get_letters_in_reading_order():
    letters = ["".join(t.get_text() for t in drawn("AB\nCC", j).texts) for j in ("nature", "cell")]
    assert letters == ["abc", "ABC"]


def drawn(layout, journal="nature"):
    sheet = plot.sheet(layout, journal=journal)
    sheet.figure.draw_without_rendering()
    return sheet.figure


def test_panels_do_not_overlap_and_stay_on_the_sheet():
    sheet = plot.sheet("AB\nAC\nDD", height=180)
    for name, figure in zip("ABCD", ("gallery", "roc", "effects", "formula")):
        FIGURES[figure](sheet[name])
    sheet.figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in sheet.panels.values()]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    page = sheet.figure.bbox
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 + 1 and b.y0 >= page.y0 for b in boxes)


def test_rows_and_columns_take_their_shares():
    sheet = plot.sheet("AB", widths=[3, 1])
    sheet.figure.draw_without_rendering()
    wide, narrow = (sheet[name].get_position().width for name in "AB")
    assert wide > 2.5 * narrow


def test_axes_in_a_row_stand_on_one_line():
    sheet = plot.sheet("AB")
    FIGURES["roc"](sheet["A"])
    FIGURES["logo"](sheet["B"])
    sheet.figure.draw_without_rendering()
    assert sheet["A"].get_position().y0 == pytest.approx(sheet["B"].get_position().y0)


def test_a_figure_without_room_is_told_with_what_would_be_enough():
    sheet = plot.sheet("ABC", height=30)
    plot.formula(example_formula(12, 1), ax=sheet["B"])
    (sentence,) = sheet.check()
    assert sentence.startswith("Panel B: ")
    width, height = map(float, re.search(r"room: (\d+) x (\d+) mm are enough", sentence).groups())
    larger = plot.sheet("A", width=width + 8, height=height + 8)  # margins around the one panel
    plot.formula(example_formula(12, 1), ax=larger["A"])
    assert larger.check() == []


def test_saving_what_cannot_be_read_warns(tmp_path):
    sheet = plot.sheet("ABC", height=30)
    plot.formula(example_formula(12, 1), ax=sheet["B"])
    with pytest.warns(UserWarning, match=r"Panel B: .*Give it more room"):
        plot.save(sheet, tmp_path / "a.png", dpi=50)


def test_a_notebook_shows_the_sheet_and_names_it():
    sheet = plot.sheet("AB", height=50)
    picture, size = sheet._repr_png_()
    assert int.from_bytes(picture[16:20], "big") == int(183 / 25.4 * 200)
    assert size == {"width": round(183 / 25.4 * 120)}
    assert repr(sheet) == "<sheet: A, B; 183 x 50 mm>"


def test_names_of_files_say_the_format_and_the_same_sheet_gives_the_same_file(tmp_path):
    for suffix in ("svg", "pdf", "png"):
        contents = []
        for number in range(2):
            sheet = plot.sheet("AB", columns=1, height=40)
            FIGURES["logo"](sheet["A"])
            FIGURES["effects"](sheet["B"])
            path = plot.save(sheet, tmp_path / f"{number}.{suffix}")
            contents.append(path.read_bytes())
        assert contents[0] == contents[1]


def test_files_have_the_exact_size_and_words_that_can_be_edited(tmp_path):
    sheet = plot.sheet("A", columns=1, height=40)
    FIGURES["logo"](sheet["A"])
    svg = plot.save(sheet, tmp_path / "a.svg").read_text()
    assert f'width="{89 / 25.4 * 72:.6f}pt" height="{40 / 25.4 * 72:.6f}pt"' in svg
    assert ">GATA1</text>" in svg
    pdf = plot.save(sheet, tmp_path / "a.pdf").read_bytes()
    assert b"/Type /Font" in pdf
    assert b"/FontFile2" in pdf  # TrueType, so letters remain letters
    png = plot.save(sheet, tmp_path / "a.png", dpi=600).read_bytes()
    assert int.from_bytes(png[16:20], "big") == int(89 / 25.4 * 600)


def test_settings_of_matplotlib_stay_as_they_were(tmp_path):
    before = dict(matplotlib.rcParams)
    sheet = plot.sheet("A")
    FIGURES["effects"](sheet["A"])
    plot.save(sheet, tmp_path / "a.pdf")
    assert dict(matplotlib.rcParams) == before


def test_drawing_twice_changes_nothing(tmp_path):
    sheet = plot.sheet("AB")
    FIGURES["effects"](sheet["A"])
    FIGURES["tracks"](sheet["B"])
    first = plot.save(sheet, tmp_path / "1.svg").read_text()
    assert first == plot.save(sheet, tmp_path / "2.svg").read_text()


def test_what_users_draw_themselves_gets_letters_of_the_same_size():
    sheet = plot.sheet("A")
    sheet["A"].plot([1, 2], [3, 4])
    sheet["A"].set(xlabel="time", ylabel="weight", title="mine")
    assert set(sizes(sheet.figure)) == {7.0, 8.0}
    assert sheet.check() == []


def test_spaces_between_the_letters_of_a_layout_are_no_panels():
    assert list(plot.sheet("A B\n  C C").panels) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("AB\nBA", r"panel 'A' in places that make no rectangle"),
        ("AB\nC", r"expected rows of equal length"),
        ("", r"expected rows of equal length"),
        ("..", r"`layout` has 0 panels"),
        (7, r"`layout` is 7; expected rows"),
    ],
)
def test_layouts_that_are_none_are_refused(layout, words):
    with pytest.raises(InputError, match=words):
        plot.sheet(layout)


def test_journals_panels_and_pages_that_are_not_there_are_refused():
    with pytest.raises(InputError, match=r"`journal` is 'natur'; .*Did you mean 'nature'"):
        plot.sheet("A", journal="natur")
    with pytest.raises(InputError, match=r"`columns` is 3; expected a whole number, 1 to 2"):
        plot.sheet("A", columns=3)
    with pytest.raises(InputError, match=r"`height` is 300; expected millimeters between 10 and"):
        plot.sheet("A", height=300)
    with pytest.raises(InputError, match=r"`widths` has shape \(3,\); expected \(2,\)"):
        plot.sheet("AB", widths=[1, 2, 3])
    with pytest.raises(InputError, match=r"`name` is 'Z'; expected one of 'A', 'B'"):
        plot.sheet("AB")["Z"]
