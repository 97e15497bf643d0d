"""Files damaged at random, over every door: read, or refused in one sentence; nothing else.

MOTIFBOOK_FUZZ=50 looks at fifty times as many.
"""

from __future__ import annotations

import functools
import gzip
import os
import re
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import motifbook as mb
from motifbook import InputError
from motifbook.data import schema, store
from tests.broken_files import FASTA, JARGON
from tests.genomes import write_bed, write_bigwig, write_fasta, write_twobit
from tests.motif_texts import JASPAR, MEME, TRANSFAC

TIMES = int(os.environ.get("MOTIFBOOK_FUZZ", "1"))
BED = "track name=x\nchrI\t100\t140\tp1\t10\t+\nchrIV\t300\t330\tp2\t9\t-\n# end\nchrX\t50\t60\n"
PEAK = "chrI\t100\t140\tp\t9\t.\t1.5\t2\t3\t20\nchrIV\t300\t330\tq\t9\t+\t1\t.\t-\t-1\n"
GENOME = ">chrI of a test\nACGTacgtNN\nGGCCTTAAGC\nACGTT\n>chrIV\nTTTTCCCCGG\nAA\n"
TABLE = (
    "name,sequence,v,se,r,d,alt,chrom,start,end,split\n"
    "a,ACGT,1.5,0.1,20,30,ACGA,chr1,100,104,train\n"
    'b,GGCC,NA,,40,50,GGCA,chr1,200,204,test\n"c, d",TTAA,-2e3,0.5,0,60,TTAC,chr2,1,5,train\n'
)
READS = "@r1\nACGT\n+\nIIII\n@r2 x\nGGCCN\n+r2\n@>+II\n"
PIECES = [
    b"\0",
    b"\r",
    b"\r\n",
    b"\n",
    b"\t",
    b",",
    b">",
    b"@",
    b'"',
    b"#",
    b"-1",
    b"1e999",
    b"NaN",
]
PIECES += [
    "é".encode(),
    b"\xff",
    b"\xe9",
    "\u2028".encode(),
    "\ufeff".encode(),
    b"\x1f\x8b",
    b"9" * 25,
]


def many(n):
    """How many files to look at."""
    return settings(
        max_examples=n * TIMES,
        derandomize=TIMES == 1,  # longer runs look further
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def flip(draw, raw):
    at = draw(st.integers(0, max(len(raw) - 1, 0)))
    return raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]


def cut(draw, raw):
    return raw[: draw(st.integers(0, len(raw)))]


def swap_lines(draw, raw):
    lines = raw.split(b"\n")
    first, second = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def lose_line(draw, raw):
    lines = raw.split(b"\n")
    del lines[draw(st.integers(0, len(lines) - 1))]
    return b"\n".join(lines)


def insert(draw, raw):
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + draw(st.sampled_from(PIECES)) + raw[at:]


def other_line_ends(draw, raw):
    end, first = draw(st.sampled_from([b"\r\n", b"\r"])), draw(st.integers(0, 4))
    return raw.replace(b"\n", end, first) if first else raw.replace(b"\n", end)


def pack(draw, raw):
    return gzip.compress(raw, mtime=0)


DAMAGES = (flip, cut, swap_lines, lose_line, insert, insert, other_line_ends, pack)


