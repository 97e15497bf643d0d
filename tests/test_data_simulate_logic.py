"""Rules of logic: two words together, one of two copies, reading frames, partners."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import schema
from motifbook.data.simulation.partners import PartnerRule, simulate_partners
from motifbook.data.simulation.spelled import spelled
from motifbook.data.simulation.uorf import UorfRule, true_load
from motifbook.onehot import encode

STARTS, STOPS = (8, 11, 14), (35, 38, 41, 44, 47)


def n_per_sequence(adata):
    """Sites of each motif in each sequence, (n, n_motifs)."""
    sites = adata.uns["truth"]["sites"]
    names = [*adata.uns["truth"]["motifs"]]
    counts = sites.groupby(["sequence", "motif"]).size().unstack(fill_value=0)
    return counts.reindex(index=adata.obs_names, columns=names, fill_value=0).to_numpy()


def load_by_hand(sequence, rule):
    """Read every frame codon by codon."""
    lowered = 0.0
    for start in range(len(sequence) - 2):
        if sequence[start : start + 3] != "ATG":
            continue
        codons = [sequence[i : i + 3] for i in range(start, len(sequence) - 2, 3)]
        if {"TAA", "TAG", "TGA"} & set(codons):
            lowered = max(lowered, rule.own)
        elif (len(sequence) - start) % 3:
            lowered = max(lowered, rule.overlapping)
    return rule.load - lowered


def test_both_words_are_needed():
    adata = mb.simulate(1000, 200, rule="both", seed=0)
    counts = n_per_sequence(adata)
    np.testing.assert_array_equal(adata.X[:, 0] == 1, (counts == 1).all(axis=1))
    kinds, n = np.unique(counts, axis=0, return_counts=True)
    assert kinds.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert n.tolist() == [100, 200, 200, 500]


def test_one_copy_does():
    adata = mb.simulate(1000, 200, rule="copies", seed=0)
    counts = n_per_sequence(adata)[:, 0]
    np.testing.assert_array_equal(adata.X[:, 0] == 1, counts > 0)
    assert np.bincount(counts).tolist() == [500, 250, 250]


@pytest.mark.parametrize("rule", ["both", "copies"])
def test_words_stand_12_letters_apart_all_over_the_sequence(rule):
    sites = mb.simulate(2000, 200, rule=rule, seed=1).uns["truth"]["sites"]
    ends = sites.groupby("sequence")["end"].shift()
    assert (sites["start"] - ends).min() == 12
    assert sites["start"].quantile(0.02) < 30
    assert sites["start"].quantile(0.98) > 160


def test_a_spelled_motif_shows_its_letters():
    motif = spelled("GAT", 0.7)
    assert motif.ppm[:, 0].tolist() == pytest.approx([0.1, 0.1, 0.7, 0.1])
    assert spelled("GAT").consensus == "GAT"


def test_the_load_is_what_reading_codon_by_codon_gives():
    rule = UorfRule(load=9, own=6, overlapping=2, noise=0)
    adata = mb.simulate(400, 50, rule=rule, seed=0)
    expected = [load_by_hand(sequence, rule) for sequence in adata.obs["sequence"]]
    assert adata.X[:, 0].tolist() == expected
    assert set(expected) == {9, 7, 3}


def test_noise_is_as_large_as_stated():
    adata = mb.simulate(3000, 50, rule="uorf", seed=0)
    error = adata.X[:, 0] - true_load(encode(adata.obs["sequence"]), UorfRule())
    assert error.std() == pytest.approx(0.5, abs=0.03)
    assert adata.var["kind"].tolist() == ["continuous"]


@pytest.mark.parametrize(("n_starts", "n_stops"), [(1, 1), (1, 2), (2, 1), (2, 2), (1, 0)])
def test_designs_hold_what_was_planted_and_nothing_else(n_starts, n_stops):
    rule = UorfRule((n_starts,) * 2, (n_stops,) * 2, STARTS, STOPS, noise=0, by_chance=False)
    adata = mb.simulate(200, 50, rule=rule, seed=1)
    sites = adata.uns["truth"]["sites"]
    assert n_per_sequence(adata).tolist() == [[n_starts, n_stops]] * 200
    assert set(sites.start[sites.motif == "start"]) == set(STARTS)
    assert set(sites.start[sites.motif == "stop"]) == (set(STOPS) if n_stops else set())
    for name, sequence in adata.obs["sequence"].items():
        found = {i for i in range(48) if sequence[i : i + 3] == "ATG"}
        planted = sites[(sites.sequence == name) & (sites.motif == "start")]
        assert found == set(planted.start)
        words = [sequence[i : i + 3] for i in range(2, 48, 3)]  # the frame of the starts
        assert sum(word in ("TAA", "TAG", "TGA") for word in words) == n_stops
    assert (adata.X[:, 0] == (3 if n_stops else 8)).all()


def test_codons_of_one_sequence_share_a_frame_and_the_strand_is_never_turned():
    sites = mb.simulate(300, 50, rule="uorf", seed=2).uns["truth"]["sites"]
    assert (sites.strand == "+").all()
    frames = (sites.start % 3).groupby(sites.sequence).nunique()
    assert frames.max() == 1
    assert set(sites.start % 3) == {0, 1, 2}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n_starts": (2, 1)}, r"`n_starts` is 1; expected a whole number, 2 or more"),
        ({"n_stops": 2}, r"`n_stops` is 2; expected the smallest and the largest"),
        ({"starts": 5}, r"`starts` is 5; expected places such as"),
        ({"own": -1}, r"`own` is -1; expected"),
        ({"stops": (35,)}, r"`stops` has 1 places for up to 2 codons"),
    ],
)
def test_impossible_frames_are_refused(fields, said):
    with pytest.raises(InputError, match=said):
        UorfRule(**fields)


def test_utrs_without_room_are_refused():
    with pytest.raises(InputError, match=r"`length` is 40; expected room for 2 starts and 2 stops"):
        mb.simulate(10, 40, rule=UorfRule(starts=STARTS, stops=STOPS), seed=0)
    with pytest.raises(InputError, match=r"`length` is 8; expected room"):
        mb.simulate(10, 8, rule="uorf", seed=0)


def test_chains_bind_where_they_hold_matching_words():
    adata = simulate_partners(1000, seed=0)
    schema.validate(adata)
    sites, words = adata.uns["truth"]["sites"], {}
    for site in sites.itertuples():
        words.setdefault(site.sequence, {})[site.chain] = site.motif
    binds = dict(zip(adata.uns["truth"]["effects"].motif, adata.uns["truth"]["effects"].partner))
    for name, bound in zip(adata.obs_names, adata.X[:, 0]):
        held = words.get(name, {})
        both = len(held) == 2
        assert (both and binds[held["sequence"]] == held["partner"]) == bool(bound)
    n_held = [len(words.get(name, {})) for name in adata.obs_names]
    assert np.bincount(n_held).tolist() == [100, 100, 800]
    assert adata.X.sum() == 500


def test_sites_of_partners_lie_in_their_chains():
    rule = PartnerRule(probability=1)
    adata = simulate_partners(200, (20, 30), rule=rule, seed=1)
    for site in adata.uns["truth"]["sites"].itertuples():
        assert adata.obs[site.chain][site.sequence][site.start : site.end] == site.motif
    sizes = adata.obs["partner"].str.len()
    assert (sizes.min(), sizes.max()) == (20, 30)
    assert set(adata.uns["truth"]["sites"].motif) == {word for pair in rule.pairs for word in pair}


def test_decoys_hold_every_word_that_does_not_bind():
    sites = simulate_partners(4000, seed=2).uns["truth"]["sites"]
    wide = sites.pivot(index="sequence", columns="chain", values="motif").dropna()
    assert len(wide.drop_duplicates()) == 64
    counts = wide.reset_index(drop=True).value_counts()
    assert counts.nsmallest(56).min() > 5
    assert counts.nlargest(8).min() > 200


def test_partners_are_the_same_for_the_same_seed():
    first, again, other = (simulate_partners(50, seed=seed) for seed in (3, 3, 4))
    assert first.obs.equals(again.obs)
    assert not first.obs.equals(other.obs)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pairs": [("KL", "EL")]}, r"`pairs` is .*; expected two or more pairs"),
        ({"pairs": 5}, r"`pairs` is 5; expected two or more pairs"),
        ({"pairs": [5, 6]}, r"`pairs` is .*; expected two or more pairs"),
        ({"pairs": [("KL", "EL"), ("KB", "EE")]}, r"holds 'KB'; expected letters of ACD"),
        ({"matching": -1}, r"`matching` is -1; expected"),
        ({"probability": 0}, r"`probability` is 0; expected"),
        (
            {"matching": 0, "other": 0, "one": 0, "none": 0},
            r"`matching` and the others are all 0",
        ),
    ],
)
def test_impossible_partners_are_refused(fields, said):
    with pytest.raises(InputError, match=said):
        PartnerRule(**fields)


def test_chains_too_short_are_refused():
    with pytest.raises(InputError, match=r"`lengths` is 5; expected a whole number, 8 or more"):
        simulate_partners(10, (5, 20))


def test_partners_have_a_rule_of_their_own():
    with pytest.raises(InputError, match=r"`rule` is 'partners'; expected such as `mb.PartnerRule"):
        mb.simulate_partners(10, rule="partners")
    assert mb.PartnerRule is PartnerRule
