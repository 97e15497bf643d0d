"""Motifs read from filters set by hand: what is used, what is the same, what is nothing."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.data import store
from motifbook.data.splits import copies
from motifbook.discover.filters import _beyond_chance, explore, filter_motifs
from motifbook.discover.use import Use, held_out_rows, measure_use, recentered
from motifbook.models import CNN
from motifbook.models.network import Record
from motifbook.motif.compare import similarity
from motifbook.onehot import decode, reverse_complement
from motifbook.onehot import onehot as onehot_array

A, B, NOWHERE = "GATTACAG", "CCGTGTCA", "ACGTTGCA"
N, LENGTH, WIDTH = 600, 60, 10


def counting(word: str, offset: int = 1) -> torch.Tensor:
    """A filter that counts matches to `word`, which starts at column `offset`, (4, WIDTH)."""
    weight = torch.zeros(4, WIDTH)
    for column, code in enumerate(DNA.codes(word)):
        weight[code, offset + column] = 1
    return weight


def hand_made(cls=CNN) -> CNN:
    """Filters 0 and 1 show A on its two strands, 2 shows B, 3 shows A and is not read, 4 nothing.

    A filter fires with 1 at a perfect match and nowhere else.
    """
    other_strand = counting(A)[[3, 2, 1, 0]].flip(1)
    model = cls(1, n_filters=5, width=WIDTH)
    with torch.no_grad():
        filters = [counting(A), other_strand, counting(B), counting(NOWHERE), torch.zeros(4, WIDTH)]
        model.motifs.weight.copy_(torch.stack(filters))
        model.motifs.bias.copy_(torch.tensor([-7.0, -7, -7, -7, -1]))
        model.readout.weight.copy_(torch.tensor([[3.0, 3, 5, 0, 9]]))
        model.readout.bias.fill_(-2.0)
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    return model.eval()


def planted() -> ad.AnnData:
    """A in the first 200 sequences, B in the next 150; half of them on the other strand."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, LENGTH)).astype(np.uint8)
    letters[:200, 21:29] = DNA.codes(A)
    letters[200:350, 36:44] = DNA.codes(B)
    letters[450:600, 11:19] = DNA.codes(NOWHERE)
    letters[::2] = reverse_complement(letters[::2])
    readout = np.zeros((N, 1), np.float32)
    readout[:350] = 1
    obs = pd.DataFrame({"sequence": decode(letters)}, index=[f"s{i}" for i in range(N)])
    return ad.AnnData(X=readout, obs=obs, var=pd.DataFrame(index=["bound"]))


@pytest.fixture(scope="module")
def adata():
    return planted()


@pytest.fixture
def model():
    return hand_made()


def test_filters_that_show_one_motif_are_one_and_the_most_used_comes_first(model, adata):
    first, second = mb.read_motifs(model, adata)
    assert sorted(first.info["filters"]) == [0, 1]
    assert second.info["filters"] == [2]
    assert first.info["use"] > second.info["use"] > 0.1
    assert [motif.name for motif in (first, second)] == ["motif_1", "motif_2"]
    assert similarity(first, Motif.from_sites("A", [A])) > 0.95
    assert similarity(second, Motif.from_sites("B", [B])) > 0.95
    assert first.width == second.width == 8  # flanks that say nothing are trimmed
    assert first.info["used"]
    assert first.info["held_out"]
    assert first.info["use_lower"] < first.info["use"]


def test_sites_are_the_planted_ones(model, adata):
    motifs = filter_motifs(model, adata)
    # A is no palindrome: filter 0 sees the 200 planted sites; a few by chance are subtracted
    assert 197 <= motifs[0].n_sites <= 203
    assert motifs[0].n_sites == motifs[1].n_sites
    assert 147 <= motifs[2].n_sites <= 153
    assert motifs[2].info["share"] == pytest.approx(motifs[2].n_sites / N, abs=0.01)


