"""Are all codons found where one of two would do? Upstream reading frames with one or two of each.

    python -m benchmarks.scrambler_logic               # three seeds; eight CPU minutes
    python -m benchmarks.scrambler_logic --seeds 1 --n 64

A dense torch network is trained on 60,000 simulated 5' UTRs of 50 letters (`rule="uorf"`: an
upstream start with a stop in its frame lowers the ribosome load, once, whatever else is there) and
wrapped by `mb.Foreign`. Designs hold one or two starts (at 8, 11 or 14) and one or two stops in
their frame (at 35 to 47), no other start, and no other stop but the TGA that two starts in a row
make out of frame. A sequence counts as recovered if its 6, 9 or 12 most important letters hold all
letters of as many starts and stops as the column says; ties are broken by chance. Attributions are
taken as absolute values, of the letters that stand there.

The scrambler ("repress": which letters keep the load low?) is trained on 6,000 other UTRs with one
or two starts and stops of any frame at any place, and read at the budget of the column: 12, 18 or
24 % of the letters. What is not kept comes from UTRs without starts and stops, so that stops seldom
arise by chance. Mode, background, budget and steps were chosen on UTRs of that kind, with seeds and
places other than those of the designs. Seconds are CPU seconds of one thread: for the scrambler of
the training, and of reading 512 sequences in brackets.
"""

from __future__ import annotations

import argparse
import time

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.onehot import Letters, encode, onehot

LENGTH, MEAN, SD = 50, 8.0, 2.0
N_TRAIN, N_SCRAMBLER, N_DONORS = 60_000, 6000, 2000
PASSES, BATCH, N_STEPS = 8, 128, 1200
STARTS, STOPS = (8, 11, 14), (35, 38, 41, 44, 47)
# starts and stops in the design, letters that count, starts and stops to be found
COLUMNS = (
    (1, 1, 6, 1, 1), (1, 2, 6, 1, 1), (1, 2, 9, 1, 2), (2, 1, 6, 1, 1), (2, 1, 9, 2, 1),
    (2, 2, 6, 1, 1), (2, 2, 9, 1, 2), (2, 2, 9, 2, 1), (2, 2, 12, 2, 2),
)  # fmt: skip
REFINED = "scrambler, refined"
METHODS = ("mutagenesis", "integrated_gradients", "gradient", "random")
Values = npt.NDArray[np.float32]
Designs = dict[tuple[int, int], ad.AnnData]


