"""The report as one web page: what was found, in the order in which a biologist asks."""

from __future__ import annotations

import datetime

import pandas as pd

from motifbook import __version__
from motifbook.data import schema
from motifbook.data.quality.findings import FINE
from motifbook.data.words import counted
from motifbook.report import designed_page, enriched, files_page, formula_page, html, quality_page
from motifbook.report.analysis import Analysis
from motifbook.report.card_page import card_html, minor_cards
from motifbook.report.leads import NAMES, beaten
from motifbook.report.methods import CITATIONS, methods
from motifbook.report.phrases import percent, three
from motifbook.report.scores import MEASURE
from motifbook.report.words import gc_warnings, lengths, pair_gain, pair_sentences, verdict

SECTIONS = {
    "check": "Can the data answer?",
    "motifs": "Motifs",
    "pairs": "Motifs that work together",
    "formula": "The linear formula",
    "known": "Known motifs, without a network",
    "quality": "How good is the network?",
    "designs": "Sequences to try",
    "data": "What was done with your data",
    "unused": "Filters that are not used",
    "methods": "Methods",
    "files": "Files",
}
SHORT = (
    "Data check",
    "Motifs",
    "Pairs",
    "Formula",
    "Known motifs",
    "Quality",
    "New sequences",
    "Data",
    "Unused filters",
    "Methods",
    "Files",
)
LOG_ODDS = (
    "Log odds, or logit: the scale of yes and no. Each unit multiplies the odds of bound, or "
    "whatever 1 stands for, by 2.7; from 1 : 1, +3 leads to 95 %."
)


def page(analysis: Analysis, drawn: dict[str, str]) -> str:
    """The whole page as HTML; `drawn` are the pictures of `pictures`."""
    makers = {
        "check": _check(analysis),
        "motifs": _motifs(analysis, drawn),
        "pairs": _pairs(analysis, drawn),
        "formula": formula_page.section_html(analysis, drawn),
        "known": enriched.section_html(analysis),
        "quality": quality_page.section_html(analysis, drawn),
        "designs": designed_page.section_html(analysis, drawn),
        "data": _data(analysis),
        "unused": _unused(analysis),
        "methods": _methods(analysis),
    }
    room = files_page.LARGEST_PAGE - len("".join(makers.values()))
    makers["files"] = files_page.section_html(analysis, drawn, room)
    sections = [html.section(name, SECTIONS[name], inside) for name, inside in makers.items()]
    links = "".join(f'<a href="#{name}">{words}</a>' for name, words in zip(SECTIONS, SHORT))
    body = [
        _head(analysis),
        _verdict(analysis),
        f'<nav aria-label="Sections">{links}</nav>',
        *sections,
    ]
    return html.document("Motif report", "\n".join(body))


def _head(analysis: Analysis) -> str:
    counts = analysis.composition.set_index("group")["n"]
    first = analysis.contrasts[0]
    if first.kind == "binary":
        sets = " and ".join(f"{counts[words]:,} {words}" for words in first.words)
    else:
        sets = f"{counts['all']:,}"
    under = (
        f"{sets} sequences of {lengths(analysis)} · motifbook {__version__} · "
        f"{datetime.date.today():%d %B %Y}"
    )
    return f"<h1>Motifs in your sequences</h1>\n{html.paragraph(under, 'under')}"


def _verdict(analysis: Analysis) -> str:
    first, *rest = verdict(analysis)
    n_cautions = len(beaten(analysis))
    alarm = " alarm" if analysis.is_too_weak or not analysis.held_out else ""
    cautions = "".join(html.paragraph(words, "caution") for words in rest[:n_cautions])
    inside = html.paragraph(first) + cautions + html.paragraph(" ".join(rest[n_cautions:]))
    return f'<div class="verdict{alarm}" id="verdict" role="note">{inside}</div>'


def _check(analysis: Analysis) -> str:
    """What should be known is open to the eye, what is fine can be unfolded."""
    table = analysis.checked.table
    is_fine = table["level"] == FINE
    head = ["about", "verdict", "what is there", "what to do"]

    def as_html(part: pd.DataFrame) -> str:
        return html.table(head, [[html.text(str(cell)) for cell in row] for row in part.to_numpy()])

    parts = [html.paragraph(analysis.checked.summary)]
    if not is_fine.all():
        parts.append(as_html(table[~is_fine]))
    parts.append(html.details(f"What is fine ({is_fine.sum()})", as_html(table[is_fine])))
    return "\n".join(parts)


