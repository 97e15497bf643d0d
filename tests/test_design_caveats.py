"""What is said of designs that are not what was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from design_problems import FREE, Linear, some_weights

import motifbook as mb
from motifbook.design.designs import Designs

MODEL = Linear(some_weights())
BEST = "".join("ACGT"[code] for code in some_weights()[0].argmax(axis=0))
OTHER = "ACGT" * 5


def notes(model: Linear = MODEL, **asked: object) -> str:
    how = {"n": 1, "start": OTHER, "constraints": FREE, "seed": 0, **asked}
    return " ".join(mb.design(model, **how).notes)


def test_a_design_that_is_its_start_is_told() -> None:
    assert "design_1 is its start: no edit gained enough." in notes(start=BEST)
    strict = mb.Constraints(**{**vars(FREE), "avoid": [BEST[:6]], "n_edits": 1})
    assert "design_1 is its start, mended: no edit" in notes(start=BEST, constraints=strict)
    assert notes() == ""


def test_fewer_than_asked_are_told() -> None:
    assert "1 of 3 designs: other searches ended too near to these." in notes(n=3, start=BEST)


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ({"a": "max", "b": "min"}, "b should be low and rose in 1 of 1 designs"),
        ({"a": "min", "b": "max"}, "b should be high and fell in 1 of 1 designs"),
        ({"a": "max", "b": "max"}, ""),
        ({"a": "max", "b": 0.0}, ""),
        ("max", ""),
    ],
)
def test_a_readout_that_is_outweighed_is_told(goal: object, words: str) -> None:
    weights = np.zeros((2, 4, 20))
    weights[:, 2] = [[3.0], [1.0]]  # a G is worth three of a, and one of b
    start = "AG" * 10
    said = notes(Linear(weights), goal=goal, start=start)
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_designs_are_shown_in_few_words_with_their_notes() -> None:
    designs = mb.design(MODEL, n=1, start=BEST, constraints=FREE, seed=0)
    first, second = repr(designs).split("\n")
    assert first == "Designs(1 design, a as high as possible)"
    assert second == designs.notes[0]


def test_help_of_a_method_tells_its_parameters() -> None:
    assert "n_shuffles\n" in str(Designs.controls.__doc__)
    assert "percentile:" in str(Designs.outlook.__doc__)


def test_goals_are_told_in_words() -> None:
    designs = mb.design(
        MODEL, lambda outputs: outputs[:, 0], n=1, start=OTHER, constraints=FREE, seed=0
    )
    assert designs.goal.words == "a function of the readouts as high as possible"
    with pytest.raises(mb.InputError, match="`goal` is 'A'; expected one of 'a'"):
        mb.design(MODEL, {"A": "max"}, start=OTHER)


def test_flanks_that_stand_there_already_are_told() -> None:
    def asked(*flanks: str) -> mb.Constraints:
        return mb.Constraints(**{**vars(FREE), "flanks": flanks})

    assert "hold the left one of `flanks` already" in notes(constraints=asked("ACGTAC", "TT"))
    assert "hold the right one of `flanks` already" in notes(constraints=asked("TT", "ACGT"))
    assert notes(constraints=asked("TT", "TT")) == ""
