"""Records read many at once: the same as one by one, in files as ugly as they come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, read_fasta
from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.data.text import batches, clean, source
from motifbook.data.text.records import WHITE, open_records

PIECES = st.sampled_from(
    [">", ">", "\n", "\n", "\r\n", "\r", "a", "name of it", "ACGT", "acgu", "RYN", "-", " ", "\t"]
)
ODD = st.sampled_from(["\v", "\f", "\x1c", "\x85", ";x", "#", "è", "\u2028", "\udce8", "*"])
UGLY = st.lists(PIECES | ODD, max_size=40).map(lambda parts: ">" + "".join(parts))


def one_by_one(content):
    """Line, header and sequence of each record, line by line, as the format is defined."""
    found = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.startswith(b">"):
            found.append((number, line[1:].decode("utf-8", "replace").strip(), ""))
        else:
            letters = "".join(chr(byte) for byte in line if byte not in WHITE)
            found[-1] = (*found[-1][:2], found[-1][2] + letters)
    return found


def at_once(path):
    found = []
    for batch in batches.batches(open_records(path, DNA)):
        found += zip(batch.lines, batch.headers, batch.sequences)
    return found


@pytest.mark.parametrize("n_bytes", [1, 5, 1 << 18])
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=UGLY, size=st.integers(3, 50))
def test_records_of_ugly_files(tmp_path, monkeypatch, n_bytes, text, size):
    monkeypatch.setattr(batches, "_BYTES", n_bytes)
    monkeypatch.setattr(source, "_BLOCK", size)  # records and line ends are cut anywhere
    path = tmp_path / "x.fa"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    plain = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert at_once(path) == one_by_one(plain)
    singles = open_records(path, DNA).found
    assert [line for line, _ in singles] == [line for line, _, _ in one_by_one(plain)]


@pytest.mark.parametrize("before", ["", "\n\n", "; made by\n# hand\n"])
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=UGLY)
def test_size_of_the_pieces_changes_nothing(tmp_path, monkeypatch, before, text):
    path = tmp_path / "x.fa"
    path.write_bytes((before + text).encode("utf-8", "surrogateescape"))

    def outcome():
        try:
            adata = read_fasta(path)
        except InputError as error:
            return str(error)
        return adata.obs.to_csv(), adata.uns["done"]

    whole = outcome()
    for size in (1, 7):
        monkeypatch.setattr(batches, "_BYTES", size)
        monkeypatch.setattr(clean, "BLOCK", size)
        assert outcome() == whole
    monkeypatch.undo()


OWN = Alphabet("own", "ACGTM", ambiguous="RY", same_as=("UT", "XA"))
RUNES = "ACGT" * 3 + "acgtuUNnRYkMxXBJ*"


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN, OWN], ids=lambda one: one.name)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.text(RUNES, min_size=1, max_size=6), min_size=1, max_size=8))
def test_letters_are_counted_and_put_in_upper_case(monkeypatch, alphabet, texts):
    monkeypatch.setattr(clean, "BLOCK", 3)
    known = "".join(chr(byte) for byte in np.flatnonzero(alphabet.table != 255))
    sequences = ["".join(letter for letter in text if letter in known) for text in texts]
    pairs = ("".join(letters) for letters in zip(*alphabet.same_as))
    upper = str.maketrans(*(pairs if alphabet.same_as else ("", "")))
    expected = [sequence.upper().translate(upper) for sequence in sequences]
    joined = "".join(sequences)
    done = clean.clean(sequences, alphabet, str)
    assert sequences == expected
    monkeypatch.setattr(clean, "_plain_letters", lambda alphabet: b"")  # count each letter
    assert clean.clean(list(joined), alphabet, str) == done
