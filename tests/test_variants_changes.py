"""Differences between two sequences, and places carried over them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from Bio import Align
from hypothesis import given
from hypothesis import strategies as st

from motifbook.variants.changes import (
    EXTEND,
    MATCH,
    MISMATCH,
    OPEN,
    Change,
    _align,
    apply_changes,
    find_changes,
    lift,
)

DNA = st.text("ACGT", min_size=1, max_size=40)


@given(DNA, DNA)
def test_changes_make_the_alternative(reference, alternative):
    changes = find_changes(reference, alternative)
    assert apply_changes(reference, changes) == alternative
    assert all(a.end <= b.start for a, b in itertools.pairwise(changes))


@given(DNA, DNA)
def test_the_alignment_is_as_good_as_biopythons(reference, alternative):
    codes = [np.frombuffer(text.encode(), dtype=np.uint8) for text in (reference, alternative)]
    score, last = 0.0, 0
    for i, j, step in _align(*codes):
        if step:
            score += EXTEND + (OPEN if step != last else 0)
        else:
            score += MATCH if reference[i] == alternative[j] else MISMATCH
        last = step
    referee = Align.PairwiseAligner(
        match_score=MATCH,
        mismatch_score=MISMATCH,
        open_gap_score=OPEN + EXTEND,
        extend_gap_score=EXTEND,
    )
    assert score == pytest.approx(referee.score(reference, alternative))


@pytest.mark.parametrize(
    ("alternative", "expected"),
    [
        ("AACCGGTTAACCGGTT", []),
        ("AACCGGTAAACCGGTT", [Change(7, "T", "A")]),
        ("AACCGTTAACCGGTT", [Change(5, "G", "")]),
        ("AACCGGTTACACCGGTT", [Change(9, "", "C")]),
        ("TACCGGTTAACCGGTA", [Change(0, "A", "T"), Change(15, "T", "A")]),
        ("AATCGTTTAACCGGTT", [Change(2, "CCGG", "TCGT")]),  # two letters, two apart: one change
        ("CCGGTTAACCGGTT", [Change(0, "AA", "")]),
    ],
)
def test_small_changes_are_what_they_look_like(alternative, expected):
    assert list(find_changes("AACCGGTTAACCGGTT", alternative)) == expected


def test_distant_changes_in_length_are_found_apart():
    rng = np.random.default_rng(0)
    left, middle, right = ("".join(rng.choice(list("ACGT"), 40)) for _ in range(3))
    found = find_changes(left + "AAAAA" + middle + right, left + middle + "CCCCC" + right)
    assert [(len(c.ref), len(c.alt)) for c in found] == [(5, 0), (0, 5)]


@given(DNA, DNA)
def test_letters_outside_changes_are_the_same_where_they_are_carried(reference, alternative):
    changes = find_changes(reference, alternative)
    outside = np.array(
        [i for i in range(len(reference)) if not any(c.start <= i < c.end for c in changes)],
        dtype=np.int64,
    )
    there = lift(outside, changes)
    assert [alternative[i] for i in there] == [reference[i] for i in outside]
    assert lift(there, changes, to_reference=True).tolist() == outside.tolist()


def test_places_in_a_change_stay_in_it():
    changes = [Change(2, "AAAA", "C"), Change(10, "", "GGG")]
    assert lift(np.arange(2, 7), changes).tolist() == [2, 3, 3, 3, 3]
    assert lift(np.array([9, 10, 11]), changes).tolist() == [6, 10, 11]
    assert lift(np.array([7, 8, 9, 10]), changes, to_reference=True).tolist() == [10, 10, 10, 10]
