"""A training step: our loop, a loop written by hand and Lightning's Trainer, the same network.

The loop written by hand does what the network asks for (both strands where it wants them, its
penalties, clipped gradients) and nothing else: no rates that change, no looks at validation rows
(fifteen, at a thirty-second of the rows: about as much as in a real training). Ours holds how
MotifSyntaxNet begins: it looks for pairs of motifs in all rows, once. Steps and rows stand to each
other as in the shortest training that `fit` does by itself (450 steps for 2,048 rows).
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

RATE, CLIP = 1e-2, 1.0


def _data(name: str) -> Any:
    def data(folder: Path, n: int, length: int, batch: int, steps: int) -> SimpleNamespace:
        rng = np.random.default_rng(0)
        letters = rng.integers(0, 4, (n + n // 32, length), dtype=np.uint8)
        readout = (rng.random((len(letters), 1)) < 0.5).astype(np.float32)
        return SimpleNamespace(
            network=name, letters=letters, readout=readout, n=n, batch=batch, steps=steps
        )

    return data


def made(given: SimpleNamespace) -> tuple[Any, Any]:
    """The network, and its loss: of one-hot sequences and readouts, and how far training is."""
    import torch

    import motifbook as mb
    from motifbook.train.losses import make_loss

    torch.manual_seed(0)
    network = getattr(mb, given.network)(1).train()
    error = make_loss(["binary"])
    order = network.alphabet.complement_codes[:-1].tolist()

    def loss(onehot: Any, readout: Any, done: float) -> Any:
        if network.show_both_strands:
            onehot = torch.cat([onehot, onehot[:, order].flip(2)])
            readout = torch.cat([readout, readout])
        return error(network(onehot), readout) + network.penalty(done, given.n)

    return network, loss


def ours(given: SimpleNamespace) -> Call:
    import motifbook as mb
    from motifbook.train import Plan, TrainingData, loop
    from motifbook.train.losses import make_loss

    rows = np.arange(len(given.letters))
    data = TrainingData(given.letters, given.readout, rows[: given.n], rows[given.n :])
    plan = Plan(given.steps, given.batch, device="cpu", progress=False, patience=99)

    def train() -> int:
        loop(getattr(mb, given.network)(1), data, plan, make_loss(["binary"]))
        return given.steps

    return train


def bare(given: SimpleNamespace) -> Call:
    import torch

    from motifbook.train.batches import encode_batch

    letters, readout = torch.as_tensor(given.letters), torch.as_tensor(given.readout)

    def train() -> int:
        network, loss = made(given)
        optimizer = torch.optim.Adam(network.parameters(), RATE)
        rng = np.random.default_rng(0)
        for step in range(given.steps):
            rows = torch.as_tensor(rng.choice(given.n, given.batch, replace=False))
            value = loss(encode_batch(letters[rows], 4), readout[rows], step / given.steps)
            optimizer.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
        return given.steps

    return train


def trainer(given: SimpleNamespace) -> Call:
    import logging

    import lightning
    import torch

    from motifbook.train.batches import encode_batch

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.loss = made(given)

        def training_step(self, batch: list[torch.Tensor], number: int) -> torch.Tensor:
            return self.loss(encode_batch(batch[0], 4), batch[1], self.global_step / given.steps)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), RATE)

    tensors = (torch.as_tensor(part[: given.n]) for part in (given.letters, given.readout))
    rows = torch.utils.data.TensorDataset(*tensors)

    def train() -> int:
        loader = torch.utils.data.DataLoader(rows, batch_size=given.batch, shuffle=True)
        lightning.Trainer(
            max_steps=given.steps,
            accelerator="cpu",
            gradient_clip_val=CLIP,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(Module(), loader)
        return given.steps

    return train


PEERS = (Peer("bare PyTorch", bare), Peer("Lightning Trainer", trainer, "lightning", "lightning"))
USUAL = {"n": 512, "length": 200, "batch": 128, "steps": 100}
SMALL = {"n": 32, "length": 40, "batch": 8, "steps": 2}
MATCHES = [
    Match(
        f"training step of {name}, {{batch}} x {{length}} letters",
        _data(name),
        ours,
        PEERS,
        USUAL,
        SMALL,
        per=float,
    )
    for name in ("CNN", "MotifSyntaxNet")
]
