"""SELEX: how far each sequence came through the cycles of selection."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data.text.clean import upper_table
from motifbook.data.text.collect import collect, to_anndata
from motifbook.data.text.records import WHITE, open_records
from motifbook.data.words import counted

PathLike = str | os.PathLike[str]
FloatArray = npt.NDArray[np.float64]

READOUT = "cycle"


def read_selex(cycles: Mapping[int, PathLike], *, alphabet: str | Alphabet = "DNA") -> ad.AnnData:
    """Read the cycles of a SELEX experiment as one set of distinct sequences.

    Parameters
    ----------
    cycles
        Cycle number -> its file of reads: FASTQ, FASTA or one read per line, plain or packed with
        gzip; two cycles or more, 0 for the library before selection.
    alphabet
        "DNA", "RNA" or "protein".

    Returns
    -------
    AnnData
        One row per distinct sequence, with the readout "cycle" and in `obs` how often it was read:
        "count 0", "count 4", ... `uns["done"]` says depths and shares in plain sentences.

    Raises
    ------
    InputError
        If there are fewer than two cycles, a file is broken, or the same file comes twice.

    Notes
    -----
    The readout is the mean number of the cycles in which a sequence was read, each cycle weighted
    by the sequence's frequency there (its count divided by the cycle's number of reads): low for
    sequences of the start, high for those that selection enriched. It ranks, and it is no binding
    energy. Most sequences are read once or never: a single read tells the cycle it came from and
    nothing else, so expect a network to explain a modest share of the variance even where it finds
    the motif. With two cycles the readout takes little but their two numbers;
    `mb.read_fasta("late.fastq.gz", negatives="early.fastq.gz")` asks the same question with a
    binary readout.
    """
    check_cycles(cycles)
    letters = named(alphabet)
    numbers = sorted(cycles)
    files = [cycles[number] for number in numbers]
    _refuse_same_file(files)
    reads = [_count_reads(file, letters) for file in files]
    distinct = list(dict.fromkeys(itertools.chain(*reads)))
    counts = np.array([[found[read] for read in distinct] for found in reads], dtype=np.float64).T
    sequences = [read.decode("latin-1") for read in distinct]
    done = [_on_depth(*cycle, letters) for cycle in zip(numbers, files, reads)]

    def where(row: int) -> str:
        return _find_read(distinct[row], files, letters)

    collected = collect(
        [f"read{number}" for number in range(1, len(distinct) + 1)],
        sequences,
        letters,
        where=where,
        obs=pd.DataFrame(counts.astype(np.int64), columns=[count_name(n) for n in numbers]),
        done=[*done, *on_cycles(READOUT, counts)],
    )
    return to_anndata(collected, pd.DataFrame({READOUT: mean_cycle(counts, numbers)}))


def check_cycles(cycles: Mapping[int, object]) -> None:
    """Refuse SELEX cycles that are not two or more, called by whole numbers."""
    if not isinstance(cycles, Mapping) or len(cycles) < 2:
        raise _check.InputError(
            f"`cycles` is {_check.shown(cycles)}; expected two cycles or more and where each is, "
            'such as {0: "cycle0.fastq.gz", 4: "cycle4.fastq.gz"}.'
        )
    for cycle in cycles:
        _check.whole_number(cycle, "cycle", low=0)


def _refuse_same_file(files: Sequence[PathLike]) -> None:
    paths = [_check.existing_file(file, "cycles").resolve() for file in files]
    twice = [path for path, n_times in Counter(paths).items() if n_times > 1]
    if twice:
        raise _check.InputError(
            f"{twice[0]} is given for two cycles; expected another file for each. Correct `cycles`."
        )


def _reads(path: PathLike, alphabet: Alphabet) -> Iterator[tuple[int, bytes]]:
    """Yield the line number and the letters of each read, in upper case."""
    upper = upper_table(alphabet)
    for line, record in open_records(path, alphabet).found:
        letters = record.partition(b"\n")[2].translate(upper, WHITE)
        if letters:
            yield line, letters


def _count_reads(path: PathLike, alphabet: Alphabet) -> Counter[bytes]:
    counts = Counter(letters for _, letters in _reads(path, alphabet))
    if not counts:
        raise _check.InputError(f"{path} has records and no letters in them; expected reads.")
    return counts


def _on_depth(cycle: int, path: PathLike, reads: Counter[bytes], alphabet: Alphabet) -> str:
    depth = reads.total()
    unknown = alphabet.unknown.encode()
    n_unknown = sum(count for read, count in reads.items() if unknown in read)
    return (
        f"Cycle {cycle}: {counted(depth, 'read')} from {Path(path).name}, {len(reads):,} of them "
        f"distinct ({len(reads) / depth:.1%}), {n_unknown:,} with {alphabet.unknown}."
    )


def _find_read(wanted: bytes, files: Sequence[PathLike], alphabet: Alphabet) -> str:
    """Say where a read stands first; the files are read once more for that."""
    for file in files:
        for line, letters in _reads(file, alphabet):
            if letters == wanted:
                return f"The read in line {line} of {Path(file).name}"
    return f"The read {wanted.decode('latin-1')!r}"


def count_name(cycle: int) -> str:
    """Return the column of `obs` that holds how often sequences were read in a cycle."""
    return f"count {cycle}"


def mean_cycle(counts: FloatArray, cycles: Sequence[int]) -> FloatArray:
    """Return the mean cycle of each sequence, (n,), weighted by its frequency in each.

    Parameters
    ----------
    counts : (n, n_cycles)
        How often each sequence was read; NaN counts as 0.
    cycles : (n_cycles,)
        Their numbers.

    Returns
    -------
    (n,)
        NaN for sequences that were never read.

    Examples
    --------
    >>> mean_cycle(np.array([[1.0, 3.0], [9.0, 0.0], [0.0, 7.0]]), [0, 4])
    array([3., 0., 4.])
    """
    read = np.nan_to_num(counts)
    frequency = read / read.sum(axis=0)
    total = frequency.sum(axis=1)
    return np.where(
        total > 0, frequency @ np.asarray(cycles, float) / np.maximum(total, 1e-300), np.nan
    )


def on_cycles(name: str, counts: FloatArray) -> list[str]:
    """Return sentences on what the readout means and how often sequences were read more than once.

    `counts` is (n, n_cycles).
    """
    once = float((np.nansum(counts, axis=1) == 1).mean())
    return [
        f"Readout {name!r} is the mean cycle in which a sequence was read, weighted by its "
        f"frequency in each; {once:.1%} of the sequences were read once."
    ]
