"""Variants of VCF files: ugly ones first."""

from __future__ import annotations

import gzip

import pytest

from motifbook import InputError, read_vcf
from motifbook.data.genomes.vcf import is_vcf

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def write(folder, lines, header=HEADER + "\n", name="x.vcf"):
    path = folder / name
    path.write_text(header + lines, newline="")
    return path


def rows(table):
    return table[["chrom", "position", "name", "ref", "alt"]].values.tolist()


def done(table):
    return " ".join(table.attrs["done"])


def test_places_count_from_0_and_names_as_the_file_does(tmp_path):
    table = read_vcf(
        write(tmp_path, "chr1\t10\trs1\tA\tG\t.\tPASS\t.\nchr1\t11\t.\tac\tt\t.\t.\t.\n")
    )
    assert rows(table) == [
        ["chr1", 9, "rs1", "A", "G"],
        ["chr1", 10, "chr1:11:AC>T", "AC", "T"],
    ]
    assert table["line"].tolist() == [3, 4]
    assert done(table) == "Read 2 variants from x.vcf."


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda b: gzip.compress(b[:30]) + gzip.compress(b[30:])]
)
def test_packed_files_read_the_same(tmp_path, pack):
    plain = write(tmp_path, "1\t5\t.\tA\tG\n")
    packed = tmp_path / "x.vcf.gz"
    packed.write_bytes(pack(plain.read_bytes()))
    assert rows(read_vcf(packed)) == rows(read_vcf(plain))


def test_each_alternative_has_a_row(tmp_path):
    table = read_vcf(write(tmp_path, "1\t5\trs1\tA\tG,AT\n"))
    assert table[["ref", "alt"]].values.tolist() == [["A", "G"], ["A", "AT"]]


def test_dos_lines_blanks_and_no_header_are_read(tmp_path):
    table = read_vcf(write(tmp_path, "1 5 rs1 A G\r\n\r\n1 6 rs2 C T\r\n", header=""))
    assert rows(table) == [["1", 4, "rs1", "A", "G"], ["1", 5, "rs2", "C", "T"]]


@pytest.mark.parametrize(
    ("alt", "why"),
    [
        (".", "no alternative"),
        ("*", "a deletion told elsewhere"),
        ("<DEL>", "a symbol"),
        ("G]17:198982]", "a breakend"),
        ("R", "letters that say several"),
        ("N", "letters that say several"),
        ("A", "the alternative is the reference"),
    ],
)
def test_what_cannot_be_written_is_left_out_and_counted(tmp_path, alt, why):
    table = read_vcf(write(tmp_path, f"1\t5\t.\tA\tG,{alt}\n"))
    assert table["alt"].tolist() == ["G"]
    assert why in done(table)
    assert "Left out 1 allele of x.vcf" in done(table)
    assert "(line 3)" in done(table)


def test_lines_that_did_not_pass_are_kept_and_counted(tmp_path):
    table = read_vcf(write(tmp_path, "1\t5\t.\tA\tG\t.\tq10\t.\n1\t6\t.\tA\tG\t.\tPASS\t.\n"))
    assert len(table) == 2
    assert "Lines whose FILTER is not PASS: 1; kept." in done(table)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1\t5\t.\tA", r"line 3 has 4 columns; expected at least 5"),
        ("1\tx\t.\tA\tG", r"line 3: 'x' is no place \(POS\); expected a whole number, 1 or more"),
        ("1\t0\t.\tA\tG", r"'0' is no place"),
        ("1\t1.5\t.\tA\tG", r"'1.5' is no place"),
        ("1\t99999999999999999999\t.\tA\tG", "is no place"),
        ("1\t5\t.\t-\tG", r"the reference \(REF\) is '-'; expected letters A, C, G, T or N"),
        ("1\t5\t.\tA\t-", r"the alternative \(ALT\) is '-'"),
        ("1\t5\t.\tA\tG/T", r"the alternative \(ALT\) is 'G/T'"),
        ("chr1\t5\t9\tpeak1\t0\t+", "It looks like BED"),
        ("chr1\t5\t9", "It looks like BED"),
        ("chr1\t5\tA\tG", "without the column ID"),
        ("1,5,A,G", "a table with commas"),
        (">chr1", "It looks like FASTA"),
    ],
)
def test_malformed_lines_are_named(tmp_path, line, says):
    with pytest.raises(InputError, match=says):
        read_vcf(write(tmp_path, line + "\n"))


