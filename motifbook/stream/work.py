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

Result = TypeVar("Result")
DEATHS = 5  # of worker processes in one call, before it gives up
_LETTERS, _MOST_ROWS = 1_000_000, 4096  # of a piece
_AT_ONCE = 16  # pieces per process that are sent or not yet written


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

    Yields
    ------
    (number, result)
        Each piece once. Pieces of a worker process that was killed are done again.
    """
    missing, deaths = list(numbers), 0
    with tqdm(total=len(missing), desc=name, disable=not progress, leave=False) as bar:
        while missing:
            try:
                for number, result in _round(function, task_of, list(missing)):
                    missing.remove(number)
                    bar.update()
                    yield number, result
            except Exception as error:
                if not _is_death(error):
                    raise
                deaths += 1
                _say_death(error, len(missing), deaths)


def _round(
    function: Callable[..., Result], task_of: Callable[[int], tuple[Any, ...]], numbers: list[int]
) -> Iterator[tuple[int, Result]]:
    """Do some pieces per process at a time, so that results never heap up before they are written.

    Work travels in a tuple: joblib leaves bare arrays on one Dask worker, and they die with it.
    """
    caller, at_once = os.getpid(), _AT_ONCE * joblib.effective_n_jobs(None)
    pool = joblib.Parallel(return_as="generator_unordered", batch_size=1)
    for first in range(0, len(numbers), at_once):
        some = numbers[first : first + at_once]
        results = pool(
            joblib.delayed(_do)((function, number, task_of(number), caller)) for number in some
        )
        with contextlib.closing(results):
            yield from results


def _do(work: tuple[Callable[..., Result], int, tuple[Any, ...], int]) -> tuple[int, Result]:
    function, number, task, caller = work
    if os.getpid() == caller:
        return number, function(*task)
    with _one_torch_thread():
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


def _say_death(error: Exception, n_missing: int, deaths: int) -> None:
    if deaths >= DEATHS:
        raise RuntimeError(
            f"Worker processes were killed {deaths} times, and {n_missing} pieces are not done; "
            "all others are kept. The usual reason is memory: smaller pieces need less "
            "(`rows_per_piece=…`, in a new folder), and so do fewer workers. Then run the same "
            "line again."
        ) from error
    warnings.warn(
        "A worker process was killed, most often by the system for want of memory. What was done "
        f"is kept; the {n_missing} pieces that are missing go on in new processes.",
        stacklevel=5,
    )
