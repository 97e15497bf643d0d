"""Results of this room in words and as small web tables, without a network or a figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_CELL = 'style="text-align:left;vertical-align:top;padding:3px 14px 3px 0"'


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
