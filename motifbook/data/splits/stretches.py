"""Stretches of letters in a row, as numbers that two sequences have in common or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

BLOCK = 20_000  # rows at a time: bounds memory
BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(BASE, -1, 2**64)
_STRETCH = 24  # letters; two unrelated sequences of 1,000 share one with probability 1e-8
_SHORTEST = 12
MOST = 20_000_000  # letters of a set all of whose stretches are kept, at 12 bytes each
_FLANK, _FEWEST = 8, 10  # letters of the shortest constant flank; sequences that must agree on it
_SAMPLE = 10_000  # rows that decide what is constant
_NEVER = np.uint64(2**64 - 1)  # the hash of a stretch with unknown letters


@dataclass(frozen=True)
class Stretches:
    """Which row has which stretch.

    Parameters
    ----------
    rows : (n_stretches,)
        Row numbers.
    hashes : (n_stretches,)
        Equal for equal stretches, also of the other strand.
    width
        Letters of a stretch; 0 where the sequences are too short for any.
    surely
        Two sequences that share this many letters in a row have a hash in common: `width`, more
        in a large set, of which not all stretches are kept.
    """

    rows: Rows
    hashes: Hashes
    width: int
    surely: int


def letter_keys(n_letters: int) -> Hashes:
    """One fixed random number per letter code and 0 for unknown, (n_letters + 1,).

    Made by splitmix64 (Steele, Lea & Flood 2014, OOPSLA).
    """
    mixed = np.arange(1, n_letters + 2, dtype=np.uint64) * np.uint64(BASE)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    mixed[n_letters] = 0
    return mixed


def left_justified(letters: Letters, unknown: int) -> Letters:
    """Move each row to the left, over the unknown letters that it starts with."""
    if not (letters[:, :1] == unknown).any():
        return letters
    columns = (letters != unknown).argmax(axis=1)[:, None] + np.arange(letters.shape[1])
    inside = columns < letters.shape[1]
    moved = np.take_along_axis(letters, np.where(inside, columns, 0), axis=1)
    return np.where(inside, moved, np.uint8(unknown))


def constant_flanks(letters: Letters, alphabet: Alphabet) -> tuple[Letters, Letters]:
    """Return the first and the last letters that most sequences have in common, (width,) each.

    At least 8 letters in which half of the sequences agree, and at most a third of their length:
    else most sequences are one family. Empty where there is no constant flank.
    """
    unknown = alphabet.n_letters
    sample = _sample(letters)
    longest = _typical_length(sample, unknown) // 3
    first = _common_start(left_justified(sample, unknown), unknown, longest)
    last = _common_start(left_justified(sample[:, ::-1], unknown), unknown, longest)
    return first, last[::-1]


def _sample(letters: Letters) -> Letters:
    if len(letters) <= _SAMPLE:
        return letters
    return letters[np.random.default_rng(0).choice(len(letters), _SAMPLE, replace=False)]


def _typical_length(letters: Letters, unknown: int) -> int:
    return int(np.median((letters != unknown).sum(axis=1))) if len(letters) else 0


def _common_start(core: Letters, unknown: int, longest: int) -> Letters:
    common: list[int] = []
    for column in core[:, : longest + 1].T:
        counts = np.bincount(column, minlength=unknown + 1)[:unknown]
        if counts.max() < max(_FEWEST, len(column) / 2):
            break
        common.append(int(counts.argmax()))
    is_flank = _FLANK <= len(common) <= longest
    return np.array(common if is_flank else [], dtype=np.uint8)


def is_large(letters: Letters) -> bool:
    """Whether looking at all stretches would take many seconds and much memory."""
    return letters.size > MOST


def stretches(letters: Letters, alphabet: Alphabet) -> Stretches:
    """Return the stretches of letter codes, (n, length): 24 letters without an unknown one.

    Three quarters of the length in shorter sequences; none in sequences of less than 16 letters,
    which share too much by chance. Constant flanks do not count. Of a set of more than 20 million
    letters one stretch per window is kept, that of the smallest hash (a minimizer: Roberts et al.
    2004, Bioinformatics 20:3363): sequences that share a whole window share its stretch.
    """
    flanks = constant_flanks(letters, alphabet)
    typical = _typical_length(_sample(letters), alphabet.n_letters)
    typical -= len(flanks[0]) + len(flanks[1])
    width = min(_STRETCH, typical * 3 // 4)
    if width < _SHORTEST:
        return Stretches(np.zeros(0, np.int32), np.zeros(0, np.uint64), 0, 0)
    window = max(1, -(-2 * letters.size // MOST) - 1)  # keeps 2 of window + 1 stretches
    window = min(window, typical - width + 1)
    found = list(_by_block(letters, alphabet, flanks, width, window))
    rows, hashes = (np.concatenate(part) for part in zip(*found))
    return Stretches(rows, hashes, width, width + window - 1)


def _by_block(
    letters: Letters,
    alphabet: Alphabet,
    flanks: tuple[Letters, Letters],
    width: int,
    window: int,
) -> Iterator[tuple[Rows, Hashes]]:
    for first in range(0, len(letters), BLOCK):
        core = without_flanks(letters[first : first + BLOCK], alphabet.n_letters, flanks)
        hashes = _smallest(_stretch_hashes(core, width, alphabet), window)
        is_new = hashes != _NEVER
        if window > 1:
            is_new[:, 1:] &= hashes[:, 1:] != hashes[:, :-1]
        yield (np.nonzero(is_new)[0] + first).astype(np.int32), hashes[is_new]


def without_flanks(letters: Letters, unknown: int, flanks: tuple[Letters, Letters]) -> Letters:
    """Blank as many letters at both ends of each row as the flanks have."""
    if not len(flanks[0]) and not len(flanks[1]):
        return letters
    known = letters != unknown
    start = known.argmax(axis=1)[:, None] + len(flanks[0])
    end = letters.shape[1] - known[:, ::-1].argmax(axis=1)[:, None] - len(flanks[1])
    columns = np.arange(letters.shape[1])
    return np.where((columns >= start) & (columns < end), letters, np.uint8(unknown))


def _stretch_hashes(core: Letters, width: int, alphabet: Alphabet) -> Hashes:
    """Hash every stretch, (n, length - width + 1); the largest number where letters are unknown.

    Polynomial hashes are differences of running sums, so that the cost does not grow with `width`.
    """
    length = core.shape[1]
    with np.errstate(over="ignore"):
        up = np.cumprod(np.full(length + 1, BASE, dtype=np.uint64)) * np.uint64(_INVERSE)
        down = np.cumprod(np.full(length + 1, _INVERSE, dtype=np.uint64)) * np.uint64(BASE)
        n_starts = length - width + 1
        keys = letter_keys(alphabet.n_letters)
        hashes = _differences(keys[core] * up[:length], width) * down[:n_starts]
        if alphabet.has_strands:
            other = _differences(keys[alphabet.complement_codes][core] * down[:length], width)
            np.minimum(hashes, other * up[width - 1 : length], out=hashes)
    is_unknown = core == alphabet.n_letters
    if is_unknown.any():
        hashes[_differences(is_unknown.astype(np.uint64), width) > 0] = _NEVER
    return hashes


def _differences(values: Hashes, width: int) -> Hashes:
    """Sum of `width` values in a row from each start on, (n, length) to (n, length - width + 1)."""
    sums = np.cumsum(values, axis=1)
    differences: Hashes = sums[:, width - 1 :].copy()
    differences[:, 1:] -= sums[:, :-width]
    return differences


def _smallest(values: Hashes, window: int) -> Hashes:
    """The smallest of `window` values in a row, (n, k) to (n, k - window + 1)."""
    window, span = min(window, values.shape[1]), 1
    while span < window:
        step = min(span, window - span)
        values = np.minimum(values[:, :-step], values[:, step:])
        span += step
    return values
