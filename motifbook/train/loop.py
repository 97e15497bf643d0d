"""The one training loop. Lightning Fabric moves it to other devices; everything else is here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tqdm.auto import tqdm

from motifbook import _check
from motifbook.models.network import Network, Phase
from motifbook.train.batches import as_tensor, encode_batch, pick_device, threads

ROUNDS = 15  # looks at the validation rows in one training
SAMPLE = 4000  # rows handed to `Network.begin_phase`, and rows looked at per round
WARM_UP = 50  # steps until the full learning rate
MOST_ON_DEVICE = 2e9  # letters, one byte each; more stay in main memory
CLIP = 1.0  # largest norm of the gradient
LOOKED_AT = 128  # rows at once when the loss of validation rows is measured
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class TrainingData:
    """Sequences and what was measured, as arrays.

    Parameters
    ----------
    letters : (n, length) uint8
    readout : (n, n_readouts) float32
        On the network's scale; NaN where not measured.
    train, validation
        Row numbers.
    """

    letters: npt.NDArray[np.uint8]
    readout: npt.NDArray[np.float32]
    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How long and how.

    Parameters
    ----------
    n_steps
        Batches in all.
    batch_size, seed, device, progress
        See `fit`.
    patience
        Rounds (fifteenths of the training) without a better validation loss after which it stops;
        counted from half time on, when all penalties are at work.
    checkpoint
        File to which the state is written every round; None for none.
    """

    n_steps: int
    batch_size: int = 128
    seed: int = 0
    device: str = "auto"
    progress: bool = True
    patience: int = 5
    checkpoint: Path | None = None


@dataclass
class History:
    """What happened in a training.

    Parameters
    ----------
    rounds
        One dictionary per look: "step", "phase", "train_loss", "validation_loss" (NaN without
        validation rows).
    best_round
        Number of the round whose weights were kept.
    stopped
        "finished", "early" (validation loss no longer fell) or "interrupted".
    notes
        Sentences on what `fit` did with the data.
    """

    rounds: list[dict[str, Any]] = field(default_factory=list)
    best_round: int = -1
    stopped: str = "finished"
    notes: list[str] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """One row per round: step, phase, train_loss, validation_loss."""
        return pd.DataFrame(self.rounds, columns=["step", "phase", "train_loss", "validation_loss"])

    def __repr__(self) -> str:
        if not self.rounds:
            return f"History({self.stopped}, no rounds)"
        best = self.rounds[self.best_round]
        return (
            f"History({self.stopped} after {self.rounds[-1]['step']} steps, "
            f"validation loss {best['validation_loss']:.3f} at step {best['step']})"
        )


