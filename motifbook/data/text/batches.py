"""Many records of a sequence file at once: headers, sequences and line numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from motifbook.data.text.records import WHITE, Records

_RECORDS = 10_000  # at a time, where each is read on its own: bounds memory
_BYTES = 1 << 18  # of FASTA at a time: more does not fit into the processor's cache
_LINE_FEED, _HEADER = b"\n>"


@dataclass(frozen=True)
class Batch:
    """Records in the order of the file, (n,) each.

    Parameters
    ----------
    lines
        Where their headers stand.
    headers
        Without ">" and outer blanks.
    sequences
        As they stand in the file, without blanks and line ends; empty for records without letters.
    """

    lines: list[int]
    headers: list[str]
    sequences: list[str]


def batches(records: Records) -> Iterator[Batch]:
    """Read all records of a file, many at once."""
    if records.kind == "FASTA":
        for line, chunk in records.chunks:
            yield from _pieces(chunk, line)
        return
    while found := list(itertools.islice(records.chunks, _RECORDS)):
        parts = [record.partition(b"\n") for _, record in found]
        yield Batch(
            [line for line, _ in found],
            [_header(head) for head, _, _ in parts],
            [_letters(body) for _, _, body in parts],
        )


def _pieces(chunk: bytes, line: int) -> Iterator[Batch]:
    start = 0
    while (end := chunk.find(b"\n>", start + _BYTES)) >= 0:
        yield split_chunk(chunk[start:end], line)
        line += chunk.count(b"\n", start, end) + 1
        start = end + 2
    yield split_chunk(chunk[start:], line)


def split_chunk(chunk: bytes, line: int = 1) -> Batch:
    r"""Split a stretch of FASTA that starts behind the ">" of its first record.

    `line` is where it starts. Line ends are found all at once; only names and sequences are cut
    out one by one.

    Examples
    --------
    >>> split_chunk(b"a\nAC\nGT\n>b of c\nGG")
    Batch(lines=[1, 4], headers=['a', 'b of c'], sequences=['ACGT', 'GG'])
    """
    letters = np.frombuffer(chunk + b"\n", dtype=np.uint8)
    line_ends = np.flatnonzero(letters == _LINE_FEED)
    is_last = letters.take(line_ends + 1, mode="clip") == _HEADER  # line of its record
    n_before = np.concatenate([[0], np.flatnonzero(is_last) + 1])  # lines before each record
    ends = [*line_ends[is_last].tolist(), len(chunk)]
    starts = [0, *(line_ends[is_last] + 2).tolist()]
    head_ends = line_ends[n_before].tolist()
    text = chunk.decode("latin-1")
    if text.isascii():
        headers = [text[start:end].strip() for start, end in zip(starts, head_ends)]
    else:
        headers = [_header(chunk[start:end]) for start, end in zip(starts, head_ends)]
    sequences = [text[head_end + 1 : end] for head_end, end in zip(head_ends, ends)]
    joined = "".join(sequences)
    if any(white in joined for white in WHITE.decode()):
        bodies = zip(head_ends, ends)
        sequences = [_letters(chunk[head_end + 1 : end]) for head_end, end in bodies]
    return Batch((n_before + line).tolist(), headers, sequences)


def _header(raw: bytes) -> str:
    return str(raw, "utf-8", "replace").strip()


def _letters(raw: bytes) -> str:
    return str(raw.translate(None, WHITE), "latin-1")
