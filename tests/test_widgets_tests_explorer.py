"""The explorer of tests without a browser: setting a control runs what a hand would run."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.widgets import TestExplorer


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=300, length=80, rule="additive", seed=0)


@pytest.fixture(scope="module")
def tests(adata):
    return mb.test_motifs(adata, seed=0)


@pytest.fixture
def explorer(tests):
    return TestExplorer(tests)


def drawn_again(explorer, tests):
    scope = {"tests": tests}
    exec(explorer.code(), scope)
    return scope["svg"]


def test_it_opens_with_the_first_motif(explorer, tests):
    first = tests.table.iloc[0]
    assert explorer.summary().startswith(f"{first['motif']} for readout0: kept; p = ")
    assert "0 of 400 draws where nothing is associated are as large" in explorer.summary()
    assert "Naive and not valid: " in explorer.summary()
    assert explorer.last_error is None


def test_slider_box_and_names_are_linked(explorer, tests):
    explorer._number.value = 3
    assert (explorer._typed.value, explorer._motif.label) == (3, tests.table["motif"][2])
    explorer._motif.value = 2
    assert explorer.summary().startswith(tests.table["motif"][1])
    explorer._typed.value = 1
    assert explorer.summary().startswith(tests.table["motif"][0])


def test_a_motif_that_is_not_kept_says_why(explorer, tests):
    own = tests.table[tests.table["readout"] == "readout0"]
    first = own.loc[~own["kept"], "step"].iloc[0]
    explorer._number.value = len(own)
    assert f"not kept: first p above 0.05 was step {first}" in explorer.summary()
    assert f"not kept: first p above 0.05 was step {first}" in explorer.svg()
    assert 'text-decoration="line-through"' in explorer.svg()


def test_another_readout_begins_with_its_first_motif(explorer, tests):
    explorer._number.value = 4
    explorer._readout.value = "readout1"
    own = tests.table[tests.table["readout"] == "readout1"]
    assert explorer._number.value == 1
    assert explorer._number.max == explorer._typed.max == len(own)
    assert explorer.summary().startswith(f"{own['motif'].iloc[0]} for readout1")
    assert explorer.last_error is None


def test_draws_are_made_once_for_a_motif(tests, monkeypatch):
    asked = []
    made = type(tests).null

    def counted(self, row, **given):
        asked.append(row)
        return made(self, row, **given)

    monkeypatch.setattr(type(tests), "null", counted)
    explorer = TestExplorer(tests)
    for number in (2, 1, 2, 1):
        explorer._number.value = number
    assert asked == [0, 1]


def test_code_draws_the_same_picture(explorer, tests):
    explorer._readout.value, explorer._number.value = "readout1", 2
    assert drawn_again(explorer, tests) == explorer.svg()


def test_the_engine_and_its_reason_are_told(explorer, tests):
    why = tests.readouts["why"][0].split(":")[0]
    assert f"maxt: {why}" in explorer.svg()
    assert "<p>Engine maxt: the largest association of any motif" in explorer.details()


def test_motifs_fixed_beforehand_have_words_in_place_of_draws(adata):
    known = [mb.database.motif(name) for name in ("MA0080.7", "MA0489.3", "MA0139.2")]
    tests = mb.test_motifs(adata, known, readout=0, seed=0)
    explorer = TestExplorer(tests)
    assert "the slope of the readout on how well" in explorer.svg()
    assert "draws where nothing" not in explorer.svg()
    assert "line-through" not in explorer.svg()
    assert explorer._readout not in explorer.widget.children[0].children  # there is one readout
    assert drawn_again(explorer, tests) == explorer.svg()


def test_permuted_motifs_fixed_beforehand_have_a_correlation(adata):
    two_values = adata.copy()
    two_values.X = (adata.X > 0).astype("float32")
    tests = mb.test_motifs(two_values, [mb.database.motif("MA0080.7")], readout=0, seed=0)
    assert "the correlation of the readout with how well" in TestExplorer(tests).svg()


@pytest.mark.parametrize("engine", ["conditional", "line", "split", "thin"])
def test_every_engine_is_shown(adata, engine):
    tests = mb.test_motifs(adata, engine=engine, readout=0, seed=0)
    explorer = TestExplorer(tests)
    assert explorer.last_error is None
    assert f"{engine}: " in explorer.svg()
    assert drawn_again(explorer, tests) == explorer.svg()


def test_the_ends_of_the_chains_are_shown_and_its_warning_is_a_sentence():
    adata = mb.simulate(n=60, length=70, rule="additive", seed=0)
    options = mb.TestOptions(k=4, n_steps=1)
    tests = mb.test_motifs(adata, engine="seism", readout=0, options=options, seed=0)
    explorer = TestExplorer(tests)
    assert "99 draws where nothing is associated" in explorer.svg()
    assert "<p>SEISM measures no effects" in explorer.details()


def test_nothing_is_kept_of_noise_and_it_says_so(adata):
    noise = adata.copy()
    noise.X = np.random.default_rng(0).normal(size=noise.shape)
    explorer = TestExplorer(mb.test_motifs(noise, seed=0))
    for readout in ("readout0", "readout1"):
        explorer._readout.value = readout
        assert "was not chosen (q = " in explorer.summary()


def test_a_binary_readout_is_permuted():
    adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    explorer = TestExplorer(mb.test_motifs(adata, seed=0))
    assert "permutation: the readout has 2 distinct values" in explorer.svg()
    assert "readout in random order" in explorer.svg()


def test_figures_are_saved_and_a_picture_stands_where_no_front_end_is(explorer, tmp_path):
    written = explorer.save(tmp_path / "test")
    assert [path.suffix for path in written] == [".svg", ".pdf", ".png"]
    assert all(path.stat().st_size > 1000 for path in written)
    assert explorer._repr_mimebundle_()["image/svg+xml"] == explorer.svg()
    assert explorer._repr_mimebundle_()["text/plain"] == explorer.summary()


def test_every_slider_has_a_box_that_screen_readers_can_name(explorer):
    assert explorer._typed.description == "step"
    assert explorer._motif.description == "motif"
    assert explorer.svg().count('role="img" aria-label="Test of ') == 1


def test_what_holds_no_tests_is_refused(tests):
    with pytest.raises(InputError, match=r"`tests` is .*; expected what `mb.test_motifs"):
        TestExplorer(0.05)
    empty = type(tests)([], tests.options, [])
    with pytest.raises(InputError, match="`tests` holds no motif; expected at least one"):
        TestExplorer(empty)
