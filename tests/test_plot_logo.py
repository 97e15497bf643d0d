"""Logos on Axes and as SVG: what is drawn, what is said to screen readers, what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from motifbook import InputError, Motif, plot
from motifbook.alphabet import PROTEIN, RNA
from motifbook.plot.colors import letter_colors
from motifbook.plot.glyphs import glyph

GATA = Motif("GATA1", 0.88 * np.eye(4)[[2, 0, 3, 0]].T + 0.03)
XLINK = "{http://www.w3.org/1999/xlink}href"


def used(svg: str) -> list[str]:
    """The id of every letter drawn, in order."""
    tree = ElementTree.fromstring(svg)
    return [use.get(XLINK)[1:] for use in tree.iter("{http://www.w3.org/2000/svg}use")]


def test_one_letter_is_drawn_per_height():
    names = used(plot.logo_svg(np.eye(4)[[2, 0, 3, 0]].T))
    assert sorted(names) == sorted(glyph(letter).name for letter in "AAGT")


def test_a_letter_of_two_bits_reaches_the_top():
    svg = plot.logo_svg(Motif("G", np.eye(4)[[2]].T), height=100)
    (_, _, height, _, bottom) = map(
        float, re.search(r"matrix\((\S+) 0 0 (\S+) (\S+) (\S+)\)()", svg).group(1, 1, 2, 3, 4)
    )
    assert bottom + height == pytest.approx(8.0, abs=0.02)  # the upper margin


def test_negative_letters_are_turned_upside_down():
    svg = plot.logo_svg(np.array([[1.0], [-1.0], [0.0], [0.0]]))
    signs = [float(h) < 0 for h in re.findall(r"matrix\(\S+ 0 0 (\S+)", svg)]
    assert signs == [True, False]  # y points downwards in SVG


def test_svg_speaks_to_screen_readers():
    tree = ElementTree.fromstring(plot.logo_svg(GATA))
    assert tree.get("role") == "img"
    assert tree.get("aria-label") == "Logo of GATA1"
    assert tree.findtext("{*}title") == "Logo of GATA1"
    assert "consensus GATA" in tree.findtext("{*}desc")


def test_svg_is_the_same_every_time():
    assert plot.logo_svg(GATA) == plot.logo_svg(GATA)


def test_svg_has_a_white_ground_and_fits_narrow_pages():
    svg = plot.logo_svg(GATA)
    assert 'fill="#ffffff"' in svg
    assert "max-width:100%" in svg


def test_svg_numbers_have_three_digits_at_most():
    coordinates = re.sub(r"<defs>.*</defs>", "", plot.logo_svg(GATA))
    assert not re.search(r"\d\.\d{4,}", coordinates)


def test_names_cannot_break_the_svg():
    tree = ElementTree.fromstring(plot.logo_svg(Motif('<b> & "q"', GATA.ppm)))
    assert tree.get("aria-label") == 'Logo of <b> & "q"'


def test_rna_is_written_with_u():
    motif = Motif("U", np.eye(4)[[3, 3]].T, alphabet=RNA)
    assert set(used(plot.logo_svg(motif))) == {glyph("U").name}


def test_proteins_have_their_letters_and_a_higher_top():
    motif = Motif("W", np.eye(20)[[18]].T, alphabet=PROTEIN)
    assert used(plot.logo_svg(motif)) == [glyph("W").name]
    assert plot.logo(motif).get_ylim()[1] == pytest.approx(np.log2(20))


def test_axes_hold_one_path_per_letter():
    ax = plot.logo(GATA, title="GATA1")
    assert len(ax.patches) == 4
    assert ax.get_ylabel() == "bits"
    assert ax.get_title(loc="left") == "GATA1"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3", "4"]


def test_the_axes_given_are_drawn_on_and_returned():
    ax = Figure().subplots()
    assert plot.logo(GATA, ax=ax) is ax
    assert ax.get_ylim() == (0, 2)


@pytest.mark.parametrize(("kind", "ylim"), [("bits", (0, 2)), ("ppm", (0, 1))])
def test_logos_of_one_kind_share_their_scale(kind, ylim):
    assert plot.logo(GATA, kind=kind).get_ylim() == ylim


def test_log_odds_hang_below_zero():
    assert plot.logo(GATA, kind="pssm").get_ylim()[0] < -2


def test_logomaker_draws_the_same_extent():
    ours, theirs = plot.logo(GATA), plot.logo(GATA, style="logomaker")
    assert theirs.get_ylim() == ours.get_ylim()
    assert theirs.get_xlim() == ours.get_xlim()
    assert len(theirs.patches) == 16


def test_axes_show_themselves_in_a_notebook():
    picture, shown = plot.logo(GATA)._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert 100 < shown["width"] < 300


def test_motifs_show_their_logo_in_a_notebook():
    assert GATA._repr_html_() == plot.logo_svg(GATA)


def test_svg_shows_itself_in_a_notebook_and_is_text_elsewhere():
    svg = plot.logo_svg(GATA)
    assert isinstance(svg, str)
    assert svg._repr_svg_().startswith("<svg")
    assert repr(svg) == "<picture: Logo of GATA1>"


def test_a_gallery_names_every_motif_and_shares_its_letters():
    svg = plot.gallery_svg([GATA, GATA.renamed("other")], columns=1)
    words = [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]
    assert words == [f"{name} · {GATA.bits:.1f} bits" for name in ("GATA1", "other")]
    assert svg.count("<path id=") == 4


def test_a_gallery_takes_one_motif_and_nothing_else_than_motifs():
    assert plot.gallery_svg(GATA) == plot.gallery_svg([GATA])
    plot.gallery(GATA)
    with pytest.raises(InputError, match="`motifs` holds 'C'; expected motifs"):
        plot.gallery("CTCF")


def test_a_gallery_has_rows_of_columns():
    def size(columns):
        tree = ElementTree.fromstring(plot.gallery_svg([GATA] * 6, columns=columns))
        return float(tree.get("width")), float(tree.get("height"))

    (wide, low), (narrow, high) = size(6), size(2)
    assert wide > narrow
    assert low < high


def test_colors_by_name_by_table_and_by_chemistry():
    assert letter_colors("ACGTU")["A"] == "#009E73"
    assert letter_colors("ACGT", "classic")["T"] == "#FF0000"
    assert letter_colors("AC", {"A": "red"}) == {"A": "red", "C": "#767676"}


def test_amino_acids_are_colored_by_chemistry_and_own_letters_apart():
    chemistry = letter_colors("ACDEFGHIKLMNPQRSTVWY")
    assert chemistry["D"] == chemistry["E"] != chemistry["K"] == chemistry["R"]
    assert letter_colors("DEKLSP") == {letter: chemistry[letter] for letter in "DEKLSP"}
    own = letter_colors("ACGTMH")  # with methylated letters
    assert {letter: own[letter] for letter in "ACGT"} == letter_colors("ACGT")
    assert len(set(own.values())) == 6
    assert letter_colors("ACGU")["U"] == letter_colors("ACGT")["T"]
    assert letter_colors(PROTEIN.letters)["K"] == letter_colors(PROTEIN.letters)["R"]


def test_what_cannot_be_drawn_is_explained():
    with pytest.raises(InputError, match=r"`motif` has shape \(7, 4\); .*needs `.T`"):
        plot.logo_svg(np.zeros((7, 4)))
    with pytest.raises(InputError, match=r"`kind` is 'bit'.*Did you mean 'bits'"):
        plot.logo_svg(GATA, kind="bit")
    with pytest.raises(InputError, match=r"`colors` is 'clasic'.*Did you mean 'classic'"):
        plot.logo_svg(GATA, colors="clasic")
    with pytest.raises(InputError, match=r"`style` is 'weblogo'; expected one of"):
        plot.logo(GATA, style="weblogo")
    with pytest.raises(InputError, match=r"`motifs` is empty.*include_unused"):
        plot.gallery_svg([])
    with pytest.raises(InputError, match=r"`captions` has 1 entries for 2 motifs"):
        plot.gallery_svg([GATA, GATA], captions=["a"])


def test_svg_needs_no_pyplot_and_the_import_no_matplotlib():
    program = (
        "import sys, numpy, motifbook.plot; assert 'matplotlib' not in sys.modules; "
        "motifbook.plot.logo_svg(numpy.eye(4)); assert 'matplotlib.pyplot' not in sys.modules; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_no_matrix_or_has_no_position_is_refused():
    with pytest.raises(InputError, match=r"`motif` is 'ACGT', a str; expected a Motif"):
        plot.logo_svg("ACGT")
    with pytest.raises(InputError, match=r"`motif` has no positions"):
        plot.logo_svg(np.zeros((4, 0)))
