from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from Bio.Seq import Seq
from scipy import stats

from motifbook import InputError
from motifbook.alphabet import PROTEIN, RNA
from motifbook.onehot import decode, encode, from_onehot, onehot, reverse_complement, shuffle


def random_sequences(n, length, letters="ACGT", seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(row) for row in rng.choice(list(letters), size=(n, length))]


def pairs(sequence):
    return Counter(pairwise(sequence))


def test_letters_become_the_rows_of_the_alphabet():
    assert encode(["ACGTN", "acgtn", "UuRyX"]).tolist() == [
        [0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4],
        [3, 3, 4, 4, 4],
    ]
    assert encode(["ACGUT"], RNA).tolist() == [[0, 1, 2, 3, 3]]
    assert encode(["ACWY*"], PROTEIN).tolist() == [[0, 1, 18, 19, 20]]


@pytest.mark.parametrize("alphabet", [RNA, PROTEIN])
def test_codes_and_letters_are_each_others_inverse(alphabet):
    sequences = random_sequences(20, 30, alphabet.letters + alphabet.unknown)
    letters = encode(sequences, alphabet)
    assert decode(letters, alphabet) == sequences
    encoded = onehot(letters, alphabet.n_letters)
    assert encoded.shape == (20, alphabet.n_letters, 30)
    np.testing.assert_array_equal(from_onehot(encoded, alphabet), letters)


def test_shorter_sequences_are_centered_and_longer_ones_cut_to_their_middle():
    assert decode(encode(["ACGTA", "CC", "G", ""])) == ["ACGTA", "NCCNN", "NNGNN", "NNNNN"]
    assert decode(encode(["ACGTA", "CC"], length=3)) == ["CGT", "CCN"]
    assert decode(encode(["AACCGGTT"], length=4)) == ["CCGG"]
    assert decode(encode(["ACGT"], length=0)) == [""]


def test_no_sequences_are_an_empty_array():
    assert encode([]).shape == (0, 0)
    assert encode([], length=7).shape == (0, 7)
    assert onehot(encode([], length=7)).shape == (0, 4, 7)
    assert decode(encode([], length=7)) == []
    assert shuffle(encode([], length=7), seed=0).shape == (0, 7)


def test_strip_drops_padding_and_keeps_unknown_letters_inside():
    assert decode(encode(["NNANCNN", "NNNNNNN"]), strip=True) == ["ANC", ""]


def test_columns_of_unknown_letters_are_zeros():
    encoded = onehot(encode(["ANT"]))
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded[0], [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]])


def test_the_other_strand_agrees_with_biopython():
    sequences = random_sequences(20, 31, "ACGTN")
    wanted = [str(Seq(sequence).reverse_complement()) for sequence in sequences]
    assert decode(reverse_complement(encode(sequences))) == wanted


def test_the_other_strand_flips_both_axes_of_one_hot_and_twice_changes_nothing():
    letters = encode(random_sequences(5, 20, "ACGTN"))
    turned = reverse_complement(letters)
    np.testing.assert_array_equal(onehot(turned), onehot(letters)[:, ::-1, ::-1])
    np.testing.assert_array_equal(reverse_complement(turned), letters)


def test_a_shuffle_keeps_every_pair_of_neighbors_and_both_ends():
    sequences = random_sequences(200, 80, "AACGT") + random_sequences(50, 80, "AT")
    shuffled = decode(shuffle(encode(sequences), seed=1))
    for before, after in zip(sequences, shuffled):
        assert pairs(before) == pairs(after)
        assert (before[0], before[-1]) == (after[0], after[-1])
    assert sum(before == after for before, after in zip(sequences, shuffled)) == 0


def test_a_shuffle_leaves_padding_in_place_and_counts_unknown_letters_inside():
    sequences = ["NNN" + core + "NN" for core in random_sequences(200, 40, "ACGTN") if
                 core[0] != "N" and core[-1] != "N"]  # fmt: skip
    for before, after in zip(sequences, decode(shuffle(encode(sequences), seed=2))):
        assert (after[:3], after[-2:]) == ("NNN", "NN")
        assert pairs(before) == pairs(after)


@pytest.mark.parametrize("sequence", ["AACAGACCTA", "ACAGATCGTC", "NAACNAGCANACN"])
def test_all_possible_shuffles_are_equally_likely(sequence):
    core = sequence.strip("N")
    inner = {"".join(order) for order in permutations(core[1:-1])}
    possible = {core[0] + middle + core[-1] for middle in inner}
    possible = [other for other in possible if pairs(other) == pairs(core)]
    assert len(possible) > 10
    drawn = Counter(decode(shuffle(encode([sequence] * 20_000), seed=3), strip=True))
    assert set(drawn) == set(possible)
    assert stats.chisquare([drawn[other] for other in possible]).pvalue > 1e-4


