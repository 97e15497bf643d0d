"""Pieces of a web page that needs nothing but itself."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape

from motifbook.report.phrases import minus

STYLE = """
:root { --ink: #222222; --gray: #5f6368; --line: #dcdfe3; --paper: #ffffff; --tint: #f6f8fa;
  --blue: #0072B2; --alarm: #D55E00; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; color-scheme: light; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font: 16px/1.55 -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
  overflow-wrap: break-word; }
main { max-width: 980px; margin: 0 auto; padding: 36px 28px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; font-weight: 650; }
h2 { font-size: 21px; margin: 52px 0 14px; font-weight: 650; }
h3 { font-size: 18px; margin: 0; font-weight: 650; }
h3.apart { margin: 34px 0 6px; }
p { margin: 0 0 12px; max-width: 74ch; }
a { color: var(--blue); overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 12px; top: 8px; background: var(--paper); padding: 8px 14px; z-index: 1; }
nav { margin: 18px 0 0; font-size: 14px; }
nav a { margin-right: 16px; text-decoration: none; display: inline-block; padding: 2px 0; }
.under, figcaption, .note { color: var(--gray); font-size: 14px; }
.under { max-width: none; }
.verdict { margin: 24px 0 0; padding: 20px 24px 10px; background: var(--tint);
  border-left: 5px solid var(--blue); border-radius: 4px; }
.verdict p:first-child { font-size: 19px; font-weight: 650; }
.verdict .caution { border-left: 3px solid var(--alarm); padding-left: 12px; }
.verdict.alarm { border-left-color: var(--alarm); background: #fdf3ec; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 20px 24px 16px;
  margin: 0 0 22px; break-inside: avoid; }
.card header { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; }
.tag { color: var(--gray); font-size: 14px; }
.top { display: flex; flex-wrap: wrap; gap: 6px 36px; margin-top: 14px; }
.logos { flex: 0 1 auto; max-width: 100%; overflow-x: auto; }
.top dl { flex: 1 1 320px; align-self: flex-start; margin-top: 2px;
  min-width: min(320px, 100%); }
figure svg { display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
  gap: 8px 28px; align-items: start; margin-top: 10px; }
figure { margin: 0 0 12px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 18px;
  margin: 12px 0 6px; }
dt { color: var(--gray); }
dd { margin: 0; }
h4 { font-size: 15px; margin: 12px 0 6px; font-weight: 600; }
.wide { overflow-x: auto; } .wide svg { max-width: 100%; min-width: 560px; }
.formula { font-size: 17px; margin: 12px 0 16px; padding-left: 16px;
  border-left: 3px solid var(--line); }
.letters code { overflow-wrap: anywhere; font-size: 13.5px; }
ol { padding-left: 24px; margin: 8px 0 10px; max-width: 76ch; }
.track { display: inline-block; width: min(180px, 60%); margin-right: 8px; }
.bar { display: inline-block; height: 9px; background: var(--blue); border-radius: 2px;
  vertical-align: 1px; min-width: 2px; }
