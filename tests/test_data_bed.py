"""Windows around regions: the right letters, on the right strand, under the right names."""

from __future__ import annotations

import contextlib
import gzip

import numpy as np
import pyfaidx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, read, read_bed, write
from motifbook.data import store
from motifbook.onehot import decode, encode, reverse_complement
from tests.genomes import LETTERS, done, write_bed, write_fasta


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def genome(tmp_path):
    return write_fasta(tmp_path / "genome.fa")


def test_windows_are_centered_on_the_region(tmp_path, genome):
    path = write_bed(tmp_path, "chrI\t100\t110\nchrIV\t1000\t1001\n")
    adata = read_bed(path, genome=genome, length=20)
    expected = [LETTERS["chrI"][95:115], LETTERS["chrIV"][990:1010]]
    assert store.get_sequences(adata) == expected
    assert adata.obs["start"].tolist() == [95, 990]
    assert adata.obs["end"].tolist() == [115, 1010]
    assert adata.obs_names.tolist() == ["chrI:95-115", "chrIV:990-1010"]
    assert adata.shape == (2, 0)


def test_the_genome_is_kept_with_the_chromosomes_used(tmp_path, genome):
    path = write_bed(tmp_path, "chrIV\t1000\t1001\nchrI\t100\t110\n")
    adata = read_bed(path, genome=genome, length=20, negatives="shuffle", seed=0)
    expected = {"name": "genome.fa", "lengths": {"chrI": 700, "chrIV": 2000}}
    assert adata.uns["genome"] == expected
    write(adata, tmp_path / "book.h5ad")
    assert read(tmp_path / "book.h5ad").uns["genome"] == expected


def test_odd_lengths_have_their_middle_letter_on_the_center(tmp_path, genome):
    adata = read_bed(write_bed(tmp_path, "chrI\t100\t101\n"), genome=genome, length=7)
    assert store.get_sequences(adata)[0][3] == LETTERS["chrI"][100]


def test_the_minus_strand_is_read_from_its_own_end(tmp_path, genome):
    content = "chrI\t100\t110\ta\t0\t-\nchrI\t100\t110\tb\t0\t+\n"
    adata = read_bed(write_bed(tmp_path, content), genome=genome, length=10)
    plus = LETTERS["chrI"][100:110]
    minus = decode(reverse_complement(encode([plus])))[0]
    assert store.get_sequences(adata) == [minus, plus]
    assert adata.obs["strand"].tolist() == ["-", "+"]
    assert adata.obs["name"].tolist() == ["a", "b"]
    assert "Read 1 window from the minus strand." in done(adata)


def test_narrowpeak_is_centered_on_its_summit(tmp_path, genome):
    content = "chrI\t100\t200\tp\t9\t.\t1.5\t2\t3\t80\nchrI\t300\t400\tq\t9\t.\t1.5\t2\t3\t-1\n"
    packed = tmp_path / "x.narrowPeak.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    adata = read_bed(packed, genome=genome, length=10)
    assert adata.obs["start"].tolist() == [175, 345]
    assert "the summit of each peak" in done(adata)


def test_windows_over_the_end_of_a_chromosome_are_left_out_and_counted(tmp_path, genome):
    content = "chrI\t4\t5\nchrI\t5\t6\nchrI\t695\t696\nchrI\t696\t697\n"
    adata = read_bed(write_bed(tmp_path, content), genome=genome, length=10)
    assert adata.obs["start"].tolist() == [0, 690]
    assert "Left out 2 regions whose window reaches over the end" in done(adata)
    assert "(line 1, 4)" in done(adata)


def test_regions_beyond_their_chromosome_are_a_sign_of_another_genome(tmp_path, genome):
    content = "chrI\t100\t110\nchrX\t200\t400\n"
    adata = read_bed(write_bed(tmp_path, content), genome=genome, length=2)
    assert adata.n_obs == 2
    assert "reach beyond the end of their chromosome: 1 (line 2). Is genome.fa" in done(adata)


