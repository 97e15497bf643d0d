"""Signal of bigWig files as readouts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook._region import region_of
from motifbook.data import schema
from motifbook.data.genomes import chromosomes
from motifbook.data.genomes.genome import Genome
from motifbook.data.words import counted, listed

FloatArray = npt.NDArray[np.float64]
PathLike = str | os.PathLike[str]

_SUMMARIES = ("mean", "sum", "max")
_SUFFIXES = (".bw", ".bigWig", ".bigwig")
_BLOCK = 1 << 22  # positions at a time: bounds memory


@dataclass(frozen=True)
class Signal:
    """A bigWig file, and how the values of a window become one readout.

    Parameters
    ----------
    path
        The bigWig file.
    summary
        "mean", "sum" or "max" over the positions of a window.
    missing
        Value of positions of which the file says nothing, such as 0 for coverage that leaves out
        zeros. None leaves them out; windows without any value are not measured (NaN).

    Raises
    ------
    InputError
        If `summary` or `missing` is something else.

    Examples
    --------
    >>> Signal("atac.bw", summary="max").missing is None
    True
    """

    path: PathLike
    summary: str = "mean"
    missing: float | None = None

    def __post_init__(self) -> None:
        _check.one_of(self.summary, "summary", _SUMMARIES)
        if self.missing is not None:
            _check.number(self.missing, "missing", what="None or a number")


@dataclass(frozen=True)
class Track:
    """An open bigWig file that becomes the readout `readout`.

    `lengths` are those of the chromosomes, under the names that the file has.
    """

    readout: str
    signal: Signal
    handle: Any
    lengths: Mapping[str, int]

    @property
    def file(self) -> str:
        """Name of the file."""
        return Path(self.signal.path).name


def read_signal(
    path: PathLike, region: Any, *, rename: Mapping[str, str] | None = None
) -> FloatArray:
    """Read the values of a bigWig file in one region of the genome.

    Parameters
    ----------
    path
        The bigWig file.
    region
        "chr1:1000-2000" (counted from 0, the end excluded, as `mb.read_bed` names its windows),
        ("chr1", 1000, 2000), or a row of `adata.obs`.
    rename
        Chromosome names of the file -> names of the genome, such as {"4": "chrIV"}.

    Returns
    -------
    (length,) array
        One value per place; NaN where the file says nothing.

    Raises
    ------
    InputError
        If the file is no bigWig, or has no such chromosome, or one that ends before the region.
    """
    at = region_of(region)
    track = open_tracks({"signal": path})[0]
    names = chromosomes.as_renaming(rename)
    called = {names.get(name, name): name for name in track.lengths}
    if at.chrom not in called:
        chromosomes.check_names(
            called, [at.chrom], file=track.file, genome=f"the region {at}", rename=names
        )
    length = track.lengths[called[at.chrom]]
    if at.end > length:
        raise _check.InputError(
            f"`region` is {at}, but {called[at.chrom]} of {track.file} has {length:,} letters. Is "
            "it the same version of the genome?"
        )
    with _reading(path):
        found = track.handle.values(called[at.chrom], at.start, at.end, fillna=None)
    values: FloatArray = np.asarray(found, dtype=np.float64)
    return values


def open_tracks(signals: Mapping[str, PathLike | Signal] | None) -> list[Track]:
    """Open the bigWig files of `read_bed(signal=)`.

    Raises
    ------
    InputError
        If pybigtools is not installed, or a file is no bigWig.
    """
    if signals is None:
        return []
    if not isinstance(signals, Mapping):
        raise _check.InputError(
            f'`signal` is {signals!r}; expected names and files: `signal={{"atac": "atac.bw"}}`.'
        )
    return [_open(str(readout), signal) for readout, signal in signals.items()]


def _open(readout: str, given: PathLike | Signal) -> Track:
    try:
        import pybigtools
    except ImportError:
        raise _check.InputError(
            "`signal` needs pybigtools, which is not installed: `pip install pybigtools`."
        ) from None
    signal = given if isinstance(given, Signal) else Signal(given)
    file = _check.existing_file(signal.path, "signal")
    with _reading(file):
        # pybigtools goes by the name of a file, and else reads what it is handed, more slowly
        handle = pybigtools.open(str(file) if file.suffix in _SUFFIXES else file.open("rb"))
        lengths = handle.chroms()
    if not handle.is_bigwig:
        raise _check.InputError(f"{file} is bigBed; expected bigWig, which has a value per place.")
    return Track(readout, signal, handle, lengths)


@contextlib.contextmanager
def _reading(file: PathLike) -> Iterator[None]:
    """Say in one sentence what pybigtools could not read."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of its Rust code is no Exception
        raise _check.InputError(
            f"{file} could not be read as bigWig ({_check.reason(error)}); expected a whole bigWig "
            "file, not packed. Check how it was made, or copy it again."
        ) from None


