"""Negatives from the same genome: windows as long as the positives and as rich in G and C."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from motifbook import _check, onehot
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.genomes.genome import Genome, IntArray, Names
from motifbook.data.genomes.regions import free_stretches
from motifbook.data.text.collect import Collected
from motifbook.data.text.negatives import seeded
from motifbook.data.words import counted

_BINS = 100  # of GC content, 1 % each
_NO_BIN = -1  # of windows with unknown letters: never drawn
_BLOCK = 1 << 24  # letters at a time: bounds memory
_ROUNDS = 6  # how often windows are laid side by side, each time from other starts
_MOST, _MOST_PER_POSITIVE = 2_000_000, 50  # windows looked at, whichever is more
_PLACE = [schema.CHROM, schema.START, schema.END]


@dataclass(frozen=True)
class _Windows:
    """Windows of one length: chromosome, start, and GC content in bins, (n,) each."""

    chroms: Names
    starts: IntArray
    bins: IntArray

    def take(self, rows: IntArray | slice) -> _Windows:
        return _Windows(self.chroms[rows], self.starts[rows], self.bins[rows])

    def places(self, length: int) -> pd.DataFrame:
        columns = (self.chroms, self.starts, self.starts + length)
        return pd.DataFrame(dict(zip(_PLACE, columns)))


def matched_windows(
    positives: Collected,
    genome: Genome,
    taken: pd.DataFrame,
    length: int,
    *,
    seed: int | None = None,
) -> Collected:
    """Draw one window per positive from the same chromosomes, with the same GC content.

    Windows overlap neither each other, nor a positive, nor a place in `taken` (chrom, start, end),
    and hold known letters only. Where none of the same GC content (within 1 %) is left, the
    nearest are drawn.

    Raises
    ------
    InputError
        If the genome has no free window.

    Notes
    -----
    Windows are laid side by side over all free stretches and drawn in random order; for what is
    still wanted they are laid out anew, from other starts.
    """
    rng = _check.generator(seed, "matched windows")
    bins = _gc_bins(onehot.encode(positives.sequences))
    wanted = np.bincount(bins[bins != _NO_BIN], minlength=_BINS + 1)
    taken = pd.concat([taken[_PLACE], positives.obs[_PLACE]])
    taken = taken[taken[schema.CHROM].isin(positives.obs[schema.CHROM])]
    drawn: list[_Windows] = []
    n_left = max(_MOST, _MOST_PER_POSITIVE * len(positives.names))
    for _ in range(_ROUNDS):
        laid_out = _side_by_side(genome, taken, length, n_left, rng)
        found, rest = _same_gc(laid_out, wanted, genome, length)
        drawn.append(found)
        wanted = wanted - np.bincount(found.bins, minlength=_BINS + 1)
        n_left -= len(laid_out.starts)
        if not wanted.any() or n_left <= 0:
            break
        taken = pd.concat([taken, found.places(length)])
    near, distances = _nearest_gc(rest, wanted)
    drawn.append(near)
    everything = _Windows(
        np.concatenate([part.chroms for part in drawn]),
        np.concatenate([part.starts for part in drawn]),
        np.concatenate([part.bins for part in drawn]),
    )
    if not len(everything.starts):
        raise _check.InputError(
            f"{genome.name} has no window of {length} letters that overlaps no region and has no "
            'unknown letters; expected some. Use `negatives="shuffle"`.'
        )
    done = _said(bins, everything.bins, distances, seed)
    return _collected(everything, genome, length, done)


def _side_by_side(
    genome: Genome, taken: pd.DataFrame, length: int, most: int, rng: np.random.Generator
) -> _Windows:
    """Return windows that overlap neither each other nor a taken place, in random order."""
    names, starts = [], []
    for chrom, regions in taken.groupby(schema.CHROM, sort=True):
        size = int(genome.lengths([str(chrom)])[0])
        begins, ends = free_stretches(regions, size)
        n_windows = (ends - begins) // length
        begins = begins + rng.integers(0, ends - begins - n_windows * length, endpoint=True)
        nth = np.arange(n_windows.sum()) - np.repeat(np.cumsum(n_windows) - n_windows, n_windows)
        names.append(chrom)
        starts.append(np.repeat(begins, n_windows) + nth * length)
    last = np.cumsum([len(part) for part in starts])
    order = rng.permutation(last[-1])[:most]
    chroms = np.array(names, dtype=object)[np.searchsorted(last, order, side="right")]
    return _Windows(chroms, np.concatenate(starts)[order], np.full(len(order), _NO_BIN))


def _same_gc(
    windows: _Windows, wanted: IntArray, genome: Genome, length: int
) -> tuple[_Windows, _Windows]:
    """Return the first windows that have the wanted bins, and the other windows looked at."""
    bins = windows.bins.copy()
    missing = wanted.copy()
    chosen = np.zeros(len(bins), dtype=bool)
    step = max(_BLOCK // length, 1)
    end = 0
    for first in range(0, len(bins), step):
        if not missing.any():
            break
        end = first + step
        part = windows.take(slice(first, end))
        letters = DNA.table[genome.letters(part.chroms, part.starts, length)]
        is_known = (letters < DNA.n_letters).all(axis=1)
        bins[first:end] = np.where(is_known, _gc_bins(letters), _NO_BIN)
        rows = _first_of_each(bins[first:end], missing)
        missing -= np.bincount(bins[first:end][rows], minlength=_BINS + 1)
        chosen[first + rows] = True
    windows = _Windows(windows.chroms, windows.starts, bins)
    others = np.flatnonzero(~chosen[:end] & (bins[:end] != _NO_BIN))
    return windows.take(np.flatnonzero(chosen)), windows.take(others)


def _gc_bins(letters: onehot.Letters) -> IntArray:
    """Return the GC content of letter codes, (n, length) to (n,), in bins of 1 %."""
    n_known = (letters < DNA.n_letters).sum(axis=1)
    n_gc = ((letters == DNA.letters.index("C")) | (letters == DNA.letters.index("G"))).sum(axis=1)
    bins = np.rint(_BINS * n_gc / np.maximum(n_known, 1)).astype(np.int64)
    return np.where(n_known > 0, bins, _NO_BIN)


def _first_of_each(bins: IntArray, wanted: IntArray) -> IntArray:
    """Return the rows of the first `wanted[bin]` windows of each bin, in order."""
    order = np.argsort(bins, kind="stable")
    order = order[bins[order] != _NO_BIN]
    ordered = bins[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return np.sort(order[rank < wanted[ordered]])


def _nearest_gc(windows: _Windows, wanted: IntArray) -> tuple[_Windows, IntArray]:
    """Return the windows nearest to the wanted bins, and by how many bins each is off."""
    available = np.bincount(windows.bins, minlength=_BINS + 1)
    missing = wanted.copy()
    taken = np.zeros_like(wanted)
    distances: list[int] = []
    for distance in range(1, _BINS + 1):
        for wish in np.flatnonzero(missing):
            for near in (wish - distance, wish + distance):
                if 0 <= near <= _BINS:
                    n = min(missing[wish], available[near])
                    missing[wish] -= n
                    available[near] -= n
                    taken[near] += n
                    distances += [distance] * n
    return windows.take(_first_of_each(windows.bins, taken)), np.array(distances, dtype=np.int64)


def _collected(windows: _Windows, genome: Genome, length: int, done: list[str]) -> Collected:
    plus = np.zeros(len(windows.starts), dtype=bool)
    texts = genome.windows(windows.chroms, windows.starts, length, plus)
    obs = windows.places(length).assign(**{schema.STRAND: "."})
    names = [
        f"{chrom}:{start}-{start + length}|matched"
        for chrom, start in zip(windows.chroms, windows.starts.tolist())
    ]
    return Collected(names, [text.upper() for text in texts], DNA, obs, done)


def _said(bins: IntArray, drawn: IntArray, distances: IntArray, seed: int | None) -> list[str]:
    gc, wish = (values[values != _NO_BIN].mean() / _BINS for values in (drawn, bins))
    done = [
        f"Made {counted(len(drawn), 'negative')}: windows of the same chromosomes and GC content "
        f"(mean {gc:.1%}, regions {wish:.1%}) that overlap neither regions nor each other "
        f"({seeded(seed)})."
    ]
    if len(distances):
        done.append(
            f"For {counted(len(distances), 'region')} no window of the same GC content was left: "
            f"the nearest are {np.median(distances):.0f} % off in the median, "
            f"{distances.max()} % at most."
        )
    if len(drawn) < len(bins):
        done.append(
            f"No window was left for {counted(len(bins) - len(drawn), 'region')}: there are fewer "
            "negatives than regions."
        )
    return done
