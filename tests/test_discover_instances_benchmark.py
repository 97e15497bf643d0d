"""What the committed table of instances promises, and that a run comes out as it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import instances

RUNS = json.loads(instances.TABLE.read_text()) if instances.TABLE.exists() else []


@pytest.fixture
def tutorial() -> list[dict]:
    return [run for run in RUNS if run["set"] == "tut2"]


def mean(runs: list[dict], *keys: str) -> float:
    values = []
    for run in runs:
        value = run
        for key in keys:
            value = value[key]
        values.append(value)
    return float(np.mean(values))


def test_ten_seeds_of_the_tutorial_rule_reach_the_goal(tutorial):
    assert [run["seed"] for run in tutorial] == list(range(10))
    assert mean(tutorial, "precision", "all") >= 0.82
    assert mean(tutorial, "recall", "all") >= 0.75


def test_no_rival_finds_more_of_the_tutorial_rule(tutorial):
    ours = mean(tutorial, "auprc", "all")
    assert ours > mean(tutorial, "scan", "auprc")
    for name in tutorial[0]["attributions"]:
        assert ours > mean(tutorial, "attributions", name)


@pytest.mark.parametrize("name", ["pu1", "ctcf", "mafk"])
def test_instances_agree_with_the_best_known_matrix(name):
    [run] = [run for run in RUNS if run["set"] == name]
    assert run["held out"]["agree"] >= 0.8 * run["held out"]["with hit"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), [("tut2", 0), ("repress", 1)])
def test_a_run_agrees_with_the_table(name, seed):
    assert instances.disagreements([instances.planted(name, seed, None, rivals=False)]) == []
