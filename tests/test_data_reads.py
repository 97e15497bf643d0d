"""FASTQ and one-sequence-per-line files: read like FASTA, or refused with line and reason."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, read_fasta
from motifbook.data import store


def reads(tmp_path, content, name="x.txt"):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


FASTQ = {  # content -> names and sequences
    "four lines": ("@a x\nACGT\n+\nIIII\n@b\nGG\n+b\n@@\n", {"a": "ACGT", "b": "GG"}),
    "no last line end": ("@a\nACGT\n+\nIIII\n@b\nGG\n+\n@+", {"a": "ACGT", "b": "GG"}),
    "wrapped": ("@a\nACGT\nAC\n+\n@III\n+I\n@b\nGG\n+\n@@\n", {"a": "ACGTAC", "b": "GG"}),
    "Windows": ("@a\r\nACGT\r\n+\r\nIIII\r\n", {"a": "ACGT"}),
    "blank lines between": ("\n@a\nAC\n+\nII\n\n\n@b\nGG\n+\nII\n\n", {"a": "AC", "b": "GG"}),
    "trimmed to nothing": ("@a\n\n+\n\n@b\nGG\n+\nII\n", {"b": "GG"}),
    "trimmed to nothing, last": ("@b\nGG\n+\nII\n@a\n\n+\n", {"b": "GG"}),
    "lower case, U and N": ("@a\nacuN\n+\n!!!!\n", {"a": "ACTN"}),
    "headers in the quality": ("@a\nACGT\n+\n@b>a\n", {"a": "ACGT"}),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("case", FASTQ)
def test_fastq_is_read_without_its_qualities(tmp_path, case, packed):
    content, expected = FASTQ[case]
    path = reads(tmp_path, content)
    if packed:
        path.write_bytes(gzip.compress(content.encode()))
    adata = read_fasta(path)
    assert dict(zip(adata.obs_names, store.get_sequences(adata))) == expected
    assert "which is FASTQ; the qualities are not used." in done(adata)


DAMAGED = {
    "short quality": ("@a\nACGT\n+\nIII\n@b\nGG\n+\nII\n", "line 1: '@a' has 4 letters and 3 char"),
    "long quality": ("@a\nAC\n+\nIII\n@b\nGG\n+\nII\n", "2 letters and 3 .* record is damaged"),
    "cut in the quality": ("@a\nAC\n+\nII\n@b\nGG\n+\nI", "line 5: '@b' .* file was cut off here"),
    "cut after the plus": ("@a\nAC\n+\nII\n@b\nGG\n+\n", "2 letters and 0 char.*cut off here"),
    "cut in the letters": ("@a\nAC\n+\nII\n@b\nGG", r'line 5: \'@b\' has no line "\+"'),
    "cut after the name": ("@a\nAC\n+\nII\n@b", r'line 5: \'@b\' has no line "\+"'),
    "no plus": ("@a\nAC\nII\n@b\nGG\n+\nII\n", r'line 1: \'@a\' has no line "\+"'),
    "a lost header": ("@a\nAC\n+\nII\nGG\n+\nII\n", "line 5: 'GG' stands where a record of FASTQ"),
    "a wrong letter": ("@a\nAC\n+\nII\n@b\nA!\n+\nII\n", r"'b' \(line 5 of x.txt\) has '!' as"),
    "SAM": ("@HD\tVN:1.6\nr1\t0\tchr1\t1\n", "looks like SAM .*samtools fasta"),
    "letters without end": ("@a\n" + "ACGT" * 300_000, "Line 2 of .* more than 1,048,576 letters"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_fastq_is_refused_with_its_line(tmp_path, case):
    content, sentence = DAMAGED[case]
    with pytest.raises(InputError, match=sentence):
        read_fasta(reads(tmp_path, content))


def test_one_sequence_per_line(tmp_path):
    adata = read_fasta(reads(tmp_path, "# reads\nACGT\r\n\nggn \nACU"))
    assert store.get_sequences(adata) == ["ACGT", "GGN", "ACT"]
    assert adata.obs_names.tolist() == ["line2", "line4", "line5"]
    assert "Read 3 sequences from x.txt, one per line; they are named after their line" in done(
        adata
    )
    protein = read_fasta(reads(tmp_path, "MKLV\nMKV\n"), alphabet="protein")
    assert store.get_sequences(protein) == ["MKLV", "MKV"]


NOT_PER_LINE = {
    "a header further down": ("AC\nGG\n>a\nTT\n", "line 1: 'AC' stands before the first header"),
    "a word": ("ACGT\nGGTT\nhello\n", "line 3: 'hello' is no sequence; .* as in line 1, or FASTA"),
    "two in a line": ("ACGT\nAC GT\n", "line 2: 'AC GT' is no sequence"),
    "counts": ("ACGT 12\nGGTT 3\n", "line 1: 'ACGT 12' .* looks like a table: use `mb.read_table`"),
    "protein": ("MKLV\nMKV\n", "line 1: 'MKLV' stands before the first header"),
    "one long sequence": (
        f"{'A' * 60}\n{'C' * 60}\n{'G' * 20}\n",
        r"one sequence written over 3 lines \(60 letters each, 20 in the last\); .*sequence=0",
    ),
    "a genome": ("A" * 30_000, r"line 1 of x.txt\) is 30,000 letters long"),
}


@pytest.mark.parametrize("case", NOT_PER_LINE)
def test_what_is_not_one_sequence_per_line_is_refused(tmp_path, case):
    content, sentence = NOT_PER_LINE[case]
    with pytest.raises(InputError, match=sentence):
        read_fasta(reads(tmp_path, content))


@pytest.mark.parametrize(
    "lengths", [(60, 60, 60), (60, 60, 70), (60, 20, 60), (49, 49, 20), (60, 50, 20), (60,)]
)
def test_reads_of_one_length_or_of_several_are_no_wrapped_sequence(tmp_path, lengths):
    content = "\n".join("ACGT"[i % 4] * length for i, length in enumerate(lengths))
    assert read_fasta(reads(tmp_path, content)).n_obs == len(lengths)


def test_negatives_may_be_of_another_kind(tmp_path):
    early = reads(tmp_path, "@r1\nTTTT\n+\nIIII\n", "early.fastq")
    late = reads(tmp_path, "ACGT\nGATA\n", "late.txt")
    adata = read_fasta(late, negatives=early)
    assert adata.X[:, 0].tolist() == [1, 1, 0]
    assert store.get_sequences(adata) == ["ACGT", "GATA", "TTTT"]


def test_records_across_blocks_are_whole(tmp_path, monkeypatch):
    from motifbook.data.text import source

    content = "".join(f"@r{i} x\nACGTAC\n+\nIIIIII\n" for i in range(30))
    expected = read_fasta(reads(tmp_path, content)).obs
    for size in (1, 7, 64):
        monkeypatch.setattr(source, "_BLOCK", size)
        assert read_fasta(reads(tmp_path, content)).obs.equals(expected)


LINES = st.lists(
    st.one_of(st.text("ACGTn \t", max_size=6), st.sampled_from(["@a", "+", "@", ">b", "II"])),
    max_size=10,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=LINES, first=st.sampled_from(["@r", "AC", ""]))
def test_any_reads_are_read_or_refused(tmp_path, lines, first):
    with contextlib.suppress(InputError):
        adata = read_fasta(reads(tmp_path, "\n".join([first, *lines])))
        assert all(store.get_sequences(adata))
