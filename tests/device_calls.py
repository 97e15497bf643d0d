"""What runs a network, each called small: for tests that run it on one device and on another."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.attribution.scrambler.scrambler import Scrambler

Call = Callable[..., Any]
GATA = mb.Motif.from_sites("GATA", ["GATAAG"])
ETS = mb.Motif.from_sites("ETS", ["CCGGAA"])
QUICK = mb.FitOptions(n_steps=12)
LEARN = mb.ScramblerOptions(n_steps=2)
LETTERS = mb.AttributeOptions(bits=0.3, scrambler=LEARN, n_steps=4, n_references=2)
SEARCH = mb.DesignOptions(n_steps=3, n_tries=1, n_calls=200)
QUIET: dict[str, Any] = {"seed": 0, "progress": False}


@cache
def sequences():
    adata = mb.simulate(n=120, length=40, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.5, 0.25, 0.25), seed=0)
    return adata


def network():
    model = mb.MotifSyntaxNet(1, n_filters=6, width=8)
    return mb.fit(model, sequences(), device="cpu", options=QUICK, **QUIET) and model


def values(found: Any) -> list[np.ndarray]:
    """All numbers of a result, in order."""
    if isinstance(found, pd.DataFrame):
        numbers = found.select_dtypes("number").drop(columns="seconds", errors="ignore")
        return [np.array([len(found)]), *(numbers[column].to_numpy() for column in numbers)]
    if isinstance(found, (list, tuple)):
        return [array for one in found for array in values(one)]
    if isinstance(found, dict):
        return [array for one in found.values() for array in values(one)]
    if isinstance(found, mb.Motif):
        return [found.ppm]
    return [np.asarray(found)]


def _predicted(model, **how):
    adata = sequences()
    prediction = mb.predict(model, adata, **how)
    return [prediction, mb.evaluate(model, adata, **how)]


def _fitted(model, **how):
    fresh = mb.MotifSyntaxNet(1, n_filters=6, width=8)
    mb.fit(fresh, sequences(), options=QUICK, **QUIET, **how)
    return mb.predict(fresh, sequences(), **how)


def scrambled(model, **how) -> Scrambler:
    options = mb.ScramblerOptions(n_steps=2, mask_dropout=0.2, smoothing=1.0)
    return mb.fit_scrambler(model, sequences(), bits=0.3, options=options, **QUIET, **how)


def _read_scrambler(model, **how):
    scrambler = scrambled(model, **how)
    adata = sequences()[:12]
    masks = scrambler.explain(adata, n_draws=3)
    curves = scrambler.curves(adata, bits=[0.1, 0.5], n_draws=3)
    control = scrambler.curves(adata, bits=[0.1, 0.5], n_draws=3, at_random=True)
    read = [
        scrambler.importance(adata),
        scrambler.attribute(adata),
        scrambler.relaxed(adata),
        scrambler.sample(adata, 3),
        masks.importance,
        masks.distortion,
        curves.distortion,
        control.distortion,
    ]
    optimized = [
        scrambler.refine(adata, n_steps=2, progress=False).importance,
        scrambler.optimize(adata, n_steps=2, progress=False).importance,
        scrambler.compare(adata[:4], adata[4:8]).table,
    ]
    return [*read, *optimized, scrambler.history]


def _scrambled_in(mode: str) -> Call:
    def call(model, **how):
        options = mb.ScramblerOptions(n_steps=2, budget_form="target")
        made = mb.fit_scrambler(
            model, sequences(), mode=mode, bits="10%", options=options, **QUIET, **how
        )
        return [made.importance(), made.summary() and 0]

    return call


def _attributed(method: str) -> Call:
    def call(model, **how):
        return mb.attribute(model, sequences()[:20], method, options=LETTERS, **QUIET, **how)

    return call


def _masks(model, **how):
    made = mb.optimize_masks(model, sequences()[:8], bits=0.3, n_steps=3, **QUIET, **how)
    return [made.importance, made.distortion]


def _measured(model, **how):
    found = {"one": mb.attribute(model, sequences(), "random", seed=0, device="cpu")}
    return [
        mb.fidelity(model, sequences(), found, seed=0, **how),
        mb.fidelity_table(model, sequences(), found, seed=0, **how),
    ]


def _experiments(model, **how):
    adata = sequences()[:10]
    hits = mb.scan([GATA, ETS], adata)
    return [
        mb.marginalize(model, GATA, adata, seed=0, **how),
        mb.space(model, GATA, ETS, adata, gaps=[2, 5], seed=0, **how),
        mb.ablate(model, adata, hits, seed=0, **how),
    ]


def _motifs(model, **how):
    adata = sequences()
    motifs = mb.read_motifs(model, adata, include_unused=True, **how)
    return [
        motifs,
        mb.call_instances(model, adata, motifs=motifs, seed=0, **how),
        mb.compare_use(model, adata, by="split", motifs=motifs, **how),
    ]


def _syntax(model, **how):
    motifs = mb.read_motifs(model, sequences(), include_unused=True, device="cpu")
    syntax = mb.read_syntax(model, sequences(), motifs=motifs, seed=0, **how)
    return [syntax.effects, syntax.alone, mb.response_curves(model, motifs)]


def _variants(model, **how):
    pairs = pd.DataFrame(
        {
            "reference": list(sequences().obs["sequence"][:5]),
            "alternative": list(sequences().obs["sequence"][5:10]),
        }
    )
    return mb.score_variants(model, pairs, seed=0, **how)


def _designed(method: str) -> Call:
    def call(model, **how):
        options = SEARCH if method != "motifs" else mb.DesignOptions(
            n_steps=2, n_tries=1, n_calls=200, motifs=[GATA, ETS]
        )  # fmt: skip
        made = mb.design(model, n=2, method=method, options=options, seed=0, **how)
        return [made.table, made.edits, made.controls(seed=0, **how)]

    return call


def _judged(model, **how):
    judge = mb.fit_judge(sequences(), options=QUICK, **QUIET, **how)
    return mb.predict(judge[0], sequences(), **how)


def _formula(model, **how):
    few = mb.DiscoverOptions(n_restarts=1, n_filters=4, width=8, passes=1)
    options = mb.FormulaOptions(discover=few, baselines=False, n_bootstrap=20)
    formula = mb.fit_formula(sequences(), options=options, **QUIET, **how)
    return formula.coefficients


CALLS: dict[str, Call] = {
    "predict": _predicted,
    "fit": _fitted,
    **{f"attribute, {method}": _attributed(method) for method in mb.attribute.methods},
    "scrambler": _read_scrambler,
    **{f"scrambler, {mode}": _scrambled_in(mode) for mode in ("exclusion", "enhance", "repress")},
    "optimize_masks": _masks,
    "fidelity": _measured,
    "experiments": _experiments,
    "motifs": _motifs,
    "syntax": _syntax,
    "variants": _variants,
    **{f"design, {way}": _designed(way) for way in ("motifs", "greedy", "gradient", "evolve")},
    "fit_judge": _judged,
    "fit_formula": _formula,
}
