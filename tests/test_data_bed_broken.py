"""Broken regions, genomes, blacklists and tracks: each is one sentence that says what to do."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, Signal, read_bed
from tests.genomes import CHROMS, LETTERS, write_bed, write_bigwig, write_fasta, write_twobit

GOOD = "chrI\t100\t110\n"

REGIONS = {  # content of the BED file, sentence
    "empty": ("", r"x\.bed is empty"),
    "blank": ("\n \n", r"x\.bed is empty"),
    "comments only": ("# a\ntrack\n", r"x\.bed holds no regions"),
    "header only": ("chrom\tstart\tend\n", r"x\.bed holds no regions"),
    "two columns": (GOOD + "chrI\t1\n", r"x\.bed, line 2 has 2 columns; expected at least 3"),
    "one column": ("chrI\n", r"x\.bed, line 1 has 1 column; expected"),
    "commas": ("chrI,1,2\n", r"line 1 has 1 column.* a table with commas: save it with tabs"),
    "colon and dash": ("chrI:1-2\n", r"line 1 has 1 column.* chromosome:start-end"),
    "words": (GOOD + "chrI\tx\t2\n", r"x\.bed, line 2: 'x' is no place"),
    "fractions": ("chrI\t1.5\t2\n", r"x\.bed, line 1: '1\.5' is no place"),
    "spreadsheet": ("chrI\t1E+05\t2E+05\n", r"line 1: '1E\+05' is no place"),
    "thousands": ("chrI\t1,000\t2,000\n", r"line 1: '1,000' is no place"),
    "negative": ("chrI\t-1\t2\n", r"x\.bed, line 1: '-1' is no place"),
    "an empty cell": ("chrI\t\t2\n", r"x\.bed, line 1: '' is no place"),
    "Arabic digits": ("chrI\t١\t٢\n", r"line 1: '١' is no place"),
    "endless": ("chrI\t1\t" + "9" * 30 + "\n", r"is no place"),
    "backwards": ("#\nchrI\t9\t2\n", r"x\.bed, line 2: start 9 lies behind end 2"),
    "strand": ("chrI\t1\t2\ta\t0\tplus\n", r"line 1: the strand \(column 6\) is 'plus'"),
    "FASTA": (
        ">a\nACGT\n",
        r"line 1 has 1 column.* looks like FASTA: a genome goes into `genome=`",
    ),
    "FASTQ": ("@r1\nACGT\n+\nIIII\n", r"looks like FASTQ or SAM"),
    "GTF": ("chrI\tx\tgene\t10\t20\t.\t+\t.\tid\n", r"looks like GFF or GTF"),
    "VCF": ("##v\nchrI\t10\trs1\tA\tG\t.\t.\t.\n", r"'rs1' is no place.* looks like VCF"),
    "BEDPE": ("chrI\t1\t9\tchrI\t20\t30\tn\t0\t+\t-\n", r"looks like BEDPE"),
    "MACS table": (
        "chr\tstart\tend\tlength\tabs_summit\tpileup\nchrI\t1\t9\t9\t5\t3.0\n",
        r"a table of MACS, which counts places from 1.*\.narrowPeak",
    ),
    "R table": (
        "seqnames\tstart\tend\twidth\tstrand\nchrI\t1\t9\t9\t+\n",
        r"a table of R \(GRanges\), which counts places from 1.*export\.bed",
    ),
    "outside": ("chrI\t900\t910\n", r"No window of 10 letters .* Is it the right genome\?"),
    "at the edge": ("chrI\t0\t2\n", r"No window of 10 letters .* use a smaller `length`"),
    "nowhere": ("scaffold7\t1\t2\n", r"'scaffold7'; it has .* Is it the right genome\?"),
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("case", REGIONS)
def test_broken_regions(tmp_path, case):
    content, sentence = REGIONS[case]
    genome = write_fasta(tmp_path / "g.fa")
    with pytest.raises(InputError, match=sentence):
        read_bed(write_bed(tmp_path, content), genome=genome, length=10)


def binary(folder):
    path = folder / "x.bin"
    path.write_bytes(b"chrI\t1\t2\n\0\1\2")
    return path


def cut_gzip(folder):
    path = folder / "x.gz"
    path.write_bytes(gzip.compress(GOOD.encode() * 1000)[:-12])
    return path


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (binary, "is a binary file"),
        (cut_gzip, "is damaged or cut off"),
        (lambda folder: write_twobit(folder / "x.2bit"), "is a binary file"),
        (lambda folder: folder, "is a folder; expected a file"),
        (lambda folder: folder / "y.bed", "was not found"),
        (lambda folder: 7, "is 7; expected the path of a file"),
    ],
)
def test_what_is_no_file_of_regions(tmp_path, made, sentence):
    genome = write_fasta(tmp_path / "g.fa")
    broken, good = made(tmp_path), write_bed(tmp_path, GOOD)
    with pytest.raises(InputError, match=sentence):
        read_bed(broken, genome=genome, length=10)
    with pytest.raises(InputError, match=sentence):
        read_bed(good, genome=genome, length=10, blacklist=broken)


GENOMES = {  # content of the FASTA file, sentence
    "empty": ("", r"g\.fa is empty"),
    "BED": (
        GOOD,
        r"starts with 'chrI\\t100\\t110'; expected FASTA.* were regions and genome swapped",
    ),
    "letters only": ("ACGTACGT\n", r"starts with 'ACGTACGT'; expected FASTA"),
    "no letters": (">chrI\n>chrX\n", r"g\.fa holds no letters; expected chromosomes"),
    "uneven lines": (">chrI\nACGT\nACGTACGT\nACG\n", r"could not be indexed: Line length"),
    "a chromosome twice": (">chrI\nACGT\n>chrI\nACGT\n", r"could not be indexed: Duplicate key"),
    "old Mac": (">chrI\rACGTACGTACGT\r", r"g\.fa"),
    "binary": (">chrI\n\0\0\0", r"is a binary file"),
    "protein": (">chrI\n" + "MKLEF" * 60 + "\n", r"The window chrI:100-110 of g\.fa has 'L'"),
    "a short line first": (">chrI\nAC\n" + "ACGT" * 99 + "\n", r"the lines of chrI are uneven"),
    "accents": (
        ">chrI\n" + "ACGTé" * 60 + "\n",
        r"the lines of chrI are uneven, or",
    ),
    "an old line end": (
        ">chrI\n" + "ACGT\rACGT\n" * 60,
        r"the lines of chrI are uneven, or",
    ),
    "gaps": (">chrI\n" + "ACGT-" * 60 + "\n", r"The window chrI:100-110 of g\.fa has '-'"),
    "blanks": (">chrI\n" + "ACGT " * 60 + "\n", r"the lines of chrI are uneven, or hold"),
}


@pytest.mark.parametrize("case", GENOMES)
def test_broken_genomes(tmp_path, cache, case):
    content, sentence = GENOMES[case]
    genome = tmp_path / "g.fa"
    genome.write_text(content, newline="")
    with pytest.raises(InputError, match=sentence):
        read_bed(write_bed(tmp_path, GOOD), genome=genome, length=10)
    assert not list(cache.glob("*.part*"))


def broken_twobit(path):
    raw = bytearray(write_twobit(path).read_bytes())
    raw[8] = 200  # as many records as are not there
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (cut_gzip, "is damaged or cut off"),
        (lambda folder: broken_twobit(folder / "x.2bit"), r"is damaged or cut off \(2bit"),
        (lambda folder: write_bigwig(folder / "x.bw", [("chrI", 0, 9, 1.0)]), "is a binary file"),
        (lambda folder: folder, "is a folder; expected a file"),
        (lambda folder: write_fasta(folder / "g.fa") and folder / "h.fa", r"Did you mean 'g\.fa'"),
        (lambda folder: None, "`genome` is None; expected the path of a file"),
    ],
)
def test_what_is_no_genome(tmp_path, made, sentence):
    path = write_bed(tmp_path, GOOD)
    with pytest.raises(InputError, match=sentence):
        read_bed(path, genome=made(tmp_path), length=10)


def cut_track(folder, share):
    values = [("chrIV", at, at + 1, float(at % 7)) for at in range(0, 2000, 2)]
    path = write_bigwig(folder / "x.bw", values)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


def damaged_track(folder):
    values = [("chrI", at, at + 1, float(at % 7)) for at in range(0, 700, 2)]
    path = write_bigwig(folder / "x.bw", values)
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 3
    raw[middle : middle + 200] = b"\xff" * 200
    path.write_bytes(raw)
    return path


def bigbed(folder):
    import pybigtools

    path = folder / "x.bb"
    pybigtools.open(str(path), "w").write(CHROMS, iter([("chrI", 1, 9, "a")]))
    return path


def longer(folder):
    return write_bigwig(folder / "x.bw", [("chrI", 0, 900, 1.0)], {"chrI": 900})


SIGNALS = {  # what is given as signal, sentence
    "BED": (lambda folder: {"a": write_bed(folder, GOOD)}, "could not be read as bigWig"),
    "empty": (lambda folder: {"a": write_bed(folder, "")}, "could not be read as bigWig"),
    "FASTA": (lambda folder: {"a": folder / "g.fa"}, "could not be read as bigWig"),
    "cut in the header": (
        lambda folder: {"a": cut_track(folder, 0.05)},
        "could not be read as big",
    ),
    "cut in the data": (lambda folder: {"a": cut_track(folder, 0.3)}, "could not be read as big"),
    "damaged": (lambda folder: {"a": damaged_track(folder)}, "could not be read as bigWig"),
    "bigBed": (lambda folder: {"a": bigbed(folder)}, "is bigBed; expected bigWig"),
    "absent": (lambda folder: {"a": folder / "no.bw"}, "was not found"),
    "a number": (lambda folder: {"a": 3}, "`signal` is 3; expected the path"),
    "no name": (lambda folder: "x.bw", r"`signal` is 'x\.bw'; expected names and files"),
    "a Signal alone": (lambda folder: Signal("x.bw"), "expected names and files"),
    "another genome": (
        lambda folder: {"a": longer(folder)},
        "chrI has 900 letters; in g.fa it has",
    ),
    "another species": (
        lambda folder: {"a": write_bigwig(folder / "x.bw", [("2L", 0, 9, 1.0)], {"2L": 99})},
        r"x\.bw names chromosomes .* '2L'; it has 'chrI'.* Is it the right genome",
    ),
    "name taken": (
        lambda folder: {"bound": write_bigwig(folder / "x.bw", [("chrI", 0, 9, 1.0)])},
        "`signal` repeats a readout: 'bound', 'bound'",
    ),
}


@pytest.mark.parametrize("case", SIGNALS)
def test_broken_signals(tmp_path, case):
    pytest.importorskip("pybigtools")
    made, sentence = SIGNALS[case]
    genome = write_fasta(tmp_path / "g.fa")
    path = write_bed(tmp_path, GOOD + "chrI\t300\t310\n", "regions.bed")
    with pytest.raises(InputError, match=sentence):
        read_bed(path, genome=genome, length=10, negatives="shuffle", signal=made(tmp_path), seed=0)


ASKED = {
    "no length": ({"length": 0}, r"`length` is 0; expected a whole number, 1 to"),
    "a fraction": ({"length": 10.0}, r"`length` is 10\.0; expected a whole number"),
    "a genome long": (
        {"length": 10**6},
        r"`length` is 1000000; expected a whole number, 1 to 20000",
    ),
    "negatives": ({"negatives": "match"}, r"`negatives` is 'match'; .* Did you mean 'matched'"),
    "rename": ({"rename": {"chr7": "a"}}, r"`rename` names 'chr7', which x\.bed does not have"),
    "no renaming": ({"rename": "chrI"}, r"`rename` is 'chrI'; expected names of your files"),
    "renaming a number": ({"rename": {4: "chrIV"}}, r"`rename` names '4', which x\.bed does not"),
    "blacklist of all": ({"blacklist": "x.bed"}, r"Every window of 10 letters .* overlaps x\.bed"),
}


@pytest.mark.parametrize("case", ASKED)
def test_questionable_requests(tmp_path, monkeypatch, case):
    changed, sentence = ASKED[case]
    monkeypatch.chdir(tmp_path)
    write_fasta(tmp_path / "g.fa", LETTERS)
    write_bed(tmp_path, GOOD)
    with pytest.raises(InputError, match=sentence):
        read_bed("x.bed", **{"genome": "g.fa", "length": 10, **changed})


FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@FUZZ
@given(content=st.binary(max_size=80), head=st.sampled_from([b"", b">chrI\n", GOOD.encode()]))
def test_any_bytes_are_read_or_refused(tmp_path, content, head):
    genome, path = tmp_path / "g.fa", tmp_path / "x.bed"
    write_fasta(genome)
    path.write_bytes(head + content)
    with contextlib.suppress(InputError):
        read_bed(path, genome=genome, length=5)
    good = write_bed(tmp_path, GOOD, "good.bed")
    with contextlib.suppress(InputError):
        read_bed(good, genome=genome, length=5, blacklist=path)
    with contextlib.suppress(InputError):
        read_bed(good, genome=path, length=5)


@FUZZ
@given(changes=st.dictionaries(st.integers(0, 150), st.integers(0, 255), max_size=4))
def test_any_2bit_file_is_read_or_refused(tmp_path, changes):
    path = tmp_path / "g.2bit"
    raw = bytearray(
        write_twobit(path, {"chrI": "ACGTN" * 60, "chrX": "acgtNNNN" * 20}).read_bytes()
    )
    for place, value in changes.items():
        raw[place % len(raw)] = value
    path.write_bytes(raw)
    with contextlib.suppress(InputError):
        read_bed(write_bed(tmp_path, GOOD), genome=path, length=5)
