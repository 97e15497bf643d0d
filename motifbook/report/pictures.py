"""The pictures of a report as SVG text, by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import plot
from motifbook.data import store
from motifbook.formula.formula import Formula
from motifbook.motif.compare import align
from motifbook.motif.matrix import Motif
from motifbook.report.analysis import Analysis
from motifbook.report.asked import Example
from motifbook.report.cards import Card
from motifbook.report.contrasts import Contrast
from motifbook.report.predictors import ALONE
from motifbook.report.syntax import named_forms
from motifbook.train.evaluate import trained

MOST_READOUTS = 6  # that get a picture of their own
MOST_DOTS = 5  # readouts that `plot.formula` draws side by side; more are a map by themselves
MOST_CURVES = 2  # in one picture: the readouts on which a motif acts most


def pictures(analysis: Analysis) -> dict[str, str]:
    """All pictures: "logo_motif_1", "positions_motif_1", "response_motif_1", "roc", ..."""
    drawn: dict[str, str] = {}
    for card in analysis.cards:
        drawn |= _of_card(card, analysis)
    if analysis.cards:
        drawn["use"] = plot.motif_use_svg(_named(analysis))
    if analysis.syntax is not None and len(analysis.syntax.rules):
        drawn["syntax"] = plot.syntax_svg(analysis.syntax)
    if analysis.linear.formula is not None:
        drawn |= _of_formula(analysis.linear.formula)
    drawn |= _of_quality(analysis)
    if len(analysis.designed.table):
        drawn["designs"] = plot.designs_svg(analysis.designed.table)
    details = trained(analysis.model).details
    if details.get("rounds"):
        columns = ("step", "train_loss", "validation_loss")
        curves = [[look[key] for look in details["rounds"]] for key in columns]
        drawn["history"] = plot.history_svg(*curves, kept=details["best_round"])
    return drawn


def _of_formula(formula: Formula) -> dict[str, str]:
    """Coefficients with intervals; for two to five readouts as a map too."""
    drawn = {"formula": plot.formula_svg(formula)}
    if 1 < len(formula.readouts) <= MOST_DOTS:
        drawn["formula_map"] = plot.coefficients_svg(formula)
    return drawn


def _named(analysis: Analysis) -> list[Motif]:
    """Motifs that carry the name of their card, most used first."""
    names = {form.name: card.name for card in analysis.cards for form in card.forms}
    return [motif.renamed(f"{motif.name} {names[motif.name]}") for motif in analysis.motifs]


def _of_card(card: Card, analysis: Analysis) -> dict[str, str]:
    name = card.motif.name
    drawn = {f"logo_{form.name}": plot.logo_svg(form) for form in card.forms}
    for key, motif in laid_out(card).items():
        drawn[f"{key}_{name}"] = plot.logo_svg(motif, height=112 if key == "aligned" else 84)
    sites = card.sites
    high = set(analysis.adata.obs_names[analysis.contrasts[0].high])
    shown = sites[sites["sequence"].isin(high)] if analysis.contrasts[0].kind == "binary" else sites
    drawn[f"positions_{name}"] = plot.positions_svg(
        shown["start"].to_numpy(),
        store.get_letters(analysis.adata).shape[1],
        strand=np.where(shown["strand"] == "-", -1, 1),
    )
    if card.response is not None:
        drawn[f"response_{name}"] = _response(card.response, analysis.contrasts)
    alphabet = store.get_alphabet(analysis.adata)
    for number, example in enumerate(examples_of(card, analysis), start=1):
        drawn[f"example_{name}_{number}"] = plot.attribution_svg(
            {f"{example.motif}, {example.what}": example.values},
            letters=alphabet.letters,
            window=example.window,
            sites=example.instances,
            title=example.sequence,
        )
    return drawn


def examples_of(card: Card, analysis: Analysis) -> list[Example]:
    """The sequences in which a card's motif is shown."""
    name = named_forms(analysis.cards)[analysis.cards.index(card)].name
    return [example for example in analysis.examples if example.motif == name]


def laid_out(card: Card) -> dict[str, Motif]:
    """The motif, its filter's weights and the known one, with flat columns so that they align."""
    placed = {"aligned": (card.motif, 0)}
    if card.weights is not None:
        placed["weights"] = (card.weights, align(card.motif, card.weights).offset)
    if card.known_motif is not None and card.best is not None and card.is_named:
        placed["known"] = (card.known_motif, int(card.best["offset"]))
    first = min(offset for _, offset in placed.values())
    end = max(offset + motif.width for motif, offset in placed.values())
    return {
        key: _padded(motif, offset - first, end - first) for key, (motif, offset) in placed.items()
    }


def _padded(motif: Motif, before: int, width: int) -> Motif:
    margins = ((0, 0), (before, width - before - motif.width))
    return replace(motif, ppm=np.pad(motif.ppm, margins, constant_values=1 / len(motif.ppm)))


def _response(response: pd.DataFrame, contrasts: list[Contrast]) -> str:
    strongest = response.iloc[-1].abs().sort_values(ascending=False, kind="stable").index
    curves = response[strongest[:MOST_CURVES]]
    is_binary = all(contrast.kind == "binary" for contrast in contrasts)
    names = [str(name) for name in curves.columns]
    return plot.response_svg(
        curves.index.to_numpy(),
        curves.to_numpy().T,
        names=names if len(names) > 1 else None,
        xlabel="strength of the site (1 = strongest)",
        ylabel="effect on the log odds" if is_binary else "effect on the readout",
    )


def _of_quality(analysis: Analysis) -> dict[str, str]:
    """ROC curves of all predictors for binary readouts, agreement for continuous ones."""
    measured = store.get_readouts(analysis.adata)[analysis.judges]
    drawn = {}
    for number, contrast in enumerate(analysis.contrasts[:MOST_READOUTS]):
        values = measured[:, number]
        if len(np.unique(values[~np.isnan(values)])) < 2:
            continue
        if contrast.kind == "binary":
            drawn[f"roc_{number}"] = _roc(analysis, number, values)
        else:
            own = analysis.predictors[0].prediction[:, number]
            drawn[f"agreement_{number}"] = plot.agreement_svg(values, own)
    return drawn


def _roc(analysis: Analysis, number: int, values: npt.NDArray[np.float32]) -> str:
    shown = [predictor for predictor in analysis.predictors if predictor.name != ALONE]
    scores = np.stack([predictor.prediction[:, number] for predictor in shown], axis=1)
    names = [predictor.name.split(":")[0] for predictor in shown]
    return plot.roc_svg(np.repeat(values[:, None], len(shown), axis=1), scores, names=names)
