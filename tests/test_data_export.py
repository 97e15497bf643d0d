"""Files of hits: every field by hand, and letter by letter against the genome."""

import gzip

import pandas as pd
import pyfaidx
import pytest

from motifbook import InputError
from motifbook.data import schema
from motifbook.data.export import to_bed
from motifbook.data.genomes.bed import read_bed
from motifbook.data.hits import scan
from motifbook.motif.matrix import Motif

SITES = pd.DataFrame(
    {
        "sequence": ["b", "a", "shuffle"],
        "start": [3, 0, 1],
        "end": [10, 7, 8],
        "strand": ["+", "-", "+"],
        "motif": ["AP-1", "My motif; v=2,\tx", "AP-1"],
        "score": [12.5, 3.0, 1.0],
        "p_value": [1e-4, 1e-12, 0.5],
    }
)
PLACES = pd.DataFrame(
    {
        "chrom": ["chr2", "chr1", "."],
        "genome_start": [103, 20, -1],
        "genome_end": [110, 27, -1],
        "genome_strand": ["-", "+", "."],
    }
)
HITS = SITES.join(PLACES)


def lines(path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def comments(path):
    return [line for line in path.read_text().splitlines() if line.startswith("#")]


def on_strand(letters, strand):
    return letters if strand == "+" else pyfaidx.Sequence(seq=letters).reverse.complement.seq


def test_bed_is_sorted_and_its_score_is_minus_log10_of_p(tmp_path):
    done = to_bed(HITS, tmp_path / "hits.bed")
    assert lines(tmp_path / "hits.bed") == [
        ["chr1", "20", "27", "My_motif;_v=2,_x", "1000", "+"],
        ["chr2", "103", "110", "AP-1", "400", "-"],
    ]
    assert done == [
        "2 of 3 rows; those without a place in the genome are left out.",
        "Score: 100 x -log10 of the p-value, at most 1000.",
    ]
    assert comments(tmp_path / "hits.bed") == [f"# {sentence}" for sentence in done]


def test_places_sort_by_number_not_by_text(tmp_path):
    many = pd.concat([HITS[:1]] * 3, ignore_index=True)
    many["genome_start"], many["genome_end"] = [1000, 9, 100], [1007, 16, 107]
    to_bed(many, tmp_path / "hits.bed")
    assert [row[1] for row in lines(tmp_path / "hits.bed")] == ["9", "100", "1000"]


def test_instances_score_by_the_size_of_their_weight(tmp_path):
    to_bed(HITS.assign(weight=[-0.5, 0.25, 9.0]), tmp_path / "instances.bed")
    assert [row[4] for row in lines(tmp_path / "instances.bed")] == ["500", "1000"]
    assert "weight" in comments(tmp_path / "instances.bed")[-1]


def test_gff_counts_from_one_and_escapes(tmp_path):
    to_bed(HITS.assign(q_value=0.25), tmp_path / "hits.gff3")
    first, second = lines(tmp_path / "hits.gff3")
    assert comments(tmp_path / "hits.gff3")[0] == "##gff-version 3"
    assert first[:8] == ["chr1", "motifbook", "sequence_motif", "21", "27", "1e-12", "+", "."]
    assert first[8].split(";") == [
        "Name=My motif%3B v%3D2%2C%09x",
        "sequence=a",
        "bits=3",
        "p_value=1e-12",
        "q_value=0.25",
    ]
    assert second[3:5] == ["104", "110"]


@pytest.mark.parametrize("name", ["hits.csv", "hits.tsv", "hits.tsv.gz", "hits.CSV.gz"])
def test_tables_keep_every_column_and_row(tmp_path, name):
    assert to_bed(HITS, tmp_path / name) == ["Wrote all 3 rows."]
    separator = "\t" if "tsv" in name else ","
    compression = "gzip" if name.endswith("gz") else None
    back = pd.read_csv(tmp_path / name, sep=separator, compression=compression)
    pd.testing.assert_frame_equal(back, HITS)


@pytest.mark.parametrize("name", ["hits.bed.gz", "hits.gff.gz"])
def test_packed_files_hold_the_same(tmp_path, name):
    plain = tmp_path / name.removesuffix(".gz")
    to_bed(HITS, tmp_path / name)
    to_bed(HITS, plain)
    assert gzip.decompress((tmp_path / name).read_bytes()) == plain.read_bytes()
    to_bed(HITS, tmp_path / f"again_{name}")
    assert (tmp_path / f"again_{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_regions_in_names_are_used(tmp_path):
    names = ["chr1:100-200", "peak::chrIV:7-30(-)", "chr1:100-200|shuffled"]
    to_bed(SITES.assign(sequence=names), tmp_path / "hits.bed")
    assert [row[:3] + row[5:] for row in lines(tmp_path / "hits.bed")] == [
        ["chr1", "103", "110", "+"],
        ["chrIV", "23", "30", "+"],
    ]
    assert "names of the sequences" in comments(tmp_path / "hits.bed")[0]


def test_without_a_genome_the_file_counts_within_sequences(tmp_path):
    expected = r"No row has a place.*first letter.*mb\.read_bed"
    with pytest.warns(UserWarning, match=expected) as caught:
        to_bed(SITES, tmp_path / "hits.bed")
    assert caught[0].filename == __file__
    assert [row[:3] for row in lines(tmp_path / "hits.bed")] == [
        ["a", "0", "7"],
        ["b", "3", "10"],
        ["shuffle", "1", "8"],
    ]
    too_short = SITES.assign(sequence="chr1:100-104")  # no region: the hits reach over its end
    with pytest.warns(UserWarning, match="No row has a place"):
        to_bed(too_short, tmp_path / "hits.bed")


def test_columns_that_say_nowhere_are_as_good_as_none(tmp_path):
    nowhere = HITS.assign(chrom=".", genome_start=-1, genome_end=-1, genome_strand=".")
    with pytest.warns(UserWarning, match="No row has a place"):
        to_bed(nowhere, tmp_path / "hits.bed")
    assert len(lines(tmp_path / "hits.bed")) == 3


def test_no_hits_are_a_file_without_rows(tmp_path):
    to_bed(HITS[:0], tmp_path / "hits.bed")
    to_bed(SITES[:0], tmp_path / "hits.gff")
    assert lines(tmp_path / "hits.bed") == lines(tmp_path / "hits.gff") == []


def test_other_endings_and_tables_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"hits.txt'; expected a name that ends in .bed, .gff"):
        to_bed(HITS, tmp_path / "hits.txt")
    with pytest.raises(InputError, match="The hits table has no column 'motif'"):
        to_bed(HITS.drop(columns="motif"), tmp_path / "hits.bed")
    with pytest.raises(InputError, match="There is no folder"):
        to_bed(HITS, tmp_path / "absent" / "hits.bed")
    assert list(tmp_path.iterdir()) == []


def test_the_genome_has_the_letters_of_every_line(tmp_path, test_data, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path))
    genome = tmp_path / "chrIV.fa"
    genome.write_bytes(gzip.decompress((test_data / "genome/sacCer3_chrIV.fa.gz").read_bytes()))
    windows = tmp_path / "windows.bed"
    rows = [f"chrIV\t{at}\t{at + 1}\tw\t0\t{'+-'[at % 2]}" for at in range(5000, 900_000, 4001)]
    windows.write_text("\n".join(rows))
    adata = read_bed(windows, genome=genome, length=300, negatives="shuffle", seed=0)
    hits = scan(Motif.from_sites("Abf1", ["CGTATATAGTGA"]), adata, p_value=1e-3)
    sequences = adata.obs[schema.SEQUENCE]
    hits["motif"] = [  # named after its own letters
        on_strand(sequences[hit.sequence][hit.start : hit.end], hit.strand)
        for hit in hits.itertuples()
    ]
    to_bed(hits, tmp_path / "hits.bed")
    written = lines(tmp_path / "hits.bed")
    assert 20 < len(written) == (hits["chrom"] == "chrIV").sum() < len(hits)
    assert {row[5] for row in written} == {"+", "-"}
    chromosome = pyfaidx.Fasta(str(genome))["chrIV"]
    for chrom, start, end, name, _, strand in written:
        assert (chrom, on_strand(str(chromosome[int(start) : int(end)]), strand)) == ("chrIV", name)
