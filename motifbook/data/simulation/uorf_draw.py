"""Drawing 5' untranslated regions with planted start and stop codons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data.simulation.plant import Sites, draw_background
from motifbook.data.simulation.uorf import CODON, START, STOPS, UorfRule, find
from motifbook.onehot import Letters

FloatArray = npt.NDArray[np.float64]
_MANY_TRIES = 1000


def draw(
    rule: UorfRule, gc: FloatArray, length: int, rng: np.random.Generator
) -> tuple[Letters, Sites]:
    """Draw UTRs, (n, length), of the given shares of G and C, (n,), and what is planted there.

    Raises
    ------
    InputError
        If the places do not fit into `length`, or leave no frame with room for all codons.
    """
    sites = _place(rule, len(gc), length, rng)
    letters = draw_background(gc, length, rng)
    columns = sites.start[:, None] + np.arange(CODON)
    letters[sites.row[:, None], columns] = _codons(sites, rng)
    if not rule.by_chance:
        _redraw_chance_codons(letters, sites, gc, rng)
    return letters, sites


def _codons(sites: Sites, rng: np.random.Generator) -> Letters:
    """Letters of what is planted, (n_sites, 3); TGA never right behind a stop, where it makes ATG.

    ATG behind ATG makes TGA, out of frame and without effect.
    """
    planted = set(zip(sites.row.tolist(), sites.start.tolist()))
    follows = [(row, start - CODON) in planted for row, start in zip(sites.row, sites.start)]
    choices = np.where(follows, len(STOPS) - 1, len(STOPS))
    codons: Letters = np.where(sites.motif[:, None] == 0, START, STOPS[rng.integers(choices)])
    return codons


def _place(rule: UorfRule, n: int, length: int, rng: np.random.Generator) -> Sites:
    """Places of starts (motif 0) and stops (motif 1), in one frame per sequence."""
    half = length // 2
    places = (
        np.array(rule.starts or range(half - CODON + 1), dtype=np.int64),
        np.array(rule.stops or range(half, length - CODON + 1), dtype=np.int64),
    )
    most = (rule.n_starts[1], rule.n_stops[1])
    frames = [
        frame
        for frame in range(CODON)
        if all((which % CODON == frame).sum() >= count for which, count in zip(places, most))
    ]
    last = max((int(which.max(initial=0)) for which in places), default=0)
    if not frames or last + CODON > length:
        raise _check.InputError(
            f"`length` is {length}; expected room for {most[0]} starts and {most[1]} stops in one "
            "frame, at the places of the rule. A longer one, or fewer codons, will do."
        )
    frame = rng.choice(frames, size=n)
    rows, motifs, starts = [], [], []
    for motif, (which, counts) in enumerate(zip(places, (rule.n_starts, rule.n_stops))):
        chance = rng.random((n, len(which))) + (which % CODON != frame[:, None])
        order = np.argsort(chance, axis=1)  # those in the frame first, in random order
        number = rng.integers(counts[0], counts[1] + 1, size=n)
        row, rank = np.nonzero(np.arange(len(which)) < number[:, None])
        rows.append(row)
        motifs.append(np.full(len(row), motif))
        starts.append(which[order[row, rank]])
    all_rows = np.concatenate(rows)
    width, minus = np.full(len(all_rows), CODON), np.zeros(len(all_rows), dtype=bool)
    return Sites(all_rows, np.concatenate(motifs), np.concatenate(starts), width, minus)


def _redraw_chance_codons(
    letters: Letters, sites: Sites, gc: FloatArray, rng: np.random.Generator
) -> None:
    """Draw letters of codons that were not planted anew, in place, until none is left."""
    kept = np.zeros(letters.shape, dtype=bool)
    kept[sites.row[:, None], sites.start[:, None] + np.arange(CODON)] = True
    is_fixed = np.lib.stride_tricks.sliding_window_view(kept, CODON, axis=1).all(axis=2)
    for _ in range(_MANY_TRIES):
        row, start = np.nonzero(find(letters, np.concatenate([START, STOPS])) & ~is_fixed)
        if not len(row):
            return
        wrong = np.zeros_like(kept)
        wrong[row[:, None], start[:, None] + np.arange(CODON)] = True
        odd = np.unique(row)
        fresh = draw_background(gc[odd], letters.shape[1], rng)
        letters[odd] = np.where((wrong & ~kept)[odd], fresh, letters[odd])
    raise _check.InputError(
        "Planted codons stand so close that they make others; expected `starts` and `stops` "
        "further apart, or `by_chance=True`."
    )
