"""The card of one motif, and the list of those that are used little."""

from __future__ import annotations

import numpy as np
import pandas as pd

from motifbook import plot
from motifbook.data.words import counted
from motifbook.report import html
from motifbook.report.analysis import Analysis
from motifbook.report.cards import Card
from motifbook.report.formula_page import card_words
from motifbook.report.phrases import percent, signed, small
from motifbook.report.pictures import examples_of
from motifbook.report.syntax import named_forms
from motifbook.report.tables import strand_share
from motifbook.report.words import likeness, shares, widest

FEW = 2  # so many readouts are told in words; a table tells more


def card_html(card: Card, analysis: Analysis, drawn: dict[str, str]) -> str:
    """One motif: logo, name, use, where it lies, what a better match adds, its other forms."""
    name = card.motif.name
    tag = str(card.best["target"]) if card.is_named and card.best is not None else "no known motif"
    head = (
        f"<header><h3>{html.text(card.name)}</h3>"
        f'<span class="tag">{html.text(tag)} · {html.text(name.replace("_", " "))}</span></header>'
    )
    logos = f'<div class="logos">{_logos(card, drawn)}</div>'
    figures = [html.figure(drawn[f"positions_{name}"], _position_words(analysis))]
    if f"response_{name}" in drawn:
        caption = "What one more site adds to the prediction, by how well it matches."
        figures.append(html.figure(drawn[f"response_{name}"], caption))
    return "\n".join(
        [
            f'<article class="card" id="{name}">',
            head,
            f'<div class="top">{logos}{html.facts(_facts(card, analysis))}</div>',
            f'<div class="pair">{"".join(figures)}</div>',
            _examples(card, analysis, drawn),
            _by_readout(card, analysis),
            _forms(card, drawn),
            _matches(card),
            "</article>",
        ]
    )


def _logos(card: Card, drawn: dict[str, str]) -> str:
    """What the network sees in the sequences, what its filter is, and the known motif."""
    captions = {"aligned": "In your sequences.", "weights": "The filter's weights."}
    if card.best is not None:
        captions["known"] = f"Known motif {card.best['target_name']} {card.best['target']}."
    shown = {f"{key}_{card.motif.name}": words for key, words in captions.items()}
    return "".join(html.figure(drawn[key], words) for key, words in shown.items() if key in drawn)


def _facts(card: Card, analysis: Analysis) -> list[tuple[str, str]]:
    bar = f'<span class="bar" style="width:{_bar(card, analysis)}%"></span>'
    use = f'<span class="track">{bar}</span>{card.use:.3f}'
    contrasts = analysis.contrasts
    told = contrasts if len(contrasts) <= FEW else [widest(card, analysis)]
    found = "<br>".join(html.text(shares(card, contrast)) for contrast in told)
    sites = f"{counted(len(card.sites), 'site')} in {counted(card.n_sequences, 'sequence')}"
    if card.motif.alphabet.has_strands and len(card.sites):
        sites += f", {percent(strand_share(card))} on the strand shown"
    facts = [
        ("Like", html.text(likeness(card))),
        ("Found in", found),
        ("Tested", html.text(analysis.tested.card_words(card.motif.name))),
        ("Use", use),
        *_asked(card, analysis),
    ]
    if card.response is not None:
        facts.append(("One full site", html.text(_effects(card, analysis))))
    return [*facts, ("Sites", html.text(sites)), ("Instances", _seen(card, analysis))]


def _asked(card: Card, analysis: Analysis) -> list[tuple[str, str]]:
    """What the network does with and without the motif, and what the formula says of it."""
    name = _own_name(card, analysis)
    alone = pd.DataFrame() if analysis.syntax is None else analysis.syntax.alone
    taken_out = analysis.taken_out
    asked = {
        "Put in": _effect_words(alone, name),
        "Taken out": _effect_words(taken_out, name),
        "In the formula": card_words(analysis, name, FEW),
    }
    return [(what, "<br>".join(map(html.text, words))) for what, words in asked.items() if words]


def _own_name(card: Card, analysis: Analysis) -> str:
    """Its name in the tables of instances and effects, and in the formula."""
    return named_forms(analysis.cards)[analysis.cards.index(card)].name


def _effect_words(table: pd.DataFrame, name: str) -> list[str]:
    """Effects of one motif, on the readouts where it does most."""
    own = table[table["motif"] == name] if len(table) else table
    if not len(own):
        return []
    own = own.iloc[np.argsort(-own["effect"].abs().to_numpy(), kind="stable")[:FEW]]
    return [
        f"{signed(row['effect'])} ({signed(row['lower'])} to {signed(row['upper'])}) "
        f"{'log odds of ' if row['unit'] == 'logit' else ''}{row['readout']}"
        for _, row in own.iterrows()
    ]


