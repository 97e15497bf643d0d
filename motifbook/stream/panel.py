"""The same function for many independent jobs; each result is written as it comes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook._digest import digest
from motifbook.data.pieces import book_digest
from motifbook.stream.request import refuse_other
from motifbook.stream.work import each

_ABOUT = "panel.json"  # what the folder holds
_FUNCTION = "the function"
_LONGEST_NAME = 120
_TOLD_APART = (str, int, float, bool, tuple, list, dict, os.PathLike, np.ndarray, np.generic)
Result = pd.DataFrame | Mapping[str, float]


def panel(
    function: Callable[[Any], Result],
    jobs: Mapping[str, Any],
    out: str | os.PathLike[str],
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Run one function for many independent jobs: data sets, seeds, permuted readouts.

    The same line again does only what is missing; jobs may be added.

    Parameters
    ----------
    function
        Takes the input of a job, returns a table, or a mapping of numbers, which is one row.
    jobs
        Name -> input, such as a path, a seed or a book. A file of the name in `out` holds the
        result.
    out
        A new folder, or one that this function was begun in. What it holds is read as text (CSV),
        never as code.

    Returns
    -------
    DataFrame
        All tables, one below the other, in the order of `jobs`, with a first column "job".

    Raises
    ------
    InputError
        If a name is no name of a file, `out` is or holds something else, or was begun with another
        function or other inputs.
    RuntimeError
        At the end, if jobs failed: which ones, and why. All others are kept; the same line does
        the failed ones again.

    Notes
    -----
    ``with joblib.parallel_config(n_jobs=2):`` runs two at a time, ``backend="dask"`` one per core
    of a cluster. Names tell jobs apart: another input under an old name is refused if it is text,
    numbers or a book. A function that you change needs another `out` if its name stays.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     panel(lambda n: {"square": n * n}, {"two": 2, "three": 3}, folder, progress=False)
         job  square
    0    two       4
    1  three       9
    """
    if not callable(function):
        raise _check.InputError(
            f"`function` is {_check.shown(function)}; expected a function of one job's input."
        )
    names = _names(jobs)
    folder = _claim(out, function, {name: _told(jobs[name]) for name in names})
    missing = [number for number, name in enumerate(names) if not _file(folder, name).exists()]
    failed: dict[str, str] = {}
    results = each(
        _try,
        lambda number: (function, jobs[names[number]]),
        missing,
        name="jobs",
        at_once=None,  # a long job holds up no other, and results are short
        progress=progress,
    )
    for number, (result, error) in results:
        if error:
            failed[names[number]] = error
        else:
            with _check.new_file(_file(folder, names[number]), tidy=False) as part:
                part.write_text(result, encoding="utf-8")
    _refuse_failed(failed, len(names), folder)
    return _read(folder, names)


def _try(function: Callable[[Any], Result], given: Any) -> tuple[str, str]:
    """Result of a job as text, or what went wrong."""
    try:
        return _text(function(given)), ""
    except Exception as error:
        return "", f"{type(error).__name__}: {_check.reason(error)}"


def _text(result: object) -> str:
    """A table, or numbers, as CSV."""
    if isinstance(result, Mapping):
        result = pd.DataFrame({str(name): [value] for name, value in result.items()})
    if not isinstance(result, pd.DataFrame):
        raise _check.InputError(
            f"`function` returned {_check.shown(result)}; expected a table, or a mapping of "
            'numbers such as {"auroc": 0.9}.'
        )
    if "job" in result.columns:
        raise _check.InputError(
            '`function` returned a table with a column "job", which is to hold the name of the '
            "job; expected another name."
        )
    return result.to_csv(index=False)


def _read(folder: Path, names: list[str]) -> pd.DataFrame:
    tables = []
    for name in names:
        text = _file(folder, name)
        try:
            table = pd.read_csv(text, float_precision="round_trip")
        except pd.errors.EmptyDataError as error:
            if not text.stat().st_size:
                raise _damaged(text, error) from None
            table = pd.DataFrame()  # without columns
        except (UnicodeDecodeError, pd.errors.ParserError) as error:
            raise _damaged(text, error) from None
        table.insert(0, "job", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["job"])


