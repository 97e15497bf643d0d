"""Several sets of letters, each of which does without the ones before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from motifbook.attribution.scrambler.per_sequence import DRAWS, Search, optimize_scores
from motifbook.attribution.scrambler.reading import Level, Reader
from motifbook.attribution.scrambler.result import ENOUGH, FloatArray, Masks
from motifbook.attribution.scrambler.result import gain as gain_of
from motifbook.attribution.scrambler.scorer import Scorer

SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 36)  # letters of a set
_WORTH = (24, 8)  # letters whose bits are the budgets at which letters are ranked
_TRIED = 8  # draws with which each size is judged
_SURE = 1e4  # score of a letter that is always selected


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

    A set is the smallest number of top letters, by masks optimized for the sequence, whose gain is
    0.9; where no number has it, the one with the largest gain.

    Parameters
    ----------
    budget
        Of the masks by which letters are ranked; None for the bits of 24 and of 8 letters, of
        which the smallest set is taken.
    search
        For each of these masks.
    scorer
        Network that was trained with barred letters, whose scores are the start; None for 0.

    Notes
    -----
    Linder et al. 2022 bar letters by mask dropout of the network. Sequence by sequence, the second
    set is found more often.
    """
    allowed = np.ones((len(reader.rows), reader.length), dtype=np.float32)
    empty = reader.empty(_TRIED)
    sets = []
    for _ in range(n_sets):
        best = _Best(reader, empty)
        start = None if scorer is None else reader.score(scorer, allowed)
        for one, plan in _stages(reader, budget, search):
            start = optimize_scores(
                reader, one, plan, start=start, allowed=allowed, progress=progress
            )
            best.improve(np.where(allowed > 0, start, -np.inf))
        sets.append(reader.explain(_hard(best.chosen), Level(None), DRAWS))
        allowed = allowed * ~best.chosen
    return sets


def _stages(reader: Reader, budget: float | None, search: Search) -> list[tuple[float, Search]]:
    """Budgets by which letters are ranked, falling, and the search at each."""
    if budget is not None:
        return [(budget, search)]
    onehot = reader.predictor.onehot(reader.rows.inputs.letters[:256])
    letter = float(reader.rule.ceiling(onehot).mean()) / reader.length
    budgets = [min(n, reader.length // 2) * letter for n in _WORTH]
    later = replace(search, n_steps=search.n_steps // len(_WORTH), start_share=0.0)
    return [(one, later if number else search) for number, one in enumerate(budgets)]


def _hard(chosen: npt.NDArray[np.bool_]) -> FloatArray:
    """Scores that select these letters, (n, length), and no others."""
    return np.where(chosen, np.float32(_SURE), np.float32(-_SURE))


class _Best:
    """The best set of each sequence so far."""

    def __init__(self, reader: Reader, empty: FloatArray) -> None:
        self.reader, self.empty = reader, empty
        n = len(reader.rows)
        self.chosen = np.zeros((n, reader.length), dtype=bool)
        self.size = np.full(n, np.inf)
        self.gain = np.full(n, -np.inf)

    def improve(self, scores: FloatArray) -> None:
        """Try the top letters by scores, (n, length), from few to many; -inf bars a letter."""
        order = (-scores).argsort(axis=1, kind="stable").argsort(axis=1)
        reader = self.reader
        for size in [size for size in SIZES if size < reader.length]:
            chosen = (order < size) & np.isfinite(scores)
            divergence = reader.distortions(_hard(chosen), Level(None), _TRIED)
            gain = np.nan_to_num(gain_of(reader.rule.mode, divergence, self.empty))
            does, did = gain >= ENOUGH, self.gain >= ENOUGH
            is_better = np.where(does & did, size < self.size, gain > self.gain)
            self.chosen[is_better] = chosen[is_better]
            self.size[is_better] = size
            self.gain[is_better] = gain[is_better]
