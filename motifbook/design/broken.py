"""What one text breaks of constraints: plain text and regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from motifbook.alphabet import Alphabet
from motifbook.design.constraints import Constraints, choices
from motifbook.design.enzymes import enzyme

_ROUNDING = 1e-9  # letters; 0.3 * 10 is a little less than 3


@dataclass(frozen=True)
class Broken:
    """One broken constraint.

    Parameters
    ----------
    constraint
        Its field in `Constraints`.
    start, end
        Where, 0-based and half-open.
    what
        In words.
    """

    constraint: str
    start: int
    end: int
    what: str


def broken_in_text(text: str, asked: Constraints, alphabet: Alphabet) -> Iterator[Broken]:
    """Find what a text, flanks included, breaks of all constraints but motifs and changes.

    Parameters
    ----------
    text
        In capitals.
    asked
        As `Constraints.of` makes them for the alphabet.
    """
    for found in re.finditer(f"[^{re.escape(alphabet.letters)}]+", text):
        yield Broken("letters", found.start(), found.end(), f"{found[0]} cannot be ordered")
    if asked.n_letters is not None and not asked.n_letters[0] <= len(text) <= asked.n_letters[1]:
        yield Broken("n_letters", 0, len(text), f"{len(text)} letters")
    yield from _share(text, asked, alphabet)
    yield from _windows(text, asked)
    yield from _in_a_row(text, asked, alphabet)
    yield from _repeats(text, asked, alphabet)
    yield from _enzymes(text, asked)
    yield from _words(text, asked, alphabet)
    yield from _start_codons(text, asked)


def _share(text: str, asked: Constraints, alphabet: Alphabet) -> Iterator[Broken]:
    if asked.gc is None:
        return
    n_known = sum(text.count(letter) for letter in alphabet.letters)
    n_gc = text.count("G") + text.count("C")
    low, high = asked.gc
    if n_gc < low * n_known - _ROUNDING or n_gc > high * n_known + _ROUNDING:
        yield Broken("gc", 0, len(text), f"{100 * n_gc / n_known:.1f} % G and C")


def _windows(text: str, asked: Constraints) -> Iterator[Broken]:
    if asked.gc_window is None or len(text) < asked.gc_window[0]:
        return
    size, most = asked.gc_window
    so_far = [0, *accumulate(letter in "GC" for letter in text)]
    counts = [end - begin for begin, end in zip(so_far, so_far[size:])]
    high, low = max(counts), min(counts)
    if high - low > most * size + _ROUNDING:
        start = counts.index(high)
        what = (
            f"{100 * high / size:.0f} % G and C, and {100 * low / size:.0f} % in the {size} "
            f"letters from {counts.index(low)}"
        )
        yield Broken("gc_window", start, start + size, what)


def _in_a_row(text: str, asked: Constraints, alphabet: Alphabet) -> Iterator[Broken]:
    if asked.homopolymer is None:
        return
    for letter in alphabet.letters:
        most = asked.homopolymer
        if isinstance(most, dict):
            most = most.get(letter, len(text))
        for found in re.finditer(f"{re.escape(letter)}{{{most + 1},}}", text):
            what = f"{len(found[0])} {letter} in a row"
            yield Broken("homopolymer", found.start(), found.end(), what)


def _repeats(text: str, asked: Constraints, alphabet: Alphabet) -> Iterator[Broken]:
    """Stretches that were there before, those that follow each other joined."""
    if asked.repeat is None:
        return
    size = asked.repeat
    first: dict[str, int] = {}
    again: dict[int, int] = {}  # where a stretch starts -> where it was before
    for start in range(len(text) - size + 1):
        word = text[start : start + size]
        if set(word) <= set(alphabet.letters):
            either = min(word, _mirrored(word, alphabet)) if alphabet.has_strands else word
            if first.setdefault(either, start) != start:
                again[start] = first[either]
    for start, before in again.items():
        if start - 1 not in again:
            end = start + size
            while end - size + 1 in again:
                end += 1
            yield Broken("repeat", start, end, f"letters from {before} again")


def _mirrored(text: str, alphabet: Alphabet) -> str:
    return text[::-1].translate(str.maketrans(alphabet.letters, alphabet.complement))


def _enzymes(text: str, asked: Constraints) -> Iterator[Broken]:
    for name in asked.avoid_sites:
        one = enzyme(name)
        for found in one.compsite.finditer(text.replace("U", "T")):
            end = found.start() + len(one.site)
            yield Broken(
                "avoid_sites", found.start(), end, f"{name} finds {text[found.start() : end]}"
            )


def _words(text: str, asked: Constraints, alphabet: Alphabet) -> Iterator[Broken]:
    for word in asked.avoid:
        places = "".join(f"[{re.escape(choices(letter, alphabet))}]" for letter in word)
        pattern = re.compile(f"(?={places})")
        starts = {found.start() for found in pattern.finditer(text)}
        if alphabet.has_strands:
            mirrored = pattern.finditer(_mirrored(text, alphabet))
            starts |= {len(text) - found.start() - len(word) for found in mirrored}
        for start in sorted(starts):
            end = start + len(word)
            yield Broken("avoid", start, end, f"{text[start:end]} for {word}")


def _start_codons(text: str, asked: Constraints) -> Iterator[Broken]:
    if asked.start_codons:
        return
    left, right = map(len, asked.flanks)
    n_design = len(text) - left - right
    own = {left + place for place in own_places(asked.fixed, n_design)}
    own |= {*range(left), *range(left + n_design, len(text))}
    for found in re.finditer("A[TU]G", text):
        if not own.issuperset(range(found.start(), found.end())):
            yield Broken("start_codons", found.start(), found.end(), found[0])


def own_places(fixed: Sequence[tuple[int, int | None]], length: int) -> set[int]:
    """Places of a sequence of `length` letters that are fixed.

    Examples
    --------
    >>> sorted(own_places([(0, 2), (-1, None)], 9))
    [0, 1, 8]
    """
    places: set[int] = set()
    for start, end in fixed:
        places.update(range(length)[start:end])
    return places
