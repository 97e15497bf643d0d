"""Records of sequence files: FASTA, FASTQ, or one sequence per line."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from motifbook import _check
from motifbook.alphabet import INVALID, PROTEIN, Alphabet
from motifbook.data.text import source
from motifbook.data.text.collect import refuse_genome
from motifbook.data.words import counted

PathLike = str | os.PathLike[str]

WHITE = b" \t\n\v\f"

_NO_RECORD = 1 << 20  # bytes; no record of ours is that long
_WRAPPED = 50  # letters per line, or more, of one sequence that was written over several lines
_SAM = re.compile(rb"@(HD|SQ|RG|PG|CO)\t")
_COMMENT = b";#"
_WORD = 15  # letters; what is longer and has only letters of proteins is no word
_KNOWN = {  # how files start that may be taken for FASTA -> what to do with them
    "MEME version": "These are motifs: use `mb.read_motif_file`.",
    "LOCUS ": "This looks like GenBank: save it as FASTA.",
    "CLUSTAL": "This is an alignment: remove its gaps and save it as FASTA.",
    "{": "This looks like JSON: save it as FASTA or as a table.",
}


@dataclass(frozen=True)
class Records:
    """The records of one file, read while they are asked for.

    Parameters
    ----------
    kind
        "FASTA", "FASTQ" or "lines" (one sequence per line).
    chunks
        Line number of a record, and the record as FASTA without its ">": header, line end,
        letters; of FASTA, more records may follow, each behind its ">". Of FASTQ the qualities
        are left out; sequences that stand one per line are named after their line.
    """

    kind: str
    chunks: Iterator[tuple[int, bytes]]

    @property
    def found(self) -> Iterator[tuple[int, bytes]]:
        """Line number of each record, and the record."""
        for first, chunk in self.chunks:
            line = first
            for record in chunk.split(b"\n>") if self.kind == "FASTA" else [chunk]:
                yield line, record
                line += record.count(b"\n") + 1


def open_records(path: PathLike, alphabet: Alphabet) -> Records:
    """Open a sequence file; its first line tells what kind it is.

    Raises
    ------
    InputError
        If the file is absent, no such file, or damaged: here, or when that record is asked for.
    """
    blocks = source.blocks(path)
    first = next(blocks)
    blocks = itertools.chain([first], blocks)
    lines = (found[0] for found in re.finditer(rb"[^\n]+", first))
    start = next(filter(_content, lines), b"").lstrip()
    if _SAM.match(start):
        raise _check.InputError(
            f"{path} looks like SAM (aligned reads); expected FASTA, FASTQ or one sequence per "
            "line. Turn it into FASTA first: `samtools fasta`."
        )
    if start.startswith(b"@"):
        return Records("FASTQ", _fastq(_lines(blocks, path), path))
    if start and not start.rstrip().translate(None, _characters(alphabet)):
        return Records("lines", _one_per_line(_lines(blocks, path), path, alphabet))
    return Records("FASTA", _fasta(blocks, path))


def _content(line: bytes) -> bytes:
    """Return what stands in a line; nothing for blank lines and comments."""
    content = line.strip()
    return b"" if content[:1] in _COMMENT else content


def _characters(alphabet: Alphabet) -> bytes:
    """Return every character that the alphabet knows, in upper and lower case."""
    return np.flatnonzero(alphabet.table != INVALID).astype(np.uint8).tobytes()


def _fasta(blocks: Iterator[bytes], path: PathLike) -> Iterator[tuple[int, bytes]]:
    """Yield the records that end in each block, all at once, and the last one."""
    tail = b"\n"
    line = 0  # where `tail` starts; 0 is the line before the file
    for block in blocks:
        whole, mark, tail = (tail + block).rpartition(b"\n>")
        if mark and not line:
            preamble, mark, whole = whole.partition(b"\n>")
            _refuse_preamble(preamble, path)
            line = preamble.count(b"\n") + 1
        if mark:
            yield line, whole
            line += whole.count(b"\n") + 1
        if len(tail) > _NO_RECORD:
            _refuse_endless(tail, line, path)
    if not line:
        _refuse_preamble(tail, path)
        raise _check.InputError(f"{path} holds comments only; expected FASTA records.")
    yield line, tail


def _refuse_endless(tail: bytes, line: int, path: PathLike) -> None:
    if not line:
        _refuse_preamble(tail, path)
    name = _shown(tail[:1000].partition(b"\n")[0])
    refuse_genome(f"Record {name!r} (line {line} of {path})", f"more than {_NO_RECORD:,}")


def _refuse_preamble(preamble: bytes, path: PathLike) -> None:
    """Let blank lines and comments pass; say what else stands before the first header."""
    for number, line in enumerate(preamble.split(b"\n")):
        content = _content(line)
        if content:
            _refuse_before_header(content, number, path)


def _refuse_before_header(content: bytes, number: int, path: PathLike) -> None:
    shown = _shown(content[:40])
    raise _check.InputError(
        f"{path}, line {number}: {shown!r} stands before the first header; expected FASTA, where "
        f'each sequence follows a line such as ">name". {_guess(shown)}'
    )


def _guess(line: str) -> str:
    for start, way_out in _KNOWN.items():
        if line.startswith(start):
            return way_out
    fields = line.split("\t")
    if len(fields) > 2 and fields[1].isdigit() and fields[2].isdigit():
        return "This looks like BED: use `mb.read_bed`."
    words = line.lower().split()
    has_numbers = any(re.fullmatch(r"[-+\d.]+", word) for word in words[1:])
    is_title = words[:1] in (["sequence"], ["sequences"], ["seq"])
    if len(fields) > 1 or has_numbers or is_title or "," in line or ";" in line:
        return "This looks like a table: use `mb.read_table`."
    if line.startswith(">"):
        return 'Remove the blanks before ">".'
    if len(line) >= _WORD and not (PROTEIN.codes(line) == INVALID).any():
        return 'Add the header that is missing; a protein needs `alphabet="protein"`.'
    return "Add the header that is missing."


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _lines(blocks: Iterator[bytes], path: PathLike) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each line."""
    number, tail = 0, b""
    for block in blocks:
        *whole, tail = (tail + block).split(b"\n")
        for line in whole:
            number += 1
            yield number, line
        if len(tail) > _NO_RECORD:
            refuse_genome(f"Line {number + 1} of {path}", f"more than {_NO_RECORD:,}")
    if tail:
        yield number + 1, tail


