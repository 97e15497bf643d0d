"""Readouts in random order: how often is a coefficient significant, where none can be true?

    OMP_NUM_THREADS=1 python -m benchmarks.formula_null

3,000 sequences of the simulation "formula", readouts dealt out anew, the whole of `mb.fit_formula`:
with the ten planted motifs given (20 seeds), and with learned motifs and the 40 words that go best
with the readouts of the learning rows (4 seeds), nothing selected away.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import motifbook as mb

LEVEL = 0.05


def permuted(seed: int) -> Any:
    adata = mb.simulate(3000, 200, rule="formula", seed=seed)
    adata.X = adata.X[np.random.default_rng(seed).permutation(adata.n_obs)]
    return adata


def tested(seed: int, *, given: bool) -> Any:
    """Coefficients of motifs and words."""
    adata = permuted(seed)
    options = mb.FormulaOptions(
        baselines=False, interactions=False, selection="none", n_words=None if given else 40
    )
    motifs = None
    if given:
        motifs = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    formula = mb.fit_formula(adata, motifs=motifs, options=options, seed=seed, progress=False)
    return formula.coefficients.query("kind == 'motif'")


def main() -> None:
    print("| motifs | seeds | tests | p < 0.05 | q < 0.05 |\n|---|---|---|---|---|")
    for called, given, n_seeds in (("given", True, 20), ("learned, and words", False, 4)):
        tables = [tested(seed, given=given) for seed in range(n_seeds)]
        n = sum(len(table) for table in tables)
        n_p = sum(int((table["p_value"] < LEVEL).sum()) for table in tables)
        n_q = sum(int((table["q_value"] < LEVEL).sum()) for table in tables)
        print(f"| {called} | {n_seeds} | {n} | {n_p} = {n_p / n:.1%} | {n_q} |", flush=True)


if __name__ == "__main__":
    main()
