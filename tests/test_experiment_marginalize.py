"""What a motif does by itself: closed forms, tangermeme, intervals, every network."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from networks import NETWORKS, awake
from scipy import stats
from scipy.special import expit
from tangermeme.marginalize import marginalize as referee
from torch import nn
from toys import book, linear, quiet, words

import motifbook as mb
from motifbook import InputError
from motifbook.experiment.effects import mean_interval
from motifbook.models import Record
from motifbook.onehot import onehot, reverse_complement

COLUMNS = ["motif", "strand", "before", "after", "readout", "effect", "lower", "upper", "n", "unit"]


def remembered(network, length=60):
    """A network that takes itself for trained: a binary readout and a continuous one."""
    network.record = Record(["a", "b"], ["binary", "continuous"], [0.5, 3.0], [1.0, 4.0], length)
    return network


def codes(network, n=6, length=60, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, network.alphabet.n_letters, (n, length)).astype(np.uint8)


def test_a_word_adds_what_the_network_gives_it():
    table = mb.marginalize(words(), ["GATA", "TTT"], quiet(5))
    assert table.columns.tolist() == COLUMNS
    assert table["motif"].tolist() == ["GATA", "GATA", "TTT", "TTT"]
    assert table["readout"].tolist() == ["bound", "n_g"] * 2
    assert table["unit"].tolist() == ["logit", "readout"] * 2
    np.testing.assert_allclose(table["effect"], [2, 1, -3, 0], atol=1e-6)
    np.testing.assert_allclose(table["lower"], table["effect"], atol=1e-6)
    np.testing.assert_allclose(table["before"], [expit(1), 0] * 2, atol=1e-6)
    np.testing.assert_allclose(table["after"], [expit(3), 1, expit(-2), 0], atol=1e-6)
    assert (table["n"] == 5).all()


def test_on_the_other_strand_the_reverse_complement_is_written():
    table = mb.marginalize(words(), ["TATC", "AAA"], quiet(5), strand="both")
    bound = table[table["readout"] == "bound"]
    assert bound["strand"].tolist() == ["+", "-", "+", "-"]
    np.testing.assert_allclose(bound["effect"], [0, 2, 0, -3], atol=1e-6)


def test_letters_that_say_nothing_stay_those_of_the_background():
    columns = np.array([[0, 0, 1, 0], [0.25] * 4, [0.3, 0.2, 0.3, 0.2], [0, 0, 1, 0]]).T
    for motif in ("GNNG", mb.Motif("two Gs", columns)):
        letters = np.full((1, 40), 0, np.uint8)
        letters[0, 18:22] = [0, 3, 2, 0]  # ATGA -> GTGG
        table = mb.marginalize(words(), motif, letters)
        assert table["effect"][1] == pytest.approx(2)


def test_drawn_letters_come_as_often_as_the_motif_says():
    motif = mb.Motif("mostly G", np.array([[0.1, 0.1, 0.6, 0.2], [0, 0.5, 0.5, 0]]).T)
    table = mb.marginalize(words(), motif, quiet(4000), letters="drawn", seed=0)
    assert table["lower"][1] < 1.1 < table["upper"][1]
    again = mb.marginalize(words(), motif, quiet(4000), letters="drawn", seed=0)
    other = mb.marginalize(words(), motif, quiet(4000), letters="drawn", seed=1)
    pd.testing.assert_frame_equal(table, again)
    assert other["effect"][1] != table["effect"][1]
    sure = mb.marginalize(words(), mb.Motif.from_sites("m", ["GATA"]), quiet(5), letters="drawn")
    np.testing.assert_allclose(sure["effect"], [2, 1], atol=1e-6)


@pytest.mark.parametrize("start", [None, 0, 9, 36])
def test_a_motif_lies_where_it_is_told(start):
    network, letters = linear(), np.zeros((1, 40), np.uint8)
    effect = mb.marginalize(network, "GCTT", letters, start=start)["effect"][0]
    at = 18 if start is None else start
    weight = network.network[1].weight.detach().numpy().reshape(4, 40)
    expected = sum(weight[code, at + i] - weight[0, at + i] for i, code in enumerate([2, 1, 3, 3]))
    assert effect == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("start", [None, 7])
@pytest.mark.parametrize("name", ["CNN, hidden", "pairs", "attention", "published"])
def test_it_agrees_with_tangermeme(name, start):
    network = remembered(awake(NETWORKS[name]))
    letters = codes(network)
    table = mb.marginalize(network, "TTGACNTCA", letters, start=start)
    given = torch.as_tensor(onehot(letters))
    before, after = referee(network, given, "TTGACNTCA", start=start, device="cpu")
    expected = (after - before).numpy() * [1, 4]
    np.testing.assert_allclose(table["effect"], expected.mean(axis=0), rtol=1e-4, atol=1e-5)
    low, high = stats.t.interval(0.95, 5, expected.mean(0), stats.sem(expected))
    np.testing.assert_allclose(table["lower"], low, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(table["upper"], high, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        table["before"],
        [expit(before.numpy()[:, 0] + 0.5).mean(), 3 + 4 * before.numpy()[:, 1].mean()],
        rtol=1e-4,
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_part(name):
    network = remembered(awake(NETWORKS[name]))
    letters = network.alphabet.letters
    strand = "both" if network.alphabet.has_strands else "+"
    motif = mb.Motif.from_sites("m", [letters[3:0:-1] * 3], alphabet=network.alphabet)
    background = codes(network)
    background[:, 20:22] = network.alphabet.n_letters  # unknown
    table = mb.marginalize(network, motif, background, strand=strand)
    assert len(table) == 2 * (1 + network.alphabet.has_strands)
    assert np.isfinite(table[["before", "after", "effect", "lower", "upper"]]).all(axis=None)
    assert (table["effect"] != 0).any()


@pytest.mark.parametrize("name", ["CNN", "pairs"])
def test_where_strands_are_tied_the_mirror_image_has_the_same_effect(name):
    network = remembered(awake(NETWORKS[name]))
    letters = codes(network)
    plus = mb.marginalize(network, "TTGACGCA", letters)
    minus = mb.marginalize(network, "TTGACGCA", reverse_complement(letters), strand="-")
    np.testing.assert_allclose(minus["effect"], plus["effect"], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(minus["upper"], plus["upper"], rtol=1e-4, atol=1e-4)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """A motif silences the Gs of its flanks: its effect is minus their number, on average 3."""

    class Silencer(nn.Module):
        def forward(self, x):
            has_motif = x[:, 3, 10:14].sum(dim=1) > 3.5
            return torch.where(has_motif, 0.0, x[:, 2, :10].sum(dim=1))[:, None]

    network = mb.Foreign(Silencer(), readouts=["g"], kinds="continuous", length=24)
    rng, held = np.random.default_rng(0), []
    for _ in range(400):
        background = rng.choice(4, (12, 24), p=[0.3, 0.3, 0.3, 0.1]).astype(np.uint8)
        row = mb.marginalize(network, "TTTT", background).iloc[0]
        held.append(row["lower"] < -3 < row["upper"])
    assert 0.92 <= np.mean(held) <= 0.98


def test_an_interval_of_one_background_is_unknown():
    table = mb.marginalize(words(), "GATA", quiet(1))
    assert table["effect"][0] == pytest.approx(2)
    assert table[["lower", "upper"]].isna().all(axis=None)
    mean, half = mean_interval(np.zeros((3, 1, 2)))
    assert mean.shape == half.shape == (3, 2)


def test_backgrounds_may_be_a_book_sequences_or_codes():
    sequences = quiet(4)
    letters = mb.backgrounds(book(sequences), n=4, seed=0)
    tables = [
        mb.marginalize(words(), "GATA", given) for given in (book(sequences), sequences, letters)
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


def test_made_backgrounds_are_shuffles_of_every_sequence_once():
    sequences = ["".join(p) for p in (["A"] * 30, ["C"] * 30, ["G"] * 20)]
    made = mb.backgrounds(book(sequences), n=5, seed=0)
    assert made.shape == (5, 30)
    counts = np.bincount(made[:, 15], minlength=4)
    assert counts[:3].min() == 1
    assert counts.sum() == 5
    mixed = mb.simulate(n=40, length=80, rule="single", seed=0)
    one, two = (mb.backgrounds(mixed, n=8, seed=seed) for seed in (1, 2))
    assert (one != two).any()
    np.testing.assert_array_equal(one, mb.backgrounds(mixed, n=8, seed=1))


def test_shorter_backgrounds_are_refused_where_the_motif_would_hang_over():
    uneven = ["ACAC" * 10, "AACC" * 5, "AACC" * 3]
    assert mb.marginalize(words(), "GATA", uneven)["effect"][0] == pytest.approx(2)
    with pytest.raises(InputError, match=r"'GATA' would lie at letters 4 to 8.* letters 14 to 26"):
        mb.marginalize(words(), "GATA", uneven, start=4)
    with pytest.raises(InputError, match=r"would lie at letters 38 to 42.* 0 to 40.*longer back"):
        mb.marginalize(words(), "GATA", quiet(3), start=38)
    with pytest.raises(InputError, match=r"`start` is -1; expected a whole number, 0 or more"):
        mb.marginalize(words(), "GATA", quiet(3), start=-1)
    with pytest.raises(InputError, match=r"`start` is 1\.5; expected a whole number"):
        mb.marginalize(words(), "GATA", quiet(3), start=1.5)


@pytest.mark.parametrize(
    ("background", "said"),
    [
        ("ACGT", r"`background` is 'ACGT'; expected an AnnData, a list of sequences"),
        ([], r"`background` is \[\]; expected an AnnData, a list"),
        (7, r"`background` is 7; expected an AnnData"),
        (np.zeros((0, 40), np.uint8), r"`background` holds no letters; expected sequences"),
        (np.zeros((2, 40)), r"`background` is an ndarray; expected.*letter codes"),
        (np.zeros((2, 4, 40), np.uint8), r"`background` has shape \(2, 4, 40\); expected \(n, len"),
        (np.full((2, 40), 9, np.uint8), r"holds the letter code 9; expected codes from 0 to 4"),
        (["AC", "A!"], r"Sequence 1 has '!'"),
        (book(["ACGU"], "RNA"), r"network reads DNA, the sequences are RNA"),
    ],
)
def test_what_is_no_background_is_refused(background, said):
    with pytest.raises(InputError, match=said):
        mb.marginalize(words(), "GATA", background)


@pytest.mark.parametrize(
    ("motif", "said"),
    [
        ("SPI1", r"motif 'SPI1' is no word of DNA letters ACGT \(or N for any\)"),
        ("", r"motif '' is no word"),
        ([], r"`motifs` is empty"),
        (None, r"A motif is None; expected a Motif"),
        ([3], r"A motif is 3; expected a Motif or its letters"),
        (mb.Motif("r", np.eye(4), alphabet="RNA"), r"'r' is written in RNA.* reads DNA"),
    ],
)
def test_what_is_no_motif_is_refused(motif, said):
    with pytest.raises(InputError, match=said):
        mb.marginalize(words(), motif, quiet(3))


def test_strands_and_letters_are_words():
    with pytest.raises(InputError, match=r"`strand` is '\+-'; expected one of '\+', '-', 'both'"):
        mb.marginalize(words(), "GATA", quiet(3), strand="+-")
    with pytest.raises(InputError, match=r"`letters` is 'draw'.*Did you mean 'drawn'"):
        mb.marginalize(words(), "GATA", quiet(3), letters="draw")
    rna = remembered(awake(NETWORKS["CNN, RNA"]))
    with pytest.raises(InputError, match=r"`strand` is 'both', but RNA sequences have no second"):
        mb.marginalize(rna, "UGUA", codes(rna), strand="both")


def test_untrained_networks_and_empty_books_are_refused():
    with pytest.raises(InputError, match="not been trained yet"):
        mb.marginalize(mb.CNN(1), "GATA", quiet(3))
    with pytest.raises(InputError, match="holds no sequences; expected some to shuffle"):
        mb.backgrounds(ad.AnnData(obs=pd.DataFrame({"sequence": []}, index=[])))


def test_backgrounds_without_letters_and_motifs_by_name_are_refused():
    empty = np.full((1, 40), 4, dtype=np.uint8)
    with pytest.raises(InputError, match=r"`background` has no known letter in row 3"):
        mb.marginalize(words(), "GATA", np.concatenate([np.zeros((3, 40), np.uint8), empty]))
    with pytest.raises(InputError, match=r"A motif is \{'GATA': 1\}; expected a Motif or its"):
        mb.marginalize(words(), {"GATA": 1}, quiet(3))