def _fastq(lines: Iterator[tuple[int, bytes]], path: PathLike) -> Iterator[tuple[int, bytes]]:
    for number, header in lines:
        if not header.strip():
            continue
        where = f"{path}, line {number}: {_shown(header[:40])!r}"
        if not header.startswith(b"@"):
            raise _check.InputError(
                f"{where} stands where a record of FASTQ should start; expected a line such as "
                '"@name". The record before it is damaged: copy or download the file again.'
            )
        letters = _until_plus(lines, where)
        quality = [part.strip() for _, part in itertools.islice(lines, len(letters))]
        n_letters, n_quality = len(b"".join(letters)), len(b"".join(quality))
        if n_letters != n_quality:
            is_cut = len(quality) < len(letters) or next(lines, None) is None
            reason = "The file was cut off here" if is_cut else "This record is damaged"
            raise _check.InputError(
                f"{where} has {counted(n_letters, 'letter')} and "
                f"{counted(n_quality, 'character')} of quality; expected one for each letter. "
                f"{reason}: copy or download it again."
            )
        yield number, header[1:] + b"\n" + b"".join(letters)


def _until_plus(lines: Iterator[tuple[int, bytes]], where: str) -> list[bytes]:
    """Return the lines of letters of a FASTQ record, up to the one that starts with "+"."""
    letters: list[bytes] = []
    for _, line in lines:
        if line.startswith(b"+"):
            return letters
        if line.startswith(b"@"):
            break
        letters.append(line.strip())
    raise _check.InputError(
        f'{where} has no line "+" below its letters; expected the four lines of a FASTQ record. '
        "The file is damaged or cut off: copy or download it again."
    )


def _one_per_line(
    lines: Iterator[tuple[int, bytes]], path: PathLike, alphabet: Alphabet
) -> Iterator[tuple[int, bytes]]:
    known = _characters(alphabet)
    first = (0, b"")
    n_lines = n_other = length = 0  # lines, those of another length than the first, the last length
    for number, line in lines:
        content = _content(line)
        if not content:
            continue
        if content.startswith(b">"):
            _refuse_before_header(first[1], first[0], path)
        if content.translate(None, known):
            raise _check.InputError(
                f"{path}, line {number}: {_shown(content[:40])!r} is no sequence; expected "
                f"{alphabet.name} letters in every line, as in line {first[0]}, or FASTA."
            )
        first = first if n_lines else (number, content)
        length = len(content)
        n_lines += 1
        n_other += length != len(first[1])
        yield number, b"line%d\n%s" % (number, content)
    if n_other == 1 and length < len(first[1]) >= _WRAPPED:
        raise _check.InputError(
            f"{path} looks like one sequence written over {n_lines:,} lines ({len(first[1])} "
            f"letters each, {length} in the last); expected FASTA or one sequence per line. Put a "
            'line such as ">name" before it; if every line is a sequence of its own, use '
            "`mb.read_table(path, sequence=0)`."
        )
