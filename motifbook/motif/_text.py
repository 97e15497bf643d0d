"""What the readers of motif files share: numbered lines, numbers, letters, counts."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from motifbook import _check
from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.motif.matrix import FloatArray, Motif

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MOST = 1e15  # more counts than anything has
_T_AND_U = str.maketrans("TU", "UT")


@dataclass(frozen=True)
class Text:
    """Lines of a file, all of them or a part; errors name the file and the line in it."""

    file: str
    lines: list[str]
    first: int = 1  # the number of the first line in the file

    def part(self, start: int, end: int) -> Text:
        """The lines from `start` to before `end`, counted from 0."""
        return Text(self.file, self.lines[start:end], self.first + start)

    def parts(self, starts: list[int]) -> list[Text]:
        """The parts that begin at `starts`; each ends where the next one begins."""
        return [self.part(start, end) for start, end in zip(starts, [*starts[1:], len(self.lines)])]

    def error(self, i: int, message: str) -> _check.InputError:
        """An error about line `i`, counted from 0."""
        return _check.InputError(f"{self.file}, line {self.first + i}: {message}")

    def numbers(self, i: int, words: Iterable[str]) -> list[float]:
        """Words of line `i` as numbers of 0 or more."""
        return [self._number(i, word) for word in words]

    def _number(self, i: int, word: str) -> float:
        if not is_number(word):
            comma = is_number(word.replace(",", "."))
            hint = " Decimal commas must become points." if comma else ""
            raise self.error(i, f"got {word[:40]!r}; expected a number.{hint}")
        value = float(word)
        if not 0 <= value < _MOST:
            raise self.error(
                i,
                f"got {word[:40]}; expected counts or probabilities, which are 0 or more. "
                "Log odds and weights must be turned into probabilities first.",
            )
        return value

    def whole_number(self, i: int, key: str, word: str) -> int:
        """The value of `key` on line `i`, a whole number of 1 or more."""
        if not (word.isascii() and word.isdigit() and len(word) < 7 and int(word) > 0):
            raise self.error(i, f"{key}= {word[:40]!r}; expected a whole number of 1 or more.")
        return int(word)


def is_number(word: str) -> bool:
    """Whether `word` is written as a plain decimal number."""
    return _NUMBER.fullmatch(word) is not None


def read_text(path: Path) -> Text:
    """Read a text file, gzipped or not, whatever its name says.

    Raises
    ------
    InputError
        If the file is empty, damaged, or not text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _check.InputError(
            f"{path} cannot be read ({error.strerror}). Copy it to another folder."
        ) from None
    if raw.startswith(b"\x1f\x8b"):
        try:
            raw = gzip.decompress(raw)
        except (EOFError, OSError, zlib.error) as error:
            raise _check.InputError(
                f"{path} is a damaged gzip file ({error}). Download or compress it again."
            ) from None
    if b"\0" in raw:
        raise _check.InputError(f"{path} is not plain text. Save the motifs as text, in UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if not text.strip():
        raise _check.InputError(f"{path} is empty; expected motifs in MEME, JASPAR or TRANSFAC.")
    return Text(str(path), re.split(r"\r\n|\r|\n", text))


def fit_letters(text: Text, letters: str, alphabet: Alphabet | None) -> Alphabet:
    """`alphabet` if its letters are those of the file's `letters`; without it, the usual one.

    T can stand for U and U for T, so that RNA motifs written with T can be read as RNA.
    """
    for candidate in [alphabet] if alphabet else [DNA, RNA, PROTEIN]:
        if sorted(candidate.letters.upper()) == sorted(letters.upper()):
            return candidate
    if alphabet and sorted(alphabet.letters.upper()) == sorted(letters.upper().translate(_T_AND_U)):
        return alphabet
    expected = ", ".join(alphabet.letters) if alphabet else "A, C, G, T or U, or 20 amino acids"
    way_out = "Correct `alphabet`." if alphabet else "Correct them, or pass `alphabet=`."
    raise text.error(
        0, f"the letters are {', '.join(letters) or 'missing'}; expected {expected}. {way_out}"
    )


def order_rows(values: FloatArray, letters: str, alphabet: Alphabet) -> FloatArray:
    """Rows given in the order of `letters`, in the order of `alphabet` (see `fit_letters`)."""
    own, wanted = letters.upper(), alphabet.letters.upper()
    if sorted(own) != sorted(wanted):
        own = own.translate(_T_AND_U)
    return values[[own.index(letter) for letter in wanted]]


def tolerance(n_letters: int) -> float:
    """How far a column of probabilities written with two decimals may be from summing to 1."""
    return 0.005 * n_letters + 1e-9


def from_counts_or_probabilities(
    text: Text, name: str, values: FloatArray, *, alphabet: Alphabet, info: Mapping[str, Any]
) -> Motif:
    """Make a motif from the matrix, (n_letters, width), that was read from `text`.

    Where most columns sum to about 1 they are probabilities, whose number of sites is not known.
    """
    sums = values.sum(axis=0)
    if np.median(sums) < 1.5:
        worst = int(np.abs(sums - 1).argmax())
        if abs(sums[worst] - 1) > tolerance(alphabet.n_letters):
            raise text.error(
                0,
                f"motif {name!r}: position {worst + 1} sums to {sums[worst]:.4g}; "
                "expected counts, or probabilities that sum to 1.",
            )
        return Motif(name, values / sums, alphabet=alphabet, info=info)
    try:
        sites = round(float(sums.max()), 6)
        return Motif.from_pfm(name, values, n_sites=sites, alphabet=alphabet, info=info)
    except _check.InputError as error:
        raise text.error(0, str(error)) from None


def counts(motif: Motif) -> FloatArray:
    """Counts of a motif to be written; its probabilities where the number of sites is unknown."""
    return motif.ppm * (motif.n_sites or 1)


def written_names(motif: Motif) -> tuple[str, str]:
    """Id (without blanks) and name (on one line) of a motif, as files hold them."""
    name = " ".join(str(motif.name).split())
    identifier = "_".join(str(motif.info.get("id", name)).split())
    if not name or not identifier:
        raise _check.InputError("A motif has no name; give it one with `motif.renamed(...)`.")
    return identifier, name
