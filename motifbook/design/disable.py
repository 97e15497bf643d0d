"""Motif sites taken out of sequences with as few letters as needed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.design.limits import Limits
from motifbook.design.motif_hits import HitFinder, Hits
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

SHORTLIST = 8  # substitutions of a site that are compared, those that cost it most bits
_MOST_ROUNDS = 500  # letters changed in a sequence; more than any has to disable
_FAR = 1000.0  # more than a letter's bits, or the sites of a sequence


def disable(
    letters: Letters,
    gone: BoolArray,
    editable: BoolArray,
    finder: HitFinder,
    limits: Limits,
) -> Letters:
    """Change letters until no site of some motifs is left, weak ones included.

    In every round, each sequence gets the one substitution in a site that breaks no constraint,
    leaves other motifs' sites as they are, and takes most bits from the site, in this order.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    gone : (n, n_motifs) bool
        Which motifs each must not have.
    editable : (n, length) bool
        Letters that may change; a site that they cannot weaken stays.

    Returns
    -------
    (n, length)
    """
    now, may = letters.copy(), editable.copy()
    for _ in range(_MOST_ROUNDS):
        hits = finder.find(now, weak=True)
        hits = hits.take(gone[hits.row, hits.motif])
        hits = hits.take(_can_change(now, may, hits, finder))
        if not len(hits):
            break
        hits = hits.take(np.unique(hits.row, return_index=True)[1])  # one site per sequence
        tried, places = _candidates(now, may, hits, finder)
        rows = np.repeat(hits.row, SHORTLIST)
        cost = _cost(tried, now[rows], gone[rows], finder, limits).reshape(-1, SHORTLIST)
        best = cost.argmin(axis=1) + SHORTLIST * np.arange(len(hits))  # of equals, most bits
        now[hits.row] = tried[best]
        may[hits.row, places[best]] = False  # rather another letter next time
    return now


def _candidates(
    now: Letters, may: BoolArray, hits: Hits, finder: HitFinder
) -> tuple[Letters, IntArray]:
    """Letters with one substitution in each site, (n_hits * SHORTLIST, length), and where it is.

    The substitution that costs the site most bits comes first.
    """
    tried = np.repeat(now[hits.row], SHORTLIST, axis=0)
    places = np.zeros(len(tried), dtype=np.int64)
    for number, (row, motif, start, strand) in enumerate(
        zip(hits.row, hits.motif, hits.start, hits.strand)
    ):
        loss = _loss(now[row], may[row], finder.matrices(motif)[strand], start)
        order = np.argsort(-loss, axis=None, kind="stable")
        order = np.resize(order[: min(SHORTLIST, (loss > 0).sum())], SHORTLIST)
        code, column = np.divmod(order, loss.shape[1])
        own = slice(number * SHORTLIST, (number + 1) * SHORTLIST)
        places[own] = start + column
        tried[np.arange(own.start, own.stop), places[own]] = code
    return tried, places


def _can_change(now: Letters, may: BoolArray, hits: Hits, finder: HitFinder) -> BoolArray:
    """Whether a letter that may change weakens each site, (n_hits,)."""
    sites = zip(hits.row, hits.motif, hits.start, hits.strand)
    return np.array(
        [
            (_loss(now[row], may[row], finder.matrices(motif)[strand], start) > 0).any()
            for row, motif, start, strand in sites
        ],
        dtype=bool,
    )


def _loss(sequence: Letters, may: BoolArray, matrix: FloatArray, start: int) -> FloatArray:
    """Bits that a site loses with each letter at each column, (n_letters, width); 0 if fixed."""
    columns = np.arange(matrix.shape[1])
    loss: FloatArray = matrix[sequence[start + columns], columns] - matrix
    return np.where(may[start + columns], loss, 0.0)


def _cost(
    tried: Letters, before: Letters, gone: BoolArray, finder: HitFinder, limits: Limits
) -> npt.NDArray[np.float64]:
    """What speaks against each substitution, (n,): constraints first, then sites."""
    broken = np.maximum(limits.count(tried) - limits.count(before), 0)
    after, ahead = (_counts(finder, letters) for letters in (tried, before))
    sites = np.where(gone, after, np.abs(after - ahead)).sum(axis=1)
    cost: npt.NDArray[np.float64] = broken * _FAR + sites
    return cost


def _counts(finder: HitFinder, letters: Letters) -> IntArray:
    """Sites of each motif in each sequence, (n, n_motifs)."""
    hits = finder.find(letters)
    counts = np.zeros((len(letters), len(finder.motifs)), dtype=np.int64)
    np.add.at(counts, (hits.row, hits.motif), 1)
    return counts
