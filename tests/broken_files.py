"""Ways to hand a broken file to each door, for the tests that look at what is said then."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import zipfile

import h5py
import pandas as pd
import pytest

import motifbook as mb
from motifbook import cli
from motifbook.data import store
from tests.genomes import write_bed, write_bigwig, write_fasta

LETTERS = ["ACGTTTGACATCA", "GGCCATACAGTCC", "TTAACCAGATTCA", "CCATGGTACAACG"]
FASTA = "".join(f">{name}\n{letters}\n" for name, letters in zip("abcd", LETTERS))
WEB = "<!DOCTYPE html>\n<html><body>404: not found</body></html>\n"
TWO = {"sequence": ["ACGT", "GGCC"], "v": [1, 2]}
TABLE = "sequence,v,w\nACGT,1,5\nGGCC,2,6\n"

JARGON = re.compile(
    r"site-packages|Traceback|NoneType|<class|object at 0x|subscriptable|unexpected keyword|"
    r"(Key|Type|Value|Attribute|Index|Overflow|Runtime|Unicode)\w*Error"
)


def hand_in(row, folder):
    """Hand a row (how it is read, what is expected) in: read as stated, or refused as stated.

    What is expected is a pattern of the sentence, or sequences and values, or None: no error.
    """
    read, expected = row
    if isinstance(expected, str):
        with pytest.raises(mb.InputError, match=expected) as caught:
            read(folder)
        refuse_jargon(caught.value)
        return
    got = read(folder)
    if expected is not None:
        letters, values = expected
        assert store.get_sequences(got) == letters
        assert got.to_df().to_dict("list") == values


def refuse_jargon(error):
    """One paragraph of bounded length in plain words, with nothing of our insides behind it."""
    message = str(error)
    assert "\n" not in message
    assert 20 < len(message) < 900
    assert not JARGON.search(message)
    assert message[-1] in ".?)`"
    assert error.__cause__ is None
    assert len(error._render_traceback_()) <= 2


def write(folder, content, name):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def fasta(content, **named):
    """Read a file of sequences; text of several lines as an option is another file."""

    def read(folder):
        files = {
            option: write(folder, value, f"{option}.txt")
            for option, value in named.items()
            if isinstance(value, str) and "\n" in value
        }
        return mb.read_fasta(write(folder, content, "x.fa"), **{**named, **files})

    return read


def table(content, name="x.csv", **named):
    return lambda folder: mb.read_table(write(folder, content, name), **named)


def frame(name, values, spoil=lambda raw: raw, **named):
    """Read Excel or Parquet as pandas wrote it, after its bytes were spoiled."""

    def read(folder):
        if name.endswith("xlsx"):
            pd.DataFrame(values).to_excel(folder / name, index=False)
        else:
            pd.DataFrame(values).to_parquet(folder / name)
        raw = spoil((folder / name).read_bytes())
        return mb.read_table(write(folder, raw, f"spoiled.{name}"), **named)

    return read


def zipped_table(folder):
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("x.csv", TABLE)
    return mb.read_table(folder / "x.zip", readouts="v")


def bed(content, **named):
    """Read regions of a small genome; an option that is a function gets the folder."""

    def read(folder):
        given = {"genome": lambda at: write_fasta(at / "g.fa"), "length": 10, **named}
        made = {name: value(folder) if callable(value) else value for name, value in given.items()}
        return mb.read_bed(write_bed(folder, content), **made)

    return read


def as_genome(content):
    return lambda folder: write(folder, content, "h.fa")


def track(value, **named):
    def signal(folder):
        path = write_bigwig(folder / "x.bw", [("chrI", 0, 700, value)])
        return {"cover": mb.Signal(path, **named)}

    return signal


def packed_track(folder):
    raw = write_bigwig(folder / "x.bw", [("chrI", 0, 700, 1.0)]).read_bytes()
    return {"cover": write(folder, gzip.compress(raw), "y.bw")}


def selex(late):
    """Read two cycles; the second is a file's content, or what a function makes in the folder."""

    def read(folder):
        early = write(folder, "ACGT\nGGCC\n", "c0.txt")
        return mb.read_selex({0: early, 1: late(folder)})

    return read


def motifs(content):
    return lambda folder: mb.read_motif_file(write(folder, content, "x.txt"))


def sequences(folder):
    return mb.read_fasta(write(folder, FASTA, "x.fa"), negatives="shuffle", seed=0)


def regions(folder):
    return bed("chrI\t100\t110\nchrIV\t300\t310\n")(folder)


def hits(folder):
    return mb.scan(mb.Motif.from_sites("CAT", ["CAT"]), regions(folder), p_value=0.5)


def book(spoil, **named):
    """Read a book after its file was spoiled."""

    def read(folder):
        mb.write(sequences(folder), folder / "x.h5ad")
        with h5py.File(folder / "x.h5ad", "r+") as file:
            spoil(file)
        return mb.read(folder / "x.h5ad", **named)

    return read


def put(place, value):
    """Replace what an .h5ad file holds at a place, whatever it then means."""

    def spoil(file):
        if place in file:
            del file[place]
        file.create_dataset(place, data=value)
        file[place].attrs["encoding-type"] = "string" if isinstance(value, str) else "array"
        file[place].attrs["encoding-version"] = "0.2.0"

    return spoil


def cut_book(folder):
    mb.write(sequences(folder), folder / "x.h5ad")
    return mb.read(write(folder, (folder / "x.h5ad").read_bytes()[:9000], "cut.h5ad"))


def command(*arguments):
    """Run `motifbook report` on small files; raise what it says on stderr, which is one line."""

    def run(folder):
        write(folder, FASTA, "x.fa")
        write(folder, TABLE, "x.csv")
        write_bed(folder, "chrI\t100\t110\n")
        write_fasta(folder / "g.fa")
        with contextlib.redirect_stderr(io.StringIO()) as stream:
            try:
                status = cli.main(["report", "--out", "out", *arguments])
            except SystemExit as ended:
                status = ended.code
        said = stream.getvalue()
        assert (status, said.count("\n")) == (2, 1)
        raise mb.InputError(said.strip())

    return run
