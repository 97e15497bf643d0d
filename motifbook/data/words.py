"""Numbers and names as a reader expects them in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(n: int, noun: str) -> str:
    """Return "1 record" or "1,200 records"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def percent(share: float) -> str:
    """Return a share of 1 in words, with no more digits than mean something.

    Examples
    --------
    >>> [percent(share) for share in (0.5, 0.0712, 0.0004, 0)]
    ['50 %', '7.1 %', 'less than 0.1 %', '0 %']
    """
    if share == 0 or share >= 0.0995:
        return f"{share:.0%}".replace("%", " %")
    return "less than 0.1 %" if share < 0.0005 else f"{share:.1%}".replace("%", " %")


def named(names: Sequence[object], most: int = 4) -> str:
    """Return "a, b and 3 more".

    Examples
    --------
    >>> named(["a", "b", "c"]), named(["a", "b", "c"], most=2)
    ('a, b, c', 'a, b and 1 more')
    """
    shown = ", ".join(map(str, names[:most]))
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")


def listed(names: Sequence[object], most: int = 5) -> str:
    """Return the first few names in quotes, and how many more there are."""
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")