def _motifs(analysis: Analysis, drawn: dict[str, str]) -> str:
    if not analysis.cards:
        return html.paragraph("The network uses no motif.")
    intro = (
        "Most used first. A name is a resemblance: factors of one family share a motif, and the "
        "page cannot say which of them was bound."
    )
    largest = analysis.cards[0].use
    major = [card for card in analysis.cards if not card.is_minor(largest)]
    parts = [html.paragraph(intro), html.details("What the lines of a card mean", _key(analysis))]
    if analysis.is_too_weak:
        parts.insert(0, html.paragraph("Shown for completeness: do not interpret the network."))
    parts += [card_html(card, analysis, drawn) for card in major]
    parts.append(minor_cards(analysis))
    if analysis.tested.notes:
        parts.append('<h3 class="apart">About the tests</h3>')
        parts.append(html.bullets(analysis.tested.notes))
    return "\n".join(parts)


def _key(analysis: Analysis) -> str:
    """The lines of a card, explained."""
    tested = analysis.tested
    how = f" P-values are {tested.conditions} (Holm)." if not tested.reason else ""
    return html.bullets(
        [
            "Logos: the letters under the sites that the network sees in your sequences; the "
            "weights of the filter that sees them, as probabilities; the known motif.",
            "Like: the known motif that it resembles most, and how surprising that is.",
            "Found in: share of sequences in which the motif's matrix has a site.",
            "Tested: does the motif by itself go with the readout? One that acts only beside "
            f"another may not.{how}",
            "Use: rise of the network's loss on held-out sequences when the motif is silenced.",
            "Put in: what the network adds, on average, when the motif is written into shuffled "
            "sequences; in brackets the 95 % interval.",
            "Taken out: what it loses when the instances in your sequences are replaced by "
            "background letters. A motif that only works beside another shows here, not above.",
            "In the formula: what one more site is worth in the linear formula below.",
            "One full site: what the network's weights say of one perfect site by itself.",
            "Sites: found by the matrix. Instances: found by the network's own filters.",
            *([LOG_ODDS] if any(c.kind == "binary" for c in analysis.contrasts) else []),
        ]
    )


def _pairs(analysis: Analysis, drawn: dict[str, str]) -> str:
    if analysis.syntax is None:
        return html.paragraph("Nothing was asked: the network uses no motif.")
    gain = _gain_words(analysis)
    limits = (
        "The network was asked by experiment: both motifs were written into shuffled sequences, at "
        "each distance and orientation. Order and distance can only be learned where some "
        "sequences hold the same motifs at other distances."
    )
    sentences = pair_sentences(analysis)
    if not sentences:
        nothing = "No two motifs do more or less together than each does alone."
        return html.paragraph(nothing) + html.paragraph(gain + limits, "note")
    caption = (
        "What two motifs add to what each adds alone, by the letters between them. + and − are "
        "strands; shaded: the distances of a rule."
    )
    figures = []
    if "syntax" in drawn:
        figures = [html.figure(drawn["syntax"], caption, wide="Motifs that work together")]
    return "\n".join([html.bullets(sentences), *figures, html.paragraph(gain + limits, "note")])


def _gain_words(analysis: Analysis) -> str:
    """What the table of pairs is worth; of several readouts where it is worth most."""
    row = pair_gain(analysis)
    if row is None:
        return ""
    gain, low, high = row["lead"], row["lead_low"], row["lead_high"]
    verb, bound = ("lowers", "at most ") if gain >= 0 else ("raises", "at least ")
    low, high = (low, high) if gain >= 0 else (-high, -low)
    return (
        f"Silencing the network's table of pairs {verb} the {NAMES[MEASURE[row['kind']]]} by "
        f"{bound if len(analysis.contrasts) > 1 else ''}{three(abs(gain))} (95 % interval "
        f"{three(low)} to {three(high)}). "
    )


def _data(analysis: Analysis) -> str:
    done = [str(line) for line in analysis.adata.uns.get(schema.DONE, [])]
    table = analysis.composition
    rows = [
        [
            html.text(str(row["group"])),
            *(f"{int(row[column]):,}" for column in ("n", *schema.SPLITS)),
            percent(float(row["gc"])),
        ]
        for _, row in table.iterrows()
    ]
    head = ["group", "sequences", "training", "validation", "test", "G and C"]
    return "\n".join(
        [
            html.bullets(done + analysis.notes),
            html.table(head, rows, numbers=range(1, 6)),
            *map(html.paragraph, gc_warnings(analysis)),
        ]
    )


def _unused(analysis: Analysis) -> str:
    return html.paragraph(
        f"{analysis.n_unused} of the network's {counted(analysis.n_filters, 'filter')} are unused: "
        "silencing them does not make held-out predictions worse. What they look like says "
        "nothing about your sequences, so they are not shown."
    )


def _methods(analysis: Analysis) -> str:
    cited = "".join(
        f'<li>{html.text(words)}. <a href="{address}">{html.text(address)}</a></li>'
        for words, address in CITATIONS
    )
    return "\n".join([*map(html.paragraph, methods(analysis)), f"<ul>{cited}</ul>"])
