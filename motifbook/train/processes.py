"""Processes that train together: found running (torchrun, SLURM), or started here."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.multiprocessing.spawn import ProcessException, start_processes

from motifbook import _check
from motifbook.train.batches import pick_device, usable_cores
from motifbook.train.plan import Plan
from motifbook.train.shares import LOST

GRACE = 5.0  # seconds that processes get to end by themselves once one of them has failed
PATIENCE = 1.0  # seconds between looks at the processes
Train = Callable[..., dict[str, Any]]


def fabric_for(plan: Plan) -> Any:
    """Lightning's Fabric, in which the processes have found each other."""
    from lightning.fabric import Fabric
    from lightning.fabric.plugins.environments.lightning import LightningEnvironment

    here, n_machines = running()
    refuse_devices(plan.device, here)
    if plan.is_started:  # SLURM's names are those of the process that started us
        for room in ("lightning.fabric", "lightning.pytorch"):  # either tells of every process
            logging.getLogger(room).setLevel(logging.WARNING)
    fabric = Fabric(
        accelerator=pick_device(plan.device).type,
        devices=here,
        num_nodes=n_machines,
        strategy="ddp",
        plugins=[LightningEnvironment()] if plan.is_started else None,
    )
    fabric.launch()
    return fabric


def refuse_devices(name: str, n: int) -> None:
    """Refuse fewer devices than processes."""
    device = pick_device(name)
    if device.type == "mps":
        raise _check.InputError(
            f'{n} processes cannot share Apple\'s GPU; expected `n_devices=1`, or `device="cpu"`.'
        )
    there = torch.cuda.device_count() if device.type == "cuda" else n
    if device.index is not None or there < n:
        raise _check.InputError(
            f"`device` is {name!r} for {n} processes, and {there} GPUs are here; expected "
            '"cuda" with a GPU for each, or "cpu".'
        )


def running() -> tuple[int, int]:
    """Processes per machine, and machines, that run this program together.

    Raises
    ------
    InputError
        If the environment says nothing about it.
    """
    said = os.environ
    if "WORLD_SIZE" in said and "LOCAL_RANK" in said:
        n = int(said["WORLD_SIZE"])
        here = int(said.get("LOCAL_WORLD_SIZE", n))
        return here, n // here
    if "SLURM_NTASKS" in said and "SLURM_PROCID" in said:
        n_machines = int(said.get("SLURM_NNODES", 1))
        return int(said["SLURM_NTASKS"]) // n_machines, n_machines
    raise _check.InputError(
        '`strategy` is "ddp", and this program runs alone: the environment names no rank. Start '
        "it once per device, such as by `torchrun --nproc_per_node 2 script.py` or `srun`; "
        "`FitOptions(n_devices=2)` alone starts the processes itself."
    )


def start(train: Train, n: int, arrays: Mapping[str, np.ndarray[Any, Any]], *rest: Any) -> Any:
    """Call ``train(arrays, *rest)`` in `n` new processes that know each other.

    Arrays are handed over by files, which all processes map into memory: one copy for all.

    Returns
    -------
    What the first of them returned: tensors and plain values.

    Raises
    ------
    InputError
        If a process raised one, was killed, or could not begin.
    """
    if multiprocessing.current_process().daemon:
        raise _check.InputError(
            "This process may not start others (it is a daemon, as workers of Dask are); expected "
            "`n_devices=1` here, or no daemons: `distributed.worker.daemon: false`."
        )
    with tempfile.TemporaryDirectory(prefix="motifbook-") as name:
        folder = Path(name)
        for key, array in arrays.items():
            np.save(folder / f"{key}.npy", array)
        (folder / "job").write_bytes(_pickled((train, list(arrays), rest)))
        context = start_processes(  # type: ignore[no-untyped-call]
            _take_part,
            (name, n, _free_port(), os.getpid()),
            nprocs=n,
            join=False,
            start_method="spawn",
        )
        _wait(context, folder)
        return torch.load(folder / "result", weights_only=True, map_location="cpu")


def _pickled(job: object) -> bytes:
    try:
        return pickle.dumps(job)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _check.InputError(
            f"The network cannot be handed to other processes ({_check.reason(error)}). Define its "
            "class at the top of a module, not inside a function."
        ) from None


def _unpickled(job: bytes) -> Any:
    try:
        return pickle.loads(job)
    except (AttributeError, ImportError) as error:
        raise _check.InputError(
            f"Other processes do not find what they were handed ({_check.reason(error)}); define "
            "network classes of your own in a module (a .py file), not in a notebook."
        ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _take_part(rank: int, folder: str, n: int, port: int, parent: int) -> None:
    """What each of the new processes does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until `Shares` listens
    here = Path(folder)
    (here / f"began-{rank}").touch()
    os.environ |= {"LOCAL_RANK": str(rank), "WORLD_SIZE": str(n), "LOCAL_WORLD_SIZE": str(n)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NODE_RANK": "0"}
    torch.set_num_threads(max(1, min(torch.get_num_threads(), usable_cores() // n)))
    try:
        train, names, rest = _unpickled((here / "job").read_bytes())
        arrays = {name: np.load(here / f"{name}.npy", mmap_mode="r") for name in names}
        result = train(arrays, *rest)
    except _check.InputError as error:
        (here / f"refused-{rank}").write_text(str(error), encoding="utf-8")
        raise SystemExit(1) from None
    if os.getppid() != parent:  # nobody is left to read it
        shutil.rmtree(here, ignore_errors=True)
    elif rank == 0:
        torch.save(result, here / "result")


def _wait(context: Any, folder: Path) -> None:
    """Wait until all processes are done; Ctrl-C asks them to stop, and to keep what they have."""
    n, asked, done = len(context.processes), False, False
    while not done:
        try:
            done = context.join(timeout=PATIENCE, grace_period=GRACE)
            for process in context.processes if asked else []:
                if process.is_alive():
                    os.kill(process.pid, signal.SIGINT)
        except KeyboardInterrupt:
            asked = True
            if len(list(folder.glob("began-*"))) < n:
                _end(context)
                raise
        except ProcessException as error:
            if asked and not (folder / "result").exists():
                raise KeyboardInterrupt from None
            raise _failure(context, folder, error) from None


def _end(context: Any) -> None:
    for process in context.processes:
        process.kill()
        process.join()


def _failure(context: Any, folder: Path, error: Exception) -> Exception:
    """The error that says why processes ended before their work was done."""
    if why := _death(context, folder):
        return _check.InputError(why)
    refused = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("refused-*"))]
    own = [sentence for sentence in refused if not sentence.startswith(LOST)]
    if own:
        return _check.InputError(own[0])
    return RuntimeError(f"A process of the training failed. {error}")


def _death(context: Any, folder: Path) -> str:
    """The sentence on a process that was killed or could not begin; "" if none was."""
    n, ours = len(context.processes), (0, 1, -signal.SIGTERM)
    for rank, process in enumerate(context.processes):
        if process.exitcode not in ours:
            how = process.exitcode
            how = signal.Signals(-how).name if how < 0 else f"exit status {how}"
            return (
                f"Process {rank + 1} of the {n} that trained together ended by {how}; a system "
                "short of memory ends processes so. The others were stopped, and `model` is as it "
                "was. With a `checkpoint`, `resume=True` goes on from there."
            )
    for rank in range(n):
        if not (folder / f"began-{rank}").exists():
            return (
                f"Process {rank + 1} of {n} ended before it began. In a script, put what runs "
                'under `if __name__ == "__main__":`, since each process reads the script anew; '
                "define network classes of your own in a module, not in a notebook."
            )
    return ""