def test_rows_are_shuffled_independently_of_each_other():
    rows = decode(shuffle(encode(random_sequences(1, 60) * 50), seed=4))
    assert len(set(rows)) == 50


@pytest.mark.parametrize("sequence", ["", "A", "AC", "NNNNN", "NNANN", "AAAAA", "NACN"])
def test_what_has_one_order_only_is_returned_as_it_is(sequence):
    letters = encode([sequence])
    np.testing.assert_array_equal(shuffle(letters, seed=0), letters)


def test_blocks_of_one_letter_are_shuffled_without_waiting():
    sequence = "".join(letter * 100 for letter in "ACGT")
    (after,) = decode(shuffle(encode([sequence]), seed=5))
    assert after == sequence  # the only walk: its blocks cannot mix
    (after,) = decode(shuffle(encode([sequence + "ACGTA" * 5]), seed=5))
    assert pairs(after) == pairs(sequence + "ACGTA" * 5)
    assert after != sequence + "ACGTA" * 5


def test_a_shuffle_works_for_proteins():
    sequences = random_sequences(20, 100, PROTEIN.letters)
    shuffled = decode(shuffle(encode(sequences, PROTEIN), 20, seed=6), PROTEIN)
    assert [pairs(after) for after in shuffled] == [pairs(before) for before in sequences]


def test_a_seed_means_the_same_shuffles_as_ever():
    letters = encode(["ACGTTGCAANACGATTACAGGA", "TTACGACAGGTAC"])
    assert decode(shuffle(letters, seed=7)) == ["ACAGTTACATTGCGAANACGGA", "NNNNTAGACACGGTTACNNNNN"]


def test_a_shuffle_leaves_its_input_alone_and_repeats_with_its_seed():
    letters = encode(random_sequences(10, 50))
    before = letters.copy()
    first, again, other = (shuffle(letters, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(letters, before)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_invalid_letters_are_refused_with_their_place():
    with pytest.raises(InputError, match="Sequence 1 has 'J' at position 2; expected DNA letters"):
        encode(["ACGT", "ACJT"])
    with pytest.raises(InputError, match="Sequence 0 has 'é' at position 0"):
        encode(["é"])
    with pytest.raises(InputError, match=r"Sequence 0 has '→' at position 1.*right alphabet"):
        encode(["A→"])
    with pytest.raises(InputError, match="Sequence 2 has '-' at position 1"):
        encode(["AC", "", "A-"])
    with pytest.raises(InputError, match="Sequence 1 has '5' at position 0"):
        encode(pd.Series(["AC", "5"], index=["first", "second"]))


def test_one_string_is_refused():
    with pytest.raises(
        InputError, match=r"one string, 'ACGT'; expected a list.*Use `\[sequence\]`"
    ):
        encode("ACGT")


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 30, 4)), r"shape \(2, 30, 4\).*use `onehot.transpose\(0, 2, 1\)`"),
        (np.zeros((4, 30)), r"shape \(4, 30\).*use `onehot\[None\]`"),
        (np.zeros((2, 5, 30)), r"shape \(2, 5, 30\); expected \(n, 4, length\) with rows A, C"),
        (np.full((1, 4, 3), 0.25), r"column \(0.25, 0.25, 0.25, 0.25\) at position 0 of seq"),
        (np.ones((1, 4, 3)), r"column \(1, 1, 1, 1\) at position 0 of sequence 0; expected one 1"),
    ],
)
def test_what_is_not_one_hot_is_refused(array, sentence):
    with pytest.raises(InputError, match=sentence):
        from_onehot(array)


def test_the_place_of_a_wrong_column_is_named():
    encoded = onehot(encode(["ACGT", "ACGT"]))
    encoded[1, 3, 2] = np.nan
    with pytest.raises(InputError, match=r"\(0, 0, 1, nan\) at position 2 of sequence 1"):
        from_onehot(encoded)


def test_codes_of_a_wrong_shape_are_refused():
    with pytest.raises(InputError, match=r"`letters` has shape \(3,\); expected \(n, length\)"):
        onehot(np.zeros(3, dtype=np.uint8))
    with pytest.raises(InputError, match=r"`letters` has shape \(3,\); expected \(n, length\)"):
        shuffle(np.zeros(3, dtype=np.uint8))


def test_rna_has_no_other_strand():
    with pytest.raises(InputError, match="RNA sequences have no complement"):
        reverse_complement(encode(["ACGU"], RNA), RNA)


def test_many_sequences_are_encoded_block_by_block(monkeypatch):
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGTN"), rng.integers(1, 9))) for _ in range(50)]
    whole, cut = encode(sequences), encode(sequences, length=4)
    monkeypatch.setattr("motifbook.onehot._ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(encode(sequences), whole)
    np.testing.assert_array_equal(encode(sequences, length=4), cut)
    sequences[30] = "ACZ"
    with pytest.raises(InputError, match="Sequence 30 has 'Z' at position 2"):
        encode(sequences)
