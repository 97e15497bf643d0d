"""Exercises answer with a sentence; what was found is compared with what was planted."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import Motif
from motifbook.exercises import check, planted, recovery, start_codons
from motifbook.exercises.answers import EXERCISES

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("number", EXERCISES)
def test_each_exercise_takes_its_answers_and_no_other(number):
    asked = EXERCISES[number]
    for answer in asked.right:
        assert check(number, answer).is_right
        assert repr(check(number, str(answer))) == f"Right. {asked.because}"
    for answer in ("nonsense", -7, None, [], 0.123):
        verdict = check(number, answer)
        assert not verdict.is_right
        assert verdict.sentence == f"{answer!r} is not it yet. {asked.hint}"


def test_a_notebook_shows_the_sentence_whatever_was_typed():
    assert check("00.1", "<b>")._repr_html_().startswith("<p>&#x27;&lt;b&gt;&#x27; is not it yet.")


def test_words_are_taken_in_any_case_and_numbers_as_text():
    assert check("00.1", " gatt ").is_right
    assert check("03.1", "10.0").is_right
    assert check("00.3", "No.").is_right


def test_a_number_may_stand_among_words():
    assert check("04.1", "readout1").is_right
    assert check("09.2", "89 mm").is_right
    assert check("02.2", "about .5").is_right
    assert not check("03.1", "6 to 10").is_right
    assert not check("03.1", None).is_right


def test_a_decimal_comma_is_no_stack_trace():
    assert check("02.2", "0,5").is_right
    assert repr(check("02.2", 0, 5)).endswith("0,5 are two: write 0.5.")


def test_dots_are_not_an_answer():
    assert repr(check("00.2")).startswith("Not answered yet: replace the dots. How many")


def test_an_exercise_that_is_not_there_is_refused():
    with pytest.raises(mb.InputError, match=r"`exercise` is '00.9'; expected one of '00.1'"):
        check("00.9", "GATT")


def test_the_notebooks_ask_every_exercise_once():
    asked = []
    for path in NOTEBOOKS:
        sources = "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
        asked += re.findall(r'exercises\.check\("([\d.]+)", \.\.\.\)', sources)
    assert asked == list(EXERCISES)


def test_recovery_names_the_most_similar_motif():
    adata = mb.simulate(n=20, seed=0)
    spi1, tal1, _ = planted(adata)
    blurred = mb.Motif("blurred", 0.5 * tal1.ppm + 0.125)
    table = recovery([blurred, spi1.reverse_complement().renamed("turned")], adata)
    assert table["planted"].tolist() == ["SPI1", "TAL1::TCF3", "GATA1"]
    assert table["found_as"].tolist()[:2] == ["turned", "blurred"]
    np.testing.assert_allclose(table["similarity"][:2], [1, 0.5])
    assert table["found"].tolist() == [True, False, False]


def test_nothing_found_recovers_nothing():
    table = recovery([], mb.simulate(n=20, rule="single", seed=0))
    assert table.iloc[0].tolist() == ["SPI1", "", 0.0, False]


def test_real_data_have_no_known_truth(tmp_path):
    (tmp_path / "peaks.fa").write_text(">a\nACGT\n")
    with pytest.raises(mb.InputError, match=r"no known truth; expected data of mb\.simulate"):
        planted(mb.read_fasta(tmp_path / "peaks.fa"))


def test_coefficients_are_compared_with_what_was_planted():
    adata = mb.simulate(n=20, length=80, rule="additive", seed=0)
    found = [mb.exercises.planted(adata)[0].renamed("first"), Motif.from_sites("x", ["ACGTACGT"])]
    rows = [
        ("readout0", "motif", "first", 1.9, 1.8, 2.1),
        ("readout0", "motif", "x", 0.5, 0.4, 0.6),
    ]
    columns = ["readout", "kind", "motif", "coefficient", "lower", "upper"]
    table = pd.DataFrame([*rows, ("readout0", "covariate", "", 1, 0, 2)], columns=columns)
    told = mb.exercises.worth(SimpleNamespace(motifs=found, coefficients=table), adata)
    assert told["planted"].tolist() == ["SPI1", ""]
    assert told["truth"].tolist() == [2.0, 0.0]
    assert told["covered"].tolist() == [True, False]


def test_start_codons_know_the_frame_of_the_gene():
    utrs = mb.simulate(n=2, length=40, rule="single", seed=0)
    utrs.obs["sequence"] = ["CCCATGCCCATC", "CCATGCATGCCC"]
    found = start_codons(utrs)
    assert found["start"].tolist() == [3, 2, 6]
    assert found["end"].tolist() == [6, 5, 9]
    assert found["motif"].tolist() == ["in frame", "out of frame", "in frame"]
