"""Sequences of regions: a BED file and its genome."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.genomes import chromosomes
from motifbook.data.genomes.genome import Genome, open_genome
from motifbook.data.genomes.matched import matched_windows
from motifbook.data.genomes.regions import overlapping, read_regions
from motifbook.data.genomes.signals import Signal, add_signals, open_tracks
from motifbook.data.text.collect import Collected, collect, to_anndata, unique_names, with_negatives
from motifbook.data.text.negatives import with_shuffles
from motifbook.data.words import counted, listed

PathLike = str | os.PathLike[str]


def read_bed(
    path: PathLike,
    *,
    genome: PathLike,
    length: int,
    negatives: str | None = None,
    signal: Mapping[str, PathLike | Signal] | None = None,
    blacklist: PathLike | None = None,
    rename: Mapping[str, str] | None = None,
    seed: int | None = None,
) -> ad.AnnData:
    """Read windows of one length around the regions of a BED file.

    Parameters
    ----------
    path
        BED with 3 columns or more, narrowPeak, broadPeak or gappedPeak; plain or packed with gzip.
        Windows are centered on the summit of narrowPeak, else on the middle of the region. Regions
        on the minus strand are read from that strand. Windows that reach over the end of a
        chromosome are left out and counted.
    genome
        FASTA (plain, gzip or bgzip) or 2bit; its index is kept in the cache folder, not beside it.
    length
        Letters per window.
    negatives
        "matched": windows of the same genome and GC content that overlap no region; "shuffle":
        the same sequences with their letters reordered, neighboring pairs kept; None: none.
    signal
        Name -> bigWig file: one readout each, the mean signal in the window. `mb.Signal` asks for
        the sum or the maximum, or for a number where the file has no value.
    blacklist
        BED file of places to avoid: windows that overlap them are left out, and no negative is
        drawn from them.
    rename
        Chromosome names of your files (regions, blacklist, signals) -> names of the genome, such
        as {"chr4": "chrIV"}.
    seed
        Of the negatives.

    Returns
    -------
    AnnData
        Sequences with `obs` chrom, start, end (0-based, half-open) and strand; with negatives the
        readout "bound", 1 for regions. `uns["genome"]` keeps the lengths of the chromosomes,
        `uns["done"]` says in plain sentences what was done.

    Raises
    ------
    InputError
        If a line is malformed (file and line are named), or chromosome names differ.
    """
    width = _check.whole_number(length, "length", high=20_000)
    _check.one_of(negatives, "negatives", ["matched", "shuffle", None])
    given = chromosomes.as_renaming(rename)
    if blacklist is not None:
        _check.existing_file(blacklist, "blacklist")
    peaks = _Places.read(path)
    banned = [] if blacklist is None else [_Places.read(blacklist)]
    tracks = open_tracks(signal)
    opened = open_genome(genome)
    names = {places.file: places.chroms for places in [peaks, *banned]}
    names.update({track.file: set(track.lengths) for track in tracks})
    done = chromosomes.check_rename(given, names, opened.index)
    peaks, *banned = (places.in_genome(opened, given) for places in [peaks, *banned])
    positives = _windows(peaks, banned, opened, width, done)
    if negatives == "matched":
        taken = pd.concat([places.table for places in [peaks, *banned]])
        others = matched_windows(positives, opened, taken, width, seed=seed)
        adata = with_negatives(positives, others)
    elif negatives == "shuffle":
        adata = with_shuffles(positives, seed=seed)
    else:
        adata = to_anndata(positives)
    adata = add_signals(adata, tracks, opened, given)
    used = sorted(positives.obs[schema.CHROM].unique())
    lengths = {chrom: int(size) for chrom, size in zip(used, opened.lengths(used))}
    adata.uns[schema.GENOME] = {"name": opened.name, "lengths": lengths}
    return adata


@dataclass(frozen=True)
class _Places:
    """Regions of a file: `table` as `read_regions` returns it, and what was done to them."""

    file: str
    table: pd.DataFrame
    done: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: PathLike) -> _Places:
        table = read_regions(path)
        file = Path(path).name
        n_points = int((table[schema.START] == table[schema.END]).sum())
        done = [f"Read {counted(len(table), 'region')} from {file}."]
        if n_points:
            done.append(f"Regions of {file} without length count as points: {n_points:,}.")
        return cls(file, table, tuple(done))

    @property
    def chroms(self) -> set[str]:
        return set(self.table[schema.CHROM].unique())

    def in_genome(self, genome: Genome, rename: Mapping[str, str]) -> _Places:
        """Rename the chromosomes and leave out those that the genome lacks."""
        table = chromosomes.renamed(self.table, rename)
        missing = chromosomes.check_names(
            table[schema.CHROM].unique(),
            genome.index,
            file=self.file,
            genome=genome.name,
            rename=rename,
        )
        known, done = table, list(self.done)
        if missing:
            known = table[~table[schema.CHROM].isin(missing)]
            done.append(
                f"Left out {counted(len(table) - len(known), 'region')} of {self.file} on "
                f"chromosomes that {genome.name} does not have: {listed(missing)}."
            )
        beyond = known["line"][known[schema.END].to_numpy() > genome.lengths(known[schema.CHROM])]
        if len(beyond):
            done.append(
                f"Regions of {self.file} that reach beyond the end of their chromosome: "
                f"{len(beyond):,} (line {listed(beyond.tolist())}). Is {genome.name} the right "
                "version of the genome?"
            )
        return _Places(self.file, known, tuple(done))


def _windows(
    peaks: _Places, banned: list[_Places], genome: Genome, length: int, done: list[str]
) -> Collected:
    """Cut the window of each region out of the genome."""
    done = [*peaks.done, *genome.done, *done]
    regions = peaks.table
    starts = regions["center"].to_numpy() - length // 2
    inside = (starts >= 0) & (starts + length <= genome.lengths(regions[schema.CHROM]))
    if not inside.any():
        raise _check.InputError(
            f"No window of {length} letters around the regions of {peaks.file} lies inside its "
            f"chromosome of {genome.name}. Is it the right genome? Else use a smaller `length`."
        )
    if not inside.all():
        lines = regions["line"][~inside].tolist()
        done.append(
            f"Left out {counted(len(lines), 'region')} whose window reaches over the end of its "
            f"chromosome (line {listed(lines)})."
        )
    regions, starts = regions[inside], starts[inside]
    for places in banned:
        keep = ~overlapping(
            regions[schema.CHROM].to_numpy(dtype=object), starts, length, places.table
        )
        if not keep.any():
            raise _check.InputError(
                f"Every window of {length} letters around the regions of {peaks.file} overlaps "
                f"{places.file}; expected some outside. Is it the right blacklist?"
            )
        n_left = int((~keep).sum())
        done += [*places.done, f"Left out {counted(n_left, 'window')} overlapping {places.file}."]
        regions, starts = regions[keep], starts[keep]
    done.append(f"Windows of {length} letters are centered on {peaks.table.attrs['on']}.")
    return _collected(regions, starts, genome, length, done)


def _collected(
    regions: pd.DataFrame,
    starts: npt.NDArray[np.int64],
    genome: Genome,
    length: int,
    done: list[str],
) -> Collected:
    chroms = regions[schema.CHROM].to_numpy(dtype=object)
    is_minus = (regions[schema.STRAND] == "-").to_numpy()
    sequences = genome.windows(chroms, starts, length, is_minus)
    if is_minus.any():
        done.append(f"Read {counted(int(is_minus.sum()), 'window')} from the minus strand.")
    ends = starts + length
    obs = regions.drop(columns=["center", "line"]).assign(
        **{schema.START: starts, schema.END: ends}
    )
    where_each = zip(chroms.tolist(), starts.tolist(), ends.tolist())
    places = [f"{chrom}:{start}-{end}" for chrom, start, end in where_each]
    names, has_copies = unique_names(places)
    n_copies = 0
    if has_copies:  # else no place is there twice, on any strand
        n_copies = int(obs.duplicated([schema.CHROM, schema.START, schema.STRAND]).sum())
    if n_copies:
        done.append(f"Windows that repeat an earlier one, place and strand: {n_copies:,}; kept.")

    def where(row: int) -> str:
        return f"The window {places[row]} of {genome.name}"

    return collect(names, sequences, DNA, where=where, obs=obs, done=done)
