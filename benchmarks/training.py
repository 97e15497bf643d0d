"""What was tried to make a training step faster; beside others, it is in `python -m benchmarks`.

    python -m benchmarks.training            # all tables in Markdown, some minutes
    python -m benchmarks.training layouts    # one of: optimizers, layouts, compiled, threads

The same network (CNN, 32 filters x 17), the same 4,096 sequences of 200 letters, steps of 128,
Adam; medians of three repetitions, one after the other in one process. CPU milliseconds of one
thread, which a busy machine changes little; wall time where threads are compared. Machines differ:
read the ratios. Tables: training.md.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as nnf

import motifbook as mb
from motifbook.data import store
from motifbook.models.network import Network
from motifbook.train.batches import encode_batch
from motifbook.train.losses import make_loss
from motifbook.train.plan import TrainingData

STEPS, BATCH = 100, 128


def data() -> TrainingData:
    adata = mb.simulate(n=4608, length=200, seed=0)
    rows = np.arange(adata.n_obs)
    return TrainingData(
        store.get_letters(adata), store.get_readouts(adata), rows[:4096], rows[4096:]
    )


def bare(d: TrainingData) -> None:
    network, loss = mb.CNN(1).train(), make_loss(["binary"])
    letters, readout = torch.as_tensor(d.letters), torch.as_tensor(d.readout)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        rows = torch.as_tensor(rng.choice(d.train, BATCH, replace=False))
        value = loss(network(encode_batch(letters[rows], 4)), readout[rows])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()


def seconds(
    job: Callable[[TrainingData], None],
    d: TrainingData,
    clock: Callable[[], float] = time.process_time,
) -> float:
    taken = []
    for _ in range(3):
        began = clock()
        job(d)
        taken.append(clock() - began)
    return statistics.median(taken)


def per_call(job: Callable[[], object], n: int = 30) -> float:
    """CPU milliseconds of one call, median of five times `n`."""
    job()
    taken = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(n):
            job()
        taken.append(1000 * (time.process_time() - began) / n)
    return statistics.median(taken)


def optimizers() -> pd.DataFrame:
    """Adam's three forms on the weights of two networks; are they the same to the last bit?"""
    rows = []
    forms = {
        "one by one": {"foreach": False},
        "foreach": {"foreach": True},
        "fused": {"fused": True},
    }
    for name, make in {
        "CNN": lambda: mb.CNN(1),
        "MotifSyntaxNet": lambda: mb.MotifSyntaxNet(1),
    }.items():
        torch.manual_seed(0)
        start = make().state_dict()
        gradients = [torch.randn_like(p) for p in make().parameters()]
        first: list[torch.Tensor] = []
        for form, how in forms.items():
            network = make()
            network.load_state_dict(start)
            optimizer = torch.optim.Adam(network.parameters(), 1e-2, **how)
            for parameter, gradient in zip(network.parameters(), gradients):
                parameter.grad = gradient.clone()
            for _ in range(5):
                optimizer.step()
            weights = [p.detach().clone() for p in network.parameters()]
            first = first or weights
            same = all(torch.equal(x, y) for x, y in zip(first, weights))
            rows.append(
                {
                    "network": name,
                    "Adam": form,
                    "CPU ms per step": f"{per_call(optimizer.step):.3f}",
                    "same bits": "yes" if same else "no",
                }
            )
    return pd.DataFrame(rows)


def layouts() -> pd.DataFrame:
    """Other ways to slide 64 filters of 17 letters over 128 x 200, forward and backward."""
    torch.manual_seed(0)
    letters = torch.randint(0, 4, (128, 200), dtype=torch.uint8)
    onehot, weight = encode_batch(letters, 4), torch.randn(64, 4, 17, requires_grad=True)

    def conv1d() -> torch.Tensor:
        return nnf.conv1d(onehot, weight)

    def channels_last() -> torch.Tensor:
        image = onehot[:, :, None].to(memory_format=torch.channels_last)
        return nnf.conv2d(image, weight[:, :, None])[:, :, 0]

    def unfold() -> torch.Tensor:
        windows = onehot.unfold(2, 17, 1).permute(0, 2, 1, 3).flatten(2)
        return (windows @ weight.flatten(1).t()).transpose(1, 2)

    def lookups() -> torch.Tensor:
        rows = letters.long().unfold(1, 17, 1) + 4 * torch.arange(17)
        table = weight.permute(2, 1, 0).reshape(-1, 64)
        bag = nnf.embedding_bag(rows.flatten(0, 1), table, mode="sum")
        return bag.view(128, -1, 64).transpose(1, 2)

    def both_ways(job: Callable[[], torch.Tensor]) -> None:
        weight.grad = None
        job().amax(dim=2).sum().backward()

    rows, exact = [], conv1d().detach()
    base = per_call(lambda: both_ways(conv1d), 10)
    for job in (conv1d, channels_last, unfold, lookups):
        taken = per_call(lambda job=job: both_ways(job), 10)
        off = float((job().detach() - exact).abs().max())
        rows.append(
            {
                "layout": job.__name__,
                "CPU ms": f"{taken:.2f}",
                "conv1d / this": f"{base / taken:.2f}",
                "largest difference": f"{off:.1e}" if off else "none",
            }
        )
    return pd.DataFrame(rows)


def compiled() -> pd.DataFrame:
    """A step forward and backward, as it is and compiled; what compiling takes."""
    rows, d = [], data()
    onehot = encode_batch(torch.as_tensor(d.letters[:BATCH]), 4)
    readout, loss = torch.as_tensor(d.readout[:BATCH]), make_loss(["binary"])
    for name, network in {"CNN": mb.CNN(1), "MotifSyntaxNet": mb.MotifSyntaxNet(1)}.items():
        network.train()

        def step(forward: Callable[..., torch.Tensor], network: Network = network) -> None:
            (loss(forward(onehot), readout) + network.penalty(1.0, 4096)).backward()
            network.zero_grad()

        faster = torch.compile(network)
        plain = per_call(partial(step, network), 10)
        began = time.process_time()
        for _ in range(3):
            step(faster)
        spent = time.process_time() - began
        taken = per_call(partial(step, faster), 10)
        saved = plain - taken
        rows.append(
            {
                "network": name,
                "CPU ms per step": f"{plain:.1f}",
                "compiled": f"{taken:.1f}",
                "CPU s to compile": f"{spent:.0f}",
                "steps until it pays": f"{1000 * spent / saved:,.0f}" if saved > 0 else "never",
            }
        )
    return pd.DataFrame(rows)


def threads() -> pd.DataFrame:
    """The bare loop on one and two threads, beside nothing and beside a busy neighbor; wall."""
    rows, d = [], data()
    for n_busy in (0, 1):
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n_busy)]
        try:
            for n_threads in (1, 2):
                torch.set_num_threads(n_threads)
                taken = 1000 * seconds(bare, d, time.perf_counter) / STEPS
                rows.append(
                    {
                        "threads": n_threads,
                        "busy neighbors": n_busy,
                        "wall ms per step": f"{taken:.1f}",
                    }
                )
        finally:
            for process in busy:
                process.kill()
                process.wait()
    return pd.DataFrame(rows)


TABLES = (optimizers, layouts, compiled, threads)


def main() -> None:
    torch.set_num_threads(1)
    for table in TABLES:
        if len(sys.argv) < 2 or table.__name__ in sys.argv:
            print(f"### {table.__name__}\n\n{table().to_markdown(index=False)}\n", flush=True)


if __name__ == "__main__":
    main()
