"""Which sequences are the same, on either strand, or share long stretches."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from motifbook.alphabet import Alphabet
from motifbook.onehot import Letters

Hashes = npt.NDArray[np.uint64]
IntArray = npt.NDArray[np.int64]

_BLOCK = 20_000  # rows at a time: bounds memory
_STRETCH = 24  # letters; two unrelated sequences of 1,000 share one with probability 1e-8
_SHORTEST = 12
_FLANK, _FEWEST = 8, 10  # letters of the shortest constant flank; sequences that must agree on it
_BASE = np.uint64(0x9E3779B97F4A7C15)


def sequence_hashes(letters: Letters, alphabet: Alphabet) -> Hashes:
    """Return one number per sequence, (n,), equal for copies and for reverse complements.

    Unknown letters at both ends do not count, so padding does not matter. The numbers are the
    same in every session.
    """
    hashes = np.empty(len(letters), dtype=np.uint64)
    for first in range(0, len(letters), _BLOCK):
        block = letters[first : first + _BLOCK]
        found = _polynomial(_left_justified(block, alphabet.n_letters), alphabet.n_letters)
        if alphabet.has_strands:
            other = _left_justified(alphabet.complement_codes[block[:, ::-1]], alphabet.n_letters)
            found = np.minimum(found, _polynomial(other, alphabet.n_letters))
        hashes[first : first + _BLOCK] = found
    return hashes


def _left_justified(letters: Letters, unknown: int) -> Letters:
    """Move each row to the left, over the unknown letters that it starts with."""
    known = letters != unknown
    columns = known.argmax(axis=1)[:, None] + np.arange(letters.shape[1])
    inside = columns < letters.shape[1]
    moved = np.take_along_axis(letters, np.where(inside, columns, 0), axis=1)
    return np.where(inside, moved, np.uint8(unknown))


def _keys(n_letters: int) -> Hashes:
    """One fixed random number per letter code and 0 for unknown, (n_letters + 1,).

    Made by splitmix64 (Steele, Lea & Flood 2014, OOPSLA).
    """
    mixed = np.arange(1, n_letters + 2, dtype=np.uint64) * _BASE
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    mixed[n_letters] = 0
    return mixed


def _polynomial(core: Letters, n_letters: int) -> Hashes:
    """Hash left-justified rows, (n, length) to (n,), modulo 2^64."""
    keys = _keys(n_letters)
    hashes = np.zeros(len(core), dtype=np.uint64)
    power = np.uint64(1)
    with np.errstate(over="ignore"):
        for position in range(core.shape[1]):
            hashes += keys[core[:, position]] * power
            power *= _BASE
    return hashes


def linked(rows: IntArray, keys: npt.NDArray[Any], n: int) -> IntArray:
    """Return group numbers, (n,): rows that share a key, directly or through others, are one group.

    `rows` and `keys`, (n_pairs,), say which row has which key; a row may have many.
    """
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    edges = (rows[order[1:]][same], rows[order[:-1]][same])
    graph = coo_array((np.ones(len(edges[0]), dtype=bool), edges), shape=(n, n))
    groups: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def similar_groups(letters: Letters, alphabet: Alphabet) -> IntArray:
    """Return group numbers, (n,): sequences linked by shared stretches belong together.

    A stretch is 24 letters on either strand, three quarters of the length for shorter sequences.
    Flanks that most sequences have in common do not count. Sequences of less than 16 letters
    share too much by chance: each is a group of its own.
    """
    unknown = alphabet.n_letters
    core = _left_justified(letters, unknown)
    third = int(np.median((core != unknown).sum(axis=1))) // 3
    core = _left_justified(_without_flank(core, unknown, third)[:, ::-1], unknown)
    core = _without_flank(core, unknown, third)[:, ::-1]
    typical = int(np.median((core != unknown).sum(axis=1)))
    width = min(_STRETCH, typical * 3 // 4)
    if width < _SHORTEST:
        return np.arange(len(core))
    rows, hashes = [], []
    for first in range(0, len(core), _BLOCK):
        row, found = _stretches(core[first : first + _BLOCK], width, alphabet)
        rows.append(row + first)
        hashes.append(found)
    return linked(np.concatenate(rows), np.concatenate(hashes), len(core))


def _without_flank(core: Letters, unknown: int, longest: int) -> Letters:
    """Blank the leading columns in which most left-justified rows agree.

    They are a constant flank if they are `longest` at most; else most rows are one family.
    """
    flank = 0
    while flank <= longest and _agree(core[:, flank], unknown):
        flank += 1
    if not _FLANK <= flank <= longest:
        return core
    return np.concatenate([np.full_like(core[:, :flank], unknown), core[:, flank:]], axis=1)


def _agree(column: Letters, unknown: int) -> bool:
    most = int(np.bincount(column, minlength=unknown + 1)[:unknown].max())
    return most >= _FEWEST and most >= len(column) / 2


def _stretches(core: Letters, width: int, alphabet: Alphabet) -> tuple[IntArray, Hashes]:
    """Return row and hash of every stretch without unknown letters."""
    n_starts = core.shape[1] - width + 1
    if n_starts < 1:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    keys = _keys(alphabet.n_letters)
    strands = [keys]
    if alphabet.has_strands:
        strands.append(keys[alphabet.complement_codes])
    hashes = [np.zeros((len(core), n_starts), dtype=np.uint64) for _ in strands]
    complete = np.ones((len(core), n_starts), dtype=bool)
    for step in range(width):
        ahead = core[:, step : step + n_starts]
        behind = core[:, width - 1 - step : width - 1 - step + n_starts]
        complete &= ahead != alphabet.n_letters
        for strand, strand_keys in enumerate(strands):
            hashes[strand] *= _BASE
            hashes[strand] += strand_keys[behind if strand else ahead]
    best = np.minimum.reduce(hashes)
    rows = np.nonzero(complete)[0]
    return rows.astype(np.int64), best[complete]
