"""Requests for designs that make no sense: one sentence that names what was handed over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from design_problems import FREE, Linear, posed, some_weights

import motifbook as mb
from motifbook._check import InputError
from motifbook.design.goal import read_goal

MODEL = Linear(some_weights())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (dict(start=[]), r"`start` is \[\]; expected an AnnData, a list of sequences"),
        (
            dict(start=pd.DataFrame({"name": ["a"], "Sequence": ["ACGT" * 5]})),
            r'`start` is a table; .* Take the column that holds them, such as `start=table\["Seq',
        ),
        (dict(start="N" * 20), "`start` has no known letter in row 0"),
        (dict(goal=None), '`goal` is None; expected "max", "min" or a number'),
        (dict(goal=lambda outputs: outputs[:, 5]), r"`goal` failed on .* \(IndexError: index 5"),
        (dict(goal=lambda outputs: (outputs[:, 0] - 1e6).sqrt()), "`goal` made NaN or infinity"),
    ],
)
def test_requests_that_cannot_be_met_are_refused(asked: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        mb.design(MODEL, n=1, constraints=FREE, seed=0, **asked)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (dict(homopolymer={"A": None}), "`homopolymer` is None; expected a whole number"),
        (dict(edit_mask=[[True, True], [True]]), r"`edit_mask` is \[\[True, True\], \[True\]\]"),
        (dict(forbid="GATA1"), "`forbid` holds 'G'; expected motifs"),
        (dict(require=3), "`require` is 3; expected motifs"),
    ],
)
def test_constraints_that_make_no_sense_are_refused_by_name(asked: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        mb.Constraints(**asked)


@pytest.mark.parametrize("method", ["greedy", "gradient", "evolve"])
def test_a_network_that_reads_another_length_says_so_whatever_the_method(method: str) -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(80, 1))
    model = mb.Foreign(network, readouts=["a"], kinds="continuous", length=20)
    with pytest.raises(InputError, match="The sequences have 21 letters, the network reads 20"):
        mb.design(model, n=1, start=21, method=method, constraints=FREE, seed=0)


def test_a_column_of_a_table_is_a_list_of_sequences() -> None:
    table = pd.DataFrame({"sequence": ["ACGT" * 5, "A" * 20]}, index=[7, 9])
    one, other = (
        mb.design(MODEL, n=2, start=start, constraints=FREE, seed=0).sequences
        for start in (table["sequence"], table["sequence"].tolist())
    )
    assert one == other


def test_a_goal_may_count() -> None:
    goal = read_goal(lambda outputs: outputs[:, 0] > 1, None, MODEL.record)
    assert goal.score(torch.tensor([[2.0], [0.0]])).tolist() == [1.0, 0.0]


class Root(Linear):
    """The root of the sum, less 1: its slope is infinite where all weights are 0."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        return super().forward(onehot).sqrt()


def test_a_slope_that_is_no_number_hides_no_letter_from_the_greedy_search() -> None:
    weights = np.zeros((1, 4, 20))
    weights[0, 2] = 1.0  # G counts
    starts = np.zeros((1, 20), dtype=np.uint8)  # of which there is none
    with posed(Root(weights), starts) as problem:
        assert not problem.scorer.has_gradient(starts)
        with pytest.raises(InputError, match="The gradient is NaN or infinity"):
            problem.scorer.gradient(starts)
    model = Root(weights)
    designs = mb.design(model, n=1, start="A" * 20, constraints=FREE, seed=0)
    assert designs.sequences == ["G" * 20]


def test_gradients_are_had_where_the_caller_wants_none() -> None:
    model = Linear(some_weights())
    with torch.no_grad():
        designs = mb.design(model, n=1, method="gradient", constraints=FREE, seed=0)
    same = mb.design(model, n=1, method="gradient", constraints=FREE, seed=0)
    assert designs.sequences == same.sequences


def test_steps_are_told_by_number_or_name() -> None:
    designs = mb.design(MODEL, n=1, constraints=FREE, seed=0)
    assert designs.steps(0) == designs.steps("design_1")
    with pytest.raises(InputError, match="`design` is 1; expected a whole number, 0 to 0"):
        designs.steps(1)


def test_a_readout_called_like_a_column_of_the_tables_is_refused() -> None:
    named = mb.Foreign(
        torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(80, 1)),
        readouts=["score"], kinds=["continuous"], length=20,
    )  # fmt: skip
    with pytest.raises(InputError, match="predicts 'score', and tables of designs have a column"):
        mb.design(named, n=1, constraints=FREE, seed=0)
