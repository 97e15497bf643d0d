"""Which residues of two proteins make them bind? A network that reads both chains.

    python -m benchmarks.scrambler_two_inputs            # three seeds; four CPU minutes
    python -m benchmarks.scrambler_two_inputs --seeds 1

Pairs of proteins of 60 to 81 letters (`mb.simulate_partners`): half of them bind, because one chain
holds the partner of a motif of the other; the rest hold motifs that do not go together, one, or
none. A siamese torch network is trained on them in this script and wrapped by
`mb.Foreign(inputs=...)`. 64 pairs that it never saw, that bind and that it calls bound, are
explained: average precision of the planted residues (16 of 120 to 162), mean over pairs, among all
letters of both chains. Attributions are taken as absolute values, of the letters that stand there.

Scramblers are trained on those pairs that the network was trained with and that bind, for 12 % of
the letters and with default settings, with one mask network for both chains ("tied") and with one
for each ("untied"). Seconds are CPU seconds
of one thread: for scramblers of the training, and of reading in brackets.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.metrics import average_precision_score
from torch import nn

import motifbook as mb
from motifbook.alphabet import PROTEIN
from motifbook.models import Input
from motifbook.onehot import encode

LENGTH = 81
N_TRAIN, N_TEST, N_EXPLAINED = 8000, 1000, 64
PASSES, BATCH = 16, 64
INPUTS = {"sequence": Input(LENGTH, "protein"), "partner": Input(LENGTH, "protein")}
METHODS = ("integrated_gradients", "gradient", "random", "mutagenesis")
SCRAMBLERS = (("tied", "inclusion"), ("untied", "inclusion"), ("tied", "exclusion"))
BITS = "12%"  # of the letters; 16 of 120 to 162 are planted
Values = npt.NDArray[np.float32]


class Siamese(nn.Module):
    """The same convolution reads both chains; its best matches are compared, all with all."""

    def __init__(self, n_filters: int = 24, width: int = 8) -> None:
        super().__init__()
        self.read = nn.Sequential(
            nn.Conv1d(PROTEIN.n_letters, n_filters, width), nn.BatchNorm1d(n_filters), nn.ReLU()
        )
        self.pair = nn.Sequential(nn.Linear(n_filters**2, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        best, other = (self.read(chain).amax(dim=2) for chain in (first, second))
        both = best[:, :, None] * other[:, None, :]
        logits: torch.Tensor = self.pair((both + both.transpose(1, 2)).flatten(1))
        return logits


def trained(adata: ad.AnnData, seed: int) -> Siamese:
    """Train the network in a plain loop."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Siamese()
    chance = torch.Generator().manual_seed(seed)
    codes = [
        torch.as_tensor(encode(list(adata.obs[name]), PROTEIN, length=LENGTH).astype(np.int64))
        for name in INPUTS
    ]
    bound = torch.as_tensor(np.asarray(adata.X))
    n_steps = PASSES * (len(bound) // BATCH)
    adam = torch.optim.Adam(network.parameters(), lr=3e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 3e-3, total_steps=n_steps)
    for _ in range(n_steps):
        rows = torch.randint(len(bound), (BATCH,), generator=chance)
        chains = [
            nn.functional.one_hot(part[rows], PROTEIN.n_letters + 1)[..., :-1].transpose(1, 2)
            for part in codes
        ]
        logits = network(*(chain.float() for chain in chains))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, bound[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
        rate.step()
    return network.eval()


def planted(adata: ad.AnnData) -> npt.NDArray[np.bool_]:
    """Whether each letter of the joined chains was planted, (n, 2 * LENGTH)."""
    truth = np.zeros((adata.n_obs, 2 * LENGTH), dtype=bool)
    sites = adata.uns["truth"]["sites"]
    sites = sites[sites["sequence"].isin(adata.obs_names)]
    rows = adata.obs_names.get_indexer(sites["sequence"])
    for row, site in zip(rows, sites.itertuples()):
        chain = list(INPUTS).index(site.chain)
        padding = (LENGTH - len(adata.obs[site.chain].iloc[row])) // 2  # shorter ones are centered
        first = chain * LENGTH + padding
        truth[row, first + site.start : first + site.end] = True
    return truth


def known(adata: ad.AnnData) -> npt.NDArray[np.bool_]:
    """Whether a letter stands at each place of the joined chains."""
    parts = [encode(list(adata.obs[name]), PROTEIN, length=LENGTH) for name in INPUTS]
    stands: npt.NDArray[np.bool_] = np.concatenate(parts, axis=1) < PROTEIN.n_letters
    return stands


def precision(values: Values, adata: ad.AnnData) -> float:
    """Average precision of the planted residues, mean over pairs."""
    truth, stands = planted(adata), known(adata)
    scores = [
        average_precision_score(truth[row, stands[row]], values[row, stands[row]])
        for row in range(len(values))
    ]
    return float(np.mean(scores))


def timed(work: Callable[[], Values]) -> tuple[Values, float]:
    start = time.process_time()
    values = work()
    return values, time.process_time() - start


def run(seed: int) -> list[dict[str, object]]:
    """All methods on one network."""
    train = mb.simulate_partners(N_TRAIN, seed=2 * seed)
    test = mb.simulate_partners(N_TEST, seed=2 * seed + 1)
    network = trained(train, seed)
    model = mb.Foreign(network, readouts=["bound"], kinds="binary", inputs=INPUTS)
    auroc = mb.evaluate(model, test, split=None)["auroc"][0]
    print(
        f"seed {seed}: AUROC on {N_TEST} other pairs {auroc:.3f}; {model.record.details['scale']}"
    )
    is_bound = (np.asarray(test.X)[:, 0] == 1) & (mb.predict(model, test)[:, 0] > 0.5)
    shown = test[np.flatnonzero(is_bound)[:N_EXPLAINED]].copy()
    rows: list[dict[str, object]] = []

    def note(method: str, values: Values, seconds: float, reading: float | None = None) -> None:
        row = {"seed": seed, "method": method, "precision": precision(values, shown)}
        rows.append({**row, "seconds": seconds, "reading": reading})
        print(rows[-1], flush=True)

    fitted = train[np.flatnonzero(np.asarray(train.X)[:, 0] == 1)].copy()
    for inputs, mode in SCRAMBLERS:
        start = time.process_time()
        scrambler = mb.fit_scrambler(
            model,
            fitted,
            mode=mode,
            bits=BITS,
            options=mb.ScramblerOptions(inputs=inputs),
            seed=seed,
            progress=False,
        )
        seconds = time.process_time() - start
        values, reading = timed(lambda s=scrambler: s.importance(shown))  # type: ignore[misc]
        note(f"scrambler, {mode}, {inputs}", values, seconds, reading)
    for method in METHODS:
        values, seconds = timed(
            lambda method=method: np.abs(  # type: ignore[misc]
                np.asarray(mb.attribute(model, shown, method, seed=seed, progress=False)).sum(
                    axis=1
                )
            )
        )
        note(method, values, seconds)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="number of the first seed")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(asked.first, asked.first + asked.seeds)
    table = pd.DataFrame([row for seed in seeds for row in run(seed)])
    print("\n| method | precision, mean | worst | CPU s | reading, s |\n|---|---|---|---|---|")
    for method, group in table.groupby("method", sort=False):
        reading = "" if group.reading.isna().all() else f"{group.reading.mean():.2f}"
        print(
            f"| {method} | {group.precision.mean():.3f} | {group.precision.min():.3f} | "
            f"{group.seconds.mean():.1f} | {reading} |"
        )


if __name__ == "__main__":
    main()
