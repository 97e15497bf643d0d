"""Pairs of sequences from tables, files and AnnData."""

from __future__ import annotations

import pandas as pd
import pytest

from motifbook import InputError, read_table
from motifbook.variants.find import find_alleles
from tests import toys

REF = "ACGTTGCAACGTTGCAACGT"


def find(pairs, **options):
    return find_alleles(toys.words(20), pairs, **options)


@pytest.mark.parametrize("names", [("ref", "alt"), ("reference", "alternative"), ("Ref", "ALT")])
def test_columns_may_be_called_by_either_name(names):
    alleles = find(pd.DataFrame([(REF, REF.lower().replace("ttg", "tag", 1))], columns=names))
    told = alleles.table.iloc[0].tolist()
    assert told == ["pair0", ".", 4, "T", "A"]
    assert alleles.reference() == [REF]


def test_other_columns_are_no_matter():
    table = pd.DataFrame({"chrom": ["chr1"], "reference": [REF], "alternative": ["T" + REF[1:]]})
    assert find(table).table["position"].tolist() == [0]


def test_names_come_from_their_column_or_the_line(tmp_path):
    table = pd.DataFrame({"ref": [REF], "alt": [REF[:-1] + "A"]})
    assert find(table.assign(name=["rs1"])).table["name"].tolist() == ["rs1"]
    for name, separator in (("x.csv", ","), ("x.tsv.gz", "\t")):
        table.to_csv(tmp_path / name, sep=separator, index=False)
        assert find(tmp_path / name).table["name"].tolist() == ["line2"]


def test_excel_is_read(tmp_path):
    table = pd.DataFrame({"name": ["a"], "reference": [REF], "alternative": ["T" + REF[1:]]})
    table.to_excel(tmp_path / "x.xlsx", index=False)
    assert find(tmp_path / "x.xlsx").table.iloc[0].tolist() == ["a", ".", 0, "A", "T"]


def test_several_changes_are_told_together():
    alleles = find(pd.DataFrame({"ref": [REF], "alt": ["T" + REF[1:10] + REF[12:]]}))
    assert alleles.table.iloc[0].tolist() == ["pair0", ".", 0, "A,GT", "T,"]
    rows, single = alleles.single()
    assert rows.tolist() == [0, 0]
    assert single == ["T" + REF[1:], REF[:10] + REF[12:] + "NN"]


def test_shorter_alleles_are_padded_at_their_end_and_pairs_centered():
    pairs = [(REF, REF[:5] + REF[8:]), (REF[:10], REF[:9])]
    alleles = find(pd.DataFrame(pairs, columns=["ref", "alt"]))
    assert alleles.alternative() == [REF[:5] + REF[8:] + "NNN", REF[:9] + "N"]
    letters = alleles.encode(alleles.reference())
    assert (letters[1, :5] == 4).all()
    assert (letters[1, 5:15] == letters[0, :10]).all()
    assert alleles.offsets.tolist() == [0, 5]


def test_the_same_sequence_twice_has_no_change():
    assert find(pd.DataFrame({"ref": [REF], "alt": [REF]})).table.iloc[0].tolist() == [
        "pair0", ".", -1, "", "",
    ]  # fmt: skip


def test_an_anndata_says_which_rows_are_a_pair(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text(f"ref_seq\talt_seq\n{REF}\t{REF[:-1]}A\n{REF}\t\n")
    alleles = find(read_table(path, sequence=("ref_seq", "alt_seq")))
    assert alleles.table.iloc[0].tolist() == ["line2", ".", 19, "T", "A"]
    assert alleles.done == ["Left out 1 pair with one sequence only: 'line3'."]


def test_an_anndata_without_pairs_is_refused():
    adata = toys.book([REF, REF])
    with pytest.raises(InputError, match=r"has no column 'pair'; expected pairs, such as"):
        find(adata)
    adata.obs["pair"], adata.obs["allele"] = "a", "ref"
    with pytest.raises(InputError, match="Pair 'a' has two sequences of allele 'ref'"):
        find(adata)
    adata.obs["pair"] = ["a", "b"]
    with pytest.raises(InputError, match="No pair of `adata` has both alleles"):
        find(adata)
    adata.obs["allele"] = "wild"
    with pytest.raises(InputError, match=r"adata.obs\['allele'\]` is 'wild'"):
        find(adata)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"ref": [REF], "mutant": [REF]}, "The table of pairs has no column 'alternative'"),
        ({"ref": [REF], "alt": ["ACGJ"]}, r"row 0, column 'alt' has 'J' at 3; expected DNA"),
        ({"ref": [REF], "alt": [None]}, "row 0, column 'alt' has None"),
        ({"ref": [REF], "alt": [""]}, "row 0, column 'alt' has ''"),
        ({"ref": [7], "alt": [REF]}, "row 0, column 'ref' has 7"),
        ({"ref": [], "alt": []}, "The table of pairs has no rows"),
    ],
)
def test_odd_tables_are_refused(table, says):
    with pytest.raises(InputError, match=says):
        find(pd.DataFrame(table))


def test_no_sequence_may_be_longer_than_length():
    pairs = pd.DataFrame({"ref": [REF], "alt": [REF + "A"]})
    assert find(pairs, length=25).encode([REF]).shape == (1, 25)
    with pytest.raises(InputError, match="`length` is 20, the longest sequence has 21 letters"):
        find(pairs, length=20)