def _seen(card: Card, analysis: Analysis) -> str:
    """How often the network sees the motif."""
    seen = analysis.instances[analysis.instances["motif"] == _own_name(card, analysis)]
    places = counted(seen["sequence"].nunique(), "sequence")
    return f"{counted(len(seen), 'instance')} in {places}"


def _examples(card: Card, analysis: Analysis, drawn: dict[str, str]) -> str:
    """The motif in sequences, with what each letter adds."""
    examples = examples_of(card, analysis)
    if not examples:
        return ""
    shown = [
        html.figure(
            drawn[f"example_{card.motif.name}_{number}"],
            wide=f"{card.name} in {example.sequence}",
        )
        for number, example in enumerate(examples, start=1)
    ]
    words = html.paragraph(examples[0].words, "note")
    return f'<div class="examples"><h4>In your sequences</h4>{"".join(shown)}{words}</div>'


def _bar(card: Card, analysis: Analysis) -> int:
    """Its use in percent of the largest."""
    return round(100 * max(card.use, 0.0) / max(analysis.cards[0].use, 1e-9))


def _effects(card: Card, analysis: Analysis) -> str:
    """What one site of full strength does; of many readouts the one where it does most."""
    if card.response is None:
        return "–"
    full = card.response.iloc[-1]
    if len(full) > FEW:
        full = full[full.abs() == full.abs().max()]
    kinds = {contrast.readout: contrast.kind for contrast in analysis.contrasts}
    words = []
    for readout, effect in full.items():
        verb = "raises" if effect > 0 else "lowers"
        unit = "the log odds of " if kinds[str(readout)] == "binary" else ""
        words.append(f"{verb} {unit}{readout} by {abs(effect):.2g}")
    return "; ".join(words)


def _by_readout(card: Card, analysis: Analysis) -> str:
    """Shares and effects for every readout, where there are many."""
    if len(analysis.contrasts) <= FEW:
        return ""
    full = None if card.response is None else card.response.iloc[-1]
    rows = []
    for _, row in card.shares.iterrows():
        effect = "–" if full is None else signed(float(full[row["readout"]]))
        shown = [percent(float(row[group])) for group in ("high", "low")]
        rows.append([html.name_of(str(row["readout"])), *shown, effect])
    head = ["readout", "in the high group", "in the low group", "one full site"]
    return html.details("By readout", html.table(head, rows, numbers=[1, 2, 3]))


def _position_words(analysis: Analysis) -> str:
    first = analysis.contrasts[0]
    group = f" in {first.words[0]} sequences" if first.kind == "binary" else ""
    return f"Where its sites start{group}."


def _forms(card: Card, drawn: dict[str, str]) -> str:
    if len(card.forms) == 1:
        return ""
    rows = [
        [drawn[f"logo_{form.name}"], html.text(form.name), f"{form.info['use']:.3f}"]
        for form in card.forms[1:]
    ]
    return html.details(
        f"{counted(len(rows), 'other form')} of this motif",
        html.table(["form", "number", "use"], rows, numbers=[2]),
    )


def _matches(card: Card) -> str:
    if card.known.empty:
        return ""
    rows = [
        [
            html.text(str(row["motif"])),
            html.text(str(row["target_name"])),
            html.text(str(row["target"])),
            small(float(row["p_value"])),
            small(float(row["q_value"])),
            f"{int(row['overlap'])}",
            html.text(str(row["strand"])),
        ]
        for _, row in card.known.iterrows()
    ]
    head = ["form", "known motif", "id", "p", "q", "shared positions", "strand"]
    return html.details("Known motifs it is like", html.table(head, rows, numbers=[3, 4, 5]))


def minor_cards(analysis: Analysis) -> str:
    """Motifs that are used little, a line each."""
    largest = analysis.cards[0].use
    minor = [card for card in analysis.cards if card.is_minor(largest)]
    if not minor:
        return ""
    first = analysis.contrasts[0]
    rows = []
    for card in minor:
        own = card.shares[card.shares["readout"] == first.readout].iloc[0]
        logo = plot.logo_svg(card.motif, height=56, width=14 * card.motif.width + 40, ylabel="")
        rows.append(
            [
                logo,
                html.text(likeness(card)),
                f"{card.use:.3f}",
                analysis.tested.brief(card.motif.name),
                percent(float(own["high"])),
                percent(float(own["low"])),
                html.text(_effects(card, analysis)),
            ]
        )
    head = ["motif", "like", "use", "p", *first.words, "one full site"]
    words = (
        "The network also uses these, but each adds little: it would predict nearly as well "
        "without. Weak motifs can be real; they can also be habits of the letters around sites."
    )
    return (
        '<h3 class="apart">Weaker motifs</h3>'
        + html.paragraph(words, "note")
        + html.table(head, rows, numbers=[2, 3, 4, 5])
    )
