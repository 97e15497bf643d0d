"""Sequences on their way into a network: letters in memory, one-hot per batch, threads, device."""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from motifbook import _check
from motifbook._memory import memory_kept
from motifbook.models.network import Network

MAX_THREADS = 4  # more bring nothing at these sizes
LETTERS_AT_ONCE = 25_600  # of more, what layers compute leaves a CPU's cache: 2-3 times slower

_lock = threading.Lock()
_evaluated: dict[Network, tuple[int, _Found]] = {}  # by network: running blocks of `evaluating`
_n_single, _usual_dtype = 0, torch.float32  # running blocks of `single_precision`; what was set
_rounding: list[tuple[Any, bool]] = []  # parts of torch that were set to round, while they do not


def pick_device(device: str) -> torch.device:
    """Return the torch device for "auto" (CUDA, then Apple MPS, then CPU) or a named one.

    Raises
    ------
    InputError
        If there is no such device here.
    """
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here[:0] = ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if device == "auto":
        return torch.device(here[0])
    _check.one_of(device, "device", ["auto", *here])
    return torch.device(device)


def usable_cores() -> int:
    """Cores this process may use: its affinity and, in a container, its share of the CPU."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        cores = min(cores, max(1, int(int(quota) / int(period))))
    return max(1, cores)


@contextlib.contextmanager
def single_precision() -> Iterator[None]:
    """Run a block in which torch makes floats of 32 bits, as our networks have, and keeps them.

    Some set `torch.set_default_dtype(torch.float64)`; the last of several threads puts that back.
    GPUs of NVIDIA round convolutions to 10 bits by default (TF32); inside, none does, so that
    predictions there are those of the CPU but for the order of sums.
    """
    global _n_single, _usual_dtype  # torch's own setting is global, too  # noqa: PLW0603
    with _lock:
        if not _n_single:
            _usual_dtype = torch.get_default_dtype()
            torch.set_default_dtype(torch.float32)
            _stop_rounding()
        _n_single += 1
    try:
        yield
    finally:
        with _lock:
            _n_single -= 1
            if not _n_single:
                torch.set_default_dtype(_usual_dtype)
                while _rounding:
                    part, was_allowed = _rounding.pop()
                    part.allow_tf32 = was_allowed


def _stop_rounding() -> None:
    parts: tuple[Any, ...] = (torch.backends.cudnn, torch.backends.cuda.matmul)
    for part in parts:
        with contextlib.suppress(RuntimeError):  # who set each operator by hand keeps that
            if torch.cuda.is_available():
                _rounding.append((part, part.allow_tf32))
                part.allow_tf32 = False


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block that draws from `seed`, in single precision; torch's own state stays."""
    with single_precision(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextlib.contextmanager
def threads() -> Iterator[None]:
    """Run a block with one torch thread fewer than there are cores to use, in single precision.

    The environment variable OMP_NUM_THREADS and a smaller number set by the caller are kept.
    Threads wait for each other by spinning: as soon as one core is busy with something else, a
    thread per core is up to twenty times slower than one thread, and on idle cores little faster.
    Memory that layers free is used again (`memory_kept`).
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, usable_cores() - 1, MAX_THREADS)))
    try:
        with single_precision(), memory_kept():
            yield
    finally:
        torch.set_num_threads(before)


def as_tensor(letters: npt.NDArray[np.uint8]) -> torch.Tensor:
    """Letter codes as a tensor in the same memory, which torch dislikes if it is read-only."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.as_tensor(letters)


def encode_batch(letters: torch.Tensor, n_letters: int) -> torch.Tensor:
    """Turn letter codes, (n, length) uint8, into one-hot, (n, n_letters, length) float32."""
    codes = torch.arange(n_letters, device=letters.device, dtype=torch.uint8)
    return (letters[:, None, :] == codes[:, None]).float()


def rows_at_once(length: int, batch_size: int, device: torch.device) -> int:
    """How many rows a network reads together: `batch_size`, or fewer on a CPU."""
    if device.type != "cpu":
        return batch_size
    return max(1, min(batch_size, LETTERS_AT_ONCE // max(length, 1)))


def row_batches(shape: tuple[int, ...], batch_size: int, device: torch.device) -> Iterator[slice]:
    """Consecutive rows of letters, (n, length), `rows_at_once` together."""
    n, length = shape
    size = rows_at_once(length, batch_size, device)
    return (slice(first, min(first + size, n)) for first in range(0, n, size))


@contextlib.contextmanager
def evaluating(network: Network, device: torch.device) -> Iterator[None]:
    """Run a block with the network in evaluation mode on `device`; put it back afterwards.

    The last of several threads that run such blocks puts it back.
    """
    with _lock:
        n_blocks, found = _evaluated.get(network, (0, _Found(network)))
        _evaluated[network] = n_blocks + 1, found
    try:
        network.eval().to(device)
        yield
    finally:
        with _lock:
            n_blocks, found = _evaluated.pop(network)
            if n_blocks > 1:
                _evaluated[network] = n_blocks - 1, found
            else:
                found.put_back(network)


class _Found:
    """Mode of each part and device, as a network was found."""

    def __init__(self, network: Network) -> None:
        self._modes = [(part, part.training) for part in network.modules()]
        self._home = next(chain(network.parameters(), network.buffers())).device

    def put_back(self, network: Network) -> None:
        for part, was_training in self._modes:
            part.training = was_training
        network.to(self._home)


@torch.no_grad()
def run(
    network: Network,
    letters: npt.NDArray[np.uint8],
    *,
    extra: npt.NDArray[np.float32] | None = None,
    device: str = "auto",
    batch_size: int = 512,
) -> npt.NDArray[np.float32]:
    """Network outputs, (n, n_readouts), before the link, for letter codes, (n, length).

    `extra`, (n, n_extra): the numbers beside the letters; None or no columns for most networks.
    """
    _check.whole_number(batch_size, "batch_size")
    n_letters = network.alphabet.n_letters
    target = pick_device(device)
    numbers = torch.zeros(len(letters), 0) if extra is None else torch.as_tensor(extra)
    outputs = [np.zeros((0, network.n_readouts), dtype=np.float32)]
    with evaluating(network, target), threads():
        for rows in row_batches(letters.shape, batch_size, target):
            onehot = encode_batch(as_tensor(letters[rows]).to(target), n_letters)
            beside = [numbers[rows].to(target)] if numbers.shape[1] else []
            outputs.append(network(onehot, *beside).cpu().numpy())
    return np.concatenate(outputs)
