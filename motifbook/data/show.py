"""Results of this room in words and as small web tables, without a network or a figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_CELL = 'style="text-align:left;vertical-align:top;padding:3px 14px 3px 0"'


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


def sentence(words: object) -> str:
    """Return plain text as HTML; what stands in backticks is code.

    Examples
    --------
    >>> sentence("Use `mb.split`, r < 1.")
    'Use <code>mb.split</code>, r &lt; 1.'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(str(words), quote=False))


def paragraphs(sentences: Iterable[str]) -> str:
    """Return each sentence as an HTML paragraph."""
    return "".join(f"<p>{sentence(words)}</p>" for words in sentences)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table with a caption; the first cell of each row names it.

    Examples
    --------
    >>> "&lt;b&gt;" in table("Letters", ["letter"], [["<b>"]])
    True
    """
    names = "".join(f'<th scope="col" {_CELL}>{escape(name)}</th>' for name in head)
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td {_CELL}>{sentence(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row" {_CELL}>{escape(str(first))}</th>{cells}</tr>')
    return (
        f'<table><caption style="text-align:left">{escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
