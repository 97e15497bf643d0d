"""Motifs of a formula: planted ones are found, whatever the alphabet, the gaps, the order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.formula.calibrate import calibrate
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.discover import DiscoverOptions, discover_motifs, standardized
from motifbook.formula.merging import consensus, distinct
from motifbook.formula.positions import Positions
from motifbook.formula.restarts import Learned
from motifbook.formula.words import Presence, best_words
from motifbook.models import ContextualRegression
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif
from motifbook.onehot import reverse_complement

AP1, GABP = "ATGACTCA", "CCGGAAGT"
SMALL = DiscoverOptions(n_filters=12)


def planted(words, effects, *, alphabet=DNA, n=2000, length=60, seed=0):
    """Sequences of which each holds each word with probability 1/2; noise of 0.5."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, alphabet.n_letters, (n, length)).astype(np.uint8)
    holds = rng.random((n, len(words))) < 0.5
    for number, word in enumerate(words):
        start = 5 + 20 * number
        letters[holds[:, number], start : start + len(word)] = alphabet.codes(word)
    readout = holds @ np.array(effects, dtype=float)
    return letters, readout + rng.normal(0, 0.5, readout.shape)


def find(letters, readout, kinds=None, *, options=SMALL, seed=0, **settings):
    rows = np.arange(len(letters))
    cut = int(0.85 * len(rows))
    kinds = kinds or ["continuous"] * readout.shape[1]
    return discover_motifs(
        letters, readout, kinds, train=rows[:cut], validation=rows[cut:], options=options,
        seed=seed, progress=False, **settings,
    )  # fmt: skip


def words_found(found, words, alphabet=DNA):
    """For each word, how well the best motif shows it."""
    truth = [Motif.from_sites(word, [word], alphabet=alphabet, pseudocount=0.05) for word in words]
    return [max(similarity(one.motif, t) for one in found.motifs) for t in truth]


def same(first, second):
    return [(m.motif.ppm.tolist(), m.threshold, m.slope) for m in first.motifs] == [
        (m.motif.ppm.tolist(), m.threshold, m.slope) for m in second.motifs
    ]


@pytest.fixture(scope="module")
def two_motifs():
    return planted([AP1, GABP], [[1.0, 0.5], [0.0, -1.0]])


@pytest.fixture(scope="module")
def found(two_motifs):
    return find(*two_motifs)


def test_planted_motifs_are_found_once_and_remember_their_sequences(found):
    assert len(found.motifs) == 2
    assert min(words_found(found, [AP1, GABP])) > 0.7
    assert min(found.support) >= 2
    assert [one.motif.name for one in found.motifs] == ["motif_1", "motif_2"]
    assert all(len(one.motif.info["learned_from"]) for one in found.motifs)
    assert [history.stopped for history in found.histories] == ["finished"] * 3


def test_counts_of_what_was_found_are_worth_what_was_planted(found, two_motifs):
    letters, readout = two_motifs
    counts = count_sites(found.motifs, letters, Positions.named("anywhere", 60))
    columns = np.column_stack([np.ones(len(counts)), counts])
    weights = np.linalg.lstsq(columns, readout, rcond=None)[0][1:]
    order = np.argsort(
        [similarity(one.motif, Motif.from_sites("", [GABP])) for one in found.motifs]
    )
    np.testing.assert_allclose(weights[order], [[1.0, 0.5], [0.0, -1.0]], atol=0.15)


def test_both_strands_count_alike(found, two_motifs):
    letters = two_motifs[0]
    place = Positions.named("anywhere", 60)
    given = count_sites(found.motifs, letters, place)
    np.testing.assert_allclose(
        count_sites(found.motifs, reverse_complement(letters), place), given, atol=1e-5
    )


def test_the_same_seed_gives_the_same_bits_and_touches_no_random_state(found, two_motifs):
    np.random.seed(1)  # noqa: NPY002 - the global state that must stay as it is
    torch.manual_seed(1)
    before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    threads = torch.get_num_threads()
    assert same(found, find(*two_motifs))
    after = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert before == after
    assert torch.get_num_threads() == threads
    assert not same(found, find(*two_motifs, seed=1))


def test_values_that_were_not_measured_are_left_out(two_motifs):
    letters, readout = two_motifs
    partly = readout.copy()
    partly[::2, 0] = np.nan
    partly[1::3, 1] = np.nan
    assert min(words_found(find(letters, partly), [AP1, GABP])) > 0.6


def test_binary_readouts(two_motifs):
    letters, readout = two_motifs
    found = find(
        letters, (readout > np.median(readout, axis=0)).astype(float), ["binary", "binary"]
    )
    assert min(words_found(found, [AP1, GABP])) > 0.6


def test_sequences_of_unequal_length(two_motifs):
    letters, readout = two_motifs
    padded = np.pad(letters, ((0, 0), (10, 10)), constant_values=DNA.n_letters)
    found = find(padded, readout)
    assert min(words_found(found, [AP1, GABP])) > 0.7


def test_few_sequences_are_said_to_be_few(found, two_motifs):
    letters, readout = two_motifs
    few = find(letters[:1000], readout[:1000], options=DiscoverOptions(n_filters=2, n_restarts=1))
    assert any("Motifs were learned from 850 sequences: below 1,000" in n for n in few.notes)
    assert found.notes == []


