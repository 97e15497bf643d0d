"""Tables as users have them: cells are numbers, gaps or a sentence with column and line."""

from __future__ import annotations

import contextlib
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import Alleles, Counts, Cycles, InputError, read, read_table, write
from motifbook.data import store

FRAME = pd.DataFrame(
    {
        "name": ["007", "b", "c"],
        "sequence": ["ACGT", "ggcc", "TTUN"],
        "dev": [0.5, np.nan, -2e3],
        "hk": [1, 0, 1],
        "dose": [1, 2, 3],
        "strand": ["+", "-", "."],
    }
)


def table(tmp_path, content, name="x.csv"):
    """Write a small file; text as UTF-8."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


KINDS = ["x.csv", "x.tsv", "x.txt", "x.csv.gz", "x.tsv.gz", "x.xlsx", "x.parquet"]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_table_reads_the_same(tmp_path, name):
    if name.endswith("xlsx"):
        FRAME.to_excel(tmp_path / name, index=False)
    elif name.endswith("parquet"):
        FRAME.to_parquet(tmp_path / name)
    else:
        separator = {"csv": ",", "tsv": "\t", "txt": ";"}[name.split(".")[1]]
        FRAME.to_csv(tmp_path / name, index=False, sep=separator)
    adata = read_table(tmp_path / name, readouts=["dev", "hk"])
    assert adata.var_names.tolist() == ["dev", "hk"]
    assert adata.X.dtype == np.float32
    np.testing.assert_array_equal(adata.X, FRAME[["dev", "hk"]].to_numpy(np.float32))
    assert store.get_sequences(adata) == ["ACGT", "GGCC", "TTTN"]
    assert adata.obs["name"].tolist() == ["007", "b", "c"]
    assert adata.obs["dose"].tolist() == [1, 2, 3]
    assert adata.obs["strand"].tolist() == ["+", "-", "."]
    assert adata.obs_names.tolist() == ["line2", "line3", "line4"]
    assert store.readout_kinds(adata) == ["continuous", "binary"]
    assert "Readout 'dev': 1 of 3 not measured." in done(adata)


def test_the_first_sheet_is_read_and_the_others_are_named(tmp_path):
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        FRAME.to_excel(book, sheet_name="mpra", index=False)
        FRAME.to_excel(book, sheet_name="notes", index=False)
    assert "Read the first sheet, 'mpra', of 2." in done(read_table(tmp_path / "x.xlsx"))


def test_a_first_sheet_without_sequences_is_named(tmp_path):
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        pd.DataFrame({"exported by Anna": []}).to_excel(book, sheet_name="notes", index=False)
        FRAME.to_excel(book, sheet_name="mpra", index=False)
    with pytest.raises(InputError, match=r"no further lines.*the first sheet, 'notes', of 2"):
        read_table(tmp_path / "x.xlsx")


def test_parquet_of_every_type(tmp_path):
    frame = pd.DataFrame(
        {
            "sequence": [b"ACGT", b"GGCC", None],
            "v": np.array([0.1, np.nan, 3], dtype=np.float32),
            "n": pd.array([1, None, 3], dtype="Int64"),
            "yes": [True, False, True],
            "kind": pd.Categorical(["a", "b", "a"]),
            "day": pd.to_datetime(["2024-01-05"] * 3),
        },
        index=pd.Index(["p", "q", "r"], name="id"),
    )
    frame.to_parquet(tmp_path / "x.parquet")
    adata = read_table(tmp_path / "x.parquet", readouts=["v", "n", "yes"])
    np.testing.assert_array_equal(adata.X, np.float32([[0.1, 1, 1], [np.nan, np.nan, 0]]))
    assert adata.obs["id"].tolist() == ["p", "q"]
    assert adata.obs["kind"].tolist() == ["a", "b"]
    assert adata.obs_names.tolist() == ["line2", "line3"]
    by_number = read_table(tmp_path / "x.parquet", sequence=1, readouts=[2])
    assert by_number.var_names.tolist() == ["v"]
    write(adata, tmp_path / "x.h5ad")


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    def absent(*_, **__):
        raise ImportError("no such module")

    path = table(tmp_path, b"PAR1\x15 and so on", "x.parquet")
    with pytest.raises(InputError, match=r"x.parquet could not be read as Parquet \("):
        read_table(path)
    monkeypatch.setattr(pd, "read_parquet", absent)
    with pytest.raises(InputError, match=r"is Parquet, and pyarrow is not installed. Install"):
        read_table(path)
    FRAME.to_excel(tmp_path / "x.xlsx")
    monkeypatch.setattr(pd, "read_excel", absent)
    with pytest.raises(InputError, match=r"is Excel, and openpyxl is not installed"):
        read_table(tmp_path / "x.xlsx")


BY_NUMBER = {  # content -> names of lines and of the readout, what is said
    "no header": ("ACGT,1\nGG,2\n", ["line1", "line2"], "column 1", "was read as data"),
    "a header": ("seq,v\nACGT,1\nGG,2\n", ["line2", "line3"], "v", "names are 'seq', 'v'"),
    "a header of letters": ("DNA,v\nACGT,1\nGG,2\n", ["line2", "line3"], "v", "names are 'DNA'"),
    "a word as readout": ("tag,v\nACGT,1\nGG,2\n", ["line2", "line3"], "v", "names are 'tag'"),
    "a number as name": ("name,1\nACGT,1\nGG,2\n", ["line2", "line3"], "1", "names are 'name'"),
    "nothing measured first": ("ACGT,\nGG,2\n", ["line1", "line2"], "column 1", "read as data"),
    "no sequence first": (",5\nACGT,1\nGG,2\n", ["line2", "line3"], "column 1", "read as data"),
    "blanks": ("ACGT 1\nGG  2\n", ["line1", "line2"], "column 1", "read as data"),
    "more columns": ("ACGT\t1\tx\nGG\t2\ty\n", ["line1", "line2"], "column 1", "read as data"),
}


@pytest.mark.parametrize("case", BY_NUMBER)
def test_columns_can_be_called_by_number(tmp_path, case):
    content, lines, readout, said = BY_NUMBER[case]
    adata = read_table(table(tmp_path, content), sequence=0, readouts=[1])
    assert adata.obs_names.tolist() == lines
    assert adata.var_names.tolist() == [readout]
    assert adata.X[-1, 0] == 2
    assert said in done(adata)
    if case == "more columns":
        assert adata.obs["column 2"].tolist() == ["x", "y"]


def test_numbers_and_names_can_be_mixed(tmp_path):
    adata = read_table(table(tmp_path, "ACGT,GATA\nACGT,1\nGG,2\n"), sequence=0, readouts="GATA")
    assert adata.X[:, 0].tolist() == [1, 2]
    assert "by number" not in done(adata)
    adata = read_table(table(tmp_path, "a,1\nACGT,1\n"), sequence=0, readouts=["1"])
    assert adata.var_names.tolist() == ["1"]


def test_one_column_of_sequences(tmp_path):
    assert read_table(table(tmp_path, "ACGT\nGG\n"), sequence=0).shape == (2, 0)
    assert read_table(table(tmp_path, "Sequence\nACGT\nGG\n"), sequence=0).shape == (2, 0)
    protein = read_table(table(tmp_path, "sequence\nMKLV\n"), sequence=0, alphabet="protein")
    assert store.get_sequences(protein) == ["MKLV"]


def test_regions_that_count_from_one(tmp_path):
    path = table(tmp_path, "sequence,chrom,start,end\nACGT,chr1,101,104\nGG,chr2,1,2\n")
    adata = read_table(path)
    assert adata.obs["start"].tolist() == [100, 0]
    assert "Regions count from 1 in the file" in done(adata)
    path = table(tmp_path, "sequence,chrom,start,end\nACGT,chr1,100,104\nGG,chr2,1,2\n")
    adata = read_table(path)
    assert adata.obs["start"].tolist() == [100, 1]
    assert "Regions count" not in done(adata)


UGLY = {  # content, sequences, values
    "plain": ("sequence,v\nACGT,1\nGG,2\n", ["ACGT", "GG"], [1, 2]),
    "Windows": ("sequence,v\r\nACGT,1\r\nGG,2\r\n", ["ACGT", "GG"], [1, 2]),
    "old Mac": ("sequence,v\rACGT,1\rGG,2", ["ACGT", "GG"], [1, 2]),
    "byte order mark": ("\ufeffsequence,v\nACGT,1\n", ["ACGT"], [1]),
    "blank lines": ("\n\nsequence,v\n\nACGT,1\n,\n\nGG,2\n\n", ["ACGT", "GG"], [1, 2]),
    "quoted": ('"sequence","v"\n"ACGT","1"\n', ["ACGT"], [1]),
    "separator in quotes": ('sequence,v,note\nACGT,1,"a,b"\n', ["ACGT"], [1]),
    "blanks around cells": ("sequence , v\n ACGT , 1 \n", ["ACGT"], [1]),
    "hash before the header": ("#sequence\tv\nACGT\t1\n", ["ACGT"], [1]),
    "separators at the line end": ("sequence,v\nACGT,1,,\nGG,2,,\n", ["ACGT", "GG"], [1, 2]),
    "row names of R": ("sequence\tv\n1\tACGT\t1\n2\tGG\t2\n", ["ACGT", "GG"], [1, 2]),
    "words for missing": ("sequence,v\nA,NA\nC,nan\nG,\nT,1\n", list("ACGT"), [*[np.nan] * 3, 1]),
    "true and false": ("sequence,v\nA,TRUE\nC,False\n", ["A", "C"], [1, 0]),
    "exponents": ("sequence,v\nA,1e-3\nC,+2.5E2\n", ["A", "C"], [1e-3, 250]),
    "no sequence in a line": ("sequence,v\nA,1\n,2\nNA,3\nC,4\n", ["A", "C"], [1, 4]),
    "a line for Excel": ("sep=;\nsequence;v\nACGT;1\n", ["ACGT"], [1]),
    "mixed line ends": ("sequence,v\r\nACGT,1\nGG,2\rTT,3", ["ACGT", "GG", "TT"], [1, 2, 3]),
    "blanks between cells": ("sequence  v\nACGT   1\n", ["ACGT"], [1]),
    "blank after the comma": ('sequence, v\n"ACGT", "1"\n', ["ACGT"], [1]),
    "commas in a name": ("sequence\tv\ta,b,c\nACGT\t1\t2\n", ["ACGT"], [1]),
    "a line end in quotes": ('sequence,v,n\nACGT,1,"a\nb"\nGG,2,c\n', ["ACGT", "GG"], [1, 2]),
    "an inch": ('sequence,v,n\nACGT,1,5" long\n', ["ACGT"], [1]),
    "columns without name": (",sequence,v,,\n0,ACGT,1,,\n", ["ACGT"], [1]),
    "gaps inside sequences": ("sequence,v\nAC GT ,1\n", ["ACGT"], [1]),
    "accents": ("sequence,v,gène\nA,1,é\n".encode("latin-1"), ["A"], [1]),
}


@pytest.mark.parametrize("case", UGLY)
def test_ugly_tables_are_read(tmp_path, case):
    content, sequences, values = UGLY[case]
    adata = read_table(table(tmp_path, content), readouts="v")
    assert store.get_sequences(adata) == sequences
    np.testing.assert_allclose(adata.X[:, 0], values)


REFUSED = {
    "empty": ("", r"x.csv is empty"),
    "header only": ("sequence,v\n", r"has a header and no further lines"),
    "no sequence column": ("Sequence,v\nA,1\n", r"no column 'sequence'; .*Did you mean 'Sequence'"),
    "a line for Excel, cut": ("sep=\nsequence,v\nA,1\n", r"no column 'sequence'; it has: sep=\."),
    "merged cells": ("Element,,Activity,\nName,sequence,Dev,Hk\n", r"2 of its 4 .* no name"),
    "no readout": ("sequence,dev1\nA,1\n", r"no column 'v'; it has: sequence, dev1"),
    "no names": ("ACGTACGT,1\nACGGACGG,2\n", r"'ACGTACGT' in its first line.*names=\["),
    "a column twice": ("sequence,v,v\nA,1,2\n", r"Column 'v' is named 2 times"),
    "a word": ("sequence,v\nA,1\n\nC,high\n", r"line 4, column 'v': 'high' is no number"),
    "only words": ("sequence,v\nA,x\nC,y\n", r"\(2 such cells\). This column holds words"),
    "decimal commas": ("sequence;v\nA;1,5\nC;2\n", r"'1,5' is no number; .*decimal point"),
    "decimal commas in quotes": ('sequence,v\nA,"1,5"\nC,2\n', r"'1,5' .*decimal point, not"),
    "thousands": ('sequence,v\nA,"1,234"\nC,2\n', r"'1,234' is no number; .*not a comma"),
    "millions": ('sequence,v\nA,"1,234,567"\nC,2\n', r"'1,234,567' .*nothing between thousands"),
    "blank thousands": ("sequence,v\nA,1 234\nC,2\n", r"'1 234' .*nothing between thousands"),
    "German thousands": ("sequence;v\nA;1.234,5\n", r"'1.234,5' .*nothing between thousands"),
    "percent": ("sequence,v\nA,12 %\nC,2\n", r"'12 %' is no number; .*percent signs away"),
    "a date of Excel": ("sequence,v\nA,5-Jan\nC,2\n", r"'5-Jan' .*Excel made a date"),
    "a whole date": ("sequence,v\nA,2024-05-01 00:00:00\nC,2\n", r"Excel made a date"),
    "an error of Excel": ("sequence,v\nA,#DIV/0!\nC,2\n", r"could not compute it"),
    "a long minus": ("sequence,v\nA,\u22122\nC,2\n", r"is a long dash: write -"),
    "below detection": ("sequence,v\nA,<0.1\nC,2\n", r"'<0.1' .*not known exactly"),
    "infinite": ("sequence,v\nA,-inf\nC,1\n", r"'-inf' is no number; .*Leave the cell empty"),
    "too large": ("sequence,v\nA,1e300\nC,1\n", r"'1e300' is no number"),
    "nothing measured": ("sequence,v\nA,\nC,NA\n", r"Column 'v' of x.csv holds no number"),
    "no sequences": ("sequence,v\n,1\nNA,2\n", r"has no sequence in column 'sequence'"),
    "short line": ("sequence,v\nA,1\nC\n", r"line 3 has 1 cell; expected 2"),
    "long line": ("sequence,v\nA,1\nC,1,2\n", r"line 3 has 3 cells; expected 2"),
    "open quote": ('sequence,v\nA,"1\nC,2\n', r"line 2: unexpected end of data; .*quotation mark"),
    "endless quote": ('sequence,v\nA,"' + "x" * 200_000, r"quotation mark"),
    "wrong letter": (
        "sequence,v\nA,1\nAXJ,2\n",
        r"sequence in line 3 of x.csv has 'J' as letter 3",
    ),
    "protein": ("sequence,v\nMKLVFF,1\n", r'looks like a protein: use `alphabet="protein"`'),
    "FASTA": (">a\nACGT\n", r"looks like FASTA; expected a table. Use `mb.read_fasta`"),
    "FASTQ": ("@a\nACGT\n+\nIIII\n", r"looks like FASTQ; expected a table. Use `mb.read_fasta`"),
    "text after a quotation mark": ('sequence,v\nA,1\n"C"x,2\n', r"line 3: .*quotation mark"),
    "UTF-16": ("sequence,v\nA,1\n".encode("utf-16"), r"is UTF-16 text; .*plain text \(UTF-8\)"),
    "old Excel": (b"\xd0\xcf\x11\xe0abc", r"old Excel file; .*Save it as .xlsx or .csv"),
    "an error far down": ("sequence,v\n" + "A,1\n" * 50_000 + "A,x\n", r"line 50002, column 'v'"),
    "a short line far down": ("sequence,v\n" + "A,1\n" * 50_000 + "A\n", r"line 50002 has 1 cell"),
    "a genome": ("sequence,v\n" + "A" * 20_001 + ",1\n", r"line 2 of x.csv is 20,001 letters long"),
    "binary": (b"sequence\0v", r"binary file"),
    "no Excel": (b"PK\x03\x04abc", r"could not be read as Excel"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(tmp_path, case):
    content, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        read_table(table(tmp_path, content), readouts=["v"])


def test_names_can_be_given(tmp_path):
    path = table(tmp_path, "ACGT\t1\nGG\t2\n")
    adata = read_table(path, names=["sequence", "level"], readouts="level")
    assert adata.X[:, 0].tolist() == [1, 2]
    assert adata.obs_names.tolist() == ["line1", "line2"]
    with pytest.raises(InputError, match="line 1 has 2 cells; expected 1, one per column"):
        read_table(path, names=["sequence"])


def test_questionable_requests(tmp_path):
    path = table(tmp_path, "sequence,v\nA,1\n")
    with pytest.raises(InputError, match=r"'sequence' of x.csv is asked for 2 times; expected"):
        read_table(path, readouts=["sequence"])
    with pytest.raises(InputError, match=r"Column 2 was asked for; .* has 2 columns, counted from"):
        read_table(path, readouts=[2])
    with pytest.raises(InputError, match=r"Column -1 was asked for; expected the name .* number"):
        read_table(path, readouts=[-1])
    assert read_table(path).shape == (1, 0)


def test_columns_that_are_ours_are_renamed_unless_they_fit(tmp_path):
    content = "letters,sequence,split,v\nACG,s1,Train,1\nACC,s2,dev,2\n"
    adata = read_table(table(tmp_path, content), sequence="letters", readouts="v")
    assert adata.obs["sequence"].tolist() == ["ACG", "ACC"]
    assert adata.obs["sequence (file)"].tolist() == ["s1", "s2"]
    assert adata.obs["split (file)"].tolist() == ["Train", "dev"]
    assert "Column 'split' of x.csv is called 'split (file)' in `obs`." in done(adata)
    fitting = read_table(table(tmp_path, "sequence,split\nA,train\nC,test\n"))
    assert store.rows(fitting, "test").tolist() == [1]


def test_everything_that_was_done_is_told(tmp_path):
    content = "sequence,v\nacgt,1\n,2\nACGT,1\nACRT,1\n"
    assert read_table(table(tmp_path, content), readouts="v").uns["done"] == [
        "Read 3 sequences from x.csv.",
        "Left out 1 line without a sequence: 3.",
        "Readout 'v' is 1 for every sequence.",
        "33.33% of the letters are lower case; read as upper case.",
        "1 ambiguity code (R) count as unknown.",
        "Sequences that repeat an earlier one: 1; kept, and `mb.split` keeps copies together.",
    ]


@pytest.mark.parametrize(
    ("file", "sequence", "readouts", "n"),
    [
        ("crx_retina_12cond_dev.tsv.gz", "CRE_sequence", ["hsp68_WT", "rho_WT", "rho_Rhom"], 2787),
        ("fly_deepstarr_3000.tsv.gz", "Sequence", ["Dev_log2_enrichment"], 3000),
        ("human_k562_lentimpra_3000.tsv.gz", "seq", ["mean_value"], 3000),
        ("utr5_mrl_uaug_dev.tsv.gz", "utr", ["rl"], 2399),
        ("mpsa_5ss_9nt.csv.gz", "x", ["y"], 30483),
    ],
)
def test_real_measurements_agree_with_pandas(test_data, file, sequence, readouts, n):
    path = test_data / "mpra" / file
    expected = pd.read_csv(path, sep=None, engine="python")
    adata = read_table(path, sequence=sequence, readouts=readouts)
    assert adata.shape == (n, len(readouts))
    np.testing.assert_array_equal(adata.X, expected[readouts].to_numpy(np.float32))
    assert np.isnan(adata.X).sum() == expected[readouts].isna().to_numpy().sum()
    as_dna = expected[sequence].str.upper().str.replace("U", "T")
    assert store.get_sequences(adata) == as_dna.tolist()
    assert set(adata.obs.columns) == {"sequence", *expected.columns} - {sequence, *readouts}


def test_real_promoters_without_a_header(test_data):
    path = test_data / "mpra" / "yeast_random_6370.txt.gz"
    adata = read_table(path, names=["sequence", "expression"], readouts="expression")
    expected = pd.read_csv(path, sep="\t", header=None)
    np.testing.assert_array_equal(adata.X[:, 0], expected[1].to_numpy(np.float32))
    assert store.get_letters(adata).shape == (6370, expected[0].str.len().max())


def test_real_rna_with_true_and_false(test_data):
    path = test_data / "chip" / "pum2_clip_test.csv.gz"
    adata = read_table(path, sequence="seq", readouts="binding_site", alphabet="RNA")
    with gzip.open(path, "rt") as stream:
        n_true = sum(",TRUE," in line for line in stream)
    assert adata.X.sum() == n_true
    assert store.readout_kinds(adata) == ["binary"]
    assert "T" not in "".join(store.get_sequences(adata))


CELLS = st.one_of(
    st.sampled_from(["", "NA", "1", "-2.5", "1e5", "ACGT", "acgu", '"', "inf", ".", "01", "TRUE"]),
    st.text(max_size=4),
)
REQUESTS = [
    {"readouts": ["v"]},
    {"sequence": 0, "readouts": [1]},
    {"sequence": 0, "readouts": {"mean": [1, 2]}, "sigma": {"mean": 1}},
    {"sequence": 0, "readouts": {"ratio": Counts(1, 2, min_dna=0)}},
    {"sequence": 0, "readouts": {"cycle": Cycles({0: 1, 2: 2})}},
    {"sequence": (0, 1), "readouts": {"both": Alleles(2, 3)}},
]
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=ROWS,
    separator=st.sampled_from([",", "\t", ";", " "]),
    has_header=st.booleans(),
    columns=st.sampled_from(REQUESTS),
)
def test_any_table_is_read_or_refused(tmp_path, rows, separator, has_header, columns):
    header = [["sequence", "v", "w", "x"][: len(rows[0])]] if has_header else []
    text = "\n".join(separator.join(row) for row in header + rows)
    path = table(tmp_path, text.encode("utf-8", errors="replace"))
    with contextlib.suppress(InputError):
        adata = read_table(path, **columns)
        write(adata, tmp_path / "x.h5ad")
        back = read(tmp_path / "x.h5ad")
        np.testing.assert_array_equal(back.X, adata.X)
        assert list(back.obs.columns) == list(adata.obs.columns)
        assert back.obs.astype(str).equals(adata.obs.astype(str))