def test_filters_keep_their_order_number_and_width(model, adata):
    motifs = filter_motifs(model, adata)
    assert [motif.info["filters"] for motif in motifs] == [[0], [1], [2], [3], [4]]
    assert [motif.name for motif in motifs] == [f"filter_{i}" for i in range(5)]
    assert {motif.width for motif in motifs} == {WIDTH}
    ours, other = Motif("0", motifs[0].ppm), motifs[1].reverse_complement()
    np.testing.assert_allclose(ours.ppm, other.ppm, atol=0.02)


def test_a_filter_that_never_fires_shows_its_weights_and_is_no_motif(model, adata):
    with torch.no_grad():
        model.motifs.bias[2] = -20
    silent = filter_motifs(model, adata)[2]
    assert silent.n_sites == 0
    assert similarity(silent, Motif.from_sites("B", [B])) > 0.7
    assert len(mb.read_motifs(model, adata, include_unused=True)) == 2


def test_unused_filters_are_shown_on_request_alone(model, adata):
    everything = mb.read_motifs(model, adata, include_unused=True)
    assert [motif.info["used"] for motif in everything] == [True, True, False]
    assert everything[2].info["filters"] == [3]
    assert everything[2].info["use"] == pytest.approx(0, abs=1e-6)


def test_a_network_that_reads_nothing_uses_nothing(model, adata):
    with torch.no_grad():
        model.readout.weight.zero_()
    assert mb.read_motifs(model, adata) == []


def test_a_filter_that_fires_everywhere_adds_a_constant_and_is_not_used(model, adata):
    with torch.no_grad():
        model.motifs.bias[4] = 1.0
        model.readout.bias.fill_(-11.0)
    use = measure_use(model, adata, [[4], [2]])
    assert use.use[0] == pytest.approx(0, abs=1e-5)
    assert use.is_used.tolist() == [False, True]


def test_motifs_from_weights_are_those_from_activations(model, adata):
    from_sites = mb.read_motifs(model, adata)
    from_weights = mb.read_motifs(model, adata, source="weights")
    assert [m.info["source"] for m in from_weights] == ["weights", "weights"]
    for ours, theirs in zip(from_weights, from_sites):
        assert sorted(ours.info["filters"]) == sorted(theirs.info["filters"])
        assert similarity(ours.trim(), theirs.trim()) > 0.85


def test_motifs_of_a_trained_network_agree_between_weights_and_activations(trained):
    truth = Motif("SPI1", trained.adata.uns["truth"]["motifs"]["SPI1"])
    for source in ("weights", "activations"):
        motif = mb.read_motifs(*trained, source=source)[0]
        assert similarity(motif, truth) > 0.9


def test_the_same_motif_is_read_from_a_network_of_one_strand():
    adata = planted()
    model = hand_made(lambda n, **sizes: CNN(n, reverse_complement=False, **sizes))
    first = mb.read_motifs(model, adata)[0]
    assert sorted(first.info["filters"]) == [0, 1]
    assert 95 <= filter_motifs(model, adata)[0].n_sites <= 105


def test_windows_over_padding_are_no_sites(model, adata):
    padded = adata.copy()
    padded.obs["sequence"] = ["NNNNN" + s + "NN" for s in adata.obs["sequence"]]
    ours, theirs = filter_motifs(model, padded), filter_motifs(model, adata)
    pairs = list(zip(ours, theirs))  # the shuffles differ, and with them what chance gives
    assert all(abs(a.n_sites - b.n_sites) <= 3 for a, b in pairs)
    assert all(a.info["share"] == b.info["share"] for a, b in pairs)
    assert all(np.abs(a.ppm - b.ppm).max() < 0.02 for a, b in pairs if a.n_sites > 100)