def test_one_strand_of_rna():
    letters, readout = planted(["UGUAAAUA"], [[1.0]], alphabet=RNA)
    found = find(letters, readout, alphabet=RNA)
    assert words_found(found, ["UGUAAAUA"], RNA)[0] > 0.7


def test_proteins():
    letters, readout = planted(["RPLPPW"], [[1.5]], alphabet=PROTEIN)
    found = find(letters, readout, alphabet=PROTEIN)
    assert words_found(found, ["RPLPPW"], PROTEIN)[0] > 0.4


def test_interrupting_keeps_what_there_is(two_motifs, monkeypatch):
    penalty, calls = ContextualRegression.penalty, []

    def interrupted(self, progress, n_rows):
        calls.append(progress)
        if len(calls) == 140:  # near the end of the restarts
            raise KeyboardInterrupt
        return penalty(self, progress, n_rows)

    monkeypatch.setattr(ContextualRegression, "penalty", interrupted)
    found = find(*two_motifs)
    assert len(found.motifs) >= 2
    assert any(note.startswith("Interrupted") for note in found.notes)
    assert [history.stopped for history in found.histories] == ["interrupted"]


def test_no_motif_in_noise_is_no_error():
    letters, readout = planted([AP1], [[0.0]], n=300)
    found = find(letters, readout)
    assert len(found.motifs) == len(found.support)


def test_shapes_that_do_not_fit_are_refused(two_motifs):
    letters, readout = two_motifs
    with pytest.raises(
        InputError, match=r"`readout` has shape \(2000, 2\); expected .n, n_readouts"
    ):
        find(letters, readout, ["continuous"])


def test_continuous_readouts_are_standardized_where_they_are_learned_from():
    readout = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, 1.0], [9.0, 0.0]])
    values = standardized(readout, ["continuous", "binary"], np.array([0, 1, 2]))
    np.testing.assert_allclose(values[:, 0], [-1, 1, np.nan, 7])
    np.testing.assert_allclose(values[:, 1], readout[:, 1])


def test_the_word_that_explains_most_comes_first_and_its_copies_do_not_follow():
    letters, readout = planted([AP1, GABP], [[1.0], [0.6]])
    presence = Presence.of(letters, DNA)
    assert presence.table.shape[1] == len(presence.words) < 2080
    first, second = best_words(presence, readout.astype(np.float32), np.arange(2000), 2)
    assert any(first.text in one for one in (AP1, "TGAGTCAT"))
    assert any(second.text in one for one in (GABP, "ACTTCCGG"))


def learned_word(word, name, restart, strength=0.5, shift=0):
    ppm = Motif.from_sites(name, ["A" * 12], pseudocount=0.25).ppm.copy()
    ppm[:] = 0.25
    ppm[:, 2 + shift : 2 + shift + len(word)] = 0.02
    ppm[DNA.codes(word), np.arange(len(word)) + 2 + shift] = 0.94
    return Learned(CountedMotif(Motif(name, ppm), 6.0, 1.0), strength, restart)


def test_restarts_agree_on_shifted_and_turned_copies():
    found = [
        learned_word(AP1, "a", 0, 0.9),
        learned_word("TGAGTCAT", "b", 1, shift=1),
        learned_word(GABP, "c", 2, 0.8),
        learned_word("ACACACGG", "d", 1, 0.01),
    ]
    agreed = consensus(found, similarity=0.7, least_support=1)
    assert [support for _, support in agreed] == [2, 1]
    assert agreed[0][0].motif.consensus.strip("n") == AP1
    assert len(consensus(found, similarity=0.7, least_support=2)) == 1


def test_of_motifs_with_the_same_sites_the_first_stays(two_motifs):
    letters = two_motifs[0]
    motifs = [learned_word(w, w, 0, shift=s).counted for w, s in ((AP1, 0), (AP1, 2), (GABP, 0))]
    assert distinct(motifs, letters, overlap=0.5, both_strands=True) == [0, 2]
    assert distinct([], letters, overlap=0.5, both_strands=True) == []


def test_calibration_finds_the_threshold_that_counts_sites_alone(two_motifs):
    letters, readout = two_motifs
    low = [replace(learned_word(AP1, "ap1", 0).counted, threshold=4.5)]
    place = Positions.named("anywhere", 60)
    [better] = calibrate(low, letters, readout.astype(np.float32), both_strands=True)
    assert better.threshold > 5

    def slope(motif):
        return np.polyfit(count_sites([motif], letters, place)[:, 0], readout[:, 0], 1)[0]

    assert abs(slope(better) - 1) < abs(slope(low[0]) - 1)


@pytest.mark.slow
def test_eight_motifs_with_effects_and_no_decoy():
    from benchmarks.formula_recovery import row

    again = row(0)
    assert again["motifs"] == 8
    assert again["found"]
    assert again["r"] > 0.95
    assert again["MAE"] < 0.12
    assert again["palindromes"] == pytest.approx(1, abs=0.2)


def test_the_public_names():
    assert mb.ContextualRegression is ContextualRegression


def test_sequences_without_words_give_no_motifs_and_a_note():
    letters = np.zeros((200, 30), dtype=np.uint8)
    readout = np.random.default_rng(0).normal(size=(200, 1))
    found = find(letters, readout)
    assert found.motifs == []
    assert any("no motif was learned" in note for note in found.notes)
