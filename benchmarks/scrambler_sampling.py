"""Gradients through the network, or draws compared: which way to train a scrambler?

    OMP_NUM_THREADS=1 python -m benchmarks.scrambler_sampling               # five seeds
    OMP_NUM_THREADS=1 python -m benchmarks.scrambler_sampling both --seeds 0
    OMP_NUM_THREADS=1 python -m benchmarks.scrambler_sampling switch --model D/net.motifbook

The networks, sequences and measures of `scrambler_rivals`: "both" (two words are needed) and
"copies" (one of two copies suffices), read on held-out sequences. "switch": the network that
`benchmarks.million --folder D` leaves there, trained so long that it is nearly a switch; scrambler
and masks get new sequences of its rule, those read hold both words. "auprc": of the letters of
planted sites; "copy_min": the less covered of two sites among the best letters; "fidelity": what
the prediction loses where that share of the letters stays. In brackets the worst seed.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from benchmarks.million import FIRST, SECOND, block
from benchmarks.scrambler_rivals import (
    BITS,
    LEVELS,
    N_TEST,
    TRAINING,
    held_out,
    simulated,
    timed,
    trained,
)

WAYS = ("gate", "reinforce")
SWITCH, SWITCH_BITS = "switch", 0.14  # two words of 7 in 200 letters


def learned(
    model: Any, train: ad.AnnData, test: ad.AnnData, bits: float, seed: int
) -> pd.DataFrame:
    """One scrambler by either way, and how its masks of held-out sequences do."""
    rows = []
    for way in WAYS:
        options = mb.ScramblerOptions(sampling=way)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mb.ScramblerWarning)
            scrambler, seconds = timed(
                lambda options=options: mb.fit_scrambler(
                    model, train, bits=bits, options=options, seed=seed, progress=False
                )
            )
        values = {way: scrambler.attribute(test)}
        sheet = mb.fidelity(
            model, test, values, levels=LEVELS, annotation=test.uns["truth"]["sites"], seed=seed
        )
        row = sheet[sheet["method"] == way].iloc[0].to_dict()
        again = any("repeated from another start" in note for note in scrambler.notes)
        rows.append({**row, "training": seconds, "again": again})
    return pd.DataFrame(rows)


def usual(rule: str, seed: int) -> pd.DataFrame:
    n, n_passes = TRAINING[rule]
    train = simulated(n, rule, seed, True)
    model = trained(train, n_passes, seed)
    test, _ = held_out(model, simulated(3000, rule, 1000 + seed, True))
    return learned(model, train[:6000].copy(), test, BITS, seed)


def switched(path: str, seed: int) -> pd.DataFrame:
    """New blocks of the rule of the million: the network has seen none of them."""
    train, test = (as_book(block(6000, number)) for number in (10_000 + seed, 20_000 + seed))
    has_both = ((test.obs["first"] >= 0) & (test.obs["second"] >= 0)).to_numpy()
    test = test[np.flatnonzero(has_both)[:N_TEST]].copy()
    starts = [("first", len(FIRST)), ("second", len(SECOND))]
    sites = [
        pd.DataFrame(
            {"sequence": test.obs_names, "start": test.obs[word], "end": test.obs[word] + width}
        )
        for word, width in starts
    ]
    test.uns["truth"] = {"sites": pd.concat(sites, ignore_index=True)}
    return learned(mb.load(path), train, test, SWITCH_BITS, seed)


def as_book(made: tuple[np.ndarray, pd.DataFrame]) -> ad.AnnData:
    letters, table = made
    return ad.AnnData(
        X=table[["activity"]].to_numpy(np.float32),
        obs=table.set_axis([f"s{row}" for row in range(len(table))]),
        obsm={"letters": letters},
        var=pd.DataFrame(index=["activity"]),
        uns={"alphabet": "DNA"},
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rules", nargs="*", help="both, copies (when none is named), switch")
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument("--model", help="of benchmarks.million, for the rule 'switch'")
    asked = parser.parse_args()
    parts = []
    for rule in asked.rules or TRAINING:
        for seed in asked.seeds:
            part = switched(asked.model, seed) if rule == SWITCH else usual(rule, seed)
            part.insert(0, "rule", rule)
            part.insert(1, "seed", seed)
            parts.append(part)
            print(part.to_string(), flush=True)
    shown = [
        "auprc",
        "auprc_p10",
        "copy_min",
        *(f"fidelity_{level}%" for level in (20, 10, 5)),
        "training",
    ]
    table = pd.concat(parts)
    rows = []
    for (rule, way), part in table.groupby(["rule", "method"], sort=False):
        row = {
            "rule": rule,
            "draws": way,
            "seeds": len(part),
            "second starts": int(part["again"].sum()),
        }
        for name in shown:
            worst = part[name].min() if name.startswith(("au", "copy")) else part[name].max()
            row[name] = f"{part[name].mean():.3f} ({worst:.3f})"
        rows.append(row)
    print(pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True))


if __name__ == "__main__":
    main()
