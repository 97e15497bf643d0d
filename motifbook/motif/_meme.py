"""MEME: `MOTIF id name`, then one row of letter probabilities per position.

Reads the minimal format of versions 4 and 5 and the text output of MEME itself
(https://meme-suite.org/meme/doc/meme-format.html).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.motif._meme_alphabet import read_alphabet, write_alphabet
from motifbook.motif._text import (
    Text,
    fit_letters,
    is_number,
    order_rows,
    tolerance,
    written_names,
)
from motifbook.motif.matrix import FloatArray, Motif

_HEAD = "letter-probability matrix"


def is_meme(line: str) -> bool:
    """Whether a line can only come from a MEME file."""
    return _squeeze(line).startswith(("MEME version", _HEAD, "MOTIF "))


def _squeeze(line: str) -> str:
    """The words of a line, one blank between them."""
    return " ".join(line.split())


def read_meme(text: Text, alphabet: Alphabet | None) -> list[Motif]:
    """Read every motif of a MEME text; files strung together are read one after the other."""
    text = Text(text.file, [_squeeze(line) for line in text.lines])
    heads = [i for i, line in enumerate(text.lines) if line.startswith("MEME version")]
    parts = text.parts([0, *heads[1:]])
    return [motif for part in parts for motif in _read_file(part, alphabet)]


@dataclass(frozen=True)
class _Letters:
    """What the head of a file says on letters."""

    own: str  # in the order of the columns
    background: FloatArray  # in that order
    alphabet: Alphabet  # whose order the motifs get


def _read_file(text: Text, alphabet: Alphabet | None) -> list[Motif]:
    starts = [i for i, line in enumerate(text.lines) if line.split()[:1] == ["MOTIF"]]
    header, *motifs = text.parts([0, *starts])
    for i, line in enumerate(header.lines):
        if line.startswith(_HEAD):
            raise text.error(i, "a matrix without a name; expected a line `MOTIF name` before it.")
    letters = _read_letters(header, alphabet)
    return [_read_motif(motif, letters) for motif in motifs]


def _read_letters(header: Text, alphabet: Alphabet | None) -> _Letters:
    stated = read_alphabet(header)
    if stated and alphabet:
        alphabet = fit_letters(header, stated.letters, alphabet)
    own = stated or alphabet or DNA
    return _Letters(own.letters, _read_background(header, own.letters), alphabet or own)


def _read_background(header: Text, own: str) -> FloatArray:
    """Frequencies under "Background letter frequencies", (n_letters,); uniform without it."""
    heads = [i for i, line in enumerate(header.lines) if line.startswith("Background letter freq")]
    if not heads:
        return np.full(len(own), 1 / len(own))
    first = heads[0] + 1
    words: list[str] = []
    for line in header.lines[first:]:
        words += line.split() if len(words) < 2 * len(own) else []
    letters, values = "".join(words[::2]), header.numbers(first, words[1::2])
    total = sum(values)
    if sorted(letters) != sorted(own) or min(values, default=0) == 0 or abs(total - 1) > 0.02:
        raise header.error(
            first,
            f"the background is {' '.join(words)[:60]!r}; expected each of {own} with a "
            "probability above 0, summing to 1.",
        )
    return np.array([values[letters.index(letter)] for letter in own]) / total


def _read_motif(text: Text, letters: _Letters) -> Motif:
    identifier, name = _read_names(text)
    heads = [i for i, line in enumerate(text.lines) if line.startswith(_HEAD)]
    if not heads:
        raise text.error(
            0,
            f"motif {name!r} has no `{_HEAD}`; expected one below its MOTIF line. "
            "A log-odds matrix alone is not read.",
        )
    if len(heads) > 1:
        raise text.error(
            heads[1], f"a second matrix for motif {name!r}; is a MOTIF line missing above it?"
        )
    before, matrix = text.parts([0, *heads])
    stated = _read_stated(matrix, len(letters.own))
    n_lines, rows = _read_rows(matrix, name, letters.own, stated.width)
    for outside in (before, matrix.part(n_lines, len(matrix.lines))):
        _refuse_stray_rows(outside, len(letters.own))
    values = np.array([*rows, letters.background]).T
    values = order_rows(values, letters.own, letters.alphabet)
    return Motif(
        name,
        values[:, :-1],
        background=tuple(values[:, -1]),
        n_sites=stated.n_sites,
        alphabet=letters.alphabet,
        info={"id": identifier, **stated.info, **_read_url(text)},
    )


def _read_names(text: Text) -> tuple[str, str]:
    """Id and name: `MOTIF id name`, without what MEME's own output adds behind them."""
    line = re.split(r" width = \d+ sites =", text.lines[0])[0]
    words = line.split()[1:]
    if not words:
        raise text.error(0, "a MOTIF line without a name; expected `MOTIF name`.")
    return words[0], " ".join(words[1:]) or words[0]


def _read_url(text: Text) -> dict[str, str]:
    urls = [line[4:] for line in text.lines if line.startswith("URL ")]
    return {"url": urls[0]} if urls else {}


@dataclass(frozen=True)
class _Stated:
    """What the line above a matrix says; 0 sites and an E-value of 0 mean "not known"."""

    width: int | None
    n_sites: float | None
    info: dict[str, float]


