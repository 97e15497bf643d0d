"""How long 100 designs of 200 letters take, beside tangermeme and Ledidi on the same network.

    python -m benchmarks.design_speed                 # one and two threads
    python -m benchmarks.design_speed --peers         # and the peers, on one thread

Networks trained on the simulated set "additive". `mb.design(model, n=100, method=…, seed=0)` runs
as typed, with constraints, explanations and checks. Peers begin with the starts of the first
designs of "greedy", without any constraints: `tangermeme.design.greedy_substitution` makes as many
edits of one letter as `mb.design` changed letters there; Ledidi maximizes the same readout with its
own settings. Both work on one sequence at a time; their seconds are those of `--designs` sequences,
scaled to 100. "score": mean prediction in standard deviations of the readout. "CPU seconds" are
those of all cores, and what to compare where the machine was busy.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from benchmarks.peers.design import ledidi_batch
from motifbook.onehot import encode, onehot

N = 100
METHODS = ["motifs", "greedy", "evolve", "gradient", "ledidi", "random"]


def trained(kind):
    adata = mb.simulate(4000, 200, rule="additive", seed=0)
    adata.obs["split"] = mb.split(adata, seed=0)
    model = kind(n_readouts=adata.n_vars)
    mb.fit(model, adata, seed=0, progress=False)
    return model


class First(nn.Module):
    """The first readout of a network, in standard deviations, (n, 1), as peers want it."""

    def __init__(self, model):
        super().__init__()
        self.model = model.eval()

    def forward(self, letters):
        return self.model(letters.float())[:, :1]


def clocked(call):
    """What a call returns, and its seconds, of the clock and of all cores."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = call()
    return made, time.perf_counter() - wall, time.process_time() - cpu


def scores(model, letters):
    with torch.no_grad():
        return First(model)(torch.as_tensor(onehot(letters))).numpy().ravel()


def row(model, method, threads):
    torch.set_num_threads(threads)
    designs, wall, cpu = clocked(lambda: mb.design(model, n=N, method=method, seed=0))
    starts = np.stack([path.letters[0] for path in designs.paths])
    line = {
        "network": type(model).__name__, "method": method, "threads": threads,
        "designs": len(designs), "seconds": wall, "CPU seconds": cpu,
        "letters changed": designs.table["n_changed"].mean(),
        "score": scores(model, encode(designs.sequences)).mean(),
        "calls": designs.details["n_calls"],
    }  # fmt: skip
    return line, starts, designs.table["n_changed"].to_numpy()


def substituted(model, starts, n_changed):
    """`tangermeme`: the best single letter, `n_changed` times."""
    from tangermeme.design import greedy_substitution

    made = [
        greedy_substitution(
            First(model), start, max_iter=int(n), tol=-np.inf, batch_size=800, device="cpu"
        )
        for start, n in zip(torch.as_tensor(onehot(starts))[:, None], n_changed)
    ]
    return torch.cat(made).argmax(dim=1).numpy().astype(np.uint8)


def edited(model, starts):
    """`ledidi`: the best of its batch."""
    made = []
    for number, start in enumerate(torch.as_tensor(onehot(starts))[:, None]):
        batch = ledidi_batch(First(model), start, number)
        letters = batch.argmax(dim=1).numpy().astype(np.uint8)
        made.append(letters[scores(model, letters).argmax()])
    return np.stack(made)


def peers(model, starts, n_changed):
    """Rows of the peers, on one thread."""
    torch.set_num_threads(1)
    calls = {
        "tangermeme greedy_substitution": lambda: substituted(model, starts, n_changed),
        "ledidi": lambda: edited(model, starts),
    }
    rows = []
    for name, call in calls.items():
        letters, wall, cpu = clocked(call)
        share = N / len(starts)
        rows.append({
            "network": type(model).__name__, "method": name, "threads": 1, "designs": len(starts),
            "seconds": wall * share, "CPU seconds": cpu * share,
            "letters changed": (letters != starts).sum(axis=1).mean(),
            "score": scores(model, letters).mean(),
        })  # fmt: skip
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peers", action="store_true", help="tangermeme and Ledidi, too")
    parser.add_argument("--designs", type=int, default=10, help="sequences that peers design")
    asked = parser.parse_args()
    rows = []
    for kind in (mb.MotifSyntaxNet, mb.CNN):
        model = trained(kind)
        for method in asked.methods:
            for threads in asked.threads:
                line, starts, n_changed = row(model, method, threads)
                rows.append(line)
            if asked.peers and method == "greedy":
                rows += peers(model, starts[: asked.designs], n_changed[: asked.designs])
    print(pd.DataFrame(rows).round(2).to_markdown(index=False))


if __name__ == "__main__":
    main()
