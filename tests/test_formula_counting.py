"""Counting sites: by hand, each site once, both strands, positions."""

import numpy as np
import pytest
from scipy.special import expit

from motifbook import InputError, Motif
from motifbook.alphabet import DNA, RNA
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.positions import Positions
from motifbook.motif import database

LENGTH = 40


def hard(word, alphabet=DNA):
    """Counts the word itself, nothing else."""
    motif = Motif.from_sites(word, [word], alphabet=alphabet)
    counted = CountedMotif(motif, threshold=0.0)
    return CountedMotif(motif, threshold=counted.weights().max(axis=0).sum() - 1e-3)


def sequence(*placed, alphabet=DNA, length=LENGTH):
    """Letters that hold no word of the tests but those placed, each (start, word)."""
    row = list(("AC" * length)[:length])
    for start, word in placed:
        row[start : start + len(word)] = word
    return alphabet.codes("".join(row))[None]


def count(motif, letters, positions="anywhere", **how):
    return count_sites([motif], letters, Positions.named(positions, letters.shape[1]), **how)


def test_sites_are_counted_on_both_strands():
    letters = sequence((3, "TGATAA"), (20, "TTATCA"))
    assert count(hard("TGATAA"), letters).tolist() == [[2.0]]
    assert count(hard("TGATAA"), letters, both_strands=False).tolist() == [[1.0]]


def test_rna_has_one_strand():
    letters = sequence((3, "UGAUAA"), (20, "UUAUCA"), alphabet=RNA)
    assert count(hard("UGAUAA", RNA), letters).tolist() == [[1.0]]


def test_a_palindrome_is_one_site():
    assert count(hard("TGACGTCA"), sequence((10, "TGACGTCA"))).tolist() == [[1.0]]


def test_windows_with_unknown_letters_are_no_sites():
    soft = CountedMotif(hard("TGATAA").motif, threshold=-1e6, slope=1.0)
    letters = sequence((3, "TGATAA"))
    letters[:, 5:] = DNA.n_letters
    assert count(soft, letters).tolist() == [[0.0]]


def test_a_soft_site_counts_by_its_score():
    motif = hard("TGATAA").motif
    soft = CountedMotif(motif, threshold=3.0, slope=0.7)
    letters = sequence((10, "TGATAA"))
    scores = [
        max(
            sum(soft.weights()[code, column] for column, code in enumerate(window)),
            sum(soft.weights()[3 - code, column] for column, code in enumerate(window[::-1])),
        )
        for window in np.lib.stride_tricks.sliding_window_view(letters[0], 6)
    ]
    best = [s for i, s in enumerate(scores) if s == max(scores[max(0, i - 4) : i + 5])]
    ties = [scores[max(0, i - 4) : i + 5].count(s) for i, s in enumerate(scores) if s in best]
    assert ties.count(1) >= 1
    highest = max(scores)
    assert count(soft, letters)[0, 0] >= expit(0.7 * (highest - 3.0))
    assert count(soft, letters)[0, 0] < expit(0.7 * (highest - 3.0)) + 0.01


def test_neighbors_that_tie_share_one_site():
    letters = np.full((1, 14), DNA.codes("A")[0])
    run = count(hard("AAAAAA"), letters)  # nine windows, all alike, at most four letters apart
    assert run[0, 0] == pytest.approx(sum(1 / min(i + 5, 9, 13 - i) for i in range(9)))


def test_the_other_strand_has_exactly_as_many_sites():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (200, 120), dtype=np.uint8)
    motifs = [
        CountedMotif(database.motif(name), threshold=4.0, slope=1.3)
        for name in ("MA0506.3", "MA0018.5", "MA0140.3")
    ]
    positions = Positions.named("anywhere", 120)
    forward = count_sites(motifs, letters, positions)
    other = count_sites(motifs, np.ascontiguousarray(3 - letters[:, ::-1]), positions)
    np.testing.assert_allclose(forward, other, rtol=1e-12)


def test_bins_and_splines_share_out_the_same_sites():
    rng = np.random.default_rng(1)
    letters = rng.integers(0, 4, (50, 90), dtype=np.uint8)
    soft = CountedMotif(database.motif("MA0506.3"), threshold=2.0, slope=1.0)
    whole = count(soft, letters)
    for positions in (4, 7, "smooth"):
        np.testing.assert_allclose(count(soft, letters, positions).sum(axis=1), whole[:, 0])


def test_a_site_falls_into_the_bin_of_its_center():
    letters = sequence((16, "TGATAA"))  # center 19
    assert count(hard("TGATAA"), letters, 4).tolist() == [[0, 1, 0, 0]]
    assert Positions.named(4, LENGTH).names == ["0-10", "10-20", "20-30", "30-40"]


def test_sequences_shorter_than_the_motif_hold_none():
    assert count(hard("TGATAATGATAA"), sequence(length=8)).tolist() == [[0.0]]


def test_no_motifs_no_columns():
    assert count_sites([], sequence(), Positions.named("anywhere", LENGTH)).shape == (1, 0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("bins", "`positions` is 'bins'; expected .*anywhere.*smooth"),
        (0, "`positions` is 0; expected a whole number"),
        (41, "`positions` is 41"),
    ],
)
def test_other_positions_are_refused(given, sentence):
    with pytest.raises(InputError, match=sentence):
        Positions.named(given, LENGTH)


def test_no_sequences_have_no_counts():
    counted = CountedMotif(Motif.from_sites("AP-1", ["TGACTCA"]), threshold=5.0)
    letters = np.zeros((0, 20), np.uint8)
    assert count_sites([counted], letters, Positions.named(4, 20)).shape == (0, 4)
