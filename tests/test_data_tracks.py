"""Tracks: every value by hand, and bigWig read back with pybigtools."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pybigtools
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import schema
from motifbook.data.tracks import to_track
from motifbook.onehot import encode, onehot

SEQUENCES = ["ACGT", "GGG", "AC", "TTTT"]
REGIONS = {
    "chrom": ["chr2", "chr1", "chr2", "."],
    "start": [100, 5, 103, -1],
    "end": [104, 8, 105, -1],
    "strand": ["+", "-", ".", "."],
}
VALUES = np.array([[1, 2, 3, 4], [10, 20, 30, 9], [9, 6, 8, 9], [7, 7, 7, 7.0]])
BY_PLACE = {  # the mean of 4 and 6 where windows overlap; padding (9) is nowhere
    "chr1": {5: 30, 6: 20, 7: 10},
    "chr2": {100: 1, 101: 2, 102: 3, 103: 5, 104: 8},
}
LENGTHS = {"chr1": 50, "chr2": 200, "chr3": 10}


@pytest.fixture
def book():
    names = ["a", "b", "c", "d"]
    adata = ad.AnnData(obs=pd.DataFrame({"sequence": SEQUENCES, **REGIONS}, index=names))
    adata.uns[schema.GENOME] = {"name": "genome.fa", "lengths": LENGTHS}
    return adata


def read_bedgraph(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            chrom, start, end, value = line.split("\t")
            places = dict.fromkeys(range(int(start), int(end)), float(value))
            found.setdefault(chrom, {}).update(places)
    return found


def read_bigwig(path):
    track = pybigtools.open(str(path))
    found = {}
    for chrom, length in track.chroms().items():
        values = track.values(chrom, 0, length, fillna=None)
        found[chrom] = {int(i): float(values[i]) for i in np.flatnonzero(~np.isnan(values))}
    return found


def test_bedgraph_turns_minus_windows_averages_overlaps_and_leaves_padding_out(book, tmp_path):
    done = to_track(VALUES, book, tmp_path / "values.bedgraph")
    text = (tmp_path / "values.bedgraph").read_text()
    assert read_bedgraph(text) == BY_PLACE
    assert done == [
        "8 positions of 3 windows on 2 chromosomes.",
        "1 position in several windows: the mean of their values.",
        "1 sequence without a place in the genome: left out.",
    ]
    assert [line[2:] for line in text.splitlines()[:3]] == done


@pytest.mark.parametrize("name", ["values.bw", "values.bigWig"])
def test_bigwig_reads_back(book, tmp_path, name):
    to_track(VALUES, book, tmp_path / name)
    assert read_bigwig(tmp_path / name) == BY_PLACE
    assert dict(pybigtools.open(str(tmp_path / name)).chroms()) == {"chr1": 50, "chr2": 200}


def test_attributions_are_those_of_the_letters_that_are_there(book, tmp_path):
    letters = encode(SEQUENCES)
    attribution = onehot(letters) * VALUES[:, None] + (1 - onehot(letters)) * 100
    to_track(attribution, book, tmp_path / "attribution.bw")
    assert read_bigwig(tmp_path / "attribution.bw")["chr2"] == BY_PLACE["chr2"]


def test_equal_neighbors_are_one_line_and_nan_is_left_out(book, tmp_path):
    values = np.where(VALUES < 5, 1.5, np.nan)
    to_track(values, book, tmp_path / "values.bg.gz")
    text = gzip.decompress((tmp_path / "values.bg.gz").read_bytes()).decode()
    assert [line for line in text.splitlines() if line[0] != "#"] == ["chr2\t100\t104\t1.5"]


def test_letter_codes_give_the_same_track(book, tmp_path):
    codes = ad.AnnData(obs=book.obs.drop(columns="sequence"), uns=dict(book.uns))
    codes.obsm[schema.LETTERS] = encode(SEQUENCES)
    to_track(VALUES, codes, tmp_path / "values.bw")
    assert read_bigwig(tmp_path / "values.bw")["chr1"] == BY_PLACE["chr1"]


def test_random_windows_agree_with_a_loop(tmp_path):
    rng = np.random.default_rng(0)
    n, length = 60, 25
    start = rng.integers(0, 400, n)
    obs = pd.DataFrame(
        {
            "sequence": ["".join(row) for row in rng.choice(list("ACGT"), (n, length))],
            "chrom": rng.choice(["chrI", "chrII", "chrX"], n),
            "start": start,
            "end": start + length,
            "strand": rng.choice(["+", "-"], n),
        },
        index=[f"w{i}" for i in range(n)],
    )
    values = rng.normal(size=(n, length))
    at: dict[tuple[str, int], list[float]] = {}
    for row, window in enumerate(obs.itertuples()):
        for step in range(length):
            place = window.start + step if window.strand == "+" else window.end - 1 - step
            at.setdefault((window.chrom, place), []).append(values[row, step])
    adata = ad.AnnData(obs=obs)
    adata.uns[schema.GENOME] = {"lengths": dict.fromkeys(["chrII", "chrI", "chrX"], 500)}
    to_track(values, adata, tmp_path / "values.bw")
    found = read_bigwig(tmp_path / "values.bw")
    assert sum(map(len, found.values())) == len(at)
    for (chrom, place), given in at.items():
        assert found[chrom][place] == pytest.approx(np.mean(given), rel=1e-5)


def test_lengths_come_from_the_genome_file_where_they_are_unknown(book, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path))
    del book.uns[schema.GENOME]
    with pytest.raises(InputError, match=r"lengths of chromosomes are unknown.*genome="):
        to_track(VALUES, book, tmp_path / "values.bw")
    genome = tmp_path / "genome.fa"
    genome.write_text("".join(f">{name}\n{'A' * length}\n" for name, length in LENGTHS.items()))
    to_track(VALUES, book, tmp_path / "values.bw", genome=genome)
    assert dict(pybigtools.open(str(tmp_path / "values.bw")).chroms()) == {"chr1": 50, "chr2": 200}
    to_track(VALUES, book, tmp_path / "values.bedgraph")  # needs none


def test_another_genome_is_refused(book, tmp_path):
    book.uns[schema.GENOME]["lengths"] = {"chr1": 50}
    with pytest.raises(
        InputError, match=r"The genome has no 'chr2'; it has 'chr1'\. Is it the one"
    ):
        to_track(VALUES, book, tmp_path / "values.bw")
    book.uns[schema.GENOME]["lengths"] = {"chr1": 50, "chr2": 104}
    with pytest.raises(InputError, match=r"ends at chr2:105, but the genome's chr2 has 104"):
        to_track(VALUES, book, tmp_path / "values.bw")


def test_what_does_not_fit_is_refused_and_nothing_is_left_behind(book, tmp_path):
    with pytest.raises(InputError, match=r"`values` has shape \(4, 3\); expected \(4, 4\) or \(4,"):
        to_track(VALUES[:, :3], book, tmp_path / "values.bw")
    with pytest.raises(InputError, match=r"`path` ends in '.wig'; expected"):
        to_track(VALUES, book, tmp_path / "values.wig")
    with pytest.raises(InputError, match="expected chrom, start and end"):
        to_track(VALUES, ad.AnnData(obs=book.obs[["sequence"]]), tmp_path / "values.bw")
    with pytest.raises(InputError, match="No value is left"):
        to_track(VALUES * np.nan, book, tmp_path / "values.bw")
    assert list(tmp_path.iterdir()) == []


def test_the_genome_has_the_letters_of_the_track(test_data, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path))
    regions = tmp_path / "regions.bed"
    places = [(at, "+-"[at % 2]) for at in range(5000, 60_000, 4001)]
    regions.write_text("".join(f"chrIV\t{at}\t{at + 1}\tr\t0\t{sign}\n" for at, sign in places))
    genome = test_data / "genome/sacCer3_chrIV.fa.gz"
    adata = mb.read_bed(regions, genome=genome, length=200, negatives="shuffle", seed=0)
    mb.write(adata, tmp_path / "book.h5ad")
    adata = mb.read(tmp_path / "book.h5ad")
    values = (encode(adata.obs["sequence"].tolist()) == 0).astype(float)  # 1 where an A is
    done = to_track(values, adata, tmp_path / "a.bw")
    assert done[-1] == f"{len(places)} sequences without a place in the genome: left out."
    found = read_bigwig(tmp_path / "a.bw")["chrIV"]
    assert len(found) == 200 * len(places)
    letters = gzip.decompress(genome.read_bytes()).decode().partition("\n")[2].replace("\n", "")
    for at, sign in places:
        there = range(at - 100, at + 100)
        wanted = "A" if sign == "+" else "T"
        assert [found[i] == 1 for i in there] == [letters[i].upper() == wanted for i in there]
