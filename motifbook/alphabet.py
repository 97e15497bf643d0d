"""The letters that sequences are written in: DNA, RNA and protein."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from motifbook import _check

INVALID = 255


@dataclass(frozen=True)
class Alphabet:
    """Letters in the order in which every matrix of the book keeps its rows.

    Parameters
    ----------
    name
        "DNA", "RNA", "protein", or the user's own.
    letters
        One character each; row i of a one-hot or a motif is `letters[i]`.
    complement
        The partner of each letter, in the same order; empty when there is no other strand.
    unknown
        The letter written for "any": N for nucleotides, X for proteins. Its code is `n_letters`.
    ambiguous
        Other characters that are read as `unknown` (IUPAC codes); a letter is read as itself.
    same_as
        Pairs of characters read as a letter, such as "UT": U in DNA is read as T.

    Raises
    ------
    InputError
        If letters repeat, or `complement` is no order of them.

    Examples
    --------
    >>> DNA.codes("acgtN").tolist()
    [0, 1, 2, 3, 4]
    >>> Alphabet("methylated", "ACGTM", ambiguous="RYK").codes("ACM").tolist()
    [0, 1, 4]
    """

    name: str
    letters: str
    complement: str = ""
    unknown: str = "N"
    ambiguous: str = ""
    same_as: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        characters = (self.letters + self.unknown).upper()
        is_distinct = len(set(characters)) == len(characters) and characters.isascii()
        if not is_distinct or len(self.letters) < 2 or len(self.unknown) != 1:
            raise _check.InputError(
                f"Alphabet {self.name!r} has the letters {self.letters!r} and {self.unknown!r} for "
                "unknown; expected ASCII characters that differ in more than case, two letters or "
                "more, and another one for unknown."
            )
        if self.complement and sorted(self.complement) != sorted(self.letters):
            raise _check.InputError(
                f"Alphabet {self.name!r} has the complement {self.complement!r}; expected the "
                f"partners of {self.letters!r}, in that order."
            )

    @property
    def n_letters(self) -> int:
        """How many letters there are, without `unknown`."""
        return len(self.letters)

    @property
    def has_strands(self) -> bool:
        """Whether a sequence can be read from a second strand."""
        return bool(self.complement)

    @property
    def is_nucleotides(self) -> bool:
        """Whether the letters are those of DNA or RNA, so that a share of G and C makes sense."""
        return self.n_letters == 4 and set("ACG") < set(self.letters.upper())

    @cached_property
    def table(self) -> npt.NDArray[np.uint8]:
        """Code of each byte, (256,): 0.. for letters, `n_letters` for unknown, 255 for invalid."""
        table = np.full(256, INVALID, dtype=np.uint8)
        for characters, code in self._readings():
            for character in characters:
                table[ord(character.upper())] = code
                table[ord(character.lower())] = code
        return table

    def _readings(self) -> list[tuple[str, int]]:
        unknowns = [(self.unknown + self.ambiguous, self.n_letters)]
        synonyms = [(pair[0], self.letters.index(pair[1])) for pair in self.same_as]
        return unknowns + synonyms + [(letter, i) for i, letter in enumerate(self.letters)]

    @cached_property
    def complement_codes(self) -> npt.NDArray[np.uint8]:
        """Code of each code's complement, (n_letters + 1,); unknown stays unknown."""
        if not self.has_strands:
            raise _check.InputError(
                f"{self.name} sequences have no complement; use `reverse_complement=False`."
            )
        codes = [self.letters.index(partner) for partner in self.complement]
        return np.array([*codes, self.n_letters], dtype=np.uint8)

    def codes(self, sequence: str) -> npt.NDArray[np.uint8]:
        """Return the code of each letter, (length,); invalid characters are 255."""
        raw = sequence.encode("latin-1", errors="replace")
        return self.table[np.frombuffer(raw, dtype=np.uint8)]


DNA = Alphabet("DNA", "ACGT", "TGCA", ambiguous="RYSWKMBDHVX", same_as=("UT",))
RNA = Alphabet("RNA", "ACGU", ambiguous="RYSWKMBDHVX", same_as=("TU",))
PROTEIN = Alphabet("protein", "ACDEFGHIKLMNPQRSTVWY", unknown="X", ambiguous="BZJUO*")

ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA, PROTEIN)}


def named(name: str | Alphabet) -> Alphabet:
    """Return the alphabet called `name` ("DNA", "RNA" or "protein"), or `written` as `name`.

    An Alphabet passes through.

    Raises
    ------
    InputError
        If there is no alphabet of that name.
    """
    if isinstance(name, Alphabet):
        return name
    if str(name).startswith("{"):
        fields = json.loads(name)
        return Alphabet(**{**fields, "same_as": tuple(fields["same_as"])})
    by_lower = {key.lower(): alphabet for key, alphabet in ALPHABETS.items()}
    if str(name).lower() not in by_lower:
        _check.one_of(name, "alphabet", ALPHABETS)
    return by_lower[str(name).lower()]


def written(alphabet: Alphabet) -> str:
    """Return the text by which files keep an alphabet: its name, or your own one in full (JSON).

    Examples
    --------
    >>> named(written(DNA)) == DNA
    True
    """
    if ALPHABETS.get(alphabet.name) == alphabet:
        return alphabet.name
    return json.dumps(asdict(alphabet))
