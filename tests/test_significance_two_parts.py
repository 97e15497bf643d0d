"""Chosen on one part, tested on the other: valid without motifs, and it finds those there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.dictionary import word_activations
from motifbook.significance.nuisance import nuisance
from motifbook.significance.row_split import RowSplit, split_rows
from motifbook.significance.thinning import (
    TwoReadouts,
    fission,
    thin_negative_binomial,
    thin_poisson,
)
from motifbook.significance.two_parts import split_test, thin_test

N = 100


def words_of(seed, n=N, k=4):
    letters = np.random.default_rng(seed).integers(0, 4, (n, 40)).astype(np.uint8)
    return word_activations(letters, k)


def column(words, name):
    return words.values[:, words.names.index(name)].astype(float)


def by_split(words, readout, seed):
    return split_test(words, readout, split_rows(N, seed=seed), n_steps=1, seed=seed)[0]


def by_fission(words, readout, seed):
    return thin_test(words, fission(readout, seed=seed), n_steps=1)[0]


def by_thinning(words, readout, seed):
    return thin_test(words, thin_negative_binomial(readout, seed=seed), n_steps=1)[0]


def normal(rng):
    return rng.standard_normal(N)


def binary(rng):
    return (rng.random(N) < 0.3).astype(float)


def over_dispersed(rng):
    return rng.poisson(rng.gamma(2.0, 3.5, N)).astype(float)


@pytest.mark.parametrize(
    ("way", "law"),
    [
        (by_split, normal),
        (by_split, binary),
        (by_fission, normal),
        (by_thinning, over_dispersed),
    ],
)
def test_chosen_words_are_not_significant_where_nothing_is_associated(way, law):
    words, p_values, naive = words_of(0), [], []
    for seed in range(400):
        found = way(words, law(np.random.default_rng([1, seed])), seed)
        p_values.append(found.tested.p_value)
        naive.append(found.naive_log_p)
    n_low = int((np.array(p_values) <= 0.05).sum())
    assert stats.binomtest(n_low, 400, 0.05, "greater").pvalue > 0.01
    assert (np.array(naive) < np.log(0.05)).mean() > 0.9


def test_over_dispersed_counts_reach_the_test_only_by_their_own_thinning():
    counts = over_dispersed(np.random.default_rng(0))
    with pytest.raises(InputError, match="Use `thin_negative_binomial`"):
        thin_poisson(counts)
    assert 0 < by_thinning(words_of(0), counts, 0).tested.p_value <= 1


@pytest.mark.parametrize("way", [by_split, by_fission])
def test_a_planted_word_is_found_with_its_effect(way):
    words = words_of(1)
    signal = column(words, "AATC")
    readout = 5 * signal + 0.3 * np.random.default_rng(1).standard_normal(N)
    found = way(words, readout, 0)
    assert words.names[found.selected.motif] == "AATC"
    assert found.tested.p_value < 1e-3
    assert abs(found.effect - 5) < 3 * found.se


def hc3(table, readout):
    """Standard error of the first coefficient of least squares, by the textbook's sandwich."""
    bread = np.linalg.inv(table.T @ table)
    own = (table @ bread * table).sum(axis=1)
    residual = (readout - table @ bread @ table.T @ readout) / (1 - own)
    return np.sqrt((bread @ (table.T * residual**2) @ table @ bread)[0, 0])


def test_the_effect_is_that_of_least_squares_on_the_rows_that_test():
    words = words_of(2)
    readout = np.random.default_rng(2).standard_normal(N)
    batch = np.arange(N) % 3
    parts = split_rows(N, seed=2)
    without = nuisance(N, covariates={"batch": batch.astype(str)})
    first, second = split_test(words, readout, parts, without=without, n_steps=2)
    chosen = [words.values[:, one.selected.motif] for one in (first, second)]
    design = np.column_stack([*chosen, np.eye(3)[batch]])[parts.test]
    for found, table in ((first, design[:, [0, 2, 3, 4]]), (second, design[:, [1, 0, 2, 3, 4]])):
        weights = np.linalg.lstsq(table, readout[parts.test])[0]
        assert found.effect == pytest.approx(weights[0], rel=1e-4)
        assert found.se == pytest.approx(hc3(table, readout[parts.test]), rel=1e-4)
        assert 1 <= found.df <= len(table) - table.shape[1]


def test_an_effect_of_the_other_sign_is_no_confirmation():
    words = words_of(3)
    signal = column(words, "CGAC")
    signal = (signal - signal.mean()) / signal.std()
    noise = 0.2 * np.random.default_rng(3).standard_normal((2, N))
    found = thin_test(words, TwoReadouts(signal + noise[0], noise[1] - signal, ()), n_steps=1)[0]
    assert found.effect < 0
    assert found.tested.p_value > 0.999


def test_the_rows_that_test_have_no_say_in_the_choice():
    words = words_of(4)
    readout = np.random.default_rng(4).standard_normal(N)
    parts = split_rows(N, seed=4)
    other = readout.copy()
    other[parts.test] = np.random.default_rng(5).standard_normal(len(parts.test))
    chosen = [split_test(words, each, parts, n_steps=3) for each in (readout, other)]
    motifs = [[one.selected.motif for one in found] for found in chosen]
    assert motifs[0] == motifs[1]
    assert chosen[0][0].tested.log_p != chosen[1][0].tested.log_p


@pytest.mark.parametrize(
    ("way", "kind"), [("split", "normal"), ("split", "binary"), ("thin", "normal")]
)
def test_what_drives_words_and_readout_block_by_block_is_no_finding(way, kind):
    """Every second block holds a word and reads higher; within blocks nothing goes together."""
    blocks = np.arange(N) // 10
    rich = blocks % 2 == 1
    p_values = {True: [], False: []}
    for seed in range(10):
        rng = np.random.default_rng(seed)
        held, high = (rich ^ (rng.random(N) < 0.1) for _ in range(2))
        words = words_of(7)
        words.values[:, 3] = held
        readout = high.astype(float) if kind == "binary" else rng.normal(size=N) + 3 * rich
        for is_told, found in p_values.items():
            settings = {"blocks": blocks if is_told else None, "n_steps": 1, "seed": seed}
            if way == "split":
                parts = split_rows(N, families=blocks, seed=seed)
                tested = split_test(words, readout, parts, **settings)
            else:
                tested = thin_test(words, fission(readout, noise_scale=1, seed=seed), **settings)
            found.append(tested[0].tested.p_value)
    assert np.mean(np.array(p_values[True]) <= 0.05) <= 0.3
    assert np.mean(np.array(p_values[False]) <= 0.05) >= 0.8


def test_a_word_that_tells_no_testing_rows_apart_is_not_significant():
    words = words_of(5)
    parts = RowSplit(np.arange(50), np.arange(50, N))
    values = words.values.copy()
    values[50:] = values[50]
    found = split_test(
        replace(words, values=values), np.random.default_rng(6).standard_normal(N), parts, n_steps=1
    )[0]
    assert found.tested.p_value == 1
    assert np.isnan(found.effect)
    assert "does not tell the testing rows apart" in found.tested.notes[0]


def test_sizes_must_agree():
    with pytest.raises(InputError, match=r"`readout` has shape \(99,\); expected one value per"):
        split_test(words_of(0), np.arange(99.0), split_rows(N))
    with pytest.raises(InputError, match=r"`halves` has shape \(99,\); expected one value per"):
        thin_test(words_of(0), fission(np.arange(99.0)))
