"""What a scrambler costs: training, a mask, from how many sequences on it pays; long sequences.

    OMP_NUM_THREADS=1 python -m benchmarks.scrambler_speed

Rule "both" (see scrambler_rivals), a small CNN of the book trained on 4,000 sequences of 200 and of
1,000 letters. Milliseconds are the fastest of three readings of 1,000 sequences, beside mutagenesis
of 20 of them in the same run. AUPRC: planted letters of sequences that are predicted above 0.9.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

import motifbook as mb
from motifbook.data import store

SIZES = ((200, 0.16), (1000, 0.032))  # letters, bits per position: those of two words
N_READ, N_MUTATED, SEED = 1000, 20, 0


def milliseconds(adata, read, n_times: int = 3) -> float:
    """CPU time per sequence, the fastest of some readings."""
    taken = []
    for _ in range(n_times):
        began = time.process_time()
        read(adata)
        taken.append(time.process_time() - began)
    return 1e3 * min(taken) / adata.n_obs


def planted(adata, length: int) -> np.ndarray:
    """Whether each letter was planted, (n, length)."""
    sites = adata.uns["truth"]["sites"]
    sites = sites[sites["sequence"].isin(adata.obs_names)]
    truth = np.zeros((adata.n_obs, length), bool)
    for row, start, end in zip(
        adata.obs_names.get_indexer(sites["sequence"]), sites["start"], sites["end"]
    ):
        truth[row, start:end] = True
    return truth


def measure(length: int, bits: float) -> dict[str, object]:
    options = mb.SimulateOptions(jitter=length)
    adata = mb.simulate(4000, length, rule="both", seed=SEED, options=options)
    adata.obs["split"] = mb.split(adata, by="random", seed=SEED)
    model = mb.CNN(n_readouts=1, hidden=32)
    mb.fit(model, adata, seed=SEED, progress=False)
    began = time.process_time()
    scrambler = mb.fit_scrambler(model, adata, bits=bits, seed=SEED, progress=False)
    training = time.process_time() - began
    fresh = mb.simulate(N_READ, length, rule="both", seed=SEED + 1, options=options)
    mask = milliseconds(fresh, scrambler.importance)
    mutagenesis = milliseconds(
        fresh[:N_MUTATED].copy(), lambda some: mb.attribute(model, some, "mutagenesis"), 1
    )
    is_sure = (mb.predict(model, fresh)[:, 0] > 0.9) & (store.get_readouts(fresh)[:, 0] == 1)
    sure = fresh[np.flatnonzero(is_sure)].copy()
    pairs = zip(planted(sure, length), scrambler.importance(sure))
    return {
        "letters": length,
        "network, AUROC": f"{mb.evaluate(model, adata)['auroc'][0]:.3f}",
        "training, CPU s": f"{training:.1f}",
        "mask, ms": f"{mask:.2f}",
        "mutagenesis, ms": f"{mutagenesis:.1f}",
        "pays from": f"{1e3 * training / (mutagenesis - mask):.0f} sequences",
        "AUPRC": f"{np.mean([average_precision_score(*pair) for pair in pairs]):.3f}",
        "of": f"{sure.n_obs} sequences",
    }


def main() -> None:
    print(pd.DataFrame([measure(*size) for size in SIZES]).to_markdown(index=False))


if __name__ == "__main__":
    main()
