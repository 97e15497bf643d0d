"""Hits and instances as files that genome browsers and spreadsheets read."""

from __future__ import annotations

import gzip
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.places import NOWHERE, Places, in_genome
from motifbook.data.words import counted

_CHROM, _START, _END, _STRAND = schema.GENOME_COLUMNS
_REGION_NAME = re.compile(r"(?:.*::)?([^\s:]+):(\d+)-(\d+)(?:\(([+-])\))?")  # of bedtools too
_WEIGHT = "weight"  # of instances
_FROM_NAMES = (
    "Genome coordinates come from the names of the sequences (counted from 0, as bedtools does)."
)


def to_bed(hits: pd.DataFrame, path: str | os.PathLike[str]) -> list[str]:
    """Write hits or instances for a genome browser, or as a table.

    Parameters
    ----------
    hits
        From `mb.scan`, or the instances a network calls.
    path
        Its ending says what is written; with .gz behind it, packed:

        - .bed: BED6, sorted by place
        - .gff or .gff3: GFF3, sorted by place, with scores and p-values as attributes
        - .csv or .tsv: the table with all its columns and rows

    Returns
    -------
    list of str
        What was written and what was left out, in sentences.

    Raises
    ------
    InputError
        If a column is missing, the ending is another one, or nothing can be written there.

    Notes
    -----
    BED and GFF3 hold genome coordinates: those in the table (`mb.scan` of sequences with
    regions), else those that sequences are named after, such as "chr1:100-200" (0-based,
    half-open, as bedtools writes them). Rows without a place in the genome, such as hits in
    shuffles, are left out; the first lines of the file say how many. Where no row has one,
    positions count from the first letter of each sequence, and a warning says so.

    The score of BED runs from 0 to 1000. It is 100 times -log10 of the p-value (1e-4 is 400), and
    for instances 1000 times the size of their weight over the largest one in the file. The score
    of GFF3 is the p-value.

    Examples
    --------
    >>> import tempfile
    >>> site = {"sequence": "chr1:100-200", "start": 5, "end": 12, "strand": "-"}
    >>> hits = pd.DataFrame([{**site, "motif": "AP-1", "score": 14.0, "p_value": 6.1e-05}])
    >>> path = Path(tempfile.mkdtemp()) / "hits.bed"
    >>> to_bed(hits, path)[0]
    'Genome coordinates come from the names of the sequences (counted from 0, as bedtools does).'
    >>> path.read_text().splitlines()[-1].split()
    ['chr1', '105', '112', 'AP-1', '421', '-']
    """
    _refuse_no_hits(hits)
    write = _writer(path)
    text, notes = write(hits)
    write_text(path, text)
    return notes


