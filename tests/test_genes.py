"""Genes of GTF and GFF3 files: ugly ones first."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, read_genes, read_signal
from motifbook._region import Region, region_of

GTF = """#!genome-build test
chr2\thavana\tgene\t1001\t9900\t.\t-\t.\tgene_id "X"; gene_name "ACTB";
chr2\thavana\ttranscript\t1001\t9900\t.\t-\t.\tgene_id "X"; transcript_id "X1"; gene_name "ACTB";
chr2\thavana\texon\t1001\t1300\t.\t-\t.\tgene_id "X"; transcript_id "X1"; gene_name "ACTB";
chr2\thavana\texon\t9001\t9900\t.\t-\t.\tgene_id "X"; transcript_id "X1"; gene_name "ACTB";
chr2\thavana\tCDS\t1201\t1300\t.\t-\t0\tgene_id "X"; transcript_id "X1"; gene_name "ACTB";
chr20\thavana\texon\t1001\t1300\t.\t+\t.\tgene_id "Y"; transcript_id "Y1"; gene_name "FAR";
"""
GFF = """##gff-version 3
chr2\t.\tgene\t1001\t9900\t.\t-\t.\tID=gene:X;Name=ACT%2CB
chr2\t.\tmRNA\t1001\t9900\t.\t-\t.\tID=X1;Parent=gene:X;Name=ACTB-201
chr2\t.\texon\t1001\t1300\t.\t-\t.\tParent=X1,X2
chr2\t.\tmRNA\t1001\t1300\t.\t-\t.\tID=X2;Parent=gene:X
chr2\t.\tCDS\t1201\t1300\t.\t-\t0\tID=cds1;Parent=X1
##FASTA
>chr2
ACGT
"""


def write(folder, text, name="x.gtf"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(table):
    return table[["kind", "start", "end", "gene", "transcript"]].values.tolist()


def test_places_count_from_0_and_parts_outside_are_left_out(tmp_path):
    table = read_genes(write(tmp_path, GTF), "chr2:1250-2000")
    assert rows(table) == [
        ["transcript", 1000, 9900, "ACTB", "X1"],
        ["exon", 1000, 1300, "ACTB", "X1"],
        ["CDS", 1200, 1300, "ACTB", "X1"],
    ]
    assert table[["chrom", "strand"]].drop_duplicates().values.tolist() == [["chr2", "-"]]
    assert table.attrs["done"] == ["Read 1 gene in chr2:1250-2000 from x.gtf."]


def test_a_gene_is_found_from_inside_its_intron(tmp_path):
    table = read_genes(write(tmp_path, GTF), "chr2:4000-5000")
    assert rows(table) == [["transcript", 1000, 9900, "ACTB", "X1"]]


@pytest.mark.parametrize(("first", "n_rows"), [(1299, 3), (1300, 1)])
def test_the_end_of_an_exon_is_its_last_letter(tmp_path, first, n_rows):
    assert len(read_genes(write(tmp_path, GTF), ("chr2", first, first + 1))) == n_rows


def test_gff3_names_genes_through_parents_and_shares_exons(tmp_path):
    table = read_genes(write(tmp_path, GFF, "x.gff3"), "chr2:0-2000")
    assert set(table["gene"]) == {"ACT,B"}
    assert table.loc[table["kind"] == "exon", "transcript"].tolist() == ["X1", "X2"]


def test_coding_parts_stand_in_for_exons_where_there_are_none(tmp_path):
    text = (
        "c\t.\tgene\t11\t40\t.\t+\t.\tID=g;Name=lacZ\nc\t.\tCDS\t11\t40\t.\t+\t0\tID=x;Parent=g\n"
    )
    table = read_genes(write(tmp_path, text), "c:0-100")
    assert rows(table) == [[kind, 10, 40, "lacZ", "g"] for kind in ("transcript", "exon", "CDS")]


def test_packed_dos_and_endless_files_read_the_same(tmp_path):
    plain = read_genes(write(tmp_path, GTF), "chr2:0-20000")
    others = [gzip.compress(GTF.encode()), GTF.replace("\n", "\r\n"), GTF.rstrip("\n")]
    for number, text in enumerate(others):
        other = read_genes(write(tmp_path, text, f"{number}.gtf"), "chr2:0-20000")
        pd.testing.assert_frame_equal(plain, other)


def test_a_region_without_genes_is_an_empty_table(tmp_path):
    table = read_genes(write(tmp_path, GTF), "chr2:20,000-30,000")
    assert len(table) == 0
    assert table.attrs["done"] == ["Read 0 genes in chr2:20000-30000 from x.gtf."]


def test_other_names_of_a_chromosome_come_with_the_fix(tmp_path):
    path = write(tmp_path, GTF.replace("chr2\t", "2\t"))
    with pytest.raises(InputError, match=r"no chromosome 'chr2'; .* rename=\{\"2\": \"chr2\"\}"):
        read_genes(path, "chr2:0-10000")
    table = read_genes(path, "chr2:0-10000", rename={"2": "chr2"})
    assert set(table["chrom"]) == {"chr2"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("chr2\t.\texon\t100\t20\t.\t+\t.\tx", r"x.gtf, line 8 has no place"),
        ("chr2\t.\texon\tten\t20\t.\t+\t.\tx", r"x.gtf, line 8 has no place: 'chr2"),
        ("chr2\t.\texon\t10\t20\t.", r"x.gtf, line 8 has 6 columns.*expected 9 columns"),
        ("chr2\t100\t200\tpeak\t0\t+", r"x.gtf, line 8 has 6 columns.*looks like BED"),
    ],
)
def test_malformed_lines_are_named(tmp_path, line, words):
    with pytest.raises(InputError, match=words):
        read_genes(write(tmp_path, GTF + line + "\n"), "chr2:0-100")


def test_lines_are_counted_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("motifbook.data.text.source._BLOCK", 50)
    with pytest.raises(InputError, match=r"x.gtf, line 8 has no place"):
        read_genes(write(tmp_path, GTF + "chr2\t.\texon\t9\t2\t.\t+\t.\tx"), "chr2:0-100")
    assert len(read_genes(write(tmp_path, GTF), "chr2:0-20000")) == 4


def test_lines_without_a_parent_are_transcripts_of_their_own(tmp_path):
    text = (
        "chr1\t.\tCDS\t11\t40\t.\t+\t0\tID=B_1;Name=dnaA;locus_tag=B_1\n"
        "chr1\t.\tCDS\t51\t90\t.\t\t0\tID=B_2\n"
        "chr1\t.\tmRNA\t101\t120\t.\t-\t.\tName=c\n"
        "chr1\t.\tmRNA\t131\t140\t.\t-\t.\tName=d\n"
    )
    table = read_genes(write(tmp_path, text), "chr1:0-200")
    table = table[table["kind"] == "transcript"]
    assert table["gene"].tolist() == ["dnaA", "B_2", "c", "d"]
    assert table["start"].tolist() == [10, 50, 100, 130]
    assert table["strand"].tolist() == ["+", ".", "-", "-"]


def test_genes_of_which_there_is_no_more_than_their_line_are_kept(tmp_path):
    gff = (
        "chr1\t.\tpseudogene\t11\t40\t.\t+\t.\tID=g1;Name=psi\n"
        "chr1\t.\tgene\t51\t90\t.\t-\t.\tID=g2;Name=b\n"
        "chr1\t.\tmRNA\t51\t80\t.\t-\t.\tID=t2;Parent=g2\n"
        "chr1\t.\tgene\t101\t190\t.\t-\t.\tID=g3;Name=c\n"
        "chr1\t.\tV_gene_segment\t101\t190\t.\t-\t.\tID=v3;Parent=g3\n"
        "chr1\t.\texon\t101\t120\t.\t-\t.\tParent=v3;gene=c\n"
    )
    gtf = (
        'chr1\t.\tgene\t11\t40\t.\t+\t.\tgene_id "g1"; gene_name "psi";\n'
        'chr1\t.\tgene\t51\t90\t.\t-\t.\tgene_id "g2"; gene_name "b";\n'
        'chr1\t.\texon\t51\t80\t.\t-\t.\tgene_id "g2"; transcript_id "t2"; gene_name "b";\n'
    )
    for text, names in ((gff, ["psi", "b", "c"]), (gtf, ["psi", "b"])):
        table = read_genes(write(tmp_path, text), "chr1:0-200")
        table = table[table["kind"] == "transcript"]
        assert table["gene"].tolist() == names
        assert table["end"].tolist()[:2] == [40, 80]


EXONS = (
    'chr1\t.\texon\t11\t20\t.\t+\t.\tgene_id "a"; transcript_id "a1";\n'
    'chr1\t.\tCDS\t91\t99\t.\t+\t0\tgene_id "a"; transcript_id "a1";\n'
    'chr1\t.\texon\t91\t120\t.\t+\t.\tgene_id "a"; transcript_id "a1";\n'
    'chr1\t.\texon\t191\t200\t.\t+\t.\tgene_id "b"; transcript_id "b1";\n'
)


def test_exons_alone_tell_how_far_a_transcript_goes(tmp_path):
    path = write(tmp_path, EXONS)
    assert rows(read_genes(path, "chr1:40-60")) == [["transcript", 10, 120, "a", "a1"]]
    assert rows(read_genes(path, "chr1:95-190")) == [
        ["transcript", 10, 120, "a", "a1"],
        ["exon", 90, 120, "a", "a1"],
        ["CDS", 90, 99, "a", "a1"],
    ]
    assert len(read_genes(path, "chr1:130-180")) == 0


NCBI = (
    "NC_1.11\tRefSeq\tregion\t1\t900\t.\t+\t.\tID=r;Name=1;chromosome=1;gbkey=Src\n"
    "NC_1.11\tRefSeq\tgene\t11\t90\t.\t+\t.\tID=gene-X;Name=X;gene=X\n"
    "NC_1.11\tRefSeq\ttranscript\t11\t90\t.\t+\t.\tID=rna-X;Parent=gene-X;gene=X\n"
    "NC_1.11\tRefSeq\texon\t11\t20\t.\t+\t.\tID=exon-X;Parent=rna-X;gene=X\n"
)
ENSEMBL = (
    "1\thavana\tpseudogene\t11\t90\t.\t+\t.\tID=gene:E1;Name=X;biotype=x\n"
    "1\thavana\tlnc_RNA\t11\t90\t.\t+\t.\tID=transcript:T1;Parent=gene:E1;Name=X-202\n"
    "1\thavana\texon\t11\t20\t.\t+\t.\tParent=transcript:T1;Name=E1\n###\n"
    "1\t.\tbiological_region\t11\t90\t1\t+\t.\tlogic_name=x\n"
)
FLYBASE = (
    "2L\tFlyBase\tgene\t11\t90\t.\t+\t.\tID=FBgn1;Name=X;fullname=x\n"
    "2L\tFlyBase\tmRNA\t11\t90\t.\t+\t.\tID=FBtr1;Name=X-RA;Parent=FBgn1\n"
    "2L\tFlyBase\texon\t11\t20\t.\t+\t.\tName=X:1;Parent=FBtr1\n"
    "2L\tFlyBase\tprotein\t13\t20\t.\t+\t.\tID=FBpp1;Name=X-PA;Derives_from=FBtr1\n"
)


@pytest.mark.parametrize(
    ("text", "place"), [(NCBI, "NC_1.11"), (ENSEMBL, "1"), (FLYBASE, "2L")], ids=["N", "E", "F"]
)
def test_gff3_of_the_large_collections(tmp_path, text, place):
    table = read_genes(write(tmp_path, gzip.compress(text.encode()), "x.gff3.gz"), f"{place}:0-99")
    assert table[["kind", "start", "end", "gene"]].values.tolist() == [
        ["transcript", 10, 90, "X"],
        ["exon", 10, 20, "X"],
    ]


def test_accessions_of_ncbi_come_with_the_fix(tmp_path):
    path = write(tmp_path, NCBI, "x.gff")
    with pytest.raises(InputError, match=r"use rename=\{\"NC_1.11\": \"chr1\"\}\."):
        read_genes(path, "chr1:0-99")
    assert len(read_genes(path, "chr1:0-99", rename={"NC_1.11": "chr1"})) == 2


def test_a_renaming_the_wrong_way_round_is_not_kept(tmp_path):
    with pytest.raises(InputError, match=r"use rename=\{\"chr1\": \"1\"\}\."):
        read_genes(write(tmp_path, EXONS), "1:0-99", rename={"1": "chr1"})


def test_columns_with_tabs_are_not_taken_for_spaces(tmp_path):
    with pytest.raises(InputError, match=r"line 1 has no place: .* Mend or remove the line\.$"):
        read_genes(write(tmp_path, "chr1\tx\tgene\t50\t40\t.\t+\t.\tx\n"), "chr1:0-100")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (">chr1\nACGT\n", r"line 1 is '>chr1'; expected GTF or GFF3.*looks like FASTA"),
        ("chr1\t0\t10\n", r"line 1 is .*looks like BED, which names no exons"),
        ("# only words\n", r"holds no lines but comments"),
        ("chr1 . exon 1 10 . + . x\n", r"separated by spaces: use tabs"),
    ],
)
def test_other_files_are_told(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_genes(write(tmp_path, text), "chr7:0-10")


def test_regions_are_read_in_every_way_that_users_write_them():
    expected = Region("chr1", 1000, 2000)
    row = pd.Series({"chrom": "chr1", "start": 1000, "end": 2000, "strand": "-"})
    for given in ("chr1:1000-2000", "chr1:1,000-2,000", ("chr1", 1000, 2000), expected):
        assert region_of(given) == expected
    assert region_of(row) == region_of("chr1:1000-2000(-)") == Region("chr1", 1000, 2000, "-")


@pytest.mark.parametrize("given", ["chr1", "chr1:5", 7, ("chr1", 5), None])
def test_what_is_no_region_is_refused(given):
    with pytest.raises(InputError, match=r"`region` is .*; expected \"chr1:1000-2000\""):
        region_of(given)


def test_a_region_ends_behind_its_start():
    with pytest.raises(InputError, match=r"`region: end` is 100; .* 101 or more"):
        region_of("chr1:100-100")


def test_real_genes_of_yeast(test_data):
    table = read_genes(test_data / "genome/sacCer3_chrIV_50genes.gtf.gz", "chrIV:1000-12000")
    assert table["gene"].unique().tolist() == [
        *("YDL248W", "YDL247W-A", "YDL247W", "YDL246C", "YDL245C")
    ]


@pytest.fixture
def bigwig(tmp_path):
    pybigtools = pytest.importorskip("pybigtools")
    path = tmp_path / "atac.bw"
    writer = pybigtools.open(str(path), "w")
    writer.write({"chrI": 500}, iter([("chrI", 10, 20, 2.5), ("chrI", 30, 31, 7.0)]))
    return path


def test_a_signal_has_one_value_per_place_and_none_where_the_file_says_nothing(bigwig):
    values = read_signal(bigwig, "chrI:18-32")
    expected = [2.5, 2.5, *[np.nan] * 10, 7.0, np.nan]
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(read_signal(bigwig, "I:18-32", rename={"chrI": "I"}), expected)


def test_signals_of_other_names_and_beyond_the_end_are_refused(bigwig):
    with pytest.raises(InputError, match=r"use rename=\{\"chrI\": \"I\"\}"):
        read_signal(bigwig, "I:0-10")
    with pytest.raises(InputError, match=r"chrI of atac.bw has 500 letters. Is it the same"):
        read_signal(bigwig, "chrI:0-501")
