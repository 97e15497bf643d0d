"""Argument checks: the one place where the wording of our errors lives.

An error says what was got, what was expected and what to do next.
"""

from __future__ import annotations

import contextlib
import difflib
import glob
import os
import platform
import re
import reprlib
import shutil
import tempfile
import traceback
import zlib
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Options = TypeVar("Options")

_LONGEST_WORD = 300  # characters; what a broken file holds may have no end
_SHOWN = 60
_LONGEST_LIST = 160
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 200
_PACKAGE = f"{Path(__file__).parent}{os.sep}"


class InputError(ValueError):
    """Something in the input that the user can mend; the message says how, in one paragraph."""

    def __init__(self, message: str) -> None:
        paragraph = re.sub(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*", " ", message)
        super().__init__(re.sub(rf"\S{{{_LONGEST_WORD},}}", _cut, paragraph))

    def _render_traceback_(self) -> list[str]:
        """Return what notebooks show: the user's own line and the sentence, none of our insides."""
        calls = traceback.extract_tb(self.__traceback__)
        inside = [call.filename.startswith(_PACKAGE) for call in calls]
        own = calls[: inside.index(True)] if True in inside else calls
        lines = [f"----> {call.line}" for call in own[-1:] if call.line]
        return [*lines, f"{type(self).__name__}: {self}"]


def _cut(word: re.Match[str]) -> str:
    return f"{word[0][:_SHOWN]}…{word[0][-_SHOWN:]}"


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


def shown(value: object) -> str:
    """Return a value as an error names it: plain ones as they are, on one line, others by type.

    Examples
    --------
    >>> shown(None), shown(["a.fa", "b.fa"]), shown(np.zeros(3))
    ('None', "['a.fa', 'b.fa']", 'an ndarray')
    """
    if value is None or isinstance(value, (str, bytes, int, float)):
        return _REPR.repr(value)
    if isinstance(value, (list, tuple, dict, set)):
        words = _REPR.repr(value)
        return words if len(words) <= _LONGEST_LIST else f"{words[:_LONGEST_LIST]}…"
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'AEIOUaeiou' or kind == 'ndarray' else 'a'} {kind}"


def one_of(value: Any, name: str, allowed: Iterable[Any]) -> None:
    """Refuse a value that is not in `allowed`, with the nearest allowed one."""
    choices = list(allowed)
    if isinstance(value, Hashable) and value in choices:  # an array equals many things at once
        return
    listed = ", ".join(repr(choice) for choice in choices)
    near = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(f"`{name}` is {shown(value)}; expected one of {listed}.{hint}")


def whole_number(value: Any, name: str, *, low: int = 1, high: int | None = None) -> int:
    """Return `value` as int; refuse fractions, text and values outside [low, high]."""
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if is_whole and value >= low and (high is None or value <= high):
        return int(value)
    upper = f" to {high}" if high is not None else " or more"
    raise InputError(f"`{name}` is {shown(value)}; expected a whole number, {low}{upper}.")


def number(
    value: Any, name: str, *, low: float = -np.inf, high: float = np.inf, what: str = "a number"
) -> float:
    """Return `value` as float; refuse text, NaN and values outside [low, high]."""
    try:
        got = float(value)
    except (TypeError, ValueError):
        got = float("nan")
    if low <= got <= high and np.isfinite(got):
        return got
    bounds = f" between {low:g} and {high:g}"
    if np.isinf(high):
        bounds = "" if np.isinf(low) else f", {low:g} or more"
    raise InputError(f"`{name}` is {shown(value)}; expected {what}{bounds}.")


def reason(error: BaseException, most: int = 300) -> str:
    """Return what a library says is wrong, as far as it belongs into an error of ours."""
    said = " ".join(str(error).split())
    return said if len(said) <= most else f"{said[:most]}…"


