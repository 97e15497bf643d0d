"""Sequences of regions: a BED file and its genome."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import negatives as make_negatives
from motifbook.data import schema, source
from motifbook.data.clean import counted, listed
from motifbook.data.collect import Collected, collect, to_anndata, with_negatives
from motifbook.data.genome import Genome, check_names, open_genome
from motifbook.data.signals import mean_signals

PathLike = str | os.PathLike[str]

_COMPLEMENT = str.maketrans(
    "ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx", "TGCAANYRSWMKVHDBXtgcaanyrswmkvhdbx"
)
_HEADERS = ("start", "chromstart", "chrom_start", "begin")
_PEAK_COLUMNS = 10  # narrowPeak; the last one is the summit


def read_bed(
    path: PathLike,
    *,
    genome: PathLike,
    length: int,
    negatives: str | None = None,
    signal: Mapping[str, PathLike] | None = None,
    rename: Mapping[str, str] | None = None,
    seed: int | None = None,
) -> ad.AnnData:
    """Read windows of one length around the regions of a BED file.

    Parameters
    ----------
    path
        BED with 3 columns or more, or narrowPeak; plain or packed with gzip. Windows are centered
        on the summit of narrowPeak, else on the middle of the region. Regions on the minus strand
        are read from that strand. Windows that reach over the end of a chromosome are left out and
        counted.
    genome
        FASTA file; its index is kept in the cache folder, not beside it.
    length
        Letters per window.
    negatives
        "matched": windows of the same genome and GC content that overlap no region; "shuffle":
        the same sequences with their letters reordered, neighboring pairs kept; None: none.
    signal
        Name -> bigWig file: one readout each, the mean signal in the window (0 where the file
        says nothing).
    rename
        Chromosome names of the BED file -> names of the genome, such as {"chr4": "chrIV"}.
    seed
        Of the negatives.

    Returns
    -------
    AnnData
        Sequences with `obs` chrom, start, end (0-based, half-open) and strand; with negatives the
        readout "bound", 1 for regions. `uns["done"]` says in plain sentences what was done.

    Raises
    ------
    InputError
        If a line is malformed (file and line are named), or chromosome names differ.
    """
    width = _check.whole_number(length, "length", high=20_000)
    _check.one_of(negatives, "negatives", ["matched", "shuffle", None])
    regions = read_regions(path)
    opened = open_genome(genome)
    file = Path(path).name
    regions = _renamed(regions, rename or {}, file)
    positives = _windows(regions, opened, width, file)
    if negatives == "matched":
        others = make_negatives.matched_windows(positives, opened, regions, width, seed=seed)
        adata = with_negatives(positives, others)
    elif negatives == "shuffle":
        adata = make_negatives.with_shuffles(positives, seed=seed)
    else:
        adata = to_anndata(positives)
    return mean_signals(adata, signal) if signal else adata


def read_regions(path: PathLike) -> pd.DataFrame:
    """Read a BED or narrowPeak file: chrom, start, end, strand, center, line, and name, score.

    Raises
    ------
    InputError
        If a line has fewer than 3 columns, or places that are no places.
    """
    file = Path(path).name if isinstance(path, (str, os.PathLike)) else str(path)
    rows: list[dict[str, Any]] = []
    widths = set()
    for line, text in enumerate(source.text(path).split("\n"), start=1):
        cells = text.split("\t") if "\t" in text else text.split()
        if _is_no_region(text, cells) or (not rows and _is_header(cells)):
            continue
        rows.append(_region([cell.strip() for cell in cells], f"{file}, line {line}"))
        rows[-1]["line"] = line
        widths.add(len(cells))
    if not rows:
        raise _check.InputError(f"{file} holds no regions; expected lines: chromosome, start, end.")
    regions = pd.DataFrame(rows)
    regions["center"] = (regions[schema.START] + regions[schema.END]) // 2
    regions.attrs["on"] = "the middle of each region"
    summits = regions.pop("summit")
    if widths == {_PEAK_COLUMNS} and summits.notna().all() and (summits >= 0).any():
        at = (regions[schema.START] + summits).where(summits >= 0, regions["center"])
        regions["center"] = at.astype(np.int64)
        regions.attrs["on"] = "the summit of each peak (column 10)"
    return regions.dropna(axis="columns", how="all")


def _is_no_region(text: str, cells: list[str]) -> bool:
    return not text.strip() or text.startswith("#") or cells[0] in ("track", "browser")


def _is_header(cells: list[str]) -> bool:
    return len(cells) > 2 and cells[1].strip().lower() in _HEADERS


def _region(cells: list[str], where: str) -> dict[str, Any]:
    if len(cells) < 3:
        raise _check.InputError(
            f"{where} has {counted(len(cells), 'column')}; expected at least 3, separated by tabs: "
            "chromosome, start, end."
        )
    chrom, start, end = cells[0], _place(cells[1], where), _place(cells[2], where)
    if end < start:
        raise _check.InputError(
            f"{where}: start {start} lies behind end {end}; expected start < end."
        )
    strand = cells[5] if len(cells) > 5 else "."
    if strand not in ("+", "-", "."):
        raise _check.InputError(f"{where}: the strand (column 6) is {strand!r}; expected +, - or .")
    return {
        schema.CHROM: chrom,
        schema.START: start,
        schema.END: end,
        schema.STRAND: strand,
        "name": cells[3] if len(cells) > 3 else None,
        "score": _number(cells[4]) if len(cells) > 4 else None,
        "summit": _summit(cells, end - start),
    }


def _place(cell: str, where: str) -> int:
    if not cell.isascii() or not cell.isdigit() or len(cell) > 12:
        raise _check.InputError(
            f"{where}: {cell!r} is no place; expected a whole number, 0 or more, as BED counts."
        )
    return int(cell)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _summit(cells: list[str], width: int) -> int | None:
    """Return the offset of a narrowPeak summit, -1 where the peak has none; None for other BED."""
    if len(cells) != _PEAK_COLUMNS or None in map(_number, cells[6:9]):
        return None
    offset = int(cells[9]) if cells[9].lstrip("-").isdecimal() else width
    return offset if -1 <= offset < width else None


def _renamed(regions: pd.DataFrame, rename: Mapping[str, str], file: str) -> pd.DataFrame:
    names = regions[schema.CHROM].unique()
    for old in rename:
        if old not in names:
            raise _check.InputError(
                f"`rename` names {old!r}, which {file} does not have; it has {listed(list(names))}."
            )
    return regions.assign(**{schema.CHROM: regions[schema.CHROM].replace(dict(rename))})


def _windows(regions: pd.DataFrame, genome: Genome, length: int, file: str) -> Collected:
    """Cut the window of each region out of the genome."""
    missing = check_names(regions[schema.CHROM].unique(), genome, file)
    done = [f"Read {counted(len(regions), 'region')} from {file}.", *genome.done]
    known = regions[~regions[schema.CHROM].isin(missing)]
    if missing:
        n_left = len(regions) - len(known)
        done.append(
            f"Left out {counted(n_left, 'region')} on chromosomes that {genome.name} does not "
            f"have: {listed(missing)}."
        )
    starts = known["center"].to_numpy() - length // 2
    ends_of_chroms = genome.lengths(known[schema.CHROM])
    inside = (starts >= 0) & (starts + length <= ends_of_chroms)
    if not inside.any():
        raise _check.InputError(
            f"No window of {length} letters around the regions of {file} lies inside its "
            f"chromosome of {genome.name}. Is it the right genome? Else use a smaller `length`."
        )
    if not inside.all():
        lines = known["line"][~inside].tolist()
        done.append(
            f"Left out {counted(len(lines), 'region')} whose window reaches over the end of its "
            f"chromosome (line {listed(lines)})."
        )
    done.append(f"Windows of {length} letters are centered on {regions.attrs['on']}.")
    return _collected(known[inside], starts[inside], genome, length, done)


def _collected(
    regions: pd.DataFrame,
    starts: npt.NDArray[np.int64],
    genome: Genome,
    length: int,
    done: list[str],
) -> Collected:
    chroms = regions[schema.CHROM].to_numpy(dtype=object)
    sequences = genome.windows(chroms, starts, length)
    minus = (regions[schema.STRAND] == "-").tolist()
    if any(minus):
        done.append(f"Read {counted(sum(minus), 'window')} from the minus strand.")
    sequences = [
        sequence.translate(_COMPLEMENT)[::-1] if other else sequence
        for sequence, other in zip(sequences, minus)
    ]
    names = [f"{chrom}:{start}-{start + length}" for chrom, start in zip(chroms, starts)]
    obs = regions.drop(columns=["center", "line"]).assign(
        **{schema.START: starts, schema.END: starts + length}
    )

    def where(row: int) -> str:
        return f"The window {names[row]} of {genome.name}"

    return collect(names, sequences, DNA, where=where, obs=obs, done=done)
