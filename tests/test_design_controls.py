"""Controls of designs: without a motif, without any, shuffled, and the start."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import combinations, pairwise, product

import numpy as np
import pytest
import toys
from designs_example import ANY, GATA, TTT, made

import motifbook as mb
from motifbook.design.controls import controls
from motifbook.design.motif_hits import HitFinder
from motifbook.design.problem import Move
from motifbook.onehot import encode

START = "CCACCAACACCCAACCCACACACCAACCCACACCACACAA"
WITH_GATA = START[:6] + "AGATAAGA" + START[14:]
WITH_BOTH = WITH_GATA[:26] + "TTTGTTTC" + WITH_GATA[34:]
WAY = [START, WITH_GATA, WITH_BOTH]


def of(table, control):
    return table[table["control"] == control].iloc[0]


def sites(sequence, motif):
    return len(HitFinder([motif]).find(encode([sequence])))


def pairs(sequence):
    return Counter(pairwise(sequence))


def test_every_motif_is_taken_out_by_itself_and_all_together():
    table = controls(made([WAY]), seed=0)
    assert table["control"].tolist() == [
        "without GATA1", "without TTT box", "without all motifs", "shuffled", "start",
    ]  # fmt: skip
    one = of(table, "without GATA1")
    assert (sites(one["sequence"], GATA), sites(one["sequence"], TTT)) == (0, 1)
    assert one["n_sites"] == 1
    assert of(table, "without all motifs")["n_sites"] == 0


def fewest(sequence, motif, start):
    """Fewest letters of the site at `start` that must differ so that no site is left."""
    for n_letters in range(1, motif.width):
        tried = []
        for places in combinations(range(start, start + motif.width), n_letters):
            for others in product("ACGT", repeat=n_letters):
                changed = list(sequence)
                for place, letter in zip(places, others):
                    changed[place] = letter
                tried.append("".join(changed))
        sites = HitFinder([motif]).find(encode(tried), weak=True)
        if len(np.unique(sites.row)) < len(tried):
            return n_letters
    raise AssertionError


def test_as_few_letters_as_needed_differ():
    table = controls(made([WAY]), seed=0)
    needed = fewest(WITH_BOTH, GATA, 6), fewest(WITH_BOTH, TTT, 26)
    assert of(table, "without GATA1")["n_changed"] == needed[0]
    assert of(table, "without TTT box")["n_changed"] == needed[1]
    assert of(table, "without all motifs")["n_changed"] == sum(needed)
    differ = sum(a != b for a, b in zip(of(table, "without GATA1")["sequence"], WITH_BOTH))
    assert differ == needed[0]


def test_two_sites_on_two_strands_are_both_disabled():
    twice = WITH_GATA[:26] + "TCTTATCT" + WITH_GATA[34:]
    one = of(controls(made([[START, twice]]), seed=0), "without GATA1")
    assert (one["n_changed"], one["n_sites"]) == (2 * fewest(WITH_GATA, GATA, 6), 0)


def test_predictions_are_those_of_the_network_and_the_judge():
    model, judge = toys.words(), toys.words()
    table = controls(made([WAY], model, {"bound": "max", "n_g": "min"}), judge=judge, seed=0)
    predicted = mb.predict(model, toys.book(table["sequence"].tolist()))
    np.testing.assert_allclose(table[["bound", "n_g"]], predicted, rtol=1e-5)
    np.testing.assert_allclose(table[["bound_judge", "n_g_judge"]], predicted, rtol=1e-5)
    assert controls(made([WAY]), seed=0)["bound_judge"].isna().all()


def test_a_shuffle_keeps_pairs_of_letters_and_loses_the_motifs():
    table = controls(made([WAY]), n_shuffles=3, seed=0)
    shuffled = table[table["control"].str.startswith("shuffled")]
    assert shuffled["control"].tolist() == ["shuffled 1", "shuffled 2", "shuffled 3"]
    assert shuffled["sequence"].nunique() == 3
    assert [pairs(one) for one in shuffled["sequence"]] == [pairs(WITH_BOTH)] * 3
    assert (shuffled["n_sites"] == 0).all()


def test_shuffles_leave_fixed_letters_where_they_are():
    fixed = dataclasses.replace(ANY, fixed=((10, 20),))
    table = controls(made([WAY], constraints=fixed), seed=0)
    one = of(table, "shuffled")
    assert one["sequence"][10:20] == WITH_BOTH[10:20]
    assert pairs(one["sequence"]) == pairs(WITH_BOTH)
    assert one["keeps_constraints"]


def test_letters_that_must_stay_never_change():
    half = dataclasses.replace(ANY, fixed=((0, 10),))
    one = of(controls(made([WAY], constraints=half), seed=0), "without GATA1")
    assert one["sequence"][:10] == WITH_BOTH[:10]
    assert one["keeps_constraints"]
    whole = dataclasses.replace(ANY, fixed=((0, 20),))
    table = controls(made([WAY], constraints=whole), seed=0)
    assert "without GATA1" not in set(table["control"])  # it would be the design itself
    one = of(table, "without all motifs")
    assert one["sequence"][:20] == WITH_BOTH[:20]
    assert one["n_sites"] == 1
    assert one["keeps_constraints"]


def test_controls_keep_to_constraints_and_say_where_they_cannot():
    forbidden = [f"AGATA{a}GA" for a in "CGT"]  # leaves other columns
    limited = dataclasses.replace(ANY, avoid=forbidden)
    one = of(controls(made([WAY], constraints=limited), seed=0), "without GATA1")
    assert one["keeps_constraints"]
    required = dataclasses.replace(ANY, require=(GATA,))
    table = controls(made([WAY], constraints=required), seed=0)
    assert not of(table, "without GATA1")["keeps_constraints"]
    assert of(table, "without TTT box")["keeps_constraints"]


def test_the_start_is_a_control_of_each_design():
    table = controls(made([WAY, [START, WITH_GATA]]), seed=0)
    assert table.loc[table["control"] == "start", "sequence"].tolist() == [START, START]
    second = table[table["design"] == "design_2"]
    assert second["control"].tolist() == ["without GATA1", "shuffled", "start"]
    assert of(second, "start")["n_changed"] == sum(a != b for a, b in zip(START, WITH_GATA))


def test_a_start_that_was_mended_is_a_control_as_it_was_mended():
    designs = made([WAY])
    moves = (Move("repair"), *designs.paths[0].moves[1:])
    mended = dataclasses.replace(designs.paths[0], moves=moves)
    table = controls(dataclasses.replace(designs, paths=(mended,)), seed=0)
    assert of(table, "start, mended")["sequence"] == WITH_GATA


def test_a_design_without_edits_has_no_start_to_order_beside_it():
    table = controls(made([[START, START], [START, WITH_GATA]]), seed=0)
    assert table.loc[table["control"] == "start", "design"].tolist() == ["design_2"]


def test_other_code_finds_the_same_broken_constraints():
    asked = dataclasses.replace(ANY, avoid=["CCCAC", "AAGAC"], homopolymer=3, flanks=("AC", "A"))
    ways = [[one, WITH_GATA, WITH_BOTH] for one in toys.quiet(12, 40, seed=5)]
    table = controls(made(ways, constraints=asked), seed=0)
    broken = mb.check_order(table["sequence"].tolist(), asked)["sequence"]
    np.testing.assert_array_equal(~table["keeps_constraints"], table.index.isin(broken))
    assert table["keeps_constraints"].nunique() == 2


def test_designs_of_unequal_lengths_and_without_motifs():
    short = [START[:30], WITH_GATA[:30]]
    table = controls(made([WAY, short], model=toys.words()), seed=0)
    assert set(map(len, table.loc[table["design"] == "design_2", "sequence"])) == {30}
    bare = controls(made([WAY], motifs=()), seed=0)
    assert bare["control"].tolist() == ["shuffled", "start"]


def test_the_same_seed_makes_the_same_controls():
    designs = made([WAY])
    first, second = (controls(designs, n_shuffles=2, seed=7) for _ in range(2))
    assert first.equals(second)


def test_a_judge_of_other_readouts_is_refused():
    with pytest.raises(mb._check.InputError, match="`judge` predicts"):
        controls(made([WAY]), judge=toys.linear())
