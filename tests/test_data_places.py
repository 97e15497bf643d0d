"""The genome coordinates of hits: by hand, and letter by letter against the genome."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pyfaidx
import pytest

from motifbook.data import schema
from motifbook.data.genomes.bed import read_bed
from motifbook.data.hits import scan
from motifbook.data.places import find_places, find_spans
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode

AP1 = Motif.from_sites("AP-1", ["TGACTCA"])
UNIFORM = [0.25] * 4
COLUMNS = list(schema.GENOME_COLUMNS)


def book(sequences, **columns):
    names = [f"s{i}" for i in range(len(sequences))]
    return ad.AnnData(obs=pd.DataFrame({"sequence": sequences, **columns}, index=names))


def test_the_minus_strand_is_turned_around():
    adata = book(
        ["GGTGACTCAGGC"] * 2, chrom="chr1", start=[100, 100], end=[112, 112], strand=["+", "-"]
    )
    hits = scan(AP1, adata, background=UNIFORM)
    assert hits[["start", "end", "strand"]].to_numpy().tolist() == [[2, 9, "+"]] * 2
    assert hits[COLUMNS].to_numpy().tolist() == [
        ["chr1", 102, 109, "+"],
        ["chr1", 103, 110, "-"],
    ]


def test_without_a_place_the_columns_say_so():
    adata = book(["TGACTCA"] * 3, chrom=["chr1", ".", np.nan], start=[5, -1, -1], end=[12, -1, -1])
    hits = scan(AP1, adata, background=UNIFORM)
    assert hits[COLUMNS].to_numpy().tolist() == [["chr1", 5, 12, "+"]] + [[".", -1, -1, "."]] * 2
    none = scan(AP1, adata[:0].copy(), background=UNIFORM)
    assert list(none) == [*schema.HIT_COLUMNS, "q_value", *COLUMNS]


def test_a_region_of_another_length_is_no_place():
    adata = book(["TGACTCAGG"] * 2, chrom="chr1", start=[1, 0], end=[9, 9], strand="+")
    with pytest.warns(UserWarning, match=r"1 sequence of 2 .*'s0' with 9 letters.*chr1:1-9\..*0"):
        hits = scan(AP1, adata, background=UNIFORM)
    assert hits["chrom"].tolist() == [".", "chr1"]


def test_columns_that_are_no_regions_are_no_places():
    adata = book(["TGACTCA"], chrom="chr1", start="early", end="late")
    assert not find_places(adata).known.any()


def test_unknown_letters_of_the_genome_are_no_padding():
    sequences = ["NNTGACTCANN", "TGACTCA", "NTGACTCAN"]
    obs = {"chrom": "chr1", "start": [0, 50, 100], "end": [11, 57, 109], "strand": "-"}
    texts = book(sequences, **obs)
    codes = ad.AnnData(obs=texts.obs.drop(columns="sequence"))
    codes.obsm[schema.LETTERS] = encode(sequences)
    expected = scan(AP1, texts, background=UNIFORM)
    pd.testing.assert_frame_equal(scan(AP1, codes, background=UNIFORM), expected)
    assert expected["genome_start"].tolist() == [2, 50, 101]
    assert find_spans(codes)[1].tolist() == [11, 7, 9]


@pytest.fixture
def genome(test_data, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path))
    plain = tmp_path / "chrIV.fa"
    plain.write_bytes(gzip.decompress((test_data / "genome/sacCer3_chrIV.fa.gz").read_bytes()))
    return plain


def test_the_genome_has_the_letters_of_every_hit_there(genome, tmp_path):
    windows = tmp_path / "windows.bed"
    windows.write_text(
        "".join(
            f"chrIV\t{at}\t{at + 1}\tw\t0\t{'+-'[at % 2]}\n" for at in range(5000, 900_000, 4001)
        )
    )
    adata = read_bed(windows, genome=genome, length=300)
    hits = scan(Motif.from_sites("Abf1", ["CGTATATAGTGA", "CGTAAATAGTGA"]), adata, p_value=1e-3)
    chromosome = pyfaidx.Fasta(str(genome))["chrIV"]
    sequences = dict(zip(adata.obs_names, adata.obs["sequence"]))
    assert hits.groupby(["strand", "genome_strand"]).size().min() >= 10
    for hit in hits.itertuples():
        site = pyfaidx.Sequence(seq=sequences[hit.sequence][hit.start : hit.end])
        there = chromosome[hit.genome_start : hit.genome_end]
        own = site.seq if hit.strand == "+" else site.reverse.complement.seq
        assert (there.seq if hit.genome_strand == "+" else there.reverse.complement.seq) == own