def test_regions_without_length_are_points(tmp_path, genome):
    adata = read_bed(write_bed(tmp_path, "chrI\t100\t100\n"), genome=genome, length=10)
    assert adata.obs["start"].tolist() == [95]
    assert "Regions of x.bed without length count as points: 1." in done(adata)


def test_windows_that_stand_twice_are_kept_and_said(tmp_path, genome):
    content = "chrI\t100\t110\nchrI\t102\t108\nchrI\t100\t110\ta\t0\t-\n"
    adata = read_bed(write_bed(tmp_path, content), genome=genome, length=10)
    assert adata.obs_names.tolist() == ["chrI:100-110", "chrI:100-110-2", "chrI:100-110-3"]
    assert "Windows that repeat an earlier one, place and strand: 1; kept." in done(adata)


def test_other_chromosome_names_come_with_the_exact_renaming(tmp_path, genome):
    path = write_bed(tmp_path, "chr1\t100\t101\nchr4\t1000\t1001\nchr9\t5\t6\n")
    sentence = r"does not have: 'chr1', 'chr4', 'chr9'; it has 'chrI', 'chrIV', 'chrX'\. .*"
    exact = r"use rename=\{\"chr1\": \"chrI\", \"chr4\": \"chrIV\"\}"
    with pytest.raises(InputError, match=sentence + exact):
        read_bed(path, genome=genome, length=10)
    rename = {"chr1": "chrI", "chr4": "chrIV"}
    adata = read_bed(path, genome=genome, length=10, rename=rename)
    assert adata.obs["chrom"].tolist() == ["chrI", "chrIV"]
    assert "Left out 1 region of x.bed on chromosomes that genome.fa" in done(adata)
    assert "does not have: 'chr9'." in done(adata)


@pytest.mark.parametrize("given", [{"chr1": "chrI"}, {"chr1": "chrI", "chr4": "IV"}])
def test_the_renaming_that_is_proposed_keeps_what_was_given(tmp_path, genome, given):
    path = write_bed(tmp_path, "chr1\t100\t101\nchr4\t1000\t1001\n")
    exact = r"use rename=\{\"chr1\": \"chrI\", \"chr4\": \"chrIV\"\}"
    with pytest.raises(InputError, match=exact):
        read_bed(path, genome=genome, length=10, rename=given)


def test_a_renaming_may_name_more_than_the_files_have(tmp_path, genome):
    path = write_bed(tmp_path, "chr1\t100\t101\n")
    adata = read_bed(path, genome=genome, length=9, rename={"chr1": "chrI", "chrM": "chrMito"})
    assert adata.n_obs == 1
    assert "`rename` names 'chrM', which no file has; it changes nothing." in done(adata)


def test_a_renaming_the_wrong_way_is_turned_round(tmp_path, genome):
    path = write_bed(tmp_path, "chr4\t100\t101\n")
    with pytest.raises(InputError, match=r"Turn it round: rename=\{\"chr4\": \"chrIV\"\}"):
        read_bed(path, genome=genome, length=9, rename={"chrIV": "chr4"})


def test_windows_in_the_blacklist_are_left_out(tmp_path, genome):
    path = write_bed(tmp_path, "".join(f"chrIV\t{at}\t{at + 1}\n" for at in range(100, 1900, 50)))
    banned = write_bed(tmp_path, "chrIV\t500\t700\nchrIV\t1200\t1210\n", "black.bed")
    adata = read_bed(path, genome=genome, length=20, blacklist=banned, negatives="matched", seed=0)
    starts, ends = adata.obs["start"], adata.obs["end"]
    assert ((ends <= 500) | (starts >= 700)).all()
    assert ((ends <= 1200) | (starts >= 1210)).all()
    n_inside = len([at for at in range(100, 1900, 50) if 490 < at < 710 or 1190 < at < 1220])
    assert int(adata.X.sum()) == 36 - n_inside
    assert "Read 2 regions from black.bed." in done(adata)
    assert f"Left out {n_inside} windows overlapping black.bed." in done(adata)


