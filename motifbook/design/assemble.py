"""From a start to a proposal, edit by edit, the most useful one first."""

from __future__ import annotations

import numpy as np

from motifbook.design.problem import Move, Path, Problem
from motifbook.onehot import Letters

NEAR = 4  # equal letters between two differences up to which they are one edit

Span = tuple[int, int]


def assemble(problem: Problem, proposals: Letters) -> list[Path]:
    """Walk from each start to its proposal, (n_tries, length), in edits that each pay.

    An edit is a stretch of letters that differ. In every round the one that gains most is made,
    if constraints allow it. Where none gains `least_gain`, or calls run short, all that is left
    becomes one edit; where constraints refuse that, each letter becomes one. What still does not
    pay is not made. Proposals may break constraints; no step of a walk does.
    """
    scores = problem.scorer.scores(problem.starts)
    walks = [_Walk(*one) for one in zip(range(len(scores)), problem.starts, scores, proposals)]
    while walking := [walk for walk in walks if walk.edits]:
        if is_last := problem.calls_left() < len(walks) + sum(len(walk.edits) for walk in walks):
            for walk in walking:
                walk.join_edits()
        _step(problem, walking)
        if is_last:
            break
    return [walk.path for walk in walks]


class _Walk:
    """One try on its way to its proposal."""

    def __init__(self, row: int, start: Letters, score: float, proposal: Letters) -> None:
        self.path = Path(row, start[None])
        self.score, self._proposal = score, proposal
        self.edits = [np.arange(*span) for span in stretches(start, proposal)]  # places of each
        self._looked = 0  # times that no edit paid

    def candidates(self) -> Letters:
        """The letters after each of the edits, (n_edits, length)."""
        tried = np.repeat(self.path.letters[-1:], len(self.edits), axis=0)
        for letters, places in zip(tried, self.edits):
            letters[places] = self._proposal[places]
        return tried

    def make(self, number: int, letters: Letters, score: float) -> None:
        """Make an edit, after which the letters, (length,), have that score."""
        self.path, self.score = self.path.then(letters, Move("letters")), score
        del self.edits[number]

    def join_edits(self) -> None:
        """All that is left becomes one edit."""
        self.edits, self._looked = [np.concatenate(self.edits)], 1

    def look_further(self, *, is_refused: bool) -> None:
        """Where no edit pays, join them; where constraints refuse that, take letters; or end."""
        if self._looked == 0:
            self.join_edits()
            return
        differs = self.path.letters[-1] != self._proposal
        take_letters = self._looked == 1 and is_refused
        self.edits = list(np.flatnonzero(differs)[:, None]) if take_letters else []
        self._looked = 2


def _step(problem: Problem, walks: list[_Walk]) -> None:
    """Make the best edit of each walk; where none pays, see what else could be one."""
    tried = [walk.candidates() for walk in walks]
    rows = np.repeat([walk.path.row for walk in walks], [len(own) for own in tried])
    letters = np.concatenate(tried)
    allowed = problem.allowed(letters, rows)
    scores = np.full(len(rows), -np.inf)
    scores[allowed] = problem.scorer.scores(letters[allowed])
    ends = np.cumsum([len(own) for own in tried])
    for walk, own, found in zip(walks, tried, np.split(scores, ends[:-1])):
        best = int(found.argmax())
        if found[best] - walk.score >= problem.options.least_gain:
            walk.make(best, own[best], float(found[best]))
        else:
            walk.look_further(is_refused=not np.isfinite(found).all())


def stretches(before: Letters, after: Letters) -> list[Span]:
    """Stretches in which two sequences, (length,), differ, as starts and ends.

    Examples
    --------
    >>> stretches(np.array([0, 0, 0, 0, 0, 0, 0, 0, 0]), np.array([1, 0, 1, 0, 0, 0, 0, 0, 1]))
    [(0, 3), (8, 9)]
    """
    spans: list[Span] = []
    for place in np.flatnonzero(before != after).tolist():
        if spans and place - spans[-1][1] < NEAR:
            spans[-1] = spans[-1][0], place + 1
        else:
            spans.append((place, place + 1))
    return spans
