"""Matched negatives: as rich in G and C, nowhere near a region, and none is missing in silence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import ks_2samp

from motifbook import InputError, read_bed
from motifbook.data import store
from tests.genomes import LETTERS, done, write_bed, write_fasta


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def genome(tmp_path):
    return write_fasta(tmp_path / "genome.fa")


def gc(adata):
    letters = store.get_letters(adata)
    return ((letters == 1) | (letters == 2)).mean(axis=1)


def patchy(rng, size, patch=1000):
    """Letters of a genome whose GC content differs from stretch to stretch."""
    share = np.repeat(rng.beta(8, 10, size // patch), patch)
    strong, first = rng.random(size) < share, rng.random(size) < 0.5
    codes = np.where(strong, np.where(first, 67, 71), np.where(first, 65, 84))
    return codes.astype(np.uint8).tobytes().decode()


def places(adata):
    return list(zip(adata.obs["chrom"], adata.obs["start"], adata.obs["end"]))


def overlap(a, b):
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


def test_negatives_overlap_nothing_and_are_windows_of_the_genome(tmp_path, genome):
    regions = [("chrIV", at, at + 60) for at in range(100, 1900, 150)]
    path = write_bed(tmp_path, "".join(f"{c}\t{start}\t{end}\n" for c, start, end in regions))
    adata = read_bed(path, genome=genome, length=20, negatives="matched", seed=0)
    negatives = adata[adata.X[:, 0] == 0]
    assert negatives.n_obs == len(regions)
    for place, sequence in zip(places(negatives), store.get_sequences(negatives)):
        assert LETTERS[place[0]][place[1] : place[2]] == sequence
        assert not any(overlap(place, region) for region in regions)
    pairs = itertools.combinations(places(negatives), 2)
    assert not any(overlap(*pair) for pair in pairs)
    assert set(negatives.obs["chrom"]) == {"chrIV"}
    assert negatives.obs["strand"].tolist() == ["."] * len(regions)


def test_the_same_seed_draws_the_same_windows(tmp_path, genome):
    path = write_bed(tmp_path, "".join(f"chrIV\t{at}\t{at + 9}\n" for at in range(50, 1900, 90)))
    first, again, other = (
        read_bed(path, genome=genome, length=20, negatives="matched", seed=seed).obs_names.tolist()
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_gc_content_is_matched_where_the_genome_has_room(tmp_path):
    rng = np.random.default_rng(0)
    genome = write_fasta(tmp_path / "g.fa", {"a": patchy(rng, 300_000), "b": patchy(rng, 200_000)})
    starts = rng.integers(500, 199_000, 300)
    path = write_bed(tmp_path, "".join(f"{'ab'[at % 2]}\t{at}\t{at + 1}\n" for at in starts))
    adata = read_bed(path, genome=genome, length=100, negatives="matched", seed=0)
    bound = adata.X[:, 0] == 1
    assert (~bound).sum() == 300
    share = gc(adata)
    assert ks_2samp(share[bound], share[~bound]).statistic < 0.03
    windows = [
        patchy(np.random.default_rng(9), 300_000)[at : at + 100] for at in range(0, 30_000, 100)
    ]
    anywhere = [(text.count("G") + text.count("C")) / 100 for text in windows]
    assert np.std(anywhere) > 0.08  # matching had something to do
    assert "(mean 4" in done(adata)
    assert "no window of the same GC content was left" not in done(adata)


def test_where_no_window_matches_the_nearest_are_taken_and_said(tmp_path):
    """Regions are all G; the rest of the genome is A, but for stretches of 60 % and 30 % G."""
    rich, middle, poor = "G" * 40, "G" * 12 + "A" * 8, "G" * 6 + "A" * 14
    genome = write_fasta(tmp_path / "g.fa", {"c": rich + middle + poor + "A" * 400})
    path = write_bed(tmp_path, "c\t10\t11\nc\t30\t31\n")
    adata = read_bed(path, genome=genome, length=20, negatives="matched", seed=0)
    assert sorted(gc(adata)[2:].tolist(), reverse=True)[0] >= 0.3
    assert gc(adata)[2:].min() > 0
    assert "For 2 regions no window of the same GC content was left" in done(adata)


def test_fewer_negatives_than_regions_are_said(tmp_path):
    rng = np.random.default_rng(0)
    genome = write_fasta(tmp_path / "g.fa", {"c": patchy(rng, 1000, 100)})
    path = write_bed(tmp_path, "".join(f"c\t{at}\t{at + 1}\n" for at in range(50, 700, 40)))
    adata = read_bed(path, genome=genome, length=100, negatives="matched", seed=0)
    n_regions, n_negatives = int(adata.X.sum()), int((1 - adata.X).sum())
    assert 1 <= n_negatives <= 3  # 260 letters are free at the end, 50 at the start
    assert f"No window was left for {n_regions - n_negatives} regions" in done(adata)


def test_stretches_between_regions_are_used_to_the_last_window(tmp_path):
    """Gaps of exactly one window, at odd places: each is found."""
    starts = [13 + 57 * row for row in range(20)]  # a region of 37, a gap of 20
    genome = write_fasta(tmp_path / "g.fa", {"c": "ACGT" * 289})
    path = write_bed(tmp_path, "".join(f"c\t{at}\t{at + 37}\n" for at in starts))
    adata = read_bed(path, genome=genome, length=20, negatives="matched", seed=0)
    found = set(adata.obs["start"][adata.X[:, 0] == 0])
    assert {at + 37 for at in starts[:-1]} <= found


def test_windows_with_unknown_letters_are_never_drawn(tmp_path):
    genome = write_fasta(tmp_path / "g.fa", {"c": "ACGT" * 50 + "N" * 400 + "acgt" * 20})
    path = write_bed(tmp_path, "c\t100\t101\n")
    for seed in range(5):
        adata = read_bed(path, genome=genome, length=20, negatives="matched", seed=seed)
        assert set(store.get_sequences(adata)[1]) == set("ACGT")


def test_a_genome_without_room_for_negatives(tmp_path, genome):
    path = write_bed(tmp_path, "chrI\t0\t700\n")
    sentence = r'has no window of 20 letters that overlaps no region.* Use `negatives="shuffle"`'
    with pytest.raises(InputError, match=sentence):
        read_bed(path, genome=genome, length=20, negatives="matched")


def test_real_regions_of_a_small_genome_get_as_many_negatives(test_data):
    folder = test_data / "genome"
    adata = read_bed(
        folder / "rossi2021_Sua7.bed",
        genome=folder / "sacCer3_chrIV.fa.gz",
        length=500,
        rename={"chr4": "chrIV"},
        negatives="matched",
        seed=0,
    )
    bound = adata.X[:, 0] == 1
    assert bound.sum() == (~bound).sum() == 998
    share = gc(adata)
    assert ks_2samp(share[bound], share[~bound]).statistic < 0.02


@pytest.mark.slow
def test_a_hundred_thousand_regions(tmp_path):
    rng = np.random.default_rng(0)
    genome = write_fasta(tmp_path / "g.fa", {"c": patchy(rng, 50_000_000)}, per_line=50_000_000)
    lines = [f"c\t{at}\t{at + 200}" for at in rng.integers(200, 49_999_000, 100_000).tolist()]
    path = write_bed(tmp_path, "\n".join(lines))
    adata = read_bed(path, genome=genome, length=200, negatives="matched", seed=0)
    bound = adata.X[:, 0] == 1
    assert bound.sum() == (~bound).sum() == 100_000
    share = gc(adata)
    assert ks_2samp(share[bound], share[~bound]).statistic < 0.005
    starts, is_bound = adata.obs["start"].to_numpy(), bound
    order = np.argsort(starts, kind="stable")
    near = np.diff(starts[order]) < 200
    assert not (near & ~(is_bound[order][1:] & is_bound[order][:-1])).any()
