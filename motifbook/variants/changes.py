"""Differences between two sequences: found by alignment, written into letters, carried over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

MATCH, MISMATCH, OPEN, EXTEND = 5, -5, -25, -1  # of an alignment, per letter, in fifths
NEVER = -(10**9)
SURELY_EVEN = 5  # differing letters up to which no alignment with two gaps scores better
NEAR = 5  # equal letters between two differences from which they are two changes


@dataclass(frozen=True)
class Change:
    """One difference: `ref` at `start` of the reference becomes `alt`.

    Parameters
    ----------
    start
        0-based, on the reference.
    ref, alt
        Letters; one of them may be empty.
    """

    start: int
    ref: str
    alt: str

    @property
    def end(self) -> int:
        """Where the changed letters of the reference end."""
        return self.start + len(self.ref)

    @property
    def surplus(self) -> int:
        """Letters that the alternative has more; negative for fewer."""
        return len(self.alt) - len(self.ref)


def apply_changes(reference: str, changes: Sequence[Change]) -> str:
    """Return the reference with all changes, which are in order and do not overlap.

    Examples
    --------
    >>> apply_changes("ACGTACGT", [Change(1, "C", "G"), Change(4, "AC", "")])
    'AGGTGT'
    """
    parts, at = [], 0
    for change in changes:
        parts += [reference[at : change.start], change.alt]
        at = change.end
    return "".join([*parts, reference[at:]])


def lift(positions: IntArray, changes: Sequence[Change], *, to_reference: bool = False) -> IntArray:
    """Carry positions over from the reference to the alternative, or back, (n,).

    Inside a change, the letter at the same distance from its start, at most its end.

    Examples
    --------
    >>> lift(np.array([0, 5, 9]), [Change(4, "ACGT", "")]).tolist()
    [0, 4, 5]
    >>> lift(np.array([0, 4, 5]), [Change(4, "ACGT", "")], to_reference=True).tolist()
    [0, 8, 9]
    """
    lifted = positions.astype(np.int64)  # a copy
    gained = 0
    for change in changes:
        start, old, new, shift = change.start, len(change.ref), len(change.alt), gained
        if to_reference:
            start, old, new, shift = start + gained, new, old, -gained
        within = np.minimum(positions - start, new) + start + shift
        lifted = np.where(positions >= start, within, lifted)
        gained += change.surplus
        shift = -gained if to_reference else gained
        lifted = np.where(positions >= start + old, positions + shift, lifted)
    return lifted


def find_changes(reference: str, alternative: str) -> tuple[Change, ...]:
    """Return the differences between two sequences of one origin, in order.

    Parameters
    ----------
    reference, alternative
        Letters in one case.

    Notes
    -----
    Global alignment (Gotoh 1982, J Mol Biol 162:705) of what lies between the first and the last
    difference: 1 for equal letters, -1 for others, -5 to open a gap and -0.2 per letter in it.
    Differences with fewer than five equal letters between them are one change, so that a site
    that was replaced is one and not one per letter.

    Examples
    --------
    >>> find_changes("ACGTACGTACGT", "ACCTACGTAGT")
    (Change(start=2, ref='G', alt='C'), Change(start=9, ref='C', alt=''))
    """
    if reference == alternative:
        return ()
    first, n_after = _shared_ends(reference, alternative)
    ref = reference[first : len(reference) - n_after]
    alt = alternative[first : len(alternative) - n_after]
    if not ref or not alt or len(ref) == len(alt) == 1:
        return (Change(first, ref, alt),)
    spans: list[list[int]] = []
    for i, j, n_ref, n_alt in _differences(ref, alt):
        if spans and i - spans[-1][1] < NEAR:
            spans[-1][1], spans[-1][3] = i + n_ref, j + n_alt
        else:
            spans.append([i, i + n_ref, j, j + n_alt])
    return tuple(Change(first + i, ref[i:i_end], alt[j:j_end]) for i, i_end, j, j_end in spans)


def _shared_ends(a: str, b: str) -> tuple[int, int]:
    """How many letters both share at their start, and at their end beyond that."""
    most = min(len(a), len(b))
    left = next((i for i in range(most) if a[i] != b[i]), most)
    most -= left
    return left, next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)


def _differences(a: str, b: str) -> list[tuple[int, int, int, int]]:
    """Stretches that differ: start in `a`, start in `b`, letters of `a`, letters of `b`."""
    x, y = (np.frombuffer(text.encode("latin-1"), dtype=np.uint8) for text in (a, b))
    if len(x) == len(y) and (x != y).sum() <= SURELY_EVEN:
        return [(int(i), int(i), 1, 1) for i in np.flatnonzero(x != y)]
    found = []
    for i, j, step in _align(x, y):
        if step == _DOWN:
            found.append((i, j, 1, 0))
        elif step == _RIGHT:
            found.append((i, j, 0, 1))
        elif x[i] != y[j]:
            found.append((i, j, 1, 1))
    return found


_DIAGONAL, _DOWN, _RIGHT = 0, 1, 2


def _align(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Best global alignment: place in `x`, place in `y`, and whether both or one moves on.

    Row by row: gaps in `x` (moves to the right) depend on their own row, and are the running
    maximum of what stands left, less what extending costs.
    """
    n, m = len(x), len(y)
    columns = np.arange(m + 1)
    best = np.full((n + 1, m + 1), NEVER)  # any last step
    down = np.full((n + 1, m + 1), NEVER)  # last step moved in x alone
    right = np.full((n + 1, m + 1), NEVER)  # last step moved in y alone
    right[0, 1:] = OPEN + EXTEND * columns[1:]
    best[0], best[0, 0] = right[0], 0
    for i in range(1, n + 1):
        down[i] = np.maximum(best[i - 1] + OPEN, down[i - 1]) + EXTEND
        straight = down[i].copy()
        straight[1:] = np.maximum(
            straight[1:], best[i - 1, :-1] + np.where(y == x[i - 1], MATCH, MISMATCH)
        )
        opened = np.maximum.accumulate(straight - EXTEND * columns)[:-1]
        right[i, 1:] = opened + OPEN + EXTEND * columns[1:]
        best[i] = np.maximum(straight, right[i])
    return _trace(x, y, best, down, right)


def _trace(
    x: npt.NDArray[np.uint8],
    y: npt.NDArray[np.uint8],
    best: npt.NDArray[np.int64],
    down: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> list[tuple[int, int, int]]:
    """Follow the best alignment back from its end."""
    i, j, steps = len(x), len(y), []
    gap = _DIAGONAL  # the kind of gap that is being followed
    while i or j:
        if gap == _DIAGONAL and i and j:
            straight = best[i - 1, j - 1] + (MATCH if x[i - 1] == y[j - 1] else MISMATCH)
            if best[i, j] == straight:
                i, j = i - 1, j - 1
                steps.append((i, j, _DIAGONAL))
                continue
        if gap == _DIAGONAL:
            gap = _DOWN if best[i, j] == down[i, j] else _RIGHT
        scores = down if gap == _DOWN else right
        now = scores[i, j]
        i, j = (i - 1, j) if gap == _DOWN else (i, j - 1)
        steps.append((i, j, gap))
        if now == best[i, j] + OPEN + EXTEND:
            gap = _DIAGONAL
    return steps[::-1]
