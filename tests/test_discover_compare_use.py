"""Use compared between readouts and groups, on a network set by hand."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook.alphabet import DNA
from motifbook.discover.use import measure_use
from motifbook.models import CNN
from motifbook.models.network import Record
from motifbook.onehot import decode

A, B = "GATTACAG", "CCGTGTCA"
N, LENGTH, WIDTH = 800, 50, 8
WEIGHTS = [[4.0, 0.0], [0.0, 5.0], [4.0, 0.0]]  # of A and B in "left", "right" and "again"


def network(weights=WEIGHTS, kinds=("binary",) * 3, scale=(1.0,) * 3) -> CNN:
    model = CNN(len(weights), n_filters=2, width=WIDTH)
    filters = torch.zeros(2, 4, WIDTH)
    for row, word in zip(filters, (A, B)):
        row[DNA.codes(word).tolist(), range(WIDTH)] = 1
    with torch.no_grad():
        model.motifs.weight.copy_(filters)
        model.motifs.bias.fill_(1.0 - WIDTH)
        model.readout.weight.copy_(torch.tensor(weights))
        model.readout.bias.fill_(-2.0)
    names = ["left", "right", "again"][: len(weights)]
    center = [0.0] * len(weights)
    model.record = Record(names, list(kinds)[: len(names)], center, list(scale)[: len(names)], 50)
    return model.eval()


@pytest.fixture(scope="module")
def adata():
    """A makes "left" and "again" 1, B makes "right" 1; each in a quarter of the sequences."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, LENGTH)).astype(np.uint8)
    has_a, has_b = np.arange(N) % 4 == 0, np.arange(N) % 4 == 1
    letters[has_a, 20:28] = DNA.codes(A)
    letters[has_b, 30:38] = DNA.codes(B)
    obs = pd.DataFrame({"sequence": decode(letters)}, index=[f"s{i}" for i in range(N)])
    obs["half"] = np.where(np.arange(N) < N // 2, "early", "late")
    readout = np.stack([has_a, has_b, has_a], axis=1).astype(np.float32)
    return ad.AnnData(X=readout, obs=obs, var=pd.DataFrame(index=["left", "right", "again"]))


def row(table: pd.DataFrame, motif: str, a: str, b: str) -> pd.Series:
    is_it = (table.motif == motif) & (table.condition_a == a) & (table.condition_b == b)
    [number] = np.flatnonzero(is_it)
    return table.iloc[number]


def named(adata):
    """The motifs of `network`, A first."""
    motifs = mb.read_motifs(network(), adata)
    return sorted(motifs, key=lambda motif: motif.info["filters"])


def test_a_motif_of_one_readout_is_used_for_it_alone(adata):
    a, b = named(adata)
    table = mb.compare_use(network(), adata)
    ours = row(table, a.name, "left", "right")
    assert ours.use_a > 0.2
    assert ours.use_b == pytest.approx(0, abs=1e-6)
    assert ours.lower < ours.difference < ours.upper < 0
    theirs = row(table, b.name, "left", "right")
    assert 0 < theirs.lower < theirs.difference < theirs.upper
    assert len(table) == 2 * 3  # motifs, pairs of readouts


def test_the_use_of_one_readout_is_that_of_a_network_with_no_other(adata):
    a, _ = named(adata)
    ours = row(mb.compare_use(network(), adata), a.name, "left", "right")
    alone = measure_use(network(WEIGHTS[:1]), adata[:, ["left"]].copy(), [[0]])
    assert ours.use_a == pytest.approx(alone.use[0])
    assert ours.n == alone.n_rows == N


def test_equal_readouts_have_no_difference_at_all(adata):
    table = mb.compare_use(network(), adata)
    same = table[(table.condition_a == "left") & (table.condition_b == "again")]
    assert (same[["difference", "lower", "upper"]] == 0).all(axis=None)
    assert (same.use_a == same.use_b).all()


def test_the_effect_is_what_seeing_the_motif_adds_over_all_sequences(adata):
    a, _ = named(adata)
    model = network([[4.0, 0.0], [-3.0, 5.0]], scale=(1.0, 1.0))
    two = adata[:, ["left", "right"]].copy()
    ours = row(mb.compare_use(model, two, motifs=[a]), a.name, "left", "right")
    assert ours.effect_a == pytest.approx(4 / 4, abs=0.02)  # A stands in a quarter of them
    assert ours.effect_b == pytest.approx(-3 / 4, abs=0.02)


def test_effects_of_continuous_readouts_are_in_their_unit(adata):
    a, _ = named(adata)
    kinds, two = ("continuous",) * 2, adata[:, ["left", "right"]].copy()
    plain, large = (
        mb.compare_use(network(WEIGHTS[:2], kinds, (scale, 1.0)), two, motifs=[a])
        for scale in (1.0, 10.0)
    )
    assert large.effect_a[0] == pytest.approx(10 * plain.effect_a[0])
    assert large.effect_b[0] == plain.effect_b[0]


def test_groups_that_differ_in_nothing_do_not_differ(adata):
    table = mb.compare_use(network(), adata, by="half", motifs=named(adata)[:1])
    assert table[["condition_a", "condition_b"]].to_numpy().tolist() == [["early", "late"]]
    assert (table.lower < 0).all()
    assert (table.upper > 0).all()
    assert (table.n == N).all()


def test_a_motif_is_used_more_where_it_says_more(adata):
    a, _ = named(adata)
    table = adata.copy()
    late = (table.obs["half"] == "late").to_numpy()
    rng = np.random.default_rng(1)
    table.X[late, 0] = rng.permutation(table.X[late, 0])  # A says nothing there
    ours = mb.compare_use(network(), table, by="half", motifs=[a]).iloc[0]
    assert ours.use_a > 0.2
    assert ours.upper < 0
    other = mb.compare_use(network(), table, by="half", readout=2, motifs=[a]).iloc[0]
    assert other.use_b > 0.2


def test_turning_the_names_of_the_groups_turns_the_sign(adata):
    a, _ = named(adata)
    turned = adata.copy()
    turned.obs["half"] = np.where(turned.obs["half"] == "early", "z", "a")
    ours = mb.compare_use(network(), adata, by="half", motifs=[a]).iloc[0]
    theirs = mb.compare_use(network(), turned, by="half", motifs=[a]).iloc[0]
    assert (theirs.condition_a, theirs.condition_b) == ("a", "z")
    assert theirs.difference == pytest.approx(-ours.difference)
    assert (theirs.use_a, theirs.effect_a) == pytest.approx((ours.use_b, ours.effect_b))


def test_the_interval_is_the_standard_error_of_the_difference(adata):
    """Of independent groups: close to 1.96 root of the two variances, by the central limit."""
    a, _ = named(adata)
    ours = mb.compare_use(network(), adata, by="half", motifs=[a]).iloc[0]
    each = []
    for half in ("early", "late"):
        part = adata[adata.obs["half"] == half, ["left"]].copy()
        use = measure_use(network(WEIGHTS[:1]), part, [[0]])
        each.append((use.use[0] - use.lower[0]) / 1.96)  # standard error of one group
    assert (ours.upper - ours.lower) / 3.92 == pytest.approx(np.hypot(*each), rel=0.25)


def test_rows_without_a_value_of_either_readout_are_left_out(adata):
    gaps = adata.copy()
    gaps.X[:100, 0] = np.nan
    gaps.X[50:150, 1] = np.nan
    table = mb.compare_use(network(), gaps)
    counts = table.set_index(["condition_a", "condition_b"])["n"].sort_index()
    assert set(counts["left", "right"]) == {N - 150}
    assert set(counts["left", "again"]) == {N - 100}


def test_rows_without_a_group_are_left_out(adata):
    gaps = adata.copy()
    gaps.obs["half"] = gaps.obs["half"].where(np.arange(N) >= 100)
    assert set(mb.compare_use(network(), gaps, by="half").n) == {N - 100}


def test_a_network_that_uses_nothing_gives_an_empty_table(adata):
    table = mb.compare_use(network(np.zeros((3, 2)).tolist()), adata)
    assert len(table) == 0
    assert list(table.columns)[:4] == ["motif", "condition_a", "condition_b", "use_a"]


def test_what_cannot_be_compared_is_refused_with_the_way_out(adata):
    one = adata[:, ["left"]].copy()
    with pytest.raises(InputError, match=r"one readout, 'left'; .*name a column of `adata.obs`"):
        mb.compare_use(network(WEIGHTS[:1]), one)
    two = adata[:, ["left", "right"]].copy()
    with pytest.raises(InputError, match=r"readouts are binary, continuous; expected two of one"):
        mb.compare_use(network(WEIGHTS[:2], ("binary", "continuous")), two)
    with pytest.raises(InputError, match=r"`adata.obs` has no column 'hlaf'.*Did you mean 'half'"):
        mb.compare_use(network(), adata, by="hlaf")
    with pytest.raises(InputError, match=r"\['sequence'\]` has 800 values .* expected 2 to 20"):
        mb.compare_use(network(), adata, by="sequence")
    with pytest.raises(InputError, match=r"`readout` is 3; expected a whole number, 0 to 2"):
        mb.compare_use(network(), adata, by="half", readout=3)


def test_groups_in_which_nothing_can_be_told_apart_are_refused(adata):
    labeled = adata.copy()
    labeled.obs["bound"] = np.where(adata.X[:, 0] == 1, "yes", "no")
    with pytest.raises(InputError, match=r"All 600 measured values of 'no' are 0; .*that differ"):
        mb.compare_use(network(), labeled, by="bound")
    labeled.obs["few"] = np.where(np.arange(N) < 5, "few", "many")
    with pytest.raises(InputError, match=r"'few' has 5 sequences .* expected at least 20"):
        mb.compare_use(network(), labeled, by="few")


def test_motifs_of_another_network_or_of_several_are_refused(adata):
    with pytest.raises(InputError, match=r"does not say which filters of this network"):
        mb.compare_use(network(), adata, motifs=[mb.Motif.from_sites("A", [A])])
    pooled = mb.read_motifs([network(), network()], adata)
    with pytest.raises(InputError, match=r"pooled from 2 networks"):
        mb.compare_use(network(), adata, motifs=pooled)
