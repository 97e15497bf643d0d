"""Where motifs are planted in simulated sequences, and the planting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data.simulation.rules import Configuration, Rule
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, reverse_complement

Integers = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sites:
    """Planted sites, one entry each in every array.

    Parameters
    ----------
    row, motif
        Number of the sequence, and of the motif in the rule.
    start, width
        Place of the site on the sequence's + strand, in letters.
    minus
        Whether the motif reads on the other strand.
    """

    row: Integers
    motif: Integers
    start: Integers
    width: Integers
    minus: npt.NDArray[np.bool_]


def place_chains(
    rule: Rule,
    kinds: Integers,
    motifs: Sequence[Motif],
    *,
    length: int,
    jitter: int,
    rng: np.random.Generator,
) -> Sites:
    """Place the motifs of each sequence's configuration, all on the + strand.

    Parameters
    ----------
    rule, motifs
        The rule, and its motifs in the rule's order.
    kinds : (n,)
        Number of each sequence's configuration.
    length, jitter
        Letters per sequence, and between its middle and that of the planted chain at most.

    Raises
    ------
    InputError
        If a chain with its largest gaps is longer than `length`.
    """
    numbers = {name: number for number, name in enumerate(rule.motifs)}
    widths = np.array([motif.width for motif in motifs])
    rows, planted, starts = [], [], []
    for kind, configuration in enumerate(rule.configurations):
        members = np.flatnonzero(kinds == kind)
        chain = np.array([numbers[name] for name in configuration.motifs], dtype=np.int64)
        if not len(chain):
            continue
        offsets = _draw_offsets(configuration, len(members), widths[chain], length, rng)
        left = (length - offsets[:, -1]) // 2
        reach = np.minimum(jitter, left)
        first = left + rng.integers(-reach, reach + 1)
        rows.append(np.repeat(members, len(chain)))
        planted.append(np.tile(chain, len(members)))
        starts.append((first[:, None] + offsets[:, :-1]).ravel())
    row, motif, start = (np.concatenate(parts or [kinds[:0]]) for parts in (rows, planted, starts))
    return Sites(row, motif, start, widths[motif], np.zeros(len(row), dtype=bool))


def _draw_offsets(
    configuration: Configuration,
    n: int,
    widths: Integers,
    length: int,
    rng: np.random.Generator,
) -> Integers:
    """Starts of a chain's motifs counted from its own start, then its end, (n, n_motifs + 1)."""
    smallest, largest = np.array([*configuration.gaps, (0, 0)]).T  # nothing follows the last motif
    _refuse_short(length, int((widths + largest).sum()), configuration.motifs)
    gaps = rng.integers(smallest, largest + 1, size=(n, len(widths)))
    return np.pad(np.cumsum(widths + gaps, axis=1), ((0, 0), (1, 0)))


def scatter(
    counts: Integers, motifs: Sequence[Motif], *, length: int, rng: np.random.Generator
) -> Sites:
    """Place copies of each motif anywhere, on either strand, without overlap.

    Parameters
    ----------
    counts : (n, n_motifs)
        Copies of each motif in each sequence.

    Raises
    ------
    InputError
        If the motifs of a sequence are together longer than `length`.
    """
    n, n_motifs = counts.shape
    widths = np.array([motif.width for motif in motifs])
    room = length - counts @ widths  # background letters of each sequence
    _refuse_short(length, int(length - room.min()), [motif.name for motif in motifs])
    row = np.repeat(np.arange(n), counts.sum(axis=1))
    motif = np.repeat(np.tile(np.arange(n_motifs), n), counts.ravel())
    motif = motif[np.lexsort((rng.random(len(row)), row))]  # random order within each row
    free = rng.integers(0, room[row] + 1)
    free = free[np.lexsort((free, row))]  # background letters before each site
    width = widths[motif]
    before = np.cumsum(width) - width  # letters of sites before it, other rows' too
    first_of_row = np.searchsorted(row, row)
    start = free + before - before[first_of_row]
    return Sites(row, motif, start, width, rng.random(len(row)) < 0.5)


def _refuse_short(length: int, needed: int, names: Sequence[str]) -> None:
    if length < needed:
        raise _check.InputError(
            f"`length` is {length}; expected {needed} or more, so that {', '.join(names)} and "
            "their gaps fit."
        )


def draw_background(gc: FloatArray, length: int, rng: np.random.Generator) -> Letters:
    """Independent letters, (n, length), of sequences with the given shares of G and C, (n,)."""
    strong = rng.random((len(gc), length), dtype=np.float32) < gc[:, None]
    second = rng.integers(0, 2, size=(len(gc), length), dtype=np.uint8)
    letters: Letters = np.where(strong, 1 + second, 3 * second)
    return letters


def plant(
    letters: Letters, sites: Sites, motifs: Sequence[Motif], rng: np.random.Generator
) -> None:
    """Write a fresh draw of its motif over each site of `letters`, (n, length)."""
    for number, motif in enumerate(motifs):
        chosen = np.flatnonzero(sites.motif == number)
        drawn = _draw_sites(motif, len(chosen), rng)
        minus = sites.minus[chosen]
        drawn[minus] = reverse_complement(drawn[minus])
        columns = sites.start[chosen, None] + np.arange(motif.width)
        letters[sites.row[chosen, None], columns] = drawn


def _draw_sites(motif: Motif, n: int, rng: np.random.Generator) -> Letters:
    """Letters of n sites, (n, width), each column drawn by its probabilities."""
    bounds = np.cumsum(motif.ppm, axis=0)[:-1, None]  # (n_letters - 1, 1, width)
    drawn: Letters = (rng.random((n, motif.width)) >= bounds).sum(axis=0, dtype=np.uint8)
    return drawn


def turn(letters: Letters, sites: Sites, rng: np.random.Generator) -> Sites:
    """Turn half of the sequences to their other strand in place; return the sites there."""
    turned = rng.random(len(letters)) < 0.5
    letters[turned] = reverse_complement(letters[turned])
    moved = turned[sites.row]
    start = np.where(moved, letters.shape[1] - sites.start - sites.width, sites.start)
    return replace(sites, start=start, minus=sites.minus ^ moved)
