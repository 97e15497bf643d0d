"""Sequences to compare with: shuffles of the positives, windows of the genome with the same GC."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check, onehot
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.clean import counted
from motifbook.data.collect import Collected, with_negatives
from motifbook.data.genome import Genome

IntArray = npt.NDArray[np.int64]

_BINS = 50  # of GC content: matched within 2 %
_BLOCK = 20_000  # windows at a time


def with_shuffles(positives: Collected, *, seed: int | None = None) -> ad.AnnData:
    """Add one dinucleotide shuffle per positive, named "<name>|shuffled", as negatives.

    A positive and its shuffle share a value in `obs["pair"]`; `mb.split` keeps them together.

    Raises
    ------
    InputError
        If every shuffle equals its positive, as for repeats such as AAAA.
    """
    shuffled = _shuffled(positives, seed)
    n_same = sum(a == b for a, b in zip(positives.sequences, shuffled))
    if n_same == len(shuffled):
        raise _check.InputError(
            "Every shuffle equals its sequence, so negatives would be positives; expected "
            "sequences longer and more varied than these. Give a FASTA file of negatives."
        )
    done = [
        f"Made {counted(len(shuffled), 'negative')}: each sequence with its letters reordered so "
        f"that neighboring pairs stay as frequent (dinucleotide shuffle, {_seeded(seed)})."
    ]
    if n_same:
        done.append(f"{counted(n_same, 'shuffle')} came out equal to the sequence.")
    pair = positives.obs[[]].assign(**{schema.PAIR: positives.names})
    named_after = [f"{name}|shuffled" for name in positives.names]
    return with_negatives(
        replace(positives, obs=positives.obs.join(pair)),
        Collected(named_after, shuffled, positives.alphabet, pair, done),
    )


def _shuffled(positives: Collected, seed: int | None) -> list[str]:
    alphabet = positives.alphabet
    padded = onehot.encode(positives.sequences, alphabet)
    rows = onehot.decode(onehot.shuffle(padded, alphabet.n_letters, seed=seed), alphabet)
    longest = padded.shape[1]
    cut = []
    for row, sequence in zip(rows, positives.sequences):
        start = (longest - len(sequence)) // 2  # where `encode` put it
        cut.append(row[start : start + len(sequence)])
    return cut


def matched_windows(
    positives: Collected,
    genome: Genome,
    regions: pd.DataFrame,
    length: int,
    *,
    seed: int | None = None,
) -> Collected:
    """Draw one window per positive from the same chromosomes, with the same GC content.

    Windows overlap neither each other, nor a positive, nor one of the `regions` (chrom, start,
    end), and hold known letters only.

    Raises
    ------
    InputError
        If the genome has no such window.
    """
    rng = _check.generator(seed, "matched windows")
    taken = pd.concat([regions, positives.obs])[[schema.CHROM, schema.START, schema.END]]
    chroms, starts = _free_windows(genome, taken, length, rng)
    order = rng.permutation(len(starts))
    _, gc = _composition(positives.sequences)
    needed = np.bincount(gc, minlength=_BINS + 1)
    rows: list[IntArray] = []
    sequences: list[str] = []
    for first in range(0, len(order), _BLOCK):
        block = order[first : first + _BLOCK]
        drawn = [text.upper() for text in genome.windows(chroms[block], starts[block], length)]
        is_known, gc = _composition(drawn)
        kept = np.flatnonzero(is_known)
        kept = kept[_first_of_each(gc[kept], needed)]
        needed -= np.bincount(gc[kept], minlength=_BINS + 1)
        rows.append(block[kept])
        sequences += [drawn[row] for row in kept]
        if not needed.any():
            break
    if not sequences:
        raise _check.InputError(
            f"{genome.name} has no window of {length} letters with the GC content of the regions "
            'and outside of them; expected some. Use `negatives="shuffle"`.'
        )
    found = np.concatenate(rows)
    return _as_negatives(chroms[found], starts[found], sequences, int(needed.sum()), seed)


def _as_negatives(
    chroms: npt.NDArray[np.object_],
    starts: IntArray,
    sequences: list[str],
    n_missing: int,
    seed: int | None,
) -> Collected:
    length = len(sequences[0])
    done = [
        f"Made {counted(len(sequences), 'negative')}: windows of the same chromosomes and GC "
        f"content (within 2 %), outside of all regions ({_seeded(seed)})."
    ]
    if n_missing:
        done.append(f"No such window was left for {counted(n_missing, 'sequence')}.")
    obs = {schema.CHROM: chroms, schema.START: starts, schema.END: starts + length}
    names = [f"{chrom}:{start}-{start + length}|matched" for chrom, start in zip(chroms, starts)]
    return Collected(names, sequences, DNA, pd.DataFrame({**obs, schema.STRAND: "."}), done)


def _free_windows(
    genome: Genome, taken: pd.DataFrame, length: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.object_], IntArray]:
    """Return chromosome and start of windows side by side that overlap no taken region."""
    chroms, starts = [], []
    for chrom, regions in taken.groupby(schema.CHROM, sort=True):
        if chrom not in genome.index:
            continue
        size = int(genome.lengths([str(chrom)])[0])
        grid = np.arange(rng.integers(length), size - length + 1, length)
        ordered = regions.sort_values(schema.START)
        furthest = np.concatenate([[-1], np.maximum.accumulate(ordered[schema.END].to_numpy())])
        n_before = np.searchsorted(ordered[schema.START].to_numpy(), grid + length, side="left")
        free = grid[furthest[n_before] <= grid]
        starts.append(free)
        chroms.append(np.full(len(free), chrom, dtype=object))
    return np.concatenate(chroms), np.concatenate(starts).astype(np.int64)


def _composition(sequences: list[str]) -> tuple[npt.NDArray[np.bool_], IntArray]:
    """Whether all letters are known, and the GC content in bins of 2 %, (n,)."""
    letters = onehot.encode(sequences)
    n_known = (letters < DNA.n_letters).sum(axis=1)
    n_gc = ((letters == DNA.letters.index("C")) | (letters == DNA.letters.index("G"))).sum(axis=1)
    bins = np.rint(_BINS * n_gc / np.maximum(n_known, 1)).astype(np.int64)
    return n_known == letters.shape[1], bins


def _first_of_each(kinds: IntArray, wanted: IntArray) -> IntArray:
    """Return the rows of the first `wanted[kind]` of each kind, in order."""
    order = np.argsort(kinds, kind="stable")
    ordered = kinds[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return np.sort(order[rank < wanted[ordered]])


def _seeded(seed: int | None) -> str:
    return "no seed given" if seed is None else f"seed {seed}"
