"""Broken regions, genomes, tracks, motifs, books, arguments and commands: one sentence each."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import Motif
from tests.broken_files import (
    TWO,
    WEB,
    as_genome,
    bed,
    book,
    command,
    cut_book,
    hand_in,
    hits,
    motifs,
    packed_track,
    put,
    regions,
    selex,
    sequences,
    table,
    track,
    write,
)
from tests.genomes import LETTERS
from tests.motif_texts import MEME

HOMER = ">ATGACTCA\tAP-1\t6.0\n" + "0.2\t0.3\t0.3\t0.2\n" * 8
ONE = "chrI\t100\t110\n"
FROM_BED = ("--bed", "x.bed", "--genome", "g.fa", "--length", "10")

REGIONS = {
    "what R writes": (bed('"chrI"\t100\t110\n'), ([LETTERS["chrI"][100:110]], {})),
    "chromosomes changed round": (
        bed(ONE, rename={"chrI": "chrIV", "chrIV": "chrI"}),
        ([LETTERS["chrIV"][100:110]], {}),
    ),
    "a header with commas": (bed("chrom,start,end\nchrI,1,9\n"), r"line 1 has 1 .*with commas: sa"),
    "the genome as regions": (
        bed(">chrI of a test\nACGT\n"),
        r"x\.bed, line 2 has 1 column; .*looks like FASTA: a genome goes into `genome=`",
    ),
    "a web page": (bed(WEB), r"x\.bed is a web page"),
    "a chromosome without end": (bed(f"{'c' * 5000}\t1\t2\n"), r"does not have: 'c{50,60}…c"),
    "a genome by its name": (
        bed(ONE, genome="hg38"),
        r"hg38 was not found\. .*fetched by `mb\.examples\.genome\(\"hg38\"\)`",
    ),
    "a genome with blank lines": (
        bed(ONE, genome=as_genome(">chrI\nACGT\nACGT\n\n\n")),
        r"The genome .*h\.fa could not be indexed: it has blank lines\. Expected .*equal length",
    ),
    "a genome with a mark in front": (
        bed(ONE, genome=as_genome("\ufeff>chrI\nACGT\n")),
        r"h\.fa could not be indexed: Unexpected text before the first sequence",
    ),
    "a genome of unknown letters": (
        bed(ONE, genome=as_genome(">chrI\n" + "N" * 300 + "\n"), negatives="matched"),
        r"h\.fa has no window of 10 letters .*shuffle",
    ),
    "a blacklist in hand": (bed(ONE, blacklist=["chrI"]), r"`blacklist` is \['chrI'\]; expected"),
    "packed coverage": (bed(ONE, signal=packed_track), r"y\.bw could not be .* not packed"),
    "coverage beyond numbers": (
        bed(ONE, signal=track(3e38, summary="sum")),
        r"x\.bw gives a sum of 3e\+39; expected numbers that make sense",
    ),
    "coverage without bound": (
        bed(ONE, signal=track(1.0, missing=np.inf)),
        r"`missing` is inf; exp",
    ),
    "one file for two cycles": (
        selex(lambda folder: folder / ".." / folder.name / "c0.txt"),
        r"c0\.txt is given for two cycles",
    ),
    "a cycle without file": (
        selex(lambda _: None),
        r"`cycles` is None; expected the path of a fil",
    ),
    "a table of reads": (
        selex(lambda folder: write(folder, "ACGT\t3\nGG\t1\n", "c1.tsv")),
        r"c1\.tsv, line 1: .*a table: use `mb\.read_table`",
    ),
    "half a cycle": (
        selex(lambda folder: write(folder, gzip.compress(b"ACGT\n" * 99)[:-9], "c1.gz")),
        r"c1\.gz is damaged or cut off",
    ),
}

MOTIFS = {
    "a motif of HOMER": (motifs(HOMER), r"line 2: motif .* has 8 rows; .*as HOMER writes it"),
    "counts beyond any": (
        motifs(">a\nA 1e308 1\nC 1e308 1\nG 1 1\nT 1 1\n"),
        r"x\.txt, line 2: got 1e308; expected counts",
    ),
    "a web page": (motifs(WEB), r"x\.txt is no motif file that we know: its first line is '<!DOC"),
    "motifs packed twice": (motifs(gzip.compress(gzip.compress(MEME.encode()))), r"not plain text"),
    "rows of unequal length": (lambda _: Motif("a", [[1, 2], [3]]), r"`ppm` is \[\[1, 2\], \[3\]"),
    "a background in words": (
        lambda _: Motif("a", np.eye(4), "uniform"),
        r"`background` is 'uniform'; expected 4 probabilities in the order ACGT",
    ),
    "nothing to write": (lambda _: mb.write_motif_file(None, "x.meme"), r"`motifs` is None; expec"),
    "nowhere to write": (lambda _: mb.write_motif_file([], None), r"`path` is None; expected"),
}

BOOKS = {
    "half a book": (cut_book, r"cut\.h5ad could not be read as \.h5ad \(.*truncated"),
    "a book with damaged notes": (
        book(put("uns/motifbook_kinds", "{")),
        r"x\.h5ad could not be read as \.h5ad",
    ),
    "a book with foreign notes": (
        book(put("uns/motifbook_kinds", "[3]")),
        r"x\.h5ad could not be read as \.h5ad \(its parts do not fit together\)",
    ),
    "an unknown alphabet": (book(put("uns/alphabet", "XNA")), r"x\.h5ad: `alphabet` is 'XNA'; exp"),
    "a forged alphabet": (book(put("uns/alphabet", "{}")), r"x\.h5ad could not be read"),
    "codes that are none": (
        book(put("obsm/letters", np.full((8, 13), 200, np.uint8)), backed=True),
        r"x\.h5ad: `obsm\['letters'\]` has type uint8 and values up to 200",
    ),
    "codes of other sequences": (
        book(put("obsm/letters", np.zeros((5, 13), np.uint8)), backed=True),
        r"x\.h5ad could not be read as \.h5ad",
    ),
    "no rows": (book(lambda file: file.pop("obs")), r"x\.h5ad could not be read as \.h5ad"),
    "words as values": (
        book(put("X", np.array([[b"high"]] * 8))),
        r"x\.h5ad: `adata\.X` has type",
    ),
    "a reserved column": (
        lambda folder: mb.write(
            table("sequence,v,_index\nA,1,x\nC,2,y\n", readouts="v")(folder), folder / "x.h5ad"
        ),
        None,
    ),
    "no name to write": (lambda folder: mb.write(sequences(folder), None), r"`path` is None; expe"),
    "a table to split": (
        lambda _: mb.split(pd.DataFrame(TWO)),
        r"`adata` is a DataFrame; expected",
    ),
    "nothing to check": (lambda _: mb.check(None), r"`adata` is None; expected an AnnData"),
    "split by a number": (
        lambda folder: mb.split(sequences(folder), by=3),
        r"`by` is 3; expected .random., .similarity., or the name of a column of `adata\.obs`",
    ),
    "a family by number": (
        lambda folder: mb.leakage(sequences(folder), family=0),
        r"`adata\.obs` has no column",
    ),
    "nothing enriched": (
        lambda folder: mb.enrichment(None, sequences(folder)),
        r"`motifs` is None; expected motifs",
    ),
    "a number to scan for": (
        lambda folder: mb.scan(3, sequences(folder)),
        r"`motifs` is 3; expected motifs\. Make them",
    ),
    "hits that are none": (lambda _: mb.to_bed([1], "x.bed"), r"`hits` is \[1\]; expected a table"),
    "hits without places": (
        lambda folder: mb.to_bed(hits(folder).assign(genome_start=np.nan), folder / "x.bed"),
        r"`hits\['genome_start'\]` holds nan; expected whole numbers",
    ),
    "p-values in words": (
        lambda folder: mb.to_bed(hits(folder).assign(p_value="low"), folder / "x.gff"),
        r"`hits\['p_value'\]` is \['low', .*; expected numbers",
    ),
    "a track of words": (
        lambda folder: mb.to_track([["a"] * 10] * 2, regions(folder), folder / "x.bg"),
        r"`values` is \[\['a', 'a'.*; expected a number for each position",
    ),
    "a track without bound": (
        lambda folder: mb.to_track(np.full((2, 10), np.inf), regions(folder), folder / "x.bg"),
        r"`values` holds infinite numbers",
    ),
    "examples nowhere": (lambda _: mb.examples.files(None), r"`folder` is None; expected the path"),
}

COMMANDS = {
    "no name": (command("--positives", ""), r"`path` is ''; expected the path of a file"),
    "negatives of regions": (
        command("--positives", "x.fa", "--negatives", "matched"),
        r"`negatives` is 'matched'; expected one of 'shuffle'",
    ),
    "a folder that is a file": (
        command("--positives", "x.fa", "--out", "x.fa"),
        r"The folder x\.fa cannot be made",
    ),
    "a readout twice": (
        command("--table", "x.csv", "--readouts", "a=v,a=w"),
        r"--readouts names 'a' 2 times",
    ),
    "a readout of nothing": (
        command("--table", "x.csv", "--readouts", ","),
        r"No readouts are nam",
    ),
    "a nameless readout": (command("--table", "x.csv", "--readouts", "=v"), r"has no name"),
    "a signal twice": (
        command(*FROM_BED, "--signal", "a=x.bw", "--signal", "a=y.bw"),
        r"--signal names 'a' 2 times",
    ),
    "a name renamed twice": (
        command(*FROM_BED, "--rename", "a=chrI", "--rename", "a=chrX"),
        r"--rename names 'a' 2 times",
    ),
    "files swapped": (
        command("--bed", "g.fa", "--genome", "x.bed", "--length", "10"),
        r"g\.fa, line 2 has 1 column; .*looks like FASTA",
    ),
    "too few sequences": (command("--positives", "x.fa", "--split", "chrom"), r"no column 'chrom'"),
    "another command": (command("--seed", "many"), r"argument --seed: invalid int value: 'many'"),
}

DOORS = {"regions": REGIONS, "motifs": MOTIFS, "book": BOOKS, "command": COMMANDS}
ROWS = {f"{door}: {name}": row for door, rows in DOORS.items() for name, row in rows.items()}


@pytest.mark.parametrize("name", ROWS)
def test_a_broken_input_is_read_as_stated_or_refused_in_one_sentence(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    hand_in(ROWS[name], tmp_path)


def test_nothing_is_warned_of_in_the_language_of_libraries(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # between libraries; users see none
        for read in (track(1.0), track(np.nan)):
            bed(ONE, signal=read)(tmp_path)
