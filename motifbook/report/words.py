"""The sentences of a report, in the words of a wet lab."""

from __future__ import annotations

import math

import pandas as pd

from motifbook.data.places import find_spans
from motifbook.data.words import counted
from motifbook.report.analysis import Analysis
from motifbook.report.cards import NAMED, Card
from motifbook.report.contrasts import Contrast
from motifbook.report.enriched import first_sentence, standing_out, title
from motifbook.report.leads import NAMES, baselines, beaten, beside, counts_beside
from motifbook.report.phrases import listed, percent, small, three
from motifbook.report.predictors import ALONE, NETWORK
from motifbook.report.scores import MEASURE, WEAK, main_score

MOST_RULES = 8
MOST_TOLD = 3  # readouts that the verdict tells one by one
GC_GAP = 0.03  # difference of groups in GC content from which there is a warning


def title_of(card: Card) -> str:
    """Name and id of the known motif, or the consensus."""
    if card.is_named and card.best is not None:
        return f"{card.name} ({card.best['target']})"
    return card.name


def headline(analysis: Analysis) -> str:
    """The verdict in one line."""
    if analysis.is_too_weak:
        noun = "held-out sequence" if analysis.held_out else "sequence"
        few = f"{counted(len(analysis.judges), noun)} are too few to judge it"
        is_weak = len(analysis.weak_readouts) == len(analysis.contrasts)
        why = "it is too weak" if is_weak else "it uses no motif"
        why = few if analysis.has_few_judges else why
        known = standing_out(analysis, analysis.contrasts[0].readout)
        if len(known):
            return f"{title(known.iloc[0])} stands out; but do not interpret the network: {why}."
        return f"Do not interpret this network: {why}."
    if not analysis.held_out:
        return "Read with care: how well the network predicts was not measured on unseen sequences."
    return f"The motif that matters most is {title_of(analysis.cards[0])}."


def verdict(analysis: Analysis) -> list[str]:
    """What a reader should know who reads nothing else.

    The first sentence is `headline`; those of `beaten`, if there are any, come next.
    """
    sentences = [headline(analysis), *beaten(analysis)]
    known = [
        first_sentence(analysis, contrast.readout) for contrast in analysis.contrasts[:MOST_TOLD]
    ]
    if analysis.is_too_weak:
        return [*sentences, *filter(None, known), *_why_too_weak(analysis)]
    first = analysis.cards[0]
    follows = analysis.held_out and len(sentences) == 1
    it = "It" if follows else f"The motif {title_of(first)}"
    sentences.append(f"{it} is found in {shares(first, widest(first, analysis))}.")
    if not analysis.held_out:
        sentences += filter(None, known)
    sentences += pair_sentences(analysis)[:1]
    sentences += _qualities(analysis)
    sentences += _others(analysis)
    sentences += _cautions(analysis)
    return sentences


def widest(card: Card, analysis: Analysis) -> Contrast:
    """The contrast whose two groups differ most in how many hold a site."""
    gaps = (card.shares["high"] - card.shares["low"]).abs().fillna(0)
    return analysis.contrasts[int(gaps.to_numpy().argmax())]


def shares(card: Card, contrast: Contrast) -> str:
    """Share of both groups that holds a site, in words."""
    row = card.shares[card.shares["readout"] == contrast.readout].iloc[0]
    high, low = percent(row["high"]), percent(row["low"])
    if contrast.kind == "continuous":
        return f"{high} of the highest and {low} of the lowest third by {contrast.readout}"
    return f"{high} of {contrast.words[0]} and {low} of {contrast.words[1]} sequences"


def _why_too_weak(analysis: Analysis) -> list[str]:
    if not analysis.held_out and analysis.has_few_judges:
        return [
            "None could be set aside: a network learns so few by heart, and what it uses cannot be "
            "told from chance. Some hundred sequences would tell."
        ]
    weak = [c for c in analysis.contrasts if c.readout in analysis.weak_readouts]
    reasons = [_why_weak(analysis, contrast) for contrast in weak[:MOST_TOLD]]
    if not analysis.cards:
        reasons.append("Silencing any of its filters changes nothing: it uses no motif.")
    if analysis.has_few_judges:
        return [*reasons, "What it shows below may be noise. Some hundred sequences would tell."]
    reasons.append(
        "What it shows below may be noise. More sequences (some thousand), longer windows, or "
        "other negatives may help; perhaps the sequences share no motif."
    )
    return reasons


def _why_weak(analysis: Analysis, contrast: Contrast) -> str:
    row, rows = main_score(analysis.evaluation, NETWORK, contrast.readout), analysis_rows(analysis)
    if math.isnan(row["value"]):
        return f"{contrast.readout}: nothing to tell apart, its values are alike on {rows}."
    bound = f"{WEAK[contrast.kind]:.2f}"
    return f"{contrast.readout}: {score(row)} on {rows}; the lower end should be above {bound}."


def lengths(analysis: Analysis) -> str:
    """How long the sequences are, in words."""
    found = find_spans(analysis.adata)[1]
    low, high = int(found.min()), int(found.max())
    return counted(high, "letter") if low == high else f"{low:,} to {high:,} letters"