def test_windows_of_chance_do_not_blur_a_motif():
    rng = np.random.default_rng(0)
    ppm = np.full((4, 8), 0.1)
    ppm[[2, 2, 1, 2, 2, 2, 0, 0], np.arange(8)] = 0.7
    sites = np.stack([rng.choice(4, 3000, p=column) for column in ppm.T], axis=1).astype(np.uint8)
    chance = rng.integers(0, 4, (1500, 8)).astype(np.uint8)
    again = rng.integers(0, 4, (1500, 8)).astype(np.uint8)
    windows = np.concatenate([sites, chance])
    assert np.abs(_beyond_chance(windows, again, 4) - ppm).max() < 0.04
    assert np.abs(_beyond_chance(windows, again[:0], 4) - ppm).max() > 0.1


def test_batches_change_nothing(model, adata):
    with torch.no_grad():
        model.motifs.bias.fill_(-6.0)  # weak sites of B are met long before its strong ones
    whole, parts = (filter_motifs(model, adata, batch_size=size) for size in (1000, 7))
    assert [m.n_sites for m in whole] == [m.n_sites for m in parts]
    assert all((a.ppm == b.ppm).all() for a, b in zip(whole, parts))


def silenced_loss(model, adata, group) -> float:
    """Cross-entropy with the filters' weights in the readout set to 0 and the constant refit."""
    weight = model.readout.weight.detach().clone()
    weight[:, group] = 0
    onehot = torch.as_tensor(onehot_array(store.get_letters(adata)))
    best = model.motifs(onehot).amax(dim=2).detach()
    logit = (best @ weight.T)[:, 0].double().numpy()
    truth = adata.X[:, 0]

    def loss(constant: float) -> float:
        return log_loss(truth, 1 / (1 + np.exp(-logit - constant)))

    return minimize_scalar(loss, bounds=(-9, 9), method="bounded").fun


def test_use_is_the_rise_of_the_loss_with_the_constant_refit(model, adata):
    groups = [[0], [0, 1], [2], [3]]
    use = measure_use(model, adata, groups)
    whole = silenced_loss(model, adata, [])
    expected = [silenced_loss(model, adata, group) - whole for group in groups]
    np.testing.assert_allclose(use.use, expected, atol=1e-4)
    assert use.n_rows == N
    assert (use.lower <= use.use).all()
    assert use.is_used.tolist() == [use.use[0] > 0.005, True, True, False]


def test_a_filter_is_used_if_its_use_is_large_and_no_chance():
    mean, lower = np.array([0.02, 0.02, 0.004]), np.array([0.01, -0.01, 0.003])
    use = Use(mean, lower, np.arange(100), "held-out")
    assert use.is_used.tolist() == [True, False, False]


def test_the_bound_lies_further_off_where_rows_are_few(model, adata):
    many, few = (measure_use(model, part, [[0, 1]]) for part in (adata, adata[::9].copy()))
    distance = [float(use.use[0] - use.lower[0]) for use in (many, few)]
    assert 0 < 2 * distance[0] < distance[1] < 5 * distance[0]  # the root of nine is three


def test_use_is_the_same_in_every_call(model, adata):
    first, again = (measure_use(model, adata, [[0], [2]]) for _ in range(2))
    assert (first.lower == again.lower).all()


def test_recentered_outputs_have_the_mean_of_what_was_measured():
    generator = torch.Generator().manual_seed(0)
    output = 3 * torch.randn(300, 2, generator=generator) + 4
    readout = torch.randn(300, 2, generator=generator)
    readout[:, 0] = (readout[:, 0] > 0.8).float()
    readout[::3] = torch.nan
    centered = recentered(output, readout, ["binary", "continuous"])
    shift = centered - output
    assert shift.std(dim=0).max() < 1e-5
    seen = ~torch.isnan(readout[:, 0])
    expected = torch.sigmoid(centered[seen, 0]).mean(), centered[seen, 1].mean()
    assert expected[0].item() == pytest.approx(readout[seen, 0].mean().item(), abs=1e-4)
    assert expected[1].item() == pytest.approx(readout[seen, 1].mean().item(), abs=1e-4)


