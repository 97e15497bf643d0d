"""Rows of one readout, as tests want them."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.significance.rows import take_rows


def book(sequences, readout, **obs):
    names = [f"s{number}" for number in range(len(sequences))]
    table = pd.DataFrame({"sequence": sequences, **obs}, index=names)
    return ad.AnnData(
        X=np.asarray(readout, dtype=np.float32)[:, None],
        obs=table,
        var=pd.DataFrame(index=["activity"]),
    )


def different(n, length=12):
    rng = np.random.default_rng(0)
    return ["".join(row) for row in rng.choice(list("ACGT"), (n, length))]


def test_rows_without_a_measurement_are_left_out():
    readout = np.arange(10.0)
    readout[3] = np.nan
    taken = take_rows(book(different(10), readout))
    assert taken.readout.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert taken.names[3] == "s4"
    assert taken.notes == ("1 of 10 rows without a measurement were left out.",)


def test_copies_on_either_strand_are_averaged_with_their_covariates():
    sequences = different(10)
    sequences[4] = sequences[1]
    sequences[9] = sequences[1][::-1].translate(str.maketrans("ACGT", "TGCA"))
    adata = book(sequences, np.arange(10.0), dose=np.arange(10) * 2, batch=list("abcdefghij"))
    taken = take_rows(adata, covariates=["dose", "batch"])
    assert taken.names.tolist() == ["s0", "s1", "s2", "s3", "s5", "s6", "s7", "s8"]
    assert taken.readout[1] == pytest.approx((1 + 4 + 9) / 3)
    assert taken.covariates["dose"][1] == pytest.approx(2 * (1 + 4 + 9) / 3)
    assert taken.covariates["batch"].tolist() == list("abcdfghi")
    assert taken.letters.shape == (8, 12)
    assert len(np.unique(taken.hashes)) == 8
    [note] = taken.notes
    assert note.startswith("10 rows hold 8 different sequences")


def test_copies_of_a_binary_readout_that_disagree_are_left_out():
    sequences = different(12)
    sequences[3], sequences[5] = sequences[2], sequences[4]
    taken = take_rows(book(sequences, [0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1]))
    assert taken.names.tolist() == [f"s{number}" for number in (0, 1, 4, 6, 7, 8, 9, 10, 11)]
    assert "2 rows were left out" in taken.notes[0]
    assert set(taken.readout) == {0, 1}


def test_proteins_have_no_other_strand():
    adata = book(["ACCA", "TGGT", *different(8)], np.arange(10.0))
    assert len(take_rows(adata).readout) == 9
    adata.uns["alphabet"] = "protein"
    assert len(take_rows(adata).readout) == 10


def test_parts_of_a_split_and_chosen_rows():
    split = np.repeat(["train", "test"], 10)
    adata = book(different(20), np.arange(20.0), split=split)
    assert take_rows(adata, "test").readout.tolist() == list(range(10, 20))
    assert take_rows(adata, np.arange(20) < 9).readout.tolist() == list(range(9))
    assert take_rows(adata, readout="activity").name == "activity"


def test_positives_are_exchanged_with_their_own_shuffles():
    pair = ["a", "b", "c", "d", "e"] * 2
    adata = book(different(10), np.repeat([1, 0], 5), pair=pair)
    taken = take_rows(adata)
    assert taken.blocks.tolist() == [0, 1, 2, 3, 4] * 2
    assert "5 pairs of 'pair'" in taken.notes[0]
    adata.X[1] = 0  # two negatives: no longer pairs of positives and shuffles
    taken = take_rows(adata)
    assert taken.blocks is None
    assert "as if they were independent" in taken.notes[0]
    assert take_rows(adata, blocks="pair").blocks.tolist() == [0, 1, 2, 3, 4] * 2


def test_rows_without_a_block_are_alone():
    adata = book(different(9), np.arange(9.0), pair=["a", "a", ".", ".", "b", "b", "b", None, "a"])
    assert take_rows(adata, blocks="pair").blocks.tolist() == [0, 0, 1, 2, 3, 3, 3, 4, 0]


def test_what_is_refused_is_named():
    adata = book(different(20), np.arange(20.0), dose=[np.inf, np.nan] + [1.0] * 18)
    with pytest.raises(mb.InputError, match=r"'dose' is inf in 2 rows \('s0', 's1'\).*`rows=`"):
        take_rows(adata, covariates=["dose"])
    with pytest.raises(mb.InputError, match=r"no column 'dos'.*Did you mean 'dose'"):
        take_rows(adata, covariates=["dos"])
    with pytest.raises(mb.InputError, match=r"`rows` is 'test', but `adata` has no split"):
        take_rows(adata, "test")
    with pytest.raises(mb.InputError, match=r"`rows` has shape \(3,\) and type int64.*20 rows"):
        take_rows(adata, [1, 2, 3])
    with pytest.raises(mb.InputError, match=r"'activity' has 7 rows.*'s0', 's1', 's2', …; exp.* 8"):
        take_rows(adata, np.arange(20) < 7)
    with pytest.raises(mb.InputError, match=r"`readout` is 'activit'; expected one of 'activity'"):
        take_rows(adata, None, "activit")
    with pytest.raises(mb.InputError, match=r"'activity' is 2 in all 20 rows \('s0', 's1',"):
        take_rows(book(different(20), np.full(20, 2.0)))
    adata.X[4] = np.inf
    with pytest.raises(mb.InputError, match=r"'activity' is infinite in 1 rows \('s4'\)"):
        take_rows(adata)
    with pytest.raises(mb.InputError, match=r"no readouts; expected a measured column"):
        take_rows(adata[:, []])


def test_near_copies_are_told_unless_blocks_hold_them():
    rng = np.random.default_rng(0)
    adata = mb.simulate(n=100, length=60, rule="single", seed=0)
    assert take_rows(adata).notes == ()
    sequences = adata.obs["sequence"].to_numpy(dtype=object)
    adata.obs["family"] = np.arange(100) // 2
    for row in range(1, 100, 2):
        letters = list(sequences[row - 1])
        letters[30] = "ACGT"[("ACGT".index(letters[30]) + 1) % 4]
        sequences[row] = "".join(letters)
    adata.obs["sequence"] = sequences
    adata.X = rng.normal(size=(100, 1)).astype(np.float32)
    adata.var["kind"] = "continuous"
    [note] = take_rows(adata).notes
    assert note.startswith("100 of 100 sequences share long stretches with others (50 families)")
    assert take_rows(adata, blocks="family").notes == ()


def test_a_series_of_rows_goes_by_its_names():
    adata = mb.simulate(n=40, length=60, rule="single", seed=0)
    wanted = pd.Series(np.arange(40) < 30, index=adata.obs_names)
    taken = take_rows(adata, wanted.iloc[::-1])
    assert taken.names.tolist() == take_rows(adata, wanted.to_numpy()).names.tolist()
