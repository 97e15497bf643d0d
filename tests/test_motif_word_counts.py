"""Words with and without gaps, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook.alphabet import DNA, PROTEIN, Alphabet
from motifbook.motif.word_counts import Spacing, WordCounts, spacings
from motifbook.onehot import encode


def texts(spacing, letters):
    """The words of each row as one writes them; "no word" is left out."""
    rows = spacing.in_rows(letters)
    return [[spacing.word(n, 0.0).text for n in row if n < spacing.n_words] for row in rows]


def test_nucleotides_have_words_in_a_row_and_proteins_gaps_too():
    assert [spacing.offsets for spacing in spacings(DNA, 7)] == [tuple(range(7))]
    found = [spacing.offsets for spacing in spacings(PROTEIN, 3)]
    assert len(found) == len(set(found)) == 4 + 16
    assert {(0, 1), (0, 4), (0, 1, 2), (0, 3, 5), (0, 4, 8)} <= set(found)


def test_words_of_a_row_are_told_once_without_repeats_and_unknowns():
    gapped = Spacing(PROTEIN, (0, 2, 3))
    letters = encode(["PAKRPCKR", "PXKRAAAA", "AAAAAAAA"], PROTEIN)
    first, second, third = texts(gapped, letters)
    assert sorted(first) == sorted(["P.KR", "A.RP", "K.PC", "R.CK"])
    assert sorted(second) == ["K.AA", "P.KR", "R.AA"]
    assert third == []
    assert texts(Spacing(PROTEIN, (0, 9)), letters) == [[], [], []]


def test_a_word_and_its_reverse_complement_are_one():
    both = Spacing(DNA, (0, 1, 2, 3))
    [one], [other] = texts(both, encode(["AACG", "CGTT"]))
    assert one == other
    alone = Spacing(Alphabet("one strand", "ACGT"), (0, 1, 2, 3))
    assert texts(alone, encode(["AACG", "CGTT"])) == [["AACG"], ["CGTT"]]


@pytest.mark.parametrize("is_exact", [False, True])
def test_the_strongest_word_is_the_one_that_goes_with_the_value(is_exact):
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 20, (400, 30)).astype(np.uint8)
    letters[:200, 5], letters[:200, 8] = PROTEIN.codes("WH")
    value = np.repeat([0.5, -0.5], 200)
    counts = WordCounts(letters, value, spacings(PROTEIN, 3), is_exact)
    word = counts.strongest()
    assert (word.text, word.offsets) == ("W..H", (0, 3))
    has_word = ((letters[:, :-3] == 18) & (letters[:, 3:] == 6)).any(axis=1)
    p = has_word.mean()
    z_score = (has_word * value).sum() / np.sqrt(400 * p * (1 - p) * 0.25)
    if not is_exact:
        assert word.z_score == pytest.approx(z_score)
    letters[:200, 5] = 20  # masked
    counts.update(letters, np.arange(200))
    assert counts.strongest().z_score < 5