def test_the_blacklist_is_renamed_and_checked_like_the_regions(tmp_path, genome):
    path = write_bed(tmp_path, "chrIV\t100\t101\nchrIV\t300\t301\n")
    banned = write_bed(tmp_path, "chr4\t95\t96\n", "black.bed")
    with pytest.raises(InputError, match=r'black\.bed names .*rename=\{"chr4": "chrIV"\}'):
        read_bed(path, genome=genome, length=20, blacklist=banned)
    adata = read_bed(path, genome=genome, length=20, blacklist=banned, rename={"chr4": "chrIV"})
    assert adata.obs["start"].tolist() == [290]


def test_shuffles_have_no_place_in_the_genome(tmp_path, genome):
    path = write_bed(tmp_path, "chrI\t100\t101\nchrI\t300\t301\n")
    adata = read_bed(path, genome=genome, length=50, negatives="shuffle", seed=0)
    assert adata.obs["chrom"].tolist() == ["chrI", "chrI", ".", "."]
    assert adata.obs["pair"].tolist() == adata.obs_names[:2].tolist() * 2


def test_ambiguity_codes_have_complements(test_data):
    folder = test_data / "malformed"
    adata = read_bed(folder / "iupac.bed", genome=folder / "iupac.fa", length=16)
    assert store.get_sequences(adata) == ["NXVDBHKMSWYRAGCT"] * 2


def test_real_windows_agree_with_pyfaidx(test_data, tmp_path):
    folder = test_data / "genome"
    packed = folder / "sacCer3_chrIV.fa.gz"
    adata = read_bed(folder / "sacCer3_chrIV_50genes.bed12", genome=packed, length=301)
    plain = tmp_path / "chrIV.fa"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    reader = pyfaidx.Fasta(str(plain))
    assert adata.n_obs == 50
    for row, sequence in zip(adata.obs.itertuples(), store.get_sequences(adata)):
        window = reader[row.chrom][row.start : row.end]
        assert sequence == (-window if row.strand == "-" else window).seq.upper()


def test_real_peaks_on_one_chromosome_of_the_genome(test_data):
    folder = test_data / "genome"
    path, genome = folder / "rossi2021_Abf1.bed", folder / "sacCer3_chrIV.fa.gz"
    with pytest.raises(InputError, match=r'use rename=\{"chr4": "chrIV"\}'):
        read_bed(path, genome=genome, length=200)
    adata = read_bed(path, genome=genome, length=200, rename={"chr4": "chrIV"})
    assert adata.n_obs == 103
    assert "Left out 621 regions of rossi2021_Abf1.bed on chromosomes" in done(adata)
    assert adata.uns["genome"]["lengths"] == {"chrIV": 1_531_933}


def test_a_genome_with_numbers_for_names(test_data):
    folder = test_data / "genome" / "tangermeme_tests"
    path, genome = folder / "test_int.bed", folder / "test_int_chroms.fa"
    by_number = read_bed(path, genome=genome, length=10)
    by_name = folder / "test.fa"
    with pytest.raises(InputError, match=r'rename=\{"1": "chr1"'):
        read_bed(path, genome=by_name, length=10)
    rename = {str(number): f"chr{number}" for number in range(1, 8)}
    renamed = read_bed(path, genome=by_name, length=10, rename=rename)
    assert store.get_sequences(renamed) == store.get_sequences(by_number)


CELLS = st.one_of(
    st.sampled_from(["chrI", "chr1", "0", "10", "200", "-1", "+", "-", ".", "1e3", "", "#", "x"]),
    st.text(max_size=3),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=11), max_size=4),
    first=st.lists(st.integers(0, 800), max_size=3),
    negatives=st.sampled_from([None, "matched"]),
)
def test_any_text_is_read_or_refused(tmp_path, genome, rows, first, negatives):
    lines = [f"chrI\t{at}\t{at + 5}" for at in first] + ["\t".join(row) for row in rows]
    path = write_bed(tmp_path, "\n".join(lines).encode("utf-8", "replace").decode())
    with contextlib.suppress(InputError):
        adata = read_bed(path, genome=genome, length=10, negatives=negatives)
        assert {len(sequence) for sequence in store.get_sequences(adata)} == {10}
        assert np.isin(adata.X, [0, 1]).all()
