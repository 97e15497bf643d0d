"""The places in lines of BED, read many at once where every line is as it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

LONGEST_PLACE = 12  # digits
OTHER_LINES = ("#", "track", "browser")

_TAB, _LINE_FEED, _ZERO = ord("\t"), ord("\n"), ord("0")


@dataclass(frozen=True)
class PlainPlaces:
    """Chromosome, start and end of each line, (n,) each, and how many columns all lines have."""

    chroms: npt.NDArray[np.object_]
    starts: IntArray
    ends: IntArray
    n_columns: int


def plain_places(lines: list[str]) -> PlainPlaces | None:
    r"""Return the places of lines that all have as many cells, with one tab between them.

    None where a line is anything else, such as a comment, a blank or a mistake, or has blanks or
    quotation marks: those are read one by one.

    Examples
    --------
    >>> found = plain_places(["chr1\t10\t20\tpeak", "chrX\t7\t7\t"])
    >>> found.chroms.tolist(), found.starts.tolist(), found.ends.tolist(), found.n_columns
    (['chr1', 'chrX'], [10, 7], [20, 7], 4)
    >>> plain_places(["chr1\t10\t20", "# chr1"]) is None
    True
    """
    text = "\n".join(["", *lines, ""])
    is_odd = " " in text or '"' in text or any(f"\n{word}" in text for word in OTHER_LINES)
    if is_odd or not text.isascii():
        return None
    content = np.frombuffer(text.encode(), dtype=np.uint8)[1:]
    ends = _cell_ends(content, len(lines))
    if ends is None:
        return None
    starts, stops = (_numbers(content, ends[:, n - 1] + 1, ends[:, n]) for n in (1, 2))
    if starts is None or stops is None or (stops < starts).any():
        return None
    begins = np.append(0, ends[:-1, -1] + 1)
    widths = (ends[:, 0] - begins).tolist()
    chroms = (line[:width] for line, width in zip(lines, widths))
    return PlainPlaces(
        np.fromiter(chroms, dtype=object, count=len(lines)), starts, stops, ends.shape[1]
    )


def _cell_ends(content: Bytes, n_lines: int) -> IntArray | None:
    """Return where each cell ends, (n_lines, n_columns), if all lines have 3 columns or as many."""
    at = np.flatnonzero((content == _TAB) | (content == _LINE_FEED))
    n_columns, rest = divmod(len(at), n_lines)
    if rest or n_columns < 3:
        return None
    ends = at.reshape(n_lines, n_columns)
    is_even = (content[ends[:, -1]] == _LINE_FEED).all()  # then the others are tabs
    return ends if is_even else None


def _numbers(content: Bytes, begins: IntArray, ends: IntArray) -> IntArray | None:
    """Return the whole numbers of cells, (n,); None if a cell holds anything but digits."""
    widths = ends - begins
    if widths.min() < 1 or widths.max() > LONGEST_PLACE:
        return None
    numbers = np.zeros(len(ends), dtype=np.int64)
    for place in range(int(widths.max())):
        digits = content.take(ends - 1 - place, mode="clip") - np.uint8(_ZERO)
        digits[place >= widths] = 0
        if digits.max() > 9:
            return None
        numbers += digits * np.int64(10**place)
    return numbers
