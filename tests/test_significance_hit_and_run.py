"""The walk: on the sphere, inside the event, uniform there; and p-values from chains that meet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from motifbook import InputError
from motifbook.significance.hit_and_run import (
    besag_clifford,
    effective_size,
    lag_correlation,
    walk,
)

N = 8
BASIS = np.full((N, 1), 1 / np.sqrt(N))
AXIS = np.array([1, -1, *np.zeros(N - 2)]) / np.sqrt(2)


class Cap:
    """Directions within some angle of an axis; counts how often it is looked at."""

    def __init__(self, least):
        self.least, self.n_looked_at = least, 0

    def circles(self, points, tangents):
        def inside(angles, chains):
            self.n_looked_at += len(angles)
            values = points[chains] @ AXIS * np.cos(angles) + tangents[chains] @ AXIS * np.sin(
                angles
            )
            return values >= self.least

        return inside


def along(points):
    return points @ AXIS


def start(n_chains=1, seed=0):
    rng = np.random.default_rng(seed)
    rows = AXIS + 0.05 * rng.standard_normal((n_chains, N))
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cap_tail(value, least):
    """P(axis'u >= value) in a cap of the sphere of N - 1 dimensions."""

    def tail(cosine):
        return stats.t.sf(cosine / np.sqrt(1 - cosine**2) * np.sqrt(N - 2), N - 2)

    return tail(value) / tail(least)


def test_points_stay_on_the_sphere_in_the_event_and_off_the_basis():
    event = Cap(0.5)
    moved = walk(start(50), event, along, 30, basis=BASIS, rng=np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(moved.points, axis=1), 1)
    np.testing.assert_allclose(moved.points @ BASIS, 0, atol=1e-12)
    assert moved.trace.min() >= 0.5 - 1e-12
    assert event.n_looked_at == moved.n_evaluations
    assert moved.evaluations_per_step == pytest.approx(1 / moved.acceptance)


def test_the_law_in_a_cap_is_the_uniform_one():
    moved = walk(start(400), Cap(0.3), along, 40, basis=BASIS, rng=np.random.default_rng(1))
    tails = cap_tail(moved.trace[-1], 0.3)  # ends of 400 chains: independent
    assert stats.kstest(tails, "uniform").pvalue > 0.01


def test_without_an_event_directions_are_those_of_normal_noise():
    moved = walk(start(400), Cap(-1.1), along, 10, basis=BASIS, rng=np.random.default_rng(2))
    cosine = moved.trace[-1]
    referee = cosine / np.sqrt(1 - cosine**2) * np.sqrt(N - 2)
    assert stats.kstest(referee, stats.t(N - 2).cdf).pvalue > 0.01
    assert moved.evaluations_per_step == 1


def uniform_in_cap(least, rng):
    while True:
        point = rng.standard_normal(N)
        point -= point.mean()
        point /= np.linalg.norm(point)
        if point @ AXIS >= least:
            return point


@pytest.mark.parametrize("n_steps", [1, 5])
def test_p_values_are_uniform_even_if_chains_hardly_mix(n_steps):
    rng = np.random.default_rng(3)
    p_values = [
        besag_clifford(
            uniform_in_cap(0.3, rng),
            Cap(0.3),
            along,
            basis=BASIS,
            n_steps=n_steps,
            n_chains=19,
            rng=rng,
        ).p_value
        for _ in range(400)
    ]
    counts = np.bincount(np.round(np.array(p_values) * 20).astype(int), minlength=21)[1:]
    assert stats.chisquare(counts).pvalue > 0.01  # 1/20, 2/20, …, 1: equally often


def test_a_p_value_converges_to_the_tail():
    point = start(seed=4)[0]
    settings = {"basis": BASIS, "n_steps": 60, "n_chains": 2000}
    found = besag_clifford(point, Cap(0.3), along, rng=np.random.default_rng(4), **settings)
    exact = cap_tail(found.observed, 0.3)
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 2000) + 1e-3)
    assert found.ess > 1900


def test_lag_and_effective_size_of_an_autoregression():
    rng, values = np.random.default_rng(5), np.zeros((20_000, 2))
    for number in range(1, len(values)):
        values[number] = 0.8 * values[number - 1] + rng.standard_normal(2)
    assert lag_correlation(values) == pytest.approx(0.8, abs=0.02)
    assert effective_size(values) / values.size == pytest.approx(0.2 / 1.8, rel=0.15)
    assert effective_size(np.ones((10, 3))) == 1


def test_chains_have_steps():
    point, rng = start()[0], np.random.default_rng(0)
    with pytest.raises(InputError, match=r"`n_steps` is 0; expected a whole number, 1 or more"):
        besag_clifford(point, Cap(0), along, basis=BASIS, n_steps=0, n_chains=9, rng=rng)
    with pytest.raises(InputError, match=r"`n_chains` is 0; expected a whole number, 1 or more"):
        besag_clifford(point, Cap(0), along, basis=BASIS, n_steps=9, n_chains=0, rng=rng)
