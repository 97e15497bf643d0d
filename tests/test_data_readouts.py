"""Replicates, counts, standard errors and alleles: closed forms, and what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from motifbook import Alleles, Counts, InputError, read, read_table, split, write
from motifbook.data import store

NAN = np.nan


def table(tmp_path, content, name="x.csv"):
    path = tmp_path / name
    path.write_text(content)
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


def test_replicates_are_averaged_and_kept(tmp_path):
    path = table(
        tmp_path, "sequence,a,b,c,note\nACGT,1,2,6,x\nGGCC,3,,5,y\nTTAA,4,,,z\nCCCC,,,,w\n"
    )
    adata = read_table(path, readouts={"dev": ["a", "b", "c"]})
    np.testing.assert_array_equal(adata.X[:, 0], np.float32([3, 4, 4, NAN]))
    replicates = adata.obsm["replicates:dev"]
    assert replicates.dtype == np.float32
    np.testing.assert_array_equal(
        replicates, np.float32([[1, 2, 6], [3, NAN, 5], [4, NAN, NAN], [NAN] * 3])
    )
    by_hand = [np.std([1, 2, 6], ddof=1) / np.sqrt(3), 1, NAN, NAN]
    np.testing.assert_allclose(adata.layers["sigma"][:, 0], by_hand, rtol=1e-6)
    assert list(adata.obs) == ["sequence", "note"]
    assert "Readout 'dev' is the mean of 3 replicates; they are kept in" in done(adata)
    write(adata, tmp_path / "x.h5ad")
    back = read(tmp_path / "x.h5ad")
    np.testing.assert_array_equal(back.obsm["replicates:dev"], replicates)
    np.testing.assert_array_equal(back.layers["sigma"], adata.layers["sigma"])


def test_standard_errors_from_the_file(tmp_path):
    path = table(tmp_path, "sequence,dev,hk,se,a,b\nACGT,1,2,0.5,1,3\nGGCC,3,4,,2,2\n")
    adata = read_table(path, readouts=["dev", "hk"], sigma={"hk": "se"})
    np.testing.assert_array_equal(adata.layers["sigma"], np.float32([[NAN, 0.5], [NAN, NAN]]))
    assert list(adata.obs) == ["sequence", "a", "b"]
    named = read_table(path, readouts={"both": ["a", "b"]}, sigma={"both": "se"})
    np.testing.assert_array_equal(named.layers["sigma"][:, 0], np.float32([0.5, NAN]))
    assert "sigma" not in read_table(path, readouts=["dev", "hk"]).layers
    by_number = read_table(path, sequence=0, readouts=[1], sigma={"dev": 3})
    np.testing.assert_array_equal(by_number.layers["sigma"][:, 0], np.float32([0.5, NAN]))


COUNTS = (
    "sequence,r1,r2,d1,d2\nACGT,100,40,50,60\nGGCC,300,60,150,40\nTTAA,200,20,200,9\nCC,,80,0,91\n"
)


def test_log_ratios_of_counts_by_hand(tmp_path):
    adata = read_table(
        table(tmp_path, COUNTS), readouts={"activity": Counts(rna=["r1", "r2"], dna=["d1", "d2"])}
    )
    depth = np.mean([600, 200, 400, 200])
    first = [
        np.log2((rna * depth / 600 + 1) / (dna * depth / 400 + 1))
        for rna, dna in ((100, 50), (300, 150), (200, 200))
    ]
    second = [
        np.log2((rna * depth / 200 + 1) / (dna * depth / 200 + 1))
        for rna, dna in ((40, 60), (60, 40), (80, 91))
    ]
    expected = np.array([[*first, NAN], [*second[:2], NAN, second[2]]]).T  # 9 and 0 are too few
    np.testing.assert_allclose(adata.obsm["replicates:activity"], expected, rtol=1e-5)
    np.testing.assert_allclose(adata.X[:, 0], np.nanmean(expected, axis=1), rtol=1e-5)
    by_hand = np.abs(expected[:2, 0] - expected[:2, 1]) / 2
    np.testing.assert_allclose(adata.layers["sigma"][:2, 0], by_hand, rtol=1e-5)
    assert np.isnan(adata.layers["sigma"][2:, 0]).all()
    assert list(adata.obs) == ["sequence", "r1", "r2", "d1", "d2"]
    assert "scaled to 350 counts; 2 of 8 measurements have less than 10 DNA counts" in done(adata)


def test_one_dna_library_serves_all_and_depth_does_not_matter(tmp_path):
    what = {"v": Counts(rna=["r1", "r2"], dna="d1", min_dna=0)}
    adata = read_table(table(tmp_path, COUNTS), readouts=what)
    assert adata.obsm["replicates:v"].shape == (4, 2)
    frame = pd.read_csv(tmp_path / "x.csv").fillna(0)
    frame["r1"] *= 1000
    frame[["r2", "d1"]] *= 1000
    frame.to_csv(tmp_path / "deep.csv", index=False)
    deep = read_table(tmp_path / "deep.csv", readouts=what)
    np.testing.assert_allclose(deep.X[:3], adata.X[:3], atol=0.05)  # but for the added 1


def test_few_dna_counts_are_not_measured(tmp_path):
    content = "sequence,r,d\nACGT,5,10\nGGCC,50,9\nTTAA,7,100\n"
    one = {"v": Counts("r", "d")}
    values = read_table(table(tmp_path, content), readouts=one).X[:, 0]
    assert np.isnan(values).tolist() == [False, True, False]
    all_of_them = {"v": Counts("r", "d", min_dna=9)}
    adata = read_table(table(tmp_path, content), readouts=all_of_them)
    assert not np.isnan(adata.X).any()
    assert not adata.obsm  # one replicate is no replicate


PAIRS = """variant,ref_seq,alt_seq,ref_a,alt_a,ref_b,alt_b,effect,pair
rs1,ACGT,ACGA,1,3,2,5,2.5,p
rs2,GGCC,,4,,6,,,q
rs3,,,9,9,9,9,9,r
rs4,TTAA,TTAC,,8,,8,8,s
"""
TWO = ("ref_seq", "alt_seq")


def test_two_alleles_per_line_are_two_rows(tmp_path):
    what = {"dev": Alleles(ref="ref_a", alt="alt_a")}
    adata = read_table(table(tmp_path, PAIRS), sequence=TWO, readouts=what)
    names = ["line2|ref", "line2|alt", "line3|ref", "line5|ref", "line5|alt"]
    assert adata.obs_names.tolist() == names
    assert store.get_sequences(adata) == ["ACGT", "ACGA", "GGCC", "TTAA", "TTAC"]
    assert adata.obs["allele"].tolist() == ["ref", "alt", "ref", "ref", "alt"]
    assert adata.obs["pair"].tolist() == ["line2", "line2", "line3", "line5", "line5"]
    assert adata.obs["pair (file)"].tolist() == ["p", "p", "q", "s", "s"]
    assert adata.obs["variant"].tolist() == ["rs1", "rs1", "rs2", "rs4", "rs4"]
    np.testing.assert_array_equal(adata.obs["effect"], [2.5, 2.5, NAN, 8, 8])
    np.testing.assert_array_equal(adata.X[:, 0], np.float32([1, 3, 4, NAN, 8]))
    assert adata.uns["done"][:3] == [
        "Read 5 sequences from x.csv.",
        "Left out 1 line without a sequence: 4.",
        "One of the two sequences is missing in 1 line (3); the other one is kept.",
    ]


def test_alleles_of_replicates_and_their_standard_errors(tmp_path):
    what = {"dev": Alleles(ref=["ref_a", "ref_b"], alt=["alt_a", "alt_b"])}
    sigma = {"dev": Alleles(ref="ref_a", alt="alt_b")}
    path = table(tmp_path, PAIRS)
    adata = read_table(path, sequence=TWO, readouts=what)
    np.testing.assert_array_equal(adata.X[:, 0], np.float32([1.5, 4, 5, NAN, 8]))
    np.testing.assert_array_equal(adata.obsm["replicates:dev"][:2], [[1, 2], [3, 5]])
    np.testing.assert_array_equal(adata.layers["sigma"][:, 0], np.float32([0.5, 1, 1, NAN, 0]))
    named = read_table(path, sequence=TWO, readouts=what, sigma=sigma)
    np.testing.assert_array_equal(named.layers["sigma"][:, 0], np.float32([1, 5, 4, NAN, 8]))


def test_both_alleles_of_a_library_share_its_depth(tmp_path):
    content = "ref_seq,alt_seq,rr,ra,dr,da\nACGT,ACGA,10,30,20,20\nGGCC,GGCA,20,60,20,20\n"
    what = {"v": Alleles(ref=Counts("rr", "dr"), alt=Counts("ra", "da"))}
    adata = read_table(table(tmp_path, content), sequence=TWO, readouts=what)
    long = pd.DataFrame(
        {"sequence": ["ACGT", "ACGA", "GGCC", "GGCA"], "r": [10, 30, 20, 60], "d": 20}
    )
    long.to_csv(tmp_path / "long.csv", index=False)
    expected = read_table(tmp_path / "long.csv", readouts={"v": Counts("r", "d")})
    np.testing.assert_allclose(adata.X, expected.X)


def test_splits_keep_alleles_together(tmp_path):
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), 30)) for _ in range(60)]
    lines = [f"{sequence},{sequence[:-1]}N,{i},{i + 1}" for i, sequence in enumerate(sequences)]
    path = table(tmp_path, "\n".join(["ref_seq,alt_seq,a,b", *lines]))
    adata = read_table(path, sequence=TWO, readouts={"v": Alleles("a", "b")})
    parts = split(adata, seed=0).to_numpy().reshape(-1, 2)
    assert (parts[:, 0] == parts[:, 1]).all()


BASE = "sequence,v,w,r,d,f,z,alt\nACGT,1,-1,20,20,1.5,0,ACGA\nGGCC,2,3,30,10,2,0,GGCA\n"
REFUSED = {  # arguments -> sentence
    "an unnamed measure": (
        {"readouts": Counts("r", "d")},
        r'`readouts` is Counts\(.*expected a name for it. Use `readouts=\{"activity": mb.Counts',
    ),
    "a readout twice": ({"readouts": ["v", "w", "v"]}, r"`readouts` names 'v' 2 times"),
    "no column": ({"readouts": {"x": []}}, r"\[\] was asked for; expected a column, by its name"),
    "a column that is none": ({"readouts": {"x": None}}, r"None was asked for; expected a column"),
    "a column of halves": ({"readouts": [1.5]}, r"\[1.5\] was asked for; expected a column"),
    "a sequence as replicate": (
        {"readouts": {"x": ["v", "sequence"]}},
        r"Column 'sequence' of x.csv is asked for 2 times",
    ),
    "negative counts": (
        {"readouts": {"x": Counts("w", "d")}},
        r"x.csv, line 2, column 'w': -1 is no count; expected whole numbers",
    ),
    "halves as counts": ({"readouts": {"x": Counts("r", "f")}}, r"column 'f': 1.5 is no count"),
    "an empty library": ({"readouts": {"x": Counts("z", "d")}}, r"'z' of x.csv holds no count"),
    "too few everywhere": (
        {"readouts": {"x": Counts("r", "d", min_dna=99)}},
        r"no sequence has 99 DNA counts or more \(`min_dna`\)",
    ),
    "alleles of one sequence": (
        {"readouts": {"x": Alleles("v", "w")}},
        r"made of `Alleles`, and each line has one sequence; .*sequence=\(",
    ),
    "one value of two sequences": (
        {"sequence": ("sequence", "alt"), "readouts": "v"},
        r"Readout 'v' is made of 'v', and each line has two .*mb.Alleles\(.*stays in `obs`",
    ),
    "three sequences": ({"sequence": ["sequence", "alt", "v"]}, r"expected one column, or two"),
    "errors of nothing": ({"readouts": "v", "sigma": {"u": "w"}}, r"`sigma` is 'u'; .* 'v'"),
    "negative errors": (
        {"readouts": "v", "sigma": {"v": "w"}},
        r"x.csv, line 2: the standard error of 'v' is -1; expected 0 or more",
    ),
    "errors in a list": (
        {"readouts": "v", "sigma": ["w"]},
        r"`sigma` is \['w'\]; expected readout",
    ),
    "errors of replicates": (
        {"readouts": "v", "sigma": {"v": ["w", "d"]}},
        r"`sigma` has \['w', 'd'\] for 'v'; expected the column of its standard error",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_measures_that_cannot_be_are_refused(tmp_path, case):
    arguments, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        read_table(table(tmp_path, BASE), **arguments)


def test_measures_that_contradict_themselves_are_refused():
    with pytest.raises(InputError, match=r"`Counts` has 3 columns of RNA and 2 of DNA; expected"):
        Counts(rna=["a", "b", "c"], dna=["d", "e"])
    with pytest.raises(InputError, match=r"`min_dna` is -1; expected a whole number, 0 or more"):
        Counts("a", "b", min_dna=-1)
    with pytest.raises(InputError, match=r"`Alleles` has ref='a' and alt=\['b', 'c'\]"):
        Alleles(ref="a", alt=["b", "c"])
    with pytest.raises(InputError, match=r"`Alleles` has ref='a' and alt=Counts"):
        Alleles(ref="a", alt=Counts("b", "c"))
