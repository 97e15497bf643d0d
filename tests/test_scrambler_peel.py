"""Sets of letters, each of which does without the ones before: copies of a word."""

from __future__ import annotations

import numpy as np
import pytest
from scrambler_example import BITS, planted, trained

import motifbook as mb


@pytest.fixture(scope="module")
def sets():
    return trained().peel(planted(8, copies=2, seed=4)[0], n_sets=3, bits=BITS, progress=False)


def share_of_copies(masks):
    _, places = planted(8, copies=2, seed=4)
    chosen = masks.importance > 0.5
    return (chosen[:, None] & places).sum(axis=2) / 6  # (n, copies)


def test_the_first_set_is_one_copy_and_the_second_the_other(sets):
    first, second = share_of_copies(sets[0]), share_of_copies(sets[1])
    assert (first.max(axis=1) > 0.6).mean() > 0.9
    is_other = first.argmax(axis=1) != second.argmax(axis=1)
    assert (is_other & (second.max(axis=1) > 0.6)).mean() > 0.6
    assert np.median(sets[1].gain) > 0.8


def test_after_the_last_copy_no_set_does(sets):
    assert (sets[1].gain >= 0.8).mean() > 0.7
    assert (sets[2].gain >= 0.8).mean() < 0.2


def test_sets_have_no_letter_in_common(sets):
    chosen = np.stack([masks.importance > 0.5 for masks in sets])
    assert chosen.sum(axis=0).max() == 1


def test_letters_of_a_set_are_kept_and_all_others_replaced(sets):
    np.testing.assert_allclose(sets[0].importance, sets[0].importance.round(), atol=1e-6)


def test_without_a_budget_the_smaller_set_is_taken():
    adata, _ = planted(4, copies=2, seed=4)
    sizes = [
        len(letters.nonzero()[0])
        for letters in trained().peel(adata, 1, progress=False)[0].importance > 0.5
    ]
    assert np.median(sizes) <= 8


def test_no_sets_are_refused():
    with pytest.raises(mb.InputError, match=r"`n_sets` is 0; expected a whole number, 1 or more"):
        trained().peel(n_sets=0)
