"""The paragraph for a paper: what was tested, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from motifbook.significance.finding import ReadoutTests
from motifbook.significance.options import TestOptions

ENGINES = {
    "maxt": "the largest association of any motif was compared with its distribution when nothing "
    "is associated (max-T; importance sampling at the first step, and at later steps random "
    "directions that keep the earlier selections)",
    "permutation": "the largest association of any motif was compared with that of permuted "
    "readouts",
    "conditional": "the association of the chosen motif was compared with its distribution given "
    "that this motif is chosen (exact conditional Monte Carlo on random lines)",
    "line": "the association of the chosen motif was tested by a truncated t distribution, given "
    "that this motif is chosen",
    "seism": "the association of the chosen motif was compared with that of readouts which choose "
    "the same motifs, sampled by hit-and-run on a hypersphere (SEISM, Villié et al. 2023, arXiv "
    "2212.12542), with valid p-values by the method of Besag and Clifford",
    "split": "motifs were chosen on one half of the sequences and tested on the other",
    "thin": "the readout was split into two independent parts, of which one chose the motifs and "
    "the other tested them",
    "fixed": "every motif was tested by itself, which holds for motifs that were chosen with other "
    "measurements",
}


def describe(
    tests: Sequence[ReadoutTests],
    readouts: pd.DataFrame,
    options: TestOptions,
    info: dict[str, Any],
) -> str:
    """Sentences with the numbers filled in."""
    sentences = []
    for engine, rows in readouts.groupby("engine", sort=False):
        names = ", ".join(map(str, rows["readout"]))
        low, high = int(rows["n"].min()), int(rows["n"].max())
        n = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        sentences.append(f"Readout {names} ({n} sequences): {ENGINES[str(engine)]}.")
    if any(one.is_stepwise for one in tests):
        sentences.insert(
            0,
            f"Motifs were chosen step by step from {info['dictionary']} by their association with "
            "the readout (Gaussian activation of the best window, as in SEISM; Villié et al. 2023, "
            "arXiv 2212.12542), given earlier motifs.",
        )
    if any(one.on_ranks for one in tests):
        sentences.append("Ranks of the readout were made normal first.")
    taken_out = [name for name in info["covariates"] if name != "intercept"]
    if taken_out:
        sentences.append(f"Taken out as covariates: {', '.join(taken_out)}.")
    if info["has_blocks"]:
        sentences.append("Sequences were compared within blocks only.")
    sentences.append(_control(tests, options))
    kept = int(readouts["n_kept"].sum())
    sentences.append(
        f"{kept} motifs were kept. Analysis by motifbook {info['version']}, seed {info['seed']}."
    )
    return " ".join(sentences)


def _control(tests: Sequence[ReadoutTests], options: TestOptions) -> str:
    stepwise = any(one.is_stepwise for one in tests)
    if options.control == "fdr":
        how = "ForwardStop" if stepwise else "Benjamini and Hochberg's method"
        said = f"The false discovery rate was held at {options.fdr:g} by {how}"
    else:
        how = "stopping at the first larger p-value" if stepwise else "Holm's method"
        said = f"The family-wise error rate was held at {options.alpha:g} by {how}"
    if len(tests) > 1:
        said += f", within readouts chosen at a false discovery rate of {options.fdr:g}"
    effects = [finding.effect.value for one in tests for finding in one.findings]
    if np.isnan(effects).all():
        return f"{said}."
    how = "were made after a selection with noise added" if stepwise else "allow for any noise"
    return f"{said}; intervals of {options.level:.0%} {how}."
