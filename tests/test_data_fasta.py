"""FASTA files as users have them: read or refused with a sentence, nothing is lost unsaid."""

from __future__ import annotations

import contextlib
import gzip
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, read, read_fasta, write
from motifbook.data import store


def fasta(tmp_path, content, name="x.fa"):
    """Write a small file; text as UTF-8."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


UGLY = {  # content -> names and sequences
    "plain": (">a\nACGT\n>b\nGGCC\n", {"a": "ACGT", "b": "GGCC"}),
    "no last line end": (">a\nACGT\n>b\nGGCC", {"a": "ACGT", "b": "GGCC"}),
    "several lines": (">a\nAC\nGT\n\n>b\nGG\nCC\n", {"a": "ACGT", "b": "GGCC"}),
    "Windows": (">a\r\nAC\r\nGT\r\n>b\r\nGGCC\r\n", {"a": "ACGT", "b": "GGCC"}),
    "old Mac": (">a\rAC\rGT\r>b\rGGCC", {"a": "ACGT", "b": "GGCC"}),
    "byte order mark": ("\ufeff>a\nACGT\n", {"a": "ACGT"}),
    "blank lines": ("\n\n>a\n\nAC\n\n\nGT\n\n", {"a": "ACGT"}),
    "blanks inside and after": (">a \n AC GT\t\n", {"a": "ACGT"}),
    "soft-masked": (">a\nacGT\n", {"a": "ACGT"}),
    "RNA letters": (">a\nAUUu\n", {"a": "ATTT"}),
    "N": (">a\nANNn\n", {"a": "ANNN"}),
    "ambiguity codes": (">a\nACRYkm\n", {"a": "ACRYKM"}),
    "comments first": ("; made by\n# hand\n>a\nACGT\n", {"a": "ACGT"}),
    "twice the same name": (">a\nAC\n>a\nGT\n", {"a": "AC", "a-2": "GT"}),
    "a taken number": (">a\nAC\n>a\nGT\n>a-2\nTT\n", {"a": "AC", "a-3": "GT", "a-2": "TT"}),
    "no name": (">\nAC\n> \nGT\n", {"record1": "AC", "record2": "GT"}),
    "blank before the name": ("> a b\nAC\n", {"a": "AC"}),
    "signs in the name": (">>>a<b>|c\nAC\n", {">>a<b>|c": "AC"}),
    "accents in the name": (">gène\nAC\n", {"gène": "AC"}),
    "Latin-1 in the name": (b">g\xe8ne\nAC\n", {"g\ufffdne": "AC"}),
    "empty first": (">a\n>b\nGG\n", {"b": "GG"}),
    "empty last": (">b\nGG\n>a\n", {"b": "GG"}),
    "empty between": (">b\nGG\n>a\n\n>c\nTT\n", {"b": "GG", "c": "TT"}),
    "one letter": (">a\nA\n", {"a": "A"}),
    "header and letters in capitals only": (">ACGT\nACGT\n", {"ACGT": "ACGT"}),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("case", UGLY)
def test_ugly_files_are_read(tmp_path, case, packed):
    content, expected = UGLY[case]
    raw = content if isinstance(content, bytes) else content.encode()
    path = fasta(tmp_path, gzip.compress(raw) if packed else raw)
    adata = read_fasta(path)
    assert dict(zip(adata.obs_names, store.get_sequences(adata))) == expected
    assert adata.shape == (len(expected), 0)


REFUSED = {
    "empty": ("", r"x.fa is empty"),
    "white space only": ("\n \n", r"x.fa is empty"),
    "no letters": (">a\n>b\n", r"has 2 records and no letters in it"),
    "comments only": ("; a\n", r"holds comments only"),
    "no first header": ("\nACGT\n>b\nACGT\n", r"line 2: 'ACGT' stands before the first header"),
    "blank before the sign": (" >a\nACGT\n", r"Remove the blanks before"),
    "BED": ("chr1\t1\t5\n", r"looks like BED: use `mb.read_bed`"),
    "table": ("sequence,value\nACGT,1\n", r"looks like a table: use `mb.read_table`"),
    "protein": (">a\nACGT\n>p q\nMKLVFF\n", r"'p' \(line 3 of x.fa\) .*looks like a protein"),
    "a wrong letter": (">a\nACGT\nACJT\n", r"'a' \(line 1 of x.fa\) has 'J' as letter 7; .*DNA"),
    "gaps": (">a\nAC-GT\n", r"has '-' as letter 3; .*Gaps of an alignment"),
    "accents": (">a\nACéGT\n", r"'a' \(line 1 of x.fa\) has 'é' as letter 3; .*none: type it anew"),
    "numbers": (">a\n1 ACGT 4\n", r"has '1' as letter 1"),
    "binary": (b">a\nAC\0GT\n", r"is a binary file"),
    "Excel": (b"PK\x03\x04abc", r"is an Excel or zip file; .*mb.read_table"),
    "HDF5": (b"\x89HDF\r\n", r"is an HDF5 file; .*mb.read"),
    "bzip2": (b"BZh91AY", r"is packed with bzip2"),
    "UTF-16": (">a\nACGT\n".encode("utf-16"), r"is UTF-16 text"),
    "cut off": (gzip.compress(b">a\nACGT\n" * 99)[:-12], r"is damaged or cut off"),
    "a genome": (">chr1\n" + "ACGT\n" * 6000, r"'chr1' .*24,000 letters long; .*mb.read_bed"),
    "a large genome": (">chr1\n" + "ACGT" * 300_000, r"more than 1,048,576 letters .*mb.read_bed"),
    "a long line": ("ACGT" * 300_000, r"Line 1 of .* more than 1,048,576 letters .*mb.read_bed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(tmp_path, case):
    content, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        read_fasta(fasta(tmp_path, content))


def test_paths_that_cannot_be(tmp_path):
    fasta(tmp_path, ">a\nACGT\n", "peaks.fa")
    with pytest.raises(InputError, match=r"was not found\. Did you mean 'peaks\.fa'"):
        read_fasta(tmp_path / "peak.fa")
    with pytest.raises(InputError, match="is a folder"):
        read_fasta(tmp_path)
    with pytest.raises(InputError, match="`path` is 3; expected the path of a file"):
        read_fasta(3)


def test_every_change_is_told(tmp_path):
    path = fasta(tmp_path, ">a\nacGTU\n>b\n>a\nNNRT\n>\nacGTU\n")
    assert read_fasta(path).uns["done"] == [
        "Read 3 sequences from x.fa.",
        "Left out 1 record without letters: 'b (line 3)'.",
        "1 record had no name; named by number (record3).",
        "28.57% of the letters are lower case; read as upper case.",
        "Read 2 U as T: these are DNA sequences.",
        "Unknown letters (N): 2, 14.29% of the letters.",
        "1 ambiguity code (R) count as unknown.",
        "Names that occur more than once: 1 ('a'); all sequences are kept, later ones with a "
        "number added to the name.",
        "Sequences that repeat an earlier one: 1; kept, and `mb.split` keeps copies together.",
        "Lengths run from 4 to 5 (median 5); shorter sequences are centered and padded with "
        "unknown letters to 5.",
    ]


def test_very_unequal_lengths_come_with_advice(tmp_path):
    adata = read_fasta(fasta(tmp_path, ">a\nACG\n>b\nACGT\n>c\n" + "ACGT" * 5))
    assert "more than 4 times the median" in done(adata)
    assert "longer than 8 letters" in done(adata)
    assert store.get_letters(adata).shape == (3, 20)


def test_descriptions_are_kept(tmp_path):
    adata = read_fasta(fasta(tmp_path, ">a first one\nACG\n>b\nACG\n"))
    assert adata.obs["description"].tolist() == ["first one", ""]


@pytest.mark.parametrize(
    ("name", "start", "strand"),
    [("chr1:100-104", 100, "."), ("chr1:101-104(-)", 100, "-"), ("2L:5-9(+)", 5, "+")],
)
def test_regions_in_names_are_understood(tmp_path, name, start, strand):
    obs = read_fasta(fasta(tmp_path, f">{name}\nACGT\n")).obs
    assert obs["start"].tolist() == [start]
    assert obs["end"].tolist() == [start + 4]
    assert obs["strand"].tolist() == [strand]


def test_names_that_only_look_like_regions_fill_nothing(tmp_path):
    assert "chrom" not in read_fasta(fasta(tmp_path, ">chr1:100-200\nACGT\n")).obs
    assert "chrom" not in read_fasta(fasta(tmp_path, ">chr1:0-4\nACGT\n>b\nACGT\n")).obs


def test_other_alphabets(tmp_path):
    rna = read_fasta(fasta(tmp_path, ">a\nACGTU\n"), alphabet="RNA")
    assert store.get_sequences(rna) == ["ACGUU"]
    assert "Read 1 T as U: these are RNA sequences." in done(rna)
    protein = read_fasta(fasta(tmp_path, ">a\nMKLVx\n"), alphabet="protein")
    assert store.get_letters(protein).tolist() == [[10, 8, 9, 17, 20]]
    suspicious = read_fasta(fasta(tmp_path, ">a\nACGT\n"), alphabet="protein")
    assert "letters are those of DNA" in done(suspicious)
    with pytest.raises(InputError, match="`alphabet` is 'dann'; expected one of 'DNA'"):
        read_fasta(fasta(tmp_path, ">a\nACGT\n"), alphabet="dann")


def pairs(sequence):
    return sorted(itertools.pairwise(sequence))


def test_shuffles_keep_pairs_of_letters_length_and_family(tmp_path):
    rng = np.random.default_rng(0)
    letters = ["".join(rng.choice(list("ACGT"), length)) for length in (40, 51, 38)]
    content = "".join(f">chr1:{i}-{i + len(s)} x\n{s}\n" for i, s in enumerate(letters))
    adata = read_fasta(fasta(tmp_path, content), negatives="shuffle", seed=0)
    sequences = store.get_sequences(adata)
    assert adata.obs_names[3] == "chr1:0-40|shuffled"
    assert adata.X[:, 0].tolist() == [1, 1, 1, 0, 0, 0]
    assert adata.var["kind"].tolist() == ["binary"]
    assert adata.obs["pair"].tolist() == adata.obs_names[:3].tolist() * 2
    for positive, negative in zip(sequences[:3], sequences[3:]):
        assert positive != negative
        assert pairs(positive) == pairs(negative)
    assert adata.obs["chrom"].tolist() == ["chr1"] * 3 + ["."] * 3
    assert adata.obs["start"].tolist() == [0, 1, 2, -1, -1, -1]
    again = read_fasta(fasta(tmp_path, content), negatives="shuffle", seed=0)
    assert store.get_sequences(again) == sequences
    other = read_fasta(fasta(tmp_path, content), negatives="shuffle", seed=1)
    assert store.get_sequences(other) != sequences


def test_sequences_that_cannot_be_shuffled_are_refused(tmp_path):
    with pytest.raises(InputError, match="Every shuffle equals its sequence"):
        read_fasta(fasta(tmp_path, ">a\nAAAAAA\n>b\nCCCC\n"), negatives="shuffle")


def test_a_second_file_of_negatives(tmp_path):
    positives = fasta(tmp_path, ">a\nACGT\n>b\nGGGG\n")
    negatives = fasta(tmp_path, ">a\nTTTT\n>c\nGGGG\n>d\nCCCA\n", "n.fa")
    adata = read_fasta(positives, negatives=negatives)
    assert adata.obs_names.tolist() == ["a", "b", "a-2", "c", "d"]
    assert adata.X[:, 0].tolist() == [1, 1, 0, 0, 0]
    assert "1 sequence stand in both files" in done(adata)
    with pytest.raises(InputError, match=r"All sequences of the negatives .* among the positives"):
        read_fasta(positives, negatives=positives)
    with pytest.raises(InputError, match=r"`negatives` is 'shufle'; .* Did you mean 'shuffle'"):
        read_fasta(positives, negatives="shufle")
    with pytest.raises(InputError, match="was not found"):
        read_fasta(positives, negatives=tmp_path / "none.fa")


def test_a_large_set_is_kept_as_codes(tmp_path, monkeypatch):
    from motifbook.data.text import collect

    path = fasta(tmp_path, ">a\nACGT\n>b\nNG\n")
    small = read_fasta(path)
    monkeypatch.setattr(collect, "_MANY_LETTERS", 5)
    large = read_fasta(path)
    assert "sequence" not in large.obs
    np.testing.assert_array_equal(store.get_letters(large), store.get_letters(small))
    assert "kept as codes" in done(large)


MALFORMED = {  # expected: names, or the sentence
    "blank_sequence_first.fasta": ["seq8_F", "seq9_F"],
    "blank_sequence_last.fasta": ["seq7_F", "seq9_F"],
    "duplicate_ids.fasta": ["seq1", "seq2", "seq1-2", "seq4", "seq5", "seq6"],
    "empty_id_and_seq.fa": ["s1", "s3", "s5", "s7", "record5", "s10", "s11"],
    "gap.fa": ["chr1", "chr2", "chr3"],
    "good_mixed_case.fasta": ["seq1", "seq2", "seq3", "seq4", "seq5", "seq6"],
    "good_multiline.fasta": ["seq7_F", "seq8_F"],
    "iupac.fa": ["1", "2"],
    "minimal.fa": ["x"],
    "multiline.fa": ["seq1", "seq2"],
    "odd_header.fa": ["seq1", "seq2<unknown>", ">>seq3<<<"],
    "protein.fasta": 3,
    "no_first_header.fasta": r"line 1: 'CCCCCCCCCCCCCCC' stands before the first header",
    "empty.bed": r"empty.bed is empty",
    "dos_lines.bed": r"looks like BED",
    "transfac.dat": r"'VV  EXAMPLE.*' stands before the first header",
    "minimal_ok.meme": r"'MEME version 4' stands before the first header",
    "jaspar_pfm.pfm": r"line 1: .* stands before the first header",
}


@pytest.mark.parametrize("file", MALFORMED)
def test_files_of_other_projects(test_data, file):
    expected = MALFORMED[file]
    path = test_data / "malformed" / file
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            read_fasta(path)
    elif isinstance(expected, int):
        assert read_fasta(path).n_obs == expected
    else:
        assert read_fasta(path).obs_names.tolist() == expected


@pytest.mark.parametrize(
    ("file", "n", "length"),
    [("ctcf_hg19_100bp.fa.gz", 39184, 100), ("ctcf_kerasgenomics_101bp.fa.gz", 19544, 101)],
)
def test_real_peaks_agree_with_biopython(test_data, file, n, length):
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    path = test_data / "chip" / file
    adata = read_fasta(path)
    assert store.get_letters(adata).shape == (n, length)
    with gzip.open(path, "rt") as stream:
        expected = [sequence.upper() for _, sequence in SimpleFastaParser(stream)]
    assert store.get_sequences(adata) == expected


LINES = st.lists(
    st.one_of(
        st.text("ACGTNacgtnURYK \t", max_size=8),
        st.text(max_size=6).map(lambda text: ">" + text),
        st.text(max_size=6),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_is_read_or_refused(tmp_path, lines, end):
    path = fasta(tmp_path, end.join(lines).encode("utf-8", errors="replace"))
    try:
        adata = read_fasta(path)
    except InputError:
        return
    letters = sum(len(sequence) for sequence in store.get_sequences(adata))
    assert letters > 0
    write(adata, tmp_path / "x.h5ad")
    back = read(tmp_path / "x.h5ad")
    assert store.get_sequences(back) == store.get_sequences(adata)
    assert back.obs_names.tolist() == adata.obs_names.tolist()


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path, raw):
    with contextlib.suppress(InputError):
        assert read_fasta(fasta(tmp_path, raw)).n_obs > 0
