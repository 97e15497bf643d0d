"""The second stage of the formula alone: 20,000 x 1,000 counts of sites, 154 readouts.

    python -m benchmarks.formula_counts      # prints a Markdown table, a few minutes

Selection, regression with HC3 intervals, and "is it the same in all readouts", each case in a fresh
process; memory is the largest that the process ever held, imports and data included. Counts are
Poisson, 200 families of five motifs that share half of their sites, all rates moved by GC; 100
motifs matter. "5 % missing": of every readout, other rows each, so that 154 Gram matrices are
needed. "halved": selection on 14,000 rows, regression on the other 6,000, as `fit_formula` does.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from motifbook.formula.across import across_readouts
from motifbook.formula.regression import regress
from motifbook.formula.selection import select

ROWS, MOTIFS, READOUTS, TRUE = 20_000, 1_000, 154, 100
CASES = [
    # missing, method, halved, threads
    (0.05, "stability", True, 1),
    (0.05, "stability", True, 2),
    (0.05, "stability", False, 1),
    (0.0, "stability", False, 1),
    (0.0, "none", False, 1),
]


def simulate(missing: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Counts, (ROWS, MOTIFS), and readouts, (ROWS, READOUTS)."""
    rng = np.random.default_rng(seed)
    gc = rng.normal(size=(ROWS, 1))
    family_rate = rng.gamma(1.0, 0.25, MOTIFS // 5) + 0.02
    shared = rng.poisson(family_rate * np.exp(0.3 * gc * rng.normal(size=MOTIFS // 5)))
    own = rng.poisson(np.repeat(family_rate, 5), (ROWS, MOTIFS))
    counts = (np.repeat(shared, 5, axis=1) + own).astype(float)
    chosen = rng.choice(MOTIFS, TRUE, replace=False)
    weights = rng.normal(size=(TRUE, 1)) + 0.7 * rng.normal(size=(TRUE, READOUTS))
    signal = counts[:, chosen] @ (weights / counts[:, chosen].std(axis=0)[:, None])
    noise = rng.normal(size=(ROWS, 1)) + rng.normal(size=signal.shape)
    readout = signal + noise * signal.std(axis=0)
    readout[rng.random(readout.shape) < missing] = np.nan
    return counts, readout


def run(missing: float, method: str, halved: bool, threads: int) -> dict[str, object]:
    counts, readout = simulate(missing)
    learn, infer = (
        (slice(None), slice(None)) if not halved else (slice(14_000), slice(14_000, None))
    )
    start, before = time.perf_counter(), time.process_time()
    chosen = select(counts[learn], readout[learn], np.arange(MOTIFS), method=method, n_max=MOTIFS)
    selected = time.perf_counter()
    design = counts[infer][:, chosen.kept]
    fitted = regress(design, readout[infer], ["continuous"] * READOUTS)
    regressed = time.perf_counter()
    names = [f"motif {number}" for number in np.flatnonzero(chosen.kept)]
    across_readouts(fitted, np.arange(len(names)), names, [f"c{i}" for i in range(READOUTS)])
    end = time.perf_counter()
    return {
        "missing": f"{missing:.0%}",
        "selection": method,
        "halved": halved,
        "threads": threads,
        "motifs kept": len(names),
        "select s": round(selected - start, 1),
        "regress s": round(regressed - selected, 1),
        "same s": round(end - regressed, 1),
        "all s": round(end - start, 1),
        "CPU s": round(time.process_time() - before, 1),
        "peak GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def main() -> None:
    rows = []
    for case in CASES:
        environment = {**os.environ, "OMP_NUM_THREADS": str(case[-1])}
        command = [sys.executable, "-m", "benchmarks.formula_counts", json.dumps(case)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout))
        print(rows[-1], file=sys.stderr)
    print(pd.DataFrame(rows).to_markdown(index=False))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(run(*json.loads(sys.argv[1]))))
    else:
        main()
