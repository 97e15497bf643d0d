"""Activations are those of the nearest window, whatever way they are counted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from motifbook import InputError
from motifbook.alphabet import DNA, PROTEIN, Alphabet
from motifbook.onehot import encode, onehot, reverse_complement
from motifbook.significance.dictionary import matrix_activations, word_activations
from motifbook.significance.words import fewest_mismatches, word_codes

TRIPLET = Alphabet("three", "ABC")


def random_letters(n, length, n_codes=4, seed=0):
    return np.random.default_rng(seed).integers(0, n_codes, (n, length)).astype(np.uint8)


@pytest.mark.parametrize(("n_letters", "k"), [(4, 1), (4, 3), (3, 4)])
def test_mismatches_are_those_of_comparing_every_word_with_every_window(n_letters, k):
    letters = random_letters(7, 9, n_letters + 1)  # unknown letters among them
    found = fewest_mismatches(letters, k, n_letters)
    words = list(itertools.product(range(n_letters), repeat=k))
    for row, sequence in enumerate(letters):
        windows = [sequence[i : i + k] for i in range(9 - k + 1)]
        whole = [window for window in windows if (window < n_letters).all()]
        by_hand = [min([k, *((window != word).sum() for window in whole)]) for word in words]
        assert found[:, row].tolist() == by_hand


def test_activations_are_gaussians_of_the_distance_to_the_nearest_window():
    letters = random_letters(5, 20)
    found = word_activations(letters, 3, omega=1.5, both_strands=False)
    encoded = onehot(letters)
    for column in (0, 17, 63):
        word = onehot(found.words[column][None])[0]
        distances = [((encoded[:, :, i : i + 3] - word) ** 2).sum(axis=(1, 2)) for i in range(18)]
        expected = np.exp(-np.min(distances, axis=0) / 1.5)
        np.testing.assert_allclose(found.values[:, column], expected, rtol=1e-6)


def test_words_and_their_matrices_respond_alike():
    letters = random_letters(30, 25, 5, seed=1)
    words = word_activations(letters, 4)
    matrices = [onehot(word[None])[0] for word in words.words]
    np.testing.assert_allclose(
        matrix_activations(letters, matrices).values, words.values, rtol=1e-5
    )


def test_a_matrix_is_as_far_as_the_squared_distance_says():
    letters, rng = random_letters(6, 12), np.random.default_rng(0)
    weights = rng.normal(size=(4, 5))
    found = matrix_activations(letters, [weights], omega=4.0, both_strands=False, names=["f"])
    encoded = onehot(letters)
    distances = [((encoded[:, :, i : i + 5] - weights) ** 2).sum(axis=(1, 2)) for i in range(8)]
    np.testing.assert_allclose(
        found.values[:, 0], np.exp(-np.min(distances, axis=0) / 4), rtol=1e-5
    )
    assert found.names == ("f",)


def test_the_other_strand_says_the_same():
    letters = random_letters(20, 30)
    letters[:, 7] = 4
    other = reverse_complement(letters)
    assert (word_activations(letters, 5).values == word_activations(other, 5).values).all()
    ppm = np.random.default_rng(0).dirichlet(np.ones(4), 6).T
    np.testing.assert_allclose(
        matrix_activations(letters, [ppm]).values,
        matrix_activations(other, [ppm]).values,
        rtol=1e-5,
    )


def test_reverse_complements_are_one_motif():
    found = word_activations(random_letters(3, 10), 4)
    assert len(found.names) == (4**4 + 4**2) // 2  # palindromes are their own
    assert "GATC" in found.names
    assert "CATT" not in found.names  # AATG stands for it
    assert word_activations(random_letters(3, 10), 2, alphabet=PROTEIN).values.shape == (3, 400)
    assert not word_activations(random_letters(3, 10, 3), 2, alphabet=TRIPLET).both_strands


def test_padding_and_unknown_letters_do_not_count():
    short, padded = encode(["ACGTAC"]), encode(["ACGTAC"], length=16)
    assert (word_activations(short, 3).values == word_activations(padded, 3).values).all()
    broken = word_activations(encode(["AAANAAATTT"]), 4)
    assert broken.values[0, broken.names.index("AAAA")] < 1
    assert "windows hold unknown letters" in broken.notes[0]
    assert word_activations(padded, 3).notes == ()


def test_chunks_leave_no_trace():
    letters = random_letters(1300, 12)  # several blocks of rows for words of six letters
    whole = word_activations(letters, 6).values
    apart = np.concatenate([word_activations(part, 6).values for part in np.split(letters, 13)])
    assert (whole == apart).all()


def test_words_are_in_alphabetical_order():
    assert word_activations(random_letters(2, 8), 2, both_strands=False).names[:5] == (
        "AA", "AC", "AG", "AT", "CA",
    )  # fmt: skip
    assert word_codes(2, DNA)[6].tolist() == [1, 2]


def test_sequences_without_a_window_are_named():
    letters = encode(["ACGTACGT", "ACG", "NNNNACNN"])
    with pytest.raises(
        InputError, match=r"2 of 3 sequences have no window of 4 .*\(row 1, row 2\).*has 2 kn"
    ):
        word_activations(letters, 4)
    with pytest.raises(InputError, match="no window of 9 known letters"):
        matrix_activations(letters[:1], [np.ones((4, 9))])


def test_wrong_requests_are_refused():
    letters = random_letters(3, 30)
    with pytest.raises(InputError, match=r"`k` is 12: there are 16,777,216 words"):
        word_activations(letters, 12)
    with pytest.raises(
        InputError, match=r"`matrices\[1\]` has shape \(3, 4\); expected \(4, width"
    ):
        matrix_activations(letters, [np.ones((4, 4)), np.ones((3, 4))])
    with pytest.raises(InputError, match="one name per matrix"):
        matrix_activations(letters, [np.ones((4, 4))], names=["a", "b"])
    with pytest.raises(InputError, match="`omega` is 0"):
        word_activations(letters, 3, omega=0)
