"""Does discovery find the planted motifs, all of them and no others? Seeds and settings in rows.

    OMP_NUM_THREADS=1 python -m benchmarks.formula_recovery 0 1 2 3    # one row per data seed
    OMP_NUM_THREADS=1 python -m benchmarks.formula_recovery null 0 1   # readouts in random order
    OMP_NUM_THREADS=1 python -m benchmarks.formula_recovery size 0     # 18,000 x 400 letters

The simulation "formula": 6,000 sequences of 200 letters, four readouts, eight motifs with effects,
two without. Rows 0 to 3,599 discover, 3,600 to 3,999 validate, 4,000 to 5,999 measure coefficients
by least squares with HC3 intervals. "found": the motifs and the eight planted ones can be paired
one to one, each at a similarity (`motif.compare.similarity`) of 0.7 or more.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.data import schema, store
from motifbook.data.simulation.rules import RULES
from motifbook.formula.calibrate import calibrate
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.discover import DiscoverOptions, discover_motifs, standardized
from motifbook.formula.positions import Positions
from motifbook.formula.regression import regress
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif

TRAIN, VALIDATION, INFER = slice(0, 3600), slice(3600, 4000), slice(4000, 6000)
SIMILAR, EFFECTIVE = 0.7, 8
RULE = RULES["formula"]
NAMES, EFFECTS = list(RULE.motifs), np.array(RULE.effects)
PALINDROMES = [number for number, name in enumerate(NAMES) if name in ("NRF1", "CREB1")]
KINDS = ["continuous"] * EFFECTS.shape[1]


def simulated(seed):
    """Sequences, readouts, and the planted motifs in the rule's order."""
    adata = mb.simulate(6000, 200, rule="formula", seed=seed)
    planted = [Motif(name, ppm) for name, ppm in adata.uns[schema.TRUTH]["motifs"].items()]
    return store.get_letters(adata), np.asarray(adata.X, dtype=np.float64), planted


def discovered(letters, readout, seed):
    """What is found in the first 4,000 rows, and the seconds of one core that it took."""
    rows, begin = np.arange(len(letters)), time.process_time()
    found = discover_motifs(
        letters, readout, KINDS, train=rows[TRAIN], validation=rows[VALIDATION], seed=seed,
        progress=False,
    )  # fmt: skip
    return found, time.process_time() - begin


def measured(motifs, letters, readout):
    """Regression of the last 2,000 rows, and R2 there of coefficients from the first 4,000."""
    counts = count_sites(motifs, letters, Positions.named("anywhere", letters.shape[1]))
    table = regress(counts[INFER], readout[INFER], KINDS)
    columns = np.column_stack([np.ones(len(counts)), counts])
    before = slice(0, INFER.start)
    weights, *_ = np.linalg.lstsq(columns[before], readout[before], rcond=None)
    left = ((readout[INFER] - columns[INFER] @ weights) ** 2).sum(axis=0)
    total = ((readout[INFER] - readout[INFER].mean(axis=0)) ** 2).sum(axis=0)
    return table, float((1 - left / total).mean())


def row(seed):
    """One data seed."""
    letters, readout, planted = simulated(seed)
    found, seconds = discovered(letters, readout, seed)
    alike = np.array([[similarity(one.motif, t) for t in planted] for one in found.motifs])
    match = alike.argmax(axis=1)
    paired = sorted(match.tolist()) == list(range(EFFECTIVE)) and alike.max(axis=1).min() >= SIMILAR
    table, r2 = measured(found.motifs, letters, readout)
    true, got = EFFECTS[match], table.coefficients[1:]
    covered = (table.lower[1:] <= true) & (true <= table.upper[1:])
    ends = np.isin(match, PALINDROMES)
    return {
        "seed": seed,
        "motifs": len(match),
        "found": paired,
        "least similarity": alike.max(axis=1).min(),
        "r": np.corrcoef(true.ravel(), got.ravel())[0, 1],
        "MAE": np.abs(true - got).mean(),
        "slope": (true * got).sum() / (true**2).sum(),
        "palindromes": (true * got)[ends].sum() / (true**2)[ends].sum(),
        "covered, zeros": covered[true == 0].mean(),
        "covered, others": covered[true != 0].mean(),
        "R2": r2,
        "R2, true matrices": measured(_calibrated(planted, letters, readout), letters, readout)[1],
        "seconds": seconds,
    }


def _calibrated(planted, letters, readout):
    values = standardized(readout, KINDS, np.arange(TRAIN.stop))
    motifs = [CountedMotif(motif, 6.5, 1.0) for motif in planted[:EFFECTIVE]]
    return calibrate(motifs, letters[TRAIN], values[TRAIN], both_strands=True)


def null_row(seed):
    """Readouts in random order: what does least squares on unseen rows say of such motifs?"""
    letters, readout, _ = simulated(seed)
    readout = np.random.default_rng(seed).permutation(readout)
    found, _ = discovered(letters, readout, seed)
    table, r2 = measured(found.motifs, letters, readout)
    p_values = table.p_value[1:]
    return {
        "seed": seed,
        "motifs": len(found.motifs),
        "full support": sum(n == found.n_restarts for n in found.support),
        "coefficients": p_values.size,
        "p < 0.05": int((p_values < 0.05).sum()),
        "R2": r2,
    }


def size_row(seed):
    """The size of the paper's data with the default recipe."""
    adata = mb.simulate(18_000, 400, rule="formula", seed=seed)
    letters, readout = store.get_letters(adata), np.asarray(adata.X, dtype=np.float64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    found = discover_motifs(
        letters, readout, KINDS, train=np.arange(16_500), validation=np.arange(16_500, 18_000),
        seed=seed, progress=False, options=DiscoverOptions(n_filters=32),
    )  # fmt: skip
    return {
        "seed": seed,
        "motifs": len(found.motifs),
        "wall seconds": time.perf_counter() - wall,
        "seconds of one core": time.process_time() - cpu,
        "GB before": before / 1e6,
        "largest GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def main(words):
    makers = {"null": null_row, "size": size_row}
    make = makers.get(words[0], row) if words else row
    seeds = [int(word) for word in words if word.isdigit()]
    print(pd.DataFrame([make(seed) for seed in seeds]).round(3).to_markdown(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
