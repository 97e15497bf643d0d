"""TRANSFAC: records of two-letter lines, a matrix under P0 (or PO), closed by //."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from motifbook.alphabet import Alphabet
from motifbook.motif._text import (
    Text,
    counts,
    fit_letters,
    from_counts_or_probabilities,
    order_rows,
    written_names,
)
from motifbook.motif.matrix import Motif


def is_transfac(line: str) -> bool:
    """Whether a line is the head of a TRANSFAC matrix."""
    return line.split()[:1] in (["P0"], ["PO"])


def read_transfac(text: Text, alphabet: Alphabet | None) -> list[Motif]:
    """Read every motif of a TRANSFAC text; records without names and matrix are headings."""
    ends = [i for i, line in enumerate(text.lines) if line.strip() == "//"]
    *parts, rest = text.parts([0, *(end + 1 for end in ends)])
    for i, line in enumerate(rest.lines):
        if line.strip() not in ("", "XX"):
            raise rest.error(i, "the last record is not closed by `//`; the file may be cut short.")
    records = [(part, _read_record(part)) for part in parts]
    return [_as_motif(part, record, alphabet) for part, record in records if record.is_motif]


@dataclass
class _Record:
    names: dict[str, str] = field(default_factory=dict)  # by two-letter key, the first of each
    letters: str = ""
    head: int = 0  # the line of P0
    numbers: list[int] = field(default_factory=list)  # of the rows
    rows: list[list[float]] = field(default_factory=list)

    @property
    def is_motif(self) -> bool:
        return bool(self.letters or {"AC", "ID", "NA"} & set(self.names))


def _read_record(text: Text) -> _Record:
    record = _Record()
    for i, line in enumerate(text.lines):
        key, *words = line.split() or [""]
        if is_transfac(key):
            if record.letters:
                raise text.error(i, "a second matrix in one record; expected `//` between motifs.")
            record.head, record.letters = i, "".join(words)
        elif re.fullmatch("[0-9]{1,4}", key) and record.letters:
            record.numbers.append(int(key))
            record.rows.append(_read_row(text, i, words, record.letters))
            _refuse_gap(text, i, record.numbers)
        elif re.fullmatch("[A-Z]{2}", key):
            record.names.setdefault(key, " ".join(words))
        elif key not in ("", "//"):
            raise text.error(
                i,
                f"got {key[:40]!r}; expected a two-letter line such as `ID name`, rows under "
                "`P0 A C G T`, or `//`.",
            )
    return record


def _read_row(text: Text, i: int, words: list[str], letters: str) -> list[float]:
    n_extra = len(words) - len(letters)
    if n_extra not in (0, 1) or (n_extra == 1 and not words[-1].isalpha()):
        raise text.error(
            i,
            f"a row of {len(words)} values; expected {len(letters)} numbers ({', '.join(letters)}) "
            "and at most the consensus letter.",
        )
    return text.numbers(i, words[: len(letters)])


def _refuse_gap(text: Text, i: int, numbers: list[int]) -> None:
    """Rows are numbered without gaps from 1 (some programs: 0), so that a lost row shows."""
    if numbers[0] > 1 or numbers[-1] != numbers[0] + len(numbers) - 1:
        raise text.error(
            i,
            f"row {numbers[-1]} is the {len(numbers)}. row of its matrix; expected rows numbered "
            "without gaps from 01. A row may be lost.",
        )


def _as_motif(text: Text, record: _Record, alphabet: Alphabet | None) -> Motif:
    own = record.names
    identifier = own.get("AC") or own.get("ID") or own.get("NA")
    name = own.get("NA") or own.get("ID") or identifier
    if not identifier or not name:
        raise text.error(0, "a motif without a name; expected a line `ID name`.")
    if not record.rows:
        raise text.error(0, f"motif {name!r} has no matrix; expected rows under `P0 A C G T`.")
    matrix = text.part(record.head, len(text.lines))
    fitting = fit_letters(matrix, record.letters, alphabet)
    values = order_rows(np.array(record.rows).T, record.letters, fitting)
    info = {"id": identifier}
    return from_counts_or_probabilities(matrix, name, values, alphabet=fitting, info=info)


def write_transfac(motifs: Sequence[Motif]) -> str:
    """Counts (probabilities where the number of sites is unknown) as a TRANSFAC text."""
    return "".join(_write_record(motif) for motif in motifs)


def _write_record(motif: Motif) -> str:
    identifier, name = written_names(motif)
    rows = [
        f"{i:02d}  {'  '.join(f'{value:.10g}' for value in row)}  {letter.upper()}"
        for i, (row, letter) in enumerate(zip(counts(motif).T, motif.consensus), start=1)
    ]
    head = [f"AC  {identifier}", "XX", f"ID  {name}", "XX"]
    return "\n".join([*head, f"P0  {'  '.join(motif.alphabet.letters)}", *rows, "XX", "//", ""])