@st.composite
def damaged(draw, *contents, damages=DAMAGES):
    """One of the contents, damaged a few times; now and then anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=80))
    raw = draw(st.sampled_from(contents))
    raw = raw if isinstance(raw, bytes) else raw.encode()
    for _ in range(draw(st.integers(1, 4))):
        raw = draw(st.sampled_from(damages))(draw, raw)
    return raw


def write(folder, raw, name):
    path = folder / name
    path.write_bytes(raw)
    return path


def outcome(read):
    """Read; what comes out is sound, or one sentence in plain words."""
    try:
        got = read()
    except InputError as error:
        message = str(error)
        assert "\n" not in message
        assert len(message) < 1500
        assert not JARGON.search(message)
        return None
    if isinstance(got, list):
        assert got
        assert all(np.allclose(motif.ppm.sum(axis=0), 1) for motif in got)
        return None
    schema.validate(got)
    assert all(store.get_sequences(got))
    assert got.uns["done"]
    return got


def plainly(raw):
    """Names and letters of a FASTA file, read the simple way; None if it is no plain one."""
    if raw.startswith(b"\x1f\x8b"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            return None
    text = raw.removeprefix("\ufeff".encode()).decode(errors="replace")
    records = re.split(r"(?:^|[\r\n])>", re.sub(r"\r\n?", "\n", text))[1:]
    pairs = (record.partition("\n") for record in records)
    return [(name, re.sub(r"[ \t\n\v\f]", "", letters).upper()) for name, _, letters in pairs]


@functools.cache
def whole(name):
    """The bytes of a whole binary file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        if name.endswith("h5ad"):
            mb.write(mb.simulate(n=8, length=70, rule="single", seed=0), path)
        elif name.endswith("2bit"):
            write_twobit(path)
        elif name.endswith("bw"):
            write_bigwig(path, [("chrI", at, at + 1, at / 7) for at in range(600)])
        else:
            frame = pd.DataFrame({"sequence": ["ACGT", "GGCC"], "v": [1.5, None], "n": ["a", None]})
            (frame.to_parquet if name.endswith("parquet") else frame.to_excel)(path)
        return path.read_bytes()


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """Keep indexes out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTIFBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


SEQUENCES = damaged(FASTA, READS, "ACGT\nGGCC\nTTAA\n", ">chr1:5-9\nACGT\n>chr1:7-11(-)\nGGCC\n")


@many(150)
@given(raw=SEQUENCES, alphabet=st.sampled_from(["DNA", "RNA", "protein"]))
def test_sequences(tmp_path_factory, raw, alphabet):
    path = write(tmp_path_factory.getbasetemp(), raw, "x.fa")
    adata = outcome(lambda: mb.read_fasta(path, alphabet=alphabet))
    if adata is not None and adata.uns["done"][0].endswith("from x.fa."):
        expected = [letters for _, letters in plainly(raw) if letters]
        swap = {"DNA": "UT", "RNA": "TU", "protein": "AA"}[alphabet]
        assert store.get_sequences(adata) == [s.replace(*swap) for s in expected]


@many(80)
@given(raw=SEQUENCES, other=SEQUENCES)
def test_sequences_with_negatives_and_cycles(tmp_path_factory, raw, other):
    folder = tmp_path_factory.getbasetemp()
    path, beside = write(folder, raw, "x.fa"), write(folder, other, "y.fa")
    outcome(lambda: mb.read_fasta(path, negatives=beside))
    outcome(lambda: mb.read_fasta(path, negatives="shuffle", seed=0))
    outcome(lambda: mb.read_selex({0: path, 2: beside}))


@many(120)
@given(raw=damaged("a,1\nb,2.5\nc,\nd,x\n", "v w\n1 0\n0 1\n1 0\n0 1\n", "1\n0\nNA\n1\n"))
def test_labels(tmp_path_factory, raw):
    folder = tmp_path_factory.getbasetemp()
    path = write(folder, FASTA.encode(), "x.fa")
    outcome(lambda: mb.read_fasta(path, labels=write(folder, raw, "y.csv")))


REQUESTS = [
    {},
    {"sequence": "sequence", "readouts": "v", "sigma": {"v": "se"}},
    {"sequence": 1, "readouts": [2, 3]},
    {"readouts": {"x": ["v", "se"], "y": mb.Counts("r", "d", min_dna=0)}},
    {"readouts": {"x": mb.Cycles({0: "r", 3: "d"})}},
    {"sequence": ["sequence", "alt"], "readouts": {"x": mb.Alleles("v", "se")}},
    {"sequence": 0, "readouts": [2], "alphabet": "protein"},
]


@many(250)
@given(
    raw=damaged(TABLE, TABLE.replace(",", "\t"), TABLE.replace('"c, d"', "c").replace(",", ";")),
    request=st.sampled_from(REQUESTS),
)
def test_tables(tmp_path_factory, raw, request):
    path = write(tmp_path_factory.getbasetemp(), raw, "x.csv")
    outcome(lambda: mb.read_table(path, **request))


@many(60)
@given(raw=damaged(whole("x.xlsx"), whole("x.parquet"), damages=(flip, cut, insert)))
def test_excel_and_parquet(tmp_path_factory, raw):
    path = write(tmp_path_factory.getbasetemp(), raw, "x.table")
    outcome(lambda: mb.read_table(path, readouts="v"))


@many(120)
@given(regions=damaged(BED, PEAK), genome=damaged(GENOME), banned=damaged(BED))
def test_regions_genomes_and_blacklists(tmp_path_factory, regions, genome, banned):
    folder = tmp_path_factory.getbasetemp()
    path, good = write(folder, regions, "x.bed"), write_fasta(folder / "good.fa")
    outcome(lambda: mb.read_bed(path, genome=good, length=7))
    outcome(lambda: mb.read_bed(path, genome=good, length=7, negatives="matched", seed=0))
    places = write_bed(folder, "chrI\t8\t12\nchrIV\t3\t9\n", "good.bed")
    adata = outcome(lambda: mb.read_bed(places, genome=write(folder, genome, "x.fa"), length=5))
    if adata is not None and not re.search(rb"\r(?!\n)", genome):  # in a header it ends no line
        letters = {name.split()[0]: text for name, text in plainly(genome) if name.split()}
        for row, sequence in zip(adata.obs.itertuples(), store.get_sequences(adata)):
            assert letters[row.chrom][row.start : row.end].replace("U", "T") == sequence
    outcome(
        lambda: mb.read_bed(
            places, genome=good, length=5, blacklist=write(folder, banned, "banned.bed")
        )
    )


@many(60)
@given(
    genome=damaged(whole("x.2bit"), damages=(flip, cut, insert)),
    signal=damaged(whole("x.bw"), damages=(cut,)),
)
def test_packed_genomes_and_tracks(tmp_path_factory, genome, signal):
    folder = tmp_path_factory.getbasetemp()
    places = write_bed(folder, "chrI\t80\t120\nchrIV\t300\t330\n", "good.bed")
    packed, good = write(folder, genome, "x.2bit"), write_fasta(folder / "good.fa")
    outcome(lambda: mb.read_bed(places, genome=packed, length=7))
    tracks = {"cover": write(folder, signal, "x.bw")}
    outcome(lambda: mb.read_bed(places, genome=good, length=7, signal=tracks))


@many(150)
@given(raw=damaged(MEME, JASPAR, TRANSFAC))
def test_motifs(tmp_path_factory, raw):
    path = write(tmp_path_factory.getbasetemp(), raw, "x.txt")
    outcome(lambda: mb.read_motif_file(path))


@many(25)
@given(raw=damaged(whole("x.h5ad"), damages=(cut,)), backed=st.booleans())
def test_books(tmp_path_factory, raw, backed):
    path = write(tmp_path_factory.getbasetemp(), raw, "x.h5ad")
    outcome(lambda: mb.read(path, backed=backed))