def numbers(value: Any, name: str, expected: str) -> npt.NDArray[np.float64]:
    """Return `value` as an array of float64; refuse words and rows of unequal length."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` is {shown(value)}; expected {expected}.") from None


def parse_numbers(cells: Any) -> npt.NDArray[np.float64]:
    """Return the numbers that cells hold, (n,) of text or anything else; NaN where one holds none.

    Not by pandas, whose parser brings Python down at "1e45704789046".
    """
    values = np.asarray(cells)
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    parsed: npt.NDArray[np.float64] = np.fromiter(map(_number_or_nan, values), float, len(values))
    return parsed


def _number_or_nan(cell: Any) -> float:
    try:
        return float("nan") if isinstance(cell, str) and "_" in cell else float(cell)
    except (TypeError, ValueError, OverflowError):  # the last: whole numbers of hundreds of digits
        return float("nan")


def a_path(value: object, name: str = "path", what: str = "file") -> Path:
    """Return `value` as a Path; refuse what names no file: other things, nothing, addresses."""
    if not isinstance(value, (str, os.PathLike)) or isinstance(os.fspath(value), bytes):
        raise InputError(f"`{name}` is {shown(value)}; expected the path of a {what}.")
    text = os.fspath(value)
    if not text.strip() or "\0" in text:
        raise InputError(f"`{name}` is {text!r}; expected the path of a {what}.")
    if re.match(r"(https?|ftp|s3|gs)://?", text):
        raise InputError(f"{text} is an address; expected a {what} on this machine. Download it.")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise NotFoundError(
            f"{text} was not found: there is no such user. Check the path."
        ) from None


def existing_file(path: str | os.PathLike[str], name: str = "path") -> Path:
    """Return `path` as a Path; refuse folders and missing files, naming similar ones."""
    found = a_path(path, name)
    try:
        if found.is_dir():
            raise InputError(f"{found} is a folder; expected a file. Name the file in it.")
        if found.exists() and not os.access(found, os.R_OK):
            raise InputError(f"{found} may not be read by you. Ask its owner, or copy it.")
        if found.exists():
            return found
        folder = found.parent
        if not folder.is_dir():
            raise NotFoundError(
                f"{found} was not found: there is no folder {folder}. Check the path."
            )
        near = difflib.get_close_matches(found.name, os.listdir(folder), n=1)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{found} cannot be opened ({error.strerror}). Check the path.") from None
    looked = f"Python looked into {folder.resolve()}: put it there, or give its whole path."
    hint = f"Did you mean {near[0]!r}?" if near else looked
    raise NotFoundError(f"{found} was not found. {hint}")


def file_to_write(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that can be made: its folder is there, and it is nothing else."""
    target = a_path(path)
    try:
        if target.is_dir():
            raise InputError(f"{target} is a folder; expected the name of a file in it.")
        if target.exists() and not target.is_file():  # a device or a pipe, which would be replaced
            raise InputError(f"{target} is no ordinary file; expected the name of one.")
        if not target.parent.is_dir():
            raise NotFoundError(f"There is no folder {target.parent}. Make it first.")
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise cannot_write(target, error, "Use another name.") from None
    return target


def make_folder(path: str | os.PathLike[str], name: str, way_out: str) -> Path:
    """Return a folder, which is made if absent; `way_out` says what to do where it cannot be."""
    folder = a_path(path, name, "folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made ({error.strerror}); {way_out}"
        ) from None
    return folder


@contextlib.contextmanager
def new_file(path: str | os.PathLike[str], *, tidy: bool = True) -> Iterator[Path]:
    """Yield a file to write beside `path`; it takes that name, in one move, when it is complete.

    What a process that was killed left of the same file is removed, unless `tidy` is False: for
    many files in one folder, call `remove_leftovers` once, which lists the whole folder.
    """
    target = file_to_write(path)
    part = target.with_name(_part(target.name))  # keeps the extension
    try:
        if tidy:
            remove_leftovers(target.parent, glob.escape(target.name))
        yield part
        part.replace(target)
    except InputError:
        raise
    except OSError as error:
        raise cannot_write(target, error) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def cannot_write(
    path: Path,
    error: OSError,
    way_out: str = "Name a file in a folder where you may write and that has room.",
) -> InputError:
    """The error to raise where a file or folder cannot be written; `way_out` says what to do."""
    return InputError(f"{path} cannot be written ({_why(error)}). {way_out}")


