"""The alphabet of a MEME file: one line for DNA, RNA and protein, a block for any other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.motif._text import Text

_STANDARD = (DNA, RNA, PROTEIN)
_SYMBOL = r'(\S)(?: "(?:[^"\\]|\\.)*")?(?: [0-9A-Fa-f]{6})?'  # letter, "name", color
_CORE = re.compile(rf"{_SYMBOL}(?: ?~ ?{_SYMBOL})?")
_GROUP = re.compile(rf"{_SYMBOL} ?= ?(\S*)")


def read_alphabet(text: Text) -> Alphabet | None:
    """The alphabet stated in `text`, its letters in the order of the matrix columns."""
    for i, line in enumerate(text.lines):
        if line.startswith("ALPHABET"):
            stated = re.fullmatch(r"ALPHABET ?= ?(\S*)", line)
            if stated:
                return _standard(text, i, stated.group(1))
            return _block(text.part(i, len(text.lines)))
    return None


def _standard(text: Text, i: int, letters: str) -> Alphabet:
    for alphabet in _STANDARD:
        if alphabet.letters == letters.upper():
            return alphabet
    raise text.error(
        i,
        f"ALPHABET= {letters[:40]}; expected {', '.join(known.letters for known in _STANDARD)}. "
        'Other alphabets need a block from `ALPHABET "name"` to `END ALPHABET`.',
    )


@dataclass
class _Definitions:
    partners: dict[str, str] = field(default_factory=dict)  # of each letter; "" if it has none
    groups: dict[str, str] = field(default_factory=dict)  # letters that a symbol stands for


def _block(text: Text) -> Alphabet:
    named = re.match(r'ALPHABET "([^"]*)"', text.lines[0])
    if not named:
        raise text.error(0, 'expected `ALPHABET= ACGT` or `ALPHABET "name"`.')
    known = _Definitions()
    for i, line in enumerate(text.lines[1:], start=1):
        if line == "END ALPHABET":
            return _as_alphabet(text, named.group(1), known)
        _read_definition(text, i, line, known)
    raise text.error(0, "the alphabet is not closed; expected a line `END ALPHABET`.")


def _read_definition(text: Text, i: int, line: str, known: _Definitions) -> None:
    if not line or line.startswith("#"):
        return
    if line.isascii() and (group := _GROUP.fullmatch(line)):
        known.groups[group.group(1)] = group.group(2)
    elif line.isascii() and (core := _CORE.fullmatch(line)):
        first, second = core.groups(default="")
        if first in known.partners or second in known.partners:
            raise text.error(i, f"got {line[:40]!r}; expected each letter of an alphabet once.")
        known.partners[first] = second
        if second:
            known.partners[second] = first
    else:
        raise text.error(
            i,
            f'got {line[:40]!r}; expected letters such as `A "Adenine" CC0000 ~ T` or `N = ACGT`.',
        )


def _as_alphabet(text: Text, name: str, known: _Definitions) -> Alphabet:
    letters = "".join(sorted(known.partners, key=_column))
    if len({letter.upper() for letter in letters}) != len(letters) or len(letters) < 2:
        raise text.error(
            0,
            f"the alphabet's letters are {letters!r}; expected two or more that differ in more "
            "than case, since sequences are read in any case.",
        )
    complement = "".join(known.partners[letter] for letter in letters)
    if len(complement) not in (0, len(letters)):
        raise text.error(0, "expected a partner (`A ~ T`) for every letter or for none.")
    for standard in _STANDARD:
        if (standard.letters, standard.complement) == (letters, complement):
            return standard
    groups = known.groups
    everything = [symbol for symbol, group in groups.items() if set(group) == set(letters)]
    unknown = everything[0] if everything else "?"
    aliases = [symbol for symbol, group in groups.items() if len(group) == 1 and group in letters]
    return Alphabet(
        name,
        letters,
        complement,
        unknown=unknown,
        ambiguous="".join(symbol for symbol in groups if symbol not in (unknown, *aliases)),
        same_as=tuple(symbol + groups[symbol] for symbol in aliases),
    )


def _column(letter: str) -> tuple[bool, bool, bool, str]:
    """MEME's order of columns: A-Z, a-z, 0-9, others."""
    return not letter.isupper(), not letter.islower(), not letter.isdigit(), letter


def write_alphabet(alphabet: Alphabet) -> tuple[str, str]:
    """The lines that state `alphabet`, and its letters in the order of the matrix columns."""
    if alphabet in _STANDARD:
        return f"ALPHABET= {alphabet.letters}\n", alphabet.letters
    letters = "".join(sorted(alphabet.letters, key=_column))
    groups = [f"{symbol} = {letters}" for symbol in alphabet.unknown + alphabet.ambiguous]
    groups += [f"{pair[0]} = {pair[1]}" for pair in alphabet.same_as]
    name = alphabet.name.replace('"', "'")
    lines = [f'ALPHABET "{name}"', *_core_lines(alphabet), *groups, "END ALPHABET", ""]
    return "\n".join(lines), letters


def _core_lines(alphabet: Alphabet) -> list[str]:
    if not alphabet.has_strands:
        return list(alphabet.letters)
    pairs = zip(alphabet.letters, alphabet.complement)
    return [f"{first} ~ {second}" for first, second in pairs if first <= second]
