"""Argument checks: the one place where the wording of our errors lives.

An error says what was got, what was expected and what to do next.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np


class InputError(ValueError):
    """Something in the input that the user can mend; the message says how."""


class NotFoundError(InputError, FileNotFoundError):
    """A file or folder that is not there."""

    def __str__(self) -> str:
        return str(self.args[0])


def shape(value: Any, name: str, expected: str, *sizes: int | None, hint: str = "") -> None:
    """Refuse an array whose shape differs from `sizes`; `None` stands for any size.

    Examples
    --------
    >>> shape(np.zeros((2, 30, 4)), "onehot", "(n, 4, length)", None, 4, None)
    Traceback (most recent call last):
    motifbook._check.InputError: `onehot` has shape (2, 30, 4); expected (n, 4, length).
    """
    got = tuple(np.shape(value))
    fits = len(got) == len(sizes) and all(s is None or s == g for s, g in zip(sizes, got))
    if not fits:
        raise InputError(f"`{name}` has shape {got}; expected {expected}. {hint}".rstrip())


def onehot_shape(value: Any, name: str, n_letters: int, letters: str) -> None:
    """Refuse one-hot arrays that are not (n, n_letters, length), naming the usual mistake."""
    got = tuple(np.shape(value))
    rows = ", ".join(letters)
    hint = ""
    if len(got) == 3 and got[2] == n_letters and got[1] != n_letters:
        hint = f"The letters are on the last axis: use `{name}.transpose(0, 2, 1)`."
    elif len(got) == 2:
        hint = f"One sequence needs a first axis: use `{name}[None]`."
    expected = f"(n, {n_letters}, length) with rows {rows}"
    shape(value, name, expected, None, n_letters, None, hint=hint)


def one_of(value: Any, name: str, allowed: Iterable[Any]) -> None:
    """Refuse a value that is not in `allowed`, with the nearest allowed one."""
    choices = list(allowed)
    if value in choices:
        return
    listed = ", ".join(repr(choice) for choice in choices)
    near = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(f"`{name}` is {value!r}; expected one of {listed}.{hint}")


def whole_number(value: Any, name: str, *, low: int = 1, high: int | None = None) -> int:
    """Return `value` as int; refuse fractions, text and values outside [low, high]."""
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if is_whole and value >= low and (high is None or value <= high):
        return int(value)
    upper = f" to {high}" if high is not None else " or more"
    raise InputError(f"`{name}` is {value!r}; expected a whole number, {low}{upper}.")


def number(
    value: Any, name: str, *, low: float = -np.inf, high: float = np.inf, what: str = "a number"
) -> float:
    """Return `value` as float; refuse text, NaN and values outside [low, high]."""
    try:
        got = float(value)
    except (TypeError, ValueError):
        got = float("nan")
    if low <= got <= high:
        return got
    bounds = f" between {low:g} and {high:g}"
    if np.isinf(high):
        bounds = "" if np.isinf(low) else f", {low:g} or more"
    raise InputError(f"`{name}` is {value!r}; expected {what}{bounds}.")


def existing_file(path: str | os.PathLike[str], name: str = "path") -> Path:
    """Return `path` as a Path; refuse folders and missing files, naming similar ones."""
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"`{name}` is a {type(path).__name__}; expected the path of a file.")
    found = Path(path).expanduser()
    if found.is_dir():
        raise InputError(f"{found} is a folder; expected a file. Name the file in it.")
    if found.exists():
        return found
    folder = found.parent
    if not folder.is_dir():
        raise NotFoundError(f"{found} was not found: there is no folder {folder}. Check the path.")
    near = difflib.get_close_matches(found.name, os.listdir(folder), n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Look into {folder.resolve()}."
    raise NotFoundError(f"{found} was not found. {hint}")


@contextlib.contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a file to write beside `path`; it takes that name, in one move, when it is complete."""
    target = Path(path).expanduser()
    if target.is_dir():
        raise InputError(f"{target} is a folder; expected the name of a file in it.")
    if not target.parent.is_dir():
        raise NotFoundError(f"There is no folder {target.parent}. Make it first.")
    part = target.with_name(f".part-{os.getpid()}-{target.name}")  # keeps the extension
    try:
        yield part
        part.replace(target)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror or error}). Name a file in a folder "
            "where you may write and that has room."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def columns(got: Iterable[str], wanted: Iterable[str], where: str) -> None:
    """Refuse a table that lacks one of the `wanted` columns, listing those it has."""
    present = [str(column) for column in got]
    for column in wanted:
        if column not in present:
            near = difflib.get_close_matches(column, present, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            listed = ", ".join(present[:12]) + (", …" if len(present) > 12 else "")
            raise InputError(f"{where} has no column {column!r}; it has: {listed}.{hint}")


def generator(seed: int | None, purpose: str) -> np.random.Generator:
    """Return NumPy's generator for `seed`; None draws a fresh one. No global state is touched.

    Each purpose has its own stream: data simulated with seed 0 and split with seed 0 would
    otherwise be ordered by the same permutation, and the split would follow the readout.
    """
    if seed is None:
        return np.random.default_rng()
    return np.random.default_rng([whole_number(seed, "seed", low=0), zlib.crc32(purpose.encode())])
