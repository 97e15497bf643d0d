"""Programs take turns: each in a process of its own, one call at a time."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.peers.match import Match

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class FailedError(Exception):
    """A program did not finish; the text is its last line."""


@dataclass(frozen=True)
class Asked:
    """How to measure.

    Parameters
    ----------
    n_threads
        The same for every program.
    n_turns
        Warm calls of each program, after the cold one.
    seconds
        Turns of one job end after so long.
    is_small
        Tiny sizes, and one process for all programs: whether everything works, not how fast.
    is_warm
        Compiled code of earlier runs is used, so that the first call says nothing.
    """

    n_threads: int = 1
    n_turns: int = 5
    seconds: float = 12.0
    is_small: bool = False
    is_warm: bool = False


@dataclass
class Taken:
    """What a program's first call returned, and seconds of all its calls, divided as `per` says."""

    result: Any
    wall: list[float]
    cpu: list[float]

    @property
    def first(self) -> float:
        return self.wall[0]

    @property
    def warm(self) -> float:
        """Median of the later calls; of the only one."""
        return median(self.wall[1:] or self.wall)

    @property
    def warm_cpu(self) -> float:
        return median(self.cpu[1:] or self.cpu)


def serve(connection: Connection) -> None:
    """Prepare and call what is asked for, until nothing more is: the other process."""
    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    calls: dict[tuple[str, int, int], Any] = {}
    while asked := connection.recv():
        what, key, *more = asked
        module, place, number = key
        match = import_module(f"benchmarks.peers.{module}").MATCHES[place]
        try:
            if what == "prepare":
                calls[key] = match.prepared(number, *more)
                connection.send(None)
            else:
                connection.send(_timed(match, calls[key], *more))
        except Exception:
            connection.send(FailedError(traceback.format_exc().strip().splitlines()[-1]))


def _timed(match: Match, call: Any, wants_result: bool) -> tuple[float, float, float, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall, cpu, match.per(result), result if wants_result else None


class Process:
    """Another Python, with so many threads and, if asked, an empty cache of compiled code."""

    def __init__(self, n_threads: int, numba_cache: str | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        changes = dict.fromkeys(THREADS, str(n_threads))
        if numba_cache:
            changes["NUMBA_CACHE_DIR"] = numba_cache
        with _environment(changes):
            self.process = context.Process(target=serve, args=(other,), daemon=True)
            self.process.start()
        other.close()

    def ask(self, *what: Any) -> Any:
        self.connection.send(what)
        try:
            answer = self.connection.recv()
        except EOFError:
            raise FailedError("the process ended") from None
        if isinstance(answer, FailedError):
            raise answer
        return answer

    def end(self) -> None:
        if self.process.is_alive():
            self.connection.send(None)
        self.process.join()


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def measure(
    module: str, place: int, match: Match, asked: Asked, shared: Process | None = None
) -> dict[int, Taken | FailedError]:
    """Seconds of ours (0) and of every installed peer (1, 2, …), or why there are none.

    `shared`: the one process for all programs of a small run.
    """
    numbers = [0, *(n for n, peer in enumerate(match.peers, 1) if peer.is_installed)]
    with tempfile.TemporaryDirectory() as name:
        if shared:
            of = dict.fromkeys(numbers, shared)
        else:
            of = {n: _process(asked, Path(name) / str(n)) for n in numbers}
        found: dict[int, Taken | FailedError] = {}
        try:
            for n in numbers:
                found[n] = _first(of[n], (module, place, n), asked, Path(name))
            if not match.once:
                _turns(of, (module, place), asked, found)
        finally:
            for process in of.values() if shared is None else ():
                process.end()
    return found


def _process(asked: Asked, folder: Path) -> Process:
    return Process(asked.n_threads, None if asked.is_warm else str(folder))


def _first(
    process: Process, key: tuple[str, int, int], asked: Asked, folder: Path
) -> Taken | FailedError:
    own = folder / f"data_{key[2]}"
    own.mkdir()
    try:
        process.ask("prepare", key, asked.is_small, own)
        wall, cpu, units, result = process.ask("call", key, True)
    except FailedError as error:
        return error
    return Taken(result, [wall / units], [cpu / units])


def _turns(
    of: dict[int, Process],
    job: tuple[str, int],
    asked: Asked,
    found: dict[int, Taken | FailedError],
) -> None:
    """One call of each program, and again, until there were enough or the time is over."""
    began = time.perf_counter()
    for turn in range(asked.n_turns):
        if turn and time.perf_counter() - began > asked.seconds:
            return
        for n, taken in found.items():
            if isinstance(taken, FailedError):
                continue
            try:
                wall, cpu, units, _ = of[n].ask("call", (*job, n), False)
            except FailedError as error:
                found[n] = error
                continue
            taken.wall.append(wall / units)
            taken.cpu.append(cpu / units)


def check(
    match: Match, found: dict[int, Taken | FailedError], numbers: Sequence[int]
) -> dict[int, tuple[bool | None, str]]:
    """Whether each peer's result is ours."""
    told: dict[int, tuple[bool | None, str]] = {}
    for n in numbers:
        ours, theirs = found[0], found[n]
        if isinstance(ours, Taken) and isinstance(theirs, Taken):
            told[n] = match.agrees(ours.result, theirs.result)
    return told
