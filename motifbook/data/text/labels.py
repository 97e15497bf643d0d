"""Measured values in a file of their own, beside the file of sequences."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data.text.cells import Cells, read_cells
from motifbook.data.text.covariates import read_covariates
from motifbook.data.text.values import on_values, parse, refuse_words
from motifbook.data.words import counted, listed

PathLike = str | os.PathLike[str]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_LONGEST = 40  # characters of a word that are shown


@dataclass(frozen=True)
class Labels:
    """What a label file says of each sequence.

    Parameters
    ----------
    readouts : (n, n_readouts)
    obs : (n, n_columns)
        Columns that are no numbers.
    done
        Sentences on what was read and left out.
    """

    readouts: pd.DataFrame
    obs: pd.DataFrame
    done: list[str]


def read_labels(
    path: PathLike,
    names: list[str],
    *,
    has_letters: npt.NDArray[np.bool_],
    file: str,
    taken: Collection[str] = (),
) -> Labels:
    """Read the label file that belongs to the sequences of `file`.

    Parameters
    ----------
    names : n strings
        Of the sequences, as their file has them.
    has_letters : (n_records,)
        Which records of the file are these sequences; the others were left out, and so are their
        labels.
    taken
        Columns that `obs` has already.

    Raises
    ------
    InputError
        If lines and records are not as many, no name is that of a sequence, a name comes twice,
        or no column holds numbers.
    """
    cells = read_cells(path, has_header=lambda first: _is_header(first, names))
    is_named = _starts_with_names(cells, names)
    without = {0} if is_named or _is_row_number(cells) else set()
    numeric = _numeric_columns(cells, without)
    if is_named:
        rows, on_rows = _by_name(cells, names, file)
    else:
        rows, on_rows = _in_order(cells, has_letters, file)
    obs, on_obs = read_covariates(cells, without | set(numeric), taken)
    kept, on_complements = _without_complements(numeric)
    readouts = pd.DataFrame(_named(kept, cells), index=range(len(cells.lines)))
    readouts, obs = (table.reindex(rows).reset_index(drop=True) for table in (readouts, obs))
    done = [*on_rows, *on_complements, *on_obs, *_on_words(cells, without | set(numeric))]
    for name in readouts:
        done += on_values(str(name), readouts[name].to_numpy())
    return Labels(readouts, obs, done)


def _is_header(first: list[str], names: list[str]) -> bool:
    """Whether the first line names columns and no sequence: all cells but the first are words."""
    if len(first) > 1 and first[0].strip() in names:
        return False
    filled = [cell for cell in first[1:] or first if cell.strip()]
    return bool(parse(pd.Series(filled, dtype=object))[1].all()) and bool(filled)


def _starts_with_names(cells: Cells, names: list[str]) -> bool:
    """Whether the first column holds names: words, or numbers that are names of sequences."""
    if len(cells.columns) < 2:
        return False
    if parse(cells.text(0))[1].any():
        return True
    given = [cell.strip() for cell in cells.columns[0]]
    return len(set(given)) == len(given) and set(names).issuperset(given)


def _is_row_number(cells: Cells) -> bool:
    """Whether the first column only counts the lines, from 0 or 1."""
    n = len(cells.lines)
    if len(cells.columns) < 2 or n < 3:
        return False
    counted_from = parse(cells.text(0))[0] - np.arange(n)
    return bool((counted_from == 0).all() or (counted_from == 1).all())


def _in_order(
    cells: Cells, has_letters: npt.NDArray[np.bool_], file: str
) -> tuple[IntArray, list[str]]:
    """Return the line of each sequence, (n,), if there are as many lines as records."""
    if len(cells.lines) != len(has_letters):
        header = f" below its header {cells.header[0]!r}" if cells.header else ""
        raise _check.InputError(
            f"{cells.file} has {counted(len(cells.lines), 'line')} of labels{header} and {file} "
            f"has {counted(len(has_letters), 'record')}; expected as many, in the same order. Else "
            "write the names of the sequences into the first column of the labels."
        )
    return np.flatnonzero(has_letters), [f"Labels were read from {cells.file}, line by line."]


def _by_name(cells: Cells, names: list[str], file: str) -> tuple[IntArray, list[str]]:
    """Return the row of each sequence by its name, (n,); -1 where there is none."""
    given = pd.Index([cell.strip() for cell in cells.columns[0]], dtype=object)
    for where, index in ((cells.file, given), (file, pd.Index(names, dtype=object))):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise _check.InputError(
                f"The name {twice!r} stands more than once in {where}; expected one line of labels "
                "for each sequence and each name once. Rename one of them."
            )
    rows = given.get_indexer(pd.Index(names, dtype=object)).astype(np.int64)
    n_without, n_left = int((rows < 0).sum()), len(given) - int((rows >= 0).sum())
    if n_without == len(names):
        raise _check.InputError(
            f"No name in the first column of {cells.file} ({listed(list(given), 2)}) is that of a "
            f"sequence in {file} ({listed(names, 2)}); expected those names, or values only, one "
            "line per sequence."
        )
    done = [f"Labels were read from {cells.file} and joined by name."]
    if n_without:
        done.append(f"{counted(n_without, 'sequence')} without a line of labels: not measured.")
    if n_left:
        done.append(f"Left out {counted(n_left, 'line')} of labels that name no sequence.")
    return rows, done


def _numeric_columns(cells: Cells, without: set[int]) -> dict[int, FloatArray]:
    """Return the columns that hold numbers, by their number in the file."""
    columns = {}
    for number in sorted(set(range(len(cells.columns))) - without):
        values, is_bad = parse(cells.text(number))
        if not is_bad.any() and not np.isnan(values).all():
            columns[number] = values
    if not columns:
        refuse_words(cells, sorted(set(range(len(cells.columns))) - without))
    return columns


def _on_words(cells: Cells, others: set[int]) -> list[str]:
    """Say which columns hold words, and where the first one is: it may be a slip of the pen."""
    done = []
    for number in sorted(set(range(len(cells.columns))) - others):
        is_word = parse(cells.text(number))[1]
        if is_word.any():
            row = int(is_word.argmax())
            done.append(
                f"Column {cells.name(number)!r} of the labels is kept in `obs`: it holds words "
                f"(line {cells.lines[row]}: {cells.columns[number][row].strip()[:_LONGEST]!r})."
            )
    return done


def _without_complements(columns: dict[int, FloatArray]) -> tuple[dict[int, FloatArray], list[str]]:
    """Leave out columns that are 1 exactly where an earlier one is 0, and 0 where it is 1."""
    kept: dict[int, FloatArray] = {}
    done = []
    for number, values in columns.items():
        for earlier, others in kept.items():
            if np.isin(values, (0, 1)).all() and np.array_equal(values, 1 - others):
                done.append(
                    f"Column {number} of the labels (counted from 0) is left out: it is 1 exactly "
                    f"where column {earlier} is 0."
                )
                break
        else:
            kept[number] = values
    return kept, done


def _named(columns: dict[int, FloatArray], cells: Cells) -> dict[str, FloatArray]:
    """Call readouts as the header does, else "label", or "label1" and so on."""
    if cells.header:
        names = [cells.name(number) for number in columns]
        if len(set(names)) < len(names):
            raise _check.InputError(
                f"Two columns of {cells.file} have the same name ({listed(names)}); expected "
                "another name for each. Rename one."
            )
    elif len(columns) == 1:
        names = ["label"]
    else:
        names = [f"label{number}" for number in range(1, len(columns) + 1)]
    return dict(zip(names, columns.values()))
