"""No edit undoes another: what is changed and changed back is not changed in the first place."""

from __future__ import annotations

import numpy as np
from design_problems import FREE, Linear, posed

from motifbook.alphabet import DNA
from motifbook.design.constraints import Constraints
from motifbook.design.problem import Move, Path, Problem
from motifbook.design.replay import replay, straighten
from motifbook.onehot import decode, encode

START = "AAAAAAAA"


def weighing(**worth: float) -> Linear:
    """A network in which a C is worth so much at some places, such as c2=1.0."""
    weights = np.zeros((1, 4, len(START)))
    for place, value in worth.items():
        weights[0, 1, int(place[1:])] = value
    return Linear(weights)


def straight(problem: Problem, *ways: str) -> tuple[list[str], list[str]]:
    moves = tuple(Move("add", f"edit {number + 1}") for number in range(len(ways) - 1))
    path = straighten(problem, Path(0, encode(ways), moves))
    return decode(path.letters, DNA), [move.motif for move in path.moves]


def test_an_edit_that_only_undoes_is_left_out_and_so_is_what_it_undid() -> None:
    with posed(weighing(c2=-1.0, c3=2.0, c5=1.0), encode([START])) as problem:
        states, edits = straight(problem, START, "AACCAAAA", "AACCACAA", "AAACACAA")
    assert states == [START, "AAACAAAA", "AAACACAA"]
    assert edits == ["edit 1", "edit 2"]


def test_an_edit_that_is_wholly_undone_is_left_out() -> None:
    with posed(weighing(c2=1.0, c3=2.0, c4=1.0), encode([START])) as problem:
        states, edits = straight(problem, START, "AACAAAAA", "AAACCAAA")
    assert states == [START, "AAACCAAA"]
    assert edits == ["edit 2"]


def test_edits_that_undo_a_part_of_others_stay() -> None:
    ways = START, "ACCAAAAA", "AACCAAAA"  # the second takes a letter of the first, and adds one
    with posed(weighing(c2=1.0, c3=1.0), encode([START])) as problem:
        assert straight(problem, *ways)[0] == list(ways)


def test_what_constraints_or_the_score_need_on_the_way_stays() -> None:
    ways = START, "AACCAAAA", "AACCCAAA", "AAACCAAA"
    split = Constraints(**{**vars(FREE), "avoid": ["AAACAA"]})  # the first edit without its undoing
    network = weighing(c2=-1.0, c3=2.0, c4=1.0)
    with posed(network, encode([START]), constraints=split) as problem:
        assert straight(problem, *ways)[0] == list(ways)
    with posed(weighing(c2=2.0, c3=-1.0, c4=3.0), encode([START])) as problem:
        assert straight(problem, *ways)[0] == list(ways)


def test_refusing_an_edit_of_a_straight_path_changes_what_it_wrote_and_nothing_else() -> None:
    ways = START, "AACCAAAA", "AACCACAA", "AAACACAA"
    with posed(weighing(c2=-1.0, c3=2.0, c5=1.0), encode([START])) as problem:
        path = straighten(problem, Path(0, encode(ways), (Move("letters"),) * 3))
    left = [decode(replay(path, [number]).letters[-1:], DNA) for number in (0, 1)]
    assert left == [["AAAAACAA"], ["AAACAAAA"]]
