"""Selection goes step by step, merges what is one motif, and stops by rule; intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.alphabet import DNA
from motifbook.significance.clusters import relatives
from motifbook.significance.dictionary import word_activations
from motifbook.significance.intervals import randomized_intervals
from motifbook.significance.prepare import prepare
from motifbook.significance.selection import apply_engine, select_motifs
from motifbook.significance.stopping import forward_stop, stop_at_first


@pytest.fixture(scope="module")
def found():
    letters = np.random.default_rng(0).integers(0, 4, (120, 40)).astype(np.uint8)
    return word_activations(letters, 4)


@pytest.fixture(scope="module")
def ready(found):
    return prepare(found.values, np.random.default_rng(1).normal(size=120))


def readout_of(ready, size, columns, seed):
    noise = np.random.default_rng([3, seed]).normal(size=120)
    return ready.with_readout(size * ready.columns[:, columns].sum(axis=1) + noise)


def test_a_path_is_that_of_least_squares(found, ready):
    """Every step takes the word that explains most of what the earlier clusters leave."""
    path = select_motifs(found, readout_of(ready, 6, [10, 50], 0), n_steps=4)
    left = path[0].step.prepared.residual
    barred = np.zeros(ready.columns.shape[1], dtype=bool)
    for selected in path:
        gains = []
        for column in range(ready.columns.shape[1]):
            model = np.column_stack([selected.step.basis, ready.columns[:, column]])
            error = left - model @ np.linalg.lstsq(model, left, rcond=None)[0]
            gains.append(-1.0 if barred[column] else left @ left - error @ error)
        assert selected.step.winner == int(np.argmax(gains))
        barred |= selected.cluster


def test_planted_words_come_first_and_are_significant(found, ready):
    path = select_motifs(found, readout_of(ready, 14, [10, 50], 0), n_steps=4)
    assert {selected.step.winner for selected in path[:2]} == {10, 50}
    steps = [selected.step for selected in path]
    for engine in ("maxt", "conditional", "line", "permutation"):
        log_p = [tested.log_p for tested in apply_engine(steps, engine, seed=0)]
        assert max(log_p[:2]) < np.log(0.05)
        assert stop_at_first(log_p) >= 2


def test_clusters_hold_shifts_neighbors_and_the_other_strand():
    letters = np.random.default_rng(0).integers(0, 4, (300, 40)).astype(np.uint8)
    words = word_activations(letters, 6)
    ready = prepare(words.values, np.random.default_rng(1).normal(size=300))
    column = words.names.index("CTTATC")  # the other strand of GATAAG
    related = relatives(words, ready, column)
    by_hand = ["GATAAG", "GATACG", "AGATAA", "ATAAGC", "AAGATA", "CAGATA"]
    for name in by_hand:
        other = "".join(DNA.letters[DNA.complement_codes[code]] for code in DNA.codes(name)[::-1])
        known = name if name in words.names else other
        assert related[words.names.index(known)], name
    assert not related[words.names.index("CCGTGA")]
    assert related.sum() < 120
    products = np.abs(ready.columns.T @ ready.columns[:, column])
    assert related[products >= 0.7].all()


def test_members_include_copies_that_share_a_column(found):
    doubled = type(found)(
        np.column_stack([found.values, found.values[:, 7]]), (*found.names, "copy"),
        np.concatenate([found.words, found.words[7:8]]),
    )  # fmt: skip
    readout = 9 * found.values[:, 7] + 0.1 * np.random.default_rng(0).normal(size=120)
    [selected] = select_motifs(doubled, prepare(doubled.values, readout), n_steps=1)
    assert selected.motif == 7
    assert {7, len(found.names)} <= set(selected.members.tolist())


def test_the_same_seed_gives_the_same_p_values(found, ready):
    steps = [selected.step for selected in select_motifs(found, ready, n_steps=3)]
    once, again, other = (apply_engine(steps, seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    with pytest.raises(InputError, match="`engine` is 'max'; expected one of 'maxt'"):
        apply_engine(steps, "max")


def test_stopping_rules_by_hand():
    log_p = np.log([0.001, 0.04, 0.3, 0.02])
    assert stop_at_first(log_p) == 2
    assert stop_at_first(log_p, alpha=0.01) == 1
    means = np.cumsum(-np.log1p(-np.exp(log_p))) / np.arange(1, 5)
    assert forward_stop(log_p, fdr=float(means[3]) + 1e-9) == 4
    assert forward_stop(log_p, fdr=0.03) == 2
    assert forward_stop([0.0], fdr=0.5) == stop_at_first([0.0]) == 0
    assert forward_stop([-1e4]) == 1


@pytest.mark.parametrize(("n_steps", "size"), [(1, 0.0), (1, 5.0), (2, 7.0)])
def test_intervals_hold_the_truth_as_often_as_they_say(found, ready, n_steps, size):
    inside = []
    for seed in range(80 // n_steps):
        columns = np.random.default_rng(seed).choice(ready.columns.shape[1], n_steps, replace=False)
        prepared = readout_of(ready, size, columns, seed)
        told = randomized_intervals(
            found, prepared, n_steps=n_steps, sigma=1.0, n_draws=20, seed=seed
        )
        truth = told.directions.T @ (size * ready.columns[:, columns].sum(axis=1))
        inside += ((told.lower <= truth) & (truth <= told.upper)).tolist()
    assert 0.8 <= np.mean(inside) <= 0.98


def test_strong_effects_are_coefficients_per_deviation(found, ready):
    signal = 90 * ready.columns[:, 10] + 40 * ready.columns[:, 50]
    prepared = ready.with_readout(signal + np.random.default_rng(0).normal(size=120))
    told = randomized_intervals(found, prepared, n_steps=2, sigma=1.0, seed=0)
    activation = found.values[:, told.motifs[0]]
    model = np.column_stack([np.ones(120), activation])
    weight = np.linalg.lstsq(model, prepared.residual, rcond=None)[0][1]
    np.testing.assert_allclose(told.effect[0], weight * activation.std(ddof=1), rtol=1e-4)
    np.testing.assert_allclose(told.effect, told.directions.T @ prepared.residual, rtol=1e-4)
    assert ((told.lower < told.effect) & (told.effect < told.upper)).all()


def test_effects_are_above_the_truth_as_often_as_below(found, ready):
    """Least squares is above more often, as noise helped the motif to be selected."""
    above = []
    for seed in range(150):
        prepared = readout_of(ready, 2.5, [10], seed)
        told = randomized_intervals(found, prepared, sigma=1.0, n_draws=20, seed=seed)
        columns = ready.columns[:, ready.groups[told.motifs]]
        model = np.column_stack([np.ones(120), columns])
        readouts = np.column_stack([2.5 * ready.columns[:, 10], prepared.residual])
        truth, least_squares = np.linalg.lstsq(model, readouts, rcond=None)[0][1] / np.sqrt(119)
        towards = np.sign(least_squares)
        above.append((told.effect[0] > truth, least_squares * towards > truth * towards))
    corrected, biased = np.mean(above, axis=0)
    assert 0.4 < corrected < 0.6
    assert biased > 0.8


def test_effects_of_several_motifs_are_no_larger_than_least_squares(found, ready):
    for seed in range(20):
        prepared = readout_of(ready, 3.0, [10, 50], seed)
        told = randomized_intervals(found, prepared, n_steps=2, n_draws=20, seed=seed)
        assert ((told.lower <= told.effect) & (told.effect <= told.upper)).all()
        least_squares = told.directions.T @ prepared.residual
        inside = (least_squares >= told.lower) & (least_squares <= told.upper)
        most = np.abs(least_squares[inside]) * (1 + 1e-6)
        assert (np.abs(told.effect[inside]) <= most).all()


def test_intervals_scale_with_the_readout(found, ready):
    prepared = readout_of(ready, 9, [10], 0)
    once = randomized_intervals(found, prepared, seed=0)
    larger = randomized_intervals(found, prepared.with_readout(1e6 * prepared.residual), seed=0)
    np.testing.assert_allclose(larger.lower, 1e6 * once.lower, rtol=1e-4)
    np.testing.assert_allclose(larger.p_value, once.p_value, rtol=1e-3)


def test_wrong_levels_are_refused(found, ready):
    with pytest.raises(InputError, match=r"`level` is 1\.5; expected a share between"):
        randomized_intervals(found, ready, level=1.5)
    with pytest.raises(InputError, match="`gamma` is 0"):
        randomized_intervals(found, ready, gamma=0)
    with pytest.raises(InputError, match="`sigma` is -1"):
        randomized_intervals(found, ready, sigma=-1.0)
