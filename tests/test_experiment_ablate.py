"""What the network misses without a motif's sites: closed forms, tangermeme, padding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from networks import NETWORKS, awake
from scipy import stats
from scipy.special import expit
from tangermeme.ablate import ablate as referee
from test_experiment_marginalize import codes, remembered
from toys import book, linear, words

import motifbook as mb
from motifbook import InputError
from motifbook.data import store
from motifbook.experiment.ablate import Stretches, without
from motifbook.onehot import decode, encode, onehot

COLUMNS = ["motif", "before", "after", "readout", "effect", "lower", "upper", "n", "unit"]
C = "C" * 40


def hits(*rows):
    return pd.DataFrame(rows, columns=["sequence", "start", "end", "motif"])


def bound(table):
    return table[table["readout"] == "bound"].set_index("motif")


def test_a_network_misses_what_the_site_gave_it():
    adata = book([C[:18] + "GATA" + C[:18], C[:37] + "TTT", C])
    sites = hits(("s0", 18, 22, "GATA"), ("s1", 37, 40, "T"), ("s2", 0, 5, "no"))
    table = mb.ablate(words(), adata, sites, letters="drawn", seed=0)
    assert table.columns.tolist() == COLUMNS
    assert table["motif"].tolist() == ["GATA", "GATA", "T", "T", "no", "no"]
    assert table["unit"].tolist() == ["logit", "readout"] * 3
    np.testing.assert_allclose(bound(table)["effect"], [-2, 3, 0], atol=1e-6)
    np.testing.assert_allclose(bound(table)["before"], expit([3, -2, 1]), atol=1e-6)
    np.testing.assert_allclose(bound(table)["after"], expit([1, 1, 1]), atol=1e-6)
    assert (table["n"] == 1).all()
    assert table["lower"].isna().all()


def test_all_sites_of_a_motif_are_taken_out_together_or_one_by_one():
    adata = book([C[:5] + "GATA" + C[:20] + "GATA" + C[:7], C[:18] + "GATA" + C[:18]])
    sites = hits(("s0", 5, 9, "GATA"), ("s0", 29, 33, "GATA"), ("s1", 18, 22, "GATA"))
    args = {"letters": "drawn", "seed": 0}
    together = bound(mb.ablate(words(), adata, sites, **args)).loc["GATA"]
    alone = bound(mb.ablate(words(), adata, sites, per="hit", **args)).loc["GATA"]
    assert [together["effect"], together["n"]] == pytest.approx([-2, 2])
    assert [alone["effect"], alone["n"]] == pytest.approx([-1, 2])  # 0 in s0, -2 in s1
    low, high = stats.t.interval(0.95, 1, -1, stats.sem([0, -2]))
    assert [alone["lower"], alone["upper"]] == pytest.approx([low, high])


def test_positions_count_from_the_first_letter_of_each_sequence():
    sequences = [C[:10] + "GATA" + C[:7], "GATA" + C[:11], C[:18] + "GATA" + C[:18]]
    sites = hits(("s0", 10, 14, "GATA"), ("s1", 0, 4, "GATA"), ("s2", 18, 22, "GATA"))
    text = book(sequences)
    packed = book(sequences)
    packed.obsm["letters"] = store.get_letters(text)
    del packed.obs["sequence"]
    for adata in (text, packed):
        row = bound(mb.ablate(words(), adata, sites, letters="drawn", seed=0)).loc["GATA"]
        assert [row["effect"], row["n"]] == pytest.approx([-2, 3])
        assert row["upper"] - row["lower"] < 1e-6


def test_letters_outside_the_sites_and_unknown_ones_stay():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (3, 30)).astype(np.uint8)
    letters[0, :4] = letters[1, 12] = 4
    rows, starts, ends = np.array([[0, 0, 1, 1], [4, 20, 10, 0], [9, 30, 15, 3]])
    sites = Stretches(rows, starts, ends, np.array([0, 0, 1, 2]))
    covered = np.zeros((3, 30), bool)
    covered[0, 4:9] = covered[0, 20:] = covered[1, 10:15] = covered[2, :3] = True
    ends = np.zeros_like(covered)
    ends[0, [4, 29]] = ends[2, 0] = True  # a shuffle keeps first and last letters
    for kind in ("shuffled", "drawn"):
        copies = np.stack(list(without(letters, sites, 4, letters=kind, n_draws=40, seed=0)))
        own = letters[[0, 1, 1]]
        changed = (copies != own).any(axis=0)
        kept = ends if kind == "shuffled" else False
        np.testing.assert_array_equal(changed, covered & (own < 4) & ~np.asarray(kept))
        np.testing.assert_array_equal(copies == 4, np.broadcast_to(own == 4, copies.shape))


def test_shuffled_letters_keep_pairs_and_drawn_ones_the_composition():
    letters = encode(["ACACACACGTGTTGTGACAACC"])
    whole = Stretches(*np.array([[0], [0], [22], [0]]))
    pairs = sorted(zip(letters[0], letters[0][1:]))
    for copy in without(letters, whole, 4, seed=0):
        assert sorted(zip(copy[0], copy[0][1:])) == pairs
    rare = encode(["A" * 27 + "C" * 3])
    site = Stretches(*np.array([[0], [0], [30], [0]]))
    drawn = np.stack(list(without(rare, site, 4, letters="drawn", n_draws=400, seed=0)))
    assert set(decode(drawn[:, 0])[0]) <= {"A", "C"}
    assert (drawn == 1).mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("name", ["CNN, hidden", "pairs", "attention", "published"])
def test_it_agrees_with_tangermeme(name):
    network = remembered(awake(NETWORKS[name]))
    letters = codes(network)
    adata = book(decode(letters))
    sites = hits(*((f"s{row}", 20, 35, "m") for row in range(6)))
    table = mb.ablate(network, adata, sites, n_draws=7, seed=3)
    rows = np.arange(6)
    copies = without(
        letters, Stretches(rows, 0 * rows + 20, 0 * rows + 35, rows), 4, n_draws=7, seed=3
    )
    drawn = torch.as_tensor(np.stack([onehot(copy) for copy in copies], axis=1))
    given = torch.as_tensor(onehot(letters))
    before, after = referee(
        network, given, 20, 35, n=7, shuffle_fn=lambda *_, **__: drawn, device="cpu"
    )
    assert (drawn[:, :, :, 20:35] != given[:, None, :, 20:35]).any()
    change = (after.mean(dim=1) - before).numpy() * [1, 4]
    np.testing.assert_allclose(table["effect"], change.mean(axis=0), rtol=1e-3, atol=1e-4)
    low, _ = stats.t.interval(0.95, 5, change.mean(0), stats.sem(change))
    np.testing.assert_allclose(table["lower"], low, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_part(name):
    network = remembered(awake(NETWORKS[name]))
    adata = book(decode(codes(network), network.alphabet), network.alphabet.name)
    table = mb.ablate(network, adata, hits(("s0", 3, 30, "m"), ("s4", 0, 60, "n")), seed=0)
    assert np.isfinite(table[["effect", "before", "after"]]).all(axis=None)
    assert (table["effect"] != 0).any()


def test_hits_of_a_scan_in_a_trained_network(trained):
    truth = trained.adata.uns["truth"]["motifs"]
    motif = mb.Motif("SPI1", truth["SPI1"])
    held_out = trained.adata[trained.adata.obs["split"] == "test"]
    found = mb.scan(motif, held_out)
    for letters in ("shuffled", "drawn"):
        row = mb.ablate(trained.model, held_out, found, letters=letters, seed=0).iloc[0]
        assert row["upper"] < -2  # the motif raises the logit
        assert row["n"] == found["sequence"].nunique()


def test_seeds_decide_the_draws():
    adata = book(["ACGTTGCAGATACCAGTACGTAGCATCGATCGATCGACTA"])
    sites = hits(("s0", 5, 30, "m"))
    tables = [mb.ablate(linear(), adata, sites, n_draws=1, seed=seed) for seed in (0, 0, 1)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert tables[0]["effect"][0] != tables[2]["effect"][0]


def test_no_hits_make_an_empty_table():
    table = mb.ablate(words(), book([C]), hits())
    assert table.columns.tolist() == COLUMNS
    assert len(table) == 0


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        ("GATA", r"`hits` is 'GATA'; expected a table, such as `mb.scan"),
        (pd.DataFrame({"sequence": ["s0"]}), r"The hits table has no column 'start'"),
        (
            hits(("chr1", 0, 4, "m")),
            r"site in sequence 'chr1', which `adata` .* such as \['s0'.*scan",
        ),
        (hits((0, 0, 4, "m")), r"site in sequence 0, which `adata` does not hold"),
        (hits(("s0", 38, 42, "m")), r"a site at 38 to 42 of sequence 's0', which has 40 letters"),
        (hits(("s0", -1, 4, "m")), r"a site at -1 to 4 of sequence 's0'"),
        (hits(("s0", 9, 9, "m")), r"a site at 9 to 9 of sequence 's0'.*expected it inside"),
        (hits(("s0", 2.5, 9, "m")), r"`hits\['start'\]` holds 2\.5; expected whole numbers"),
        (hits(("s0", None, 9, "m")), r"`hits\['start'\]` holds None; expected whole numbers"),
        (hits(("s0", "a", 9, "m")), r"`hits\['start'\]` holds a; expected whole numbers"),
    ],
)
def test_tables_that_do_not_fit_are_refused(sites, said):
    with pytest.raises(InputError, match=said):
        mb.ablate(words(), book([C]), sites)


def test_options_and_alphabets_are_checked():
    site = hits(("s0", 0, 4, "m"))
    with pytest.raises(InputError, match=r"`per` is 'site'; expected one of 'motif', 'hit'"):
        mb.ablate(words(), book([C]), site, per="site")
    with pytest.raises(InputError, match=r"`letters` is 'shuffle'.*Did you mean 'shuffled'"):
        mb.ablate(words(), book([C]), site, letters="shuffle")
    with pytest.raises(InputError, match=r"`n_draws` is 0; expected a whole number, 1 or more"):
        mb.ablate(words(), book([C]), site, n_draws=0)
    with pytest.raises(InputError, match=r"reads DNA, the sequences are protein"):
        mb.ablate(words(), book([C], "protein"), site)
    with pytest.raises(InputError, match="not been trained yet"):
        mb.ablate(mb.CNN(1), book([C]), site)


def test_sequences_of_one_name_cannot_be_told_apart():
    adata = book([C, C])
    adata.obs_names = ["s0", "s0"]
    with pytest.raises(InputError, match=r"have one name; .*obs_names_make_unique"):
        mb.ablate(words(), adata, hits(("s0", 0, 4, "m")))
