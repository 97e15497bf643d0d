"""Several sets of letters, each of which does without the ones before."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from motifbook.attribution.scrambler.per_sequence import DRAWS, Search, optimize, optimize_scores
from motifbook.attribution.scrambler.reading import Level, Reader
from motifbook.attribution.scrambler.result import ENOUGH, FloatArray, Masks
from motifbook.attribution.scrambler.scorer import Scorer

_HALVINGS = 6  # of the budget, from its start, while a set is sought that is as small as does
_IN_SET = 0.5  # probability from which a letter belongs to a set


def peel(
    reader: Reader,
    n_sets: int,
    budget: float | None,
    search: Search,
    *,
    scorer: Scorer | None = None,
    progress: bool = False,
) -> list[Masks]:
    """Seek sets of letters one after another; letters of earlier ones are barred.

    Parameters
    ----------
    budget
        Of each set; None for the smallest, of halved ones, at which the gain is 0.9.
    search
        For each set.
    scorer
        Network that was trained with barred letters, whose scores are the start; None for 0.

    Notes
    -----
    Linder et al. 2022 bar letters by mask dropout of the network. Sequence by sequence, the second
    set is found more often.
    """
    allowed = np.ones((len(reader.rows), reader.length), dtype=np.float32)
    sets = []
    for _ in range(n_sets):
        start = None if scorer is None else reader.score(scorer, allowed)
        if budget is None:
            masks = _smallest(reader, search, start, allowed, progress)
        else:
            masks = optimize(
                reader, budget, search, start=start, allowed=allowed, progress=progress
            )
        sets.append(masks)
        allowed = allowed * (masks.importance < _IN_SET)
    return sets


def _smallest(
    reader: Reader,
    search: Search,
    start: FloatArray | None,
    allowed: FloatArray,
    progress: bool,
) -> Masks:
    """The smallest mask of each sequence that does; the largest where none does."""
    onehot = reader.predictor.onehot(reader.rows.inputs.letters[:256])
    first = search.start_share * float(reader.rule.ceiling(onehot).mean())
    each = dataclasses.replace(search, n_steps=search.n_steps // _HALVINGS, start_share=0.0)
    best = None
    for halvings in range(_HALVINGS + 1):
        budget = first / 2**halvings
        start = optimize_scores(
            reader, budget, each, start=start, allowed=allowed, progress=progress
        )
        masks = reader.explain(start, Level(budget), DRAWS, allowed)
        best = masks if best is None else _where(~(masks.gain < ENOUGH), masks, best)
    assert best is not None
    return best


def _where(chosen: npt.NDArray[np.bool_], masks: Masks, others: Masks) -> Masks:
    """Rows of `masks` where chosen, (n,), else of `others`."""
    merged = {}
    for field in dataclasses.fields(masks):
        one, other = getattr(masks, field.name), getattr(others, field.name)
        if isinstance(one, np.ndarray):
            one = np.where(chosen.reshape(-1, *[1] * (one.ndim - 1)), one, other)
        merged[field.name] = one
    return Masks(**merged)
