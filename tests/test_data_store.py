"""The book keeps what is put into it, in memory and on disk."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, Motif
from motifbook.alphabet import DNA, RNA, Alphabet, written
from motifbook.data import schema, store


def book(sequences=("ACGTA", "GGC", "TTTTT"), values=((0.0,), (1.0,), (np.nan,)), names=("bound",)):
    return ad.AnnData(
        X=np.array(values, dtype=np.float32),
        obs=pd.DataFrame(
            {"sequence": list(sequences)}, index=[f"s{i}" for i in range(len(sequences))]
        ),
        var=pd.DataFrame(index=list(names)),
        uns={"alphabet": "DNA"},
    )


def same(got, expected):
    """Compare nested plain values, type by type."""
    if isinstance(expected, dict):
        assert set(got) == set(expected)
        for key in expected:
            same(got[key], expected[key])
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(got, expected, check_index_type=False)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(got, expected)
    else:
        assert type(got) is type(expected)
        assert got == expected


def test_letters_are_centered_and_padded():
    assert store.get_letters(book()).tolist() == [[0, 1, 2, 3, 0], [4, 2, 2, 1, 4], [3] * 5]


def test_letters_and_sequences_tell_the_same():
    strings = book()
    codes = book()
    codes.obsm["letters"] = store.get_letters(strings)
    del codes.obs["sequence"]
    assert store.get_sequences(codes) == store.get_sequences(strings) == ["ACGTA", "GGC", "TTTTT"]
    np.testing.assert_array_equal(store.get_letters(codes), store.get_letters(strings))


def test_rna_is_read_with_its_own_letters():
    adata = book(["ACGU"], [[1.0]])
    adata.uns["alphabet"] = "RNA"
    assert store.get_alphabet(adata) == RNA
    assert store.get_letters(adata).tolist() == [[0, 1, 2, 3]]


def test_a_readout_of_zeros_and_ones_is_binary_and_the_user_may_overrule_it():
    adata = book(values=[[0, 0.5, 1], [1, 2, 0], [np.nan, 1, 1]], names=["bound", "level", "cycle"])
    assert store.readout_kinds(adata) == ["binary", "continuous", "binary"]
    adata.var["kind"] = [None, None, "continuous"]
    assert store.readout_kinds(adata) == ["binary", "continuous", "continuous"]


def test_rows_of_a_split():
    adata = book()
    assert store.rows(adata, "train").tolist() == [0, 1, 2]
    adata.obs["split"] = ["test", None, "train"]
    assert store.rows(adata, "test").tolist() == [0]
    assert store.rows(adata, None).tolist() == [0, 1, 2]
    with pytest.raises(InputError, match=r"is 'validation'; it holds .*'test': 1.*mb.split"):
        store.rows(adata, "validation")
    with pytest.raises(InputError, match=r"'tset'; expected one of .* Did you mean 'test'"):
        store.rows(adata, "tset")


def test_everything_comes_back_from_disk(tmp_path):
    adata = book()
    adata.obs["a/b %"] = ["x", None, "x"]
    adata.obs["split"] = ["train", "test", np.nan]
    adata.obs["mixed"] = ["1", 2.5, True]
    adata.obs["n"] = [1, 2, 3]
    adata.var["kind"] = ["binary"]
    adata.uns["done"] = ["Read 3 sequences.", "Nothing was dropped."]
    truth = {
        "motifs": {"MAX::MYC": np.full((4, 3), 0.25), "a/b": np.full((4, 2), 0.25)},
        "sites": pd.DataFrame({"sequence": ["s0", "s1"], "start": [1, 2], "strand": ["+", None]}),
        "effects": pd.DataFrame({"motif": ["a"], "effect": [0.5]}),
        "options": {"seed": None, "n": 3, "exact": True, "gap": (6, 10), "rule": "tut2"},
        "nested": [{"a": None}, [1, "b"]],
        "empty": [],
        "mixture": (1, 0.5),
    }
    adata.uns["truth"] = truth
    store.add_predictions(adata, np.array([[0.1], [0.2], [0.3]]))
    store.add_attribution(adata, np.ones((3, 4, 5)), "saliency", 0)
    store.write(adata, tmp_path / "book.h5ad")
    back = store.read(tmp_path / "book.h5ad")
    np.testing.assert_array_equal(back.X, adata.X)
    assert back.obs["sequence"].tolist() == ["ACGTA", "GGC", "TTTTT"]
    assert list(back.obs.columns) == list(adata.obs.columns)
    assert back.obs["a/b %"].isna().tolist() == [False, True, False]
    assert back.obs["split"].tolist()[:2] == ["train", "test"]
    assert back.obs["mixed"].tolist() == ["1", "2.5", "True"]
    assert back.obs["n"].dtype == adata.obs["n"].dtype
    assert back.uns["done"] == adata.uns["done"]
    truth["sites"]["strand"] = ["+", np.nan]
    same(back.uns["truth"], truth)
    np.testing.assert_array_equal(
        store.get_attribution(back, "saliency", "bound"), np.ones((3, 4, 5))
    )
    np.testing.assert_allclose(back.layers["prediction"][:, 0], [0.1, 0.2, 0.3], rtol=1e-6)


@pytest.mark.parametrize("dtype", [None, object, "string"])
@pytest.mark.parametrize("values", [["x", None, "y"], [None, None, None]])
def test_text_with_gaps_comes_back_as_text(tmp_path, values, dtype):
    adata = book()
    adata.obs["note"] = pd.Series(values, index=adata.obs_names, dtype=dtype)
    store.write(adata, tmp_path / "b.h5ad")
    back = store.read(tmp_path / "b.h5ad").obs["note"]
    assert [None if pd.isna(value) else value for value in back] == values
    assert back.dtype == pd.Series(["x", None]).dtype


def test_writing_leaves_the_book_in_hand_as_it_was(tmp_path):
    adata = book(["ACG", "ACG", "TTT"])
    adata.uns["x"] = {"y": None, "z": [1]}
    before = adata.obs.copy()
    store.write(adata, tmp_path / "b.h5ad")
    pd.testing.assert_frame_equal(adata.obs, before)
    same(dict(adata.uns), {"alphabet": "DNA", "x": {"y": None, "z": [1]}})


def test_anndata_reads_the_file_without_us(tmp_path):
    adata = book()
    adata.uns["truth"] = {"sites": pd.DataFrame({"start": [1]})}
    store.write(adata, tmp_path / "b.h5ad")
    plain = ad.read_h5ad(tmp_path / "b.h5ad")
    assert plain.obs["sequence"].tolist() == ["ACGTA", "GGC", "TTTTT"]
    assert plain.uns["truth"]["sites"]["start"].tolist() == [1]


def test_motifs_keep_order_names_and_what_is_known(tmp_path):
    adata = book()
    info = {"used": True, "use": 0.2, "filters": [1, 2], "url": None, "source": "activations"}
    motifs = [
        Motif("z", np.eye(4), n_sites=12.0, info=info),
        Motif("a/b", np.full((4, 2), 0.25), background=(0.3, 0.2, 0.2, 0.3), alphabet=RNA),
        Motif("z", np.eye(4)[:, ::-1]),
    ]
    store.add_motifs(adata, motifs)
    store.write(adata, tmp_path / "b.h5ad")
    back = store.get_motifs(store.read(tmp_path / "b.h5ad"))
    assert [motif.name for motif in back] == ["z", "a/b", "z"]
    assert [motif.n_sites for motif in back] == [12.0, None, None]
    assert [motif.alphabet for motif in back] == [DNA, RNA, DNA]
    assert back[1].background == motifs[1].background
    same(dict(back[0].info), info)
    np.testing.assert_array_equal(back[2].ppm, motifs[2].ppm)


def test_hits_round_trip(tmp_path):
    adata = book()
    hits = pd.DataFrame([["s0", 1, 4, "+", "a", 3.5, 1e-4]], columns=list(schema.HIT_COLUMNS))
    store.add_hits(adata, hits)
    store.write(adata, tmp_path / "b.h5ad")
    same(store.get_hits(store.read(tmp_path / "b.h5ad")), hits)
    with pytest.raises(InputError, match="The hits table has no column 'p_value'"):
        store.add_hits(adata, hits.drop(columns="p_value"))


def test_what_is_not_there_yet_is_named():
    adata = book()
    with pytest.raises(InputError, match="holds no 'motifs' yet; it holds 'alphabet'"):
        store.get_motifs(adata)
    with pytest.raises(InputError, match="no 'attribution:saliency:bound' yet; it holds nothing"):
        store.get_attribution(adata, "saliency", 0)
    with pytest.raises(InputError, match=r"`readout` is 1; expected a whole number, 0 to 0"):
        store.get_attribution(adata, "saliency", 1)
    with pytest.raises(InputError, match=r"shape \(3,\); expected \(n, n_readouts\) = \(3, 1\)"):
        store.add_predictions(adata, np.zeros(3))


def test_a_failed_write_leaves_the_old_file(tmp_path):
    adata = book()
    store.write(adata, tmp_path / "b.h5ad")
    adata.uns["model"] = object()
    with pytest.raises(InputError, match=r"`adata.uns.model` is a object, which a file cannot"):
        store.write(adata, tmp_path / "b.h5ad")
    assert [file.name for file in tmp_path.iterdir()] == ["b.h5ad"]
    assert store.read(tmp_path / "b.h5ad").n_obs == 3


def test_paths_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match=r"expected a name that ends in \.h5ad"):
        store.write(book(), tmp_path / "b.csv")
    with pytest.raises(InputError, match="There is no folder"):
        store.write(book(), tmp_path / "none" / "b.h5ad")
    (tmp_path / "x.h5ad").write_text(">a\nACGT\n")
    with pytest.raises(InputError, match=r"could not be read as .h5ad.*mb.read_fasta"):
        store.read(tmp_path / "x.h5ad")
    with pytest.raises(InputError, match="was not found"):
        store.read(tmp_path / "y.h5ad")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda a: a.obs.pop("sequence"), "holds no sequences; expected"),
        (lambda a: a.obs.__setitem__("sequence", ["A", "", "C"]), r"Sequence 's1' is ''"),
        (lambda a: a.obs.__setitem__("sequence", ["A", None, "C"]), r"Sequence 's1' is missing"),
        (lambda a: a.obs.__setitem__("sequence", ["A", 3.5, "C"]), r"Sequence 's1' is 3.5"),
        (lambda a: a.obs.__setitem__("sequence", ["A", "C", "CJ"]), "'s2' has 'J' at position 1"),
        (lambda a: a.obs.__setitem__("split", ["train", "val", "test"]), "is 'val'; expected one"),
        (lambda a: a.var.__setitem__("kind", ["count"]), "is 'count'; expected one of 'binary'"),
        (lambda a: a.uns.__setitem__("alphabet", "XNA"), "`alphabet` is 'XNA'"),
        (lambda a: setattr(a, "obs_names", ["a", "b", "a"]), "'a' more than once"),
        (lambda a: a.obsm.__setitem__("letters", np.full((3, 2), 9, np.uint8)), "values up to 9"),
    ],
)
@pytest.mark.filterwarnings("ignore:Observation names are not unique")
def test_validate_says_what_is_wrong(spoil, sentence):
    adata = book()
    spoil(adata)
    with pytest.raises(InputError, match=sentence):
        schema.validate(adata)


def test_validate_refuses_other_things():
    with pytest.raises(InputError, match="`adata` is a DataFrame; expected an AnnData"):
        schema.validate(pd.DataFrame())


def test_an_infinite_value_is_refused_and_named(tmp_path):
    adata = ad.AnnData(
        X=np.array([[1.0], [np.inf]], dtype=np.float32),
        obs=pd.DataFrame({"sequence": ["ACGT", "ACCT"]}, index=["a", "b"]),
    )
    with pytest.raises(InputError, match=r"Readout '0' of sequence 'b' is infinite"):
        store.write(adata, tmp_path / "book.h5ad")


@pytest.mark.parametrize("put", [written, lambda alphabet: alphabet], ids=["text", "object"])
def test_your_own_alphabet_comes_back(tmp_path, put):
    own = Alphabet("methylated", "ACGTM")
    adata = book(["ACMGTA", "GGCMMM", "TTTTTA"])
    adata.uns["alphabet"] = put(own)
    store.write(adata, tmp_path / "b.h5ad")
    back = store.read(tmp_path / "b.h5ad")
    assert store.get_alphabet(back) == own
    assert store.get_letters(back)[0].tolist() == [0, 1, 4, 2, 3, 0]


def test_coefficients_of_a_formula_survive_the_file(tmp_path):
    adata = book()
    with pytest.raises(InputError, match="add_formula"):
        store.get_formula(adata)
    table = pd.DataFrame(
        {"readout": ["bound"] * 2, "term": ["intercept", "GATA"], "coefficient": [0.1, np.nan]}
    )
    store.add_formula(adata, table)
    store.write(adata, tmp_path / "x.h5ad")
    pd.testing.assert_frame_equal(
        store.get_formula(store.read(tmp_path / "x.h5ad")), table, check_dtype=False
    )
    with pytest.raises(InputError, match="coefficient"):
        store.add_formula(adata, table.drop(columns="coefficient"))


def test_tests_of_motifs_are_kept(tmp_path):
    adata = book()
    with pytest.raises(InputError, match="add_tests"):
        store.get_tests(adata)
    table = pd.DataFrame(
        {"readout": ["a"], "motif": ["GATA"], "p_value": [0.01], "kept": [True], "notes": [""]}
    )
    store.add_tests(adata, table)
    store.write(adata, tmp_path / "x.h5ad")
    pd.testing.assert_frame_equal(store.get_tests(store.read(tmp_path / "x.h5ad")), table)
    with pytest.raises(InputError, match="The table of tests has no column 'p_value'"):
        store.add_tests(adata, table.drop(columns="p_value"))
