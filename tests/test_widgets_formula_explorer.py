"""The formula explorer without a browser: setting a control runs what a hand would run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from controls import controls_in
from formula_example import example_formula, without_intervals

from motifbook import InputError
from motifbook.formula.positions import Positions
from motifbook.widgets import FormulaExplorer


@pytest.fixture
def formula():
    return example_formula(4, 2, pairs=((0, 1),))


@pytest.fixture
def explorer(formula):
    return FormulaExplorer(formula)


def test_it_opens_with_the_strongest_motif_and_all_terms(explorer, formula):
    whole = formula.r2_without("cell 0")
    assert explorer.summary() == (
        "Nrf1: one site adds +1.00 (+0.80 to +1.20, q = 0.001); in readout units. "
        f"All terms explain {whole:.3f} of the variance of cell 0."
    )
    assert explorer.last_error is None


def test_a_term_switched_off_shows_what_is_lost_without_it(explorer, formula):
    before = explorer._picture.value
    explorer._switches["GABPA"].value = False
    lost = formula.r2_without("cell 0", ["GABPA"])
    assert f"without GABPA {lost:.3f} (others fitted anew)" in explorer.summary()
    assert explorer._picture.value != before
    assert f">{lost:.3f}</text>" in explorer.svg()
    explorer._refits.value = False
    kept = formula.r2_without("cell 0", ["GABPA"], refit=False)
    assert f"without GABPA {kept:.3f} (others as they are)" in explorer.summary()


def test_interactions_and_covariates_can_be_switched_off_and_all_on_again(explorer, formula):
    for name in ("Nrf1 x GABPA", "GC"):
        explorer._switches[name].value = False
    lost = formula.r2_without("cell 0", ["Nrf1 x GABPA", "GC"])
    assert f"without Nrf1 x GABPA, GC {lost:.3f}" in explorer.summary()
    explorer._all_on(None)
    assert "without" not in explorer.summary()


def test_another_readout_and_motif(explorer):
    explorer._readout.value, explorer._motif.value = "cell 1", "YY2"
    assert explorer.summary().startswith("YY2: one site adds -0.22")
    assert "variance of cell 1" in explorer.summary()
    assert "<pre>cell 1 =\n    0.500\n  + 0.550 x Nrf1\n" in explorer.details()
    assert "the formula explains 0.43 of the variance" in explorer.details()


def test_a_position_is_chosen_where_the_formula_tells_them_apart(formula):
    explorer = FormulaExplorer(example_formula(2, 1, positions=Positions("bins", 2, 120)))
    assert "at 0-60; " in explorer.summary()
    explorer._position.value = "60-120"
    assert "at 60-120; in" in explorer.summary()
    assert "By position" in explorer.svg()
    assert FormulaExplorer(formula)._position not in explorer.widget.children[0].children


def test_a_smooth_formula_shows_its_curve():
    formula = example_formula(2, 2, positions=Positions("smooth", 6, 60))
    explorer = FormulaExplorer(formula)
    explorer._readout.value = "cell 1"
    curve = formula.weights[:6, 1] @ formula.terms.positions.weights()
    assert explorer.summary().startswith(
        f"Nrf1: one site adds {curve.min():+.2f} (at letter {curve.argmin() + 1}) "
        f"to {curve.max():+.2f} (at letter {curve.argmax() + 1})."
    )
    scope = {"formula": formula}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_code_draws_the_same_picture(explorer, formula):
    explorer._switches["NFYA"].value = False
    explorer._readout.value, explorer._motif.value = "cell 1", "NFYA"
    explorer._refits.value = False
    scope = {"formula": formula}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_a_formula_read_from_a_file_is_shown_without_boxes(formula):
    explorer = FormulaExplorer(replace(formula, held_out=None))
    assert "no sequences to try terms on" in explorer.summary()
    assert explorer._switches["NFYA"] not in controls_in(explorer.widget)
    scope = {"formula": formula}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_many_terms_one_readout_and_no_intervals_are_shown():
    explorer = FormulaExplorer(without_intervals(example_formula(60, 1)))
    assert len(explorer._switches) == 40
    assert explorer.summary().startswith("Nrf1: one site adds +1.00; in readout units.")
    assert "nan" not in explorer.svg()


def test_an_error_is_said_and_the_last_picture_stays(explorer):
    before = explorer._picture.value
    held_out = replace(explorer._formula.held_out, columns=np.zeros((2, 2)))
    explorer._formula = replace(explorer._formula, held_out=held_out)
    explorer._switches["NFYA"].value = False
    assert explorer._picture.value == before
    assert explorer.last_error is not None
    assert explorer._status.value.startswith("<div>IndexError")


def test_saving_writes_three_files(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg, pdf, png = explorer.save()
    assert svg.name == "formula_cell_0_Nrf1.svg"
    assert svg.read_text() == explorer.svg()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_what_is_no_formula_or_holds_no_motif_is_refused():
    with pytest.raises(InputError, match=r"`formula` is None; expected what `mb.fit_formula"):
        FormulaExplorer(None)
    with pytest.raises(InputError, match=r"`formula` holds no motif; .*`formula.selection`"):
        FormulaExplorer(example_formula(0, 1))