def _read_stated(text: Text, n_letters: int) -> _Stated:
    words = dict(re.findall(r"(\w+)\s*=\s*(\S*)", text.lines[0]))
    if "alength" in words and text.whole_number(0, "alength", words["alength"]) != n_letters:
        raise text.error(
            0,
            f"alength= {words['alength']}; expected {n_letters}, the size of the alphabet. "
            "Correct it, or state the alphabet on a line `ALPHABET= ...`.",
        )
    width = text.whole_number(0, "w", words["w"]) if "w" in words else None
    n_sites = text.numbers(0, [words["nsites"]])[0] if "nsites" in words else None
    e_value = float(words["E"]) if is_number(words.get("E", "")) else 0
    return _Stated(width, n_sites or None, {"e_value": e_value} if e_value else {})


def _read_rows(text: Text, name: str, own: str, width: int | None) -> tuple[int, list[list[float]]]:
    """How many lines the matrix takes, and its rows, each summing to 1."""
    rows: list[list[float]] = []
    i = 1
    while i < len(text.lines) and len(rows) != width:
        words = text.lines[i].split()
        if words and (words[0] in ("URL", "log-odds") or words[0][:2] in ("--", "**")):
            break
        if words:
            rows.append(_read_row(text, i, name, own))
        i += 1
    if not rows or width not in (None, len(rows)):
        expected = f"w= {width}" if width else "one per position"
        raise text.error(
            i - 1,
            f"the matrix of motif {name!r} ends after {len(rows)} rows; expected {expected}. "
            "The file may be cut short.",
        )
    return i, rows


def _read_row(text: Text, i: int, name: str, own: str) -> list[float]:
    values = text.numbers(i, text.lines[i].split())
    if len(values) != len(own):
        raise text.error(
            i,
            f"a row of motif {name!r} has {len(values)} numbers; expected {len(own)}, one per "
            f"letter of {own}.",
        )
    total = sum(values)
    if abs(total - 1) > tolerance(len(own)):
        hint = " Counts belong in a JASPAR file, or go through `Motif.from_pfm`."
        raise text.error(
            i,
            f"a row of motif {name!r} sums to {total:.4g}; expected probabilities that sum to 1."
            + (hint if total > 1.5 else ""),
        )
    return [value / total for value in values]


def _refuse_stray_rows(text: Text, n_letters: int) -> None:
    """Rows outside the matrix mean a wrong `w=` or a lost line; log odds are no such rows."""
    in_log_odds = False
    for i, line in enumerate(text.lines):
        words = line.split()
        numbers = bool(words) and all(map(is_number, words))
        in_log_odds = words[:1] == ["log-odds"] or (in_log_odds and (numbers or not words))
        if numbers and len(words) == n_letters and not in_log_odds:
            raise text.error(
                i, f"a row of numbers outside a matrix; is `w=` wrong, or the `{_HEAD}` line lost?"
            )


def write_meme(motifs: Sequence[Motif]) -> str:
    """Probabilities with eight decimals as a MEME text, version 4."""
    alphabets = {motif.alphabet for motif in motifs} or {DNA}
    if len(alphabets) > 1:
        listed = ", ".join(sorted(alphabet.name for alphabet in alphabets))
        raise _check.InputError(
            f"`motifs` are written in {listed}; a MEME file holds one alphabet. Write a file each."
        )
    alphabet = alphabets.pop()
    stated, columns = write_alphabet(alphabet)
    order = [alphabet.letters.index(letter) for letter in columns]
    background = _common_background(motifs, alphabet)
    frequencies = " ".join(f"{alphabet.letters[row]} {background[row]:.8g}" for row in order)
    parts = [
        "MEME version 4\n",
        stated,
        "strands: + -\n" if alphabet.has_strands else "",
        f"Background letter frequencies\n{frequencies}\n",
        *(_write_motif(motif, order) for motif in motifs),
    ]
    return "\n".join(part for part in parts if part)


def _common_background(motifs: Sequence[Motif], alphabet: Alphabet) -> tuple[float, ...]:
    backgrounds = {motif.background for motif in motifs}
    if len(backgrounds) == 1:
        return backgrounds.pop()
    if backgrounds:
        warnings.warn(
            f"the motifs have {len(backgrounds)} different backgrounds and a MEME file holds one: "
            "the uniform one is written. The matrices are not changed.",
            stacklevel=4,
        )
    return (1 / alphabet.n_letters,) * alphabet.n_letters


def _write_motif(motif: Motif, order: list[int]) -> str:
    identifier, name = written_names(motif)
    n_sites = round(motif.n_sites or 0)
    stated = [f"alength= {len(order)} w= {motif.width}"]
    stated += [f"nsites= {n_sites}"] if n_sites else []
    e_value = motif.info.get("e_value")
    stated += [f"E= {e_value:g}"] if isinstance(e_value, float) else []
    rows = [" ".join(f"{value:.8f}" for value in row) for row in motif.ppm[order].T]
    names = identifier if name == identifier else f"{identifier} {name}"
    lines = [f"MOTIF {names}", f"{_HEAD}: {' '.join(stated)}", *rows]
    url = _squeeze(str(motif.info.get("url", "")))
    lines += [f"URL {url}"] if url else []
    return "\n".join([*lines, ""])
