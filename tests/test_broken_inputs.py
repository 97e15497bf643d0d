"""Broken files of sequences and tables: read as stated, or refused in one sentence."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import Counts, Cycles
from tests.broken_files import FASTA, LETTERS, TWO, WEB, fasta, frame, hand_in, table, zipped_table
from tests.motif_texts import MEME

TAR = b"x.fa" + bytes(253) + b"ustar  \0" + bytes(247) + b">a\nACGT\n"

SEQUENCES = {  # how it is read -> sequences and values, or the sentence
    "a web page": (fasta(WEB), r"x\.fa is a web page; .*Download the file itself"),
    "a pointer of Git LFS": (
        fasta("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
        r"x\.fa only points to a file kept by Git LFS; .*git lfs pull",
    ),
    "a word processor's file": (fasta(r"{\rtf1\ansi >a \par ACGT}"), r"document of a word proc"),
    "a PDF": (fasta(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), r"x\.fa is a PDF; expected plain text"),
    "an archive": (fasta(gzip.compress(TAR)), r"x\.fa is an archive \(tar\); .*Unpack it"),
    "packed twice": (
        fasta(gzip.compress(gzip.compress(FASTA.encode()))),
        r"packed with gzip twice; .*Unpack it once",
    ),
    "packed, then rubbish": (fasta(gzip.compress(b">a\nACGT\n") + b"junk"), r"damaged or cut off"),
    "packed, then zeros": (fasta(gzip.compress(b">a\nACGT\n") + bytes(512)), (["ACGT"], {})),
    "packed in parts": (
        fasta(gzip.compress(b">a\nACGT\n") + gzip.compress(b">b\nGG\n")),
        (["ACGT", "GG"], {}),
    ),
    "half a gzip header": (fasta(b"\x1f\x8b\x08"), r"x\.fa is damaged or cut off"),
    "GenBank": (fasta("LOCUS       X 10 bp\nORIGIN\n 1 acgt\n//\n"), r"looks like GenBank"),
    "an alignment": (fasta("CLUSTAL W (1.82)\n\na ACGT\nb AC-T\n"), r"an alignment: remove its"),
    "a motif file": (fasta(MEME), r"These are motifs: use `mb\.read_motif_file`"),
    "JSON": (fasta('{"a": "ACGT"}'), r"x\.fa, line 1: .*looks like JSON"),
    "a column with its name": (fasta("sequence\nACGT\nGG\n"), r"a table: use `mb\.read_table`"),
    "proteins, one per line": (
        fasta("MKLVFFMKLVFFAEDVGS\nMKLV\n"),
        r'a protein needs `alphabet="protein"`',
    ),
    "a space that does not break": (
        fasta(">a\nACGT\n>b\nAC\u00a0GT\n"),
        r"'b' \(line 3 of x\.fa\) has '\\xa0' as letter 3; .*cannot be seen; .*: remove it",
    ),
    "a Cyrillic letter": (fasta(">a\nA\u0421GT\n"), r"has 'С' as letter 2; .*type it anew"),
    "the end of a DOS file": (fasta(">a\nACGT\n\x1a"), r"has '\\x1a' as letter 5; .*cannot be"),
    "a stop": (fasta(">a\nACGT*\n"), r"has '\*' as letter 5; .*Remove it"),
    "qualities without letters": (fasta(">a\n40 40 30\n"), r"has '4' as letter 1"),
    "regions beyond any genome": (
        fasta(">chr1:99999999999999999999-100000000000000000003\nACGT\n"),
        (["ACGT"], {}),
    ),
    "a name without end": (fasta(f">{'a' * 2_000_000}\nACGT\n"), r"^Record 'a{50,60}….*\(line 1"),
    "an address": (
        lambda _: mb.read_fasta("https://example.org/x.fa"),
        r"^https://example\.org/x\.fa is an address; .*Download it",
    ),
    "a name over two lines": (lambda _: mb.read_fasta("a\nb.fa"), r"^a b\.fa was not found"),
    "several files": (lambda _: mb.read_fasta(["a.fa"]), r"`path` is \['a\.fa'\]; expected the p"),
    "negatives: yes": (
        fasta(FASTA, negatives=True),
        r"`negatives` is True; expected .*path of a file",
    ),
    "negatives in hand": (fasta(FASTA, negatives=["AC"]), r"`negatives` is \['AC'\]; expected"),
    "a sequence as negatives": (
        fasta(FASTA, negatives="ACGT" * 1000),
        r"`negatives` is 'ACGT.*; expected one of 'shuffle', None",
    ),
    "lines against lines": (
        fasta("ACGT\nGGCC\n", negatives="TTAA\nCCAT\n"),
        (["ACGT", "GGCC", "TTAA", "CCAT"], {"bound": [1, 1, 0, 0]}),
    ),
    "labels in hand": (fasta(FASTA, labels=[1, 0, 1, 0]), r"`labels` is \[1, 0, 1, 0\]; expected"),
    "a word among labels": (
        fasta(FASTA, labels="1\n0\nhigh\n0\n"),
        r"labels\.txt has no column of numbers; in line 3, 'high' is no number; .*Leave the cell",
    ),
    "labels without bound": (fasta(FASTA, labels="1\ninf\n1\n0\n"), r"in line 2, 'inf' is no num"),
    "labels with commas": (
        fasta(FASTA, labels="a;1,5\nb;2\nc;3\nd;4\n"),
        r"in line 1, '1,5' is no number; .*decimal point, not a comma",
    ),
    "labels of R": (
        fasta(FASTA, labels='"v"\n"d" 4\n"a" 1\n"c" 3\n"b" 2\n'),
        (LETTERS, {"v": [1, 2, 3, 4]}),
    ),
    "labels that are the sequences": (fasta(FASTA, labels=FASTA), r"labels\.txt looks like FASTA"),
}

TABLES = {
    "two readouts of one name": (
        table("sequence,v,v\nA,1,3\nC,2,4\n", readouts=[1, 2]),
        r"Two readouts made of x\.csv are called 'v'; .*readouts=\{\"v 1\"",
    ),
    "a readout by name and number": (
        table("sequence,v\nA,1\nC,2\n", readouts=["v", 1]),
        r"Two readouts .* called 'v'",
    ),
    "a replicate of itself": (
        table("sequence,v\nA,1\nC,2\n", readouts={"x": ["v", 1]}),
        r"Readout 'x' is made of column 'v' 2 times; expected another column",
    ),
    "RNA over itself": (
        table("sequence,r\nA,10\nC,20\n", readouts={"x": Counts("r", "r")}),
        r"Readout 'x' is made of column 'r' 2 times",
    ),
    "one cycle twice": (
        table("sequence,a\nA,1\nC,2\n", readouts={"x": Cycles({0: "a", 4: "a"})}),
        r"Readout 'x' is made of column 'a' 2 times",
    ),
    "a cycle without column": (
        lambda _: Cycles({0: None, 1: "a"}),
        r"`Cycles` has None for a cycle; expected the column",
    ),
    "columns as pandas has them": (
        table("sequence,v\nA,1\nC,2\n", readouts=pd.Index(["v"])),
        (["A", "C"], {"v": [1, 2]}),
    ),
    "numbers as NumPy has them": (
        table("A,1\nC,2\n", sequence=np.int64(0), readouts=np.array([1])),
        (["A", "C"], {"column 1": [1, 2]}),
    ),
    "a nameless readout": (table("sequence,v\nA,1\n", readouts={" ": "v"}), r"has no name"),
    "names in one word": (table("A,1\n", names="sequence"), r"`names` is 'sequence'; expected a"),
    "names that are none": (
        table("A,1\n", names=["sequence", None]),
        r"`names` is \['sequence', N",
    ),
    "a web page as .xls": (table(WEB, "x.xls"), r"x\.xls is a web page"),
    "JSON": (table('{"sequence": ["A"]}'), r"x\.csv looks like JSON; .*Save it as \.csv"),
    "a zip of a table": (zipped_table, r"x\.zip could not be read as Excel .*unpack it"),
    "half an Excel file": (
        frame("x.xlsx", TWO, lambda raw: raw[:-50]),
        r"spoiled\.x\.xlsx could not be read as Excel",
    ),
    "a damaged Excel file": (
        frame("x.xlsx", TWO, lambda raw: raw[:900] + b"?" * 99 + raw[999:]),
        r"spoiled\.x\.xlsx could not be read as Excel",
    ),
    "packed Excel": (frame("x.xlsx", TWO, gzip.compress), r"is an Excel or zip file; .*unpack"),
    "half a Parquet file": (
        frame("x.parquet", TWO, lambda raw: raw[:-50]),
        r"spoiled\.x\.parquet could not be read as Parquet",
    ),
    "packed Parquet": (frame("x.parquet", TWO, gzip.compress), r"is a Parquet file; .*unpacked"),
    "lists in cells": (
        frame("x.parquet", {**TWO, "v": [[1, 2], [3]]}, readouts="v"),
        r"line 2, column 'v': '\[1 2\]' is no number",
    ),
    "a gene called PAR1": (
        table("PAR1,ACGT,1\nPAR2,GG,2\n", sequence=1, readouts=[2]),
        (["ACGT", "GG"], {"column 2": [1, 2]}),
    ),
    "a header over two lines": (
        table('"sequence","log2\n(RNA/DNA)"\nACGT,1\nGG,2\n', readouts="log2 (RNA/DNA)"),
        (["ACGT", "GG"], {"log2 (RNA/DNA)": [1, 2]}),
    ),
    "what R writes": (
        table('"sequence" "v" "my note"\n"1" "ACGT" 1 "a b"\n"2" "GG" 2 "c"\n', readouts="v"),
        (["ACGT", "GG"], {"v": [1, 2]}),
    ),
    "remarks at the top": (
        table("# made by hand\n\n# on Monday\n#sequence\tv\nACGT\t1\nGG\t2\n", readouts="v"),
        (["ACGT", "GG"], {"v": [1, 2]}),
    ),
    "a title at the top": (
        table("Table S1\nsequence,v\nACGT,1\n", readouts="v"),
        r"x\.csv, line 2 has 1 cell; .*called 'Table, S1': remove that line if it is a title",
    ),
    "units below the names": (
        table("sequence,v\n,log2\nACGT,1\nGG,2\n", readouts="v"),
        (["ACGT", "GG"], {"v": [1, 2]}),
    ),
    "two tables, one below the other": (
        table("sequence,v\nA,1\nsequence,v\nC,2\n", readouts="v"),
        r"x\.csv, line 3, column 'v': the name .* there again\. Remove line 3",
    ),
    "readout and sequence swapped": (
        table("sequence,v\nACGT,1\nGG,2\n", sequence="v", readouts="sequence"),
        r"line 2, column 'sequence': 'ACGT' is no number; .*name another one",
    ),
    "a cell without end": (
        table(f"sequence,v\nA,{'x' * 5000}\n", readouts="v"),
        r"line 2, column 'v': 'x{40}…' is no number",
    ),
    "curly quotation marks": (table("sequence,v\n“ACGT”,1\n"), r"line 2 of x\.csv has '“' as lett"),
    "a data frame in place of a file": (
        lambda _: mb.read_table(pd.DataFrame(TWO)),
        r"`path` is a DataFrame; expected the path of a file",
    ),
}

ROWS = {f"sequences: {name}": row for name, row in SEQUENCES.items()}
ROWS |= {f"table: {name}": row for name, row in TABLES.items()}


@pytest.mark.parametrize("name", ROWS)
def test_a_broken_input_is_read_as_stated_or_refused_in_one_sentence(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    hand_in(ROWS[name], tmp_path)


def test_a_slip_of_the_pen_among_labels_is_told(tmp_path):
    adata = fasta(FASTA, labels="5 1\n2 2\n3 3x\n4 4\n")(tmp_path)
    assert adata.var_names.tolist() == ["label"]
    said = "\n".join(adata.uns["done"])
    assert "'column 1' of the labels is kept in `obs`: it holds words (line 3: '3x')" in said


def test_names_of_lines_stay_apart(tmp_path):
    adata = fasta("ACGT\nGGCC\n", negatives="TTAA\nCCAT\n")(tmp_path)
    names = ["line1", "line2", "line1|negative", "line2|negative"]
    assert adata.obs_names.tolist() == names
    assert "more than once" not in "\n".join(adata.uns["done"])
