"""Ends that all training sequences share, such as the primer sites of a library."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 8  # letters; fewer may be shared by chance
MOST_SHOWN = 20


def on_missing_ends(designs: Sequence[str], known: Sequence[str]) -> list[str]:
    """Say of each design which ends of all `known` sequences it lacks; "" for none.

    Examples
    --------
    >>> known = ["GATTACAGATTACA" + middle for middle in ("ACC", "CTC", "TGC")]
    >>> on_missing_ends(["GATTACAGATTACAGGG", "CCGATTACAGATTACAG"], known)[0]
    ''
    >>> on_missing_ends(["CCGATTACAGATTACAG"], known)[0][:74]
    'All training sequences begin with the same 14 letters (GATTACAGATTACA); th'
    """
    left = _shared_start(known)
    right = _shared_start([one[::-1] for one in known])[::-1]
    said = []
    for design in designs:
        missing = []
        if len(left) >= FEWEST and not design.startswith(left):
            missing.append(f"begin with the same {_letters(left)}")
        if len(right) >= FEWEST and not design.endswith(right):
            missing.append(f"end with the same {_letters(right)}")
        said.append(_sentence(missing) if missing else "")
    return said


def _shared_start(texts: Sequence[str]) -> str:
    """The first letters that all share: those of the first and the last in the alphabet."""
    first, last = min(texts), max(texts)
    differ = (i for i, (one, other) in enumerate(zip(first, last)) if one != other)
    return first[: next(differ, len(first))]


def _letters(end: str) -> str:
    shown = end if len(end) <= MOST_SHOWN else f"{end[:MOST_SHOWN]}..."
    return f"{len(end)} letters ({shown})"


def _sentence(missing: Sequence[str]) -> str:
    return (
        f"All training sequences {' and '.join(missing)}; this design does not, and what networks "
        "say of it may be wrong. Begin with such sequences (`start`), and keep these letters "
        "(`fixed`)."
    )
