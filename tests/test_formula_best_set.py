import numpy as np

from motifbook.formula.best_set import best_set


def problem(seed, worth):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(600, 12))
    readout = columns[:, :2] + worth * columns[:, 2:4] + rng.normal(size=(600, 2))
    first = np.arange(12) < 2
    return columns, readout, [first, np.ones(12, dtype=bool)]


def choose(seed, worth, **how):
    columns, readout, sets = problem(seed, worth)
    readout[::7, 1] = np.nan
    rows = {"discover": np.arange(400), "tune": np.arange(400, 600)}
    return best_set(columns, readout, sets, **rows, **how)


def test_columns_that_say_something_join():
    assert [choose(seed, 1.0) for seed in range(10)] == [1] * 10


def test_columns_that_say_nothing_rarely_do():
    assert sum(choose(seed, 0.0) for seed in range(40)) <= 3


def test_without_doubt_any_lead_counts():
    sure = [choose(seed, 0.15) for seed in range(30)]
    any_lead = [choose(seed, 0.15, sure=0.0) for seed in range(30)]
    assert all(a >= s for a, s in zip(any_lead, sure))
    assert sum(any_lead) > sum(sure)
