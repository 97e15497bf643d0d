"""The one training loop; several processes that share it meet in `shares`."""

from __future__ import annotations

import contextlib
import copy
import functools
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm.auto import tqdm

from motifbook import _check
from motifbook._digest import digest
from motifbook.models.network import Network, Phase
from motifbook.train import processes
from motifbook.train.batches import as_tensor, encode_batch, pick_device, threads
from motifbook.train.plan import History, Plan, TrainingData
from motifbook.train.shares import Alone, Shares
from motifbook.train.tensors import write_tensors

ROUNDS = 15  # looks at the validation rows in one training
SAMPLE = 4000  # rows handed to `Network.begin_phase`, and rows looked at per round
WARM_UP = 50  # steps until the full learning rate
MOST_ON_DEVICE = 2e9  # letters, one byte each; more stay in main memory
CLIP = 1.0  # largest norm of the gradient
LOOKED_AT = 128  # rows at once when the loss of validation rows is measured
_ARRAYS = ("letters", "readout", "train", "validation")  # of `TrainingData`
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class _Run:
    """State of one training: what a checkpoint holds."""

    def __init__(self, network: Network, data: TrainingData, plan: Plan, loss: Loss) -> None:
        self.network, self.data, self.plan, self.loss = network, data, plan, loss
        self.shares = (
            Alone(pick_device(plan.device))
            if plan.strategy == "auto"
            else Shares(processes.fabric_for(plan))
        )
        self.device = self.shares.device
        network.to(self.device)
        self.optimizer = torch.optim.Adam(
            [
                {"params": parameters, "lr": 0.0, "name": name}
                for name, parameters in network.groups().items()
                if parameters
            ]
        )
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        letters = as_tensor(data.letters)
        self.letters = letters if letters.numel() > MOST_ON_DEVICE else letters.to(self.device)
        self.readout = torch.as_tensor(data.readout).to(self.device)
        self.step, self.phase_number = 0, -1
        self.best_loss = float("inf")
        self.best_state: dict[str, torch.Tensor] | None = None
        self.history = History()

    def begin(self, resume: bool) -> None:
        """Go on from the checkpoint, if asked and there, together with the other processes."""
        file, shares = self.plan.checkpoint, self.shares
        if resume and file is not None and file.exists():
            self.read(file)
        if shares.n == 1:
            return
        if min(self.plan.batch_size, len(self.data.train)) < shares.n:
            raise _check.InputError(
                f"{shares.n} processes share batches of {self.plan.batch_size} out of "
                f"{len(self.data.train)} rows; expected a row for each. Use fewer processes."
            )
        state = self.network.state_dict()
        weights = {key: value.detach().cpu().numpy() for key, value in state.items()}
        shares.refuse_others(digest([self._training, self.step], weights))

    def train(self) -> None:
        """Take all steps that are left."""
        plan = self.plan
        progress = plan.progress and self.shares.rank == 0
        every = max(1, plan.n_steps // ROUNDS)
        bar = tqdm(
            total=plan.n_steps, initial=self.step, disable=not progress, unit="step", leave=False
        )
        losses: list[torch.Tensor] = []
        with bar:
            while self.step < plan.n_steps and not self._is_stuck():
                self._enter_phase(bar)
                losses.append(self._take_step())
                if self.shares.stops:
                    raise KeyboardInterrupt
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
            self.shares.align(self.network)
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
        measured = self.readout[rows]
        onehot, readout = self._onehot(self.shares.part(rows)), self.shares.part(measured)
        if self.network.show_both_strands:
            order = self.network.alphabet.complement_codes[:-1].tolist()
            onehot = torch.cat([onehot, onehot[:, order].flip(2)])
            readout = torch.cat([readout, readout])
        with self._precision():
            output = self.network(onehot)
        loss = self.loss(output.float(), readout)
        penalty = self.network.penalty(self.step / self.plan.n_steps, len(self.data.train))
        self.optimizer.zero_grad()
        loss = self.shares.backward(loss, penalty, measured, self.parameters)
        torch.nn.utils.clip_grad_norm_(self.parameters, CLIP, error_if_nonfinite=True)
        self.optimizer.step()
        return loss.detach()

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        if self.plan.precision == "32-true":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    @torch.no_grad()
    def _look(self, train_loss: float) -> None:
        """Measure the validation loss, keep the best weights, write the checkpoint."""
        self.network.eval()
        rows = torch.as_tensor(self._sample(self.data.validation), device=self.device)
        value = float("nan")
        if len(rows):
            value = float(self.loss(self._outputs(rows), self.readout[rows]))
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
        if self.plan.checkpoint is not None and self.shares.rank == 0:
            self._write_or_tell(self.plan.checkpoint)

    def _outputs(self, rows: torch.Tensor) -> torch.Tensor:
        """Outputs for these rows, (n, n_readouts); each process makes some of them."""
        shares, parts = self.shares, torch.split(rows, LOOKED_AT)
        outputs = torch.zeros(len(rows), self.network.n_readouts, device=self.device)
        for number in range(shares.rank, len(parts), shares.n):
            first = number * LOOKED_AT
            outputs[first : first + LOOKED_AT] = self.network(self._onehot(parts[number]))
        return shares.total(outputs)

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
            "training": self._training,
            "history": asdict(self.history),
        }
        write_tensors(state, path)

    def _write_or_tell(self, path: Path) -> None:
        """Write the checkpoint; where that fails, training is worth more than its copy."""
        try:
            self.write(path)
        except _check.InputError as error:
            note = f"At step {self.step} no checkpoint was written; training went on. {error}"
            if not self.history.notes:
                warnings.warn(note, stacklevel=2)
            self.history.notes = [note]

    @functools.cached_property
    def _training(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be gone on from."""
        plan, data = self.plan, self.data
        arrays = {name: getattr(data, name) for name in _ARRAYS}
        for name, value in getattr(self.loss, "__dict__", {}).items():  # weights of classes
            if isinstance(value, torch.Tensor):
                arrays[f"loss {name}"] = value.detach().cpu().numpy()
        return {
            "network": self.network.settings,
            "rows": len(data.train),
            "seed": plan.seed,
            "steps": plan.n_steps,
            "batch_size": plan.batch_size,
            "precision": plan.precision,
            "data": digest(self.loss, arrays),
        }

    def read(self, path: Path) -> None:
        """Go on where the checkpoint `path` stopped."""
        try:
            state = torch.load(path, weights_only=True, map_location=self.device)
            written_by = state["training"]
        except Exception as error:  # foreign bytes make the unpickler fail in many ways
            raise _check.InputError(
                f"{path} is not a checkpoint of `mb.fit`. Remove it to start anew."
            ) from error
        if written_by != self._training:
            raise _check.InputError(
                f"{path} was written by another training ({written_by}) than this one "
                f"({self._training}); expected the same data, seed and settings. Remove the file "
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
    if plan.n_devices > 1 and plan.strategy == "auto":
        return _loop_in_processes(network, data, plan, loss, resume)
    with threads():
        run = _Run(network, data, plan, loss)
        run.begin(resume)
        shares = run.shares
        forked = [run.device] if run.device.type == "cuda" else []
        with torch.random.fork_rng(devices=forked), shares:
            torch.manual_seed(plan.seed + shares.rank)  # for drop-out
            try:
                shares.join(network)
                run.train()
            except KeyboardInterrupt:
                run.history.stopped = "interrupted"
            finally:
                shares.leave(network)
    network.to("cpu")
    return run.finish()


def _loop_in_processes(
    network: Network, data: TrainingData, plan: Plan, loss: Loss, resume: bool
) -> History:
    """Let new processes train; take over what the first of them has in the end."""
    processes.refuse_devices(plan.device, plan.n_devices)
    arrays = {name: getattr(data, name) for name in _ARRAYS}
    alone = replace(plan, strategy="ddp", is_started=True)
    result = processes.start(_train_share, plan.n_devices, arrays, network, alone, loss, resume)
    network.load_state_dict(result["state"])
    network.eval()
    return History(**result["history"])


def _train_share(
    arrays: dict[str, Any], network: Network, plan: Plan, loss: Loss, resume: bool
) -> dict[str, Any]:
    few = {name: np.array(array) for name, array in arrays.items() if name != "letters"}
    data = TrainingData(arrays["letters"], **few)
    history = loop(network, data, plan, loss, resume=resume)
    return {"state": network.state_dict(), "history": asdict(history)}
