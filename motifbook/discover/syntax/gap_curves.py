"""Curves over the gap between two motifs: strands merged, ranges of gaps found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

SAME = 0.3  # two strands whose effects differ by less than this share are one
EITHER = "±"


def strand_groups(curves: pd.DataFrame) -> dict[str, list[str]]:
    """Which orientations have the same effects, so that a motif's strand makes no difference.

    Parameters
    ----------
    curves
        Effects by gap (rows) and orientation (columns: "++", "+-", "-+", "--").

    Returns
    -------
    dict
        Orientation, "±" for a strand that makes no difference -> the columns it stands for.
        Curves are compared at the gaps where one of them has half of the largest effect or more:
        elsewhere there is nothing but noise.

    Examples
    --------
    >>> curves = pd.DataFrame({"++": [0.0, 2.0], "+-": [0.1, 1.9], "-+": [0, 0], "--": [0, 0.1]})
    >>> strand_groups(curves[["++", "+-"]])
    {'+±': ['++', '+-']}
    """
    size = curves.abs().max(axis=1)
    high = curves[size >= size.max() / 2]
    groups = {str(name): [str(name)] for name in curves}
    for place in (1, 0):  # of the sign in the orientation
        plus = [name for name in groups if name[place] == "+"]
        minus = [signed(name, place, "-") for name in plus]
        if not plus or not set(minus) <= set(groups):
            continue
        first, second = (merged(high, groups)[names].to_numpy() for names in (plus, minus))
        larger = max(np.linalg.norm(first), np.linalg.norm(second))
        if np.linalg.norm(first - second) <= SAME * larger:
            groups = {
                signed(name, place, EITHER): groups[name] + groups[other]
                for name, other in zip(plus, minus)
            }
    return groups


def merged(curves: pd.DataFrame, groups: dict[str, list[str]]) -> pd.DataFrame:
    """Mean over the columns of each group of `strand_groups`, one column per group."""
    return pd.DataFrame({name: curves[own].mean(axis=1) for name, own in groups.items()})


def signed(orientation: str, place: int, sign: str) -> str:
    """Return the orientation with another sign at `place`."""
    return orientation[:place] + sign + orientation[place + 1 :]


def mirrored(orientation: str) -> str:
    """Return how the same pair reads on the other strand, where the other motif comes first.

    Examples
    --------
    >>> mirrored("++"), mirrored("+-"), mirrored("±+")
    ('--', '+-', '-±')
    """
    flipped = orientation[::-1].translate(str.maketrans("+-", "-+"))
    return str(flipped)


def runs(gaps: Sequence[int] | pd.Index, bridge: int = 0) -> list[tuple[int, int]]:
    """First and last of neighboring numbers; at most `bridge` missing ones do not part them.

    Examples
    --------
    >>> runs([3, 4, 6, 9], bridge=1)
    [(3, 6), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for gap in sorted(int(gap) for gap in gaps):
        if found and gap <= found[-1][1] + 1 + bridge:
            found[-1] = (found[-1][0], gap)
        else:
            found.append((gap, gap))
    return found
