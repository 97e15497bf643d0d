"""Sequences from FASTA files, with or without negatives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import negatives as make_negatives
from motifbook.data import schema, source
from motifbook.data.clean import counted, listed
from motifbook.data.collect import Collected, collect, refuse_genome, to_anndata, with_negatives

PathLike = str | os.PathLike[str]

_WHITE = b" \t\n\v\f"
_NO_RECORD = 1 << 20  # bytes; no record of ours is that long
_REGION = r"^(?P<chrom>[^:\s]+):(?P<start>\d+)-(?P<end>\d+)(?:\((?P<strand>[+-])\))?$"


def read_fasta(
    path: PathLike,
    *,
    negatives: PathLike | None = None,
    seed: int | None = None,
    alphabet: str | Alphabet = "DNA",
) -> ad.AnnData:
    """Read sequences, and compare them with negatives if you like.

    Parameters
    ----------
    path
        FASTA file, plain or packed with gzip. Lower case is read as upper case; U and T are the
        same letter; ambiguity codes count as unknown. Records without letters are left out and
        counted.
    negatives
        "shuffle" makes one negative per sequence, with the same pairs of neighboring letters in
        another order; the path of a second FASTA file gives your own; None makes none.
    seed
        Of the shuffles.
    alphabet
        "DNA", "RNA" or "protein".

    Returns
    -------
    AnnData
        One row per sequence. With negatives there is one readout, "bound": 1 in the file, 0 in the
        negatives. Names such as "chr1:100-300" fill `obs` with the region. `uns["done"]` says in
        plain sentences what was done with the data.

    Raises
    ------
    InputError
        If a file is absent, no FASTA, or has letters outside the alphabet.
    """
    letters = named(alphabet)
    positives = read_records(path, letters)
    if negatives is None:
        return to_anndata(positives)
    if negatives == "shuffle":
        return make_negatives.with_shuffles(positives, seed=seed)
    if not Path(negatives).suffix and not Path(negatives).exists():
        _check.one_of(negatives, "negatives", ["shuffle", None])
    others = read_records(negatives, letters)
    return with_negatives(positives, _apart(positives, others, negatives))


def _apart(positives: Collected, others: Collected, path: PathLike) -> Collected:
    """Refuse negatives that are the positives; say how many are both."""
    shared = len(set(positives.sequences).intersection(others.sequences))
    if not shared:
        return others
    if shared == len(set(others.sequences)):
        raise _check.InputError(
            f"All sequences of the negatives {path} are among the positives too; expected other "
            'sequences. Name another file, or use `negatives="shuffle"`.'
        )
    others.done.append(f"{counted(shared, 'sequence')} stand in both files, as 1 and as 0.")
    return others


def read_records(path: PathLike, alphabet: Alphabet) -> Collected:
    """Read the records of a FASTA file; those without letters are left out and counted."""
    file = Path(path).name if isinstance(path, (str, os.PathLike)) else path
    headers: list[str] = []
    sequences: list[str] = []
    lines: list[int] = []
    empty: list[str] = []
    for line, record in _records(path):
        head, _, body = record.partition(b"\n")
        header = head.decode("utf-8", errors="replace").strip()
        sequence = body.translate(None, _WHITE).decode("latin-1")
        if sequence:
            headers.append(header)
            sequences.append(sequence)
            lines.append(line)
        else:
            empty.append(f"{header or 'no name'} (line {line})")
    if not sequences:
        raise _check.InputError(
            f"{path} has {counted(len(empty), 'record')} and no letters in it; expected letters "
            "below each header."
        )
    done = [f"Read {counted(len(sequences), 'sequence')} from {file}."]
    if empty:
        done.append(f"Left out {counted(len(empty), 'record')} without letters: {listed(empty)}.")
    names, on_names = _names(headers)
    obs, on_regions = _obs(headers, names, sequences)

    def where(row: int) -> str:
        return f"Record {names[row]!r} (line {lines[row]} of {file})"

    return collect(
        names, sequences, alphabet, where=where, obs=obs, done=[*done, *on_names, *on_regions]
    )


def _records(path: PathLike) -> Iterator[tuple[int, bytes]]:
    """Yield the line number of each header, and the record without its ">"."""
    tail = b"\n"
    line = 0  # where `tail` starts; 0 is the line before the file
    for block in source.blocks(path):
        *whole, tail = (tail + block).split(b"\n>")
        for record in whole:
            if line:
                yield line, record
            else:
                _refuse_preamble(record, path)
            line += record.count(b"\n") + 1
        if len(tail) > _NO_RECORD:
            _refuse_endless(tail, line, path)
    if not line:
        _refuse_preamble(tail, path)
        raise _check.InputError(f"{path} holds comments only; expected FASTA records.")
    yield line, tail


def _refuse_endless(tail: bytes, line: int, path: PathLike) -> None:
    if not line:
        _refuse_preamble(tail, path)
    name = tail[:1000].partition(b"\n")[0].decode("utf-8", errors="replace")
    refuse_genome(f"Record {name!r} (line {line} of {path})", f"more than {_NO_RECORD:,}")


def _refuse_preamble(preamble: bytes, path: PathLike) -> None:
    """Let blank lines and comments pass; say what else stands before the first header."""
    for number, raw in enumerate(preamble.split(b"\n")):
        content = raw.strip()
        if not content or content[:1] in b";#":
            continue
        shown = content[:40].decode("utf-8", errors="replace")
        raise _check.InputError(
            f"{path}, line {number}: {shown!r} stands before the first header; expected "
            f'FASTA, where each sequence follows a line such as ">name". {_guess(shown)}'
        )


def _guess(line: str) -> str:
    fields = line.split("\t")
    if line.startswith("@"):
        return "This looks like FASTQ (raw reads): turn it into FASTA first, `seqtk seq -a`."
    if len(fields) > 2 and fields[1].isdigit() and fields[2].isdigit():
        return "This looks like BED: use `mb.read_bed`."
    if len(fields) > 1 or "," in line or ";" in line:
        return "This looks like a table: use `mb.read_table`."
    if line.startswith(">"):
        return 'Remove the blanks before ">".'
    return "Add the header that is missing."


def _names(headers: list[str]) -> tuple[list[str], list[str]]:
    """Return the first word of each header; records without a name get their number."""
    names = [header.split(None, 1)[0] if header else "" for header in headers]
    n_nameless = names.count("")
    if not n_nameless:
        return names, []
    first = f"record{names.index('') + 1}"
    names = [name or f"record{number}" for number, name in enumerate(names, start=1)]
    return names, [f"{counted(n_nameless, 'record')} had no name; named by number ({first})."]


def _obs(
    headers: list[str], names: list[str], sequences: list[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return what the headers tell: description and region."""
    obs = pd.DataFrame(index=range(len(names)))
    rest = [header[len(name) :].strip() for header, name in zip(headers, names)]
    if any(rest):
        obs["description"] = rest
    regions = _regions(names, sequences)
    if regions is None:
        return obs, []
    return obs.join(regions), ["Regions were read from the names (chromosome:start-end)."]


def _regions(names: list[str], sequences: list[str]) -> pd.DataFrame | None:
    """Return chrom, start, end, strand (0-based, half-open) if every name is such a region."""
    if ":" not in names[0]:
        return None
    found = pd.Series(names, dtype=object).str.extract(_REGION)
    if found[schema.CHROM].isna().any():
        return None
    found = found.astype({schema.START: np.int64, schema.END: np.int64})
    found[schema.STRAND] = found[schema.STRAND].fillna(".")
    surplus = found[schema.END] - found[schema.START] - np.fromiter(map(len, sequences), np.int64)
    if (surplus == -1).all():  # samtools counts from 1 and includes the end
        found[schema.START] -= 1
    elif (surplus != 0).any():
        return None
    return found
