"""The yardsticks of the benchmarks of robustness and reliability, on cases with known answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import motifbook as mb
from benchmarks import cnn_motifs, reliability, robustness
from motifbook import Motif
from motifbook.onehot import encode


def word(name: str, letters: str, use: float = 0.1) -> Motif:
    return Motif("", Motif.from_sites(name, [letters] * 20).ppm, info={"use": use})


def test_sets_of_the_same_motifs_are_alike_whatever_their_order_and_strand():
    first = [word("a", "GATTACAG"), word("b", "CCGTGTCA")]
    second = [first[1], first[0].reverse_complement()]
    assert [pair[:2] for pair in reliability.matched(first, second)] == [(0, 1), (1, 0)]
    jaccard, shared, scores = reliability.alike(first, second)
    assert jaccard == shared == 1
    assert scores == pytest.approx([1, 1])


def test_sets_that_share_one_of_three_motifs_are_a_third_alike():
    first = [word("a", "GATTACAG", 0.5), word("b", "CCGTGTCA", 0.1)]
    second = [word("a", "GATTACAG", 0.3), word("c", "TTTTGGGG", 0.1)]
    jaccard, shared, scores = reliability.alike(first, second)
    assert jaccard == pytest.approx(1 / 3)
    assert shared == pytest.approx(0.8)  # (0.5 + 0.3) of 1.0
    assert len(scores) == 1
    assert reliability.alike([], []) == (1.0, 1.0, [])
    assert reliability.alike(first, []) == (0.0, 0.0, [])


def test_planted_sites_are_kept_and_all_other_letters_replaced():
    adata = robustness.simulated("tut2", 0, n=200)
    planted = encode(adata.obs["sequence"].tolist())
    background = np.random.default_rng(1).integers(0, 4, planted.shape).astype(np.uint8)
    letters = encode(robustness.into(adata, background).obs["sequence"].tolist())
    is_site = np.zeros(planted.shape, dtype=bool)
    for _, site in adata.uns["truth"]["sites"].iterrows():
        is_site[adata.obs_names.get_loc(site["sequence"]), site["start"] : site["end"]] = True
    assert is_site.any()
    assert (letters[is_site] == planted[is_site]).all()
    assert (letters[~is_site] == background[~is_site]).all()


def test_a_planted_motif_is_found_and_another_is_spurious():
    adata = robustness.simulated("spacing", 0, n=100)
    tal, gata = (Motif(*item) for item in adata.uns["truth"]["motifs"].items())
    told = robustness.judged(adata, [tal, word("x", "CCCCCCCC")])
    assert told["similarity"][tal.name] == 1
    assert told["similarity"][gata.name] < 0.6
    assert (told["n_motifs"], told["spurious"]) == (2, 1)
    assert robustness.judged(adata, [])["spurious"] == 0


@pytest.mark.parametrize("hidden", [0, 5])
def test_the_cnn_in_layers_is_the_same_function(hidden):
    cnn = mb.CNN(1, n_filters=4, width=7, hidden=hidden).eval()
    x = torch.eye(4)[torch.randint(0, 4, (6, 60))].transpose(1, 2).contiguous()
    modules = cnn_motifs.AsModules(cnn).of_length(60)
    torch.testing.assert_close(modules(x), cnn(x))


def test_counts_rise_with_the_readout_they_are_made_of():
    truth = robustness.simulated("one additive readout", 0)
    for libraries in (False, True):
        adata = robustness.counted(0, libraries=libraries)
        measured = ~np.isnan(adata.X[:, 0])
        assert measured.mean() > 0.9
        r = np.corrcoef(adata.X[measured, 0], truth.X[measured, 0])[0, 1]
        assert 0.6 < r < 0.99
