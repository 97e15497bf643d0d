"""P-values where nothing is planted, at the size at which the benchmark tells their shares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from benchmarks.significance_calibration import EXACT, binom, holm, null_p_values

TABLE = Path(__file__).parents[1] / "benchmarks" / "significance.md"


@pytest.fixture(scope="module")
def p_values():
    """Of every engine for the first 300 sets of n = 100."""
    told = [null_p_values(100, seed)[0] for seed in range(300)]
    return {engine: np.array([one[engine] for one in told]) for engine in told[0]}


@pytest.mark.slow
def test_no_engine_exceeds_its_level(p_values):
    assert holm([binom(p_values[engine]) for engine in EXACT]).min() > 0.05


@pytest.mark.slow
def test_p_values_are_uniform(p_values):
    assert holm([kstest(p_values[engine], "uniform").pvalue for engine in EXACT]).min() > 0.05


@pytest.mark.slow
def test_the_naive_test_fails_both(p_values):
    assert binom(p_values["naive"]) < 1e-6
    assert kstest(p_values["naive"], "uniform").pvalue < 1e-6


def test_the_first_two_sets_are_those_of_the_table():
    _, rest = TABLE.read_text().split("The first two sets of n = 100:")
    header, _, *rows = rest.strip().splitlines()[:4]
    engines = [cell.strip() for cell in header.strip("|").split("|")][1:]
    for row in rows:
        seed, *told = (float(cell) for cell in row.strip("|").split("|"))
        p = null_p_values(100, int(seed))[0]
        assert [p[engine] for engine in engines] == pytest.approx(told, rel=0.02)