class Dense(nn.Module):
    """Two convolutions, then a dense layer that knows where everything stands."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(4, 32, 9, padding=4),
            nn.ReLU(),
            nn.Conv1d(32, 32, 9, padding=4),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * LENGTH, 256),
            nn.ReLU(),
            nn.Linear(256, 1),
        )

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        load: torch.Tensor = MEAN + SD * self.layers(onehot)
        return load


def simulate(
    starts: tuple[int, int], stops: tuple[int, int], n: int, seed: int, *, as_designed: bool = False
) -> ad.AnnData:
    """UTRs with so many starts and stops and no others; at the places of the designs, or at any."""
    places = (STARTS, STOPS) if as_designed else ((), ())
    rule = mb.UorfRule(starts, stops, *places, by_chance=False)
    return mb.simulate(n, LENGTH, rule=rule, seed=seed)


def trained(seed: int) -> mb.Foreign:
    """Train the network in a plain loop, and wrap it."""
    adata = mb.simulate(N_TRAIN, LENGTH, rule="uorf", seed=1000 + seed)
    letters = torch.as_tensor(onehot(encode(list(adata.obs["sequence"]))))
    load = torch.as_tensor(np.asarray(adata.X))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Dense()
    chance = torch.Generator().manual_seed(seed)
    n_steps = PASSES * N_TRAIN // BATCH
    adam = torch.optim.Adam(network.parameters(), lr=2e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 2e-3, total_steps=n_steps)
    for _ in range(n_steps):
        rows = torch.randint(N_TRAIN, (BATCH,), generator=chance)
        loss = ((network(letters[rows]) - load[rows]) ** 2).mean() / SD**2
        adam.zero_grad()
        loss.backward()
        adam.step()
        rate.step()
    return mb.Foreign(network.eval(), readouts=["load"], kinds="continuous", length=LENGTH)


def fit_scrambler(model: mb.Foreign, seed: int) -> Scrambler:
    donors = encode(list(simulate((0, 0), (0, 0), N_DONORS, 3000 + seed).obs["sequence"]))

    def donated(letters: Letters, n_draws: int, rng: np.random.Generator) -> Letters:
        return donors[rng.integers(len(donors), size=(len(letters), n_draws))]

    return mb.fit_scrambler(
        model,
        simulate((1, 2), (1, 2), N_SCRAMBLER, 2000 + seed),
        mode="repress",
        bits="12%",
        background=donated,
        options=mb.ScramblerOptions(n_steps=N_STEPS, network={"dilations": (1, 2, 4, 8, 4, 2, 1)}),
        seed=seed,
        progress=False,
    )


def recovered(values: Values, adata: ad.AnnData, wanted: tuple[int, int, int]) -> float:
    """Share of sequences whose best letters hold so many starts and stops in full."""
    n_best, n_starts, n_stops = wanted
    ties = np.random.default_rng(0).random(values.shape)
    best = np.lexsort((ties, -values), axis=1)[:, :n_best]
    is_best = np.zeros(values.shape, dtype=bool)
    np.put_along_axis(is_best, best, True, axis=1)
    sites = adata.uns["truth"]["sites"]
    rows = adata.obs_names.get_indexer(sites["sequence"])
    whole = [is_best[row, start : start + 3].all() for row, start in zip(rows, sites["start"])]
    found = np.zeros((len(values), 2), dtype=int)
    np.add.at(found, (rows, (sites["motif"] == "stop").to_numpy(int)), whole)
    return float(((found[:, 0] >= n_starts) & (found[:, 1] >= n_stops)).mean())


def run(seed: int, n: int) -> list[dict[str, object]]:
    """All methods on one network."""
    model = trained(seed)
    test = mb.simulate(4000, LENGTH, rule="uorf", seed=4000 + seed)
    print(f"seed {seed}: R2 {mb.evaluate(model, test, split=None)['r2'][0]:.3f}", flush=True)
    designs: Designs = {
        (s, p): simulate((s, s), (p, p), n, 5000 + seed, as_designed=True)
        for s in (1, 2)
        for p in (1, 2)
    }
    rows: list[dict[str, object]] = []
    for method in METHODS:
        start = time.process_time()
        values = {
            key: np.abs(np.asarray(mb.attribute(model, adata, method, seed=seed)).sum(axis=1))
            for key, adata in designs.items()
        }
        seconds = (time.process_time() - start) / len(designs)
        shares = [recovered(values[s, p], designs[s, p], wanted) for s, p, *wanted in COLUMNS]  # type: ignore[arg-type]
        rows.append({"seed": seed, "method": method, "shares": shares, "seconds": seconds})
        print(rows[-1], flush=True)
    start = time.process_time()
    scrambler = fit_scrambler(model, seed)
    fitting = time.process_time() - start
    for method in ("scrambler", REFINED):
        start, shares = time.process_time(), []
        for s, p, n_best, *wanted in COLUMNS:
            bits = f"{100 * n_best / LENGTH:g}%"
            if method == REFINED:
                importance = scrambler.refine(designs[s, p], bits=bits, progress=False).importance
            else:
                importance = scrambler.importance(designs[s, p], bits=bits)
            shares.append(recovered(importance, designs[s, p], (n_best, *wanted)))  # type: ignore[arg-type]
        reading = (time.process_time() - start) / len(COLUMNS)
        rows.append({"seed": seed, "method": method, "shares": shares, "seconds": fitting})
        rows[-1]["reading"] = reading
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="number of the first seed")
    parser.add_argument("--n", type=int, default=512, help="sequences per design")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    numbers = range(asked.first, asked.first + asked.seeds)
    table = pd.DataFrame([row for seed in numbers for row in run(seed, asked.n)])
    show(table)


def show(table: pd.DataFrame) -> None:
    heads = [f"{s}s{p}p ({n}: {a}+{b})" for s, p, n, a, b in COLUMNS]
    print(f"\n| method | {' | '.join(heads)} | CPU s |\n|---{'|---' * (len(heads) + 1)}|")
    for method, group in table.groupby("method", sort=False):
        shares = np.array(group["shares"].tolist())
        both = zip(shares.mean(axis=0), shares.min(axis=0))
        cells = [f"{mean:.2f} ({worst:.2f})" for mean, worst in both]
        reading = group["reading"].mean() if "reading" in group else np.nan
        beside = "" if np.isnan(reading) else f" ({reading:.1f})"
        print(f"| {method} | {' | '.join(cells)} | {group['seconds'].mean():.1f}{beside} |")


if __name__ == "__main__":
    main()
