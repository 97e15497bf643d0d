"""What goes out with a word that won: relatives, and the longer motif around it."""

import numpy as np
import pytest

from motifbook.alphabet import DNA
from motifbook.significance.clusters import relatives
from motifbook.significance.dictionary import word_activations
from motifbook.significance.max_t import max_t_test
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import select_motifs
from motifbook.significance.steps import next_step
from motifbook.significance.surroundings import Surroundings, beside_winner

MOTIF = "TGACTCATCCGA"


def planted(n, rng, wrong=0.0):
    """Letters with the motif in half of the sequences, each letter wrong with some probability."""
    letters = rng.integers(0, 4, (n, 60)).astype(np.uint8)
    holds = rng.random(n) < 0.5
    own = holds[:, None] & (rng.random((n, len(MOTIF))) >= wrong)
    site = slice(20, 20 + len(MOTIF))
    letters[:, site] = np.where(own, DNA.codes(MOTIF), letters[:, site])
    return letters, holds


def test_the_matrix_around_a_word_is_the_motif_it_is_a_part_of():
    letters, _ = planted(300, np.random.default_rng(0))
    matrix = Surroundings(letters, DNA).matrix(DNA.codes("CTCATC"))
    assert matrix.shape == (4, 18)
    likeliest = "".join("ACGT"[code] for code in matrix.argmax(axis=0))
    assert likeliest[3 : 3 + len(MOTIF)] == MOTIF
    assert np.allclose(matrix.sum(axis=0), 1)


def test_both_strands_count_as_one():
    letters, _ = planted(300, np.random.default_rng(0))
    other = DNA.complement_codes[letters[:, ::-1]]
    mixed = np.where(np.arange(300)[:, None] % 2, letters, other)
    word = DNA.codes("CTCATC")
    one, both = (Surroundings(rows, DNA).best_score(word) for rows in (letters, mixed))
    assert np.allclose(one, both, atol=1e-4)


def test_a_word_at_the_end_of_a_sequence_has_unknown_neighbors():
    letters = np.array([DNA.codes("GATAAG")] * 20)
    shares = Surroundings(letters, DNA, both_strands=False).matrix(DNA.codes("GATAAG"))
    assert (shares[:, 6:12].argmax(axis=0) == DNA.codes("GATAAG")).all()
    background = shares[:, 0]
    assert np.allclose(shares[:, :6], background[:, None])  # nothing was seen there


def test_few_sequences_lose_few_dimensions():
    rng = np.random.default_rng(0)
    letters, holds = planted(60, rng)
    found = word_activations(letters, 4)
    ready = prepare(found.values, holds + rng.normal(size=60))
    related = np.ones(ready.columns.shape[1], dtype=bool)
    assert beside_winner(found, ready, 0, related).shape == (60, 2)  # 59 // 20
    assert beside_winner(found, ready, 0, related, Surroundings(letters, DNA)).shape == (60, 3)


@pytest.mark.slow
def test_one_motif_is_found_once_and_later_steps_hold_their_level():
    """The rest of a long motif is no finding of its own; without its surroundings, it often is."""
    second, plain = [], []
    for seed in range(60):
        rng = np.random.default_rng([7, seed])
        letters, holds = planted(300, rng, wrong=0.2)
        found = word_activations(letters, 5)
        ready = prepare(found.values, 3 * holds + rng.normal(size=300))
        first, after = select_motifs(found, ready, n_steps=2, around=Surroundings(letters, DNA))
        alone = next_step(first.step, relatives(found, ready, first.step.winner))
        for p_values, step in ((second, after.step), (plain, alone)):
            p_values.append(max_t_test(step, n_draws=199, seed=seed).p_value)
    assert np.mean(np.array(second) <= 0.05) <= 0.15  # 9 of 60 are too many at 0.05
    assert np.mean(np.array(plain) <= 0.05) > 0.5
