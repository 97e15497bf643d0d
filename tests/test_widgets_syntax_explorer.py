"""The syntax explorer without a browser: setting a control runs what a hand would run."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from controls import number_boxes

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.train.fit import FitOptions
from motifbook.widgets import SyntaxExplorer

LENGTH = 80
RULES = ["motif_a", "motif_b", "orientation", "gap_min", "gap_max", "readout", "sentence"]


@pytest.fixture(scope="module")
def model():
    adata = mb.simulate(n=300, length=LENGTH, rule="single", seed=0)
    network = mb.MotifSyntaxNet(n_readouts=1, n_filters=6, width=12)
    mb.fit(network, adata, seed=0, progress=False, options=FitOptions(n_steps=30))
    return network


@pytest.fixture(scope="module")
def background():
    return mb.backgrounds(mb.simulate(n=20, length=LENGTH, rule="single", seed=1), n=6, seed=0)


@pytest.fixture(scope="module")
def syntax(model, background):
    motifs = [Motif.from_sites("SPI1", ["AGGAAGTG"]), Motif.from_sites("E-box", ["CACGTT"])]
    pairs = [(0, 0), (0, 1)]
    effects = [mb.space(model, motifs[a], motifs[b], background, gaps=range(9)) for a, b in pairs]
    rules = [("SPI1", "E-box", "\u00b1+", 4, 6, "bound", "SPI1 then E-box <together>")]
    return SimpleNamespace(
        motifs=motifs,
        effects=pd.concat(effects, ignore_index=True),
        rules=pd.DataFrame(rules, columns=RULES),
    )


@pytest.fixture
def explorer(model, syntax, background):
    return SyntaxExplorer(model, syntax, background=background)


def test_it_opens_with_the_strongest_rule(explorer):
    assert explorer.summary().startswith("SPI1 then E-box, strands ++, 5 letters between:")
    assert explorer.details() == "<p>Rule: SPI1 then E-box &lt;together&gt;</p>"
    explorer._second.value = "SPI1"
    assert explorer.details() == "<p>No rule was found for this pair.</p>"
    assert explorer.last_error is None


def test_without_rules_it_opens_with_the_largest_effect(model, syntax, background):
    bare = SimpleNamespace(**vars(syntax) | {"rules": syntax.rules.head(0)})
    row = syntax.effects.iloc[syntax.effects["effect"].abs().argmax()]
    summary = SyntaxExplorer(model, bare, background=background).summary()
    assert summary.startswith(
        f"{row.motif_a} then {row.motif_b}, strands {row.orientation}, {row.gap} letters between:"
    )


def test_predictions_are_those_of_sequences_with_the_motifs_written_in(explorer, model, background):
    start = explorer._place.value
    both = background.copy()
    both[:, start : start + 8] = [0, 2, 2, 0, 0, 2, 3, 2]
    one = both.copy()
    both[:, start + 13 : start + 19] = [1, 0, 1, 2, 3, 3]
    adata = mb.simulate(n=len(background), length=LENGTH, rule="single", seed=0)
    means = []
    for letters in (background, one, both):
        adata.obsm["letters"] = letters
        means.append(float(mb.predict(model, adata).mean()))
    neither, first, _, together = explorer._predictions()
    assert [neither, first, together] == pytest.approx(means, rel=1e-5)


def test_letters_that_a_motif_leaves_open_are_those_of_the_background(explorer):
    explorer._gap.value = 3
    explorer._orientation.value = "-+"
    first, second, both = explorer._words_written()
    assert first.rstrip("N") == "CACTTCCT"
    assert second.lstrip("N") == "CACGTT"
    assert both == "CACTTCCT" + "NNN" + "CACGTT"


def test_where_motifs_overlap_the_second_covers_the_first(explorer):
    explorer._gap.min = -3
    explorer._gap.value = -2
    assert explorer._words_written()[2] == "AGGAAG" + "CACGTT"


def test_a_step_of_the_gap_draws_another_picture(explorer):
    before = explorer._picture.value
    explorer._gap.value = 2
    assert explorer._picture.value != before
    assert explorer._picture.value == explorer.svg()
    assert ", 2 letters between:" in explorer._words.value
    assert ">2 letters</text>" in explorer.svg()


def test_the_order_of_a_pair_can_be_turned(explorer, syntax):
    told = syntax.effects.query("motif_b == 'E-box' and orientation == '+-' and gap == 2")
    explorer._first.value, explorer._second.value = "E-box", "SPI1"
    explorer._orientation.value, explorer._gap.value = "+-", 2  # its own mirror image
    assert f"beyond both alone {told['effect'].item():+.2f} (" in explorer.summary()


def test_the_pair_always_lies_within_the_sequence(explorer):
    explorer._place.value = explorer._place.max
    explorer._gap.value = explorer._gap.max
    assert explorer._place.max == LENGTH - 8 - 6 - 8
    assert explorer.last_error is None
    explorer._second.value = "SPI1"
    assert explorer._place.max == LENGTH - 8 - 8 - 8
    assert explorer.last_error is None


def test_code_draws_the_same_picture(explorer, model, syntax, background):
    explorer._gap.value, explorer._orientation.value, explorer._place.value = 2, "--", 11
    scope = {"model": model, "syntax": syntax, "background": background}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_code_makes_random_backgrounds_again(model, syntax):
    explorer = SyntaxExplorer(model, syntax)
    scope = {"model": model, "syntax": syntax}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()
    assert "Mean of 32 random sequences." in explorer.summary()


def test_each_slider_has_a_box_that_moves_with_it(explorer):
    boxes = number_boxes(explorer)
    boxes["gap"].value = 7
    assert explorer._gap.value == 7
    boxes["place"].value = 3
    assert explorer._place.value == 3


def test_an_error_is_said_and_the_last_picture_stays(explorer, syntax):
    before = explorer._picture.value
    explorer._syntax = SimpleNamespace(**vars(syntax) | {"effects": syntax.effects.head(0)})
    explorer._gap.value = 1
    assert explorer._picture.value == before
    assert isinstance(explorer.last_error, InputError)
    assert explorer._status.value.startswith("<div>`readout` is &#x27;bound&#x27;;")


def test_saving_writes_three_files(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg, pdf, png = explorer.save()
    assert svg.name == "SPI1_E_box_gap5.svg"
    assert svg.read_text() == explorer.svg()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_a_syntax_without_pairs_is_refused(model, syntax):
    empty = SimpleNamespace(**vars(syntax) | {"effects": syntax.effects.head(0)})
    with pytest.raises(InputError, match=r"`syntax` holds no pairs"):
        SyntaxExplorer(model, empty)
    other = SimpleNamespace(**vars(syntax) | {"effects": syntax.effects.assign(readout="atac")})
    with pytest.raises(InputError, match=r"`syntax` is about 'atac', the network predicts"):
        SyntaxExplorer(model, other)
    with pytest.raises(InputError, match=r"`syntax` is None; expected `mb.read_syntax"):
        SyntaxExplorer(model, None)


def test_several_readouts_have_a_dropdown():
    adata = mb.simulate(n=200, length=LENGTH, rule="multi", seed=0)
    model = mb.MotifSyntaxNet(n_readouts=2, n_filters=4, width=12)
    mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=10))
    motif = Motif.from_sites("SPI1", ["AGGAAGTG"])
    effects = mb.space(model, motif, motif, mb.backgrounds(adata, n=4, seed=0), gaps=range(3))
    syntax = SimpleNamespace(
        motifs=[motif], effects=effects, rules=pd.DataFrame(columns=RULES, dtype=object)
    )
    explorer = SyntaxExplorer(model, syntax)
    names = list(adata.var_names)
    assert explorer._readout in explorer.widget.children[0].children
    shown = []
    for name in names:
        explorer._readout.value = name
        assert f"Prediction: {name}<" in explorer.svg()
        shown.append(explorer._predictions())
    assert not np.allclose(*shown)
