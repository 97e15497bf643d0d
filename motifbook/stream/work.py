"""Pieces of work, shared among processes or machines; only this process writes what comes back."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import joblib
from tqdm.auto import tqdm

from motifbook._memory import memory_kept

Result = TypeVar("Result")
DEATHS = 5  # of worker processes in one call, before it gives up
_LETTERS, _MOST_ROWS = 1_000_000, 4096  # of a piece
AT_ONCE = 16  # pieces per process that are sent or not yet written
SMALLER_PIECES = (
    "smaller pieces need less (`rows_per_piece=…`, in a new folder), and so do fewer workers"
)


def usual_rows(length: int) -> int:
    """How many rows make a piece: about a million letters, so that a lost one is soon redone."""
    return max(1, min(_MOST_ROWS, _LETTERS // max(length, 1)))


def slices(n: int, size: int) -> list[slice]:
    """The rows of each piece."""
    return [slice(first, min(first + size, n)) for first in range(0, n, size)]


def each(
    function: Callable[..., Result],
    task_of: Callable[[int], tuple[Any, ...]],
    numbers: Iterable[int],
    *,
    name: str,
    progress: bool,
    way_out: str = "fewer workers need less",
    at_once: int | None = AT_ONCE,
) -> Iterator[tuple[int, Result]]:
    """Call a function for each piece, wherever joblib is told to, and yield results as they come.

    Parameters
    ----------
    function
        Takes what `task_of` returns.
    task_of
        Makes the work of a piece, when it is sent; at most a few pieces are under way.
    numbers
        Of the pieces to be done.
    name
        What the progress bar calls them.
    way_out
        What to do where memory is short.
    at_once
        Pieces per process in one round. A round ends before the next begins, so that results never
        heap up before they are written; where pieces take unequal times, processes wait for the
        last of them. None: one round, for short results.

    Yields
    ------
    (number, result)
        Each piece once. Pieces of a worker process that was killed are done again.
    """
    missing, deaths = set(numbers), 0
    with tqdm(total=len(missing), desc=name, disable=not progress, leave=False) as bar:
        while missing:
            try:
                for number, result in _round(function, task_of, sorted(missing), at_once):
                    missing.remove(number)
                    bar.update()
                    yield number, result
            except Exception as error:
                if not _is_death(error):
                    raise
                deaths += 1
                _say_death(error, deaths, f"{len(missing)} {name}", way_out)


def _round(
    function: Callable[..., Result],
    task_of: Callable[[int], tuple[Any, ...]],
    numbers: list[int],
    at_once: int | None,
) -> Iterator[tuple[int, Result]]:
    """Do some pieces per process at a time.

    Work travels in a tuple: joblib leaves bare arrays on one Dask worker, and they die with it.
    """
    caller = os.getpid()
    size = len(numbers) if at_once is None else at_once * joblib.effective_n_jobs(None)
    pool = joblib.Parallel(return_as="generator_unordered", batch_size=1)
    for first in range(0, len(numbers), size):
        some = numbers[first : first + size]
        results = pool(
            joblib.delayed(_do)((function, number, task_of(number), caller)) for number in some
        )
        with contextlib.closing(results):
            yield from results


def _do(work: tuple[Callable[..., Result], int, tuple[Any, ...], int]) -> tuple[int, Result]:
    function, number, task, caller = work
    if os.getpid() == caller:
        return number, function(*task)
    with _one_torch_thread(), memory_kept():
        return number, function(*task)


@contextlib.contextmanager
def _one_torch_thread() -> Iterator[None]:
    """Run a block of a worker process, of which there is one per core, on one thread."""
    torch = sys.modules.get("torch")  # whoever brought a network along has loaded it
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_death(error: Exception) -> bool:
    """Whether an error says that a worker process is gone."""
    return type(error).__name__ in ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker")


def _say_death(error: Exception, deaths: int, missing: str, way_out: str) -> None:
    if deaths >= DEATHS:
        raise RuntimeError(
            f"Worker processes were killed {deaths} times, and {missing} are not done; all others "
            f"are kept. The usual reason is memory: {way_out}. Then run the same line again."
        ) from error
    warnings.warn(
        "A worker process was killed, most often by the system for want of memory. What was done "
        f"is kept; the {missing} that are missing go on in new processes.",
        stacklevel=5,
    )