table { border-collapse: collapse; margin: 8px 0 14px; font-size: 14.5px; }
th { text-align: left; font-weight: 600; border-bottom: 1.5px solid var(--ink);
  padding: 4px 18px 4px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 5px 18px 5px 0; vertical-align: middle; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td svg { min-width: 150px; display: block; }
tr.own td { font-weight: 650; }
.scroll { overflow-x: auto; }
details { margin: 8px 0 12px; }
summary { cursor: pointer; color: var(--blue); font-size: 14.5px; }
ul { padding-left: 20px; margin: 0 0 12px; max-width: 76ch; }
.files a { display: inline-block; margin: 0 18px 8px 0; }
@media print {
  body { font-size: 10pt; line-height: 1.4; } h4, section > h2 { break-after: avoid; }
  main { max-width: none; padding: 0; } nav, .files { display: none; }
  h2, h3, summary { break-after: avoid; } tr, figure, dl > div { break-inside: avoid; }
  a { color: inherit; } .skip { display: none; } .scroll { overflow: visible; }
  #files { display: none; }
  .verdict { padding: 12px 16px 4px; } .verdict p { max-width: none; }
  .card { padding: 12px 16px 8px; margin-bottom: 12px; } .card dl { gap: 1px 14px; }
  .top { flex-wrap: nowrap; gap: 20px; } .logos { flex: 0 1 62mm; } .top dl { flex: 1 1 90mm; }
  .pair { grid-template-columns: 1fr 1fr; } .pair svg { max-width: 66mm !important; }
  .examples { display: grid; grid-template-columns: 1fr 1fr; gap: 0 14px; break-inside: avoid; }
  .examples h4, .examples p { grid-column: 1 / -1; }
  th, td { padding: 2px 10px 2px 0; } td.number { white-space: normal; }
  table { font-size: 9pt; } .card table { margin: 2px 0; }
  details::details-content { content-visibility: visible; }
  .wide svg { min-width: 0; }
  .verdict, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def document(title: str, body: str) -> str:
    """A whole page in English."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f'<body>\n<a class="skip" href="#main">To the report</a>\n<main id="main" tabindex="-1">\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def text(words: str) -> str:
    r"""Plain text as HTML; what stands in backticks is code, and numbers keep their signs.

    Examples
    --------
    >>> text("p < 5 %"), text("-2 in `n=-2`")
    ('p\xa0&lt;\xa05\xa0%', '−2 in <code>n=-2</code>')
    """
    parts = re.split(r"`([^`]+)`", words)
    return "".join(
        f"<code>{escape(part)}</code>" if i % 2 else escape(_spaced(minus(part)))
        for i, part in enumerate(parts)
    )


def name_of(words: str) -> str:
    """A name in a table, which may break after an underscore."""
    return text(words).replace("_", "_<wbr>")


def _spaced(words: str) -> str:
    """No line ends before a sign or a unit."""
    return re.sub(r" (%|[×<=] )", lambda found: found[0].replace(" ", "\u00a0"), words)


def section(name: str, heading: str, *parts: str) -> str:
    """A part of the page that links can point to."""
    inside = "\n".join(part for part in parts if part)
    return f'<section id="{name}">\n<h2>{text(heading)}</h2>\n{inside}\n</section>'


def paragraph(words: str, kind: str = "") -> str:
    """One paragraph of plain text."""
    return f"<p{_class(kind)}>{text(words)}</p>"


def bullets(lines: Sequence[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>" if lines else ""


def steps(lines: Sequence[str]) -> str:
    """A numbered list of sentences."""
    return f"<ol>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ol>" if lines else ""


def links(made: Sequence[str]) -> str:
    """A list of links, such as those of `download`."""
    return f'<p class="files">{"".join(made)}</p>' if made else ""


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """What and which; the second of each pair is HTML."""
    rows = "".join(f"<dt>{text(what)}</dt><dd>{which}</dd>" for what, which in pairs)
    return f"<dl>{rows}</dl>"


def figure(svg: str, caption: str = "", *, wide: str = "") -> str:
    """A picture with its caption in words; a wide one, which `wide` names, scrolls by itself."""
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    scrolls = f' class="wide" tabindex="0" aria-label="{escape(wide)}"' if wide else ""
    return f"<figure{scrolls}>{svg}{below}</figure>"


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    own: Sequence[int] = (),
) -> str:
    """A table; cells are HTML, `numbers` are columns set to the right, `own` rows in bold."""

    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{_class('number' if i in numbers else '')}>{value}</{tag}>"
            for i, value in enumerate(values)
        )

    body = "".join(
        f"<tr{_class('own' if i in own else '')}>{cells('td', row)}</tr>"
        for i, row in enumerate(rows)
    )
    named = cells("th", [name_of(name) for name in head]).replace("<th", '<th scope="col"')
    about = escape(f"Table: {', '.join(name for name in head if name)}")
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{about}">'
        f"<table><thead><tr>{named}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def details(summary: str, inside: str, *, is_open: bool = False) -> str:
    """Something to unfold."""
    return (
        f"<details{' open' if is_open else ''}><summary>{text(summary)}</summary>{inside}</details>"
    )


def download(name: str, content: str, kind: str = "text/plain") -> str:
    """A link that holds a file."""
    packed = base64.b64encode(content.encode()).decode()
    return f'<a download="{name}" href="data:{kind};base64,{packed}">{text(name)}</a>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
