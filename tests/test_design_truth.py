"""Two seeds of the benchmark of designs, compared with its committed table."""

from __future__ import annotations

import json

import pytest

import motifbook as mb
from benchmarks import design_truth

TABLE = json.loads(design_truth.RUNS.read_text())


def told(rule, seed, method):
    [run] = [
        one for one in TABLE if (one["rule"], one["seed"], one["method"]) == (rule, seed, method)
    ]
    return run


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_agrees_with_the_table(seed):
    options = mb.DesignOptions(n_calls=design_truth.CALLS, n_steps=design_truth.STEPS)
    for again in design_truth.run("additive", seed, ["motifs", "random"], options):
        before = told("additive", seed, again["method"])
        assert again["reach"] == pytest.approx(before["reach"], abs=0.1)
        assert again["percentile"] == before["percentile"]
        assert again["true"] == pytest.approx(before["true"], rel=0.25)


@pytest.mark.parametrize("rule", ["additive", "formula", "tut2"])
@pytest.mark.parametrize("method", ["motifs", "greedy", "random"])
def test_the_table_holds_ten_seeds_of_what_it_speaks_of(rule, method):
    reached = [told(rule, seed, method)["reach"] for seed in range(10)]
    assert (min(reached) >= 0.95) == (method != "random")