def test_rows_that_training_has_seen_do_not_judge(model, adata):
    rows, held_out = held_out_rows(model, adata)
    assert held_out
    assert len(rows) == N
    hashes = copies.sequence_hashes(reverse_complement(store.get_letters(adata)[:500]), DNA)
    model.training_hashes = torch.as_tensor(hashes.view(np.int64))
    rows, held_out = held_out_rows(model, adata)
    assert held_out
    assert rows.tolist() == list(range(500, N))


def test_a_new_split_does_not_make_seen_rows_unseen(model, adata):
    seen = copies.sequence_hashes(store.get_letters(adata)[:500], DNA)
    model.training_hashes = torch.as_tensor(seen.view(np.int64))
    shuffled = adata.copy()
    shuffled.obs["split"] = np.resize(["test", "train"], N)
    assert held_out_rows(model, shuffled)[0].tolist() == list(range(500, N))


def test_where_almost_all_rows_were_seen_all_judge_and_the_motifs_say_so(model, adata):
    seen = copies.sequence_hashes(store.get_letters(adata)[:590], DNA)
    model.training_hashes = torch.as_tensor(seen.view(np.int64))
    rows, held_out = held_out_rows(model, adata)
    assert not held_out
    assert len(rows) == N
    assert not mb.read_motifs(model, adata)[0].info["held_out"]


def test_rows_without_measurements_do_not_judge(model, adata):
    gaps = adata.copy()
    gaps.X[::2] = np.nan
    assert held_out_rows(model, gaps)[0].tolist() == list(range(1, N, 2))
    assert len(mb.read_motifs(model, gaps)) == 2


def test_exploring_shows_activations_strands_and_letters(model, adata):
    view = explore(model, adata, n=100)
    assert view.activation.shape == view.strand.shape == (100, 5, LENGTH - WIDTH + 1)
    assert view.letters.shape == (100, LENGTH)
    assert view.readout.shape == (100, 1)
    assert view.names[0] == "s0"
    assert view.names[-1] == f"s{N - 1}"
    assert [motif.info["filters"] for motif in view.motifs] == [[i] for i in range(5)]
    assert view.motifs[2].info["used"]
    assert not view.motifs[3].info["used"]


def test_exploring_tells_the_strand_of_every_site(model, adata):
    view = explore(model, adata, n=N)
    turned, plain = 0, 1  # rows with A on the other strand, and as written
    assert view.activation[plain, 0, 20] == 1  # the window starts one letter before the word
    assert view.strand[plain, 0, 20] == 1
    start = LENGTH - 20 - WIDTH
    assert view.activation[turned, 0, start] == 1
    assert view.strand[turned, 0, start] == -1
    assert set(np.unique(view.strand)) <= {-1, 1}


def test_exploring_fewer_sequences_than_asked_for(model, adata):
    assert explore(model, adata[:30].copy(), n=500).names == [f"s{i}" for i in range(30)]


def test_reading_leaves_network_and_data_alone(trained):
    model, adata = trained
    before, columns = model.state_dict(), list(adata.obs)
    before = {key: value.clone() for key, value in before.items()}
    mb.read_motifs(model, adata)
    assert all(torch.equal(model.state_dict()[key], before[key]) for key in before)
    assert list(adata.obs) == columns
    assert "motifs" not in adata.uns


@pytest.mark.parametrize("verb", [mb.read_motifs, explore])
def test_data_without_measurements_are_refused(verb, model, adata):
    bare = ad.AnnData(obs=adata.obs)
    empty = adata.copy()
    empty.X[:] = np.nan
    for given in (bare, empty):
        with pytest.raises(InputError, match=r"has no measured values; expected some to judge"):
            verb(model, given)


def test_an_unknown_source_is_refused(model, adata):
    with pytest.raises(InputError, match=r"`source` is 'weight'; .*Did you mean 'weights'"):
        mb.read_motifs(model, adata, source="weight")
