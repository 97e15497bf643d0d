"""What is said of designs that are not what was asked for."""

from __future__ import annotations

from dataclasses import replace

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


@pytest.mark.parametrize(
    ("kinds", "center", "losses", "is_told"),
    [
        (["continuous"] * 2, [3.0, 0.0], [[2.0, 0.98]], True),
        (["continuous"] * 2, [3.0, 0.0], [[2.0, 0.6]], False),
        (["continuous"] * 2, [3.0, 0.0], [[2.0, 0.98], [0.9, 0.5]], False),
        (["continuous"] * 2, [3.0, 0.0], [[2.0, float("nan")]], False),
        (["continuous"] * 2, [3.0, 0.0], [[2.0, 0.98], [2.0, float("nan")]], False),
        (["binary"] * 2, [0.0, 0.0], [[0.9, 0.69]], True),
        (["binary"] * 2, [0.0, 0.0], [[0.9, 0.5]], False),
        (["binary"] * 2, [-2.0, 0.0], [[0.9, 0.69]], False),  # class weights: no guess to go by
        (["binary", "continuous"], [0.0, 0.0], [[0.9, 0.98]], False),
        (["continuous"] * 2, [3.0, 0.0], [[]], False),
    ],
)
def test_networks_that_predict_nothing_are_told(kinds, center, losses, is_told) -> None:
    models = []
    for rounds in losses:
        model = Linear(some_weights(n_readouts=2))
        looks = [{"validation_loss": loss} for loss in rounds]
        details = {"rounds": looks, "best_round": len(looks) - 1}
        model.record = replace(model.record, kinds=kinds, center=center, details=details)
        models.append(model)
    said = " ".join(mb.design(models, n=1, start=OTHER, constraints=FREE, seed=0).notes)
    assert ("predicted a, b hardly better than a guess in the validation rows" in said) == is_told


def test_a_network_that_learned_noise_says_so() -> None:
    adata = mb.simulate(n=300, length=60, rule="single", seed=0)
    adata.X = np.random.default_rng(0).permutation(adata.X)
    model = mb.CNN(1)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=20))
    options = mb.DesignOptions(n_calls=50)
    said = " ".join(mb.design(model, n=1, seed=0, options=options).notes)
    assert "The network predicted bound hardly better than a guess" in said


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
