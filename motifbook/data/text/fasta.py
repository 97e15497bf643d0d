"""Sequences from FASTA, FASTQ and one-per-line files, with negatives or labels."""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass, field, replace
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import schema
from motifbook.data.text import negatives as make_negatives
from motifbook.data.text.batches import Batch, batches
from motifbook.data.text.collect import Collected, collect, to_anndata, with_negatives
from motifbook.data.text.labels import read_labels
from motifbook.data.text.records import open_records
from motifbook.data.words import counted, listed

PathLike = str | os.PathLike[str]

_PLACE = "[0-9]{1,12}"
_REGION = rf"^(?P<chrom>[^:\s]+):(?P<start>{_PLACE})-(?P<end>{_PLACE})(?:\((?P<strand>[+-])\))?$"


def read_fasta(
    path: PathLike,
    *,
    negatives: PathLike | None = None,
    labels: PathLike | None = None,
    seed: int | None = None,
    alphabet: str | Alphabet = "DNA",
) -> ad.AnnData:
    """Read sequences, and compare them with negatives if you like.

    Parameters
    ----------
    path
        FASTA, FASTQ (its qualities are not used) or text with one sequence per line, plain or
        packed with gzip. Lower case is read as upper case; U and T are the same letter; ambiguity
        codes count as unknown. Records without letters are left out and counted.
    negatives
        "shuffle" makes one negative per sequence, with the same pairs of neighboring letters in
        another order; the path of a second such file gives your own (those that stand one per line
        are named "line1|negative", ...); None makes none.
    labels
        File of measured values, separated by tabs, commas or blanks, with or without a header:
        one line per sequence in the same order, or names of the sequences in the first column.
        Columns of numbers become readouts, other columns are kept in `obs`. A column that is 1
        exactly where an earlier one is 0 is left out.
    seed
        Of the shuffles.
    alphabet
        "DNA", "RNA" or "protein".

    Returns
    -------
    AnnData
        One row per sequence. With negatives there is one readout, "bound": 1 in the file, 0 in the
        negatives. With labels there is one per column of numbers, called as its header says, else
        "label" or "label1", "label2", ... Names such as "chr1:100-300" fill `obs` with the region.
        `uns["done"]` says in plain sentences what was done with the data.

    Raises
    ------
    InputError
        If a file is absent, damaged, no such file, or has letters outside the alphabet; if labels
        do not fit the sequences, or come together with negatives.
    """
    letters = named(alphabet)
    if labels is not None:
        return _with_labels(path, labels, negatives, letters)
    positives = read_records(path, letters)
    if negatives is None:
        return to_anndata(positives)
    if not isinstance(negatives, (str, os.PathLike)):
        raise _check.InputError(
            f'`negatives` is {_check.shown(negatives)}; expected "shuffle", the path of a file, '
            "or None."
        )
    if negatives == "shuffle":
        return make_negatives.with_shuffles(positives, seed=seed)
    file = _check.a_path(negatives, "negatives")
    if not file.suffix and not os.path.exists(file):
        _check.one_of(negatives, "negatives", ["shuffle", None])
    others = _collect(_named_apart(_find(file, letters)), letters)
    return with_negatives(positives, _apart(positives, others, negatives))


def _named_apart(negatives: _Found) -> _Found:
    """Let names made of line numbers differ from those of the positives."""
    if negatives.kind != "lines":
        return negatives
    return replace(negatives, headers=[f"{header}|negative" for header in negatives.headers])


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


def _with_labels(
    path: PathLike, labels: PathLike, negatives: PathLike | None, alphabet: Alphabet
) -> ad.AnnData:
    if negatives is not None:
        raise _check.InputError(
            f"`labels` is {str(labels)!r} and `negatives` is {str(negatives)!r}; expected one of "
            "them: negatives give every sequence a label, 1 or 0."
        )
    _check.existing_file(labels, "labels")
    found = _find(path, alphabet)
    collected = _collect(found, alphabet)
    has_letters = np.ones(len(found.headers) + len(found.empty), dtype=bool)
    has_letters[list(found.empty)] = False
    read = read_labels(
        labels,
        found.names()[0],
        has_letters=has_letters,
        file=found.file,
        taken=list(map(str, collected.obs)),
    )
    obs, done = collected.obs.join(read.obs), [*collected.done, *read.done]
    return to_anndata(replace(collected, obs=obs, done=done), read.readouts)


@dataclass(frozen=True)
class _Found:
    """Sequences of a file, as they stand there: n headers, sequences and line numbers."""

    file: str
    kind: str
    headers: list[str] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("q"))
    empty: dict[int, str] = field(default_factory=dict)  # record number -> record without letters

    def leave_out_empty(self, batch: Batch) -> Batch:
        """Return the records of the next batch that have letters, and note the others."""
        first = len(self.headers) + len(self.empty)
        kept = Batch([], [], [])
        rows = zip(batch.lines, batch.headers, batch.sequences)
        for number, (line, header, sequence) in enumerate(rows, start=first):
            if sequence:
                kept.lines.append(line)
                kept.headers.append(header)
                kept.sequences.append(sequence)
            else:
                self.empty[number] = f"{header or 'no name'} (line {line})"
        return kept

    def names(self) -> tuple[list[str], list[str]]:
        """Return the first word of each header, and a sentence on records without a name."""
        return _names(self.headers)

    def done(self) -> list[str]:
        """Say what was read and what was left out."""
        kind = {
            "FASTA": "",
            "FASTQ": ", which is FASTQ; the qualities are not used",
            "lines": ", one per line; they are named after their line",
        }
        done = [
            f"Read {counted(len(self.sequences), 'sequence')} from {self.file}{kind[self.kind]}."
        ]
        if self.empty:
            n_empty, which = counted(len(self.empty), "record"), listed(list(self.empty.values()))
            done.append(f"Left out {n_empty} without letters: {which}.")
        return done


def read_records(path: PathLike, alphabet: Alphabet) -> Collected:
    """Read the records of a sequence file; those without letters are left out and counted."""
    return _collect(_find(path, alphabet), alphabet)


def _find(path: PathLike, alphabet: Alphabet) -> _Found:
    records = open_records(path, alphabet)
    found = _Found(Path(path).name, records.kind)
    for read in batches(records):
        batch = found.leave_out_empty(read) if "" in read.sequences else read
        found.headers.extend(batch.headers)
        found.sequences.extend(batch.sequences)
        found.lines.extend(batch.lines)
    if not found.sequences:
        raise _check.InputError(
            f"{path} has {counted(len(found.empty), 'record')} and no letters in it; expected "
            "letters below each header."
        )
    return found


def _collect(found: _Found, alphabet: Alphabet) -> Collected:
    names, on_names = found.names()
    obs, on_regions = _obs(found.headers, names, found.sequences)

    def where(row: int) -> str:
        return f"Record {names[row]!r} (line {found.lines[row]} of {found.file})"

    done = [*found.done(), *on_names, *on_regions]
    return collect(names, found.sequences, alphabet, where=where, obs=obs, done=done)


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
    if headers == names:
        rest = []
    else:
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
    counts_from_one = (surplus == -1) & (found[schema.START] > 0)  # as samtools does, end included
    if counts_from_one.all():
        found[schema.START] -= 1
    elif (surplus != 0).any():
        return None
    return found
