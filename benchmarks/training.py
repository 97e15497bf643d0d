"""What a training step costs: our loop on Lightning Fabric, bare PyTorch, Lightning's Trainer.

    python -m benchmarks.training            # prints a Markdown table, about a minute

The same network (CNN, 32 filters x 17), the same 4,096 sequences of 200 letters, 300 steps of 128,
Adam; medians of three repetitions, one after the other in one process. Then the same with one and
two torch threads. Machines differ: read the ratios.
"""

from __future__ import annotations

import logging
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

import motifbook as mb
from motifbook.data import store
from motifbook.train.batches import encode_batch
from motifbook.train.fit import make_loss
from motifbook.train.loop import Plan, TrainingData, loop

STEPS, BATCH = 300, 128


def data() -> TrainingData:
    adata = mb.simulate(n=4608, length=200, seed=0)
    rows = np.arange(adata.n_obs)
    return TrainingData(
        store.get_letters(adata), store.get_readouts(adata), rows[:4096], rows[4096:]
    )


def with_loop(d: TrainingData) -> None:
    plan = Plan(STEPS, BATCH, progress=False, patience=99)
    loop(mb.CNN(1), d, plan, make_loss(["binary"]))


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


def with_trainer(d: TrainingData) -> None:
    import lightning

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.loss = mb.CNN(1), make_loss(["binary"])

        def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
            return self.loss(self.network(encode_batch(batch[0], 4)), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), 1e-2)

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    tensors = torch.as_tensor(d.letters[d.train]), torch.as_tensor(d.readout[d.train])
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(*tensors), batch_size=BATCH, shuffle=True
    )
    lightning.Trainer(
        max_steps=STEPS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(Module(), loader)


def seconds(job: Callable[[TrainingData], None], d: TrainingData) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        job(d)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    d, rows = data(), []
    jobs = {
        "bare PyTorch loop": bare,
        "motifbook (Fabric)": with_loop,
        "Lightning Trainer": with_trainer,
    }
    for n_threads in (1, 2):
        torch.set_num_threads(n_threads)
        bare(d)  # warm
        taken = {name: seconds(job, d) for name, job in jobs.items()}
        for name, value in taken.items():
            ratio = value / taken["bare PyTorch loop"]
            rows.append(
                {
                    "loop": name,
                    "threads": n_threads,
                    "ms per step": f"{1000 * value / STEPS:.1f}",
                    "of the bare loop": f"{ratio:.2f}",
                }
            )
    print(pd.DataFrame(rows).to_markdown(index=False))


if __name__ == "__main__":
    main()
