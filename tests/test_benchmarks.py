"""Two seeds of the experiments in benchmarks/, compared with their committed tables."""

from __future__ import annotations

import json

import pytest

from benchmarks import recovery


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), [("tut2", 0), ("tut2", 1), ("permuted", 0)])
def test_a_run_agrees_with_the_table(name, seed):
    again = recovery.run(name, seed)
    assert recovery.disagreements([again]) == []


def test_the_table_holds_every_set_and_seed_it_speaks_of():
    runs = json.loads(recovery.TABLE.read_text())
    for name in recovery.SETS:
        seeds = sorted(run["seed"] for run in runs if run["set"] == name)
        assert seeds == list(range(recovery.SEEDS[name]))


def test_a_changed_result_is_noticed():
    [told, *_] = json.loads(recovery.TABLE.read_text())
    assert recovery.disagreements([told]) == []
    changed = {**told, "similarity": dict.fromkeys(told["similarity"], 0.5)}
    assert len(recovery.disagreements([changed])) == 1
    assert len(recovery.disagreements([{**told, "auroc": told["auroc"] - 0.05}])) == 1
