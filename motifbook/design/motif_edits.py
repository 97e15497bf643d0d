"""Design in motifs: add, remove, move and strengthen them, the most useful move first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from motifbook.design.motif_additions import additions
from motifbook.design.motif_changes import removals, shifts, strengthenings, tunings
from motifbook.design.motif_hits import FloatArray, IntArray
from motifbook.design.motif_state import State
from motifbook.design.problem import Move, Path, Problem
from motifbook.design.repertoire import Candidate, Repertoire
from motifbook.design.replay import drop_idle, straighten
from motifbook.design.vocabulary import refuse_no_motifs
from motifbook.onehot import Letters

AS_GOOD = 0.9  # of the best gain: candidates among which chance decides
PATIENCE = 2  # rounds without a gain after which a search ends
ROWS_AT_ONCE = 256  # bounds memory


def motif_edits(problem: Problem) -> list[Path]:
    """Write motifs into the starts, move by move, as long as each pays.

    Raises
    ------
    InputError
        If there are no motifs.

    Notes
    -----
    The way of Tseng et al. 2024 (arXiv 2410.06211) to design: sequences made of motifs in a
    syntax. Ours asks the network by experiment what each motif does, at which places, and what two
    add to each other at every distance; where that promises most, it tries moves on the sequence
    itself and makes the best. Two motifs that only work together are written in one round, as two
    edits. Of nearly equal moves, chance takes one, so that designs differ.
    """
    refuse_no_motifs(problem.motifs)
    search = _Search(problem)
    while search.step():
        pass
    paths = drop_idle(problem, search.paths, search.scores)
    return [straighten(problem, path) for path in paths]


class _Search:
    """All tries on their way."""

    def __init__(self, problem: Problem) -> None:
        self._problem, n = problem, len(problem.starts)
        self.paths = [Path(row, letters[None]) for row, letters in enumerate(problem.starts)]
        self._repertoire = Repertoire.of(problem)
        self.scores = problem.scorer.scores(problem.starts)
        self._failures = np.zeros(n, dtype=np.int64)
        self._has_values = any(aim.direction == 0 for aim in problem.scorer.goal.aims)

    def step(self) -> bool:
        """One round of all that are on their way; whether there was any."""
        n_moves = np.array([len(path.moves) for path in self.paths])
        active = np.flatnonzero(
            (self._failures < PATIENCE) & (n_moves < self._problem.options.n_steps)
        )
        is_any = False
        for first in range(0, len(active), ROWS_AT_ONCE):
            is_any |= self._step_of(active[first : first + ROWS_AT_ONCE])
        return is_any

    def _step_of(self, rows: IntArray) -> bool:
        """One round of some; False if there are no calls left for it."""
        problem, scorer = self._problem, self._problem.scorer
        if problem.calls_left() < len(rows):
            return False
        letters = np.stack([self._now(row) for row in rows])
        outputs = scorer.outputs(letters).mean(axis=0)
        state = State(letters, outputs, problem.editable[rows], self._repertoire)
        candidates = list(self._candidates(state))
        self._failures[rows] += 1
        if not candidates:
            return True
        candidates = [replace(one, row=int(rows[one.row])) for one in candidates]
        scores = self._scored(candidates)
        chosen = self._chosen(candidates, scores)
        self._make([candidates[i] for i in chosen], scores[chosen])
        return True

    def _scored(self, candidates: list[Candidate]) -> FloatArray:
        """Scores of candidates, (n,); -inf where constraints refuse them or calls run out."""
        scores = np.full(len(candidates), -np.inf)
        if candidates:
            letters = np.stack([one.letters for one in candidates])
            fine = self._problem.allowed(letters, np.array([one.row for one in candidates]))
            if fine.sum() <= self._problem.calls_left():
                scores[fine] = self._problem.scorer.scores(letters[fine])
        return scores

    def _candidates(self, state: State) -> Iterator[Candidate]:
        kinds = [additions, removals, shifts, strengthenings]
        for kind in [*kinds, tunings] if self._has_values else kinds:
            yield from kind(state, self._repertoire)

    def _chosen(self, candidates: list[Candidate], scores: FloatArray) -> list[int]:
        """Numbers of candidates, nearly the best, one of each try that has one that pays."""
        owners = np.array([one.row for one in candidates], dtype=np.int64)
        gains = scores - self.scores[owners]
        n_changed = np.array([(one.letters != self._now(one.row)).sum() for one in candidates])
        worth = gains - self._repertoire.price * n_changed
        if self._problem.n_edits is not None:  # letters are scarce
            worth = gains / np.maximum(n_changed, 1)
        worth[(gains < self._problem.options.least_gain) | (worth <= 0)] = -np.inf
        chosen = []
        for row in np.unique(owners[np.isfinite(worth)]):
            own = np.flatnonzero(owners == row)
            good = own[worth[own] >= AS_GOOD * worth[own].max()]
            chosen.append(int(self._problem.rng.choice(good)))
        return chosen

    def _make(self, chosen: list[Candidate], scores: FloatArray) -> None:
        """Make candidates; of two moves the better one first, and alone if that does as well."""
        pairs = [one for one in chosen if len(one.moves) > 1]
        halves = [self._half(one, move) for one in pairs for move in one.moves]
        half_scores = self._scored(halves).tolist()
        better: dict[int, tuple[Candidate, float]] = {}
        for half, score in zip(halves, half_scores):
            if score > better.get(half.row, (half, -np.inf))[1]:
                better[half.row] = half, score
        for candidate, score in zip(chosen, scores.tolist()):
            self._make_one(candidate, score, *better.get(candidate.row, (None, -np.inf)))

    def _make_one(
        self, candidate: Candidate, score: float, half: Candidate | None, half_score: float
    ) -> None:
        """Make a candidate, `half` of it first if there is one."""
        row, path, moves = candidate.row, self.paths[candidate.row], candidate.moves
        if half is not None and half_score >= self.scores[row]:  # else both are one edit
            path = path.then(half.letters, half.moves[0])
            moves = tuple(move for move in moves if move is not half.moves[0])
        if half_score < score - self._problem.options.least_gain:
            path, half_score = path.then(candidate.letters, moves[-1]), score
        self.paths[row], self.scores[row], self._failures[row] = path, half_score, 0

    def _half(self, candidate: Candidate, move: Move) -> Candidate:
        """Of two moves only one."""
        letters = self._now(candidate.row).copy()
        letters[move.start : move.end] = candidate.letters[move.start : move.end]
        return Candidate(candidate.row, letters, (move,))

    def _now(self, row: int) -> Letters:
        now: Letters = self.paths[row].letters[-1]
        return now
