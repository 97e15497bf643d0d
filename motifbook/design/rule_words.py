"""Rules on words that must not occur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motifbook.alphabet import Alphabet
from motifbook.design.constraints import Constraints, choices
from motifbook.design.enzymes import recognition_sites
from motifbook.design.ordered import BoolArray, Ordered, in_a_row
from motifbook.design.rule import Rule, StretchRule

_RNA_PARTNERS = dict(zip("ACGU", "UGCA"))  # for what enzymes find in the DNA it is made from


def word_rules(asked: Constraints, alphabet: Alphabet) -> list[Rule]:
    """Make the rules on sites of enzymes, other words, and start codons."""
    both = alphabet.has_strands
    rules: list[Rule] = []
    for name, site in recognition_sites(asked.avoid_sites).items():
        rules.append(_word_rule(f"a site of {name} ({site})", site, alphabet, both_strands=True))
    for word in asked.avoid:
        rules.append(_word_rule(f"the word {word}", word, alphabet, both_strands=both))
    if not asked.start_codons:
        word = "ATG" if "T" in alphabet.letters else "AUG"
        codon = _word_rule(f"a start codon ({word})", word, alphabet, both_strands=False)
        rules.append(_StartCodon(codon.name, codon.size, codon.orientations))
    return rules


@dataclass(frozen=True, eq=False)
class _Word(StretchRule):
    """A word in each orientation: the letters of each place, one bit each."""

    orientations: tuple[tuple[int, ...], ...]

    def begins(self, ordered: Ordered) -> BoolArray:
        n_stretches = max(ordered.width - self.size + 1, 0)
        found = np.zeros((len(ordered.letters), n_stretches), dtype=bool)
        for word in self.orientations:
            here = np.ones_like(found)
            for place, letters in enumerate(word):
                here &= (ordered.bits[:, place : place + n_stretches] & letters) != 0
            found |= here
        return found


@dataclass(frozen=True, eq=False)
class _StartCodon(_Word):
    """A word that may occur where all its letters are kept."""

    def begins(self, ordered: Ordered) -> BoolArray:
        return super().begins(ordered) & ~in_a_row(ordered.kept, self.size)


def _word_rule(name: str, word: str, alphabet: Alphabet, *, both_strands: bool) -> _Word:
    places = [choices(letter, alphabet) for letter in word]
    orientations = {_bits(places, alphabet)}
    if both_strands:
        paired = zip(alphabet.letters, alphabet.complement)
        partners = dict(paired) if alphabet.has_strands else _RNA_PARTNERS
        mirrored = ["".join(partners[letter] for letter in place) for place in places[::-1]]
        orientations.add(_bits(mirrored, alphabet))
    return _Word(name, len(word), tuple(sorted(orientations)))


def _bits(places: list[str], alphabet: Alphabet) -> tuple[int, ...]:
    return tuple(sum(1 << alphabet.letters.index(one) for one in place) for place in places)
