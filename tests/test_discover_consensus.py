"""Motifs and predictions of several networks, on filters set by hand."""

from __future__ import annotations

import copy

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.data import store
from motifbook.data.splits import copies
from motifbook.discover.use import filters_of, measure_use
from motifbook.models import CNN
from motifbook.models.network import Record
from motifbook.motif.compare import similarity
from motifbook.onehot import decode
from motifbook.train.evaluate import unseen

A, B, FREE = "GATTACAG", "CCGTGTCA", "ACGTTGCA"
N, LENGTH, WIDTH = 400, 50, 8
SHORT = mb.FitOptions(n_steps=20)


def network(words: list[str], weights: list[float]) -> CNN:
    """A filter per word that fires with 1 at a perfect match, and its weight in the readout."""
    model = CNN(1, n_filters=len(words), width=WIDTH)
    filters = torch.zeros(len(words), 4, WIDTH)
    for row, word in zip(filters, words):
        row[DNA.codes(word).tolist(), range(WIDTH)] = 1
    with torch.no_grad():
        model.motifs.weight.copy_(filters)
        model.motifs.bias.fill_(1.0 - WIDTH)
        model.readout.weight.copy_(torch.tensor([weights]))
        model.readout.bias.fill_(-2.0)
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    return model.eval()


@pytest.fixture(scope="module")
def adata():
    """A in the first 150 sequences, B in the next 50, both read 1; FREE anywhere."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, LENGTH)).astype(np.uint8)
    letters[:150, 20:28] = DNA.codes(A)
    letters[150:200, 33:41] = DNA.codes(B)
    letters[::2, 2:10] = DNA.codes(FREE)
    readout = (np.arange(N) < 200).astype(np.float32)[:, None]
    obs = pd.DataFrame({"sequence": decode(letters)}, index=[f"s{i}" for i in range(N)])
    return ad.AnnData(X=readout, obs=obs, var=pd.DataFrame(index=["bound"]))


@pytest.fixture
def three():
    """All read A, the second on its other strand and beside B; the third has B, unread."""
    turned = Motif.from_sites("A", [A]).reverse_complement().consensus.upper()
    return [
        network([A, FREE], [4.0, 0.0]),
        network([FREE, B, turned], [0.0, 4.0, 3.0]),
        network([B, A], [0.0, 2.0]),
    ]


def saw(model: CNN, adata: ad.AnnData, rows: slice) -> None:
    hashes = copies.sequence_hashes(store.get_letters(adata)[rows], DNA)
    model.training_hashes = torch.as_tensor(hashes.view(np.int64))


def test_a_motif_that_all_networks_use_is_one_with_full_support(three, adata):
    first, second = mb.read_motifs(three, adata)
    assert similarity(first, Motif.from_sites("A", [A])) > 0.95
    assert (first.info["support"], first.info["n_networks"]) == (3, 3)
    assert first.info["filters_by_network"] == [[0], [2], [1]]
    assert first.name == "motif_1"
    assert similarity(second, Motif.from_sites("B", [B])) > 0.95
    assert second.info["support"] == 1  # listed all the same
    assert second.info["filters_by_network"] == [[], [1], []]
    assert "members" not in first.info  # that names motifs which `mb.cluster_motifs` merged


def test_use_is_the_mean_over_all_networks_and_its_bounds_the_extremes(three, adata):
    each = [measure_use(model, adata, [[f]]).use[0] for model, f in zip(three, (0, 2, 1))]
    first, second = mb.read_motifs(three, adata)
    assert first.info["use"] == pytest.approx(np.mean(each))
    assert (first.info["use_low"], first.info["use_high"]) == pytest.approx((min(each), max(each)))
    of_b = measure_use(three[1], adata, [[1]]).use[0]
    assert second.info["use"] == pytest.approx(of_b / 3)
    assert (second.info["use_low"], second.info["use_high"]) == pytest.approx((0, of_b))


def test_filters_of_one_network_that_show_one_motif_are_silenced_together(adata):
    models = [network([A, A], [2.0, 2.0]), network([A, B], [3.0, 3.0])]
    first = mb.read_motifs(models, adata)[0]
    assert first.info["filters_by_network"] == [[0, 1], [0]]
    assert first.info["use_high"] == pytest.approx(
        max(measure_use(m, adata, [f]).use[0] for m, f in zip(models, ([0, 1], [0])))
    )


def test_two_filters_of_one_network_may_show_what_no_other_network_shows(adata):
    models = [network([A, A], [2.0, 2.0]), network([B], [3.0])]
    pooled = mb.read_motifs(models, adata)
    assert sorted(motif.info["filters_by_network"] for motif in pooled) == [[[], [0]], [[0, 1], []]]


def test_the_order_of_the_networks_changes_the_members_alone(three, adata):
    ours, theirs = mb.read_motifs(three, adata), mb.read_motifs(three[::-1], adata)
    for one, other in zip(ours, theirs, strict=True):
        assert one.info["filters_by_network"] == other.info["filters_by_network"][::-1]
        assert one.info["use"] == pytest.approx(other.info["use"])
        assert one.info["support"] == other.info["support"]
        assert similarity(one, other) > 0.99


def test_copies_of_one_network_say_what_it_says_alone(three, adata):
    alone, pooled = mb.read_motifs(three[1], adata), mb.read_motifs([three[1]] * 3, adata)
    for one, other in zip(alone, pooled, strict=True):
        np.testing.assert_allclose(one.ppm, other.ppm)
        assert one.n_sites == pytest.approx(other.n_sites)
        assert one.info["use"] == other.info["use_low"] == other.info["use_high"]
        assert other.info["support"] == 3


def test_motifs_that_no_network_uses_are_shown_on_request_without_support(three, adata):
    found = mb.read_motifs(three, adata, include_unused=True)
    [free] = [m for m in found if similarity(m, Motif.from_sites("FREE", [FREE])) > 0.9]
    assert free.info["support"] == 0
    assert not free.info["used"]
    assert [m.info["used"] for m in found] == [True, True, False]


def test_networks_that_use_nothing_give_no_motifs(adata):
    assert mb.read_motifs([network([A], [0.0]), network([B], [0.0])], adata) == []


def test_each_network_is_judged_on_rows_that_it_has_not_seen(adata):
    models = [network([A], [4.0]), network([A], [4.0])]
    saw(models[0], adata, slice(0, 100))
    saw(models[1], adata, slice(300, 400))
    [motif] = mb.read_motifs(models, adata)
    each = [measure_use(model, adata, [[0]]) for model in models]
    assert [use.n_rows for use in each] == [300, 300]
    assert each[0].use[0] != pytest.approx(each[1].use[0], abs=0.02)
    assert motif.info["use"] == pytest.approx((each[0].use[0] + each[1].use[0]) / 2)


def test_pooled_motifs_are_no_motifs_of_one_network(three, adata):
    motifs = mb.read_motifs(three, adata)
    assert all("filters" not in motif.info for motif in motifs)
    with pytest.raises(InputError, match=r"pooled from 3 networks; .*`mb.motifs_of\(motifs, i\)`"):
        filters_of(motifs[0], three[0])


def test_the_motifs_of_one_network_carry_its_filters(three, adata):
    motifs = mb.read_motifs(three, adata)
    assert [filters_of(m, three[1]) for m in mb.motifs_of(motifs, 1)] == [[2], [1]]
    [alone] = mb.motifs_of(motifs, 0)
    assert (alone.name, filters_of(alone, three[0])) == ("motif_1", [0])


def test_motifs_of_another_network_are_refused(three, adata):
    motifs = mb.read_motifs(three[0], adata)
    again = mb.read_motifs(copy.deepcopy(three[0]), adata)
    assert [filters_of(m, three[0]) for m in again] == [filters_of(m, three[0]) for m in motifs]
    with pytest.raises(InputError, match=r"'motif_1' was read from another network"):
        mb.call_instances(three[2], adata, motifs=motifs)
    pooled = mb.motifs_of(mb.read_motifs(three, adata), 2)
    with pytest.raises(InputError, match=r"'motif_1' was read from another network"):
        filters_of(pooled[0], three[0])


def test_motifs_of_refuses_what_it_cannot_give(three, adata):
    with pytest.raises(InputError, match=r"'motif_1' was not pooled; expected .*list of networks"):
        mb.motifs_of(mb.read_motifs(three[0], adata), 0)
    with pytest.raises(InputError, match=r"`network` is 3; expected a whole number, 0 to 2"):
        mb.motifs_of(mb.read_motifs(three, adata), 3)
    with pytest.raises(InputError, match=r"`motifs` is 0; expected motifs"):
        mb.motifs_of(0, mb.read_motifs(three, adata))


def test_support_and_members_survive_a_file(three, adata, tmp_path):
    book, motifs = adata.copy(), mb.read_motifs(three, adata)
    store.add_motifs(book, motifs)
    mb.write(book, tmp_path / "book.h5ad")
    again = store.get_motifs(mb.read(tmp_path / "book.h5ad"))
    assert [m.info["support"] for m in again] == [3, 1]
    assert [m.name for m in mb.motifs_of(again, 1)] == ["motif_1", "motif_2"]
    assert filters_of(mb.motifs_of(again, 2)[0], three[2]) == [1]


def test_networks_that_cannot_be_pooled_are_refused(three, adata):
    with pytest.raises(InputError, match=r"`models` is empty; expected trained networks"):
        mb.read_motifs([], adata)
    with pytest.raises(InputError, match=r"has not been trained yet"):
        mb.read_motifs([three[0], CNN(1)], adata)
    three[1].record.readouts = ["open"]
    with pytest.raises(InputError, match=r"Network 1 predicts \['open'\].* network 0 \['bound'\]"):
        mb.read_motifs(three, adata)
    rna = CNN(1, alphabet="RNA")
    rna.record = three[0].record
    with pytest.raises(InputError, match=r"Network 1 .* from ACGU, network 0 .* from ACGT"):
        mb.predict_spread([three[0], rna], adata)


def test_the_spread_is_mean_and_deviation_of_the_predictions(three, adata):
    table = mb.predict_spread(three, adata)
    each = np.stack([mb.predict(model, adata)[:, 0] for model in three])
    np.testing.assert_allclose(table["mean"], each.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(table["sd"], each.std(axis=0, ddof=1), atol=1e-6)
    assert table["sequence"].tolist() == adata.obs_names.tolist()
    assert set(table["readout"]) == {"bound"}
    assert set(table["n"]) == {3}


def test_networks_that_saw_a_sequence_do_not_count_on_request(three, adata):
    saw(three[0], adata, slice(0, 200))
    saw(three[1], adata, slice(100, 300))
    saw(three[2], adata, slice(100, 200))
    table = mb.predict_spread(three, adata, held_out=True)
    assert table["n"].tolist() == [2] * 100 + [0] * 100 + [2] * 100 + [3] * 100
    two = np.stack([mb.predict(model, adata)[:100, 0] for model in three[1:]])
    np.testing.assert_allclose(table["mean"][:100], two.mean(axis=0), rtol=1e-6)
    assert table.loc[100:199, ["mean", "sd"]].isna().all(axis=None)
    assert set(mb.predict_spread(three, adata)["n"]) == {3}


def test_one_network_has_no_spread(three, adata):
    assert mb.predict_spread(three[:1], adata)["sd"].isna().all()


def test_each_readout_has_a_row_per_sequence(adata):
    readouts = pd.DataFrame(index=["bound", "open"])
    both = ad.AnnData(X=np.repeat(adata.X, 2, axis=1), obs=adata.obs, var=readouts)
    models = mb.fit_repeats(CNN(2, n_filters=2, width=8), both, n=2, seed=0, **quick())
    table = mb.predict_spread(models, both)
    assert table["readout"].tolist() == ["bound", "open"] * N
    expected = np.mean([mb.predict(model, both) for model in models], axis=0)
    np.testing.assert_allclose(table["mean"].to_numpy().reshape(N, 2), expected, rtol=1e-5)


def quick():
    return {"progress": False, "options": SHORT}


def equal(first, second) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return all(torch.equal(ours[key], theirs[key]) for key in ours | theirs)


def test_repeats_are_trainings_from_seeds_in_a_row(adata):
    like = CNN(1, n_filters=3, width=8)
    before = {key: value.clone() for key, value in like.state_dict().items()}
    first, second = mb.fit_repeats(like, adata, n=2, seed=4, **quick())
    alone = CNN(1, n_filters=3, width=8)
    mb.fit(alone, adata, seed=5, **quick())
    assert equal(second, alone)
    assert not equal(first, second)
    assert like.record is None
    assert all(torch.equal(like.state_dict()[key], value) for key, value in before.items())


def test_filters_of_repeats_grow_as_those_of_the_network_would():
    long = mb.database.motif("MA1930.2").renamed("CTCF")
    adata = mb.simulate(600, 80, rule="single", seed=0, options=mb.SimulateOptions(motifs=[long]))
    like = mb.MotifSyntaxNet(1)
    first, _ = mb.fit_repeats(like, adata, n=2, seed=0, **quick())
    mb.fit(like, adata, seed=0, **quick())
    assert first.motifs.width == like.motifs.width > 20
    assert equal(first, like)


def test_folds_cover_all_rows_and_no_network_saw_its_own(adata):
    models = mb.fit_repeats(
        CNN(1, n_filters=3, width=8), adata, n=4, by="random", seed=0, **quick()
    )
    table = mb.predict_spread(models, adata, held_out=True)
    assert table["n"].min() >= 1
    n_seen = [len(model.training_hashes) for model in models]
    assert n_seen == pytest.approx([0.9 * 0.75 * N] * 4, abs=3)  # a tenth is for validation


def test_pairs_stay_in_one_fold_and_test_rows_in_none(adata):
    paired = adata.copy()
    paired.obs["family"] = np.arange(N) % 10
    paired.obs["split"] = np.where(np.arange(N) % 10 == 9, "test", "train")
    models = mb.fit_repeats(
        CNN(1, n_filters=3, width=8), paired, n=3, by="family", seed=0, **quick()
    )
    seen = [~unseen(model, paired) for model in models]
    for family in range(9):
        own = paired.obs["family"].to_numpy() == family
        left_out = [not saw_it[own].any() for saw_it in seen]
        assert sum(left_out) >= 1
    is_test = (paired.obs["split"] == "test").to_numpy()
    assert not any(saw_it[is_test].any() for saw_it in seen)


def test_folds_of_a_book_that_stays_in_its_file_are_the_same(adata, tmp_path):
    mb.write(adata, tmp_path / "book.h5ad")
    filed = ad.read_h5ad(tmp_path / "book.h5ad", backed="r")
    how = {"n": 3, "by": "random", "seed": 0, **quick()}
    models = [mb.fit_repeats(CNN(1, n_filters=3, width=8), a, **how) for a in (adata, filed)]
    filed.file.close()
    assert all(equal(*pair) for pair in zip(*models, strict=True))


def test_a_single_fold_and_a_thing_that_is_no_network_are_refused(adata):
    with pytest.raises(InputError, match=r"`n` is 1; expected a whole number, 2 or more"):
        mb.fit_repeats(CNN(1), adata, n=1)
    with pytest.raises(InputError, match=r"`model` is a function; expected a network"):
        mb.fit_repeats(lambda: CNN(1), adata)
    with pytest.raises(InputError, match=r"`adata.obs` has no column 'chrm'"):
        mb.fit_repeats(CNN(1), adata, by="chrm")
    with pytest.raises(InputError, match=r"`seed` is 'x'; expected a whole number"):
        mb.fit_repeats(CNN(1), adata, seed="x")
    with pytest.raises(InputError, match=r"`models` is None; expected a list of trained networks"):
        mb.predict_spread(None, adata)


def test_networks_of_several_seeds_agree_on_the_planted_motif(trained):
    models = mb.fit_repeats(
        mb.MotifSyntaxNet(1, width=15), trained.adata, n=3, seed=1, progress=False,
        options=mb.FitOptions(n_steps=100),
    )  # fmt: skip
    first = mb.read_motifs(models, trained.adata)[0]
    truth = Motif("SPI1", trained.adata.uns["truth"]["motifs"]["SPI1"])
    assert similarity(first, truth) > 0.9
    assert first.info["support"] == 3


def test_what_reads_one_network_refuses_pooled_motifs_with_the_way_out(trained):
    """Pooled motifs have no filters of their own; those of one network are its own again."""
    models = [trained.model, trained.model]
    motifs = mb.read_motifs(models, trained.adata)
    refused = r"pooled from 2 networks; .*`mb.motifs_of\(motifs, i\)`"
    with pytest.raises(InputError, match=refused):
        mb.call_instances(trained.model, trained.adata, motifs=motifs)
    with pytest.raises(InputError, match=refused):
        mb.response_curves(trained.model, motifs)
    own = mb.motifs_of(motifs, 1)
    assert list(mb.response_curves(trained.model, own)) == [motif.name for motif in own]