def _damaged(file: Path, error: Exception) -> _check.InputError:
    return _check.InputError(
        f"{file} is damaged ({_check.reason(error)}). Remove it, and the same line does its job "
        "again."
    )


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def _names(jobs: object) -> list[str]:
    """Names of jobs, all of which can be names of files."""
    if not isinstance(jobs, Mapping):
        raise _check.InputError(
            f"`jobs` is {_check.shown(jobs)}; expected a mapping of names to inputs, such as "
            '{"GATA1": "gata1.fa"}.'
        )
    taken: dict[str, str] = {}
    for name in jobs:
        usable = isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME
        if not usable or name.startswith(".") or any(sign in name for sign in '/\\\0:*?"<>|'):
            raise _check.InputError(
                f"`jobs` holds {_check.shown(name)}; expected names that files can have: up to "
                f"{_LONGEST_NAME} characters, without slashes and the like."
            )
        if name.lower() in taken:
            raise _check.InputError(
                f"`jobs` holds {taken[name.lower()]!r} and {name!r}; expected names that differ "
                "in more than upper and lower case, as files do."
            )
        taken[name.lower()] = name
    return list(taken.values())


def _claim(
    out: str | os.PathLike[str], function: Callable[..., Any], inputs: Mapping[str, str]
) -> Path:
    """Return a folder for these jobs of this function, which is made if absent."""
    folder = _check.a_path(out, "out", "folder")
    if folder.exists() and not folder.is_dir():
        raise _check.InputError(f"`out` is {folder}, a file; expected a folder. Name a new one.")
    folder = _check.make_folder(folder, "out", "name another one for `out`.")
    _check.remove_leftovers(folder)
    asked, done = {_FUNCTION: _name_of(function)}, {_FUNCTION}
    for name, told in inputs.items():
        key = f"the input of job {name!r}"
        asked[key] = told
        if _file(folder, name).exists():  # the input of a job that failed may be mended
            done.add(key)
    kept = _kept(folder / _ABOUT)
    if kept is None and any(not one.name.startswith(".") for one in folder.iterdir()):
        raise _check.InputError(
            f"`out` is {folder}, which holds something else; expected an empty or a new folder, or "
            "that of a panel to go on with. Name another: nothing in it was changed."
        )
    known = kept or {}
    refuse_other(folder, known, {key: asked[key] for key in done & set(known)})
    if asked.items() - known.items():
        with _check.new_file(folder / _ABOUT) as part:
            part.write_text(json.dumps({**known, **asked}, indent=1), encoding="utf-8")
    return folder


def _kept(about: Path) -> dict[str, str] | None:
    """What a folder was begun with; None if it holds no panel."""
    if not about.exists():
        return None
    try:
        kept = json.loads(about.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return kept if isinstance(kept, dict) and _FUNCTION in kept else None


def _told(given: object) -> str:
    """A word that differs where inputs of a job do; none for what only its name tells."""
    if hasattr(given, "obs_names"):
        return book_digest(given, measured=True)  # type: ignore[arg-type]
    if isinstance(given, _TOLD_APART):
        return digest([given])
    return ""


def _name_of(function: Callable[..., Any]) -> str:
    """Name of a function; of one without a name what tells its code from others."""
    name = str(getattr(function, "__qualname__", type(function).__qualname__))
    code = getattr(function, "__code__", None)
    if "<lambda>" in name and code is not None:
        words = repr((code.co_code, [c for c in code.co_consts if isinstance(c, (int, str))]))
        return f"{name} {hashlib.sha256(words.encode()).hexdigest()[:8]}"
    return name


def _refuse_failed(failed: Mapping[str, str], n: int, folder: Path) -> None:
    if failed:
        told = [f"{name!r}: {error.removesuffix('.')}" for name, error in failed.items()]
        listed = "; ".join(told[:10])
        more = f"; and {len(failed) - 10} more" if len(failed) > 10 else ""
        raise RuntimeError(
            f"{len(failed)} of {n} jobs failed. {listed}{more}. The others are done and kept in "
            f"{folder}; the same line does the failed ones again."
        )