def analysis_rows(analysis: Analysis) -> str:
    """The rows that judged, in words."""
    n = f"{len(analysis.judges):,}"
    return f"{n} held-out sequences" if analysis.held_out else f"the {n} sequences it has seen"


def score(row: pd.Series) -> str:
    """The main measure with its interval."""
    name = NAMES[MEASURE[row["kind"]]]
    bounds = f"{three(row['low'])} to {three(row['high'])}"
    return f"{name} {three(row['value'])} (95 % interval {bounds})"


def _qualities(analysis: Analysis) -> list[str]:
    """How well each readout is predicted; for more than three the medians."""
    if len(analysis.contrasts) <= MOST_TOLD:
        told = []
        for contrast in analysis.contrasts:
            told += [_quality(analysis, contrast), beside(analysis, contrast.readout)]
        return [sentence for sentence in told if sentence]
    table, sentences = analysis.evaluation, []
    for kind, name in MEASURE.items():
        values = table[table["kind"] == kind].groupby("predictor")[name].median()
        if len(values):
            n_readouts = sum(contrast.kind == kind for contrast in analysis.contrasts)
            sentences.append(
                f"On {analysis_rows(analysis)} the network predicts {n_readouts} readouts with a "
                f"median {NAMES[name]} of {three(values[NETWORK])}{_beside(analysis, values)}."
            )
    return [*sentences, *filter(None, [counts_beside(analysis)])]


def _quality(analysis: Analysis, contrast: Contrast) -> str:
    table, name = analysis.evaluation, contrast.readout
    own = table[table["readout"] == name].set_index("predictor")[MEASURE[contrast.kind]]
    what = "tells them apart" if contrast.kind == "binary" else f"predicts {name}"
    return (
        f"On {analysis_rows(analysis)} the network {what} with "
        f"{score(main_score(table, NETWORK, name))}{_beside(analysis, own)}."
    )


def _beside(analysis: Analysis, values: pd.Series) -> str:
    """What the others reach, by predictor."""
    compared = [
        f"{three(values[other])} for the {other.replace(': ', ', ')}"
        for other in baselines(analysis)
    ]
    return f", against {listed(compared)}" if compared else ""


def _others(analysis: Analysis) -> list[str]:
    largest = analysis.cards[0].use
    major = [title_of(card) for card in analysis.cards[1:] if not card.is_minor(largest)]
    n_minor = sum(card.is_minor(largest) for card in analysis.cards)
    sentences = []
    if major:
        sentences.append(f"It also uses {listed(major)}.")
    if n_minor:
        verb = "adds" if n_minor == 1 else "add"
        sentences.append(f"{counted(n_minor, 'weaker motif')} {verb} little.")
    return sentences


def _cautions(analysis: Analysis) -> list[str]:
    cautions = []
    if analysis.has_few_judges:
        cautions.append(
            f"{counted(len(analysis.judges), 'held-out sequence')} are few to judge a network by: "
            "all scores here are uncertain."
        )
    if analysis.weak_readouts:
        cautions.append(f"Do not interpret it for {listed(analysis.weak_readouts)}: too weak.")
    return cautions + [analysis.leak] * bool(analysis.leak) + gc_warnings(analysis)


def gc_warnings(analysis: Analysis) -> list[str]:
    """A sentence for every pair of groups that differ in GC content."""
    gc = analysis.composition.set_index("group")["gc"]
    found = []
    for contrast in analysis.contrasts:
        high, low = (float(gc[words]) for words in contrast.words)
        is_binary = contrast.kind == "binary"
        of, cure = (" sequences", " Negatives of matched GC would tell.") if is_binary else ("", "")
        if abs(high - low) > GC_GAP:
            found.append(
                f"G and C make up {percent(high)} of the letters of {contrast.words[0]} and "
                f"{percent(low)} of {contrast.words[1]}{of}: part of what the network knows may be "
                f"composition.{cure}"
            )
    return found


def pair_gain(analysis: Analysis) -> pd.Series | None:
    """The row of the evaluation that says by how much the pairs raise the main measure.

    Of several readouts the one where they do most; None without pairs.
    """
    rows = analysis.evaluation[analysis.evaluation["predictor"] == ALONE].dropna(subset="lead")
    return rows.sort_values("lead").iloc[-1] if len(rows) else None


def pair_sentences(analysis: Analysis) -> list[str]:
    """One sentence for each rule of two motifs, and for each composite, strongest first."""
    syntax = analysis.syntax
    if syntax is None:
        return []
    return [*syntax.rules["sentence"], *syntax.composites["sentence"]][:MOST_RULES]


def likeness(card: Card) -> str:
    """Which known motif it is like, in words."""
    best = card.best
    if best is None:
        return "not compared with known motifs"
    found = f"{best['target_name']}, {best['target']} (q = {small(float(best['q_value']))})"
    if card.is_like and not card.is_named:
        return f"only a part of {found}"
    if not card.is_named:
        return f"no known motif (q up to {NAMED:g}); closest is {found}"
    own = card.known[card.known["motif"] == card.motif.name]
    others = own.loc[own["q_value"] <= NAMED, "target_name"].drop_duplicates()
    others = others[others != best["target_name"]]
    return f"{found}; also like {listed(others.tolist())}" if len(others) else found