def _refuse_no_hits(hits: pd.DataFrame) -> None:
    if not isinstance(hits, pd.DataFrame):
        raise _check.InputError(
            f"`hits` is {_check.shown(hits)}; expected a table of hits, as `mb.scan` returns it: "
            "`mb.to_bed(hits, path)`."
        )
    _check.columns(hits.columns, schema.HIT_COLUMNS, "The hits table")
    places = [name for name in ("start", "end", _START, _END) if name in hits]
    for name in [*places, "p_value"]:
        is_place = name != "p_value"
        expected = "whole numbers" if is_place else "numbers from 0 to 1"
        values = _check.numbers(hits[name].tolist(), f"hits['{name}']", expected)
        if is_place and not (values % 1 == 0).all():
            raise _check.InputError(
                f"`hits['{name}']` holds {values[~(values % 1 == 0)][0]}; expected {expected}. "
                "Leave out rows without a place."
            )


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file, packed if its name ends in .gz; it appears when it is complete."""
    raw = text.encode()
    if str(path).lower().endswith(".gz"):
        raw = gzip.compress(raw, mtime=0)
    with _check.new_file(path) as part:
        part.write_bytes(raw)


def ending(path: str | os.PathLike[str]) -> str:
    """Return the last suffix of a file name in lower case, not counting .gz."""
    return Path(str(path).lower().removesuffix(".gz")).suffix


def _writer(path: str | os.PathLike[str]) -> Callable[[pd.DataFrame], tuple[str, list[str]]]:
    writers = {
        ".bed": _bed,
        ".gff": _gff,
        ".gff3": _gff,
        ".csv": lambda hits: _table(hits, ","),
        ".tsv": lambda hits: _table(hits, "\t"),
    }
    if ending(path) not in writers:
        raise _check.InputError(
            f"`path` is {str(path)!r}; expected a name that ends in {', '.join(writers)}, or in "
            "one of these and .gz."
        )
    return writers[ending(path)]


def _table(hits: pd.DataFrame, separator: str) -> tuple[str, list[str]]:
    text = str(hits.to_csv(index=False, sep=separator, lineterminator="\n"))
    return text, [f"Wrote all {counted(len(hits), 'row')}."]


def _bed(hits: pd.DataFrame) -> tuple[str, list[str]]:
    placed, notes = _placed(hits)
    scores, meaning = _scores(placed)
    names = placed["motif"].astype(str).str.replace(r"\s+", "_", regex=True)
    table = placed[[_CHROM, _START, _END]].assign(name=names, score=scores, strand=placed[_STRAND])
    table[_CHROM] = table[_CHROM].astype(str).str.replace(r"\s+", "_", regex=True)
    notes.append(meaning)
    rows = str(table.to_csv(sep="\t", header=False, index=False, lineterminator="\n"))
    return "".join(f"# {note}\n" for note in notes) + rows, notes


def _scores(hits: pd.DataFrame) -> tuple[npt.NDArray[np.int64], str]:
    """Return scores from 0 to 1000, and what they mean."""
    if _WEIGHT in hits:
        sizes = hits[_WEIGHT].abs().to_numpy(dtype=np.float64)
        values = 1000 * sizes / max(float(np.nanmax(sizes, initial=0.0)), 1e-300)
        meaning = "Score: 1000 x size of the weight / largest size in this file."
    else:
        p_values = hits["p_value"].to_numpy(dtype=np.float64)
        values = -100 * np.log10(np.clip(p_values, 1e-300, 1))
        meaning = "Score: 100 x -log10 of the p-value, at most 1000."
    return np.rint(np.clip(np.nan_to_num(values), 0, 1000)).astype(np.int64), meaning


def _gff(hits: pd.DataFrame) -> tuple[str, list[str]]:
    placed, notes = _placed(hits)
    lines = ["##gff-version 3", *(f"# {note}" for note in notes)]
    attributes = {"Name": "motif", "sequence": "sequence", "bits": "score"}
    attributes |= {name: name for name in ("p_value", "q_value", _WEIGHT) if name in placed}
    pairs = [
        [f"{key}={_attribute(value)}" for value in placed[column]]
        for key, column in attributes.items()
    ]
    places = placed[[_CHROM, _START, _END, _STRAND, "p_value"]].itertuples(index=False, name=None)
    for (chrom, start, end, strand, p_value), own in zip(places, zip(*pairs)):
        score = "." if np.isnan(p_value) else f"{p_value:.3g}"
        name = quote(str(chrom), safe=".:^*$@!+_?-|")
        fields = [name, "motifbook", "sequence_motif", start + 1, end, score, strand, "."]
        lines.append("\t".join(map(str, [*fields, ";".join(own)])))
    return "\n".join(lines) + "\n", notes


def _attribute(value: object) -> str:
    """Write a value as GFF3 wants it: numbers short, reserved characters escaped."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return quote(str(value), safe=" !\"#$'()*+-./:<>?@[\\]^_`{|}~")


def _placed(hits: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows with a place in the genome, sorted by it, and sentences on them."""
    placed, notes = hits, list[str]()
    if _CHROM not in hits or not (hits[_CHROM] != NOWHERE).any():
        placed, notes = _placed_by_name(hits)
    known = (placed[_CHROM] != NOWHERE).to_numpy()
    notes.append(
        f"{int(known.sum()):,} of {counted(len(known), 'row')}; those without a place in the "
        "genome are left out."
    )
    order = [_CHROM, _START, _END, _STRAND, "motif"]
    return placed[known].sort_values(order, kind="stable", ignore_index=True), notes


def _placed_by_name(hits: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take regions from names such as "chr1:100-200", else count within each sequence."""
    codes, names = pd.factorize(hits["sequence"].astype(str))
    places = _named_places(names)
    starts, ends = (hits[column].to_numpy(dtype=np.int64) for column in ("start", "end"))
    others = hits.drop(columns=list(schema.GENOME_COLUMNS), errors="ignore").reset_index(drop=True)
    fits = (ends <= (places.end - places.start)[codes]) | ~places.known[codes]
    if places.known.any() and fits.all():
        found = in_genome(places, codes, starts, ends, hits["strand"])
        return others.join(found), [_FROM_NAMES]
    if len(hits):
        warnings.warn(
            "No row has a place in the genome: the file counts positions from the first letter of "
            "each sequence. Genome coordinates come with sequences read by `mb.read_bed`.",
            stacklevel=5,
        )
    own = [others[column] for column in ("sequence", "start", "end", "strand")]
    found = pd.DataFrame(dict(zip(schema.GENOME_COLUMNS, own)))
    return others.join(found), ["Positions count from the first letter of each sequence."]


def _named_places(names: pd.Index) -> Places:
    found = [_REGION_NAME.fullmatch(name) for name in names]
    regions = [match.groups() if match else (NOWHERE, -1, -1, None) for match in found]
    chrom, start, end, strand = zip(*regions) if regions else ((),) * 4
    return Places(
        np.array(chrom, dtype=object),
        np.array(start, dtype=np.int64),
        np.array(end, dtype=np.int64),
        np.array([sign == "-" for sign in strand], dtype=np.bool_),
    )
