"""The methods paragraph of a report, with its numbers filled in, and what to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from motifbook import __version__
from motifbook.data.words import counted
from motifbook.discover.filters import SITE
from motifbook.discover.use import SMALLEST_USE
from motifbook.motif.learned import JUDGED_ON
from motifbook.report.analysis import Analysis
from motifbook.report.cards import SITE_P
from motifbook.report.phrases import listed
from motifbook.report.predictors import n_steps
from motifbook.report.scores import RESAMPLES
from motifbook.report.words import analysis_rows, lengths
from motifbook.train.evaluate import trained

CITATIONS = (
    (
        "Tseng, Scalia, Eraslan, Biancalani 2024, ARGMINN: motifs in the first layer of a network, "
        "syntax above",
        "https://arxiv.org/abs/2410.06211",
    ),
    (
        "Liu & Wang 2022, contextual regression: a linear formula of motifs, read from sequences",
        "https://arxiv.org/abs/2208.09559",
    ),
    (
        "JASPAR 2026, the known motifs (CC BY 4.0)",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC12807658",
    ),
    (
        "Gupta et al. 2007, Tomtom: p-values of likeness between motifs",
        "https://doi.org/10.1186/gb-2007-8-2-r24",
    ),
)


def methods(analysis: Analysis) -> list[str]:
    """Paragraphs for a paper's methods section."""
    parts = (_training, _reading, _testing, _asking, _fitting, _writing, _judging)
    return [paragraph for part in parts if (paragraph := part(analysis))]


def _training(analysis: Analysis) -> str:
    record = trained(analysis.model)
    details, total = record.details, analysis.composition.iloc[0]
    seed = details.get("seed")
    return (
        f"{counted(int(total['n']), 'sequence')} of {lengths(analysis)} with "
        f"{counted(len(record.readouts), 'readout')} ({listed(record.readouts)}) were divided into "
        f"{total['train']:,} for training, {total['validation']:,} for validation and "
        f"{total['test']:,} for testing. A {type(analysis.model).__name__} with "
        f"{analysis.n_filters} filters of {analysis.model.motifs.width} letters was trained with "
        f"Adam for {n_steps(analysis.model)} batches of {details.get('batch_size', '?')} sequences"
        f"{'' if seed is None else f' (seed {seed})'}; {_kept(details)} "
        f"(motifbook {details.get('motifbook', __version__)}, PyTorch "
        f"{details.get('torch', '?')})."
    )


def _kept(details: Mapping[str, Any]) -> str:
    """Which of its states the network was left in: see `mb.fit`."""
    losses = [look["validation_loss"] for look in details.get("rounds", [])]
    if losses and np.isnan(losses).all():
        return "the last state was kept"
    return (
        "of the states after half of the batches planned, that with the lowest validation loss "
        "was kept"
    )


def _reading(analysis: Analysis) -> str:
    compared = ""
    if analysis.n_known:
        compared = (
            f" Motifs were compared with {counted(analysis.n_known, 'known motif')} of "
            f"{analysis.known_name} by Tomtom's statistic; q-values are Benjamini-Hochberg over "
            "these."
        )
    if len(analysis.enriched):
        compared += (
            " Without the network, known motifs were tested among sequences of equal GC content "
            "and length (Cochran-Mantel-Haenszel test for readouts of 0 and 1, Mantel's test of "
            "ranks for others), Benjamini-Hochberg over the motifs of a readout."
        )
    return (
        f"Motifs were read from the windows in which a filter reaches {SITE:g} of its largest "
        "activation; filters that show the same motif were merged. A motif counts as used if "
        f"silencing its filters raises the loss on {_judges(analysis)} by more than {SMALLEST_USE} "
        "and by more than chance (bootstrap). Sites are positions of the motif's matrix with a "
        f"p-value of {SITE_P:g} or less against the letter frequencies of all sequences, on both "
        "strands where there are two; of motifs too short for that, their best possible match."
        f"{compared}"
    )


def _testing(analysis: Analysis) -> str:
    tested = analysis.tested
    if tested.reason:
        return f"Motifs were not tested: {tested.reason}."
    return (
        "Each motif was tested as it is: the readout was regressed on the probability that a "
        "sequence's best match is a site, GC content and length held; readouts with many values "
        "after their ranks were made normal, those with few values, and fewer than 30 sequences, "
        "by permutation, within pairs of a positive and its own shuffle where there are such. "
        f"P-values are {tested.conditions} (Holm)."
    )


def _asking(analysis: Analysis) -> str:
    """What was asked of the network by experiment."""
    if not len(analysis.taken_out):
        return ""
    n = int(analysis.taken_out["n"].max())
    put_in = ""
    if analysis.syntax is not None and len(analysis.syntax.alone):
        n_in = int(analysis.syntax.alone["n"].max())
        put_in = f"The most probable word of a motif was written into {n_in} shuffled sequences. "
    how = (
        "the prediction minus the mean of those with each letter at its place"
        if any(example.values.method == "mutagenesis" for example in analysis.examples)
        else "the gradient at the letter minus its mean over the letters"
    )
    return (
        f"{put_in}Instances, places where the network's own filters see a motif, were replaced by "
        f"letters of the shuffled sequence (10 draws, up to {n:,} sequences). Intervals of these "
        "effects are Student's t over sequences, 95 %; effects on readouts of 0 and 1 are log "
        f"odds. The value of a letter is {how}."
    )


def _fitting(analysis: Analysis) -> str:
    """How the formula was fitted."""
    formula = analysis.linear.formula
    if formula is None:
        return ""
    rows = formula.info["rows"]
    kinds = {"hc3": "HC3", "cluster": "clustered by family", "bootstrap": "bootstrap"}
    return (
        f"The linear formula counts sites of {counted(len(formula.motifs), 'motif')} of the "
        f"network, with letter composition beside them; thresholds of counting were set on "
        f"{rows['discover']:,} training sequences, coefficients fitted to {rows['infer']:,} test "
        f"sequences, 95 % intervals {kinds[formula.info['intervals']]}, q-values "
        "Benjamini-Hochberg (after Liu & Wang)."
    )


def _writing(analysis: Analysis) -> str:
    """How new sequences were written."""
    designs = analysis.designed.designs
    if designs is None:
        return ""
    details = designs.details
    words = [f"{counted(len(designs.table), 'sequence')} were written by mb.design"]
    words += [f"method {details['method']}"] if "method" in details else []
    words += [f"seed {details['seed']}"] if details.get("seed") is not None else []
    words += [f"{details['n_calls']:,} predictions"] if "n_calls" in details else []
    judged = "; they were judged by no other network" if analysis.designed.is_own else ""
    return f"{', '.join(words)}{judged}."


def _judging(analysis: Analysis) -> str:
    about = " ".join(f"{p.name[0].upper()}{p.name[1:]}: {p.about}" for p in analysis.predictors[1:])
    return (
        f"Predictors were judged on {analysis_rows(analysis)}; intervals are 2.5 and 97.5 % "
        f"quantiles over {RESAMPLES:,} resamplings of these, those of differences over the same "
        f"resamplings of both. {about}".rstrip()
    )


def _judges(analysis: Analysis) -> str:
    """Which sequences judged the use of filters."""
    judges = {str(motif.info[JUDGED_ON]) for motif in analysis.motifs}
    return f"{min(judges)} sequences" if judges else "held-out sequences"
