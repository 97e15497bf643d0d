"""A separate file of labels: joined in order or by name, and never by accident."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from motifbook import InputError, read_fasta

FASTA = ">a first\nACGT\n>b\nGGCC\n>c\nTTAA\n>d\nCCAT\n"
NAN = np.nan


@pytest.fixture
def sequences(tmp_path):
    path = tmp_path / "x.fa"
    path.write_text(FASTA)
    return path


def label(tmp_path, content, name="y.txt"):
    path = tmp_path / name
    path.write_text(content)
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


LABELS = {  # content -> names of readouts, values
    "one column": ("1\n0\n1\n0\n", ["label"], [[1, 0, 1, 0]]),
    "a header": ("bound\n1\n0\n1\n0\n", ["bound"], [[1, 0, 1, 0]]),
    "a first line that says nothing": ("NA\n0\n1\n0\n", ["label"], [[NAN, 0, 1, 0]]),
    "words for numbers": ("TRUE\nFALSE\nNA\ntrue\n", ["label"], [[1, 0, NAN, 1]]),
    "two columns": (
        "1\t.5\n0\t1e1\n1\t\n0\t3\n",
        ["label1", "label2"],
        [[1, 0, 1, 0], [0.5, 10, NAN, 3]],
    ),
    "commas and a header": (
        "dev,hk\n1,2\n3,4\n5,6\n7,8\n",
        ["dev", "hk"],
        [[1, 3, 5, 7], [2, 4, 6, 8]],
    ),
    "blanks": ("1 2\n3  4\n5 6\n7 8\n", ["label1", "label2"], [[1, 3, 5, 7], [2, 4, 6, 8]]),
    "one-hot": ("1\t0\n0\t1\n0\t1\n1\t0\n", ["label"], [[1, 0, 0, 1]]),
    "one-hot and a header": ("pos neg\n1 0\n0 1\n0 1\n1 0\n", ["pos"], [[1, 0, 0, 1]]),
    "three classes": (
        "1 0 0\n0 1 0\n0 0 1\n1 0 0\n",
        ["label1", "label2", "label3"],
        [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]],
    ),
    "an index of pandas": (",v\n0,5\n1,6\n2,7\n3,8\n", ["v"], [[5, 6, 7, 8]]),
    "names": ("d\t4\na\t1\nc\t3\nb\t2\n", ["label"], [[1, 2, 3, 4]]),
    "names and a header": (
        "name,v,w\nd,4,8\na,1,2\nc,3,6\nb,2,4\n",
        ["v", "w"],
        [[1, 2, 3, 4], [2, 4, 6, 8]],
    ),
    "some names": ("c 3\na 1\n", ["label"], [[1, NAN, 3, NAN]]),
    "names of others": ("c 3\nq 9\na 1\n", ["label"], [[1, NAN, 3, NAN]]),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("case", LABELS)
def test_labels_find_their_sequences(tmp_path, sequences, case, packed):
    content, names, values = LABELS[case]
    path = label(tmp_path, content)
    if packed:
        path.write_bytes(gzip.compress(content.encode()))
    adata = read_fasta(sequences, labels=path)
    assert adata.var_names.tolist() == names
    np.testing.assert_array_equal(adata.X.T, np.float32(values))
    assert adata.obs_names.tolist() == list("abcd")


def test_what_was_joined_and_left_out_is_told(tmp_path, sequences):
    adata = read_fasta(sequences, labels=label(tmp_path, "c 3 1 0\nq 9 1 0\na 1 0 1\n"))
    assert adata.uns["done"] == [
        "Read 4 sequences from x.fa.",
        "Labels were read from y.txt and joined by name.",
        "2 sequences without a line of labels: not measured.",
        "Left out 1 line of labels that name no sequence.",
        "Column 3 of the labels (counted from 0) is left out: it is 1 exactly where column 2 is 0.",
        "Readout 'label1': 2 of 4 not measured.",
        "Readout 'label2': 2 of 4 not measured.",
    ]


def test_columns_of_words_go_into_obs(tmp_path, sequences):
    adata = read_fasta(sequences, labels=label(tmp_path, "name,v,type\nb,2,wt\na,1,mut\n"))
    assert adata.var_names.tolist() == ["v"]
    assert adata.obs["type"].tolist()[:2] == ["mut", "wt"]
    assert adata.obs["type"].isna().tolist() == [False, False, True, True]
    path = label(tmp_path, "name,v,description\nb,2,wt\na,1,mut\n")
    adata = read_fasta(sequences, labels=path)
    assert adata.obs["description"].tolist() == ["first", "", "", ""]
    assert adata.obs["description (file)"].tolist()[:2] == ["mut", "wt"]
    assert "Column 'description' of y.txt is called 'description (file)' in `obs`." in done(adata)


def test_records_without_letters_take_their_labels_along(tmp_path):
    path = label(tmp_path, ">a\nACGT\n>b\n>c\nGGCC\n", "x.fa")
    adata = read_fasta(path, labels=label(tmp_path, "1\n2\n3\n"))
    assert adata.X[:, 0].tolist() == [1, 3]
    with pytest.raises(InputError, match=r"y.txt has 2 lines of labels and x.fa has 3 records"):
        read_fasta(path, labels=label(tmp_path, "1\n3\n"))


def test_numbers_can_be_names(tmp_path):
    path = label(tmp_path, ">11\nACGT\n>12\nGGCC\n>13\nGGCA\n", "x.fa")
    adata = read_fasta(path, labels=label(tmp_path, "13 3\n11 1\n"))
    np.testing.assert_array_equal(adata.X[:, 0], np.float32([1, NAN, 3]))


def test_labels_of_reads_and_fastq(tmp_path):
    path = label(tmp_path, "@r1\nACGT\n+\nIIII\n@r2\nGGCC\n+\nIIII\n", "x.fq")
    assert read_fasta(path, labels=label(tmp_path, "0\n1\n")).X[:, 0].tolist() == [0, 1]
    path = label(tmp_path, "ACGT\nGGCC\n", "reads.txt")
    assert read_fasta(path, labels=label(tmp_path, "line2 2\nline1 1\n")).X[:, 0].tolist() == [1, 2]


REFUSED = {
    "too few": ("1\n0\n1\n", r"y.txt has 3 lines of labels and x.fa has 4 records; expected as"),
    "too few below a header": ("v\n1\n0\n1\n", r"3 lines of labels below its header 'v' and x.fa"),
    "other names": ("p 1\nq 0\n", r"No name .* y.txt \('p', 'q'\) is that of a sequence in x.fa"),
    "a name twice": ("a 1\nb 0\na 1\n", r"name 'a' stands more than once in y.txt"),
    "words": (
        "yes\nno\nyes\nno\n",
        r"y.txt has no column of numbers; in line 2, 'no' is none",
    ),
    "names only": ("a x\nb y\n", r"has no column of numbers"),
    "two columns of a name": ("v v\n1 2\n3 4\n5 6\n7 9\n", r"Two columns of y.txt have the same"),
    "a short line": ("1 2\n3\n5 6\n7 8\n", r"y.txt, line 2 has 1 cell; expected 2"),
    "empty": ("", r"y.txt is empty"),
    "FASTA": (">a\nACGT\n", r"looks like FASTA"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_labels_that_do_not_fit_are_refused(tmp_path, sequences, case):
    content, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        read_fasta(sequences, labels=label(tmp_path, content))


def test_labels_and_negatives_exclude_each_other(tmp_path, sequences):
    with pytest.raises(InputError, match=r"`labels` is .* and `negatives` is 'shuffle'; expected"):
        read_fasta(sequences, labels=label(tmp_path, "1\n"), negatives="shuffle")


def test_names_that_come_twice_cannot_be_joined(tmp_path):
    path = label(tmp_path, ">a\nACGT\n>a\nGGCC\n", "x.fa")
    with pytest.raises(InputError, match=r"name 'a' stands more than once in x.fa"):
        read_fasta(path, labels=label(tmp_path, "a 1\nb 2\n"))
    assert read_fasta(path, labels=label(tmp_path, "1\n2\n")).X[:, 0].tolist() == [1, 2]
