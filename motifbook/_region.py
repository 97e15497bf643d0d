"""A stretch of a genome, as users write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from motifbook import _check

_TEXT = re.compile(r"(?:.*::)?([^\s:]+):([\d,]+)-([\d,]+)(?:\(([+-])\))?")  # of bedtools too
_KEYS = ("chrom", "start", "end")
_EXPECTED = (
    '"chr1:1000-2000" (counted from 0, the end excluded), ("chr1", 1000, 2000), or a row of '
    "`adata.obs` with chrom, start and end"
)


@dataclass(frozen=True)
class Region:
    """Places `start` to `end` (0-based, half-open) of a chromosome, read from `strand`."""

    chrom: str
    start: int
    end: int
    strand: str = "+"

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.chrom}:{self.start}-{self.end}"

    def touches(self, start: int, end: int) -> bool:
        """Whether a letter of places `start` to `end` of its chromosome lies in it."""
        return start < self.end and end > self.start


def region_of(value: Any, name: str = "region") -> Region:
    """Return what the user gave as a region.

    Parameters
    ----------
    value
        Text such as "chr1:1000-2000" or "chr1:1,000-2,000(-)", (chrom, start, end), a row of
        `adata.obs`, or a `Region`.

    Raises
    ------
    InputError
        If it is none of them, or its end does not lie behind its start.

    Examples
    --------
    >>> region_of("chrIV:465,000-470,000")
    Region(chrom='chrIV', start=465000, end=470000, strand='+')
    """
    if isinstance(value, Region):
        return value
    chrom, start, end, strand = _parts(value, name)
    start = _check.whole_number(start, f"{name}: start", low=0)
    end = _check.whole_number(end, f"{name}: end", low=start + 1)
    return Region(str(chrom), start, end, "-" if strand == "-" else "+")


def _parts(value: Any, name: str) -> list[Any]:
    """Chromosome, start, end and strand."""
    if isinstance(value, str):
        found = _TEXT.fullmatch(value.strip())
        if found:
            chrom, start, end, strand = found.groups()
            return [chrom, int(start.replace(",", "")), int(end.replace(",", "")), strand]
    elif isinstance(value, (tuple, list)) and len(value) in (3, 4):
        return [*value, "+"][:4]
    elif hasattr(value, "keys") and {*_KEYS} <= {*value.keys()}:
        return [*(value[key] for key in _KEYS), value.get("strand", "+")]
    raise _check.InputError(f"`{name}` is {_check.shown(value)}; expected {_EXPECTED}.")
