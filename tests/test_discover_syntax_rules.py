"""From curves of planted pairs to rules: ranges, strands, order, thresholds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, Motif
from motifbook.discover.syntax.gap_curves import mirrored, runs, strand_groups
from motifbook.discover.syntax.rules import Rule, find_rules, refuse_repeated

BOTH = ("++", "+-", "-+", "--")
NOISE = 0.2  # half-width of every interval


def effects(
    told: dict[tuple[str, int], float],
    *,
    pair: tuple[str, str] = ("A", "B"),
    alone: tuple[float, float] = (0.1, 0.1),
    orientations: tuple[str, ...] = BOTH,
    usual: float = 0.0,
    reach: int = 30,
    readout: str = "bound",
) -> pd.DataFrame:
    """A table as of `experiment.space`: `usual` everywhere but where told otherwise."""
    rows = []
    for orientation, gap in product(orientations, range(reach + 1)):
        effect = told.get((orientation, gap), usual)
        rows.append((*pair, orientation, gap, *alone, sum(alone) + effect, readout, effect))
    columns = [*("motif_a", "motif_b", "orientation", "gap"), *("alone_a", "alone_b", "together")]
    table = pd.DataFrame(rows, columns=[*columns, "readout", "effect"])
    return table.assign(
        lower=table["effect"] - NOISE, upper=table["effect"] + NOISE, n=30, unit="logit"
    )


def on(gaps: range, *orientations: str, effect: float = 3.0) -> dict[tuple[str, int], float]:
    return {(orientation, gap): effect for orientation in orientations for gap in gaps}


def told(rule: Rule) -> tuple[str, str, str, str, int, int, str]:
    return (
        rule.motif_a, rule.motif_b, rule.order, rule.orientation,
        rule.gap_min, rule.gap_max, rule.spacing,
    )  # fmt: skip


def test_a_range_of_gaps_in_one_orientation_is_a_rule():
    [rule] = find_rules(effects(on(range(6, 11), "++")), tied=True)
    assert told(rule) == ("A", "B", "motif_a first", "++", 6, 10, "soft")
    assert (rule.effect, rule.lower, rule.upper) == pytest.approx((3.0, 2.8, 3.2))
    assert (rule.n, rule.unit, rule.readout) == (30, "logit", "bound")


def test_the_mean_over_the_range_is_the_effect():
    curve = {("++", 6): 2.0, ("++", 7): 3.0, ("++", 8): 4.0}
    [rule] = find_rules(effects(curve), tied=True)
    assert (rule.gap_min, rule.gap_max) == (7, 8)  # 2 is no more than half of 4
    assert rule.effect == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("gaps", "spacing"),
    [(range(5, 6), "hard"), (range(5, 7), "hard"), (range(5, 8), "soft"), (range(31), "any")],
)
def test_spacing_is_named_by_the_width_of_the_range(gaps, spacing):
    [rule] = find_rules(effects(on(gaps, *BOTH)), tied=True)
    assert rule.spacing == spacing


def test_any_distance_has_peaks_too():
    curve = on(range(31), *BOTH) | on(range(4, 5), *BOTH, effect=9.0)
    [rule] = find_rules(effects(curve), tied=True)
    assert (rule.gap_min, rule.gap_max, rule.spacing) == (0, 30, "any")


def test_a_strand_that_makes_no_difference_is_merged():
    [rule] = find_rules(effects(on(range(6, 11), "++", "-+")), tied=True)
    assert told(rule)[:4] == ("A", "B", "motif_a first", "±+")
    assert rule.strands == ["++", "-+"]


def test_rules_are_told_from_the_strand_where_they_read_forward():
    [rule] = find_rules(effects(on(range(6, 11), "--")), tied=True)
    assert told(rule)[:4] == ("B", "A", "motif_a first", "++")
    [kept] = find_rules(effects(on(range(6, 11), "--")), tied=False)
    assert told(kept)[:4] == ("A", "B", "motif_a first", "--")


def test_the_same_on_one_strand_in_both_orders_is_either_order():
    [rule] = find_rules(effects(on(range(6, 11), "++", "--")), tied=True)
    assert told(rule)[2:6] == ("either", "++", 6, 10)


@pytest.mark.parametrize("orientation", ["+-", "-+"])
def test_opposite_strands_have_no_order(orientation):
    [rule] = find_rules(effects(on(range(3), orientation)), tied=True)
    assert told(rule)[2:4] == ("either", orientation)


def test_one_strand_knows_the_order():
    first = effects(on(range(6, 11), "++"), orientations=("++",))
    second = effects({}, pair=("B", "A"), orientations=("++",))
    [rule] = find_rules(pd.concat([first, second]), tied=False)
    assert told(rule)[:4] == ("A", "B", "motif_a first", "++")
    second = effects(on(range(6, 11), "++"), pair=("B", "A"), orientations=("++",))
    [rule] = find_rules(pd.concat([first, second]), tied=False)
    assert rule.order == "either"


def test_two_ranges_are_two_rules_but_one_gap_does_not_part_a_range():
    far = find_rules(effects(on(range(3, 6), "++") | on(range(20, 23), "++")), tied=True)
    assert sorted((rule.gap_min, rule.gap_max) for rule in far) == [(3, 5), (20, 22)]
    curve = on(range(3, 9), "++")
    del curve["++", 5]
    [rule] = find_rules(effects(curve), tied=True)
    assert (rule.gap_min, rule.gap_max) == (3, 8)


def test_helping_and_hindering_are_told_apart():
    curve = on(range(3, 6), "++") | on(range(20, 25), "++", effect=-2.0)
    help_, hinder = find_rules(effects(curve), tied=True)
    assert (help_.gap_min, help_.effect) == (3, pytest.approx(3.0))
    assert (hinder.gap_min, hinder.effect) == (20, pytest.approx(-2.0))


def test_what_is_small_beside_the_strongest_effect_is_no_rule():
    weak = effects(on(range(3, 6), "++", effect=0.8))
    assert len(find_rules(weak, tied=True)) == 1
    strong = effects({}, pair=("A", "C"), alone=(0.1, 5.0))
    assert find_rules(pd.concat([weak, strong]), tied=True) == []
    assert find_rules(weak, tied=True, strongest={"bound": 5.0}) == []
    assert len(find_rules(weak, tied=True, strongest={"other": 5.0})) == 1
    assert len(find_rules(weak, tied=True, strongest={"bound": 5.0}, smallest=0.1)) == 1


def test_what_may_be_chance_is_no_rule():
    table = effects(on(range(3, 6), "++"))
    assert find_rules(table.assign(lower=-1.0, upper=7.0), tied=True) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_if_one_of_two_is_enough_they_are_no_pair(sign):
    """A network that looks at the best site only: two do what one does."""
    for pair in (("A", "B"), ("A", "A")):
        table = effects({}, pair=pair, alone=(4.0 * sign, 4.5 * sign), usual=-4.0 * sign)
        assert find_rules(table, tied=True) == []


def test_two_that_undo_each_other_are_a_pair():
    [rule] = find_rules(effects({}, alone=(4.0, 4.0), usual=-8.0), tied=True)
    assert rule.spacing == "any"
    assert rule.effect == pytest.approx(-4.0)  # beyond: the second adds nothing to the first


def test_a_silent_motif_that_lowers_another_hinders_it():
    [rule] = find_rules(effects({}, alone=(0.0, 5.0), usual=-4.0), tied=True)
    assert (rule.spacing, rule.effect) == ("any", pytest.approx(-4.0))


def test_a_distance_at_which_two_copies_do_more_is_a_rule():
    table = effects(
        on(range(5, 8), "++", effect=-1.0),
        pair=("A", "A"), alone=(4.0, 4.0), usual=-4.0, orientations=("++", "+-", "-+"),
    )  # fmt: skip
    [rule] = find_rules(table, tied=True)
    assert told(rule)[2:6] == ("either", "++", 5, 7)
    assert rule.effect == pytest.approx(3.0)  # over two copies elsewhere


def test_rules_are_of_one_readout():
    first = effects(on(range(3, 6), "++"))
    second = effects(on(range(10, 13), "++", effect=-50.0), readout="level")
    rules = find_rules(pd.concat([first, second]), tied=True)
    assert [(rule.readout, rule.gap_min) for rule in rules] == [("level", 10), ("bound", 3)]


def test_turning_a_motif_turns_its_sign_alone():
    plain = effects(on(range(6, 11), "+-") | on(range(2), "++"))
    flip = {"++": "+-", "+-": "++", "-+": "--", "--": "-+"}
    turned = plain.assign(orientation=plain["orientation"].map(flip))
    got = {(r.strands[0], *r.gaps) for r in find_rules(plain, tied=False)}
    want = {(flip[r.strands[0]], *r.gaps) for r in find_rules(turned, tied=False)}
    assert got == want
    assert len(got) == 2


def test_mirroring_twice_changes_nothing():
    for a, b in product("+-±", repeat=2):
        assert mirrored(mirrored(a + b)) == a + b


def test_strands_are_compared_where_something_happens():
    rng = np.random.default_rng(0)
    curves = pd.DataFrame(rng.normal(0, 0.3, (60, 4)), columns=list(BOTH))
    curves.loc[7:9, ["++", "-+"]] += 5.0
    assert strand_groups(curves) == {"±+": ["++", "-+"], "±-": ["+-", "--"]}


def test_runs_of_numbers():
    assert runs([9, 3, 4]) == [(3, 4), (9, 9)]
    assert runs([3, 5, 8], bridge=1) == [(3, 5), (8, 8)]
    assert runs([]) == []


def test_motifs_of_one_name_are_refused():
    twice = [Motif.from_sites("A", ["GATTACA"]), Motif.from_sites("A", ["TTTT"])]
    with pytest.raises(InputError, match=r"'A' more than once; .*mb\.name_motifs"):
        refuse_repeated(twice)
