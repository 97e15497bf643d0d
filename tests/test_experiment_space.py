"""What two motifs add together: closed forms, tangermeme, invariances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from networks import NETWORKS, awake
from scipy import stats
from tangermeme.space import space as referee
from test_experiment_marginalize import codes, remembered
from toys import linear, quiet, words

import motifbook as mb
from motifbook import InputError
from motifbook.onehot import onehot, reverse_complement

COLUMNS = ["motif_a", "motif_b", "orientation", "gap", "alone_a", "alone_b", "together"]
COLUMNS += ["readout", "effect", "lower", "upper", "n", "unit"]


def test_a_pair_adds_only_where_the_network_rewards_it():
    table = mb.space(words(), "GATA", "TTT", quiet(5), gaps=range(8))
    assert table.columns.tolist() == COLUMNS
    bound = table[table["readout"] == "bound"].set_index(["orientation", "gap"])
    assert len(bound) == 4 * 8
    expected = pd.Series(0.0, bound.index)
    expected["++", 4] = 1.5
    np.testing.assert_allclose(bound["effect"], expected, atol=1e-6)
    np.testing.assert_allclose(bound["upper"], expected, atol=1e-6)
    alone = bound.loc[("++", 4), ["alone_a", "alone_b", "together"]]
    np.testing.assert_allclose(list(alone), [2, -3, 0.5], atol=1e-6)
    np.testing.assert_allclose(bound.loc["-+", "alone_a"], 0, atol=1e-6)  # TATC
    assert set(bound["unit"]) == {"logit"}
    assert set(table[table["readout"] == "n_g"]["unit"]) == {"readout"}


def test_the_first_motif_comes_first():
    turned = mb.space(words(), "TTT", "GATA", quiet(5), gaps=range(8))
    assert turned["effect"].abs().max() < 1e-6


def test_the_gap_counts_from_the_edges_of_the_motifs():
    wide = mb.Motif("wide", np.hstack([np.eye(4)[:, [2, 0, 3, 0]], np.full((4, 2), 0.25)]))
    table = mb.space(words(), wide, "TTT", quiet(5), gaps=range(5), orientations=["++"])
    bound = table[table["readout"] == "bound"]
    assert bound["gap"][bound["effect"] > 1].tolist() == [2]


def test_where_motifs_overlap_the_second_covers_the_first():
    # at gap -1, GATA TTT reads GATTTT: no GATA, and 2 - 3 - (2 - 3) becomes -3 + 1
    table = mb.space(words(), "GATA", "TTT", quiet(5), gaps=[-1], orientations=["++"])
    bound = table.iloc[0]
    assert [bound["alone_a"], bound["alone_b"]] == pytest.approx([2, -3])
    assert bound["together"] == pytest.approx(-3)
    assert bound["effect"] == pytest.approx(-2)


@pytest.mark.parametrize("letters", ["consensus", "drawn"])
def test_letters_that_act_alone_add_nothing_together(letters):
    """Alone, a motif lies where it lies in the pair, with the same drawn letters."""
    motifs = [mb.Motif("soft", np.full((4, 6), 0.25)), mb.Motif.from_sites("b", ["GCT", "GAT"])]
    table = mb.space(linear(), *motifs, quiet(6), letters=letters, seed=0)
    assert len(table) == 4 * 31
    np.testing.assert_allclose(table[["effect", "lower", "upper"]], 0, atol=1e-5)
    assert table["alone_b"].std() > 0.1


@pytest.mark.parametrize("name", ["CNN, hidden", "pairs", "attention", "published"])
def test_it_agrees_with_tangermeme(name):
    network, gaps = remembered(awake(NETWORKS[name])), [0, 1, 7, 20]
    letters = codes(network)
    given = torch.as_tensor(onehot(letters))
    table = mb.space(network, "TTGACG", "GGAAC", letters, gaps=gaps, orientations="++")
    spacing = [[gap] for gap in gaps]
    none, both = referee(network, given, ["TTGACG", "GGAAC"], spacing, device="cpu")
    alone = [
        referee(network, given, words, spacing, device="cpu")[1]
        for words in (["TTGACG", "N" * 5], ["N" * 6, "GGAAC"])
    ]
    scale, change = [1, 4], both - none[:, None]
    pair = (both - alone[0] - alone[1] + none[:, None]).numpy() * scale  # (n, n_gaps, n_readouts)
    np.testing.assert_allclose(table["effect"], pair.mean(axis=0).ravel(), rtol=1e-3, atol=1e-4)
    together = change.numpy().mean(axis=0) * scale
    np.testing.assert_allclose(table["together"], together.ravel(), rtol=1e-3, atol=1e-4)
    _, high = stats.t.interval(0.95, 5, pair.mean(0), stats.sem(pair))
    np.testing.assert_allclose(table["upper"], high.ravel(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["CNN", "pairs"])
def test_where_strands_are_tied_the_mirror_image_has_the_same_effect(name):
    network = remembered(awake(NETWORKS[name]))
    letters = codes(network)
    args = {"gaps": [0, 2, 8]}  # of an even span, which has one middle
    a, b = "TTGACG", "GGAACC"
    one = mb.space(network, a, b, letters, orientations=["++", "+-", "-+"], **args)
    other = mb.space(
        network, b, a, reverse_complement(letters), orientations=["--", "+-", "-+"], **args
    )
    for here, there in (("effect",) * 2, ("alone_a", "alone_b"), ("upper",) * 2):
        np.testing.assert_allclose(one[here], other[there], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_part(name):
    network = remembered(awake(NETWORKS[name]))
    a, b = network.alphabet.letters[:3] * 2, network.alphabet.letters[3:0:-1] * 2
    table = mb.space(network, a, b, codes(network, n=2), gaps=[0, 5])
    assert len(table) == 2 * 2 * (4 if network.alphabet.has_strands else 1)
    assert np.isfinite(table[["effect", "lower", "upper"]]).all(axis=None)


def test_large_and_small_batches_give_the_same(monkeypatch):
    network = remembered(awake(NETWORKS["pairs"]))
    tables = [mb.space(network, "TTGACG", "GGAAC", codes(network), gaps=range(4))]
    monkeypatch.setattr("motifbook.experiment.place._ROWS_AT_ONCE", 13)
    tables.append(mb.space(network, "TTGACG", "GGAAC", codes(network), gaps=range(4), batch_size=5))
    pd.testing.assert_frame_equal(*tables, rtol=1e-3, atol=1e-4)


def test_pairs_that_do_not_fit_are_refused():
    network = words()
    with pytest.raises(InputError, match=r"would lie at letters .*longer backgrounds, or smaller"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps=[34])
    assert len(mb.space(network, "GATA", "TTT", quiet(3), gaps=[33])) == 8
    with pytest.raises(InputError, match=r"`gaps` is -3; expected a whole number, -2 or more"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps=[-3])
    with pytest.raises(InputError, match=r"`gaps` is 1\.5; expected a whole number"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps=[1.5])
    with pytest.raises(InputError, match=r"`gaps` is 'wide'; expected a whole number"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps="wide")
    with pytest.raises(InputError, match=r"`gaps` is empty; expected"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps=[])
    with pytest.raises(InputError, match=r"`gaps` is None; expected a whole number"):
        mb.space(network, "GATA", "TTT", quiet(3), gaps=None)


def test_orientations_are_pairs_of_strands():
    with pytest.raises(InputError, match=r"`orientations` is '\+'; expected one of '\+\+', '\+-'"):
        mb.space(words(), "GATA", "TTT", quiet(3), orientations="+")
    with pytest.raises(InputError, match=r"`orientations` is '1'; expected one of"):
        mb.space(words(), "GATA", "TTT", quiet(3), orientations=1)
    with pytest.raises(InputError, match=r"`orientations` is empty; expected some"):
        mb.space(words(), "GATA", "TTT", quiet(3), orientations=[])
    rna = remembered(awake(NETWORKS["CNN, RNA"]))
    with pytest.raises(InputError, match=r"holds '\+-', but RNA sequences have no second strand"):
        mb.space(rna, "UGUA", "ACA", codes(rna), orientations=["+-"])
