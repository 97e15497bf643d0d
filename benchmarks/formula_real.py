"""The formula on four real sets, beside words, composition and a plain network.

Families, copies and sequences that share 24 letters are kept together (`mb.split`, "similarity"):
60 % of the sequences find the motifs, 10 % choose, 30 % are scored and give the coefficients.
"formula" is `mb.fit_formula(adata)`; "formula, known" has known motifs of the kingdom as candidates
and no words; "formula, all" has known motifs and words, and keeps them all. The number of words
and the rule that lets them in were chosen on the learning rows of seed 0, divided once more.
With `--baselines` only the other models are trained.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.data import store
from motifbook.formula import baselines
from motifbook.formula.rows import Rows, divide
from motifbook.motif.compare import similarity

# What biologists know to act there; N: any letter.
KNOWN = {
    "fly": {"DRE": "TATCGATA", "Ohler1": "GGTCACACT", "AP-1": "TGANTCA", "GATA": "AGATAA"},
    "yeast": {"Reb1": "TTACCCG", "Rap1": "ACACCCATACA", "Abf1": "CGTNNNNNNTGA"},
    "crx": {"CRX": "CTAATCC", "NRL": "TGCTGANNCAGCA", "RORB": "AGGTCA"},
    "human": {"AP-1": "TGANTCA", "GATA1": "AGATAA", "ETS": "CCGGAAGT", "NRF1": "GCGCATGCGC"},
}
KINGDOM = {"fly": "insects", "yeast": "fungi", "crx": "vertebrates", "human": "vertebrates"}
ALL = mb.FormulaOptions(selection="none", n_words=80, interactions=False, baselines=())
SHARES = (0.6, 0.1, 0.3)
FOUND = 0.7  # similarity from which a motif of the formula is taken for a known one
MOST = 15  # motifs that are listed
CI = ["coefficient", "lower", "upper", "q_value"]


def load(name: str, seed: int) -> Any:
    adata = mb.examples.load(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adata.obs["split"] = mb.split(adata, by="similarity", fractions=SHARES, seed=seed)
    return adata


def from_word(name: str, word: str) -> Any:
    ppm = np.array([[0.25 if x == "N" else float(x == y) for x in word] for y in "ACGT"])
    return mb.Motif(name, ppm)


def other_models(adata: Any, seed: int) -> pd.DataFrame:
    rows: Rows = divide(adata, seed, [])
    both = store.get_alphabet(adata).has_strands
    return baselines.compare(adata, rows, both_strands=both, seed=seed, progress=False)


def means(name: str, seed: int, table: pd.DataFrame, seconds: float) -> None:
    n = int(table["n"].max())
    by_model = table.groupby("model", sort=False)[["r2", "pearson", "n_terms"]].mean()
    for model, (r2, r, n_terms) in by_model.iterrows():
        size = "" if np.isnan(n_terms) else f"{n_terms:.0f}"
        print(f"| {name} | {seed} | {n} | {model} | {r2:.3f} | {r:.3f} | {size} |")
    print(f"\n{name}, seed {seed}: {seconds:.0f} s\n", flush=True)


def motifs(name: str, formula: Any) -> None:
    """Which known motifs are in the formula, and what they are worth in each readout."""
    coefficients = formula.coefficients
    for called, word in KNOWN[name].items():
        alike = [similarity(motif, from_word(called, word)) for motif in formula.motifs]
        if max(alike, default=0) < FOUND:
            print(f"* {called} ({word}): not found; most similar {max(alike, default=0):.2f}")
            continue
        best = formula.motifs[int(np.argmax(alike))]
        rows = coefficients[coefficients["motif"] == best.name]
        said = [
            f"{readout} {b:+.2f} [{low:.2f}, {high:.2f}] q {q:.1g}"
            for readout, (b, low, high, q) in zip(rows["readout"], rows[CI].to_numpy())
        ]
        print(f"* {called} ({word}): {best.name} {best.consensus} {max(alike):.2f}")
        print("  " + "; ".join(said))
    listed = ", ".join(motif.name for motif in formula.motifs[:MOST])
    print(f"* {len(formula.motifs)} motifs, strongest first: {listed}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(KNOWN))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--baselines", action="store_true", help="only the other models")
    given = parser.parse_args()
    folder = os.environ.get("MOTIFBOOK_TEST_DATA", "")
    if not Path(folder, "mpra").is_dir():
        raise SystemExit("No real data: set MOTIFBOOK_TEST_DATA to the folder that holds mpra/.")
    print(
        "| set | seed | n scored | model | R2 | Pearson r | terms |\n|---|---|---|---|---|---|---|"
    )
    for name in given.sets or list(KNOWN):
        for seed in given.seeds:
            adata = load(name, seed)
            started = time.perf_counter()
            if given.baselines:
                table = other_models(adata, seed)
                means(name, seed, table, time.perf_counter() - started)
                continue
            formula = mb.fit_formula(adata, seed=seed, progress=False)
            compact = with_known(name, adata, seed, mb.FormulaOptions(n_words=0, baselines=()))
            whole = with_known(name, adata, seed, ALL)
            table = formula.baselines
            table = pd.concat(
                [scores(whole, "formula, all"), scores(compact, "formula, known"), table]
            )
            means(name, seed, table, time.perf_counter() - started)
            print(baselines.summary(formula.baselines), "\n")
            motifs(name, compact)


def scores(formula: Any, called: str) -> pd.DataFrame:
    """Scores of the formula alone, without the ceiling."""
    table = formula.baselines
    return table[table["model"] == baselines.FORMULA].assign(model=called)


def with_known(name: str, adata: Any, seed: int, options: mb.FormulaOptions) -> Any:
    """The formula with known motifs beside the learned ones, without other models."""
    known = f"JASPAR2026_{KINGDOM[name]}"
    return mb.fit_formula(adata, known=known, options=options, seed=seed, progress=False)


if __name__ == "__main__":
    main()
