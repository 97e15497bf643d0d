"""Values along sequences as tracks of a genome browser: bedGraph and bigWig."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data import schema
from motifbook.data.export import ending, write_text
from motifbook.data.genomes.genome import open_genome
from motifbook.data.places import Places, find_places, find_spans, has_regions
from motifbook.data.store import get_alphabet, get_letters
from motifbook.data.words import counted, listed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PathLike = str | os.PathLike[str]

_BIGWIG = (".bw", ".bigwig")
_BEDGRAPH = (".bedgraph", ".bg")


@dataclass(frozen=True)
class _Stretch:
    """Runs of equal values on one chromosome, in order: starts, ends and values, (n_runs,) each."""

    chrom: str
    starts: IntArray
    ends: IntArray
    values: FloatArray
    n_positions: int
    n_shared: int  # positions in several windows


def to_track(
    values: npt.ArrayLike, adata: ad.AnnData, path: PathLike, *, genome: PathLike | None = None
) -> list[str]:
    """Write values along sequences as a track in genome coordinates.

    Parameters
    ----------
    values : (n, length) or (n, n_letters, length)
        One value per position, or attributions: then the value of the letter that is there.
        Positions are the columns of the padded letters: shorter sequences are centered. NaN is
        left out.
    adata
        Their sequences, with regions as `mb.read_bed` writes them. Windows of the minus strand
        are turned around; sequences without a region, such as shuffles, are left out.
    path
        Its ending says what is written: .bedgraph or .bg (also .gz), .bw or .bigWig.
    genome
        FASTA file of the genome. Only for bigWig, which holds the lengths of chromosomes, and
        only where `adata.uns["genome"]` does not have them.

    Returns
    -------
    list of str
        What was written and what was left out, in sentences.

    Raises
    ------
    InputError
        If shapes do not fit, no sequence has a region, the ending is another one, or lengths of
        chromosomes are unknown or shorter than a window says.

    Notes
    -----
    A position that lies in several windows gets the mean of their values.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> region = {"sequence": "AC", "chrom": "chr1", "start": 10, "end": 12, "strand": "-"}
    >>> path = os.path.join(tempfile.mkdtemp(), "values.bedgraph")
    >>> adata = ad.AnnData(obs=pd.DataFrame([region], index=["peak"]))
    >>> to_track([[0.5, 2.0]], adata, path)
    ['2 positions of 1 window on 1 chromosome.']
    >>> open(path).read().splitlines()[-1].split()
    ['chr1', '11', '12', '0.5']
    """
    schema.validate(adata)
    if ending(path) not in (*_BEDGRAPH, *_BIGWIG):
        raise _check.InputError(
            f"`path` ends in {ending(path)!r}; expected .bedgraph or .bg (both also with .gz), .bw "
            "or .bigWig."
        )
    track = _per_position(values, adata)
    if np.isinf(track).any():
        raise _check.InputError(
            "`values` holds infinite numbers; expected finite ones, NaN where there is none. "
            "Check how they were made."
        )
    places = _known_places(adata)
    stretches = list(_stretches(track, adata, places))
    if not any(stretch.n_positions for stretch in stretches):
        raise _check.InputError(
            "No value is left to write: those of all sequences with a region are NaN; expected "
            "numbers. Check how `values` were made."
        )
    done = _summary(stretches, places)
    if ending(path) in _BEDGRAPH:
        write_text(path, "".join(f"# {line}\n" for line in done) + _bedgraph(stretches))
    else:
        _write_bigwig(stretches, _chromosome_lengths(adata, places, genome), path)
    return done


def _per_position(values: npt.ArrayLike, adata: ad.AnnData) -> FloatArray:
    """Return one value per column of the letters, (n, length); NaN where there is none."""
    given: Any = values
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        given = _check.numbers(values, "values", "a number for each position")
    letters, n_letters = get_letters(adata), get_alphabet(adata).n_letters
    n, length = letters.shape
    if given.ndim != 3:
        _check.shape(given, "values", f"{(n, length)} or {(n, n_letters, length)}", n, length)
        return np.asarray(given, dtype=np.float64)
    _check.shape(given, "values", str((n, n_letters, length)), n, n_letters, length)
    known = letters < n_letters
    codes = np.where(known, letters, 0)[:, None]
    observed = np.take_along_axis(given, codes.astype(np.intp), axis=1)[:, 0]
    return np.where(known, observed, np.nan)


def _known_places(adata: ad.AnnData) -> Places:
    places = find_places(adata) if has_regions(adata) else None
    if places is None or not places.known.any():
        raise _check.InputError(
            "No sequence has a place in a genome; expected chrom, start and end in `adata.obs`. "
            "`mb.read_bed` reads sequences with their regions."
        )
    return places


def _stretches(track: FloatArray, adata: ad.AnnData, places: Places) -> Iterator[_Stretch]:
    """Yield the track of each chromosome, in the order of their names."""
    first, lengths = find_spans(adata)
    for chrom in sorted(set(places.chrom[places.known].tolist())):
        rows = np.flatnonzero(places.chrom == chrom)
        steps = np.arange(lengths[rows].max(initial=0))
        inside = steps < lengths[rows, None]
        columns = np.minimum(first[rows, None] + steps, track.shape[1] - 1)
        from_end = places.end[rows, None] - 1 - steps
        positions = np.where(
            places.is_minus[rows, None], from_end, places.start[rows, None] + steps
        )
        found = track[rows[:, None], columns]
        kept = inside & ~np.isnan(found)
        yield _averaged(chrom, positions[kept], found[kept])


def _averaged(chrom: str, positions: IntArray, values: FloatArray) -> _Stretch:
    unique, at = np.unique(positions, return_inverse=True)
    n_windows = np.bincount(at, minlength=len(unique))
    means = np.bincount(at, values, minlength=len(unique)) / np.maximum(n_windows, 1)
    is_new = np.ones(len(unique), dtype=bool)
    is_new[1:] = (np.diff(unique) > 1) | (np.diff(means) != 0)
    runs = np.flatnonzero(is_new)
    ends = unique[np.append(runs[1:], len(unique)) - 1] + 1 if len(runs) else unique
    return _Stretch(chrom, unique[runs], ends, means[runs], len(unique), int((n_windows > 1).sum()))


def _summary(stretches: list[_Stretch], places: Places) -> list[str]:
    n_positions = sum(stretch.n_positions for stretch in stretches)
    n_shared = sum(stretch.n_shared for stretch in stretches)
    n_windows, n_left = int(places.known.sum()), int((~places.known).sum())
    done = [
        f"{counted(n_positions, 'position')} of {counted(n_windows, 'window')} on "
        f"{counted(len(stretches), 'chromosome')}."
    ]
    if n_shared:
        done.append(
            f"{counted(n_shared, 'position')} in several windows: the mean of their values."
        )
    if n_left:
        done.append(f"{counted(n_left, 'sequence')} without a place in the genome: left out.")
    return done


def _bedgraph(stretches: list[_Stretch]) -> str:
    return "".join(
        f"{stretch.chrom}\t{start}\t{end}\t{value:.6g}\n"
        for stretch in stretches
        for start, end, value in _runs(stretch)
    )


def _runs(stretch: _Stretch) -> Iterator[tuple[int, int, float]]:
    return zip(stretch.starts.tolist(), stretch.ends.tolist(), stretch.values.tolist())


def _chromosome_lengths(
    adata: ad.AnnData, places: Places, genome: PathLike | None
) -> dict[str, int]:
    known = adata.uns.get(schema.GENOME)
    stored: Mapping[str, Any] = known.get("lengths", {}) if isinstance(known, Mapping) else {}
    if genome is not None:
        stored = {name: record[0] for name, record in open_genome(genome).index.items()}
    if not stored:
        raise _check.InputError(
            "The lengths of chromosomes are unknown, and bigWig holds them. Name the genome: "
            '`genome="genome.fa"`, or write .bedgraph, which does without.'
        )
    missing = sorted(set(places.chrom[places.known].tolist()) - set(stored))
    if missing:
        raise _check.InputError(
            f"The genome has no {listed(missing)}; it has {listed(list(stored))}. Is it the one "
            'that the regions were read from? Name that one: `genome="genome.fa"`.'
        )
    lengths = {str(name): int(length) for name, length in stored.items()}
    for chrom, end in zip(places.chrom[places.known], places.end[places.known].tolist()):
        if end > lengths[chrom]:
            raise _check.InputError(
                f"A window ends at {chrom}:{end:,}, but the genome's {chrom} has "
                f"{lengths[chrom]:,} letters. Is it the genome that the regions were read from?"
            )
    return lengths


def _write_bigwig(stretches: list[_Stretch], lengths: dict[str, int], path: PathLike) -> None:
    bigtools = _pybigtools()
    runs = ((stretch.chrom, *run) for stretch in stretches for run in _runs(stretch))
    with _check.new_file(path) as part:
        try:
            bigtools.open(str(part), "w").write(lengths, runs)
        except (KeyboardInterrupt, _check.InputError):
            raise
        except BaseException as error:  # a panic of its engine is no Exception
            raise OSError(_check.reason(error)) from None
        if not _is_whole(part):
            raise OSError("its end is missing: the disk may be full")


def _is_whole(bigwig: Path) -> bool:
    """Whether its first number is its last; its writer may say nothing of a full disk."""
    with bigwig.open("rb") as stream:
        first = stream.read(4)
        stream.seek(max(0, bigwig.stat().st_size - 4))
        return any(first) and first == stream.read()


def _pybigtools() -> Any:
    try:
        import pybigtools
    except ImportError:
        raise _check.InputError(
            "bigWig needs pybigtools, which is not installed: `pip install pybigtools`. "
            "A .bedgraph file does without."
        ) from None
    return pybigtools
