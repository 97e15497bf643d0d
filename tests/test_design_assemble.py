"""Walks from starts to proposals, and what every search by letters keeps to."""

from __future__ import annotations

import numpy as np
import pytest
from design_problems import FREE, Linear, posed, random_letters, some_weights

from motifbook import InputError
from motifbook.design.assemble import assemble
from motifbook.design.constraints import Constraints
from motifbook.design.evolve import evolve
from motifbook.design.greedy import greedy
from motifbook.design.ledidi import ledidi
from motifbook.design.problem import final
from motifbook.design.random_search import random_search
from motifbook.design.relax import relax

METHODS = [greedy, evolve, relax, ledidi, random_search]
WEIGHTS = some_weights(40)
STARTS = random_letters(4, 40)
ALL_A = np.zeros((1, 20), np.uint8)


def weights_of(**gains: float) -> np.ndarray:
    """A network that counts C: `p3=1.0` is its weight at place 3."""
    weights = np.zeros((1, 4, 20))
    for place, gain in gains.items():
        weights[0, 1, int(place[1:])] = gain
    return weights


def with_c_at(*places: int) -> np.ndarray:
    letters = ALL_A.copy()
    letters[0, list(places)] = 1
    return letters


def test_the_most_useful_edit_comes_first_and_what_does_not_pay_is_left_out():
    with posed(Linear(weights_of(p2=1.0, p10=3.0, p18=-1.0)), ALL_A) as problem:
        (path,) = assemble(problem, with_c_at(2, 10, 18))
    assert [np.flatnonzero(letters).tolist() for letters in path.letters] == [[], [10], [2, 10]]


def test_near_letters_are_one_edit():
    with posed(Linear(weights_of(p2=-1.0, p5=3.0, p12=1.0)), ALL_A) as problem:
        (path,) = assemble(problem, with_c_at(2, 5, 12))
    assert [np.flatnonzero(letters).tolist() for letters in path.letters] == [
        [],
        [2, 5],
        [2, 5, 12],
    ]


class Both(Linear):
    """1 where there is a C at place 2 and at place 15; alone, each costs."""

    def __init__(self) -> None:
        super().__init__(weights_of(p2=1.0, p15=1.0))

    def forward(self, onehot):
        n_found = super().forward(onehot)
        return n_found * (1.5 * n_found - 2.5)  # 0, -1, 1


def test_what_pays_only_together_is_one_edit():
    with posed(Both(), ALL_A) as problem:
        (path,) = assemble(problem, with_c_at(2, 15))
    assert len(path.moves) == 1
    assert np.flatnonzero(path.letters[-1]).tolist() == [2, 15]


def test_a_stretch_that_is_refused_is_taken_apart():
    few = Constraints(**{**vars(FREE), "n_edits": 1})
    with posed(Linear(weights_of(p3=1.0, p4=2.0, p5=1.0)), ALL_A, constraints=few) as problem:
        (path,) = assemble(problem, with_c_at(3, 4, 5))
    assert np.flatnonzero(path.letters[-1]).tolist() == [4]


@pytest.mark.parametrize("method", METHODS)
def test_every_letter_of_every_step_is_allowed(method):
    kept_to = Constraints(
        gc=(0.4, 0.6), gc_window=None, homopolymer=3, repeat=None, fixed=[(5, 12)], n_edits=12
    )
    with posed(Linear(WEIGHTS), _mended(STARTS), constraints=kept_to, n_steps=30) as problem:
        paths = method(problem)
        assert problem.scorer.scores(final(paths)).mean() > problem.scorer.scores(STARTS).mean()
        for row, path in enumerate(paths):
            assert path.row == row
            assert (path.letters[0] == problem.starts[row]).all()
            assert len(path.moves) == len(path.letters) - 1
            assert problem.allowed(path.letters, np.full(len(path.letters), row)).all()


def _mended(letters: np.ndarray) -> np.ndarray:
    """The same with C, A, G, T in turn, which keeps to any share of G and C and has no runs."""
    return np.resize(np.array([1, 0, 2, 3], np.uint8), letters.shape)


@pytest.mark.parametrize("n_calls", [60, 200])
@pytest.mark.parametrize("method", METHODS)
def test_no_more_calls_than_allowed(method, n_calls):
    with posed(Linear(WEIGHTS), STARTS, n_calls=n_calls) as problem:
        paths = method(problem)
        assert n_calls * len(STARTS) / 4 < problem.scorer.n_calls <= n_calls * len(STARTS)
        assert problem.scorer.scores(final(paths)).mean() > problem.scorer.scores(STARTS).mean()


@pytest.mark.parametrize("method", METHODS)
def test_chance_and_batches(method):
    def made(**settings):
        with posed(Linear(WEIGHTS), STARTS, n_calls=60, **settings) as problem:
            return final(method(problem))

    assert (made() == made()).all()
    assert (made(batch_size=3) == made()).all()
    if method in (evolve, random_search):  # the others agree on so easy a problem
        assert (made(seed=1) != made()).any()


@pytest.mark.parametrize("method", [relax, ledidi])
def test_without_gradients_the_way_out_is_named(method):
    with (
        posed(Linear(WEIGHTS, has_gradient=False), STARTS) as problem,
        pytest.raises(InputError, match=r'gives no gradients.*`method="evolve"`'),
    ):
        method(problem)
