"""Files inside the page: links that hold motifs, tables, figures and sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motifbook.data.words import counted
from motifbook.report import html
from motifbook.report.tables import meme_text, tables

if TYPE_CHECKING:
    from motifbook.report.analysis import Analysis

LARGEST_PAGE = 4_800_000  # characters
FIRST = ("motifs", "formula", "designs", "edits", "evaluation", "enrichment", "syntax")
DIGITS = "%.6g"  # enough for any spreadsheet, and half the size


def section_html(analysis: Analysis, drawn: dict[str, str], room: int) -> str:
    """Links to all files that fit into `room` characters: motifs, sequences, tables, figures."""
    links: dict[str, str] = {}
    if analysis.cards:
        links["motifs.meme"] = html.download("motifs.meme", meme_text(analysis))
    if analysis.designed.designs is not None:
        links["designs.fa"] = html.download("designs.fa", analysis.designed.fasta())
    made = tables(analysis)
    for name in sorted(made, key=lambda name: (name not in FIRST, name)):
        if len(made[name]):
            text = made[name].to_csv(index=False, float_format=DIGITS)
            links[f"{name}.csv"] = html.download(f"{name}.csv", text, "text/csv")
    figures = {
        f"{name}.svg": html.download(f"{name}.svg", svg, "image/svg+xml")
        for name, svg in drawn.items()
    }
    kept, too_large = _fitting(links | figures, room)
    words = "These files are inside this page; a click saves them."
    if too_large:
        words += (
            f" {counted(len(too_large), 'file')} would make the page too large to send: "
            f"{', '.join(too_large)}. The command motifbook report writes them into its folder."
        )
    shown = [link for name, link in kept.items() if name not in figures]
    folded = [link for name, link in kept.items() if name in figures]
    return "\n".join(
        [
            html.paragraph(words, "note"),
            html.links(shown),
            html.details(f"{counted(len(folded), 'figure')} as SVG", html.links(folded)),
        ]
    )


def _fitting(links: dict[str, str], room: int) -> tuple[dict[str, str], list[str]]:
    """Those that fit, in their order, smallest first when it gets tight; and names of others."""
    fits: set[str] = set()
    for name in sorted(links, key=lambda name: len(links[name])):
        room -= len(links[name])
        if room >= 0:
            fits.add(name)
    return {n: link for n, link in links.items() if n in fits}, [n for n in links if n not in fits]