class _Run:
    """State of one training: what a checkpoint holds."""

    def __init__(self, network: Network, data: TrainingData, plan: Plan, loss: Loss) -> None:
        from lightning.fabric import Fabric

        self.network, self.data, self.plan, self.loss = network, data, plan, loss
        self.device = pick_device(plan.device)
        chosen = 1 if self.device.index is None else [self.device.index]
        self.fabric = fabric = Fabric(accelerator=self.device.type, devices=chosen)
        groups = network.groups()
        self.optimizer = torch.optim.Adam(
            [
                {"params": parameters, "lr": 0.0, "name": name}
                for name, parameters in groups.items()
                if parameters
            ]
        )
        self.wrapped, self.wrapped_optimizer = fabric.setup(network, self.optimizer)
        letters = as_tensor(data.letters)
        self.letters = letters if letters.numel() > MOST_ON_DEVICE else letters.to(self.device)
        self.readout = torch.as_tensor(data.readout).to(self.device)
        self.step, self.phase_number = 0, -1
        self.best_loss = float("inf")
        self.best_state: dict[str, torch.Tensor] | None = None
        self.history = History()

    def train(self, progress: bool) -> None:
        """Take all steps that are left."""
        plan = self.plan
        every = max(1, plan.n_steps // ROUNDS)
        bar = tqdm(
            total=plan.n_steps, initial=self.step, disable=not progress, unit="step", leave=False
        )
        losses: list[torch.Tensor] = []
        with bar:
            while self.step < plan.n_steps and not self._is_stuck():
                self._enter_phase(bar)
                losses.append(self._take_step())
                self.step += 1
                bar.update()
                if self.step % every == 0 or self.step == plan.n_steps:
                    self._look(float(torch.stack(losses).mean()))
                    losses.clear()
                    bar.set_postfix(validation=f"{self.history.rounds[-1]['validation_loss']:.3f}")
        if self.step < plan.n_steps:
            self.history.stopped = "early"

    def _phase(self) -> tuple[int, Phase]:
        done, reached = self.step / self.plan.n_steps, 0.0
        phases = list(self.network.phases())
        for number, phase in enumerate(phases):
            reached += phase.share
            if done < reached - 1e-9:
                return number, phase
        return len(phases) - 1, phases[-1]

    def _enter_phase(self, bar: Any) -> None:
        number, phase = self._phase()
        if number != self.phase_number:
            bar.set_description(phase.name)
            sample = self._sample(self.data.train)
            onehot = self._onehot(torch.as_tensor(sample, device=self.device))
            self.network.begin_phase(phase, onehot, self.readout[sample])
            self.phase_number = number
        heat = min(1.0, (self.step + 1) / WARM_UP)
        cool = 0.5 * (1 + float(np.cos(np.pi * self.step / self.plan.n_steps)))
        cool = max(cool, 0.02) if phase.cools else 1.0
        for group in self.optimizer.param_groups:
            group["lr"] = phase.rates.get(group["name"], 0.0) * heat * cool
            for parameter in group["params"]:
                parameter.requires_grad_(group["name"] in phase.rates)

    def _sample(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """At most 4,000 of these rows, the same in every call."""
        if len(rows) <= SAMPLE:
            return rows
        rng = np.random.default_rng(self.plan.seed)
        return np.sort(rng.choice(rows, SAMPLE, replace=False))

    def _onehot(self, rows: torch.Tensor) -> torch.Tensor:
        letters = self.letters[rows.to(self.letters.device)].to(self.device)
        return encode_batch(letters, self.network.alphabet.n_letters)

    def _batch_rows(self) -> torch.Tensor:
        """Rows of this step; the order of a pass depends on seed and pass alone."""
        size = min(self.plan.batch_size, len(self.data.train))
        per_pass = max(1, len(self.data.train) // size)
        number, place = divmod(self.step, per_pass)
        if place == 0 or not hasattr(self, "_order"):
            rng = np.random.default_rng([self.plan.seed, number])
            self._order = torch.as_tensor(rng.permutation(self.data.train), device=self.device)
        return self._order[place * size : (place + 1) * size]

    def _take_step(self) -> torch.Tensor:
        rows = self._batch_rows()
        self.network.train()
        onehot, readout = self._onehot(rows), self.readout[rows]
        if self.network.show_both_strands:
            order = self.network.alphabet.complement_codes[:-1].tolist()
            onehot = torch.cat([onehot, onehot[:, order].flip(2)])
            readout = torch.cat([readout, readout])
        loss = self.loss(self.wrapped(onehot), readout)
        total = loss + self.network.penalty(self.step / self.plan.n_steps, len(self.data.train))
        self.wrapped_optimizer.zero_grad()
        self.fabric.backward(total)
        self.fabric.clip_gradients(self.wrapped, self.wrapped_optimizer, max_norm=CLIP)
        self.wrapped_optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def _look(self, train_loss: float) -> None:
        """Measure the validation loss, keep the best weights, write the checkpoint."""
        self.network.eval()
        rows = torch.as_tensor(self._sample(self.data.validation), device=self.device)
        value = float("nan")
        if len(rows):
            outputs = [self.network(self._onehot(part)) for part in torch.split(rows, LOOKED_AT)]
            value = float(self.loss(torch.cat(outputs), self.readout[rows]))
        late = self.step >= self.plan.n_steps / 2
        if late and value < self.best_loss:
            self.best_loss, self.history.best_round = value, len(self.history.rounds)
            self.best_state = copy.deepcopy(self.network.state_dict())
        self.history.rounds.append(
            {
                "step": self.step,
                "phase": self._phase()[1].name,
                "train_loss": train_loss,
                "validation_loss": value,
            }
        )
        if self.plan.checkpoint is not None:
            self.write(self.plan.checkpoint)

    def _is_stuck(self) -> bool:
        since = len(self.history.rounds) - 1 - self.history.best_round
        return self.best_state is not None and since >= self.plan.patience

    def finish(self) -> History:
        """Put the best weights into the network and hand it back as it came."""
        if self.best_state is not None:
            self.network.load_state_dict(self.best_state)
        elif self.history.rounds:
            self.history.best_round = len(self.history.rounds) - 1
        for parameter in self.network.parameters():
            parameter.requires_grad_(True)
        self.network.eval()
        return self.history

    def write(self, path: Path) -> None:
        """Write everything needed to go on, replacing the file in one move."""
        state = {
            "format": 1,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "best_state": self.best_state,
            "numbers": [self.step, self.phase_number, self.best_loss],
            "training": self._training(),
            "history": asdict(self.history),
        }
        with _check.new_file(path) as part, part.open("wb") as stream:
            torch.save(state, stream)

    def _training(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be gone on from."""
        plan = self.plan
        numbers = {"seed": plan.seed, "steps": plan.n_steps, "batch_size": plan.batch_size}
        return {"network": self.network.settings, "rows": len(self.data.train), **numbers}

    def read(self, path: Path) -> None:
        """Go on where the checkpoint `path` stopped."""
        try:
            state = torch.load(path, weights_only=True, map_location=self.device)
            written_by = state["training"]
        except Exception as error:  # foreign bytes make the unpickler fail in many ways
            raise _check.InputError(
                f"{path} is not a checkpoint of `mb.fit`. Remove it to start anew."
            ) from error
        if written_by != self._training():
            raise _check.InputError(
                f"{path} was written by another training ({written_by}) than this one "
                f"({self._training()}); expected the same data, seed and settings. Remove the file "
                "to start anew."
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.best_state = state["best_state"]
        self.step, self.phase_number, self.best_loss = state["numbers"]
        self.history = History(**state["history"])


def loop(
    network: Network,
    data: TrainingData,
    plan: Plan,
    loss: Loss,
    *,
    resume: bool = False,
) -> History:
    """Train `network` in place by Adam through its phases; keep the best weights.

    Interrupting (the stop button, Ctrl-C) keeps the best weights so far.

    Parameters
    ----------
    network
        Changed in place; returned to the CPU.
    loss
        From outputs and readouts, (n, n_readouts) each, to a scalar; readouts may be NaN.
    resume
        Go on from `plan.checkpoint`, if it is there.

    Raises
    ------
    InputError
        If the checkpoint belongs to another training.
    """
    run = _Run(network, data, plan, loss)
    if resume and plan.checkpoint is not None and plan.checkpoint.exists():
        run.read(plan.checkpoint)
    forked = [run.device] if run.device.type == "cuda" else []
    with threads(), torch.random.fork_rng(devices=forked):
        torch.manual_seed(plan.seed)  # what drop-out draws
        try:
            run.train(plan.progress)
        except KeyboardInterrupt:
            run.history.stopped = "interrupted"
    network.to("cpu")
    return run.finish()