def add_signals(
    adata: ad.AnnData, tracks: list[Track], genome: Genome, rename: Mapping[str, str]
) -> ad.AnnData:
    """Return `adata` with one more readout per track; shuffles have no place and no value (NaN).

    Raises
    ------
    InputError
        If a track names chromosomes otherwise, is of another genome, or a readout repeats.
    """
    if not tracks:
        return adata
    names = [*adata.var_names, *(track.readout for track in tracks)]
    if len(set(names)) < len(names):
        raise _check.InputError(f"`signal` repeats a readout: {listed(names)}. Use other names.")
    columns, done = [], [*adata.uns[schema.DONE]]
    for track in tracks:
        called = _names_in_track(adata.obs[schema.CHROM].unique(), track, genome, rename)
        values, sentence = _measured(adata.obs, track, called)
        columns.append(values)
        done.append(sentence)
    return ad.AnnData(
        X=np.column_stack([adata.X, *columns]).astype(np.float32),
        obs=adata.obs,
        var=adata.var.reindex(names),
        obsm=dict(adata.obsm),
        uns={**adata.uns, schema.DONE: done},
    )


def _names_in_track(
    chroms: npt.NDArray[np.object_], track: Track, genome: Genome, rename: Mapping[str, str]
) -> dict[str, str]:
    """Return chromosome of the genome -> its name in the track."""
    called = {new: old for old, new in rename.items() if old in track.lengths}
    called.update({name: name for name in track.lengths if name in genome.index})
    absent = [name for name in chroms if name != "." and name not in called]
    others = [name for name in track.lengths if name not in called.values()]
    if absent and (chromosomes.renaming(others, absent) or not called):
        chromosomes.check_names(
            others, genome.index, file=track.file, genome=genome.name, rename=rename
        )
    for name in set(called).intersection(genome.index):
        length, expected = track.lengths[called[name]], int(genome.lengths([name])[0])
        if length > expected:
            raise _check.InputError(
                f"{track.file} says that {called[name]} has {length:,} letters; in {genome.name} "
                f"it has {expected:,}. Use a track of the same version of the genome."
            )
    return called


def _measured(obs: pd.DataFrame, track: Track, called: Mapping[str, str]) -> tuple[FloatArray, str]:
    """Return one value per window, (n,), and a sentence on them."""
    values = np.full(len(obs), np.nan)
    rows = np.flatnonzero(obs[schema.CHROM] != ".")
    chroms = [called.get(name) for name in obs[schema.CHROM].iloc[rows]]
    starts = obs[schema.START].to_numpy()[rows].tolist()
    length = int((obs[schema.END] - obs[schema.START]).iloc[rows[0]])
    n_values = 0
    step = max(_BLOCK // length, 1)
    for first in range(0, len(rows), step):
        block = slice(first, first + step)
        found = np.full((len(rows[block]), length), np.nan)
        with _reading(track.signal.path):
            for row, (chrom, start) in enumerate(zip(chroms[block], starts[block])):
                if chrom is not None:
                    found[row] = track.handle.values(chrom, start, start + length, fillna=None)
        n_values += int(np.isfinite(found).sum())
        values[rows[block]] = _summary(found, track.signal)
    largest = np.abs(values[~np.isnan(values)]).max(initial=0)
    if largest > np.finfo(np.float32).max:
        raise _check.InputError(
            f"{track.file} gives a {track.signal.summary} of {largest:g}; expected numbers that "
            "make sense. Check how the file was made."
        )
    share = 1 - n_values / (len(rows) * length)
    n_empty = int(np.isnan(values[rows]).sum())
    return values, _said(track, share, n_empty)


def _summary(found: FloatArray, signal: Signal) -> FloatArray:
    """Return one value per row, (n,), of the values at each position, (n, length)."""
    has_value = np.isfinite(found)
    if signal.missing is not None:
        found, has_value = np.where(has_value, found, signal.missing), np.ones_like(has_value)
    n_values = has_value.sum(axis=1)
    if signal.summary == "max":
        result = np.where(has_value, found, -np.inf).max(axis=1)
    else:
        result = np.where(has_value, found, 0.0).sum(axis=1)
    if signal.summary == "mean":
        result = result / np.maximum(n_values, 1)
    return np.where(n_values > 0, result, np.nan)


def _said(track: Track, share: float, n_empty: int) -> str:
    sentence = f"Readout {track.readout!r}: {track.signal.summary} of {track.file} in each window"
    if not share:
        return f"{sentence}."
    sentence += f"; {share:.1%} of the positions have no value there"
    if track.signal.missing is not None:
        return f"{sentence} and count as {track.signal.missing:g}."
    return (
        f"{sentence} and are left out ({counted(n_empty, 'window')} without any: NaN). Does the "
        f'file leave out zeros? Then use `mb.Signal("{track.file}", missing=0)`.'
    )
