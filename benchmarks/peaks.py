"""Real ChIP-seq peaks: the right factor first, and no worse a prediction than a plain CNN?

    MOTIFBOOK_TEST_DATA=... python -m benchmarks.peaks            # all peaks; about half an hour
    MOTIFBOOK_TEST_DATA=... python -m benchmarks.peaks --n 4000   # 4,000 peaks of each set

Positives against their dinucleotide shuffles, split 80/10/10 at random with copies, reverse
complements and shuffle pairs together; everything of one line is from one run on the same rows.
"Plain CNN" is 32 random filters x 17, strand maximum, linear, 15 passes (at most 6,000 steps of
128); "strong CNN" has 64 x 20 and a hidden layer; "known matrix" is the best single matrix of
JASPAR 2026 vertebrates: five chosen on training rows, of these the best on the test rows. One
process per run, so that memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
FILES = {
    "CTCF": "ctcf_hg19_100bp.fa.gz",
    "PU.1": "pu1_100bp.fa.gz",
    "Oct4": "oct4_200bp.fa.gz",
    "MafK": "mafk_200bp.fa.gz",
}


def run(name: str, n: int | None, seed: int) -> dict[str, Any]:
    import numpy as np

    import motifbook as mb
    from motifbook.report import Settings, analyze
    from motifbook.report.words import title_of

    folder = Path(os.environ["MOTIFBOOK_TEST_DATA"]) / "chip"
    began = time.perf_counter()
    adata = mb.read_fasta(folder / FILES[name], negatives="shuffle", seed=seed)
    half = adata.n_obs // 2
    if n is not None and n < half:
        peaks = np.sort(np.random.default_rng(seed).choice(half, n, replace=False))
        adata = adata[np.concatenate([peaks, peaks + half])].copy()
    adata.obs["split"] = mb.split(adata, seed=seed)
    settings = Settings(seed=seed, progress=False)
    analysis = analyze(adata, baselines=("cnn", "strong", "known"), settings=settings)
    auroc = analysis.evaluation.set_index("predictor")["auroc"]
    first = analysis.cards[0].known.iloc[0] if analysis.cards else None
    return {
        "set": name,
        "peaks": adata.n_obs // 2,
        "seed": seed,
        "first": "" if first is None else f"{first['target_name']} ({first['target']})",
        "q": 1.0 if first is None else float(first["q_value"]),
        "motifs": [
            f"{title_of(card)} {sum(float(form.info['use']) for form in card.forms):.3f}"
            for card in analysis.cards
        ],
        "auroc": {str(key): round(float(value), 4) for key, value in auroc.items()},
        "seconds": round(time.perf_counter() - began),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def summary(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for one in runs:
        short = {name.split(":")[0]: value for name, value in one["auroc"].items()}
        rows.append(
            {
                "set": one["set"],
                "peaks": one["peaks"],
                "seed": one["seed"],
                "first motif": one["first"],
                "q": f"{one['q']:.0e}",
                "motifs": len(one["motifs"]),
                **short,
                "s, all": one["seconds"],
                "GB": one["peak_gb"],
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, help="peaks per set; all by default")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sets", nargs="*", default=list(FILES), choices=list(FILES))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run(given.one[0], given.n, int(given.one[1]))))
        return
    runs = []
    for name in given.sets:
        for seed in range(given.seeds):
            command = [sys.executable, "-m", "benchmarks.peaks", "--one", name, str(seed)]
            command += ["--n", str(given.n)] if given.n else []
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            runs.append(json.loads(said.splitlines()[-1]))
            print(runs[-1], flush=True)
    table = HERE / f"peaks_{given.n or 'all'}.json"
    table.write_text(json.dumps(runs, indent=1) + "\n")
    print(summary(runs).to_markdown(index=False))


if __name__ == "__main__":
    main()
