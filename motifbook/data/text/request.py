"""Which columns of a table the user asks for, and whether that can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from motifbook import _check
from motifbook.alphabet import INVALID, Alphabet
from motifbook.data.text.cells import Cells, Column
from motifbook.data.text.readouts import Alleles, Counts, Cycles, Readout, several, used_columns
from motifbook.data.text.selex import count_name
from motifbook.data.text.values import parse

_HEADERS = ("seq", "sequence", "dna", "rna", "protein", "peptide")  # letters too, some of them


@dataclass(frozen=True)
class Request:
    """The columns that `mb.read_table` was asked for.

    Parameters
    ----------
    sequences
        One column, or those of the reference and the alternative.
    readouts
        Name of a readout, or number of its column, -> what it is made of.
    sigma
        Name of a readout -> its standard error.
    """

    sequences: list[Column]
    readouts: Mapping[Column, Readout]
    sigma: Mapping[str, Column | Alleles]

    @property
    def has_alleles(self) -> bool:
        """Whether each line holds two sequences."""
        return len(self.sequences) == 2

    @property
    def is_by_number(self) -> bool:
        """Whether every column is called by its number, so that no header is needed."""
        return not any(isinstance(column, str) for column in [*self.sequences, *self._others()])

    def _others(self) -> list[Column]:
        made_of = [*self.readouts.values(), *self.sigma.values()]
        return [column for what in made_of for column in used_columns(what)]

    def is_header(self, first: list[str], alphabet: Alphabet) -> bool:
        """Whether the first line of a file, its cells, is names of columns and no data."""
        if not self.is_by_number:
            return True
        numbers = [int(column) for column in self._others()]
        sequences = [int(column) for column in self.sequences]
        if not all(0 <= number < len(first) for number in numbers + sequences):
            return False
        cells = [first[number].strip() for number in sequences]
        has_words = any(
            cell.lower() in _HEADERS or (alphabet.codes(cell) == INVALID).any() for cell in cells
        )
        values = pd.Series([first[number] for number in numbers], dtype=object)
        return has_words or bool(parse(values)[1].any())

    def find_sequences(self, cells: Cells) -> list[int]:
        """Return the numbers of the columns of sequences.

        Raises
        ------
        InputError
            If there is no such column, or it is a readout too.
        """
        _refuse_data_as_header(self.sequences[0], cells)
        sequences = [cells.find(column) for column in self.sequences]
        for number, n_times in Counter(sequences + [cells.find(c) for c in self._others()]).items():
            if number in sequences and n_times > 1:
                raise _check.InputError(
                    f"Column {cells.name(number)!r} of {cells.file} is asked for {n_times} times; "
                    "expected a column of sequences once, and other columns as readouts."
                )
        return sequences

    def name_readouts(self, cells: Cells) -> dict[str, Readout]:
        """Return what each readout is made of, by its name."""
        named: dict[str, Readout] = {}
        for key, what in self.readouts.items():
            name = key if isinstance(key, str) else cells.name(key)
            if name in named:
                raise _check.InputError(
                    f"Two readouts made of {cells.file} are called {name!r}; expected a name of "
                    f'its own for each: `readouts={{"{name} 1": ..., "{name} 2": ...}}`.'
                )
            _refuse_twice(name, what, cells)
            named[name] = what
        return named

    def used(self, cells: Cells) -> set[int]:
        """Return the numbers of the columns that are not kept in `obs`: all but counts."""
        made_of = [*self.sequences]
        for what in [*self.readouts.values(), *self.sigma.values()]:
            parts = [what.ref, what.alt] if isinstance(what, Alleles) else [what]
            for part in parts:
                if not isinstance(part, (Counts, Cycles)):
                    made_of += used_columns(part)
        return {cells.find(column) for column in made_of}

    def count_columns(self, cells: Cells) -> dict[str, str]:
        """Return what `obs` calls the columns of SELEX counts, by their name in the file."""
        return {
            cells.name(column): count_name(cycle)
            for what in self.readouts.values()
            if isinstance(what, Cycles)
            for cycle, column in what.columns.items()
        }


def make_request(
    sequence: Column | Sequence[Column],
    readouts: Column | Sequence[Column] | Mapping[str, Readout],
    sigma: Mapping[str, Column | Alleles],
) -> Request:
    """Return the request made by the arguments of `mb.read_table`.

    Raises
    ------
    InputError
        If two readouts are the same, one has no name, or what they are made of does not go with
        one or two sequences per line.
    """
    sequences = several(sequence)
    if len(sequences) > 2:
        raise _check.InputError(
            f"`sequence` is {sequence!r}; expected one column, or two: the reference's and the "
            "alternative's."
        )
    if not isinstance(sigma, Mapping):
        raise _check.InputError(
            f"`sigma` is {sigma!r}; expected readout -> column of its standard error, such as "
            '{"activity": "activity_se"}.'
        )
    request = Request(sequences, _by_name(readouts), sigma)
    for name, what in request.readouts.items():
        if isinstance(what, Alleles) != request.has_alleles:
            raise _misfit(name, what, request)
    for name, what in sigma.items():
        if not isinstance(what, Alleles if request.has_alleles else (str, int)):
            raise _check.InputError(
                f"`sigma` has {what!r} for {name!r}; expected the column of its standard error, "
                'or `mb.Alleles(ref="...", alt="...")` where lines hold two sequences.'
            )
    return request


def _by_name(
    readouts: Column | Sequence[Column] | Mapping[str, Readout],
) -> Mapping[Column, Readout]:
    if isinstance(readouts, Mapping):
        if not all(str(name).strip() for name in readouts):
            raise _check.InputError("A readout has no name; expected one for each. Name it.")
        return {str(name): what for name, what in readouts.items()}
    if isinstance(readouts, (Counts, Alleles, Cycles)):
        raise _check.InputError(
            f"`readouts` is {readouts!r}; expected a name for it. Use "
            f'`readouts={{"activity": mb.{type(readouts).__name__}(...)}}`.'
        )
    is_empty = isinstance(readouts, (list, tuple)) and not readouts
    columns = [] if is_empty else several(readouts)
    twice = [column for column, n_times in Counter(columns).items() if n_times > 1]
    if twice:
        raise _check.InputError(
            f"`readouts` names {twice[0]!r} {columns.count(twice[0])} times; expected once."
        )
    return {column: column for column in columns}


def _refuse_twice(name: str, what: Readout, cells: Cells) -> None:
    """Refuse a readout that is made of one column twice, such as a replicate of itself."""
    numbers = [cells.find(column) for column in used_columns(what)]
    for number, n_times in Counter(numbers).items():
        if n_times > 1:
            raise _check.InputError(
                f"Readout {name!r} is made of column {cells.name(number)!r} {n_times} times; "
                "expected another column for each replicate, library, allele or cycle."
            )


def _misfit(name: Column, what: Readout, request: Request) -> _check.InputError:
    if isinstance(what, Alleles):
        return _check.InputError(
            f"Readout {name!r} is made of `Alleles`, and each line has one sequence; expected two. "
            'Name both columns: `sequence=("ref_sequence", "alt_sequence")`.'
        )
    return _check.InputError(
        f"Readout {name!r} is made of {what!r}, and each line has two sequences; expected what was "
        f'measured for each: `readouts={{"{name}": mb.Alleles(ref="...", alt="...")}}`. A value of '
        "the pair, such as an effect, stays in `obs`: leave it out of `readouts`."
    )


def _refuse_data_as_header(column: Column, cells: Cells) -> None:
    header = cells.header or [""]
    longest = max(header, key=len)
    if column not in header and len(longest) > 5 and set(longest.upper()) <= set("ACGTUN"):
        raise _check.InputError(
            f"{cells.file} has {longest[:20]!r} in its first line, which looks like a sequence and "
            "not like a column name. Call columns by number, counted from 0 (`sequence=0, "
            'readouts=[1]`), or name them: `names=["sequence", "readout"]`.'
        )
