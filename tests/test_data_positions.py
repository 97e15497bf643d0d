"""Where hits lie: planted places, the mirror, and p-values without any."""

import numpy as np
import pytest
from scipy.stats import binom

from motifbook.data.positions import _stretches, densest
from motifbook.motif.best import best_matches
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode, reverse_complement

SITE = "TGACTCATTG"
MOTIF = Motif.from_sites("site", [SITE])


def random_letters(seed, n, length=100):
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def planted(offset, *, seed=0, n=300, length=100, spread=8):
    """Sequences in half of which the site's middle lies `offset` letters from theirs."""
    rng = np.random.default_rng(seed)
    letters = random_letters(seed, n, length)
    for row in range(0, n, 2):
        start = (
            (length - len(SITE)) // 2 + offset + int(rng.integers(-spread // 2, spread // 2 + 1))
        )
        letters[row, start : start + len(SITE)] = encode([SITE])[0]
    return letters


def places(letters, p_value=1e-3):
    [found] = best_matches([MOTIF], letters, p_value=p_value, background=[0.25] * 4)
    return densest(found.starts, found.is_hit, letters, 4, found.width)


@pytest.mark.parametrize("offset", [-30, 0, 25])
def test_a_planted_place_is_found(offset):
    found = places(planted(offset))
    assert abs(found.center[0] - offset) <= 2
    assert 8 <= found.width[0] <= 16
    assert found.share[0] > 0.7
    assert found.p_value[0] < 1e-50


def test_the_other_strand_gives_the_mirrored_place():
    letters = planted(20)
    one, other = places(letters), places(reverse_complement(letters))
    assert other.center[0] == -one.center[0]
    assert other.width[0] == one.width[0]
    assert other.p_value[0] == pytest.approx(one.p_value[0], rel=1e-3)


def test_shorter_sequences_count_from_their_middle():
    letters = planted(0, spread=4)
    short = letters[1::2, 10:-10].copy()
    short[:, 35:45] = encode([SITE])[0]
    padded = np.concatenate([letters[::2], np.pad(short, ((0, 0), (10, 10)), constant_values=4)])
    found = places(padded)
    assert abs(found.center[0]) <= 1
    assert found.share[0] > 0.9


def test_one_stretch_by_hand():
    letters = random_letters(1, 40, 30)
    starts = np.full((40, 1), 12, dtype=np.int32)  # of 21 positions; the middle one is 10
    is_hit = np.arange(40)[:, None] < 10
    found = densest(starts, is_hit, letters, 4, 10)
    lows, highs = _stretches(21)
    widths = (highs - lows)[(lows <= 12) & (highs > 12)]
    assert found.share.tolist() == [1]
    assert found.width[0] == widths.min() == 5
    assert found.center[0] == 2
    single = binom.sf(9, 10, 5 / 21)
    assert found.p_value[0] == pytest.approx(1 - (1 - single) ** len(lows))


def test_stretches_are_symmetric_and_one_is_central():
    for n_starts in (20, 21, 90, 191, 492):
        lows, highs = _stretches(n_starts)
        assert sorted(zip(n_starts - highs, n_starts - lows)) == sorted(zip(lows, highs))
        assert (lows >= 0).all()
        assert (highs <= n_starts).all()
        centered = (lows + highs == n_starts).sum()
        assert centered == len(np.unique(highs - lows))


def test_by_chance_few_p_values_are_small():
    letters = random_letters(3, 400, 80)
    rng = np.random.default_rng(4)
    motifs = [Motif(f"m{i}", rng.dirichlet(np.full(4, 0.3), size=9).T) for i in range(200)]
    p_values = []
    for found in best_matches(motifs, letters, p_value=2e-3):
        p_values += densest(found.starts, found.is_hit, letters, 4, found.width).p_value.tolist()
    assert len(p_values) == 200
    assert np.mean(np.array(p_values) < 0.05) < 0.08
    assert min(p_values) > 1e-4


def test_many_hits_are_placed_where_p_values_round_to_zero():
    letters = planted(10, n=20_000, spread=2)
    found = places(letters)
    assert found.p_value[0] == 1e-300
    assert abs(found.center[0] - 10) <= 2


def test_nothing_to_place_is_nan():
    letters = random_letters(5, 20, 40)
    none = densest(np.zeros((20, 1), np.int32), np.zeros((20, 1), bool), letters, 4, 8)
    short = densest(np.zeros((20, 1), np.int32), np.ones((20, 1), bool), letters[:, :9], 4, 8)
    for found in (none, short):
        assert np.isnan([found.center, found.width, found.share, found.p_value]).all()