def test_files_without_variants_say_so(tmp_path):
    with pytest.raises(InputError, match=r"holds no variants .* where the alternative is a symbol"):
        read_vcf(write(tmp_path, "1\t5\t.\tA\t<DEL>\n"))
    with pytest.raises(InputError, match="holds no variants"):
        read_vcf(write(tmp_path, ""))
    with pytest.raises(InputError, match="is empty"):
        read_vcf(write(tmp_path, "", header=""))
    with pytest.raises(InputError, match=r"none.vcf was not found"):
        read_vcf(tmp_path / "none.vcf")


def test_variants_of_one_id_or_info_value_are_a_group(tmp_path):
    lines = "1\t5\ta\tA\tG\t.\t.\tHAP=1;DB\n1\t9\ta\tC\tG\t.\t.\tHAP=2\n1\t12\t.\tC\tG\t.\t.\tDB\n"
    path = write(tmp_path, lines)
    assert read_vcf(path, together="name")["group"].tolist() == ["a", "a", ""]
    assert read_vcf(path, together="HAP")["group"].tolist() == ["1", "2", ""]
    assert read_vcf(path)["group"].tolist() == ["", "", ""]
    with pytest.raises(InputError, match=r"`together` is 'HPA'.*one of 'name', 'HAP'"):
        read_vcf(path, together="HPA")


def samples(folder, *genotypes):
    header = HEADER + "\tFORMAT\t" + "\t".join(f"s{i}" for i in range(len(genotypes[0]))) + "\n"
    lines = [
        f"1\t{5 + i}\tv{i}\tA\tG,T\t.\t.\t.\tGT:PS\t" + "\t".join(one)
        for i, one in enumerate(genotypes)
    ]
    return write(folder, "\n".join(lines), header)


def test_haplotypes_are_groups(tmp_path):
    path = samples(
        tmp_path, ["0|1:7"], ["1|2:7"], ["1/1:7"], ["0/1:7"], ["0|0:7"], ["./.:."], ["1|0"]
    )
    table = read_vcf(path, together="phase")
    got = table[["name", "alt", "group"]].values.tolist()
    assert got == [
        ["v0", "G", "1:7:2"],
        ["v1", "G", "1:7:1"],
        ["v1", "T", "1:7:2"],
        ["v2", "G", "1:7:1"],
        ["v2", "G", "1:7:2"],
        ["v3", "G", ""],
        ["v6", "G", "1:.:1"],
    ]
    assert "the sample does not have it" in done(table)


def test_one_of_several_samples_is_chosen_by_name(tmp_path):
    path = samples(tmp_path, ["0|1:7", "1|0:7"])
    assert read_vcf(path, together="s1")["group"].tolist() == ["1:7:1"]
    with pytest.raises(
        InputError, match=r"has 2 samples; expected one. Name it: one of 's0', 's1'"
    ):
        read_vcf(path, together="phase")


def test_haplotypes_need_samples(tmp_path):
    with pytest.raises(InputError, match=r"has 0 samples; expected one. Leave it out"):
        read_vcf(write(tmp_path, "1\t5\t.\tA\tG\n"), together="phase")


def test_vcf_is_known_by_name_or_first_line(tmp_path):
    assert is_vcf(write(tmp_path, "", name="a.txt"))
    assert is_vcf(write(tmp_path, "x", header="", name="a.VCF.gz"))
    assert not is_vcf(write(tmp_path, "ref,alt\n", header="", name="vcf.csv"))
