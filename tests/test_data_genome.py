"""Genomes as files have them: FASTA with any line ends, packed or not, 2bit; read-only folders."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pyfaidx
import pytest

from motifbook import InputError
from motifbook.data.genomes.genome import open_genome
from tests.genomes import CHROMS, LETTERS, write_fasta, write_twobit

RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def windows(genome, places, length, is_minus=False):
    chroms = np.array([chrom for chrom, _ in places], dtype=object)
    starts = np.array([start for _, start in places])
    return genome.windows(chroms, starts, length, np.full(len(places), is_minus))


def some_places(n, length):
    chroms = RNG.choice(list(CHROMS), n)
    return [(chrom, int(RNG.integers(CHROMS[chrom] - length + 1))) for chrom in chroms]


def as_gzip(path):
    packed = path.with_suffix(".fa.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def as_bgzip(path):
    packed = path.with_suffix(".fa.bgz")
    text = path.read_bytes()
    packed.write_bytes(
        b"".join(gzip.compress(text[at : at + 500]) for at in range(0, len(text), 500))
    )
    return packed


def as_windows(path):
    other = path.with_name("dos.fa")
    other.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return other


MADE = {
    "lines of 60": lambda folder: write_fasta(folder / "g.fa"),
    "one line": lambda folder: write_fasta(folder / "g.fa", per_line=10_000),
    "Windows": lambda folder: as_windows(write_fasta(folder / "g.fa")),
    "gzip": lambda folder: as_gzip(write_fasta(folder / "g.fa")),
    "bgzip": lambda folder: as_bgzip(write_fasta(folder / "g.fa")),
    "2bit": lambda folder: write_twobit(folder / "g.2bit"),
    "2bit, other bytes": lambda folder: write_twobit(folder / "g.2bit", order=">"),
    "2bit, version 1": lambda folder: write_twobit(folder / "g.2bit", version=1),
    "2bit by another name": lambda folder: write_twobit(folder / "genome"),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("length", [1, 59, 60, 61, 301])
def test_windows_are_the_letters_of_the_file(tmp_path, kind, length):
    places = [*some_places(30, length), ("chrI", 0), ("chrX", CHROMS["chrX"] - length)]
    genome = open_genome(MADE[kind](tmp_path))
    expected = [LETTERS[chrom][start : start + length] for chrom, start in places]
    assert windows(genome, places, length) == expected
    assert genome.lengths(CHROMS).tolist() == list(CHROMS.values())


def test_twobit_keeps_unknown_letters_and_drops_masking(tmp_path):
    letters = {"a": "NNNACGTacgtnnnACGTNN", "b": "T", "c": "NNNNN"}
    genome = open_genome(write_twobit(tmp_path / "g.2bit", letters))
    assert [windows(genome, [(name, 0)], len(text))[0] for name, text in letters.items()] == [
        text.upper() for text in letters.values()
    ]


def test_the_minus_strand_agrees_with_a_second_reader(tmp_path):
    path = write_fasta(tmp_path / "g.fa")
    places = some_places(30, 61)
    reader = pyfaidx.Fasta(str(path))
    expected = [(-reader[chrom][start : start + 61]).seq for chrom, start in places]
    assert windows(open_genome(path), places, 61, is_minus=True) == expected


def test_ambiguity_codes_and_lower_case_have_complements(tmp_path):
    path = write_fasta(tmp_path / "g.fa", {"c": "ACGTNacgtnRYSWKMBDHVryswkmbdhvXU"})
    (found,) = windows(open_genome(path), [("c", 0)], 32, is_minus=True)
    assert found == "AXbdhvkmwsryBDHVKMWSRYnacgtNACGT"


def test_nothing_is_written_beside_the_genome(tmp_path, cache):
    folder = tmp_path / "read only"
    folder.mkdir()
    path = write_fasta(folder / "g.fa")
    folder.chmod(0o500)
    open_genome(path)
    assert [file.name for file in folder.iterdir()] == ["g.fa"]
    assert [file.suffix for file in cache.iterdir()] == [".fai"]


@pytest.mark.parametrize("kind", ["gzip", "2bit"])
def test_packed_genomes_are_unpacked_once_and_say_what_it_costs(tmp_path, cache, kind):
    packed = MADE[kind](tmp_path)
    genome = open_genome(packed)
    (unpacked,) = (file for file in cache.iterdir() if file.suffix != ".fai")
    size = unpacked.stat().st_size / 1e6
    assert genome.done == (
        f"{packed.name} is packed; it was unpacked once into the cache folder ({size:,.1f} MB).",
    )
    before = unpacked.stat().st_mtime_ns
    open_genome(packed)
    assert unpacked.stat().st_mtime_ns == before


def test_a_changed_genome_is_indexed_again(tmp_path):
    path = write_fasta(tmp_path / "g.fa")
    open_genome(path)
    write_fasta(path, {"chrX": LETTERS["chrIV"]})
    os.utime(path, ns=(1, 1))
    assert windows(open_genome(path), [("chrX", 95)], 10) == [LETTERS["chrIV"][95:105]]


def test_a_cache_that_cannot_be_made(tmp_path, monkeypatch):
    path = write_fasta(tmp_path / "g.fa")
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(path / "no"))
    with pytest.raises(InputError, match=r"cannot be made .*MOTIFBOOK_CACHE"):
        open_genome(path)


def test_nothing_is_left_of_a_genome_that_is_cut_off(tmp_path, cache):
    packed = as_gzip(write_fasta(tmp_path / "g.fa"))
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"g\.fa\.gz is damaged or cut off"):
        open_genome(packed)
    assert not list(cache.iterdir())


@pytest.mark.parametrize("share", np.linspace(0.01, 0.99, 25))
def test_twobit_files_that_are_cut_off_are_refused(tmp_path, cache, share):
    path = write_twobit(tmp_path / "g.2bit")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"g\.2bit .*(damaged or cut off|binary file)"):
        open_genome(path)
    assert not list(cache.glob("*"))
