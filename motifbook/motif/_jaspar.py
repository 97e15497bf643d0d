"""JASPAR: `>id name`, then one row of counts per letter; also the bare rows of a .pfm file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from motifbook.alphabet import DNA, Alphabet
from motifbook.motif._text import (
    Text,
    counts,
    fit_letters,
    from_counts_or_probabilities,
    is_number,
    order_rows,
    written_names,
)
from motifbook.motif.matrix import FloatArray, Motif


def is_jaspar(line: str) -> bool:
    """Whether the first line of a file is a JASPAR header or a row of numbers."""
    _, words = _split(line)
    return line.lstrip().startswith(">") or (bool(words) and all(map(is_number, words)))


def read_jaspar(text: Text, alphabet: Alphabet | None) -> list[Motif]:
    """Read every motif of a JASPAR text; a bare matrix is named after its file."""
    starts = [i for i, line in enumerate(text.lines) if line.lstrip().startswith(">")]
    if not starts:
        name = Path(text.file).name.split(".")[0]
        return [_read_matrix(text, name, {}, alphabet)]
    for i in range(starts[0]):
        if text.lines[i].strip() and not text.lines[i].startswith("#"):
            raise text.error(i, "text before the first motif; expected a line `>id name`.")
    return [_read_motif(part, alphabet) for part in text.parts(starts)]


def _read_motif(text: Text, alphabet: Alphabet | None) -> Motif:
    identifier, *rest = text.lines[0].lstrip()[1:].split() or [""]
    if not identifier:
        raise text.error(0, "a motif without a name; expected `>id name`.")
    rows = text.part(1, len(text.lines))
    return _read_matrix(rows, " ".join(rest) or identifier, {"id": identifier}, alphabet)


def _read_matrix(text: Text, name: str, info: dict[str, str], alphabet: Alphabet | None) -> Motif:
    rows: list[list[float]] = []
    letters = ""
    for i, line in enumerate(text.lines):
        if not line.strip() or line.startswith("#"):
            continue
        letter, row = _read_row(text, i)
        if rows and (len(row) != len(rows[0]) or bool(letter) != bool(letters)):
            raise text.error(
                i,
                f"a row of motif {name!r} has {len(row)} numbers, the first one "
                f"{len(rows[0])}; expected rows of one length, all with a letter or none.",
            )
        rows.append(row)
        letters += letter
    own = fit_letters(text, letters, alphabet) if letters else alphabet or DNA
    if len(rows) != own.n_letters:
        raise text.error(
            0,
            f"motif {name!r} has {len(rows)} rows; expected {own.n_letters} "
            f"({', '.join(own.letters)}). A matrix with one row per position, as HOMER writes it, "
            "must be turned.",
        )
    values = np.array(rows)
    if letters:
        values = order_rows(values, letters, own)
    else:
        _refuse_turned(text, name, values)
    return from_counts_or_probabilities(text, name, values, alphabet=own, info=info)


def _read_row(text: Text, i: int) -> tuple[str, list[float]]:
    """Letter (empty when there is none) and numbers of a row."""
    line = text.lines[i]
    letter, words = _split(line)
    if ("[" in line) != ("]" in line):
        raise text.error(i, "a bracket is open; expected `A [ 1 2 3 ]`. The row may be cut short.")
    if not letter and words and words[0].isalpha():
        raise text.error(
            i, f"got {words[0][:40]!r}; expected counts. FASTA goes through `mb.read_fasta`."
        )
    if not words:
        raise text.error(i, "a row without numbers; expected `A [ 1 2 3 ]`.")
    return letter, text.numbers(i, words)


def _split(line: str) -> tuple[str, list[str]]:
    words = line.translate(str.maketrans("[]|", "   ")).split()
    label = words[0].rstrip(":=") if words else ""
    if len(label) == 1 and label.isalpha():
        return label.upper(), words[1:]
    return "", words


def _refuse_turned(text: Text, name: str, values: FloatArray) -> None:
    """A square matrix without letters may have one row per position: then only rows sum alike."""
    if values.shape[0] != values.shape[1]:
        return
    per_row, per_column = np.ptp(values.sum(axis=1)), np.ptp(values.sum(axis=0))
    if per_row < 0.01 * values.sum(axis=1).mean() < per_column:
        raise text.error(
            0,
            f"the rows of motif {name!r} sum alike and its columns do not; expected one row per "
            "letter. Turn the matrix, or start each row with its letter.",
        )


def write_jaspar(motifs: Sequence[Motif]) -> str:
    """Counts (probabilities where the number of sites is unknown) as a JASPAR text."""
    return "".join(_write_motif(motif) for motif in motifs)


def _write_motif(motif: Motif) -> str:
    identifier, name = written_names(motif)
    header = f">{identifier}" if name == identifier else f">{identifier} {name}"
    rows = [
        f"{letter} [ {' '.join(f'{value:.10g}' for value in row)} ]"
        for letter, row in zip(motif.alphabet.letters, counts(motif))
    ]
    return "\n".join([header, *rows, "", ""])
