"""Gradient design of relaxed sequences, here and by Ledidi."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook import InputError
from motifbook.design.constraints import Constraints
from motifbook.design.ledidi import ledidi
from motifbook.design.problem import final
from motifbook.design.relax import relax

WEIGHTS, STARTS = some_weights(), random_letters(4)
BEST = WEIGHTS[0].argmax(axis=0)
GAINS = WEIGHTS[0].max(axis=0) - WEIGHTS[0][STARTS, np.arange(20)]


@pytest.mark.parametrize("method", [relax, ledidi])
def test_it_reaches_the_best_sequence(method):
    with posed(Linear(WEIGHTS), STARTS, n_steps=100) as problem:
        assert (final(method(problem)) == BEST).all()


def test_a_letter_has_a_price():
    with posed(Linear(WEIGHTS), STARTS, least_gain=1.05) as problem:
        assert (final(relax(problem)) == np.where(GAINS > 1.05, BEST, STARTS)).all()


def test_few_edits_are_nearly_the_best_ones():
    few = Constraints(**{**vars(FREE), "n_edits": 3})
    with posed(Linear(WEIGHTS), STARTS, constraints=few) as problem:
        made = problem.scorer.scores(final(relax(problem))) - problem.scorer.scores(STARTS)
        assert (made > 0.8 * np.sort(GAINS, axis=1)[:, -3:].sum(axis=1)).all()


@pytest.mark.parametrize("method", [relax, ledidi])
def test_padding_stays_padding(method):
    starts = STARTS.copy()
    starts[:, :3] = starts[:, -2:] = 4
    with posed(Linear(WEIGHTS), starts, n_steps=100) as problem:
        made = final(method(problem))
    assert (made[:, 3:-2] == BEST[3:-2]).all()
    assert (made[:, :3] == 4).all()
    assert (made[:, -2:] == 4).all()


def test_ledidi_prints_nothing(capsys):
    with posed(Linear(WEIGHTS), STARTS, n_steps=5) as problem:
        ledidi(problem)
    assert capsys.readouterr().out == ""


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ledidi", None)
    with (
        posed(Linear(WEIGHTS), STARTS) as problem,
        pytest.raises(InputError, match=r"motifbook\[design\]"),
    ):
        ledidi(problem)