def _why(error: OSError) -> str:
    """What the system says; HDF5 wraps it into a paragraph."""
    said = re.search(r"error message = '([^']+)'", str(error))
    return said[1] if said else error.strerror or reason(error)


@contextlib.contextmanager
def part_folder(folder: Path, name: str) -> Iterator[Path]:
    """Yield an empty hidden folder in `folder` that is gone afterwards.

    What a process that was killed left under the same name is removed.
    """
    remove_leftovers(folder, f"{glob.escape(name)}-*")
    with tempfile.TemporaryDirectory(prefix=_part(f"{name}-"), dir=folder) as part:
        yield Path(part)


def _part(name: str, pid: int | str | None = None) -> str:
    """The name under which this process, or another one of this machine, prepares `name`."""
    machine = platform.node()
    with contextlib.suppress(OSError):  # containers number their processes each for itself
        machine += str(os.stat("/proc/self/ns/pid").st_ino)
    return f".part-{zlib.crc32(machine.encode()):08x}-{pid or os.getpid()}-{name}"


def remove_leftovers(folder: Path, pattern: str = "*") -> None:
    """Remove what processes of this machine that are dead were preparing."""
    for left in folder.glob(_part(pattern, "*")):
        pid = left.name.split("-")[2]
        if not pid.isdigit() or _is_alive(int(pid)):
            continue
        with contextlib.suppress(OSError):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # there asking would stop it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True


def window(value: tuple[int, int] | None, length: int) -> tuple[int, int]:
    """Return first position and end of a window (0-based, half-open); None is the whole sequence.

    Examples
    --------
    >>> window(None, 30), window((5, 9), 30)
    ((0, 30), (5, 9))
    """
    edges = [0, length] if value is None else value
    if not isinstance(edges, (tuple, list)) or len(edges) != 2:
        raise InputError(f"`window` is {shown(value)}; expected (first, end) within 0 to {length}.")
    first, end = (number(edge, "window") for edge in edges)
    if 0 <= first < end <= length:
        return int(first), int(end)
    raise InputError(
        f"`window` is ({first:g}, {end:g}); expected first < end within 0 to {length}."
    )


def table(value: Any, name: str, example: str) -> None:
    """Refuse what is no pandas table; `example` says how to get one."""
    if not (hasattr(value, "columns") and hasattr(value, "iloc")):
        raise InputError(f"`{name}` is {shown(value)}; expected a table, such as {example}.")


def options(value: Any, kind: type[Options], example: str) -> Options:
    """Return settings, the usual ones for None; `example` shows how to make others."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise InputError(f"`options` is {shown(value)}; expected such as `{example}`.")
    return value


def columns(got: Iterable[str], wanted: Iterable[str], where: str) -> None:
    """Refuse a table that lacks one of the `wanted` columns, listing those it has."""
    present = [str(column) for column in got]
    for column in wanted:
        if column not in present:
            near = difflib.get_close_matches(str(column), present, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            listed = ", ".join(present[:12]) + (", …" if len(present) > 12 else "")
            has = f"it has: {listed}" if any(present) else "its columns have no names"
            raise InputError(f"{where} has no column {shown(column)}; {has}.{hint}")


def generator(seed: int | None, purpose: str) -> np.random.Generator:
    """Return NumPy's generator for `seed`; None draws a fresh one. No global state is touched.

    Each purpose has its own stream: data simulated with seed 0 and split with seed 0 would
    otherwise be ordered by the same permutation, and the split would follow the readout.
    """
    if seed is None:
        return np.random.default_rng()
    return np.random.default_rng([whole_number(seed, "seed", low=0), zlib.crc32(purpose.encode())])
