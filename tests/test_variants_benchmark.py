"""Two seeds of benchmarks/variants.py against its committed table, and what the table says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import variants
from benchmarks.variants_truth import SIZES, Side, Truth
from motifbook import Motif
from motifbook.variants.changes import Change


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_agrees_with_the_table(seed):
    assert variants.disagreements([variants.run("tut2", seed)]) == []


@pytest.fixture(scope="module")
def runs():
    return json.loads(variants.TABLE.read_text())


def test_the_table_holds_ten_seeds_of_each_set(runs):
    assert {(one["set"], one["seed"]) for one in runs} == {
        (name, seed) for name in SIZES for seed in range(10)
    }


def test_effects_follow_the_true_ones_in_every_seed(runs):
    assert min(one["r"] for one in runs if one["set"] == "graded") >= 0.9


def test_whole_sites_are_named(runs):
    own = [one for one in runs if one["set"] == "tut2"]
    recall, precision, n = variants.shares(own, list(variants.WHOLE), "network")
    assert n > 3000
    assert recall >= 0.95
    assert precision >= 0.95


def test_the_truth_judges_by_occupancy():
    truth = Truth.of({"GATA": Motif("GATA", np.eye(4)[[2, 0, 3, 0]].T * 0.96 + 0.01).ppm})
    pair = ["CCCCCGATACCCCC", "CCCCCGTTACCCCC"]
    before, after = ({"GATA": truth.occupancy([text])["GATA"][0]} for text in pair)
    side = Side(truth, before, after, [Change(6, "A", "T")], "destroyed")
    assert side.lost() == [("GATA", 5, 9)]
    assert side.verdict(("GATA", 5, 9), None) == "right"
    assert side.verdict(("GATA", 0, 4), None) == "wrong"
    assert side.verdict(("TAL1", 5, 9), None) == "wrong"
    assert Side(truth, after, before, [Change(6, "T", "A")], "created").lost() == []
