"""Which sequences are the same, on either strand, or share long stretches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from motifbook.alphabet import Alphabet
from motifbook.data.splits.stretches import (
    BASE,
    BLOCK,
    Hashes,
    constant_flanks,
    left_justified,
    letter_keys,
    stretches,
    without_flanks,
)
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]


def sequence_hashes(letters: Letters, alphabet: Alphabet) -> Hashes:
    """Return one number per sequence, (n,), equal for copies and for reverse complements.

    Unknown letters at both ends do not count, so padding does not matter. The numbers are the
    same in every session.
    """
    hashes = np.empty(len(letters), dtype=np.uint64)
    for first in range(0, len(letters), BLOCK):
        block = letters[first : first + BLOCK]
        found = _polynomial(left_justified(block, alphabet.n_letters), alphabet.n_letters)
        if alphabet.has_strands:
            other = left_justified(alphabet.complement_codes[block[:, ::-1]], alphabet.n_letters)
            found = np.minimum(found, _polynomial(other, alphabet.n_letters))
        hashes[first : first + BLOCK] = found
    return hashes


def core_hashes(letters: Letters, alphabet: Alphabet) -> Hashes:
    """Return `sequence_hashes`, (n,), of what lies between constant flanks.

    The two orientations of one element in a library have the same flanks, so that they are no
    reverse complements as they stand; between the flanks they are.
    """
    flanks = constant_flanks(letters, alphabet)
    if not len(flanks[0]) and not len(flanks[1]):
        return sequence_hashes(letters, alphabet)
    blocks = [letters[first : first + BLOCK] for first in range(0, len(letters), BLOCK)]
    cores = (without_flanks(block, alphabet.n_letters, flanks) for block in blocks)
    return np.concatenate([sequence_hashes(core, alphabet) for core in cores])


def one_strand(alphabet: Alphabet) -> Alphabet:
    """Return the alphabet without complement, for hashes that tell the strands apart."""
    return replace(alphabet, complement="")


def _polynomial(core: Letters, n_letters: int) -> Hashes:
    """Hash left-justified rows, (n, length) to (n,), modulo 2^64."""
    keys = letter_keys(n_letters)
    hashes = np.zeros(len(core), dtype=np.uint64)
    power = np.uint64(1)
    with np.errstate(over="ignore"):
        for position in range(core.shape[1]):
            hashes += keys[core[:, position]] * power
            power *= np.uint64(BASE)
    return hashes


def linked(rows: npt.NDArray[Any], keys: npt.NDArray[Any], n: int) -> IntArray:
    """Return group numbers, (n,): rows that share a key, directly or through others, are one group.

    `rows` and `keys`, (n_pairs,), say which row has which key; a row may have many.
    """
    places = shared(keys)
    rows, keys = rows[places], keys[places]
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    edges = (rows[order[1:][same]], rows[order[:-1][same]])
    graph = coo_array((np.ones(len(edges[0]), dtype=bool), edges), shape=(n, n))
    groups: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def shared(keys: npt.NDArray[Any]) -> IntArray:
    """Return the places of all keys that occur more than once, and of a few others.

    Spares sorting with places, or keeping, the millions of keys that occur only once: a key is
    left out if no repeated one starts with the same 24 bits.
    """
    ordered = np.sort(keys)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    starts_like_one = np.zeros(2**24, dtype=bool)
    starts_like_one[_first_bits(repeated)] = True
    return np.flatnonzero(starts_like_one[_first_bits(keys)])


def _first_bits(keys: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    return (keys.astype(np.uint64, copy=False) >> np.uint64(40)).astype(np.uint32)


def similar_groups(letters: Letters, alphabet: Alphabet) -> IntArray:
    """Return group numbers, (n,): sequences linked by shared stretches belong together.

    A stretch is 24 letters on either strand, three quarters of the length for shorter sequences.
    Flanks that most sequences have in common do not count. Sequences of less than 16 letters
    share too much by chance: each is a group of its own. In sets of more than 20 million letters
    stretches are a sample: sequences that share about 45 letters in a row (1 million sequences of
    200) are sure to be linked, with fewer letters most of them.
    """
    found = stretches(letters, alphabet)
    return linked(found.rows, found.hashes, len(letters))
